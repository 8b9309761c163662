//! Documents of which a command writes one part.

use anyhow::{Context, Result};

use crate::workspace;

const END: &str = "<!-- end of what is written -->";

/// Puts a table between its marks in a document, named from the repository's root.
pub fn put(document: &str, begin: &str, table: &str) -> Result<()> {
    let path = workspace::root().join(document);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{document} is not there"))?;
    let text = between(&text, begin, table)
        .with_context(|| format!("{document} has no line {begin:?} followed by {END:?}"))?;
    std::fs::write(path, text)?;
    println!("Written into {document}.");
    Ok(())
}

/// The document with the table between its marks; `None` when they are missing.
fn between(document: &str, begin: &str, table: &str) -> Option<String> {
    let (before, rest) = document.split_once(begin)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{begin}\n\n{}\n\n{END}{after}", table.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str = "<!-- written by cargo xtask test -->";

    #[test]
    fn only_what_is_between_the_marks_is_written_anew() {
        let document = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let once = between(&document, BEGIN, "| new |\n").unwrap();
        assert_eq!(once, format!("a\n{BEGIN}\n\n| new |\n\n{END}\nb\n"));
        assert_eq!(between(&once, BEGIN, "| new |\n").unwrap(), once);
    }

    #[test]
    fn a_document_without_marks_is_left_alone() {
        assert!(between("a", BEGIN, "b").is_none());
        assert!(between(&format!("{END}{BEGIN}"), BEGIN, "b").is_none());
    }
}
