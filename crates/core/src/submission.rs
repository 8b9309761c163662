//! What is sent: frozen once, never changed, proved by a receipt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{call::CallId, draft::DraftId};

/// A frozen case on its way. `payload` is exactly what goes on the wire.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// UUIDv7, made in the transaction that freezes the payload; also the idempotency key.
    pub id: Uuid,
    pub draft_id: DraftId,
    pub call_id: CallId,
    pub payload: Vec<u8>,
    /// SHA-256 of `payload`, lower-case hex.
    pub digest: String,
    pub frozen_at: Timestamp,
}

/// The municipality's word that it has the case.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub submission: Uuid,
    /// SHA-256 of what arrived, lower-case hex.
    pub digest: String,
    pub case_number: String,
    /// The server's time of arrival; the only one that counts.
    pub received_at: Timestamp,
    /// The signed receipt (compact JWS), kept as proof.
    pub proof: String,
    /// Required answers that were missing on arrival: "behöver kompletteras".
    #[serde(default)]
    pub to_supplement: Vec<String>,
}

impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Submission({})", self.id)
    }
}

impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receipt({})", self.submission)
    }
}
