//! The operating system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use keyring_core::{Entry, Error, api::CredentialStoreApi};
use ledsaga_core::ports::{SecretError, SecretStore};
use tokio::{sync::oneshot, time::sleep};
#[cfg(target_os = "windows")]
use windows_native_keyring_store::Store;
#[cfg(not(any(target_os = "macos", target_os = "windows")))]
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

/// A prompt to unlock may wait for a person who is not there.
const LIMIT: Duration = Duration::from_secs(20);

/// Which keychain this build talks to.
pub(crate) const KIND: &str = if cfg!(target_os = "macos") {
    "keychain"
} else if cfg!(target_os = "windows") {
    "credential-manager"
} else {
    "secret-service"
};

/// Secrets under one namespace. Values are kept as base64, since KDE's keychain takes text only. Each call has a session
/// of its own with the keychain: what is read back has been kept, and a keychain that was started again is found.
pub struct Keychain {
    namespace: String,
}

impl Keychain {
    /// `namespace` is what the worker sees in the keychain's own window, such as `se.ledsaga.app`.
    pub fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned() }
    }

    async fn with_entry<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, SecretError> {
        let (namespace, name) = (self.namespace.clone(), name.to_owned());
        within(sleep(LIMIT), move || work(&Store::new()?.build(&namespace, &name, None)?)).await
    }
}

#[async_trait]
impl SecretStore for Keychain {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        let text = self
            .with_entry(name, |entry| match entry.get_secret() {
                Ok(text) => Ok(Some(Zeroizing::new(text))),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            })
            .await?;
        text.map(|text| BASE64_STANDARD.decode(&*text).map(Zeroizing::new))
            .transpose()
            .map_err(|_| SecretError::Failed)
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        let text = Zeroizing::new(BASE64_STANDARD.encode(secret));
        self.with_entry(name, move |entry| entry.set_secret(text.as_bytes())).await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.with_entry(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
        .await
    }
}

/// One call at a time. One that hangs and is given up may still come through: it must not undo what a later one wrote.
static TURN: Mutex<()> = Mutex::new(());

/// On a thread of its own: a runtime that ends would wait for a blocking task that hangs in a prompt.
/// What has not answered when `limit` is over is given up.
async fn within<T: Send + 'static>(
    limit: impl Future,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, SecretError> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new()
        .name("keychain".into())
        .spawn(move || {
            let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
            // What was given up before its turn came is not done at all.
            if !answer.is_closed() {
                let _ = answer.send(work());
            }
        })
        .map_err(|_| SecretError::Failed)?;
    tokio::select! {
        biased;
        answer = answered => answer.map_err(|_| SecretError::Failed)?.map_err(secret_error),
        _ = limit => Err(SecretError::Locked),
    }
}

/// The error itself may hold the secret, so that only its kind goes on.
fn secret_error(error: Error) -> SecretError {
    match error {
        Error::NoDefaultStore | Error::PlatformFailure(_) => SecretError::NoKeychain,
        Error::NoStorageAccess(_) => SecretError::Locked,
        _ => SecretError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        sync::Arc,
    };

    use super::*;

    #[tokio::test]
    async fn a_prompt_that_nobody_answers_counts_as_locked() {
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let result = within(begins, move || {
            let _ = begun.send(());
            let _ = wait.recv();
            Ok(())
        })
        .await;
        assert_eq!(result, Err(SecretError::Locked));
        drop(release);
    }

    #[tokio::test]
    async fn what_hangs_comes_before_what_is_called_later_and_what_was_given_up_meanwhile_is_not_done() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let write = |number: u8| {
            let written = written.clone();
            move || {
                written.lock().unwrap().push(number);
                Ok(())
            }
        };
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let first = write(1);
        let hangs = within(begins, move || {
            let _ = begun.send(());
            let _ = wait.recv();
            first()
        });
        assert_eq!(hangs.await, Err(SecretError::Locked));
        assert_eq!(within(ready(()), write(2)).await, Err(SecretError::Locked));
        let third = tokio::spawn(within(pending::<()>(), write(3)));
        drop(release);
        assert_eq!(third.await.unwrap(), Ok(()));
        assert_eq!(*written.lock().unwrap(), [1, 3]);
    }

    #[tokio::test]
    async fn each_kind_of_failure_has_its_own_answer() {
        let cause = || Box::new(std::io::Error::other("cause"));
        let cases = [
            (Error::NoDefaultStore, SecretError::NoKeychain),
            (Error::PlatformFailure(cause()), SecretError::NoKeychain),
            (Error::NoStorageAccess(cause()), SecretError::Locked),
            (Error::BadEncoding(b"hemlig".to_vec()), SecretError::Failed),
            (Error::TooLong("secret".into(), 2_560), SecretError::Failed),
        ];
        for (error, expected) in cases {
            assert_eq!(within(pending::<()>(), move || Err::<(), _>(error)).await, Err(expected));
        }
        assert_eq!(
            within(pending::<()>(), || -> Result<(), Error> { panic!("in the keychain") }).await,
            Err(SecretError::Failed)
        );
    }
}
