//! Answers as they are said.

use jiff::civil::{Date, Time};

use super::{
    Language,
    numbers::{groups, last, number, phone, thousands, whole},
};
use crate::{Answer, Kind, normal};

/// Swedish and English.
const MONTHS: [(&str, &str); 12] = [
    ("januari", "January"),
    ("februari", "February"),
    ("mars", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("augusti", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
];

/// An answer aloud. Identity numbers only by their last four signs, covered texts not at all. What is not in its normal
/// form is said as it was typed.
pub fn spoken(kind: &Kind, answer: &Answer, language: Language) -> String {
    match (kind, answer) {
        (Kind::Text { covered: true, .. }, _) => unsaid(language),
        (kind, Answer::Text { text }) => {
            formatted(kind, text, language).unwrap_or_else(|| text.trim().to_owned())
        }
        (kind, Answer::Choice { choices, other }) => chosen(kind, choices, other.as_deref(), language),
        (_, Answer::Confirmed) => language.either("Ja, bekräftat.", "Yes, confirmed.").to_owned(),
        (_, Answer::Files { files }) if files.is_empty() => String::new(),
        (_, Answer::Files { files }) => {
            let names = language.list(files.iter().map(|file| file.name.clone()).collect());
            format!("{}: {names}", counted(files.len(), language.either(["fil", "filer"], ["file", "files"])))
        }
        (_, Answer::Rows { rows }) if rows.is_empty() => String::new(),
        (_, Answer::Rows { rows }) => counted(rows.len(), language.either(["rad", "rader"], ["row", "rows"])),
    }
}

/// In protected mode: enough for the caller to know that it is there, too little for others who listen or look on.
pub(super) fn masked(kind: &Kind, answer: &Answer, language: Language) -> String {
    match (kind, answer) {
        (
            Kind::PersonalIdentityNumber { .. } | Kind::OtherIdentityNumber { .. } | Kind::OrganisationNumber,
            Answer::Text { text },
        ) => ends_in(text, 4, language),
        (Kind::Phone, Answer::Text { text }) => ends_in(text, 2, language),
        (_, Answer::Confirmed) => spoken(kind, answer, language),
        (_, Answer::Files { files }) => {
            counted(files.len(), language.either(["fil", "filer"], ["file", "files"]))
        }
        _ => unsaid(language),
    }
}

pub(super) fn forwarded(language: Language) -> String {
    language
        .either("Går via Skatteverkets förmedling.", "Goes through the Swedish Tax Agency's forwarding.")
        .to_owned()
}

fn unsaid(language: Language) -> String {
    language.either("Antecknat, läses inte upp.", "Noted, not read out.").to_owned()
}

/// `None` when the text is not in its normal form.
fn formatted(kind: &Kind, text: &str, language: Language) -> Option<String> {
    match kind {
        Kind::Date { .. } => text.parse().ok().and_then(|day| date(day, language)),
        Kind::Time => text.parse().ok().map(|moment| time(moment, language)),
        Kind::Money { .. } => whole(text).map(|kronor| {
            format!("{} {}", thousands(kronor, language), if kronor == "1" { "krona" } else { "kronor" })
        }),
        Kind::Number { unit, .. } => {
            let number = number(text, language)?;
            Some(unit.as_ref().map_or_else(|| number.clone(), |unit| format!("{number} {unit}")))
        }
        Kind::PersonalIdentityNumber { .. } | Kind::OtherIdentityNumber { .. } => {
            Some(ends_in(text, 4, language))
        }
        // A sole trader's number is a personal identity number; those have a month in the third and fourth digits.
        Kind::OrganisationNumber => Some(match (whole(text), text.as_bytes()) {
            (Some(digits), [_, _, b'2'..=b'9', ..]) if digits.len() == 10 => {
                groups(digits, &[6, 4]).join(" ")
            }
            _ => ends_in(text, 4, language),
        }),
        Kind::Phone => Some(phone(text)),
        Kind::Email => Some(text.replace('@', language.either(" snabel-a ", " at "))),
        Kind::Unknown(_) => Some(format!("{} {}", language.either("Du sa:", "You said:"), text.trim())),
        _ => None,
    }
}

fn date(date: Date, language: Language) -> Option<String> {
    let month = usize::try_from(date.month()).ok()?.checked_sub(1)?;
    let (swedish, english) = MONTHS.get(month)?;
    let (day, year) = (date.day(), date.year());
    Some(language.either(format!("den {day} {swedish} {year}"), format!("{day} {english} {year}")))
}

/// By the day's 24 hours in both languages: "five past two" can be mistaken.
fn time(time: Time, language: Language) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    language.either(format!("klockan {hour:02}.{minute:02}"), format!("{hour:02} {minute:02}"))
}

fn ends_in(text: &str, count: usize, language: Language) -> String {
    last(text, count).map_or_else(
        || unsaid(language),
        |last| format!("{} {last}", language.either("slutar på", "ends in")),
    )
}

fn counted(count: usize, [one, many]: [&str; 2]) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn chosen(kind: &Kind, ids: &[String], other: Option<&str>, language: Language) -> String {
    let (choices, other_label) = normal::choices_of(kind).unwrap_or((&[], None));
    let label = |id: &String| match (choices.iter().find(|choice| choice.id == *id), other) {
        (Some(choice), _) => choice.label.clone(),
        (None, Some(text)) => {
            format!("{}: {text}", other_label.unwrap_or_else(|| language.either("annat", "other")))
        }
        (None, None) => other_label.map_or_else(|| id.clone(), str::to_owned),
    };
    language.list(ids.iter().map(label).collect())
}

#[cfg(test)]
mod tests;
