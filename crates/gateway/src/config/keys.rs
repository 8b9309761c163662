//! The names of all settings, and where their values come from: the file, and over it the environment.

use std::{collections::BTreeMap, fs, path::Path};

use toml::{Table, Value};
use zeroize::Zeroizing;

use super::ConfigError;

/// A setting: its place in the file, its variable and what to do when it is missing.
pub struct Key {
    pub name: &'static str,
    pub variable: &'static str,
    /// Never shown; may also be given as a file, by `name_file` or the variable with `_FILE`.
    pub secret: bool,
    /// What it is, so that a sentence can say what to give.
    pub what: &'static str,
}

const fn key(name: &'static str, variable: &'static str, what: &'static str) -> Key {
    Key { name, variable, secret: false, what }
}

pub const MUNICIPALITY: Key = key("municipality", "LEDSAGA_MUNICIPALITY", "the municipality's name");
pub const CASE_PREFIX: Key = key(
    "case_prefix",
    "LEDSAGA_CASE_PREFIX",
    "the first letters of every case number, two to five of A to Z",
);
pub const MINIMUM_CLIENT: Key =
    key("minimum_client", "LEDSAGA_MINIMUM_CLIENT", "the oldest application that is let in, such as 1.4.0");
pub const CATALOGUE: Key =
    key("catalogue", "LEDSAGA_CATALOGUE", "a folder with e-services (*.json) to publish at the start");
pub const POLICY: Key = key("policy", "LEDSAGA_POLICY", "a JSON file with the policy, or a [policy] table");
pub const RETENTION: Key =
    key("retention", "LEDSAGA_RETENTION", "a JSON file with days, or a [retention] table");
pub const ADDRESS: Key = key("listen.address", "LEDSAGA_ADDRESS", "the IP address to listen on");
pub const PORT: Key = key("listen.port", "LEDSAGA_PORT", "the port to listen on");
pub const CERTIFICATE: Key =
    key("listen.certificate", "LEDSAGA_CERTIFICATE", "a PEM file with the certificate and its intermediates");
pub const CERTIFICATE_KEY: Key =
    key("listen.certificate_key", "LEDSAGA_CERTIFICATE_KEY", "a PEM file with the certificate's private key");
pub const PROXIES: Key =
    key("listen.proxies", "LEDSAGA_PROXIES", "addresses or networks of reverse proxies, such as 10.0.0.0/24");
pub const METRICS: Key =
    key("metrics.address", "LEDSAGA_METRICS_ADDRESS", "address and port for metrics, such as 127.0.0.1:7411");
pub const DATABASE: Key = Key {
    name: "database.url",
    variable: "LEDSAGA_DATABASE_URL",
    secret: true,
    what: "the database, postgres://... or sqlite:...",
};
pub const ISSUER: Key =
    key("issuer.url", "LEDSAGA_ISSUER", "the identity provider's issuer, an https address");
pub const CLIENT_ID: Key = key("issuer.client_id", "LEDSAGA_CLIENT_ID", "the application's client id");
pub const AUDIENCE: Key = key("issuer.audience", "LEDSAGA_AUDIENCE", "what access tokens are meant for");
pub const ROLES_CLAIM: Key = key("issuer.roles_claim", "LEDSAGA_ROLES_CLAIM", "the claim that lists roles");
pub const SCOPES: Key =
    key("issuer.scopes", "LEDSAGA_SCOPES", "scopes to ask for besides the usual ones, with spaces between");
pub const RESOURCE: Key =
    key("issuer.resource", "LEDSAGA_RESOURCE", "the resource to ask a token for, an absolute URI");
