//! Contact records: `PUT /v1/contacts/{uuid}`, idempotent by id and revision; a lower revision changes nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a call was about, whether or not a form was sent. 204 in answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    pub schema: u32,
    pub id: Uuid,
    pub rev: u64,
    pub started_at: Timestamp,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    pub asked_for: String,
    pub note: String,
    pub caller: CallerBody,
    pub secrecy_marking: bool,
}

/// The caller as stated. In protected mode the phone number is never sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallerBody {
    pub name: String,
    pub phone: String,
    pub identity_number: String,
    pub identity_level: String,
    pub language: String,
}

impl std::fmt::Debug for ContactBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContactBody({})", self.id)
    }
}

impl std::fmt::Debug for CallerBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallerBody(..)")
    }
}
