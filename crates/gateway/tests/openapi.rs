//! The served OpenAPI document is true: its routes are the router's, and real answers are as it says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use ledsaga_protocol::digest;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use support::{Town, service};
use uuid::Uuid;

const METHODS: [&str; 7] = ["get", "head", "put", "post", "patch", "delete", "options"];

async fn document(town: &Town) -> Value {
    town.get("/v1/openapi.json").send().await.unwrap().json().await.unwrap()
}

/// A path of this pattern.
fn path_of(pattern: &str) -> String {
    let id = Uuid::now_v7().to_string();
    ["{id}", "{vault}", "{case_number}", "{number}"]
        .iter()
        .fold(pattern.to_owned(), |path, name| path.replace(name, &id))
        .replace("{version}", "1")
        .replace("{first}", "1")
}

/// Asked with a method that no route has, a route tells its own.
#[tokio::test]
async fn each_path_has_the_methods_that_the_document_says() {
    let town = Town::start(&[]).await;
    let document = document(&town).await;
    for (pattern, operations) in document["paths"].as_object().unwrap() {
        let path = town.at(&path_of(pattern));
        let answer = town.http.request("TRACE".parse().unwrap(), &path).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{pattern}");
        let allow = answer.headers()["allow"].to_str().unwrap().to_ascii_lowercase();
        let mut real: Vec<&str> = allow.split(',').map(str::trim).collect();
        // HEAD comes with GET by itself.
        if real.contains(&"get") {
            real.retain(|method| *method != "head");
        }
        real.sort_unstable();
        let mut said: Vec<&str> = operations.as_object().unwrap().keys().map(String::as_str).collect();
        said.sort_unstable();
        assert_eq!(said, real, "{pattern}");
        assert!(said.iter().all(|method| METHODS.contains(method)));
    }
}

/// Judges real answers by the document.
struct Judge {
    document: Value,
}

impl Judge {
    fn errors(
        &self,
        pattern: &str,
        method: &str,
        status: u16,
        kind: Option<&str>,
        body: &[u8],
    ) -> Vec<String> {
        let answers = &self.document["paths"][pattern][method]["responses"];
        let mut answer = &answers[status.to_string()];
        if answer.is_null() {
            if status < 400 {
                return vec![format!("{status} is not said")];
            }
            answer = &answers["default"];
        }
        let Some(kind) = kind else {
            return if body.is_empty() { Vec::new() } else { vec!["a body without a media type".to_owned()] };
        };
        let schema = &answer["content"][kind]["schema"];
        if schema.is_null() {
            return vec![format!("{kind} is not said for {status}")];
        }
        let mut root = schema.clone();
        root["components"] = self.document["components"].clone();
        let validator = jsonschema::validator_for(&root).unwrap();
        let instance: Value = serde_json::from_slice(body).unwrap();
        validator.iter_errors(&instance).map(|error| error.to_string()).collect()
    }

    async fn holds(&self, pattern: &str, method: &str, answer: Response, status: u16) -> Value {
        assert_eq!(answer.status(), status, "{method} {pattern}");
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let body = answer.bytes().await.unwrap();
        let errors = self.errors(pattern, method, status, kind.as_deref(), &body);
        assert!(errors.is_empty(), "{method} {pattern} {status}: {errors:?}");
        serde_json::from_slice(&body).unwrap_or_default()
    }
}

