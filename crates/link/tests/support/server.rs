use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ledsaga_protocol::{Problem, ReceiptBody, ReceiptClaims, digest, header};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Key;

pub const PRODUCT: &str = "ledsaga-gateway/0.1.0";

/// An issuer and a gateway that do what a test says.
pub struct Server {
    pub base: String,
    script: Arc<Mutex<Script>>,
    serving: tokio::task::AbortHandle,
}

/// A request as it arrived.
#[derive(Clone)]
pub struct Seen {
    pub line: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

type Answer = Response<Body>;
type Changes = Vec<(&'static str, Value)>;

pub struct Script {
    base: String,
    /// Fields to change in the gateway's word about itself, in discovery and in ID tokens; null removes.
    pub about: Changes,
    pub discovery: Changes,
    pub claims: Changes,
    /// Answers to give instead of the usual ones, by `METHOD path`.
    pub answers: BTreeMap<String, VecDeque<Answer>>,
    pub id_key: Key,
    pub receipt_key: Key,
    pub expires_in: u64,
    pub access: BTreeSet<String>,
    pub refresh: Option<String>,
    pub refreshes: usize,
    /// Whether a refresh brings an ID token too.
    pub refreshed_id_token: bool,
    gone: bool,
    pub seen: Vec<Seen>,
    grants: BTreeMap<String, Grant>,
    tokens: usize,
}

#[derive(Clone)]
struct Grant {
    challenge: String,
    nonce: String,
    redirect: String,
}

impl Server {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script {
            base: base.clone(),
            about: Vec::new(),
            discovery: Vec::new(),
            claims: Vec::new(),
            answers: BTreeMap::new(),
            id_key: Key::of(7),
            receipt_key: Key::of(8),
            expires_in: 600,
            access: BTreeSet::new(),
            refresh: None,
            refreshes: 0,
            refreshed_id_token: false,
            gone: false,
            seen: Vec::new(),
            grants: BTreeMap::new(),
            tokens: 0,
        }));
        let router = Router::new().fallback(handle).with_state(script.clone());
        let serving =
            tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { base, script, serving }
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// Takes no more connections, and answers nothing on those that there are.
    pub fn stop(&self) {
        self.serving.abort();
        self.script().gone = true;
    }

    /// Gives this answer once, instead of the usual one.
    pub fn answer_once(&self, line: &str, answer: Answer) {
        self.script().answers.entry(line.to_owned()).or_default().push_back(answer);
    }

    /// What arrived at `METHOD path`.
    pub fn seen(&self, line: &str) -> Vec<Seen> {
        self.script().seen.iter().filter(|seen| seen.line == line).cloned().collect()
    }

    /// The worker signs in at the issuer: where the browser is sent.
    pub fn approve(&self, url: &str) -> String {
        let query: BTreeMap<_, _> = Url::parse(url).unwrap().query_pairs().into_owned().collect();
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["response_type"], "code");
        let grant = Grant {
            challenge: query["code_challenge"].clone(),
            nonce: query["nonce"].clone(),
            redirect: query["redirect_uri"].clone(),
        };
        self.script().grants.insert("code-1".to_owned(), grant);
        let script = self.script();
        let named = script.discovery.iter().rev().find(|(field, _)| *field == "issuer");
        let issuer = named.and_then(|(_, name)| name.as_str()).unwrap_or(&self.base).to_owned();
        drop(script);
        redirect(url, &[("code", "code-1"), ("iss", &issuer)])
    }
}

/// Where the browser is sent back to, with the state that it came with.
pub fn redirect(url: &str, answer: &[(&str, &str)]) -> String {
    let query: BTreeMap<_, _> = Url::parse(url).unwrap().query_pairs().into_owned().collect();
    let mut back = Url::parse(&query["redirect_uri"]).unwrap();
    back.query_pairs_mut().append_pair("state", &query["state"]).extend_pairs(answer);
    back.into()
}

