//! What the core needs from outside: a local store and the municipality.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    audit::{
        AuditBatch, AuditEvent, LogKey,
        chain::{ChainBreak, ChainHead, Row},
    },
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{Draft, DraftId, Outline, Revision},
    error::{LinkError, StoreError},
    outbox::OutboxItem,
    search::{Hit, Query, SearchDocument},
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
};

/// One change to the local store. A batch of them is one transaction.
#[derive(Debug, Clone)]
// Most changes are drafts, so a box would be one more allocation for each key press.
#[allow(clippy::large_enum_variant)]
pub enum Change {
    PutCall(Call),
    PutDraft(Draft),
    /// The bytes of an attached file, whole; its name and type are in the draft's answer.
    PutFile {
        id: Uuid,
        draft: DraftId,
        bytes: Vec<u8>,
    },
    /// How a draft stood before a change. The newest [`REVISIONS`] of each draft are kept.
    KeepRevision(Revision),
    /// Puts what is left of a draft whose case the municipality has. What it held before goes for good, with its files,
    /// revisions and frozen payload.
    ReduceDraft(Draft),
    /// Puts what is left of a call whose contact record the municipality has; what it held before goes for good.
    ReduceCall(Call),
    /// The draft goes for good, with its files, revisions and frozen payload.
    RemoveDraft {
        id: DraftId,
    },
    /// The call goes for good. Its drafts go by themselves.
    RemoveCall {
        id: CallId,
    },
    PutSubmission(Submission),
    /// The frozen payload is no longer needed once a receipt is stored with the draft.
    RemoveSubmission {
        id: Uuid,
    },
    PutOutbox(OutboxItem),
    RemoveOutbox {
        id: Uuid,
    },
    PutCatalogue(Catalogue),
    /// Goes into the chained log; see [`crate::audit::chain`].
    AppendAudit(AuditEvent),
    /// The municipality has the log through this number; less than before when it was set back.
    LogArrived {
        seq: u64,
    },
    /// Lets go of the log through this number, which the municipality has.
    ForgetLog {
        seq: u64,
    },
    /// Through where the municipality's changes have been taken in; in the same batch as what they brought.
    PutCursor {
        cursor: String,
    },
    /// The call that is on screen, for the next start.
    PutResume {
        call: CallId,
    },
}

/// Revisions of a draft that are kept, the newest.
pub const REVISIONS: usize = 20;

/// What is left to do until nothing that was removed or reduced can be had back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shredding {
    /// The keys are gone and so is what they sealed, from the database and from its log.
    Done,
    /// The keys are gone; what they sealed is still being cleared away. Call again.
    KeysGone,
    /// The keychain cannot be written to just now: the keys are still there. Call again later.
    KeysLeft,
}

/// A part of the log of one store, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct LogPart {
    /// Names the log; random, made with the store.
    pub vault: Uuid,
    /// The event before the first row.
    pub before: ChainHead,
    /// Each is the JSON of one event.
    pub rows: Vec<Row<Vec<u8>>>,
}

/// How the log is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogState {
    pub vault: Uuid,
    pub head: ChainHead,
    /// The municipality has every event through this number.
    pub arrived: u64,
    /// Where the log is not whole, as found when the store was opened.
    pub fault: Option<ChainBreak>,
}

/// How the store is doing, without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct StoreHealth {
    /// Bytes of the database with its log.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
    /// Bytes free on its disk; `None` where that cannot be told.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub free: Option<u64>,
    /// Room is set aside so that deleting works on a full disk.
    pub reserve: bool,
    /// Records that were removed and whose keys are still to be destroyed.
    pub to_shred: u32,
    /// Keys of days that are kept.
    pub keys: u32,
    /// The key set is kept under a PIN.
    pub pin: bool,
    /// Records that cannot be read; lists leave them out.
    pub damaged: u32,
}

/// The encrypted local store of one worker. Every method sees what earlier commits made.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// All or nothing, and on disk when it returns.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Newest first.
    async fn calls(&self) -> Result<Vec<Call>, StoreError>;
    /// Newest first. Reads no form.
    async fn outlines(&self) -> Result<Vec<Outline>, StoreError>;
    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError>;
    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError>;
    /// Newest first, at most [`REVISIONS`].
    async fn revisions(&self, draft: DraftId) -> Result<Vec<Revision>, StoreError>;
    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError>;
    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError>;
    /// Oldest first.
    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError>;
    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError>;
    /// Every event of the log that is still here, oldest first.
    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError>;
    async fn log_state(&self) -> Result<LogState, StoreError>;
    /// At most `most` events, from the one after number `after` or the first that is still here.
    async fn log(&self, after: u64, most: usize) -> Result<LogPart, StoreError>;
    /// Signs exports of the log.
    async fn log_key(&self) -> Result<LogKey, StoreError>;
    /// Through where the municipality's changes have been taken in.
    async fn cursor(&self) -> Result<Option<String>, StoreError>;
    /// The call that was on screen last.
    async fn resume(&self) -> Result<Option<CallId>, StoreError>;

    /// Destroys the keys of what was removed or reduced, so that no copy of the disk opens it any more, and clears it
    /// away in small steps: one step for each call.
    async fn shred(&self) -> Result<Shredding, StoreError>;

    async fn health(&self) -> Result<StoreHealth, StoreError>;

    /// Writes everything out and forgets the keys; later calls answer [`StoreError::Locked`].
    async fn close(&self);
}

