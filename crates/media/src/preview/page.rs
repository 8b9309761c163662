//! Pages of PDF documents, drawn on white.

use std::collections::BTreeSet;

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
        InterpreterSettings, SoftMask, TransformExt, font::GlyphRun, interpret_page,
    },
    hayro_syntax::{Pdf, page::Page},
    kurbo::{Affine, BezPath, Rect},
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit, color::palette::css::WHITE,
    },
};
use image::{ImageDecoder, ImageReader};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use super::{Preview, PreviewError, SIDE_MAX, encoded};
use crate::{
    guard::guarded,
    pdf::{OpenError, is_named, open},
};

/// Bytes that everything on one page may become when unpacked.
const UNPACKED_MAX: usize = 256 * 1024 * 1024;
/// Deflate cannot do better, so what is smaller cannot become too large.
const RATIO_MAX: usize = 1032;
/// Pixels of one picture on a page.
const PICTURE_MAX: u64 = 120_000_000;
/// Things drawn on one page.
const DRAWN_MAX: u32 = 250_000;

pub(super) fn draw(bytes: &[u8], page: usize, width: u32) -> Result<Preview, PreviewError> {
    let mut document = open(bytes).map_err(|error| match error {
        OpenError::Encrypted => PreviewError::Encrypted,
        OpenError::Damaged => PreviewError::Damaged,
    })?;
    let ids: Vec<ObjectId> = document.page_iter().collect();
    let id = *ids.get(page).ok_or(PreviewError::NoPage)?;
    let mut room = UNPACKED_MAX;
    for object in on_page(&document, id).iter().filter_map(|id| document.objects.get(id)) {
        if let Object::Stream(stream) = object {
            check(&document, stream, &mut room)?;
        }
    }
    // Drawn from what was checked, not from what another reader might find in the same bytes.
    let mut checked = Vec::with_capacity(bytes.len());
    document.save_to(&mut checked).map_err(|_| PreviewError::Damaged)?;
    drop(document);
    let pdf = Pdf::new(checked).map_err(|_| PreviewError::Damaged)?;
    let page = pdf.pages().get(page).ok_or(PreviewError::Damaged)?;
    render(page, width, ids.len())
}

/// The objects that drawing a page can reach: not the pages that its links lead to.
fn on_page(document: &Document, page: ObjectId) -> BTreeSet<ObjectId> {
    fn follow(object: &Object, found: &mut Vec<ObjectId>) {
        let entries = match object {
            Object::Reference(id) => return found.push(*id),
            Object::Array(items) => return items.iter().for_each(|item| follow(item, found)),
            Object::Dictionary(entries) => entries,
            Object::Stream(stream) => &stream.dict,
            _ => return,
        };
        entries.iter().for_each(|(_, value)| follow(value, found));
    }
    let (mut reached, mut open) = (BTreeSet::new(), vec![page]);
    while let Some(id) = open.pop() {
        let Some(object) = document.objects.get(&id) else { continue };
        let another = id != page && object.as_dict().is_ok_and(|other| is_named(other, b"Type", b"Page"));
        // A page inherits from the nodes above, but does not draw its siblings.
        let node = object.as_dict().ok().filter(|node| is_named(node, b"Type", b"Pages"));
        if another || !reached.insert(id) {
            continue;
        }
        match node {
            Some(node) => {
                node.iter()
                    .filter(|(key, _)| *key != b"Kids")
                    .for_each(|(_, value)| follow(value, &mut open));
            }
            None => follow(object, &mut open),
        }
    }
    reached
}

/// Refuses a stream that would become too large.
fn check(document: &Document, stream: &Stream, room: &mut usize) -> Result<(), PreviewError> {
    let filters = filters_of(document, stream);
    let side = |key: &[u8]| stream.dict.get(key).and_then(Object::as_i64).unwrap_or_default().unsigned_abs();
    let parameters = stream.dict.get(b"DecodeParms").and_then(|found| document.dereference(found));
    let fax = parameters.ok().and_then(|(_, found)| match found {
        Object::Array(all) => all.last().and_then(|last| last.as_dict().ok()),
        one => one.as_dict().ok(),
    });
    let fax_side = |key: &[u8]| {
        fax.and_then(|fax| fax.get(key).and_then(Object::as_i64).ok()).unwrap_or_default().unsigned_abs()
    };
    let sides =
        [(side(b"Width"), side(b"Height")), (fax_side(b"Columns"), fax_side(b"Rows").max(side(b"Height")))];
    if sides.iter().any(|(width, height)| width.saturating_mul(*height) > PICTURE_MAX) {
        return Err(PreviewError::TooLarge);
    }
    let Some((last, before)) = filters.split_last() else { return Ok(()) };
    let picture = matches!(last.as_slice(), b"DCTDecode" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode");
    let unpacked = if picture { before } else { &filters };
    let content = match unpacked {
        [] => stream.content.clone(),
        [one] if !picture && one == b"FlateDecode" && stream.content.len() < *room / RATIO_MAX => {
            *room = room.saturating_sub(stream.content.len());
            return Ok(());
        }
        unpacked => {
            let unpacked = unpacked.iter().map(|name| Object::Name(name.clone())).collect();
            let packed =
                Stream::new(dictionary! { "Filter" => Object::Array(unpacked) }, stream.content.clone());
            match packed.decompressed_content_with_limit(*room) {
                Ok(content) => content,
                Err(lopdf::Error::Decompress(_)) => return Err(PreviewError::TooLarge),
                // What cannot be checked is not drawn.
                Err(_) => return Err(PreviewError::Damaged),
            }
        }
    };
    *room = room.saturating_sub(content.len());
    let pixels = match last.as_slice() {
        b"DCTDecode" => jpeg_pixels(&content),
        b"JPXDecode" => jpeg_2000_pixels(&content),
        b"JBIG2Decode" => jbig2_pixels(&content),
        _ => 0,
    };
    if pixels > PICTURE_MAX { Err(PreviewError::TooLarge) } else { Ok(()) }
}

/// The filters of a stream by their full names, in the order in which they unpack.
fn filters_of(document: &Document, stream: &Stream) -> Vec<Vec<u8>> {
    let found = stream.dict.get(b"Filter").and_then(|found| document.dereference(found));
    let names = match found {
        Ok((_, Object::Array(names))) => names.as_slice(),
        Ok((_, name)) => std::slice::from_ref(name),
        Err(_) => &[],
    };
    let direct = names.iter().filter_map(|name| document.dereference(name).ok()?.1.as_name().ok());
    direct.map(|name| full_name(name).to_vec()).collect()
}

/// Inline pictures abbreviate (ISO 32000-1, table 94), and some readers let everyone.
fn full_name(name: &[u8]) -> &[u8] {
    match name {
        b"AHx" => b"ASCIIHexDecode",
        b"A85" => b"ASCII85Decode",
        b"LZW" => b"LZWDecode",
        b"Fl" => b"FlateDecode",
        b"RL" => b"RunLengthDecode",
        b"CCF" => b"CCITTFaxDecode",
        b"DCT" => b"DCTDecode",
        name => name,
    }
}

fn jpeg_pixels(bytes: &[u8]) -> u64 {
    let reader = ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Jpeg);
    let sides = reader.into_decoder().map(|decoder| decoder.dimensions());
    sides.map_or(0, |(width, height)| u64::from(width) * u64::from(height))
}

