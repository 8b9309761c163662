//! What the UI gets to see. Masked values stay here until they are revealed.

use jiff::{Timestamp, civil::Date};
use ledsaga_forms::{Contact, FormView, OralFiling, Retention, speech::Section};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    call::{IdentityLevel, Language},
    catalogue::Skipped,
    draft::Refusal,
    ports::CaseNumberFault,
    standing::{Stage, Standing},
};

/// A text of the caller, or that there is one which is masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shown", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Text {
    Plain {
        text: String,
    },
    /// `length` counts characters, for the screen reader. Never zero: an empty text is plain.
    Masked {
        length: u32,
    },
}

/// The whole workspace at a glance: left pane, footer and banners. It is of the same size however much there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct DeskView {
    /// Open calls first, then what the worker has to see to, then newest first; 100 at most.
    pub queue: Vec<QueueRow>,
    pub link: LinkView,
    pub catalogue: CatalogueView,
    /// Further rows that are not in the queue; a search finds them.
    pub more: u32,
    /// Drafts that were thrown away and can be taken back, the newest first; 100 at most.
    pub discarded: Vec<QueueRow>,
    /// Records on this computer that cannot be read.
    pub damaged: u32,
    /// The call on screen when the application was last closed.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub resume: Option<Uuid>,
}

/// A row of the queue: a case, or a call that has none yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct QueueRow {
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub call: Uuid,
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub draft: Option<Uuid>,
    pub code: String,
    pub colour: u8,
    /// The e-service's name; `None` while none is chosen.
    pub service: Option<String>,
    pub who: Who,
    /// `None` while no e-service is chosen.
    pub case: Option<CaseStatus>,
    /// The call goes on.
    pub open: bool,
    /// How long an unfinished draft is still kept; `None` for what is on its way or has arrived.
    pub keeping: Option<Keeping>,
    /// `None` for drafts, for what has arrived, and in what a search found.
    pub on_its_way: Option<OnItsWay>,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub updated_at: Timestamp,
}

/// How long an unfinished draft is still kept on this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Keeping {
    /// The last day, such as `2026-12-08`.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub through: Date,
    /// Days until then; negative once it is over.
    pub days_left: i32,
    /// So little is left that the worker should send, prolong or throw away.
    pub warn: bool,
}

/// Who a row is about, as a list may show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Who {
    /// Nobody in particular.
    Nobody,
    Named {
        name: String,
    },
    /// "Skyddad uppgift".
    Protected,
}

/// Where a case stands; the UI has the words for each state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum CaseStatus {
    Editing,
    /// `at` is local and preliminary.
    Queued {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    /// It is being sent, and may have arrived at any moment.
    Sending {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    Unknown {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    /// The worker wants it back; whether it came too late is not known yet.
    Withdrawing {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
    },
    /// `at` is the server's time.
    Received {
        case_number: String,
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        at: Timestamp,
        to_supplement: Vec<String>,
        /// What has become of it at the municipality, as far as it has told.
        standing: Option<Standing>,
    },
    NeedsAction {
        reason: Refusal,
        reopenable: bool,
    },
}

/// What is known of a case that has been sent and has no receipt yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct OnItsWay {
    /// Bytes of its files that the municipality has.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub sent: u64,
    /// Bytes of its files.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub total: u64,
    /// It was sent more than a day ago.
    pub late: bool,
    /// The worker may take it back.
    pub withdrawable: bool,
}

/// The way to the municipality, in states that the footer says in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct LinkView {
    pub state: LinkState,
    /// Since when it is so; for all states without contact, since when there has been none. By this computer's clock.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub since: Timestamp,
    /// When the municipality expects to be back, if it said so.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub until: Option<Timestamp>,
    /// Whole minutes that this computer's clock is ahead of the municipality's, negative behind it; 0 when it is right
    /// enough or nothing is known.
    pub clock_ahead_min: i32,
    /// Cases that wait to be sent.
    pub queued: u32,
    /// Cases of which it is not known whether they have arrived.
    pub unknown: u32,
    /// Cases that need action.
    pub needs_action: u32,
    /// Drafts kept on this computer.
    pub drafts: u32,
    /// Received cases that have moved on and that the worker has not looked at since.
    pub news: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum LinkState {
    /// Not tried yet.
    Checking,
    Connected,
    /// This computer has no network.
    NoNetwork,
    /// There is a network, and no connection to the server.
    Unreachable,
    /// The server does not answer in time.
    NoAnswer,
    /// Another server answered: a captive portal.
    WrongServer,
    /// The certificate is of an issuer that this computer does not trust.
    UnknownIssuer,
    WrongName,
    Expired,
    NotYetValid,
    BadCertificate,
    /// What answers speaks no TLS.
    NoTls,
    WrongAddress,
    Busy,
    Maintenance,
    SignInNeeded,
    TooOld,
    ServerTooOld,
}

impl LinkState {
    /// Nothing has been heard of the municipality's own server.
    pub fn is_without_contact(self) -> bool {
        !matches!(
            self,
            Self::Connected
                | Self::Busy
                | Self::Maintenance
                | Self::SignInNeeded
                | Self::TooOld
                | Self::ServerTooOld
        )
    }

    /// The server may just be coming up: not everybody should meet it at once.
    pub fn is_lost(self) -> bool {
        self != Self::Checking && self.is_without_contact() || matches!(self, Self::Busy | Self::Maintenance)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CatalogueView {
    /// `None` when no catalogue has been fetched yet.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub fetched_at: Option<Timestamp>,
    pub skipped: Vec<Skipped>,
    /// In the order of the Swedish alphabet.
    pub categories: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ServiceSummary {
    pub id: String,
    pub name: String,
    pub summary: String,
    pub category: String,
    pub unit: String,
}

/// The start page of an e-service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ServiceView {
    pub id: String,
    pub version: u32,
    pub name: String,
    pub summary: String,
    pub category: String,
    pub unit: String,
    pub contact: Contact,
    pub oral_filing: OralFiling,
    pub retention: Retention,
    pub checklist: Vec<String>,
    pub steps: Vec<String>,
}

/// A call as the right pane shows it, with its cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CallView {
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub id: Uuid,
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub rev: u64,
    pub code: String,
    pub colour: u8,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub started_at: Timestamp,
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub ended_at: Option<Timestamp>,
    pub protected: bool,
    pub note: String,
    pub asked_for: String,
    pub name: Text,
    pub phone: Text,
    pub identity_number: Text,
    /// Fault code of the identity number, when it has one.
    pub identity_number_fault: Option<String>,
    /// Fault code of the phone number, when it has one.
    pub phone_fault: Option<String>,
    pub identity_level: IdentityLevel,
    pub language: Language,
    /// Oldest first.
    pub cases: Vec<CaseView>,
}

/// A case of a call with its form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct CaseView {
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub draft: Uuid,
    pub service: ServiceView,
    pub status: CaseStatus,
    pub form: FormView,
    /// The draft can be read on this computer; if not, its form is empty.
    pub readable: bool,
    /// The read-back was confirmed and nothing has changed since.
    pub confirmed: bool,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub saved_at: Timestamp,
    /// Answers that the newer version of the e-service does not ask for.
    pub set_aside: Vec<(String, String)>,
    /// A newer version exists; the draft stays on its own.
    pub newer_version: bool,
    /// How long an unfinished draft is still kept; `None` for what is on its way or has arrived.
    pub keeping: Option<Keeping>,
    /// `None` for drafts and for what has arrived.
    pub on_its_way: Option<OnItsWay>,
    /// How often its time may still be prolonged.
    pub extensions_left: u32,
    /// It was thrown away and can be taken back.
    pub discarded: bool,
    /// There is an earlier state to go back to.
    pub revised: bool,
}

/// What a newer version of the e-service means for a draft. Labels only, no answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct VersionChange {
    /// Answers that stay where they are.
    pub kept: u32,
    /// Answered questions that are asked in another place.
    pub moved: Vec<String>,
    /// Answered questions that are not asked any more; the answers are set aside.
    pub no_longer_asked: Vec<String>,
    /// Questions that only the newer version demands an answer to.
    pub newly_required: Vec<String>,
}

