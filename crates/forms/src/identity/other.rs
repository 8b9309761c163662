//! Numbers of other domains: school, university, the Migration Agency, health care.

use std::fmt;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::digits::{is_dash, is_space, luhn};

/// A number that only its own domain can judge, kept as it is said. Wiped from memory when dropped; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct OtherId {
    domain: String,
    value: Zeroizing<String>,
    series: OtherSeries,
}

/// What an other number looks like. It proves nothing; it only tells how the number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherSeries {
    /// T-nummer and TF-nummer, by which a school or social services know a person who has no other number: a birth
    /// date, then `T` and three digits or `TF` and two. There is no check digit.
    Local,
    /// A university's interim number: a birth date, a letter and three digits, of which the last checks.
    Interim,
    /// Anything else: LMA and reserve numbers, numbers from abroad.
    Opaque,
}

/// Letters that begin the last four of an interim number.
const INTERIM: &str = "TRSUWXJKLMN";

impl OtherId {
    /// Takes whatever is said; the series that are known are written their own way.
    pub fn read(domain: &str, said: &str) -> Self {
        let (series, value) =
            recognised(said).unwrap_or_else(|| (OtherSeries::Opaque, Zeroizing::new(said.trim().to_owned())));
        Self { domain: domain.to_owned(), value, series }
    }

    /// Whose number it is, as shown.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The form that is stored and sent.
    pub fn value(&self) -> &str {
        &self.value
    }

    pub fn series(&self) -> OtherSeries {
        self.series
    }
}

fn recognised(said: &str) -> Option<(OtherSeries, Zeroizing<String>)> {
    let mut compact = Zeroizing::new(String::with_capacity(13));
    for c in said.chars().filter(|&c| !is_space(c) && !is_dash(c)) {
        if !c.is_ascii_alphanumeric() || compact.len() == 12 {
            return None;
        }
        compact.push(c.to_ascii_uppercase());
    }
    let at = compact.len().checked_sub(4)?;
    let (born, last) = (compact.get(..at)?, compact.get(at..)?);
    let series = match born.len() {
        8 if is_date(born) && is_local(last) => OtherSeries::Local,
        6 if is_date_of_some_century(born) && is_interim(born, last) => OtherSeries::Interim,
        _ => return None,
    };
    compact.insert(at, '-');
    Some((series, compact))
}

fn is_local(last: &str) -> bool {
    let number = last.strip_prefix("TF").or_else(|| last.strip_prefix('T'));
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

/// The letter counts as 1.
fn is_interim(born: &str, last: &str) -> bool {
    last.strip_prefix(|first| INTERIM.contains(first)).is_some_and(|number| {
        let mut ten = Zeroizing::new(String::with_capacity(10));
        ten.push_str(born);
        ten.push('1');
        ten.push_str(number);
        number.bytes().all(|b| b.is_ascii_digit()) && luhn(&ten)
    })
}

fn is_date(born: &str) -> bool {
    born.bytes().all(|b| b.is_ascii_digit()) && born.parse::<Date>().is_ok()
}

fn is_date_of_some_century(born: &str) -> bool {
    ["19", "20"].iter().any(|century| is_date(&Zeroizing::new(format!("{century}{born}"))))
}

impl fmt::Display for OtherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl fmt::Debug for OtherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(said: &str) -> (OtherSeries, String) {
        let id = OtherId::read("Skolans nummer", said);
        (id.series(), id.value().to_owned())
    }

    #[test]
    fn local_numbers_are_written_with_date_and_dash() {
        for (said, value) in [
            ("20150412-T123", "20150412-T123"),
            ("20150412 t123", "20150412-T123"),
            ("20150412TF12", "20150412-TF12"),
            ("2015\u{2013}04\u{2013}12 tf12", "20150412-TF12"),
        ] {
            assert_eq!(read(said), (OtherSeries::Local, value.to_owned()), "{said}");
        }
    }

    #[test]
    fn interim_numbers_are_known_by_their_check_digit() {
        assert_eq!(read("000101-T220"), (OtherSeries::Interim, "000101-T220".to_owned()));
        // Every letter counts the same.
        for letter in INTERIM.chars() {
            assert_eq!(read(&format!("000101{letter}220")).0, OtherSeries::Interim, "{letter}");
        }
        assert_eq!(read("000101-T221").0, OtherSeries::Opaque);
        assert_eq!(read("000101-A220").0, OtherSeries::Opaque);
    }

    #[test]
    fn everything_else_is_kept_as_it_is_said() {
        for said in [
            "12-345678/9",
            "850101-2382",
            "20150412-T12",
            "20150412-T1234",
            "20150431-T123",
            "20150412-TFF1",
            "20150412-X123",
            "000001-T220",
            "åäö",
            "99 2015 12345C",
            "T",
            "",
        ] {
            assert_eq!(read(said), (OtherSeries::Opaque, said.to_owned()), "{said}");
        }
        assert_eq!(read(" 12-345678/9 ").1, "12-345678/9");
    }

    #[test]
    fn neither_debug_nor_display_shows_anything_of_it() {
        let id = OtherId::read("LMA-nummer", "12-345678/9");
        assert_eq!(format!("{id} {id:?}"), "**** ****");
        assert_eq!(id.domain(), "LMA-nummer");
    }

    fn interim() -> impl Strategy<Value = String> {
        let letter = prop::sample::select(INTERIM.chars().collect::<Vec<_>>());
        (0u8..100, 1u8..=12, 1u8..=28, letter, 0u8..100).prop_map(|(y, m, d, letter, serial)| {
            let born = format!("{y:02}{m:02}{d:02}");
            let check = ('0'..='9').find(|digit| luhn(&format!("{born}1{serial:02}{digit}"))).unwrap();
            format!("{born}-{letter}{serial:02}{check}")
        })
    }

    proptest! {
        #[test]
        fn every_interim_number_is_read_back_in_every_form(number in interim()) {
            for said in [number.clone(), number.replace('-', ""), number.to_lowercase(), number.replace('-', " ")] {
                prop_assert_eq!(read(&said), (OtherSeries::Interim, number.clone()));
            }
        }

        #[test]
        fn an_interim_number_with_one_wrong_digit_is_opaque_and_never_refused(
            number in interim(), at in prop::sample::select(vec![0usize, 1, 2, 3, 4, 5, 8, 9, 10]), by in 1u8..10,
        ) {
            let mut wrong = number.into_bytes();
            wrong[at] = (wrong[at] - b'0' + by) % 10 + b'0';
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(read(&wrong), (OtherSeries::Opaque, wrong));
        }

        #[test]
        fn what_has_been_read_is_read_as_itself(said in "\\PC{0,14}|[0-9]{6,8}[ -]?[TFRSt]{1,2}[0-9]{2,3}") {
            let (series, value) = read(&said);
            prop_assert_eq!(read(&value), (series, value));
        }
    }
}
