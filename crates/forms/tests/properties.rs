//! What holds for every form and every way to fill it in.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use common::{ORDINARY, PROTECTED, all, chosen, file, one_step, question, text, try_load, written, yes_no};
use ledsaga_forms::{
    Answer, AnswerView, Answers, Context, Definition, FormState, FormView, Op, OpKind, QuestionState, apply,
    check_submission, load, reveal,
    speech::{Language, script},
    submission_answers, to_json, view,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const STATES: [&str; 3] = ["hidden", "visible", "visible_required"];
const POLICIES: [&str; 3] = ["ask", "via_forwarding", "do_not_ask"];
const SENSITIVITIES: [&str; 3] = ["ordinary", "personal", "protected"];

/// A question by what was drawn for it. Ids are `q0`, `q1`, …; those in groups `m0x`, `m0y`, ….
fn build(
    index: usize,
    (kind, state, policy, sensitivity): (u8, usize, usize, usize),
    in_group: bool,
) -> Value {
    let id = format!("{}{index}", if in_group { "m" } else { "q" });
    let more = json!({
        "state": STATES[state % 3], "protected_policy": POLICIES[policy % 3], "sensitivity": SENSITIVITIES[sensitivity % 3]
    });
    let with = |kind: &str, extra: Value| {
        let mut question = question(&id, kind, more.clone());
        question.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        question
    };
    let choices = json!([{ "id": "ja", "label": "Ja" }, { "id": "nej", "label": "Nej" }]);
    match kind % 12 {
        0 | 1 => yes_no(&id, more),
        2 => with("checkbox", json!({ "choices": choices, "other": "Annat", "min": 1, "max": 2 })),
        3 => with("number", json!({ "min": 0, "max": 100, "decimals": 1 })),
        4 => with("text", json!({ "max_length": 5 })),
        5 => with("personal_identity_number", json!({})),
        6 => with("date", json!({ "not_past": true })),
        7 => with("address", json!({})),
        8 => with("confirm", json!({ "statement": "Det stämmer." })),
        9 => with("files", json!({ "max_count": 1, "max_size": 10, "types": ["pdf"] })),
        10 => with("stop", json!({ "text": "Stopp." })),
        _ if in_group => with("phone", json!({})),
        _ => {
            let members: Vec<Value> = (0..3u8)
                .map(|n| {
                    build(
                        index * 10 + usize::from(n),
                        (n * state as u8 + kind, state + usize::from(n), policy, 0),
                        true,
                    )
                })
                .collect();
            with(
                "group",
                json!({ "row_label": "Rad", "min_rows": state % 2, "max_rows": 2, "questions": members }),
            )
        }
    }
}

type DrawnQuestion = (u8, usize, usize, usize);
type DrawnRule = (prop::sample::Index, prop::sample::Index, u8, usize, bool, bool);

fn ids(questions: &[Value]) -> Vec<String> {
    let id = |question: &Value| question["id"].as_str().unwrap().to_owned();
    let members = |question: &Value| question["questions"].as_array().map_or(vec![], |members| ids(members));
    questions.iter().flat_map(|question| [vec![id(question)], members(question)].concat()).collect()
}

/// A definition in two steps with those of the drawn rules that `load` accepts.
fn definition() -> impl Strategy<Value = Definition> {
    let question = (any::<u8>(), 0..3usize, prop_oneof![4 => Just(0), 1 => 0..3usize], 0..3usize);
    let rule = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..5u8,
        0..3usize,
        any::<bool>(),
        any::<bool>(),
    );
    (prop::collection::vec(question, 2..8), prop::collection::vec(rule, 0..10)).prop_map(assemble)
}

