//! The demo's own OpenID Connect provider, with invented workers: authorization code with PKCE, as a real one.

mod authorize;
mod codes;
mod page;
mod token;
mod workers;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use crate::{app::App, refusal::Refusal, signing::SigningKey};

/// The issuer's URL, its key and the codes that are out.
pub struct DemoIssuer {
    url: String,
    client_id: String,
    audience: String,
    key: SigningKey,
    codes: codes::Codes,
}

impl DemoIssuer {
    pub fn new(url: String, client_id: String, audience: String, key: SigningKey) -> Self {
        Self { url, client_id, audience, key, codes: codes::Codes::default() }
    }
}

pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize::ask).post(authorize::answer))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/end-session", get(token::end_session).post(token::end_session_by_form))
}

fn issuer(app: &App) -> Result<&DemoIssuer, Refusal> {
    app.demo.as_ref().ok_or_else(Refusal::not_found)
}

async fn jwks(State(app): State<Arc<App>>) -> Result<Json<JwkSet>, Refusal> {
    Ok(Json(issuer(&app)?.key.public()))
}

async fn configuration(State(app): State<Arc<App>>) -> Result<Json<Value>, Refusal> {
    let url = &issuer(&app)?.url;
    Ok(Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "revocation_endpoint": format!("{url}/revoke"),
        "end_session_endpoint": format!("{url}/end-session"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "offline_access"],
        "claims_supported": ["sub", "name", "roles", "nonce"],
        "ui_locales_supported": ["sv", "en"],
        "authorization_response_iss_parameter_supported": true,
    })))
}
