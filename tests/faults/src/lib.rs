//! What the fault tests share: a worker, numbered cases and a keychain that outlives the process.

pub mod computer;
pub mod field;
pub mod ledger;
pub mod mortal;
pub mod municipality;
pub mod namespaces;
pub mod processes;
pub mod proxy;
pub mod random;
pub mod report;
pub mod rooted;
pub mod work;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    draft::{CaseState, Draft, ServicePin},
    error::StoreError,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, SecretError, SecretStore, Store},
    worker::{Role, Worker},
};
use ledsaga_forms::{Answer, FormState};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The PIN of vaults that have one.
pub const PIN: &str = "739184";

/// How many of the newest cases still have their answers, file and place in the outbox; older ones are "sent".
pub const UNSENT: u64 = 10;

/// Stands in for the keychain where processes are killed: one file for each secret.
pub struct FileSecrets(PathBuf);

impl FileSecrets {
    pub fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }
}

#[async_trait]
impl SecretStore for FileSecrets {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        match fs::read(self.0.join(name)) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(_) => Err(SecretError::Failed),
        }
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        let temporary = self.0.join("new");
        fs::write(&temporary, secret)
            .and_then(|()| fs::rename(&temporary, self.0.join(name)))
            .map_err(|_| SecretError::Failed)
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(SecretError::Failed),
            _ => Ok(()),
        }
    }
}

pub fn worker() -> Worker {
    Worker {
        issuer: "https://demo.invalid".into(),
        subject: "disa".into(),
        name: "Disa Diktad".into(),
        role: Role::Agent,
    }
}

/// Saves case `number` with its file and its place in the outbox, and lets go of those of an older one: one batch.
pub async fn save(store: &dyn Store, number: u64, file_size: usize) -> Result<(), StoreError> {
    let draft = draft(number);
    let mut changes = vec![
        Change::PutFile { id: file_id(number), draft: draft.id, bytes: file(number, file_size) },
        Change::PutOutbox(item(&draft, number)),
        Change::PutDraft(draft),
    ];
    if let Some(sent) = number.checked_sub(UNSENT).filter(|sent| *sent > 0) {
        changes.extend(store.draft(draft_id(sent)).await?.map(|sent| Change::ReduceDraft(reduced(sent))));
        changes.push(Change::RemoveOutbox { id: item_id(sent) });
    }
    store.commit(changes).await
}

/// How many cases are there: 1 to the answer, each whole, none half and none beside them. `None` when something is
/// missing or does not belong together.
pub async fn whole_cases(store: &dyn Store, file_size: usize) -> Result<Option<u64>, StoreError> {
    let outlines = store.outlines().await?;
    let newest = outlines.len() as u64;
    let unsent = newest.saturating_sub(UNSENT) + 1..=newest;
    let mut whole = outlines.iter().rev().map(|draft| draft.id).eq((1..=newest).map(draft_id));
    whole &= store.outbox().await?.iter().map(|item| item.id).eq(unsent.clone().map(item_id));
    for number in 1..=newest {
        let (expected, bytes) = match unsent.contains(&number) {
            true => (answers(number), Some(file(number, file_size))),
            false => Default::default(),
        };
        let found = store.draft(draft_id(number)).await?.map(|draft| draft.form.answers);
        whole &= found == Some(expected) && store.file(file_id(number)).await? == bytes;
    }
    Ok(whole.then_some(newest))
}

fn draft(number: u64) -> Draft {
    let at = Timestamp::now();
    Draft {
        id: draft_id(number),
        call_id: Uuid::nil(),
        service: ServicePin {
            id: "fardtjanst".into(),
            version: 1,
            hash: "ab".repeat(32),
            name: "Färdtjänst".into(),
        },
        form: FormState {
            rev: number,
            position: "resor".into(),
            answers: answers(number),
            left: Default::default(),
            left_steps: Default::default(),
            later: Default::default(),
            tried: false,
            applied: Default::default(),
        },
        created_at: at,
        updated_at: at,
        confirmed: None,
        state: CaseState::Editing,
        submission_id: None,
        set_aside: Vec::new(),
        kept_through: None,
        extended: 0,
        discarded_at: None,
        revised: None,
        standing: None,
    }
}

fn reduced(mut draft: Draft) -> Draft {
    draft.form.answers.clear();
    draft
}

fn item(draft: &Draft, number: u64) -> OutboxItem {
    OutboxItem {
        id: item_id(number),
        call_id: draft.call_id,
        task: Task::Submission { submission: Uuid::nil(), draft: draft.id },
        state: ItemState::Ready,
        attempts: 0,
        resent: 0,
        sent: false,
        bytes: 0,
        created_at: draft.created_at,
    }
}

fn answers(number: u64) -> ledsaga_forms::Answers {
    [("beskrivning".to_owned(), Answer::Text { text: format!("Ärende {number}: {}", "å".repeat(500)) })]
        .into()
}

fn file(number: u64, size: usize) -> Vec<u8> {
    number.to_le_bytes().into_iter().cycle().take(size).collect()
}

fn draft_id(number: u64) -> Uuid {
    Uuid::from_u64_pair(1, number)
}

fn item_id(number: u64) -> Uuid {
    Uuid::from_u64_pair(2, number)
}

fn file_id(number: u64) -> Uuid {
    Uuid::from_u64_pair(3, number)
}

#[cfg(test)]
mod tests {
    use ledsaga_core::memory::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn whole_cases_are_told_from_half_ones() {
        let missing: [fn() -> Change; 5] = [
            || Change::ReduceDraft(draft(12)),
            || Change::RemoveDraft { id: draft_id(12) },
            || Change::RemoveOutbox { id: item_id(12) },
            || Change::PutDraft(draft(14)),
            || Change::PutFile { id: file_id(1), draft: draft_id(1), bytes: file(1, 100) },
        ];
        for missing in missing {
            let store = MemoryStore::new();
            for number in 1..=12 {
                save(&store, number, 100).await.unwrap();
                assert_eq!(whole_cases(&store, 100).await, Ok(Some(number)));
            }
            store.commit(vec![missing()]).await.unwrap();
            assert_eq!(whole_cases(&store, 100).await, Ok(None));
        }
    }
}
