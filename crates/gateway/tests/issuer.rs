//! The demo issuer behaves as a real OpenID Connect provider.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::Value;
use support::{CALLBACK, Town, VERIFIER, assert_ours, back, payload, tokens};

fn with<'a>(fields: &[(&'a str, String)], name: &str, value: &str) -> Vec<(&'a str, String)> {
    fields.iter().map(|(n, v)| (*n, if *n == name { value.to_owned() } else { v.clone() })).collect()
}

#[tokio::test]
async fn it_describes_itself_under_its_own_name() {
    let town = Town::start(&[]).await;
    let about: Value = town.get("/v1/about").send().await.unwrap().json().await.unwrap();
    assert_eq!(about["issuer"], town.issuer());
    assert_eq!(about["demo"], true);
    let path = "/demo/oidc/.well-known/openid-configuration";
    let description: Value = town.get(path).send().await.unwrap().json().await.unwrap();
    assert_eq!(description["issuer"], town.issuer());
    assert_eq!(description["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(description["authorization_response_iss_parameter_supported"], true);
    for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
        assert!(description[endpoint].as_str().unwrap().starts_with(&town.issuer()), "{endpoint}");
    }
}

#[tokio::test]
async fn its_page_lets_one_choose_a_worker_or_turn_back() {
    let town = Town::start(&[]).await;
    let page = town.ask(&town.authorization()).await;
    assert_ours(&page);
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(policy.contains("form-action 'self' http://127.0.0.1:49152"));
    assert!(!policy.contains("unsafe"));
    let html = page.text().await.unwrap();
    assert!(html.contains("<html lang=\"sv\">"));
    for words in ["Vem loggar in?", "Astrid Exempel", "Bo Påhittad", "Cecilia Demosson", "Avbryt"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("<script"));
    let english = [town.authorization(), vec![("ui_locales", "en".to_owned())]].concat();
    let page = town.ask(&english).await.text().await.unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("Who signs in?"));
}

#[tokio::test]
async fn what_the_application_sends_cannot_become_markup() {
    let town = Town::start(&[]).await;
    let request = with(&town.authorization(), "state", "\"><script>alert(1)</script>");
    let page = town.ask(&request).await.text().await.unwrap();
    assert!(!page.contains("<script>"));
    assert!(page.contains("&quot;&gt;&lt;script&gt;"));
}

#[tokio::test]
async fn a_worker_signs_in_with_tokens_for_their_purpose() {
    let town = Town::start(&[]).await;
    let answer = town.press(&town.authorization(), ("worker", "demo-bo")).await;
    let sent: Vec<_> = back(&answer).into_iter().filter(|(name, _)| name != "code").collect();
    let expected = [("state", "the state".to_owned()), ("iss", town.issuer())];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value)));

    let tokens = town.sign_in("demo-bo").await;
    let (access, identity) = (payload(&tokens.access), payload(&tokens.identity));
    assert_eq!(access["aud"], "ledsaga-gateway");
    assert_eq!(access["roles"], serde_json::json!(["team_lead"]));
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 600);
    assert_eq!(identity["aud"], "ledsaga-desktop");
    assert_eq!(identity["nonce"], "the nonce");
    assert_eq!(identity["name"], "Bo Påhittad");
    assert_eq!((&identity["iss"], &identity["sub"]), (&town.issuer().into(), &"demo-bo".into()));
}

#[tokio::test]
async fn turning_back_is_told_to_the_application() {
    let town = Town::start(&[]).await;
    let sent = back(&town.press(&town.authorization(), ("cancel", "yes")).await);
    assert!(sent.contains(&("error".to_owned(), "access_denied".to_owned())));
    assert!(sent.contains(&("state".to_owned(), "the state".to_owned())));
    assert!(!sent.iter().any(|(name, _)| name == "code"));
}

#[tokio::test]
async fn nobody_is_sent_to_another_address() {
    let town = Town::start(&[]).await;
    for address in [
        "https://evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://localhost:1/callback",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/callback?x=1",
        "http://127.0.0.1:1/callback#x",
        "javascript:alert(1)",
        "",
    ] {
        let request = with(&town.authorization(), "redirect_uri", address);
        let asked = town.ask(&request).await;
        assert_eq!(asked.status(), 400, "{address}");
        assert!(!asked.headers().contains_key("location"));
        let answered = town.press(&request, ("worker", "demo-astrid")).await;
        assert_eq!(answered.status(), 400, "{address}");
    }
    let six = with(&town.authorization(), "redirect_uri", "http://[::1]:7/callback");
    assert_eq!(town.ask(&six).await.status(), 200);
    let client = with(&town.authorization(), "client_id", "another");
    assert_eq!(town.ask(&client).await.status(), 400);
}

