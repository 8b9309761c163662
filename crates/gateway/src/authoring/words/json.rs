//! Malformed JSON. The reader's words are English sentences; those that form owners meet are said in Swedish here, any
//! other is quoted.

use ledsaga_forms::LoadError;

use super::{Said, load_error, said};

/// `json` is looked at for what an editor may have done to the whole file.
pub fn malformed(error: &LoadError, json: &[u8]) -> Said {
    let LoadError::Malformed { line, column, reason } = error else { return load_error(error) };
    if json.starts_with(b"\xef\xbb\xbf") {
        return said(
            "filens början",
            "filen börjar med ett osynligt tecken (BOM)",
            "Spara filen som UTF-8 utan BOM.",
        );
    }
    if std::str::from_utf8(json).is_err() {
        return said(
            position(*line, *column),
            "filen är inte sparad som UTF-8, så å, ä och ö går inte att läsa",
            "Spara filen som UTF-8 i ditt redigeringsprogram.",
        );
    }
    let (what, remedy) = words(reason);
    said(position(*line, *column), what, remedy)
}

fn position(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!("rad {line}, kolumn {column}") }
}

fn words(reason: &str) -> (String, String) {
    let owned = |what: &str, remedy: &str| (what.to_owned(), remedy.to_owned());
    if let Some(rest) = reason.strip_prefix("unknown field ") {
        let (field, known) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return (
            format!("fältet {} finns inte", plain(field)),
            format!("Rätta stavningen eller ta bort fältet.{}", among(known)),
        );
    }
    if let Some(rest) = reason.strip_prefix("unknown variant ") {
        let (value, known) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return (format!("värdet {} finns inte", plain(value)), format!("Rätta stavningen.{}", among(known)));
    }
    if let Some(field) = reason.strip_prefix("missing field ") {
        return (
            format!("fältet {} saknas i den del som slutar här", plain(field)),
            "Lägg till fältet. Handboken visar vad varje del behöver.".to_owned(),
        );
    }
    if let Some(field) = reason.strip_prefix("duplicate field ") {
        return (format!("fältet {} står två gånger", plain(field)), "Ta bort det ena.".to_owned());
    }
    if let Some(rest) = reason.strip_prefix("invalid type: ") {
        let (found, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return (
            format!("här står {} men ska stå {}", sort(found), sort(expected)),
            "Skriv värdet på rätt sätt.".to_owned(),
        );
    }
    if let Some(rest) = reason.strip_prefix("invalid value: ") {
        let (found, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return (
            format!("värdet passar inte: {} i stället för {}", sort(found), sort(expected)),
            "Rätta värdet.".to_owned(),
        );
    }
    if let Some((day, _)) = reason.split_once(" is neither a date ") {
        return (
            format!("{} är ingen dag", plain(day)),
            "Skriv ett datum som \"2026-05-01\", eller \"today\", \"today+14\" eller \"today-30\"."
                .to_owned(),
        );
    }
    match reason {
        reason if reason.starts_with("EOF") => owned(
            "filen slutar mitt i",
            "Kontrollera att varje { har sin }, varje [ sin ] och varje citattecken sitt par.",
        ),
        "trailing comma" => owned("här är ett komma för mycket", "Ta bort kommat före } eller ]."),
        "trailing characters" => owned(
            "det står något efter e-tjänstens slut",
            "Ta bort det, eller rätta en } som kommer för tidigt.",
        ),
        "key must be a string" => owned(
            "här väntades ett fältnamn inom citattecken",
            "Skriv namnet inom \"\", och ta bort ett komma för mycket på raden före.",
        ),
        "expected `:`" => owned("här väntades ett kolon", "Skriv : mellan fältets namn och dess värde."),
        "expected `,` or `}`" | "expected `,` or `]`" => owned(
            "här väntades ett komma eller ett slut",
            "Sätt komma efter varje värde utom det sista, eller stäng med } eller ].",
        ),
        "expected value" | "expected ident" => owned(
            "här väntades ett värde",
            "Skriv text inom \"\", tal utan citattecken, true, false, en lista [ ] eller ett objekt { }.",
        ),
        reason if reason.starts_with("control character") => {
            owned("en text innehåller en radbrytning eller tabb", "Skriv \\n för en ny rad inne i en text.")
        }
        "invalid escape" => {
            owned("ett omvänt snedstreck står fel i en text", "Skriv \\\\ för ett omvänt snedstreck.")
        }
        "recursion limit exceeded" => owned("filen har för många nivåer", "Kontrollera parenteserna."),
        "invalid number" | "number out of range" => {
            owned("talet går inte att läsa", "Skriv till exempel 10 eller 2.5.")
        }
        other => {
            (format!("filen går inte att läsa här ({other})"), "Jämför med exemplen i handboken.".to_owned())
        }
    }
}

/// Without the marks that the reader puts around names.
fn plain(name: &str) -> String {
    name.replace('`', "")
}

fn among(known: &str) -> String {
    let names = known.strip_prefix("one of ").unwrap_or(known);
    if names.is_empty() { String::new() } else { format!(" Det här finns: {}.", plain(names)) }
}

/// A sort of value, as the reader calls it.
fn sort(reader: &str) -> String {
    let name = |start: &str| reader.strip_prefix(start).map(|rest| rest.trim().replace('`', ""));
    let said = match reader {
        "a string" | "a borrowed string" => "en text inom citattecken",
        "a map" => "ett objekt { }",
        "a sequence" | "a seq" => "en lista [ ]",
        "a boolean" => "true eller false",
        "null" => "null",
        "u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "usize" => "ett heltal",
        "f64" => "ett tal",
        "map" => "ett objekt { }",
        "sequence" => "en lista [ ]",
        _ => "",
    };
    if !said.is_empty() {
        return said.to_owned();
    }
    if let Some(text) = name("string") {
        return format!("texten {text}");
    }
    if let Some(number) = name("integer").or_else(|| name("floating point")) {
        return format!("talet {number}");
    }
    if let Some(value) = name("boolean") {
        return value;
    }
    if reader.starts_with("struct ") || reader.starts_with("enum ") || reader.contains("variant") {
        return "ett objekt { } eller ett av de kända orden".to_owned();
    }
    plain(reader)
}
