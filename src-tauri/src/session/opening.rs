//! Opening the worker's store and the desk on it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ledsaga_core::{
    audit::AuditAction,
    clock::SystemClock,
    desk::Desk,
    memory::{MemoryIndex, MemoryStore},
    ports::{Index, Store},
};
use ledsaga_link::{Account, Client, SignInError, retention_limits};
use ledsaga_vault::{OpenError, Pin, Vault};
use tauri::Emitter;

use super::{Cover, Locked, Open, Session, State, locking::Mark};
use crate::ipc::view::Changed;

impl Session {
    /// Takes up the work where it was: the worker of the last time, without asking and without a network. A desk that
    /// was locked stays locked.
    pub async fn restore(&self) {
        let turn = self.turn.lock().await;
        match Account::restore(&self.configuration.gateway, self.secrets.clone()).await {
            Ok(Some(account)) => {
                let account = Arc::new(account.trusting(self.configuration.roots.clone()));
                if self.has_mark(Mark::Locked) {
                    // What a keychain that does not answer hides is found out at the opening.
                    let has_pin = self.needs_pin(&account).await.unwrap_or(false);
                    self.become_state(State::Locked(Locked { account, has_pin }), None).await;
                } else {
                    self.open(account, None).await;
                }
            }
            Ok(None) => {}
            Err(error) => {
                let problem = SignInError::from(error).code().to_owned();
                self.become_state(State::SignedOut, Some(problem)).await;
            }
        }
        drop(turn);
        self.ask_about().await;
    }

    pub(super) async fn needs_pin(&self, account: &Account) -> Result<bool, OpenError> {
        let (dir, secrets) = (&self.configuration.vault_dir, self.secrets.clone());
        Vault::needs_pin(dir, account.worker(), secrets).await
    }

    /// Opens the desk, or says why not: a PIN that is missing or wrong leaves it locked.
    pub(super) async fn open(&self, account: Arc<Account>, pin: Option<Pin>) {
        if let Some(open) = self.take_back(&account).await {
            open.account.renew(&account).await;
            return self.opened(open).await;
        }
        let (dir, worker) = (&self.configuration.vault_dir, account.worker());
        let (vault, store) = match Vault::open(dir, worker, self.secrets.clone(), pin.as_ref()).await {
            Ok(vault) => {
                let vault = Arc::new(vault);
                (Some(vault.clone()), vault as Arc<dyn Store>)
            }
            Err(OpenError::NoKeychain) => (None, Arc::new(MemoryStore::new()) as Arc<dyn Store>),
            Err(error @ (OpenError::PinNeeded | OpenError::WrongPin { .. })) => {
                let problem = self.wait_after(error).await;
                let locked = Locked { account, has_pin: true };
                return self.become_state(State::Locked(locked), problem.map(str::to_owned)).await;
            }
            Err(error) => {
                let problem = error.code().to_owned();
                return self.become_state(State::Blocked { account }, Some(problem)).await;
            }
        };
        let municipality = Arc::new(Client::new(&self.configuration.gateway, account.clone()));
        let limits = retention_limits(&*self.policy.read().await);
        let index = match &vault {
            Some(vault) => vault.index().await.map(|index| Arc::new(index) as Arc<dyn Index>),
            None => Ok(Arc::new(MemoryIndex::new()) as Arc<dyn Index>),
        };
        // A full disk, say, is no reason to keep anybody from the work.
        let index = index.unwrap_or_else(|_| Arc::new(MemoryIndex::new()));
        match Desk::open(store, index, municipality, Arc::new(SystemClock), worker.clone(), limits).await {
            Ok(desk) => {
                self.follow(&desk);
                let has_pin = match &vault {
                    Some(vault) => vault.has_pin().await,
                    None => false,
                };
                self.record_in(&desk, AuditAction::Unlocked).await;
                self.opened(Open { account, desk, vault, has_pin, cover: Cover::Off }).await;
            }
            Err(error) => {
                if let Some(vault) = vault {
                    vault.close().await;
                }
                self.become_state(State::Blocked { account }, Some(error.code().to_owned())).await;
            }
        }
    }

    async fn opened(&self, open: Open) {
        self.protected_on_screen.store(false, std::sync::atomic::Ordering::Relaxed);
        self.settle_idle_limit().await;
        self.uncovered().await;
        *self.next_pin.write().await = None;
        self.become_state(State::Open(open), None).await;
    }

    /// The problem that a PIN came to, if it is one, and the time to wait after it.
    pub(super) async fn wait_after(&self, error: OpenError) -> Option<&'static str> {
        let wait_s = if let OpenError::WrongPin { wait_s } = error { wait_s } else { 0 };
        let next = (wait_s > 0).then(|| Instant::now() + Duration::from_secs(wait_s.into()));
        *self.next_pin.write().await = next;
        (error != OpenError::PinNeeded).then(|| error.code())
    }

    /// Tells the UI whenever the desk changed by itself.
    fn follow(&self, desk: &Desk) {
        let mut changes = desk.changes();
        let app = self.app.clone();
        tauri::async_runtime::spawn(async move {
            while changes.changed().await.is_ok() {
                let _ = app.emit("changed", Changed::Desk);
            }
        });
    }
}
