//! Reading a definition from JSON, with every reason for refusing it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Definition, canonical, check};

/// Where in a definition something is wrong, such as `steps[1].questions[0] (diagnos)`.
pub type Place = String;

/// Why a definition was refused. Shown to form owners with the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("not a definition: {reason}")]
    Malformed { reason: String },
    #[error("format {found} is not known here, only format 1")]
    UnknownFormat { found: u32 },
    #[error("{place}: {reason}")]
    Invalid { place: Place, reason: String },
}

/// Reads and checks a definition and sets its hash.
///
/// # Errors
/// The first reason to refuse it: malformed JSON, an unknown field, a duplicate or dangling id, a rule whose target
/// does not come after its source, a cycle, an empty choice list, limits that contradict each other, a `hash` that is
/// not the content's.
pub fn load(json: &[u8]) -> Result<Definition, LoadError> {
    let malformed = |error: serde_json::Error| LoadError::Malformed { reason: error.to_string() };
    let written: Value = serde_json::from_slice(json).map_err(malformed)?;
    // First of all: another format may look like anything.
    if let Some(found) = written.get("format").and_then(Value::as_u64).filter(|&found| found != 1) {
        return Err(LoadError::UnknownFormat { found: u32::try_from(found).unwrap_or(u32::MAX) });
    }
    let mut definition: Definition = serde_json::from_slice(json).map_err(malformed)?;
    let stated = std::mem::take(&mut definition.hash);
    let definition = checked(definition)?;
    nothing_ignored(&written, &serde_json::to_value(&definition).map_err(malformed)?, "")?;
    if stated.is_empty() || stated == definition.hash {
        Ok(definition)
    } else {
        Err(LoadError::Invalid {
            place: "hash".to_owned(),
            reason: "the content has another hash".to_owned(),
        })
    }
}

/// The definition with its hash, when it fulfils all that its shape does not show.
pub(crate) fn checked(definition: Definition) -> Result<Definition, LoadError> {
    check::definition(&definition)?;
    let definition = Definition { hash: String::new(), ..definition };
    Ok(Definition { hash: hash(&definition), ..definition })
}

/// The canonical JSON of a definition, as hashed (without `hash`) and as published (with it).
///
/// Keys are sorted, so that the bytes do not depend on how the crate was built.
pub fn to_json(definition: &Definition) -> Vec<u8> {
    canonical::to_vec(definition).unwrap_or_default()
}

fn hash(definition: &Definition) -> String {
    hex::encode(Sha256::digest(to_json(definition)))
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
                    // Left out when it says nothing.
                    None if key == "hash" => Ok(()),
                    None => Err(LoadError::Invalid { place, reason: "unknown field".to_owned() }),
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
