use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use ledsaga_core::ports::{SecretError, SecretStore};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// A keychain in memory that can fail, and that can be made to wait before it stores.
pub struct Secrets {
    pub items: Mutex<BTreeMap<String, Vec<u8>>>,
    pub failure: Mutex<Option<SecretError>>,
    pub gated: AtomicBool,
    /// Items wait here while `gated`.
    pub gate: Semaphore,
    pub waiting: Semaphore,
    pub stores: AtomicUsize,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            items: Mutex::default(),
            failure: Mutex::default(),
            gated: AtomicBool::new(false),
            gate: Semaphore::new(0),
            waiting: Semaphore::new(0),
            stores: AtomicUsize::new(0),
        }
    }
}

impl Secrets {
    pub fn failing(error: SecretError) -> Self {
        Self { failure: Mutex::new(Some(error)), ..Self::default() }
    }

    /// Everything that is stored, as one text.
    pub fn text(&self) -> String {
        let items = self.items.lock().unwrap();
        items.iter().map(|(name, item)| format!("{name}={}\n", String::from_utf8_lossy(item))).collect()
    }

    fn check(&self) -> Result<(), SecretError> {
        self.failure.lock().unwrap().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl SecretStore for Secrets {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        self.check()?;
        Ok(self.items.lock().unwrap().get(name).cloned().map(Zeroizing::new))
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.check()?;
        if self.gated.load(Ordering::SeqCst) {
            self.waiting.add_permits(1);
            self.gate.acquire().await.unwrap().forget();
        }
        self.items.lock().unwrap().insert(name.to_owned(), secret.to_vec());
        self.stores.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.check()?;
        self.items.lock().unwrap().remove(name);
        Ok(())
    }
}
