//! Files with traces in every place, and the search for them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests may; not every test uses everything"
)]

use std::io::{Cursor, Read, Write};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use ledsaga_media::{Removed, strip};
use lopdf::Document;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Words that must be gone, each from its own place.
pub const AUTHOR: &str = "Kanarina Upphovsson";
pub const DEVICE: &str = "Kanariekamera 7";
pub const COMMENT: &str = "taget bakom kanariehuset";
pub const PLACE: &str = "Kanariegatan 4";
pub const SOFTWARE: &str = "Kanarieredigeraren";
pub const TIME: &str = "2021:03:04 05:06:07";
/// Seconds of a degree that stand nowhere else.
pub const GPS_SECONDS: u32 = 0x4B1D_C0DE;

/// A word in every encoding that a file may hold it in.
pub fn spelled(word: &str) -> [Vec<u8>; 3] {
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(bytes).collect();
    [word.as_bytes().to_vec(), utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes)]
}

pub fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Which of the words a file holds, packed or not.
pub fn found<'a>(bytes: &[u8], words: &[&'a str]) -> Vec<&'a str> {
    let all = unpacked(bytes, 0);
    let holds = |word: &str| spelled(word).iter().any(|spelling| has(&all, spelling));
    words.iter().copied().filter(|word| holds(word)).collect()
}

/// The bytes of a file and of everything that is packed in it.
pub fn unpacked(bytes: &[u8], depth: u8) -> Vec<u8> {
    let mut all = bytes.to_vec();
    if depth > 3 {
        return all;
    }
    if let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) {
        for index in 0..archive.len() {
            let mut part = Vec::new();
            let mut entry = archive.by_index(index).unwrap();
            entry.read_to_end(&mut part).unwrap();
            all.extend(unpacked(&part, depth + 1));
        }
    } else if let Ok(document) = Document::load_mem(bytes) {
        for object in document.objects.values() {
            all.extend(format!("{object:?}").into_bytes());
            if let Ok(stream) = object.as_stream() {
                all.extend(stream.get_plain_content().unwrap_or_default());
            }
            strings(object, &mut all);
        }
    }
    all
}

fn strings(object: &lopdf::Object, all: &mut Vec<u8>) {
    match object {
        lopdf::Object::String(bytes, _) => all.extend(bytes),
        lopdf::Object::Array(items) => items.iter().for_each(|item| strings(item, all)),
        lopdf::Object::Dictionary(entries) => entries.iter().for_each(|(_, value)| strings(value, all)),
        lopdf::Object::Stream(stream) => stream.dict.iter().for_each(|(_, value)| strings(value, all)),
        _ => {}
    }
}

/// Cleans a file in which all the words are, and in which none may be after. A second time changes nothing.
pub fn cleaned(media_type: &str, bytes: &[u8], words: &[&str]) -> (Vec<u8>, Vec<Removed>) {
    assert_eq!(found(bytes, words), words, "the search finds them before");
    let once = strip(media_type, bytes).unwrap();
    assert_eq!(found(&once.bytes, words), Vec::<&str>::new(), "{media_type}");
    let twice = strip(media_type, &once.bytes).unwrap();
    assert_eq!(twice.removed, [], "{media_type}: the second time there is nothing left to take");
    assert!(twice.bytes == once.bytes, "{media_type}: the second time gives the same bytes");
    (once.bytes, once.removed)
}

