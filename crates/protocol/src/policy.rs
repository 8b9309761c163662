//! What the municipality decides for every computer. It can only be stricter than what is built in.

use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use serde::{Deserialize, Serialize};

/// With a protected call on screen the application locks itself after so many idle minutes, whatever the policy says.
pub const PROTECTED_IDLE_MINUTES: u16 = 3;

/// The municipality's policy, with what is built in where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Policy {
    /// Minutes without a key or the pointer until the application locks itself.
    pub idle_lock_minutes: u16,
    pub pin: PinRule,
    /// Hours after a real sign-in in which a lock opens while the municipality cannot be reached, or with the PIN
    /// alone.
    pub offline_hours: u16,
    /// Days for an ordinary draft.
    pub draft_days: u16,
    /// Working days for a draft in protected mode.
    pub protected_draft_days: u16,
    /// How often the worker may prolong a draft's time.
    pub extensions: u16,
    /// Public age key (X25519) of whoever may open copies that are made for recovery; without one none can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_recipient: Option<String>,
}

/// Whether the workers' stores are kept under a PIN besides the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PinRule {
    /// No PIN can be chosen; one that is there can be taken away.
    Off,
    Optional,
    Required,
}

/// A value that is not one of a policy, or laxer than what is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyFault(pub &'static str);

/// The most that any policy allows, and what it must at least.
const BUILT_IN: Policy = Policy {
    idle_lock_minutes: 10,
    pin: PinRule::Optional,
    offline_hours: 12,
    draft_days: 14,
    protected_draft_days: 1,
    extensions: 3,
    recovery_recipient: None,
};

const FIELDS: [&str; 7] = [
    "idle_lock_minutes",
    "pin",
    "offline_hours",
    "draft_days",
    "protected_draft_days",
    "extensions",
    "recovery_recipient",
];

impl Default for Policy {
    fn default() -> Self {
        BUILT_IN
    }
}

impl Policy {
    /// For a computer that cannot tell what its municipality decided: short times for whoever finds it, and the usual
    /// ones for the drafts, so that none is lost.
    pub fn cautious() -> Self {
        Self { idle_lock_minutes: 5, offline_hours: 1, ..BUILT_IN }
    }

    /// As somebody wrote it down for a gateway: unknown names and lax values are refused, not passed over.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn from_json(text: &[u8]) -> Result<Self, PolicyFault> {
        let value: serde_json::Value =
            serde_json::from_slice(text).map_err(|_| PolicyFault("it is not JSON"))?;
        let fields = value.as_object().ok_or(PolicyFault("it must be an object"))?;
        if fields.keys().any(|name| !FIELDS.contains(&name.as_str())) {
            return Err(PolicyFault("it has a field that no policy has"));
        }
        let policy: Self = serde_json::from_value(value)
            .map_err(|_| PolicyFault("a field has a value of the wrong kind"))?;
        policy.check()?;
        Ok(policy)
    }

    /// Whether it is at least as strict as what is built in.
    ///
    /// # Errors
    /// The first value that is not.
    pub fn check(&self) -> Result<(), PolicyFault> {
        let wrong = |fault: &'static str| Err(PolicyFault(fault));
        if !(1..=BUILT_IN.idle_lock_minutes).contains(&self.idle_lock_minutes) {
            return wrong("idle_lock_minutes must be 1 to 10");
        }
        if self.offline_hours > BUILT_IN.offline_hours {
            return wrong("offline_hours must be 0 to 12");
        }
        if !(1..=BUILT_IN.draft_days).contains(&self.draft_days) {
            return wrong("draft_days must be 1 to 14");
        }
        if self.protected_draft_days > BUILT_IN.protected_draft_days {
            return wrong("protected_draft_days must be 0 or 1");
        }
        if self.extensions > BUILT_IN.extensions {
            return wrong("extensions must be 0 to 3");
        }
        if !self.recovery_recipient.as_deref().is_none_or(is_recipient) {
            return wrong(
                "recovery_recipient must be a public age key, age1 and 58 more signs, without a slip",
            );
        }
        Ok(())
    }

    /// The same with each lax value brought back to what is built in.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            idle_lock_minutes: self.idle_lock_minutes.clamp(1, BUILT_IN.idle_lock_minutes),
            pin: self.pin,
            offline_hours: self.offline_hours.min(BUILT_IN.offline_hours),
            draft_days: self.draft_days.clamp(1, BUILT_IN.draft_days),
            protected_draft_days: self.protected_draft_days.min(BUILT_IN.protected_draft_days),
            extensions: self.extensions.min(BUILT_IN.extensions),
            recovery_recipient: self.recovery_recipient.filter(|recipient| is_recipient(recipient)),
        }
    }
}

