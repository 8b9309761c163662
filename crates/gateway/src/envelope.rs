//! What every reply carries, and what every request is checked for first.

use std::{any::Any, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ledsaga_protocol::{PRODUCT, SCHEMA, code, header as own};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    front::{Front, route_of},
    refusal::{ProblemCode, Refusal},
};

/// Product and version, as on every reply.
pub fn product() -> String {
    format!("{PRODUCT}/{}", env!("CARGO_PKG_VERSION"))
}

/// Marks the reply as ours, gives bare errors the form of a problem, forbids caching, counts and logs the outcome.
pub async fn envelope(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = route_of(&request).to_owned();
    let asked = request_id(request.headers());
    // Ties what is logged of one request together; the client's own id where there is one.
    let id = asked
        .as_ref()
        .and_then(|value| value.to_str().ok())
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let span = tracing::info_span!("request", id);
    let spoken_here =
        route == "/v1/about" || speaks_our_schema(request.headers()) && !front.is_too_old(request.headers());

    let mut response = if spoken_here {
        next.run(request).instrument(span.clone()).await
    } else {
        Refusal::new(StatusCode::UPGRADE_REQUIRED, code::CLIENT_TOO_OLD, "Programmet måste uppdateras.")
            .into_response()
    };
    if is_bare_error(&response) {
        let allow = response.headers().get(header::ALLOW).cloned();
        response = Refusal::for_status(response.status()).into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&product()) {
        headers.insert(own::PRODUCT, value);
    }
    headers.insert(own::SCHEMA, HeaderValue::from(SCHEMA));
    if let Some(asked) = asked {
        headers.insert(own::REQUEST, asked);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, took) = (response.status(), began.elapsed());
    let problem = response.extensions().get::<ProblemCode>().map(|code| code.0.as_str());
    front.metrics.answered(&route, &method, status, problem, took);
    let _entered = span.entered();
    tracing::info!(%method, route, status = status.as_u16(), problem, ms = took.as_millis() as u64);
    response
}

/// Answers for a handler that panicked. What it said is not repeated: it may quote what was sent.
pub fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Refusal::internal().into_response()
}

/// A request that says nothing is taken at its word; one that names another version is not.
fn speaks_our_schema(headers: &HeaderMap) -> bool {
    headers.get(own::SCHEMA).is_none_or(|value| value.to_str().is_ok_and(|value| value == SCHEMA.to_string()))
}

/// Said again as it came, when it is a UUID.
fn request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    headers
        .get(own::REQUEST)
        .filter(|value| value.to_str().is_ok_and(|id| Uuid::parse_str(id).is_ok()))
        .cloned()
}

fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}
