//! From what was said to a configuration: every value is judged here, once, before anything starts.

use std::{env, net::IpAddr, num::NonZeroU32, path::Path, str::FromStr, time::Duration};

use ipnet::IpNet;
use ledsaga_protocol::{Policy, PolicyFault};

use super::{
    Catalogue, Config, ConfigError, DEFAULT_PORT, Issuer, Limits, Log, Rate, Secret, Stop, Transport,
    keys::{self, Key, Values},
    shown,
};
use crate::retention::{Retention, RetentionFault};

impl Config {
    /// A municipality's gateway, from this file and over it the environment; each setting is described in
    /// `packaging/gateway.toml`.
    ///
    /// # Errors
    /// The first setting that is missing, unknown or wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let values = Values::gather(file, &variable)?;
        read(&values)
    }

    /// What [`Config::load`] gives, and what is in force as a table without secrets.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_and_show(file: Option<&Path>) -> Result<(Self, String), ConfigError> {
        let values = Values::gather(file, &variable)?;
        let config = read(&values)?;
        let table = shown::table(&values, &config);
        Ok((config, table))
    }

    /// The database alone, for administration that needs nothing else.
    ///
    /// # Errors
    /// It is missing or wrong, or the file is.
    pub fn database(file: Option<&Path>) -> Result<Secret, ConfigError> {
        let values = Values::gather(file, &variable)?;
        Ok(database(&values)?.to_owned().into())
    }

    /// How long things are kept, for administration that needs nothing else.
    ///
    /// # Errors
    /// It is wrong, or the file is.
    pub fn retention(file: Option<&Path>) -> Result<Retention, ConfigError> {
        retention(&Values::gather(file, &variable)?)
    }

    /// The value in force of a setting that is no secret.
    pub(super) fn shown(&self, key: &Key, values: &Values) -> String {
        let limits = &self.limits;
        let rate = |rate: Option<Rate>| rate.map_or(0, |rate| rate.per_second.get());
        let burst = |rate: Option<Rate>| rate.map_or(0, |rate| rate.burst.get());
        let none = || "-".to_owned();
        match key.name {
            "listen.address" => self.host.to_string(),
            "listen.port" => self.port.to_string(),
            "policy" => serde_json::to_string(&self.policy).unwrap_or_else(|_| none()),
            "retention" => format!("{:?}", self.retention),
            "issuer.client_id" => self.client_id.clone(),
            "issuer.audience" => self.audience.clone(),
            "issuer.roles_claim" => self.roles_claim.clone(),
            "issuer.consent" => if self.consent { "yes" } else { "no" }.to_owned(),
            "receipts.published_days" => (self.receipt_keys_last.as_secs() / DAY).to_string(),
            "log.format" => if self.log.json { "json" } else { "text" }.to_owned(),
            "log.level" => self.log.level.clone(),
            "stop.ready_pause" => self.stop.ready_pause.as_secs().to_string(),
            "stop.patience" => self.stop.patience.as_secs().to_string(),
            "limits.connections" => limits.connections.to_string(),
            "limits.at_work" => limits.at_work.to_string(),
            "limits.queue" => limits.queue.to_string(),
            "limits.waiters" => limits.waiters.to_string(),
            "limits.worker_per_second" => rate(limits.per_worker).to_string(),
            "limits.worker_burst" => burst(limits.per_worker).to_string(),
            "limits.address_per_second" => rate(limits.per_address).to_string(),
            "limits.address_burst" => burst(limits.per_address).to_string(),
            "limits.head_seconds" => limits.head_time.as_secs().to_string(),
            "limits.silence_seconds" => limits.body_silence.as_secs().to_string(),
            "limits.body_bytes_per_second" => limits.body_rate.to_string(),
            _ => values.get(key).map_or_else(none, str::to_owned),
        }
    }
}

