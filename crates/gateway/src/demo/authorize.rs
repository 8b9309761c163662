//! The authorization endpoint: asks who signs in, and sends the browser back to the application.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use reqwest::Url;
use serde::Deserialize;

use super::{
    DemoIssuer,
    codes::{Grant, chain, secret},
    issuer,
    page::{self, Language},
    workers,
};
use crate::{app::App, refusal::Refusal};

/// An authorization request (OpenID Connect Core 3.1.2.1, RFC 7636), and in answer to the page who was chosen.
#[derive(Deserialize)]
pub struct Request {
    #[serde(default)]
    pub response_type: String,
    #[serde(default)]
    pub client_id: String,
    #[serde(default)]
    pub redirect_uri: String,
    #[serde(default)]
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    #[serde(default)]
    pub code_challenge: String,
    #[serde(default)]
    pub code_challenge_method: String,
    pub ui_locales: Option<String>,
    /// The chosen worker's subject; empty for "Avbryt".
    #[serde(default)]
    pub worker: String,
}

pub async fn ask(State(app): State<Arc<App>>, Query(request): Query<Request>) -> Result<Response, Refusal> {
    let issuer = issuer(&app)?;
    let language = Language::of(&request);
    let redirect = match redirect_target(issuer, &request) {
        Ok(redirect) => redirect,
        Err(refused) => return Ok(refused.page(language)),
    };
    if let Err(error) = check(&request) {
        return Ok(send_back(issuer, redirect, &request, &[("error", error)]));
    }
    let html = page::choose(&app.about.municipality, &request, language);
    Ok(page(StatusCode::OK, html, Some(&redirect)))
}

pub async fn answer(State(app): State<Arc<App>>, Form(request): Form<Request>) -> Result<Response, Refusal> {
    let issuer = issuer(&app)?;
    let redirect = match redirect_target(issuer, &request) {
        Ok(redirect) => redirect,
        Err(refused) => return Ok(refused.page(Language::of(&request))),
    };
    if let Err(error) = check(&request) {
        return Ok(send_back(issuer, redirect, &request, &[("error", error)]));
    }
    let Some(worker) = workers::find(&request.worker) else {
        return Ok(send_back(issuer, redirect, &request, &[("error", "access_denied")]));
    };
    let code = secret().map_err(|_| Refusal::internal())?;
    let grant = Grant {
        worker: worker.subject.to_owned(),
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        chain: chain(),
    };
    issuer.codes.give(code.clone(), grant);
    Ok(send_back(issuer, redirect, &request, &[("code", &code)]))
}

/// Why the browser is not sent anywhere.
enum Refused {
    Client,
    Redirect,
}

impl Refused {
    fn page(self, language: Language) -> Response {
        let html = match self {
            Self::Client => page::refused(language.unknown_client(), language),
            Self::Redirect => page::refused(language.unknown_redirect(), language),
        };
        page(StatusCode::BAD_REQUEST, html, None)
    }
}

/// Only a known client is sent back, and only to this computer (RFC 8252, 7.3: any port).
fn redirect_target(issuer: &DemoIssuer, request: &Request) -> Result<Url, Refused> {
    if request.client_id != issuer.client_id {
        return Err(Refused::Client);
    }
    Url::parse(&request.redirect_uri).ok().filter(is_our_callback).ok_or(Refused::Redirect)
}

fn is_our_callback(url: &Url) -> bool {
    is_loopback(url) && url.path() == "/callback" && url.query().is_none()
}

/// A plain address on this computer, by number.
pub fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

fn check(request: &Request) -> Result<(), &'static str> {
    if request.response_type != "code" {
        return Err("unsupported_response_type");
    }
    if !request.scope.split(' ').any(|scope| scope == "openid") {
        return Err("invalid_scope");
    }
    if request.code_challenge_method != "S256" || request.code_challenge.len() != 43 {
        return Err("invalid_request");
    }
    Ok(())
}

fn send_back(issuer: &DemoIssuer, mut redirect: Url, request: &Request, answer: &[(&str, &str)]) -> Response {
    redirect
        .query_pairs_mut()
        .extend_pairs(answer)
        .extend_pairs(request.state.as_ref().map(|state| ("state", state)))
        .append_pair("iss", &issuer.url);
    (StatusCode::SEE_OTHER, [(header::LOCATION, redirect.to_string())]).into_response()
}

fn page(status: StatusCode, html: String, redirect: Option<&Url>) -> Response {
    // Browsers hold the answer's redirect against form-action too; it has no way to name an IPv6 address.
    let form_action = match redirect.map(|url| (url.host_str(), url.origin().ascii_serialization())) {
        Some((Some("127.0.0.1"), origin)) => format!("; form-action 'self' {origin}"),
        Some(_) => String::new(),
        None => "; form-action 'none'".to_owned(),
    };
    let policy = format!(
        "default-src 'none'; style-src '{}'; base-uri 'none'; frame-ancestors 'none'{form_action}",
        page::style_hash()
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "DENY".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (status, headers, Html(html)).into_response()
}

/// A page of this issuer that leads nowhere.
pub fn plain_page(html: String) -> Response {
    page(StatusCode::OK, html, None)
}
