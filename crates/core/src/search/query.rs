//! What the worker's words mean.

use jiff::civil::Date;

use super::{
    days::{self, Days},
    pattern::Pattern,
    stem::stem,
    words::{LONGEST_NUMBER, MOST_PARTS, Part, grouped, has_plus, in_one, joined, other_numbers, parts},
};

/// More words than anyone types; the rest is not looked at.
const MOST_WORDS: usize = 16;
/// From so many digits on, groups with spaces between them are one number.
const NUMBER: usize = 7;
/// Fewer letters have to be the whole word.
const SHORTEST_BEGINNING: usize = 2;

/// Words that all have to be found, and the days they have to be from.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    days: Option<Days>,
    words: Vec<Pattern>,
}

impl Query {
    /// Any text is a query. Days in it narrow the search (two make a span), the rest are words: each has to be found,
    /// in any field and any form, and may be just the beginning.
    pub fn parse(text: &str, today: Date) -> Self {
        let (days, rest) = days::take(text, today);
        Self { days, words: words(&rest) }
    }

    /// Everything is words, also what looks like a day.
    pub fn of_words(text: &str) -> Self {
        Self { days: None, words: words(text) }
    }

    pub fn days(&self) -> Option<Days> {
        self.days
    }

    /// What has to hold for a document, one for each word.
    pub fn words(&self) -> &[Pattern] {
        &self.words
    }

    /// Nothing is sought.
    pub fn is_empty(&self) -> bool {
        self.days.is_none() && self.words.is_empty()
    }
}

/// Says nothing of the words: they are personal data.
impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Query(..)")
    }
}

fn words(text: &str) -> Vec<Pattern> {
    let parts = parts(text);
    let mut words = Vec::new();
    let mut at = 0;
    while at < parts.len() && words.len() < MOST_WORDS {
        let rest = &parts[at..];
        let (groups, digits) = number_in(rest);
        let number = groups > 0 && (groups == 1 || digits >= NUMBER) && groups >= joined(rest);
        let taken = if number { groups } else { joined(rest) };
        let together = &rest[..taken];
        words.push(if number { in_groups(text, together) } else { with_signs(together) });
        at += taken;
    }
    words
}

/// How many parts are the groups of one number, and its digits: two numbers after each other are too long for one.
fn number_in(parts: &[Part]) -> (usize, usize) {
    let mut number = (0, 0);
    for (groups, part) in (1..).zip(&parts[..grouped(parts)]) {
        let digits = number.1 + part.word.len();
        if groups > 1 && digits > LONGEST_NUMBER {
            break;
        }
        number = (groups, digits);
    }
    number
}

/// A number, however it is grouped.
fn in_groups(text: &str, groups: &[Part]) -> Pattern {
    let number = in_one(groups);
    let mut ways: Vec<Pattern> =
        other_numbers(&number, has_plus(text, &groups[0])).map(Pattern::Begins).collect();
    ways.push(beginning(number));
    any(ways)
}

/// One word, or several with signs between them.
fn with_signs(parts: &[Part]) -> Pattern {
    if let [part] = parts {
        return word(part);
    }
    let has = |test: fn(&u8) -> bool| parts.iter().any(|part| part.word.as_bytes().iter().any(test));
    let whole = in_one(parts);
    let mut ways: Vec<Pattern> = other_numbers(&whole, false).map(Pattern::Begins).collect();
    ways.push(beginning(whole));
    // The parts of a case number say little when they are strewn about.
    let case_number =
        (3..=MOST_PARTS).contains(&parts.len()) && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    if !case_number {
        ways.push(each(parts));
    }
    any(ways)
}

fn each(parts: &[Part]) -> Pattern {
    Pattern::All(parts.iter().take(MOST_WORDS).map(word).collect())
}

fn word(part: &Part) -> Pattern {
    let stem = stem(&part.word).map(|stem| Pattern::Is(stem.to_owned()));
    any([beginning(part.word.clone())].into_iter().chain(stem).collect())
}

fn beginning(word: String) -> Pattern {
    if word.chars().nth(SHORTEST_BEGINNING - 1).is_some() { Pattern::Begins(word) } else { Pattern::Is(word) }
}

