//! PDF documents show the same pages without what tells who made them, when and with what.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod common;

use common::{AUTHOR, COMMENT, DEVICE, PLACE, SOFTWARE, cleaned, found, has_place, jpeg, utf_16, xmp};
use ledsaga_media::{Removed, StripError, kind, preview, strip};
use lopdf::{
    Dictionary, Document, IncrementalDocument, Object, SaveOptions, Stream, StringFormat, dictionary,
};

const PDF: &str = "application/pdf";
const SHOWN: &str = "Ansokan om bygglov";

fn wide(text: &str) -> Object {
    Object::String(utf_16(text), StringFormat::Hexadecimal)
}

/// Two pages with text, a photograph, a note and a field, and traces in every place.
fn document() -> Document {
    let mut document = Document::new();
    let metadata =
        |bytes: Vec<u8>| Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, bytes);
    let plain = document.add_object(metadata(xmp().into_bytes()));
    let mut packed = metadata(utf_16(&xmp()));
    packed.compress().unwrap();
    let packed = document.add_object(packed);
    let font = document
        .add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let photograph = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 3, "Height" => 2, "BitsPerComponent" => 8,
        "ColorSpace" => "DeviceRGB", "Filter" => "DCTDecode", "Metadata" => packed,
    };
    let photograph = document.add_object(Stream::new(photograph, jpeg(6)));
    let resources = dictionary! {
        "Font" => dictionary! { "F1" => font },
        // A name that only looks like metadata.
        "XObject" => dictionary! { "Metadata" => photograph },
    };
    let content = format!("BT /F1 24 Tf 50 700 Td ({SHOWN}) Tj ET q 200 0 0 100 50 500 cm /Metadata Do Q");
    let content = document.add_object(Stream::new(dictionary! {}, content.into_bytes()));
    let note = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Text", "Rect" => vec![10.into(), 10.into(), 30.into(), 30.into()],
        "T" => wide(AUTHOR), "M" => Object::string_literal("D:20210304050607"),
        "CreationDate" => Object::string_literal("D:20210304050607"), "Contents" => wide("Synlig anteckning"),
    });
    let field = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("namn"),
        "Rect" => vec![10.into(), 50.into(), 90.into(), 70.into()], "V" => Object::string_literal("synligt"),
    });
    let thumbnail = document.add_object(Stream::new(
        dictionary! { "Width" => 1, "Height" => 1, "BitsPerComponent" => 8, "ColorSpace" => "DeviceGray" },
        vec![0],
    ));
    let pages = document.new_object_id();
    let page = |annotations: Vec<Object>| {
        dictionary! {
            "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources.clone(),
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()], "Annots" => annotations,
            "Thumb" => thumbnail, "LastModified" => Object::string_literal("D:20210304050607"),
            "PieceInfo" => dictionary! {
                "Kanarie" => dictionary! { "Private" => Object::string_literal(DEVICE) },
            },
        }
    };
    let first = document.add_object(page(vec![note.into(), field.into()]));
    let second = document.add_object(page(Vec::new()));
    let kids = vec![first.into(), second.into()];
    document.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 2 }.into());
    let catalog = document.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => pages, "Metadata" => plain, "Lang" => Object::string_literal("sv-SE"),
        "AcroForm" => dictionary! { "Fields" => vec![Object::from(field)] },
    });
    let info = document.add_object(dictionary! {
        "Author" => wide(AUTHOR), "Creator" => Object::string_literal(SOFTWARE), "Title" => wide(COMMENT),
        "CreationDate" => Object::string_literal("D:20210304050607+01'00'"), "Plats" => wide(PLACE),
    });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", info);
    document
        .trailer
        .set("ID", vec![Object::string_literal("kanarie-id"), Object::string_literal("kanarie-id")]);
    document
}

fn saved(mut document: Document, packed: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = SaveOptions::builder().use_object_streams(packed).use_xref_streams(packed).build();
    if !packed {
        document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
    }
    document.save_with_options(&mut bytes, options).unwrap();
    bytes
}

fn texts(bytes: &[u8]) -> Vec<String> {
    let document = Document::load_mem(bytes).unwrap();
    document.get_pages().keys().map(|page| document.extract_text(&[*page]).unwrap()).collect()
}

fn pixels(bytes: &[u8]) -> Vec<Vec<u8>> {
    (0..2).map(|page| preview(PDF, bytes, page, 300).unwrap().png).collect()
}

fn dictionaries(bytes: &[u8], wanted: impl Fn(&Dictionary) -> bool) -> Vec<Dictionary> {
    let document = Document::load_mem(bytes).unwrap();
    let all = document.objects.values().filter_map(|object| object.as_dict().ok());
    all.filter(|dictionary| wanted(dictionary)).cloned().collect()
}

