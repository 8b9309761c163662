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
    #[serde(with = "payload")]
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

/// Kept as the text that it is: as a list of numbers, which earlier versions wrote and is still read, it takes three
/// times the room and longer to read.
mod payload {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => bytes.serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Ok(match Kept::deserialize(deserializer)? {
            Kept::Text(text) => text.into_bytes(),
            Kept::Bytes(bytes) => bytes,
        })
    }
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

    use serde_json::{Value, json};

    use super::*;

    fn with(payload: &[u8]) -> Submission {
        Submission {
            id: Uuid::nil(),
            draft_id: Uuid::nil(),
            call_id: Uuid::nil(),
            payload: payload.to_vec(),
            digest: String::new(),
            frozen_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_payload_comes_back_byte_for_byte() {
        for payload in ["", "{\"a\":\"\u{0}\\n\\\"å\u{1f600}\u{2028}\u{feff}\"}\r\n"] {
            let kept = serde_json::to_vec(&with(payload.as_bytes())).unwrap();
            let back: Submission = serde_json::from_slice(&kept).unwrap();
            assert_eq!(back.payload, payload.as_bytes());
        }
        let no_text = [0xff, 0x00, 0xc3];
        let kept = serde_json::to_vec(&with(&no_text)).unwrap();
        assert_eq!(serde_json::from_slice::<Submission>(&kept).unwrap().payload, no_text);
    }

    #[test]
    fn a_payload_that_an_earlier_version_kept_is_read() {
        let mut kept = serde_json::to_value(with(b"{}")).unwrap();
        assert_eq!(kept["payload"], json!("{}"));
        kept["payload"] = Value::from(b"{}".to_vec());
        assert_eq!(serde_json::from_value::<Submission>(kept).unwrap().payload, b"{}");
    }

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
