//! The municipal API on the wire: types, headers and problem codes, shared by the application and the gateway.
//!
//! JSON in UTF-8, times as RFC 3339 in UTC, sizes in bytes, digests as SHA-256. Every reply carries
//! [`header::PRODUCT`] and [`header::SCHEMA`], so that a captive portal's page is never taken for an answer.

pub mod audit;
pub mod case_number;
mod change;
mod contact;
pub mod digest;
pub mod header;
mod policy;
mod problem;
mod sign_in;
mod submission;
mod upload;

pub use audit::{AuditBody, AuditHead};
pub use change::{CaseBody, ChangeBody, ChangesBody, LONGEST_WAIT, Message, Stage};
pub use contact::{CallerBody, ContactBody};
pub use policy::{PROTECTED_IDLE_MINUTES, PinRule, Policy, PolicyFault};
pub use problem::{Problem, code};
pub use sign_in::{SignInTerms, claim_words};
pub use submission::{ReceiptBody, ReceiptClaims, Scribe, ServiceRef, SubmissionBody};
pub use upload::{UploadBody, UploadStatus};

use serde::{Deserialize, Serialize};

/// The wire's version; a server answers 426 to a client of a version that it no longer speaks.
pub const SCHEMA: u32 = 1;
/// First part of [`header::PRODUCT`] on every reply.
pub const PRODUCT: &str = "ledsaga-gateway";

/// `GET /v1/about`, without a token: what the application needs to know before sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct About {
    pub product: String,
    pub version: String,
    pub schema: u32,
    /// The municipality's name, as shown on the sign-in screen.
    pub municipality: String,
    /// OpenID Connect issuer of the workers.
    pub issuer: String,
    /// The application's client id at the issuer (public client).
    pub client_id: String,
    /// The audience that access tokens must carry.
    pub audience: String,
    pub demo: bool,
    /// How the issuer wants to be asked.
    #[serde(default)]
    pub sign_in: SignInTerms,
    /// What the municipality decides for every computer.
    #[serde(default)]
    pub policy: Policy,
}

/// `GET /v1/services`, with an ETag: each e-service's newest version, as published. One that this client cannot read
/// is skipped by name, so they are kept raw here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServicesBody {
    pub services: Vec<serde_json::Value>,
}
