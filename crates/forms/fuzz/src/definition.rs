//! Bytes that may be a definition.

use jiff::civil::date;
use ledsaga_forms::{
    Answer, Context, Definition, FormState, Kind, Op, OpKind, Question, apply, load, to_json,
};

use crate::promises;

/// Questions, those of rows that must be there counted each time, of the largest form that is also filled in: the rest
/// is the same with more of it.
const FILLED_IN: usize = 200;

pub fn definition(json: &[u8]) {
    let Ok(definition) = load(json) else { return };
    let again = load(&to_json(&definition)).expect("what has been loaded loads again");
    assert!(again == definition, "a definition is the same after a journey");
    fill_in(&definition);
}

/// Fills in the form and holds it to its promises, first as it is and then in protected mode.
pub fn fill_in(definition: &Definition) {
    let mut state = FormState::new(definition);
    for protected in [false, true] {
        let context = Context { today: date(2026, 11, 22), protected };
        let mut shown = promises::keep(definition, &state, &context);
        if size(definition) > FILLED_IN {
            continue;
        }
        for (n, kind) in filling_in(definition).into_iter().enumerate() {
            let operation = Op { id: format!("{protected}-{n}"), kind };
            let Ok(delta) = apply(definition, &mut state, &[operation], &context) else { continue };
            let now = promises::keep(definition, &state, &context);
            promises::delta_leads_on(shown, delta, &now);
            shown = now;
        }
    }
}

fn questions(definition: &Definition) -> impl Iterator<Item = &Question> {
    definition.steps.iter().flat_map(|step| &step.questions)
}

fn size(definition: &Definition) -> usize {
    let of = |question: &Question| match &question.kind {
        Kind::Group { questions, min_rows, .. } => 1 + questions.len() * (*min_rows).max(1) as usize,
        _ => 1,
    };
    questions(definition).map(of).sum()
}

/// Something for each question and in the first row of each group, then the wish to send.
fn filling_in(definition: &Definition) -> Vec<OpKind> {
    let mut operations = Vec::new();
    let mut fill = |path: String, question: &Question| {
        operations.extend(
            answers(&question.kind).into_iter().map(|answer| OpKind::Set { question: path.clone(), answer }),
        );
    };
    for question in questions(definition) {
        fill(question.id.clone(), question);
        if let Kind::Group { questions, .. } = &question.kind {
            questions.iter().for_each(|member| fill(format!("{}/r1/{}", question.id, member.id), member));
        }
    }
    operations.push(OpKind::TrySubmit);
    operations
}

fn answers(kind: &Kind) -> Vec<Answer> {
    let text = |text: &str| Answer::Text { text: text.to_owned() };
    match kind {
        Kind::Radio { choices, .. } | Kind::DropDown { choices, .. } | Kind::Checkbox { choices, .. } => {
            let choice = |choice: &ledsaga_forms::Choice| Answer::Choice {
                choices: vec![choice.id.clone()],
                other: None,
            };
            choices.iter().take(2).map(choice).collect()
        }
        Kind::Confirm { .. } => vec![Answer::Confirmed],
        Kind::PersonalIdentityNumber { .. } => vec![text("8501012382")],
        Kind::Date { .. } => vec![text("2026-11-22")],
        Kind::Group { .. } | Kind::Files { .. } => vec![],
        _ => vec![text("7"), text("åäö")],
    }
}
