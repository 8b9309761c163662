//! What a gateway is started with.

mod keys;
mod limits;
mod read;
mod secret;
mod shown;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use ledsaga_protocol::Policy;
use semver::Version;

use crate::retention::Retention;

pub use limits::{Limits, Rate};
pub(crate) use read::is_safe;
pub use secret::Secret;

/// Where a gateway listens when nothing else is said; the application looks for a demo there.
pub const DEFAULT_PORT: u16 = 7410;

/// Everything that differs between two gateways.
#[derive(Clone)]
pub struct Config {
    pub host: IpAddr,
    /// 0 lets the operating system choose; see [`crate::Handle::address`].
    pub port: u16,
    pub transport: Transport,
    /// Where metrics are shown, never on the port of the API.
    pub metrics: Option<SocketAddr>,
    /// `sqlite:` or `postgres:` URL. It may hold a password.
    pub database: Secret,
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
    /// A folder of keys that sign receipts, or a PKCS#8 PEM file with one (P-256). One is made at the first start in
    /// demo mode only.
    pub receipt_key: PathBuf,
    /// How long the public half of a key is published after it has signed for the last time.
    pub receipt_keys_last: Duration,
    pub catalogue: Catalogue,
    /// What the application is told to keep to.
    pub policy: Policy,
    /// How long what may go by itself is kept.
    pub retention: Retention,
    /// Older applications are told to update.
    pub minimum_client: Option<Version>,
    pub limits: Limits,
    pub stop: Stop,
    pub log: Log,
}

/// How requests come in.
#[derive(Debug, Clone, Default)]
pub enum Transport {
    /// Plain HTTP, on loopback only.
    #[default]
    Loopback,
    /// Plain HTTP from these reverse proxies, which do the TLS.
    Behind(Vec<IpNet>),
    /// A demo that other computers reach; nothing in it is real.
    Open,
    /// TLS in the gateway; requests may still come by these reverse proxies.
    Tls { certificate: PathBuf, key: PathBuf, proxies: Vec<IpNet> },
}

/// How it ends.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// From saying "not ready" until nothing more is accepted, so that a load balancer can look elsewhere.
    pub ready_pause: Duration,
    /// For requests that have begun.
    pub patience: Duration,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct Log {
    pub json: bool,
    /// As `tracing_subscriber::EnvFilter` reads it.
    pub level: String,
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

/// Why there is no configuration. Says which setting, and what to give; holds no secrets.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {path} cannot be read: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the configuration file is not TOML at line {line}: {reason}")]
    Syntax { line: usize, reason: String },
    #[error("{0} is no setting; see packaging/gateway.toml for those that there are")]
    Unknown(String),
    #[error("{name} is not set. Give {what}, in the configuration file or as {variable}")]
    Missing { name: &'static str, variable: &'static str, what: &'static str },
    #[error("{name} ({variable}) is wrong: {reason}. Give {what}")]
    Wrong { name: &'static str, variable: &'static str, reason: String, what: &'static str },
}

impl Config {
    /// A demo that keeps everything in `data` and listens on a free loopback port.
    pub fn demo(data: &Path) -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            transport: Transport::Loopback,
            metrics: None,
            database: sqlite_url(data).into(),
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
            receipt_keys_last: Duration::from_secs(3650 * 24 * 3600),
            catalogue: Catalogue::Embedded,
            policy: Policy::default(),
            retention: Retention::default(),
            minimum_client: None,
            limits: Limits::DEMO,
            stop: Stop { ready_pause: Duration::ZERO, patience: Duration::from_secs(10) },
            log: Log { json: false, level: "ledsaga_gateway=info,warn".to_owned() },
        }
    }

    pub(crate) fn is_demo(&self) -> bool {
        matches!(self.issuer, Issuer::Demo { .. })
    }
}

impl Transport {
    /// From where the client's address is taken as the proxy says.
    pub fn proxies(&self) -> &[IpNet] {
        match self {
            Self::Behind(proxies) | Self::Tls { proxies, .. } => proxies,
            Self::Loopback | Self::Open => &[],
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_odd_characters_is_encoded() {
        assert_eq!(sqlite_url(Path::new("/a b?/#")), "sqlite:/a%20b%3F/%23/gateway.db?mode=rwc");
    }

    #[test]
    fn the_password_of_the_database_is_in_no_debug() {
        let secret = Secret::from("postgres://ledsaga:hemligt@db.example/ledsaga".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}
