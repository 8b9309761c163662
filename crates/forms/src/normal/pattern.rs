//! Texts of a fixed shape, such as `AAA 99*` for a registration number.

use crate::identity::{is_dash, is_space};

/// Signs in a pattern.
const MAX: usize = 64;

/// A pattern is short and has something to fill in.
pub(crate) fn is_pattern(pattern: &str) -> bool {
    pattern.chars().count() <= MAX
        && pattern.trim() == pattern
        && !pattern.chars().any(char::is_control)
        && pattern.contains(['A', '9', '*'])
}

/// The text as the pattern writes it, in capitals; none when it does not fit.
///
/// One step for each sign, whatever is typed: what stands for itself may be left out.
pub(super) fn fit(pattern: &str, typed: &str) -> Option<String> {
    let typed = typed.chars().filter(|&c| !is_space(c) && !is_dash(c));
    let mut typed = typed.flat_map(char::to_uppercase).peekable();
    let mut fitted = String::with_capacity(pattern.len());
    for sign in pattern.chars() {
        let taken = match sign {
            'A' => typed.next_if(|c| c.is_alphabetic())?,
            '9' => typed.next_if(char::is_ascii_digit)?,
            '*' => typed.next_if(|c| c.is_alphabetic() || c.is_ascii_digit())?,
            literal => {
                // Some letters are two in capitals.
                literal.to_uppercase().take_while(|&upper| typed.next_if_eq(&upper).is_some()).for_each(drop);
                literal
            }
        };
        fitted.push(taken);
    }
    typed.next().is_none().then_some(fitted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spaces_dashes_and_case_do_not_matter_and_literals_may_be_left_out() {
        for typed in ["abc123", "ABC 123", "abc-123", " A B C 1 2 3 "] {
            assert_eq!(fit("AAA 99*", typed).as_deref(), Some("ABC 123"), "{typed}");
        }
        assert_eq!(fit("AAA 99*", "åäö12x").as_deref(), Some("ÅÄÖ 12X"));
        assert_eq!(fit("Dnr 9999/99", "2026/14").as_deref(), Some("Dnr 2026/14"));
        assert_eq!(fit("Dnr 9999/99", "dnr202614").as_deref(), Some("Dnr 2026/14"));
    }

    #[test]
    fn what_is_short_long_or_of_the_wrong_sort_does_not_fit() {
        for typed in ["ab123", "abc12", "abc1234", "1bc123", "abc-12/", ""] {
            assert_eq!(fit("AAA 99*", typed), None, "{typed}");
        }
    }

    #[test]
    fn a_pattern_has_something_to_fill_in() {
        assert!(is_pattern("AAA 99*"));
        assert!(!is_pattern("bbb") && !is_pattern("") && !is_pattern(" 9") && !is_pattern(&"9".repeat(65)));
    }

    proptest! {
        #[test]
        fn what_fits_fits_again_as_it_is(pattern in "[A9*]{1,3}[a-zß /-]{0,3}[A9*]{0,3}", typed in "[A-Za-z0-9ß /-]{0,9}") {
            if let Some(fitted) = fit(&pattern, &typed) {
                prop_assert_eq!(fit(&pattern, &fitted), Some(fitted.clone()));
            }
        }
    }
}
