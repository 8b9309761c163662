//! The log tells what happened and nothing of anybody.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

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

const CANARIES: [&str; 4] = ["Tolvan", "191212121212", "70174", "hemligt"];

#[tokio::test]
async fn nothing_that_was_sent_is_logged_even_at_debug() {
    let kept = Kept::default();
    tracing_subscriber::fmt()
        .with_env_filter("ledsaga_gateway=trace,sqlx=trace,debug")
        .with_writer(kept.clone())
        .with_ansi(false)
        .init();

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

    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("ledsaga_gateway")).collect();
    assert!(ours.iter().any(|line| line.contains("/v1/contacts/{id}") && line.contains("204")), "{log}");
    assert!(log.contains("sqlx"), "the database's log is captured too");
    for canary in
        CANARIES.iter().chain(&[tokens.access.as_str(), &tokens.refresh, &tokens.identity, claims, signature])
    {
        let told: Vec<&str> = log.lines().filter(|line| line.contains(canary)).collect();
        assert!(told.is_empty(), "{canary} in the log: {told:?}");
    }
}
