//! Digits as people write them.

use zeroize::Zeroizing;

/// The digits of a number, and what stands before the last four of them.
pub(crate) struct Written {
    pub digits: Zeroizing<String>,
    pub separator: Option<Separator>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    Dash,
    /// The person turns a hundred this year, or is older.
    Plus,
}

/// Why a text has no digits to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Characters,
    /// More than twelve digits.
    Length,
}

/// Digits in the longest number.
const DIGITS_MAX: usize = 12;

/// Reads digits with spaces and dashes anywhere, and with at most one `+`, which stands before the last four.
pub(crate) fn read(text: &str) -> Result<Written, Unreadable> {
    // With room for all from the start: a string that grows leaves its old bytes behind.
    let mut digits = Zeroizing::new(String::with_capacity(DIGITS_MAX));
    let (mut dash_at, mut plus_at) = (None, None);
    for c in text.chars().filter(|&c| !is_space(c)) {
        match c {
            '0'..='9' if digits.len() < DIGITS_MAX => digits.push(c),
            '0'..='9' => return Err(Unreadable::Length),
            '+' if plus_at.is_none() => plus_at = Some(digits.len()),
            c if is_dash(c) => dash_at = Some(digits.len()),
            _ => return Err(Unreadable::Characters),
        }
    }
    let before_the_last_four = digits.len().checked_sub(4);
    let separator = match (plus_at, dash_at) {
        (None, dash) => dash.filter(|_| dash == before_the_last_four).map(|_| Separator::Dash),
        (plus, dash) if plus == before_the_last_four && dash != plus => Some(Separator::Plus),
        _ => return Err(Unreadable::Characters),
    };
    Ok(Written { digits, separator })
}

/// Every dash that keyboards and pasted text bring, the minus sign and the soft hyphen among them.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{ad}' | '\u{2010}'
            ..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// Every space, the invisible ones of pasted text among them.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Luhn's check over decimal digits, the check digit last.
pub(crate) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match (index % 2, digit) {
                (0, digit) => digit,
                (_, digit @ 0..=4) => digit * 2,
                (_, digit) => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
