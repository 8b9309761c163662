//! Signing in by the browser, and everything that can come back instead.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{sync::Arc, time::Duration};

use ledsaga_core::{ports::SecretError, worker::Role};
use ledsaga_link::{Account, PinRule, Policy, Roots, SignIn, SignInError, SignInOptions, about, presence};
use serde_json::{Value, json};
use support::{
    PATIENCE, Secrets, Server, get, hasty, options, ours, plain, problem, raw_server, redirect, sign_in,
};

/// The error of a sign-in in which only the changed thing is wrong.
async fn refused(change: impl FnOnce(&mut support::Script)) -> (SignInError, Arc<Secrets>) {
    let server = Server::start().await;
    change(&mut server.script());
    let secrets = Arc::new(Secrets::default());
    (sign_in(&server, &secrets, options()).await.unwrap_err(), secrets)
}

#[tokio::test]
async fn the_policy_that_arrives_is_never_laxer_than_what_is_built_in() {
    let server = Server::start().await;
    assert_eq!(
        about(&server.base, &Roots::default()).await.unwrap().policy,
        Policy::default(),
        "an older gateway says none"
    );
    server
        .script()
        .about
        .push(("policy", json!({ "pin": "required", "offline_hours": 4, "draft_days": 90 })));
    let policy = about(&server.base, &Roots::default()).await.unwrap().policy;
    assert_eq!(policy, Policy { pin: PinRule::Required, offline_hours: 4, ..Policy::default() });
}

#[tokio::test]
async fn a_worker_signs_in_and_is_remembered() {
    let server = Server::start().await;
    let secrets = Arc::new(Secrets::default());
    let pending = SignIn::begin(&server.base, secrets.clone(), options()).await.unwrap();
    assert_eq!(pending.about().municipality, "Exempelby kommun");
    assert!(pending.url().starts_with(&format!("{}/authorize?", server.base)));
    assert!(!pending.url().contains("prompt="));

    let browser = tokio::spawn({
        let redirect = server.approve(pending.url());
        async move { get(&redirect).await }
    });
    let account = pending.finish(PATIENCE).await.unwrap();
    let page = browser.await.unwrap();
    assert!(page.head.starts_with("HTTP/1.1 200"));
    assert!(page.head.contains("content-security-policy: default-src 'none'"));
    assert!(page.head.contains("charset=utf-8"));
    assert!(page.body.contains("<h1>Du är inloggad.</h1>"));
    assert!(page.body.contains("Du kan stänga fliken och gå tillbaka till Ledsaga."));

    let worker = account.worker();
    assert_eq!((worker.issuer.as_str(), worker.subject.as_str()), (server.base.as_str(), "worker-1"));
    assert_eq!((worker.name.as_str(), worker.role), ("Vera Vägvisare", Role::Agent));
    assert!(secrets.text().contains("refresh-1"));
    assert!(!secrets.text().contains("access-1"), "an access token never leaves memory");
    assert_eq!(format!("{account:?}"), "Account(..)");

    let restored = Account::restore(&server.base, secrets.clone()).await.unwrap().unwrap();
    assert_eq!(restored.worker(), worker);
    assert_eq!(restored.last_sign_in(), account.last_sign_in());
    assert!(Account::restore("http://127.0.0.1:1", secrets).await.unwrap().is_none(), "another gateway");
}

#[tokio::test]
async fn a_fresh_sign_in_asks_the_worker_again() {
    let server = Server::start().await;
    let options = SignInOptions { fresh: true, ..options() };
    let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options).await.unwrap();
    assert!(pending.url().contains("prompt=login") && pending.url().contains("max_age=0"));
}

#[tokio::test]
async fn a_worker_who_says_no_is_not_signed_in() {
    let server = Server::start().await;
    let secrets = Arc::new(Secrets::default());
    let pending = SignIn::begin(&server.base, secrets.clone(), options()).await.unwrap();
    let redirect = redirect(pending.url(), &[("error", "access_denied"), ("iss", &server.base)]);
    let browser = tokio::spawn(async move { get(&redirect).await });
    assert_eq!(pending.finish(PATIENCE).await.unwrap_err(), SignInError::Cancelled);
    assert!(browser.await.unwrap().body.contains("Inloggningen avbröts"));
    assert!(secrets.text().is_empty());
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let server = Server::start().await;
    let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
    assert_eq!(pending.finish(Duration::from_millis(1)).await.unwrap_err(), SignInError::TimedOut);
}

