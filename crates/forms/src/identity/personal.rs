//! Personnummer and samordningsnummer.

use std::{fmt, ops::Range};

use jiff::{ToSpan, civil::Date};
use zeroize::Zeroizing;

use super::digits::{self, Separator, Unreadable, Written, luhn};
use crate::fault;

/// Which of the two series a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalNumberKind {
    Personnummer,
    /// The day is raised by 60. How certain the identity is cannot be seen in the number.
    Samordningsnummer,
}

/// A well-formed number. Wiped from memory when dropped; shown only as its birth date. Neither age nor sex is kept, and
/// both are only hints: the birth date in a number may have been moved.
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

impl From<Unreadable> for PersonalNumberError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Characters => Self::Characters,
            Unreadable::Length => Self::Length,
        }
    }
}

/// Birth years that have ever been given a number or will be while numbers look like this.
const YEARS: Range<i16> = 1800..2100;

impl PersonalNumber {
    /// Reads ten or twelve digits with or without spaces, dashes or a `+` before the last four.
    ///
    /// Ten digits mean the latest possible century, with `+` a hundred years earlier. A number that would be of the
    /// current year and still to come is not guessed at.
    ///
    /// # Errors
    /// The first reason why it is not a number; see [`PersonalNumberError`].
    pub fn parse(text: &str, today: Date) -> Result<Self, PersonalNumberError> {
        Self::read(digits::read(text)?, today)
    }

    /// The birth year, when the number was written with ten digits and nothing that says which century: the latest
    /// possible is taken, and someone should confirm it.
    pub fn inferred_year(text: &str, today: Date) -> Option<i16> {
        let written = digits::read(text).ok()?;
        let inferred = written.digits.len() == 10 && written.separator.is_none();
        let number = Self::read(written, today).ok()?;
        inferred.then(|| self::number(&number.twelve, 0..4))
    }

    fn read(written: Written, today: Date) -> Result<Self, PersonalNumberError> {
        let Written { digits, separator } = written;
        let plus = separator == Some(Separator::Plus);
        let (year, ten, ambiguous) = match digits.len() {
            12 => (number(&digits, 0..4), digits.get(2..).unwrap_or_default(), false),
            10 => {
                let (year, ambiguous) = inferred_year(&digits, plus, today);
                (year, digits.as_str(), ambiguous)
            }
            _ => return Err(PersonalNumberError::Length),
        };
        if !YEARS.contains(&year) {
            return Err(PersonalNumberError::Century);
        }
        // Four digits say the year; a `+` that contradicts them says that something is wrong.
        if plus && year > today.year() - 100 {
            return Err(PersonalNumberError::Characters);
        }
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
        let mut twelve = Zeroizing::new(String::with_capacity(12));
        twelve.push_str(if year < 1900 {
            "18"
        } else if year < 2000 {
            "19"
        } else {
            "20"
        });
        twelve.push_str(ten);
        Ok(Self { twelve, kind })
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

/// The year, and whether it is only a guess.
fn inferred_year(ten: &str, plus: bool, today: Date) -> (i16, bool) {
    let (this_year, year_in_century) = (today.year(), number(ten, 0..2));
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

fn number(digits: &str, range: Range<usize>) -> i16 {
    digits.get(range).and_then(|part| part.parse().ok()).unwrap_or_default()
}

impl fmt::Display for PersonalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-****", self.twelve.get(..8).unwrap_or_default())
    }
}

impl fmt::Debug for PersonalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
