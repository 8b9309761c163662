//! Who works here, and whether the desk is open: signed out, signing in, locked, open or blocked.

mod copying;
mod health;
mod locking;
mod opening;
mod pin;
mod signing_in;

pub use copying::NoCopy;
pub use pin::NotSet;

use std::{
    sync::{
        Arc, Mutex as PlainMutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use ledsaga_core::{
    desk::Desk,
    idle::{Idle, IdleClock},
    locking::Proof,
    ports::SecretStore,
    worker::Worker,
};
use ledsaga_link::{About, Account, PROTECTED_IDLE_MINUTES, Policy, PolicyFile};
use ledsaga_vault::Vault;
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::{Mutex, Notify, RwLock};

use crate::{
    Shell,
    configuration::Configuration,
    hand_over::HandOvers,
    idle,
    ipc::view::{Changed, LockReason, PinView, SessionState, SessionView, Storage, WorkerView},
    window,
};

enum State {
    SignedOut,
    SigningIn { from: Option<Locked> },
    Locked(Locked),
    Open(Open),
    Blocked { account: Arc<Account> },
}

#[derive(Clone)]
struct Locked {
    account: Arc<Account>,
    /// The store opens with a PIN only, as far as is known.
    has_pin: bool,
}

#[derive(Clone)]
struct Open {
    account: Arc<Account>,
    desk: Desk,
    /// `None` in the memory-only mode.
    vault: Option<Arc<Vault>>,
    has_pin: bool,
    cover: Cover,
}

/// Whether the desk can be seen. Covered, it is open only for what is still to be saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cover {
    Off,
    On,
    /// The system browser is open, for the sign-in that takes the cover off.
    SigningIn,
}

pub struct Session {
    configuration: Configuration,
    secrets: Arc<dyn SecretStore>,
    app: AppHandle,
    pub hand_overs: HandOvers,
    state: RwLock<State>,
    problem: RwLock<Option<String>>,
    /// Why it was locked last.
    lock_reason: RwLock<Option<LockReason>>,
    /// When the next PIN is tried.
    next_pin: RwLock<Option<Instant>>,
    about: RwLock<Option<About>>,
    policy: RwLock<Policy>,
    policy_file: PolicyFile,
    idle: PlainMutex<IdleClock>,
    protected_on_screen: AtomicBool,
    /// Held while the session changes hands, so that two sign-ins never interleave.
    turn: Mutex<()>,
    /// Held while the open desk's way to the municipality is renewed in the browser.
    renewing: Mutex<()>,
    cancelled: Notify,
    /// Desks of the memory-only mode that are locked or signed out: closing them would lose what they hold.
    set_aside: Mutex<Vec<(Arc<Account>, Desk)>>,
}

impl Session {
    pub fn new(configuration: Configuration, secrets: Arc<dyn SecretStore>, app: AppHandle) -> Self {
        let policy_file = PolicyFile::new(configuration.config_dir.join("policy.json"));
        let policy = policy_file.read();
        let problem = configuration.roots_fault.map(|fault| fault.code().to_owned());
        Self {
            configuration,
            secrets,
            app,
            hand_overs: HandOvers::new(),
            state: RwLock::new(State::SignedOut),
            problem: RwLock::new(problem),
            lock_reason: RwLock::new(None),
            next_pin: RwLock::new(None),
            about: RwLock::new(None),
            idle: PlainMutex::new(IdleClock::new(idle::since_start(), minutes(policy.idle_lock_minutes))),
            policy: RwLock::new(policy),
            policy_file,
            protected_on_screen: AtomicBool::new(false),
            turn: Mutex::new(()),
            renewing: Mutex::new(()),
            cancelled: Notify::new(),
            set_aside: Mutex::new(Vec::new()),
        }
    }

    pub async fn view(&self) -> SessionView {
        let state = self.state.read().await;
        let about = self.about.read().await;
        let policy = self.policy.read().await;
        let (name, account) = match &*state {
            State::SignedOut => (SessionState::SignedOut, None),
            State::SigningIn { from } => {
                (SessionState::SigningIn, from.as_ref().map(|locked| &locked.account))
            }
            State::Locked(locked) => (SessionState::Locked, Some(&locked.account)),
            State::Open(Open { account, cover: Cover::SigningIn, .. }) => {
                (SessionState::SigningIn, Some(account))
            }
            State::Open(open) => (SessionState::Open, Some(&open.account)),
            State::Blocked { account } => (SessionState::Blocked, Some(account)),
        };
        let has_pin = match &*state {
            State::Locked(locked) | State::SigningIn { from: Some(locked) } => locked.has_pin,
            State::Open(open) => open.has_pin,
            _ => false,
        };
        let proof = account.map(|account| proof(account, has_pin, &policy));
        SessionView {
            state: name,
            worker: account.map(|account| worker_view(account.worker())),
            storage: match &*state {
                State::Open(open) => Some(open.storage()),
                _ => None,
            },
            problem: self.problem.read().await.clone(),
            municipality: about.as_ref().map(|about| about.municipality.clone()),
            demo: about.as_ref().is_some_and(|about| about.demo),
            content_protection: window::content_protection(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pin: PinView {
                policy: policy.pin.into(),
                set: has_pin,
                sign_in_first: proof.is_some_and(Proof::begins_with_sign_in),
            },
            wait_s: self.next_pin.read().await.and_then(seconds_until),
            lock_reason: *self.lock_reason.read().await,
            covered: matches!(&*state, State::Open(open) if open.is_covered()),
            idle_minutes: policy.idle_lock_minutes,
        }
    }

    /// The open desk, when it can be seen.
    pub async fn desk(&self) -> Option<Desk> {
        match &*self.state.read().await {
            State::Open(open) if !open.is_covered() => Some(open.desk.clone()),
            _ => None,
        }
    }

    /// The open desk, for what was typed before a cover went on too.
    pub async fn desk_to_save_at(&self) -> Option<Desk> {
        match &*self.state.read().await {
            State::Open(open) => Some(open.desk.clone()),
            _ => None,
        }
    }

    /// The store of the desk that can be seen; none in memory only.
    pub async fn vault(&self) -> Option<Arc<Vault>> {
        match &*self.state.read().await {
            State::Open(open) if !open.is_covered() => open.vault.clone(),
            _ => None,
        }
    }

    /// Writes everything out, for the end of the application.
    pub async fn close(&self) {
        if let Some(desk) = self.desk_to_save_at().await {
            desk.close().await;
        }
    }

    /// The worker did something.
    pub fn active(&self) {
        self.idle_clock(|clock| clock.active(idle::since_start()));
    }

    /// A call is on screen; protected ones lock sooner.
    pub async fn shows(&self, protected: bool) {
        self.protected_on_screen.store(protected, Ordering::Relaxed);
        self.settle_idle_limit().await;
    }

    /// `None` while there is nothing to lock.
    pub async fn idle(&self) -> Option<Idle> {
        let desk = self.desk().await;
        desk.map(|_| self.idle_clock(|clock| clock.at(idle::since_start())))
    }

    fn idle_clock<T>(&self, work: impl FnOnce(&mut IdleClock) -> T) -> T {
        work(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn settle_idle_limit(&self) {
        let limit = self.policy.read().await.idle_lock_minutes;
        let protected = self.protected_on_screen.load(Ordering::Relaxed);
        let limit = if protected { limit.min(PROTECTED_IDLE_MINUTES) } else { limit };
        self.idle_clock(|clock| clock.limit_is(minutes(limit)));
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
        self.problem_is(problem).await;
    }

    async fn problem_is(&self, problem: Option<String>) {
        *self.problem.write().await = problem;
        self.tell();
    }

    fn tell(&self) {
        let _ = self.app.emit("changed", Changed::Session);
    }

    /// Fetches the municipality's name and policy; its absence says nothing.
    async fn ask_about(&self) {
        if let Ok(about) = ledsaga_link::about(&self.configuration.gateway, &self.configuration.roots).await {
            self.learn(about).await;
            self.tell();
        }
    }

    /// Keeps to what the municipality says from now on, and without it too.
    async fn learn(&self, about: About) {
        if *self.policy.read().await != about.policy {
            if let Err(error) = self.policy_file.write(&about.policy) {
                tracing::warn!("the policy will not outlive the application: {}", error.kind());
            }
            *self.policy.write().await = about.policy.clone();
            self.settle_idle_limit().await;
        }
        *self.about.write().await = Some(about);
    }

    async fn proof(&self, locked: &Locked) -> Proof {
        proof(&locked.account, locked.has_pin, &*self.policy.read().await)
    }
}

impl Open {
    fn storage(&self) -> Storage {
        if self.vault.is_some() { Storage::Encrypted } else { Storage::MemoryOnly }
    }

    fn is_covered(&self) -> bool {
        self.cover != Cover::Off
    }

    fn locked(&self) -> Locked {
        Locked { account: self.account.clone(), has_pin: self.has_pin }
    }
}

fn proof(account: &Account, has_pin: bool, policy: &Policy) -> Proof {
    Proof::needed(has_pin, account.last_sign_in(), Timestamp::now(), policy.offline_hours)
}

fn minutes(minutes: u16) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

/// Rounded up: a second that has begun counts.
fn seconds_until(then: Instant) -> Option<u32> {
    let left = then.saturating_duration_since(Instant::now());
    u32::try_from(left.as_millis().div_ceil(1_000)).ok().filter(|seconds| *seconds > 0)
}

fn worker_view(worker: &Worker) -> WorkerView {
    let initials = worker.name.split_whitespace().filter_map(|part| part.chars().next()).take(2).collect();
    WorkerView { name: worker.name.clone(), initials, role: worker.role }
}
