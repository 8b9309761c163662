//! A municipality for tests: issuer and gateway in one server, a keychain in memory, a browser, and a raw socket.
#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

mod browser;
mod keys;
mod raw;
mod secrets;
mod server;
mod tls;

use std::{sync::Arc, time::Duration};

use ledsaga_core::{
    call::{Call, Caller},
    protection::Protection,
    submission::Submission,
};
use ledsaga_link::{Account, Client, SignIn, SignInError, SignInOptions, Timeouts};
use ledsaga_protocol::digest;
use uuid::Uuid;

pub use browser::get;
pub use keys::Key;
pub use raw::raw_server;
pub use secrets::Secrets;
pub use server::{Script, Server, ours, plain, problem, redirect};
pub use tls::{Ca, NoTls, Paper, without_tls};

/// Generous beside loopback, short beside a test run.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn options() -> SignInOptions {
    SignInOptions::default()
}

/// So short that a server that says nothing is noticed at once.
pub fn hasty() -> SignInOptions {
    let brief = Duration::from_millis(200);
    // As in the application, what does not even connect is given up first.
    let timeouts = Timeouts { connect: brief, request: 3 * brief };
    SignInOptions { timeouts, ..SignInOptions::default() }
}

/// Signs in with a browser that does what the issuer wants.
pub async fn sign_in(
    server: &Server,
    secrets: &Arc<Secrets>,
    options: SignInOptions,
) -> Result<Account, SignInError> {
    let pending = SignIn::begin(&server.base, secrets.clone(), options).await?;
    let redirect = server.approve(pending.url());
    let browser = tokio::spawn(async move { get(&redirect).await });
    let account = pending.finish(PATIENCE).await;
    browser.await.unwrap();
    account
}

pub async fn account(server: &Server) -> Arc<Account> {
    Arc::new(sign_in(server, &Arc::new(Secrets::default()), options()).await.unwrap())
}

pub async fn client(server: &Server) -> Client {
    Client::new(&server.base, account(server).await)
}

pub fn call() -> Call {
    Call {
        id: Uuid::now_v7(),
        rev: 3,
        code: "A".to_owned(),
        colour: 0,
        started_at: "2026-11-22T09:00:00Z".parse().unwrap(),
        ended_at: None,
        caller: Caller {
            name: "Testa Testsson".to_owned(),
            phone: "070-1740605".to_owned(),
            ..Caller::default()
        },
        asked_for: "Färdtjänst".to_owned(),
        note: "Ringer igen i morgon".to_owned(),
        protection: Protection::NotRaised,
        arrived_rev: None,
        reduced: false,
        kept_through: None,
    }
}

pub fn submission(payload: &[u8]) -> Submission {
    Submission {
        id: Uuid::now_v7(),
        draft_id: Uuid::now_v7(),
        call_id: Uuid::now_v7(),
        payload: payload.to_vec(),
        digest: digest::hex(payload),
        frozen_at: "2026-11-22T09:05:00Z".parse().unwrap(),
    }
}