const DAY: u64 = 24 * 3600;
const CLIENT_ID: &str = "ledsaga-desktop";

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) fn read(values: &Values) -> Result<Config, ConfigError> {
    let host = parsed(values, &keys::ADDRESS, "it is no IP address")?.unwrap_or(IpAddr::from([127, 0, 0, 1]));
    let or = |key: &Key, default: &str| values.get(key).unwrap_or(default).to_owned();
    Ok(Config {
        host,
        port: number(values, &keys::PORT, u64::from(DEFAULT_PORT), 0..=65_535)?
            .try_into()
            .unwrap_or(DEFAULT_PORT),
        transport: transport(values, host)?,
        metrics: parsed(values, &keys::METRICS, "it is no address with a port")?,
        database: database(values)?.to_owned().into(),
        municipality: values.required(&keys::MUNICIPALITY)?.to_owned(),
        case_prefix: case_prefix(values)?,
        issuer: Issuer::External { url: issuer(values)? },
        client_id: or(&keys::CLIENT_ID, CLIENT_ID),
        audience: audience(values)?,
        roles_claim: or(&keys::ROLES_CLAIM, "roles"),
        scopes: or(&keys::SCOPES, "").split_whitespace().map(str::to_owned).collect(),
        resource: resource(values)?,
        consent: consent(values)?,
        longest_token_age: longest_token_age(values)?,
        receipt_key: existing(values, &keys::RECEIPT_KEY)?.ok_or_else(|| missing(&keys::RECEIPT_KEY))?.into(),
        receipt_keys_last: Duration::from_secs(DAY * number(values, &keys::RECEIPT_DAYS, 3650, 1..=36_500)?),
        catalogue: existing(values, &keys::CATALOGUE)?
            .map_or(Catalogue::None, |folder| Catalogue::Folder(folder.into())),
        policy: policy(values)?,
        retention: retention(values)?,
        minimum_client: parsed(values, &keys::MINIMUM_CLIENT, "it is no version")?,
        limits: limits(values)?,
        stop: Stop {
            ready_pause: seconds(values, &keys::READY_PAUSE, 5, 0..=300)?,
            patience: seconds(values, &keys::PATIENCE, 30, 1..=600)?,
        },
        log: Log { json: is_json(values)?, level: level(values)? },
    })
}

fn missing(key: &'static Key) -> ConfigError {
    ConfigError::Missing { name: key.name, variable: key.variable, what: key.what }
}

fn parsed<T: FromStr>(values: &Values, key: &'static Key, reason: &str) -> Result<Option<T>, ConfigError> {
    values.get(key).map(|value| value.trim().parse().map_err(|_| key.wrong(reason))).transpose()
}

fn number(
    values: &Values,
    key: &'static Key,
    default: u64,
    allowed: std::ops::RangeInclusive<u64>,
) -> Result<u64, ConfigError> {
    let number = parsed(values, key, "it is no whole number")?.unwrap_or(default);
    if allowed.contains(&number) {
        Ok(number)
    } else {
        Err(key.wrong(&format!("it must be {} to {}", allowed.start(), allowed.end())))
    }
}

fn seconds(
    values: &Values,
    key: &'static Key,
    default: u64,
    allowed: std::ops::RangeInclusive<u64>,
) -> Result<Duration, ConfigError> {
    number(values, key, default, allowed).map(Duration::from_secs)
}

fn count(values: &Values, key: &'static Key, default: u64, least: u64) -> Result<usize, ConfigError> {
    number(values, key, default, least..=1_000_000).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
}

/// A file or folder that must be there.
fn existing<'a>(values: &'a Values, key: &'static Key) -> Result<Option<&'a str>, ConfigError> {
    let Some(path) = values.get(key) else { return Ok(None) };
    if Path::new(path).exists() { Ok(Some(path)) } else { Err(key.wrong(&format!("{path} is not there"))) }
}

fn database(values: &Values) -> Result<&str, ConfigError> {
    let url = values.required(&keys::DATABASE)?;
    if ["postgres://", "postgresql://", "sqlite:"].iter().any(|scheme| url.starts_with(scheme)) {
        Ok(url)
    } else {
        Err(keys::DATABASE.wrong("it begins with neither postgres:// nor sqlite:"))
    }
}

