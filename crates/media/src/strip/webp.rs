//! WebP: only the chunks that draw are written again.

use super::{Removed, StripError, Traces, exif, xmp};

const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
/// A frame's place, size and duration stand before its chunks.
const FRAME_HEAD: usize = 16;

pub(super) fn clean(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let (size, rest) =
        bytes.strip_prefix(b"RIFF").and_then(<[u8]>::split_first_chunk).ok_or(StripError::Damaged)?;
    let (riff, after) = rest.split_at_checked(length(*size)).ok_or(StripError::Damaged)?;
    let mut rest = riff.strip_prefix(b"WEBP").ok_or(StripError::Damaged)?;
    if !after.is_empty() {
        traces.add(Removed::Other);
    }
    let (mut extended, mut body, mut orientation) = (None, Vec::with_capacity(bytes.len()), None);
    let mut drawn = false;
    while !rest.is_empty() {
        let (kind, data, after) = chunk(rest).ok_or(StripError::Damaged)?;
        rest = after;
        match kind {
            b"VP8X" if extended.is_none() && !drawn => extended = Some(data),
            b"VP8 " | b"VP8L" => {
                drawn = true;
                push(&mut body, kind, data);
            }
            b"ICCP" | b"ALPH" | b"ANIM" => push(&mut body, kind, data),
            b"ANMF" => {
                drawn = true;
                push(&mut body, kind, &frame(data, traces)?);
            }
            b"EXIF" => orientation = orientation.or(exif::read(data, traces)),
            b"XMP " => xmp::read(data, traces),
            _ => traces.add(Removed::Other),
        }
    }
    if !drawn {
        return Err(StripError::Damaged);
    }
    Ok(written(extended, &body, orientation))
}

fn written(extended: Option<&[u8]>, body: &[u8], orientation: Option<u16>) -> Vec<u8> {
    let mut chunks = b"WEBP".to_vec();
    if let Some((flags, rest)) = extended.and_then(<[u8]>::split_first) {
        let turned = if orientation.is_some() { HAS_EXIF } else { 0 };
        let flags = flags & !HAS_EXIF & !HAS_XMP | turned;
        push(&mut chunks, b"VP8X", &[&[flags], rest].concat());
    }
    chunks.extend(body);
    // Without the extended header there is no place for it, and decoders do not look.
    if let Some(orientation) = orientation.filter(|_| extended.is_some()) {
        push(&mut chunks, b"EXIF", &exif::orientation_only(orientation));
    }
    let size = u32::try_from(chunks.len()).unwrap_or(u32::MAX).to_le_bytes();
    [b"RIFF".as_slice(), &size, &chunks].concat()
}

/// A frame of an animation without unknown chunks.
fn frame(data: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let (head, mut rest) = data.split_at_checked(FRAME_HEAD).ok_or(StripError::Damaged)?;
    let mut kept = head.to_vec();
    while !rest.is_empty() {
        let (kind, data, after) = chunk(rest).ok_or(StripError::Damaged)?;
        rest = after;
        match kind {
            b"ALPH" | b"VP8 " | b"VP8L" => push(&mut kept, kind, data),
            _ => traces.add(Removed::Other),
        }
    }
    Ok(kept)
}

/// A chunk, and what follows its padding.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first_chunk()?;
    let (size, rest) = rest.split_first_chunk()?;
    let size = length(*size);
    let (data, after) = rest.split_at_checked(size)?;
    Some((kind, data, after.get(size % 2..).unwrap_or_default()))
}

fn push(written: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    written.extend(kind);
    written.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    written.extend(data);
    written.extend(std::iter::repeat_n(0, data.len() % 2));
}

fn length(bytes: [u8; 4]) -> usize {
    usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
}
