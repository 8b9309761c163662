//! The ZIP archive of an office document: unpacked within limits, packed again with nothing but names and content.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read, Write},
};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{Removed, StripError, Traces};

/// Parts of a document.
const PARTS_MAX: usize = 10_000;
/// Bytes of all parts, unpacked.
const UNPACKED_MAX: u64 = 256 * 1024 * 1024;

pub(super) struct Part {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    packed: bool,
}

pub(super) fn read(bytes: &[u8], traces: &mut Traces) -> Result<Vec<Part>, StripError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refused(&error))?;
    if archive.len() > PARTS_MAX {
        return Err(StripError::TooLarge);
    }
    // Two entries that share bytes are a trick to become large, or to show different readers different things.
    if archive.has_overlapping_files().map_err(|error| refused(&error))? || archive.has_duplicate_names() {
        return Err(StripError::Damaged);
    }
    if !archive.comment().is_empty() {
        traces.add(Removed::Comment);
    }
    let (mut parts, mut names, mut room) = (Vec::new(), BTreeSet::new(), UNPACKED_MAX);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| refused(&error))?;
        if entry.encrypted() {
            return Err(StripError::Encrypted);
        }
        if entry.last_modified().is_some_and(|at| at != DateTime::DEFAULT && at.is_valid()) {
            traces.add(Removed::Time);
        }
        let name = entry.name().map_err(|error| refused(&error))?.into_owned();
        // Folders follow from the names in them.
        if entry.is_dir() {
            continue;
        }
        // Readers take names for the same that differ in case only (ECMA-376 part 2, 6.2.2).
        if !names.insert(name.to_lowercase()) {
            return Err(StripError::Damaged);
        }
        let packed = entry.compression() != CompressionMethod::Stored;
        let mut bytes = Vec::new();
        let read = (&mut entry).take(room + 1).read_to_end(&mut bytes).map_err(|_| StripError::Damaged)?;
        room =
            u64::try_from(read).ok().and_then(|read| room.checked_sub(read)).ok_or(StripError::TooLarge)?;
        parts.push(Part { name, bytes, packed });
    }
    Ok(parts)
}

/// The same parts give the same bytes.
pub(super) fn write(parts: &[Part]) -> Result<Vec<u8>, StripError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        let method = if part.packed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options =
            SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::DEFAULT);
        writer.start_file(part.name.as_str(), options).map_err(|error| refused(&error))?;
        writer.write_all(&part.bytes).map_err(|_| StripError::Damaged)?;
    }
    Ok(writer.finish().map_err(|error| refused(&error))?.into_inner())
}

fn refused(error: &ZipError) -> StripError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => StripError::Encrypted,
        _ => StripError::Damaged,
    }
}