/// EXIF with place, device, owner, words, times and a thumbnail, turned as said.
pub fn exif(orientation: u16, big: bool) -> Vec<u8> {
    let short = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let long = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut heap: Vec<u8> = Vec::new();
    // Nine entries, four, three and one; the heap follows them all.
    let sizes = [2 + 9 * 12 + 4, 2 + 4 * 12 + 4, 2 + 3 * 12 + 4, 2 + 2 * 12 + 4];
    let starts: Vec<u32> = sizes.iter().scan(8, |at, size| Some(std::mem::replace(at, *at + size))).collect();
    let heap_start = 8 + sizes.iter().sum::<u32>();
    let mut text = |tag: u16, kind: u16, value: &[u8]| {
        let at = heap_start + u32::try_from(heap.len()).unwrap();
        heap.extend(value);
        let size = match kind {
            5 => 8,
            _ => 1,
        };
        let count = u32::try_from(value.len()).unwrap() / size;
        [short(tag).as_slice(), &short(kind), &long(count), &long(at)].concat()
    };
    let ascii = |word: &str| [word.as_bytes(), &[0]].concat();
    let wide: Vec<u8> = COMMENT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let degrees: Vec<u8> = [57, 1, 42, 1, GPS_SECONDS, 100].into_iter().flat_map(long).collect();
    let pointer = |tag: u16, at: u32| [short(tag).as_slice(), &short(4), &long(1), &long(at)].concat();
    let turned = [short(0x0112).as_slice(), &short(3), &long(1), &short(orientation), &[0, 0]].concat();
    let first = [
        text(0x010E, 2, &ascii(COMMENT)),
        text(0x010F, 2, &ascii(DEVICE)),
        turned,
        text(0x0131, 2, &ascii(SOFTWARE)),
        text(0x0132, 2, &ascii(TIME)),
        text(0x013B, 2, &ascii(AUTHOR)),
        pointer(0x8769, starts[1]),
        pointer(0x8825, starts[2]),
        text(0x9C9C, 1, &wide),
    ];
    let camera = [
        text(0x9003, 2, &ascii(TIME)),
        text(0x927C, 7, DEVICE.as_bytes()),
        text(0x9286, 7, &[b"ASCII\0\0\0", COMMENT.as_bytes()].concat()),
        text(0xA431, 2, &ascii("KANARIE-0001")),
    ];
    let place = [text(2, 5, &degrees), text(4, 5, &degrees), text(0x1B, 7, PLACE.as_bytes())];
    let thumbnail = picture(ImageFormat::Jpeg);
    let small = [text(0x0201, 7, &thumbnail), pointer(0x0202, u32::try_from(thumbnail.len()).unwrap())];
    let directory = |entries: &[Vec<u8>], next: u32| {
        [short(u16::try_from(entries.len()).unwrap()).as_slice(), &entries.concat(), &long(next)].concat()
    };
    let mark = if big { b"MM" } else { b"II" };
    [
        [mark.as_slice(), &short(42), &long(8)].concat(),
        directory(&first, starts[3]),
        directory(&camera, 0),
        directory(&place, 0),
        directory(&small, 0),
        heap,
    ]
    .concat()
}

/// The seconds as they stand in either byte order.
pub fn has_place(bytes: &[u8]) -> bool {
    has(bytes, &GPS_SECONDS.to_be_bytes()) || has(bytes, &GPS_SECONDS.to_le_bytes())
}

pub fn xmp() -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description exif:GPSLatitude='57,42.7N' xmp:CreatorTool='{SOFTWARE}' tiff:Model='{DEVICE}' \
         photoshop:City='{PLACE}'><dc:creator>{AUTHOR}</dc:creator><dc:description>{COMMENT}</dc:description>\
         </rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

pub fn utf_16(text: &str) -> Vec<u8> {
    [vec![0xFE, 0xFF], text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat()
}

/// Three by two points, every one of another colour.
pub fn points() -> DynamicImage {
    let colour = |x: u32, y: u32| Rgb([u8::try_from(x * 80).unwrap(), u8::try_from(y * 200).unwrap(), 40]);
    DynamicImage::ImageRgb8(RgbImage::from_fn(3, 2, colour))
}

/// [`points`] without any metadata.
pub fn picture(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    points().write_to(&mut file, format).unwrap();
    file.into_inner()
}

pub fn jpeg_segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [[0xFF, marker].as_slice(), &length, payload].concat()
}

