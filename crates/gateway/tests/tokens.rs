//! Only a token of our issuer, for us, still valid and with the right role opens anything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ledsaga_gateway::SigningKey;
use serde_json::{Value, json};
use support::{Town, problem};

async fn status(town: &Town, token: &str) -> u16 {
    town.get("/v1/services").bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_right_token_opens_and_none_does_not() {
    let town = Town::start(&[]).await;
    let token = town.issuer_key().sign("at+jwt", &town.claims()).unwrap();
    assert_eq!(status(&town, &token).await, 200);
    let answer = town.get("/v1/services").send().await.unwrap();
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    assert_eq!(problem(answer, 401).await, "unauthenticated");
}

#[tokio::test]
async fn one_wrong_claim_is_enough_to_refuse() {
    let town = Town::start(&[]).await;
    let now = jiff::Timestamp::now().as_second();
    for (claim, value) in [
        ("iss", json!("http://127.0.0.1:1/demo/oidc")),
        ("iss", json!(town.issuer() + "/")),
        ("iss", Value::Null),
        ("aud", json!("ledsaga-desktop")),
        ("aud", json!(["a", "b"])),
        ("aud", Value::Null),
        ("exp", json!(now - 31)),
        ("exp", Value::Null),
        ("nbf", json!(now + 60)),
        ("sub", Value::Null),
        ("sub", json!("")),
    ] {
        let mut claims = town.claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value.clone();
        }
        let token = town.issuer_key().sign("at+jwt", &claims).unwrap();
        assert_eq!(status(&town, &token).await, 401, "{claim} = {value}");
    }
}

#[tokio::test]
async fn a_little_difference_between_the_clocks_is_borne() {
    let town = Town::start(&[]).await;
    let mut claims = town.claims();
    claims["exp"] = json!(jiff::Timestamp::now().as_second() - 5);
    claims["aud"] = json!(["another", "ledsaga-gateway"]);
    assert_eq!(status(&town, &town.issuer_key().sign("at+jwt", &claims).unwrap()).await, 200);
}

#[tokio::test]
async fn another_key_is_refused_even_under_the_right_name() {
    let town = Town::start(&[]).await;
    let path = town.folder.path().join("another.pem");
    let another = SigningKey::open_or_create(&path).unwrap();
    assert_eq!(status(&town, &another.sign("at+jwt", &town.claims()).unwrap()).await, 401);

    let mut header = Header::new(Algorithm::ES256);
    header.kid = town.issuer_key().public().keys[0].common.key_id.clone();
    let key = EncodingKey::from_ec_pem(&std::fs::read(&path).unwrap()).unwrap();
    let posing = jsonwebtoken::encode(&header, &town.claims(), &key).unwrap();
    assert_eq!(status(&town, &posing).await, 401);
}

#[tokio::test]
async fn no_signature_and_a_shared_secret_are_refused() {
    let town = Town::start(&[]).await;
    let keys = town.issuer_key().public();
    let kid = keys.keys[0].common.key_id.clone();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "kid": kid})), part(&town.claims()));
    assert_eq!(status(&town, &unsigned).await, 401);

    let right = town.issuer_key().sign("at+jwt", &town.claims()).unwrap();
    let (head, _) = right.rsplit_once('.').unwrap();
    assert_eq!(status(&town, &format!("{head}.")).await, 401);

    // The public key as the secret of an HMAC: the oldest trick.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = kid;
    let secret = EncodingKey::from_secret(serde_json::to_string(&keys).unwrap().as_bytes());
    assert_eq!(status(&town, &jsonwebtoken::encode(&header, &town.claims(), &secret).unwrap()).await, 401);
}

