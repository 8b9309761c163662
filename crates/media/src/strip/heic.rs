//! HEIC: metadata is overwritten where it stands, so that every offset in the file stays right (ISO/IEC 14496-12, 8.11).

use std::ops::Range;

use super::{Removed, StripError, Traces, exif, xmp};

/// Boxes, items and pieces of items that are looked at.
const COUNT_MAX: usize = 4096;
/// The offset of the EXIF block stands before it.
const EXIF_HEAD: usize = 4;

pub(super) fn clean(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut found = Traces::default();
    let written = rewrite(bytes, &mut found)?;
    // What cleaning itself left behind looks like metadata, and is none.
    if written != bytes {
        traces.0.extend(found.0);
    }
    Ok(written)
}

fn rewrite(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut written = bytes.to_vec();
    let top = boxes(bytes, 0..bytes.len())?;
    let mut metas = top.iter().filter(|found| &found.kind == b"meta");
    let (Some(meta), None) = (metas.next(), metas.next()) else { return Err(StripError::Damaged) };
    let described = Described::read(bytes, meta)?;
    described.within(&top)?;
    for found in &top {
        match &found.kind {
            b"ftyp" | b"meta" => {}
            b"mdat" => keep_only(&mut written, found.content.clone(), &described.pictures(), traces),
            // A film has metadata of its own in many places.
            b"moov" | b"moof" => return Err(StripError::Unsupported),
            _ => erase(&mut written, found, traces),
        }
    }
    for found in &described.parts {
        match &found.kind {
            b"idat" => keep_only(&mut written, found.content.clone(), &described.pictures(), traces),
            b"uuid" | b"udta" | b"xml " | b"bxml" => erase(&mut written, found, traces),
            b"iprp" => properties(bytes, found, &mut written, traces)?,
            _ => {}
        }
    }
    for item in &described.items {
        match item.kind {
            ItemKind::Picture => {}
            ItemKind::Exif => rewrite_exif(bytes, item, &mut written, traces),
            ItemKind::Text => {
                for place in &item.places {
                    note_text(bytes.get(place.clone()).unwrap_or_default(), traces);
                }
            }
        }
    }
    Ok(written)
}

struct Found {
    kind: [u8; 4],
    /// Where the four letters stand.
    letters: usize,
    content: Range<usize>,
}

/// The boxes that fill a range.
fn boxes(bytes: &[u8], range: Range<usize>) -> Result<Vec<Found>, StripError> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let reader = &mut Reader { bytes, at };
        let short = reader.number(4)?;
        let kind = reader.array()?;
        let length = match short {
            0 => range.end - at,
            1 => reader.number(8)?,
            length => length,
        };
        let end = at.checked_add(length).filter(|&end| end <= range.end && end >= reader.at);
        let end = end.ok_or(StripError::Damaged)?;
        found.push(Found { kind, letters: at + 4, content: reader.at..end });
        at = end;
        if found.len() > COUNT_MAX {
            return Err(StripError::TooLarge);
        }
    }
    Ok(found)
}

#[derive(Clone, Copy, PartialEq)]
enum ItemKind {
    Picture,
    Exif,
    Text,
}

struct Item {
    kind: ItemKind,
    places: Vec<Range<usize>>,
}

struct Described {
    parts: Vec<Found>,
    items: Vec<Item>,
}

impl Described {
    fn read(bytes: &[u8], meta: &Found) -> Result<Self, StripError> {
        // Four bytes of version and flags come first.
        let parts = boxes(bytes, meta.content.start.saturating_add(4)..meta.content.end)?;
        let only = |kind: &[u8; 4]| {
            let mut parts = parts.iter().filter(|part| &part.kind == kind);
            parts.next().filter(|_| parts.next().is_none()).ok_or(StripError::Damaged)
        };
        let kinds = item_kinds(bytes, only(b"iinf")?)?;
        let data = parts.iter().find(|part| &part.kind == b"idat").map(|part| part.content.clone());
        let mut items = Vec::new();
        for (id, places) in item_places(bytes, only(b"iloc")?, data)? {
            let kind = kinds.iter().find(|(of, _)| *of == id).map(|(_, kind)| *kind);
            items.push(Item { kind: kind.ok_or(StripError::Damaged)?, places });
        }
        Ok(Self { parts, items })
    }

    /// Every item stands where data stands, and metadata not where a picture is.
    fn within(&self, top: &[Found]) -> Result<(), StripError> {
        let homes = top.iter().chain(&self.parts).filter(|part| matches!(&part.kind, b"mdat" | b"idat"));
        let homes: Vec<_> = homes.map(|part| &part.content).collect();
        let pictures = self.pictures();
        let fits = self.items.iter().flat_map(|item| item.places.iter().map(move |place| (item, place))).all(
            |(item, place)| {
                let homed = homes.iter().any(|home| home.start <= place.start && place.end <= home.end);
                let beside = |other: &Range<usize>| other.end <= place.start || place.end <= other.start;
                homed && (item.kind == ItemKind::Picture || pictures.iter().all(beside))
            },
        );
        if fits { Ok(()) } else { Err(StripError::Damaged) }
    }

    fn pictures(&self) -> Vec<Range<usize>> {
        let pictures = self.items.iter().filter(|item| item.kind == ItemKind::Picture);
        let mut places: Vec<_> = pictures.flat_map(|item| item.places.clone()).collect();
        places.sort_by_key(|place| place.start);
        places
    }
}

