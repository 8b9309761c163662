//! Tokens: renewed once for everybody, kept before they count, and given up when the issuer says so.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::{Arc, atomic::Ordering};

use ledsaga_core::{error::LinkError, ports::Municipality};
use ledsaga_link::{Account, Client};
use serde_json::json;
use support::{Secrets, Server, call, options, plain, sign_in};

async fn start() -> (Server, Arc<Secrets>, Arc<Account>, Arc<Client>) {
    let server = Server::start().await;
    let secrets = Arc::new(Secrets::default());
    let account = Arc::new(sign_in(&server, &secrets, options()).await.unwrap());
    let client = Arc::new(Client::new(&server.base, account.clone()));
    (server, secrets, account, client)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_need_a_new_token_share_one_refresh() {
    let (server, secrets, _, client) = start().await;
    server.script().access.clear();
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.put_contact(&call()).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(()));
    }
    assert_eq!(server.script().refreshes, 1);
    assert!(secrets.text().contains("refresh-2") && !secrets.text().contains("refresh-1"));
}

/// Why it matters: this issuer, as many, ends the session when a refresh token is used twice.
#[tokio::test]
async fn a_refresh_token_that_is_used_twice_ends_the_session() {
    let (server, secrets, _, client) = start().await;
    let old = secrets.items.lock().unwrap().clone();
    server.script().access.clear();
    client.put_contact(&call()).await.unwrap();

    *secrets.items.lock().unwrap() = old;
    let stale = Account::restore(&server.base, secrets.clone()).await.unwrap().unwrap();
    let stale = Client::new(&server.base, Arc::new(stale));
    assert_eq!(stale.put_contact(&call()).await, Err(LinkError::SignInNeeded));
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_before_it_is_used() {
    let server = Server::start().await;
    server.script().expires_in = 0;
    let account = sign_in(&server, &Arc::new(Secrets::default()), options()).await.unwrap();
    server.script().expires_in = 600;
    let client = Client::new(&server.base, Arc::new(account));
    client.put_contact(&call()).await.unwrap();
    client.put_contact(&call()).await.unwrap();
    assert_eq!(server.script().refreshes, 1);
}

#[tokio::test]
async fn a_restored_worker_needs_the_network_only_for_the_first_request() {
    let (server, secrets, ..) = start().await;
    let account = Account::restore(&server.base, secrets.clone()).await.unwrap().unwrap();
    assert_eq!(server.script().refreshes, 0);
    let client = Client::new(&server.base, Arc::new(account));
    client.put_contact(&call()).await.unwrap();
    assert_eq!(server.script().refreshes, 1);
    assert!(secrets.text().contains("refresh-2"));
}

#[tokio::test]
async fn the_new_refresh_token_is_kept_before_the_new_access_token_is_used() {
    let (server, secrets, _, client) = start().await;
    server.script().access.clear();
    secrets.gated.store(true, Ordering::SeqCst);
    let sending = tokio::spawn({
        let client = client.clone();
        async move { client.put_contact(&call()).await }
    });
    secrets.waiting.acquire().await.unwrap().forget();
    let with_new_token = |server: &Server| {
        let script = server.script();
        script
            .seen
            .iter()
            .any(|seen| seen.headers.get("authorization").is_some_and(|v| v == "Bearer access-2"))
    };
    assert!(!with_new_token(&server));
    secrets.gate.add_permits(1);
    assert_eq!(sending.await.unwrap(), Ok(()));
    assert!(with_new_token(&server));
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_lose_the_rotated_token() {
    let (server, secrets, _, client) = start().await;
    server.script().access.clear();
    secrets.gated.store(true, Ordering::SeqCst);
    let sending = tokio::spawn({
        let client = client.clone();
        async move { client.put_contact(&call()).await }
    });
    secrets.waiting.acquire().await.unwrap().forget();
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    secrets.gated.store(false, Ordering::SeqCst);
    secrets.gate.add_permits(1);

    assert_eq!(client.put_contact(&call()).await, Ok(()));
    assert_eq!(server.script().refreshes, 1, "the refresh that nobody waited for was used");
    assert!(secrets.text().contains("refresh-2"));
}

#[tokio::test]
async fn a_session_that_the_issuer_ended_asks_for_sign_in_and_keeps_the_worker() {
    let (server, secrets, account, client) = start().await;
    server.script().access.clear();
    server.script().refresh = None;
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::SignInNeeded));
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::SignInNeeded));
    assert_eq!(server.script().refreshes, 1, "a refused token is not tried again");
    let restored = Account::restore(&server.base, secrets.clone()).await.unwrap().unwrap();
    assert_eq!(restored.worker(), account.worker());
    assert!(!secrets.text().contains("refresh-1"));
}

#[tokio::test]
async fn an_issuer_that_is_away_is_not_an_issuer_that_says_no() {
    let (server, secrets, _, client) = start().await;
    server.script().access.clear();
    server.answer_once("POST /token", plain(503, &json!({})));
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::Busy { retry_after_ms: None }));
    let html =
        axum::http::Response::builder().header("content-type", "text/html").body("<html>".into()).unwrap();
    server.answer_once("POST /token", html);
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::WrongServer));
    assert!(secrets.text().contains("refresh-1"));
    assert_eq!(client.put_contact(&call()).await, Ok(()));
}

