//! What the tests of the vault share: a keychain that does as it is told, a worker, and cases to keep.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    call::{Call, Caller},
    draft::{CaseState, Draft, ServicePin},
    ports::{SecretError, SecretStore},
    protection::Protection,
    worker::{Role, Worker},
};
use ledsaga_forms::{Answer, FormState};
use ledsaga_vault::{OpenError, Pin, Vault};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A keychain in memory, with faults on demand.
#[derive(Default)]
pub struct Secrets {
    items: Mutex<HashMap<String, Vec<u8>>>,
    /// What every call answers while it is set.
    pub failure: Mutex<Option<SecretError>>,
    /// Writes seem to succeed and change nothing.
    pub forgetful: Mutex<bool>,
    /// How many more calls are answered before all fail.
    pub calls_left: Mutex<Option<u32>>,
}

impl Secrets {
    pub fn items(&self) -> HashMap<String, Vec<u8>> {
        self.items.lock().unwrap().clone()
    }

    pub fn replace(&self, change: impl FnOnce(&mut HashMap<String, Vec<u8>>)) {
        change(&mut self.items.lock().unwrap());
    }

    pub fn fail(&self, failure: impl Into<Option<SecretError>>) {
        *self.failure.lock().unwrap() = failure.into();
    }

    fn answer(&self) -> Result<(), SecretError> {
        match &mut *self.calls_left.lock().unwrap() {
            Some(0) => return Err(SecretError::Failed),
            Some(left) => *left -= 1,
            None => {}
        }
        self.failure.lock().unwrap().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl SecretStore for Secrets {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        self.answer()?;
        Ok(self.items().remove(name).map(Zeroizing::new))
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.answer()?;
        if !*self.forgetful.lock().unwrap() {
            self.items.lock().unwrap().insert(name.into(), secret.into());
        }
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.answer()?;
        self.items.lock().unwrap().remove(name);
        Ok(())
    }
}

/// A folder for vaults and the keychain that goes with it.
pub struct Computer {
    pub dir: tempfile::TempDir,
    pub secrets: Arc<Secrets>,
}

impl Computer {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), secrets: Arc::default() }
    }

    pub async fn open(&self, worker: &Worker) -> Result<Vault, OpenError> {
        Vault::open(self.dir.path(), worker, self.secrets.clone(), None).await
    }

    pub async fn open_with(&self, worker: &Worker, pin: &str) -> Result<Vault, OpenError> {
        Vault::open(self.dir.path(), worker, self.secrets.clone(), Some(&Pin::new(pin))).await
    }

    pub async fn needs_pin(&self, worker: &Worker) -> Result<bool, OpenError> {
        Vault::needs_pin(self.dir.path(), worker, self.secrets.clone()).await
    }

    /// The disk as it is now, on another computer that has these items in its keychain.
    pub fn image(&self, items: &HashMap<String, Vec<u8>>) -> Self {
        let image = Self::new();
        image.secrets.replace(|empty| empty.clone_from(items));
        for folder in folders(self.dir.path()) {
            let copy = image.dir.path().join(folder.file_name().unwrap());
            std::fs::create_dir(&copy).unwrap();
            for file in folders(&folder) {
                std::fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
            }
        }
        image
    }

    /// The folder of the only vault.
    pub fn folder(&self) -> PathBuf {
        let folders = folders(self.dir.path());
        assert_eq!(folders.len(), 1);
        folders[0].clone()
    }
}

pub fn folders(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

pub fn worker(subject: &str) -> Worker {
    Worker {
        issuer: "https://demo.invalid".into(),
        subject: subject.into(),
        name: "Disa Diktad".into(),
        role: Role::Agent,
    }
}

pub fn call(note: &str) -> Call {
    Call {
        id: Uuid::now_v7(),
        rev: 1,
        code: "A".into(),
        colour: 0,
        started_at: Timestamp::now(),
        ended_at: None,
        caller: Caller::default(),
        asked_for: String::new(),
        note: note.into(),
        protection: Protection::NotRaised,
        arrived_rev: None,
        reduced: false,
        kept_through: None,
    }
}

pub fn draft(call: &Call, answer: &str) -> Draft {
    Draft {
        id: Uuid::now_v7(),
        call_id: call.id,
        service: ServicePin {
            id: "fardtjanst".into(),
            version: 1,
            hash: "ab".repeat(32),
            name: "Färdtjänst".into(),
        },
        form: FormState {
            rev: 1,
            position: "resor".into(),
            answers: [("namn".to_owned(), Answer::Text { text: answer.into() })].into(),
            left: Default::default(),
            left_steps: Default::default(),
            later: Default::default(),
            tried: false,
            applied: Default::default(),
        },
        created_at: Timestamp::now(),
        updated_at: Timestamp::now(),
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
