//! Applying operations and computing what to show. Deterministic, terminates, and never panics on input.

use jiff::civil::Date;

use crate::{Answers, ApplyError, Definition, Delta, Fault, FormState, FormView, Op, QuestionPath};

/// What evaluation may know about the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Today in Europe/Stockholm.
    pub today: Date,
    /// The case is in protected mode: protected answers are masked, addresses are not asked for.
    pub protected: bool,
}

impl FormState {
    /// An empty form at its first step.
    pub fn new(definition: &Definition) -> Self {
        let _ = definition;
        unimplemented!()
    }
}

/// Everything to show.
pub fn view(definition: &Definition, state: &FormState, context: &Context) -> FormView {
    let _ = (definition, state, context);
    unimplemented!()
}

/// Applies all operations or none, and says what changed. Operations applied before are skipped.
///
/// # Errors
/// The first operation that does not fit the form; `state` is then unchanged.
pub fn apply(
    definition: &Definition,
    state: &mut FormState,
    operations: &[Op],
    context: &Context,
) -> Result<Delta, ApplyError> {
    let _ = (definition, state, operations, context);
    unimplemented!()
}

/// The answers of a submission: visible questions only, in normal form, nothing that protected mode leaves out.
pub fn submission_answers(definition: &Definition, state: &FormState, context: &Context) -> Answers {
    let _ = (definition, state, context);
    unimplemented!()
}

/// What the receiver finds in submitted answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubmissionCheck {
    /// Reasons to refuse: wrong formats, unknown or hidden questions that carry answers, a visible stop question.
    pub faults: Vec<(QuestionPath, Fault)>,
    /// Required questions without an answer: to be asked for afterwards where oral filing is accepted.
    pub missing: Vec<QuestionPath>,
}

/// Judges answers as they arrive in a submission, with no trust in the sender.
pub fn check_submission(definition: &Definition, answers: &Answers, context: &Context) -> SubmissionCheck {
    let _ = (definition, answers, context);
    unimplemented!()
}
