//! What needs no token.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
use jsonwebtoken::jwk::JwkSet;
use ledsaga_protocol::About;
use serde_json::json;

use crate::{app::App, openapi, refusal::Refusal};

/// The process runs.
pub async fn health() -> impl IntoResponse {
    Json(json!({ "status": "ok" }))
}

/// Requests can be handled: the database answers, tokens can be judged and nobody is stopping us.
pub async fn ready(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Refusal> {
    if app.is_stopping() || !app.verifier.is_ready().await {
        return Err(Refusal::unavailable());
    }
    app.store.ping().await.map_err(|_| Refusal::unavailable())?;
    Ok(Json(json!({ "status": "ready" })))
}

pub async fn about(State(app): State<Arc<App>>) -> Json<About> {
    Json(app.about.clone())
}

pub async fn receipt_keys(State(app): State<Arc<App>>) -> Json<JwkSet> {
    Json(app.receipts.public())
}

/// What this gateway answers, as OpenAPI.
pub async fn openapi() -> impl IntoResponse {
    Json(openapi::document())
}
