//! Pictures are the same pixels without what tells who took them, where and with what.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod common;

use common::{
    AUTHOR, COMMENT, DEVICE, HEIC_PIXELS, HEIC_SMALL, PLACE, SOFTWARE, TIME, cleaned, found, gif, has,
    has_place, heic, heic_box, jpeg, jpeg_segment, picture, png, png_chunk, riff_chunk, webp,
};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, metadata::Orientation};
use ledsaga_media::{Removed, StripError, kind, strip};

const EVERY_WORD: [&str; 5] = [AUTHOR, DEVICE, COMMENT, PLACE, SOFTWARE];

fn decoded(bytes: &[u8], format: ImageFormat) -> (DynamicImage, Orientation) {
    let reader = ImageReader::with_format(std::io::Cursor::new(bytes), format);
    let mut decoder = reader.into_decoder().unwrap();
    let orientation = decoder.orientation().unwrap();
    (DynamicImage::from_decoder(decoder).unwrap(), orientation)
}

/// Cleans, compares pixels and orientation, and gives the cleaned file.
fn same_picture(format: ImageFormat, bytes: &[u8], words: &[&str]) -> (Vec<u8>, Vec<Removed>) {
    let media_type = format.to_mime_type();
    let (clean, removed) = cleaned(media_type, bytes, words);
    assert!(decoded(&clean, format) == decoded(bytes, format), "{media_type}: pixels and orientation");
    let name = format!("bild.{}", format.extensions_str()[0]);
    assert_eq!(kind(&name, &clean), Some(media_type));
    (clean, removed)
}

const ALL: [Removed; 8] = [
    Removed::Place,
    Removed::Author,
    Removed::Device,
    Removed::Software,
    Removed::Time,
    Removed::Comment,
    Removed::Thumbnail,
    Removed::Other,
];

#[test]
fn a_photograph_tells_nothing_but_what_it_shows() {
    for orientation in [1, 3, 6, 8] {
        let bytes = jpeg(orientation);
        assert!(has_place(&bytes));
        let (clean, removed) = same_picture(ImageFormat::Jpeg, &bytes, &[&EVERY_WORD[..], &[TIME]].concat());
        assert!(!has_place(&clean));
        assert_eq!(removed, ALL);
        assert!(has(&clean, b"ICC_PROFILE\0\x01\x01profile"), "colours stay");
        assert!(has(&clean, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), "density stays, the thumbnail does not");
        assert!(
            !has(&clean, b"Exif") || orientation != 1,
            "nothing is said about a picture that stands upright"
        );
    }
}

#[test]
fn a_picture_without_traces_has_nothing_to_take_away() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let plain = picture(format);
        let (clean, removed) = same_picture(format, &plain, &[]);
        assert_eq!(removed, [], "{format:?}");
        assert!(clean == plain, "{format:?}");
    }
}

#[test]
fn a_png_keeps_what_draws() {
    for orientation in [1, 6] {
        let bytes = png(orientation);
        assert!(has_place(&bytes));
        let (clean, removed) = same_picture(ImageFormat::Png, &bytes, &[&EVERY_WORD[..], &[TIME]].concat());
        assert!(!has_place(&clean));
        assert_eq!(removed, ALL);
        assert!(has(&clean, b"pHYs"));
        assert_eq!(has(&clean, b"eXIf"), orientation == 6);
    }
}

#[test]
fn packed_text_of_a_png_goes_unread() {
    let plain = picture(ImageFormat::Png);
    let chunk = png_chunk(b"zTXt", b"Raw profile type exif\0\0x\x9C\x03\0\0\0\0\x01");
    let bytes = [&plain[..33], &chunk, &plain[33..]].concat();
    let (clean, removed) = same_picture(ImageFormat::Png, &bytes, &["Raw profile"]);
    assert!(clean == plain);
    assert_eq!(removed, [Removed::Other]);
}

#[test]
fn a_webp_keeps_what_draws() {
    for orientation in [1, 6] {
        let bytes = webp(orientation);
        assert!(has_place(&bytes));
        let (clean, removed) = same_picture(ImageFormat::WebP, &bytes, &[&EVERY_WORD[..], &[TIME]].concat());
        assert!(!has_place(&clean));
        assert_eq!(removed, ALL);
        assert_eq!(clean[20], if orientation == 1 { 0 } else { 8 }, "the header says what is there");
    }
}

