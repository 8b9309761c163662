//! What has to be among the spellings of a document.

/// A condition on the [`spellings`](super::spellings) of a document. Its words are letters and digits only.
#[derive(Clone, PartialEq, Eq)]
pub enum Pattern {
    /// One spelling is this.
    Is(String),
    /// One spelling begins with this.
    Begins(String),
    /// One of these holds.
    Any(Vec<Pattern>),
    /// All of these hold, wherever in the document.
    All(Vec<Pattern>),
}

impl Pattern {
    /// Whether it holds for the spellings, which are sorted.
    pub fn holds<S: AsRef<str>>(&self, spellings: &[S]) -> bool {
        match self {
            Self::Is(word) => spellings.binary_search_by(|s| s.as_ref().cmp(word)).is_ok(),
            Self::Begins(word) => {
                let at = spellings.partition_point(|s| s.as_ref() < word.as_str());
                spellings.get(at).is_some_and(|s| s.as_ref().starts_with(word))
            }
            Self::Any(patterns) => patterns.iter().any(|pattern| pattern.holds(spellings)),
            Self::All(patterns) => patterns.iter().all(|pattern| pattern.holds(spellings)),
        }
    }

    /// Whether any word of it is among the spellings, which are sorted.
    pub fn touches<S: AsRef<str>>(&self, spellings: &[S]) -> bool {
        match self {
            Self::Is(_) | Self::Begins(_) => self.holds(spellings),
            Self::Any(patterns) | Self::All(patterns) => {
                patterns.iter().any(|pattern| pattern.touches(spellings))
            }
        }
    }
}

/// Says nothing of the words: they are personal data.
impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pattern(..)")
    }
}
