//! What holds for every form and every way to fill it in.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::collections::BTreeMap;

use common::{
    ORDINARY, PROTECTED, all,
    drawn::{contexts, definition, history, strangers_answers},
};
use ledsaga_forms::{
    AnswerView, Answers, Context, Definition, FormState, FormView, Op, OralFiling, QuestionState, apply,
    check_submission, load, reveal,
    speech::{Language, script},
    submission_answers, to_json, view,
};
use proptest::prelude::*;
use serde_json::Value;

fn hidden_is_silent(view: &FormView) -> Result<(), TestCaseError> {
    for question in all(view).iter().filter(|question| question.state == QuestionState::Hidden) {
        prop_assert!(question.faults.is_empty(), "{}", question.path);
        prop_assert_eq!(&question.answer, &ledsaga_forms::AnswerView::None);
        prop_assert!(view.remaining.iter().all(|remaining| remaining.question != question.path));
        prop_assert!(!question.later && !question.via_forwarding && question.rows.is_empty());
    }
    Ok(())
}

/// Whatever the state, what would be sent is judged the same by the receiver as by the sender.
fn both_ends_agree(
    definition: &Definition,
    state: &FormState,
    context: &Context,
) -> Result<(), TestCaseError> {
    let view = view(definition, state, context);
    let sent = submission_answers(definition, state, context);
    let sent: Answers = serde_json::from_str(&serde_json::to_string(&sent).unwrap()).unwrap();
    let visible = |id: &str| {
        view.questions.iter().any(|q| q.path == id && q.state != QuestionState::Hidden && !q.via_forwarding)
    };
    prop_assert!(sent.keys().all(|id| visible(id)));
    let check = check_submission(definition, &sent, context);
    if view.sendable {
        prop_assert_eq!(&check.faults, &vec![]);
        prop_assert_eq!(check.missing.is_empty(), view.complete);
        let remaining: Vec<&String> = view.remaining.iter().map(|remaining| &remaining.question).collect();
        prop_assert_eq!(check.missing.iter().collect::<Vec<_>>(), remaining);
    } else if !held_against_the_day(definition, state, context) {
        prop_assert!(!check.faults.is_empty());
    }
    Ok(())
}

