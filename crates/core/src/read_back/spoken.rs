//! Answers as they are said in Swedish.

use jiff::civil::{Date, Time};
use ledsaga_forms::{Answer, Choice, Kind};

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// Area codes of three digits besides those of mobile phones; 08 has two and all others four (PTS, the Swedish
/// numbering plan for telephony).
const AREAS: [&str; 22] = [
    "010", "011", "013", "016", "018", "019", "020", "021", "023", "026", "031", "033", "035", "036", "040",
    "042", "044", "046", "054", "060", "063", "090",
];

/// An answer aloud. Identity numbers only by their last four digits. Without its kind, as it was typed.
pub(crate) fn spoken(kind: Option<&Kind>, answer: &Answer) -> String {
    match answer {
        Answer::Text { text } => {
            kind.and_then(|kind| formatted(kind, text)).unwrap_or_else(|| text.trim().to_owned())
        }
        Answer::Choice { choices, other } => made(kind, choices, other.as_deref()),
        Answer::Confirmed => "Ja, bekräftat.".to_owned(),
        Answer::Files { files } => {
            let names = list(files.iter().map(|file| file.name.clone()).collect());
            match files.len() {
                0 => String::new(),
                1 => format!("1 fil: {names}"),
                count => format!("{count} filer: {names}"),
            }
        }
        Answer::Rows { rows } => match rows.len() {
            0 => String::new(),
            1 => "1 rad".to_owned(),
            count => format!("{count} rader"),
        },
    }
}

/// In protected mode: enough for the caller to know that it is there, too little for others who listen or look on.
pub(super) fn masked(kind: &Kind, answer: &Answer) -> String {
    match (kind, answer) {
        (Kind::PersonalIdentityNumber { .. } | Kind::OrganisationNumber, Answer::Text { text }) => {
            ends_in(text, 4)
        }
        (Kind::Phone, Answer::Text { text }) => ends_in(text, 2),
        _ => "Antecknat, läses inte upp.".to_owned(),
    }
}

/// `None` when the text is not in its normal form: then it is said as it was typed.
fn formatted(kind: &Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Date { .. } => text.parse().ok().and_then(date),
        Kind::Time => text.parse().ok().map(time),
        Kind::Money { .. } => whole(text).map(|digits| format!("{} kronor", thousands(digits))),
        Kind::Number { unit, .. } => {
            let number = number(text)?;
            Some(unit.as_ref().map_or_else(|| number.clone(), |unit| format!("{number} {unit}")))
        }
        Kind::PersonalIdentityNumber { .. } => Some(ends_in(text, 4)),
        // A sole trader's number is a personal identity number; those have a month in the third and fourth digits.
        Kind::OrganisationNumber => Some(match (whole(text)?, text.as_bytes().get(2)) {
            (digits, Some(b'2'..=b'9')) if digits.len() == 10 => groups(digits, &[6, 4]),
            (digits, _) => ends_in(digits, 4),
        }),
        Kind::Phone => Some(phone(text)),
        Kind::Email => Some(text.replace('@', " snabel-a ")),
        _ => None,
    }
}

fn date(date: Date) -> Option<String> {
    let month = usize::try_from(date.month()).ok()?.checked_sub(1)?;
    Some(format!("den {} {} {}", date.day(), MONTHS.get(month)?, date.year()))
}

fn time(time: Time) -> String {
    format!("klockan {:02}.{:02}", time.hour(), time.minute())
}

fn whole(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

fn number(text: &str) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("minus ", rest));
    match rest.split_once(['.', ',']) {
        None => Some(format!("{sign}{}", thousands(whole(rest)?))),
        Some((before, after)) => Some(format!("{sign}{},{}", thousands(whole(before)?), whole(after)?)),
    }
}

/// Groups of three from the end; four digits or fewer stand together.
fn thousands(digits: &str) -> String {
    if digits.len() <= 4 {
        return digits.to_owned();
    }
    let first = digits.len() % 3;
    let sizes: Vec<usize> =
        std::iter::once(first).filter(|n| *n > 0).chain(std::iter::repeat_n(3, digits.len() / 3)).collect();
    groups(digits, &sizes)
}

fn groups(digits: &str, sizes: &[usize]) -> String {
    let mut rest = digits;
    let mut parts = Vec::new();
    for size in sizes {
        let (part, after) = rest.split_at_checked(*size).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts.retain(|part| !part.is_empty());
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts.join(" ")
}

fn ends_in(text: &str, count: usize) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(count)).collect();
    format!("slutar på {last}")
}

/// `+46701740605` becomes `070-174 06 05`; a foreign number is said as it was given.
fn phone(text: &str) -> String {
    let Some(national) = text.strip_prefix("+46").and_then(whole).map(|rest| format!("0{rest}")) else {
        return text.to_owned();
    };
    let three = national.get(..3).unwrap_or_default();
    let area = match three {
        "070" | "072" | "073" | "076" | "079" => 3,
        _ if three.starts_with("08") => 2,
        _ if AREAS.contains(&three) => 3,
        _ => 4,
    };
    let Some((area, subscriber)) = national.split_at_checked(area) else { return national };
    let sizes: &[usize] = match subscriber.len() {
        5 => &[3, 2],
        6 => &[2, 2, 2],
        7 => &[3, 2, 2],
        8 => &[3, 3, 2],
        _ => &[3, 3, 3],
    };
    format!("{area}-{}", groups(subscriber, sizes))
}

