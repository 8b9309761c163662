//! Uploads: `POST /v1/uploads` begins (201) or finds again (200), `HEAD|PATCH|DELETE /v1/uploads/{uuid}`.
//!
//! Files are known by their content: one that the same worker has brought whole before, under another id, is whole at
//! once. What no case has asked for is gone after its time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Begins an upload. Repeating it with the same id and content is harmless; other content is 422.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadBody {
    /// Made by the client; the answer that names the file carries the same id.
    pub id: Uuid,
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub media_type: String,
    /// Bytes.
    #[cfg_attr(feature = "schema", schemars(range(max = 52_428_800)))]
    pub size: u64,
    /// SHA-256 of the whole file, lower-case hex.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: String,
}

/// Where the upload stands; answer to `POST`, and as [`crate::header::UPLOAD_OFFSET`] to `HEAD` and `PATCH` (204).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadStatus {
    pub id: Uuid,
    /// Bytes stored so far; equal to the size when it is complete.
    pub offset: u64,
    /// When it is removed unless a case has asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for UploadBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UploadBody({})", self.id)
    }
}