pub fn iptc() -> Vec<u8> {
    let set = |number: u8, word: &str| {
        [[0x1C, 2, number, 0, u8::try_from(word.len()).unwrap()].as_slice(), word.as_bytes()].concat()
    };
    let sets = [set(80, AUTHOR), set(92, PLACE), set(120, COMMENT), set(65, SOFTWARE), set(55, "20210304")];
    let data = sets.concat();
    let size = u32::try_from(data.len()).unwrap().to_be_bytes();
    [b"Photoshop 3.0\08BIM\x04\x04\0\0".as_slice(), &size, &data].concat()
}

/// A photograph as a telephone and two programs leave it.
pub fn jpeg(orientation: u16) -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg);
    let adobe_xmp = b"http://ns.adobe.com/xap/1.0/\0";
    [
        &plain[..2],
        &jpeg_segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc"),
        &jpeg_segment(0xE1, &[b"Exif\0\0".as_slice(), &exif(orientation, true)].concat()),
        &jpeg_segment(0xE1, &[adobe_xmp.as_slice(), xmp().as_bytes()].concat()),
        &jpeg_segment(0xE1, &[adobe_xmp.as_slice(), &utf_16(&xmp())].concat()),
        &jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01profile"),
        &jpeg_segment(0xE2, b"MPF\0pictures"),
        &jpeg_segment(0xED, &iptc()),
        &jpeg_segment(0xFE, COMMENT.as_bytes()),
        &jpeg_segment(0xE5, DEVICE.as_bytes()),
        // What the encoder wrote, without its own header.
        &plain[20..],
        // A film after the picture, as of a moving photograph.
        format!("....ftypmp42 {PLACE}").as_bytes(),
    ]
    .concat()
}

pub fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [length.as_slice(), &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

pub fn png(orientation: u16) -> Vec<u8> {
    let plain = picture(ImageFormat::Png);
    let text = |word: &str, value: &str| [word.as_bytes(), &[0], value.as_bytes()].concat();
    [
        // Signature and header.
        &plain[..33],
        &png_chunk(b"pHYs", &[0, 0, 1, 0, 0, 0, 1, 0, 0]),
        &png_chunk(b"tEXt", &text("Author", AUTHOR)),
        &png_chunk(b"tEXt", &text("Comment", COMMENT)),
        &png_chunk(b"tEXt", &text("Software", SOFTWARE)),
        &png_chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), xmp().as_bytes()].concat()),
        &png_chunk(b"tIME", &[7, 0xE5, 3, 4, 5, 6, 7]),
        &png_chunk(b"eXIf", &exif(orientation, false)),
        &png_chunk(b"kaNa", PLACE.as_bytes()),
        &plain[33..],
        DEVICE.as_bytes(),
    ]
    .concat()
}

pub fn riff_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [kind.as_slice(), &length, data, &vec![0; data.len() % 2]].concat()
}

pub fn webp(orientation: u16) -> Vec<u8> {
    let plain = picture(ImageFormat::WebP);
    let chunks = [
        b"WEBP".to_vec(),
        // EXIF and XMP; three by two points.
        riff_chunk(b"VP8X", &[0x0C, 0, 0, 0, 2, 0, 0, 1, 0, 0]),
        plain[12..].to_vec(),
        riff_chunk(b"EXIF", &exif(orientation, true)),
        riff_chunk(b"XMP ", xmp().as_bytes()),
        riff_chunk(b"KANA", DEVICE.as_bytes()),
    ]
    .concat();
    [b"RIFF".as_slice(), &u32::try_from(chunks.len()).unwrap().to_le_bytes(), &chunks].concat()
}

