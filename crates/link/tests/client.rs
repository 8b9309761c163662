//! The municipal API as the core uses it: what is sent, and what every answer means.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use ledsaga_core::{
    error::LinkError,
    ports::{CatalogueAnswer, Municipality, Withdrawal},
    protection::Protection,
};
use ledsaga_link::Client;
use ledsaga_protocol::{digest, header};
use serde_json::{Value, json};
use support::{
    Key, Secrets, Server, account, call, client, hasty, ours, plain, problem, raw_server, sign_in, submission,
};

fn refused(code: &str) -> LinkError {
    LinkError::Refused { code: code.to_owned(), questions: Vec::new() }
}

fn busy(retry_after_ms: Option<u64>) -> LinkError {
    LinkError::Busy { retry_after_ms }
}

#[tokio::test]
async fn a_submission_goes_with_its_key_and_digest_and_comes_back_proved() {
    let server = Server::start().await;
    let client = client(&server).await;
    let submission = submission(b"{\"answers\":{}}");
    let receipt = client.put_submission(&submission).await.unwrap();
    assert_eq!(receipt.submission, submission.id);
    assert_eq!(receipt.digest, submission.digest);
    assert_eq!(receipt.case_number, "EXB-2026-000001");

    let seen = server.seen(&format!("PUT /v1/submissions/{}", submission.id));
    assert_eq!(seen.len(), 1);
    let text = |name: &str| seen[0].headers[name].to_str().unwrap();
    assert_eq!(text(header::IDEMPOTENCY_KEY), format!("\"{}\"", submission.id));
    assert!(digest::matches(text(header::CONTENT_DIGEST), &submission.payload));
    assert_eq!(text(header::SCHEMA), "1");
    assert_eq!(seen[0].body, submission.payload, "the bytes are sent as they were frozen");
}

#[tokio::test]
async fn a_receipt_that_cannot_be_proved_never_shows_as_received() {
    let server = Server::start().await;
    let client = client(&server).await;
    let submission = submission(b"{}");
    let line = format!("PUT /v1/submissions/{}", submission.id);
    let good = || server.script().receipt(submission.id, &submission.digest);
    let other_digest = server.script().receipt(submission.id, &digest::hex(b"other"));
    let claims = |case_number: &str| {
        json!({
            "submission": submission.id, "digest": submission.digest, "case_number": case_number,
            "received_at": good().received_at,
        })
    };
    let mut changed = Vec::new();
    for (field, value) in [
        ("case_number", json!("EXB-2026-000002")),
        ("received_at", json!("2026-11-22T09:05:02Z")),
        ("proof", json!("")),
        ("proof", json!(good().proof.replace('.', ""))),
        ("proof", json!(Key::of(8).sign(&claims("EXB-2026-999999")))),
        // Signed by somebody else, under a name that the server does not have, or that it has.
        ("proof", json!(Key::of(9).sign(&claims("EXB-2026-000001")))),
    ] {
        let mut receipt = json!(good());
        receipt[field] = value;
        changed.push(receipt);
    }
    for receipt in changed.into_iter().chain([json!(other_digest)]) {
        server.answer_once(&line, ours(201, &receipt));
        assert_eq!(client.put_submission(&submission).await, Err(refused("receipt_invalid")), "{receipt}");
    }
    server.answer_once(&line, ours(201, &json!(good())));
    assert!(client.put_submission(&submission).await.is_ok(), "and the unchanged one is believed");
}

#[tokio::test]
async fn an_answer_to_something_else_leaves_the_outcome_open() {
    let server = Server::start().await;
    let client = client(&server).await;
    let submission = submission(b"{}");
    let line = format!("PUT /v1/submissions/{}", submission.id);
    let other = json!(server.script().receipt(uuid::Uuid::now_v7(), &submission.digest));
    for answer in [ours(201, &other), ours(200, &json!({ "services": [] })), ours(204, &Value::Null)] {
        server.answer_once(&line, answer);
        assert_eq!(client.put_submission(&submission).await, Err(LinkError::NoAnswer));
    }
    server.answer_once(&line, problem(404, "not_found"));
    assert_eq!(client.put_submission(&submission).await, Err(refused("unexpected_answer")));
    assert!(client.put_submission(&submission).await.is_ok());
}

