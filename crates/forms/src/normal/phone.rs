//! Phone numbers. Swedish ones become E.164; foreign ones are kept as said, since nothing here knows better.

use crate::{
    Fault, fault,
    identity::{is_dash, is_space},
};

/// Digits after `+` in a foreign number; E.164 allows 15.
const FOREIGN: std::ops::RangeInclusive<usize> = 5..=15;

pub(super) fn phone(typed: &str) -> Result<String, Fault> {
    let trimmed = typed.trim_matches(is_space);
    let compact: String = trimmed
        .chars()
        .filter(|&c| !is_space(c) && !is_dash(c) && !matches!(c, '(' | ')' | '.' | '/'))
        .collect();
    let (plus, digits) = match compact.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => match compact.strip_prefix("00") {
            Some(rest) => (true, rest),
            None => (false, compact.as_str()),
        },
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::new(fault::PHONE_FORMAT));
    }
    let swedish = if plus {
        // People write +46 (0)70 …: the zero in front does not belong to the international number.
        digits.strip_prefix("46").map(|rest| rest.strip_prefix('0').unwrap_or(rest))
    } else {
        digits.strip_prefix('0')
    };
    match swedish {
        Some(significant) if swedish_length(significant) => Ok(format!("+46{significant}")),
        Some(_) => Err(Fault::new(fault::PHONE_LENGTH)),
        None if plus && FOREIGN.contains(&digits.len()) => {
            Ok(trimmed.split(is_space).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
        }
        None if plus => Err(Fault::new(fault::PHONE_LENGTH)),
        None => Err(Fault::new(fault::PHONE_FORMAT)),
    }
}

/// Mobile numbers have nine digits after the zero, others seven to nine, freephone numbers (020) from six.
fn swedish_length(significant: &str) -> bool {
    match (significant.get(..2), significant.len()) {
        (Some("70" | "72" | "73" | "76" | "79"), length) => length == 9,
        (Some("20"), length) => (6..=9).contains(&length),
        (_, length) => (7..=9).contains(&length) && !significant.starts_with('0'),
    }
}
