//! What happens to cases after they were received: `GET /v1/changes?cursor=&wait=` for the worker's own cases, and
//! `GET /v1/cases/{case_number}` for one that a caller asks about.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest that a question for changes waits for one, in seconds.
pub const LONGEST_WAIT: u64 = 25;

/// Answer to `GET /v1/changes`: what came after the cursor, oldest first. Without a cursor from the beginning. With
/// `wait` (seconds, at most [`LONGEST_WAIT`]) an answer without changes is held back until there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangesBody {
    pub changes: Vec<ChangeBody>,
    /// To ask with the next time; opaque, at most 200 characters of ASCII. Moves on only with what is answered here, so
    /// an answer that is lost is answered again.
    pub cursor: String,
    /// More is there already: ask again at once.
    pub more: bool,
}

/// One thing that happened to one case. The same change always carries the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeBody {
    pub id: Uuid,
    pub submission: Uuid,
    pub case_number: String,
    /// The server's time.
    pub at: Timestamp,
    pub stage: Stage,
    /// The case officer's words to the caller, to be read aloud. Never of a case with a secrecy marking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// Where a case stands at the municipality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Received,
    /// A case officer works on it.
    InProgress,
    /// The caller has been asked for a supplement.
    SupplementRequested,
    Decided,
    Closed,
    /// Of a newer wire.
    #[serde(other)]
    Other,
}

/// Words that are shown and read aloud, and never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Message(pub String);

/// Answer to `GET /v1/cases/{case_number}`: how a case stands, without what is in it. 404 alike for a case that does not
/// exist, that this worker has no access to, and that is protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseBody {
    pub submission: Uuid,
    pub case_number: String,
    /// The e-service's id.
    pub service: String,
    pub received_at: Timestamp,
    pub secrecy_marking: bool,
    /// Oldest first; the last one is how it stands now. Never empty: a case begins as received.
    pub changes: Vec<ChangeBody>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_of_a_newer_wire_is_no_error() {
        assert_eq!(serde_json::from_str::<Stage>("\"appealed\"").unwrap(), Stage::Other);
        assert_eq!(serde_json::to_string(&Stage::SupplementRequested).unwrap(), "\"supplement_requested\"");
    }

    #[test]
    fn a_message_is_not_told_by_its_debug() {
        let message = Message("Ring Prov Provsson".to_owned());
        assert!(!format!("{message:?}").contains("Prov"));
        assert_eq!(serde_json::to_string(&message).unwrap(), "\"Ring Prov Provsson\"");
    }
}
