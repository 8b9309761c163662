//! Personnummer and samordningsnummer.

use std::fmt;

use jiff::{ToSpan, civil::Date};
use zeroize::Zeroizing;

use super::digits::{is_dash, is_space, luhn};
use crate::fault;

/// Which of the two series a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalNumberKind {
    Personnummer,
    /// The day is raised by 60. How certain the identity is cannot be seen in the number.
    Samordningsnummer,
}

/// A well-formed number. Wiped from memory when dropped; shown only as its birth date.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalNumber {
    twelve: Zeroizing<String>,
    kind: PersonalNumberKind,
}

/// Why a text is not a personnummer or samordningsnummer; the first reason found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonalNumberError {
    #[error("something else than digits and one separator")]
    Characters,
    #[error("not ten or twelve digits")]
    Length,
    #[error("the birth date does not exist")]
    Date,
    #[error("the birth date has not been yet")]
    Future,
    #[error("the birth number is 000")]
    Serial,
    #[error("the check digit is wrong")]
    Checksum,
    #[error("the century cannot be told")]
    Century,
}

impl PersonalNumberError {
    /// The code of the fault to show.
    pub fn code(self) -> &'static str {
        match self {
            Self::Characters => fault::PNR_CHARACTERS,
            Self::Length => fault::PNR_LENGTH,
            Self::Date => fault::PNR_DATE,
            Self::Future => fault::PNR_FUTURE,
            Self::Serial => fault::PNR_SERIAL,
            Self::Checksum => fault::PNR_CHECKSUM,
            Self::Century => fault::PNR_CENTURY,
        }
    }
}

impl PersonalNumber {
    /// Reads ten or twelve digits with or without spaces, dashes or a `+` before the last four.
    ///
    /// Ten digits mean the latest possible century, with `+` a hundred years earlier. A number that would be of the
    /// current year and still to come is not guessed at.
    ///
    /// # Errors
    /// The first reason why it is not a number; see [`PersonalNumberError`].
    pub fn parse(text: &str, today: Date) -> Result<Self, PersonalNumberError> {
        let (digits, plus) = strip(text)?;
        let (century, ten) = match digits.len() {
            12 => (Some(digits.get(..2).unwrap_or_default()), digits.get(2..).unwrap_or_default()),
            10 => (None, digits.as_str()),
            _ => return Err(PersonalNumberError::Length),
        };
        let year_in_century = number(ten, 0..2);
        let (year, ambiguous) = match century {
            Some("18" | "19" | "20") => (number(digits.as_str(), 0..4), false),
            Some(_) => return Err(PersonalNumberError::Century),
            None => inferred_year(year_in_century, ten, plus, today),
        };
        let kind = check_ten(ten, year)?;
        if ambiguous {
            return Err(PersonalNumberError::Century);
        }
        // A day's tolerance: the clock here may be behind the one at the maternity ward.
        if birth_date(ten, year)
            .is_some_and(|born| today.checked_add(1.day()).is_ok_and(|limit| born > limit))
        {
            return Err(PersonalNumberError::Future);
        }
        Ok(Self { twelve: Zeroizing::new(format!("{year:04}{}", ten.get(2..).unwrap_or_default())), kind })
    }

    /// `YYYYMMDDNNNC`, the form that is stored and sent.
    pub fn twelve_digits(&self) -> &str {
        &self.twelve
    }

    pub fn kind(&self) -> PersonalNumberKind {
        self.kind
    }

    /// The birth date as near as the number tells it: an unknown month is January, an unknown or impossible day the
    /// first or last of its month.
    pub fn born(&self) -> Option<Date> {
        birth_date(self.twelve.get(2..)?, number(&self.twelve, 0..4))
    }

    fn masked(&self) -> String {
        format!("{}-****", self.twelve.get(..8).unwrap_or_default())
    }
}

/// Ten digits that are a person's in some century.
pub(super) fn check_any_century(ten: &str) -> Result<(), PersonalNumberError> {
    let year = number(ten, 0..2);
    check_ten(ten, 1900 + year).or_else(|_| check_ten(ten, 2000 + year)).map(|_| ())
}

fn check_ten(ten: &str, year: i16) -> Result<PersonalNumberKind, PersonalNumberError> {
    let (month, day) = (number(ten, 2..4), number(ten, 4..6));
    let kind = match day {
        1..=31 => PersonalNumberKind::Personnummer,
        // Unknown month (00) and day (60), and days that no calendar has, are all given out.
        60..=91 if month <= 12 => PersonalNumberKind::Samordningsnummer,
        _ => return Err(PersonalNumberError::Date),
    };
    if kind == PersonalNumberKind::Personnummer && birth_date(ten, year).is_none() {
        return Err(PersonalNumberError::Date);
    }
    if number(ten, 6..9) == 0 {
        return Err(PersonalNumberError::Serial);
    }
    if luhn(ten) { Ok(kind) } else { Err(PersonalNumberError::Checksum) }
}

