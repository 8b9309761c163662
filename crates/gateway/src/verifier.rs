//! Access tokens: signed by the issuer, for us, and still valid. The demo issuer's go the same way.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    jwk::{Jwk, JwkSet, KeyOperations, PublicKeyUse},
};
use ledsaga_protocol::claim_words;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::{
    proved_tokens::{ProvedToken, ProvedTokens, Times},
    worker::{Role, Worker},
};

/// Signatures that are believed: those with a public key that cannot be mistaken for a shared secret.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256];
/// Bytes; issuers that list a worker's groups in tokens come near a fourth of it.
const LONGEST: usize = 16 << 10;
/// Clocks of issuer and gateway may differ by this much, in seconds.
const SKEW: u64 = 30;
/// Keys are asked for again after this time, behind the back of those who have tokens with known keys.
const KEYS_LAST: Duration = Duration::from_secs(60);
/// Tokens with unknown keys, and an issuer that does not answer, make us ask at most this often.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Bytes of what the issuer says of itself.
const ANSWER_LIMIT: usize = 1 << 20;

/// Judges tokens by what a municipality's issuer signs.
pub struct Verifier {
    audience: String,
    roles_claim: String,
    longest_age: Option<Duration>,
    issuer: Arc<Issuer>,
    proved: ProvedTokens,
}

/// The issuer and what is known of its keys.
struct Issuer {
    /// Exactly as it names itself.
    name: String,
    http: reqwest::Client,
    keys: RwLock<Keys>,
    /// Held while asking, so that many requests at once ask once.
    asking: Mutex<()>,
    fetched: AtomicU64,
    failed: AtomicU64,
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

/// Why nothing was learned from the issuer. Its own words are not repeated.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("it cannot be reached")]
    Unreachable,
    #[error("its answer cannot be read")]
    Unreadable,
    #[error("it gives itself another name than the one configured")]
    AnotherName,
    #[error("its keys are at an address that is neither https nor on this machine")]
    KeysInTheClear,
}

impl Verifier {
    pub fn new(issuer: String, audience: String, roles_claim: String, http: reqwest::Client) -> Self {
        let issuer = Issuer {
            name: issuer,
            http,
            keys: RwLock::default(),
            asking: Mutex::new(()),
            fetched: AtomicU64::default(),
            failed: AtomicU64::default(),
        };
        Self {
            audience,
            roles_claim,
            longest_age: None,
            issuer: Arc::new(issuer),
            proved: ProvedTokens::default(),
        }
    }

    /// A token counts at most this long after it was issued, however long the issuer lets it live: a role that was
    /// taken away counts no longer than that.
    pub fn for_at_most(self, longest_age: Option<Duration>) -> Self {
        Self { longest_age, ..self }
    }

    /// Whether tokens can be judged: the issuer's keys are known, or come when they are asked for.
    pub async fn is_ready(&self) -> bool {
        let issuer = &self.issuer;
        if !issuer.has_answered() {
            let _turn = issuer.asking.lock().await;
            if issuer.known("").1 {
                issuer.ask().await;
            }
        }
        issuer.has_answered()
    }

    /// How often the keys were fetched, and how often that failed.
    pub fn fetches(&self) -> (u64, u64) {
        (self.issuer.fetched.load(Ordering::Relaxed), self.issuer.failed.load(Ordering::Relaxed))
    }

