//! Authorization codes: good once, for a minute, for the one who holds the verifier.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use uuid::Uuid;

const LIFETIME: Duration = Duration::from_secs(60);
/// Nobody signs in this often in a minute; beyond it the oldest codes give way.
const MOST: usize = 1000;

/// What was asked for when a code was given out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The worker's subject.
    pub worker: String,
    pub redirect_uri: String,
    /// Base64url of the verifier's SHA-256.
    pub challenge: String,
    pub nonce: Option<String>,
    /// Names the chain of refresh tokens that begins here.
    pub chain: String,
}

#[derive(Default)]
pub struct Codes(Mutex<HashMap<String, Given>>);

struct Given {
    grant: Grant,
    at: Instant,
    used: bool,
}

/// What a code is worth.
#[derive(PartialEq, Eq, Debug)]
pub enum Redeemed {
    Grant(Grant),
    /// It was used before: whoever has the tokens of that chain may have stolen it.
    Again {
        chain: String,
    },
    Unknown,
}

impl Codes {
    pub fn give(&self, code: String, grant: Grant) {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, given| given.at.elapsed() < LIFETIME);
        if codes.len() >= MOST {
            let oldest = codes.iter().min_by_key(|(_, given)| given.at).map(|(code, _)| code.clone());
            oldest.and_then(|code| codes.remove(&code));
        }
        codes.insert(code, Given { grant, at: Instant::now(), used: false });
    }

    pub fn redeem(&self, code: &str) -> Redeemed {
        self.redeem_at(code, Instant::now())
    }

    fn redeem_at(&self, code: &str, now: Instant) -> Redeemed {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match codes.get_mut(code) {
            Some(given) if now.duration_since(given.at) >= LIFETIME => Redeemed::Unknown,
            Some(given) if given.used => Redeemed::Again { chain: given.grant.chain.clone() },
            Some(given) => {
                given.used = true;
                Redeemed::Grant(given.grant.clone())
            }
            None => Redeemed::Unknown,
        }
    }
}

/// 256 random bits as text.
pub fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut())?;
    Ok(hex::encode(bytes.as_ref()))
}

pub fn chain() -> String {
    Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            worker: "demo-astrid".to_owned(),
            redirect_uri: "http://127.0.0.1:1/callback".to_owned(),
            challenge: "c".to_owned(),
            nonce: None,
            chain: "chain".to_owned(),
        }
    }

    #[test]
    fn a_code_is_good_once_and_its_second_use_is_told() {
        let codes = Codes::default();
        codes.give("code".to_owned(), grant());
        assert_eq!(codes.redeem("code"), Redeemed::Grant(grant()));
        assert_eq!(codes.redeem("code"), Redeemed::Again { chain: "chain".to_owned() });
        assert_eq!(codes.redeem("another"), Redeemed::Unknown);
    }

    #[test]
    fn a_code_is_good_for_a_minute() {
        let codes = Codes::default();
        codes.give("code".to_owned(), grant());
        assert_eq!(codes.redeem_at("code", Instant::now() + LIFETIME), Redeemed::Unknown);
        assert_eq!(codes.redeem_at("code", Instant::now() + LIFETIME / 2), Redeemed::Grant(grant()));
    }

    #[test]
    fn there_are_never_too_many_codes() {
        let codes = Codes::default();
        for n in 0..=MOST {
            codes.give(n.to_string(), grant());
        }
        assert_eq!(codes.0.lock().unwrap().len(), MOST);
        assert_ne!(codes.redeem(&MOST.to_string()), Redeemed::Unknown);
    }
}
