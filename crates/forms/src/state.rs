//! What a draft keeps of its form besides the definition.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{Answers, OpId, QuestionPath, StepId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormState {
    /// Counts every applied batch.
    pub rev: u64,
    /// The step on screen.
    pub position: StepId,
    pub answers: Answers,
    /// Questions whose field has been left once: their format may be judged aloud.
    #[serde(default)]
    pub left: BTreeSet<QuestionPath>,
    /// Steps that have been left once: what they lack may be said.
    #[serde(default)]
    pub left_steps: BTreeSet<StepId>,
    /// "Fråga senare".
    #[serde(default)]
    pub later: BTreeSet<QuestionPath>,
    /// The worker has tried to send.
    #[serde(default)]
    pub tried: bool,
    /// The latest operation ids, so that a replay changes nothing. Bounded.
    #[serde(default)]
    pub applied: VecDeque<OpId>,
}
