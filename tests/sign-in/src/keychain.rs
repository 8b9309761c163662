use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use ledsaga_core::ports::{SecretError, SecretStore};
use zeroize::Zeroizing;

/// A keychain in memory.
#[derive(Default)]
pub struct Keychain(Mutex<BTreeMap<String, Vec<u8>>>);

impl Keychain {
    /// Everything that it holds.
    pub fn items(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As if a copy of it had been put back.
    pub fn put_back(&self, items: BTreeMap<String, Vec<u8>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = items;
    }
}

#[async_trait]
impl SecretStore for Keychain {
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
