//! Draws a file as pixels, so that the window never gets the document itself.

mod page;
mod picture;

use std::{fmt, io::Cursor};

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use thiserror::Error;

use crate::{guard::guarded, kind};

/// Bytes of a file that is drawn.
const FILE_MAX: usize = 50 * 1024 * 1024;
/// Pixels of a preview's side, whatever is asked for.
const SIDE_MAX: u32 = 4096;

/// A picture of a file, as PNG without any metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Preview {
    pub png: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// How many pages the file has; a picture has one.
    pub pages: usize,
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

/// Why a file cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PreviewError {
    #[error("files of this type cannot be shown")]
    Unsupported,
    #[error("the file is encrypted")]
    Encrypted,
    #[error("the file has no such page")]
    NoPage,
    #[error("the file is too large, or becomes so when drawn")]
    TooLarge,
    #[error("the file is damaged")]
    Damaged,
}

impl PreviewError {
    /// Stable, for the words in the window.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "preview_unsupported",
            Self::Encrypted => "preview_encrypted",
            Self::NoPage => "preview_no_page",
            Self::TooLarge => "preview_too_large",
            Self::Damaged => "preview_damaged",
        }
    }
}

/// Draws a page, counted from 0, at most `max_width` pixels wide. Pictures are never enlarged; pages are drawn to the width.
/// It may take seconds: call it where blocking is allowed.
///
/// # Errors
/// The file cannot be shown; see [`PreviewError`].
pub fn preview(media_type: &str, bytes: &[u8], page: usize, max_width: u32) -> Result<Preview, PreviewError> {
    if bytes.len() > FILE_MAX {
        return Err(PreviewError::TooLarge);
    }
    let width = max_width.clamp(1, SIDE_MAX);
    guarded(|| match media_type {
        kind::JPEG | kind::PNG | kind::GIF | kind::WEBP if page > 0 => Err(PreviewError::NoPage),
        kind::JPEG | kind::PNG | kind::GIF | kind::WEBP => picture::draw(media_type, bytes, width),
        kind::PDF => page::draw(bytes, page, width),
        _ => Err(PreviewError::Unsupported),
    })
    .unwrap_or(Err(PreviewError::Damaged))
}

fn encoded(rgba: &[u8], width: u32, height: u32, pages: usize) -> Result<Preview, PreviewError> {
    let mut png = Cursor::new(Vec::new());
    let encoder = PngEncoder::new(&mut png);
    let written = encoder.write_image(rgba, width, height, ExtendedColorType::Rgba8);
    written.map_err(|_| PreviewError::Damaged)?;
    Ok(Preview { png: png.into_inner(), width, height, pages })
}
