//! What was done, for the log review.

mod event;

pub use event::{AuditAction, AuditEvent, Purpose};