fn item_kinds(bytes: &[u8], iinf: &Found) -> Result<Vec<(usize, ItemKind)>, StripError> {
    let reader = &mut Reader { bytes, at: iinf.content.start };
    let version = reader.number(4)? >> 24;
    reader.number(if version == 0 { 2 } else { 4 })?;
    let mut kinds = Vec::new();
    for entry in boxes(bytes, reader.at..iinf.content.end)? {
        let reader = &mut Reader { bytes, at: entry.content.start };
        let version = reader.number(4)? >> 24;
        if &entry.kind != b"infe" || version < 2 {
            return Err(StripError::Damaged);
        }
        let id = reader.number(if version == 2 { 2 } else { 4 })?;
        // Whether it is protected.
        reader.number(2)?;
        let kind = match &reader.array()? {
            b"Exif" => ItemKind::Exif,
            b"mime" | b"uri " => ItemKind::Text,
            _ => ItemKind::Picture,
        };
        kinds.push((id, kind));
    }
    Ok(kinds)
}

type Places = Vec<(usize, Vec<Range<usize>>)>;

fn item_places(bytes: &[u8], iloc: &Found, data: Option<Range<usize>>) -> Result<Places, StripError> {
    let reader = &mut Reader { bytes, at: iloc.content.start };
    let version = reader.number(4)? >> 24;
    let sizes = reader.number(2)?;
    let size = |shift: u32| sizes >> shift & 0xF;
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version == 0 { 0 } else { size(0) };
    let wide = if version < 2 { 2 } else { 4 };
    let count = reader.number(wide)?;
    let mut items = Vec::new();
    for _ in 0..count {
        let id = reader.number(wide)?;
        let method = if version == 0 { 0 } else { reader.number(2)? & 0xF };
        let elsewhere = reader.number(2)? != 0;
        let base = reader.number(base_size)?;
        let pieces = reader.number(2)?;
        let home = match method {
            0 => Some(0..bytes.len()),
            1 => data.clone(),
            _ => None,
        };
        let home = home.filter(|_| !elsewhere).ok_or(StripError::Unsupported)?;
        let mut places = Vec::new();
        for _ in 0..pieces {
            reader.number(index_size)?;
            let (offset, length) = (reader.number(offset_size)?, reader.number(length_size)?);
            let start = home.start.checked_add(base).and_then(|start| start.checked_add(offset));
            let place = start.and_then(|start| Some(start..start.checked_add(length)?));
            places.push(place.filter(|place| place.end <= home.end).ok_or(StripError::Damaged)?);
        }
        items.push((id, places));
        if items.len() > COUNT_MAX || pieces > COUNT_MAX {
            return Err(StripError::TooLarge);
        }
    }
    Ok(items)
}

/// Zeroes everything in a range that belongs to no picture; leftovers of earlier edits may stand between.
fn keep_only(written: &mut [u8], range: Range<usize>, pictures: &[Range<usize>], traces: &mut Traces) {
    let mut at = range.start;
    let beyond = range.end..range.end;
    for place in pictures.iter().chain([&beyond]) {
        let gap = written.get_mut(at..place.start.clamp(at, range.end)).unwrap_or_default();
        if gap.iter().any(|&byte| byte != 0) {
            traces.add(Removed::Other);
        }
        gap.fill(0);
        at = at.max(place.end.min(range.end));
    }
}

/// Empties a box and names it free space.
fn erase(written: &mut [u8], found: &Found, traces: &mut Traces) {
    let content = written.get_mut(found.content.clone()).unwrap_or_default();
    if content.iter().any(|&byte| byte != 0) {
        traces.add(Removed::Other);
    }
    content.fill(0);
    written.get_mut(found.letters..found.letters + 4).unwrap_or_default().copy_from_slice(b"free");
}

/// Descriptions and times among the properties of items.
fn properties(bytes: &[u8], iprp: &Found, written: &mut [u8], traces: &mut Traces) -> Result<(), StripError> {
    for part in boxes(bytes, iprp.content.clone())?.iter().filter(|part| &part.kind == b"ipco") {
        for property in boxes(bytes, part.content.clone())? {
            match &property.kind {
                b"udes" => traces.add(Removed::Comment),
                b"crtt" | b"mdft" => traces.add(Removed::Time),
                b"uuid" | b"free" => {}
                _ => continue,
            }
            erase(written, &property, traces);
        }
    }
    Ok(())
}

fn rewrite_exif(bytes: &[u8], item: &Item, written: &mut [u8], traces: &mut Traces) {
    let block: Vec<u8> =
        item.places.iter().flat_map(|place| bytes.get(place.clone()).unwrap_or_default()).copied().collect();
    let found = block.get(EXIF_HEAD..).unwrap_or_default();
    let orientation = exif::read(found, traces).unwrap_or(1);
    let clean = [vec![0; EXIF_HEAD], exif::orientation_only(orientation)].concat();
    // In one piece and with room for it, as cameras write it; otherwise it stays zeroes.
    if let [place] = item.places.as_slice()
        && let Some(room) = written.get_mut(place.clone()).and_then(|room| room.get_mut(..clean.len()))
    {
        room.copy_from_slice(&clean);
    }
}

fn note_text(bytes: &[u8], traces: &mut Traces) {
    if bytes.iter().any(|&byte| byte != 0) {
        xmp::read(bytes, traces);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// A number of so many bytes.
    fn number(&mut self, size: usize) -> Result<usize, StripError> {
        let end = self.at.checked_add(size).ok_or(StripError::Damaged)?;
        let bytes = self.bytes.get(self.at..end).filter(|_| size <= 8).ok_or(StripError::Damaged)?;
        self.at = end;
        let number = bytes.iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        usize::try_from(number).map_err(|_| StripError::Damaged)
    }

    fn array(&mut self) -> Result<[u8; 4], StripError> {
        let found = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk).ok_or(StripError::Damaged)?;
        self.at += 4;
        Ok(*found)
    }
}
