//! What whoever runs a gateway relies on: metrics, limits, maintenance, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{net::SocketAddr, num::NonZeroU32, process::Stdio, time::Duration};

use ledsaga_gateway::{Config, Limits, Maintenance, Rate, Stop, Store, Transport};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use support::{Town, problem, service};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

const ALERTS: &str = include_str!("../../../packaging/prometheus/alerts.yml");
const HANDBOOK: &str = include_str!("../../../docs/driftshandbok.md");

/// The metrics that a text speaks of.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_ascii_lowercase() && sign != '_')
        .filter(|word| word.starts_with("ledsaga_") && word.len() > "ledsaga_".len())
        .filter(|word| *word != "ledsaga_gateway")
}

async fn town(change: impl FnOnce(&mut Config)) -> Town {
    Town::with(&[("a.json", service("prov-a", 1))], change).await
}

fn rate(per_second: u32, burst: u32) -> Option<Rate> {
    let number = |n| NonZeroU32::new(n).unwrap();
    Some(Rate { per_second: number(per_second), burst: number(burst) })
}

fn contact(id: Uuid) -> Value {
    json!({
        "schema": 1, "id": id, "rev": 1, "started_at": "2026-11-22T08:00:00Z", "asked_for": "", "note": "",
        "caller": {"name": "", "phone": "", "identity_number": "", "identity_level": "stated", "language": "swedish"},
        "secrecy_marking": false,
    })
}

async fn put_contact(town: &Town, token: &str) -> Response {
    let id = Uuid::now_v7();
    let request = town.http.put(town.at(&format!("/v1/contacts/{id}"))).bearer_auth(token);
    request.body(contact(id).to_string()).send().await.unwrap()
}

