//! Protected mode (skyddade personuppgifter): a case is protected until something explicit and fresh says otherwise.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of the caller's protection. The status itself is secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Protection {
    /// Nothing has been said. The worker has not raised protection.
    NotRaised,
    /// Raised by the worker, at once and without look-up (rule R2).
    Raised { at: Timestamp },
    /// Raised and then lowered with a reason that is logged.
    Lowered { at: Timestamp },
}

impl Protection {
    pub fn is_on(&self) -> bool {
        matches!(self, Self::Raised { .. })
    }
}
