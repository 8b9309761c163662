//! A store in memory: for a computer without a keychain, and for tests. Gone when the application closes.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    audit::{
        AuditEvent, LogKey,
        chain::{Chain, ChainHead, Row},
    },
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{Draft, DraftId, Outline, Revision},
    error::StoreError,
    outbox::OutboxItem,
    ports::{Change, Index, LogPart, LogState, REVISIONS, Shredding, Store, StoreHealth},
    search::{Hit, Query, SearchDocument},
    submission::Submission,
};

pub struct MemoryStore {
    /// `None` when closed.
    content: Mutex<Option<Content>>,
}

#[derive(Default)]
struct Content {
    calls: BTreeMap<CallId, Call>,
    drafts: BTreeMap<DraftId, Draft>,
    /// With the draft that each belongs to.
    files: BTreeMap<Uuid, (DraftId, Vec<u8>)>,
    /// Oldest first.
    revisions: BTreeMap<DraftId, Vec<Revision>>,
    submissions: BTreeMap<Uuid, Submission>,
    outbox: BTreeMap<Uuid, OutboxItem>,
    catalogue: Option<Catalogue>,
    log: Log,
    cursor: Option<String>,
    resume: Option<CallId>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    pub fn new() -> Self {
        Self { content: Mutex::new(Some(Content::default())) }
    }

    fn content(&self) -> MutexGuard<'_, Option<Content>> {
        // No code panics while it holds the guard, so the content behind a poisoned one is whole.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Content) -> T) -> Result<T, StoreError> {
        self.content().as_ref().map(read).ok_or(StoreError::Locked)
    }
}

impl Content {
    /// What belongs to a draft goes.
    fn clear(&mut self, draft: DraftId) {
        self.files.retain(|_, (owner, _)| *owner != draft);
        self.revisions.remove(&draft);
        self.submissions.retain(|_, submission| submission.draft_id != draft);
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::PutCall(call) => {
                self.calls.insert(call.id, call);
            }
            Change::PutDraft(draft) => {
                self.drafts.insert(draft.id, draft);
            }
            Change::PutFile { id, draft, bytes } => {
                self.files.insert(id, (draft, bytes));
            }
            Change::KeepRevision(revision) => {
                let kept = self.revisions.entry(revision.draft).or_default();
                kept.push(revision);
                kept.drain(..kept.len().saturating_sub(REVISIONS));
            }
            Change::ReduceDraft(draft) => {
                self.clear(draft.id);
                self.drafts.insert(draft.id, draft);
            }
            Change::ReduceCall(call) => {
                self.calls.insert(call.id, call);
            }
            Change::RemoveDraft { id } => {
                self.clear(id);
                self.drafts.remove(&id);
            }
            Change::RemoveCall { id } => {
                self.calls.remove(&id);
            }
            Change::PutSubmission(submission) => {
                self.submissions.insert(submission.id, submission);
            }
            Change::RemoveSubmission { id } => {
                self.submissions.remove(&id);
            }
            Change::PutOutbox(item) => {
                self.outbox.insert(item.id, item);
            }
            Change::RemoveOutbox { id } => {
                self.outbox.remove(&id);
            }
            Change::PutCatalogue(catalogue) => self.catalogue = Some(catalogue),
            Change::AppendAudit(event) => self.log.append(event),
            Change::LogArrived { seq } => self.log.arrived = seq,
            Change::ForgetLog { seq } => self.log.forget(seq),
            Change::PutCursor { cursor } => self.cursor = Some(cursor),
            Change::PutResume { call } => self.resume = Some(call),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut content = self.content();
        let content = content.as_mut().ok_or(StoreError::Locked)?;
        for change in changes {
            content.apply(change);
        }
        Ok(())
    }

    async fn calls(&self) -> Result<Vec<Call>, StoreError> {
        self.read(|c| {
            let mut calls: Vec<Call> = c.calls.values().cloned().collect();
            calls.sort_by_key(|call| std::cmp::Reverse((call.started_at, call.id)));
            calls
        })
    }

    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        self.read(|c| {
            let mut outlines: Vec<Outline> = c.drafts.values().map(Draft::outline).collect();
            outlines.sort_by_key(|outline| std::cmp::Reverse((outline.created_at, outline.id)));
            outlines
        })
    }

    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.read(|c| c.calls.get(&id).cloned())
    }

    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.read(|c| c.drafts.get(&id).cloned())
    }

    async fn revisions(&self, draft: DraftId) -> Result<Vec<Revision>, StoreError> {
        self.read(|c| c.revisions.get(&draft).into_iter().flatten().rev().cloned().collect())
    }

    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|c| c.files.get(&id).map(|(_, bytes)| bytes.clone()))
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError> {
        self.read(|c| c.submissions.get(&id).cloned())
    }

    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        self.read(|c| {
            let mut items: Vec<OutboxItem> = c.outbox.values().cloned().collect();
            items.sort_by_key(|item| (item.created_at, item.id));
            items
        })
    }

    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        self.read(|c| c.catalogue.clone())
    }

    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError> {
        self.read(|c| c.log.events.iter().map(|(event, _)| event.clone()).collect())
    }

    async fn log_state(&self) -> Result<LogState, StoreError> {
        self.read(|c| LogState {
            vault: c.log.vault,
            head: c.log.chain.head(),
            arrived: c.log.arrived,
            fault: None,
        })
    }

    async fn log(&self, after: u64, most: usize) -> Result<LogPart, StoreError> {
        self.read(|c| c.log.part(after, most))
    }

    async fn log_key(&self) -> Result<LogKey, StoreError> {
        self.read(|c| c.log.key.as_ref().map(|key| LogKey::from_seed(&key.seed())))?
            .ok_or(StoreError::Failed("random"))
    }

    async fn cursor(&self) -> Result<Option<String>, StoreError> {
        self.read(|c| c.cursor.clone())
    }

    async fn resume(&self) -> Result<Option<CallId>, StoreError> {
        self.read(|c| c.resume)
    }

    /// Nothing was ever written, so nothing can be had back.
    async fn shred(&self) -> Result<Shredding, StoreError> {
        self.read(|_| Shredding::Done)
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        self.read(|_| StoreHealth {
            size: 0,
            free: None,
            reserve: false,
            to_shred: 0,
            keys: 0,
            pin: false,
            damaged: 0,
        })
    }

    async fn close(&self) {
        *self.content() = None;
    }
}

