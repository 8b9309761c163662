//! Our definition format: a rule sets the state of its targets.

use ledsaga_forms::{Answer, Op, OpKind};
use serde_json::{Value as Json, json};

use super::{choices, with};
use crate::{
    answers::Given,
    form::{Form, Kind, Question, Value, When},
};

pub fn definition(form: &Form) -> Json {
    let steps: Json = form
        .steps()
        .enumerate()
        .map(|(index, questions)| {
            let offset = index * questions.len();
            let questions = questions.iter().enumerate().map(|(i, q)| question(form, offset + i, q));
            json!({
                "id": format!("steg{}", index + 1), "title": format!("Steg {}", index + 1),
                "questions": questions.collect::<Json>(),
            })
        })
        .collect();
    let rules = form.rules.iter().enumerate().map(|(index, rule)| {
        let first = rule.targets[0];
        // A rule after another one for the same question shows it too, and leaves hiding it to the first.
        let second = form.rules[..index].iter().any(|earlier| earlier.targets.contains(&first));
        let targets: Json = rule.targets.iter().map(|&target| json!(form.questions[target].id)).collect();
        json!({
            "on": form.questions[rule.source].id, "when": condition(&rule.when),
            "set": if form.questions[first].required { "visible_required" } else { "visible" },
            "targets": targets, "no_restore": second,
        })
    });
    json!({
        "format": 1, "id": "matning", "version": 1, "name": "Mätning", "summary": "En lång ansökan",
        "category": "Prov", "unit": "Exempelnämnden",
        "contact": { "name": "Exempelby kontaktcenter", "phone": "070-1740605" },
        "oral_filing": "accepted", "retention": { "draft_days": 30, "protected_draft_days": 1 },
        "steps": steps, "rules": rules.collect::<Json>(),
    })
}

fn question(form: &Form, index: usize, question: &Question) -> Json {
    let state = match () {
        () if form.rules_of(index).next().is_some() => "hidden",
        () if question.required => "visible_required",
        () => "visible",
    };
    let kind = match question.kind {
        Kind::Text { max_length } => json!({ "kind": "text", "max_length": max_length }),
        Kind::TextArea { max_length } => json!({ "kind": "text_area", "max_length": max_length }),
        Kind::Number { max } => json!({ "kind": "number", "min": 0.0, "max": max as f64 }),
        Kind::Date => json!({ "kind": "date" }),
        Kind::Email => json!({ "kind": "email" }),
        Kind::Radio(count) => json!({ "kind": "radio", "choices": choices(count, "id", "label") }),
        Kind::DropDown(count) => json!({ "kind": "drop_down", "choices": choices(count, "id", "label") }),
        Kind::Checkbox(count) => json!({ "kind": "checkbox", "choices": choices(count, "id", "label") }),
    };
    with(json!({ "id": question.id, "label": question.label, "state": state }), kind)
}

fn condition(when: &When) -> Json {
    match when {
        When::AnyOf(ids) => json!({ "any_of": ids }),
        When::AtLeast(least) => json!({ "at_least": *least as f64 }),
        When::Answered => json!({ "answered": true }),
    }
}

/// `number` is the answer's place in the sequence.
pub fn operation(form: &Form, number: usize, given: &Given) -> Op {
    let question = form.questions[given.question].id.clone();
    let kind = match given.value.clone() {
        None => OpKind::Clear { question },
        Some(value) => {
            let answer = match value {
                Value::Text(text) => Answer::Text { text },
                Value::Number(number) => Answer::Text { text: number.to_string() },
                Value::Choice(choice) => Answer::Choice { choices: vec![choice], other: None },
                Value::Choices(choices) => Answer::Choice { choices, other: None },
            };
            OpKind::Set { question, answer }
        }
    };
    Op { id: format!("00000000-0000-4000-8000-{number:012}"), kind }
}
