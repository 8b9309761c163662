//! Who works here, and whether the desk is open: signed out, signing in, locked, open or blocked.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use ledsaga_core::{
    clock::SystemClock,
    desk::Desk,
    memory::MemoryStore,
    ports::{SecretStore, Store},
    worker::Worker,
};
use ledsaga_link::{About, Account, Client, SignIn, SignInError, SignInOptions};
use ledsaga_vault::{OpenError, Vault};
use tauri::{AppHandle, Emitter, Manager};
use tauri_plugin_opener::OpenerExt;
use tokio::sync::{Mutex, Notify, RwLock};

use crate::{
    Shell,
    configuration::Configuration,
    ipc::view::{Changed, SessionState, SessionView, Storage, WorkerView},
    window,
};

/// How long the worker may take in the browser.
const SIGN_IN_LIMIT: Duration = Duration::from_secs(180);
/// How long after a real sign-in the work may go on from a lock while the municipality cannot be reached.
const OFFLINE_LIMIT: SignedDuration = SignedDuration::from_hours(12);

enum State {
    SignedOut,
    SigningIn { from: Option<Arc<Account>> },
    Locked { account: Arc<Account> },
    Open { account: Arc<Account>, desk: Desk, storage: Storage },
    Blocked { account: Arc<Account> },
}

/// Where a sign-in starts from.
enum Origin {
    Blocked(Arc<Account>),
    Open(Arc<Account>),
    Locked(Arc<Account>),
}

pub struct Session {
    configuration: Configuration,
    secrets: Arc<dyn SecretStore>,
    app: AppHandle,
    state: RwLock<State>,
    problem: RwLock<Option<String>>,
    about: RwLock<Option<About>>,
    /// Held while the session changes hands, so that two sign-ins never interleave.
    turn: Mutex<()>,
    cancelled: Notify,
    /// Desks of the memory-only mode that are locked or signed out: closing them would lose what they hold.
    set_aside: Mutex<Vec<(Arc<Account>, Desk)>>,
}

impl Session {
    pub fn new(configuration: Configuration, secrets: Arc<dyn SecretStore>, app: AppHandle) -> Self {
        Self {
            configuration,
            secrets,
            app,
            state: RwLock::new(State::SignedOut),
            problem: RwLock::new(None),
            about: RwLock::new(None),
            turn: Mutex::new(()),
            cancelled: Notify::new(),
            set_aside: Mutex::new(Vec::new()),
        }
    }

