//! Every way to say no, as problem details.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ledsaga_protocol::{Problem, code};

/// A problem on its way out, with the headers that belong to it.
#[derive(Debug)]
pub struct Refusal {
    problem: Box<Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Says to the layers around a route which problem the answer is.
#[derive(Clone)]
pub struct ProblemCode(pub String);

impl Refusal {
    pub fn new(status: StatusCode, code: &str, title: &str) -> Self {
        Self { problem: Box::new(Problem::new(status.as_u16(), code, title)), headers: Vec::new() }
    }

    pub fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn about(mut self, questions: Vec<String>) -> Self {
        self.problem.questions = questions;
        self
    }

    pub fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::MALFORMED, "Begäran har fel form.")
    }

    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, "Inloggning krävs.")
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, code::FORBIDDEN, "Rollen ger inte rätt till detta.")
    }

    /// One answer for what is not there and for what this worker may not see.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "Finns inte.")
    }

    pub fn content_differs() -> Self {
        Self::unprocessable(code::CONTENT_DIFFERS, "Samma id har redan använts för annat innehåll.")
    }

    pub fn cancelled() -> Self {
        let title = "Återtaget innan det kom in. Det blir inget ärende.";
        Self::new(StatusCode::GONE, code::CANCELLED, title)
    }

    pub fn unprocessable(code: &str, title: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
    }

    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, "Innehållet är för stort.")
    }

    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, "Något gick fel på servern.")
    }

    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, "Servern kan inte svara just nu.")
            .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// What the framework answered by itself, in our own form.
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::UNAUTHORIZED => Self::unauthenticated(),
            StatusCode::FORBIDDEN => Self::forbidden(),
            StatusCode::SERVICE_UNAVAILABLE => Self::unavailable(),
            status if status.is_client_error() => {
                Self::new(status, code::MALFORMED, "Begäran kan inte tas emot så.")
            }
            status => Self::new(status, code::INTERNAL, "Något gick fel på servern."),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)], body).into_response();
        response.headers_mut().extend(self.headers);
        response.extensions_mut().insert(ProblemCode(self.problem.code));
        response
    }
}

/// The database's own words may quote values, so only its kind of failure is logged.
impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                tracing::error!("the database cannot be reached");
                Self::unavailable()
            }
            // SQLITE_BUSY and its extended codes; PostgreSQL: serialization failure, deadlock, shutting down.
            sqlx::Error::Database(_)
                if matches!(code.as_str(), "5" | "261" | "517" | "40001" | "40P01" | "57P01" | "57P03") =>
            {
                tracing::warn!(code, "the database was busy");
                Self::unavailable()
            }
            _ => {
                tracing::error!(code, "the database failed");
                Self::internal()
            }
        }
    }
}
