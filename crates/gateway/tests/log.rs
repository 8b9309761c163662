//! The log tells what happened and nothing of anybody.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use ledsaga_gateway::{Log, log_without_content};
use serde_json::Value;
use support::{Town, service};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const CANARIES: [&str; 5] = ["Tolvan", "191212121212", "19121212-1212", "70174", "hemligt"];

/// The lines that tell something that was sent.
fn telling<'a>(log: &'a str, secrets: &[&str]) -> Vec<&'a str> {
    log.lines().filter(|line| secrets.iter().any(|secret| line.contains(secret))).collect()
}

#[tokio::test]
async fn nothing_that_was_sent_is_logged_on_any_route_even_at_trace() {
    let kept = Kept::default();
    let level = "ledsaga_gateway=trace,sqlx=trace,debug".to_owned();
    log_without_content(&Log { json: true, level }, kept.clone());

    let town = Town::start(&[("a.json", service("prov-a", 1))]).await;
    let tokens = town.sign_in("demo-astrid").await;
    let id = uuid::Uuid::now_v7();
    let contact = serde_json::json!({
        "schema": 1, "id": id, "rev": 1, "started_at": "2026-11-22T08:00:00Z", "asked_for": "hemligt", "note": "hemligt",
        "caller": {"name": "Tolvan", "phone": "+46701740605", "identity_number": "191212121212",
                   "identity_level": "stated", "language": "swedish"},
        "secrecy_marking": true,
    });
    let put = async |path: &str, body: String| {
        let request = town.http.put(town.at(path)).bearer_auth(&tokens.access).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    let path = format!("/v1/contacts/{id}");
    assert_eq!(put(&path, contact.to_string()).await, 204);
    assert_eq!(put(&path, contact.to_string().replace("\"rev\":1", "\"rev\":\"hemligt\"")).await, 400);
    assert_eq!(put("/v1/contacts/Tolvan-191212121212", contact.to_string()).await, 400);
    assert_eq!(put("/Tolvan/191212121212", contact.to_string()).await, 404);
    assert_eq!(put(&format!("/v1/submissions/{id}?namn=Tolvan"), contact.to_string()).await, 400);

    // Tokens that are refused, each at another step; what is left of them is looked for below.
    let (head, signature) = tokens.access.rsplit_once('.').unwrap();
    let claims = head.split('.').next_back().unwrap();
    let refused = [
        format!("{head}.{}", signature.chars().rev().collect::<String>()),
        format!("{head}."),
        tokens.identity.clone(),
        tokens.access.to_ascii_lowercase(),
        format!("{}hemligt", tokens.access),
        format!("hemligt{}", "A".repeat(20_000)),
    ];
    for token in &refused {
        let answer = town.get("/v1/services").bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }

    // Every route of the document, with something of somebody's wherever something can be put.
    let document: Value = town.get("/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut asked = 0;
    for pattern in document["paths"].as_object().unwrap().keys() {
        let names: Vec<&str> = pattern.split('/').filter(|part| part.starts_with('{')).collect();
        let fill = |with: &str| names.iter().fold(pattern.clone(), |path, name| path.replacen(name, with, 1));
        for path in [fill(&id.to_string()), fill("Tolvan-19121212-1212"), fill("1")] {
            for method in ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "TOLVAN"] {
                for token in [Some(&tokens.access), Some(&tokens.refresh), None] {
                    let url = town.at(&format!("{path}?namn=Tolvan&cursor=hemligt"));
                    let mut request = town
                        .http
                        .request(method.parse().unwrap(), url)
                        .header("user-agent", "ledsaga/Tolvan")
                        .header("x-forwarded-for", "19121212-1212")
                        .header("ledsaga-request", "hemligt")
                        .header("idempotency-key", "\"hemligt\"")
                        .header("content-type", "application/partial-upload")
                        .header("upload-offset", "191212121212")
                        .header(
                            "content-digest",
                            ledsaga_protocol::digest::header(contact.to_string().as_bytes()),
                        )
                        .body(contact.to_string());
                    if let Some(token) = token {
                        request = request.bearer_auth(token);
                    }
                    request.send().await.unwrap();
                    asked += 1;
                }
            }
        }
    }

    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let answers: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["target"] == "ledsaga_gateway::envelope" && line.get("status").is_some())
        .collect();
    assert!(answers.len() > asked, "one line for each answer, in JSON");
    assert!(answers.iter().all(|line| uuid::Uuid::parse_str(line["span"]["id"].as_str().unwrap()).is_ok()));
    assert!(
        answers.iter().any(|line| line["route"] == "/v1/contacts/{id}" && line["status"] == 204),
        "{log}"
    );
    assert!(log.contains("sqlx"), "the database's log is captured too");
    let mut secrets: Vec<&str> = CANARIES.into();
    secrets.extend([tokens.access.as_str(), &tokens.refresh, &tokens.identity, claims, signature]);
    let told: Vec<&str> = telling(&log, &secrets)
        .into_iter()
        // Our own client in this process logs what it sends; the gateway is what is judged.
        .filter(|line| {
            !["\"target\":\"hyper", "\"target\":\"reqwest"].iter().any(|other| line.contains(other))
        })
        .collect();
    assert!(told.is_empty(), "{told:?}");

    // The counter-test: a line that does tell it is found.
    tracing::info!(path = "/v1/contacts/Tolvan-191212121212", "asked");
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(!telling(&log, &secrets).is_empty());
}
