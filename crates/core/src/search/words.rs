//! What a text is taken apart into: its words, and every spelling under which each is to be found.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::stem::stem;
use crate::swedish::{bare, plain};

/// Longer spellings are cut, in texts and queries alike, so that they are still found.
const LONGEST: usize = 40;
/// So many parts without a space between them may be one word written with signs: a case number, e-post.
pub(super) const MOST_PARTS: usize = 6;
/// The longest number written in groups: an identity number with its century, a telephone number from abroad.
pub(super) const LONGEST_NUMBER: usize = 14;

/// All spellings of all words of a text, sorted, each once. Letters and digits only, in lower case.
///
/// A word is there as written, without the dots of å, ä and ö, and by its stem. What is written in groups (`070-174 06
/// 05`, `EXB-2026-7K3F-9Q`) is there in one, from each group on.
pub fn spellings(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    each_spelling(text, &mut |_, spelling| all.push(spelling.to_owned()));
    all.sort_unstable();
    all.dedup();
    all
}

/// A run of letters and digits.
pub(super) struct Part {
    pub range: Range<usize>,
    /// In lower case, without accents.
    pub word: String,
    gap: Gap,
}

/// What stands before a part, after the one before it.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    /// A space, and nothing that ends a number.
    Space,
    /// Signs, but no space.
    Signs,
    /// Signs that groups of digits are written with, but no space.
    Grouping,
    /// The two are not of one word or number.
    Apart,
}

impl Part {
    fn is_number(&self) -> bool {
        self.word.bytes().all(|b| b.is_ascii_digit())
    }

    /// Written together with the part before it.
    fn is_joined(&self) -> bool {
        matches!(self.gap, Gap::Signs | Gap::Grouping)
    }

    /// May be a further group of the number before it.
    fn goes_on(&self) -> bool {
        self.is_number() && matches!(self.gap, Gap::Space | Gap::Grouping)
    }
}

pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(char::is_alphanumeric).map(|at| rest + at) {
        let end = text[start..].find(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
        let end = end.map_or(text.len(), |length| start + length);
        let word = word(&text[start..end]);
        if !word.is_empty() {
            let gap = gap(&text[parts.last().map_or(0, |part| part.range.end)..start]);
            parts.push(Part { range: start..end, word, gap });
        }
        rest = end;
    }
    parts
}

fn word(written: &str) -> String {
    if written.is_ascii() {
        return cut(written.to_ascii_lowercase());
    }
    let letters = written.nfc().flat_map(char::to_lowercase).map(|c| match c {
        'æ' => 'ä',
        'ø' => 'ö',
        c => plain(c),
    });
    letters.filter(|c| c.is_alphanumeric()).take(LONGEST).collect()
}

fn gap(between: &str) -> Gap {
    let grouping = between.chars().all(|c| matches!(c, ' ' | '\u{a0}' | '-' | '–' | '(' | ')' | '/' | '+'));
    match (grouping, between.contains(char::is_whitespace)) {
        (true, true) => Gap::Space,
        (true, false) => Gap::Grouping,
        (false, false) => Gap::Signs,
        (false, true) => Gap::Apart,
    }
}

fn cut(mut spelling: String) -> String {
    if let Some((end, _)) = spelling.char_indices().nth(LONGEST) {
        spelling.truncate(end);
    }
    spelling
}

/// How many parts from the first on are written together.
pub(super) fn joined(parts: &[Part]) -> usize {
    1 + parts.iter().skip(1).take_while(|part| part.is_joined()).count()
}

/// How many parts from the first on may be the groups of one number; none when the first is not digits.
pub(super) fn grouped(parts: &[Part]) -> usize {
    match parts.first() {
        Some(first) if first.is_number() => {
            1 + parts.iter().skip(1).take_while(|part| part.goes_on()).count()
        }
        _ => 0,
    }
}

/// The parts as one word.
pub(super) fn in_one(parts: &[Part]) -> String {
    cut(parts.iter().map(|part| part.word.as_str()).collect())
}

/// The other ways to write a number: an identity number without its century, a telephone number from within Sweden.
pub(super) fn other_numbers(number: &str, plus: bool) -> impl Iterator<Item = String> {
    let date = number.get(..8).is_some_and(|date| date.bytes().all(|b| b.is_ascii_digit()));
    let century = ["18", "19", "20"].iter().any(|century| number.starts_with(century));
    let short = (date && century && number.len() >= 12).then(|| number[2..].to_owned());
    let abroad = number.strip_prefix("0046").or_else(|| number.strip_prefix("46").filter(|_| plus));
    let national = abroad
        .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        .map(|rest| format!("0{}", rest.trim_start_matches('0')))
        .filter(|national| national.len() > 6);
    short.into_iter().chain(national)
}

