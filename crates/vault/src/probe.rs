//! Whether the keychain works, tried with a value of no meaning.

use ledsaga_core::ports::{SecretError, SecretStore};

use crate::seal::fill;

const NAME: &str = "probe";

/// What a keychain that does not work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// It took the value and did not give it back.
    #[error("the keychain does not keep what it is given")]
    Forgets,
    /// It cannot let go of what it has.
    #[error("the keychain does not delete")]
    Keeps,
}

/// Puts a random value into the keychain, reads it back and takes it away. Touches nothing else there.
///
/// # Errors
/// [`ProbeError`]
pub async fn probe(secrets: &dyn SecretStore) -> Result<(), ProbeError> {
    let mut value = [0; 16];
    fill(&mut value).map_err(|_| SecretError::Failed)?;
    secrets.set(NAME, &value).await?;
    let kept = secrets.get(NAME).await?.is_some_and(|found| *found == value);
    secrets.delete(NAME).await?;
    if !kept {
        return Err(ProbeError::Forgets);
    }
    match secrets.get(NAME).await? {
        None => Ok(()),
        Some(_) => Err(ProbeError::Keeps),
    }
}
