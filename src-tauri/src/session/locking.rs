//! Locking: by the worker, by time or by the system. The desk is out of sight at once; the store is closed as soon as
//! the last words are in it.

use ledsaga_core::{
    audit::AuditAction,
    desk::Desk,
    locking::{Lock, lock_after},
};
use ledsaga_link::{Account, SignInError};
use tauri_plugin_opener::OpenerExt;

use super::{Cover, Open, Session, State};
use crate::{hand_over::Answers, ipc::view::LockReason, window};

/// What a start must know of how the last session ended: an empty file, gone when a desk is open.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Locked,
    /// The browser may still remember the worker who signed out.
    SignedOut,
}

impl Mark {
    fn file(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::SignedOut => "signed-out",
        }
    }
}

impl Session {
    /// Hides the desk, has everything typed saved, closes the store and wipes its keys. What cannot be saved stays in
    /// the window, out of sight, and the lock becomes full as soon as it can be.
    pub async fn lock(&self, reason: LockReason) {
        let _turn = self.turn.lock().await;
        if !self.cover().await {
            return;
        }
        *self.lock_reason.write().await = Some(reason);
        self.set_mark(Mark::Locked);
        self.problem_is(None).await;
        let answers = self.hand_overs.listen();
        match lock_after(self.hand_overs.ask(&self.app).await) {
            Lock::Full => self.lock_fully().await,
            Lock::Cover => {
                self.in_background(move |shell| async move { shell.session.lock_once_saved(answers).await });
            }
        }
    }

    /// Whether there was something to hide.
    async fn cover(&self) -> bool {
        match &mut *self.state.write().await {
            State::Open(open) if open.cover == Cover::Off => {
                open.cover = Cover::On;
                true
            }
            _ => false,
        }
    }

    async fn lock_once_saved(&self, mut answers: Answers) {
        answers.saved().await;
        let _turn = self.turn.lock().await;
        let covered = matches!(&*self.state.read().await, State::Open(open) if open.is_covered());
        if covered {
            self.lock_fully().await;
        }
    }

    async fn lock_fully(&self) {
        let Some(open) = self.put_away().await else { return };
        self.become_state(State::Locked(open.locked()), None).await;
        window::blank(&self.app);
    }

    /// Back at the desk, after the proof that a lock asks for.
    pub(super) async fn uncovered(&self) {
        *self.lock_reason.write().await = None;
        self.clear_mark(Mark::Locked);
        self.clear_mark(Mark::SignedOut);
        self.active();
    }

    /// Ends the session at the municipality too. The drafts stay, sealed, for the same worker. Under a cover there is
    /// something left to save first.
    pub async fn sign_out(&self) {
        let _turn = self.turn.lock().await;
        let account = match &*self.state.read().await {
            State::Locked(locked) => Some(locked.account.clone()),
            State::Blocked { account } => Some(account.clone()),
            State::Open(open) if open.is_covered() => return,
            State::Open(_) | State::SignedOut | State::SigningIn { .. } => None,
        };
        let account = match account {
            Some(account) => Some(account),
            None => self.put_away().await.map(|open| open.account),
        };
        let problem = match account {
            Some(account) => self.sign_out_of(&account).await,
            None => None,
        };
        *self.lock_reason.write().await = None;
        self.clear_mark(Mark::Locked);
        self.set_mark(Mark::SignedOut);
        self.become_state(State::SignedOut, problem).await;
        window::blank(&self.app);
    }

    /// The issuer's own page comes up in the browser: a session left open there would sign the next worker in as this one.
    pub(super) async fn sign_out_of(&self, account: &Account) -> Option<String> {
        let done = account.sign_out().await;
        if let Some(page) = done.page
            && self.app.opener().open_url(page, None::<&str>).is_err()
        {
            tracing::warn!("the browser could not be opened to sign out there too");
        }
        done.forgotten.err().map(|error| SignInError::from(error).code().to_owned())
    }

    /// Whether closing the window would lose words that nobody at the window may give up.
    pub async fn holds_unsaved(&self) -> bool {
        matches!(&*self.state.read().await, State::Open(open) if open.is_covered())
    }

    /// Takes the open desk out of reach: its store is closed and its keys are wiped. Without a keychain the store is
    /// all there is, so it waits in memory for the same worker.
    async fn put_away(&self) -> Option<Open> {
        let state = self.state.read().await;
        let State::Open(open) = &*state else { return None };
        self.record_in(&open.desk, AuditAction::Locked).await;
        match open.vault {
            Some(_) => open.desk.close().await,
            None => self.set_aside.lock().await.push((open.account.clone(), open.desk.clone())),
        }
        Some(open.clone())
    }

    /// What is not in the log is at least said: nothing that locks or changes keys waits for it.
    pub async fn record(&self, action: AuditAction) {
        if let Some(desk) = self.desk().await {
            self.record_in(&desk, action).await;
        }
    }

    pub(super) async fn record_in(&self, desk: &Desk, action: AuditAction) {
        if desk.record(action).await.is_err() {
            tracing::warn!("something that was done with the desk is not in the log");
        }
    }

    pub(super) async fn take_back(&self, account: &Account) -> Option<Open> {
        let mut set_aside = self.set_aside.lock().await;
        let place = set_aside.iter().position(|(theirs, _)| theirs.worker().is_same(account.worker()))?;
        let (account, desk) = set_aside.swap_remove(place);
        Some(Open { account, desk, vault: None, has_pin: false, cover: Cover::Off })
    }

    pub(super) fn has_mark(&self, mark: Mark) -> bool {
        self.mark(mark).exists()
    }

    fn mark(&self, mark: Mark) -> std::path::PathBuf {
        self.configuration.vault_dir.join(mark.file())
    }

    fn set_mark(&self, mark: Mark) {
        let dir = &self.configuration.vault_dir;
        if let Err(error) = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(self.mark(mark), b"")) {
            tracing::warn!("{} will not outlive a restart: {}", mark.file(), error.kind());
        }
    }

    fn clear_mark(&self, mark: Mark) {
        let _ = std::fs::remove_file(self.mark(mark));
    }
}
