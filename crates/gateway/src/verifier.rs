//! Access tokens: signed by the issuer, for us, and still valid. The demo issuer's go the same way.

use std::{
    collections::HashSet,
    sync::Arc,
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
/// A token with an unknown key makes us ask at most this often.
const ASK_AGAIN: Duration = Duration::from_secs(5);

pub struct Verifier {
    issuer: String,
    audience: String,
    roles_claim: String,
    http: reqwest::Client,
    keys: Mutex<Option<Keys>>,
}

#[derive(Clone)]
struct Keys {
    set: Arc<JwkSet>,
    fetched: Instant,
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
        Self { issuer, audience, roles_claim, http, keys: Mutex::new(None) }
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
        // Held while asking, so that many requests at once ask once.
        let mut keys = self.keys.lock().await;
        let (found, age) = match keys.as_ref() {
            Some(known) => (signing_key(&known.set, kid), Some(known.fetched.elapsed())),
            None => (None, None),
        };
        let ask = match (&found, age) {
            (_, None) => true,
            (Some(_), Some(age)) => age > KEYS_LAST,
            (None, Some(age)) => age > ASK_AGAIN,
        };
        if !ask {
            return found.ok_or(TokenError::Invalid);
        }
        match self.fetch().await {
            Ok(set) => {
                let key = signing_key(&set, kid);
                *keys = Some(Keys { set: Arc::new(set), fetched: Instant::now() });
                key.ok_or(TokenError::Invalid)
            }
            Err(error) => {
                tracing::warn!(
                    timeout = error.is_timeout(),
                    connect = error.is_connect(),
                    "the issuer's keys cannot be fetched"
                );
                // A key that was good before is better than nobody working while the issuer is away.
                found.ok_or(TokenError::IssuerUnavailable)
            }
        }
    }

    async fn fetch(&self) -> Result<JwkSet, reqwest::Error> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery: Discovery = self.http.get(address).send().await?.error_for_status()?.json().await?;
        if discovery.issuer != self.issuer {
            tracing::error!("the issuer gives itself another name than the one configured");
            return Ok(JwkSet::default());
        }
        self.http.get(discovery.jwks_uri).send().await?.error_for_status()?.json().await
    }
}

fn signing_key(set: &JwkSet, kid: &str) -> Option<Jwk> {
    let signs = |key: &&Jwk| matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    set.find(kid).filter(signs).cloned()
}