/// Finds calls and cases by their words and days. Holds nothing that the store does not have, and nothing protected.
#[async_trait]
pub trait Index: Send + Sync + 'static {
    /// Puts documents in, each in the place of the one with the same id.
    async fn put_all(&self, documents: Vec<SearchDocument>) -> Result<(), StoreError>;
    async fn remove_draft(&self, draft: DraftId) -> Result<(), StoreError>;
    /// The call and its drafts.
    async fn remove_call(&self, call: CallId) -> Result<(), StoreError>;
    /// The newest that have all that is sought, newest first; none when nothing is sought.
    async fn find(&self, query: &Query) -> Result<Vec<Hit>, StoreError>;
    /// Forgets everything; later calls answer [`StoreError::Locked`].
    async fn close(&self);
}

/// A catalogue as the municipality answers.
#[derive(Debug, Clone)]
pub enum CatalogueAnswer {
    Unchanged,
    New(Catalogue),
}

/// What a new submission is made of, before it is frozen.
#[derive(Clone, Copy)]
pub struct SubmissionContent<'a> {
    pub id: Uuid,
    pub call: &'a Call,
    pub draft: &'a Draft,
    pub answers: &'a ledsaga_forms::Answers,
    pub worker: &'a crate::worker::Worker,
    pub frozen_at: jiff::Timestamp,
}

/// What the municipality says to a withdrawal.
#[derive(Debug, Clone, PartialEq)]
pub enum Withdrawal {
    /// The id is marked for good: no case will ever come of it.
    Withdrawn,
    /// It is a case already and stays one.
    Accepted(Box<Receipt>),
}

/// The municipality's backend, for the signed-in worker.
#[async_trait]
pub trait Municipality: Send + Sync + 'static {
    /// The exact bytes that a submission is on the wire. Deterministic; no I/O.
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8>;

    /// Answers when the municipality's own server can be reached, with the time there if it says so.
    async fn probe(&self) -> Result<Option<jiff::Timestamp>, LinkError>;
    /// `etag` is that of the catalogue at hand.
    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError>;
    /// Idempotent by the call's id and revision.
    async fn put_contact(&self, call: &Call) -> Result<(), LinkError>;
    /// Idempotent by the file's id. Goes on where an earlier attempt broke off, and says so whenever the municipality has
    /// more of it: `stored` is told how many bytes.
    async fn put_file(
        &self,
        id: Uuid,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError>;
    /// Idempotent by the submission's id.
    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError>;
    /// What the municipality has under this id; `None` when it has nothing.
    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError>;
    /// Asks that the id never becomes a case, whether it has arrived or not. Harmless to repeat.
    async fn withdraw(&self, submission: Uuid) -> Result<Withdrawal, LinkError>;
    /// Hands over a part of the log, as often as it takes. Answers the number of the last event that the municipality
    /// has, whether this batch moved it or not: the next one begins after that. A number before the batch's own first
    /// means that earlier events are missing there.
    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError>;
    /// What happened to the worker's own cases after the cursor; without one, from the beginning. Waits a while for
    /// something to happen.
    async fn changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError>;
    /// How a case stands; `None` when there is none with this number that the worker may see.
    async fn case_standing(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError>;

    /// The case number that was meant by what was typed or said, in its one spelling. No I/O.
    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault>;

    /// Returns when this computer's network has come or gone; may be silent where nothing tells of that.
    async fn network_changed(&self) {
        std::future::pending().await
    }
}

/// Why something is no case number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum CaseNumberFault {
    /// Something is missing, too much or in the wrong place.
    #[error("not the form of a case number")]
    Form,
    /// It has a character that no case number has, since it is mistaken for another: I, O, 0 or 1.
    #[error("a character that no case number has")]
    LookAlike,
    /// The last character does not fit the others: something was misheard or mistyped.
    #[error("the check character does not fit")]
    Check,
}

/// Says nothing of the events: their reasons are free text.
impl std::fmt::Debug for LogPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogPart({} after {})", self.vault, self.before.seq)
    }
}

/// Why a secret could not be kept or fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// This computer has no keychain (no Secret Service, say).
    #[error("there is no keychain")]
    NoKeychain,
    /// The keychain is there and locked, or the prompt was dismissed or not answered in time.
    #[error("the keychain is locked")]
    Locked,
    #[error("the keychain failed")]
    Failed,
}

/// The operating system's keychain. Names are ours and hold no personal data.
#[async_trait]
pub trait SecretStore: Send + Sync + 'static {
    /// `None` when nothing is stored under the name; beware that a corrupt keychain says the same.
    async fn get(&self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, SecretError>;
    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError>;
    /// Succeeds when there is nothing to delete.
    async fn delete(&self, name: &str) -> Result<(), SecretError>;
}
