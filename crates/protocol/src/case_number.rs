//! Case numbers, `EXB-2026-7K3F-9Q`: two to five letters of the municipality, the year, five characters and a check
//! character over the year and those five. Here is what both ends need: the alphabet, the check, and reading a number
//! that somebody has said over the phone.

/// No I, O, 0 or 1, which are mistaken for each other in speech and in writing.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Characters after the year, with the check.
const TAIL: usize = 6;
const YEAR: usize = 4;

/// Why something is no case number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseNumberFault {
    /// Something is missing, too much or in the wrong place.
    #[error("not the form of a case number")]
    Form,
    /// I, O, 0 or 1 after the year, where no case number has them.
    #[error("a character that no case number has")]
    LookAlike,
    /// Something was misheard or mistyped.
    #[error("the check character does not fit")]
    Check,
}

/// Reads a case number as people type it: in small letters, without hyphens or with spaces, with O for 0 in the year.
/// Answers its one spelling.
///
/// # Errors
/// Nothing is guessed: what does not fit is said, so that the caller is asked again.
pub fn parse(typed: &str) -> Result<String, CaseNumberFault> {
    let mut plain = Vec::with_capacity(typed.len());
    for character in typed.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => plain.push(character.to_ascii_uppercase() as u8),
            // Word processors have hyphens of their own.
            '-' | '\u{2010}'..='\u{2015}' | '_' | '.' | ',' | '/' | ':' => {}
            _ if character.is_whitespace() => {}
            _ => return Err(CaseNumberFault::Form),
        }
    }
    let tail_at = plain.len().checked_sub(TAIL).ok_or(CaseNumberFault::Form)?;
    let year_at = tail_at.checked_sub(YEAR).ok_or(CaseNumberFault::Form)?;
    let (prefix, rest) = plain.split_at(year_at);
    let (year, tail) = rest.split_at(YEAR);
    let prefix: String = prefix.iter().map(|c| as_letter(*c)).collect();
    if !(2..=5).contains(&prefix.len()) || !prefix.bytes().all(|c| c.is_ascii_uppercase()) {
        return Err(CaseNumberFault::Form);
    }
    let year: String = year.iter().map(|c| as_digit(*c)).collect();
    let year_number: i16 = year.parse().map_err(|_| CaseNumberFault::Form)?;
    let symbols: Option<Vec<u8>> = tail.iter().map(|c| symbol(*c)).collect();
    let symbols = symbols.ok_or(CaseNumberFault::LookAlike)?;
    let (last, first) = symbols.split_last().ok_or(CaseNumberFault::Form)?;
    if check(year_number, first) != *last {
        return Err(CaseNumberFault::Check);
    }
    Ok(spell(&prefix, year_number, first))
}

/// The one spelling of a number, its check added. `symbols` are five numbers below 32.
pub fn spell(prefix: &str, year: i16, symbols: &[u8]) -> String {
    let mut tail: String = symbols.iter().chain([&check(year, symbols)]).map(letter).collect();
    tail.insert(tail.len().min(4), '-');
    format!("{prefix}-{year:04}-{tail}")
}

fn letter(symbol: &u8) -> char {
    char::from(LETTERS[usize::from(symbol & 31)])
}

fn symbol(character: u8) -> Option<u8> {
    LETTERS.iter().position(|letter| *letter == character).and_then(|place| u8::try_from(place).ok())
}

/// Before the year there are letters only.
fn as_letter(character: u8) -> char {
    match character {
        b'0' => 'O',
        b'1' => 'I',
        other => char::from(other),
    }
}

fn as_digit(character: u8) -> char {
    match character {
        b'O' => '0',
        b'I' | b'L' => '1',
        other => char::from(other),
    }
}

/// A weighted sum in the field of 32 elements with a weight of its own for each place: one wrong character, and two
/// that changed places, always give another check.
fn check(year: i16, symbols: &[u8]) -> u8 {
    let digits = [year / 1000, year / 100, year / 10, year].map(|d| (d.unsigned_abs() % 10) as u8);
    digits.iter().chain(symbols).fold(0, |sum, symbol| times_generator(sum ^ symbol))
}

/// Multiplies by x modulo x^5 + x^2 + 1, whose powers are all 31 elements but zero.
fn times_generator(symbol: u8) -> u8 {
    let shifted = symbol << 1;
    if shifted & 32 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> String {
        spell("EXB", 2026, &[5, 17, 1, 13, 7])
    }

    #[test]
    fn a_number_is_read_however_it_is_typed() {
        let number = number();
        assert_eq!(number.len(), "EXB-2026-7K3F-9Q".len());
        for typed in [
            number.clone(),
            number.to_lowercase(),
            number.replace('-', ""),
            number.replace('-', " "),
            number.replace('-', "\u{2013}"),
            format!("  {}\t", number.to_lowercase().replace('-', " - ")),
            number.replace("2026", "2O26"),
        ] {
            assert_eq!(parse(&typed).as_ref(), Ok(&number), "{typed}");
        }
    }

    #[test]
    fn every_wrong_character_and_every_swap_is_found_out() {
        let number = number();
        let places: Vec<usize> = (9..number.len()).filter(|i| number.as_bytes()[*i] != b'-').collect();
        for place in &places {
            for other in LETTERS.iter().map(|l| char::from(*l)) {
                let mut wrong = number.clone();
                wrong.replace_range(place..&(place + 1), &other.to_string());
                assert_eq!(parse(&wrong).is_ok(), wrong == number, "{wrong}");
            }
            for with in &places {
                let mut swapped = number.clone().into_bytes();
                swapped.swap(*place, *with);
                let swapped = String::from_utf8(swapped).unwrap();
                assert_eq!(parse(&swapped).is_ok(), swapped == number, "{swapped}");
            }
        }
        assert_eq!(parse(&number.replace("2026", "2025")), Err(CaseNumberFault::Check));
    }

    #[test]
    fn what_no_number_has_is_said_and_not_guessed() {
        let number = number();
        for character in ['I', 'O', '0', '1'] {
            let mut wrong = number.clone();
            wrong.replace_range(9..10, &character.to_string());
            assert_eq!(parse(&wrong), Err(CaseNumberFault::LookAlike), "{wrong}");
        }
        for wrong in
            ["", "EXB", "2026-7K3F-9Q", "EXB-2026-7K3F-9", "EXBEXB-2026-7K3F-9Q", "EXB-20-7K3F-9Q", "Å", "💛"]
        {
            assert_eq!(parse(wrong), Err(CaseNumberFault::Form), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_is_too_much(typed in ".{0,40}") {
            if let Ok(number) = parse(&typed) {
                proptest::prop_assert_eq!(parse(&number), Ok(number.clone()));
            }
        }
    }
}
