//! Digests: lower-case hex where they are stored and said, RFC 9530 in headers.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// SHA-256 as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// The value of `Content-Digest` for these bytes (RFC 9530).
pub fn header(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(bytes)))
}

/// Whether a `Content-Digest` value names the SHA-256 of these bytes. Other algorithms beside it are ignored.
pub fn matches(header: &str, bytes: &[u8]) -> bool {
    let wanted = STANDARD.encode(Sha256::digest(bytes));
    header.split(',').any(|member| {
        member
            .trim()
            .strip_prefix("sha-256=:")
            .and_then(|rest| rest.strip_suffix(':'))
            .is_some_and(|value| value == wanted)
    })
}
