//! The key set as one item of the keychain.

use std::sync::Arc;

use ledsaga_core::ports::SecretStore;

use crate::{error::OpenError, keyset::KeySet};

/// Where one vault keeps its key set.
pub(crate) struct KeyItem {
    secrets: Arc<dyn SecretStore>,
    name: String,
}

impl KeyItem {
    pub fn new(secrets: Arc<dyn SecretStore>, vault: &str) -> Self {
        Self { secrets, name: format!("keyset.{vault}") }
    }

    pub async fn read(&self) -> Result<Option<KeySet>, OpenError> {
        self.secrets.get(&self.name).await?.map(|bytes| KeySet::decode(&bytes)).transpose()
    }

    /// Puts the key set into the keychain and makes sure that it is there.
    pub async fn keep(&self, keys: &KeySet) -> Result<(), OpenError> {
        let encoded = keys.encode();
        self.secrets.set(&self.name, &encoded).await?;
        if self.secrets.get(&self.name).await?.as_ref() == Some(&encoded) {
            Ok(())
        } else {
            Err(OpenError::Failed)
        }
    }
}
