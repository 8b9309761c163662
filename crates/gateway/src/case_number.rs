//! Case numbers: `EXB-2026-7K3F-9Q`. Easy to say aloud, impossible to guess from one another, and a slip of the
//! tongue is found out.
//!
//! A counter for each year runs through a keyed permutation, so that numbers are unique without telling how many
//! cases came before. What they look like is [`ledsaga_protocol::case_number`]'s.

use ledsaga_protocol::case_number::{parse, spell};
use sha2::{Digest, Sha256};

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
    Some(spell(prefix, year, &symbols))
}

/// Whether a text is a case number in its one spelling. Nothing that somebody says about themselves is.
pub fn is_right(text: &str) -> bool {
    parse(text).is_ok_and(|number| number == text)
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
        assert_eq!(ledsaga_protocol::case_number::parse(&number).as_deref(), Ok(number.as_str()));
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
