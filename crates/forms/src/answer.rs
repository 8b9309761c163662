//! Answers as typed: what the worker wrote is kept even when its format is wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::QuestionId;

/// Answers by question id. A question without an answer is absent.
pub type Answers = BTreeMap<QuestionId, Answer>;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Answer {
    /// Everything that is typed. In a submission it is in its normal form (dates `YYYY-MM-DD`, twelve-digit
    /// identity numbers, E.164 phones); in a draft exactly as typed.
    Text {
        text: String,
    },
    /// Choices in the definition's order; `other` holds the free text of the alternative `other`.
    Choice {
        choices: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
    },
    Confirmed,
    Files {
        files: Vec<FileRef>,
    },
    Rows {
        rows: Vec<Row>,
    },
}

/// A file by what identifies it; the bytes are elsewhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FileRef {
    /// UUID in text form.
    pub id: String,
    pub name: String,
    /// Bytes.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub size: u64,
    /// Media type as detected from the content.
    pub media_type: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Row {
    /// Stable for the life of the row; made by the one who adds it.
    pub id: String,
    pub answers: Answers,
}

/// Every file that the answers name, those in rows too.
pub fn files_in(answers: &Answers) -> Vec<&FileRef> {
    let mut found = Vec::new();
    for answer in answers.values() {
        match answer {
            Answer::Files { files } => found.extend(files),
            Answer::Rows { rows } => found.extend(rows.iter().flat_map(|row| files_in(&row.answers))),
            Answer::Text { .. } | Answer::Choice { .. } | Answer::Confirmed => {}
        }
    }
    found
}

/// Says what kind of answer it is and nothing of its content.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text { .. } => "Text(..)",
            Self::Choice { .. } => "Choice(..)",
            Self::Confirmed => "Confirmed",
            Self::Files { .. } => "Files(..)",
            Self::Rows { .. } => "Rows(..)",
        })
    }
}

/// Says nothing: file names are personal data.
impl std::fmt::Debug for FileRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileRef(..)")
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row(..)")
    }
}
