//! The workers' logs: `PUT /v1/audit/{vault}/{first}` adds a run of events, `GET /v1/audit/{vault}` says how far the log
//! is here.
//!
//! A run is answered 201, or 200 when all of it was here already. One that would leave a gap is 409 with
//! [`crate::header::AUDIT_SEQ`], and one whose numbers are taken by other events is 422.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const START: &[u8] = b"ledsaga-audit-start-1\0";
const LINK: &[u8] = b"ledsaga-audit-link-1\0";

/// A run of events of one log, with the hashes that tie it to what came before. Digests are lower-case hex.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditBody {
    pub schema: u32,
    /// The same as in the path.
    pub vault: Uuid,
    /// The first event's number, the same as in the path. Numbers begin at 1.
    pub first: u64,
    /// The hash of the event before, or [`start`] before event 1.
    pub previous: String,
    /// As stored by the application, byte for byte; each is the JSON of one event.
    pub events: Vec<String>,
    /// The hash of the last event of the run.
    pub head: String,
}

/// How far a log is here; answer to `PUT` and `GET`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditHead {
    pub vault: Uuid,
    /// The last event's number.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// The hash before the first event of a log.
pub fn start(vault: Uuid) -> [u8; 32] {
    Sha256::new().chain_update(START).chain_update(vault).finalize().into()
}

/// The hash of an event. The same is computed by `ledsaga_core::audit`; a golden file keeps the two together.
pub fn link(seq: u64, previous: &[u8; 32], event: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(LINK)
        .chain_update(seq.to_be_bytes())
        .chain_update(previous)
        .chain_update((event.len() as u64).to_be_bytes())
        .chain_update(event)
        .finalize()
        .into()
}

/// Events hold the worker's own words in their reasons.
impl std::fmt::Debug for AuditBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuditBody({} from {})", self.vault, self.first)
    }
}
