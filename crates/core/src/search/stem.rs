//! Swedish word forms: bilar, bilen and bilarnas are one word in a search.
//!
//! A light stemmer for finding, not for grammar: it takes off one genitive s, one ending of nouns, adjectives or verbs
//! and the -ning of what is done. Two words that meet in one stem by chance cost a hit too many, never one too few.
//! The definite form of words in -a (gatan) and -an beside -ning (ansökan, ansökningar) are taken along, since e-services
//! are full of them.

/// Longest first.
const ENDINGS: [&str; 22] = [
    "anden", "andet", "ande", "arna", "erna", "orna", "aren", "are", "ade", "ena", "igt", "skt", "ad", "an",
    "ar", "at", "en", "er", "et", "or", "a", "e",
];
/// What these leave is an adjective: only their t is an ending.
const NEUTERS: [&str; 2] = ["igt", "skt"];

/// A stem is never shorter, in letters.
const SHORTEST: usize = 3;
/// Before -ing and -ning: tidning is not a form of tid.
const SHORTEST_VERB: usize = 4;

/// What the forms of a word in lower case have in common; `None` when that is the word itself.
pub(super) fn stem(word: &str) -> Option<&str> {
    if !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let mut stem = without_genitive(word);
    stem = ENDINGS.iter().find_map(|ending| without(stem, ending, SHORTEST)).unwrap_or(stem);
    stem = ["ning", "ing"].iter().find_map(|ending| without(stem, ending, SHORTEST_VERB)).unwrap_or(stem);
    stem = without_doubling(stem);
    (stem.len() < word.len()).then_some(stem)
}

fn without_genitive(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(rest) if letters(rest) >= SHORTEST && !rest.ends_with(['s', 'x', 'z', 'i', 'u']) => rest,
        _ => word,
    }
}

fn without<'a>(word: &'a str, ending: &str, shortest: usize) -> Option<&'a str> {
    let rest = word.strip_suffix(ending)?;
    let rest = if NEUTERS.contains(&ending) { word.strip_suffix('t')? } else { rest };
    (letters(rest) >= shortest && rest.contains(is_vowel)).then_some(rest)
}

/// nummer and numret, buss and bus: forms differ in how often they write the last consonant.
fn without_doubling(word: &str) -> &str {
    let mut letters_back = word.chars().rev();
    match (letters_back.next(), letters_back.next()) {
        (Some(last), Some(before)) if last == before && !is_vowel(last) && letters(word) > SHORTEST => {
            word.strip_suffix(last).unwrap_or(word)
        }
        _ => word,
    }
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'å' | 'ä' | 'ö')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(forms: &str) {
        let mut forms = forms.split(' ').map(|word| stem(word).unwrap_or(word));
        let first = forms.next().unwrap();
        for form in forms {
            assert_eq!(form, first);
        }
    }

    #[test]
    fn the_forms_of_a_word_are_one_word() {
        same("bil bilar bilen bilarna bilens bilarnas");
        same("gata gatan gator gatorna gatans");
        same("ansökan ansökans ansöka ansöker ansökning ansökningar ansökningen ansökningarna");
        same("avgift avgiften avgifter avgifterna avgifternas");
        same("buss bussen bussar bussarna");
        same("möjlig möjligt möjliga");
        same("betala betalar betalade betalat betalad betalning betalningen");
        same("lärare läraren lärarna lärarnas");
        same("hus huset husen husets");
        same("ändra ändrar ändrade ändring ändringar ändringen");
        same("sökande sökanden sökandet");
    }

    #[test]
    fn short_words_and_numbers_stay() {
        for word in ["bo", "en", "hus", "åka", "ras", "glas5", "kris", "123", "tid"] {
            assert_eq!(stem(word), None, "{word}");
        }
        assert_ne!(stem("tidning"), Some("tid"));
    }
}
