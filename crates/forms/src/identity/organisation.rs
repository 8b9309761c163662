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
