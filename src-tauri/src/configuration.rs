//! Where the municipality is and where things are kept on this computer.

use std::{io, path::PathBuf};

use serde::Deserialize;
use tauri::{Runtime, path::PathResolver};

/// The demo gateway's address; a municipality sets its own in `ledsaga.json`.
const DEMO_GATEWAY: &str = "http://127.0.0.1:7410";

#[derive(Debug, Clone)]
pub struct Configuration {
    /// Base address of the gateway, without a slash at the end.
    pub gateway: String,
    /// Preferences; nothing personal.
    pub config_dir: PathBuf,
    /// The vaults.
    pub vault_dir: PathBuf,
}

/// `ledsaga.json` in the configuration folder, laid there by the municipality's installation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationFile {
    gateway: Option<String>,
}

impl Configuration {
    /// `LEDSAGA_GATEWAY`, then `ledsaga.json`, then the demo gateway.
    ///
    /// # Errors
    /// The user's folders cannot be found, or `ledsaga.json` is not what it should be.
    pub fn load<R: Runtime>(paths: &PathResolver<R>) -> Result<Self, Box<dyn std::error::Error>> {
        let config_dir = paths.app_config_dir()?;
        let file = match std::fs::read(config_dir.join("ledsaga.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => ConfigurationFile::default(),
            Err(error) => return Err(error.into()),
        };
        let gateway =
            std::env::var("LEDSAGA_GATEWAY").ok().or(file.gateway).unwrap_or_else(|| DEMO_GATEWAY.to_owned());
        Ok(Self {
            gateway: gateway.trim_end_matches('/').to_owned(),
            vault_dir: paths.app_local_data_dir()?.join("vault"),
            config_dir,
        })
    }
}
