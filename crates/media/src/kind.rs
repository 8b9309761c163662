//! What a file is, by its content. A file whose content contradicts its ending is not taken.

/// Signature of a ZIP archive, which the office formats are.
const ZIP: &[u8] = b"PK\x03\x04";
/// Signature of a compound file: Word, Excel and PowerPoint until 2003, Outlook messages.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// `%PDF-` may stand after some bytes of another program (ISO 32000-1, annex H).
const PDF_WITHIN: usize = 1024;

const UNKNOWN: &str = "application/octet-stream";
pub(crate) const PDF: &str = "application/pdf";
pub(crate) const PNG: &str = "image/png";
pub(crate) const JPEG: &str = "image/jpeg";
pub(crate) const GIF: &str = "image/gif";
pub(crate) const WEBP: &str = "image/webp";
pub(crate) const HEIC: &str = "image/heic";
pub(crate) const TIFF: &str = "image/tiff";
pub(crate) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(crate) const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
pub(crate) const ODT: &str = "application/vnd.oasis.opendocument.text";
pub(crate) const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// The media type of a file; `None` when its content is plainly something else than its ending says.
#[must_use]
pub fn kind(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let found = detect(bytes);
    match ending.as_deref() {
        Some("pdf") => only(found, PDF),
        Some("png") => only(found, PNG),
        Some("jpg" | "jpeg") => only(found, JPEG),
        Some("gif") => only(found, GIF),
        Some("webp") => only(found, WEBP),
        Some("heic" | "heif") => only(found, HEIC),
        Some("tif" | "tiff") => only(found, TIFF),
        Some("docx") => only(found, DOCX),
        Some("xlsx") => only(found, XLSX),
        Some("pptx") => only(found, PPTX),
        Some("odt") => only(found, ODT),
        Some("ods") => only(found, ODS),
        Some("zip") => bytes.starts_with(ZIP).then_some("application/zip"),
        Some("doc") => bytes.starts_with(COMPOUND).then_some("application/msword"),
        Some("xls") => bytes.starts_with(COMPOUND).then_some("application/vnd.ms-excel"),
        Some("rtf") => bytes.starts_with(b"{\\rtf").then_some("application/rtf"),
        Some("txt") => text(found, bytes, "text/plain"),
        Some("csv") => text(found, bytes, "text/csv"),
        _ => Some(found.unwrap_or(UNKNOWN)),
    }
}

fn only(found: Option<&'static str>, wanted: &'static str) -> Option<&'static str> {
    found.filter(|found| *found == wanted)
}

/// Text has no signature, but it has no zero bytes either.
fn text(found: Option<&str>, bytes: &[u8], wanted: &'static str) -> Option<&'static str> {
    (found.is_none() && !bytes.contains(&0)).then_some(wanted)
}

/// What the content says alone.
pub(crate) fn detect(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).and_then(|b| b.strip_prefix(b"ftyp"));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(PNG)
    } else if bytes.starts_with(b"\xFF\xD8\xFF") {
        Some(JPEG)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some(GIF)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(WEBP)
    } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
        Some(TIFF)
    } else if matches!(brand, Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1")) {
        Some(HEIC)
    } else if bytes.starts_with(ZIP) {
        Some(archive(bytes))
    } else if has(bytes.get(..PDF_WITHIN).unwrap_or(bytes), b"%PDF-") {
        Some(PDF)
    } else if bytes.starts_with(COMPOUND) || bytes.starts_with(b"MZ") || bytes.starts_with(b"\x7FELF") {
        Some(UNKNOWN)
    } else {
        None
    }
}

/// An office document by the names that its archive must have.
fn archive(bytes: &[u8]) -> &'static str {
    // OpenDocument puts its type first and uncompressed (OpenDocument 1.3, part 2, 3.3).
    match bytes.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype")) {
        Some(rest) if rest.starts_with(ODS.as_bytes()) => return ODS,
        Some(rest) if rest.starts_with(ODT.as_bytes()) => return ODT,
        _ => {}
    }
    if !has(bytes, b"[Content_Types].xml") {
        "application/zip"
    } else if has(bytes, b"word/document") {
        DOCX
    } else if has(bytes, b"xl/workbook") {
        XLSX
    } else if has(bytes, b"ppt/presentation") {
        PPTX
    } else {
        "application/zip"
    }
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_must_not_contradict_the_ending() {
        let png = b"\x89PNG\r\n\x1a\n....";
        assert_eq!(kind("ritning.PNG", png), Some("image/png"));
        assert_eq!(kind("ritning.pdf", png), None);
        assert_eq!(kind("anteckning.txt", png), None);
        assert_eq!(kind("intyg.pdf", b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(kind("intyg.pdf", b"<html>"), None);
        assert_eq!(kind("bild.jpeg", b"\xFF\xD8\xFF\xE0"), Some("image/jpeg"));
        assert_eq!(kind("bild.heic", b"\0\0\0\x18ftypheic...."), Some("image/heic"));
        assert_eq!(kind("bild.webp", b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(kind("anteckning.txt", "Hej då".as_bytes()), Some("text/plain"));
        assert_eq!(kind("anteckning.txt", b"MZ\x90\0"), None);
        assert_eq!(kind("utan ending", b"hej"), Some(UNKNOWN));
        assert_eq!(kind("a.pdf", b""), None);
    }

    #[test]
    fn office_documents_are_told_apart_inside_their_archive() {
        let mut docx = ZIP.to_vec();
        docx.extend_from_slice(b"....[Content_Types].xml....word/document.xml");
        assert_eq!(kind("brev.docx", &docx), Some(DOCX));
        assert_eq!(kind("brev.xlsx", &docx), None);
        assert_eq!(kind("brev.zip", &docx), Some("application/zip"));
        let mut odt = ZIP.to_vec();
        odt.extend_from_slice(&[0; 26]);
        odt.extend_from_slice(b"mimetypeapplication/vnd.oasis.opendocument.textPK");
        assert_eq!(kind("brev.odt", &odt), Some(ODT));
        assert_eq!(kind("brev.docx", &odt), None);
    }
}