/// Only the digits, and whether a `+` stood before the last four.
fn strip(text: &str) -> Result<(Zeroizing<String>, bool), PersonalNumberError> {
    let mut digits = Zeroizing::new(String::with_capacity(12));
    let mut plus_at = None;
    for c in text.chars().filter(|&c| !is_space(c) && !is_dash(c)) {
        match c {
            '0'..='9' if digits.len() < 12 => digits.push(c),
            '0'..='9' => return Err(PersonalNumberError::Length),
            '+' if plus_at.is_none() => plus_at = Some(digits.len()),
            _ => return Err(PersonalNumberError::Characters),
        }
    }
    match plus_at {
        Some(at) if at + 4 != digits.len() => Err(PersonalNumberError::Characters),
        plus_at => Ok((digits, plus_at.is_some())),
    }
}

/// The year, and whether it is only a guess.
fn inferred_year(year_in_century: i16, ten: &str, plus: bool, today: Date) -> (i16, bool) {
    let this_year = today.year();
    let latest = this_year - (this_year - year_in_century).rem_euclid(100);
    if plus {
        return (latest - 100, false);
    }
    let to_come = latest == this_year && birth_date(ten, latest).is_some_and(|born| born > today);
    (latest, to_come)
}

/// The birth date, as near as the number tells it. None when a personnummer's date does not exist.
fn birth_date(ten: &str, year: i16) -> Option<Date> {
    let (month, day) = (number(ten, 2..4), number(ten, 4..6));
    if day < 60 {
        return Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    }
    let first = Date::new(year, i8::try_from(month.max(1)).ok()?, 1).ok()?;
    let day = i8::try_from((day - 60).max(1)).ok()?.min(first.days_in_month());
    first.with().day(day).build().ok()
}

fn number(digits: &str, range: std::ops::Range<usize>) -> i16 {
    digits.get(range).and_then(|part| part.parse().ok()).unwrap_or_default()
}