    /// Who holds this access token.
    ///
    /// # Errors
    /// [`TokenError`]
    pub async fn verify(&self, token: &str) -> Result<Worker, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Invalid);
        }
        if let Some(worker) = self.known(token).await? {
            return Ok(worker);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if !ALGORITHMS.contains(&header.alg) || brings_its_own_key(&header) || !may_be_access_token(&header) {
            return Err(TokenError::Invalid);
        }
        let kid = header.kid.as_deref().ok_or(TokenError::Invalid)?;
        let key = self.key(kid).await?;
        if !is_for(&key, header.alg) {
            return Err(TokenError::Invalid);
        }
        let decoding = DecodingKey::from_jwk(&key).map_err(|_| TokenError::Invalid)?;

        let mut validation = Validation::new(header.alg);
        validation.leeway = SKEW;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer.name]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &decoding, &validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let now = Timestamp::now();
        let times = Times::of(&claims).filter(|times| times.hold(now, SKEW, self.longest_age));
        if let (Some(times), false) = (times, is_of_an_id_token(&claims)) {
            let worker = self.worker(&claims).ok_or(TokenError::Invalid)?;
            let proved = ProvedToken { kid: kid.to_owned(), key, times, worker: worker.clone() };
            self.proved.keep(token, proved, now);
            return Ok(worker);
        }
        Err(TokenError::Invalid)
    }

    /// Who holds a token that was proved before, if its key is still the issuer's and its time is not over.
    async fn known(&self, token: &str) -> Result<Option<Worker>, TokenError> {
        let Some(proved) = self.proved.find(token) else { return Ok(None) };
        let key = self.key(&proved.kid).await?;
        if key == proved.key && proved.times.hold(Timestamp::now(), SKEW, self.longest_age) {
            return Ok(Some(proved.worker));
        }
        self.proved.forget(token);
        Ok(None)
    }

    fn worker(&self, claims: &Map<String, Value>) -> Option<Worker> {
        let subject = claims.get("sub")?.as_str().filter(|s| !s.is_empty() && !s.contains('\0'))?.to_owned();
        let roles: HashSet<Role> = claim_words(claims, &self.roles_claim)
            .into_iter()
            .filter_map(|role| serde_json::from_value(role.into()).ok())
            .collect();
        Some(Worker { subject, roles })
    }

    /// A key that was good before is better than nobody working while the issuer is away, so its tokens never wait.
    async fn key(&self, kid: &str) -> Result<Jwk, TokenError> {
        match self.issuer.known(kid) {
            (Some(key), due) => {
                if due {
                    let issuer = Arc::clone(&self.issuer);
                    tokio::spawn(async move {
                        if let Ok(_turn) = issuer.asking.try_lock() {
                            issuer.ask().await;
                        }
                    });
                }
                Ok(key)
            }
            (None, _) => {
                let _turn = self.issuer.asking.lock().await;
                if let (None, true) = self.issuer.known(kid) {
                    self.issuer.ask().await;
                }
                self.issuer.known(kid).0.ok_or_else(|| self.issuer.why_unknown())
            }
        }
    }
}

impl Issuer {
    /// The key, and whether the issuer should be asked.
    fn known(&self, kid: &str) -> (Option<Jwk>, bool) {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = signing_key(&keys.set, kid);
        let due = keys.are_due(key.is_some(), Instant::now());
        (key, due)
    }