#[test]
fn pages_stay_and_traces_go() {
    for packed in [false, true] {
        let bytes = saved(document(), packed);
        assert!(has_place(&bytes));
        let words = [AUTHOR, SOFTWARE, COMMENT, PLACE, DEVICE, "kanarie-id", "D:20210304050607"];
        let (clean, removed) = cleaned(PDF, &bytes, &words);
        assert!(!has_place(&clean), "the photograph's own metadata goes too");
        assert_eq!(kind("intyg.pdf", &clean), Some(PDF));
        assert_eq!(texts(&clean), texts(&bytes));
        assert!(texts(&clean).iter().all(|text| text.contains(SHOWN)));
        assert!(pixels(&clean) == pixels(&bytes), "the pages look the same");
        assert!(!found(&clean, &["Synlig anteckning"]).is_empty(), "what a note says is content");
        let fields = dictionaries(&clean, |field| field.has(b"FT"));
        assert_eq!(fields.len(), 1);
        assert_eq!(fields[0].get(b"T").unwrap().as_str().unwrap(), b"namn", "a field keeps its name");
        assert_eq!(fields[0].get(b"V").unwrap().as_str().unwrap(), b"synligt");
        for gone in [
            Removed::Place,
            Removed::Author,
            Removed::Device,
            Removed::Software,
            Removed::Time,
            Removed::Comment,
            Removed::Thumbnail,
            Removed::Other,
        ] {
            assert!(removed.contains(&gone), "{gone:?}");
        }
        assert!(!removed.contains(&Removed::EarlierVersion));
    }
}

#[test]
fn what_an_earlier_revision_said_is_gone() {
    let bytes = saved(document(), false);
    let previous = Document::load_mem(&bytes).unwrap();
    let mut changed = IncrementalDocument::create_from(bytes, previous.clone());
    let content = previous.get_page_contents(*previous.get_pages().get(&1).unwrap())[0];
    let text = b"BT /F1 24 Tf 50 700 Td (Ny text) Tj ET".to_vec();
    changed.new_document.set_object(content, Stream::new(dictionary! {}, text));
    let mut bytes = Vec::new();
    changed.save_to(&mut bytes).unwrap();
    assert!(texts(&bytes)[0].contains("Ny text"));
    let (clean, removed) = cleaned(PDF, &bytes, &[SHOWN, AUTHOR]);
    assert!(texts(&clean)[0].contains("Ny text"));
    assert!(removed.contains(&Removed::EarlierVersion));
}

#[test]
fn a_photograph_packed_twice_is_cleaned() {
    let mut document = document();
    for object in document.objects.values_mut() {
        if let Ok(stream) = object.as_stream_mut()
            && stream.dict.get(b"Filter").and_then(Object::as_name).is_ok_and(|name| name == b"DCTDecode")
        {
            let mut packed = Stream::new(dictionary! {}, stream.content.repeat(1));
            packed.content.extend([0; 4096]);
            packed.compress().unwrap();
            stream.set_content(packed.content);
            stream.dict.set("Filter", vec![Object::from("FlateDecode"), Object::from("DCTDecode")]);
        }
    }
    let bytes = saved(document, false);
    assert!(!has_place(&bytes), "nobody sees it without unpacking");
    let (clean, _) = cleaned(PDF, &bytes, &[AUTHOR]);
    assert!(!has_place(&common::unpacked(&clean, 0)));
    assert!(!has_place(&clean));
    assert!(pixels(&clean) == pixels(&bytes));
}

#[test]
fn a_document_without_traces_has_nothing_to_take_away() {
    let clean = strip(PDF, &saved(document(), true)).unwrap().bytes;
    assert_eq!(strip(PDF, &clean).unwrap().removed, []);
}

#[test]
fn what_would_break_or_cannot_be_seen_is_left_alone() {
    let with = |key: &str, value: Object| {
        let mut document = document();
        document.catalog_mut().unwrap().set(key, value);
        saved(document, false)
    };
    let signature = dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 1.into()] };
    assert_eq!(strip(PDF, &with("Perms", signature.into())), Err(StripError::Signed));
    let file = dictionary! { "Type" => "Filespec", "EF" => dictionary! {} };
    assert_eq!(strip(PDF, &with("AF", vec![Object::from(file)].into())), Err(StripError::Embedded));
    let mut encrypted = document();
    encrypted.trailer.set("Encrypt", dictionary! { "Filter" => "Standard", "V" => 9 });
    assert_eq!(strip(PDF, &saved(encrypted, false)), Err(StripError::Encrypted));
    assert_eq!(strip(PDF, b"%PDF-1.7\nhej"), Err(StripError::Damaged));
}

#[test]
fn a_document_that_refers_to_what_cannot_be_read_is_damaged() {
    let bytes = saved(document(), false);
    let whole = String::from_utf8_lossy(&bytes).find("endobj").unwrap();
    let mut broken = bytes.clone();
    broken[whole..whole + 6].copy_from_slice(b"xxxxxx");
    // The first object is the font or metadata; either way nothing may vanish without a word.
    if let Ok(stripped) = strip(PDF, &broken) {
        assert_eq!(texts(&stripped.bytes), texts(&bytes));
    }
}
