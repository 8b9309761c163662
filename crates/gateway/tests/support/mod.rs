//! A gateway of one's own, and the way in that a browser and the application take together.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod command;
pub mod conditions;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ledsaga_gateway::{Catalogue, Config, Handle, SigningKey, serve};
use reqwest::{Client, RequestBuilder, Response, Url, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub const CALLBACK: &str = "http://127.0.0.1:49152/callback";
pub const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-";

pub struct Town {
    pub http: Client,
    pub folder: TempDir,
    pub handle: Handle,
}

pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub identity: String,
}

impl Town {
    /// Publishes these files and nothing else.
    pub async fn start(files: &[(&str, Value)]) -> Self {
        Self::with(files, |_| {}).await
    }

    /// With another configuration.
    pub async fn with(files: &[(&str, Value)], change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = folder.path().join("catalogue");
        std::fs::create_dir(&catalogue).unwrap();
        for (name, content) in files {
            std::fs::write(catalogue.join(name), content.to_string()).unwrap();
        }
        let mut config = Config { catalogue: Catalogue::Folder(catalogue), ..Config::demo(folder.path()) };
        change(&mut config);
        let handle = serve(config).await.unwrap();
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { http, folder, handle }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.handle.url())
    }

    pub fn issuer(&self) -> String {
        self.at("/demo/oidc")
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.at(path))
    }

    /// The issuer's own key, to make tokens with that are wrong in one way.
    pub fn issuer_key(&self) -> SigningKey {
        SigningKey::open(&self.folder.path().join("issuer-key.pem")).unwrap()
    }

    /// Claims of a token that is right in every way.
    pub fn claims(&self) -> Value {
        json!({
            "iss": self.issuer(),
            "aud": "ledsaga-gateway",
            "sub": "demo-astrid",
            "roles": ["agent"],
            "exp": jiff::Timestamp::now().as_second() + 60,
        })
    }

    pub fn authorization(&self) -> Vec<(&'static str, String)> {
        [
            ("response_type", "code"),
            ("client_id", "ledsaga-desktop"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile offline_access"),
            ("state", "the state"),
            ("nonce", "the nonce"),
            ("code_challenge", &challenge()),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
    }

    /// The browser opens the page.
    pub async fn ask(&self, fields: &[(&str, String)]) -> Response {
        let mut url = Url::parse(&self.at("/demo/oidc/authorize")).unwrap();
        url.query_pairs_mut().extend_pairs(fields);
        self.http.get(url).send().await.unwrap()
    }

    /// What the page's form sends when a button is pressed.
    pub async fn press(&self, fields: &[(&str, String)], button: (&'static str, &str)) -> Response {
        let mut fields = fields.to_vec();
        fields.push((button.0, button.1.to_owned()));
        self.post_form("/demo/oidc/authorize", &fields).await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, String)]) -> Response {
        let mut body = Url::parse("http://body/").unwrap();
        body.query_pairs_mut().extend_pairs(fields);
        self.http
            .post(self.at(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.query().unwrap().to_owned())
            .send()
            .await
            .unwrap()
    }

    pub async fn code(&self, worker: &str) -> String {
        let answer = self.press(&self.authorization(), ("worker", worker)).await;
        back(&answer).into_iter().find(|(name, _)| name == "code").unwrap().1
    }

    pub async fn redeem(&self, code: &str, verifier: &str) -> Response {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "ledsaga-desktop"),
            ("redirect_uri", CALLBACK),
            ("code", code),
            ("code_verifier", verifier),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        self.post_form("/demo/oidc/token", &fields).await
    }

    pub async fn refresh(&self, token: &str) -> Response {
        let fields =
            [("grant_type", "refresh_token"), ("client_id", "ledsaga-desktop"), ("refresh_token", token)]
                .map(|(name, value)| (name, value.to_owned()));
        self.post_form("/demo/oidc/token", &fields).await
    }

    pub async fn sign_in(&self, worker: &str) -> Tokens {
        tokens(self.redeem(&self.code(worker).await, VERIFIER).await).await
    }
}

pub async fn tokens(answer: Response) -> Tokens {
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    let token = |name: &str| body[name].as_str().unwrap().to_owned();
    Tokens { access: token("access_token"), refresh: token("refresh_token"), identity: token("id_token") }
}

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// The parameters with which the browser is sent back to the application.
pub fn back(answer: &Response) -> Vec<(String, String)> {
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(CALLBACK));
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

/// The claims of a token, unverified.
pub fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A small e-service.
pub fn service(id: &str, version: u32) -> Value {
    json!({
        "format": 1,
        "id": id,
        "version": version,
        "name": "Provtjänst",
        "summary": "För prov",
        "category": "Prov",
        "unit": "Provenheten",
        "contact": {"name": "Provenheten", "phone": "070-174 06 05"},
        "oral_filing": "accepted",
        "retention": {"draft_days": 30, "protected_draft_days": 7},
        "steps": [{"id": "ett", "title": "Ett", "questions": [
            {"id": "namn", "kind": "text", "label": "Namn"}
        ]}]
    })
}

/// Every reply is marked as ours and kept nowhere.
pub fn assert_ours(answer: &Response) {
    assert_eq!(
        answer.headers()["ledsaga-product"],
        format!("ledsaga-gateway/{}", env!("CARGO_PKG_VERSION")).as_str()
    );
    assert_eq!(answer.headers()["ledsaga-schema"], "1");
    assert!(answer.headers().contains_key("cache-control"));
}

/// The code of a problem, after a look at the rest of it.
pub async fn problem(answer: Response, status: u16) -> String {
    assert_ours(&answer);
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let problem: ledsaga_protocol::Problem = answer.json().await.unwrap();
    assert_eq!(problem.status, status);
    problem.code
}
