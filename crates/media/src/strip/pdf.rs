//! PDF: written anew from what the newest revision reaches, without what tells who and when.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId, SaveOptions, Stream, dictionary, xref::XrefType};

use super::{Removed, StripError, Traces, jpeg, xmp};
use crate::pdf::{OpenError, dictionaries, dictionaries_mut, is_named, open};

/// Bytes that are read of one metadata packet, and that one packed picture may become.
const UNPACKED_MAX: usize = 64 * 1024 * 1024;
/// The highest object number that readers must know (ISO 32000-1, annex C).
const NUMBER_MAX: u32 = 8_388_607;

pub(super) fn clean(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut document = open(bytes).map_err(|error| match error {
        OpenError::Encrypted => StripError::Encrypted,
        OpenError::Damaged => StripError::Damaged,
    })?;
    // Someone decided what may be done with it; written again it would be free for all.
    if document.was_encrypted() {
        return Err(StripError::Encrypted);
    }
    let reached: BTreeSet<ObjectId> = document.traverse_objects(|_| {}).into_iter().collect();
    for object in reached.iter().filter_map(|id| document.objects.get(id)) {
        refuse(object)?;
    }
    if document.revision_count() > 1 {
        traces.add(Removed::EarlierVersion);
    }
    information(&mut document, traces);
    let metadata: BTreeSet<ObjectId> = reached
        .iter()
        .filter(|id| document.objects.get(id).is_some_and(is_metadata))
        .copied()
        .inspect(|id| packet(&document, *id, traces))
        .collect();
    let pages: BTreeSet<ObjectId> = document.page_iter().collect();
    for (id, object) in &mut document.objects {
        dictionaries_mut(object, &mut |dictionary| tidy(dictionary, &metadata, traces));
        if let (true, Ok(page)) = (pages.contains(id), object.as_dict_mut()) {
            take(page, b"Thumb", Removed::Thumbnail, traces);
        }
        if let (true, Object::Stream(stream)) = (reached.contains(id), object) {
            picture(stream, traces)?;
        }
    }
    write(document, bytes.len())
}

/// What would break, or what no one here can look into.
fn refuse(object: &Object) -> Result<(), StripError> {
    let mut reason = None;
    dictionaries(object, &mut |dictionary| {
        if dictionary.has(b"ByteRange") || is_named(dictionary, b"Type", b"DocTimeStamp") {
            reason = Some(StripError::Signed);
        } else if dictionary.has(b"EF") || is_named(dictionary, b"Type", b"EmbeddedFile") {
            reason = reason.or(Some(StripError::Embedded));
        }
    });
    reason.map_or(Ok(()), Err)
}

/// The document information dictionary goes whole, and the ids of file and revision with it.
fn information(document: &mut Document, traces: &mut Traces) {
    let entry = document.trailer.get(b"Info").ok();
    let info =
        entry.and_then(|entry| document.dereference(entry).ok()).and_then(|(_, info)| info.as_dict().ok());
    for (key, _) in info.into_iter().flatten() {
        traces.add(match key.as_slice() {
            b"Author" => Removed::Author,
            b"Creator" | b"Producer" => Removed::Software,
            b"CreationDate" | b"ModDate" => Removed::Time,
            b"Title" | b"Subject" | b"Keywords" => Removed::Comment,
            _ => Removed::Other,
        });
    }
    if document.trailer.has(b"ID") {
        traces.add(Removed::Other);
    }
    let root = document.trailer.get(b"Root").cloned();
    document.trailer = root.map_or_else(|_| Dictionary::new(), |root| dictionary! { "Root" => root });
}

fn is_metadata(object: &Object) -> bool {
    object.as_stream().is_ok_and(|stream| {
        is_named(&stream.dict, b"Type", b"Metadata") || is_named(&stream.dict, b"Subtype", b"XML")
    })
}

fn packet(document: &Document, id: ObjectId, traces: &mut Traces) {
    let stream = document.objects.get(&id).and_then(|object| object.as_stream().ok());
    let unpacked = stream.and_then(|stream| stream.get_plain_content_with_limit(UNPACKED_MAX).ok());
    xmp::read(&unpacked.unwrap_or_default(), traces);
}

