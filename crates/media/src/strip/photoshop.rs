//! Photoshop's image resources, IPTC among them: told apart for the words, kept never.

use super::{Removed, Traces, xmp};

const IPTC: u16 = 0x0404;
const THUMBNAILS: [u16; 2] = [0x0409, 0x040C];
const XMP: u16 = 0x0424;

pub(super) fn read(segment: &[u8], traces: &mut Traces) {
    traces.add(Removed::Other);
    let mut rest = segment.strip_prefix(b"Photoshop 3.0\0").unwrap_or(segment);
    while let Some((id, data, after)) = resource(rest) {
        match id {
            IPTC => iptc(data, traces),
            XMP => xmp::read(data, traces),
            _ if THUMBNAILS.contains(&id) => traces.add(Removed::Thumbnail),
            _ => {}
        }
        rest = after;
    }
}

/// A mark, an id, a name and data, each padded to an even length.
fn resource(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (id, rest) = bytes.strip_prefix(b"8BIM")?.split_first_chunk()?;
    let name = usize::from(*rest.first()?) + 1;
    let (size, rest) = rest.get(name + name % 2..)?.split_first_chunk()?;
    let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
    let (data, after) = rest.split_at_checked(size)?;
    Some((u16::from_be_bytes(*id), data, after.get(size % 2..).unwrap_or_default()))
}

/// Data sets of record 2 (IPTC IIM 4.2).
fn iptc(bytes: &[u8], traces: &mut Traces) {
    let mut rest = bytes;
    while let [0x1C, record, set, high, low, after @ ..] = rest {
        if *record == 2 {
            match set {
                80 | 85 | 110 | 115 | 116 | 122 => traces.add(Removed::Author),
                26 | 27 | 90 | 92 | 95 | 100 | 101 => traces.add(Removed::Place),
                30 | 35 | 55 | 60 | 62 | 63 => traces.add(Removed::Time),
                65 | 70 => traces.add(Removed::Software),
                5 | 25 | 40 | 105 | 120 => traces.add(Removed::Comment),
                _ => {}
            }
        }
        let size = usize::from(u16::from_be_bytes([*high, *low]));
        rest = after.get(size..).unwrap_or_default();
    }
}