pub const CONSENT: Key = key("issuer.consent", "LEDSAGA_CONSENT", "yes or no: whether to ask for consent");
pub const TOKEN_MINUTES: Key = key(
    "issuer.token_minutes",
    "LEDSAGA_TOKEN_MINUTES",
    "minutes that an access token counts at most, 1 to 1440",
);
pub const RECEIPT_KEY: Key = key(
    "receipts.key",
    "LEDSAGA_RECEIPT_KEY",
    "a folder of keys from `ledsaga-gateway receipt-key new`, or one file",
);
pub const RECEIPT_DAYS: Key = key(
    "receipts.published_days",
    "LEDSAGA_RECEIPT_DAYS",
    "days that a key is published after its last receipt",
);
pub const LOG_FORMAT: Key = key("log.format", "LEDSAGA_LOG_FORMAT", "json or text");
pub const LOG_LEVEL: Key = key("log.level", "LEDSAGA_LOG", "such as info, or ledsaga_gateway=debug,warn");
pub const READY_PAUSE: Key = key(
    "stop.ready_pause",
    "LEDSAGA_READY_PAUSE",
    "seconds between saying not ready and closing the door at a stop",
);
pub const PATIENCE: Key =
    key("stop.patience", "LEDSAGA_STOP_PATIENCE", "seconds that requests may take to end at a stop");
pub const CONNECTIONS: Key =
    key("limits.connections", "LEDSAGA_LIMIT_CONNECTIONS", "connections open at the same time");
pub const AT_WORK: Key = key("limits.at_work", "LEDSAGA_LIMIT_AT_WORK", "requests at work at the same time");
pub const QUEUE: Key = key("limits.queue", "LEDSAGA_LIMIT_QUEUE", "requests waiting for their turn");
pub const WAITERS: Key = key("limits.waiters", "LEDSAGA_LIMIT_WAITERS", "open questions for changes");
pub const WORKER_RATE: Key = key(
    "limits.worker_per_second",
    "LEDSAGA_LIMIT_WORKER",
    "requests of one worker in a second, 0 for no limit",
);
pub const WORKER_BURST: Key =
    key("limits.worker_burst", "LEDSAGA_LIMIT_WORKER_BURST", "requests of one worker at once after a pause");
pub const ADDRESS_RATE: Key = key(
    "limits.address_per_second",
    "LEDSAGA_LIMIT_ADDRESS",
    "requests without a valid token of one address in a second, 0 for no limit",
);
pub const ADDRESS_BURST: Key =
    key("limits.address_burst", "LEDSAGA_LIMIT_ADDRESS_BURST", "requests without a valid token at once");
pub const HEAD_SECONDS: Key =
    key("limits.head_seconds", "LEDSAGA_LIMIT_HEAD_SECONDS", "seconds until a request's head must be here");
pub const SILENCE_SECONDS: Key =
    key("limits.silence_seconds", "LEDSAGA_LIMIT_SILENCE_SECONDS", "seconds that a body may be silent");
pub const BODY_RATE: Key = key(
    "limits.body_bytes_per_second",
    "LEDSAGA_LIMIT_BODY_RATE",
    "bytes that a body must bring in a second",
);

/// Every setting, in the order in which they are shown.
pub const ALL: &[&Key] = &[
    &MUNICIPALITY,
    &CASE_PREFIX,
    &MINIMUM_CLIENT,
    &CATALOGUE,
    &POLICY,
    &RETENTION,
    &ADDRESS,
    &PORT,
    &CERTIFICATE,
    &CERTIFICATE_KEY,
    &PROXIES,
    &METRICS,
    &DATABASE,
    &ISSUER,
    &CLIENT_ID,
    &AUDIENCE,
    &ROLES_CLAIM,
    &SCOPES,
    &RESOURCE,
    &CONSENT,
    &TOKEN_MINUTES,
    &RECEIPT_KEY,
    &RECEIPT_DAYS,
    &LOG_FORMAT,
    &LOG_LEVEL,
    &READY_PAUSE,
    &PATIENCE,
    &CONNECTIONS,
    &AT_WORK,
    &QUEUE,
    &WAITERS,
    &WORKER_RATE,
    &WORKER_BURST,
    &ADDRESS_RATE,
    &ADDRESS_BURST,
    &HEAD_SECONDS,
    &SILENCE_SECONDS,
    &BODY_RATE,
];

/// Those that may be a table of the file, or a JSON file of their own.
const TABLES: [&Key; 2] = [&POLICY, &RETENTION];

/// Where a value was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    File,
    Environment,
}

/// What was said, by the name of the setting.
#[derive(Default)]
pub struct Values {
    said: BTreeMap<&'static str, (Zeroizing<String>, Origin)>,
    /// Tables of the file as JSON, where no file of their own was said.
    tables: BTreeMap<&'static str, Vec<u8>>,
}

