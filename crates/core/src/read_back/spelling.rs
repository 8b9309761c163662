//! The Swedish spelling alphabet.

/// Letter by letter, such as `Östen Bertil Erik Rudolf Gustav`; words are parted by a comma.
pub(super) fn spell(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().map(letter).collect::<Vec<_>>().join(" "));
    words.collect::<Vec<_>>().join(", ")
}

fn letter(c: char) -> String {
    let lower: String = c.to_lowercase().collect();
    let name = match lower.as_str() {
        "a" => "Adam",
        "b" => "Bertil",
        "c" => "Caesar",
        "d" => "David",
        "e" => "Erik",
        "f" => "Filip",
        "g" => "Gustav",
        "h" => "Helge",
        "i" => "Ivar",
        "j" => "Johan",
        "k" => "Kalle",
        "l" => "Ludvig",
        "m" => "Martin",
        "n" => "Niklas",
        "o" => "Olof",
        "p" => "Petter",
        "q" => "Qvintus",
        "r" => "Rudolf",
        "s" => "Sigurd",
        "t" => "Tore",
        "u" => "Urban",
        "v" => "Viktor",
        "w" => "Wilhelm",
        "x" => "Xerxes",
        "y" => "Yngve",
        "z" => "Zäta",
        "å" => "Åke",
        "ä" => "Ärlig",
        "ö" => "Östen",
        "é" => "Erik med accent",
        "ü" => "Urban med två prickar",
        "-" => "bindestreck",
        "." => "punkt",
        "_" => "understreck",
        "@" => "snabel-a",
        _ => return c.to_string(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_letter_by_letter() {
        assert_eq!(spell("Öberg"), "Östen Bertil Erik Rudolf Gustav");
        assert_eq!(spell("Eva-Li  Åh"), "Erik Viktor Adam bindestreck Ludvig Ivar, Åke Helge");
        assert_eq!(spell("Väg 7b"), "Viktor Ärlig Gustav, 7 Bertil");
        assert_eq!(spell(""), "");
    }
}
