//! Letter by letter: the Swedish spelling alphabet, and the international one (ICAO) in English.

use unicode_normalization::UnicodeNormalization;

use super::Language;

/// A sign, how it is said in Swedish, and in English.
type Named = (char, &'static str, &'static str);

const LETTERS: [Named; 26] = [
    ('a', "Adam", "Alfa"),
    ('b', "Bertil", "Bravo"),
    ('c', "Caesar", "Charlie"),
    ('d', "David", "Delta"),
    ('e', "Erik", "Echo"),
    ('f', "Filip", "Foxtrot"),
    ('g', "Gustav", "Golf"),
    ('h', "Helge", "Hotel"),
    ('i', "Ivar", "India"),
    ('j', "Johan", "Juliett"),
    ('k', "Kalle", "Kilo"),
    ('l', "Ludvig", "Lima"),
    ('m', "Martin", "Mike"),
    ('n', "Niklas", "November"),
    ('o', "Olof", "Oscar"),
    ('p', "Petter", "Papa"),
    ('q', "Qvintus", "Quebec"),
    ('r', "Rudolf", "Romeo"),
    ('s', "Sigurd", "Sierra"),
    ('t', "Tore", "Tango"),
    ('u', "Urban", "Uniform"),
    ('v', "Viktor", "Victor"),
    ('w', "Wilhelm", "Whiskey"),
    ('x', "Xerxes", "X-ray"),
    ('y', "Yngve", "Yankee"),
    ('z', "Zäta", "Zulu"),
];

/// Letters that are not one of the others with a mark.
const OTHERS: [Named; 9] = [
    ('å', "Åke", "Alfa with a ring"),
    ('ä', "Ärlig", "Alfa with two dots"),
    ('ö', "Östen", "Oscar with two dots"),
    ('æ', "danskt Ä", "Alfa and Echo as one letter"),
    ('ø', "danskt Ö", "Oscar with a stroke"),
    ('đ', "David med streck", "Delta with a stroke"),
    ('ł', "Ludvig med streck", "Lima with a stroke"),
    ('ı', "Ivar utan prick", "India without a dot"),
    ('ß', "tyskt dubbel-s", "German double s"),
];

const SIGNS: [Named; 9] = [
    ('-', "bindestreck", "hyphen"),
    ('.', "punkt", "dot"),
    (',', "komma", "comma"),
    (':', "kolon", "colon"),
    ('_', "understreck", "underscore"),
    ('@', "snabel-a", "at sign"),
    ('/', "snedstreck", "slash"),
    ('+', "plus", "plus"),
    ('\'', "apostrof", "apostrophe"),
];

/// Marks on letters, as combining characters.
const MARKS: [Named; 12] = [
    ('\u{300}', "med grav accent", "with a grave accent"),
    ('\u{301}', "med accent", "with an accent"),
    ('\u{302}', "med cirkumflex", "with a circumflex"),
    ('\u{303}', "med tilde", "with a tilde"),
    ('\u{304}', "med streck över", "with a line above"),
    ('\u{306}', "med båge", "with a bow above"),
    ('\u{307}', "med punkt", "with a dot above"),
    ('\u{308}', "med två prickar", "with two dots"),
    ('\u{30a}', "med ring", "with a ring"),
    ('\u{30b}', "med dubbel accent", "with a double accent"),
    ('\u{30c}', "med hake", "with a hook above"),
    ('\u{327}', "med cedilj", "with a cedilla"),
];

/// `Öberg` is `Östen Bertil Erik Rudolf Gustav`; words are parted by a comma. A sign without a name is said as it is.
pub fn spell(text: &str, language: Language) -> String {
    let word = |word: &str| word.nfc().map(|c| sign(c, language)).collect::<Vec<_>>().join(" ");
    text.split_whitespace().map(word).collect::<Vec<_>>().join(", ")
}

fn sign(c: char, language: Language) -> String {
    let lower: String = c.to_lowercase().nfc().collect();
    let parts =
        || lower.nfd().map(|part| name(part, &[&LETTERS, &MARKS], language)).collect::<Option<Vec<_>>>();
    let mut chars = lower.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => name(only, &[&LETTERS, &OTHERS, &SIGNS], language).map(str::to_owned),
        _ => None,
    }
    .or_else(|| parts().map(|parts| parts.join(" ")))
    .unwrap_or_else(|| c.to_string())
}

fn name(c: char, among: &[&[Named]], language: Language) -> Option<&'static str> {
    let (_, swedish, english) = among.iter().copied().flatten().find(|(named, ..)| *named == c)?;
    Some(language.either(swedish, english))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swedish(text: &str) -> String {
        spell(text, Language::Swedish)
    }

    fn english(text: &str) -> String {
        spell(text, Language::English)
    }

    #[test]
    fn names_are_spelled_letter_by_letter() {
        assert_eq!(swedish("Öberg"), "Östen Bertil Erik Rudolf Gustav");
        assert_eq!(swedish("Eva-Li  Åh"), "Erik Viktor Adam bindestreck Ludvig Ivar, Åke Helge");
        assert_eq!(swedish("Väg 7b"), "Viktor Ärlig Gustav, 7 Bertil");
        assert_eq!(swedish(""), "");
        assert_eq!(english("Xu-Li"), "X-ray Uniform hyphen Lima India");
        assert_eq!(english("Åsa Böhm"), "Alfa with a ring Sierra Alfa, Bravo Oscar with two dots Hotel Mike");
    }

    #[test]
    fn letters_of_other_languages_are_a_letter_and_a_mark() {
        assert_eq!(swedish("Éš"), "Erik med accent Sigurd med hake");
        assert_eq!(swedish("Łø"), "Ludvig med streck danskt Ö");
        assert_eq!(english("Çü"), "Charlie with a cedilla Uniform with two dots");
        assert_eq!(swedish("ắ"), "Adam med båge med accent");
        assert_eq!(english("İ"), "India with a dot above");
        assert_eq!(swedish("Жя 好"), "Ж я, 好");
    }

    #[test]
    fn it_is_the_same_letter_however_it_was_typed() {
        assert_eq!(swedish("A\u{30a}ke"), swedish("Åke"));
        assert_eq!(swedish("o\u{308}"), "Östen");
    }

    #[test]
    fn every_letter_is_said_by_a_word_that_begins_with_it() {
        for (letter, swedish, english) in LETTERS {
            for word in [swedish, english] {
                assert!(word.to_lowercase().starts_with(letter), "{word}");
            }
        }
    }

    #[test]
    fn an_e_mail_address_has_names_for_its_signs() {
        assert_eq!(swedish("a.b@c_d"), "Adam punkt Bertil snabel-a Caesar understreck David");
        assert_eq!(english("a@b"), "Alfa at sign Bravo");
    }
}
