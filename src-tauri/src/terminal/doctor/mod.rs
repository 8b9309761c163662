//! `ledsaga doctor`: how things are on this computer, for whoever helps. Works beside the running application and without
//! a display, makes and changes nothing, and says nothing personal.

mod words;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use ledsaga_core::{error::LinkError, ports::SecretStore};
use ledsaga_vault::{FolderReport, Keychain, ProbeError};

use super::Outcome;
use crate::configuration::{self, Configuration, ConfigurationError, IDENTIFIER};

/// What was found, before it is put into words.
struct Findings {
    configuration: Result<Configuration, ConfigurationError>,
    folders: Vec<Folder>,
    keychain: Result<(), ProbeError>,
    vaults: Result<Vec<FolderReport>, io::ErrorKind>,
    /// Bytes on the disk of the vaults.
    free: Option<u64>,
    /// `None` without an address to ask.
    gateway: Option<Result<Gateway, LinkError>>,
    /// Preferences that were being written when the process ended.
    preferences_unfinished: bool,
}

/// One of the application's folders.
struct Folder {
    what: &'static str,
    /// With `~` for the user's own folder, whose name may be the user's.
    path: String,
    state: FolderState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FolderState {
    Missing,
    Unreadable,
    /// With its permission bits, where there are any.
    There {
        mode: Option<u32>,
    },
}

/// The gateway as it answered.
struct Gateway {
    version: String,
    municipality: String,
    demo: bool,
    /// How far its clock is ahead of this computer's.
    ahead: Option<SignedDuration>,
}

pub fn run() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => words::outcome(&runtime.block_on(examine())),
        Err(_) => Outcome {
            text: "fel      Datorn ger inte programmet det som det behöver.\n".to_owned(),
            code: 1,
        },
    }
}

async fn examine() -> Findings {
    let configuration = Configuration::load();
    let secrets: Arc<dyn SecretStore> = Arc::new(Keychain::new(IDENTIFIER));
    let gateway = match &configuration {
        Ok(configuration) => Some(ask(configuration).await),
        Err(_) => None,
    };
    let keychain = ledsaga_vault::probe(&*secrets).await;
    // The places are known also when the file in one of them is broken.
    let places = configuration::folders().ok();
    let vaults = match &places {
        Some((_, vaults)) => {
            ledsaga_vault::inspect(vaults, Arc::clone(&secrets)).await.map_err(|error| error.kind())
        }
        None => Ok(Vec::new()),
    };
    let (mut folders, mut free, mut preferences_unfinished) = (Vec::new(), None, false);
    if let Some((config, vaults)) = places {
        preferences_unfinished = config.join("preferences.new").exists();
        free = nearest(&vaults).and_then(ledsaga_vault::free_space);
        folders = vec![folder("inställningar", &config), folder("utkast", &vaults)];
    }
    Findings { configuration, folders, keychain, vaults, free, gateway, preferences_unfinished }
}

async fn ask(configuration: &Configuration) -> Result<Gateway, LinkError> {
    let asked = Timestamp::now();
    let presence = ledsaga_link::presence(&configuration.gateway, &configuration.roots).await?;
    // The answer was made somewhere between asking and now.
    let here = asked + Timestamp::now().duration_since(asked) / 2;
    Ok(Gateway {
        version: presence.about.version,
        municipality: presence.about.municipality,
        demo: presence.about.demo,
        ahead: presence.time.map(|there| there.duration_since(here)),
    })
}

/// The folder itself, or the nearest one above that is there.
fn nearest(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.is_dir())
}

fn folder(what: &'static str, path: &Path) -> Folder {
    let state = match std::fs::read_dir(path) {
        Ok(_) => FolderState::There { mode: mode(path) },
        Err(error) if error.kind() == io::ErrorKind::NotFound => FolderState::Missing,
        Err(_) => FolderState::Unreadable,
    };
    Folder { what, path: without_name(path, dirs::home_dir()), state }
}

fn without_name(path: &Path, home: Option<PathBuf>) -> String {
    match home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        // Elsewhere the user's name may be in it too.
        None => "utanför hemmappen".to_owned(),
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).ok().map(|folder| folder.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_users_folder_is_left_out() {
        let home = || Some(PathBuf::from("/home/disa.diktad"));
        let shown = |path: &str| without_name(Path::new(path), home());
        assert_eq!(shown("/home/disa.diktad/.config/se.ledsaga.app"), "~/.config/se.ledsaga.app");
        assert_eq!(shown("/srv/disa.diktad/se.ledsaga.app"), "utanför hemmappen");
        assert_eq!(without_name(Path::new("/home/disa.diktad/x"), None), "utanför hemmappen");
    }

    #[test]
    fn a_folder_is_looked_at_and_not_made() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("se.ledsaga.app");
        assert_eq!(folder("utkast", &path).state, FolderState::Missing);
        assert!(!path.exists());
        assert_eq!(nearest(&path.join("vault")), Some(root.path()));
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(folder("utkast", &path).state, FolderState::There { .. }));
    }

    #[tokio::test]
    async fn a_gateway_that_is_not_there_is_no_gateway() {
        let at = |address: &str| Configuration {
            gateway: address.to_owned(),
            source: configuration::Source::File,
            roots: ledsaga_link::Roots::default(),
            roots_fault: None,
            config_dir: PathBuf::new(),
            vault_dir: PathBuf::new(),
        };
        assert!(ask(&at("http://127.0.0.1:1")).await.is_err());
        assert_eq!(ask(&at("http://kommun.invalid")).await.err(), Some(LinkError::WrongAddress));
    }
}
