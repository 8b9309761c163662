//! JPEG: only the segments that draw are written again.

use super::{Removed, StripError, Traces, exif, photoshop, xmp};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP13: u8 = 0xED;
const APP14: u8 = 0xEE;
const COMMENT: u8 = 0xFE;

/// JFIF without a thumbnail.
const JFIF_LEN: usize = 14;
/// Adobe's colour transform.
const ADOBE_LEN: usize = 12;

pub(super) fn clean(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut rest = bytes.strip_prefix(&[0xFF, SOI]).ok_or(StripError::Damaged)?;
    let mut kept = Kept::default();
    let mut scanned = false;
    while let Some((marker, after)) = next_marker(rest) {
        rest = after;
        match marker {
            EOI => break,
            // These stand alone.
            0x01 | 0xD0..=SOI => continue,
            _ => {}
        }
        let Some((payload, after)) = segment(rest) else {
            // A picture whose end was lost still shows its beginning.
            if scanned {
                rest = &[];
                break;
            }
            return Err(StripError::Damaged);
        };
        rest = after;
        kept.take(marker, payload, traces);
        if marker == SOS {
            scanned = true;
            rest = copy_scan(rest, &mut kept.rest);
        }
    }
    if !scanned {
        return Err(StripError::Damaged);
    }
    if rest.iter().any(|&byte| byte != 0) {
        traces.add(Removed::Other);
    }
    Ok(kept.write(bytes.len()))
}

#[derive(Default)]
struct Kept {
    jfif: Option<Vec<u8>>,
    orientation: Option<u16>,
    rest: Vec<u8>,
}

impl Kept {
    fn take(&mut self, marker: u8, payload: &[u8], traces: &mut Traces) {
        match marker {
            // Tables, frames, scans and what belongs to them.
            0xC0..=0xC7 | 0xC9..=0xCF | SOS..=0xDF => push(&mut self.rest, marker, payload),
            APP0 if payload.starts_with(b"JFIF\0") && self.jfif.is_none() => {
                if payload.len() > JFIF_LEN {
                    traces.add(Removed::Thumbnail);
                }
                // Its last two bytes are the thumbnail's size.
                let mut jfif = payload.get(..JFIF_LEN - 2).map(<[u8]>::to_vec);
                jfif.iter_mut().for_each(|jfif| jfif.extend([0, 0]));
                self.jfif = jfif;
            }
            APP0 => traces.add(Removed::Thumbnail),
            APP1 if payload.starts_with(b"Exif\0") => {
                let found = exif::read(payload.get(6..).unwrap_or_default(), traces);
                self.orientation = self.orientation.or(found);
            }
            APP1 if payload.starts_with(b"http://ns.adobe.com/") => xmp::read(payload, traces),
            APP2 if payload.starts_with(b"ICC_PROFILE\0") => push(&mut self.rest, marker, payload),
            APP2 if payload.starts_with(b"MPF\0") => traces.add(Removed::Thumbnail),
            APP13 => photoshop::read(payload, traces),
            APP14 if payload.starts_with(b"Adobe") && payload.len() >= ADOBE_LEN => {
                push(&mut self.rest, marker, payload.get(..ADOBE_LEN).unwrap_or_default());
            }
            COMMENT => traces.add(Removed::Comment),
            _ => traces.add(Removed::Other),
        }
    }

    fn write(self, capacity: usize) -> Vec<u8> {
        let mut written = Vec::with_capacity(capacity);
        written.extend([0xFF, SOI]);
        if let Some(jfif) = self.jfif {
            push(&mut written, APP0, &jfif);
        }
        if let Some(orientation) = self.orientation {
            push(
                &mut written,
                APP1,
                &[b"Exif\0\0".as_slice(), &exif::orientation_only(orientation)].concat(),
            );
        }
        written.extend(self.rest);
        written.extend([0xFF, EOI]);
        written
    }
}

/// Payloads come from segments or are shorter, so their length always fits.
fn push(written: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    let length = u16::try_from(payload.len() + 2).unwrap_or(u16::MAX);
    written.extend([0xFF, marker]);
    written.extend(length.to_be_bytes());
    written.extend(payload);
}

/// The next marker, past fill bytes and past rubbish, which decoders skip too.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let at = bytes.windows(2).position(|two| matches!(two, [0xFF, marker] if !matches!(marker, 0 | 0xFF)))?;
    let (marker, rest) = bytes.get(at + 1..)?.split_first()?;
    Some((*marker, rest))
}

fn segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)).checked_sub(2)?)
}

/// Copies coded data up to the next marker that is none of its own.
fn copy_scan<'a>(bytes: &'a [u8], written: &mut Vec<u8>) -> &'a [u8] {
    let mut rest = bytes;
    loop {
        let Some(at) = rest.iter().position(|&byte| byte == 0xFF) else {
            written.extend(rest);
            return &[];
        };
        let (data, marked) = rest.split_at(at);
        written.extend(data);
        rest = match marked {
            [0xFF, next @ (0 | 0xD0..=0xD7), after @ ..] => {
                written.extend([0xFF, *next]);
                after
            }
            [0xFF] => return &[],
            // Fill.
            [0xFF, 0xFF, ..] => marked.get(1..).unwrap_or_default(),
            marker => return marker,
        };
    }
}
