//! What a gateway is started with.

use std::{
    env,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    time::Duration,
};

use ledsaga_protocol::{Policy, PolicyFault};

use crate::retention::{Retention, RetentionFault};

/// Where a gateway listens when nothing else is said; the application looks for a demo there.
pub const DEFAULT_PORT: u16 = 7410;

/// Everything that differs between two gateways.
#[derive(Clone)]
pub struct Config {
    pub host: IpAddr,
    /// 0 lets the operating system choose; see [`crate::Handle::address`].
    pub port: u16,
    /// `sqlite:` or `postgres:` URL. It may hold a password and is never logged.
    pub database: String,
    /// As shown on the sign-in screen.
    pub municipality: String,
    /// First part of every case number: two to five letters.
    pub case_prefix: String,
    pub issuer: Issuer,
    /// The application's client id at the issuer.
    pub client_id: String,
    /// What access tokens must be meant for.
    pub audience: String,
    /// The claim that lists the worker's roles.
    pub roles_claim: String,
    /// What the issuer is asked for beyond what every one is; see [`ledsaga_protocol::SignInTerms`].
    pub scopes: Vec<String>,
    pub resource: Option<String>,
    pub consent: bool,
    /// How long after it was issued an access token counts at most; without it, as long as the issuer lets it live.
    pub longest_token_age: Option<Duration>,
    /// PKCS#8 PEM file with the P-256 key that signs receipts. Made at the first start in demo mode only.
    pub receipt_key: PathBuf,
    pub catalogue: Catalogue,
    /// What the application is told to keep to.
    pub policy: Policy,
    /// How long what may go by itself is kept.
    pub retention: Retention,
}

/// Who signs the workers in.
#[derive(Clone)]
pub enum Issuer {
    /// The gateway itself, with invented workers.
    Demo { key: PathBuf },
    /// The municipality's identity provider.
    External { url: String },
}

/// What is published at the start.
#[derive(Clone)]
pub enum Catalogue {
    /// Only what the database already has.
    None,
    /// The built-in demo services.
    Embedded,
    /// Every `*.json` in this folder.
    Folder(PathBuf),
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("{name} is wrong: {reason}")]
    Wrong { name: &'static str, reason: &'static str },
}

impl Config {
    /// A demo that keeps everything in `data` and listens on a free loopback port.
    pub fn demo(data: &Path) -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            database: sqlite_url(data),
            municipality: "Exempelby kommun".to_owned(),
            case_prefix: "EXB".to_owned(),
            issuer: Issuer::Demo { key: data.join("issuer-key.pem") },
            client_id: "ledsaga-desktop".to_owned(),
            audience: "ledsaga-gateway".to_owned(),
            roles_claim: "roles".to_owned(),
            scopes: Vec::new(),
            resource: None,
            consent: false,
            longest_token_age: None,
            receipt_key: data.join("receipt-key.pem"),
            catalogue: Catalogue::Embedded,
            policy: Policy::default(),
            retention: Retention::default(),
        }
    }

    /// A municipality's gateway, from `LEDSAGA_DATABASE_URL`, `LEDSAGA_ISSUER`, `LEDSAGA_RECEIPT_KEY`,
    /// `LEDSAGA_MUNICIPALITY` and `LEDSAGA_CASE_PREFIX`, and where the defaults do not fit from
    /// `LEDSAGA_CLIENT_ID`, `LEDSAGA_AUDIENCE`, `LEDSAGA_ROLES_CLAIM`, `LEDSAGA_SCOPES` (with spaces between),
    /// `LEDSAGA_RESOURCE`, `LEDSAGA_CONSENT` (`yes`), `LEDSAGA_TOKEN_MINUTES`, `LEDSAGA_CATALOGUE` (a folder) and
    /// `LEDSAGA_POLICY` and `LEDSAGA_RETENTION` (JSON files).
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name: &'static str| lookup(name).ok_or(ConfigError::Missing(name));
        let issuer = required("LEDSAGA_ISSUER")?;
        if !is_safe(&issuer) {
            return Err(ConfigError::Wrong { name: "LEDSAGA_ISSUER", reason: "it must begin with https://" });
        }
        let case_prefix = required("LEDSAGA_CASE_PREFIX")?;
        if !(2..=5).contains(&case_prefix.len()) || !case_prefix.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(ConfigError::Wrong {
                name: "LEDSAGA_CASE_PREFIX",
                reason: "it must be two to five letters A to Z",
            });
        }
        let client_id = lookup("LEDSAGA_CLIENT_ID").unwrap_or_else(|| "ledsaga-desktop".to_owned());
        let audience = lookup("LEDSAGA_AUDIENCE").unwrap_or_else(|| "ledsaga-gateway".to_owned());
        if audience == client_id {
            let reason = "it must not be the client's id: ID tokens would open the gateway";
            return Err(ConfigError::Wrong { name: "LEDSAGA_AUDIENCE", reason });
        }
        Ok(Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: DEFAULT_PORT,
            database: required("LEDSAGA_DATABASE_URL")?,
            municipality: required("LEDSAGA_MUNICIPALITY")?,
            case_prefix,
            issuer: Issuer::External { url: issuer },
            client_id,
            audience,
            roles_claim: lookup("LEDSAGA_ROLES_CLAIM").unwrap_or_else(|| "roles".to_owned()),
            scopes: lookup("LEDSAGA_SCOPES")
                .iter()
                .flat_map(|scopes| scopes.split_whitespace())
                .map(str::to_owned)
                .collect(),
            resource: resource(&lookup)?,
            consent: consent(&lookup)?,
            longest_token_age: longest_token_age(&lookup)?,
            receipt_key: required("LEDSAGA_RECEIPT_KEY")?.into(),
            catalogue: lookup("LEDSAGA_CATALOGUE")
                .map_or(Catalogue::None, |folder| Catalogue::Folder(folder.into())),
            policy: lookup("LEDSAGA_POLICY").map_or_else(|| Ok(Policy::default()), |file| policy(&file))?,
            retention: retention(&lookup)?,
        })
    }

    pub(crate) fn is_demo(&self) -> bool {
        matches!(self.issuer, Issuer::Demo { .. })
    }
}

