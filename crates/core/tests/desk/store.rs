//! A store that refuses, or stops the world, at a chosen commit.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use ledsaga_core::{
    audit::{AuditEvent, LogKey},
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{Draft, DraftId, Outline, Revision},
    error::StoreError,
    memory::MemoryStore,
    outbox::{ItemState, OutboxItem},
    ports::{Change, LogPart, LogState, Shredding, Store, StoreHealth},
    submission::Submission,
};
use tokio::sync::Notify;
use uuid::Uuid;

/// What happens at the chosen commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    /// The process dies before anything is on disk.
    DiesBefore,
    /// The process dies when it is on disk and nobody has been told.
    DiesAfter,
    /// The disk is full, this once.
    Full,
    /// A commit with the ends or marks of more than one item is refused, from the chosen one on.
    Several,
}

pub struct Troubled {
    disk: Arc<MemoryStore>,
    trouble: Trouble,
    /// Commits until then; below zero it has happened.
    left: AtomicI64,
    pub died: Arc<Notify>,
}

impl Troubled {
    /// `disk` survives; this is what one life of the process sees of it.
    pub fn at(disk: Arc<MemoryStore>, commit: i64, trouble: Trouble) -> Self {
        Self { disk, trouble, left: AtomicI64::new(commit), died: Arc::new(Notify::new()) }
    }

    pub fn happened(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }
}

fn is_end_or_mark(change: &Change) -> bool {
    match change {
        Change::PutOutbox(item) => item.state == ItemState::InFlight,
        Change::RemoveOutbox { .. } => true,
        _ => false,
    }
}

#[async_trait]
impl Store for Troubled {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        if self.trouble == Trouble::Several && self.left.load(Ordering::SeqCst) <= 0 {
            if changes.iter().filter(|change| is_end_or_mark(change)).count() < 2 {
                return self.disk.commit(changes).await;
            }
            self.left.fetch_sub(1, Ordering::SeqCst);
            return Err(StoreError::Failed("several"));
        }
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        match self.trouble {
            _ if left > 0 => self.disk.commit(changes).await,
            Trouble::Full if left == 0 => Err(StoreError::DiskFull),
            Trouble::Full => self.disk.commit(changes).await,
            trouble => {
                if left == 0 && trouble == Trouble::DiesAfter {
                    self.disk.commit(changes).await?;
                }
                self.died.notify_one();
                std::future::pending().await
            }
        }
    }

    async fn calls(&self) -> Result<Vec<Call>, StoreError> {
        self.disk.calls().await
    }
    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        self.disk.outlines().await
    }
    async fn revisions(&self, draft: DraftId) -> Result<Vec<Revision>, StoreError> {
        self.disk.revisions(draft).await
    }
    async fn shred(&self) -> Result<Shredding, StoreError> {
        self.disk.shred().await
    }
    async fn health(&self) -> Result<StoreHealth, StoreError> {
        self.disk.health().await
    }
    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.disk.call(id).await
    }
    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.disk.draft(id).await
    }
    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.file(id).await
    }
    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError> {
        self.disk.submission(id).await
    }
    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        self.disk.outbox().await
    }
    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        self.disk.catalogue().await
    }
    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError> {
        self.disk.audit().await
    }
    async fn log_state(&self) -> Result<LogState, StoreError> {
        self.disk.log_state().await
    }
    async fn log(&self, after: u64, most: usize) -> Result<LogPart, StoreError> {
        self.disk.log(after, most).await
    }
    async fn log_key(&self) -> Result<LogKey, StoreError> {
        self.disk.log_key().await
    }
    async fn cursor(&self) -> Result<Option<String>, StoreError> {
        self.disk.cursor().await
    }
    async fn resume(&self) -> Result<Option<CallId>, StoreError> {
        self.disk.resume().await
    }
    async fn close(&self) {
        self.disk.close().await;
    }
}
