//! The outbox as a pure state machine: what to start next, and what an outcome means. No I/O and no clock; moments are
//! milliseconds of a clock that only goes forward.
//!
//! Within a call the contact record goes first; the log of what was done goes before a case, and within a case its files
//! before the submission. A case never waits for another one. A submission that has been tried is asked for before it is
//! sent again, so that a lost answer cannot make a second case; one that the worker wants back is never sent again.

mod breaker;
mod plan;
mod settle;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::{
    breaker::{Breaker, TOLERATED},
    plan::{FILES_AT_A_TIME, MAX_CALLS, Outbox, Plan, Running},
    settle::{LONGEST_ASKED_MS, MAX_RESENT, MAX_TRIES, judge, settle},
};
use crate::{
    call::CallId,
    draft::{DraftId, Refusal},
    error::LinkError,
    submission::Receipt,
};

/// One thing to bring to the municipality. Never removed by a number of attempts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OutboxItem {
    pub id: Uuid,
    pub call_id: CallId,
    pub task: Task,
    pub state: ItemState,
    pub attempts: u32,
    /// How often its files were brought again because the municipality lacked one.
    #[serde(default)]
    pub resent: u32,
    /// A submission that has left this computer at least once: only the municipality can say that it has not arrived.
    #[serde(default)]
    pub sent: bool,
    /// Of a file its size, and of a submission that of all its files.
    #[serde(default)]
    pub bytes: u64,
    pub created_at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// The contact record as it stands when sent.
    Contact,
    File {
        file: Uuid,
        draft: DraftId,
        name: String,
        media_type: String,
    },
    Submission {
        submission: Uuid,
        draft: DraftId,
    },
}

/// Every item is in exactly one of these; done items are removed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    Ready,
    /// Waits for the items before it in the same call.
    Blocked,
    /// A submission that is being sent; found after a crash it is as good as unknown.
    InFlight,
    /// It may have arrived: ask before sending again.
    Unknown,
    /// The worker wants it back. It is not sent any more, and the municipality is asked never to take it.
    Withdrawing,
    /// Waits this long from when it was saved. A new connection ends it, unless the municipality asked for it.
    Waiting {
        ms: u64,
        asked: bool,
    },
    Wedged {
        reason: Refusal,
    },
}

/// What to do for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    PutContact,
    PutFile,
    /// Ask what the municipality has under the submission's id.
    Ask,
    PutSubmission,
    /// Ask that the submission's id never becomes a case.
    Withdraw,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A contact record or a file has arrived.
    Done,
    /// The municipality has the case, with the digest that was sent.
    Received(Box<Receipt>),
    /// The municipality has something else under the submission's id.
    Differs,
    /// Asked for, and the municipality has nothing.
    Nothing,
    /// The municipality has promised that the id never becomes a case.
    Withdrawn,
    /// The local store could not be read just now; nothing was sent.
    NotTried,
    Failed(LinkError),
}

/// What becomes of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// It has arrived and leaves the outbox.
    Done,
    Received(Box<Receipt>),
    /// It will never arrive; its case is a draft again.
    Withdrawn,
    /// It stays as this, and is left alone for so long.
    Stay {
        item: OutboxItem,
        pause_ms: u64,
    },
    /// The municipality lacks a file: all files of the case go again, then this.
    BringFiles(OutboxItem),
}

impl Action {
    /// However the way behaves, an attempt ends so long after it began, or after the municipality last said that it has
    /// more of a file. It counts as unanswered then, so that nothing stays in flight without a word. The client's own
    /// limits are shorter. A process takes its leases with it: the next one begins with [`OutboxItem::after_crash`].
    pub const LEASE: Duration = Duration::from_secs(60);
}

impl OutboxItem {
    /// What is to be done for it when it is its turn.
    pub fn action(&self) -> Action {
        match (&self.task, &self.state) {
            (Task::Contact, _) => Action::PutContact,
            (Task::File { .. }, _) => Action::PutFile,
            (Task::Submission { .. }, ItemState::Withdrawing) => Action::Withdraw,
            (Task::Submission { .. }, ItemState::Ready | ItemState::Blocked) => Action::PutSubmission,
            (Task::Submission { .. }, _) => Action::Ask,
        }
    }

    pub fn is_wedged(&self) -> bool {
        matches!(self.state, ItemState::Wedged { .. })
    }

    /// Marked before it leaves: after a crash from there on it is asked for first.
    pub fn leaving(&self) -> Self {
        Self { state: ItemState::InFlight, sent: true, ..self.clone() }
    }

    /// As it is after a crash: what was being sent may have arrived, and what was set aside for want of an answer gets
    /// another chance. Contact records and files need no such care: each attempt begins with where the municipality
    /// stands, or is harmless to repeat.
    pub fn after_crash(&self) -> Self {
        match &self.state {
            ItemState::InFlight => Self { sent: true, ..self.with(ItemState::Unknown) },
            ItemState::Wedged { reason } if reason.is_want_of_an_answer() => self.again(),
            _ => self.clone(),
        }
    }

    /// A wedged item as it is tried anew, at the worker's wish or with a new start.
    pub fn again(&self) -> Self {
        let state = match (&self.task, &self.state) {
            (_, ItemState::Wedged { reason }) if reason.is_about_withdrawal() => ItemState::Withdrawing,
            (Task::Submission { .. }, _) if self.may_have_left() => ItemState::Unknown,
            (Task::Submission { .. }, _) => ItemState::Blocked,
            _ => ItemState::Ready,
        };
        let sent = self.sent || (matches!(self.task, Task::Submission { .. }) && self.may_have_left());
        Self { state, attempts: 0, sent, ..self.clone() }
    }

    /// As it is once the worker wants it back; `None` when it has surely never left and can simply be taken off.
    pub fn asked_back(&self) -> Option<Self> {
        self.may_have_left().then(|| Self {
            state: ItemState::Withdrawing,
            attempts: 0,
            sent: true,
            ..self.clone()
        })
    }

    /// Anything but surely never sent. What an earlier version of the application wrote says it by its attempts.
    pub fn may_have_left(&self) -> bool {
        let never_tried = matches!(self.state, ItemState::Ready | ItemState::Blocked) && self.attempts == 0;
        let refused_before = self.is_wedged() && self.attempts == 0;
        self.sent || !(never_tried || refused_before)
    }

    fn with(&self, state: ItemState) -> Self {
        Self { state, ..self.clone() }
    }

    fn tried(&self, state: ItemState) -> Self {
        Self { state, attempts: self.attempts.saturating_add(1), ..self.clone() }
    }
}

impl Task {
    pub fn draft(&self) -> Option<DraftId> {
        match self {
            Self::Contact => None,
            Self::File { draft, .. } | Self::Submission { draft, .. } => Some(*draft),
        }
    }
}

/// Names no file: file names are personal data.
impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Contact => f.write_str("Contact"),
            Self::File { file, .. } => write!(f, "File({file})"),
            Self::Submission { submission, .. } => write!(f, "Submission({submission})"),
        }
    }
}
