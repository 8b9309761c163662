//! Writing an export. The events go out as they are stored, whole or not: what is wrong with a log is for the check to
//! say, and a damaged log must be possible to hand over.

use std::io::{Error, ErrorKind, Result, Write};

use uuid::Uuid;

use super::{FORMAT, Footer, Header, around, signed};
use crate::audit::{
    chain::{ChainHead, Hash},
    key::LogKey,
};

/// Begun with the header; without [`ExportWriter::finish`] the file counts as cut off.
pub struct ExportWriter<W> {
    out: W,
    header: Vec<u8>,
    count: u64,
}

impl<W: Write> ExportWriter<W> {
    /// `before` is the head before the first event that follows.
    ///
    /// # Errors
    /// The writer's.
    pub fn begin(mut out: W, vault: Uuid, worker: &str, before: ChainHead) -> Result<Self> {
        let header = serde_json::to_vec(&Header {
            format: FORMAT.to_owned(),
            vault,
            worker: worker.to_owned(),
            first: before.seq.saturating_add(1),
            previous: hex::encode(before.hash),
        })?;
        out.write_all(&header)?;
        out.write_all(b"\n")?;
        Ok(Self { out, header, count: 0 })
    }

    /// # Errors
    /// The writer's, or `InvalidData` for bytes that are not one line.
    pub fn event(&mut self, seq: u64, event: &[u8], hash: &Hash) -> Result<()> {
        if event.contains(&b'\n') {
            return Err(Error::from(ErrorKind::InvalidData));
        }
        let (before, after) = around(seq, hash);
        self.out.write_all(before.as_bytes())?;
        self.out.write_all(event)?;
        self.out.write_all(after.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }

    /// `head` is the one that is kept apart from the events.
    ///
    /// # Errors
    /// The writer's.
    pub fn finish(mut self, head: ChainHead, key: &LogKey) -> Result<W> {
        let signature = key.sign(&signed(&self.header, self.count, head));
        let footer = serde_json::to_vec(&Footer {
            count: self.count,
            seq: head.seq,
            head: hex::encode(head.hash),
            key: hex::encode(key.public()),
            signature: hex::encode(signature),
        })?;
        self.out.write_all(&footer)?;
        self.out.write_all(b"\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}
