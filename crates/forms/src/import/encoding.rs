//! From a file's bytes to text, by its byte order mark or XML declaration.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::ImportError;

/// Bytes at the start among which an XML declaration ends.
const DECLARATION_MAX: usize = 256;
/// Signs of an encoding's name that an error repeats.
const NAME_MAX: usize = 40;

/// The whole file as text, without a byte order mark. Copies nothing when it is UTF-8 already.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    let (encoding, bytes) = match (Encoding::for_bom(bytes), bytes) {
        (Some((encoding, mark)), _) => (encoding, bytes.get(mark..).unwrap_or_default()),
        (None, [b'<', 0, ..]) => (UTF_16LE, bytes),
        (None, [0, b'<', ..]) => (UTF_16BE, bytes),
        (None, _) => (declared(bytes)?, bytes),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| ImportError::NotText { encoding: encoding.name().to_owned() })
}

/// ISO-8859-1 is read as windows-1252, which only has signs where the other has none.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, ImportError> {
    let Some(name) = declared_name(bytes) else { return Ok(UTF_8) };
    match Encoding::for_label_no_replacement(name) {
        // It would not have been readable so far.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok(UTF_8),
        Some(encoding) => Ok(encoding),
        None => {
            let name = String::from_utf8_lossy(name);
            let name = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
            Err(ImportError::Encoding { name })
        }
    }
}

fn declared_name(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..DECLARATION_MAX.min(bytes.len()))?;
    let head = head.strip_prefix(b"<?xml")?;
    let head = head.get(..head.windows(2).position(|two| two == b"?>")?)?;
    let name = b"encoding";
    let after = head.get(head.windows(name.len()).position(|word| word == name)? + name.len()..)?;
    let value = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (&quote, value) = value.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    value.get(..value.iter().position(|&b| b == quote)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<Flow>åäö € €</Flow>";

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn the_declaration_or_the_byte_order_mark_says_the_encoding() {
        let latin = b"<?xml version=\"1.0\" encoding='ISO-8859-1'?><Flow>\xe5\xe4\xf6</Flow>";
        assert!(decode(latin).unwrap().contains("<Flow>åäö</Flow>"));
        assert!(decode(b"<?xml version=\"1.0\" encoding = \"windows-1252\"?>\x80").unwrap().ends_with('€'));
        assert_eq!(decode(TEXT.as_bytes()).unwrap(), TEXT);
        assert_eq!(decode(&[b"\xef\xbb\xbf", TEXT.as_bytes()].concat()).unwrap(), TEXT);
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(&utf_16(TEXT, bytes)).unwrap(), TEXT);
            assert_eq!(decode(&utf_16(&format!("\u{feff}{TEXT}"), bytes)).unwrap(), TEXT);
        }
    }

    #[test]
    fn text_that_is_not_what_it_says_is_refused() {
        let not_text = |encoding: &str| Err(ImportError::NotText { encoding: encoding.to_owned() });
        assert_eq!(decode(b"<Flow>\xe5</Flow>"), not_text("UTF-8"));
        assert_eq!(decode(b"<\0\x00\xd8"), not_text("UTF-16LE"));
        let unknown = b"<?xml version='1.0' encoding='EBCDIC-CP-FI'?><Flow/>";
        assert_eq!(decode(unknown), Err(ImportError::Encoding { name: "EBCDIC-CP-FI".to_owned() }));
    }
}
