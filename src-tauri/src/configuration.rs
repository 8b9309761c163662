//! Where the municipality is and where things are kept on this computer. Found without Tauri, so that the terminal's
//! commands find the same.

use std::{io, path::PathBuf};

use serde::Deserialize;

/// The application's name among the user's folders and in the keychain; the one in `tauri.conf.json`.
pub const IDENTIFIER: &str = "se.ledsaga.app";

/// The demo gateway's address; a municipality sets its own in `ledsaga.json`.
const DEMO_GATEWAY: &str = "http://127.0.0.1:7410";

#[derive(Debug, Clone)]
pub struct Configuration {
    /// Base address of the gateway, without a slash at the end.
    pub gateway: String,
    /// Where the address is from.
    pub source: Source,
    /// Preferences; nothing personal.
    pub config_dir: PathBuf,
    /// The vaults.
    pub vault_dir: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `LEDSAGA_GATEWAY`.
    Environment,
    /// `ledsaga.json`.
    File,
    /// Neither says one.
    Demo,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    #[error("the user's folders cannot be found")]
    NoFolders,
    #[error("ledsaga.json cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    #[error("ledsaga.json is not what it should be, in line {line}")]
    Malformed { line: usize },
}

/// `ledsaga.json` in the configuration folder, laid there by the municipality's installation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationFile {
    gateway: Option<String>,
}

/// The folders for configuration and for the vaults.
///
/// # Errors
/// [`ConfigurationError::NoFolders`]
pub fn folders() -> Result<(PathBuf, PathBuf), ConfigurationError> {
    let folders = dirs::config_dir().zip(dirs::data_local_dir());
    let (config, data) = folders.ok_or(ConfigurationError::NoFolders)?;
    Ok((config.join(IDENTIFIER), data.join(IDENTIFIER).join("vault")))
}

impl Configuration {
    /// `LEDSAGA_GATEWAY`, then `ledsaga.json`, then the demo gateway.
    ///
    /// # Errors
    /// [`ConfigurationError`]
    pub fn load() -> Result<Self, ConfigurationError> {
        let (config_dir, vault_dir) = folders()?;
        let file = match std::fs::read(config_dir.join("ledsaga.json")) {
            Ok(bytes) => parse(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => ConfigurationFile::default(),
            Err(error) => return Err(ConfigurationError::Unreadable(error.kind())),
        };
        let (gateway, source) = match (std::env::var("LEDSAGA_GATEWAY").ok(), file.gateway) {
            (Some(gateway), _) => (gateway, Source::Environment),
            (None, Some(gateway)) => (gateway, Source::File),
            (None, None) => (DEMO_GATEWAY.to_owned(), Source::Demo),
        };
        Ok(Self { gateway: gateway.trim_end_matches('/').to_owned(), source, config_dir, vault_dir })
    }
}

fn parse(bytes: &[u8]) -> Result<ConfigurationFile, ConfigurationError> {
    serde_json::from_slice(bytes).map_err(|error| ConfigurationError::Malformed { line: error.line() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_that_tauri_uses() {
        let tauri: serde_json::Value = serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        assert_eq!(tauri["identifier"], IDENTIFIER);
    }

    #[test]
    fn what_is_wrong_with_the_file_is_said_by_its_line() {
        assert_eq!(parse(br#"{"gateway":"https://x"}"#).unwrap().gateway.as_deref(), Some("https://x"));
        let error = parse(b"{\n \"gatway\": \"https://x\"\n}").unwrap_err();
        assert!(matches!(error, ConfigurationError::Malformed { line: 2 }), "{error}");
    }
}
