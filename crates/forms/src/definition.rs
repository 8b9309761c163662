//! An e-service as a municipality publishes it. Immutable: a change is a new version.

use serde::{Deserialize, Serialize};

use crate::{Question, Rule};

/// Identifies an e-service for all its versions, such as `fardtjanst`: lower case ASCII, digits and hyphens.
pub type ServiceId = String;
/// Identifies a step within its definition.
pub type StepId = String;

/// One version of one e-service. Identified by `id`, `version` and `hash`; a draft is pinned to all three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The definition format, 1.
    pub format: u32,
    pub id: ServiceId,
    /// Counts up from 1.
    pub version: u32,
    /// SHA-256 of the definition's canonical JSON without this field, lower-case hex. Set when loaded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
    pub name: String,
    /// A few words for lists.
    pub summary: String,
    /// Category as shown, such as `Stöd och omsorg`.
    pub category: String,
    /// The board or unit that receives the case (competent receiver).
    pub unit: String,
    /// Words people use for it besides the name.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Whom to transfer the call to.
    pub contact: Contact,
    pub oral_filing: OralFiling,
    pub retention: Retention,
    /// What the caller should have at hand.
    #[serde(default)]
    pub checklist: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Forms on paper for the same errand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paper_forms: Vec<PaperForm>,
    pub steps: Vec<Step>,
    /// Run in this order; the last one that sets a question's state wins.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// Where callers and colleagues reach those who own the e-service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Contact {
    pub name: String,
    pub phone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
}

/// Whether the spoken word is an application (förvaltningslagen 2017:900, 9 and 19 §§, and special law).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum OralFiling {
    /// May be sent incomplete; what is missing is asked for afterwards (komplettering).
    Accepted,
    WrittenRequired,
    SignatureRequired,
}

/// How long an unfinished draft may stay on the worker's computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Retention {
    /// Days for an ordinary case.
    pub draft_days: u16,
    /// Days for a case in protected mode; never more than `draft_days`.
    pub protected_draft_days: u16,
}

/// Where an imported definition came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Such as `oeflow`.
    pub system: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What a case can be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<SourceStatus>,
}

/// A status of the source system. Its name is free text; what it means is its `content_type` (Open ePlatform:
/// `NEW`, `WAITING_FOR_MULTISIGN`, `WAITING_FOR_PAYMENT`, `SUBMITTED`, `WAITING_FOR_COMPLETION`, `IN_PROGRESS`, `ARCHIVED`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceStatus {
    pub id: String,
    pub name: String,
    pub content_type: String,
}

/// A form to be printed (blankett), kept as a file beside the definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperForm {
    pub name: String,
    /// The file's name, without a folder.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: StepId,
    pub title: String,
    pub questions: Vec<Question>,
}
