//! Takes away what tells who made a file, where, when and with what. The visible content stays as it is.

mod archive;
mod exif;
mod gif;
mod heic;
mod jpeg;
mod odf;
mod ooxml;
mod pdf;
mod photoshop;
mod png;
mod webp;
mod xml;
mod xmp;

use std::{collections::BTreeSet, fmt};

use thiserror::Error;

use crate::{guard::guarded, kind};

/// Bytes of a file that are looked at.
const FILE_MAX: usize = 50 * 1024 * 1024;
/// Documents within documents that are followed.
const DEPTH_MAX: u8 = 2;

/// A kind of trace that was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Removed {
    Place,
    Author,
    Device,
    Software,
    Time,
    Comment,
    /// A small picture of the content, which may show more than the content still does.
    Thumbnail,
    /// What the document said before it was changed.
    EarlierVersion,
    /// What has no word of its own: ids, private data of programs, bytes after the end.
    Other,
}

impl Removed {
    /// Stable, for the words in the window.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Author => "author",
            Self::Device => "device",
            Self::Software => "software",
            Self::Time => "time",
            Self::Comment => "comment",
            Self::Thumbnail => "thumbnail",
            Self::EarlierVersion => "earlier_version",
            Self::Other => "other",
        }
    }
}

/// Why a file cannot be cleaned. It is untouched then, and the worker must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StripError {
    #[error("files of this type cannot be cleaned")]
    Unsupported,
    #[error("the file is encrypted")]
    Encrypted,
    #[error("the file is signed, and the signature would break")]
    Signed,
    #[error("the file holds another file that cannot be cleaned")]
    Embedded,
    #[error("the file is too large, or becomes so when unpacked")]
    TooLarge,
    #[error("the file is damaged")]
    Damaged,
}

impl StripError {
    /// Stable, for the words in the window.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "strip_unsupported",
            Self::Encrypted => "strip_encrypted",
            Self::Signed => "strip_signed",
            Self::Embedded => "strip_embedded",
            Self::TooLarge => "strip_too_large",
            Self::Damaged => "strip_damaged",
        }
    }
}

/// A file without its traces.
#[derive(Clone, PartialEq, Eq)]
pub struct Stripped {
    pub bytes: Vec<u8>,
    /// In order, each once. Empty when there was nothing to take away.
    pub removed: Vec<Removed>,
}

impl fmt::Debug for Stripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripped").field("removed", &self.removed).finish_non_exhaustive()
    }
}

/// Takes the traces out of a file of the type that [`kind`](crate::kind()) told. The same file gives the same bytes, and a
/// cleaned one gives itself.
///
/// # Errors
/// The file cannot be cleaned; see [`StripError`].
pub fn strip(media_type: &str, bytes: &[u8]) -> Result<Stripped, StripError> {
    let mut traces = Traces::default();
    let bytes = guarded(|| clean(media_type, bytes, 0, &mut traces)).unwrap_or(Err(StripError::Damaged))?;
    Ok(Stripped { bytes, removed: traces.0.into_iter().collect() })
}

/// What has been found so far.
#[derive(Default)]
struct Traces(BTreeSet<Removed>);

impl Traces {
    fn add(&mut self, removed: Removed) {
        self.0.insert(removed);
    }

    /// Something was there, and the names in it say what.
    fn add_by_names(&mut self, found: &[u8], tells: &[(&str, Removed)]) {
        self.add(Removed::Other);
        // The names are ASCII, so UTF-16 is UTF-8 with zero bytes between.
        let ascii: Vec<u8> = found.iter().copied().filter(|&byte| byte != 0).collect();
        for (name, removed) in tells {
            if ascii.windows(name.len()).any(|window| window == name.as_bytes()) {
                self.add(*removed);
            }
        }
    }
}

fn clean(media_type: &str, bytes: &[u8], depth: u8, traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    if bytes.len() > FILE_MAX {
        return Err(StripError::TooLarge);
    }
    match media_type {
        kind::JPEG => jpeg::clean(bytes, traces),
        kind::PNG => png::clean(bytes, traces),
        kind::WEBP => webp::clean(bytes, traces),
        kind::GIF => gif::clean(bytes, traces),
        kind::HEIC => heic::clean(bytes, traces),
        kind::PDF => pdf::clean(bytes, traces),
        kind::DOCX | kind::XLSX | kind::PPTX => ooxml::clean(bytes, depth, traces),
        kind::ODT | kind::ODS => odf::clean(bytes, depth, traces),
        "text/plain" | "text/csv" => Ok(bytes.to_vec()),
        _ => Err(StripError::Unsupported),
    }
}

/// Cleans a file within a document. What only draws and is no photograph passes as it is.
fn clean_within(bytes: &[u8], depth: u8, traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    match kind::detect(bytes) {
        Some(media_type) if depth < DEPTH_MAX => match clean(media_type, bytes, depth + 1, traces) {
            Err(StripError::TooLarge) => Err(StripError::TooLarge),
            cleaned => cleaned.map_err(|_| StripError::Embedded),
        },
        Some(_) => Err(StripError::Embedded),
        None => Ok(bytes.to_vec()),
    }
}
