//! What the keychain remembers of a sign-in.

use jiff::Timestamp;
use ledsaga_core::worker::Worker;
use ledsaga_protocol::digest;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::secret::Secret;

#[derive(Serialize, Deserialize)]
pub struct Kept {
    pub worker: Worker,
    pub client_id: String,
    /// None once the issuer has refused it: the worker is still known, and has to sign in.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    pub last_sign_in: Timestamp,
}

impl Kept {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let kept = serde_json::from_slice(bytes).ok();
        if kept.is_none() {
            tracing::warn!("the keychain holds a sign-in that cannot be read; it counts as none");
        }
        kept
    }

    pub fn write(&self) -> Zeroizing<Vec<u8>> {
        // Strings and a time: nothing that JSON cannot hold.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// One worker at a time for each gateway. The name says nothing of either.
pub fn name(base_url: &str) -> String {
    let gateway = digest::hex(base_url.trim().trim_end_matches('/').as_bytes());
    format!("refresh.{}", gateway.get(..16).unwrap_or_default())
}
