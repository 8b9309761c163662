//! Days in a query: `2026-11-24`, `24/11`, `24 november`, `i går`.

use std::ops::Range;

use jiff::{Timestamp, ToSpan, civil::Date};
use unicode_normalization::UnicodeNormalization;

use crate::{clock::stockholm, swedish::bare};

/// The first and the last day of a span; in Sweden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub first: Date,
    pub last: Date,
}

impl Days {
    /// From the midnight before the first to the one after the last. `None` outside the calendar.
    pub fn times(&self) -> Option<Range<Timestamp>> {
        let midnight = |date: Date| Some(date.to_zoned(stockholm()).ok()?.timestamp());
        Some(midnight(self.first)?..midnight(self.last.checked_add(1.day()).ok()?)?)
    }
}

/// Other years are not of this century's cases: then it is a word.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// By their first three letters, which are enough to tell them apart.
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

/// The days in a text and what is left of it.
pub(super) fn take(text: &str, today: Date) -> (Option<Days>, String) {
    let pieces: Vec<&str> = text.split_whitespace().collect();
    let plain: Vec<String> = pieces.iter().map(|piece| plain(piece)).collect();
    let mut found: Vec<Date> = Vec::new();
    let mut rest = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        if let Some((date, length)) = read(&plain[at..], today) {
            found.push(date);
            at += length;
        } else {
            rest.push(pieces[at]);
            at += 1;
        }
    }
    let days =
        found.iter().min().zip(found.iter().max()).map(|(first, last)| Days { first: *first, last: *last });
    (days, rest.join(" "))
}

fn plain(piece: &str) -> String {
    let piece: String = piece.nfc().flat_map(char::to_lowercase).map(bare).collect();
    piece.trim_matches([',', '.', ';', '(', ')']).to_owned()
}

/// The day that the pieces begin with, and how many of them it takes.
fn read(pieces: &[String], today: Date) -> Option<(Date, usize)> {
    let piece = |at: usize| pieces.get(at).map_or("", String::as_str);
    match (piece(0), piece(1)) {
        ("i", word @ ("dag" | "gar" | "forrgar")) => Some((back(word, today)?, 2)),
        (word @ ("idag" | "igar" | "iforrgar" | "forrgar"), _) => {
            Some((back(word.strip_prefix('i').unwrap_or(word), today)?, 1))
        }
        ("den", _) => with_month(&pieces[1..], today).map(|(date, length)| (date, length + 1)),
        (word, _) => in_digits(word, today).map(|date| (date, 1)).or_else(|| with_month(pieces, today)),
    }
}

fn back(word: &str, today: Date) -> Option<Date> {
    let days = match word {
        "dag" => 0,
        "gar" => 1,
        _ => 2,
    };
    today.checked_sub(days.days()).ok()
}

/// `24 november`, `24:e nov 2025`.
fn with_month(pieces: &[String], today: Date) -> Option<(Date, usize)> {
    let day = pieces.first()?;
    let day = digits(day.strip_suffix(":e").or_else(|| day.strip_suffix(":a")).unwrap_or(day), 1..=2)?;
    let month = month(pieces.get(1)?)?;
    match pieces.get(2).and_then(|year| digits(year, 4..=4)) {
        Some(year) => Some((date(year, month, day)?, 3)),
        None => Some((latest(month, day, today)?, 2)),
    }
}

fn month(word: &str) -> Option<i16> {
    let at = MONTHS.iter().position(|month| {
        word == *month || word == &month[..3] || (word == "sept" && *month == "september")
    })?;
    i16::try_from(at + 1).ok()
}

/// `2026-11-24`, `24/11`, `24/11-25`, `24.11.2026`.
fn in_digits(word: &str, today: Date) -> Option<Date> {
    let parts: Vec<&str> = word.split(['-', '–', '/', '.']).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            date(digits(year, 4..=4)?, digits(month, 1..=2)?, digits(day, 1..=2)?)
        }
        [day, month, year] if year.len() == 4 || word.contains('/') => {
            let year = digits(year, 4..=4).or_else(|| Some(2000 + digits(year, 2..=2)?))?;
            date(year, digits(month, 1..=2)?, digits(day, 1..=2)?)
        }
        [day, month] if word.contains('/') => latest(digits(month, 1..=2)?, digits(day, 1..=2)?, today),
        _ => None,
    }
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let right = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    right.then(|| text.parse().ok()).flatten()
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    YEARS.contains(&year).then(|| Date::new(year, month, day).ok()).flatten()
}

/// The last time it was that day: what is sought has happened. Leap days are eight years apart at most.
fn latest(month: i16, day: i16, today: Date) -> Option<Date> {
    (0..=8).filter_map(|back| date(today.year() - back, month, day)).find(|date| *date <= today)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 24);

    #[track_caller]
    fn is(text: &str, expected: Date) {
        let (days, rest) = take(text, TODAY);
        assert_eq!(days, Some(Days { first: expected, last: expected }), "{text}");
        assert_eq!(rest, "", "{text}");
    }

    #[test]
    fn a_day_is_read_as_people_write_it() {
        for text in [
            "2026-11-24",
            "2026/11/24",
            "24/11",
            "24/11-26",
            "24/11/2026",
            "24.11.2026",
            "24 november",
            "24 NOV.",
            "den 24:e november 2026",
            "idag",
            "i dag",
        ] {
            is(text, TODAY);
        }
        for text in ["i går", "igår", "I GA\u{30a}R", "igar", "2026-11-23"] {
            is(text, date(2026, 11, 23));
        }
        is("i förrgår", date(2026, 11, 22));
        is("1 mars", date(2026, 3, 1));
        is("1 sept 2025", date(2025, 9, 1));
    }

    #[test]
    fn a_day_without_a_year_is_the_last_one_that_has_been() {
        is("25/11", date(2025, 11, 25));
        is("31 december", date(2025, 12, 31));
        is("29/2", date(2024, 2, 29));
    }

    #[test]
    fn two_days_make_a_span() {
        let (days, rest) = take("färdtjänst 24/11 1/11 taxi", TODAY);
        assert_eq!(days, Some(Days { first: date(2026, 11, 1), last: TODAY }));
        assert_eq!(rest, "färdtjänst taxi");
    }

    #[test]
    fn what_is_no_day_is_words() {
        for text in
            ["31/2", "EXB-2026-7K3F-9Q", "070-1740605", "24 bilar", "november", "i", "18900101-9802", "1-2"]
        {
            assert_eq!(take(text, TODAY), (None, text.to_owned()));
        }
    }

    #[test]
    fn a_day_is_as_long_as_it_is_in_sweden() {
        let hours = |day| {
            let times = Days { first: day, last: day }.times().unwrap();
            times.start.until(times.end).unwrap().total(jiff::Unit::Hour).unwrap()
        };
        assert_eq!(hours(TODAY), 24.0);
        assert_eq!(hours(date(2026, 3, 29)), 23.0);
        let times = Days { first: TODAY, last: TODAY }.times().unwrap();
        assert_eq!(times.start.to_string(), "2026-11-23T23:00:00Z");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,60}|([0-9]{1,5}[-/. ]){0,4}") {
            if let (Some(days), _) = take(&text, TODAY) {
                prop_assert!(days.times().is_some());
            }
        }
    }
}