    fn has_answered(&self) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).fetched.is_some()
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
            Ok(set) => {
                self.fetched.fetch_add(1, Ordering::Relaxed);
                keys.set = set;
                keys.fetched = now;
            }
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                tracing::warn!("the issuer's keys cannot be fetched: {error}");
            }
        }
    }

    async fn fetch(&self) -> Result<JwkSet, AskError> {
        let address = format!("{}/.well-known/openid-configuration", self.name.trim_end_matches('/'));
        let discovery: Discovery = self.get(&address).await?;
        if discovery.issuer != self.name {
            return Err(AskError::AnotherName);
        }
        if !crate::config::is_safe(&discovery.jwks_uri) {
            return Err(AskError::KeysInTheClear);
        }
        self.get(&discovery.jwks_uri).await
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, AskError> {
        let answer = self.http.get(address).send().await.and_then(reqwest::Response::error_for_status);
        let mut answer = answer.map_err(|_| AskError::Unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| AskError::Unreachable)? {
            if body.len() + chunk.len() > ANSWER_LIMIT {
                return Err(AskError::Unreadable);
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| AskError::Unreadable)
    }
}

/// Keys come from the issuer alone, never from the one who shows a token (RFC 8725, 3.10); and what we are told that we
/// must understand, we do not (RFC 7515, 4.1.11).
fn brings_its_own_key(header: &Header) -> bool {
    header.jwk.is_some()
        || header.jku.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.crit.is_some()
}

/// RFC 9068, 2.1, for issuers that set it; older ones say `JWT` or nothing.
fn may_be_access_token(header: &Header) -> bool {
    let kind = header.typ.as_deref().map(str::to_ascii_lowercase);
    let content = header.cty.is_some();
    !content && matches!(kind.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt"))
}

/// Whether these are claims that only ID tokens have (OpenID Connect Core, 2 and 3.1.3.6): an issuer that puts our
/// audience in both kinds must not make one of the other.
fn is_of_an_id_token(claims: &Map<String, Value>) -> bool {
    ["nonce", "at_hash", "c_hash"].iter().any(|name| claims.contains_key(*name))
}

fn signing_key(set: &JwkSet, kid: &str) -> Option<Jwk> {
    let verifies = |key: &Jwk| {
        matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
            && key.common.key_operations.as_ref().is_none_or(|uses| uses.contains(&KeyOperations::Verify))
    };
    set.find(kid).filter(|key| verifies(key)).cloned()
}

/// Whether the issuer means the key for this algorithm; one that says none is judged by its kind alone.
fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    key.common.key_algorithm.is_none_or(|named| named == algorithm.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SigningKey;

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
    fn known_keys_are_asked_for_again_after_a_minute() {
        assert!(!due(true, Some(60), Some(60)));
        assert!(due(true, Some(61), Some(61)));
    }

    #[test]
    fn an_unknown_key_is_asked_for_but_not_all_the_time() {
        assert!(!due(false, Some(1), Some(1)));
        assert!(due(false, Some(2), Some(2)));
    }

    #[test]
    fn a_silent_issuer_is_left_alone_for_a_while() {
        assert!(!due(true, Some(700), Some(1)));
        assert!(!due(false, None, Some(1)));
        assert!(due(false, None, Some(2)));
    }

    /// Knows these keys, and asks nobody for a while.
    fn verifier(keys: JwkSet) -> Verifier {
        // Another test may have chosen the same provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (issuer, audience, roles) = ("https://issuer.example", "ledsaga-gateway", "roles");
        let verifier = Verifier::new(issuer.to_owned(), audience.to_owned(), roles.to_owned(), http);
        publish(&verifier, keys);
        verifier
    }

    fn publish(verifier: &Verifier, set: JwkSet) {
        let now = Some(Instant::now());
        *verifier.issuer.keys.write().unwrap() = Keys { set, fetched: now, asked: now };
    }

    fn key(folder: &tempfile::TempDir, name: &str) -> SigningKey {
        SigningKey::open_or_create(&folder.path().join(name)).unwrap()
    }

    fn token(key: &SigningKey, ends_in: i64) -> String {
        let ends = Timestamp::now().as_second() + ends_in;
        let claims = serde_json::json!({
            "iss": "https://issuer.example", "aud": "ledsaga-gateway", "sub": "astrid", "exp": ends,
        });
        key.sign("at+jwt", &claims).unwrap()
    }

    #[tokio::test]
    async fn a_proved_token_goes_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (key(&folder, "old"), key(&folder, "new"));
        let token = token(&old, 600);
        let verifier = verifier(old.public());
        assert_eq!(verifier.verify(&token).await.unwrap().subject, "astrid");
        assert!(verifier.proved.find(&token).is_some());
        assert_eq!(verifier.verify(&token).await.unwrap().subject, "astrid");

        publish(&verifier, new.public());
        assert_eq!(verifier.verify(&token).await.err(), Some(TokenError::Invalid), "the key is gone");
        publish(&verifier, old.public());
        assert!(verifier.verify(&token).await.is_ok());
        let mut posing = new.public();
        posing.keys[0].common.key_id = old.jwk().common.key_id.clone();
        publish(&verifier, posing);
        assert_eq!(verifier.verify(&token).await.err(), Some(TokenError::Invalid), "another of its name");
        assert!(verifier.proved.find(&token).is_none());
    }

    #[tokio::test]
    async fn a_proved_token_counts_no_longer_than_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let signer = key(&folder, "key");
        let verifier = verifier(signer.public());
        let (over, now) = (token(&signer, -600), Timestamp::now());
        let remember = |ends_in: i64| {
            let claims = serde_json::json!({ "exp": now.as_second() + ends_in });
            let times = Times::of(claims.as_object().unwrap()).unwrap();
            let worker = Worker { subject: "astrid".to_owned(), roles: HashSet::new() };
            let key = signer.jwk().clone();
            let kid = key.common.key_id.clone().unwrap();
            verifier.proved.keep(&over, ProvedToken { kid, key, times, worker }, now);
        };
        remember(-600);
        assert_eq!(verifier.verify(&over).await.err(), Some(TokenError::Invalid));
        // The counter-test: what is remembered is what is looked at.
        remember(600);
        assert!(verifier.verify(&over).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_refused_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let verifier = verifier(key(&folder, "key").public());
        for token in [token(&key(&folder, "another"), 600), token(&key(&folder, "key"), -600)] {
            assert!(verifier.verify(&token).await.is_err());
            assert!(verifier.proved.find(&token).is_none());
        }
    }
}