#[tokio::test]
async fn a_changed_payload_is_refused() {
    let town = Town::start(&[]).await;
    let right = town.issuer_key().sign("at+jwt", &town.claims()).unwrap();
    let parts: Vec<&str> = right.split('.').collect();
    let mut claims = town.claims();
    claims["roles"] = json!(["team_lead"]);
    let changed = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2]);
    assert_eq!(status(&town, &changed).await, 401);
    for garbage in ["", "a", "a.b", "a.b.c", "....", "\u{e5}"] {
        assert_eq!(status(&town, garbage).await, 401, "{garbage:?}");
    }
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let town = Town::start(&[]).await;
    assert_eq!(status(&town, &town.sign_in("demo-astrid").await.identity).await, 401);
    // Not even at an issuer that puts our audience in it.
    for name in ["nonce", "at_hash", "c_hash"] {
        let mut claims = town.claims();
        claims[name] = json!("x");
        assert_eq!(status(&town, &town.issuer_key().sign("JWT", &claims).unwrap()).await, 401, "{name}");
    }
    for (kind, expected) in [
        ("JWT", 200),
        ("jwt", 200),
        ("application/at+jwt", 200),
        ("logout+jwt", 401),
        ("id_token", 401),
        ("", 401),
    ] {
        let token = town.issuer_key().sign(kind, &town.claims()).unwrap();
        assert_eq!(status(&town, &token).await, expected, "{kind}");
    }
}

