//! Organisationsnummer.

use std::fmt;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{
    digits::{is_dash, is_space, luhn},
    personal::{PersonalNumber, PersonalNumberError, check_any_century},
};
use crate::fault;

/// A well-formed organisationsnummer. An enskild firma has its owner's personnummer, so it is kept and shown with the
/// same care as one.
#[derive(Clone, PartialEq, Eq)]
pub struct OrganisationNumber {
    ten: Zeroizing<String>,
}

/// Why a text is not an organisationsnummer; the first reason found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationNumberError {
    #[error("something else than digits and dashes")]
    Characters,
    #[error("not ten digits, nor twelve that begin with 16")]
    Length,
    #[error("no group of organisations begins with this digit")]
    Group,
    #[error("neither an organisation's number nor a person's")]
    Person,
    #[error("the check digit is wrong")]
    Checksum,
}

impl OrganisationNumberError {
    /// The code of the fault to show.
    pub fn code(self) -> &'static str {
        match self {
            Self::Characters => fault::ORGNR_CHARACTERS,
            Self::Length => fault::ORGNR_LENGTH,
            Self::Group => fault::ORGNR_GROUP,
            Self::Person => fault::ORGNR_PERSON,
            Self::Checksum => fault::ORGNR_CHECKSUM,
        }
    }
}

impl OrganisationNumber {
    /// Reads ten digits, twelve that begin with 16, or the personnummer of an enskild firma's owner.
    ///
    /// # Errors
    /// The first reason why it is not a number; see [`OrganisationNumberError`].
    pub fn parse(text: &str, today: Date) -> Result<Self, OrganisationNumberError> {
        let digits: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|&c| !is_space(c) && !is_dash(c) && c != '+').collect());
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(OrganisationNumberError::Characters);
        }
        let ten = match (digits.len(), digits.get(..2)) {
            (10, _) => digits.as_str(),
            (12, Some("16")) => digits.get(2..).unwrap_or_default(),
            (12, Some("18" | "19" | "20")) => {
                PersonalNumber::parse(&digits, today).map_err(from_person)?;
                digits.get(2..).unwrap_or_default()
            }
            _ => return Err(OrganisationNumberError::Length),
        };
        // Months end at 12, organisations' third digit begins at 2: the two series never meet.
        if ten.as_bytes().get(2).is_some_and(|&b| b < b'2') {
            check_any_century(ten).map_err(from_person)?;
        } else if ten.starts_with(['0', '4']) {
            return Err(OrganisationNumberError::Group);
        } else if !luhn(ten) {
            return Err(OrganisationNumberError::Checksum);
        }
        Ok(Self { ten: Zeroizing::new(ten.to_owned()) })
    }

    /// The form that is stored and sent.
    pub fn ten_digits(&self) -> &str {
        &self.ten
    }
}

fn from_person(error: PersonalNumberError) -> OrganisationNumberError {
    match error {
        PersonalNumberError::Checksum => OrganisationNumberError::Checksum,
        _ => OrganisationNumberError::Person,
    }
}

impl fmt::Display for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("******-****")
    }
}

impl fmt::Debug for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("******-****")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn parse(text: &str) -> Result<String, OrganisationNumberError> {
        OrganisationNumber::parse(text, date(2026, 11, 22)).map(|number| number.ten_digits().to_owned())
    }

    #[test]
    fn organisations_are_read_with_and_without_prefix() {
        for (text, ten) in [
            ("212000-0142", "2120000142"),
            ("212000-1355", "2120001355"),
            ("556036\u{2013}0793", "5560360793"),
            ("16556036-0793", "5560360793"),
            ("16 556036 0793", "5560360793"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(ten));
        }
    }

    #[test]
    fn a_sole_trader_has_the_owners_number() {
        assert_eq!(parse("19850101-2382").as_deref(), Ok("8501012382"));
        assert_eq!(parse("850101-2382").as_deref(), Ok("8501012382"));
        assert_eq!(parse("240101+9183").as_deref(), Ok("2401019183"));
        assert_eq!(parse("701063-2391").as_deref(), Ok("7010632391"));
        assert_eq!(parse("000220-2380").as_deref(), Ok("0002202380"));
    }

    #[test]
    fn wrong_numbers_are_refused_for_their_own_reason() {
        for (text, error) in [
            ("556036-0794", OrganisationNumberError::Checksum),
            ("456036-0794", OrganisationNumberError::Group),
            ("056036-0793", OrganisationNumberError::Group),
            ("55603607", OrganisationNumberError::Length),
            ("17556036-0793", OrganisationNumberError::Length),
            ("556036-079A", OrganisationNumberError::Characters),
            ("850101-2383", OrganisationNumberError::Checksum),
            ("850230-2382", OrganisationNumberError::Person),
            ("850101-0002", OrganisationNumberError::Person),
            ("", OrganisationNumberError::Length),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn neither_debug_nor_display_shows_a_digit() {
        let number = OrganisationNumber::parse("8501012382", date(2026, 11, 22)).unwrap();
        assert!(!format!("{number}{number:?}").contains(|c: char| c.is_ascii_digit()));
    }
}
