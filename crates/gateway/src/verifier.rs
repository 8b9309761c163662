//! Access tokens: signed by the issuer, for us, and still valid. The demo issuer's go the same way.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::worker::{Role, Worker};

/// Clocks of issuer and gateway may differ by this much, in seconds.
const SKEW: u64 = 30;
/// Keys are asked for again after this time.
const KEYS_LAST: Duration = Duration::from_secs(600);
/// Tokens with unknown keys, and an issuer that does not answer, make us ask at most this often.
const ASK_AGAIN: Duration = Duration::from_secs(5);

pub struct Verifier {
    issuer: String,
    audience: String,
    roles_claim: String,
    http: reqwest::Client,
    keys: RwLock<Keys>,
    /// Held while asking, so that many requests at once ask once; those with a known key never wait for it.
    asking: Mutex<()>,
}

#[derive(Default)]
struct Keys {
    set: JwkSet,
    fetched: Option<Instant>,
    asked: Option<Instant>,
}

impl Keys {
    /// Whether to ask the issuer before deciding about a key that is `known` or not.
    fn are_due(&self, known: bool, now: Instant) -> bool {
        let since = |time: Option<Instant>| time.map(|time| now.duration_since(time));
        let old = since(self.fetched).is_none_or(|age| age > KEYS_LAST);
        let asked_lately = since(self.asked).is_some_and(|age| age <= ASK_AGAIN);
        (old || !known) && !asked_lately
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of our issuer, not for us, expired or damaged: no more is said.
    #[error("the token is not valid here")]
    Invalid,
    #[error("the issuer's keys cannot be fetched")]
    IssuerUnavailable,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Verifier {
    pub fn new(issuer: String, audience: String, roles_claim: String, http: reqwest::Client) -> Self {
        Self { issuer, audience, roles_claim, http, keys: RwLock::default(), asking: Mutex::new(()) }
    }

    /// Who holds this access token.
    ///
    /// # Errors
    /// [`TokenError`]
    pub async fn verify(&self, token: &str) -> Result<Worker, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if !matches!(header.alg, Algorithm::ES256 | Algorithm::RS256) {
            return Err(TokenError::Invalid);
        }
        let key = self.key(&header.kid.ok_or(TokenError::Invalid)?).await?;
        let decoding = DecodingKey::from_jwk(&key).map_err(|_| TokenError::Invalid)?;

        let mut validation = Validation::new(header.alg);
        validation.leeway = SKEW;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &decoding, &validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        self.worker(&claims).ok_or(TokenError::Invalid)
    }

    fn worker(&self, claims: &Map<String, Value>) -> Option<Worker> {
        let subject = claims.get("sub")?.as_str().filter(|s| !s.is_empty() && !s.contains('\0'))?.to_owned();
        let roles: HashSet<Role> = claims
            .get(&self.roles_claim)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|role| serde_json::from_value(role.clone()).ok())
            .collect();
        Some(Worker { subject, roles })
    }

    async fn key(&self, kid: &str) -> Result<Jwk, TokenError> {
        if let (Some(key), false) = self.known(kid) {
            return Ok(key);
        }
        let _turn = self.asking.lock().await;
        let (key, due) = self.known(kid);
        if due {
            self.ask().await;
            return self.known(kid).0.ok_or_else(|| self.why_unknown());
        }
        key.ok_or_else(|| self.why_unknown())
    }

    /// The key, and whether the issuer should be asked. A key that was good before is better than nobody working
    /// while the issuer is away.
    fn known(&self, kid: &str) -> (Option<Jwk>, bool) {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = signing_key(&keys.set, kid);
        let due = keys.are_due(key.is_some(), Instant::now());
        (key, due)
    }

    fn why_unknown(&self) -> TokenError {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        if keys.fetched.is_some() && keys.fetched == keys.asked {
            TokenError::Invalid
        } else {
            TokenError::IssuerUnavailable
        }
    }

    async fn ask(&self) {
        let answer = self.fetch().await;
        let now = Some(Instant::now());
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.asked = now;
        match answer {
            Ok(None) => {}
            Ok(Some(set)) => {
                keys.set = set;
                keys.fetched = now;
            }
            Err(error) => {
                let (timeout, connect) = (error.is_timeout(), error.is_connect());
                tracing::warn!(timeout, connect, "the issuer's keys cannot be fetched");
            }
        }
    }

    /// `None` when it is another issuer that answers.
    async fn fetch(&self) -> Result<Option<JwkSet>, reqwest::Error> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery: Discovery = self.http.get(address).send().await?.error_for_status()?.json().await?;
        if discovery.issuer != self.issuer {
            tracing::error!("the issuer gives itself another name than the one configured");
            return Ok(None);
        }
        self.http.get(discovery.jwks_uri).send().await?.error_for_status()?.json().await.map(Some)
    }
}

fn signing_key(set: &JwkSet, kid: &str) -> Option<Jwk> {
    let signs = |key: &&Jwk| matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    set.find(kid).filter(signs).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(known: bool, fetched: Option<u64>, asked: Option<u64>) -> bool {
        let begin = Instant::now();
        let now = begin + Duration::from_secs(100_000);
        let ago = |seconds: Option<u64>| seconds.map(|seconds| now - Duration::from_secs(seconds));
        Keys { set: JwkSet::default(), fetched: ago(fetched), asked: ago(asked) }.are_due(known, now)
    }

    #[test]
    fn the_issuer_is_asked_when_nothing_is_known() {
        assert!(due(false, None, None));
    }

    #[test]
    fn known_keys_are_asked_for_again_after_ten_minutes() {
        assert!(!due(true, Some(600), Some(600)));
        assert!(due(true, Some(601), Some(601)));
    }

    #[test]
    fn an_unknown_key_is_asked_for_but_not_all_the_time() {
        assert!(!due(false, Some(5), Some(5)));
        assert!(due(false, Some(6), Some(6)));
    }

    #[test]
    fn a_silent_issuer_is_left_alone_for_a_while() {
        assert!(!due(true, Some(700), Some(5)));
        assert!(!due(false, None, Some(5)));
        assert!(due(false, None, Some(6)));
    }
}
