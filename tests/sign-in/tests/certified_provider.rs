//! Signing in at a certified provider, and what becomes of the session.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ledsaga_core::{error::LinkError, ports::Municipality, worker::Role};
use ledsaga_link::{Account, Client, SignInError};
use ledsaga_sign_in::{Choice, Town};
use serde_json::{Value, json};

fn client(town: &Town, account: &Arc<Account>) -> Client {
    Client::new(&town.url(), account.clone())
}

async fn signed_in(town: &Town, worker: &str) -> (Arc<Account>, Client) {
    let account = Arc::new(town.sign_in(worker, false).await.unwrap());
    let client = client(town, &account);
    (account, client)
}

/// The refresh token as the keychain holds it.
fn kept_token(town: &Town) -> Option<String> {
    let item: Value = serde_json::from_slice(town.keychain.items().values().next()?).unwrap();
    item["refresh_token"].as_str().map(str::to_owned)
}

/// A request that only the gateway can answer, with whatever token there is now.
async fn works(client: &Client) -> Result<(), LinkError> {
    client.catalogue(None).await.map(drop)
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_worker_signs_in_and_the_gateway_lets_them_in() {
    for alg in ["RS256", "PS256", "ES256"] {
        let town = Town::with(json!({ "alg": alg }), |_| {}).await.unwrap();
        let (account, client) = signed_in(&town, "bertil").await;
        let worker = account.worker();
        assert_eq!((worker.issuer.as_str(), worker.subject.as_str()), (town.provider.issuer(), "bertil"));
        assert_eq!((worker.name.as_str(), worker.role), ("Bertil Testlund", Role::TeamLead));
        assert_eq!(works(&client).await, Ok(()), "{alg}");
        let seen = town.provider.seen().await.unwrap();
        for request in ["GET /.well-known/openid-configuration", "GET /auth", "POST /token", "GET /jwks"] {
            assert!(seen.iter().any(|line| line == request), "{request} is not in {seen:?}");
        }
        assert!(kept_token(&town).is_some(), "a refresh token came, and is in the keychain");

        // The next start needs no browser.
        let restored = Account::restore(&town.url(), town.keychain.clone()).await.unwrap().unwrap();
        assert_eq!(restored.worker(), worker);
        assert_eq!(works(&Client::new(&town.url(), Arc::new(restored))).await, Ok(()));
    }
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn issuers_differ_and_all_of_them_will_do() {
    let usual = json!({});
    let in_a_path = json!({ "path": "/realms/exempelby" });
    let with_a_slash = json!({ "path": "/realms/exempelby/" });
    let without_farewell = json!({ "end_session": false, "revocation": false });
    for settings in [usual, in_a_path, with_a_slash, without_farewell] {
        let town = Town::with(settings.clone(), |_| {}).await.unwrap();
        let (account, client) = signed_in(&town, "anna").await;
        assert_eq!(works(&client).await, Ok(()), "{settings}");
        let done = account.sign_out().await;
        assert_eq!(done.forgotten, Ok(()));
        assert_eq!(done.page.is_some(), settings["end_session"] != false, "{settings}");
        assert!(town.keychain.items().is_empty());
    }

    // One that gives refresh tokens without asking the worker for consent.
    let easy = json!({ "consent_for_refresh": false });
    let town = Town::with(easy, |config| config.consent = false).await.unwrap();
    signed_in(&town, "anna").await;
    assert!(kept_token(&town).is_some());
    // The counter-test: a strict one gives none when it is not asked for consent.
    let town = Town::with(json!({}), |config| config.consent = false).await.unwrap();
    let (_, client) = signed_in(&town, "anna").await;
    assert!(kept_token(&town).is_none());
    assert_eq!(works(&client).await, Ok(()), "the work goes on as long as the access token does");

    // One that must be told for whom its tokens are (RFC 8707).
    let asked = json!({ "audience_unasked": false });
    let resource = Some(ledsaga_sign_in::town::AUDIENCE.to_owned());
    let town = Town::with(asked.clone(), |config| config.resource = resource).await.unwrap();
    let (_, client) = signed_in(&town, "anna").await;
    assert_eq!(works(&client).await, Ok(()));
    let town = Town::with(asked, |_| {}).await.unwrap();
    let (_, client) = signed_in(&town, "anna").await;
    assert_eq!(works(&client).await, Err(LinkError::SignInNeeded), "tokens for nobody open nothing");
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn roles_are_read_where_and_as_the_issuer_says_them() {
    for (claim, shape) in [
        ("roles", "list"),
        ("roles", "words"),
        ("roles", "one"),
        ("realm_access.roles", "list"),
        ("resource_access.ledsaga.roles", "words"),
    ] {
        let settings = json!({ "roles_claim": claim, "roles_shape": shape });
        let town = Town::with(settings, |config| config.roles_claim = claim.to_owned()).await.unwrap();
        let (account, client) = signed_in(&town, "cecilia").await;
        assert_eq!(account.worker().role, Role::CaseOfficer, "{claim} as {shape}");
        assert_eq!(client.put_contact(&call()).await, Ok(()), "{claim} as {shape}");
    }
    let town = Town::start().await.unwrap();
    assert_eq!(town.sign_in("gast", false).await.unwrap_err(), SignInError::NoRole);
    assert!(town.keychain.items().is_empty());
}

/// A role counts as long as the token that says it; the next one says otherwise.
#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_role_that_is_taken_away_counts_until_the_next_token() {
    let town = Town::start().await.unwrap();
    let (_, client) = signed_in(&town, "anna").await;
    assert_eq!(client.put_contact(&call()).await, Ok(()));
    town.provider.roles("anna", &[]).await.unwrap();
    assert_eq!(client.put_contact(&call()).await, Ok(()), "the token at hand still says it");
    let restored = Account::restore(&town.url(), town.keychain.clone()).await.unwrap().unwrap();
    let client = Client::new(&town.url(), Arc::new(restored));
    let refused = client.put_contact(&call()).await.unwrap_err();
    assert_eq!(refused, LinkError::Refused { code: "forbidden".to_owned(), questions: Vec::new() });
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_token_is_renewed_before_its_end_and_the_refresh_token_with_it() {
    // So short that each is in the last quarter of its life at once.
    let town = Town::with(json!({ "access_seconds": 1 }), |_| {}).await.unwrap();
    let (_, client) = signed_in(&town, "anna").await;
    let first = kept_token(&town).unwrap();
    town.provider.change(json!({ "access_seconds": 600 })).await.unwrap();
    while kept_token(&town).unwrap() == first {
        assert_eq!(works(&client).await, Ok(()), "whether renewed or not yet");
    }
    town.provider.seen().await.unwrap();
    assert_eq!(works(&client).await, Ok(()));
    assert!(!town.provider.seen().await.unwrap().contains(&"POST /token".to_owned()), "this one lives on");
}

/// RFC 9700, 4.14.2: whoever uses an old refresh token ends the session, and the worker hears of it.
#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_stolen_refresh_token_ends_the_session_and_nothing_is_lost() {
    let town = Town::start().await.unwrap();
    let (account, _) = signed_in(&town, "anna").await;
    let stolen = kept_token(&town).unwrap();
    // The application goes on with it first.
    let restored = Arc::new(Account::restore(&town.url(), town.keychain.clone()).await.unwrap().unwrap());
    let at_work = client(&town, &restored);
    assert_eq!(works(&at_work).await, Ok(()));
    let current = kept_token(&town).unwrap();
    assert_ne!(stolen, current, "it was rotated");

    let (status, answer) = town.refresh(&stolen).await.unwrap();
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")), "the thief gets nothing");
    let (status, _) = town.refresh(&current).await.unwrap();
    assert_eq!(status, 400, "and the chain has ended for everybody");

    let later = Arc::new(Account::restore(&town.url(), town.keychain.clone()).await.unwrap().unwrap());
    let later_client = client(&town, &later);
    assert_eq!(works(&later_client).await, Err(LinkError::SignInNeeded));
    assert_eq!(later.worker(), account.worker(), "the worker is known still, and with them their drafts");
    assert!(kept_token(&town).is_none());

    let anew = town.sign_in("anna", false).await.unwrap();
    assert!(later.renew(&anew).await);
    assert_eq!(later_client.put_contact(&call()).await, Ok(()), "what waited goes on");
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn signing_out_ends_the_session_here_there_and_in_the_browser() {
    let town = Town::start().await.unwrap();
    let (account, client) = signed_in(&town, "anna").await;
    let token = kept_token(&town).unwrap();
    let asked_who = async || {
        let address = format!(
            "{}/auth?response_type=code&client_id=ledsaga-desktop&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback\
             &scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
            town.provider.issuer()
        );
        town.browser.visit(&address, &Choice::Nothing).await.unwrap()
    };
    assert!(asked_who().await.contains("id=\"known\">anna"), "the browser remembers who it was");

    let done = account.sign_out().await;
    assert_eq!(done.forgotten, Ok(()));
    let page = done.page.unwrap();
    assert!(page.starts_with(&format!("{}/session/end?client_id=", town.provider.issuer())));
    assert!(!page.contains("id_token"), "no token in an address");
    assert!(town.keychain.items().is_empty());
    assert_eq!(town.refresh(&token).await.unwrap().0, 400, "the provider has heard of it");
    assert_eq!(works(&client).await, Err(LinkError::SignInNeeded));

    assert!(town.browser.visit(&page, &Choice::Cancel).await.unwrap().contains("Du är utloggad"));
    assert!(!asked_who().await.contains("id=\"known\""), "the next worker is not taken for this one");
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn with_the_provider_away_the_work_goes_on_and_the_session_waits() {
    let town = Town::start().await.unwrap();
    let (account, at_work) = signed_in(&town, "anna").await;
    assert_eq!(works(&at_work).await, Ok(()));
    let kept = kept_token(&town).unwrap();
    town.provider.away().await.unwrap();
    assert_eq!(works(&at_work).await, Ok(()), "the token at hand is good, and the gateway knows the keys");

    // After a restart there is no token at hand, and one cannot be had yet; nothing of the session is given up.
    let restored = Arc::new(Account::restore(&town.url(), town.keychain.clone()).await.unwrap().unwrap());
    let restarted = client(&town, &restored);
    assert_eq!(works(&restarted).await, Err(LinkError::Unreachable));
    assert_eq!(works(&restarted).await, Err(LinkError::Unreachable));
    assert_eq!(kept_token(&town).as_ref(), Some(&kept));
    assert_eq!(town.sign_in("anna", false).await.unwrap_err(), SignInError::Unreachable);

    town.provider.back().await.unwrap();
    assert_eq!(works(&restarted).await, Ok(()), "by itself, without the browser");

    town.provider.away().await.unwrap();
    let done = restored.sign_out().await;
    assert_eq!((done.forgotten, done.page), (Ok(()), None), "signed out here, with nobody to tell");
    assert!(town.keychain.items().is_empty());
    drop(account);
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn with_the_provider_away_in_the_middle_of_it_nobody_is_signed_in() {
    let town = Town::start().await.unwrap();
    let options = ledsaga_link::SignInOptions::default();
    let pending = ledsaga_link::SignIn::begin(&town.url(), town.keychain.clone(), options).await.unwrap();
    let address = pending.url().to_owned();
    let redirect = reqwest::Url::parse(&address).unwrap();
    let redirect = redirect.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let choice = Choice::Named("anna".to_owned());
    let back = town.browser.redirect_to(&address, &choice, &redirect).await.unwrap();
    town.provider.away().await.unwrap();
    let browser = town.browser.clone();
    let page = tokio::spawn(async move { browser.visit(back.as_str(), &Choice::Nothing).await });
    let error = pending.finish(std::time::Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(error, SignInError::Unreachable);
    assert!(page.await.unwrap().unwrap().contains("Du är inte inloggad"));
    assert!(town.keychain.items().is_empty());
    town.provider.back().await.unwrap();
    assert!(town.sign_in("anna", false).await.is_ok());
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_worker_who_turns_back_is_not_signed_in() {
    let town = Town::start().await.unwrap();
    let outcome = town.do_in_browser(Choice::Cancel, false).await;
    assert_eq!(outcome.unwrap_err(), SignInError::Cancelled);
    assert!(town.keychain.items().is_empty());
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_lock_is_opened_only_by_proving_who_one_is_again() {
    let town = Town::start().await.unwrap();
    signed_in(&town, "anna").await;
    town.provider.seen().await.unwrap();
    let account = town.sign_in("anna", true).await.unwrap();
    assert_eq!(account.worker().subject, "anna");
    let seen = town.provider.seen().await.unwrap();
    assert!(seen.iter().any(|line| line.starts_with("POST /interaction/")), "{seen:?}");
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn a_wrong_clock_is_said_to_be_so() {
    for hours in [-3, 3] {
        let town = Town::with(json!({ "clock_ahead": hours * 3600 }), |_| {}).await.unwrap();
        assert_eq!(town.sign_in("anna", false).await.unwrap_err(), SignInError::ClockWrong, "{hours} hours");
        assert!(town.keychain.items().is_empty());
    }
    let town = Town::with(json!({ "clock_ahead": 20 }), |_| {}).await.unwrap();
    let (_, client) = signed_in(&town, "anna").await;
    assert_eq!(works(&client).await, Ok(()), "some seconds are borne everywhere");
}

#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn new_keys_at_the_provider_are_followed_and_the_old_ones_end() {
    let town = Town::start().await.unwrap();
    let (_, at_work) = signed_in(&town, "anna").await;
    let old = town.tokens("bertil").await.unwrap();
    let old = old["access_token"].as_str().unwrap();
    assert_eq!(town.ask(old).await.unwrap().status(), 200);
    town.provider.new_keys().await.unwrap();

    // A token with a new key makes the gateway ask, at most once a second.
    let new = town.tokens("bertil").await.unwrap();
    let new = new["access_token"].as_str().unwrap();
    while town.ask(new).await.unwrap().status() != 200 {}
    assert_eq!(town.ask(old).await.unwrap().status(), 401, "its key is not the issuer's any more");
    // The application's token is refused too; it has it renewed, and knows the new ID token for its worker's.
    assert_eq!(works(&at_work).await, Ok(()));
}

/// The tokens that a certified provider gives, each wrong in one way.
#[tokio::test]
#[ignore = "needs Node.js and the provider: cargo xtask test --only sign-in"]
async fn only_a_right_token_of_the_right_issuer_opens_the_gateway() {
    let town = Town::start().await.unwrap();
    let status = async |token: &str| town.ask(token).await.unwrap().status().as_u16();
    let tokens = town.tokens("anna").await.unwrap();
    let (right, identity) = (tokens["access_token"].as_str().unwrap(), tokens["id_token"].as_str().unwrap());
    assert_eq!(status(right).await, 200, "the counter-test");
    assert_eq!(status(identity).await, 401, "an ID token");
    assert_eq!(status(tokens["refresh_token"].as_str().unwrap()).await, 401, "a refresh token");

    let parts: Vec<&str> = right.split('.').collect();
    let part =
        |text: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    let written = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut claims = part(parts[1]);
    assert_eq!(claims["roles"], json!(["agent"]));
    claims["roles"] = json!(["team_lead"]);
    assert_eq!(
        status(&format!("{}.{}.{}", parts[0], written(&claims), parts[2])).await,
        401,
        "a changed role"
    );
    let mut header = part(parts[0]);
    assert_eq!(header["typ"], "at+jwt");
    header["alg"] = json!("none");
    assert_eq!(status(&format!("{}.{}.", written(&header), parts[1])).await, 401, "unsigned");
    assert_eq!(status(&format!("{}.{}.", parts[0], parts[1])).await, 401, "the signature taken off");

    let another = Town::start().await.unwrap();
    let foreign = another.tokens("anna").await.unwrap();
    assert_eq!(status(foreign["access_token"].as_str().unwrap()).await, 401, "another issuer");

    town.provider.change(json!({ "audience": "https://annat.exempelby.example" })).await.unwrap();
    let tokens = town.tokens("anna").await.unwrap();
    assert_eq!(status(tokens["access_token"].as_str().unwrap()).await, 401, "another audience");

    let usual = ledsaga_sign_in::town::AUDIENCE;
    town.provider.change(json!({ "audience": usual, "clock_ahead": -7200 })).await.unwrap();
    let tokens = town.tokens("anna").await.unwrap();
    assert_eq!(status(tokens["access_token"].as_str().unwrap()).await, 401, "expired");
    town.provider.change(json!({ "clock_ahead": 0 })).await.unwrap();
    let tokens = town.tokens("anna").await.unwrap();
    assert_eq!(status(tokens["access_token"].as_str().unwrap()).await, 200, "the counter-test again");
}

fn call() -> ledsaga_core::call::Call {
    ledsaga_core::call::Call {
        id: uuid::Uuid::now_v7(),
        rev: 1,
        code: "A".to_owned(),
        colour: 0,
        started_at: "2026-11-22T09:00:00Z".parse().unwrap(),
        ended_at: None,
        caller: ledsaga_core::call::Caller::default(),
        asked_for: "Färdtjänst".to_owned(),
        note: String::new(),
        protection: ledsaga_core::protection::Protection::NotRaised,
        arrived_rev: None,
        reduced: false,
        kept_through: None,
    }
}
