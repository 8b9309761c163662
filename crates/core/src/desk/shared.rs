//! What all clones of a Desk and its background work share, and the one way to change anything.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use ledsaga_forms::FileRef;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, Semaphore, SemaphorePermit, watch};
use uuid::Uuid;

use super::state::State;
use crate::{
    audit::{AuditAction, AuditEvent, Purpose},
    call::{Call, CallId},
    clock::Clock,
    draft::DraftId,
    error::{DeskError, StoreError},
    indexing::Stale,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, Index, Municipality, Store},
    progress::Progress,
    retention::Limits,
    worker::Worker,
};

pub(crate) struct Shared {
    pub store: Arc<dyn Store>,
    pub index: Arc<dyn Index>,
    pub municipality: Arc<dyn Municipality>,
    pub clock: Arc<dyn Clock>,
    pub worker: Worker,
    pub limits: Limits,
    pub state: Arc<Mutex<State>>,
    pub changes: watch::Sender<u64>,
    /// Something new is in the outbox.
    pub work: Notify,
    /// The worker wants a new try now.
    pub retry: Notify,
    /// Something is to leave this computer now.
    pub tidy: Notify,
    /// This computer's network has come or gone.
    pub network: Notify,
    pub stop: Notify,
    /// The log has events that the municipality may not have.
    pub log_grew: AtomicBool,
    /// What the index has not got yet.
    pub stale: Stale,
    /// How far files that go up have come.
    pub progress: Arc<Progress>,
    /// KiB that files on their way up may still take in memory.
    pub room: Semaphore,
}

/// KiB of files that are in memory on their way up at the same time; a larger one goes alone.
pub(super) const IN_MEMORY: u32 = 64 * 1024;

/// The state, held by the one who reads or changes it.
pub(crate) type Held = OwnedMutexGuard<State>;

impl Shared {
    pub async fn hold(&self) -> Result<Held, DeskError> {
        let state = Arc::clone(&self.state).lock_owned().await;
        if state.closed { Err(StoreError::Locked.into()) } else { Ok(state) }
    }

    /// With a draft loaded, if there is such a one.
    pub async fn hold_draft(&self, id: DraftId) -> Result<Held, DeskError> {
        let mut state = self.hold().await?;
        self.load(&mut state, id).await?;
        Ok(state)
    }

    /// With every readable draft of a call loaded.
    pub async fn hold_call(&self, call: CallId) -> Result<Held, DeskError> {
        let mut state = self.hold().await?;
        self.load_call(&mut state, call).await?;
        Ok(state)
    }

    pub async fn load_call(&self, state: &mut State, call: CallId) -> Result<(), StoreError> {
        let missing: Vec<DraftId> =
            state.cases_of(call).map(|case| case.id).filter(|id| state.lacks(*id)).collect();
        for id in missing {
            match self.load(state, id).await {
                // The others are there all the same, and this one is shown as what it is.
                Ok(()) | Err(StoreError::Unreadable) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub async fn load(&self, state: &mut State, id: DraftId) -> Result<(), StoreError> {
        if state.lacks(id)
            && let Some(draft) = self.store.draft(id).await?
        {
            state.take(draft);
        }
        Ok(())
    }

    /// Makes the changes durable and then true in memory. Runs to its end even when the caller is dropped, so that
    /// memory never falls behind the store.
    pub async fn commit(self: &Arc<Self>, mut state: Held, changes: Vec<Change>) -> Result<Held, StoreError> {
        let shared = Arc::clone(self);
        let commit = tokio::spawn(async move {
            let remembered: Vec<Change> = changes.iter().filter(|c| is_remembered(c)).cloned().collect();
            let logs = changes.iter().any(|change| matches!(change, Change::AppendAudit(_)));
            shared.store.commit(changes).await?;
            if logs {
                shared.log_grew.store(true, Ordering::Relaxed);
                shared.work.notify_one();
            }
            shared.stale.touch(&remembered);
            state.absorb(remembered);
            Ok(state)
        });
        commit.await.unwrap_or(Err(StoreError::Failed("interrupted")))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn audit(&self, call: CallId, action: AuditAction) -> Change {
        self.audit_because(call, action, String::new())
    }

    pub fn audit_because(&self, call: CallId, action: AuditAction, reason: String) -> Change {
        Change::AppendAudit(AuditEvent { call_id: Some(call), reason, ..self.event(action) })
    }

    /// With the draft or the file that it was done to.
    pub fn audit_of(&self, call: CallId, subject: Uuid, action: AuditAction) -> Change {
        Change::AppendAudit(AuditEvent { call_id: Some(call), subject: Some(subject), ..self.event(action) })
    }

    /// The certificate of what leaves this computer for good.
    pub fn purged(&self, call: Option<CallId>, subject: Uuid, reason: &str, policy: &str) -> Change {
        Change::AppendAudit(AuditEvent {
            call_id: call,
            subject: Some(subject),
            purpose: Purpose::Upkeep,
            reason: reason.to_owned(),
            policy: Some(policy.to_owned()),
            ..self.event(AuditAction::Purged)
        })
    }

    pub fn event(&self, action: AuditAction) -> AuditEvent {
        AuditEvent::new(self.now(), &self.worker.subject, action)
    }

    pub fn item(&self, call_id: CallId, task: Task, state: ItemState) -> OutboxItem {
        OutboxItem {
            id: Uuid::now_v7(),
            call_id,
            task,
            state,
            attempts: 0,
            resent: 0,
            sent: false,
            bytes: 0,
            created_at: self.now(),
        }
    }

    /// Room for so many bytes of a file in memory, kept until it is dropped.
    pub async fn room_for(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(IN_MEMORY).min(IN_MEMORY);
        if kib == 0 { None } else { self.room.acquire_many(kib).await.ok() }
    }

    /// A file of a case on its way.
    pub fn file_item(&self, call_id: CallId, draft: DraftId, file: &FileRef) -> Option<OutboxItem> {
        let (name, media_type) = (file.name.clone(), file.media_type.clone());
        let task = Task::File { file: Uuid::parse_str(&file.id).ok()?, draft, name, media_type };
        Some(OutboxItem { bytes: file.size, ..self.item(call_id, task, ItemState::Blocked) })
    }

    /// Puts the call's contact record on its way, once.
    pub fn send_contact(&self, state: &State, call: &Call) -> Change {
        Change::PutOutbox(match state.outbox.contact(call.id) {
            Some(item) => OutboxItem { state: ItemState::Ready, attempts: 0, ..item.clone() },
            None => self.item(call.id, Task::Contact, ItemState::Ready),
        })
    }

    /// The UI may show something it has not asked for.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Bytes and the log stay in the store.
fn is_remembered(change: &Change) -> bool {
    !matches!(
        change,
        Change::PutFile { .. }
            | Change::KeepRevision(_)
            | Change::PutSubmission(_)
            | Change::AppendAudit(_)
            | Change::LogArrived { .. }
            | Change::ForgetLog { .. }
    )
}