#[tokio::test]
async fn dropping_a_sign_in_frees_its_port() {
    let server = Server::start().await;
    let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
    let url = reqwest::Url::parse(&redirect(pending.url(), &[])).unwrap();
    let port = url.port().unwrap();
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok());
    drop(pending);
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn what_is_not_the_redirect_is_ignored() {
    let server = Server::start().await;
    let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
    let good = server.approve(pending.url());
    let forged = reqwest::Url::parse_with_params(
        good.split('?').next().unwrap(),
        [("code", "stolen"), ("state", "guessed"), ("iss", &server.base)],
    )
    .unwrap();
    let favicon = good.replace("/callback", "/favicon.ico");
    // A browser's connection ahead of need, which never says anything.
    let port = forged.port().unwrap();
    let silent = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();

    let browser = tokio::spawn(async move {
        assert!(get(&favicon).await.head.starts_with("HTTP/1.1 404"));
        let page = get(forged.as_str()).await;
        assert!(page.head.starts_with("HTTP/1.1 400"));
        assert!(!page.body.contains("stolen"), "nothing of the request is repeated");
        get(&good).await
    });
    let account = pending.finish(PATIENCE).await.unwrap();
    assert_eq!(account.worker().subject, "worker-1");
    assert!(browser.await.unwrap().head.starts_with("HTTP/1.1 200"));
    drop(silent);
    assert_eq!(server.seen("POST /token").len(), 1);
}

#[tokio::test]
async fn the_wrong_issuer_is_noticed_wherever_it_shows() {
    let (error, _) =
        refused(|script| script.discovery.push(("issuer", json!("https://other.example")))).await;
    assert_eq!(error, SignInError::WrongIssuer);
    let (error, secrets) =
        refused(|script| script.claims.push(("iss", json!("https://other.example")))).await;
    assert_eq!(error, SignInError::WrongIssuer);
    assert!(secrets.text().is_empty());

    for answer in [vec![("code", "code-1"), ("iss", "https://other.example")], vec![("code", "code-1")]] {
        let server = Server::start().await;
        let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
        server.approve(pending.url());
        let redirect = redirect(pending.url(), &answer);
        let browser = tokio::spawn(async move { get(&redirect).await });
        assert_eq!(pending.finish(PATIENCE).await.unwrap_err(), SignInError::WrongIssuer);
        assert!(browser.await.unwrap().body.contains("Inloggningen stoppades"));
        assert!(server.seen("POST /token").is_empty(), "the code goes to nobody");
    }
}

#[tokio::test]
async fn an_issuer_that_does_not_name_itself_in_redirects_needs_not() {
    let server = Server::start().await;
    server.script().discovery.push(("authorization_response_iss_parameter_supported", Value::Null));
    let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
    server.approve(pending.url());
    let redirect = redirect(pending.url(), &[("code", "code-1")]);
    let browser = tokio::spawn(async move { get(&redirect).await });
    assert!(pending.finish(PATIENCE).await.is_ok());
    browser.await.unwrap();
}

#[tokio::test]
async fn an_id_token_that_fails_a_check_signs_nobody_in() {
    let past = jiff::Timestamp::now().as_second() - 3600;
    for change in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!(["ledsaga-desktop", "another-client"])),
        ("exp", json!(past)),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("azp", json!("another-client")),
    ] {
        let name = change.0;
        let (error, secrets) = refused(|script| script.claims.push(change)).await;
        assert_eq!(error, SignInError::Failed, "{name}");
        assert!(secrets.text().is_empty());
    }
}

