//! Why a vault does not open, and what SQLite's codes mean here.

use ledsaga_core::{error::StoreError, ports::SecretError};

/// Why the vault did not open. Every file is left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// This computer has no keychain: work in memory only.
    #[error("there is no keychain")]
    NoKeychain,
    /// Unlock the keychain and try again.
    #[error("the keychain is locked")]
    KeychainLocked,
    /// There is a store on disk and no key to it in the keychain. No new key was made.
    #[error("the key to the local store is missing")]
    KeyLost,
    /// The store on disk has its key in the keychain of another system, and this one does not have it.
    #[error("the key to the local store is in another keychain")]
    OtherKeychain,
    /// The key set is sealed with a PIN.
    #[error("a PIN is needed")]
    PinNeeded,
    /// The PIN is another. With seconds to wait, the next one is not even tried until they have passed.
    #[error("the PIN is wrong")]
    WrongPin { wait_s: u32 },
    /// The key does not fit, or the database or the key set is damaged or gone.
    #[error("the local store is unreadable")]
    Unreadable,
    /// Written by a newer version of the application.
    #[error("the local store is from a newer version")]
    NewerVersion,
    /// Another process has it open.
    #[error("the local store is in use")]
    InUse,
    #[error("the disk is full")]
    DiskFull,
    #[error("the local store failed")]
    Failed,
}

impl OpenError {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKeychain => "no_keychain",
            Self::KeychainLocked => "keychain_locked",
            Self::KeyLost => "key_lost",
            Self::OtherKeychain => "other_keychain",
            Self::PinNeeded => "pin_needed",
            Self::WrongPin { wait_s: 0 } => "wrong_pin",
            Self::WrongPin { .. } => "pin_wait",
            Self::Unreadable => "store_unreadable",
            Self::NewerVersion => "store_newer",
            Self::InUse => "store_in_use",
            Self::DiskFull => "disk_full",
            Self::Failed => "store_failed",
        }
    }
}

impl From<SecretError> for OpenError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::NoKeychain => Self::NoKeychain,
            SecretError::Locked => Self::KeychainLocked,
            SecretError::Failed => Self::Failed,
        }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::DiskFull,
            StoreError::Unreadable => Self::Unreadable,
            StoreError::Locked | StoreError::Failed(_) => Self::Failed,
        }
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Failed,
        }
    }
}

/// SQLite's result codes, <https://www.sqlite.org/rescode.html>; the low byte of an extended code is the primary one.
mod sqlite {
    pub const BUSY: u32 = 5;
    pub const LOCKED: u32 = 6;
    pub const READONLY: u32 = 8;
    pub const IOERR: u32 = 10;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const NOTADB: u32 = 26;
}

/// What went wrong in the database, without its words: they may hold content.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<u32>().ok()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => return StoreError::Unreadable,
        _ => None,
    };
    // `sqlcipher_export` hands on the words of an error without its code.
    let full = error.as_database_error().is_some_and(|error| error.message().contains("disk is full"));
    match code.map(|code| code & 0xff) {
        _ if full => StoreError::DiskFull,
        Some(sqlite::FULL) => StoreError::DiskFull,
        Some(sqlite::CORRUPT | sqlite::NOTADB) => StoreError::Unreadable,
        Some(sqlite::BUSY | sqlite::LOCKED) => StoreError::Failed("busy"),
        Some(sqlite::READONLY) => StoreError::Failed("read_only"),
        Some(sqlite::IOERR) => StoreError::Failed("disk"),
        Some(sqlite::CANTOPEN) => StoreError::Failed("cannot_open"),
        _ => StoreError::Failed("database"),
    }
}
