//! The vault and the desk as in the application, with a keychain in memory and no network.

use std::{
    collections::HashMap,
    future::pending,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use ledsaga_core::{
    audit::AuditBatch,
    call::{Call, CallId},
    clock::SystemClock,
    desk::Desk,
    draft::DraftId,
    error::{LinkError, StoreError},
    ports::{
        CaseNumberFault, CatalogueAnswer, Index, Municipality, SecretError, SecretStore, Store,
        SubmissionContent, Withdrawal,
    },
    retention::Limits,
    search::{Hit, Query, SearchDocument},
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
    worker::{Role, Worker},
};
use ledsaga_vault::{Pin, Vault};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::cases::{Cases, changes};

/// A keychain in memory.
#[derive(Default)]
pub struct Secrets(Mutex<HashMap<String, Vec<u8>>>);

impl Secrets {
    pub fn items(&self) -> HashMap<String, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn of(items: HashMap<String, Vec<u8>>) -> Self {
        Self(Mutex::new(items))
    }
}

#[async_trait]
impl SecretStore for Secrets {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        Ok(self.items().remove(name).map(Zeroizing::new))
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

/// A worker's vault, open or not.
pub struct Ours {
    pub dir: PathBuf,
    pub secrets: Arc<Secrets>,
}

impl Ours {
    pub async fn filled(dir: PathBuf, cases: &Cases) -> Result<Self> {
        let ours = Self { dir, secrets: Arc::default() };
        let vault = ours.open(None).await?;
        for (calls, drafts) in cases.batches() {
            vault.commit(changes(&calls, &drafts)).await?;
        }
        vault.close().await;
        Ok(ours)
    }

    pub async fn open(&self, pin: Option<&Pin>) -> Result<Arc<Vault>> {
        Ok(Arc::new(Vault::open(&self.dir, &worker(), self.secrets.clone(), pin).await?))
    }

    pub async fn open_desk(&self) -> Result<Desk> {
        let (store, limits) = (self.open(None).await?, Limits::default());
        Ok(Desk::open(store, Arc::new(Asleep), Arc::new(Nowhere), Arc::new(SystemClock), worker(), limits)
            .await?)
    }

    /// The database's file; its log has `-wal` behind it.
    pub fn file(&self) -> Result<PathBuf> {
        let folder = std::fs::read_dir(&self.dir)?.next().context("there is no vault")??;
        Ok(folder.path().join("vault.db"))
    }
}

fn worker() -> Worker {
    Worker {
        issuer: "https://demo.invalid".to_owned(),
        subject: "disa".to_owned(),
        name: "Disa Diktad".to_owned(),
        role: Role::Agent,
    }
}

/// An index that takes nothing in, so that nothing else goes on while the desk is measured.
struct Asleep;

#[async_trait]
impl Index for Asleep {
    async fn put_all(&self, _: Vec<SearchDocument>) -> Result<(), StoreError> {
        pending().await
    }

    async fn remove_draft(&self, _: DraftId) -> Result<(), StoreError> {
        pending().await
    }

    async fn remove_call(&self, _: CallId) -> Result<(), StoreError> {
        pending().await
    }

    async fn find(&self, _: &Query) -> Result<Vec<Hit>, StoreError> {
        Ok(Vec::new())
    }

    async fn close(&self) {}
}

/// There is no network.
struct Nowhere;

#[async_trait]
impl Municipality for Nowhere {
    fn encode(&self, _: SubmissionContent<'_>) -> Vec<u8> {
        Vec::new()
    }

    async fn probe(&self) -> Result<Option<jiff::Timestamp>, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn catalogue(&self, _: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn put_contact(&self, _: &Call) -> Result<(), LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn put_file(
        &self,
        _: Uuid,
        _: &str,
        _: &str,
        _: &[u8],
        _: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn put_submission(&self, _: &Submission) -> Result<Receipt, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn get_submission(&self, _: Uuid) -> Result<Option<Receipt>, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn withdraw(&self, _: Uuid) -> Result<Withdrawal, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn put_audit(&self, _: &AuditBatch) -> Result<u64, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn changes(&self, _: Option<&str>) -> Result<ChangeBatch, LinkError> {
        Err(LinkError::Unreachable)
    }

    async fn case_standing(&self, _: &str) -> Result<Option<CaseStanding>, LinkError> {
        Err(LinkError::Unreachable)
    }

    fn case_number(&self, _: &str) -> Result<String, CaseNumberFault> {
        Err(CaseNumberFault::Form)
    }
}