#[tokio::test]
async fn a_token_that_is_refused_twice_asks_for_sign_in() {
    let (server, _, _, client) = start().await;
    let call = call();
    for _ in 0..2 {
        let line = format!("PUT /v1/contacts/{}", call.id);
        server.answer_once(&line, support::problem(401, "unauthenticated"));
    }
    assert_eq!(client.put_contact(&call).await, Err(LinkError::SignInNeeded));
    assert_eq!(server.script().refreshes, 1);
}

#[tokio::test]
async fn signing_out_forgets_here_and_tells_the_issuer() {
    let (server, secrets, account, client) = start().await;
    let done = account.sign_out().await;
    assert_eq!(done.forgotten, Ok(()));
    assert!(secrets.items.lock().unwrap().is_empty());
    assert!(Account::restore(&server.base, secrets).await.unwrap().is_none());
    let body = String::from_utf8(server.seen("POST /revoke")[0].body.clone()).unwrap();
    assert!(body.contains("token=refresh-1") && body.contains("client_id=ledsaga-desktop"), "{body}");
    let page = format!("{}/logout?client_id=ledsaga-desktop&ui_locales=sv", server.base);
    assert_eq!(done.page, Some(page), "for the browser, and without a token");
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::SignInNeeded));
    assert_eq!(server.script().refreshes, 0);
}

#[tokio::test]
async fn signing_out_needs_no_issuer_and_no_end_session() {
    let (server, secrets, account, _) = start().await;
    server.script().discovery.push(("end_session_endpoint", json!(null)));
    let account_of_today = sign_in(&server, &secrets, options()).await.unwrap();
    let done = account_of_today.sign_out().await;
    assert_eq!((done.forgotten, done.page), (Ok(()), None));
    assert_eq!(server.seen("POST /revoke").len(), 1);
    server.stop();
    let done = account.sign_out().await;
    assert_eq!((done.forgotten, done.page), (Ok(()), None), "nobody is there to say goodbye to");
    assert!(secrets.items.lock().unwrap().is_empty());
}

/// The clock of the computer has no say in whether a session goes on.
#[tokio::test]
async fn a_refreshed_session_goes_on_under_new_keys_and_by_a_wrong_clock() {
    let (server, _, _, client) = start().await;
    server.script().access.clear();
    server.script().id_key = support::Key::of(9);
    server.script().refreshed_id_token = true;
    let hours = 5 * 3600;
    let now = jiff::Timestamp::now().as_second();
    server.script().claims.extend([("iat", json!(now - hours)), ("exp", json!(now - hours + 60))]);
    assert_eq!(client.put_contact(&call()).await, Ok(()));
    assert_eq!(server.script().refreshes, 1);
    assert_eq!(server.seen("GET /jwks").len(), 2, "at sign-in, and for the new key");
}

#[tokio::test]
async fn a_refresh_that_answers_with_another_worker_ends_the_session() {
    let (server, secrets, _, client) = start().await;
    server.script().access.clear();
    server.script().refreshed_id_token = true;
    server.script().claims.push(("sub", json!("worker-2")));
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::SignInNeeded));
    assert!(!secrets.text().contains("refresh-"), "{}", secrets.text());
}

#[tokio::test]
async fn a_new_sign_in_of_the_same_worker_goes_on_in_place() {
    let (server, secrets, account, client) = start().await;
    server.script().access.clear();
    server.script().refresh = None;
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::SignInNeeded));

    let new = sign_in(&server, &secrets, options()).await.unwrap();
    assert!(account.renew(&new).await);
    assert_eq!(client.put_contact(&call()).await, Ok(()));
    assert_eq!(account.last_sign_in(), new.last_sign_in());
    server.script().access.clear();
    assert_eq!(client.put_contact(&call()).await, Ok(()), "with the new session's refresh token");
    let restored = Account::restore(&server.base, secrets.clone()).await.unwrap().unwrap();
    assert_eq!(restored.last_sign_in(), new.last_sign_in());
}

#[tokio::test]
async fn a_sign_in_of_another_worker_is_not_taken_over() {
    let (server, secrets, account, client) = start().await;
    server.script().claims.push(("sub", json!("worker-2")));
    let other = sign_in(&server, &secrets, options()).await.unwrap();
    server.script().access.clear();
    assert!(!account.renew(&other).await);
    assert_eq!(account.worker().subject, "worker-1");
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::SignInNeeded));
    let restored = Account::restore(&server.base, secrets.clone()).await.unwrap().unwrap();
    assert_eq!(restored.worker(), other.worker(), "the end of the old session is not the end of the new one");
    assert!(secrets.text().contains("refresh-2"));
}

#[tokio::test]
async fn a_refresh_under_way_does_not_put_the_old_session_back() {
    let (server, secrets, account, client) = start().await;
    server.script().access.clear();
    secrets.gated.store(true, Ordering::SeqCst);
    let sending = tokio::spawn({
        let client = client.clone();
        async move { client.put_contact(&call()).await }
    });
    // The old session's rotated token is about to be stored when the worker signs in anew.
    secrets.waiting.acquire().await.unwrap().forget();
    secrets.gated.store(false, Ordering::SeqCst);
    let new = sign_in(&server, &secrets, options()).await.unwrap();
    assert!(secrets.text().contains("refresh-3"));
    secrets.gate.add_permits(1);
    sending.await.unwrap().unwrap();
    assert!(secrets.text().contains("refresh-2"), "the old one came last");
    assert!(account.renew(&new).await);
    assert!(secrets.text().contains("refresh-3"));
}
