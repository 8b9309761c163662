//! Opening and closing: what is kept is loaded, and what a crash left in flight is settled.

use std::sync::{Arc, atomic::AtomicBool};

use tokio::sync::{Mutex, Notify, Semaphore, watch};

use super::{
    Desk,
    shared::{IN_MEMORY, Shared},
    state::State,
};
use crate::{
    background::{Background, ending},
    clock::Clock,
    draft::DraftId,
    error::{DeskError, StoreError},
    indexing::Stale,
    link::Link,
    outbox::Task,
    ports::{Change, Index, Municipality, Store},
    retention::Limits,
    worker::Worker,
};

impl Desk {
    /// Loads what is kept, settles what a crash left in flight, and starts bringing the outbox to the municipality.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn open(
        store: Arc<dyn Store>,
        index: Arc<dyn Index>,
        municipality: Arc<dyn Municipality>,
        clock: Arc<dyn Clock>,
        worker: Worker,
        limits: Limits,
    ) -> Result<Self, DeskError> {
        let mut state = State::empty(Link::new(clock.now()));
        state.list(store.calls().await?, store.outlines().await?);
        for item in store.outbox().await? {
            state.outbox.put(item);
        }
        state.catalogue = store.catalogue().await?;
        state.cursor = store.cursor().await?;
        state.resume = store.resume().await?;
        state.damaged = store.health().await?.damaged;

        for id in in_flight(&state) {
            match store.draft(id).await {
                Ok(draft) => draft.into_iter().for_each(|draft| state.take(draft)),
                Err(StoreError::Unreadable) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let settled = settle_crash(&state);
        if !settled.is_empty() {
            store.commit(settled.clone()).await?;
            state.absorb(settled);
        }
        let stale = Stale::default();
        stale.begin(&state);

        let progress = Arc::clone(&state.progress);
        let shared = Arc::new(Shared {
            store,
            index,
            municipality,
            clock,
            worker,
            limits,
            state: Arc::new(Mutex::new(state)),
            changes: watch::Sender::new(0),
            work: Notify::new(),
            retry: Notify::new(),
            tidy: Notify::new(),
            network: Notify::new(),
            stop: Notify::new(),
            // What an earlier run has not brought yet.
            log_grew: AtomicBool::new(true),
            stale,
            progress,
            room: Semaphore::new(IN_MEMORY as usize),
        });
        let background = Arc::new(Background::start(Arc::clone(&shared)).await);
        Ok(Self { shared, background })
    }

    /// Stops the work in the background, writes everything out and forgets the keys.
    pub async fn close(&self) {
        self.shared.stop.notify_one();
        self.background.stopped().await;
        let mut state = self.shared.state.lock().await;
        *state = State::empty(state.link.clone());
        state.closed = true;
        self.shared.index.close().await;
        self.shared.store.close().await;
    }
}

/// The drafts whose submissions the end of the last process leaves in another state.
fn in_flight(state: &State) -> Vec<DraftId> {
    let unsettled = state.outbox.iter().filter(|item| item.after_crash() != **item);
    unsettled.filter_map(|item| item.task.draft()).collect()
}

/// What must be true before anything is sent.
fn settle_crash(state: &State) -> Vec<Change> {
    let mut changes = Vec::new();
    for item in state.outbox.iter() {
        let settled = match &item.task {
            // A refused contact record gets another chance with each start: it is never given up.
            Task::Contact if item.is_wedged() => item.again(),
            Task::Contact | Task::File { .. } => item.after_crash(),
            Task::Submission { submission, draft } => {
                let owner = state.outlines.get(draft).and_then(|owner| owner.state.submission());
                if owner != Some(*submission) {
                    // The case goes by another submission now; this one must never make a second case.
                    changes.push(Change::RemoveOutbox { id: item.id });
                    changes.push(Change::RemoveSubmission { id: *submission });
                    continue;
                }
                item.after_crash()
            }
        };
        if settled != *item {
            changes.extend(ending::followed(state, &settled));
            changes.push(Change::PutOutbox(settled));
        }
    }
    changes
}