/// An earlier state of a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RevisionView {
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub id: Uuid,
    /// When it was left.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub at: Timestamp,
    /// The label of the question that was answered anew then; `None` when it was more than that.
    pub question: Option<String>,
    /// It was filled in on an older version of the e-service.
    pub older_version: bool,
}

/// What differs between an earlier state and now. Empty texts are questions without an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Difference {
    pub label: String,
    pub then: Text,
    pub now: Text,
}

/// Proof that something was taken off this computer: no content, only which, why, by which rule and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Certificate {
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub id: Uuid,
    /// `time_up`, `discarded` or `arrived`.
    pub reason: String,
    /// The rule, such as `ordinary 14`.
    pub policy: String,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub at: Timestamp,
}

/// What the municipality, or this computer, answers about the case whose number a caller says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum CaseAnswer {
    /// Nobody has been asked.
    NotANumber {
        fault: CaseNumberFault,
    },
    Found {
        case: StandingView,
    },
    /// There is no such case that this worker may see; why is never told.
    NotFound,
    /// The municipality could not be asked; what this computer knows of an own case.
    NoContact {
        known: Option<StandingView>,
    },
}

/// How a case stands.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct StandingView {
    pub case_number: String,
    /// The e-service's name, where it is known here.
    pub service: Option<String>,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub received_at: Timestamp,
    pub stage: Stage,
    /// Since when it stands so, by the municipality's clock.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub at: Timestamp,
    /// The case officer's words to the caller.
    pub message: Option<String>,
    pub secrecy_marking: bool,
}

impl std::fmt::Debug for StandingView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StandingView({:?})", self.stage)
    }
}

/// What a search among the worker's own calls and cases found. Protected ones are found only inside their own call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Found {
    /// The newest first, at most 50.
    pub rows: Vec<FoundRow>,
    /// How many of the drafts can be found so far, in percent.
    pub indexed: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FoundRow {
    pub row: QueueRow,
    /// Where it was found: `service`, `name`, `phone`, `identity_number`, `asked_for`, `note`, `answer`,
    /// `case_number` or `date`.
    pub field: String,
}

/// What the UI may reveal, one at a time; each reveal is logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum RevealTarget {
    CallerName,
    CallerPhone,
    CallerIdentityNumber,
    Answer {
        #[cfg_attr(feature = "bindings", ts(type = "string"))]
        draft: Uuid,
        question: String,
    },
}

/// The summary to read aloud, section by section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ReadBack {
    pub sections: Vec<Section>,
    /// Required questions without an answer, by label.
    pub missing: Vec<String>,
    pub sendable: bool,
    pub oral_filing: OralFiling,
    pub confirmed: bool,
}
