//! What comes of it when the secure connection, or what is behind it, is not the municipality's. Every fault has its own
//! name, and none is ever taken for an answer.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use ledsaga_core::{
    error::{LinkError, TlsFault},
    ports::Municipality,
};
use ledsaga_link::{Account, Client, Roots, RootsError, SignInError, SignInOptions, about};
use serde_json::json;
use support::{Ca, NoTls, Paper, Secrets, Server, call, hasty, options, sign_in, submission, without_tls};

const OURS: &str = "HTTP/1.1 204 No Content\r\nledsaga-product: ledsaga-gateway/0.1.0\r\nledsaga-schema: 1\r\n\
    ledsaga-request: {request}\r\n\r\n";
const TO_LOGIN: &str = "HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\ncontent-length: 0\r\n\r\n";
const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
const LOG_IN: &str = "HTTP/1.1 511 Network Authentication Required\r\ncontent-length: 6\r\n\r\n<html>";

/// A worker whose token is good, and whose connections trust these roots.
async fn account(roots: Roots) -> Arc<Account> {
    let server = Server::start().await;
    let options = SignInOptions { roots, ..hasty() };
    Arc::new(sign_in(&server, &Arc::new(Secrets::default()), options).await.unwrap())
}

fn untrusted(fault: TlsFault) -> LinkError {
    LinkError::Untrusted(fault)
}

#[tokio::test]
async fn a_certificate_of_the_municipalitys_own_authority_is_trusted_when_it_is_configured() {
    let ca = Ca::new();
    let base = ca.serve(Paper::Right, OURS).await;
    let own = Client::new(&base, account(ca.roots()).await);
    assert_eq!(own.put_contact(&call()).await, Ok(()));
    let without = Client::new(&base, account(Roots::default()).await);
    assert_eq!(without.put_contact(&call()).await, Err(untrusted(TlsFault::UnknownIssuer)));
    let other = Client::new(&base, account(Ca::new().roots()).await);
    assert_eq!(other.put_contact(&call()).await, Err(untrusted(TlsFault::UnknownIssuer)));
}

#[tokio::test]
async fn every_fault_of_a_certificate_has_its_own_name_and_nothing_is_sent() {
    let ca = Ca::new();
    let account = account(ca.roots()).await;
    for (paper, fault) in [
        (Paper::OtherName, TlsFault::WrongName),
        (Paper::Expired, TlsFault::Expired),
        (Paper::NotYetValid, TlsFault::NotYetValid),
        (Paper::OtherPurpose, TlsFault::Unacceptable),
    ] {
        let client = Client::new(&ca.serve(paper, OURS).await, account.clone());
        for answer in [
            client.probe().await.err(),
            client.put_contact(&call()).await.err(),
            client.put_submission(&submission(b"{}")).await.err(),
            client.get_submission(call().id).await.err(),
        ] {
            assert_eq!(answer, Some(untrusted(fault)), "{paper:?}");
            assert!(answer.unwrap().surely_not_sent());
        }
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_from_what_is_not_there() {
    let account = account(Roots::default()).await;
    for (manner, error) in [
        (NoTls::Says(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"), untrusted(TlsFault::NoTls)),
        (NoTls::Says(&[0xff, 0x00, 0xa5, 0x5a, 0x01, 0x02, 0x03, 0x04]), untrusted(TlsFault::NoTls)),
        (NoTls::Closes, LinkError::Unreachable),
        (NoTls::Hangs, LinkError::Unreachable),
    ] {
        let client = Client::new(&without_tls(manner).await, account.clone());
        assert_eq!(client.put_submission(&submission(b"{}")).await, Err(error.clone()), "{manner:?}");
        assert_eq!(client.probe().await.err(), Some(error.clone()), "{manner:?}");
        assert!(error.surely_not_sent());
    }
}

#[tokio::test]
async fn a_portal_behind_a_good_certificate_is_still_not_the_municipality() {
    let ca = Ca::new();
    let account = account(ca.roots()).await;
    for answer in [TO_LOGIN, PAGE, LOG_IN] {
        let client = Client::new(&ca.serve(Paper::Right, answer).await, account.clone());
        assert_eq!(client.put_submission(&submission(b"{}")).await, Err(LinkError::WrongServer), "{answer}");
        assert_eq!(client.get_submission(call().id).await, Err(LinkError::WrongServer), "{answer}");
        // What a proxy did with the request is not known.
        assert!(!LinkError::WrongServer.surely_not_sent());
    }
}

#[tokio::test]
async fn sign_in_goes_through_the_municipalitys_own_authority_too() {
    let (ca, server) = (Ca::new(), Server::start().await);
    let secure = ca.in_front_of(&server.base).await;
    {
        let mut script = server.script();
        script.about.push(("issuer", json!(secure)));
        script.claims.push(("iss", json!(secure)));
        for (field, path) in [
            ("issuer", ""),
            ("token_endpoint", "/token"),
            ("jwks_uri", "/jwks"),
            ("revocation_endpoint", "/revoke"),
        ] {
            script.discovery.push((field, json!(format!("{secure}{path}"))));
        }
    }
    let trusting = SignInOptions { roots: ca.roots(), ..options() };
    let account = sign_in(&server, &Arc::new(Secrets::default()), trusting).await.unwrap();
    assert_eq!(account.worker().issuer, secure);
    assert!(about(&secure, &ca.roots()).await.is_ok());
    let client = Client::new(&secure, Arc::new(account));
    let submission = submission(b"{}");
    assert_eq!(client.put_submission(&submission).await.unwrap().submission, submission.id);

    let error = sign_in(&server, &Arc::new(Secrets::default()), options()).await.unwrap_err();
    assert_eq!(error, SignInError::Untrusted(TlsFault::UnknownIssuer));
}

#[tokio::test]
async fn a_restored_account_trusts_what_is_configured() {
    let (ca, server) = (Ca::new(), Server::start().await);
    let secrets = Arc::new(Secrets::default());
    drop(sign_in(&server, &secrets, options()).await.unwrap());
    let secure = ca.in_front_of(&server.base).await;
    let restored = Account::restore(&server.base, secrets).await.unwrap().unwrap().trusting(ca.roots());
    let client = Client::new(&secure, Arc::new(restored));
    assert_eq!(client.put_contact(&call()).await, Ok(()));
}

#[test]
fn a_file_of_roots_is_whole_or_said_to_be_of_no_use() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kommunen.pem");
    assert_eq!(Roots::read(&path).unwrap_err(), RootsError::Missing);
    assert_eq!(Roots::read(dir.path()).unwrap_err(), RootsError::Unreadable);
    let (one, two) = (Ca::new().pem, Ca::new().pem);
    let cut =
        |pem: &str| pem.lines().take(4).chain(["-----END CERTIFICATE-----\n"]).collect::<Vec<_>>().join("\n");
    for (text, outcome) in [
        (String::new(), Some(RootsError::NoCertificate)),
        ("hej".to_owned(), Some(RootsError::NoCertificate)),
        (one.clone(), None),
        (format!("# kommunens\n{one}\n{two}"), None),
        (format!("{one}{}", cut(&two)), Some(RootsError::Damaged)),
        (one.replace("BEGIN CERTIFICATE", "BEGIN PRIVATE KEY"), Some(RootsError::Damaged)),
    ] {
        std::fs::write(&path, &text).unwrap();
        assert_eq!(Roots::read(&path).err(), outcome, "{text}");
    }
}
