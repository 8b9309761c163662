//! Opens PDF documents of strangers, within limits.

use lopdf::{
    Dictionary, Document, LoadOptions, Object,
    xref::{XrefEntry, XrefRecovery},
};

/// Bytes that one stream of objects may become when unpacked.
const OBJECTS_MAX: usize = 32 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    Encrypted,
    Damaged,
}

/// Reads the newest revision. Nothing that it refers to is missing. Where no password is needed to read, it is decrypted.
pub(crate) fn open(bytes: &[u8]) -> Result<Document, OpenError> {
    let options = LoadOptions::with_max_decompressed_size(OBJECTS_MAX);
    let mut document = Document::load_mem_with_options(bytes, options).map_err(|_| {
        let encrypted = bytes.windows(8).any(|window| window == b"/Encrypt");
        if encrypted { OpenError::Encrypted } else { OpenError::Damaged }
    })?;
    if document.trailer.has(b"Encrypt") {
        return Err(OpenError::Encrypted);
    }
    // A table that had to be guessed may have brought back what was deleted, or missed something.
    if document.xref_recovery == Some(XrefRecovery::Reconstructed) || document.get_pages().is_empty() {
        return Err(OpenError::Damaged);
    }
    // A reference to nothing is allowed; one to an object that could not be read is a loss.
    let referred = document.traverse_objects(|_| {});
    let lost = referred.iter().any(|id| {
        let entry = document.reference_table.entries.get(&id.0);
        let exists = matches!(entry, Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. }));
        exists && !document.objects.contains_key(id)
    });
    if lost { Err(OpenError::Damaged) } else { Ok(document) }
}

/// Visits every dictionary within an object, that of a stream too. How deep they go, the reader has limited.
pub(crate) fn dictionaries(object: &Object, visit: &mut impl FnMut(&Dictionary)) {
    let dictionary = match object {
        Object::Array(items) => return items.iter().for_each(|item| dictionaries(item, visit)),
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        _ => return,
    };
    visit(dictionary);
    dictionary.iter().for_each(|(_, value)| dictionaries(value, visit));
}

pub(crate) fn dictionaries_mut(object: &mut Object, visit: &mut impl FnMut(&mut Dictionary)) {
    let dictionary = match object {
        Object::Array(items) => return items.iter_mut().for_each(|item| dictionaries_mut(item, visit)),
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &mut stream.dict,
        _ => return,
    };
    visit(dictionary);
    dictionary.iter_mut().for_each(|(_, value)| dictionaries_mut(value, visit));
}

/// Whether a dictionary names itself so under a key.
pub(crate) fn is_named(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    dictionary.get(key).and_then(Object::as_name).is_ok_and(|found| found == name)
}
