//! The municipality's recovery key: an age key pair (X25519), made and kept away from the network.

use std::{fmt, iter, str::FromStr};

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

/// It is no key of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no recovery key")]
pub struct NoKey;

/// The public half, `age1…`: whom copies are sealed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryRecipient(age::x25519::Recipient);

impl FromStr for RecoveryRecipient {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        text.parse().map(Self).map_err(|_| NoKey)
    }
}

impl fmt::Display for RecoveryRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl RecoveryRecipient {
    pub(super) fn for_age(&self) -> impl Iterator<Item = &dyn age::Recipient> {
        iter::once(&self.0 as &dyn age::Recipient)
    }
}

/// The secret half, `AGE-SECRET-KEY-1…`: opens what was sealed for its public half.
#[derive(Clone)]
pub struct RecoveryIdentity(Vec<age::x25519::Identity>);

impl RecoveryIdentity {
    /// A new pair.
    pub fn generate() -> Self {
        Self(vec![age::x25519::Identity::generate()])
    }

    /// From the text of a key file, as this application and `age-keygen` write it: one key on a line, lines that begin with
    /// `#` are notes.
    ///
    /// # Errors
    /// A line is something else, or there is no key.
    pub fn from_file(text: &str) -> Result<Self, NoKey> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|line| line.parse().map_err(|_| NoKey)).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(NoKey) } else { Ok(Self(keys)) }
    }

    /// The text of a key file, with these words as its note.
    pub fn to_file(&self, note: &str) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1_024));
        for line in note.lines() {
            text.push_str("# ");
            text.push_str(line);
            text.push('\n');
        }
        for key in &self.0 {
            text.push_str(key.to_string().expose_secret());
            text.push('\n');
        }
        text
    }

    /// The public half of its first key.
    pub fn recipient(&self) -> Option<RecoveryRecipient> {
        self.0.first().map(|key| RecoveryRecipient(key.to_public()))
    }

    pub(super) fn for_age(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|key| key as &dyn age::Identity)
    }
}

/// Says nothing of the key.
impl fmt::Debug for RecoveryIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryIdentity(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
    const SECRET: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";

    #[test]
    fn the_halves_belong_together() {
        let identity = RecoveryIdentity::from_file(SECRET).unwrap();
        assert_eq!(identity.recipient().unwrap().to_string(), PUBLIC);
        assert_eq!(PUBLIC.parse(), Ok(identity.recipient().unwrap()));
    }

    #[test]
    fn a_key_file_is_read_back_as_it_was_written() {
        let identity = RecoveryIdentity::generate();
        let written = identity.to_file("Två rader\nom nyckeln");
        assert!(written.starts_with("# Två rader\n# om nyckeln\nAGE-SECRET-KEY-1"));
        let read = RecoveryIdentity::from_file(&written.replace('\n', "\r\n")).unwrap();
        assert_eq!(read.recipient(), identity.recipient());
        assert!(!format!("{identity:?}").contains("KEY"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "# bara en rad\n", PUBLIC, &SECRET[..70], "AGE-SECRET-KEY-1\n", "-----BEGIN"] {
            assert_eq!(RecoveryIdentity::from_file(text).err(), Some(NoKey), "{text}");
        }
        // A sign less, another sign, the other half.
        for text in [&PUBLIC[..61], &PUBLIC.replace('7', "8"), SECRET, ""] {
            assert_eq!(text.parse::<RecoveryRecipient>(), Err(NoKey), "{text}");
        }
    }
}
