//! The signed-in worker.

use serde::{Deserialize, Serialize};

/// Who works here, as the municipality's identity provider says. One vault for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// The issuer's URL.
    pub issuer: String,
    /// The issuer's stable id of the worker (`sub`).
    pub subject: String,
    pub name: String,
    pub role: Role,
}

impl Worker {
    /// The same person at the same issuer, whatever they are called today.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.issuer, &self.subject) == (&other.issuer, &other.subject)
    }
}

/// What a worker may do, from the token's `roles` claim; an unknown role may do nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Role {
    Agent,
    CaseOfficer,
    TeamLead,
    Auditor,
    Admin,
}
