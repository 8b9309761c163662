//! Operations on a form. Each has an id, so a replay is harmless.

use serde::{Deserialize, Serialize};

use crate::{Answer, FileRef, QuestionPath, StepId};

/// Unique among the operations of a draft; the UI makes a UUID.
pub type OpId = String;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Op {
    pub id: OpId,
    #[serde(flatten)]
    pub kind: OpKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum OpKind {
    /// Text, choices or confirmation; files and rows have operations of their own.
    Set {
        question: QuestionPath,
        answer: Answer,
    },
    Clear {
        question: QuestionPath,
    },
    AddRow {
        question: QuestionPath,
        row: String,
    },
    RemoveRow {
        question: QuestionPath,
        row: String,
    },
    /// Made by the core when a file has been sealed into the store.
    Attach {
        question: QuestionPath,
        file: FileRef,
    },
    /// `file` is the file's id.
    Detach {
        question: QuestionPath,
        file: String,
    },
    /// "Fråga senare".
    Later {
        question: QuestionPath,
        on: bool,
    },
    /// The field lost focus: a wrong format may be said now.
    Leave {
        question: QuestionPath,
    },
    /// Go to a step: what is missing in the one that is left may be said now.
    GoTo {
        step: StepId,
    },
    /// The worker wants to send: everything may be said now.
    TrySubmit,
}

/// Why operations were refused. Nothing of the batch was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    #[error("the question does not exist in this form")]
    UnknownQuestion { path: QuestionPath },
    #[error("the step does not exist in this form")]
    UnknownStep { step: StepId },
    #[error("the row does not exist")]
    UnknownRow { path: QuestionPath },
    #[error("the question is not asked now")]
    Hidden { path: QuestionPath },
    #[error("the answer does not fit the kind of question")]
    WrongAnswerType { path: QuestionPath },
    #[error("the choice does not exist")]
    UnknownChoice { path: QuestionPath },
    #[error("there is no room for another row or file")]
    TooMany { path: QuestionPath },
    #[error("the file is larger than the question allows")]
    FileTooLarge { path: QuestionPath, max_size: u64 },
    #[error("the question does not allow this type of file")]
    FileType { path: QuestionPath },
    #[error("the text is too long to be kept")]
    TooLong { path: QuestionPath },
}
