//! What all clones of a Desk and its background work share, and the one way to change anything.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, watch};
use uuid::Uuid;

use super::state::State;
use crate::{
    audit::{AuditAction, AuditEvent},
    call::{Call, CallId},
    clock::Clock,
    error::{DeskError, StoreError},
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, Municipality, Store},
    worker::Worker,
};

pub(crate) struct Shared {
    pub store: Arc<dyn Store>,
    pub municipality: Arc<dyn Municipality>,
    pub clock: Arc<dyn Clock>,
    pub worker: Worker,
    pub state: Arc<Mutex<State>>,
    pub changes: watch::Sender<u64>,
    /// Something new is in the outbox.
    pub work: Notify,
    /// The worker wants a new try now.
    pub retry: Notify,
    pub stop: Notify,
}

/// The state, held by the one who reads or changes it.
pub(crate) type Held = OwnedMutexGuard<State>;

impl Shared {
    pub async fn hold(&self) -> Result<Held, DeskError> {
        let state = Arc::clone(&self.state).lock_owned().await;
        if state.closed { Err(StoreError::Locked.into()) } else { Ok(state) }
    }

    /// Makes the changes durable and then true in memory. Runs to its end even when the caller is dropped, so that
    /// memory never falls behind the store.
    pub async fn commit(&self, mut state: Held, changes: Vec<Change>) -> Result<Held, StoreError> {
        let store = Arc::clone(&self.store);
        let commit = tokio::spawn(async move {
            let remembered = changes.iter().filter(|c| is_remembered(c)).cloned().collect();
            store.commit(changes).await?;
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
        let event = AuditEvent::new(self.now(), &self.worker.subject, action);
        Change::AppendAudit(AuditEvent { call_id: Some(call), reason, ..event })
    }

    pub fn item(&self, call_id: CallId, task: Task, state: ItemState) -> OutboxItem {
        OutboxItem {
            id: Uuid::now_v7(),
            call_id,
            task,
            state,
            attempts: 0,
            resent: 0,
            created_at: self.now(),
        }
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
    !matches!(change, Change::PutFile { .. } | Change::PutSubmission(_) | Change::AppendAudit(_))
}
