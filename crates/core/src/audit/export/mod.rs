//! A log as a file that a reviewer can read and check without us: JSON, one line for each event, the chain through all of
//! them and a signature at the end. `docs/granskningslogg.md` describes it.
//!
//! The lines have one form only. What is not written exactly so is not what was exported, also when it means the same.

mod verify;
mod write;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::{ChainHead, Hash};

pub use verify::{ExportFault, Report, verify};
pub use write::ExportWriter;

const FORMAT: &str = "ledsaga-audit-1";
const SIGNED: &[u8] = b"ledsaga-audit-export-1\0";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    vault: Uuid,
    worker: String,
    first: u64,
    previous: String,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Footer {
    count: u64,
    seq: u64,
    head: String,
    key: String,
    signature: String,
}

/// What the signature says: this header, so many lines, this head.
fn signed(header_line: &[u8], count: u64, head: ChainHead) -> Vec<u8> {
    let mut message = SIGNED.to_vec();
    message.extend_from_slice(&Sha256::digest(header_line));
    message.extend_from_slice(&count.to_be_bytes());
    message.extend_from_slice(&head.seq.to_be_bytes());
    message.extend_from_slice(&head.hash);
    message
}

/// An event's line around its stored bytes, which follow the first part and precede the second.
fn around(seq: u64, hash: &Hash) -> (String, &'static str) {
    (format!(r#"{{"seq":{seq},"hash":"{}","event":"#, hex::encode(hash)), "}")
}

/// Reads a line that is written exactly as we write it.
fn exactly<T: Serialize + DeserializeOwned>(line: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(line).ok()?;
    (serde_json::to_vec(&value).ok()? == line).then_some(value)
}

/// Lower-case hex of exactly so many bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests;
