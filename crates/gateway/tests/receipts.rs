//! Receipts and their keys from the command line, and a change of keys while the gateway runs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use ledsaga_gateway::{SigningKey, make_key};
use ledsaga_protocol::{ReceiptBody, digest};
use reqwest::Response;
use serde_json::{Value, json};
use support::{Town, service};
use uuid::Uuid;

/// The exit code and what was said.
fn gateway(arguments: &[&str], input: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledsaga-gateway"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LEDSAGA_")) {
        command.env_remove(name);
    }
    let mut child = command.spawn().unwrap();
    use std::io::Write;
    child.stdin.take().unwrap().write_all(input.unwrap_or_default().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

async fn submit(town: &Town) -> (Vec<u8>, Response) {
    let token = town.sign_in("demo-astrid").await.access;
    let one = town.get("/v1/services/prov-a/1").bearer_auth(&token).send().await.unwrap();
    let definition: Value = one.json().await.unwrap();
    let id = Uuid::now_v7();
    let now = jiff::Timestamp::now();
    let body = json!({
        "schema": 1, "id": id, "contact": Uuid::now_v7(),
        "service": {"id": "prov-a", "version": 1, "hash": definition["hash"]},
        "answers": {"namn": {"type": "text", "text": "Tolvan Exempel"}}, "secrecy_marking": false,
        "contact_started_at": now, "confirmed_at": now, "declared_at": now, "identity_level": "stated",
        "scribe": {"subject": "demo-astrid", "name": "Astrid Exempel"},
    })
    .to_string()
    .into_bytes();
    let request = town
        .http
        .put(town.at(&format!("/v1/submissions/{id}")))
        .bearer_auth(&token)
        .header("idempotency-key", format!("\"{id}\""))
        .header("content-digest", digest::header(&body))
        .body(body.clone());
    (body, request.send().await.unwrap())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}

#[tokio::test]
async fn a_receipt_is_proved_from_the_command_line() {
    let town = Town::start(&[("a.json", service("prov-a", 1))]).await;
    let (submission, answer) = submit(&town).await;
    let receipt = answer.text().await.unwrap();
    let keys = town.get("/v1/receipt-keys").send().await.unwrap().text().await.unwrap();
    let folder = town.folder.path();
    let [receipt_file, keys_file, sent, other] =
        ["receipt.json", "keys.json", "submission.json", "other.json"].map(|name| path(folder, name));
    fs::write(&receipt_file, &receipt).unwrap();
    fs::write(&keys_file, &keys).unwrap();
    fs::write(&sent, &submission).unwrap();
    fs::write(&other, [submission.as_slice(), b" "].concat()).unwrap();
    let verify = |file: &str, more: &[&str], input: Option<&str>| {
        let mut arguments = vec!["receipt", "verify", file, "--keys", &keys_file];
        arguments.extend(more);
        gateway(&arguments, input)
    };
    let body: ReceiptBody = serde_json::from_str(&receipt).unwrap();

    let (code, said) = verify(&receipt_file, &["--submission", &sent], None);
    assert_eq!(code, Some(0), "{said}");
    for part in ["Signaturen stämmer.", &body.case_number, &body.digest, "byte för byte de som togs emot"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (code, said) = verify("-", &[], Some(&body.proof));
    assert_eq!(code, Some(0), "the signature alone, sent in: {said}");

    let (code, said) = verify(&receipt_file, &["--submission", &other], None);
    assert_eq!(code, Some(4));
    assert!(said.contains("INTE de som togs emot"), "{said}");

    let mut changed: Value = serde_json::from_str(&receipt).unwrap();
    changed["case_number"] = json!("EXB-2026-9999-X");
    let (code, said) = verify("-", &[], Some(&changed.to_string()));
    assert_eq!(code, Some(1));
    assert!(said.contains("bevisar ingenting"), "{said}");

    let another = SigningKey::open_or_create(&folder.join("another.pem")).unwrap().public();
    fs::write(&keys_file, serde_json::to_string(&another).unwrap()).unwrap();
    let (code, said) = verify(&receipt_file, &[], None);
    assert_eq!(code, Some(3));
    assert!(said.contains("/v1/receipt-keys"), "{said}");

    assert_eq!(verify("-", &[], Some("hej")).0, Some(2));
    assert_eq!(verify("/nowhere", &[], None).0, Some(2));
    assert_eq!(gateway(&["receipt", "verify", "-", "--keys", "/nowhere"], Some(&receipt)).0, Some(2));
}

#[tokio::test]
async fn a_key_is_changed_while_the_gateway_runs_and_old_receipts_are_still_proved() {
    let folder = tempfile::tempdir().unwrap();
    let now = jiff::Timestamp::now();
    let hour = std::time::Duration::from_secs(3600);
    make_key(folder.path(), now - 2 * hour).unwrap();
    // A demo makes its own key where it is told to; a folder is a municipality's.
    let town = Town::with(&[("a.json", service("prov-a", 1))], |config| {
        config.receipt_key = folder.path().to_owned();
    })
    .await;
    let kid = |receipt: &ReceiptBody| jsonwebtoken::decode_header(&receipt.proof).unwrap().kid.unwrap();
    let first: ReceiptBody = submit(&town).await.1.json().await.unwrap();
    make_key(folder.path(), now - hour).unwrap();
    assert!(town.handle.reload());
    let second: ReceiptBody = submit(&town).await.1.json().await.unwrap();
    assert_ne!(kid(&first), kid(&second));
    let keys = town.get("/v1/receipt-keys").send().await.unwrap().json().await.unwrap();
    for receipt in [&first, &second] {
        let proved = ledsaga_gateway::prove(&serde_json::to_string(receipt).unwrap(), &keys).unwrap();
        assert_eq!(proved.kid, kid(receipt));
    }

    fs::write(folder.path().join("receipt-20260101T000000Z.pem"), "not a key").unwrap();
    assert!(!town.handle.reload(), "and the ones of before go on");
    let third: ReceiptBody = submit(&town).await.1.json().await.unwrap();
    assert_eq!(kid(&third), kid(&second));
}

#[test]
fn keys_are_made_and_tidied_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().to_string_lossy().into_owned();
    let (code, said) = gateway(&["receipt-key", "new", "--folder", &named], None);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = gateway(&["receipt-key", "new", "--folder", &named], None);
    assert_eq!(code, Some(0), "{said}");
    let begins: jiff::Timestamp = said.trim().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(begins > jiff::Timestamp::now(), "it is published before it signs");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert_eq!(gateway(&["receipt-key", "tidy", "--folder", &named], None), (Some(0), String::new()));
    assert_eq!(gateway(&["receipt-key", "new", "--folder", "/nowhere"], None).0, Some(1));
}
