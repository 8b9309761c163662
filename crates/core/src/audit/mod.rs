//! What was done, for the log review: events, the chain that shows whether any is missing or changed, and the file that
//! a reviewer checks.

mod batch;
pub mod chain;
mod event;
pub mod export;
mod key;

pub use batch::AuditBatch;
pub use event::{AuditAction, AuditEvent, Purpose};
pub use key::{Fingerprint, LogKey, NotAFingerprint};