fn issuer(values: &Values) -> Result<String, ConfigError> {
    let issuer = values.required(&keys::ISSUER)?;
    if is_safe(issuer) {
        Ok(issuer.to_owned())
    } else {
        Err(keys::ISSUER.wrong("it does not begin with https://"))
    }
}

fn audience(values: &Values) -> Result<String, ConfigError> {
    let audience = values.get(&keys::AUDIENCE).unwrap_or("ledsaga-gateway");
    if audience == values.get(&keys::CLIENT_ID).unwrap_or(CLIENT_ID) {
        return Err(keys::AUDIENCE.wrong("it is the client's id too, so ID tokens would open the gateway"));
    }
    Ok(audience.to_owned())
}

fn resource(values: &Values) -> Result<Option<String>, ConfigError> {
    let resource = values.get(&keys::RESOURCE);
    if resource.is_some_and(|uri| reqwest::Url::parse(uri).is_err() || uri.contains('#')) {
        return Err(keys::RESOURCE.wrong("it is no absolute URI without a fragment"));
    }
    Ok(resource.map(str::to_owned))
}

fn consent(values: &Values) -> Result<bool, ConfigError> {
    match values.get(&keys::CONSENT) {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(keys::CONSENT.wrong("it is neither of them")),
    }
}

/// Between one minute, or nobody could work, and a day.
fn longest_token_age(values: &Values) -> Result<Option<Duration>, ConfigError> {
    if values.get(&keys::TOKEN_MINUTES).is_none() {
        return Ok(None);
    }
    Ok(Some(Duration::from_secs(60 * number(values, &keys::TOKEN_MINUTES, 0, 1..=1440)?)))
}

fn case_prefix(values: &Values) -> Result<String, ConfigError> {
    let prefix = values.required(&keys::CASE_PREFIX)?;
    if (2..=5).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(prefix.to_owned())
    } else {
        Err(keys::CASE_PREFIX.wrong("it has other signs, or is too short or too long"))
    }
}

/// Personal data never go over a network in the clear.
fn transport(values: &Values, host: IpAddr) -> Result<Transport, ConfigError> {
    let proxies: Vec<IpNet> = values
        .get(&keys::PROXIES)
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)))
        .collect::<Result<_, _>>()
        .map_err(|_| keys::PROXIES.wrong("a part of it is neither an address nor a network"))?;
    match (existing(values, &keys::CERTIFICATE)?, existing(values, &keys::CERTIFICATE_KEY)?) {
        (Some(certificate), Some(key)) => {
            Ok(Transport::Tls { certificate: certificate.into(), key: key.into(), proxies })
        }
        (Some(_), None) => Err(missing(&keys::CERTIFICATE_KEY)),
        (None, Some(_)) => Err(missing(&keys::CERTIFICATE)),
        (None, None) if !proxies.is_empty() => Ok(Transport::Behind(proxies)),
        (None, None) if host.is_loopback() => Ok(Transport::Loopback),
        (None, None) => Err(keys::ADDRESS.wrong(
            "other computers reach it, and there is neither listen.certificate nor listen.proxies, so personal data \
             would go over the network in the clear",
        )),
    }
}

fn limits(values: &Values) -> Result<Limits, ConfigError> {
    Ok(Limits {
        connections: count(values, &keys::CONNECTIONS, 4096, 1)?,
        at_work: count(values, &keys::AT_WORK, 256, 1)?,
        queue: count(values, &keys::QUEUE, 1024, 0)?,
        queue_wait: Duration::from_secs(5),
        waiters: count(values, &keys::WAITERS, 4096, 1)?,
        per_worker: rate(values, (&keys::WORKER_RATE, 50), (&keys::WORKER_BURST, 500))?,
        per_address: rate(values, (&keys::ADDRESS_RATE, 100), (&keys::ADDRESS_BURST, 1000))?,
        head_time: seconds(values, &keys::HEAD_SECONDS, 30, 1..=300)?,
        body_silence: seconds(values, &keys::SILENCE_SECONDS, 10, 1..=60)?,
        body_rate: number(values, &keys::BODY_RATE, 1024, 0..=1 << 20)?,
    })
}

