//! Pictures: decoded within limits, turned upright, made smaller.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, imageops::FilterType};

use super::{Preview, PreviewError, SIDE_MAX, encoded};
use crate::kind;

/// Pixels of a side that is decoded.
const DECODED_SIDE_MAX: u32 = 20_000;
/// Pixels that are decoded: somewhat more than telephones take by default.
const DECODED_MAX: u64 = 120_000_000;
/// Bytes that a decoder may ask for.
const MEMORY_MAX: u64 = 512 * 1024 * 1024;

pub(super) fn draw(media_type: &str, bytes: &[u8], max_width: u32) -> Result<Preview, PreviewError> {
    let format = match media_type {
        kind::JPEG => ImageFormat::Jpeg,
        kind::PNG => ImageFormat::Png,
        kind::GIF => ImageFormat::Gif,
        _ => ImageFormat::WebP,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(DECODED_SIDE_MAX);
    limits.max_image_height = Some(DECODED_SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > DECODED_MAX || decoder.total_bytes() > MEMORY_MAX {
        return Err(PreviewError::TooLarge);
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(refused)?;
    // Turned after it has become small; then its width may be what was its height.
    let turned = turns(orientation);
    let (wide, high) = if turned { (SIDE_MAX, max_width) } else { (max_width, SIDE_MAX) };
    let mut small = if width > wide || height > high { reduced(decoded, wide, high) } else { decoded };
    small.apply_orientation(orientation);
    let rgba = small.into_rgba8();
    encoded(&rgba, rgba.width(), rgba.height(), 1)
}

fn turns(orientation: image::metadata::Orientation) -> bool {
    (5..=8).contains(&orientation.to_exif())
}

/// Roughly and fast while it is far too large, then well.
fn reduced(image: DynamicImage, wide: u32, high: u32) -> DynamicImage {
    let rough = if image.width() / 3 > wide || image.height() / 3 > high {
        image.thumbnail(wide.saturating_mul(2), high.saturating_mul(2))
    } else {
        image
    };
    rough.resize(wide, high, FilterType::Triangle)
}

fn refused(error: ImageError) -> PreviewError {
    match error {
        ImageError::Limits(_) => PreviewError::TooLarge,
        ImageError::Unsupported(_) => PreviewError::Unsupported,
        _ => PreviewError::Damaged,
    }
}
