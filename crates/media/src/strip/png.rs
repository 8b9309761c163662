//! PNG: only the chunks that draw are written again.

use super::{Removed, StripError, Traces, exif, xmp};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(super) fn clean(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or(StripError::Damaged)?;
    let (mut header, mut body, mut orientation) = (Vec::new(), Vec::with_capacity(bytes.len()), None);
    loop {
        let (chunk, after) = Chunk::read(rest).ok_or(StripError::Damaged)?;
        rest = after;
        match chunk.kind {
            b"IHDR" if header.is_empty() => header.extend(chunk.whole),
            b"PLTE" | b"IDAT" | b"IEND" | b"tRNS" | b"cHRM" | b"gAMA" | b"iCCP" | b"sBIT" | b"sRGB"
            | b"cICP" | b"mDCV" | b"cLLI" | b"bKGD" | b"hIST" | b"pHYs" | b"acTL" | b"fcTL" | b"fdAT" => {
                body.extend(chunk.whole);
            }
            b"eXIf" => orientation = orientation.or(exif::read(chunk.data, traces)),
            b"tIME" => traces.add(Removed::Time),
            b"tEXt" | b"zTXt" | b"iTXt" => text(chunk.data, traces),
            // Decoders must understand it, and this one does not.
            [b'A'..=b'Z', ..] => return Err(StripError::Damaged),
            _ => traces.add(Removed::Other),
        }
        if chunk.kind == b"IEND" {
            break;
        }
    }
    if header.is_empty() {
        return Err(StripError::Damaged);
    }
    if !rest.is_empty() {
        traces.add(Removed::Other);
    }
    let turned = orientation.map(|orientation| written(b"eXIf", &exif::orientation_only(orientation)));
    Ok([SIGNATURE, &header, &turned.unwrap_or_default(), &body].concat())
}

struct Chunk<'a> {
    kind: &'a [u8; 4],
    data: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (length, rest) = bytes.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let (data, _) = rest.split_at_checked(length)?;
        let (whole, after) = bytes.split_at_checked(length.checked_add(12)?)?;
        Some((Self { kind, data, whole }, after))
    }
}

fn written(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    let named = [kind.as_slice(), data].concat();
    [length.as_slice(), &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

/// A keyword (PNG, 11.3.4), a zero and the text.
fn text(data: &[u8], traces: &mut Traces) {
    let keyword = data.split(|&byte| byte == 0).next().unwrap_or_default();
    match keyword {
        b"Author" | b"Copyright" => traces.add(Removed::Author),
        b"Software" => traces.add(Removed::Software),
        b"Source" => traces.add(Removed::Device),
        b"Creation Time" | b"date:create" | b"date:modify" => traces.add(Removed::Time),
        b"Comment" | b"Description" | b"Title" | b"Disclaimer" | b"Warning" => traces.add(Removed::Comment),
        b"XML:com.adobe.xmp" => xmp::read(data, traces),
        _ => traces.add(Removed::Other),
    }
}
