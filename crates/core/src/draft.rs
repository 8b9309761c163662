//! A draft: one e-service being filled in during a call, and what becomes of it.

use jiff::{Timestamp, ToSpan, civil::Date};
use ledsaga_forms::{Definition, FormState, ServiceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{call::CallId, clock::stockholm, standing::Standing, submission::Receipt};

/// UUIDv7.
pub type DraftId = Uuid;

/// The definition a draft is pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePin {
    pub id: ServiceId,
    pub version: u32,
    pub hash: String,
    /// For lists, so that they need no definition.
    pub name: String,
}

impl ServicePin {
    pub fn of(definition: &Definition) -> Self {
        Self {
            id: definition.id.clone(),
            version: definition.version,
            hash: definition.hash.clone(),
            name: definition.name.clone(),
        }
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    pub call_id: CallId,
    pub service: ServicePin,
    pub form: FormState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the caller confirmed what was read back, and the form's revision then; void after a change.
    #[serde(default)]
    pub confirmed: Option<Confirmation>,
    pub state: CaseState,
    /// The id of its next submission, or of the one that is on its way. It is there from the beginning, so that a draft
    /// that is sent from a restored copy too is refused there and not a second case. `None` in a draft from before.
    #[serde(default)]
    pub submission_id: Option<Uuid>,
    /// Answers that a newer version of the e-service no longer asks for: (question, answer) in words.
    #[serde(default)]
    pub set_aside: Vec<(String, String)>,
    /// The last day on which it is kept on this computer; see [`crate::retention`].
    #[serde(default)]
    pub kept_through: Option<Date>,
    /// How often the worker has prolonged its time.
    #[serde(default)]
    pub extended: u16,
    /// The worker threw it away; until its time is up it can be taken back.
    #[serde(default)]
    pub discarded_at: Option<Timestamp>,
    /// The newest revision that is kept beside it.
    #[serde(default)]
    pub revised: Option<Revised>,
    /// What the municipality has told of the case; also before its receipt has come.
    #[serde(default)]
    pub standing: Option<Standing>,
}

/// Days for a draft from before each draft said it itself.
const KEPT_UNSAID: i64 = 14;

impl Draft {
    /// The last day on which it is kept on this computer.
    pub fn kept_through(&self) -> Date {
        self.kept_through.unwrap_or_else(|| {
            self.created_at.to_zoned(stockholm()).date().saturating_add(KEPT_UNSAID.days())
        })
    }

    /// What lists and counts need of it.
    pub fn outline(&self) -> Outline {
        Outline {
            id: self.id,
            call_id: self.call_id,
            service: self.service.clone(),
            state: self.state.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            kept_through: self.kept_through(),
            discarded_at: self.discarded_at,
            standing: self.standing.as_ref().map(Standing::outline),
        }
    }
}

/// A draft without what is in its form, so that thousands can be listed without opening one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    pub id: DraftId,
    pub call_id: CallId,
    pub service: ServicePin,
    pub state: CaseState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub kept_through: Date,
    #[serde(default)]
    pub discarded_at: Option<Timestamp>,
    /// Without its words.
    #[serde(default)]
    pub standing: Option<Standing>,
}

/// How the form stood before a change, to go back to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// UUIDv7.
    pub id: Uuid,
    pub draft: DraftId,
    /// When it was left for the next one.
    pub at: Timestamp,
    /// The question whose answer changed then; `None` when the version of the e-service did, or more than one answer.
    pub question: Option<String>,
    pub service: ServicePin,
    pub form: FormState,
    #[serde(default)]
    pub set_aside: Vec<(String, String)>,
}

/// What a draft remembers of its newest revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    pub at: Timestamp,
    pub question: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    pub at: Timestamp,
    pub form_rev: u64,
}

/// Where a case stands. What is shown and said for each is the UI's, in the words of ARCHITECTURE.md.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CaseState {
    Editing,
    /// Frozen and on its way: queued, sending or waiting for the next attempt.
    Queued {
        submission: Uuid,
        at: Timestamp,
    },
    /// Sent, and the answer was lost.
    Unknown {
        submission: Uuid,
        at: Timestamp,
    },
    /// The worker wants it back, and the municipality has not said yet whether it came too late.
    Withdrawing {
        submission: Uuid,
        at: Timestamp,
    },
    Received {
        submission: Uuid,
        receipt: Receipt,
    },
    NeedsAction {
        submission: Uuid,
        reason: Refusal,
    },
}

/// Why the municipality did not take a case, as a stable code; the words are the UI's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Refusal {
    /// Such as `service_version_retired`, `answers_invalid`, `forbidden`, `content_differs`, `unexpected_answer`.
    pub code: String,
    /// The questions concerned, if any.
    #[serde(default)]
    pub questions: Vec<String>,
}

impl Refusal {
    /// It was tried often, and nobody answered.
    pub const NO_SUCCESS: &str = "no_success";
    /// It was asked back often, and nobody answered.
    pub const WITHDRAWAL_OPEN: &str = "withdrawal_open";
    /// It was asked back, and the municipality neither promised nor said that it has the case.
    pub const WITHDRAWAL_REFUSED: &str = "withdrawal_refused";

    /// A new submission cannot make a second case: the municipality has looked at this one and does not have it.
    pub fn reopenable(&self) -> bool {
        self.code != "content_differs" && !self.may_be_settled()
    }

    /// The same submission may still be taken, or prove to have been: asking again can tell.
    pub fn may_be_settled(&self) -> bool {
        matches!(self.code.as_str(), "forbidden" | "unexpected_answer" | "receipt_invalid")
            || self.is_want_of_an_answer()
            || self.is_about_withdrawal()
    }

    /// Nobody said no: another time may do.
    pub fn is_want_of_an_answer(&self) -> bool {
        matches!(self.code.as_str(), Self::NO_SUCCESS | Self::WITHDRAWAL_OPEN)
    }

    /// The worker wants the case back, so it is never sent again under its id.
    pub fn is_about_withdrawal(&self) -> bool {
        matches!(self.code.as_str(), Self::WITHDRAWAL_OPEN | Self::WITHDRAWAL_REFUSED)
    }
}

impl CaseState {
    /// The frozen submission, unless there is none.
    pub fn submission(&self) -> Option<Uuid> {
        match self {
            Self::Editing => None,
            Self::Queued { submission, .. }
            | Self::Unknown { submission, .. }
            | Self::Withdrawing { submission, .. }
            | Self::Received { submission, .. }
            | Self::NeedsAction { submission, .. } => Some(*submission),
        }
    }
}

impl std::fmt::Debug for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Revision({} of {})", self.id, self.draft)
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({})", self.id)
    }
}