pub fn gif() -> Vec<u8> {
    let plain = picture(ImageFormat::Gif);
    let flags = plain[10];
    let header = 13 + if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let block = |data: &[u8]| [&[u8::try_from(data.len()).unwrap()], data].concat();
    let xmp = xmp();
    let packet: Vec<u8> = xmp.as_bytes().chunks(255).flat_map(block).collect();
    [
        b"GIF89a".as_slice(),
        &plain[6..header],
        b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\x05\0\0",
        &[b"\x21\xFE".as_slice(), &block(COMMENT.as_bytes()), &[0]].concat(),
        &[b"\x21\xFF\x0BXMP DataXMP".as_slice(), &packet, &[0]].concat(),
        &[b"\x21\xFF\x0BKANARIE 1.0".as_slice(), &block(AUTHOR.as_bytes()), &[0]].concat(),
        // Text that is drawn by almost nothing, with its control.
        &[b"\x21\xF9\x04\0\0\0\0\0\x21\x01\x0C".as_slice(), &[0; 12], &block(DEVICE.as_bytes()), &[0]]
            .concat(),
        &plain[header..],
        SOFTWARE.as_bytes(),
    ]
    .concat()
}

pub const HEIC_PIXELS: &[u8] = b"coded pixels of the picture";
pub const HEIC_SMALL: &[u8] = b"coded pixels of a tile";

pub fn heic_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [length.as_slice(), kind, content].concat()
}

/// Two pictures, EXIF and XMP as items; leftovers between them, a maker's box and a description.
pub fn heic(orientation: u16) -> Vec<u8> {
    let item = |id: u16, kind: &[u8; 4]| {
        heic_box(
            b"infe",
            &[&[2, 0, 0, 0], &id.to_be_bytes()[..], &[0, 0], kind, b"\0application/rdf+xml\0"].concat(),
        )
    };
    let infos = [item(1, b"hvc1"), item(2, b"Exif"), item(3, b"mime"), item(4, b"hvc1")].concat();
    let exif = [&[0, 0, 0, 0][..], &exif(orientation, true)].concat();
    let description = xmp().into_bytes();
    let leftover = format!("leftover {PLACE}").into_bytes();
    let meta = |start: usize| {
        let mut at = start;
        let mut place = |id: u16, method: u16, length: usize, offset: Option<usize>| {
            let from = offset.unwrap_or(at);
            at += if offset.is_none() { length } else { 0 };
            let number = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
            let head = [id.to_be_bytes(), method.to_be_bytes(), [0, 0], [0, 1]].concat();
            [&head[..], &number(from), &number(length)].concat()
        };
        let places = [
            place(1, 0, HEIC_PIXELS.len(), None),
            place(2, 0, exif.len(), None),
            place(3, 0, description.len(), None),
            place(4, 1, HEIC_SMALL.len(), Some(DEVICE.len())),
        ];
        let parts = [
            heic_box(b"iinf", &[&[0, 0, 0, 0, 0, 4], &infos[..]].concat()),
            heic_box(b"iloc", &[&[1, 0, 0, 0, 0x44, 0, 0, 4], &places.concat()[..]].concat()),
            heic_box(b"idat", &[DEVICE.as_bytes(), HEIC_SMALL].concat()),
            heic_box(b"iprp", &heic_box(b"ipco", &heic_box(b"udes", COMMENT.as_bytes()))),
        ];
        heic_box(b"meta", &[&[0, 0, 0, 0], &parts.concat()[..]].concat())
    };
    let head = [heic_box(b"ftyp", b"heic\0\0\0\0mif1heic"), heic_box(b"uuid", AUTHOR.as_bytes())].concat();
    let start = head.len() + meta(0).len() + 8;
    let data = [HEIC_PIXELS, &exif, &description, &leftover].concat();
    [head, meta(start), heic_box(b"mdat", &data)].concat()
}

pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let method = if *name == "mimetype" {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        let time = zip::DateTime::from_date_and_time(2021, 3, 4, 5, 6, 8).unwrap();
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(time);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The text of one part of an archive.
pub fn part(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = Vec::new();
    archive.by_name(name).ok()?.read_to_end(&mut part).unwrap();
    Some(part)
}
