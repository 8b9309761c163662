//! What was done, for the log review. Content-free: ids and codes only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    pub id: Uuid,
    pub at: Timestamp,
    /// Pseudonymous: the subject id at the issuer.
    pub worker: String,
    pub call_id: Option<Uuid>,
    pub action: AuditAction,
    /// Why, where a reason is asked for (lowering protection).
    #[serde(default)]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    CallStarted,
    CallOpened,
    Revealed,
    ProtectionRaised,
    ProtectionLowered,
    FileAttached,
    ReadBackConfirmed,
    Submitted,
    Received,
    Reopened,
    /// The draft was moved to a newer version of its e-service.
    VersionTaken,
}