fn assemble((questions, rules): (Vec<DrawnQuestion>, Vec<DrawnRule>)) -> Definition {
    let questions: Vec<Value> =
        questions.into_iter().enumerate().map(|(n, drawn)| build(n, drawn, false)).collect();
    let ids = ids(&questions);
    let (first, second) = questions.split_at(questions.len() / 2);
    let steps = json!([
        { "id": "ett", "title": "Ett", "questions": first }, { "id": "tva", "title": "Två", "questions": second }
    ]);
    let mut kept: Vec<Value> = Vec::new();
    for (on, target, when, set, keep_answer, no_restore) in rules {
        let when = match when {
            0 => json!({ "any_of": ["ja"] }),
            1 => json!({ "all_of": ["nej"] }),
            2 => json!({ "answered": true }),
            3 => json!({ "answered": false }),
            _ => json!({ "at_least": 1 }),
        };
        let rule = json!({
            "on": on.get(&ids), "when": when, "set": STATES[set], "targets": [target.get(&ids)],
            "keep_answer": keep_answer, "no_restore": no_restore
        });
        let with = [kept.clone(), vec![rule]].concat();
        if try_load(&written(steps.clone(), json!(with))).is_ok() {
            kept = with;
        }
    }
    try_load(&written(steps, json!(kept))).unwrap()
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        3 => prop::sample::subsequence(vec!["ja", "nej", "other"], 0..3).prop_map(|ids| chosen(&ids)),
        1 => Just(Answer::Choice { choices: vec!["other".to_owned()], other: Some(" eget ".to_owned()) }),
        2 => prop::sample::select(vec!["0", "1,5", "99", "850101-2382", "850101-2383", "2027-01-01", "1/2 2020", "070-1740605", " ", "åäö"])
            .prop_map(text),
        1 => "\\PC{0,8}|[\\x00-\\x20a]{0,4}".prop_map(|typed| text(&typed)),
        1 => Just(Answer::Confirmed),
    ]
}

/// Operations on paths that may or may not be there.
fn operation(paths: Vec<String>) -> impl Strategy<Value = OpKind> {
    let path = prop::sample::select(paths);
    let row = || prop::sample::select(vec!["r1", "x", "y"]).prop_map(str::to_owned);
    prop_oneof![
        8 => (path.clone(), answer()).prop_map(|(question, answer)| OpKind::Set { question, answer }),
        1 => path.clone().prop_map(|question| OpKind::Clear { question }),
        2 => (path.clone(), row()).prop_map(|(question, row)| OpKind::AddRow { question, row }),
        1 => (path.clone(), row()).prop_map(|(question, row)| OpKind::RemoveRow { question, row }),
        1 => path.clone().prop_map(|question| OpKind::Attach { question, file: file("f1", "a.pdf", 3) }),
        1 => path.clone().prop_map(|question| OpKind::Detach { question, file: "f1".to_owned() }),
        1 => (path.clone(), any::<bool>()).prop_map(|(question, on)| OpKind::Later { question, on }),
        1 => path.prop_map(|question| OpKind::Leave { question }),
        1 => prop::sample::select(vec!["ett", "tva"]).prop_map(|step| OpKind::GoTo { step: step.to_owned() }),
        1 => Just(OpKind::TrySubmit),
    ]
}

fn paths(definition: &Definition) -> Vec<String> {
    let questions = definition.steps.iter().flat_map(|step| &step.questions);
    let mut paths = Vec::new();
    for question in questions {
        paths.push(question.id.clone());
        if let ledsaga_forms::Kind::Group { questions, .. } = &question.kind {
            let members = questions
                .iter()
                .flat_map(|m| ["r1", "x"].map(|row| format!("{}/{row}/{}", question.id, m.id)));
            paths.extend(members);
        }
    }
    paths
}

/// A form, what is done to it, and before which operations protected mode is switched.
fn history() -> impl Strategy<Value = (Definition, Vec<(Op, bool)>)> {
    definition().prop_flat_map(|definition| {
        let operations =
            prop::collection::vec((operation(paths(&definition)), prop::bool::weighted(0.1)), 0..40);
        let numbered = operations.prop_map(|kinds| {
            let number =
                |(n, (kind, switch)): (usize, (OpKind, bool))| (Op { id: n.to_string(), kind }, switch);
            kinds.into_iter().enumerate().map(number).collect::<Vec<_>>()
        });
        (Just(definition), numbered)
    })
}

fn contexts(switches: &[(Op, bool)]) -> Vec<Context> {
    let mut protected = false;
    let switched = switches.iter().map(|(_, switch)| {
        protected ^= switch;
        if protected { PROTECTED } else { ORDINARY }
    });
    switched.collect()
}

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
    } else {
        prop_assert!(!check.faults.is_empty());
    }
    Ok(())
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

fn strangers_answers() -> impl Strategy<Value = Answers> {
    let id = || "q[0-7]|m[0-7][0-2]|\\PC{0,3}";
    let leaf = answer();
    let answer = leaf.prop_recursive(3, 12, 3, move |inner| {
        let row = ("r1|x|\\PC{0,2}", prop::collection::btree_map(id(), inner, 0..3));
        prop::collection::vec(row.prop_map(|(id, answers)| ledsaga_forms::Row { id, answers }), 0..4)
            .prop_map(|rows| Answer::Rows { rows })
    });
    prop::collection::btree_map(id(), answer, 0..6)
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
    assert!(try_load(&one_step(json!([yes_no("a", json!({}))]), json!([]))).is_ok());
}
