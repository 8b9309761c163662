//! The folder of one worker's vault: its name, its lock and `vault.meta`.

use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use ledsaga_core::worker::Worker;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{error::OpenError, pin::Tries};

/// An open folder; nobody else has it open.
pub(crate) struct Folder {
    path: PathBuf,
    name: String,
    /// Held for as long as the folder is open; the operating system lets go of it when the process dies.
    _lock: File,
}

/// What a later start has to know before it touches the database. No secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Meta {
    /// The format of the folder.
    pub format: u32,
    /// The id of the key set that opens the database.
    pub key_id: String,
    /// Where the key set was kept, for support.
    pub keychain: String,
}

pub(crate) const FORMAT: u32 = 1;

impl Folder {
    /// # Errors
    /// `InUse` when another process or another vault of this one has it.
    pub fn open(dir: &Path, worker: &Worker) -> Result<Self, OpenError> {
        Self::named(dir, name_for(worker))
    }

    /// By a name that [`name_for`] made.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn named(dir: &Path, name: String) -> Result<Self, OpenError> {
        let path = dir.join(&name);
        create_private(&path)?;
        let lock = File::options().write(true).create(true).truncate(false).open(path.join("vault.lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, name, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// See [`name_for`].
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("vault.db")
    }

    /// Counts the wrong PINs.
    pub fn tries(&self) -> Tries {
        tries_of(&self.path)
    }

    pub fn meta(&self) -> Result<Option<Meta>, OpenError> {
        match fs::read(self.meta_path()) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| OpenError::Unreadable),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn write_meta(&self, meta: &Meta) -> Result<(), OpenError> {
        let bytes = serde_json::to_vec(meta).map_err(|_| OpenError::Failed)?;
        replace(&self.meta_path(), |file| file.write_all(&bytes))?;
        Ok(())
    }

    fn meta_path(&self) -> PathBuf {
        self.path.join("vault.meta")
    }
}

/// The count of wrong PINs of the vault in a folder.
pub(crate) fn tries_of(folder: &Path) -> Tries {
    Tries::new(folder.join("pin.tries"))
}

/// Writes a whole file or leaves what was there, also when the power goes.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let temporary = path.with_added_extension("tmp");
    let written = create_private_file(&temporary)
        .and_then(|mut file| {
            write(&mut file)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// An empty file that only its owner may read, in the place of what was there.
pub(crate) fn create_private_file(path: &Path) -> std::io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Names the worker without saying who it is.
pub(crate) fn name_for(worker: &Worker) -> String {
    let mut name = hex::encode(Sha256::digest(format!("{}|{}", worker.issuer, worker.subject)));
    name.truncate(32);
    name
}

/// Whether [`name_for`] could have made it.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|sign| matches!(sign, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// The user's profile is private already.
#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
pub(crate) fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Directories cannot be opened as files; a rename is durable with the journal of the file system.
#[cfg(not(unix))]
pub(crate) fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use ledsaga_core::worker::Role;

    use super::*;

    fn worker(subject: &str) -> Worker {
        Worker {
            issuer: "https://demo.invalid".into(),
            subject: subject.into(),
            name: "Disa Diktad".into(),
            role: Role::Agent,
        }
    }

    #[test]
    fn the_name_of_the_folder_tells_workers_apart_and_nothing_else() {
        let name = name_for(&worker("disa"));
        assert_eq!(name.len(), 32);
        assert!(name.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(is_name(&name));
        for other in ["", "..", "../../../../../../../../../etc/xx", "ABCDEFABCDEFABCDEFABCDEFABCDEFAB"] {
            assert!(!is_name(other), "{other}");
        }
        assert_ne!(name, name_for(&worker("edla")));
        let renamed = Worker { name: "Disa Ny".into(), role: Role::TeamLead, ..worker("disa") };
        assert_eq!(name, name_for(&renamed));
    }

    #[test]
    fn a_failed_replacement_leaves_the_old_file_and_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.meta");
        replace(&path, |file| file.write_all(b"old")).unwrap();
        replace(&path, |file| {
            file.write_all(b"ne")?;
            Err(std::io::Error::other("full"))
        })
        .unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_enter() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path(), &worker("disa")).unwrap();
        assert_eq!(fs::metadata(&folder.path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