fn tidy(dictionary: &mut Dictionary, metadata: &BTreeSet<ObjectId>, traces: &mut Traces) {
    // Names of resources are free, so a key alone does not make it metadata; where it leads does.
    let leads = dictionary.get(b"Metadata").and_then(Object::as_reference);
    if leads.is_ok_and(|id| metadata.contains(&id)) {
        dictionary.remove(b"Metadata");
    }
    if matches!(dictionary.get(b"LastModified"), Ok(Object::String(..))) {
        take(dictionary, b"LastModified", Removed::Time, traces);
    }
    take(dictionary, b"PieceInfo", Removed::Other, traces);
    take(dictionary, b"SpiderInfo", Removed::Other, traces);
    take(dictionary, b"CreatorInfo", Removed::Software, traces);
    if dictionary.has(b"Rect") && dictionary.has(b"Subtype") {
        // An annotation. The name of a field is what its value belongs to.
        if !is_named(dictionary, b"Subtype", b"Widget") {
            take(dictionary, b"T", Removed::Author, traces);
        }
        take(dictionary, b"M", Removed::Time, traces);
        take(dictionary, b"CreationDate", Removed::Time, traces);
    }
    if dictionary.has(b"F") && is_named(dictionary, b"Type", b"Thread") {
        take(dictionary, b"I", Removed::Author, traces);
    }
}

fn take(dictionary: &mut Dictionary, key: &[u8], removed: Removed, traces: &mut Traces) {
    if dictionary.remove(key).is_some() {
        traces.add(removed);
    }
}

/// A photograph brings the camera's own metadata with it.
fn picture(stream: &mut Stream, traces: &mut Traces) -> Result<(), StripError> {
    let filters: Vec<Vec<u8>> = match stream.dict.get(b"Filter") {
        Ok(Object::Name(name)) => vec![name.clone()],
        Ok(Object::Array(names)) => {
            names.iter().filter_map(|name| name.as_name().ok()).map(<[u8]>::to_vec).collect()
        }
        _ => return Ok(()),
    };
    let Some((last, before)) = filters.split_last() else { return Ok(()) };
    match last.as_slice() {
        b"DCTDecode" | b"DCT" => {}
        b"JPXDecode" if before.is_empty() => {
            stream.set_content(jpeg_2000(&stream.content, traces)?);
            return Ok(());
        }
        b"JPXDecode" => return Err(StripError::Embedded),
        _ => return Ok(()),
    }
    if !before.is_empty() {
        let names = before.iter().map(|name| Object::Name(name.clone())).collect();
        let packed = Stream::new(dictionary! { "Filter" => Object::Array(names) }, stream.content.clone());
        if stream.dict.has(b"DecodeParms") {
            return Err(StripError::Embedded);
        }
        let unpacked = packed.decompressed_content_with_limit(UNPACKED_MAX);
        stream.set_content(unpacked.map_err(|_| StripError::Embedded)?);
        stream.dict.set("Filter", Object::Name(b"DCTDecode".to_vec()));
    }
    // White space before the picture is the writer's; decoders skip it.
    let start = stream.content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
    let content = jpeg::clean(stream.content.get(start..).unwrap_or_default(), traces);
    stream.set_content(content.map_err(|_| StripError::Embedded)?);
    Ok(())
}

/// JPEG 2000: only the boxes that draw are written again. A bare codestream has none.
fn jpeg_2000(bytes: &[u8], traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    if !bytes.starts_with(b"\0\0\0\x0CjP  ") {
        return Ok(bytes.to_vec());
    }
    let mut written = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [a, b, c, d, kind @ ..] = rest {
        let kind: &[u8; 4] = kind.first_chunk().ok_or(StripError::Embedded)?;
        let length = match (u32::from_be_bytes([*a, *b, *c, *d]), rest.get(8..).and_then(<[u8]>::first_chunk))
        {
            (0, _) => rest.len(),
            (1, Some(long)) => usize::try_from(u64::from_be_bytes(*long)).unwrap_or(usize::MAX),
            (length, _) => usize::try_from(length).unwrap_or(usize::MAX),
        };
        let whole = rest.split_at_checked(length).filter(|_| length >= 8);
        let (whole, after) = whole.ok_or(StripError::Embedded)?;
        match kind {
            b"jP  " | b"ftyp" | b"jp2h" | b"jpch" | b"jplh" | b"jp2c" | b"rreq" => written.extend(whole),
            _ => traces.add(Removed::Other),
        }
        rest = after;
    }
    Ok(written)
}

/// Writes what is still reached, in the way that the file was written before.
fn write(mut document: Document, capacity: usize) -> Result<Vec<u8>, StripError> {
    document.prune_objects();
    document.max_id = document.objects.keys().map(|id| id.0).max().unwrap_or_default();
    if document.max_id > NUMBER_MAX {
        return Err(StripError::Damaged);
    }
    document.binary_mark = Document::new().binary_mark;
    let packed = matches!(document.reference_table.cross_reference_type, XrefType::CrossReferenceStream);
    let options =
        SaveOptions::builder().use_object_streams(packed).use_xref_streams(packed).compression_level(6);
    let mut written = Vec::with_capacity(capacity);
    document.save_with_options(&mut written, options.build()).map_err(|_| StripError::Damaged)?;
    Ok(written)
}
