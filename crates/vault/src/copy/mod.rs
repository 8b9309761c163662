//! Sealed copies for recovery: all of a vault in one file that only the municipality's recovery key opens.
//!
//! What is in the file has keys of its own. The copy of the database is under a fresh key, and one fresh key wraps the
//! data keys of what is kept; none of the keys in the keychain, and no key of what was removed, is in it. So a copy opens
//! what it holds, and no disk. The file is an age file (<https://age-encryption.org/v1>) for one X25519 key.
//!
//! To restore is to make a vault of it again, under another fresh key set in the keychain, from which on nothing on that
//! computer depends on the copy.

mod archive;
mod making;
mod opening;
mod recovery_key;
mod restoring;

use std::io::{self, ErrorKind};

use jiff::{Timestamp, civil::Date};
use ledsaga_core::error::StoreError;

pub use opening::look_into_copy;
pub use recovery_key::{NoKey, RecoveryIdentity, RecoveryRecipient};
pub use restoring::restore_copy;

use crate::error::OpenError;

/// Why no copy was made. Nothing is left of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCopied {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place that was chosen cannot be written to.
    #[error("the copy cannot be written: {0}")]
    Unwritable(ErrorKind),
    #[error("the disk is full")]
    DiskFull,
}

impl NotCopied {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(StoreError::DiskFull) | Self::DiskFull => "copy_disk_full",
            Self::Store(StoreError::Locked) => "locked",
            Self::Store(StoreError::Unreadable) => "store_unreadable",
            Self::Store(StoreError::Failed(_)) => "store_failed",
            Self::Unwritable(_) => "file_not_written",
        }
    }
}

impl From<io::Error> for NotCopied {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            kind => Self::Unwritable(kind),
        }
    }
}

/// Why a copy was not opened or not restored. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyFault {
    #[error("the file cannot be read: {0}")]
    Unreadable(ErrorKind),
    #[error("the file is no sealed copy")]
    NotACopy,
    /// It is sealed for another key, or its beginning is changed.
    #[error("the key does not open the copy")]
    OtherKey,
    /// A byte differs or is missing.
    #[error("the copy is damaged")]
    Damaged,
    #[error("the copy is from a newer version")]
    Newer,
    /// There is a vault of the same worker on this computer, or a key to one.
    #[error("there is a local store already")]
    VaultThere,
    /// The computer refuses, or its keychain does.
    #[error(transparent)]
    Computer(OpenError),
}

impl From<StoreError> for CopyFault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unreadable => Self::Damaged,
            error => Self::Computer(error.into()),
        }
    }
}

impl From<OpenError> for CopyFault {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unreadable => Self::Damaged,
            OpenError::NewerVersion => Self::Newer,
            error => Self::Computer(error),
        }
    }
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    pub calls: u32,
    pub drafts: u32,
}

/// What is in a copy, without personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyContents {
    /// By the clock of the computer that made it.
    pub made_at: Timestamp,
    pub calls: u32,
    /// Cases, in whatever state.
    pub drafts: u32,
    /// Of these, those that the municipality had not received and that had not been thrown away.
    pub unsent: u32,
    /// Of the unsent, those that were on their way.
    pub on_the_way: u32,
    pub files: u32,
    /// Records that could not be read when the copy was made; they are in it as they were.
    pub damaged: u32,
    /// The last day on which anything in it was to be kept.
    pub last_day: Option<Date>,
    /// Drafts whose last day has passed by this computer's clock, and which a restoring leaves out.
    pub past: u32,
}
