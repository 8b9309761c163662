//! Signing in by the system browser: to begin, to open a lock, to take a cover off, or to renew the way to the
//! municipality.

use std::{sync::Arc, time::Duration};

use ledsaga_link::{Account, SignIn, SignInError, SignInOptions};
use tauri_plugin_opener::OpenerExt;

use super::{Cover, Locked, Open, Session, State, locking::Mark};
use crate::window;

/// How long the worker may take in the browser.
const LIMIT: Duration = Duration::from_secs(180);

impl Session {
    /// Opens the system browser for sign-in; from a lock, or after a sign-out, the worker has to sign in anew. With the desk open it renews the
    /// way to the municipality and leaves the work alone. In the blocked state it tries to open the store again. The
    /// outcome comes as a changed session.
    pub async fn sign_in(&self) {
        let Ok(turn) = self.turn.try_lock() else { return };
        // A cancellation that came as the last sign-in ended is not meant for this one.
        window::forget_late_answer(&self.cancelled);
        let mut state = self.state.write().await;
        match &mut *state {
            State::SigningIn { .. } | State::Open(Open { cover: Cover::SigningIn, .. }) => return,
            State::Blocked { account } => {
                let account = account.clone();
                drop(state);
                return self.open(account, None).await;
            }
            State::Open(Open { account, cover: Cover::Off, .. }) => {
                let account = account.clone();
                self.in_background(move |shell| async move { shell.session.renew(account).await });
                return;
            }
            State::Open(open) => {
                open.cover = Cover::SigningIn;
                let locked = open.locked();
                self.in_background(
                    move |shell| async move { shell.session.uncover_by_sign_in(locked).await },
                );
            }
            State::Locked(locked) => {
                let from = locked.clone();
                *state = State::SigningIn { from: Some(from.clone()) };
                self.in_background(
                    move |shell| async move { shell.session.finish_sign_in(Some(from)).await },
                );
            }
            State::SignedOut => {
                *state = State::SigningIn { from: None };
                self.in_background(|shell| async move { shell.session.finish_sign_in(None).await });
            }
        }
        drop(state);
        drop(turn);
        self.problem_is(None).await;
    }

    pub async fn cancel_sign_in(&self) {
        let waits = matches!(
            &*self.state.read().await,
            State::SigningIn { .. } | State::Open(Open { cover: Cover::SigningIn, .. })
        );
        if waits {
            self.cancelled.notify_one();
        }
    }

    /// The turn is taken once the browser is done, so that a lock never waits for it.
    async fn renew(&self, account: Arc<Account>) {
        let Ok(_renewing) = self.renewing.try_lock() else { return };
        let outcome = self.sign_in_by_browser(false).await;
        let _turn = self.turn.lock().await;
        let problem = self.same_worker(&account, outcome).await.err();
        self.problem_is(problem.map(str::to_owned)).await;
        if let Some(desk) = self.desk().await {
            desk.retry_now().await;
        }
    }

    async fn finish_sign_in(&self, from: Option<Locked>) {
        let _turn = self.turn.lock().await;
        // Whoever comes after a sign-out proves who they are, whatever the browser remembers.
        let fresh = from.is_some() || self.has_mark(Mark::SignedOut);
        let outcome = self.sign_in_or_cancel(fresh).await;
        match (outcome, from) {
            (Ok(account), _) => self.open(Arc::new(account), None).await,
            (Err(error), Some(locked)) => self.not_signed_in(error, locked).await,
            (Err(error), None) => self.become_state(State::SignedOut, Some(error.code().to_owned())).await,
        }
    }

    /// The turn is taken once the browser is done: meanwhile the last words may be saved and the cover become a lock.
    async fn uncover_by_sign_in(&self, locked: Locked) {
        let outcome = self.sign_in_or_cancel(true).await;
        let _turn = self.turn.lock().await;
        let offline =
            matches!(outcome, Err(SignInError::Unreachable)) && self.proof(&locked).await.holds_offline();
        let signed_in = if offline { Ok(()) } else { self.same_worker(&locked.account, outcome).await };
        let mut state = self.state.write().await;
        match (&mut *state, signed_in) {
            (State::Open(open), Ok(())) if open.is_covered() => {
                // With a PIN the sign-in was the first half.
                open.cover = if open.has_pin { Cover::On } else { Cover::Off };
                let uncovered = open.cover == Cover::Off;
                drop(state);
                if uncovered {
                    self.uncovered().await;
                }
                self.problem_is(None).await;
            }
            (State::Open(open), Err(problem)) if open.is_covered() => {
                open.cover = Cover::On;
                drop(state);
                self.problem_is(Some(problem.to_owned())).await;
            }
            (State::Locked(locked), Ok(())) => {
                let account = locked.account.clone();
                drop(state);
                self.open(account, None).await;
            }
            _ => {}
        }
    }

    async fn not_signed_in(&self, error: SignInError, locked: Locked) {
        if error == SignInError::Unreachable && self.proof(&locked).await.holds_offline() {
            self.open(locked.account, None).await;
        } else {
            self.become_state(State::Locked(locked), Some(error.code().to_owned())).await;
        }
    }

    /// Somebody else's sign-in is for their own desk and is ended again.
    async fn same_worker(
        &self,
        account: &Account,
        outcome: Result<Account, SignInError>,
    ) -> Result<(), &'static str> {
        match outcome {
            Ok(new) if account.renew(&new).await => Ok(()),
            Ok(other) => {
                let _ = self.sign_out_of(&other).await;
                Err("other_worker")
            }
            Err(error) => Err(error.code()),
        }
    }

    async fn sign_in_or_cancel(&self, fresh: bool) -> Result<Account, SignInError> {
        tokio::select! {
            outcome = self.sign_in_by_browser(fresh) => outcome,
            () = self.cancelled.notified() => Err(SignInError::Cancelled),
        }
    }

    async fn sign_in_by_browser(&self, fresh: bool) -> Result<Account, SignInError> {
        let roots = self.configuration.roots.clone();
        let options = SignInOptions { fresh, roots, ..SignInOptions::default() };
        let pending = SignIn::begin(&self.configuration.gateway, self.secrets.clone(), options).await?;
        self.learn(pending.about().clone()).await;
        self.app.opener().open_url(pending.url(), None::<&str>).map_err(|_| SignInError::NoBrowser)?;
        pending.finish(LIMIT).await
    }
}
