//! GIF: only the blocks that draw are written again.

use super::{Removed, StripError, Traces, xmp};

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;
const GRAPHIC_CONTROL: u8 = 0xF9;
const COMMENT: u8 = 0xFE;
const APPLICATION: u8 = 0xFF;
const HEADER_LEN: usize = 13;
const DESCRIPTOR_LEN: usize = 9;

pub(super) fn clean(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let (header, rest) = bytes.split_at_checked(HEADER_LEN).ok_or(StripError::Damaged)?;
    let table = header.get(10).map_or(0, |&flags| table_len(flags));
    let (table, mut rest) = rest.split_at_checked(table).ok_or(StripError::Damaged)?;
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend([header, table].concat());
    // It belongs to the next picture, and goes with it.
    let mut control: &[u8] = &[];
    loop {
        let (&block, after) = rest.split_first().ok_or(StripError::Damaged)?;
        match block {
            TRAILER => {
                if after.iter().any(|&byte| byte != 0) {
                    traces.add(Removed::Other);
                }
                kept.push(TRAILER);
                return Ok(kept);
            }
            IMAGE => {
                let flags = *after.get(DESCRIPTOR_LEN - 1).ok_or(StripError::Damaged)?;
                // The descriptor, its colours, and the code size.
                let head = DESCRIPTOR_LEN + table_len(flags) + 1;
                let data = after.get(head..).ok_or(StripError::Damaged)?;
                let whole = rest.get(..1 + head + blocks_len(data)?).ok_or(StripError::Damaged)?;
                kept.extend([std::mem::take(&mut control), whole].concat());
                rest = rest.get(whole.len()..).unwrap_or_default();
            }
            EXTENSION => {
                let (&label, data) = after.split_first().ok_or(StripError::Damaged)?;
                let length = blocks_len(data)?;
                let (whole, next) = rest.split_at_checked(2 + length).ok_or(StripError::Damaged)?;
                let data = data.get(..length).unwrap_or_default();
                match label {
                    GRAPHIC_CONTROL => control = whole,
                    COMMENT => traces.add(Removed::Comment),
                    APPLICATION => application(whole, data, &mut kept, traces),
                    // Text that hardly anything draws; the control before it was its own.
                    _ => {
                        control = &[];
                        traces.add(Removed::Other);
                    }
                }
                rest = next;
            }
            _ => return Err(StripError::Damaged),
        }
    }
}

/// Colours, three bytes each.
fn table_len(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Length of blocks up to the empty one, with their lengths.
fn blocks_len(bytes: &[u8]) -> Result<usize, StripError> {
    let mut at = 0;
    loop {
        let length = usize::from(*bytes.get(at).ok_or(StripError::Damaged)?);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    }
}

fn application(whole: &[u8], data: &[u8], kept: &mut Vec<u8>, traces: &mut Traces) {
    match data.get(1..12).unwrap_or_default() {
        name @ (b"NETSCAPE2.0" | b"ANIMEXTS1.0") => match data.get(12..16) {
            // How often it repeats; what else stands there is not read by anyone.
            Some(repeat @ [3, 1, ..]) => {
                kept.extend([&[EXTENSION, APPLICATION, 11], name, repeat, &[0]].concat());
            }
            _ => traces.add(Removed::Other),
        },
        b"ICCRGBG1012" => kept.extend(whole),
        b"XMP DataXMP" => xmp::read(data, traces),
        _ => traces.add(Removed::Other),
    }
}
