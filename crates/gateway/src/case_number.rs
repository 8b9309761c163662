//! Case numbers: `EXB-2026-7K3F-9Q`. Easy to say aloud, impossible to guess from one another, and a slip of the
//! tongue is found out.
//!
//! A counter for each year runs through a keyed permutation, so that numbers are unique without telling how many
//! cases came before. The last character is a check over the year and the other characters.

use sha2::{Digest, Sha256};

/// No I, O, 0 or 1, which are mistaken for each other in speech and in writing.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Five letters of five bits each.
const BITS: u32 = 25;
/// The permutation works on an even number of bits and walks on until it is within `BITS`.
const HALF: u32 = BITS.div_ceil(2);
const ROUNDS: u8 = 8;

/// How many cases a year has room for.
pub const CAPACITY: u64 = 1 << BITS;

/// The case number of the `ordinal`th case (from 1) of a year. `None` beyond [`CAPACITY`].
pub fn format(prefix: &str, year: i16, ordinal: u64, secret: &[u8]) -> Option<String> {
    let mut value = u32::try_from(ordinal.checked_sub(1)?).ok().filter(|v| u64::from(*v) < CAPACITY)?;
    loop {
        value = permute(value, secret);
        if u64::from(value) < CAPACITY {
            break;
        }
    }
    let symbols: Vec<u8> = (0..5).rev().map(|place| ((value >> (5 * place)) & 31) as u8).collect();
    let mut text: String = symbols.iter().chain([&check(year, &symbols)]).map(letter).collect();
    text.insert(4, '-');
    Some(format!("{prefix}-{year}-{text}"))
}

/// Whether a text has the form of a case number, its check included. Nothing that somebody says about themselves has.
pub fn is_right(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(prefix), Some(year), Some(head), Some(tail), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_prefix = (2..=5).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_uppercase());
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let symbols: Option<Vec<u8>> = head
        .bytes()
        .chain(tail.bytes())
        .map(|byte| LETTERS.iter().position(|letter| *letter == byte).and_then(|at| u8::try_from(at).ok()))
        .collect();
    match (year.parse(), symbols.as_deref().and_then(<[u8]>::split_last)) {
        (Ok(year), Some((last, rest))) if is_prefix && is_year && (head.len(), tail.len()) == (4, 2) => {
            check(year, rest) == *last
        }
        _ => false,
    }
}

fn letter(symbol: &u8) -> char {
    char::from(LETTERS[usize::from(symbol & 31)])
}

/// A balanced Feistel network over `2 * HALF` bits: whatever the round function is, it is one to one.
fn permute(value: u32, secret: &[u8]) -> u32 {
    let mask = (1 << HALF) - 1;
    let (mut left, mut right) = (value >> HALF, value & mask);
    for round in 0..ROUNDS {
        (left, right) = (right, left ^ (mix(secret, round, right) & mask));
    }
    left << HALF | right
}

fn mix(secret: &[u8], round: u8, half: u32) -> u32 {
    let digest =
        Sha256::new().chain_update(secret).chain_update([round]).chain_update(half.to_be_bytes()).finalize();
    digest.iter().take(4).fold(0, |value, byte| value << 8 | u32::from(*byte))
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
    use std::collections::BTreeSet;

    use super::*;

    const SECRET: &[u8] = b"a secret for tests";

    #[test]
    fn the_form_is_short_and_without_look_alikes() {
        let number = format("EXB", 2026, 1, SECRET).unwrap();
        assert_eq!(number.len(), "EXB-2026-7K3F-9Q".len());
        let tail = number.strip_prefix("EXB-2026-").unwrap();
        assert_eq!(tail.find('-'), Some(4));
        assert!(!tail.contains(['I', 'O', '0', '1']));
        assert!(is_right(&number));
    }

    #[test]
    fn no_number_comes_twice() {
        let numbers: BTreeSet<_> = (1..=5_000).map(|n| format("EXB", 2026, n, SECRET).unwrap()).collect();
        assert_eq!(numbers.len(), 5_000);
    }

    #[test]
    fn the_next_number_cannot_be_told_from_the_last() {
        let numbers: Vec<_> = (1..=1000).map(|n| format("EXB", 2026, n, SECRET).unwrap()).collect();
        let ascending = numbers.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((400..600).contains(&ascending), "{ascending} of 999 ascend");
        assert_ne!(numbers[0], format("EXB", 2026, 1, b"another secret").unwrap());
    }

    #[test]
    fn every_wrong_character_and_every_swap_is_found_out() {
        let number = format("EXB", 2026, 4711, SECRET).unwrap();
        let places: Vec<usize> = (9..number.len()).filter(|i| number.as_bytes()[*i] != b'-').collect();
        for place in &places {
            for other in LETTERS.iter().map(|l| char::from(*l)) {
                let mut wrong = number.clone();
                wrong.replace_range(place..&(place + 1), &other.to_string());
                assert_eq!(is_right(&wrong), wrong == number, "{wrong}");
            }
            for with in &places {
                let mut swapped = number.clone().into_bytes();
                swapped.swap(*place, *with);
                let swapped = String::from_utf8(swapped).unwrap();
                assert_eq!(is_right(&swapped), swapped == number, "{swapped}");
            }
        }
        assert!(!is_right(&number.replace("2026", "2025")));
    }

    #[test]
    fn what_is_not_a_case_number_has_not_its_form() {
        let number = format("EXB", 2026, 1, SECRET).unwrap();
        let lower = number.to_lowercase();
        let more = format!("{number}-A");
        for wrong in
            ["", "-", "----", "19121212-1212", "EXB-2026", &lower, &more, &number[2..], "EXB-2026-ÅÄÖ-9Q"]
        {
            assert!(!is_right(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_full_year_is_said_and_not_wrapped() {
        assert!(format("EXB", 2026, CAPACITY, SECRET).is_some());
        assert!(format("EXB", 2026, CAPACITY + 1, SECRET).is_none());
        assert!(format("EXB", 2026, 0, SECRET).is_none());
    }
}
