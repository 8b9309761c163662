//! What the core needs from outside: a local store and the municipality.

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    audit::{AuditBatch, AuditEvent},
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{Draft, DraftId},
    error::{LinkError, StoreError},
    outbox::OutboxItem,
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
    RemoveFile {
        id: Uuid,
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
    AppendAudit(AuditEvent),
    /// The call that is on screen, for the next start.
    PutResume {
        call: CallId,
    },
}

/// The encrypted local store of one worker. Every method sees what earlier commits made.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// All or nothing, and on disk when it returns.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Newest first.
    async fn calls(&self) -> Result<Vec<Call>, StoreError>;
    /// Newest first.
    async fn drafts(&self) -> Result<Vec<Draft>, StoreError>;
    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError>;
    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError>;
    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError>;
    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError>;
    /// Oldest first.
    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError>;
    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError>;
    /// Oldest first.
    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError>;
    /// The call that was on screen last.
    async fn resume(&self) -> Result<Option<CallId>, StoreError>;

    /// Writes everything out and forgets the keys; later calls answer [`StoreError::Locked`].
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

/// The municipality's backend, for the signed-in worker.
#[async_trait]
pub trait Municipality: Send + Sync + 'static {
    /// The exact bytes that a submission is on the wire. Deterministic; no I/O.
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8>;

    /// Answers when the municipality's own server can be reached.
    async fn probe(&self) -> Result<(), LinkError>;
    /// `etag` is that of the catalogue at hand.
    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError>;
    /// Idempotent by the call's id and revision.
    async fn put_contact(&self, call: &Call) -> Result<(), LinkError>;
    /// Idempotent by the file's id.
    async fn put_file(&self, id: Uuid, name: &str, media_type: &str, bytes: &[u8]) -> Result<(), LinkError>;
    /// Idempotent by the submission's id.
    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError>;
    /// What the municipality has under this id; `None` when it has nothing.
    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError>;
    /// Hands over a part of the log, as often as it takes. Answers the number of the last event that the municipality
    /// has, whether this batch moved it or not: the next one begins after that. A number before the batch's own first
    /// means that earlier events are missing there.
    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError>;
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