fn rate(
    values: &Values,
    per_second: (&'static Key, u64),
    burst: (&'static Key, u64),
) -> Result<Option<Rate>, ConfigError> {
    let read = |(key, default), least| {
        let n = number(values, key, default, least..=1_000_000)?;
        Ok(NonZeroU32::new(u32::try_from(n).unwrap_or(u32::MAX)))
    };
    Ok(read(per_second, 0)?.zip(read(burst, 1)?).map(|(per_second, burst)| Rate { per_second, burst }))
}

/// A policy that is missing or laxer than it may be stops the start: nobody would notice later.
fn policy(values: &Values) -> Result<Policy, ConfigError> {
    let read =
        |json: Vec<u8>| Policy::from_json(&json).map_err(|PolicyFault(reason)| keys::POLICY.wrong(reason));
    values.json(&keys::POLICY)?.map_or_else(|| Ok(Policy::default()), read)
}

/// Times that are not what was meant are not guessed at: what is removed does not come back.
fn retention(values: &Values) -> Result<Retention, ConfigError> {
    let wrong = |RetentionFault(reason)| keys::RETENTION.wrong(reason);
    let read = |json: Vec<u8>| Retention::from_json(&json).map_err(wrong);
    values.json(&keys::RETENTION)?.map_or_else(|| Ok(Retention::default()), read)
}

fn is_json(values: &Values) -> Result<bool, ConfigError> {
    match values.get(&keys::LOG_FORMAT) {
        None | Some("json") => Ok(true),
        Some("text") => Ok(false),
        Some(_) => Err(keys::LOG_FORMAT.wrong("it is neither of them")),
    }
}

fn level(values: &Values) -> Result<String, ConfigError> {
    let level = values.get(&keys::LOG_LEVEL).unwrap_or("ledsaga_gateway=info,warn");
    match tracing_subscriber::EnvFilter::try_new(level) {
        Ok(_) => Ok(level.to_owned()),
        Err(_) => Err(keys::LOG_LEVEL.wrong("it is no level or list of them")),
    }
}

/// HTTPS, or on this very machine: what comes from there decides who is let in.
pub(crate) fn is_safe(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, fs, path::PathBuf};

    use super::*;

    const EXAMPLE: &str = include_str!("../../../../packaging/gateway.toml");

    /// A folder with the files that a configuration names, and changes to a configuration that is right.
    struct Bench {
        folder: tempfile::TempDir,
        variables: RefCell<Vec<(String, String)>>,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for file in ["receipt.pem", "tls.pem", "tls.key"] {
                fs::write(folder.path().join(file), "").unwrap();
            }
            let receipt = folder.path().join("receipt.pem").to_string_lossy().into_owned();
            let usual = [
                ("LEDSAGA_DATABASE_URL", "postgres://ledsaga:hemligt@db.example/ledsaga"),
                ("LEDSAGA_ISSUER", "https://id.exempelby.example"),
                ("LEDSAGA_RECEIPT_KEY", &receipt),
                ("LEDSAGA_MUNICIPALITY", "Exempelby kommun"),
                ("LEDSAGA_CASE_PREFIX", "EXB"),
            ];
            let variables = usual.map(|(name, value)| (name.to_owned(), value.to_owned()));
            Self { folder, variables: RefCell::new(variables.into()) }
        }

        fn path(&self, name: &str) -> String {
            self.folder.path().join(name).to_string_lossy().into_owned()
        }

        fn with(self, name: &str, value: &str) -> Self {
            self.variables.borrow_mut().retain(|(known, _)| known != name);
            self.variables.borrow_mut().push((name.to_owned(), value.to_owned()));
            self
        }

        fn values(&self, file: Option<&str>) -> Result<Values, ConfigError> {
            let path = file.map(|text| {
                let path = self.folder.path().join("gateway.toml");
                fs::write(&path, text).unwrap();
                path
            });
            let lookup = |name: &str| {
                let variables = self.variables.borrow();
                variables
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone())
                    .filter(|v| !v.is_empty())
            };
            Values::gather(path.as_deref(), &lookup)
        }

        fn config(&self, file: Option<&str>) -> Result<Config, ConfigError> {
            read(&self.values(file)?)
        }

        fn fault(&self) -> String {
            self.config(None).err().unwrap().to_string()
        }
    }

    #[test]
    fn the_environment_gives_a_configuration() {
        let config = Bench::new().with("LEDSAGA_AUDIENCE", "other").config(None).unwrap();
        assert_eq!(config.audience, "other");
        assert_eq!(config.client_id, "ledsaga-desktop");
        assert!(!config.is_demo());
        assert!(config.log.json);
        assert!(config.limits.per_worker.is_some());
    }

    #[test]
    fn an_issuer_may_want_to_be_asked_in_its_own_way() {
        let config = Bench::new()
            .with("LEDSAGA_ROLES_CLAIM", "realm_access.roles")
            .with("LEDSAGA_SCOPES", "api://ledsaga/access  more")
            .with("LEDSAGA_RESOURCE", "https://ledsaga.exempelby.example")
            .with("LEDSAGA_CONSENT", "yes")
            .with("LEDSAGA_TOKEN_MINUTES", "15")
            .config(None)
            .unwrap();
        assert_eq!(config.roles_claim, "realm_access.roles");
        assert_eq!(config.scopes, ["api://ledsaga/access", "more"]);
        assert_eq!(config.resource.as_deref(), Some("https://ledsaga.exempelby.example"));
        assert!(config.consent);
        assert_eq!(config.longest_token_age, Some(Duration::from_secs(900)));
        let usual = Bench::new().config(None).unwrap();
        assert_eq!((usual.roles_claim.as_str(), usual.scopes.len(), usual.resource), ("roles", 0, None));
        assert_eq!((usual.consent, usual.longest_token_age), (false, None));
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let file = "municipality = \"Filby kommun\"\nminimum_client = \"1.2.3\"\n[listen]\nport = 8443\n";
        let bench = Bench::new().with("LEDSAGA_MINIMUM_CLIENT", "2.0.0");
        let config = bench.config(Some(file)).unwrap();
        assert_eq!(config.port, 8443);
        assert_eq!(config.municipality, "Exempelby kommun");
        assert_eq!(config.minimum_client.unwrap().to_string(), "2.0.0");
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_give() {
        let fault = Bench::new().with("LEDSAGA_MUNICIPALITY", "").fault();
        assert_eq!(
            fault,
            "municipality is not set. Give the municipality's name, in the configuration file or as LEDSAGA_MUNICIPALITY"
        );
    }

    #[test]
    fn each_wrong_value_is_named() {
        for (variable, value, named) in [
            ("LEDSAGA_DATABASE_URL", "mysql://x", "database.url"),
            ("LEDSAGA_ISSUER", "http://id.example", "issuer.url"),
            ("LEDSAGA_ISSUER", "http://127.0.0.1.evil.example", "issuer.url"),
            ("LEDSAGA_AUDIENCE", "ledsaga-desktop", "issuer.audience"),
            ("LEDSAGA_RESOURCE", "ledsaga", "issuer.resource"),
            ("LEDSAGA_CONSENT", "perhaps", "issuer.consent"),
            ("LEDSAGA_TOKEN_MINUTES", "0", "issuer.token_minutes"),
            ("LEDSAGA_TOKEN_MINUTES", "soon", "issuer.token_minutes"),
            ("LEDSAGA_CASE_PREFIX", "exb", "case_prefix"),
            ("LEDSAGA_CASE_PREFIX", "EXEMPEL", "case_prefix"),
            ("LEDSAGA_RECEIPT_KEY", "/nowhere/receipt.pem", "receipts.key"),
            ("LEDSAGA_RECEIPT_DAYS", "0", "receipts.published_days"),
            ("LEDSAGA_PORT", "70000", "listen.port"),
            ("LEDSAGA_ADDRESS", "localhost", "listen.address"),
            ("LEDSAGA_ADDRESS", "0.0.0.0", "listen.address"),
            ("LEDSAGA_CERTIFICATE", "/nowhere/tls.pem", "listen.certificate"),
            ("LEDSAGA_PROXIES", "10.0.0.0/33", "listen.proxies"),
            ("LEDSAGA_METRICS_ADDRESS", "7411", "metrics.address"),
            ("LEDSAGA_MINIMUM_CLIENT", "new", "minimum_client"),
            ("LEDSAGA_CATALOGUE", "/nowhere", "catalogue"),
            ("LEDSAGA_POLICY", "/nowhere/policy.json", "policy"),
            ("LEDSAGA_RETENTION", "/nowhere/retention.json", "retention"),
            ("LEDSAGA_LOG_FORMAT", "xml", "log.format"),
            ("LEDSAGA_LOG", "=,=", "log.level"),
            ("LEDSAGA_READY_PAUSE", "-1", "stop.ready_pause"),
            ("LEDSAGA_LIMIT_AT_WORK", "0", "limits.at_work"),
            ("LEDSAGA_LIMIT_WORKER_BURST", "0", "limits.worker_burst"),
        ] {
            let fault = Bench::new().with(variable, value).fault();
            assert!(
                fault.starts_with(&format!("{named} ({variable}) is wrong")),
                "{variable}={value}: {fault}"
            );
        }
        assert!(Bench::new().with("LEDSAGA_ISSUER", "http://127.0.0.1:9").config(None).is_ok());
    }

    #[test]
    fn nothing_goes_over_a_network_in_the_clear() {
        let outside = || Bench::new().with("LEDSAGA_ADDRESS", "0.0.0.0");
        assert!(outside().fault().contains("in the clear"));
        let behind = outside().with("LEDSAGA_PROXIES", "10.1.2.3, 10.2.0.0/16").config(None).unwrap();
        assert_eq!(behind.transport.proxies().len(), 2);
        let bench = outside();
        let (certificate, key) = (bench.path("tls.pem"), bench.path("tls.key"));
        let half = bench.with("LEDSAGA_CERTIFICATE", &certificate);
        assert!(half.fault().starts_with("listen.certificate_key is not set"));
        let tls = half.with("LEDSAGA_CERTIFICATE_KEY", &key).config(None).unwrap();
        assert!(matches!(tls.transport, Transport::Tls { .. }));
    }

    #[test]
    fn a_setting_that_there_is_not_is_refused() {
        for file in
            ["munincipality = \"x\"", "[listen]\nprot = 1", "[database]\nurl_fil = \"x\"", "[policy_]\nx = 1"]
        {
            let fault = Bench::new().config(Some(file)).err().unwrap().to_string();
            assert!(fault.contains("is no setting"), "{file}: {fault}");
        }
        assert!(
            Bench::new()
                .config(Some("[listen]\nport = [1]"))
                .err()
                .unwrap()
                .to_string()
                .contains("listen.port")
        );
    }

    #[test]
    fn a_file_that_is_not_toml_is_told_without_its_words() {
        let fault =
            Bench::new().config(Some("a = 1\n[database]\nurl = \"hemligt\" hemligt\n")).err().unwrap();
        let ConfigError::Syntax { line, .. } = &fault else { panic!("{fault}") };
        assert_eq!(*line, 3);
        assert!(!fault.to_string().contains("hemligt"), "{fault}");
    }

    #[test]
    fn a_policy_comes_from_its_file_or_its_table_and_is_never_laxer_than_what_is_built_in() {
        let bench = Bench::new();
        let path = bench.path("policy.json");
        let of_file = |text: &str| {
            fs::write(&path, text).unwrap();
            Bench::new().with("LEDSAGA_POLICY", &path).config(None)
        };
        assert_eq!(bench.config(None).unwrap().policy, Policy::default());
        assert_eq!(of_file(r#"{"offline_hours": 4}"#).unwrap().policy.offline_hours, 4);
        let lax = of_file(r#"{"offline_hours": 24}"#).err().unwrap().to_string();
        assert!(lax.contains("offline_hours must be 0 to 12"), "{lax}");
        assert_eq!(bench.config(Some("[policy]\noffline_hours = 3\n")).unwrap().policy.offline_hours, 3);
        assert!(bench.config(Some("[policy]\noffline_hours = 24\n")).is_err());
        assert!(bench.config(Some("[policy]\noffline_hour = 2\n")).is_err());
    }

    #[test]
    fn times_to_keep_come_from_a_table_and_are_never_guessed_at() {
        let bench = Bench::new();
        assert_eq!(bench.config(None).unwrap().retention, Retention::default());
        assert_eq!(bench.config(Some("[retention]\nupload_days = 14\n")).unwrap().retention.upload_days, 14);
        for wrong in ["upload_days = 1", "upload_day = 30", "upload_days = \"30\""] {
            let fault = bench.config(Some(&format!("[retention]\n{wrong}\n"))).err().unwrap().to_string();
            assert!(fault.starts_with("retention (LEDSAGA_RETENTION) is wrong"), "{wrong}: {fault}");
        }
    }

    #[test]
    fn secrets_come_from_files_and_are_never_shown() {
        let bench = Bench::new().with("LEDSAGA_DATABASE_URL", "");
        let path = bench.path("database-url");
        fs::write(&path, "postgres://ledsaga:hemligt@db.example/ledsaga\n").unwrap();
        let by_variable =
            Bench::new().with("LEDSAGA_DATABASE_URL", "").with("LEDSAGA_DATABASE_URL_FILE", &path);
        let file = format!("[database]\nurl_file = {path:?}\n");
        for (bench, file) in [(&by_variable, None), (&bench, Some(file.as_str()))] {
            let values = bench.values(file).unwrap();
            let config = read(&values).unwrap();
            assert_eq!(&*config.database, "postgres://ledsaga:hemligt@db.example/ledsaga");
            let table = shown::table(&values, &config);
            assert!(!table.contains("hemligt") && table.contains("Exempelby kommun"), "{table}");
            assert_eq!(table.lines().count(), keys::ALL.len());
        }
        let missing =
            Bench::new().with("LEDSAGA_DATABASE_URL", "").with("LEDSAGA_DATABASE_URL_FILE", "/nowhere");
        assert!(missing.fault().contains("/nowhere cannot be read"));
    }

    /// The example is what is in force by itself, with every setting in it.
    #[test]
    fn the_example_file_is_true() {
        let bench = Bench::new();
        let mut text = EXAMPLE.to_owned();
        for (there, here) in [
            ("/etc/ledsaga/receipt-keys", "receipt.pem"),
            ("/etc/ledsaga/tls/certificate.pem", "tls.pem"),
            ("/etc/ledsaga/tls/key.pem", "tls.key"),
        ] {
            assert!(text.contains(there), "{there}");
            text = text.replace(there, &bench.path(here));
        }
        bench.variables.borrow_mut().clear();
        // What is commented out is what holds without it.
        let whole: String = text
            .lines()
            .map(|line| line.strip_prefix("#= ").unwrap_or(line).to_owned() + "\n")
            .filter(|line| !["url_file", "catalogue", "resource"].iter().any(|name| line.starts_with(name)))
            .collect();
        for key in keys::ALL {
            let field = key.name.rsplit('.').next().unwrap();
            assert!(
                text.contains(&format!("{field} = ")) || text.contains(&format!("[{field}]")),
                "{}",
                key.name
            );
        }
        let (short, long) = (bench.config(Some(&text)).unwrap(), bench.config(Some(&whole)).unwrap());
        assert_eq!(short.limits, long.limits);
        assert_eq!(short.policy, long.policy);
        assert_eq!(short.retention, long.retention);
        assert_eq!(short.port, long.port);
        assert_eq!(short.audience, long.audience);
        assert_eq!(short.receipt_keys_last, long.receipt_keys_last);
        assert_eq!(short.stop.patience, long.stop.patience);
        assert_eq!(PathBuf::from(bench.path("receipt.pem")), long.receipt_key);
    }
}
