//! Those who send: as many connections as there are workers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use ledsaga_protocol::{digest, header as own};
use reqwest::{Client, Url, header, redirect::Policy};
use serde_json::Value;
use tokio::{task::JoinSet, time::sleep_until};
use uuid::Uuid;

use super::bodies::Case;
use crate::stats::{Times, elapsed};

const CALLBACK: &str = "http://127.0.0.1:49152/callback";
/// `BASE64URL(SHA256(VERIFIER))` of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The invented worker who sends all of it.
pub const WORKER: &str = "demo-astrid";

/// What a round of sending came to.
pub struct Round {
    /// Cases a second.
    pub rate: f64,
    pub times: Times,
}

/// A connection of its own each, so nothing is shared but the machine.
pub fn connection() -> Result<Client> {
    Ok(Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(1)
        .http1_only()
        .build()?)
}

/// Sends all cases, each connection the next one as soon as it has its answer.
pub async fn flat_out(url: &str, token: &str, cases: Vec<Case>, connections: usize) -> Result<Round> {
    let (cases, next) = (Arc::new(cases), Arc::new(AtomicUsize::new(0)));
    let start = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..connections {
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        let (url, token, client) = (url.to_owned(), token.to_owned(), connection()?);
        senders.spawn(async move {
            let mut times = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begun = Instant::now();
                put(&client, &url, &token, case).await?;
                times.push(elapsed(begun));
            }
            anyhow::Ok(times)
        });
    }
    let times = joined(senders).await?;
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    Ok(Round { rate, times: Times::of(times)? })
}

/// Each connection sends one case after each pause, whether or not the others have their answers. The time of a case
/// begins when it was due, so that waiting in line counts.
pub async fn paced(
    url: &str,
    token: &str,
    cases: Vec<Case>,
    connections: usize,
    pause: Duration,
) -> Result<Round> {
    let start = tokio::time::Instant::now() + Duration::from_millis(200);
    let each = cases.len() / connections;
    let mut cases = cases.into_iter();
    let mut senders = JoinSet::new();
    for number in 0..connections {
        let own: Vec<Case> = cases.by_ref().take(each).collect();
        let (url, token, client) = (url.to_owned(), token.to_owned(), connection()?);
        let mut due = start + pause.mul_f64(number as f64 / connections as f64);
        senders.spawn(async move {
            let mut times = Vec::new();
            for case in own {
                sleep_until(due).await;
                put(&client, &url, &token, &case).await?;
                times.push(elapsed(due.into_std()));
                due += pause;
            }
            anyhow::Ok(times)
        });
    }
    let times = joined(senders).await?;
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    Ok(Round { rate, times: Times::of(times)? })
}

async fn joined(mut senders: JoinSet<Result<Vec<u64>>>) -> Result<Vec<u64>> {
    let mut times = Vec::new();
    while let Some(sender) = senders.join_next().await {
        times.extend(sender??);
    }
    Ok(times)
}

async fn put(client: &Client, url: &str, token: &str, case: &Case) -> Result<()> {
    let answer = request(client, url, "submissions", case.id, token)
        .header(own::IDEMPOTENCY_KEY, format!("\"{}\"", case.id))
        .header(own::CONTENT_DIGEST, digest::header(&case.bytes))
        .body(case.bytes.clone())
        .send()
        .await?;
    ensure!(answer.status() == 201, "a case was answered with {}", answer.status());
    answer.bytes().await?;
    Ok(())
}

/// With the headers that the application sends.
pub fn request(client: &Client, url: &str, what: &str, id: Uuid, token: &str) -> reqwest::RequestBuilder {
    client
        .put(format!("{url}/v1/{what}/{id}"))
        .bearer_auth(token)
        .header(own::SCHEMA, ledsaga_protocol::SCHEMA)
        .header(own::REQUEST, Uuid::now_v7().to_string())
        .header(header::CONTENT_TYPE, "application/json")
}

/// An access token of the demo's issuer, as the application gets one.
pub async fn token(url: &str) -> Result<String> {
    let client = connection()?;
    let form = async |step: &str, fields: &[(&str, &str)]| {
        let mut body = Url::parse(url)?;
        body.query_pairs_mut().extend_pairs(fields);
        let request = client
            .post(format!("{url}/demo/oidc/{step}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned());
        anyhow::Ok(request.send().await?)
    };
    let asked = [
        ("response_type", "code"),
        ("client_id", "ledsaga-desktop"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("worker", WORKER),
    ];
    let answer = form("authorize", &asked).await?;
    let back = Url::parse(answer.headers().get(header::LOCATION).context("no way back")?.to_str()?)?;
    let code = back.query_pairs().find(|(name, _)| name == "code").context("no code")?.1.into_owned();
    let traded = [
        ("grant_type", "authorization_code"),
        ("client_id", "ledsaga-desktop"),
        ("redirect_uri", CALLBACK),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let tokens: Value = form("token", &traded).await?.error_for_status()?.json().await?;
    tokens["access_token"].as_str().map(str::to_owned).context("no token")
}