impl Values {
    /// Reads the file, if there is one, and puts the environment over it.
    pub fn gather(
        file: Option<&Path>,
        lookup: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut values = Self::default();
        if let Some(path) = file {
            let unreadable = |source| ConfigError::File { path: path.to_owned(), source };
            values.read(&Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?))?;
        }
        for key in ALL {
            if let Some(value) = lookup(key.variable) {
                values.say(key, value, Origin::Environment);
            } else if key.secret
                && let Some(path) = lookup(&format!("{}_FILE", key.variable))
            {
                values.say(key, secret_file(key, &path)?, Origin::Environment);
            }
        }
        values.tables.retain(|name, _| !values.said.contains_key(name));
        Ok(values)
    }

    fn read(&mut self, text: &str) -> Result<(), ConfigError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            // The library's own words quote the line, and a line may hold a password.
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            ConfigError::Syntax { line: before.lines().count().max(1), reason: error.message().to_owned() }
        })?;
        for (name, value) in &table {
            match value {
                Value::Table(fields) if TABLES.iter().any(|key| key.name == name) => {
                    let key = TABLES
                        .iter()
                        .find(|key| key.name == name)
                        .ok_or_else(|| ConfigError::Unknown(name.clone()))?;
                    let json =
                        serde_json::to_vec(fields).map_err(|_| key.wrong("it is no table of values"))?;
                    self.tables.insert(key.name, json);
                }
                Value::Table(section) => {
                    for (field, value) in section {
                        self.set(&format!("{name}.{field}"), value)?;
                    }
                }
                value => self.set(name, value)?,
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), ConfigError> {
        let unknown = || ConfigError::Unknown(name.to_owned());
        if let Some(key) = ALL.iter().find(|key| key.name == name) {
            let text =
                plain(value).ok_or_else(|| key.wrong("it is neither text, a number nor a list of texts"))?;
            self.say(key, text, Origin::File);
            return Ok(());
        }
        let secret =
            name.strip_suffix("_file").and_then(|name| ALL.iter().find(|key| key.secret && key.name == name));
        let (key, path) = secret.zip(value.as_str()).ok_or_else(unknown)?;
        self.say(key, secret_file(key, path)?, Origin::File);
        Ok(())
    }

    fn say(&mut self, key: &'static Key, value: String, origin: Origin) {
        self.said.insert(key.name, (Zeroizing::new(value), origin));
    }

    pub fn get(&self, key: &Key) -> Option<&str> {
        self.said.get(key.name).map(|(value, _)| value.as_str())
    }

    pub fn origin(&self, key: &Key) -> Option<Origin> {
        let table = || self.tables.contains_key(key.name).then_some(Origin::File);
        self.said.get(key.name).map(|(_, origin)| *origin).or_else(table)
    }

    /// The JSON of a table, or of the file that was said for it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn json(&self, key: &Key) -> Result<Option<Vec<u8>>, ConfigError> {
        match self.get(key) {
            Some(path) => {
                let text =
                    fs::read(path).map_err(|_| key.wrong(&format!("the file {path} cannot be read")))?;
                Ok(Some(text))
            }
            None => Ok(self.tables.get(key.name).cloned()),
        }
    }

    /// # Errors
    /// It was not said.
    pub fn required(&self, key: &'static Key) -> Result<&str, ConfigError> {
        self.get(key).filter(|value| !value.trim().is_empty()).ok_or(ConfigError::Missing {
            name: key.name,
            variable: key.variable,
            what: key.what,
        })
    }
}

impl Key {
    pub fn wrong(&self, reason: &str) -> ConfigError {
        ConfigError::Wrong {
            name: self.name,
            variable: self.variable,
            reason: reason.to_owned(),
            what: self.what,
        }
    }
}

fn secret_file(key: &Key, path: &str) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|_| key.wrong(&format!("the file {path} cannot be read")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A list becomes its parts with commas between them, as in a variable.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Array(parts) => {
            let texts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
            Some(texts?.join(","))
        }
        _ => None,
    }
}