#[tokio::test]
async fn an_unsigned_proof_is_no_proof() {
    let server = Server::start().await;
    let client = client(&server).await;
    let submission = submission(b"{}");
    let mut receipt = json!(server.script().receipt(submission.id, &submission.digest));
    let payload = receipt["proof"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
    // {"alg":"none","kid":"key-8"}
    receipt["proof"] = json!(format!("eyJhbGciOiJub25lIiwia2lkIjoia2V5LTgifQ.{payload}."));
    server.answer_once(&format!("PUT /v1/submissions/{}", submission.id), ours(201, &receipt));
    assert_eq!(client.put_submission(&submission).await, Err(refused("receipt_invalid")));
}

#[tokio::test]
async fn a_new_receipt_key_is_fetched_when_it_is_first_seen() {
    let server = Server::start().await;
    let client = client(&server).await;
    client.put_submission(&submission(b"1")).await.unwrap();
    client.put_submission(&submission(b"2")).await.unwrap();
    assert_eq!(server.seen("GET /v1/receipt-keys").len(), 1, "keys are kept");
    server.script().receipt_key = Key::of(10);
    client.put_submission(&submission(b"3")).await.unwrap();
    assert_eq!(server.seen("GET /v1/receipt-keys").len(), 2);
}

#[tokio::test]
async fn nothing_is_sent_whose_receipt_could_not_be_proved() {
    let server = Server::start().await;
    let client = client(&server).await;
    server.answer_once("GET /v1/receipt-keys", problem(503, "unavailable"));
    let submission = submission(b"{}");
    assert_eq!(client.put_submission(&submission).await, Err(busy(None)));
    assert!(server.seen(&format!("PUT /v1/submissions/{}", submission.id)).is_empty());
}

#[tokio::test]
async fn keys_that_are_lost_after_the_answer_leave_the_outcome_open() {
    let server = Server::start().await;
    let client = client(&server).await;
    client.put_submission(&submission(b"1")).await.unwrap();
    server.script().receipt_key = Key::of(10);
    server.answer_once("GET /v1/receipt-keys", problem(503, "unavailable"));
    assert_eq!(client.put_submission(&submission(b"2")).await, Err(LinkError::NoAnswer));
}

#[tokio::test]
async fn asking_for_a_submission_tells_nothing_from_something() {
    let server = Server::start().await;
    let client = client(&server).await;
    let submission = submission(b"{}");
    assert_eq!(client.get_submission(submission.id).await, Ok(None));

    let line = format!("GET /v1/submissions/{}", submission.id);
    let receipt = json!(server.script().receipt(submission.id, &submission.digest));
    server.answer_once(&line, ours(200, &receipt));
    assert_eq!(client.get_submission(submission.id).await.unwrap().unwrap().digest, submission.digest);

    let other = json!(server.script().receipt(uuid::Uuid::now_v7(), &submission.digest));
    server.answer_once(&line, ours(200, &other));
    assert_eq!(client.get_submission(submission.id).await, Err(LinkError::NoAnswer));

    // A missing page of some other kind is not the municipality's "nothing".
    server.answer_once(&line, ours(404, &json!({})));
    assert_eq!(client.get_submission(submission.id).await, Err(refused("unexpected_answer")));
    server.answer_once(&line, plain(404, &json!({})));
    assert_eq!(client.get_submission(submission.id).await, Err(LinkError::WrongServer));
}

#[tokio::test]
async fn a_withdrawal_is_a_promise_or_the_receipt_of_the_case() {
    let server = Server::start().await;
    let client = client(&server).await;
    let submission = submission(b"{}");
    let line = format!("DELETE /v1/submissions/{}", submission.id);
    server.answer_once(&line, ours(204, &Value::Null));
    assert_eq!(client.withdraw(submission.id).await, Ok(Withdrawal::Withdrawn));

    let receipt = json!(server.script().receipt(submission.id, &submission.digest));
    server.answer_once(&line, problem(409, "already_accepted"));
    server.answer_once(&format!("GET /v1/submissions/{}", submission.id), ours(200, &receipt));
    match client.withdraw(submission.id).await {
        Ok(Withdrawal::Accepted(receipt)) => assert_eq!(receipt.digest, submission.digest),
        other => panic!("{other:?}"),
    }

    // It is a case, and its receipt could not be had: the answer is still out.
    server.answer_once(&line, problem(409, "already_accepted"));
    assert_eq!(client.withdraw(submission.id).await, Err(LinkError::NoAnswer));
    server.answer_once(&line, ours(200, &json!({})));
    assert_eq!(client.withdraw(submission.id).await, Err(refused("unexpected_answer")), "that is no promise");
    server.answer_once(&line, problem(409, "in_progress"));
    let undecided = LinkError::Undecided { retry_after_ms: None };
    assert_eq!(client.withdraw(submission.id).await, Err(undecided));
    server.answer_once(&line, problem(404, "not_found"));
    assert_eq!(client.withdraw(submission.id).await, Err(refused("not_found")));
}

#[tokio::test]
async fn every_answer_is_sorted_by_what_to_do_about_it() {
    let server = Server::start().await;
    let client = client(&server).await;
    let call = call();
    let line = format!("PUT /v1/contacts/{}", call.id);
    let with =
        |mut answer: axum::http::Response<axum::body::Body>, name: &'static str, value: &'static str| {
            answer.headers_mut().insert(name, value.parse().unwrap());
            answer
        };
    let html_of = |status| with(plain(status, &json!("<html>")), "content-type", "text/html");
    let html = || with(plain(200, &json!("<html>")), "content-type", "text/html");
    let date = with(problem(503, "unavailable"), "retry-after", "Sun, 22 Nov 2026 09:00:30 GMT");
    for (answer, meaning) in [
        (html(), LinkError::WrongServer),
        (with(plain(302, &Value::Null), "location", "https://login.example/"), LinkError::WrongServer),
        (with(html(), header::PRODUCT, "nginx"), LinkError::WrongServer),
        (with(plain(503, &Value::Null), "retry-after", "5"), LinkError::WrongServer),
        (problem(409, "in_progress"), LinkError::Undecided { retry_after_ms: None }),
        (with(problem(429, "too_many_requests"), "retry-after", "7"), busy(Some(7_000))),
        (with(date, "date", "Sun, 22 Nov 2026 09:00:00 GMT"), busy(Some(30_000))),
        (problem(500, "internal"), LinkError::Undecided { retry_after_ms: None }),
        (problem(426, "client_too_old"), LinkError::TooOld),
        (with(ours(200, &json!({})), header::SCHEMA, "0"), LinkError::ServerTooOld),
        (problem(503, "overloaded"), busy(None)),
        (problem(503, "maintenance"), LinkError::Maintenance { retry_after_ms: None }),
        (
            with(problem(503, "maintenance"), "retry-after", "900"),
            LinkError::Maintenance { retry_after_ms: Some(900_000) },
        ),
        // Whoever answers so is not the municipality's server (RFC 6585, 6).
        (html_of(511), LinkError::WrongServer),
        (problem(403, "forbidden"), refused("forbidden")),
        (problem(422, "service_version_retired"), refused("service_version_retired")),
        (problem(410, "cancelled"), refused("cancelled")),
        (ours(418, &json!({})), refused("unexpected_answer")),
        (ours(520, &json!({})), refused("unexpected_answer")),
    ] {
        server.answer_once(&line, answer);
        assert_eq!(client.put_contact(&call).await, Err(meaning));
    }
    assert_eq!(client.put_contact(&call).await, Ok(()));
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_open_whether_the_request_arrived() {
    let server = Server::start().await;
    let account = Arc::new(sign_in(&server, &Arc::new(Secrets::default()), hasty()).await.unwrap());
    let half = "HTTP/1.1 200 OK\r\nledsaga-product: ledsaga-gateway/0.1.0\r\nledsaga-schema: 1\r\n\
        ledsaga-request: {request}\r\ncontent-length: 100\r\n\r\n{\"half\":";
    let head_only = "HTTP/1.1 200 OK\r\nledsaga-pro";
    for answer in [Some(half), Some(head_only), Some(""), None] {
        let base = raw_server(answer).await;
        let client = Client::new(&base, account.clone());
        assert_eq!(client.put_contact(&call()).await, Err(LinkError::NoAnswer), "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_to_another_request_is_not_the_answer_to_this_one() {
    let server = Server::start().await;
    let client = client(&server).await;
    let call = call();
    for id in [uuid::Uuid::now_v7().to_string(), String::new()] {
        let mut answer = ours(204, &Value::Null);
        answer.headers_mut().insert(header::REQUEST, id.parse().unwrap());
        server.answer_once(&format!("PUT /v1/contacts/{}", call.id), answer);
        assert_eq!(client.put_contact(&call).await, Err(LinkError::NoAnswer));
    }
    assert_eq!(client.put_contact(&call).await, Ok(()));
    let seen = server.seen(&format!("PUT /v1/contacts/{}", call.id));
    assert_ne!(seen[0].headers[header::REQUEST], seen[1].headers[header::REQUEST]);
}

#[tokio::test]
async fn a_server_that_is_not_there_surely_got_nothing() {
    let server = Server::start().await;
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = Client::new(&nobody, account(&server).await);
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::Unreachable));
    assert_eq!(client.probe().await, Err(LinkError::Unreachable));
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_to_another_computer() {
    let server = Server::start().await;
    let client = Client::new("http://kommun.example", account(&server).await);
    assert_eq!(client.put_contact(&call()).await, Err(LinkError::WrongAddress));
}

#[tokio::test]
async fn a_protected_callers_phone_number_stays_here() {
    let server = Server::start().await;
    let client = client(&server).await;
    let mut call = call();
    let line = format!("PUT /v1/contacts/{}", call.id);
    client.put_contact(&call).await.unwrap();
    call.protection = Protection::Raised { at: call.started_at };
    client.put_contact(&call).await.unwrap();

    let sent: Vec<Value> =
        server.seen(&line).iter().map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect();
    assert_eq!(sent[0]["caller"]["phone"], "070-1740605");
    assert_eq!(sent[0]["secrecy_marking"], false);
    assert_eq!(sent[1]["caller"]["phone"], "");
    assert_eq!(sent[1]["secrecy_marking"], true);
    assert!(!String::from_utf8_lossy(&server.seen(&line)[1].body).contains("1740605"));
}

#[tokio::test]
async fn a_broken_definition_is_named_and_the_rest_works() {
    let server = Server::start().await;
    let client = client(&server).await;
    let good = json!({
        "format": 1, "id": "felanmalan", "version": 1, "name": "Felanmälan", "summary": "Anmäl fel på gata",
        "category": "Trafik", "unit": "Tekniska nämnden",
        "contact": { "name": "Kontaktcenter", "phone": "070-1740605" },
        "oral_filing": "accepted", "retention": { "draft_days": 30, "protected_draft_days": 7 },
        "steps": [{ "id": "steg", "title": "Felet", "questions": [
            { "id": "plats", "label": "Var är felet?", "kind": "text", "max_length": 200 },
        ] }],
    });
    let services = json!({ "services": [good, { "id": "trasig", "version": 1 }, "nonsense", good] });
    let mut answer = ours(200, &services);
    answer.headers_mut().insert("etag", "\"v1\"".parse().unwrap());
    server.answer_once("GET /v1/services", answer);
    let CatalogueAnswer::New(catalogue) = client.catalogue(None).await.unwrap() else { panic!("it is new") };
    let names: Vec<_> = catalogue.skipped.iter().map(|skipped| skipped.name.as_str()).collect();
    assert_eq!(names, ["trasig", "#3", "felanmalan"], "{:?}", catalogue.skipped);
    assert_eq!(catalogue.definitions.len(), 1);
    assert_eq!(catalogue.definitions[0].id, "felanmalan");

    server.answer_once("GET /v1/services", ours(304, &Value::Null));
    assert!(matches!(client.catalogue(Some(&catalogue.etag)).await, Ok(CatalogueAnswer::Unchanged)));
    assert_eq!(server.seen("GET /v1/services")[1].headers["if-none-match"], "\"v1\"");
}
