//! Names as others write them: as labels, as ids and as file names.

use std::collections::HashMap;

use crate::normal;

/// Characters of a label; Open ePlatform's limit for alternatives.
const LABEL_MAX: usize = 1_024;
/// Characters of an id or a file's name before its ending, with room for what tells two of them apart.
const ID_MAX: usize = 54;

/// One line without control characters, cut where nobody would read on.
pub(super) fn label(written: &str) -> String {
    if is_label(written) {
        return written.to_owned();
    }
    let end = written.char_indices().nth(4 * LABEL_MAX).map_or(written.len(), |(at, _)| at);
    let line = normal::single_line(written.get(..end).unwrap_or_default());
    match line.char_indices().nth(LABEL_MAX) {
        Some((end, _)) => line.get(..end).unwrap_or_default().trim_end().to_owned(),
        None => line,
    }
}

/// As nearly all of them are written: nothing to change.
fn is_label(written: &str) -> bool {
    written.len() <= LABEL_MAX
        && !written.starts_with(' ')
        && !written.ends_with(' ')
        && !written.contains("  ")
        && !written.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' '))
}

/// Letters, digits, `_` and `-` of it; empty when there are none. Swedish letters lose their marks.
pub(super) fn id(written: &str) -> String {
    if (1..=ID_MAX).contains(&written.len()) && written.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return written.to_owned();
    }
    let mut id = String::new();
    for c in written.chars().take(4 * ID_MAX) {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => id.push(c),
            'å' | 'ä' | 'à' | 'á' | 'â' | 'æ' => id.push('a'),
            'Å' | 'Ä' | 'À' | 'Á' | 'Â' | 'Æ' => id.push('A'),
            'ö' | 'ø' | 'ó' | 'ô' => id.push('o'),
            'Ö' | 'Ø' | 'Ó' | 'Ô' => id.push('O'),
            'é' | 'è' | 'ê' | 'ë' => id.push('e'),
            'É' | 'È' | 'Ê' | 'Ë' => id.push('E'),
            'ü' | 'ú' => id.push('u'),
            'Ü' | 'Ú' => id.push('U'),
            _ if id.is_empty() || id.ends_with('-') => {}
            _ => id.push('-'),
        }
        if id.len() >= ID_MAX {
            break;
        }
    }
    id.truncate(id.trim_end_matches('-').len());
    id
}

/// As an e-service is called: lower case, without `_`.
pub(super) fn slug(written: &str) -> String {
    id(&written.replace('_', "-")).to_ascii_lowercase()
}

/// Names that are told apart.
#[derive(Default)]
pub(super) struct Names {
    /// With the last number that was put after each.
    taken: HashMap<String, usize>,
}

impl Names {
    /// The name itself, or with a number when it is taken already.
    pub fn take(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while self.taken.contains_key(&name) {
            let number = self.taken.entry(wanted.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{wanted}-{number}");
        }
        self.taken.insert(name.clone(), 1);
        name
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::path::is_id;

    #[test]
    fn names_become_ids_that_can_be_read() {
        assert_eq!(id("Elevens namn (förnamn)"), "Elevens-namn-fornamn");
        assert_eq!(id("  --?"), "");
        assert_eq!(slug("Felanmäl Lekplats_2"), "felanmal-lekplats-2");
    }

    #[test]
    fn labels_are_one_line() {
        assert_eq!(label(" ett\n  två\u{1}\tå "), "ett två å");
        assert_eq!(label(&"å".repeat(2_000)).chars().count(), LABEL_MAX);
    }

    #[test]
    fn the_same_name_twice_is_numbered() {
        let mut names = Names::default();
        assert_eq!(["q1", "q1", "q1-2", "q1"].map(|name| names.take(name)), ["q1", "q1-2", "q1-2-2", "q1-3"]);
    }

    proptest! {
        #[test]
        fn any_name_is_an_id_or_nothing(name in "\\PC{0,80}") {
            let id = id(&name);
            prop_assert!(id.is_empty() || is_id(&id), "{}", id);
        }

        #[test]
        fn a_label_that_is_left_as_it_is_is_one_line_already(name in "[a ]{0,6}|\\PC{0,9}|[a \n\u{1}]{0,5}") {
            prop_assert_eq!(label(&name), normal::single_line(&name));
        }
    }
}
