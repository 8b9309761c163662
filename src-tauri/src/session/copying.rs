//! A sealed copy of the worker's store, for the municipality's recovery key.

use std::path::Path;

use ledsaga_core::error::DeskError;
use ledsaga_vault::{Copied, NotCopied, RecoveryRecipient};

use super::Session;

/// Why no copy was made.
#[derive(Debug, thiserror::Error)]
pub enum NoCopy {
    #[error("the municipality's policy names nobody who may open copies")]
    NoRecipient,
    #[error("the municipality's policy names a key that is none")]
    BadRecipient,
    #[error("what is in memory only cannot be copied")]
    MemoryOnly,
    #[error(transparent)]
    NotLogged(#[from] DeskError),
    #[error(transparent)]
    Vault(#[from] NotCopied),
}

impl NoCopy {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRecipient => "copy_no_recipient",
            Self::BadRecipient => "copy_bad_recipient",
            Self::MemoryOnly => "copy_memory_only",
            Self::NotLogged(error) => error.code(),
            Self::Vault(error) => error.code(),
        }
    }
}

impl Session {
    /// Whom a copy would be sealed for.
    ///
    /// # Errors
    /// There is nobody: then there is no copy.
    pub async fn recovery_recipient(&self) -> Result<RecoveryRecipient, NoCopy> {
        let policy = self.policy.read().await;
        let key = policy.recovery_recipient.as_deref().ok_or(NoCopy::NoRecipient)?;
        key.parse().map_err(|_| NoCopy::BadRecipient)
    }

    /// Writes a sealed copy to a file. It is logged first, and not made when it cannot be.
    ///
    /// # Errors
    /// [`NoCopy`]; nothing is left of the copy then.
    pub async fn seal_copy(&self, recipient: &RecoveryRecipient, to: &Path) -> Result<Copied, NoCopy> {
        let vault = self.vault().await.ok_or(NoCopy::MemoryOnly)?;
        let desk = self.desk().await.ok_or(NoCopy::MemoryOnly)?;
        desk.record_copy().await?;
        Ok(vault.seal_copy(recipient, to).await?)
    }
}

#[cfg(test)]
mod tests {
    use ledsaga_link::Policy;
    use ledsaga_vault::RecoveryIdentity;

    use super::*;

    /// Where a policy is written down and where a copy is sealed, the same keys count.
    #[test]
    fn the_policy_takes_the_keys_that_copies_can_be_sealed_for_and_no_others() {
        let judged = |key: &str| {
            let policy = Policy { recovery_recipient: Some(key.to_owned()), ..Policy::default() };
            (policy.check().is_ok(), key.parse::<RecoveryRecipient>().is_ok())
        };
        for _ in 0..20 {
            let key = RecoveryIdentity::generate().recipient().unwrap().to_string();
            assert_eq!(judged(&key), (true, true), "{key}");
            for at in 0..key.len() {
                let mut slip = key.clone().into_bytes();
                slip[at] = if slip[at] == b'q' { b'z' } else { b'q' };
                let slip = String::from_utf8(slip).unwrap();
                assert_eq!(judged(&slip), (false, false), "{slip}");
            }
            assert_eq!(judged(&key[..key.len() - 1]), (false, false));
        }
    }
}
