//! The outbox as a pure state machine: what to do next, and what an outcome means. No I/O and no clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{call::CallId, draft::DraftId, draft::Refusal, error::LinkError};

/// One thing to bring to the municipality. Never removed by a number of attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxItem {
    pub id: Uuid,
    pub call_id: CallId,
    pub task: Task,
    pub state: ItemState,
    pub attempts: u32,
    /// How often its files were brought again because the municipality lacked one.
    #[serde(default)]
    pub resent: u32,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// The contact record as it stands when sent.
    Contact,
    File { file: Uuid, draft: DraftId, name: String, media_type: String },
    Submission { submission: Uuid, draft: DraftId },
}

/// Every item is in exactly one of these; done items are removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    Ready,
    /// Waits for the items before it in the same call.
    Blocked,
    InFlight,
    /// It may have arrived: ask before sending again.
    Unknown,
    /// Waits this long from when it was saved. A new connection ends it, unless the municipality asked for it.
    Waiting { ms: u64, asked: bool },
    Wedged { reason: Refusal },
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed(LinkError),
}