    pub async fn view(&self) -> SessionView {
        let state = self.state.read().await;
        let about = self.about.read().await;
        let (name, account, storage) = match &*state {
            State::SignedOut => (SessionState::SignedOut, None, None),
            State::SigningIn { from } => (SessionState::SigningIn, from.as_ref(), None),
            State::Locked { account } => (SessionState::Locked, Some(account), None),
            State::Open { account, storage, .. } => (SessionState::Open, Some(account), Some(*storage)),
            State::Blocked { account } => (SessionState::Blocked, Some(account), None),
        };
        SessionView {
            state: name,
            worker: account.map(|account| worker_view(account.worker())),
            storage,
            problem: self.problem.read().await.clone(),
            municipality: about.as_ref().map(|about| about.municipality.clone()),
            demo: about.as_ref().is_some_and(|about| about.demo),
            content_protection: window::content_protection(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub async fn desk(&self) -> Option<Desk> {
        match &*self.state.read().await {
            State::Open { desk, .. } => Some(desk.clone()),
            _ => None,
        }
    }

    /// Takes up the work where it was: the worker of the last time, without asking and without a network. A desk that
    /// was locked stays locked.
    pub async fn restore(&self) {
        let turn = self.turn.lock().await;
        match Account::restore(&self.configuration.gateway, self.secrets.clone()).await {
            Ok(Some(account)) => {
                let account = Arc::new(account);
                if self.lock_mark().exists() {
                    self.become_state(State::Locked { account }, None).await;
                } else {
                    self.open(account).await;
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

    /// Opens the system browser for sign-in; from a lock the worker has to sign in anew. With the desk open it renews the
    /// way to the municipality and leaves the work alone. In the blocked state it tries to open the store again. The
    /// outcome comes as a changed session.
    pub async fn sign_in(&self) {
        let Ok(turn) = self.turn.try_lock() else { return };
        // A cancellation that came as the last sign-in ended is not meant for this one.
        window::forget_late_answer(&self.cancelled);
        let from = match &*self.state.read().await {
            State::SigningIn { .. } => return,
            State::Blocked { account } => Some(Origin::Blocked(account.clone())),
            State::Open { account, .. } => Some(Origin::Open(account.clone())),
            State::Locked { account } => Some(Origin::Locked(account.clone())),
            State::SignedOut => None,
        };
        match from {
            Some(Origin::Blocked(account)) => return self.open(account).await,
            Some(Origin::Open(account)) => {
                self.in_background(move |shell| async move { shell.session.renew(account).await })
            }
            Some(Origin::Locked(account)) => {
                self.become_state(State::SigningIn { from: Some(account.clone()) }, None).await;
                self.in_background(
                    move |shell| async move { shell.session.finish_sign_in(Some(account)).await },
                );
            }
            None => {
                self.become_state(State::SigningIn { from: None }, None).await;
                self.in_background(|shell| async move { shell.session.finish_sign_in(None).await });
            }
        }
        drop(turn);
    }

    async fn renew(&self, account: Arc<Account>) {
        let _turn = self.turn.lock().await;
        let problem = match self.sign_in_by_browser(false).await {
            Ok(new) if account.renew(&new).await => None,
            // Somebody else signed in: their own sign-in is for their own desk.
            Ok(other) => {
                let _ = other.sign_out().await;
                Some("other_worker".to_owned())
            }
            Err(error) => Some(error.code().to_owned()),
        };
        *self.problem.write().await = problem;
        let _ = self.app.emit("changed", Changed::Session);
        if let Some(desk) = self.desk().await {
            desk.retry_now().await;
        }
    }

    async fn finish_sign_in(&self, from: Option<Arc<Account>>) {
        let _turn = self.turn.lock().await;
        let outcome = tokio::select! {
            outcome = self.sign_in_by_browser(from.is_some()) => outcome,
            () = self.cancelled.notified() => Err(SignInError::Cancelled),
        };
        match (outcome, from) {
            (Ok(account), _) => self.open(Arc::new(account)).await,
            (Err(SignInError::Unreachable), Some(account)) if signed_in_lately(&account) => {
                self.open(account).await
            }
            (Err(error), Some(account)) => {
                self.become_state(State::Locked { account }, Some(error.code().to_owned())).await;
            }
            (Err(error), None) => self.become_state(State::SignedOut, Some(error.code().to_owned())).await,
        }
    }

    async fn sign_in_by_browser(&self, fresh: bool) -> Result<Account, SignInError> {
        let options = SignInOptions { fresh, ..SignInOptions::default() };
        let pending = SignIn::begin(&self.configuration.gateway, self.secrets.clone(), options).await?;
        *self.about.write().await = Some(pending.about().clone());
        self.app.opener().open_url(pending.url(), None::<&str>).map_err(|_| SignInError::NoBrowser)?;
        pending.finish(SIGN_IN_LIMIT).await
    }

    pub async fn cancel_sign_in(&self) {
        if matches!(&*self.state.read().await, State::SigningIn { .. }) {
            self.cancelled.notify_one();
        }
    }

    /// Closes the store and wipes its keys; only a new sign-in opens it.
    pub async fn lock(&self) {
        let _turn = self.turn.lock().await;
        let Some(account) = self.put_away().await else { return };
        if let Err(error) = self.set_lock_mark() {
            tracing::warn!("the lock will not outlive a restart: {}", error.kind());
        }
        self.become_state(State::Locked { account }, None).await;
    }

    /// Ends the session at the municipality too. The drafts stay, sealed, for the same worker.
    pub async fn sign_out(&self) {
        let _turn = self.turn.lock().await;
        let account = match &*self.state.read().await {
            State::Locked { account } | State::Blocked { account } => Some(account.clone()),
            State::Open { .. } | State::SignedOut | State::SigningIn { .. } => None,
        };
        let account = match account {
            Some(account) => Some(account),
            None => self.put_away().await,
        };
        let problem = match account {
            Some(account) => {
                account.sign_out().await.err().map(|error| SignInError::from(error).code().to_owned())
            }
            None => None,
        };
        self.clear_lock_mark();
        self.become_state(State::SignedOut, problem).await;
    }

    /// Writes everything out, for the end of the application.
    pub async fn close(&self) {
        if let Some(desk) = self.desk().await {
            desk.close().await;
        }
    }

    /// Takes the open desk out of reach: its store is closed and its keys are wiped. Without a keychain the store is
    /// all there is, so it waits in memory for the same worker.
    async fn put_away(&self) -> Option<Arc<Account>> {
        let state = self.state.read().await;
        let State::Open { account, desk, storage } = &*state else { return None };
        match storage {
            Storage::Encrypted => desk.close().await,
            Storage::MemoryOnly => self.set_aside.lock().await.push((account.clone(), desk.clone())),
        }
        Some(account.clone())
    }

    async fn take_back(&self, account: &Account) -> Option<(Arc<Account>, Desk)> {
        let mut set_aside = self.set_aside.lock().await;
        let place = set_aside.iter().position(|(theirs, _)| theirs.worker().is_same(account.worker()))?;
        Some(set_aside.swap_remove(place))
    }

    async fn open(&self, account: Arc<Account>) {
        if let Some((known, desk)) = self.take_back(&account).await {
            known.renew(&account).await;
            self.clear_lock_mark();
            self.become_state(State::Open { account: known, desk, storage: Storage::MemoryOnly }, None).await;
            return;
        }
        let worker = account.worker().clone();
        let opened = Vault::open(&self.configuration.vault_dir, &worker, self.secrets.clone(), None).await;
        let (store, storage): (Arc<dyn Store>, _) = match opened {
            Ok(vault) => (Arc::new(vault), Storage::Encrypted),
            Err(OpenError::NoKeychain) => (Arc::new(MemoryStore::new()), Storage::MemoryOnly),
            Err(error) => {
                self.become_state(State::Blocked { account }, Some(error.code().to_owned())).await;
                return;
            }
        };
        let municipality = Arc::new(Client::new(&self.configuration.gateway, account.clone()));
        match Desk::open(store, municipality, Arc::new(SystemClock), worker).await {
            Ok(desk) => {
                self.follow(&desk);
                self.clear_lock_mark();
                self.become_state(State::Open { account, desk, storage }, None).await;
            }
            Err(error) => {
                self.become_state(State::Blocked { account }, Some(error.code().to_owned())).await;
            }
        }
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

    fn in_background<W, F>(&self, work: W)
    where
        W: FnOnce(Arc<Shell>) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let shell = self.app.state::<Arc<Shell>>().inner().clone();
        tauri::async_runtime::spawn(work(shell));
    }

    async fn become_state(&self, state: State, problem: Option<String>) {
        *self.state.write().await = state;
        *self.problem.write().await = problem;
        let _ = self.app.emit("changed", Changed::Session);
    }

    /// Fetches the municipality's name for the sign-in screen; its absence says nothing.
    async fn ask_about(&self) {
        if let Ok(about) = ledsaga_link::about(&self.configuration.gateway).await {
            *self.about.write().await = Some(about);
            let _ = self.app.emit("changed", Changed::Session);
        }
    }

    fn lock_mark(&self) -> std::path::PathBuf {
        self.configuration.vault_dir.join("locked")
    }

    fn set_lock_mark(&self) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.configuration.vault_dir)?;
        std::fs::write(self.lock_mark(), b"")
    }

    fn clear_lock_mark(&self) {
        let _ = std::fs::remove_file(self.lock_mark());
    }
}

fn signed_in_lately(account: &Account) -> bool {
    Timestamp::now().duration_since(account.last_sign_in()).abs() < OFFLINE_LIMIT
}

fn worker_view(worker: &Worker) -> WorkerView {
    let initials = worker.name.split_whitespace().filter_map(|part| part.chars().next()).take(2).collect();
    WorkerView { name: worker.name.clone(), initials, role: worker.role }
}
