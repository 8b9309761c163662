//! What can be said of the vaults on this computer without opening one: for support, also while they are in use. Makes,
//! changes and removes nothing.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use ledsaga_core::ports::SecretStore;

use crate::{
    error::OpenError,
    folder::{FORMAT, Meta},
    key_item::{Kept, KeyItem},
    keychain::KIND,
};

/// One worker's vault, from the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderReport {
    /// Only the owner may enter; `None` where the operating system has no such bits.
    pub private: Option<bool>,
    /// Some process has it open.
    pub open: bool,
    pub meta: MetaState,
    pub key: KeyState,
    /// Bytes; `None` when there is no database.
    pub database: Option<u64>,
    /// Room is set aside, so that deleting works on a full disk.
    pub reserve: bool,
    /// Changes wait in the write-ahead log. With nobody in it, it was not closed in order; the next start takes them in.
    pub unclosed: bool,
    /// Files that were being written when the process ended.
    pub unfinished: usize,
    /// Copies from before a migration, which the next start removes.
    pub backups: usize,
}

/// What `vault.meta` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetaState {
    /// There is none: the vault has never been opened to the end.
    Missing,
    Unreadable,
    /// Of a newer version of the application.
    Newer,
    Readable {
        format: u32,
        /// The key set is in the kind of keychain that this build uses.
        this_keychain: bool,
    },
}

/// What the keychain says of the key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It is there; `pin` when it takes a PIN to open it.
    Present {
        pin: bool,
    },
    /// It is another than the one in `vault.meta`.
    Other,
    Missing,
    /// It is damaged, or of a newer version.
    Unreadable,
    /// The keychain gives no answer.
    Unknown,
}

/// Every vault below `dir`, in the order of the folders' names.
///
/// # Errors
/// The folder is there and cannot be read.
pub async fn inspect(dir: &Path, secrets: Arc<dyn SecretStore>) -> io::Result<Vec<FolderReport>> {
    let mut folders = match fs::read_dir(dir) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut reports = Vec::new();
    for folder in folders {
        reports.push(look(&folder, Arc::clone(&secrets)).await);
    }
    Ok(reports)
}

/// Bytes that this user may still write on the disk of a folder; `None` where that cannot be told.
pub fn free_space(folder: &Path) -> Option<u64> {
    fs4::available_space(folder).ok()
}

async fn look(folder: &Path, secrets: Arc<dyn SecretStore>) -> FolderReport {
    let (meta, key_id) = meta(&folder.join("vault.meta"));
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let key = match KeyItem::new(secrets, &name).look().await {
        Ok(Some(Kept::Keys(keys))) if key_id.as_ref().is_some_and(|id| *id != keys.id()) => KeyState::Other,
        Ok(Some(Kept::Keys(_))) => KeyState::Present { pin: false },
        Ok(Some(Kept::Pinned(_))) => KeyState::Present { pin: true },
        Ok(None) => KeyState::Missing,
        Err(OpenError::NoKeychain | OpenError::KeychainLocked | OpenError::Failed) => KeyState::Unknown,
        Err(_) => KeyState::Unreadable,
    };
    let names: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect();
    let count = |is: &dyn Fn(&str) -> bool| names.iter().filter(|name| is(name)).count();
    let size = |name: &str| fs::metadata(folder.join(name)).ok().map(|file| file.len());
    FolderReport {
        private: private(folder),
        open: is_open(&folder.join("vault.lock")),
        meta,
        key,
        database: size("vault.db"),
        reserve: size("vault.reserve").is_some_and(|size| size > 0),
        unclosed: size("vault.db-wal").is_some_and(|size| size > 0),
        unfinished: count(&|name| is_unfinished(name)),
        backups: count(&|name| name.starts_with("vault.db.before-")),
    }
}

/// A file that was to take another's place, or the copy of a database under its next key.
fn is_unfinished(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tmp" || extension == "copy")
}

/// What it says, and the id of the key set.
fn meta(path: &Path) -> (MetaState, Option<String>) {
    let meta: Meta = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return (MetaState::Missing, None),
        read => match read.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            Some(meta) => meta,
            None => return (MetaState::Unreadable, None),
        },
    };
    if meta.format > FORMAT {
        return (MetaState::Newer, None);
    }
    let state = MetaState::Readable { format: meta.format, this_keychain: meta.keychain == KIND };
    (state, Some(meta.key_id))
}

/// Shared and for a moment only, so that whoever looks is never taken for whoever works.
fn is_open(lock: &Path) -> bool {
    File::open(lock).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

#[cfg(unix)]
fn private(folder: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o077 == 0))
}

/// The user's profile is private already.
#[cfg(not(unix))]
fn private(_: &Path) -> Option<bool> {
    None
}
