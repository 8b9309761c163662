//! Swedish letters: the order of the alphabet, and what counts as the same letter in a search.

use unicode_normalization::char::decompose_canonical;

/// Sorts as a Swedish reader expects: å, ä and ö come after z, other accents do not count.
pub(crate) fn order(text: &str) -> Vec<u32> {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'å' => u32::from('z') + 1,
            'ä' | 'æ' => u32::from('z') + 2,
            'ö' | 'ø' => u32::from('z') + 3,
            c => u32::from(plain(c)),
        })
        .collect()
}

/// Both in the same letters for comparing: å, ä and ö are letters of their own unless the sought word has none of
/// them, since it may have been typed without.
pub(crate) fn fold(text: &str, sought: &str) -> (String, String) {
    let sought = sought.to_lowercase();
    let text = text.to_lowercase();
    if sought.contains(['å', 'ä', 'ö']) {
        (text, sought)
    } else {
        (text.chars().map(bare).collect(), sought.chars().map(bare).collect())
    }
}

pub(crate) fn bare(c: char) -> char {
    match c {
        'å' | 'ä' => 'a',
        'ö' => 'o',
        c => plain(c),
    }
}

/// Without its accent, except å, ä and ö. Other alphabets stay as they are.
pub(crate) fn plain(c: char) -> char {
    match c {
        'å' | 'ä' | 'ö' => c,
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            let mut letter = None;
            decompose_canonical(c, |part| letter = letter.or(Some(part)));
            letter.unwrap_or(c)
        }
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_ends_with_å_ä_ö() {
        let mut names = ["Ängel", "Zebra", "Öl", "Ålder", "Avgift", "Idé", "Ide"];
        names.sort_by_key(|name| order(name));
        assert_eq!(names, ["Avgift", "Idé", "Ide", "Zebra", "Ålder", "Ängel", "Öl"]);
    }

    #[test]
    fn an_accent_is_no_other_letter() {
        let letters: String = "éüñçšłðåäö한".chars().map(plain).collect();
        assert_eq!(letters, "euncsldåäö한");
    }

    #[test]
    fn a_word_typed_without_dots_finds_the_one_with_them_and_not_the_other_way_round() {
        let same = |text, sought| {
            let (text, sought) = fold(text, sought);
            text == sought
        };
        assert!(same("Färdtjänst", "fardtjanst"));
        assert!(same("Färdtjänst", "FÄRDTJÄNST"));
        assert!(!same("Fardtjanst", "färdtjänst"));
        assert!(!same("För", "får"));
    }
}
