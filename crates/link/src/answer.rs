//! Answers of the municipal API, sorted by what to do about them.

use jiff::Timestamp;
use ledsaga_core::error::LinkError;
use ledsaga_protocol::{PRODUCT, Problem, SCHEMA, code, header};
use reqwest::{
    RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderName},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{http, retry_after};

/// A success, or 304.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: Vec<u8>,
}

/// Sends a request and judges what comes back, at most `limit` bytes.
///
/// # Errors
/// Everything but a success of the municipality's own server, in answer to this very request.
pub async fn ask(request: RequestBuilder, limit: usize) -> Result<Answer, LinkError> {
    let id = Uuid::now_v7().to_string();
    let request = request.header(header::SCHEMA, SCHEMA).header(header::REQUEST, &id);
    let response = request.send().await.map_err(|error| http::failure(&error))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let spoken = schema_of_ours(&headers).ok_or(LinkError::WrongServer)?;
    if headers.get(header::REQUEST).is_none_or(|said| *said != *id) {
        return Err(LinkError::NoAnswer);
    }
    if spoken < SCHEMA {
        return Err(LinkError::ServerTooOld);
    }
    let body = http::read(response, limit).await?;
    match status.as_u16() {
        200 | 201 | 204 | 304 => Ok(Answer { status, headers, body }),
        _ => Err(refusal(status, &headers, &body)),
    }
}

impl Answer {
    /// # Errors
    /// [`LinkError::Refused`] `unexpected_answer` when it is not of the shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, LinkError> {
        serde_json::from_slice(&self.body).map_err(|_| unexpected())
    }

    pub fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers.get(name.into())?.to_str().ok()
    }
}

/// The wire's version that Ledsaga's gateway speaks; a captive portal or a proxy says no such thing.
fn schema_of_ours(headers: &HeaderMap) -> Option<u32> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let product = text(header::PRODUCT).and_then(|value| value.split('/').next());
    let schema = text(header::SCHEMA).and_then(|value| value.trim().parse::<u32>().ok());
    schema.filter(|_| product == Some(PRODUCT))
}

fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> LinkError {
    let problem = serde_json::from_slice::<Problem>(body).ok().filter(|problem| is_code(&problem.code));
    let is = |code: &str| problem.as_ref().is_some_and(|problem| problem.code == code);
    let in_progress = is(code::IN_PROGRESS);
    let maintenance = is(code::MAINTENANCE);
    match status.as_u16() {
        401 => LinkError::SignInNeeded,
        426 => LinkError::TooOld,
        503 if maintenance => LinkError::Maintenance { retry_after_ms: waiting(headers) },
        408 | 425 | 429 | 503 => busy(headers),
        500 | 502 | 504 => undecided(headers),
        409 if in_progress => undecided(headers),
        400..=499 => match problem {
            Some(Problem { code, questions, .. }) => LinkError::Refused { code, questions },
            None => unexpected(),
        },
        _ => unexpected(),
    }
}

pub fn busy(headers: &HeaderMap) -> LinkError {
    LinkError::Busy { retry_after_ms: waiting(headers) }
}

fn undecided(headers: &HeaderMap) -> LinkError {
    LinkError::Undecided { retry_after_ms: waiting(headers) }
}

fn waiting(headers: &HeaderMap) -> Option<u64> {
    retry_after::milliseconds(headers, Timestamp::now())
}

pub fn unexpected() -> LinkError {
    refused("unexpected_answer")
}

pub fn refused(code: &str) -> LinkError {
    LinkError::Refused { code: code.to_owned(), questions: Vec::new() }
}

/// Codes go on to logs and screens, so only what looks like one is taken for one.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> LinkError {
        refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    fn problem(code: &str) -> String {
        format!(r#"{{"type":"t","title":"t","status":400,"code":"{code}","questions":["steg.fraga"]}}"#)
    }

    #[test]
    fn every_status_has_one_meaning() {
        let busy = LinkError::Busy { retry_after_ms: None };
        let undecided = LinkError::Undecided { retry_after_ms: None };
        for status in [408, 425, 429, 503] {
            assert_eq!(judged(status, ""), busy, "{status}");
        }
        for status in [500, 502, 504] {
            assert_eq!(judged(status, ""), undecided, "{status}");
        }
        assert_eq!(judged(409, &problem("in_progress")), undecided);
        assert_eq!(judged(503, &problem("overloaded")), busy);
        assert_eq!(judged(503, &problem("maintenance")), LinkError::Maintenance { retry_after_ms: None });
        assert_eq!(judged(500, &problem("maintenance")), undecided);
        assert_eq!(judged(401, ""), LinkError::SignInNeeded);
        assert_eq!(judged(426, ""), LinkError::TooOld);
        for status in [302, 404, 409, 418, 501, 505, 520] {
            assert_eq!(judged(status, "<html>"), unexpected(), "{status}");
        }
        assert_eq!(judged(520, &problem("malformed")), unexpected());
    }

    #[test]
    fn a_problem_keeps_its_code_and_questions() {
        let expected = LinkError::Refused {
            code: "answers_invalid".to_owned(),
            questions: vec!["steg.fraga".to_owned()],
        };
        assert_eq!(judged(422, &problem("answers_invalid")), expected);
    }

    #[test]
    fn only_a_code_is_taken_for_a_code() {
        assert_eq!(judged(422, &problem("Anna Andersson ringde")), unexpected());
        assert_eq!(judged(422, &problem("")), unexpected());
        assert_eq!(judged(422, &problem(&"a".repeat(65))), unexpected());
    }

    #[test]
    fn only_the_gateway_is_the_gateway() {
        let headers = |product: &'static str, schema: &'static str| {
            HeaderMap::from_iter([
                (HeaderName::from_static(header::PRODUCT), product.parse().unwrap()),
                (HeaderName::from_static(header::SCHEMA), schema.parse().unwrap()),
            ])
        };
        assert_eq!(schema_of_ours(&headers("ledsaga-gateway/0.1.0", "1")), Some(1));
        assert_eq!(schema_of_ours(&headers("ledsaga-gateway/9.9.9", "2")), Some(2));
        assert_eq!(schema_of_ours(&headers("ledsaga-gateway-impostor/0.1.0", "1")), None);
        assert_eq!(schema_of_ours(&headers("nginx", "1")), None);
        assert_eq!(schema_of_ours(&headers("ledsaga-gateway/0.1.0", "")), None);
        assert_eq!(schema_of_ours(&HeaderMap::new()), None);
    }
}
