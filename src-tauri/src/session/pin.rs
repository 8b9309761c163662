//! The PIN: opening with it, and choosing, changing or removing it.

use ledsaga_core::{audit::AuditAction, locking::Proof};
use ledsaga_link::PinRule;
use ledsaga_vault::{Pin, PinError};

use super::{Cover, Locked, Open, Session, State};

/// Why the PIN was not set.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    #[error(transparent)]
    Pin(#[from] PinError),
    #[error("the municipality's policy has no PIN")]
    Off,
    #[error("the municipality's policy demands a PIN")]
    Required,
}

impl NotSet {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pin(error) => error.code(),
            Self::Off => "pin_off",
            Self::Required => "pin_required",
        }
    }
}

impl Session {
    /// Opens a lock or takes a cover off with the PIN alone, for as long after a real sign-in as the policy lets it.
    pub async fn unlock(&self, pin: Pin) {
        let _turn = self.turn.lock().await;
        let (locked, covered) = match &*self.state.read().await {
            State::Locked(locked) => (locked.clone(), None),
            State::Open(Open { cover: Cover::Off, .. }) => return,
            State::Open(open) => (open.locked(), open.vault.clone()),
            _ => return,
        };
        if self.proof(&locked).await != Proof::Pin {
            return self.problem_is(Some("sign_in_first".to_owned())).await;
        }
        let Some(vault) = covered else { return self.open_with_pin(locked, pin).await };
        match vault.check_pin(&pin).await {
            Ok(()) => {
                if let State::Open(open) = &mut *self.state.write().await {
                    open.cover = Cover::Off;
                }
                *self.next_pin.write().await = None;
                self.uncovered().await;
                self.problem_is(None).await;
            }
            Err(error) => {
                let problem = self.wait_after(error).await;
                self.problem_is(problem.map(str::to_owned)).await;
            }
        }
    }

    /// A PIN proves nothing to a store that has none, so that it is asked first.
    async fn open_with_pin(&self, locked: Locked, pin: Pin) {
        match self.needs_pin(&locked.account).await {
            Ok(false) => self.become_state(State::Locked(Locked { has_pin: false, ..locked }), None).await,
            Ok(true) => self.open(locked.account, Some(pin)).await,
            Err(error) => {
                let account = locked.account;
                self.become_state(State::Blocked { account }, Some(error.code().to_owned())).await;
            }
        }
    }

    /// Gives the store a PIN, another one, or none, as far as the policy has it. A lock does not wait for the keychain.
    ///
    /// # Errors
    /// The PIN from before goes on.
    pub async fn set_pin(&self, pin: Option<Pin>) -> Result<(), NotSet> {
        match (self.policy.read().await.pin, &pin) {
            (PinRule::Off, Some(_)) => return Err(NotSet::Off),
            (PinRule::Required, None) => return Err(NotSet::Required),
            _ => {}
        }
        let vault = self.vault().await.ok_or(PinError::Locked)?;
        vault.set_pin(pin).await?;
        self.record(AuditAction::PinChanged).await;
        let has_pin = vault.has_pin().await;
        if let State::Open(open) = &mut *self.state.write().await {
            open.has_pin = has_pin;
        }
        self.tell();
        Ok(())
    }
}
