//! Problem details (RFC 9457) with a stable code.

use serde::{Deserialize, Serialize};

/// Body of every answer that is not a success; media type `application/problem+json`. Never holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `https://ledsaga.se/problems/{code}`; an identifier, not an address to fetch.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// One of [`code`].
    pub code: String,
    /// Questions concerned, as paths in the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
}

/// Stable problem codes. Clients decide by status and code, never by title.
pub mod code {
    /// 400: not JSON, or not of the shape.
    pub const MALFORMED: &str = "malformed";
    /// 400: the idempotency key is missing or differs from the path.
    pub const IDEMPOTENCY_KEY: &str = "idempotency_key";
    /// 400: the digest is missing or does not match the bytes.
    pub const DIGEST: &str = "digest_mismatch";
    /// 401.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// 403: the role does not allow it.
    pub const FORBIDDEN: &str = "forbidden";
    /// 404: no such thing, no access, or protected: one answer for all.
    pub const NOT_FOUND: &str = "not_found";
    /// 409: the same submission is being handled right now.
    pub const IN_PROGRESS: &str = "in_progress";
    /// 409: the submission is a case already and cannot be withdrawn; `GET` answers its receipt.
    pub const ACCEPTED: &str = "already_accepted";
    /// 409: the upload continues at another offset.
    pub const OFFSET: &str = "offset_mismatch";
    /// 409: events before these are missing here; the log continues at another number.
    pub const AUDIT_GAP: &str = "audit_gap";
    /// 410: withdrawn before it was accepted. Final: this id never becomes a case.
    pub const CANCELLED: &str = "cancelled";
    /// 413.
    pub const TOO_LARGE: &str = "too_large";
    /// 422: this id was used with other content.
    pub const CONTENT_DIFFERS: &str = "content_differs";
    /// 422: the e-service does not exist here.
    pub const SERVICE_UNKNOWN: &str = "service_unknown";
    /// 422: this version of the e-service is no longer received.
    pub const SERVICE_VERSION_RETIRED: &str = "service_version_retired";
    /// 422: the definition at the client is not the one published under this version.
    pub const SERVICE_HASH: &str = "service_hash_mismatch";
    /// 422: wrong formats or answers that the form does not ask for.
    pub const ANSWERS_INVALID: &str = "answers_invalid";
    /// 422: required answers are missing and oral filing is not accepted.
    pub const ANSWERS_MISSING: &str = "answers_missing";
    /// 422: other events are here under these numbers, or before them.
    pub const AUDIT_FORKED: &str = "audit_forked";
    /// 422: the events are not those that their hash was made of.
    pub const AUDIT_BROKEN: &str = "audit_broken";
    /// 424: a file that the answers name has not been uploaded.
    pub const ATTACHMENT_MISSING: &str = "attachment_missing";
    /// 426.
    pub const CLIENT_TOO_OLD: &str = "client_too_old";
    /// 429.
    pub const TOO_MANY: &str = "too_many_requests";
    /// 500.
    pub const INTERNAL: &str = "internal";
    /// 503: stopping or not ready.
    pub const UNAVAILABLE: &str = "unavailable";
    /// 503: closed for planned work, with `Retry-After` when the end is known.
    pub const MAINTENANCE: &str = "maintenance";
    /// 503: more is asked than can be done at once, with `Retry-After`.
    pub const OVERLOADED: &str = "overloaded";
}

impl Problem {
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    pub fn new(status: u16, code: &str, title: &str) -> Self {
        Self {
            kind: format!("https://ledsaga.se/problems/{code}"),
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            questions: Vec::new(),
        }
    }
}