/// Whether a number begins with the sign for abroad.
pub(super) fn has_plus(text: &str, part: &Part) -> bool {
    text[..part.range.start].ends_with('+')
}

/// Calls back with each spelling and where in the text it stands; the same one may come several times.
pub(super) fn each_spelling(text: &str, each: &mut impl FnMut(Range<usize>, &str)) {
    let parts = parts(text);
    let mut joined_until = 0;
    let mut grouped_until = 0;
    for (at, part) in parts.iter().enumerate() {
        word_spellings(&part.word, &mut |spelling| each(part.range.clone(), spelling));
        let plus = has_plus(text, part);
        if part.word.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            other_numbers(&part.word, plus).for_each(|number| each(part.range.clone(), &number));
        }

        if at >= joined_until {
            joined_until = at + joined(&parts[at..]);
            let group = &parts[at..joined_until];
            if (2..=MOST_PARTS).contains(&group.len()) {
                for first in 0..group.len() - 1 {
                    let tail = &group[first..];
                    let range = tail[0].range.start..group[group.len() - 1].range.end;
                    let word = in_one(tail);
                    with_undotted(&word, &mut |spelling| each(range.clone(), spelling));
                    other_numbers(&word, false).for_each(|number| each(range.clone(), &number));
                }
            }
        }

        if at >= grouped_until {
            grouped_until = at + grouped(&parts[at..]).max(1);
        }
        if grouped_until - at >= 2 {
            let mut number = String::new();
            let mut end = part.range.end;
            for group in &parts[at..grouped_until] {
                if number.len() >= LONGEST_NUMBER {
                    break;
                }
                number.push_str(&group.word);
                end = group.range.end;
            }
            let range = part.range.start..end;
            each(range.clone(), &number);
            other_numbers(&number, plus).for_each(|number| each(range.clone(), &number));
        }
    }
}

/// Without dots it gets a stem of its own, since the query makes one of the word as it was typed.
fn word_spellings(word: &str, each: &mut impl FnMut(&str)) {
    with_undotted(word, &mut |spelling| {
        each(spelling);
        if let Some(stem) = stem(spelling) {
            each(stem);
        }
    });
}

fn with_undotted(word: &str, each: &mut impl FnMut(&str)) {
    each(word);
    if word.contains(['å', 'ä', 'ö']) {
        each(&word.chars().map(bare).collect::<String>());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_is_there_as_written_without_dots_and_by_its_stem() {
        assert_eq!(
            spellings("Färdtjänsten, FÄRDTJÄNSTEN!"),
            ["fardtjanst", "fardtjansten", "färdtjänst", "färdtjänsten"]
        );
        assert_eq!(spellings("  …  "), [""; 0]);
    }

    #[test]
    fn letters_are_the_same_however_they_are_encoded() {
        assert_eq!(spellings("A\u{30a}sa"), spellings("Åsa"));
        assert_eq!(spellings("Ide\u{301}"), ["ide"]);
        assert_eq!(spellings("Sørensen"), spellings("Sörensen"));
        assert_eq!(spellings("İ"), ["i"]);
    }

    #[test]
    fn what_is_written_in_groups_is_there_in_one() {
        let has = |text: &str, spelling: &str| {
            assert!(spellings(text).contains(&spelling.to_owned()), "{text}: {spelling}");
        };
        for tail in ["exb2026zdf6mw", "2026zdf6mw", "zdf6mw", "mw", "zdf6"] {
            has("EXB-2026-ZDF6-MW", tail);
        }
        has("e-post", "epost");
        for phone in
            ["070-174 06 05", "070 1740605", "+46 70 174 06 05", "0046701740605", "+46 (0)70-1740605"]
        {
            has(phone, "0701740605");
        }
        for number in ["18900101-9802", "189001019802", "900101-9802", "18900101 9802"] {
            has(number, "9001019802");
        }
    }

    #[test]
    fn numbers_in_different_sentences_are_not_one() {
        assert!(!spellings("Ring 070, 174 svarade").contains(&"070174".to_owned()));
    }

    proptest! {
        #[test]
        fn a_spelling_is_letters_and_digits_and_stands_in_the_text(text in "\\PC{0,80}") {
            each_spelling(&text, &mut |range, spelling| {
                assert!(text.get(range).is_some_and(|written| !written.is_empty()));
                assert!(!spelling.is_empty() && spelling.chars().all(char::is_alphanumeric));
                assert!(spelling.chars().count() <= LONGEST.max(LONGEST_NUMBER + LONGEST));
                assert_eq!(spelling.to_lowercase(), spelling);
            });
        }
    }
}
