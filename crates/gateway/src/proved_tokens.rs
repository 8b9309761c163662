//! Tokens whose signatures were proved, so that a worker's next request need not prove the same one again.
//!
//! Nothing of a token is kept but its SHA-256 and what it says. Whoever asks still has to have the issuer's key in the
//! form in which it proved the token, and the token's times are looked at each time: a key that is gone, or other under
//! the same name, takes its tokens with it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::worker::Worker;

/// Some hundred bytes each.
const MOST: usize = 4096;

#[derive(Default)]
pub struct ProvedTokens(Mutex<HashMap<[u8; 32], ProvedToken>>);

/// What one token said when its signature was proved.
#[derive(Clone)]
pub struct ProvedToken {
    pub kid: String,
    /// The key that proved it.
    pub key: Jwk,
    pub times: Times,
    pub worker: Worker,
}

/// From when to when a token counts; seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    ends: f64,
    begins: Option<f64>,
    issued: Option<f64>,
}

impl Times {
    /// `None` for a token without an end.
    pub fn of(claims: &Map<String, Value>) -> Option<Self> {
        let time = |name: &str| claims.get(name).and_then(Value::as_f64);
        Some(Self { ends: time("exp")?, begins: time("nbf"), issued: time("iat") })
    }

    /// Whether a token counts at this time. With a longest age, one that does not say when it was issued does not.
    pub fn hold(&self, now: Timestamp, skew: u64, longest_age: Option<Duration>) -> bool {
        let (now, skew) = (now.as_second() as f64, skew as f64);
        self.ends >= now - skew
            && self.begins.is_none_or(|begins| begins <= now + skew)
            && longest_age.is_none_or(|longest| {
                self.issued.is_some_and(|issued| now - issued <= longest.as_secs_f64() + skew)
            })
    }
}

impl ProvedTokens {
    pub fn find(&self, token: &str) -> Option<ProvedToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name(token)).cloned()
    }

    pub fn forget(&self, token: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name(token));
    }

    /// When there are too many, those that have ended go, or else all.
    pub fn keep(&self, token: &str, proved: ProvedToken, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, proved| proved.times.hold(now, 0, None));
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(name(token), proved);
    }
}

fn name(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn proved(ends: i64) -> ProvedToken {
        let key = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k"});
        ProvedToken {
            kid: "k".to_owned(),
            key: serde_json::from_value(key).unwrap(),
            times: Times::of(json!({ "exp": ends }).as_object().unwrap()).unwrap(),
            worker: Worker { subject: "astrid".to_owned(), roles: HashSet::new() },
        }
    }

    #[test]
    fn a_token_counts_from_its_beginning_to_its_end_and_no_longer_than_it_may() {
        let holds = |claims: Value, longest: Option<u64>| {
            let times = Times::of(claims.as_object().unwrap()).unwrap();
            times.hold(at(1_000_000), 30, longest.map(Duration::from_secs))
        };
        assert!(holds(json!({ "exp": 999_970 }), None) && !holds(json!({ "exp": 999_969 }), None));
        assert!(holds(json!({ "exp": 2e6, "nbf": 1_000_030 }), None));
        assert!(!holds(json!({ "exp": 2e6, "nbf": 1_000_031 }), None));
        assert!(holds(json!({ "exp": 2e6, "iat": 999_670 }), Some(300)));
        assert!(!holds(json!({ "exp": 2e6, "iat": 999_669 }), Some(300)));
        assert!(!holds(json!({ "exp": 2e6 }), Some(300)), "a token that does not say");
        assert_eq!(Times::of(json!({ "exp": "2000000" }).as_object().unwrap()), None);
    }

    #[test]
    fn only_the_very_token_is_found_and_nothing_of_it_is_kept() {
        let known = ProvedTokens::default();
        known.keep("eyJ.eyJ.abc", proved(10), at(0));
        assert_eq!(known.find("eyJ.eyJ.abc").unwrap().worker.subject, "astrid");
        assert!(known.find("eyJ.eyJ.abd").is_none());
        assert!(known.0.lock().unwrap().keys().all(|name| name.len() == 32));
        known.forget("eyJ.eyJ.abc");
        assert!(known.find("eyJ.eyJ.abc").is_none());
    }

    #[test]
    fn there_are_never_more_than_the_most() {
        let known = ProvedTokens::default();
        let count = || known.0.lock().unwrap().len();
        for number in 0..MOST {
            known.keep(&number.to_string(), proved(if number == 7 { 200 } else { 100 }), at(0));
        }
        known.keep("one more", proved(200), at(150));
        assert!(known.find("7").is_some() && known.find("8").is_none(), "those that have ended go");
        for number in 0..MOST {
            known.keep(&number.to_string(), proved(200), at(150));
            assert!(count() <= MOST);
        }
    }
}
