//! What is said to the caller: questions as they are asked, answers as they are read back, words letter by letter.
//!
//! What the municipality has written (labels, titles, choices) is said in its own words in every language.

mod ask;
mod numbers;
mod script;
mod spelling;
mod spoken;

pub use ask::ask;
pub use script::{Line, Script, Section, script};
pub use spelling::spell;
pub use spoken::spoken;

pub(crate) use ask::ask_in;

/// The language that the worker speaks with the caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Swedish,
    English,
}

impl Language {
    fn either<T>(self, swedish: T, english: T) -> T {
        match self {
            Self::Swedish => swedish,
            Self::English => english,
        }
    }

    /// `a, b och c`.
    fn list(self, mut words: Vec<String>) -> String {
        match words.pop() {
            None => String::new(),
            Some(only) if words.is_empty() => only,
            Some(last) => format!("{} {} {last}", words.join(", "), self.either("och", "and")),
        }
    }
}
