//! No file brings the application down, takes all its memory or keeps it busy for ever.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod common;

use std::{
    io::{Cursor, Write},
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
};

use common::{archive, gif, heic, jpeg, png, png_chunk, webp};
use flate2::{Compress, Compression, FlushCompress, Status};
use ledsaga_media::{PreviewError, StripError, kind, preview, strip};
use lopdf::{Dictionary, Document, Object, SaveOptions, Stream, dictionary};
use proptest::prelude::*;
use zip::{ZipArchive, ZipWriter};

const PDF: &str = "application/pdf";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const ODT: &str = "application/vnd.oasis.opendocument.text";

static OURS: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Libraries may panic within the border; our own code never.
fn watch_for_panics() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(std::panic::Location::file).unwrap_or_default();
            if place.starts_with("crates/media/src") || place.starts_with("src/") {
                OURS.store(true, Ordering::Relaxed);
            }
            before(panic);
        }));
    });
}

/// A document with a content stream, resources and what the catalog should have beside.
fn pdf(content: Stream, resources: Dictionary, change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::new();
    let content = document.add_object(content);
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 20.into(), 20.into()],
    });
    let kids = vec![Object::from(page)];
    document.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", dictionary! { "Author" => Object::string_literal(common::AUTHOR) });
    change(&mut document);
    let mut bytes = Vec::new();
    document.save_with_options(&mut bytes, SaveOptions::default()).unwrap();
    bytes
}

fn small_pdf() -> Vec<u8> {
    let content = Stream::new(dictionary! {}, b"0 0 9 9 re f".to_vec());
    pdf(content, Dictionary::new(), |_| {})
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let types = b"<Types/>".as_slice();
    let text = br#"<?xml version="1.0"?><w:p xmlns:w="w"><w:ins w:author="a" w:date="b"/>x &amp; y</w:p>"#;
    let odf = b"<a><office:annotation><dc:creator>k</dc:creator></office:annotation></a>".as_slice();
    vec![
        ("image/jpeg", jpeg(6)),
        ("image/png", png(6)),
        ("image/webp", webp(6)),
        ("image/gif", gif()),
        ("image/heic", heic(6)),
        (PDF, small_pdf()),
        (DOCX, archive(&[("[Content_Types].xml", types), ("word/document.xml", text)])),
        (ODT, archive(&[("mimetype", ODT.as_bytes()), ("content.xml", odf)])),
    ]
}

/// Whatever comes out must be clean: a second time changes nothing.
fn endure(media_type: &str, bytes: &[u8]) {
    watch_for_panics();
    if let Ok(once) = strip(media_type, bytes) {
        let twice = strip(media_type, &once.bytes).unwrap();
        assert!(twice.bytes == once.bytes && twice.removed.is_empty(), "{media_type}: {:?}", twice.removed);
    }
    let _ = preview(media_type, bytes, 0, 8);
    let _ = kind("fil.pdf", bytes);
    assert!(!OURS.load(Ordering::Relaxed), "our own code has panicked");
}

#[test]
fn whole_files_pass() {
    for (media_type, bytes) in files() {
        assert!(strip(media_type, &bytes).is_ok(), "{media_type}");
        endure(media_type, &bytes);
    }
}