/// Hours, not minutes: what the issuer has just signed is of yesterday or tomorrow here.
#[tokio::test]
async fn a_clock_that_is_wrong_is_said_to_be_so() {
    let now = jiff::Timestamp::now().as_second();
    for hours in [-3, 3] {
        let issued = now + hours * 3600;
        let (error, secrets) =
            refused(|script| script.claims.extend([("iat", json!(issued)), ("exp", json!(issued + 300))]))
                .await;
        assert_eq!((error, error.code()), (SignInError::ClockWrong, "clock_wrong"), "{hours} hours");
        assert!(secrets.text().is_empty());
    }
    for seconds in [-299, 290] {
        let server = Server::start().await;
        let issued = now + seconds;
        server.script().claims.extend([("iat", json!(issued)), ("exp", json!(issued + 10))]);
        sign_in(&server, &Arc::new(Secrets::default()), options()).await.unwrap();
    }
}

/// Someone at the worker's desk may take the wish out of the address in the browser.
#[tokio::test]
async fn a_fresh_sign_in_is_one_that_the_issuer_says_is_fresh() {
    let now = jiff::Timestamp::now().as_second();
    let fresh = || SignInOptions { fresh: true, ..options() };
    let outcome = async |proved: Value, says_when: bool, options: SignInOptions| {
        let server = Server::start().await;
        server.script().claims.push(("auth_time", proved));
        if says_when {
            server.script().discovery.push(("claims_supported", json!(["sub", "auth_time"])));
        }
        sign_in(&server, &Arc::new(Secrets::default()), options).await.map(drop)
    };
    assert_eq!(outcome(json!(now - 2), true, fresh()).await, Ok(()));
    assert_eq!(outcome(json!(now - 3600), true, fresh()).await, Err(SignInError::Failed));
    assert_eq!(outcome(json!(now - 3600), false, fresh()).await, Err(SignInError::Failed));
    assert_eq!(outcome(Value::Null, true, fresh()).await, Err(SignInError::Failed));
    assert_eq!(outcome(Value::Null, false, fresh()).await, Ok(()), "this issuer never says when");
    assert_eq!(outcome(json!(now - 3600), true, options()).await, Ok(()), "the browser may remember");
}

#[tokio::test]
async fn an_issuer_is_asked_as_the_gateway_says() {
    let server = Server::start().await;
    let begin = async || SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
    let asked = |pending: &ledsaga_link::PendingSignIn| -> std::collections::BTreeMap<String, String> {
        reqwest::Url::parse(pending.url()).unwrap().query_pairs().into_owned().collect()
    };
    let usual = asked(&begin().await);
    assert_eq!(usual["scope"], "openid profile");
    assert!(!usual.contains_key("resource") && !usual.contains_key("prompt"));

    let terms = json!({
        "roles_claim": "realm_access.roles", "scopes": ["api://ledsaga/access"],
        "resource": "https://ledsaga.exempelby.example", "consent": true,
    });
    server.script().about.push(("sign_in", terms));
    server.script().discovery.push(("scopes_supported", json!(["openid", "offline_access"])));
    let told = asked(&begin().await);
    assert_eq!(told["scope"], "openid profile api://ledsaga/access offline_access");
    assert_eq!(told["resource"], "https://ledsaga.exempelby.example");
    assert_eq!(told["prompt"], "consent");
    server.script().claims.extend([("roles", Value::Null), ("realm_access", json!({"roles": ["auditor"]}))]);
    let account = sign_in(&server, &Arc::new(Secrets::default()), options()).await.unwrap();
    assert_eq!(account.worker().role, Role::Auditor);
}

#[tokio::test]
async fn an_id_token_by_another_key_signs_nobody_in() {
    let server = Server::start().await;
    let pending = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.unwrap();
    server.script().id_key = support::Key::of(9);
    let redirect = server.approve(pending.url());
    let browser = tokio::spawn(async move { get(&redirect).await });
    assert_eq!(pending.finish(PATIENCE).await.unwrap_err(), SignInError::Failed);
    browser.await.unwrap();
}

#[tokio::test]
async fn without_a_known_role_there_is_nothing_to_do_here() {
    for roles in [Value::Null, json!([]), json!(["superuser"])] {
        let (error, secrets) = refused(|script| script.claims.push(("roles", roles))).await;
        assert_eq!(error, SignInError::NoRole);
        assert!(secrets.text().is_empty());
    }
    let server = Server::start().await;
    for roles in
        [json!(["offline_access", "team_lead"]), json!("offline_access team_lead"), json!("team_lead")]
    {
        server.script().claims.push(("roles", roles));
        let account = sign_in(&server, &Arc::new(Secrets::default()), options()).await.unwrap();
        assert_eq!(account.worker().role, Role::TeamLead);
    }
}

