//! The catalogue of e-services, kept so that it is there without a network.

use jiff::Timestamp;
use ledsaga_forms::Definition;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    pub etag: String,
    pub fetched_at: Timestamp,
    /// The newest version of each e-service that is offered.
    pub definitions: Vec<Definition>,
    /// Versions that are offered no longer and that drafts here are pinned to. Empty in the municipality's answer.
    #[serde(default)]
    pub kept: Vec<Definition>,
    /// Definitions that were refused, named; the rest works.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
}

/// A definition that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Skipped {
    /// The e-service's id or the file's name.
    pub name: String,
    pub reason: String,
}
