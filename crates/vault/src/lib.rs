//! The encrypted local store of one worker, and its keys in the operating system's keychain.
//!
//! Two layers. SQLCipher encrypts the whole file, so that nothing about the work can be seen, and notices every changed
//! byte. Inside it each call, draft, file, submission and outbox item is sealed with a data key of its own, wrapped by
//! the key of the day on which it is to be purged: when that key is gone, so is what it wrapped, in every copy of the
//! disk. There is no third way: without a keychain nothing is written, and a missing key is never replaced by a new
//! one.

mod batch;
mod bundle;
mod copy;
mod data_key;
mod database;
mod error;
mod export;
mod file;
mod folder;
mod inspect;
mod key_change;
mod key_item;
mod keychain;
mod keyset;
mod log;
mod pin;
mod probe;
mod reserve;
mod revision;
mod rubbish;
mod seal;
mod search;
mod shelf;
mod shred;
mod vault;
mod wal;

pub use copy::{
    Copied, CopyContents, CopyFault, NoKey, NotCopied, RecoveryIdentity, RecoveryRecipient, look_into_copy,
    restore_copy,
};
pub use error::OpenError;
pub use inspect::{FolderReport, KeyState, MetaState, free_space, inspect};
pub use keychain::Keychain;
pub use pin::{Pin, PinError};
pub use probe::{ProbeError, probe};
pub use search::SearchIndex;
pub use vault::Vault;

#[cfg(all(feature = "plaintext-for-tests", not(debug_assertions)))]
compile_error!("plaintext-for-tests turns the encryption off and is refused in release builds");
