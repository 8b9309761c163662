//! What to show: computed here, drawn by the UI, which has no rule of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Answer, Choice, Layout, QuestionPath, QuestionState, Role, Sensitivity, StepId, rich::Block};

/// A whole form as it stands. Hidden questions are in it with state `hidden` and no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FormView {
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub rev: u64,
    pub position: StepId,
    pub steps: Vec<StepView>,
    /// In the definition's order.
    pub questions: Vec<QuestionView>,
    /// What is left before it is complete, in order.
    pub remaining: Vec<RemainingView>,
    /// Nothing has a wrong format and no stop question is visible.
    pub sendable: bool,
    /// Nothing required is missing.
    pub complete: bool,
}

/// What changed since `base_rev`; questions come whole (a group with all its rows).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Delta {
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub rev: u64,
    pub position: StepId,
    pub changed: Vec<QuestionView>,
    pub steps: Vec<StepView>,
    pub remaining: Vec<RemainingView>,
    pub sendable: bool,
    pub complete: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct StepView {
    pub id: StepId,
    pub title: String,
    /// Required questions without an answer.
    pub remaining: u32,
    /// Faults that may be shown now.
    pub faults: u32,
    /// Has been opened and left.
    pub visited: bool,
    /// "Fråga senare" marks.
    pub later: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RemainingView {
    pub question: QuestionPath,
    pub label: String,
    pub step: StepId,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct QuestionView {
    pub path: QuestionPath,
    pub step: StepId,
    pub label: String,
    pub help: Vec<Block>,
    pub ask: Option<String>,
    /// The label of the earlier question whose answer makes this one asked.
    pub asked_because: Option<String>,
    /// Whom the answer is about.
    pub role: Option<Role>,
    pub state: QuestionState,
    pub sensitivity: Sensitivity,
    /// In protected mode the answer goes by Skatteverket's forwarding and is not asked for.
    pub via_forwarding: bool,
    pub kind: KindView,
    pub answer: AnswerView,
    /// The birth year that an identity number of ten digits without separator is taken to mean, to be confirmed by the
    /// caller: `850101-…` or four digits for the year say it. None before the field has been left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub inferred_year: Option<i16>,
    /// Only faults that may be shown now, the most telling first.
    pub faults: Vec<Fault>,
    /// "Fråga senare".
    pub later: bool,
    /// Rows of a group, in order; empty for other kinds.
    pub rows: Vec<RowView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RowView {
    pub id: String,
    pub questions: Vec<QuestionView>,
}

/// The answer, or that there is one which is masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shown", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum AnswerView {
    None,
    Plain {
        answer: Answer,
    },
    /// Answered and masked; `length` counts characters, for the screen reader.
    Masked {
        length: u32,
    },
}

/// What the UI needs to draw a kind. The kind's limits are in it only as hints to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum KindView {
    Text {
        max_length: Option<u32>,
        /// Covered on screen as a password is.
        covered: bool,
    },
    Note,
    TextArea {
        max_length: Option<u32>,
    },
    Number {
        unit: Option<String>,
    },
    Money,
    Date,
    Time,
    Radio {
        choices: Vec<Choice>,
        other: Option<String>,
    },
    DropDown {
        choices: Vec<Choice>,
        other: Option<String>,
    },
    Checkbox {
        choices: Vec<Choice>,
        other: Option<String>,
    },
    PersonalIdentityNumber,
    OtherIdentityNumber {
        domain: String,
    },
    OrganisationNumber,
    Phone,
    Email,
    Postcode,
    Address,
    Files {
        max_count: u32,
        #[cfg_attr(feature = "bindings", ts(type = "number"))]
        max_size: u64,
        #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
        max_total: Option<u64>,
        types: Vec<String>,
    },
    Group {
        row_label: String,
        layout: Layout,
        /// There is never more than one row: it is one question of several fields.
        single: bool,
        can_add: bool,
        can_remove: bool,
    },
    Information {
        text: Vec<Block>,
    },
    Stop {
        text: Vec<Block>,
    },
    Confirm {
        statement: String,
        text: Vec<Block>,
    },
    /// "Fylls i av handläggaren"; the worker may note what the caller says.
    Unknown,
}

/// What is wrong, as a code with parameters; the words are the UI's. Codes in use: see `docs/fault-codes.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Fault {
    /// Such as `required`, `pnr_checksum`, `date_format`, `too_long`.
    pub code: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}
