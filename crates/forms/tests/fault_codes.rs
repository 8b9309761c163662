//! `docs/fault-codes.md` and the codes of the crate are the same.

use std::{collections::BTreeSet, fs, path::Path};

use ledsaga_forms::FAULT_CODES;

/// Codes of the table rows whose four cells are all there, parameters excepted.
fn documented(text: &str) -> Vec<String> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        match cells.as_slice() {
            [code, _, swedish, english] if !swedish.is_empty() && !english.is_empty() => {
                Some(code.strip_prefix('`')?.strip_suffix('`')?.to_owned())
            }
            _ => None,
        }
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn every_code_is_documented_once_and_nothing_else_is() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fault-codes.md");
    let listed = documented(&fs::read_to_string(file).unwrap());
    let unique: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(unique.len(), listed.len(), "a code stands there twice");
    assert_eq!(unique, FAULT_CODES.iter().copied().collect());
}

#[test]
fn a_row_without_a_sentence_does_not_count() {
    assert_eq!(documented("| `a` | | Svar. | Answer. |\n| `b` | | | Answer. |\n| code | x | y | z |"), ["a"]);
}