impl fmt::Display for PersonalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for PersonalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    fn parse(text: &str) -> Result<PersonalNumber, PersonalNumberError> {
        PersonalNumber::parse(text, TODAY)
    }

    fn twelve(text: &str) -> String {
        parse(text).unwrap().twelve_digits().to_owned()
    }

    #[test]
    fn skatteverkets_test_personnummer_are_read_in_every_form() {
        for number in [
            "189001019802",
            "192401019183",
            "194801141864",
            "198501012382",
            "199908072391",
            "200002202380",
            "201602292383",
            "202312312388",
        ] {
            let parsed = parse(number).unwrap();
            assert_eq!(parsed.twelve_digits(), number);
            assert_eq!(parsed.kind(), PersonalNumberKind::Personnummer);
            let (birth, last) = number.split_at(8);
            assert_eq!(twelve(&format!("{birth}-{last}")), number);
            let age = 2026 - birth[..4].parse::<i32>().unwrap();
            let short = format!("{}{}{last}", &birth[2..], if age >= 100 { '+' } else { '-' });
            assert_eq!(twelve(&short), number, "{short}");
        }
    }

    #[test]
    fn skatteverkets_test_samordningsnummer_are_read_with_unknown_months_and_days() {
        for number in [
            "191401682396",
            "198502862397",
            "196801642395",
            "202001612395",
            "191500722390",
            "191711602399",
            "193100602394",
            "192004912388",
        ] {
            let parsed = parse(number).unwrap();
            assert_eq!(parsed.twelve_digits(), number);
            assert_eq!(parsed.kind(), PersonalNumberKind::Samordningsnummer);
        }
        // The example of SKV M 2010:3.
        assert_eq!(twelve("701063-2391"), "197010632391");
    }

    #[test]
    fn each_invalid_test_number_is_refused_for_its_own_reason() {
        for (number, error) in [
            ("198501012383", PersonalNumberError::Checksum),
            ("198502302382", PersonalNumberError::Date),
            ("198501010002", PersonalNumberError::Serial),
            ("19850101238A", PersonalNumberError::Characters),
            ("1985010123821", PersonalNumberError::Length),
            ("85010123", PersonalNumberError::Length),
            ("", PersonalNumberError::Length),
            ("198500012382", PersonalNumberError::Date),
            ("198513012382", PersonalNumberError::Date),
            ("198501322382", PersonalNumberError::Date),
            ("198501922382", PersonalNumberError::Date),
            ("198513612382", PersonalNumberError::Date),
            ("178501012382", PersonalNumberError::Century),
            ("218501012382", PersonalNumberError::Century),
            ("1985+01012382", PersonalNumberError::Characters),
            ("850101++2382", PersonalNumberError::Characters),
            ("٨٥٠١٠١-٢٣٨٢", PersonalNumberError::Characters),
            ("19900229-2381", PersonalNumberError::Date),
        ] {
            assert_eq!(parse(number).unwrap_err(), error, "{number}");
        }
    }

    #[test]
    fn spaces_and_dashes_of_every_sort_are_ignored() {
        for text in [
            " 850101-2382 ",
            "8501012382",
            "85 01 01 23 82",
            "850101\u{2013}2382",
            "850101\u{2212}2382",
            "1985\u{a0}01\u{202f}01\u{2011}2382",
            "1985-01-01-2382",
            "\u{feff}850101\u{200b}2382",
        ] {
            assert_eq!(twelve(text), "198501012382", "{text:?}");
        }
    }

    #[test]
    fn the_century_follows_from_today_and_the_separator() {
        let born_in = |text: &str, today| {
            PersonalNumber::parse(text, today).map(|number| number.twelve_digits()[..4].to_owned())
        };
        assert_eq!(born_in("231231-2388", TODAY).unwrap(), "2023");
        assert_eq!(born_in("231231+2388", TODAY).unwrap(), "1923");
        assert_eq!(born_in("850101-2382", TODAY).unwrap(), "1985");
        assert_eq!(born_in("850101+2382", TODAY).unwrap(), "1885");
        // On the birth day itself and the day before: only then is it a guess.
        assert_eq!(born_in("231231-2388", date(2023, 12, 31)).unwrap(), "2023");
        assert_eq!(born_in("231231-2388", date(2023, 12, 30)).unwrap_err(), PersonalNumberError::Century);
        // From the first day of the year a person turns 100, `+` says which.
        assert_eq!(born_in("231231+2388", date(2023, 1, 1)).unwrap(), "1923");
        // The year before, nobody with these digits is a hundred.
        assert_eq!(born_in("231231-2388", date(2022, 12, 31)).unwrap(), "1923");
        assert_eq!(born_in("231231-2388", date(2024, 1, 1)).unwrap(), "2023");
    }

    #[test]
    fn a_birth_date_to_come_is_refused_but_for_a_day() {
        let parse = |today| PersonalNumber::parse("202312312388", today).map(|_| ());
        assert_eq!(parse(date(2023, 12, 31)), Ok(()));
        assert_eq!(parse(date(2023, 12, 30)), Ok(()));
        assert_eq!(parse(date(2023, 12, 29)), Err(PersonalNumberError::Future));
    }

    #[test]
    fn neither_debug_nor_display_shows_the_last_four() {
        let number = parse("850101-2382").unwrap();
        assert_eq!(format!("{number} {number:?} {number:#?}"), "19850101-**** 19850101-**** 19850101-****");
    }

    fn check_digit(nine: &str) -> char {
        ('0'..='9').find(|digit| luhn(&format!("{nine}{digit}"))).unwrap()
    }

    proptest! {
        #[test]
        fn every_well_formed_number_is_read_back_as_written(
            days in 0i32..49_000, serial in 1u32..1000, coordination: bool, dash: bool,
        ) {
            let born = date(1890, 1, 1).checked_add(days.days()).unwrap();
            let day = born.day() + if coordination { 60 } else { 0 };
            let nine = format!("{:02}{:02}{day:02}{serial:03}", born.year() % 100, born.month());
            let number = format!("{:04}{}{}", born.year(), &nine[2..], check_digit(&nine));
            let written = if dash { format!("{}-{}", &number[..8], &number[8..]) } else { number.clone() };
            let parsed = parse(&written).unwrap();
            prop_assert_eq!(parsed.twelve_digits(), number.as_str());
            // One digit wrong is always noticed.
            let wrong = (serial + 1) % 10;
            let changed = format!("{}{wrong}{}", &number[..10], &number[11..]);
            prop_assert!(parse(&changed).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}|[0-9+\\- ]{0,16}", days in -700_000i32..700_000) {
            let today = TODAY.checked_add(days.days()).unwrap_or(TODAY);
            let _ = PersonalNumber::parse(&text, today);
        }
    }
}
