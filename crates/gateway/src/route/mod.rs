//! The routes of the municipal API.

mod about;
mod audit;
mod cases;
mod changes;
mod contacts;
mod services;
mod submissions;
mod uploads;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode},
    middleware,
    routing::{MethodRouter, get, post, put},
};
use ledsaga_protocol::{code, digest, header};
use serde::de::DeserializeOwned;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{
    app::App,
    demo, envelope,
    front::{self, Front},
    maintenance,
    refusal::Refusal,
};

const SUBMISSION_LIMIT: usize = 1 << 20;
const CHUNK_LIMIT: usize = 8 << 20;
const UPLOAD_LIMIT: u64 = 50 << 20;
const CONTACT_LIMIT: usize = 256 << 10;
const AUDIT_LIMIT: usize = 1 << 20;
const OTHER_LIMIT: usize = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(60);

/// The routes and their patterns, which the OpenAPI document is held against.
struct Routes {
    router: Router<Arc<App>>,
    patterns: Vec<&'static str>,
}

impl Routes {
    fn route(mut self, pattern: &'static str, methods: MethodRouter<Arc<App>>) -> Self {
        self.patterns.push(pattern);
        self.router = self.router.route(pattern, methods);
        self
    }
}

fn routes() -> Routes {
    Routes { router: Router::new(), patterns: Vec::new() }
        .route("/health", get(about::health))
        .route("/ready", get(about::ready))
        .route("/v1/about", get(about::about))
        .route("/v1/openapi.json", get(about::openapi))
        .route("/v1/receipt-keys", get(about::receipt_keys))
        .route("/v1/services", get(services::list))
        .route("/v1/services/{id}/{version}", get(services::one))
        .route(
            "/v1/submissions/{id}",
            put(submissions::put)
                .get(submissions::get)
                .delete(submissions::delete)
                .layer(DefaultBodyLimit::max(SUBMISSION_LIMIT)),
        )
        .route("/v1/changes", get(changes::get))
        .route("/v1/cases/{case_number}", get(cases::get))
        .route("/v1/contacts/{id}", put(contacts::put).layer(DefaultBodyLimit::max(CONTACT_LIMIT)))
        .route("/v1/audit/{vault}", get(audit::get))
        .route("/v1/audit/{vault}/{first}", put(audit::put).layer(DefaultBodyLimit::max(AUDIT_LIMIT)))
        .route("/v1/uploads", post(uploads::begin))
        .route(
            "/v1/uploads/{id}",
            axum::routing::patch(uploads::append)
                .head(uploads::status)
                .delete(uploads::remove)
                .layer(DefaultBodyLimit::max(CHUNK_LIMIT)),
        )
}

pub fn router(app: Arc<App>) -> Router {
    let mut router = routes().router;
    if app.demo.is_some() {
        router = router.nest("/demo/oidc", demo::router());
    }
    let front = Arc::clone(&app.front);
    let router = router
        .layer(DefaultBodyLimit::max(OTHER_LIMIT))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), maintenance::heed));
    dress(router, front).with_state(app)
}

/// Puts the envelope, the admission, the time limit and the net for panics around every route and the answer for none.
fn dress<S: Clone + Send + Sync + 'static>(router: Router<S>, front: Arc<Front>) -> Router<S> {
    router
        .fallback(async || Refusal::not_found())
        .layer(CatchPanicLayer::custom(envelope::after_panic))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(middleware::from_fn_with_state(Arc::clone(&front), front::admit))
        .layer(middleware::from_fn_with_state(front, envelope::envelope))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::malformed())
}

fn check_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let right = headers
        .get(header::CONTENT_DIGEST)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| digest::matches(value, body));
    if right {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            code::DIGEST,
            "Innehållet stämmer inte med sin kontrollsumma.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, response::Response};
    use tower::ServiceExt;

    use super::*;
    use crate::config::Limits;

    async fn broken() -> Response {
        panic!("with what was sent: 19121212-1212")
    }

    /// `tests/openapi.rs` holds the methods of each path against the router.
    #[test]
    fn every_route_is_in_the_openapi_document_and_no_other() {
        let document = crate::openapi::document();
        let mut said: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut real = routes().patterns;
        said.sort_unstable();
        real.sort_unstable();
        assert_eq!(said, real);
    }

    #[tokio::test]
    async fn a_panic_is_answered_as_a_problem_without_its_words() {
        let front = Arc::new(Front::new(Limits::DEMO, None, Arc::default()));
        let router = dress(Router::new().route("/broken", get(broken)), front);
        let response = router.oneshot(Request::get("/broken").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::SCHEMA], "1");
        assert!(response.headers().contains_key(header::PRODUCT));
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let problem: ledsaga_protocol::Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.code, code::INTERNAL);
        assert!(!String::from_utf8(body.to_vec()).unwrap().contains("1912"));
    }
}