/// Something that the receiver lets pass, since it may have been right on the day when it was sealed.
fn held_against_the_day(definition: &Definition, state: &FormState, context: &Context) -> bool {
    let view = view(definition, &FormState { tried: true, ..state.clone() }, context);
    let faults = all(&view).into_iter().flat_map(|question| question.faults);
    faults.into_iter().any(|fault| ["date_past", "age_too_high"].contains(&fault.code.as_str()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_every_promise((definition, history) in history()) {
        let mut state = FormState::new(&definition);
        let mut shown = view(&definition, &state, &ORDINARY);
        let contexts = contexts(&history);
        for ((operation, switch), context) in history.iter().zip(&contexts) {
            if *switch {
                shown = view(&definition, &state, context);
            }
            let before = state.clone();
            match apply(&definition, &mut state, std::slice::from_ref(operation), context) {
                Err(_) => prop_assert!(state == before),
                Ok(delta) => {
                    prop_assert_eq!(delta.rev, before.rev + 1);
                    // The delta makes the old picture the new one, and says nothing twice.
                    for question in delta.changed {
                        let old = shown.questions.iter_mut().find(|old| old.path == question.path).unwrap();
                        prop_assert_ne!(&*old, &question);
                        *old = question;
                    }
                    (shown.rev, shown.position, shown.steps) = (delta.rev, delta.position, delta.steps);
                    (shown.remaining, shown.sendable, shown.complete) = (delta.remaining, delta.sendable, delta.complete);
                    let now = view(&definition, &state, context);
                    prop_assert_eq!(&shown, &now);
                    prop_assert_eq!(&now, &view(&definition, &state, context));
                }
            }
            hidden_is_silent(&shown)?;
            both_ends_agree(&definition, &state, context)?;
            let stored = serde_json::to_vec(&state).unwrap();
            prop_assert!(serde_json::from_slice::<FormState>(&stored).unwrap() == state);
            for language in [Language::Swedish, Language::English] {
                let script = script(&definition, &state, context, language);
                let remaining: Vec<_> = shown.remaining.iter().map(|question| &question.label).collect();
                prop_assert_eq!(script.missing.iter().collect::<Vec<_>>(), remaining);
                prop_assert_eq!(script.sendable, shown.sendable);
            }
            for question in all(&shown) {
                // Blank answers are drawn as typed; there is nothing to reveal in them.
                let revealed = reveal(&definition, &state, &question.path, context);
                prop_assert!(revealed.is_none() || question.answer != AnswerView::None, "{}", question.path);
            }
        }
    }

    #[test]
    fn doing_everything_twice_is_doing_it_once((definition, history) in history()) {
        let mut state = FormState::new(&definition);
        let mut done: Vec<Op> = Vec::new();
        for (operation, _) in history {
            if apply(&definition, &mut state, std::slice::from_ref(&operation), &ORDINARY).is_ok() {
                done.push(operation);
            }
        }
        let before = state.clone();
        let replay = apply(&definition, &mut state, &done, &ORDINARY).unwrap();
        prop_assert!(replay.changed.is_empty() && state == before);
    }

    #[test]
    fn a_batch_is_its_operations_one_by_one((definition, history) in history()) {
        let mut one_by_one = FormState::new(&definition);
        let mut fitting: Vec<Op> = Vec::new();
        for (operation, _) in history {
            if apply(&definition, &mut one_by_one, std::slice::from_ref(&operation), &PROTECTED).is_ok() {
                fitting.push(operation);
            }
        }
        let mut batch = FormState::new(&definition);
        apply(&definition, &mut batch, &fitting, &PROTECTED).unwrap();
        prop_assert_eq!(batch.rev, u64::from(!fitting.is_empty()));
        one_by_one.rev = batch.rev;
        prop_assert!(one_by_one == batch);
    }

    #[test]
    fn a_definition_is_the_same_after_a_journey(definition in definition()) {
        let again = load(&to_json(&definition)).unwrap();
        prop_assert_eq!(&again.hash, &definition.hash);
        prop_assert_eq!(again, definition);
    }

    #[test]
    fn no_sender_makes_the_receiver_panic(definition in definition(), answers in strangers_answers(), protected: bool) {
        let context = if protected { PROTECTED } else { ORDINARY };
        let check = check_submission(&definition, &answers, &context);
        let known = |id: &String| definition.steps.iter().flat_map(|step| &step.questions).any(|q| q.id == *id);
        prop_assert_eq!(answers.keys().all(known), check.faults.iter().all(|(path, fault)| path.contains('/') || fault.code != "question_unknown"));
    }

    #[test]
    fn no_bytes_make_loading_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(load(&bytes).is_err());
    }
}

#[test]
fn the_drawn_forms_have_rules_that_do_something() {
    // The counter-test of the properties above: they would hold for forms without rules as well.
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let drawn: Vec<Definition> =
        (0..200).map(|_| definition().new_tree(&mut runner).unwrap().current()).collect();
    assert!(drawn.iter().filter(|definition| !definition.rules.is_empty()).count() > 100);
    let in_groups =
        drawn.iter().flat_map(|definition| &definition.rules).filter(|rule| rule.on.starts_with('m'));
    assert!(in_groups.count() > 3);
    let written: Vec<Value> =
        drawn.iter().map(|definition| serde_json::to_value(definition).unwrap()).collect();
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    let mut conditions: BTreeMap<String, u32> = BTreeMap::new();
    written.iter().for_each(|definition| count(definition, &mut kinds, &mut conditions));
    assert_eq!(kinds.len(), 23, "{kinds:?}");
    assert!(kinds.values().all(|&drawn| drawn > 3), "{kinds:?}");
    assert_eq!(conditions.len(), 14, "{conditions:?}");
    assert!(conditions.values().all(|&drawn| drawn > 3), "{conditions:?}");
    assert!(drawn.iter().any(|definition| definition.oral_filing != OralFiling::Accepted));
}

/// How often each kind and each condition occurs.
fn count(value: &Value, kinds: &mut BTreeMap<String, u32>, conditions: &mut BTreeMap<String, u32>) {
    if let Some(kind) = value["kind"].as_str() {
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    for part in value["steps"].as_array().into_iter().chain(value["questions"].as_array()).flatten() {
        count(part, kinds, conditions);
    }
    for rule in value["rules"].as_array().into_iter().flatten() {
        count_conditions(&rule["when"], conditions);
    }
}

fn count_conditions(condition: &Value, conditions: &mut BTreeMap<String, u32>) {
    for (name, inner) in condition.as_object().into_iter().flatten() {
        *conditions.entry(name.clone()).or_default() += 1;
        match name.as_str() {
            "all" | "any" => {
                inner.as_array().unwrap().iter().for_each(|part| count_conditions(part, conditions))
            }
            "not" => count_conditions(inner, conditions),
            "of" => count_conditions(&inner["is"], conditions),
            _ => {}
        }
    }
}
