//! The search within one case: the only one that finds in a case with protected personal data.

use std::ops::Range;

use super::{query::Query, words::each_spelling};

/// A place where a word of the query stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which of the texts.
    pub text: usize,
    /// Which bytes of it.
    pub range: Range<usize>,
}

/// Where the words of the query stand in the texts of one case, in order; nothing when one of them is nowhere. The days
/// of the query do not count: use [`Query::of_words`].
pub fn within(query: &Query, texts: &[&str]) -> Vec<Place> {
    let mut found: Vec<(String, usize, Range<usize>)> = Vec::new();
    for (text, content) in texts.iter().enumerate() {
        each_spelling(content, &mut |range, spelling| found.push((spelling.to_owned(), text, range)));
    }
    let mut spellings: Vec<&str> = found.iter().map(|(spelling, ..)| spelling.as_str()).collect();
    spellings.sort_unstable();
    if query.words().is_empty() || !query.words().iter().all(|word| word.holds(&spellings)) {
        return Vec::new();
    }
    let mut places: Vec<Place> = found
        .into_iter()
        .filter(|(spelling, ..)| query.words().iter().any(|word| word.touches(&[spelling])))
        .map(|(_, text, range)| Place { text, range })
        .collect();
    places.sort_by_key(|place| (place.text, place.range.start, place.range.end));
    merge(places)
}

/// Places that overlap are one.
fn merge(places: Vec<Place>) -> Vec<Place> {
    let mut merged: Vec<Place> = Vec::new();
    for place in places {
        match merged.last_mut() {
            Some(last) if last.text == place.text && place.range.start < last.range.end => {
                last.range.end = last.range.end.max(place.range.end);
            }
            _ => merged.push(place),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(query: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let places = within(&Query::of_words(query), texts);
        places.into_iter().map(|place| &texts[place.text][place.range]).collect()
    }

    const NOTE: &str = "Vill ha färdtjänst från 2026-11-24. Ring 070-174 06 05.";
    const ANSWER: &str = "Ansökningar om färdtjänst";

    #[test]
    fn the_places_are_those_of_the_words_as_written() {
        assert_eq!(found("fardtj ansökan", &[NOTE, ANSWER]), ["färdtjänst", "Ansökningar", "färdtjänst"]);
        assert_eq!(found("0701740605", &[NOTE]), ["070-174 06 05"]);
        assert_eq!(found("2026-11-24", &[NOTE]), ["2026-11-24"]);
    }

    #[test]
    fn every_word_has_to_be_somewhere() {
        assert_eq!(found("ring ansökan", &[NOTE, ANSWER]), ["Ring", "Ansökningar"]);
        assert!(found("ring taxi", &[NOTE, ANSWER]).is_empty());
        assert!(found("", &[NOTE, ANSWER]).is_empty());
    }

    proptest! {
        #[test]
        fn a_place_is_within_its_text(query in "\\PC{0,20}", text in "\\PC{0,80}") {
            for place in within(&Query::of_words(&query), &[&text]) {
                prop_assert!(!text[place.range].is_empty());
            }
        }
    }
}