async fn handle(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Answer {
    if script.lock().unwrap().gone {
        // Cuts the connection off.
        std::panic::resume_unwind(Box::new(()));
    }
    let (parts, body) = request.into_parts();
    let line = format!("{} {}", parts.method, parts.uri.path());
    let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap().to_vec();
    let seen = Seen { line, headers: parts.headers, body };
    let mut script = script.lock().unwrap();
    script.seen.push(seen.clone());
    let mut answer = match script.answers.get_mut(&seen.line).and_then(VecDeque::pop_front) {
        Some(answer) => answer,
        None => script.usual(&parts.method, parts.uri.path(), &seen),
    };
    if let Some(id) = seen.headers.get(header::REQUEST) {
        answer.headers_mut().entry(header::REQUEST).or_insert(id.clone());
    }
    answer
}

impl Script {
    fn usual(&mut self, method: &Method, path: &str, seen: &Seen) -> Answer {
        match (method.as_str(), path) {
            ("GET", "/v1/about") => ours(200, &self.about()),
            ("GET", "/.well-known/openid-configuration") => plain(200, &self.discovery()),
            ("GET", "/jwks") => plain(200, &json!(self.id_key.public())),
            ("POST", "/token") => self.token(&seen.body),
            ("POST", "/revoke" | "/logout") => plain(200, &json!({})),
            _ if !self.is_signed_in(&seen.headers) => problem(401, "unauthenticated"),
            ("GET", "/v1/receipt-keys") => ours(200, &json!(self.receipt_key.public())),
            ("PUT", _) if path.starts_with("/v1/submissions/") => self.receive(path, &seen.body),
            ("PUT", _) if path.starts_with("/v1/contacts/") => ours(204, &Value::Null),
            _ => problem(404, "not_found"),
        }
    }

    fn is_signed_in(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        bearer.strip_prefix("Bearer ").is_some_and(|token| self.access.contains(token))
    }

    fn about(&self) -> Value {
        let usual = json!({
            "product": "ledsaga-gateway", "version": "0.1.0", "schema": 1, "municipality": "Exempelby kommun",
            "issuer": self.base, "client_id": "ledsaga-desktop", "audience": "ledsaga-gateway", "demo": true,
        });
        changed(usual, &self.about)
    }

    fn discovery(&self) -> Value {
        let base = &self.base;
        let usual = json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/jwks"),
            "revocation_endpoint": format!("{base}/revoke"),
            "end_session_endpoint": format!("{base}/logout"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        });
        changed(usual, &self.discovery)
    }

    /// Codes work once, with their verifier; refresh tokens work once, and a second use ends the session.
    fn token(&mut self, body: &[u8]) -> Answer {
        let form = format!("http://form/?{}", String::from_utf8_lossy(body));
        let form: BTreeMap<_, _> = Url::parse(&form).unwrap().query_pairs().into_owned().collect();
        let nonce = match form["grant_type"].as_str() {
            "authorization_code" => {
                let Some(grant) = self.grants.remove(&form["code"]) else { return invalid_grant() };
                let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
                if challenge != grant.challenge || form["redirect_uri"] != grant.redirect {
                    return invalid_grant();
                }
                grant.nonce
            }
            _ => {
                self.refreshes += 1;
                if self.refresh.take().as_ref() != form.get("refresh_token") {
                    return invalid_grant();
                }
                String::new()
            }
        };
        self.tokens += 1;
        let (access, refresh) = (format!("access-{}", self.tokens), format!("refresh-{}", self.tokens));
        self.access.insert(access.clone());
        self.refresh = Some(refresh.clone());
        let id_token = self.id_key.sign(&self.id_claims(&nonce));
        let mut answer = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": self.expires_in, "refresh_token": refresh,
        });
        if !nonce.is_empty() || self.refreshed_id_token {
            answer["id_token"] = id_token.into();
        }
        plain(200, &answer)
    }

    fn id_claims(&self, nonce: &str) -> Value {
        let now = jiff::Timestamp::now().as_second();
        let usual = json!({
            "iss": self.base, "sub": "worker-1", "aud": "ledsaga-desktop", "exp": now + 300, "iat": now,
            "nonce": nonce, "name": "Vera Vägvisare", "roles": ["agent"],
        });
        changed(usual, &self.claims)
    }

    fn receive(&self, path: &str, body: &[u8]) -> Answer {
        let submission = path.rsplit('/').next().unwrap().parse().unwrap();
        ours(201, &json!(self.receipt(submission, &digest::hex(body))))
    }

    pub fn receipt(&self, submission: uuid::Uuid, digest: &str) -> ReceiptBody {
        let claims = ReceiptClaims {
            submission,
            digest: digest.to_owned(),
            case_number: "EXB-2026-000001".to_owned(),
            received_at: "2026-11-22T09:05:01Z".parse().unwrap(),
        };
        ReceiptBody {
            proof: self.receipt_key.sign(&claims),
            submission,
            digest: claims.digest,
            case_number: claims.case_number,
            received_at: claims.received_at,
            to_supplement: Vec::new(),
        }
    }
}

fn changed(mut value: Value, changes: &Changes) -> Value {
    for (name, change) in changes {
        value[name] = change.clone();
    }
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

pub fn plain(status: u16, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    answer
}

/// With the headers that the gateway puts on every answer.
pub fn ours(status: u16, body: &Value) -> Answer {
    let mut answer = plain(status, body);
    answer.headers_mut().insert(header::PRODUCT, HeaderValue::from_static(PRODUCT));
    answer.headers_mut().insert(header::SCHEMA, HeaderValue::from_static("1"));
    answer
}

pub fn problem(status: u16, code: &str) -> Answer {
    ours(status, &json!(Problem::new(status, code, "")))
}

fn invalid_grant() -> Answer {
    plain(400, &json!({ "error": "invalid_grant" }))
}
