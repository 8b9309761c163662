//! Looks for typed words in everything that was written: plain, UTF-16, JSON-escaped and base64.

use std::path::{Path, PathBuf};

use anyhow::Result;

/// Files below `folder` that hold one of the canaries in some encoding, with the canary's place in the list.
///
/// # Errors
/// A folder cannot be read.
pub fn sweep(folder: &Path, canaries: &[&str]) -> Result<Vec<(PathBuf, usize)>> {
    let needles: Vec<Vec<Vec<u8>>> = canaries.iter().map(|canary| encodings(canary)).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let bytes = std::fs::read(entry.path())?;
                for (place, forms) in needles.iter().enumerate() {
                    if forms.iter().any(|needle| holds(&bytes, needle)) {
                        found.push((entry.path(), place));
                    }
                }
            }
        }
    }
    Ok(found)
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn encodings(canary: &str) -> Vec<Vec<u8>> {
    let utf16 = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let escaped = serde_json::Value::from(canary).to_string().trim_matches('"').as_bytes().to_vec();
    let mut forms = vec![canary.as_bytes().to_vec(), utf16, escaped];
    // Base64 of the canary at each of the three places it can have in a longer text.
    for lead in 0..3 {
        let mut text = vec![b'x'; lead];
        text.extend_from_slice(canary.as_bytes());
        let encoded = base64(&text);
        let skip = if lead == 0 { 0 } else { lead + 1 };
        let whole = (text.len() / 3) * 4;
        if whole > skip + 8 {
            forms.push(encoded.as_bytes()[skip..whole].to_vec());
        }
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = chunk
                .iter()
                .enumerate()
                .fold(0u32, |bits, (place, byte)| bits | u32::from(*byte) << (16 - 8 * place));
            (0..=chunk.len()).map(move |place| char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_in_every_encoding() {
        let folder = tempfile::tempdir().unwrap();
        let canary = "Kanariefågel-Zq7";
        let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (name, bytes) in [
            ("plain", format!("before {canary} after").into_bytes()),
            ("utf16", utf16),
            ("base64-0", base64(format!("abc{canary}defg").as_bytes()).into_bytes()),
            ("base64-1", base64(format!("abcd{canary}defg").as_bytes()).into_bytes()),
            ("base64-2", base64(format!("abcde{canary}defg").as_bytes()).into_bytes()),
        ] {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(sweep(folder.path(), &[canary]).unwrap(), [(file.clone(), 0)], "{name}");
            std::fs::remove_file(file).unwrap();
        }
        std::fs::write(folder.path().join("other"), b"nothing here").unwrap();
        assert!(sweep(folder.path(), &[canary]).unwrap().is_empty());
    }
}