#[tokio::test]
async fn another_server_in_between_is_noticed() {
    let page = "<html>Logga in på hotellets nät</html>";
    let html =
        || axum::http::Response::builder().header("content-type", "text/html").body(page.into()).unwrap();
    let to_login = || {
        let builder = axum::http::Response::builder().status(302).header("location", "http://login.example/");
        builder.body(axum::body::Body::empty()).unwrap()
    };
    for answer in [html(), to_login(), plain(200, &json!({})), ours(200, &json!({}))] {
        let server = Server::start().await;
        server.answer_once("GET /v1/about", answer);
        assert!(about(&server.base, &Roots::default()).await.is_err());
    }
    for (line, answer) in [
        ("GET /v1/about", html()),
        ("GET /v1/about", to_login()),
        ("GET /.well-known/openid-configuration", html()),
        ("GET /.well-known/openid-configuration", to_login()),
        ("GET /jwks", html()),
        ("POST /token", html()),
        ("POST /token", to_login()),
    ] {
        let server = Server::start().await;
        server.answer_once(line, answer);
        let error = sign_in(&server, &Arc::new(Secrets::default()), options()).await;
        assert_eq!(error.unwrap_err(), SignInError::WrongServer, "{line}");
    }
}

#[tokio::test]
async fn a_browser_is_never_sent_to_an_address_in_the_clear() {
    for address in ["http://login.example/authorize", "file:///etc/hosts"] {
        let (error, _) =
            refused(|script| script.discovery.push(("authorization_endpoint", json!(address)))).await;
        assert_eq!(error, SignInError::WrongAddress);
    }
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_is_said_to_be_so() {
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let silent = raw_server(None).await;
    for base in [nobody, silent] {
        let error = SignIn::begin(&base, Arc::new(Secrets::default()), hasty()).await.err().unwrap();
        assert_eq!(error, SignInError::Unreachable);
    }
    let server = Server::start().await;
    server.answer_once("POST /token", plain(503, &json!({})));
    let error = sign_in(&server, &Arc::new(Secrets::default()), options()).await.unwrap_err();
    assert_eq!(error, SignInError::Busy);
}

#[tokio::test]
async fn an_application_that_is_too_old_says_so() {
    let server = Server::start().await;
    server.answer_once("GET /v1/about", problem(426, "client_too_old"));
    let error = SignIn::begin(&server.base, Arc::new(Secrets::default()), options()).await.err().unwrap();
    assert_eq!(error.code(), "too_old");
}

#[tokio::test]
async fn without_a_keychain_the_session_lives_in_memory() {
    let server = Server::start().await;
    let secrets = Arc::new(Secrets::failing(SecretError::NoKeychain));
    let account = Arc::new(sign_in(&server, &secrets, options()).await.unwrap());
    server.script().access.clear();
    let client = ledsaga_link::Client::new(&server.base, account);
    use ledsaga_core::ports::Municipality;
    client.put_contact(&support::call()).await.unwrap();
    assert_eq!(server.script().refreshes, 1);
    assert!(secrets.text().is_empty());
}

#[tokio::test]
async fn a_locked_keychain_is_unlocked_before_anyone_is_signed_in() {
    let server = Server::start().await;
    let secrets = Arc::new(Secrets::failing(SecretError::Locked));
    assert_eq!(sign_in(&server, &secrets, options()).await.unwrap_err().code(), "keychain_locked");
    assert_eq!(Account::restore(&server.base, secrets).await.unwrap_err(), SecretError::Locked);
}

#[tokio::test]
async fn the_gateways_clock_is_told_with_its_name() {
    let server = Server::start().await;
    let before = jiff::Timestamp::now().as_second();
    let presence = presence(&server.base, &Roots::default()).await.unwrap();
    assert_eq!(presence.about.municipality, "Exempelby kommun");
    assert!((before..=jiff::Timestamp::now().as_second()).contains(&presence.time.unwrap().as_second()));
}