/// The chained log.
struct Log {
    vault: Uuid,
    /// `None` where the operating system had no random bytes.
    key: Option<LogKey>,
    chain: Chain,
    /// The event before the first that is still here.
    before: ChainHead,
    events: Vec<(AuditEvent, Row<Vec<u8>>)>,
    arrived: u64,
}

impl Default for Log {
    fn default() -> Self {
        let vault = Uuid::now_v7();
        let start = ChainHead::start(vault);
        Self {
            vault,
            key: LogKey::generate().ok(),
            chain: Chain::at(start),
            before: start,
            events: Vec::new(),
            arrived: 0,
        }
    }
}

impl Log {
    fn append(&mut self, event: AuditEvent) {
        let bytes = serde_json::to_vec(&event).unwrap_or_default();
        let link = self.chain.append(&bytes);
        self.events.push((event, (link.seq, bytes, link.hash)));
    }

    fn forget(&mut self, through: u64) {
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.events).into_iter().partition(|(_, (seq, ..))| *seq <= through);
        if let Some((_, (seq, _, hash))) = gone.last() {
            self.before = ChainHead { seq: *seq, hash: *hash };
        }
        self.events = kept;
    }

    fn part(&self, after: u64, most: usize) -> LogPart {
        let from = self.events.partition_point(|(_, (seq, ..))| *seq <= after);
        let before = match from.checked_sub(1).and_then(|last| self.events.get(last)) {
            Some((_, (seq, _, hash))) => ChainHead { seq: *seq, hash: *hash },
            None => self.before,
        };
        let rows = self.events.iter().skip(from).take(most).map(|(_, row)| row.clone());
        LogPart { vault: self.vault, before, rows: rows.collect() }
    }
}

/// An index in memory, for the same purposes.
#[derive(Default)]
pub struct MemoryIndex {
    /// By id. `None` when closed.
    documents: Mutex<Option<BTreeMap<Uuid, SearchDocument>>>,
}

impl MemoryIndex {
    /// So many hits are found, the newest.
    const MOST_HITS: usize = 50;

    pub fn new() -> Self {
        Self { documents: Mutex::new(Some(BTreeMap::new())) }
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Uuid, SearchDocument>) -> T) -> Result<T, StoreError> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.as_mut().map(work).ok_or(StoreError::Locked)
    }
}

#[async_trait]
impl Index for MemoryIndex {
    async fn put_all(&self, new: Vec<SearchDocument>) -> Result<(), StoreError> {
        self.with(|documents| documents.extend(new.into_iter().map(|document| (document.id(), document))))
    }

    async fn remove_draft(&self, draft: DraftId) -> Result<(), StoreError> {
        self.with(|documents| drop(documents.remove(&draft)))
    }

    async fn remove_call(&self, call: CallId) -> Result<(), StoreError> {
        self.with(|documents| documents.retain(|_, document| document.call != call))
    }

    async fn find(&self, query: &Query) -> Result<Vec<Hit>, StoreError> {
        self.with(|documents| {
            let mut found: Vec<(&SearchDocument, Hit)> =
                documents.values().filter_map(|document| Some((document, document.hit(query)?))).collect();
            found.sort_by_key(|(document, _)| std::cmp::Reverse((document.at, document.id())));
            found.into_iter().take(Self::MOST_HITS).map(|(_, hit)| hit).collect()
        })
    }

    async fn close(&self) {
        *self.documents.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_store_is_locked() {
        let store = MemoryStore::new();
        let call = Uuid::now_v7();
        store.commit(vec![Change::PutResume { call }]).await.unwrap();
        assert_eq!(store.resume().await, Ok(Some(call)));
        store.close().await;
        assert_eq!(store.resume().await, Err(StoreError::Locked));
        assert_eq!(store.commit(vec![]).await, Err(StoreError::Locked));
    }
}
