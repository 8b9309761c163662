//! One thing that was done. Content-free: ids, codes and numbers, and a reason where one is asked for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who did what, when, with which case and for which purpose. Fields that an older version did not write are empty.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    pub id: Uuid,
    pub at: Timestamp,
    /// Pseudonymous: the subject id at the issuer.
    pub worker: String,
    pub call_id: Option<Uuid>,
    /// The draft, file or submission concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    pub action: AuditAction,
    #[serde(default)]
    pub purpose: Purpose,
    /// Why, where a reason is asked for (lowering protection).
    #[serde(default)]
    pub reason: String,
    /// The policy under which it was done, by its name and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// How many: hits of a search (never what was searched for), exported events, purged records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

impl AuditEvent {
    /// An event with a new id that concerns no case yet.
    pub fn new(at: Timestamp, worker: &str, action: AuditAction) -> Self {
        Self {
            id: Uuid::now_v7(),
            at,
            worker: worker.to_owned(),
            call_id: None,
            subject: None,
            action,
            purpose: Purpose::default(),
            reason: String::new(),
            policy: None,
            count: None,
        }
    }
}

/// The reason is free text, so it is left out.
impl std::fmt::Debug for AuditEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditEvent")
            .field("id", &self.id)
            .field("at", &self.at)
            .field("action", &self.action)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    CallStarted,
    CallEnded,
    CallOpened,
    /// A call or a case was shown.
    Viewed,
    /// A search was made; the event says how many hits it had and never what was searched for.
    Searched,
    Revealed,
    /// An attached file was shown.
    Previewed,
    Printed,
    /// The log as a file, or a sealed copy of everything (`policy` says so then).
    Exported,
    ProtectionRaised,
    ProtectionLowered,
    FileAttached,
    ReadBackConfirmed,
    Submitted,
    Received,
    /// It was seen how a case stands at the municipality; the count says whether there was such a case.
    StandingViewed,
    Reopened,
    /// The worker wants a case back that is on its way.
    WithdrawalAsked,
    /// No case will come of the submission; it is a draft again.
    Withdrawn,
    /// The draft was moved to a newer version of its e-service.
    VersionTaken,
    /// Contact records or drafts were brought to the municipality or from there.
    Synced,
    /// A draft was thrown away, which can still be undone.
    Discarded,
    /// A discarded draft or an earlier version of one was taken back, or the store was made anew of a sealed copy (`policy`
    /// says so then).
    Restored,
    /// The keys of a draft are destroyed and its rows gone.
    Purged,
    /// A draft was given more time, with a reason.
    Extended,
    /// The keys of the store were changed.
    KeysChanged,
    PinChanged,
    Locked,
    Unlocked,
    SignedIn,
}

/// What it was done for (ändamål).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Helping a caller through an e-service.
    #[default]
    AssistedFiling,
    /// Reviewing the log itself.
    LogReview,
    /// Helping a worker with the application.
    Support,
    /// What the application does by itself: sending, purging, changing keys.
    Upkeep,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> AuditEvent {
        AuditEvent {
            call_id: Some(Uuid::from_u128(1)),
            reason: "Beslut från Skatteverket visat".into(),
            ..AuditEvent::new(Timestamp::UNIX_EPOCH, "demo-astrid", AuditAction::ProtectionLowered)
        }
    }

    #[test]
    fn an_event_of_an_older_version_is_read_as_assisted_filing() {
        let old = json!({
            "id": "019a2b3c-0000-7000-8000-000000000001",
            "at": "2026-11-22T08:00:00Z",
            "worker": "demo-astrid",
            "call_id": "019a2b3c-0000-7000-8000-000000000002",
            "action": "call_opened",
        });
        let read: AuditEvent = serde_json::from_value(old).unwrap();
        assert_eq!((read.action, read.purpose), (AuditAction::CallOpened, Purpose::AssistedFiling));
        assert_eq!((read.subject, read.policy, read.count, read.reason.as_str()), (None, None, None, ""));
    }

    #[test]
    fn every_field_survives_being_stored() {
        let full = AuditEvent {
            subject: Some(Uuid::from_u128(2)),
            purpose: Purpose::Upkeep,
            policy: Some("gallring/3".into()),
            count: Some(7),
            ..event()
        };
        let stored = serde_json::to_vec(&full).unwrap();
        assert_eq!(serde_json::from_slice::<AuditEvent>(&stored).unwrap(), full);
    }

    #[test]
    fn debug_output_leaves_the_reason_out() {
        assert!(!format!("{:?}", event()).contains("Skatteverket"));
    }
}
