//! Where the municipality is and where things are kept on this computer. Found without Tauri, so that the terminal's
//! commands find the same.

use std::{
    io,
    path::{Path, PathBuf},
};

use ledsaga_link::{Roots, RootsError};
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
    /// The municipality's own certificate authority, trusted beside those of the system; none when its file is of no use.
    pub roots: Roots,
    /// Why its file is of no use.
    pub roots_fault: Option<RootsError>,
    /// Preferences; nothing personal.
    pub config_dir: PathBuf,
    /// The vaults.
    pub vault_dir: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `LEDSAGA_GATEWAY`.
    Environment,
    /// `ledsaga.json` for everybody on this computer.
    Managed,
    /// The user's own `ledsaga.json`.
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

/// `ledsaga.json`, laid there by the municipality's installation: one for everybody on this computer, whose words count
/// first, and one in the user's own folder.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationFile {
    gateway: Option<String>,
    /// A file of certificates in PEM form, beside the `ledsaga.json` that names it unless its path is whole.
    ca: Option<PathBuf>,
}

/// Where the configuration for everybody is; only an administrator may write there.
fn managed_dir() -> PathBuf {
    if cfg!(target_os = "windows") {
        let folder = std::env::var_os("ProgramData").unwrap_or_else(|| r"C:\ProgramData".into());
        PathBuf::from(folder).join("Ledsaga")
    } else if cfg!(target_os = "macos") {
        PathBuf::from("/Library/Application Support").join(IDENTIFIER)
    } else {
        PathBuf::from("/etc/ledsaga")
    }
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
    /// `LEDSAGA_GATEWAY` and `LEDSAGA_CA`, then `ledsaga.json` for everybody, then the user's own, then the demo gateway.
    ///
    /// # Errors
    /// [`ConfigurationError`]
    pub fn load() -> Result<Self, ConfigurationError> {
        let (config_dir, vault_dir) = folders()?;
        let managed = read(&managed_dir())?;
        let own = read(&config_dir)?;
        let said = |name: &str| std::env::var(name).ok();
        let (gateway, source) = gateway(said("LEDSAGA_GATEWAY"), managed.gateway, own.gateway);
        let ca = said("LEDSAGA_CA").map(PathBuf::from).or(managed.ca).or(own.ca);
        let (roots, roots_fault) = match ca.as_deref().map(Roots::read) {
            None => (Roots::default(), None),
            Some(Ok(roots)) => (roots, None),
            Some(Err(fault)) => {
                tracing::error!("the municipality's own certificate is not trusted: {fault}");
                (Roots::default(), Some(fault))
            }
        };
        let gateway = gateway.trim_end_matches('/').to_owned();
        Ok(Self { gateway, source, roots, roots_fault, config_dir, vault_dir })
    }
}

fn gateway(said: Option<String>, managed: Option<String>, own: Option<String>) -> (String, Source) {
    match (said, managed, own) {
        (Some(gateway), ..) => (gateway, Source::Environment),
        (None, Some(gateway), _) => (gateway, Source::Managed),
        (None, None, Some(gateway)) => (gateway, Source::File),
        (None, None, None) => (DEMO_GATEWAY.to_owned(), Source::Demo),
    }
}

/// The `ledsaga.json` of a folder; nothing when there is none.
fn read(folder: &Path) -> Result<ConfigurationFile, ConfigurationError> {
    let file = match std::fs::read(folder.join("ledsaga.json")) {
        Ok(bytes) => parse(&bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => ConfigurationFile::default(),
        Err(error) => return Err(ConfigurationError::Unreadable(error.kind())),
    };
    Ok(ConfigurationFile { ca: file.ca.map(|path| folder.join(path)), ..file })
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
    fn what_counts_for_everybody_comes_before_the_users_own() {
        let some = |text: &str| Some(text.to_owned());
        for (said, managed, own, source) in [
            (some("a"), some("b"), some("c"), Source::Environment),
            (None, some("b"), some("c"), Source::Managed),
            (None, None, some("c"), Source::File),
            (None, None, None, Source::Demo),
        ] {
            assert_eq!(gateway(said, managed, own).1, source);
        }
    }

    #[test]
    fn the_municipalitys_own_certificate_lies_beside_the_file_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), ConfigurationFile::default());
        std::fs::write(folder.path().join("ledsaga.json"), br#"{"ca":"kommunen.pem"}"#).unwrap();
        assert_eq!(read(folder.path()).unwrap().ca, Some(folder.path().join("kommunen.pem")));
        let whole = if cfg!(windows) { "C:/x/rot.pem" } else { "/etc/ssl/rot.pem" };
        std::fs::write(folder.path().join("ledsaga.json"), format!(r#"{{"ca":"{whole}"}}"#)).unwrap();
        assert_eq!(read(folder.path()).unwrap().ca, Some(PathBuf::from(whole)));
    }

    #[test]
    fn what_is_wrong_with_the_file_is_said_by_its_line() {
        assert_eq!(parse(br#"{"gateway":"https://x"}"#).unwrap().gateway.as_deref(), Some("https://x"));
        let error = parse(b"{\n \"gatway\": \"https://x\"\n}").unwrap_err();
        assert!(matches!(error, ConfigurationError::Malformed { line: 2 }), "{error}");
    }
}