/// A token signed by the issuer with this in its header.
fn with_header(town: &Town, change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = town.issuer_key().public().keys[0].common.key_id.clone();
    change(&mut header);
    let pem = std::fs::read(town.folder.path().join("issuer-key.pem")).unwrap();
    jsonwebtoken::encode(&header, &town.claims(), &EncodingKey::from_ec_pem(&pem).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_does_not_bring_its_own_key() {
    let town = Town::start(&[]).await;
    assert_eq!(status(&town, &with_header(&town, |_| {})).await, 200, "the counter-test");
    let path = town.folder.path().join("another.pem");
    let another = SigningKey::open_or_create(&path).unwrap();
    let embedded = another.public().keys[0].clone();
    type Change = fn(&mut Header, jsonwebtoken::jwk::Jwk);
    let changes: [(&str, Change); 6] = [
        ("jwk", |header, key| header.jwk = Some(key)),
        ("jku", |header, _| header.jku = Some("https://evil.example/jwks".to_owned())),
        ("x5u", |header, _| header.x5u = Some("https://evil.example/cert".to_owned())),
        ("x5c", |header, _| header.x5c = Some(vec!["MII".to_owned()])),
        ("crit", |header, _| header.crit = Some(vec!["exp".to_owned()])),
        ("no kid", |header, _| header.kid = None),
    ];
    for (name, change) in changes {
        let rightly_signed = with_header(&town, |header| change(header, embedded.clone()));
        assert_eq!(status(&town, &rightly_signed).await, 401, "{name}");
    }
    let mut header = Header::new(Algorithm::ES256);
    header.kid = embedded.common.key_id.clone();
    header.jwk = Some(embedded);
    let key = EncodingKey::from_ec_pem(&std::fs::read(&path).unwrap()).unwrap();
    let posing = jsonwebtoken::encode(&header, &town.claims(), &key).unwrap();
    assert_eq!(status(&town, &posing).await, 401, "by the key that it brings");
    let thumbprint = with_header(&town, |header| header.x5t = Some("thumbprint".to_owned()));
    assert_eq!(status(&town, &thumbprint).await, 200, "some issuers say which certificate too");
}

#[tokio::test]
async fn every_refusal_is_the_same_to_the_byte() {
    let town = Town::start(&[]).await;
    let right = town.issuer_key().sign("at+jwt", &town.claims()).unwrap();
    let mut expired = town.claims();
    expired["exp"] = json!(jiff::Timestamp::now().as_second() - 3600);
    let expired = town.issuer_key().sign("at+jwt", &expired).unwrap();
    let answer = async |headers: &[&str]| {
        let request = headers
            .iter()
            .fold(town.get("/v1/services"), |request, value| request.header("authorization", *value));
        let answer = request.send().await.unwrap();
        let mut headers = answer.headers().clone();
        headers.remove("date");
        (answer.status().as_u16(), headers, answer.text().await.unwrap())
    };
    assert_eq!(
        answer(&[&format!("bearer {right}")]).await.0,
        200,
        "the counter-test; the scheme has no case"
    );
    let none = answer(&[]).await;
    assert_eq!(none.0, 401);
    let other_case = right.to_ascii_uppercase();
    let oversized = format!("Bearer {right}{}", "A".repeat(20_000));
    for given in [
        &[format!("Bearer {expired}")][..],
        &[format!("Bearer {other_case}")],
        &[format!("Basic {right}")],
        &[format!("Bearer{right}")],
        std::slice::from_ref(&right),
        &["Bearer ".to_owned()],
        &["Bearer".to_owned()],
        &[format!("Bearer {right} {right}")],
        &[format!("Bearer {right}, Bearer {right}")],
        &[format!("Bearer {right}"), format!("Bearer {right}")],
        &[oversized],
    ] {
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        assert!(answer(&given).await == none, "{} headers, {:.12}", given.len(), given[0]);
    }
}

#[tokio::test]
async fn roles_count_where_the_issuer_says_them() {
    let town = Town::with(&[], |config| config.roles_claim = "realm_access.roles".to_owned()).await;
    let path = format!("/v1/contacts/{}", uuid::Uuid::now_v7());
    for (claim, roles, expected) in
        [("realm_access", json!({"roles": ["agent"]}), 400), ("roles", json!(["agent"]), 403)]
    {
        let mut claims = town.claims();
        claims.as_object_mut().unwrap().remove("roles");
        claims[claim] = roles;
        let token = town.issuer_key().sign("at+jwt", &claims).unwrap();
        let answer = town.http.put(town.at(&path)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{claim}");
    }
}

/// How long a role that was taken away still counts.
#[tokio::test]
async fn a_token_counts_no_longer_than_the_municipality_lets_it() {
    let age = Some(std::time::Duration::from_secs(300));
    let town = Town::with(&[], |config| config.longest_token_age = age).await;
    let now = jiff::Timestamp::now().as_second();
    for (issued, expected) in [(json!(now - 200), 200), (json!(now - 400), 401), (Value::Null, 401)] {
        let mut claims = town.claims();
        claims["iat"] = issued.clone();
        let token = town.issuer_key().sign("at+jwt", &claims).unwrap();
        assert_eq!(status(&town, &token).await, expected, "{issued}");
    }
}

#[tokio::test]
async fn only_some_roles_may_submit() {
    let town = Town::start(&[]).await;
    let id = uuid::Uuid::now_v7();
    for (roles, expected) in [
        (json!(["agent"]), 400),
        (json!(["case_officer"]), 400),
        (json!(["auditor", "team_lead"]), 400),
        (json!(["auditor"]), 403),
        (json!(["admin"]), 403),
        (json!(["superuser"]), 403),
        (json!([]), 403),
        (json!("agent"), 400),
        (json!("admin agent"), 400),
        (json!("agents"), 403),
        (json!([["agent"]]), 403),
        (Value::Null, 403),
    ] {
        let mut claims = town.claims();
        claims["roles"] = roles.clone();
        let token = town.issuer_key().sign("at+jwt", &claims).unwrap();
        for path in [format!("/v1/submissions/{id}"), format!("/v1/contacts/{id}")] {
            let request = town.http.put(town.at(&path)).bearer_auth(&token);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), expected, "{roles} at {path}");
        }
        let answer = town.http.post(town.at("/v1/uploads")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{roles} at uploads");
    }
}

#[tokio::test]
async fn without_the_issuers_keys_it_is_we_who_cannot_answer() {
    let folder = tempfile::tempdir().unwrap();
    let receipt_key = folder.path().join("receipt.pem");
    SigningKey::open_or_create(&receipt_key).unwrap();
    // Nobody listens on the discard port of this computer.
    let config = ledsaga_gateway::Config {
        issuer: ledsaga_gateway::Issuer::External { url: "http://127.0.0.1:9".to_owned() },
        receipt_key: receipt_key.clone(),
        catalogue: ledsaga_gateway::Catalogue::None,
        ..ledsaga_gateway::Config::demo(folder.path())
    };
    let handle = ledsaga_gateway::serve(config).await.unwrap();
    let token = SigningKey::open(&receipt_key).unwrap().sign("at+jwt", &json!({"sub": "x"})).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/v1/services", handle.url());
    let answer = http.get(address).bearer_auth(token).send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(problem(answer, 503).await, "unavailable");
    let demo = http.get(format!("{}/demo/oidc/jwks", handle.url())).send().await.unwrap();
    assert_eq!(problem(demo, 404).await, "not_found");
}
