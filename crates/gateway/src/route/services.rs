//! The catalogue, exactly as published: what a client cannot read is for the client to skip.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use ledsaga_protocol::digest;

use crate::{app::App, refusal::Refusal, worker::Worker};

pub async fn list(State(app): State<Arc<App>>, _: Worker, headers: HeaderMap) -> Result<Response, Refusal> {
    let services = app.store.newest_services().await?;
    Ok(tagged(&headers, format!(r#"{{"services":[{}]}}"#, services.join(","))))
}

pub async fn one(
    State(app): State<Arc<App>>,
    _: Worker,
    Path((id, version)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if id.contains('\0') {
        return Err(Refusal::not_found());
    }
    let body = app.store.service_body(&id, version).await?.ok_or_else(Refusal::not_found)?;
    Ok(tagged(&headers, body))
}

/// The JSON with its ETag, or 304 for a client that has it. A catalogue holds nothing personal, so it may be kept.
fn tagged(headers: &HeaderMap, body: String) -> Response {
    let etag = format!("\"{}\"", digest::hex(body.as_bytes()));
    let common = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*");
    if known {
        (StatusCode::NOT_MODIFIED, common).into_response()
    } else {
        (common, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}