#[tokio::test]
async fn a_request_without_pkce_or_openid_goes_back_with_an_error() {
    let town = Town::start(&[]).await;
    for (name, value, error) in [
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
    ] {
        let request = with(&town.authorization(), name, value);
        let sent = back(&town.ask(&request).await);
        assert!(sent.contains(&("error".to_owned(), error.to_owned())), "{name}");
        let sent = back(&town.press(&request, ("worker", "demo-astrid")).await);
        assert!(sent.contains(&("error".to_owned(), error.to_owned())), "{name}");
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_verifier() {
    let town = Town::start(&[]).await;
    let code = town.code("demo-astrid").await;
    let answer = town.redeem(&code, "another-verifier-of-at-least-forty-three-chars").await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_grant");
    // The guess has used the code up.
    assert_eq!(town.redeem(&code, VERIFIER).await.status(), 400);
}

#[tokio::test]
async fn a_code_used_twice_ends_what_it_began() {
    let town = Town::start(&[]).await;
    let code = town.code("demo-astrid").await;
    let first = tokens(town.redeem(&code, VERIFIER).await).await;
    assert_eq!(town.redeem(&code, VERIFIER).await.status(), 400);
    assert_eq!(town.refresh(&first.refresh).await.status(), 400);
}

#[tokio::test]
async fn a_code_goes_only_to_the_address_it_was_made_for() {
    let town = Town::start(&[]).await;
    let other = "http://127.0.0.1:50000/callback";
    let request = with(&town.authorization(), "redirect_uri", other);
    let answer = town.press(&request, ("worker", "demo-astrid")).await;
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(other) && !location.starts_with(CALLBACK));
    let code = reqwest::Url::parse(&location).unwrap().query_pairs().next().unwrap().1.into_owned();
    assert_eq!(town.redeem(&code, VERIFIER).await.status(), 400);
}

#[tokio::test]
async fn a_session_ends_when_the_application_says_so() {
    let town = Town::start(&[]).await;
    let revoked = town.sign_in("demo-astrid").await;
    let ended = town.sign_in("demo-astrid").await;
    let other = town.sign_in("demo-astrid").await;
    assert_eq!(
        town.post_form("/demo/oidc/revoke", &[("token", revoked.refresh.clone())]).await.status(),
        200
    );
    let goodbye = town.post_form("/demo/oidc/end-session", &[("id_token_hint", ended.identity)]).await;
    assert!(goodbye.text().await.unwrap().contains("Du är utloggad"));
    assert_eq!(town.refresh(&revoked.refresh).await.status(), 400);
    assert_eq!(town.refresh(&ended.refresh).await.status(), 400);
    assert_eq!(town.refresh(&other.refresh).await.status(), 200);
}

#[tokio::test]
async fn a_session_is_not_ended_by_a_forged_hint() {
    let town = Town::start(&[]).await;
    let tokens = town.sign_in("demo-astrid").await;
    let (head, signature) = tokens.identity.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    town.post_form("/demo/oidc/end-session", &[("id_token_hint", forged)]).await;
    assert_eq!(town.refresh(&tokens.refresh).await.status(), 200);
}

#[tokio::test]
async fn its_keys_and_sessions_outlive_the_process() {
    let town = Town::start(&[]).await;
    let tokens = town.sign_in("demo-astrid").await;
    let config = ledsaga_gateway::Config {
        port: town.handle.address().port(),
        catalogue: ledsaga_gateway::Catalogue::None,
        ..ledsaga_gateway::Config::demo(town.folder.path())
    };
    town.handle.stop().await;
    let handle = ledsaga_gateway::serve(config).await.unwrap();
    let town = Town { handle, http: town.http, folder: town.folder };
    let answer = town.get("/v1/services").bearer_auth(&tokens.access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(town.refresh(&tokens.refresh).await.status(), 200);
}
