//! What the commands say, in Swedish: what is wrong, where, and what to do about it.

mod advice;
mod import;
mod json;
mod place;
mod reason;

use std::path::Path;

use ledsaga_forms::{Definition, LoadError};

pub use advice::advice;
pub use import::{finding, import_error, outcome};
pub use json::malformed;
pub use place::{place, source_place};

use super::file::FileError;

/// One thing that is wrong or worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Empty when it is about the whole file.
    pub place: String,
    pub what: String,
    /// Empty when there is nothing to do.
    pub remedy: String,
}

fn said(place: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Said {
    Said { place: place.into(), what: what.into(), remedy: remedy.into() }
}

pub fn load_error(error: &LoadError) -> Said {
    match error {
        LoadError::Malformed { .. } => malformed(error, b""),
        LoadError::UnknownFormat { found } => said(
            "fältet format",
            format!("format {found} finns inte i den här versionen av Ledsaga"),
            "Skriv \"format\": 1, eller använd en nyare version av Ledsaga.",
        ),
        LoadError::Invalid { place: at, reason } => {
            let (what, remedy) = reason::reason(reason);
            said(place(at), what, remedy)
        }
    }
}

pub fn file(error: &FileError) -> Said {
    let (what, remedy) = match error {
        FileError::Missing => ("filen finns inte".to_owned(), "Kontrollera namnet och mappen."),
        FileError::Forbidden => {
            ("du får inte läsa eller skriva här".to_owned(), "Be den som sköter datorn om rättighet.")
        }
        FileError::TooLarge { max } => (
            format!("filen är för stor; högst {} MB läses", max >> 20),
            "Ta bort inbäddade filer, till exempel blanketter och bilder, innan du exporterar.",
        ),
        FileError::NothingHere => {
            ("mappen har inga filer som slutar på .json".to_owned(), "Kontrollera mappens namn.")
        }
        FileError::IsFolder => ("det här är en mapp, inte en fil".to_owned(), "Ange en fil i mappen."),
        FileError::Exists => (
            "filen finns redan med annat innehåll".to_owned(),
            "Spara undan den gamla filen, välj en annan mapp med --out, eller lägg till --force för att skriva över den.",
        ),
        FileError::Other(error) => {
            (format!("filen går inte att läsa eller skriva ({error})"), "Försök igen.")
        }
    };
    said("", what, remedy)
}

/// Several files cannot become one e-service.
pub fn one_id() -> Said {
    said("--id", "går bara att ange för en fil i taget", "Importera filerna en och en, eller utelämna --id.")
}

pub fn unknown_ending(ending: &str) -> Said {
    let what = match ending {
        "" => "filen har ingen ändelse, så det syns inte vad den är".to_owned(),
        ending => format!("filer som slutar på .{ending} går inte att importera"),
    };
    said("", what, "Filen ska sluta på .oeflow, .oequery eller .json (JSON Schema).")
}

/// The same version of the same e-service in two files.
pub fn twin(definition: &Definition, other: &Path) -> Said {
    said(
        "fälten id och version",
        format!("{} version {} finns också i {}", definition.id, definition.version, other.display()),
        "Ge den nya e-tjänsten ett högre versionsnummer eller ett annat id.",
    )
}

pub fn summary(definition: &Definition) -> String {
    let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    format!(
        "{} ({}, version {}). {}, {}, {}",
        definition.name,
        definition.id,
        definition.version,
        count(definition.steps.len(), "steg", "steg"),
        count(super::check::questions(definition), "fråga", "frågor"),
        count(definition.rules.len(), "regel", "regler"),
    )
}
