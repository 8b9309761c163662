//! What holds for every form, whatever has been done to it.

use ledsaga_forms::{
    Answer, AnswerView, Answers, Context, Definition, Delta, FormState, FormView, QuestionState,
    QuestionView, Sensitivity, check_submission, reveal,
    speech::{Language, script},
    submission_answers, view,
};

/// Everything that can be asked of a form as it stands; gives its view.
pub fn keep(definition: &Definition, state: &FormState, context: &Context) -> FormView {
    let shown = view(definition, state, context);
    assert!(shown == view(definition, state, context), "two views of one state differ");
    every(&shown).for_each(|question| {
        hidden_is_silent(&shown, question);
        masked_is_masked(question, context);
    });
    both_ends_agree(definition, state, context, &shown);
    every(&shown).filter(|question| matches!(question.answer, AnswerView::Masked { .. })).for_each(
        |question| {
            assert!(
                reveal(definition, state, &question.path, context).is_some(),
                "what is masked can be revealed"
            );
        },
    );
    for language in [Language::Swedish, Language::English] {
        let said = script(definition, state, context, language);
        assert!(said == script(definition, state, context, language), "two scripts of one state differ");
        assert_eq!(said.sendable, shown.sendable);
    }
    let stored = serde_json::to_vec(state).expect("a state can be stored");
    let again: FormState = serde_json::from_slice(&stored).expect("what is stored can be read");
    assert!(again == *state, "a state is the same after a journey");
    shown
}

/// The delta makes the old picture the new one, and says nothing that was known.
pub fn delta_leads_on(mut before: FormView, delta: Delta, after: &FormView) {
    for question in delta.changed {
        let old = before.questions.iter_mut().find(|old| old.path == question.path);
        let old = old.expect("only questions of the form change");
        assert!(*old != question, "{} has not changed", question.path);
        *old = question;
    }
    before.rev = delta.rev;
    before.position = delta.position;
    before.steps = delta.steps;
    before.remaining = delta.remaining;
    before.sendable = delta.sendable;
    before.complete = delta.complete;
    assert!(before == *after, "the delta does not lead to the view");
}

fn every(view: &FormView) -> impl Iterator<Item = &QuestionView> {
    view.questions.iter().flat_map(|question| {
        let members = question.rows.iter().flat_map(|row| &row.questions);
        std::iter::once(question).chain(members)
    })
}

fn hidden_is_silent(view: &FormView, question: &QuestionView) {
    if question.state != QuestionState::Hidden {
        return;
    }
    assert!(question.faults.is_empty(), "{} is hidden and has a fault", question.path);
    assert!(question.answer == AnswerView::None, "{} is hidden and has an answer", question.path);
    assert!(question.inferred_year.is_none() && !question.later && question.rows.is_empty());
    assert!(view.remaining.iter().all(|remaining| remaining.question != question.path));
}

/// In protected mode a protected answer is not to be read; that a statement is confirmed or a file is there, is.
fn masked_is_masked(question: &QuestionView, context: &Context) {
    if !context.protected || question.sensitivity != Sensitivity::Protected {
        return;
    }
    assert!(question.inferred_year.is_none());
    match &question.answer {
        AnswerView::None | AnswerView::Masked { .. } | AnswerView::Plain { answer: Answer::Confirmed } => {}
        AnswerView::Plain { answer: Answer::Files { files } } => {
            assert!(files.iter().all(|file| file.name.starts_with("****.")), "a file's name is shown");
        }
        AnswerView::Plain { .. } => panic!("{} is shown", question.path),
    }
}

/// What the sender may send, the receiver takes, and finds the same things missing.
fn both_ends_agree(definition: &Definition, state: &FormState, context: &Context, view: &FormView) {
    let sent = submission_answers(definition, state, context);
    let wire = serde_json::to_vec(&sent).expect("answers can be sent");
    let received: Answers = serde_json::from_slice(&wire).expect("what is sent can be read");
    let asked = |id: &String| {
        let question = view.questions.iter().find(|question| question.path == *id);
        question.is_some_and(|q| q.state != QuestionState::Hidden && !q.via_forwarding)
    };
    assert!(received.keys().all(asked), "a question that is not asked is sent");
    let hidden_members = every(view)
        .filter(|q| q.path.contains('/') && (q.state == QuestionState::Hidden || q.via_forwarding));
    for question in hidden_members {
        assert!(!holds(&received, &question.path), "{} is not asked and is sent", question.path);
    }
    let check = check_submission(definition, &received, context);
    if view.sendable {
        assert!(check.faults.is_empty(), "refused: {:?}", check.faults);
        assert!(check.missing.iter().eq(view.remaining.iter().map(|remaining| &remaining.question)));
    }
}

/// Whether answers hold one at `group/row/question`.
fn holds(answers: &Answers, path: &str) -> bool {
    let mut parts = path.split('/');
    let (Some(group), Some(row), Some(id)) = (parts.next(), parts.next(), parts.next()) else { return false };
    match answers.get(group) {
        Some(Answer::Rows { rows }) => rows.iter().any(|r| r.id == row && r.answers.contains_key(id)),
        _ => false,
    }
}
