//! The forms that the bench compares engines with load here, and mean here what the model says.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use jiff::civil::date;
use ledsaga_bench::{
    answers::{Model, sequence},
    express::{form_js, formio, ours, survey},
    flow,
    form::{Form, QUESTIONS, RULES},
};
use ledsaga_forms::{
    Context, FormState, QuestionState, apply,
    import::{Outcome, oeflow},
    load, view,
};
use quick_xml::{Reader, events::Event};
use serde_json::Value;

const SEEDS: std::ops::Range<u64> = 0..3;

#[test]
fn a_generated_form_has_its_size_and_loads() {
    for seed in SEEDS {
        let json = ours::definition(&Form::generate(seed)).to_string();
        let definition = load(json.as_bytes()).unwrap();
        let questions: usize = definition.steps.iter().map(|step| step.questions.len()).sum();
        assert_eq!((questions, definition.rules.len()), (QUESTIONS, RULES), "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_form_and_answers() {
    let form = Form::generate(1);
    assert_eq!(form, Form::generate(1));
    assert_ne!(form, Form::generate(2));
    assert_eq!(sequence(&form, 50, 1), sequence(&form, 50, 1));
}

#[test]
fn our_engine_and_the_model_agree_after_every_answer() {
    let context = Context { today: date(2026, 11, 22), protected: false };
    for seed in SEEDS {
        let form = Form::generate(seed);
        let definition = load(ours::definition(&form).to_string().as_bytes()).unwrap();
        let mut state = FormState::new(&definition);
        let mut model = Model::new(&form);
        let (mut seen, mut wrong) = (std::collections::HashSet::new(), 0);
        for (number, given) in sequence(&form, 150, seed).iter().enumerate() {
            let operation = ours::operation(&form, number, given);
            let delta = apply(&definition, &mut state, &[operation], &context).unwrap();
            model.give(given);
            let standing = model.standing();
            let shown = view(&definition, &state, &context).questions.into_iter();
            let visible: Vec<_> =
                shown.filter(|q| q.state != QuestionState::Hidden).map(|question| question.path).collect();
            let missing: Vec<_> = delta.remaining.into_iter().map(|left| left.question).collect();
            assert_eq!(visible, standing.visible, "seed {seed}, answer {number}");
            assert_eq!(missing, standing.missing, "seed {seed}, answer {number}");
            assert_eq!(delta.sendable, standing.right, "seed {seed}, answer {number}");
            wrong += usize::from(!standing.right);
            seen.insert(visible);
        }
        assert!(seen.len() > 20, "the answers change what is visible: {} times in seed {seed}", seen.len());
        assert!(wrong > 0, "some answers are wrong in seed {seed}");
    }
}

#[test]
fn every_engine_gets_every_question_and_every_condition() {
    let form = Form::generate(3);
    let conditional = (0..QUESTIONS).filter(|&index| form.rules_of(index).next().is_some()).count();
    for (definition, id, condition) in [
        (survey::definition(&form), "name", "visibleIf"),
        (formio::definition(&form), "key", "conditional"),
        (form_js::definition(&form), "key", "conditional"),
    ] {
        let mut ids = Vec::new();
        let mut conditions = 0;
        walk(&definition, &mut |object| {
            ids.extend(
                object.get(id).and_then(Value::as_str).filter(|id| id.starts_with('q')).map(str::to_owned),
            );
            conditions += usize::from(object.contains_key(condition));
        });
        assert_eq!(ids, form.questions.iter().map(|question| question.id.clone()).collect::<Vec<_>>());
        assert_eq!(conditions, conditional);
    }
}

fn walk(value: &Value, visit: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            visit(fields);
            fields.values().for_each(|value| walk(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

#[test]
fn a_flow_file_is_well_formed_and_as_large_as_asked() {
    let flow = flow::generate(300_000);
    assert!((300_000..450_000).contains(&flow.len()), "{}", flow.len());
    let mut reader = Reader::from_str(&flow);
    let mut rules = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) if start.name().as_ref() == "QueryStateEvaluator" => rules += 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(rules > 10, "{rules} rules");
}

#[test]
fn a_flow_file_is_imported_whole() {
    let flow = flow::generate(300_000);
    let imported = oeflow(flow.as_bytes(), &flow::defaults()).unwrap();
    let questions = imported.definition.steps.iter().map(|step| step.questions.len()).sum::<usize>();
    assert_eq!(questions, flow.matches("<QueryDescriptor>").count());
    assert_eq!(imported.definition.rules.len(), flow.matches("<EvaluatorDescriptor>").count());
    let lost: Vec<_> =
        imported.report.entries.iter().filter(|entry| entry.outcome == Outcome::NotUnderstood).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
