//! Office documents say the same without what tells who wrote them, when, where and with what.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod common;

use common::{
    AUTHOR, COMMENT, DEVICE, PLACE, SOFTWARE, archive, cleaned, found, has, has_place, jpeg, part, utf_16,
};
use image::ImageFormat;
use ledsaga_media::{Removed, StripError, kind, strip};

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODT: &str = "application/vnd.oasis.opendocument.text";

const RELS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

fn types(overrides: &str) -> String {
    format!(
        r#"{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>"#
    )
}

fn relationships(list: &[(&str, &str)]) -> String {
    let list: String = list
        .iter()
        .enumerate()
        .map(|(at, (kind, target))| {
            format!(r#"<Relationship Id="rId{at}" Type="{RELS}/{kind}" Target="{target}"/>"#)
        })
        .collect();
    format!(
        r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{list}</Relationships>"#
    )
}

fn core() -> String {
    format!(
        r#"{HEAD}<cp:coreProperties xmlns:cp="a" xmlns:dc="b" xmlns:dcterms="c"><dc:creator>{AUTHOR}</dc:creator><cp:lastModifiedBy>{AUTHOR}</cp:lastModifiedBy><dc:title>{COMMENT}</dc:title><dcterms:created>2021-03-04T05:06:07Z</dcterms:created></cp:coreProperties>"#
    )
}

fn document() -> String {
    format!(
        r#"{HEAD}<!--{COMMENT}--><w:document xmlns:w="w" xmlns:r="r"><w:body><w:p w:rsidR="00KANARIE" w:rsidRDefault="00KANARIE"><w:r><w:t xml:space="preserve">Hej &amp; "välkommen" </w:t></w:r><w:ins w:id="1" w:author="{AUTHOR}" w:date="2021-03-04T05:06:07Z"><w:r><w:t>tillagt</w:t></w:r></w:ins><w:del w:id='2' w:author='{AUTHOR} "K"' w:date='2021-03-04T05:06:07Z'><w:r><w:delText>borttaget</w:delText></w:r></w:del></w:p><w:sdt><w:sdtPr><w:dataBinding w:xpath="/kanarie"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>bunden text</w:t></w:r></w:p></w:sdtContent></w:sdt><pic:cNvPr descr="C:\Users\{AUTHOR}\bild.jpg" name="Bild 1"/><pic:cNvPr descr="En synlig beskrivning"/></w:body></w:document>"#
    )
}

fn docx() -> Vec<u8> {
    let comments = format!(
        r#"{HEAD}<w:comments xmlns:w="w"><w:comment w:id="0" w:author="{AUTHOR}" w:initials="KU" w:date="2021-03-04T05:06:07Z"><w:p><w:r><w:t>synlig kommentar</w:t></w:r></w:p></w:comment></w:comments>"#
    );
    let people = format!(
        r#"{HEAD}<w15:people xmlns:w15="w15"><w15:person w15:author="{AUTHOR}"><w15:presenceInfo w15:providerId="AD" w15:userId="S::kanarina@example.se::1"/></w15:person></w15:people>"#
    );
    let settings = format!(
        r#"{HEAD}<w:settings xmlns:w="w"><w:attachedTemplate r:id="rId0"/><w:rsids><w:rsid w:val="00KANARIE"/></w:rsids><w:docVars><w:docVar w:name="plats" w:val="{PLACE}"/></w:docVars><w:zoom w:percent="100"/></w:settings>"#
    );
    let app = format!(
        "{HEAD}<Properties><Application>{SOFTWARE}</Application><Company>{DEVICE}</Company></Properties>"
    );
    let custom = format!("{HEAD}<Properties><property name=\"plats\">{PLACE}</property></Properties>");
    let overrides = r#"<Override PartName="/customXml/item1.xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/xml"/>"#;
    let thumbnail = [b"kanarie-miniatyr ".as_slice(), &common::picture(ImageFormat::Jpeg)].concat();
    archive(&[
        ("[Content_Types].xml", types(overrides).as_bytes()),
        (
            "_rels/.rels",
            relationships(&[
                ("officeDocument", "word/document.xml"),
                ("metadata/core-properties", "docProps/core.xml"),
                ("extended-properties", "docProps/app.xml"),
                ("custom-properties", "/docProps/own.xml"),
                ("metadata/thumbnail", "docProps/thumbnail.jpeg"),
            ])
            .as_bytes(),
        ),
        ("docProps/core.xml", &utf_16(&core().replace("UTF-8", "UTF-16"))),
        ("docProps/app.xml", app.as_bytes()),
        ("docProps/own.xml", custom.as_bytes()),
        ("docProps/thumbnail.jpeg", &thumbnail),
        ("word/document.xml", document().as_bytes()),
        (
            "word/_rels/document.xml.rels",
            relationships(&[("customXml", "../customXml/item1.xml"), ("image", "media/bild.jpg")]).as_bytes(),
        ),
        ("word/comments.xml", &utf_16(&comments.replace("UTF-8", "UTF-16"))),
        ("word/people.xml", people.as_bytes()),
        ("word/settings.xml", settings.as_bytes()),
        (
            "word/_rels/settings.xml.rels",
            relationships(&[("attachedTemplate", &format!("file:///C:/{AUTHOR}/mall.dotx"))]).as_bytes(),
        ),
        ("word/media/bild.jpg", &jpeg(6)),
        ("word/media/teckning.emf", b"\x01\0\0\0drawn"),
        ("customXml/item1.xml", format!("<a>{PLACE}</a>").as_bytes()),
        ("customXml/itemProps1.xml", b"<a/>"),
    ])
}

fn text_of(bytes: &[u8], name: &str) -> String {
    String::from_utf8(part(bytes, name).unwrap()).unwrap()
}

#[test]
fn a_letter_says_the_same_and_tells_nothing() {
    let bytes = docx();
    let words =
        [AUTHOR, COMMENT, PLACE, DEVICE, SOFTWARE, "00KANARIE", "kanarina@example.se", "kanarie-miniatyr"];
    let (clean, removed) = cleaned(DOCX, &bytes, &[&words[..], &["2021-03-04"]].concat());
    assert!(has_place(&common::unpacked(&bytes, 0)) && !has_place(&common::unpacked(&clean, 0)));
    assert_eq!(kind("brev.docx", &clean), Some(DOCX));
    let expected = format!(
        r#"{HEAD}<w:document xmlns:w="w" xmlns:r="r"><w:body><w:p><w:r><w:t xml:space="preserve">Hej &amp; "välkommen" </w:t></w:r><w:ins w:id="1" w:author="Author"><w:r><w:t>tillagt</w:t></w:r></w:ins><w:del w:id="2" w:author="Author"><w:r><w:delText>borttaget</w:delText></w:r></w:del></w:p><w:sdt><w:sdtPr></w:sdtPr><w:sdtContent><w:p><w:r><w:t>bunden text</w:t></w:r></w:p></w:sdtContent></w:sdt><pic:cNvPr name="Bild 1"/><pic:cNvPr descr="En synlig beskrivning"/></w:body></w:document>"#
    );
    assert_eq!(text_of(&clean, "word/document.xml"), expected);
    assert!(text_of(&clean, "word/comments.xml").contains("synlig kommentar"));
    assert!(text_of(&clean, "word/comments.xml").starts_with(r#"<?xml version="1.0" encoding="UTF-8"?>"#));
    assert!(text_of(&clean, "word/settings.xml").contains(r#"<w:zoom w:percent="100"/>"#));
    assert_eq!(part(&clean, "word/media/teckning.emf").unwrap(), b"\x01\0\0\0drawn");
    assert!(text_of(&clean, "[Content_Types].xml").contains("/word/document.xml"));
    for gone in ["customXml/item1.xml", "customXml/itemProps1.xml", "docProps/thumbnail.jpeg"] {
        assert_eq!(part(&clean, gone), None);
        for names in ["[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"] {
            assert!(
                !text_of(&clean, names).contains(gone.rsplit('/').next().unwrap()),
                "{names} names {gone}"
            );
        }
    }
    for told in [
        Removed::Place,
        Removed::Author,
        Removed::Device,
        Removed::Software,
        Removed::Time,
        Removed::Comment,
        Removed::Thumbnail,
        Removed::Other,
    ] {
        assert!(removed.contains(&told), "{told:?}");
    }
    let before = image::load_from_memory(&part(&bytes, "word/media/bild.jpg").unwrap()).unwrap();
    let after = image::load_from_memory(&part(&clean, "word/media/bild.jpg").unwrap()).unwrap();
    assert!(before == after, "the picture in the letter has the same pixels");
}

#[test]
fn a_sheet_keeps_its_cells_and_notes() {
    let workbook = format!(
        r#"{HEAD}<workbook xmlns="m"><fileSharing userName="{AUTHOR}"/><mc:AlternateContent><mc:Choice Requires="x15"><x15ac:absPath url="C:\Users\{AUTHOR}\"/></mc:Choice></mc:AlternateContent></workbook>"#
    );
    let sheet = format!(
        r#"{HEAD}<worksheet xmlns="m" xmlns:r="r"><sheetData><row r="1"><c r="A1"><v>4711</v></c></row></sheetData><pageSetup paperSize="9" r:id="rId0"/></worksheet>"#
    );
    let comments = format!(
        r#"{HEAD}<comments xmlns="m"><authors><author>{AUTHOR}</author><author>tc={{1}}</author></authors><commentList><comment ref="A1" authorId="0"><text><r><t>{AUTHOR}:</t></r><r><t xml:space="preserve">
synlig anteckning</t></r></text></comment><comment ref="A2" authorId="0"><text><t>{AUTHOR}: kort anteckning</t></text></comment></commentList></comments>"#
    );
    let threads = format!(
        r#"{HEAD}<ThreadedComments xmlns="t"><threadedComment ref="A1" dT="2021-03-04T05:06:07.00" personId="{{1}}" id="{{2}}"><text>synligt svar</text></threadedComment></ThreadedComments>"#
    );
    let persons = format!(
        r#"{HEAD}<personList xmlns="t"><person displayName="{AUTHOR}" id="{{1}}" userId="{DEVICE}" providerId="AD"/></personList>"#
    );
    let pivot = format!(
        r#"{HEAD}<pivotCacheDefinition xmlns="m" refreshedBy="{AUTHOR}" refreshedDate="44259.2" recordCount="1"/>"#
    );
    let bytes = archive(&[
        ("[Content_Types].xml", types("").as_bytes()),
        ("_rels/.rels", relationships(&[("officeDocument", "xl/workbook.xml")]).as_bytes()),
        ("docProps/core.xml", core().as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            relationships(&[("printerSettings", "../printerSettings/one.bin")]).as_bytes(),
        ),
        ("xl/printerSettings/one.bin", &utf_16(PLACE)),
        ("xl/comments1.xml", comments.as_bytes()),
        ("xl/threadedComments/threadedComment1.xml", threads.as_bytes()),
        ("xl/persons/person.xml", persons.as_bytes()),
        ("xl/pivotCache/pivotCacheDefinition1.xml", pivot.as_bytes()),
    ]);
    let (clean, removed) = cleaned(XLSX, &bytes, &[AUTHOR, DEVICE, PLACE, COMMENT, "2021-03-04", "44259.2"]);
    assert_eq!(kind("lista.xlsx", &clean), Some(XLSX));
    assert!(text_of(&clean, "xl/worksheets/sheet1.xml").contains(r#"<c r="A1"><v>4711</v></c>"#));
    assert!(text_of(&clean, "xl/worksheets/sheet1.xml").contains(r#"<pageSetup paperSize="9"/>"#));
    let notes = text_of(&clean, "xl/comments1.xml");
    assert!(
        notes.contains("<author>Author</author><author>tc={1}</author>"),
        "answers still find their thread"
    );
    assert!(notes.contains("<t>Author:</t>") && notes.contains("synlig anteckning"));
    assert!(notes.contains("<t>Author: kort anteckning</t>"));
    assert!(text_of(&clean, "xl/threadedComments/threadedComment1.xml").contains("synligt svar"));
    assert_eq!(part(&clean, "xl/printerSettings/one.bin"), None);
    assert!(removed.contains(&Removed::Device) && removed.contains(&Removed::Time));
}

#[test]
fn a_presentation_keeps_its_slides_and_comments() {
    let authors = format!(
        r#"{HEAD}<p:cmAuthorLst xmlns:p="p"><p:cmAuthor id="0" name="{AUTHOR}" initials="KU"/></p:cmAuthorLst>"#
    );
    let modern = format!(
        r#"{HEAD}<p188:authorLst xmlns:p188="q"><p188:author id="{{1}}" name="{AUTHOR}" initials="KU" userId="{DEVICE}" providerId="AD"/></p188:authorLst>"#
    );
    let comments = format!(
        r#"{HEAD}<p:cmLst xmlns:p="p"><p:cm authorId="0" dt="2021-03-04T05:06:07" idx="1"><p:text>synlig kommentar</p:text></p:cm></p:cmLst>"#
    );
    let bytes = archive(&[
        ("[Content_Types].xml", types("").as_bytes()),
        ("_rels/.rels", relationships(&[("officeDocument", "ppt/presentation.xml")]).as_bytes()),
        ("ppt/presentation.xml", b"<p:presentation xmlns:p='p'/>"),
        ("ppt/commentAuthors.xml", authors.as_bytes()),
        ("ppt/authors.xml", modern.as_bytes()),
        ("ppt/comments/comment1.xml", comments.as_bytes()),
    ]);
    let (clean, _) = cleaned(PPTX, &bytes, &[AUTHOR, DEVICE, "2021-03-04"]);
    assert_eq!(kind("bilder.pptx", &clean), Some(PPTX));
    assert!(text_of(&clean, "ppt/comments/comment1.xml").contains("synlig kommentar"));
}

fn odt(manifest: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:dc="d" xmlns:text="t"><text:tracked-changes><text:changed-region><text:insertion><office:change-info><dc:creator>{AUTHOR}</dc:creator><dc:date>2021-03-04T05:06:07</dc:date></office:change-info></text:insertion></text:changed-region></text:tracked-changes><text:p officeooo:rsid="00KANARIE">Hej<office:annotation><dc:creator>{AUTHOR}</dc:creator><dc:date>2021-03-04T05:06:07</dc:date><meta:creator-initials>KU-{DEVICE}</meta:creator-initials><text:p>synlig kommentar</text:p></office:annotation></text:p></office:document-content>"#
    );
    let settings = format!(
        r#"<?xml version="1.0"?><s xmlns:config="c"><config:config-item config:name="PrinterName">{PLACE}</config:config-item><config:config-item config:name="Zoom">1</config:config-item></s>"#
    );
    let meta = format!(
        r#"<?xml version="1.0"?><m xmlns:meta="m" xmlns:dc="d"><meta:initial-creator>{AUTHOR}</meta:initial-creator><meta:generator>{SOFTWARE}</meta:generator><dc:title>{COMMENT}</dc:title></m>"#
    );
    archive(&[
        ("mimetype", ODT.as_bytes()),
        ("content.xml", content.as_bytes()),
        ("meta.xml", &utf_16(&meta)),
        ("settings.xml", settings.as_bytes()),
        ("Object 1/meta.xml", meta.as_bytes()),
        ("Pictures/bild.jpg", &jpeg(3)),
        ("Thumbnails/thumbnail.png", b"kanarie-miniatyr"),
        ("Versions/Version1", b"kanarie-version"),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

#[test]
fn an_opendocument_says_the_same_and_tells_nothing() {
    let manifest = r#"<m:manifest xmlns:m="m"><m:file-entry m:full-path="content.xml"/><m:file-entry m:full-path="Thumbnails/thumbnail.png"/></m:manifest>"#;
    let bytes = odt(manifest);
    let words =
        [AUTHOR, COMMENT, DEVICE, PLACE, SOFTWARE, "00KANARIE", "kanarie-miniatyr", "kanarie-version"];
    let (clean, removed) = cleaned(ODT, &bytes, &words);
    assert!(has_place(&common::unpacked(&bytes, 0)) && !has_place(&common::unpacked(&clean, 0)));
    assert_eq!(kind("brev.odt", &clean), Some(ODT), "the type still stands first and unpacked");
    let content = text_of(&clean, "content.xml");
    assert!(content.contains("<text:p>Hej<office:annotation>") && content.contains("synlig kommentar"));
    assert!(content.contains("<dc:creator>Author</dc:creator><dc:date>2000-01-01T00:00:00</dc:date>"));
    assert!(text_of(&clean, "settings.xml").contains("Zoom"));
    assert!(!text_of(&clean, "META-INF/manifest.xml").contains("Thumbnails"));
    assert!(removed.contains(&Removed::EarlierVersion) && removed.contains(&Removed::Thumbnail));
}

#[test]
fn what_would_break_or_cannot_be_seen_is_left_alone() {
    let encrypted = r#"<m:manifest xmlns:m="m"><m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>"#;
    assert_eq!(strip(ODT, &odt(encrypted)), Err(StripError::Encrypted));
    let signed = archive(&[("META-INF/documentsignatures.xml", b"<a/>")]);
    assert_eq!(strip(ODT, &signed), Err(StripError::Signed));
    let signed = archive(&[("_xmlsignatures/sig1.xml", b"<a/>")]);
    assert_eq!(strip(DOCX, &signed), Err(StripError::Signed));
    let old = archive(&[("word/embeddings/ole.bin", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")]);
    assert_eq!(strip(DOCX, &old), Err(StripError::Embedded));
    let photograph = archive(&[("word/media/bild.tif", b"II*\0\x08\0\0\0")]);
    assert_eq!(strip(DOCX, &photograph), Err(StripError::Embedded));
    let entities = archive(&[("word/document.xml", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>")]);
    assert_eq!(strip(DOCX, &entities), Err(StripError::Damaged));
}

#[test]
fn a_sheet_in_a_letter_is_cleaned_too() {
    let inner = archive(&[
        ("[Content_Types].xml", types("").as_bytes()),
        ("docProps/core.xml", core().as_bytes()),
        ("xl/workbook.xml", b"<workbook/>"),
    ]);
    let bytes = archive(&[
        ("[Content_Types].xml", types("").as_bytes()),
        ("word/document.xml", b"<w:document xmlns:w='w'/>"),
        ("word/embeddings/blad.xlsx", &inner),
    ]);
    let (clean, removed) = cleaned(DOCX, &bytes, &[AUTHOR, COMMENT]);
    assert!(removed.contains(&Removed::Author));
    assert!(has(&part(&clean, "word/embeddings/blad.xlsx").unwrap(), b"xl/workbook.xml"));
    assert!(found(&clean, &["xl/workbook.xml"]).len() == 1);
}

#[test]
fn documents_in_documents_end_somewhere() {
    let mut bytes = archive(&[("[Content_Types].xml", types("").as_bytes()), ("word/document.xml", b"<a/>")]);
    for _ in 0..4 {
        bytes = archive(&[
            ("[Content_Types].xml", types("").as_bytes()),
            ("word/document.xml", b"<a/>"),
            ("word/embeddings/brev.docx", &bytes),
        ]);
    }
    assert_eq!(strip(DOCX, &bytes), Err(StripError::Embedded));
}
