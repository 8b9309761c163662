//! What is sent: frozen once, never changed, proved by a receipt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid, Variant, Version};

use crate::{call::CallId, draft::DraftId};

/// A frozen case on its way. `payload` is exactly what goes on the wire.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// UUIDv7, the draft's from its beginning; also the idempotency key. What was frozen under it never changes.
    pub id: Uuid,
    pub draft_id: DraftId,
    pub call_id: CallId,
    pub payload: Vec<u8>,
    /// SHA-256 of `payload`, lower-case hex.
    pub digest: String,
    pub frozen_at: Timestamp,
}

/// The id for what is sent after the municipality has refused or given back what had this one. It follows from this one,
/// so that the draft and its restored copy come to the same id on their own, and only one of them can become a case.
/// A UUIDv7 (RFC 9562, 5.7) of the same time, with bits of a SHA-256 where others have random ones.
pub fn id_after(id: Uuid) -> Uuid {
    let hash = Sha256::new().chain_update("ledsaga submission after ").chain_update(id.as_bytes()).finalize();
    let mut bytes: [u8; 16] = *id.as_bytes();
    bytes[6..].copy_from_slice(&hash[..10]);
    Builder::from_bytes(bytes).with_version(Version::SortRand).with_variant(Variant::RFC4122).into_uuid()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_ids_after_one_are_the_same_everywhere_and_all_differ() {
        let first = Uuid::now_v7();
        let ids: Vec<Uuid> = std::iter::successors(Some(first), |id| Some(id_after(*id))).take(100).collect();
        assert_eq!(ids[1], id_after(first));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| id.get_version() == Some(Version::SortRand)));
        assert!(ids.iter().all(|id| id.get_timestamp() == first.get_timestamp()));
        assert_ne!(id_after(first), id_after(Uuid::now_v7()));
    }
}
