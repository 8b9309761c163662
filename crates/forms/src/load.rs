//! Reading a definition from JSON, with every reason for refusing it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Definition, Reason, canonical, check};

/// Where in a definition something is wrong, such as `steps[1].questions[0] (diagnos)`.
pub type Place = String;

/// Why a definition was refused. Shown to form owners with the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// No JSON, or JSON of another shape. Line and column count from 1; line 0 is the whole.
    #[error("not a definition: {reason}{}", position(*.line, *.column))]
    Malformed { line: usize, column: usize, reason: String },
    #[error("format {found} is not known here, only format 1")]
    UnknownFormat { found: u32 },
    #[error("{place}: {reason}")]
    Invalid { place: Place, reason: Reason },
}

fn position(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!(" at line {line} column {column}") }
}

impl LoadError {
    fn malformed(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let words = error.to_string();
        let reason = words.strip_suffix(&position(line, column)).unwrap_or(&words).to_owned();
        Self::Malformed { line, column, reason }
    }
}

/// Reads and checks a definition and sets its hash.
///
/// # Errors
/// The first reason to refuse it: malformed JSON, an unknown field, a duplicate or dangling id, a rule whose target
/// does not come after its source, a cycle, an empty choice list, limits that contradict each other, a `hash` that is
/// not the content's.
pub fn load(json: &[u8]) -> Result<Definition, LoadError> {
    let (written, definition) = parse(json)?;
    match check::definition(&definition).into_iter().next() {
        Some(first) => Err(first),
        None => seal(&written, definition),
    }
}

/// The definition with its hash, when it fulfils all that its shape does not show.
#[cfg(feature = "import")]
pub(crate) fn checked(definition: Definition) -> Result<Definition, LoadError> {
    match check::definition(&definition).into_iter().next() {
        Some(first) => Err(first),
        None => Ok(hashed(definition)),
    }
}

/// Everything that [`load`] would refuse the definition for: the first reason for each step, question and rule. None
/// when it can be loaded.
pub fn faults(json: &[u8]) -> Vec<LoadError> {
    match parse(json) {
        Ok((written, definition)) => {
            let mut found = check::definition(&definition);
            found.extend(seal(&written, definition).err());
            found
        }
        Err(error) => vec![error],
    }
}

fn parse(json: &[u8]) -> Result<(Value, Definition), LoadError> {
    let malformed = |error| LoadError::malformed(&error);
    let written: Value = serde_json::from_slice(json).map_err(malformed)?;
    // First of all: another format may look like anything.
    if let Some(found) = written.get("format").and_then(Value::as_u64).filter(|&found| found != 1) {
        return Err(LoadError::UnknownFormat { found: u32::try_from(found).unwrap_or(u32::MAX) });
    }
    Ok((written, serde_json::from_slice(json).map_err(malformed)?))
}

/// With its hash, when every field has been understood and no other hash is stated.
fn seal(written: &Value, mut definition: Definition) -> Result<Definition, LoadError> {
    let understood = serde_json::to_value(&definition).map_err(|error| LoadError::malformed(&error))?;
    nothing_ignored(written, &understood, "")?;
    let stated = std::mem::take(&mut definition.hash);
    let definition = hashed(definition);
    if stated.is_empty() || stated == definition.hash {
        Ok(definition)
    } else {
        Err(LoadError::Invalid { place: "hash".to_owned(), reason: Reason::Hash })
    }
}

/// The canonical JSON of a definition, as hashed (without `hash`) and as published (with it).
///
/// Keys are sorted, so that the bytes do not depend on how the crate was built.
pub fn to_json(definition: &Definition) -> Vec<u8> {
    canonical::to_vec(definition).unwrap_or_default()
}

fn hashed(definition: Definition) -> Definition {
    let definition = Definition { hash: String::new(), ..definition };
    Definition { hash: hex::encode(Sha256::digest(to_json(&definition))), ..definition }
}

/// A default that is spelt out, of the fields that are left out when written back.
fn says_nothing(key: &str, value: &Value) -> bool {
    match key {
        "hash" => true,
        "covered" | "partial" | "by_year" => *value == Value::Bool(false),
        "one_of" | "paper_forms" | "statuses" => value.as_array().is_some_and(Vec::is_empty),
        "layout" => value == "rows",
        _ => false,
    }
}

/// Every field that was written has been understood. Questions take any field when read, since a kind that is not
/// known brings its own.
fn nothing_ignored(written: &Value, understood: &Value, place: &str) -> Result<(), LoadError> {
    match (written, understood) {
        (Value::Object(written), Value::Object(understood)) => {
            written.iter().filter(|(_, value)| !value.is_null()).try_for_each(|(key, value)| {
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                match understood.get(key) {
                    Some(understood) => nothing_ignored(value, understood, &place),
                    None if says_nothing(key, value) => Ok(()),
                    None => Err(LoadError::Invalid { place, reason: Reason::UnknownField }),
                }
            })
        }
        (Value::Array(written), Value::Array(understood)) => {
            written.iter().zip(understood).enumerate().try_for_each(|(index, (written, understood))| {
                nothing_ignored(written, understood, &format!("{place}[{index}]"))
            })
        }
        _ => Ok(()),
    }
}
