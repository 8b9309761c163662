//! Numbers and amounts.

use crate::{
    Fault, fault,
    identity::{is_dash, is_space},
};

/// More digits than this before the decimal mark are not told apart by `f64`.
const DIGITS_MAX: usize = 15;

/// The value of a number or amount as typed, whatever its limits.
pub(crate) fn value(typed: &str) -> Option<f64> {
    plain(without_currency(typed)).and_then(|text| text.parse().ok())
}

pub(super) fn number(typed: &str, min: Option<f64>, max: Option<f64>, decimals: u8) -> Result<String, Fault> {
    let text = plain(typed).ok_or_else(|| Fault::new(fault::NUMBER_FORMAT))?;
    if text.split_once('.').is_some_and(|(_, after)| after.len() > usize::from(decimals)) {
        return Err(Fault::with(fault::NUMBER_DECIMALS, "decimals", decimals));
    }
    let value: f64 = text.parse().map_err(|_| Fault::new(fault::NUMBER_FORMAT))?;
    match (min, max) {
        (Some(min), _) if value < min => Err(Fault::with(fault::NUMBER_TOO_SMALL, "min", min)),
        (_, Some(max)) if value > max => Err(Fault::with(fault::NUMBER_TOO_LARGE, "max", max)),
        _ => Ok(text),
    }
}

/// Whole kronor, with or without the currency: `12 000`, `12 000 kr`, `12000:-`, `12 000,00`.
pub(super) fn money(typed: &str, max: Option<u64>) -> Result<String, Fault> {
    let text = plain(without_currency(typed)).ok_or_else(|| Fault::new(fault::MONEY_FORMAT))?;
    let whole = match text.split_once('.') {
        Some((whole, "00")) => whole,
        Some(_) => return Err(Fault::new(fault::MONEY_FORMAT)),
        None => &text,
    };
    let kronor: u64 = whole.parse().map_err(|_| Fault::new(fault::MONEY_FORMAT))?;
    match max {
        Some(max) if kronor > max => Err(Fault::with(fault::MONEY_TOO_LARGE, "max", max)),
        _ => Ok(kronor.to_string()),
    }
}

fn without_currency(typed: &str) -> &str {
    let text = typed.trim_matches(is_space);
    ["kronor", "kr.", "kr", "SEK", "sek", ":-", ",-"]
        .iter()
        .find_map(|suffix| text.strip_suffix(suffix))
        .unwrap_or(text)
}

/// Digits with at most one point, a sign only when negative, no spaces and no needless zeros in front.
fn plain(typed: &str) -> Option<String> {
    let text: String =
        typed.chars().filter(|&c| !is_space(c)).map(|c| if c == ',' { '.' } else { c }).collect();
    let unsigned = text.strip_prefix(is_dash);
    let (negative, rest) = (unsigned.is_some(), unsigned.unwrap_or(&text));
    let (whole, decimals) = match rest.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (rest, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !decimals.is_none_or(|part| all_digits(part) && part.len() <= DIGITS_MAX) {
        return None;
    }
    let significant = whole.trim_start_matches('0');
    if significant.len() > DIGITS_MAX {
        return None;
    }
    let whole = if significant.is_empty() { "0" } else { significant };
    let zero = whole == "0" && decimals.is_none_or(|part| part.bytes().all(|b| b == b'0'));
    let sign = if negative && !zero { "-" } else { "" };
    Some(match decimals {
        Some(part) => format!("{sign}{whole}.{part}"),
        None => format!("{sign}{whole}"),
    })
}
