//! Applying operations: all or none, each id once.

use crate::{
    Answer, Answers, ApplyError, Context, Definition, Delta, FormState, Kind, Op, Question, Row,
    change::Change, form::Form, show,
};

/// Operation ids that are remembered.
const REMEMBERED: usize = 512;

impl FormState {
    /// An empty form at its first step, its groups with the rows they must have.
    pub fn new(definition: &Definition) -> Self {
        let questions = definition.steps.iter().flat_map(|step| &step.questions);
        Self {
            rev: 0,
            position: definition.steps.first().map(|step| step.id.clone()).unwrap_or_default(),
            answers: questions.filter_map(|q| Some((q.id.clone(), first_answer(q)?))).collect(),
            left: Default::default(),
            left_steps: Default::default(),
            later: Default::default(),
            tried: false,
            applied: Default::default(),
        }
    }
}

/// What a question holds before anyone has answered it: a group has the rows it must have.
pub(crate) fn first_answer(question: &Question) -> Option<Answer> {
    match question.kind {
        Kind::Group { min_rows, .. } if min_rows > 0 => {
            let rows = (1..=min_rows).map(|n| Row { id: format!("r{n}"), answers: Answers::new() });
            Some(Answer::Rows { rows: rows.collect() })
        }
        _ => None,
    }
}

/// Applies all operations or none, and says what changed. Operations applied before are skipped.
///
/// A batch does what its operations do one after the other, but `rev` counts it once.
///
/// # Errors
/// The first operation that does not fit the form; `state` is then unchanged.
pub fn apply(
    definition: &Definition,
    state: &mut FormState,
    operations: &[Op],
    context: &Context,
) -> Result<Delta, ApplyError> {
    let mut next = state.clone();
    let form = Form::new(definition);
    let mut fresh = false;
    for operation in operations {
        if next.applied.contains(&operation.id) {
            continue;
        }
        Change { form: &form, context, state: &mut next }.make(&operation.kind)?;
        next.applied.push_back(operation.id.clone());
        fresh = true;
    }
    if fresh {
        next.rev = next.rev.saturating_add(1);
        // A batch larger than the memory is still remembered whole.
        let surplus = next.applied.len().saturating_sub(REMEMBERED.max(operations.len()));
        next.applied.drain(..surplus);
    }
    let delta = show::delta(&form, state, &next, context);
    *state = next;
    Ok(delta)
}
