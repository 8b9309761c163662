//! What every reply carries, and what the catalogue says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use ledsaga_gateway::Config;
use ledsaga_protocol::{About, PinRule, Policy};
use reqwest::Method;
use serde_json::{Value, json};
use support::{Town, assert_ours, problem, service};

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let town = Town::start(&[]).await;
    let id = uuid::Uuid::now_v7();
    assert_eq!(problem(town.get("/nothing").send().await.unwrap(), 404).await, "not_found");
    let wrong_method = town.http.delete(town.at("/v1/about")).send().await.unwrap();
    assert_eq!(wrong_method.headers()["allow"], "GET,HEAD");
    assert_eq!(problem(wrong_method, 405).await, "malformed");
    let token = town.sign_in("demo-astrid").await.access;
    let wrong_id = town.get("/v1/submissions/123").bearer_auth(&token).send().await.unwrap();
    assert_eq!(problem(wrong_id, 400).await, "malformed");
    let unknown = town.get(&format!("/v1/submissions/{id}")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(problem(unknown, 404).await, "not_found");
    for path in ["/v1/services/nothing/1", "/v1/services/%00/1"] {
        let unknown = town.get(path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(problem(unknown, 404).await, "not_found", "{path}");
    }
}

#[tokio::test]
async fn health_readiness_and_about_need_no_token() {
    let town = Town::start(&[]).await;
    for path in ["/health", "/ready", "/v1/about", "/v1/receipt-keys", "/demo/oidc/jwks"] {
        let answer = town.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_ours(&answer);
    }
}

#[tokio::test]
async fn about_says_what_the_municipality_decided() {
    let folder = tempfile::tempdir().unwrap();
    let policy = Policy { pin: PinRule::Required, offline_hours: 2, ..Policy::default() };
    let config = Config { policy: policy.clone(), ..Config::demo(folder.path()) };
    let handle = ledsaga_gateway::serve(config).await.unwrap();
    let about: About =
        reqwest::get(format!("{}/v1/about", handle.url())).await.unwrap().json().await.unwrap();
    assert_eq!(about.policy, policy);
    handle.stop().await;
}

#[tokio::test]
async fn no_key_is_published_with_its_private_half() {
    let town = Town::start(&[]).await;
    for path in ["/v1/receipt-keys", "/demo/oidc/jwks"] {
        let keys: Value = town.get(path).send().await.unwrap().json().await.unwrap();
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert_eq!(keys["keys"][0]["kty"], "EC");
        assert!(keys["keys"][0].get("d").is_none());
    }
}

#[tokio::test]
async fn a_client_of_another_version_is_told_to_update() {
    let town = Town::start(&[]).await;
    let token = town.sign_in("demo-astrid").await.access;
    for version in ["0", "2", "1.0", "x", "\u{e5}"] {
        let ask = |path| town.get(path).bearer_auth(&token).header("ledsaga-schema", version).send();
        assert_eq!(problem(ask("/v1/services").await.unwrap(), 426).await, "client_too_old");
        // How else would it know?
        assert_eq!(ask("/v1/about").await.unwrap().status(), 200);
    }
    let answer =
        town.get("/v1/services").bearer_auth(&token).header("ledsaga-schema", "1").send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn bodies_have_limits() {
    let town = Town::start(&[]).await;
    let token = town.sign_in("demo-astrid").await.access;
    let id = uuid::Uuid::now_v7();
    for (method, path, limit) in [
        (Method::PUT, format!("/v1/submissions/{id}"), 1 << 20),
        (Method::PUT, format!("/v1/contacts/{id}"), 256 << 10),
        (Method::PATCH, format!("/v1/uploads/{id}"), 8 << 20),
        (Method::POST, "/v1/uploads".to_owned(), 64 << 10),
    ] {
        let send = async |size| {
            let request = town.http.request(method.clone(), town.at(&path)).bearer_auth(&token);
            request.body(vec![b'x'; size]).send().await.unwrap()
        };
        assert_eq!(problem(send(limit + 1).await, 413).await, "too_large", "{path}");
        assert_ne!(send(limit).await.status(), 413, "{path}");
    }
}

#[tokio::test]
async fn the_catalogue_is_sent_once_and_then_only_when_it_changes() {
    let town = Town::start(&[("a.json", service("prov-a", 1)), ("b.json", service("prov-b", 1))]).await;
    let token = town.sign_in("demo-david").await.access;
    let ask = async |etag: Option<&str>| {
        let request = town.get("/v1/services").bearer_auth(&token);
        etag.map_or(request.try_clone().unwrap(), |etag| request.header("if-none-match", etag))
            .send()
            .await
            .unwrap()
    };
    let first = ask(None).await;
    assert_ours(&first);
    assert_eq!(first.headers()["cache-control"], "private, no-cache");
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    let body: ledsaga_protocol::ServicesBody = first.json().await.unwrap();
    assert_eq!(
        body.services.iter().map(|s| s["id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["prov-a", "prov-b"]
    );
    assert!(body.services.iter().all(|s| s["hash"].as_str().unwrap().len() == 64));

    for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let again = ask(Some(&known)).await;
        assert_eq!(again.status(), 304, "{known}");
        assert_eq!(again.headers()["etag"], etag.as_str());
        assert_ours(&again);
    }
    assert_eq!(ask(Some("\"x\"")).await.status(), 200);

    let store = ledsaga_gateway::Store::open(&ledsaga_gateway::sqlite_url(town.folder.path())).await.unwrap();
    assert!(store.retire("prov-a", 1).await.unwrap());
    let after = ask(Some(&etag)).await;
    assert_eq!(after.status(), 200);
    let body: ledsaga_protocol::ServicesBody = after.json().await.unwrap();
    assert_eq!(body.services.len(), 1);
    let one = town.get("/v1/services/prov-a/1").bearer_auth(&token).send().await.unwrap();
    assert_eq!(one.status(), 200, "drafts still need a retired version");
    assert!(!store.retire("prov-c", 1).await.unwrap());
}

#[tokio::test]
async fn the_newest_version_is_listed() {
    let files = [
        ("1.json", service("prov-a", 2)),
        ("2.json", service("prov-a", 10)),
        ("3.json", service("prov-a", 9)),
    ];
    let town = Town::start(&files).await;
    let token = town.sign_in("demo-astrid").await.access;
    let body: Value =
        town.get("/v1/services").bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["services"].as_array().unwrap().len(), 1);
    assert_eq!(body["services"][0]["version"], 10);
    let two: Value =
        town.get("/v1/services/prov-a/2").bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(two["version"], 2);
}

#[tokio::test]
async fn a_definition_that_cannot_be_read_reaches_clients_of_a_demo_and_takes_nothing() {
    let mut broken = service("trasig", 1);
    broken["steps"][0]["questions"][0]["label"] = json!(null);
    let town = Town::start(&[("a.json", broken.clone()), ("b.json", service("prov-b", 1))]).await;
    let token = town.sign_in("demo-astrid").await.access;
    let body: Value =
        town.get("/v1/services").bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["services"][0], broken);
    assert_eq!(body["services"][1]["id"], "prov-b");
}

#[tokio::test]
async fn the_built_in_catalogue_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let handle = ledsaga_gateway::serve(ledsaga_gateway::Config::demo(folder.path())).await.unwrap();
    let http =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let town = Town { http, folder, handle };
    let token = town.sign_in("demo-astrid").await.access;
    let body: ledsaga_protocol::ServicesBody =
        town.get("/v1/services").bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert!(body.services.len() >= 12);
    for service in body.services {
        let definition = ledsaga_forms::load(service.to_string().as_bytes()).unwrap();
        assert_eq!(service["hash"], definition.hash.as_str());
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_plainly() {
    let town = Town::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = ledsaga_gateway::Config::demo(folder.path());
    config.port = town.handle.address().port();
    let error = ledsaga_gateway::serve(config).await.err().unwrap();
    assert!(error.to_string().contains("already in use"));
}

#[tokio::test]
async fn a_reply_says_which_request_it_answers() {
    let town = Town::start(&[]).await;
    let id = uuid::Uuid::now_v7().to_string();
    for path in ["/v1/about", "/v1/services", "/nothing"] {
        let answer = town.get(path).header("ledsaga-request", &id).send().await.unwrap();
        assert_eq!(answer.headers()["ledsaga-request"], id.as_str(), "{path}");
    }
    let odd = town.get("/v1/about").header("ledsaga-request", "<not an id>").send().await.unwrap();
    assert!(!odd.headers().contains_key("ledsaga-request"));
    assert!(!town.get("/v1/about").send().await.unwrap().headers().contains_key("ledsaga-request"));
}
