//! Paths and ids: which question of a definition a path means.

use crate::{Definition, Kind, Question};

/// Where a path leads. The row is not looked up: rows belong to a draft.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Top(&'a Question),
    Member { group: &'a Question, row: &'a str, question: &'a Question },
}

impl<'a> Target<'a> {
    pub fn find(definition: &'a Definition, path: &'a str) -> Option<Self> {
        let mut parts = path.split('/');
        let first = parts.next()?;
        let top =
            definition.steps.iter().flat_map(|step| &step.questions).find(|question| question.id == first)?;
        match (parts.next(), parts.next(), parts.next(), &top.kind) {
            (None, None, None, _) => Some(Self::Top(top)),
            (Some(row), Some(id), None, Kind::Group { questions, .. }) => {
                let question = questions.iter().find(|question| question.id == id)?;
                Some(Self::Member { group: top, row, question })
            }
            _ => None,
        }
    }

    pub fn question(self) -> &'a Question {
        match self {
            Self::Top(question) | Self::Member { question, .. } => question,
        }
    }
}

/// Letters, digits, `_` and `-`, 1 to 64 of them.
pub(crate) fn is_id(id: &str) -> bool {
    matches!(id.len(), 1..=64) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Letters, digits and `-`, 1 to 64 of them; UUIDs are such.
pub(crate) fn is_row_id(id: &str) -> bool {
    is_id(id) && !id.contains('_')
}