fn resource(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<String>, ConfigError> {
    let resource = lookup("LEDSAGA_RESOURCE");
    if resource.as_ref().is_some_and(|uri| reqwest::Url::parse(uri).is_err() || uri.contains('#')) {
        let reason = "it must be an absolute URI without a fragment";
        return Err(ConfigError::Wrong { name: "LEDSAGA_RESOURCE", reason });
    }
    Ok(resource)
}

fn consent(lookup: impl Fn(&str) -> Option<String>) -> Result<bool, ConfigError> {
    match lookup("LEDSAGA_CONSENT").as_deref() {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(ConfigError::Wrong { name: "LEDSAGA_CONSENT", reason: "it must be yes or no" }),
    }
}

/// Between one minute, or nobody could work, and a day.
fn longest_token_age(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Duration>, ConfigError> {
    let Some(minutes) = lookup("LEDSAGA_TOKEN_MINUTES") else { return Ok(None) };
    match minutes.parse() {
        Ok(minutes @ 1..=1440) => Ok(Some(Duration::from_secs(minutes * 60))),
        _ => Err(ConfigError::Wrong { name: "LEDSAGA_TOKEN_MINUTES", reason: "it must be 1 to 1440" }),
    }
}

/// A policy that is missing or laxer than it may be stops the start: nobody would notice later.
fn policy(file: &str) -> Result<Policy, ConfigError> {
    let wrong = |reason| ConfigError::Wrong { name: "LEDSAGA_POLICY", reason };
    let text = std::fs::read(file).map_err(|_| wrong("the file cannot be read"))?;
    Policy::from_json(&text).map_err(|PolicyFault(reason)| wrong(reason))
}

/// Times that are not what was meant are not guessed at: what is removed does not come back.
fn retention(lookup: &impl Fn(&str) -> Option<String>) -> Result<Retention, ConfigError> {
    let Some(file) = lookup("LEDSAGA_RETENTION") else { return Ok(Retention::default()) };
    let wrong = |reason| ConfigError::Wrong { name: "LEDSAGA_RETENTION", reason };
    let text = std::fs::read(file).map_err(|_| wrong("the file cannot be read"))?;
    Retention::from_json(&text).map_err(|RetentionFault(reason)| wrong(reason))
}

impl Retention {
    /// From the file that `LEDSAGA_RETENTION` names, or as built in.
    ///
    /// # Errors
    /// The file cannot be read, or is no rule of retention.
    pub fn from_env() -> Result<Self, ConfigError> {
        retention(&|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }
}

/// The URL of the SQLite database in a data folder; it is made when it is not there.
pub fn sqlite_url(data: &Path) -> String {
    let path = data.join("gateway.db").to_string_lossy().into_owned();
    let mut url = String::from("sqlite:");
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b':' => {
                url.push(char::from(byte))
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url.push_str("?mode=rwc");
    url
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
    use super::*;

    fn lookup(changes: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        let usual = [
            ("LEDSAGA_DATABASE_URL", "postgres://db.example/ledsaga"),
            ("LEDSAGA_ISSUER", "https://id.exempelby.example"),
            ("LEDSAGA_RECEIPT_KEY", "/etc/ledsaga/receipt.pem"),
            ("LEDSAGA_MUNICIPALITY", "Exempelby kommun"),
            ("LEDSAGA_CASE_PREFIX", "EXB"),
        ];
        move |name| {
            changes
                .iter()
                .chain(&usual)
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
                .filter(|value| !value.is_empty())
        }
    }

    #[test]
    fn the_environment_gives_a_configuration() {
        let config = Config::from_lookup(lookup(&[("LEDSAGA_AUDIENCE", "other")])).unwrap();
        assert_eq!(config.audience, "other");
        assert_eq!(config.client_id, "ledsaga-desktop");
        assert!(!config.is_demo());
    }

    #[test]
    fn an_issuer_may_want_to_be_asked_in_its_own_way() {
        let config = Config::from_lookup(lookup(&[
            ("LEDSAGA_ROLES_CLAIM", "realm_access.roles"),
            ("LEDSAGA_SCOPES", "api://ledsaga/access  more"),
            ("LEDSAGA_RESOURCE", "https://ledsaga.exempelby.example"),
            ("LEDSAGA_CONSENT", "yes"),
            ("LEDSAGA_TOKEN_MINUTES", "15"),
        ]))
        .unwrap();
        assert_eq!(config.roles_claim, "realm_access.roles");
        assert_eq!(config.scopes, ["api://ledsaga/access", "more"]);
        assert_eq!(config.resource.as_deref(), Some("https://ledsaga.exempelby.example"));
        assert!(config.consent);
        assert_eq!(config.longest_token_age, Some(Duration::from_secs(900)));
        let usual = Config::from_lookup(lookup(&[])).unwrap();
        assert_eq!((usual.roles_claim.as_str(), usual.scopes.len(), usual.resource), ("roles", 0, None));
        assert_eq!((usual.consent, usual.longest_token_age), (false, None));
        for wrong in [
            &[("LEDSAGA_RESOURCE", "ledsaga")],
            &[("LEDSAGA_CONSENT", "perhaps")],
            &[("LEDSAGA_TOKEN_MINUTES", "0")],
            &[("LEDSAGA_TOKEN_MINUTES", "soon")],
            &[("LEDSAGA_AUDIENCE", "ledsaga-desktop")],
        ] {
            let error = Config::from_lookup(lookup(wrong)).err().unwrap().to_string();
            assert!(error.starts_with(wrong[0].0), "{error}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Config::from_lookup(lookup(&[("LEDSAGA_MUNICIPALITY", "")])).err().unwrap();
        assert_eq!(error.to_string(), "LEDSAGA_MUNICIPALITY is not set");
    }

    #[test]
    fn an_issuer_without_tls_is_refused_unless_it_is_on_this_machine() {
        assert!(Config::from_lookup(lookup(&[("LEDSAGA_ISSUER", "http://id.example")])).is_err());
        assert!(Config::from_lookup(lookup(&[("LEDSAGA_ISSUER", "http://127.0.0.1:9")])).is_ok());
        assert!(Config::from_lookup(lookup(&[("LEDSAGA_ISSUER", "http://127.0.0.1.evil.example")])).is_err());
    }

    #[test]
    fn a_policy_comes_from_its_file_and_is_never_laxer_than_what_is_built_in() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("policy.json").to_string_lossy().into_owned();
        let of_file = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let file = file.clone();
            Config::from_lookup(move |name| match name {
                "LEDSAGA_POLICY" => Some(file.clone()),
                _ => lookup(&[])(name),
            })
        };
        assert_eq!(Config::from_lookup(lookup(&[])).unwrap().policy, Policy::default());
        assert_eq!(of_file(r#"{"offline_hours": 4}"#).unwrap().policy.offline_hours, 4);
        let lax = of_file(r#"{"offline_hours": 24}"#).err().unwrap().to_string();
        assert_eq!(lax, "LEDSAGA_POLICY is wrong: offline_hours must be 0 to 12");
        assert!(Config::from_lookup(lookup(&[("LEDSAGA_POLICY", "/nowhere/policy.json")])).is_err());
    }

    #[test]
    fn a_folder_with_odd_characters_is_encoded() {
        assert_eq!(sqlite_url(Path::new("/a b?/#")), "sqlite:/a%20b%3F/%23/gateway.db?mode=rwc");
    }
}
