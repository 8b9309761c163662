//! Core's `Store` as the memory store and the vault keep it.
#![allow(clippy::unwrap_used, reason = "tests may")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use ledsaga_contract::{
    store::{self, Subject},
    store_contract,
};
use ledsaga_core::{
    audit::{AuditEvent, LogKey},
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{Draft, DraftId, Outline, Revision},
    error::StoreError,
    memory::MemoryStore,
    outbox::OutboxItem,
    ports::{Change, LogPart, LogState, SecretError, SecretStore, Shredding, Store, StoreHealth},
    submission::Submission,
    worker::{Role, Worker},
};
use ledsaga_vault::Vault;
use uuid::Uuid;
use zeroize::Zeroizing;

store_contract!(memory_store, memory);
store_contract!(vault, vault);

async fn memory() -> Subject {
    Subject { store: Arc::new(MemoryStore::new()), folder: None }
}

async fn vault() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let worker = Worker {
        issuer: "https://demo.invalid".into(),
        subject: "disa".into(),
        name: "Disa Diktad".into(),
        role: Role::Agent,
    };
    let vault = Vault::open(folder.path(), &worker, Arc::new(Secrets::default()), None).await.unwrap();
    Subject { store: Arc::new(vault), folder: Some(folder) }
}

#[derive(Default)]
struct Secrets(Mutex<HashMap<String, Vec<u8>>>);

#[async_trait]
impl SecretStore for Secrets {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(Zeroizing::new))
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.0.lock().unwrap().insert(name.into(), secret.into());
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

/// A store that has one thing wrong, so that the contract is seen to notice.
struct Flawed {
    whole: MemoryStore,
    flaw: Flaw,
}

#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    LosesTheLastOfABatch,
    SplitsBatches,
    ForgetsToRemove,
    KeepsTheFirstPut,
    ListsBackwards,
    StaysOpen,
    OnlyPuts,
    NeverShreds,
    ForgetsWhenItIsKept,
}

#[async_trait]
impl Store for Flawed {
    async fn commit(&self, mut changes: Vec<Change>) -> Result<(), StoreError> {
        match self.flaw {
            Flaw::LosesTheLastOfABatch => drop(changes.pop()),
            Flaw::SplitsBatches => {
                for change in changes {
                    self.whole.commit(vec![change]).await?;
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                return Ok(());
            }
            Flaw::ForgetsToRemove => changes.retain(|change| {
                !matches!(change, Change::RemoveDraft { .. } | Change::RemoveSubmission { .. })
            }),
            Flaw::OnlyPuts => {
                for change in &mut changes {
                    if let Change::ReduceDraft(draft) = change {
                        *change = Change::PutDraft(draft.clone());
                    }
                }
            }
            Flaw::KeepsTheFirstPut => {
                let mut fresh = Vec::new();
                for change in changes {
                    let known = match &change {
                        Change::PutCall(call) => self.whole.call(call.id).await?.is_some(),
                        _ => false,
                    };
                    if !known {
                        fresh.push(change);
                    }
                }
                changes = fresh;
            }
            Flaw::ListsBackwards | Flaw::StaysOpen | Flaw::NeverShreds | Flaw::ForgetsWhenItIsKept => {}
        }
        self.whole.commit(changes).await
    }

    async fn calls(&self) -> Result<Vec<Call>, StoreError> {
        let mut calls = self.whole.calls().await?;
        if self.flaw == Flaw::ListsBackwards {
            calls.reverse();
        }
        Ok(calls)
    }

    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let mut outlines = self.whole.outlines().await?;
        if self.flaw == Flaw::ForgetsWhenItIsKept {
            outlines.iter_mut().for_each(|outline| outline.kept_through = jiff::civil::Date::MAX);
        }
        Ok(outlines)
    }

    async fn revisions(&self, draft: DraftId) -> Result<Vec<Revision>, StoreError> {
        let mut revisions = self.whole.revisions(draft).await?;
        if self.flaw == Flaw::ListsBackwards {
            revisions.reverse();
        }
        Ok(revisions)
    }

    async fn shred(&self) -> Result<Shredding, StoreError> {
        match self.flaw {
            Flaw::NeverShreds => Ok(Shredding::KeysGone),
            _ => self.whole.shred().await,
        }
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        self.whole.health().await
    }

    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.whole.call(id).await
    }

    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.whole.draft(id).await
    }

    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.whole.file(id).await
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError> {
        self.whole.submission(id).await
    }

    async fn log_state(&self) -> Result<LogState, StoreError> {
        self.whole.log_state().await
    }

    async fn log(&self, after: u64, most: usize) -> Result<LogPart, StoreError> {
        let mut part = self.whole.log(after, most).await?;
        if self.flaw == Flaw::ListsBackwards {
            part.rows.reverse();
        }
        Ok(part)
    }

    async fn log_key(&self) -> Result<LogKey, StoreError> {
        self.whole.log_key().await
    }

    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        self.whole.outbox().await
    }

    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        self.whole.catalogue().await
    }

    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError> {
        self.whole.audit().await
    }

    async fn cursor(&self) -> Result<Option<String>, StoreError> {
        self.whole.cursor().await
    }

    async fn resume(&self) -> Result<Option<CallId>, StoreError> {
        self.whole.resume().await
    }

    async fn close(&self) {
        if self.flaw != Flaw::StaysOpen {
            self.whole.close().await;
        }
    }
}

/// Whether the behaviour holds; a failed assertion says no.
async fn holds<F>(behaviour: impl FnOnce(Arc<dyn Store>) -> F, flaw: Flaw) -> bool
where
    F: Future<Output = store::Verdict> + Send + 'static,
{
    let flawed = Flawed { whole: MemoryStore::new(), flaw };
    matches!(tokio::spawn(behaviour(Arc::new(flawed))).await, Ok(Ok(())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_notices_each_flaw() {
    assert!(!holds(store::every_kind_of_change_comes_back_as_it_was, Flaw::LosesTheLastOfABatch).await);
    assert!(!holds(store::a_reader_never_sees_half_a_batch, Flaw::SplitsBatches).await);
    assert!(!holds(store::what_is_removed_is_gone_and_only_that, Flaw::ForgetsToRemove).await);
    assert!(!holds(store::a_later_put_replaces_the_earlier, Flaw::KeepsTheFirstPut).await);
    assert!(!holds(store::calls_and_drafts_come_newest_first, Flaw::ListsBackwards).await);
    assert!(!holds(store::a_closed_store_is_locked, Flaw::StaysOpen).await);
    assert!(!holds(store::the_log_is_chained_and_lets_go_of_what_has_arrived, Flaw::ListsBackwards).await);
    assert!(!holds(store::a_draft_goes_with_all_that_belongs_to_it, Flaw::ForgetsToRemove).await);
    assert!(!holds(store::a_reduced_draft_is_all_that_is_left_of_it, Flaw::OnlyPuts).await);
    assert!(!holds(store::a_reduced_call_is_all_that_is_left_of_it, Flaw::LosesTheLastOfABatch).await);
    let order = store::revisions_come_newest_first_and_only_the_newest_are_kept;
    assert!(!holds(order, Flaw::ListsBackwards).await);
    assert!(!holds(store::outlines_are_what_the_drafts_say, Flaw::ForgetsWhenItIsKept).await);
    assert!(!holds(store::shredding_comes_to_an_end_and_leaves_what_lives, Flaw::NeverShreds).await);
}