/// The size marker follows the start of the codestream (ISO/IEC 15444-1, A.5.1).
fn jpeg_2000_pixels(bytes: &[u8]) -> u64 {
    let start = b"\xFF\x4F\xFF\x51";
    let size =
        bytes.windows(start.len()).position(|window| window == start).and_then(|at| bytes.get(at + 8..));
    let sides = size.and_then(|size| Some((number(size)?, number(size.get(4..)?)?)));
    sides.map_or(0, |(width, height)| width.saturating_mul(height))
}

/// The page's size stands in the segment that begins it (ISO/IEC 14492, 7.4.8).
fn jbig2_pixels(bytes: &[u8]) -> u64 {
    // A number, flags of type 48, no references, page 1, nineteen bytes.
    let head = b"\x30\x00\x01\x00\x00\x00\x13";
    let starts = bytes.windows(head.len()).enumerate().filter(|(_, window)| window == head);
    let sizes = starts.filter_map(|(at, _)| bytes.get(at + head.len()..));
    let pixels = sizes.filter_map(|size| Some(number(size)?.saturating_mul(number(size.get(4..)?)?)));
    // An unknown height is all ones, and grows with what is drawn.
    pixels.filter(|pixels| pixels >> 32 == 0).max().unwrap_or(0)
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|four| u64::from(u32::from_be_bytes(*four)))
}

fn render(page: &Page<'_>, width: u32, pages: usize) -> Result<Preview, PreviewError> {
    let (points_wide, points_high) = page.render_dimensions();
    // Narrow and endless pages become narrower yet, so that they fit.
    let fits = |points: f32, pixels: u32| f64::from(pixels) / f64::from(points);
    let scale = fits(points_wide, width).min(fits(points_high, SIDE_MAX));
    let (wide, high) = (pixels(points_wide, scale), pixels(points_high, scale));
    let settings = InterpreterSettings::default();
    let transform = Affine::scale(scale) * page.initial_transform(true).to_kurbo();
    let target = Rect::new(0.0, 0.0, f64::from(wide), f64::from(high));
    // Forms within forms can be drawn a billion times from a small file, so it is counted before it is drawn.
    let counted = guarded(|| {
        let cache = InterpreterCache::new();
        let mut context = Context::new(transform, target, &cache, page.xref(), settings.clone());
        interpret_page(page, &mut context, &mut Counter { left: DRAWN_MAX });
    });
    counted.ok_or(PreviewError::TooLarge)?;
    let mut drawing = RenderContext::new(wide, high);
    render_into(page, &RenderCache::new(), &settings, &RenderSettings::default(), &mut drawing, transform);
    drawing.flush();
    let mut pixmap = Pixmap::new(wide, high);
    let on_white =
        RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    drawing.render_with(&mut pixmap, &mut Resources::default(), on_white);
    // On white nothing is transparent, so colours are what they are.
    encoded(pixmap.data_as_u8_slice(), wide.into(), high.into(), pages)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the longest side")]
fn pixels(points: f32, scale: f64) -> u16 {
    (f64::from(points) * scale).round().clamp(1.0, f64::from(SIDE_MAX)) as u16
}

/// Draws nothing, and stops a page that draws too much.
struct Counter {
    left: u32,
}

impl Counter {
    /// The interpreter cannot be stopped in another way.
    fn count(&mut self) {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => std::panic::resume_unwind(Box::new("too much is drawn")),
        }
    }
}

impl Device<'_> for Counter {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {
        self.count();
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.count();
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {
        self.count();
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, '_>, _: DrawProps<'_>, _: &DrawMode) {
        self.count();
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.count();
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
