//! Numbers in groups that an ear can follow.

use super::Language;

/// Area codes of three digits besides those of mobile phones; 08 has two and all others four (PTS, the Swedish
/// numbering plan for telephony).
const AREAS: [&str; 22] = [
    "010", "011", "013", "016", "018", "019", "020", "021", "023", "026", "031", "033", "035", "036", "040",
    "042", "044", "046", "054", "060", "063", "090",
];

/// Digits and nothing else.
pub(super) fn whole(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// A number in its normal form; `None` for anything else.
pub(super) fn number(text: &str, language: Language) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("minus ", rest));
    let thousands = |digits| Some(thousands(whole(digits)?, language));
    match rest.split_once(['.', ',']) {
        None => Some(format!("{sign}{}", thousands(rest)?)),
        Some((before, after)) => {
            let mark = language.either(",", ".");
            Some(format!("{sign}{}{mark}{}", thousands(before)?, whole(after)?))
        }
    }
}

/// Groups of three from the end; four digits or fewer stand together.
pub(super) fn thousands(digits: &str, language: Language) -> String {
    if digits.len() <= 4 {
        return digits.to_owned();
    }
    let first = digits.len() % 3;
    let sizes: Vec<usize> =
        std::iter::once(first).filter(|n| *n > 0).chain(std::iter::repeat_n(3, digits.len() / 3)).collect();
    groups(digits, &sizes).join(language.either(" ", ","))
}

/// What is left over after the last size is a group too.
pub(super) fn groups<'a>(digits: &'a str, sizes: &[usize]) -> Vec<&'a str> {
    let mut rest = digits;
    let mut parts = Vec::new();
    for size in sizes {
        let (part, after) = rest.split_at_checked(*size).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The last letters and digits; none when they would be most of it.
pub(super) fn last(text: &str, count: usize) -> Option<String> {
    let signs: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    (signs.len() >= count * 2).then(|| signs.iter().skip(signs.len() - count).collect())
}

/// `+46701740605` becomes `070-174 06 05`. A foreign number is said as it was given, in groups when it had none.
pub(super) fn phone(text: &str) -> String {
    match text.strip_prefix("+46").and_then(whole) {
        Some(rest) => swedish(&format!("0{rest}")),
        None => text.strip_prefix('+').and_then(whole).map_or_else(|| text.to_owned(), foreign),
    }
}

fn swedish(national: &str) -> String {
    let three = national.get(..3).unwrap_or_default();
    let area = match three {
        "070" | "072" | "073" | "076" | "079" => 3,
        _ if three.starts_with("08") => 2,
        _ if AREAS.contains(&three) => 3,
        _ => 4,
    };
    let Some((area, subscriber)) = national.split_at_checked(area) else { return national.to_owned() };
    let sizes: &[usize] = match subscriber.len() {
        5 => &[3, 2],
        6 => &[2, 2, 2],
        7 => &[3, 2, 2],
        8 => &[3, 3, 2],
        _ => &[3, 3, 3],
    };
    format!("{area}-{}", groups(subscriber, sizes).join(" "))
}

fn foreign(digits: &str) -> String {
    // Country codes of one and two digits; all others have three (ITU-T E.164).
    let code = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    let (code, rest) = digits.split_at_checked(code).unwrap_or((digits, ""));
    // No digit is left alone at the end.
    let threes = if rest.len() % 3 == 1 { (rest.len() / 3).saturating_sub(1) } else { rest.len() / 3 };
    let sizes: Vec<usize> = std::iter::repeat_n(3, threes).chain([2]).collect();
    let groups = groups(rest, &sizes).join(" ");
    format!("+{code} {groups}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swedish_phone_numbers_are_grouped_as_they_are_said() {
        assert_eq!(phone("+46701740605"), "070-174 06 05");
        assert_eq!(phone("+46846500400"), "08-465 004 00");
        assert_eq!(phone("+46313900600"), "031-390 06 00");
        assert_eq!(phone("+46980319200"), "0980-31 92 00");
        assert_eq!(phone("+46"), "+46");
    }

    #[test]
    fn foreign_phone_numbers_are_grouped_after_their_country() {
        assert_eq!(phone("+47 00 00 00 00"), "+47 00 00 00 00", "as it was given");
        assert_eq!(phone("+4700000000"), "+47 000 000 00");
        assert_eq!(phone("+358401234567"), "+358 401 234 567");
        assert_eq!(phone("+15550100123"), "+1 555 010 01 23");
        assert_eq!(phone("+1"), "+1");
        assert_eq!(phone("ring växeln"), "ring växeln");
    }

    #[test]
    fn large_numbers_are_grouped_and_decimals_follow_the_language() {
        let both = |text| (number(text, Language::Swedish), number(text, Language::English));
        let said = |sv: &str, en: &str| (Some(sv.to_owned()), Some(en.to_owned()));
        assert_eq!(both("12.5"), said("12,5", "12.5"));
        assert_eq!(both("-1234567.25"), said("minus 1 234 567,25", "minus 1,234,567.25"));
        assert_eq!(both("9500"), said("9500", "9500"));
        assert_eq!(both("12500"), said("12 500", "12,500"));
        for odd in ["", "-", ".", "1.", ".5", "1.2.3", "ett", "--1"] {
            assert_eq!(both(odd), (None, None), "{odd}");
        }
    }

    #[test]
    fn the_last_signs_are_never_most_of_it() {
        assert_eq!(last("19990807-2391", 4).as_deref(), Some("2391"));
        assert_eq!(last("T 99-08ab", 4).as_deref(), None);
        assert_eq!(last("50-123456/7", 4).as_deref(), Some("4567"));
        assert_eq!(last("", 4), None);
    }
}