#[test]
fn frames_of_a_webp_lose_unknown_chunks() {
    let plain = picture(ImageFormat::WebP);
    let frame = [&[0; 16][..], &plain[12..], &riff_chunk(b"KANA", PLACE.as_bytes())].concat();
    let chunks = [
        b"WEBP".to_vec(),
        riff_chunk(b"VP8X", &[2, 0, 0, 0, 2, 0, 0, 1, 0, 0]),
        riff_chunk(b"ANIM", &[0; 6]),
        riff_chunk(b"ANMF", &frame),
    ]
    .concat();
    let bytes = [b"RIFF".as_slice(), &u32::try_from(chunks.len()).unwrap().to_le_bytes(), &chunks].concat();
    let (_, removed) = cleaned("image/webp", &bytes, &[PLACE]);
    assert_eq!(removed, [Removed::Other]);
}

#[test]
fn a_gif_keeps_frames_and_loop() {
    let (clean, removed) = same_picture(ImageFormat::Gif, &gif(), &EVERY_WORD);
    assert!(has(&clean, b"NETSCAPE2.0\x03\x01\x05\0\0"));
    for gone in [Removed::Place, Removed::Author, Removed::Device, Removed::Software, Removed::Comment] {
        assert!(removed.contains(&gone), "{gone:?}");
    }
}

#[test]
fn scans_of_a_progressive_picture_stay_whole() {
    // Two scans with a table between them, restarts and stuffed bytes.
    let first = [
        jpeg_segment(0xC2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        jpeg_segment(0xDA, &[1, 1, 0, 0, 0, 0]),
        vec![1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4],
    ]
    .concat();
    let second =
        [jpeg_segment(0xC4, &[0x10, 0]), jpeg_segment(0xDA, &[1, 1, 0, 1, 63, 0]), vec![5, 6]].concat();
    let comment = jpeg_segment(0xFE, AUTHOR.as_bytes());
    // Fill bytes may stand before any marker.
    let bytes = [b"\xFF\xD8", &comment[..], &first, &[0xFF, 0xFF], &second, &[0xFF, 0xD9]].concat();
    let (clean, _) = cleaned("image/jpeg", &bytes, &[AUTHOR]);
    assert_eq!(clean, [b"\xFF\xD8", &first[..], &second, &[0xFF, 0xD9]].concat());
}

#[test]
fn a_comment_between_scans_goes() {
    let plain = picture(ImageFormat::Jpeg);
    let end = plain.len() - 2;
    let bytes = [&plain[..end], &jpeg_segment(0xFE, COMMENT.as_bytes()), &plain[end..]].concat();
    let (clean, removed) = cleaned("image/jpeg", &bytes, &[COMMENT]);
    assert!(clean == plain);
    assert_eq!(removed, [Removed::Comment]);
}

#[test]
fn a_telephones_picture_is_cleaned_where_it_stands() {
    let bytes = heic(6);
    assert!(has_place(&bytes));
    let (clean, removed) = cleaned("image/heic", &bytes, &[&EVERY_WORD[..], &[TIME]].concat());
    assert!(!has_place(&clean));
    assert_eq!(removed, ALL);
    assert_eq!(clean.len(), bytes.len(), "every offset stays right");
    assert_eq!(kind("bild.heic", &clean), Some("image/heic"));
    assert!(
        has(&clean, HEIC_PIXELS) && has(&clean, HEIC_SMALL),
        "pixels stay, in the file and in its description"
    );
    assert!(has(&clean, &[0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0]), "and how to turn them");
    let film = [&bytes[..], &heic_box(b"moov", AUTHOR.as_bytes())].concat();
    assert_eq!(strip("image/heic", &film), Err(StripError::Unsupported));
}

#[test]
fn what_cannot_be_cleaned_is_said() {
    assert_eq!(strip("image/tiff", b"II*\0\x08\0\0\0"), Err(StripError::Unsupported));
    assert_eq!(strip("application/msword", b"\xD0\xCF\x11\xE0"), Err(StripError::Unsupported));
    assert_eq!(strip("application/rtf", b"{\\rtf1}"), Err(StripError::Unsupported));
    assert_eq!(strip("application/zip", b"PK\x03\x04"), Err(StripError::Unsupported));
    assert_eq!(strip("application/octet-stream", b"hej"), Err(StripError::Unsupported));
    assert_eq!(strip("image/jpeg", b"hej"), Err(StripError::Damaged));
    assert_eq!(strip("text/plain", b"hej").unwrap().bytes, b"hej");
}

#[test]
fn errors_and_debug_texts_say_nothing_of_the_file() {
    let stripped = strip("text/plain", AUTHOR.as_bytes()).unwrap();
    assert!(found(format!("{stripped:?}").as_bytes(), &[AUTHOR]).is_empty());
}
