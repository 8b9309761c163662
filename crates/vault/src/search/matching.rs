//! Core's patterns as FTS5's query language.

use ledsaga_core::search::Pattern;

/// What has to hold of a row. No input gets out of its quotes.
pub(super) fn expression(words: &[Pattern]) -> String {
    let mut text = String::new();
    list(&mut text, words, " AND ");
    text
}

fn write(text: &mut String, pattern: &Pattern) {
    match pattern {
        Pattern::Is(word) => quote(text, word),
        Pattern::Begins(word) => {
            quote(text, word);
            text.push('*');
        }
        Pattern::Any(patterns) => group(text, patterns, " OR "),
        Pattern::All(patterns) => group(text, patterns, " AND "),
    }
}

fn group(text: &mut String, patterns: &[Pattern], between: &str) {
    text.push('(');
    list(text, patterns, between);
    text.push(')');
}

fn list(text: &mut String, patterns: &[Pattern], between: &str) {
    for (at, pattern) in patterns.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        write(text, pattern);
    }
}

fn quote(text: &mut String, word: &str) {
    text.push('"');
    text.push_str(&word.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_stays_within_its_quotes() {
        let words = [
            Pattern::Any(vec![Pattern::Begins("färdtj".into()), Pattern::Is("färdtj".into())]),
            Pattern::Is("a\" OR note:\"b".into()),
        ];
        assert_eq!(expression(&words), r#"("färdtj"* OR "färdtj") AND "a"" OR note:""b""#);
    }
}
