//! Reading a definition from JSON, with every reason for refusing it.

use crate::Definition;

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
/// does not come after its source, a cycle, an empty choice list, limits that contradict each other.
pub fn load(json: &[u8]) -> Result<Definition, LoadError> {
    let _ = json;
    unimplemented!()
}

/// The canonical JSON of a definition, as hashed (without `hash`) and as published (with it).
pub fn to_json(definition: &Definition) -> Vec<u8> {
    let _ = definition;
    unimplemented!()
}
