//! The token endpoint and the end of a session.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use ledsaga_protocol::digest;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    DemoIssuer,
    authorize::{is_loopback, plain_page},
    codes::{Redeemed, secret},
    issuer, page, workers,
};
use crate::{app::App, refusal::Refusal, store::Turn, worker::Role};

/// Seconds.
const ACCESS_LIFETIME: i64 = 600;
/// Seconds.
const REFRESH_LIFETIME: i64 = 12 * 3600;

#[derive(Deserialize)]
pub struct TokenRequest {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    code_verifier: String,
    #[serde(default)]
    refresh_token: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    name: &'a str,
    roles: [Role; 1],
    client_id: &'a str,
    /// The chain of refresh tokens, so that the end of a session can find it.
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// An error as RFC 6749, 5.2 has it.
fn refuse(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

pub async fn token(
    State(app): State<Arc<App>>,
    Form(request): Form<TokenRequest>,
) -> Result<Response, Refusal> {
    let issuer = issuer(&app)?;
    if request.client_id != issuer.client_id {
        return Ok(refuse("invalid_client"));
    }
    match request.grant_type.as_str() {
        "authorization_code" => first_tokens(&app, issuer, &request).await,
        "refresh_token" => next_tokens(&app, issuer, &request).await,
        _ => Ok(refuse("unsupported_grant_type")),
    }
}

async fn first_tokens(app: &App, issuer: &DemoIssuer, request: &TokenRequest) -> Result<Response, Refusal> {
    let grant = match issuer.codes.redeem(&request.code) {
        Redeemed::Grant(grant) => grant,
        Redeemed::Again { chain } => {
            app.store.end_chain(&chain).await?;
            return Ok(refuse("invalid_grant"));
        }
        Redeemed::Unknown => return Ok(refuse("invalid_grant")),
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&request.code_verifier));
    if challenge != grant.challenge || request.redirect_uri != grant.redirect_uri {
        return Ok(refuse("invalid_grant"));
    }
    let refresh = secret().map_err(|_| Refusal::internal())?;
    let now = Timestamp::now().as_second();
    app.store
        .keep_refresh_token(
            &digest::hex(refresh.as_bytes()),
            &grant.chain,
            &grant.worker,
            now + REFRESH_LIFETIME,
        )
        .await?;
    tokens(issuer, &grant.worker, &grant.chain, &refresh, grant.nonce.as_deref(), now)
}

async fn next_tokens(app: &App, issuer: &DemoIssuer, request: &TokenRequest) -> Result<Response, Refusal> {
    let refresh = secret().map_err(|_| Refusal::internal())?;
    let now = Timestamp::now().as_second();
    let (old, new) = (digest::hex(request.refresh_token.as_bytes()), digest::hex(refresh.as_bytes()));
    match app.store.rotate_refresh_token(&old, &new, now + REFRESH_LIFETIME, now).await? {
        Turn::Granted { chain, worker } => tokens(issuer, &worker, &chain, &refresh, None, now),
        Turn::Refused => Ok(refuse("invalid_grant")),
    }
}

fn tokens(
    issuer: &DemoIssuer,
    subject: &str,
    chain: &str,
    refresh: &str,
    nonce: Option<&str>,
    now: i64,
) -> Result<Response, Refusal> {
    let Some(worker) = workers::find(subject) else { return Ok(refuse("invalid_grant")) };
    let claims = |audience, nonce| Claims {
        iss: &issuer.url,
        sub: worker.subject,
        aud: audience,
        iat: now,
        exp: now + ACCESS_LIFETIME,
        name: worker.name,
        roles: [worker.role],
        client_id: &issuer.client_id,
        sid: chain,
        nonce,
    };
    let sign = |kind, claims: Claims<'_>| issuer.key.sign(kind, &claims).map_err(|_| Refusal::internal());
    let access = sign("at+jwt", claims(&issuer.audience, None))?;
    let identity = sign("JWT", claims(&issuer.client_id, nonce))?;
    let body = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFETIME,
        "refresh_token": refresh,
        "id_token": identity,
        "scope": "openid profile offline_access",
    });
    Ok(Json(body).into_response())
}

#[derive(Deserialize)]
pub struct Revocation {
    token: String,
}

/// Ends the chain of a refresh token (RFC 7009); the answer is the same for a token that is not known.
pub async fn revoke(
    State(app): State<Arc<App>>,
    Form(request): Form<Revocation>,
) -> Result<StatusCode, Refusal> {
    issuer(&app)?;
    app.store.end_chain_of(&digest::hex(request.token.as_bytes())).await?;
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
pub struct EndRequest {
    id_token_hint: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

#[derive(Deserialize)]
struct Hint {
    sid: String,
}

pub async fn end_session(
    State(app): State<Arc<App>>,
    Query(request): Query<EndRequest>,
) -> Result<Response, Refusal> {
    end(&app, request).await
}

pub async fn end_session_by_form(
    State(app): State<Arc<App>>,
    Form(request): Form<EndRequest>,
) -> Result<Response, Refusal> {
    end(&app, request).await
}

/// Ends the session that the ID token belongs to, an expired one too (OpenID Connect RP-Initiated Logout 1.0).
async fn end(app: &App, request: EndRequest) -> Result<Response, Refusal> {
    let issuer = issuer(app)?;
    let Some(hint) = request.id_token_hint.as_deref().and_then(|token| hint(issuer, token)) else {
        return Ok(plain_page(page::signed_out()));
    };
    app.store.end_chain(&hint.sid).await?;
    let redirect = request.post_logout_redirect_uri.and_then(|uri| Url::parse(&uri).ok()).filter(is_loopback);
    Ok(match redirect {
        Some(mut redirect) => {
            if let Some(state) = request.state {
                redirect.query_pairs_mut().append_pair("state", &state);
            }
            (StatusCode::SEE_OTHER, [(header::LOCATION, redirect.to_string())]).into_response()
        }
        None => plain_page(page::signed_out()),
    })
}

fn hint(issuer: &DemoIssuer, token: &str) -> Option<Hint> {
    let key = DecodingKey::from_jwk(issuer.key.public().keys.first()?).ok()?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_issuer(&[&issuer.url]);
    validation.set_audience(&[&issuer.client_id]);
    validation.set_required_spec_claims(&["iss", "aud"]);
    Some(jsonwebtoken::decode::<Hint>(token, &key, &validation).ok()?.claims)
}
