//! Submissions: `PUT|GET|DELETE /v1/submissions/{uuid}`.
//!
//! `DELETE` withdraws an id before it is accepted, also one that has never arrived: 204, again as often as it is asked,
//! and every later `PUT` and `GET` of the id is 410. One that is a case is 409 and stays one.

use jiff::Timestamp;
use ledsaga_forms::Answers;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The definition that the answers follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceRef {
    pub id: String,
    pub version: u32,
    pub hash: String,
}

/// The worker who wrote it down (nedtecknare); not a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scribe {
    pub subject: String,
    pub name: String,
}

/// The frozen content of a submission. Its bytes are digested as sent and never re-encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SubmissionBody {
    pub schema: u32,
    /// The same as in the path.
    pub id: Uuid,
    /// The contact record's id.
    pub contact: Uuid,
    pub service: ServiceRef,
    /// Visible questions only, in normal form; see `ledsaga_forms::submission_answers`.
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, serde_json::Value>"))]
    pub answers: Answers,
    /// Protected mode: the marking travels with the case and turns notifications off.
    pub secrecy_marking: bool,
    /// When the call began, by the worker's computer; preliminary.
    pub contact_started_at: Timestamp,
    /// When the caller confirmed what was read back, by the worker's computer; preliminary.
    pub confirmed_at: Timestamp,
    /// When it was frozen, by the worker's computer; preliminary.
    pub declared_at: Timestamp,
    /// How the caller was identified: `stated`, `control_questions`, `call_back`, `eid` or `visit`.
    pub identity_level: String,
    pub scribe: Scribe,
}

/// Answer to `PUT` (201 new, 200 replay) and `GET` (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptBody {
    pub submission: Uuid,
    /// SHA-256 of the bytes that arrived, lower-case hex.
    pub digest: String,
    pub case_number: String,
    pub received_at: Timestamp,
    /// Required questions without an answer, as paths.
    #[serde(default)]
    pub to_supplement: Vec<String>,
    /// Compact JWS over [`ReceiptClaims`], ES256, with the key in `GET /v1/receipt-keys` (JWK set).
    pub proof: String,
}

/// Payload of the signed receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptClaims {
    pub submission: Uuid,
    pub digest: String,
    pub case_number: String,
    pub received_at: Timestamp,
}
