//! Organisationsnummer.

use std::fmt;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{
    digits::{self, Separator, Unreadable, Written, luhn},
    personal::{PersonalNumber, PersonalNumberError, check_any_century},
};
use crate::fault;

/// A well-formed organisationsnummer. An enskild firma has its owner's personnummer, so it is kept and shown with the
/// same care as one.
#[derive(Clone, PartialEq, Eq)]
pub struct OrganisationNumber {
    ten: Zeroizing<String>,
}

/// What the first digit says of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationGroup {
    /// 1: dödsbo.
    Estate,
    /// 2: stat, kommun, region, församling.
    PublicBody,
    /// 3: utländskt företag.
    Foreign,
    /// 5: aktiebolag.
    LimitedCompany,
    /// 6: enkelt bolag.
    SimplePartnership,
    /// 7: ekonomisk förening, bostadsrättsförening.
    EconomicAssociation,
    /// 8: ideell förening, stiftelse.
    NonProfit,
    /// 9: handelsbolag, kommanditbolag.
    Partnership,
}

impl OrganisationGroup {
    /// 0 and 4 have never been given out.
    fn of(ten: &str) -> Option<Self> {
        match ten.as_bytes().first()? {
            b'1' => Some(Self::Estate),
            b'2' => Some(Self::PublicBody),
            b'3' => Some(Self::Foreign),
            b'5' => Some(Self::LimitedCompany),
            b'6' => Some(Self::SimplePartnership),
            b'7' => Some(Self::EconomicAssociation),
            b'8' => Some(Self::NonProfit),
            b'9' => Some(Self::Partnership),
            _ => None,
        }
    }
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
        let Written { digits, separator } = digits::read(text)?;
        let (prefix, ten) = match digits.len() {
            10 => (None, digits.as_str()),
            12 => (digits.get(..2), digits.get(2..).unwrap_or_default()),
            _ => return Err(OrganisationNumberError::Length),
        };
        match (prefix, is_person(ten)) {
            (None, true) => check_any_century(ten).map_err(from_person)?,
            (Some("18" | "19" | "20"), _) => {
                PersonalNumber::parse(text, today).map_err(from_person)?;
            }
            (Some("16"), true) => return Err(OrganisationNumberError::Person),
            (None | Some("16"), false) => {
                if separator == Some(Separator::Plus) {
                    return Err(OrganisationNumberError::Characters);
                }
                OrganisationGroup::of(ten).ok_or(OrganisationNumberError::Group)?;
                if !luhn(ten) {
                    return Err(OrganisationNumberError::Checksum);
                }
            }
            (Some(_), _) => return Err(OrganisationNumberError::Length),
        }
        Ok(Self { ten: Zeroizing::new(ten.to_owned()) })
    }

    /// The form that is stored and sent.
    pub fn ten_digits(&self) -> &str {
        &self.ten
    }

    /// What sort of organisation it is; none for an enskild firma, whose number is a person's.
    pub fn group(&self) -> Option<OrganisationGroup> {
        if is_person(&self.ten) { None } else { OrganisationGroup::of(&self.ten) }
    }
}

/// Months end at 12, organisations' third digit begins at 2: the two series never meet.
fn is_person(ten: &str) -> bool {
    ten.as_bytes().get(2).is_some_and(|&b| b < b'2')
}

impl From<Unreadable> for OrganisationNumberError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Characters => Self::Characters,
            Unreadable::Length => Self::Length,
        }
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
    use proptest::prelude::*;

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
            ("2556036-0793", OrganisationNumberError::Length),
            ("16556036-07930", OrganisationNumberError::Length),
            ("556036+0793", OrganisationNumberError::Characters),
            ("55+60360793", OrganisationNumberError::Characters),
            ("16850101-2382", OrganisationNumberError::Person),
            ("19556036-0793", OrganisationNumberError::Person),
            ("20270101-2383", OrganisationNumberError::Person),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn neither_debug_nor_display_shows_a_digit() {
        let number = OrganisationNumber::parse("8501012382", date(2026, 11, 22)).unwrap();
        assert!(!format!("{number}{number:?}").contains(|c: char| c.is_ascii_digit()));
    }

    fn any_organisation() -> impl Strategy<Value = String> {
        (prop::sample::select(b"12356789".to_vec()), 0u8..10, 20u32..100, 0u32..100_000).prop_map(
            |(group, second, third, rest)| {
                let nine = format!("{}{second}{third:02}{rest:05}", char::from(group));
                let check = ('0'..='9').find(|digit| luhn(&format!("{nine}{digit}"))).unwrap();
                format!("{nine}{check}")
            },
        )
    }

    #[test]
    fn the_first_digit_says_the_group_and_a_person_has_none() {
        use OrganisationGroup::*;
        let group = |text| OrganisationNumber::parse(text, date(2026, 11, 22)).unwrap().group();
        assert_eq!(group("212000-0142"), Some(PublicBody));
        assert_eq!(group("16556036-0793"), Some(LimitedCompany));
        assert_eq!((group("850101-2382"), group("701063-2391")), (None, None));
        let of = [
            Estate,
            PublicBody,
            Foreign,
            LimitedCompany,
            SimplePartnership,
            EconomicAssociation,
            NonProfit,
            Partnership,
        ];
        assert_eq!(
            ["1", "2", "3", "5", "6", "7", "8", "9"].map(|digit| OrganisationGroup::of(digit).unwrap()),
            of
        );
        assert_eq!((OrganisationGroup::of("0"), OrganisationGroup::of("4")), (None, None));
    }

    proptest! {
        #[test]
        fn every_well_formed_number_is_read_back_in_every_form(ten in any_organisation()) {
            for written in [ten.clone(), format!("{}-{}", &ten[..6], &ten[6..]), format!("16{ten}"), format!("16 {} - {}", &ten[..6], &ten[6..])] {
                prop_assert_eq!(parse(&written), Ok(ten.clone()));
            }
        }

        #[test]
        fn one_wrong_digit_is_noticed(ten in any_organisation(), at in 0usize..10, by in 1u8..10) {
            let mut wrong = ten.into_bytes();
            wrong[at] = (wrong[at] - b'0' + by) % 10 + b'0';
            prop_assert!(parse(&String::from_utf8(wrong).unwrap()).is_err());
        }
    }
}
