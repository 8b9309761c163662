//! What a lock does with what was typed, and what it takes to open it again.

use jiff::{SignedDuration, Timestamp};

/// What the window says when it is asked for everything that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOver {
    /// All of it is saved.
    Saved,
    /// Some of it cannot be saved; the window holds it, out of sight, and keeps trying.
    Unsaved,
}

/// How far a lock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// The store is closed, its keys are wiped and the window forgets everything.
    Full,
    /// Nothing can be seen or reached, and the store stays open until the last words are saved.
    Cover,
}

/// `answer` is `None` when the window did not answer in time. A window that is dead keeps nothing that could be saved
/// and hides nothing, so that one is thrown away.
pub fn lock_after(answer: Option<HandOver>) -> Lock {
    match answer {
        Some(HandOver::Unsaved) => Lock::Cover,
        Some(HandOver::Saved) | None => Lock::Full,
    }
}

/// What opens a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A sign-in; while the municipality cannot be reached, to have tried is enough.
    SignInIfReachable,
    SignIn,
    Pin,
    SignInAndPin,
}

impl Proof {
    /// `offline_hours` after a real sign-in the municipality has to be asked again.
    pub fn needed(has_pin: bool, last_sign_in: Timestamp, now: Timestamp, offline_hours: u16) -> Self {
        // A clock that was turned back past the sign-in gains nothing.
        let lately =
            now.duration_since(last_sign_in).abs() < SignedDuration::from_hours(offline_hours.into());
        match (has_pin, lately) {
            (true, true) => Self::Pin,
            (true, false) => Self::SignInAndPin,
            (false, true) => Self::SignInIfReachable,
            (false, false) => Self::SignIn,
        }
    }

    /// The municipality has to be asked before a PIN helps.
    pub fn begins_with_sign_in(self) -> bool {
        self != Self::Pin
    }

    /// The lock opens although the municipality could not be reached.
    pub fn holds_offline(self) -> bool {
        self == Self::SignInIfReachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours_after(hours: i64) -> (Timestamp, Timestamp) {
        let signed_in: Timestamp = "2026-11-24T07:00:00Z".parse().unwrap();
        (signed_in, signed_in + SignedDuration::from_hours(hours))
    }

    fn needed(has_pin: bool, hours: i64, offline_hours: u16) -> Proof {
        let (signed_in, now) = hours_after(hours);
        Proof::needed(has_pin, signed_in, now, offline_hours)
    }

    #[test]
    fn the_pin_is_enough_for_the_policys_hours_after_a_real_sign_in() {
        assert_eq!(needed(true, 3, 12), Proof::Pin);
        assert_eq!(needed(true, 12, 12), Proof::SignInAndPin);
        assert_eq!(needed(true, 3, 2), Proof::SignInAndPin);
        assert_eq!(needed(true, 0, 0), Proof::SignInAndPin);
    }

    #[test]
    fn without_a_pin_a_sign_in_is_asked_for_and_only_its_lack_of_a_network_is_excused() {
        assert!(needed(false, 3, 12).holds_offline());
        assert!(!needed(false, 12, 12).holds_offline());
        assert!(!needed(false, 0, 0).holds_offline());
        assert!(needed(false, 3, 12).begins_with_sign_in());
        // Having a PIN, an attempt to sign in opens nothing.
        assert!(!needed(true, 3, 12).holds_offline());
        assert!(!needed(true, 3, 12).begins_with_sign_in());
    }

    #[test]
    fn a_clock_that_was_turned_back_is_no_sign_in() {
        assert_eq!(needed(false, -13, 12), Proof::SignIn);
        assert_eq!(needed(true, -13, 12), Proof::SignInAndPin);
    }

    #[test]
    fn only_words_that_cannot_be_saved_keep_a_lock_from_being_full() {
        assert_eq!(lock_after(Some(HandOver::Saved)), Lock::Full);
        assert_eq!(lock_after(Some(HandOver::Unsaved)), Lock::Cover);
        assert_eq!(lock_after(None), Lock::Full);
    }
}
