//! Regular expressions that say no more than our patterns do.

use crate::normal;

/// Signs of a pattern.
const SIGNS_MAX: usize = 64;

/// The pattern that means the same, but for the case of letters; none when there is none.
pub(super) fn pattern(regex: &str) -> Option<String> {
    let mut rest = regex.strip_prefix('^')?.strip_suffix('$')?;
    let mut pattern = String::new();
    while !rest.is_empty() {
        let (sign, after) = sign(rest)?;
        let (times, after) = times(after)?;
        if pattern.chars().count().saturating_add(times) > SIGNS_MAX {
            return None;
        }
        pattern.extend(std::iter::repeat_n(sign, times));
        rest = after;
    }
    normal::is_pattern(&pattern).then_some(pattern)
}

fn sign(regex: &str) -> Option<(char, &str)> {
    let classes = [
        (r"\d", '9'),
        ("[0-9]", '9'),
        ("[A-Z]", 'A'),
        ("[a-zA-Z]", 'A'),
        ("[A-Za-z]", 'A'),
        ("[A-ZÅÄÖ]", 'A'),
        ("[a-zA-ZåäöÅÄÖ]", 'A'),
        ("[A-Za-zÅÄÖåäö]", 'A'),
        (r"\p{L}", 'A'),
        ("[A-Z0-9]", '*'),
        ("[A-Za-z0-9]", '*'),
        ("[a-zA-Z0-9]", '*'),
    ];
    if let Some(found) = classes.iter().find_map(|(class, sign)| Some((*sign, regex.strip_prefix(class)?))) {
        return Some(found);
    }
    let (escaped, text) = match regex.strip_prefix('\\') {
        Some(text) => (true, text),
        None => (false, regex),
    };
    let mut chars = text.chars();
    let literal = chars.next()?;
    let plain = if escaped { literal.is_ascii_punctuation() } else { !r"^$\.*+?()[]{}|".contains(literal) };
    // In our patterns these stand for others.
    (plain && !matches!(literal, 'A' | '9' | '*')).then_some((literal, chars.as_str()))
}

/// How often the sign before stands there.
fn times(regex: &str) -> Option<(usize, &str)> {
    match regex.strip_prefix('{') {
        Some(counted) => {
            let (count, after) = counted.split_once('}')?;
            Some((count.parse().ok().filter(|count| (1..=SIGNS_MAX).contains(count))?, after))
        }
        None if regex.starts_with(['*', '+', '?']) => None,
        None => Some((1, regex)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_our_patterns_can_say_is_taken() {
        for (regex, expected) in [
            (r"^\d{3}$", Some("999")),
            (r"^[A-Z]{3} ?$", None),
            (r"^[A-Z]{3} [0-9]{2}[A-Z0-9]$", Some("AAA 99*")),
            (r"^Dnr \d{4}/\d{2}$", Some("Dnr 9999/99")),
            (r"^\d{6}\-\d{4}$", Some("999999-9999")),
            (r"^(a|b)$", None),
            (r"\d{3}", None),
            (r"^A\d$", None),
            (r"^abc$", None),
            (r"^\d{65}$", None),
            (r"^\d{99999999999999999999}$", None),
            (r"^\d+$", None),
            ("^$", None),
        ] {
            assert_eq!(pattern(regex).as_deref(), expected, "{regex}");
        }
    }

    proptest! {
        #[test]
        fn no_expression_makes_it_panic(regex in "\\PC{0,12}|\\^[\\\\dA-Z\\[\\]{}0-9*+ å]{0,16}\\$") {
            if let Some(pattern) = pattern(&regex) {
                prop_assert!(normal::is_pattern(&pattern));
            }
        }
    }
}