#[tokio::test]
async fn real_answers_are_as_it_says() {
    let town = Town::start(&[("a.json", service("prov-a", 1))]).await;
    let judge = Judge { document: document(&town).await };
    let token = town.sign_in("demo-astrid").await.access;
    let ask = |method: Method, path: &str| town.http.request(method, town.at(path)).bearer_auth(&token);
    let put = |path: &str, body: &Value| {
        let text = body.to_string();
        ask(Method::PUT, path).header("content-digest", digest::header(text.as_bytes())).body(text)
    };

    for path in ["/health", "/ready", "/v1/about", "/v1/openapi.json", "/v1/receipt-keys", "/v1/services"] {
        judge.holds(path, "get", ask(Method::GET, path).send().await.unwrap(), 200).await;
    }
    let one = ask(Method::GET, "/v1/services/prov-a/1").send().await.unwrap();
    let definition = judge.holds("/v1/services/{id}/{version}", "get", one, 200).await;

    let id = Uuid::now_v7();
    let now = jiff::Timestamp::now();
    let submission = json!({
        "schema": 1, "id": id, "contact": Uuid::now_v7(),
        "service": {"id": "prov-a", "version": 1, "hash": definition["hash"]},
        "answers": {"namn": {"type": "text", "text": "Tolvan Exempel"}}, "secrecy_marking": false,
        "contact_started_at": now, "confirmed_at": now, "declared_at": now, "identity_level": "stated",
        "scribe": {"subject": "demo-astrid", "name": "Astrid Exempel"},
    });
    let pattern = "/v1/submissions/{id}";
    let path = format!("/v1/submissions/{id}");
    let submit = |body: &Value| put(&path, body).header("idempotency-key", format!("\"{id}\"")).send();
    let missing = ask(Method::GET, &path).send().await.unwrap();
    judge.holds(pattern, "get", missing, 404).await;
    judge.holds(pattern, "put", submit(&json!({})).await.unwrap(), 400).await;
    judge.holds(pattern, "put", submit(&submission).await.unwrap(), 201).await;
    judge.holds(pattern, "put", submit(&submission).await.unwrap(), 200).await;
    let mut other = submission.clone();
    other["secrecy_marking"] = json!(true);
    judge.holds(pattern, "put", submit(&other).await.unwrap(), 422).await;
    judge.holds(pattern, "get", ask(Method::GET, &path).send().await.unwrap(), 200).await;
    judge.holds(pattern, "get", town.get(&path).send().await.unwrap(), 401).await;

    let contact = json!({
        "schema": 1, "id": id, "rev": 1, "started_at": now, "asked_for": "", "note": "",
        "caller": {"name": "", "phone": "", "identity_number": "", "identity_level": "stated", "language": "swedish"},
        "secrecy_marking": false,
    });
    let path = format!("/v1/contacts/{id}");
    judge.holds("/v1/contacts/{id}", "put", put(&path, &contact).send().await.unwrap(), 204).await;
    judge.holds("/v1/contacts/{id}", "put", put(&path, &json!(1)).send().await.unwrap(), 400).await;

    let file = json!({
        "id": id, "name": "a.pdf", "media_type": "application/pdf", "size": 3, "sha256": digest::hex(b"abc"),
    });
    let begin = |body: &Value| ask(Method::POST, "/v1/uploads").body(body.to_string()).send();
    judge.holds("/v1/uploads", "post", begin(&file).await.unwrap(), 201).await;
    judge.holds("/v1/uploads", "post", begin(&file).await.unwrap(), 200).await;
    let pattern = "/v1/uploads/{id}";
    let path = format!("/v1/uploads/{id}");
    let status = ask(Method::HEAD, &path).send().await.unwrap();
    assert!(status.headers().contains_key("upload-offset"));
    judge.holds(pattern, "head", status, 204).await;
    let chunk = |offset: &str| {
        ask(Method::PATCH, &path)
            .header("content-type", "application/partial-upload")
            .header("upload-offset", offset.to_owned())
            .header("content-digest", digest::header(b"abc"))
            .body("abc")
            .send()
    };
    judge.holds(pattern, "patch", chunk("1").await.unwrap(), 409).await;
    judge.holds(pattern, "patch", chunk("0").await.unwrap(), 204).await;
    judge.holds(pattern, "delete", ask(Method::DELETE, &path).send().await.unwrap(), 204).await;
    judge.holds(pattern, "delete", ask(Method::DELETE, &path).send().await.unwrap(), 404).await;

    let vault = Uuid::now_v7();
    let event = json!({"id": Uuid::now_v7(), "worker": "demo-astrid"}).to_string();
    let start = ledsaga_protocol::audit::start(vault);
    let head = ledsaga_protocol::audit::link(1, &start, event.as_bytes());
    let hex = |hash: &[u8]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let run = json!({
        "schema": 1, "vault": vault, "first": 1, "previous": hex(&start), "events": [event], "head": hex(&head),
    });
    let path = format!("/v1/audit/{vault}/1");
    let pattern = "/v1/audit/{vault}/{first}";
    judge.holds(pattern, "put", put(&path, &run).send().await.unwrap(), 201).await;
    judge.holds(pattern, "put", put(&path, &run).send().await.unwrap(), 200).await;
    let head = ask(Method::GET, &format!("/v1/audit/{vault}")).send().await.unwrap();
    judge.holds("/v1/audit/{vault}", "get", head, 200).await;
}

/// The counter-test: an answer that is not as the document says is found out.
#[tokio::test]
async fn an_answer_that_is_not_as_it_says_is_found_out() {
    let town = Town::start(&[]).await;
    let judge = Judge { document: document(&town).await };
    let problem = "application/problem+json";
    let right = br#"{"type": "t", "title": "t", "status": 404, "code": "not_found"}"#;
    let judged = |status, kind, body: &[u8]| judge.errors("/v1/submissions/{id}", "get", status, kind, body);
    assert!(judged(404, Some(problem), right).is_empty());
    assert!(!judged(404, Some(problem), br#"{"type": "t", "title": "t", "status": 404}"#).is_empty());
    assert!(!judged(404, Some("text/plain"), b"\"not found\"").is_empty());
    assert!(!judged(200, Some("application/json"), br#"{"submission": "x"}"#).is_empty());
    assert!(!judged(204, None, b"").is_empty());
}