fn any(mut ways: Vec<Pattern>) -> Pattern {
    match ways.pop() {
        Some(only) if ways.is_empty() => only,
        last => {
            ways.extend(last);
            Pattern::Any(ways)
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::search::spellings;

    const TODAY: Date = date(2026, 11, 24);

    #[track_caller]
    fn finds(query: &str, text: &str, expected: bool) {
        let query = Query::parse(query, TODAY);
        let spellings = spellings(text);
        assert!(!query.words().is_empty());
        assert_eq!(query.words().iter().all(|word| word.holds(&spellings)), expected, "{text}");
    }

    #[test]
    fn every_word_has_to_be_there_in_any_order() {
        let text = "Färdtjänst för Disa Diktad";
        finds("diktad färdtjänst", text, true);
        finds("diktad taxi", text, false);
    }

    #[test]
    fn a_word_is_found_by_its_beginning_from_two_letters_on() {
        finds("fä", "Färdtjänst", true);
        finds("färdtj", "Färdtjänst", true);
        finds("f", "Färdtjänst", false);
        finds("f", "Bilaga F", true);
        finds("tjänst", "Färdtjänst", false);
    }

    #[test]
    fn a_word_is_found_in_its_other_forms() {
        finds("ansökan", "Två ansökningar om bygglov", true);
        finds("ansökningen", "Ansökan om bygglov", true);
        finds("bilar", "Bilen står på gatan", true);
        finds("gata", "På gatorna", true);
        finds("ansokningar", "Ansökan", true);
    }

    #[test]
    fn letters_typed_without_dots_find_both_and_with_dots_only_their_own() {
        finds("fardtjanst", "Färdtjänst", true);
        finds("fardtjanst", "Fardtjanst", true);
        finds("färdtjänst", "Fardtjanst", false);
        finds("för", "far", false);
        finds("idé", "Ide", true);
        finds("ide", "Idé", true);
    }

    #[test]
    fn a_case_number_is_found_in_any_spelling() {
        let number = "Ärende EXB-2026-ZDF6-MW";
        for query in [
            "EXB-2026-ZDF6-MW",
            "exb2026zdf6mw",
            "exb 2026 zdf6 mw",
            "ZDF6-MW",
            "zdf6mw",
            "zdf6",
            "EXB–2026–ZDF6",
            "exb-2026-zd",
        ] {
            finds(query, number, true);
        }
        finds("EXB-2026-ZDF6-MX", number, false);
        finds("EXB-2026-MW-ZDF6", number, false);
    }

    #[test]
    fn a_telephone_number_is_found_in_any_spelling() {
        let spellings = ["0701740605", "070-174 06 05", "070 1740605", "+46 70 174 06 05", "+46701740605"];
        for query in spellings.iter().chain(&["070-174", "+46 (0)70-174 06 05"]) {
            for text in spellings {
                finds(query, text, true);
            }
        }
        finds("174 06 05", "070-174 06 05", true);
        finds("070-174 06 06", "070-174 06 05", false);
        finds("0701740605 18900101-9802", "18900101-9802, 070-174 06 05", true);
    }

    #[test]
    fn an_identity_number_is_found_with_and_without_its_century() {
        let spellings = ["18900101-9802", "189001019802", "900101-9802", "9001019802"];
        for query in spellings {
            for text in spellings {
                finds(query, text, true);
            }
        }
    }

    #[test]
    fn a_word_with_signs_is_found_written_in_either_way() {
        finds("e-post", "epost", true);
        finds("epost", "e-post", true);
        finds("p-tillstånd", "Tillstånd för p-plats", true);
    }

    #[test]
    fn days_narrow_and_are_no_words() {
        let query = Query::parse("färdtjänst igår", TODAY);
        assert_eq!(query.days(), Some(Days { first: date(2026, 11, 23), last: date(2026, 11, 23) }));
        assert_eq!(query.words().len(), 1);
        assert!(Query::parse(" – \"*", TODAY).is_empty());
    }

    #[test]
    fn a_query_tells_nothing_in_the_log() {
        assert_eq!(format!("{:?}", Query::parse("hemlig", TODAY)), "Query(..)");
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in "\\PC{0,300}") {
            let query = Query::parse(&text, TODAY);
            prop_assert!(query.words().len() <= MOST_WORDS);
        }

        #[test]
        fn a_text_is_found_by_itself(text in "[a-zåäöéA-ZÅÄÖ0-9 .,/+-]{0,60}") {
            let spellings = spellings(&text);
            for word in Query::of_words(&text).words() {
                prop_assert!(word.holds(&spellings));
            }
        }
    }
}