#[test]
fn files_cut_anywhere_are_endured() {
    for (media_type, bytes) in files() {
        for end in 0..bytes.len() {
            endure(media_type, &bytes[..end]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn files_with_flipped_bytes_are_endured(
        which in 0..8_usize,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let (media_type, mut bytes) = files().swap_remove(which);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        endure(media_type, &bytes);
    }

    #[test]
    fn files_of_chance_are_endured(
        which in 0..8_usize,
        keep in 0..40_usize,
        chance in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let (media_type, bytes) = files().swap_remove(which);
        endure(media_type, &[&bytes[..keep], &chance].concat());
    }
}

/// Megabytes of one byte, packed to a thousandth.
fn packed_zeroes(megabytes: usize) -> Vec<u8> {
    let mut packer = Compress::new(Compression::best(), true);
    let zeroes = vec![0; 1024 * 1024];
    let mut first = Vec::with_capacity(64 * 1024);
    assert_eq!(packer.compress_vec(&zeroes, &mut first, FlushCompress::Full).unwrap(), Status::Ok);
    // After a full flush a block stands on its own, so it may stand there again and again.
    let block = first[2..].to_vec();
    [first, block.repeat(megabytes - 1), vec![3, 0]].concat()
}

#[test]
fn a_stream_that_becomes_enormous_is_not_drawn() {
    for name in ["FlateDecode", "Fl"] {
        let packed = Stream::new(dictionary! { "Filter" => name }, packed_zeroes(300));
        let bytes = pdf(packed, Dictionary::new(), |_| {});
        assert!(bytes.len() < 1024 * 1024);
        assert_eq!(preview(PDF, &bytes, 0, 100), Err(PreviewError::TooLarge));
        assert!(strip(PDF, &bytes).is_ok(), "cleaning does not unpack it");
    }
}

#[test]
fn an_archive_that_becomes_enormous_is_not_unpacked() {
    let part = archive(&[("word/media/a.emf", &vec![1; 32 * 1024 * 1024])]);
    let mut parts = ZipArchive::new(Cursor::new(part)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..9 {
        writer
            .raw_copy_file_rename(parts.by_index_raw(0).unwrap(), format!("word/media/{number}.emf"))
            .unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert!(bytes.len() < 1024 * 1024);
    assert_eq!(strip(DOCX, &bytes), Err(StripError::TooLarge));
}

#[test]
fn archives_that_show_two_readers_two_things_are_refused() {
    let twice = archive(&[("word/document.xml", b"<a/>"), ("Word/Document.xml", b"<b/>")]);
    assert_eq!(strip(DOCX, &twice), Err(StripError::Damaged));
    let mut many = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..10_001 {
        many.start_file(number.to_string(), zip::write::SimpleFileOptions::default()).unwrap();
        many.write_all(b"x").unwrap();
    }
    assert_eq!(strip(DOCX, &many.finish().unwrap().into_inner()), Err(StripError::TooLarge));
}

#[test]
fn depth_ends() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let bytes = archive(&[("word/document.xml", deep.as_bytes())]);
    assert_eq!(strip(DOCX, &bytes), Err(StripError::Damaged));

    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let bytes =
        String::from_utf8_lossy(&small_pdf()).replace("/Type/Catalog", &format!("/Type/Catalog/X{deep}"));
    endure(PDF, bytes.as_bytes());
}

#[test]
fn pictures_of_enormous_size_are_not_decoded() {
    let mut header = 30_000_u32.to_be_bytes().repeat(2);
    header.extend([8, 6, 0, 0, 0]);
    let bytes =
        [b"\x89PNG\r\n\x1a\n".as_slice(), &png_chunk(b"IHDR", &header), &png_chunk(b"IDAT", &[])].concat();
    assert_eq!(preview("image/png", &bytes, 0, 100), Err(PreviewError::TooLarge));
    let mut bytes = gif();
    bytes[6..10].fill(0xFF);
    assert_eq!(preview("image/gif", &bytes, 0, 100), Err(PreviewError::TooLarge));
    assert_eq!(preview("image/jpeg", &wide_jpeg(), 0, 100), Err(PreviewError::TooLarge));
    assert_eq!(strip("image/jpeg", &vec![0; 50 * 1024 * 1024 + 1]), Err(StripError::TooLarge));
    assert_eq!(preview("image/jpeg", &vec![0; 50 * 1024 * 1024 + 1], 0, 9), Err(PreviewError::TooLarge));
}

/// A small picture that says it is 60,000 points wide and high.
fn wide_jpeg() -> Vec<u8> {
    let mut bytes = common::picture(image::ImageFormat::Jpeg);
    let frame = bytes.windows(4).position(|window| window == [0xFF, 0xC0, 0, 17]).unwrap();
    bytes[frame + 5..frame + 9]
        .copy_from_slice(&[60_000_u16.to_be_bytes(), 60_000_u16.to_be_bytes()].concat());
    bytes
}

#[test]
fn pages_with_pictures_of_enormous_size_are_not_drawn() {
    let with = |entries: Dictionary, bytes: Vec<u8>| {
        let content = Stream::new(dictionary! {}, b"20 0 0 20 0 0 cm /P Do".to_vec());
        pdf(content, Dictionary::new(), |document| {
            let mut stream = Stream::new(entries, bytes);
            stream.dict.set("Subtype", "Image");
            stream.dict.set("ColorSpace", "DeviceGray");
            stream.dict.set("BitsPerComponent", 8);
            let picture = document.add_object(stream);
            let page = document.page_iter().next().unwrap();
            let resources = dictionary! { "XObject" => dictionary! { "P" => picture } };
            document.get_dictionary_mut(page).unwrap().set("Resources", resources);
        })
    };
    let small = || dictionary! { "Width" => 3, "Height" => 2 };
    let mut jpeg = small();
    jpeg.set("Filter", "DCTDecode");
    assert_eq!(preview(PDF, &with(jpeg, wide_jpeg()), 0, 20), Err(PreviewError::TooLarge));
    let mut jpeg_2000 = small();
    jpeg_2000.set("Filter", "JPXDecode");
    let size = [b"\xFF\x4F\xFF\x51\0\x29\0\0".as_slice(), &[0, 1, 0, 0], &[0, 1, 0, 0], &[0; 33]].concat();
    assert_eq!(preview(PDF, &with(jpeg_2000, size), 0, 20), Err(PreviewError::TooLarge));
    let fax = dictionary! {
        "Width" => 3, "Height" => 2, "Filter" => "CCITTFaxDecode",
        "DecodeParms" => dictionary! { "K" => -1, "Columns" => 60_000, "Rows" => 60_000 },
    };
    assert_eq!(preview(PDF, &with(fax, vec![0; 9]), 0, 20), Err(PreviewError::TooLarge));
    let plain = dictionary! { "Width" => 60_000, "Height" => 60_000 };
    assert_eq!(preview(PDF, &with(plain, vec![0; 9]), 0, 20), Err(PreviewError::TooLarge));
    assert!(preview(PDF, &with(small(), vec![0; 6]), 0, 20).is_ok(), "an ordinary one is drawn");
}

/// Forms of which each draws the next one ten times, and the last one a thousand squares.
fn forms(count: usize, in_a_circle: bool) -> Vec<u8> {
    let content = Stream::new(dictionary! {}, b"/F Do".to_vec());
    pdf(content, Dictionary::new(), |document| {
        let mut next = document.add_object(Stream::new(
            dictionary! { "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()] },
            b"0 0 1 1 re f ".repeat(1000),
        ));
        let last = next;
        for _ in 0..count {
            let entries = dictionary! {
                "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()],
                "Resources" => dictionary! { "XObject" => dictionary! { "F" => next } },
            };
            next = document.add_object(Stream::new(entries, b"/F Do ".repeat(10)));
        }
        if in_a_circle {
            let first = document.objects[&next].clone();
            document.objects.insert(last, first);
        }
        let page = document.page_iter().next().unwrap();
        let resources = dictionary! { "XObject" => dictionary! { "F" => next } };
        document.get_dictionary_mut(page).unwrap().set("Resources", resources);
    })
}

#[test]
fn forms_that_multiply_are_not_drawn() {
    assert!(preview(PDF, &forms(1, false), 0, 20).is_ok(), "ten thousand squares are");
    assert_eq!(preview(PDF, &forms(9, false), 0, 20), Err(PreviewError::TooLarge));
    endure(PDF, &forms(1, true));
}
