//! Checking an export: header, every line, the chain, the signature, in one pass and in little memory.

use std::io::{BufRead, ErrorKind, Read};

use jiff::Timestamp;
use uuid::Uuid;

use super::{FORMAT, Footer, Header, around, bytes, exactly, signed};
use crate::audit::{
    AuditEvent,
    chain::{Chain, ChainBreak, ChainFault, ChainHead, Hash, Row},
    key::{Fingerprint, is_signed},
};

/// Bytes in a line; an event is far below.
const LINE_LIMIT: u64 = 1 << 20;

/// A whole log, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub vault: Uuid,
    pub worker: String,
    /// Before its first event: where an earlier export must end that this one continues.
    pub before: ChainHead,
    pub count: u64,
    pub head: ChainHead,
    /// The earliest and the latest time in it.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Events that a newer version wrote and this one cannot read. They are whole all the same.
    pub unread: u64,
    pub key: Fingerprint,
}

/// Why a file is not a whole log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// The file cannot be read to its end.
    #[error("the file cannot be read: {0}")]
    Unreadable(ErrorKind),
    /// The first line is not the header of an export, or is changed.
    #[error("the first line is not that of an exported log")]
    Header,
    /// It is written by a newer version.
    #[error("the format is newer than this version")]
    Newer,
    /// A line is not as it was written.
    #[error("line {0} is changed")]
    Line(u64),
    #[error(transparent)]
    Chain(#[from] ChainBreak),
    /// The last line is not as it was written.
    #[error("the last line is changed")]
    Footer,
    /// The header or the last line is not what was signed.
    #[error("the signature does not hold")]
    Signature,
    /// Signed by another key than the one that was asked for.
    #[error("signed by another key, {0}")]
    OtherKey(Fingerprint),
    /// Something follows the last line.
    #[error("something follows the last line")]
    Trailing,
}

/// Checks a whole export. Without `key` any key will do: then the file is whole, and who wrote it is for the reader to
/// compare.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(reader: impl BufRead, key: Option<Fingerprint>) -> Result<Report, ExportFault> {
    let mut lines = Lines { reader, number: 0 };
    let Line::Whole(header_line) = lines.next()? else { return Err(ExportFault::Header) };
    let (header, before) = read_header(&header_line)?;

    let mut tally = Tally::default();
    let mut chain = Chain::at(before);
    let mut rows = Rows { lines: &mut lines, tally: &mut tally, end: None };
    chain.follow(&mut rows)?;
    let footer_line = match rows.end {
        Some(Ok(line)) => line,
        Some(Err(fault)) => return Err(fault),
        None => return Err(cut(&chain)),
    };

    let footer: Footer = exactly(&footer_line).ok_or(ExportFault::Footer)?;
    let (Some(hash), Some(public), Some(signature)) =
        (bytes(&footer.head), bytes(&footer.key), bytes(&footer.signature))
    else {
        return Err(ExportFault::Footer);
    };
    let head = ChainHead { seq: footer.seq, hash };
    if !is_signed(&public, &signed(&header_line, footer.count, head), &signature) {
        return Err(ExportFault::Signature);
    }
    let signer = Fingerprint::of(&public);
    if key.is_some_and(|key| key != signer) {
        return Err(ExportFault::OtherKey(signer));
    }
    chain.ends_at(head)?;
    if footer.count != tally.count {
        return Err(ExportFault::Footer);
    }
    let Line::End = lines.next()? else { return Err(ExportFault::Trailing) };
    Ok(Report {
        vault: header.vault,
        worker: header.worker,
        before,
        count: tally.count,
        head,
        times: tally.times,
        unread: tally.unread,
        key: signer,
    })
}

fn read_header(line: &[u8]) -> Result<(Header, ChainHead), ExportFault> {
    let named: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    let format = named.as_ref().and_then(|value| value.get("format")?.as_str());
    if format.is_some_and(|format| format != FORMAT && format.starts_with("ledsaga-audit-")) {
        return Err(ExportFault::Newer);
    }
    let header: Header = exactly(line).ok_or(ExportFault::Header)?;
    let before = header.first.checked_sub(1).zip(bytes(&header.previous));
    let (seq, hash) = before.filter(|_| header.format == FORMAT).ok_or(ExportFault::Header)?;
    let before = ChainHead { seq, hash };
    if seq == 0 && before != ChainHead::start(header.vault) {
        return Err(ExportFault::Header);
    }
    Ok((header, before))
}

/// The file ends before its last line.
fn cut(chain: &Chain) -> ExportFault {
    let seq = chain.head().seq.saturating_add(1);
    ExportFault::Chain(ChainBreak { seq, fault: ChainFault::Truncated })
}

enum Line {
    /// Without its end.
    Whole(Vec<u8>),
    /// The file ends within it.
    Cut,
    End,
}

struct Lines<R> {
    reader: R,
    /// Of the line read last, from 1.
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Line, ExportFault> {
        let mut line = Vec::new();
        let mut limited = (&mut self.reader).take(LINE_LIMIT);
        limited.read_until(b'\n', &mut line).map_err(|error| ExportFault::Unreadable(error.kind()))?;
        self.number += 1;
        let full = line.len() as u64 == LINE_LIMIT;
        match line.pop() {
            Some(b'\n') => Ok(Line::Whole(line)),
            Some(_) if full => Err(ExportFault::Line(self.number)),
            Some(_) => Ok(Line::Cut),
            None => Ok(Line::End),
        }
    }
}

/// What the events say by themselves.
#[derive(Default)]
struct Tally {
    count: u64,
    times: Option<(Timestamp, Timestamp)>,
    unread: u64,
}

impl Tally {
    fn add(&mut self, event: &[u8]) {
        self.count += 1;
        let Ok(AuditEvent { at, .. }) = serde_json::from_slice(event) else {
            self.unread += 1;
            return;
        };
        let (earliest, latest) = self.times.unwrap_or((at, at));
        self.times = Some((earliest.min(at), latest.max(at)));
    }
}

/// The lines of the events, up to the last line of the file or to one that is none of both.
struct Rows<'a, R> {
    lines: &'a mut Lines<R>,
    tally: &'a mut Tally,
    /// What ended them: the last line, or a fault; `None` when the file ended first.
    end: Option<Result<Vec<u8>, ExportFault>>,
}

impl<R: BufRead> Iterator for Rows<'_, R> {
    type Item = Row<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.end.is_some() {
            return None;
        }
        let line = match self.lines.next() {
            Ok(Line::Whole(line)) => line,
            Ok(Line::Cut | Line::End) => return None,
            Err(fault) => {
                self.end = Some(Err(fault));
                return None;
            }
        };
        if line.starts_with(br#"{"count":"#) {
            self.end = Some(Ok(line));
            return None;
        }
        let row = read_event(&line);
        match &row {
            Some((_, event, _)) => self.tally.add(event),
            None => self.end = Some(Err(ExportFault::Line(self.lines.number))),
        }
        row
    }
}

fn read_event(line: &[u8]) -> Option<Row<Vec<u8>>> {
    let text = std::str::from_utf8(line).ok()?;
    let (seq, rest) = text.strip_prefix(r#"{"seq":"#)?.split_once(',')?;
    let seq = seq.parse().ok()?;
    let hash: Hash = bytes(rest.strip_prefix(r#""hash":""#)?.get(..64)?)?;
    let (before, after) = around(seq, &hash);
    let event = text.strip_prefix(&before)?.strip_suffix(after)?;
    Some((seq, event.as_bytes().to_vec(), hash))
}