/// As age reads one: Bech32 with its checksum, so that a slip of the pen is noticed where the policy is written down. In
/// small letters, the one form in which it is shown.
fn is_recipient(text: &str) -> bool {
    const KIND: Hrp = Hrp::parse_unchecked("age");
    const BYTES: usize = 32;
    CheckedHrpstring::new::<Bech32>(text).is_ok_and(|key| {
        key.hrp() == KIND
            && key.byte_iter().count() == BYTES
            && !text.bytes().any(|sign| sign.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    #[test]
    fn what_is_built_in_and_what_is_cautious_are_within_the_bounds() {
        for policy in [Policy::default(), Policy::cautious()] {
            assert_eq!(policy.check(), Ok(()));
            assert_eq!(policy.clone().bounded(), policy);
        }
    }

    #[test]
    fn a_policy_says_only_what_differs() {
        assert_eq!(Policy::from_json(b"{}").unwrap(), Policy::default());
        let text =
            format!(r#"{{"pin": "required", "offline_hours": 0, "recovery_recipient": "{RECIPIENT}"}}"#);
        let expected = Policy {
            pin: PinRule::Required,
            offline_hours: 0,
            recovery_recipient: Some(RECIPIENT.to_owned()),
            ..Policy::default()
        };
        assert_eq!(Policy::from_json(text.as_bytes()).unwrap(), expected);
    }

    /// Each lax value is refused where it is written down, and brought back where it arrives.
    #[test]
    fn nothing_laxer_than_what_is_built_in_counts() {
        let built_in = Policy::default;
        for (lax, named, bounded) in [
            (Policy { idle_lock_minutes: 11, ..built_in() }, "idle_lock_minutes", built_in()),
            (
                Policy { idle_lock_minutes: 0, ..built_in() },
                "idle_lock_minutes",
                Policy { idle_lock_minutes: 1, ..built_in() },
            ),
            (Policy { offline_hours: 13, ..built_in() }, "offline_hours", built_in()),
            (Policy { draft_days: 15, ..built_in() }, "draft_days", built_in()),
            (Policy { draft_days: 0, ..built_in() }, "draft_days", Policy { draft_days: 1, ..built_in() }),
            (Policy { protected_draft_days: 2, ..built_in() }, "protected_draft_days", built_in()),
            (Policy { extensions: 4, ..built_in() }, "extensions", built_in()),
            (
                Policy { recovery_recipient: Some("age1secret".to_owned()), ..built_in() },
                "recovery_recipient",
                built_in(),
            ),
        ] {
            assert!(lax.check().unwrap_err().to_string().contains(named), "{lax:?}");
            assert!(Policy::from_json(&serde_json::to_vec(&lax).unwrap()).is_err(), "{lax:?}");
            assert_eq!(lax.bounded(), bounded);
        }
    }

    #[test]
    fn a_recipient_with_a_slip_of_the_pen_is_none() {
        assert!(is_recipient(RECIPIENT));
        for at in 4..RECIPIENT.len() {
            let mut slip = RECIPIENT.to_owned().into_bytes();
            slip[at] = if slip[at] == b'q' { b'p' } else { b'q' };
            assert!(!is_recipient(std::str::from_utf8(&slip).unwrap()), "sign {at}");
        }
        let (short, long) = (&RECIPIENT[..61], format!("{RECIPIENT}q"));
        let secret = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
        for other in ["", "age1", short, &long, secret, &RECIPIENT.to_uppercase(), &RECIPIENT[1..]] {
            assert!(!is_recipient(other), "{other}");
        }
    }

    #[test]
    fn a_name_that_no_policy_has_is_refused_where_it_is_written_down() {
        for text in
            [r#"{"idle_lock_minute": 5}"#, r#"{"pin": "sometimes"}"#, r#"{"draft_days": -1}"#, "[]", "{"]
        {
            assert!(Policy::from_json(text.as_bytes()).is_err(), "{text}");
        }
    }
}