fn wait_of(answer: &Response) -> u64 {
    answer.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

async fn metrics(town: &Town) -> String {
    let address = town.handle.metrics_address().unwrap();
    town.http.get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap()
}

fn value(text: &str, line: &str) -> Option<f64> {
    text.lines().find_map(|said| said.strip_prefix(line)?.trim().parse().ok())
}

#[tokio::test]
async fn metrics_count_by_pattern_on_a_listener_of_their_own() {
    let town = town(|config| config.metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)))).await;
    let token = town.sign_in("demo-astrid").await.access;
    assert_eq!(put_contact(&town, &token).await.status(), 204);
    for _ in 0..2 {
        let path = format!("/v1/contacts/{}-191212121212", Uuid::now_v7());
        let wrong = town.http.put(town.at(&path)).bearer_auth(&token).body("{}").send().await.unwrap();
        assert_eq!(wrong.status(), 400);
    }
    let submission =
        town.http.put(town.at(&format!("/v1/submissions/{}", Uuid::now_v7()))).bearer_auth(&token);
    assert_eq!(submission.body("{}").send().await.unwrap().status(), 400);
    town.http.request("TOLVAN".parse().unwrap(), town.at("/v1/about")).send().await.unwrap();

    let text = metrics(&town).await;
    let route = r#"route="/v1/contacts/{id}",method="PUT""#;
    assert_eq!(
        value(&text, &format!("ledsaga_requests_total{{{route},status=\"204\"}}")),
        Some(1.0),
        "{text}"
    );
    assert_eq!(value(&text, &format!("ledsaga_requests_total{{{route},status=\"400\"}}")), Some(2.0));
    assert_eq!(value(&text, &format!("ledsaga_request_duration_seconds_count{{{route}}}")), Some(3.0));
    assert_eq!(
        value(&text, r#"ledsaga_refusals_total{route="/v1/contacts/{id}",code="malformed"}"#),
        Some(2.0)
    );
    assert_eq!(value(&text, r#"ledsaga_filings_total{outcome="refused",code="idempotency_key"}"#), Some(1.0));
    assert!(value(&text, &format!("ledsaga_received_bytes_total{{{route}}}")).unwrap() > 100.0);
    assert!(value(&text, "ledsaga_database_connections ").unwrap() >= 1.0);
    assert_eq!(value(&text, "ledsaga_issuer_key_fetches_total "), Some(1.0));
    assert_eq!(value(&text, "ledsaga_requests_at_work "), Some(0.0));
    assert!(text.contains("ledsaga_build_info{version="));
    for named in names(ALERTS).chain(names(HANDBOOK)) {
        let sample = format!("\n{named}");
        assert!(text.contains(&sample), "{named} is watched, and there is no such metric");
    }
    for canary in ["191212121212", "TOLVAN", "demo-astrid"] {
        assert!(!text.contains(canary), "{canary}");
    }
    assert_eq!(problem(town.get("/metrics").send().await.unwrap(), 404).await, "not_found");
}

#[tokio::test]
async fn a_worker_who_asks_too_often_is_told_when_to_come_back() {
    let limits = Limits { per_worker: rate(1, 3), ..Limits::DEMO };
    let town = town(|config| config.limits = limits).await;
    let astrid = town.sign_in("demo-astrid").await.access;
    let ask = |token: &str| town.get("/v1/services").bearer_auth(token).send();
    for _ in 0..3 {
        assert_eq!(ask(&astrid).await.unwrap().status(), 200);
    }
    let refused = loop {
        // The bucket fills while we ask.
        let answer = ask(&astrid).await.unwrap();
        if answer.status() != 200 {
            break answer;
        }
    };
    assert!((1..=2).contains(&wait_of(&refused)));
    assert_eq!(problem(refused, 429).await, "too_many_requests");
    let david = town.sign_in("demo-david").await.access;
    assert_eq!(ask(&david).await.unwrap().status(), 200, "another worker is not held back");
}

#[tokio::test]
async fn an_address_without_a_valid_token_has_a_rate_too() {
    let limits = Limits { per_address: rate(1, 5), ..Limits::DEMO };
    let town = town(|config| config.limits = limits).await;
    let mut answers = Vec::new();
    for n in 0..30 {
        let request = town.get("/v1/services");
        let request = if n % 2 == 0 { request } else { request.bearer_auth("a.b.c") };
        answers.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(answers[0], 401);
    assert!(answers.contains(&429), "{answers:?}");
    assert!(answers.iter().all(|status| [401, 429].contains(status)), "{answers:?}");
    assert_eq!(town.get("/health").send().await.unwrap().status(), 200, "signs of life are always given");
}

#[tokio::test]
async fn a_proxy_that_is_declared_speaks_for_others_and_nobody_else_does() {
    let limits = Limits { per_address: rate(1, 1), ..Limits::DEMO };
    let ask = async |town: &Town, client: &str| {
        town.get("/v1/about").header("x-forwarded-for", client).send().await.unwrap().status().as_u16()
    };
    let behind = town(|config| {
        config.limits = limits;
        config.transport = Transport::Behind(vec!["127.0.0.1".parse::<std::net::IpAddr>().unwrap().into()]);
    })
    .await;
    for n in 1..=20 {
        assert_eq!(ask(&behind, &format!("192.0.2.{n}")).await, 200);
    }
    let alone = town(|config| config.limits = limits).await;
    let mut answers = Vec::new();
    for n in 1..=20 {
        answers.push(ask(&alone, &format!("192.0.2.{n}")).await);
    }
    assert!(answers.contains(&429), "{answers:?}");
}

#[tokio::test]
async fn more_than_can_be_done_at_once_waits_and_more_than_that_is_sent_away() {
    let limits = Limits { at_work: 1, queue: 1, ..Limits::DEMO };
    let town = town(|config| config.limits = limits).await;
    let token = town.sign_in("demo-astrid").await.access;
    // The demo's own issuer is asked for its keys at once, so that it needs no place later.
    assert_eq!(town.get("/ready").send().await.unwrap().status(), 200);
    // Holds the only place: its body has not come.
    let id = Uuid::now_v7();
    let body = contact(id).to_string();
    let mut slow = TcpStream::connect(town.handle.address()).await.unwrap();
    let head = format!(
        "PUT /v1/contacts/{id} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\nconnection: close\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 "));

    let others: Vec<_> = (0..2).map(|_| tokio::spawn(town.get("/v1/about").send())).collect();
    let (first, rest) = futures(others).await;
    assert!((1..=5).contains(&wait_of(&first)));
    assert_eq!(problem(first, 503).await, "overloaded");
    assert_eq!(town.get("/health").send().await.unwrap().status(), 200);
    slow.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    assert_eq!(rest.await.unwrap().unwrap().status(), 200, "whoever was in the queue has had its turn");
}

type Asked = tokio::task::JoinHandle<reqwest::Result<Response>>;

/// The answer of whichever comes first, and the other one.
async fn futures(mut asked: Vec<Asked>) -> (Response, Asked) {
    let (mut second, mut first) = (asked.pop().unwrap(), asked.pop().unwrap());
    tokio::select! {
        answer = &mut first => (answer.unwrap().unwrap(), second),
        answer = &mut second => (answer.unwrap().unwrap(), first),
    }
}

/// What comes back on a raw connection that sends this and then nothing, until it is closed.
async fn raw(town: &Town, text: &str) -> String {
    let mut stream = TcpStream::connect(town.handle.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_head_or_a_body_that_does_not_come_ends_the_connection() {
    let second = Duration::from_secs(1);
    let limits = Limits { head_time: second, body_silence: second, ..Limits::DEMO };
    let town = town(|config| config.limits = limits).await;
    assert_eq!(raw(&town, "GET /v1/about HTTP/1.1\r\nhost: a\r\nx: ").await, "", "only half a head");
    let token = town.sign_in("demo-astrid").await.access;
    let id = Uuid::now_v7();
    let head = format!(
        "PUT /v1/contacts/{id} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: 100\r\n\r\n{{"
    );
    let answer = raw(&town, &head).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("retry-after"), "{answer}");
}

#[tokio::test]
async fn no_more_connections_are_served_at_once_than_may_be() {
    let town = town(|config| config.limits = Limits { connections: 1, ..Limits::DEMO }).await;
    let mut first = TcpStream::connect(town.handle.address()).await.unwrap();
    first.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    first.read_u8().await.unwrap();
    let mut second = TcpStream::connect(town.handle.address()).await.unwrap();
    second.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut byte = [0; 1];
    let too_soon = tokio::time::timeout(Duration::from_millis(200), second.read(&mut byte)).await;
    assert!(too_soon.is_err(), "it waits for the first one to end");
    drop(first);
    let mut answer = String::new();
    second.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn maintenance_stops_what_changes_something_on_every_replica() {
    let first = town(|_| {}).await;
    let database = ledsaga_gateway::sqlite_url(first.folder.path());
    let second = town(|config| config.database = database.clone().into()).await;
    let store = Store::open(&database).await.unwrap();
    let until = jiff::Timestamp::now() + Duration::from_secs(3600);
    store.set_maintenance(Some(Maintenance { until: Some(until) })).await.unwrap();
    for town in [&first, &second] {
        let token = town.sign_in("demo-astrid").await.access;
        let refused = loop {
            let answer = put_contact(town, &token).await;
            if answer.status() != 204 {
                break answer;
            }
        };
        assert!((3500..=3600).contains(&wait_of(&refused)));
        assert_eq!(problem(refused, 503).await, "maintenance");
        for path in ["/v1/about", "/v1/services", "/ready"] {
            let answer = town.get(path).bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
        }
    }
    store.set_maintenance(None).await.unwrap();
    let token = first.sign_in("demo-astrid").await.access;
    while put_contact(&first, &token).await.status() != 204 {}
}

#[tokio::test]
async fn too_old_an_application_is_told_to_update() {
    let town = town(|config| config.minimum_client = Some("1.2.0".parse().unwrap())).await;
    let token = town.sign_in("demo-astrid").await.access;
    let ask = |path, agent| town.get(path).bearer_auth(&token).header("user-agent", agent).send();
    let old = ask("/v1/services", "ledsaga/1.1.9").await.unwrap();
    assert_eq!(problem(old, 426).await, "client_too_old");
    assert_eq!(ask("/v1/about", "ledsaga/1.1.9").await.unwrap().status(), 200, "how else would it know?");
    for agent in ["ledsaga/1.2.0", "curl/8.0"] {
        assert_eq!(ask("/v1/services", agent).await.unwrap().status(), 200, "{agent}");
    }
}

#[tokio::test]
async fn it_says_that_it_is_leaving_before_it_closes_the_door() {
    let pause = Duration::from_secs(2);
    let town = town(|config| config.stop = Stop { ready_pause: pause, ..config.stop }).await;
    assert_eq!(town.get("/ready").send().await.unwrap().status(), 200);
    let (http, base) = (town.http.clone(), town.handle.url());
    let ask = async |path: &str| http.get(format!("{base}{path}")).send().await;
    let stopped = tokio::spawn(town.handle.stop());
    while ask("/ready").await.unwrap().status() != StatusCode::SERVICE_UNAVAILABLE {}
    assert_eq!(ask("/v1/about").await.unwrap().status(), 200, "it serves until the door is closed");
    stopped.await.unwrap();
    assert!(ask("/health").await.is_err());
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let patience = Duration::from_secs(1);
    let town = town(|config| config.stop = Stop { patience, ..config.stop }).await;
    let token = town.sign_in("demo-astrid").await.access;
    let id = Uuid::now_v7();
    let mut stuck = TcpStream::connect(town.handle.address()).await.unwrap();
    let head = format!(
        "PUT /v1/contacts/{id} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: 100\r\n\
         expect: 100-continue\r\n\r\n"
    );
    stuck.write_all(head.as_bytes()).await.unwrap();
    stuck.read_exact(&mut [0; 25]).await.unwrap();
    town.handle.stop().await;
    let mut rest = Vec::new();
    let _ = stuck.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "nothing is acknowledged that was not done");
}

#[tokio::test]
async fn it_is_not_ready_without_its_issuer() {
    let folder = tempfile::tempdir().unwrap();
    let receipt_key = folder.path().join("receipt.pem");
    ledsaga_gateway::SigningKey::open_or_create(&receipt_key).unwrap();
    let config = Config {
        issuer: ledsaga_gateway::Issuer::External { url: "http://127.0.0.1:9".to_owned() },
        receipt_key,
        catalogue: ledsaga_gateway::Catalogue::None,
        ..Config::demo(folder.path())
    };
    let handle = ledsaga_gateway::serve(config).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |path: &str| http.get(format!("{}{path}", handle.url())).send().await.unwrap();
    assert_eq!(problem(ask("/ready").await, 503).await, "unavailable");
    assert_eq!(ask("/health").await.status(), 200);
}

#[test]
fn what_is_in_force_is_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("receipt.pem");
    std::fs::write(&key, "").unwrap();
    let file = folder.path().join("gateway.toml");
    std::fs::write(
        &file,
        format!(
            "municipality = \"Exempelby kommun\"\ncase_prefix = \"EXB\"\n[database]\n\
             url = \"postgres://ledsaga:hemligt@db.example/l\"\n[issuer]\nurl = \"https://id.example\"\n\
             [receipts]\nkey = {key:?}\n"
        ),
    )
    .unwrap();
    let check = |port: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ledsaga-gateway"));
        command
            .args(["config", "check", "--config"])
            .arg(&file)
            .env("LEDSAGA_PORT", port)
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, out, err) = check("8443");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("8443  [environment]") && out.contains("Exempelby kommun  [file]"), "{out}");
    assert!(!out.contains("hemligt"));
    let (code, out, err) = check("many");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.starts_with("ledsaga-gateway: listen.port (LEDSAGA_PORT) is wrong"), "{err}");
}
