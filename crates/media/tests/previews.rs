//! What the window gets is pixels: upright, small enough, and nothing else.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod common;

use common::{found, gif, jpeg, picture, png, webp};
use image::{ImageFormat, Rgb, RgbImage, RgbaImage};
use ledsaga_media::{Preview, PreviewError, preview};
use lopdf::{Document, Object, Stream, dictionary};

const PDF: &str = "application/pdf";

fn pixels(preview: &Preview) -> RgbaImage {
    let image = image::load_from_memory_with_format(&preview.png, ImageFormat::Png).unwrap().into_rgba8();
    assert_eq!((image.width(), image.height()), (preview.width, preview.height));
    image
}

fn chunks(png: &[u8]) -> Vec<String> {
    let (mut rest, mut kinds) = (&png[8..], Vec::new());
    while let [a, b, c, d, ..] = *rest {
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap();
        kinds.push(String::from_utf8(rest[4..8].to_vec()).unwrap());
        rest = &rest[length + 12..];
    }
    kinds.dedup();
    kinds
}

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let dark_left = |x, _| if x < width / 2 { Rgb([0, 0, 0]) } else { Rgb([255, 255, 255]) };
    RgbImage::from_fn(width, height, dark_left).write_to(&mut file, format).unwrap();
    file.into_inner()
}

#[test]
fn every_kind_of_picture_becomes_plain_pixels() {
    let files =
        [("image/jpeg", jpeg(1)), ("image/png", png(1)), ("image/webp", webp(1)), ("image/gif", gif())];
    for (media_type, bytes) in files {
        let shown = preview(media_type, &bytes, 0, 800).unwrap();
        assert_eq!((shown.width, shown.height, shown.pages), (3, 2, 1), "{media_type}: never enlarged");
        assert_eq!(chunks(&shown.png), ["IHDR", "IDAT", "IEND"], "{media_type}");
        assert!(found(&shown.png, &[common::AUTHOR, common::PLACE]).is_empty());
        assert_eq!(preview(media_type, &bytes, 1, 800), Err(PreviewError::NoPage));
    }
    let exact = pixels(&preview("image/png", &picture(ImageFormat::Png), 0, 800).unwrap());
    assert!(exact == common::points().into_rgba8());
}

#[test]
fn a_turned_picture_stands_upright() {
    for (media_type, bytes) in [("image/jpeg", jpeg(6)), ("image/png", png(6)), ("image/webp", webp(6))] {
        let shown = preview(media_type, &bytes, 0, 800).unwrap();
        assert_eq!((shown.width, shown.height), (2, 3), "{media_type}");
    }
    let upright = pixels(&preview("image/png", &png(6), 0, 800).unwrap());
    let lying = common::points().into_rgba8();
    assert_eq!(upright.get_pixel(1, 0), lying.get_pixel(0, 0), "clockwise");
}

#[test]
fn a_large_picture_becomes_as_wide_as_asked() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let shown = preview(format.to_mime_type(), &encoded(1200, 300, format), 0, 100).unwrap();
        assert_eq!((shown.width, shown.height), (100, 25));
        let image = pixels(&shown);
        assert!(image.get_pixel(10, 10)[0] < 20 && image.get_pixel(90, 10)[0] > 235);
    }
    let shown = preview("image/png", &encoded(3, 9000, ImageFormat::Png), 0, 4000).unwrap();
    assert!(shown.height <= 4096, "endless pictures end");
    assert_eq!(preview("image/png", &encoded(8, 8, ImageFormat::Png), 0, 0).unwrap().width, 1);
}

/// Two pages of other sizes, the second one turned, with a black square in the lower left.
fn document() -> Vec<u8> {
    let mut document = Document::new();
    let content = document.add_object(Stream::new(dictionary! {}, b"0 0 50 50 re f".to_vec()));
    let pages = document.new_object_id();
    let page = |width: i64, turned: i64| {
        let sides = vec![0.into(), 0.into(), width.into(), 100.into()];
        dictionary! {
            "Type" => "Page", "Parent" => pages, "Contents" => content, "MediaBox" => sides, "Rotate" => turned,
        }
    };
    let kids: Vec<Object> =
        [page(100, 0), page(200, 90)].into_iter().map(|page| document.add_object(page).into()).collect();
    document.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 2 }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn pages_are_drawn_on_white() {
    let bytes = document();
    let first = preview(PDF, &bytes, 0, 200).unwrap();
    assert_eq!((first.width, first.height, first.pages), (200, 200, 2));
    assert_eq!(chunks(&first.png), ["IHDR", "IDAT", "IEND"]);
    let image = pixels(&first);
    assert_eq!(image.get_pixel(20, 180).0, [0, 0, 0, 255], "the square");
    assert_eq!(image.get_pixel(180, 20).0, [255, 255, 255, 255], "the paper");
    let second = preview(PDF, &bytes, 1, 200).unwrap();
    assert_eq!((second.width, second.height), (200, 400));
    assert_eq!(pixels(&second).get_pixel(20, 20).0, [0, 0, 0, 255], "turned clockwise");
    assert_eq!(preview(PDF, &bytes, 2, 200), Err(PreviewError::NoPage));
}

#[test]
fn what_cannot_be_shown_is_said() {
    assert_eq!(preview("image/heic", b"....ftypheic", 0, 100), Err(PreviewError::Unsupported));
    assert_eq!(preview("text/plain", b"hej", 0, 100), Err(PreviewError::Unsupported));
    assert_eq!(preview("image/png", b"hej", 0, 100), Err(PreviewError::Damaged));
    assert_eq!(preview(PDF, b"%PDF-1.7", 0, 100), Err(PreviewError::Damaged));
}
