//! Rules: earlier answers decide the state of later questions, with Open ePlatform's semantics.

use serde::{Deserialize, Serialize};

use crate::{QuestionId, QuestionState};

/// When `when` holds for the answer to `on`, every target gets `set`; otherwise its default state comes back.
/// Targets come after `on`. Hiding a question clears its answer unless `keep_answer`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub on: QuestionId,
    pub when: Condition,
    pub set: QuestionState,
    pub targets: Vec<QuestionId>,
    #[serde(default)]
    pub keep_answer: bool,
    /// When the condition does not hold: leave the state as earlier rules made it instead of restoring the default.
    #[serde(default)]
    pub no_restore: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// At least one of these choices is made (`other` is the free-text alternative).
    AnyOf(Vec<String>),
    /// All of these choices are made.
    AllOf(Vec<String>),
    /// The question has an answer, or with `false` has none.
    Answered(bool),
    /// The number, amount or row count is at least this.
    AtLeast(f64),
}