fn made(kind: Option<&Kind>, ids: &[String], other: Option<&str>) -> String {
    let (choices, other_label): (&[Choice], Option<&str>) = match kind {
        Some(
            Kind::Radio { choices, other }
            | Kind::DropDown { choices, other }
            | Kind::Checkbox { choices, other, .. },
        ) => (choices, other.as_deref()),
        _ => (&[], None),
    };
    let label = |id: &String| match (choices.iter().find(|choice| choice.id == *id), other) {
        (Some(choice), _) => choice.label.clone(),
        (None, Some(text)) => format!("{}: {text}", other_label.unwrap_or("annat")),
        (None, None) => other_label.map_or_else(|| id.clone(), str::to_owned),
    };
    list(ids.iter().map(label).collect())
}

/// `a, b och c`.
fn list(mut words: Vec<String>) -> String {
    match words.pop() {
        None => String::new(),
        Some(only) if words.is_empty() => only,
        Some(last) => format!("{} och {last}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(kind: &Kind, text: &str) -> String {
        spoken(Some(kind), &Answer::Text { text: text.to_owned() })
    }

    #[test]
    fn dates_times_and_money_are_said_in_swedish() {
        assert_eq!(say(&Kind::Date { not_past: false, not_future: false }, "2026-05-03"), "den 3 maj 2026");
        assert_eq!(say(&Kind::Time, "14:05"), "klockan 14.05");
        assert_eq!(say(&Kind::Money { max: None }, "12500"), "12 500 kronor");
        assert_eq!(say(&Kind::Money { max: None }, "1234567"), "1 234 567 kronor");
        assert_eq!(say(&Kind::Money { max: None }, "950"), "950 kronor");
    }

    #[test]
    fn what_has_no_normal_form_is_said_as_typed() {
        assert_eq!(say(&Kind::Date { not_past: false, not_future: false }, "i maj"), "i maj");
        assert_eq!(say(&Kind::Money { max: None }, "tusen"), "tusen");
    }

    #[test]
    fn identity_numbers_are_said_by_their_last_four_digits_only() {
        assert_eq!(say(&Kind::PersonalIdentityNumber { age: None }, "199908072391"), "slutar på 2391");
        assert_eq!(say(&Kind::PersonalIdentityNumber { age: None }, "19990807-2391"), "slutar på 2391");
        assert_eq!(say(&Kind::OrganisationNumber, "9908072391"), "slutar på 2391");
        assert_eq!(say(&Kind::OrganisationNumber, "2120000142"), "212000 0142");
    }

    #[test]
    fn phone_numbers_are_grouped_as_they_are_said() {
        assert_eq!(say(&Kind::Phone, "+46701740605"), "070-174 06 05");
        assert_eq!(say(&Kind::Phone, "+46846500400"), "08-465 004 00");
        assert_eq!(say(&Kind::Phone, "+46313900600"), "031-390 06 00");
        assert_eq!(say(&Kind::Phone, "+46980319200"), "0980-31 92 00");
        assert_eq!(say(&Kind::Phone, "+47 00 00 00 00"), "+47 00 00 00 00");
    }

    #[test]
    fn a_protected_phone_number_is_not_said() {
        let answer = Answer::Text { text: "+46701740605".to_owned() };
        assert_eq!(masked(&Kind::Phone, &answer), "slutar på 05");
        assert!(!masked(&Kind::Email, &answer).contains("0701"));
    }

    #[test]
    fn choices_are_said_by_label() {
        let choice =
            |id: &str, label: &str| Choice { id: id.to_owned(), label: label.to_owned(), value: None };
        let kind = Kind::Checkbox {
            choices: vec![choice("a", "Bad"), choice("b", "Kök"), choice("c", "Dörr")],
            other: Some("Annat".to_owned()),
            min: None,
            max: None,
        };
        let answer = |ids: &[&str], other: Option<&str>| Answer::Choice {
            choices: ids.iter().map(|id| (*id).to_owned()).collect(),
            other: other.map(str::to_owned),
        };
        assert_eq!(spoken(Some(&kind), &answer(&["a", "b", "c"], None)), "Bad, Kök och Dörr");
        assert_eq!(spoken(Some(&kind), &answer(&["a", "other"], Some("Ramp"))), "Bad och Annat: Ramp");
    }

    #[test]
    fn numbers_have_a_comma_and_their_unit() {
        let kind = Kind::Number { min: None, max: None, decimals: 1, unit: Some("meter".to_owned()) };
        assert_eq!(say(&kind, "12.5"), "12,5 meter");
        assert_eq!(say(&kind, "-3"), "minus 3 meter");
    }
}
