//! What is said, and when: faults, what remains, whether it can be sent.

mod common;

use std::collections::BTreeMap;

use common::{Draft, add_row, chosen, file, go_to, leave, one_step, question, text, written, yes_no};
use ledsaga_forms::{Answer, Fault, OpKind, QuestionState, RemainingView};
use serde_json::{Value, json};

fn two_steps() -> Draft {
    Draft::new(&written(
        json!([
            { "id": "ett", "title": "Ett", "questions": [
                question("pnr", "personal_identity_number", json!({})),
                question("frivillig", "date", json!({ "state": "visible" })),
            ] },
            { "id": "tva", "title": "Två", "questions": [yes_no("b", json!({}))] },
        ]),
        json!([]),
    ))
}

fn later(question: &str, on: bool) -> OpKind {
    OpKind::Later { question: question.to_owned(), on }
}

#[test]
fn a_wrong_format_is_said_when_the_field_has_been_left() {
    let mut draft = two_steps();
    draft.set("pnr", text("850101"));
    assert!(draft.faults("pnr").is_empty());
    assert!(!draft.view().sendable, "it cannot be sent all the same");
    draft.apply(leave("pnr"));
    assert_eq!(draft.faults("pnr"), ["pnr_length"]);
    draft.set("pnr", text("850101-2382"));
    assert!(draft.faults("pnr").is_empty());
    assert!(draft.view().sendable);
}

#[test]
fn a_year_that_is_only_inferred_is_shown_for_confirmation_when_the_field_has_been_left() {
    let mut draft = two_steps();
    let year = |draft: &Draft| draft.question("pnr").inferred_year;
    draft.set("pnr", text("8501012382"));
    assert_eq!(year(&draft), None, "perhaps two more digits come");
    let delta = draft.apply(leave("pnr"));
    assert_eq!((year(&draft), delta.changed[0].inferred_year), (Some(1985), Some(1985)));
    assert!(draft.faults("pnr").is_empty() && draft.view().sendable, "it is advice and stops nothing");
    for told in ["850101-2382", "198501012382", "850101", ""] {
        draft.set("pnr", text(told));
        assert_eq!(year(&draft), None, "{told}");
    }
    draft.set("pnr", text("8501012382"));
    draft.context.protected = true;
    assert_eq!(year(&draft), None, "it is masked");
}

#[test]
fn leaving_an_empty_field_says_nothing() {
    let mut draft = two_steps();
    draft.apply(leave("pnr"));
    assert!(draft.faults("pnr").is_empty());
}

#[test]
fn what_is_missing_is_said_when_the_step_has_been_left() {
    let mut draft = two_steps();
    draft.apply(go_to("ett"));
    assert!(draft.faults("pnr").is_empty(), "going to where one is does not leave it");
    draft.set("frivillig", text("31/2 2026"));
    draft.apply(go_to("tva"));
    assert_eq!(draft.faults("pnr"), ["required"]);
    assert_eq!(draft.faults("frivillig"), ["date_not_real"]);
    assert!(draft.faults("b").is_empty());
    let steps = draft.view().steps;
    assert_eq!((steps[0].faults, steps[0].remaining, steps[0].visited), (2, 1, true));
    assert_eq!((steps[1].faults, steps[1].remaining, steps[1].visited), (0, 1, false));
}

#[test]
fn asking_later_silences_what_is_missing_until_the_worker_tries_to_send() {
    let mut draft = two_steps();
    draft.apply(later("pnr", true));
    draft.apply(go_to("tva"));
    assert!(draft.faults("pnr").is_empty());
    assert_eq!(draft.view().steps[0].later, 1);
    assert_eq!(draft.view().remaining.len(), 2, "it remains to be asked");
    draft.apply(OpKind::TrySubmit);
    assert_eq!(draft.faults("pnr"), ["required"]);
    assert_eq!(draft.faults("b"), ["choice_none"]);
}

#[test]
fn a_wrong_format_is_not_silenced_by_asking_later() {
    let mut draft = two_steps();
    draft.set("pnr", text("850101-2383"));
    draft.apply(leave("pnr"));
    draft.apply(later("pnr", true));
    assert_eq!(draft.faults("pnr"), ["pnr_checksum"]);
}

#[test]
fn an_answer_or_the_worker_takes_the_mark_away() {
    let mut draft = two_steps();
    draft.apply(later("pnr", true));
    draft.set("pnr", text("8"));
    assert!(!draft.question("pnr").later);
    draft.apply(later("b", true));
    draft.apply(later("b", false));
    assert!(!draft.question("b").later);
}

#[test]
fn what_remains_is_told_in_order_with_labels() {
    let mut draft = two_steps();
    let remaining = |question: &str, label: &str, step: &str| RemainingView {
        question: question.to_owned(),
        label: label.to_owned(),
        step: step.to_owned(),
    };
    assert_eq!(
        draft.view().remaining,
        [remaining("pnr", "Fråga pnr", "ett"), remaining("b", "Fråga b", "tva")]
    );
    draft.set("b", chosen(&["nej"]));
    draft.set("pnr", text("   "));
    assert_eq!(draft.view().remaining.len(), 1, "space is no answer");
    draft.set("pnr", text("850101-2382"));
    assert!(draft.view().complete && draft.view().remaining.is_empty());
}

fn rows(state: &str, min_rows: u32) -> Draft {
    let members =
        json!([question("m", "text", json!({})), question("n", "text", json!({ "state": "visible" }))]);
    let more = json!({ "row_label": "Person", "state": state, "min_rows": min_rows, "max_rows": 3, "questions": members });
    Draft::new(&one_step(json!([question("g", "group", more)]), json!([])))
}

fn labels(draft: &Draft) -> Vec<String> {
    draft.view().remaining.into_iter().map(|remaining| remaining.label).collect()
}

#[test]
fn a_required_group_wants_its_rows_filled_in() {
    let mut draft = rows("visible_required", 0);
    assert_eq!(labels(&draft), ["Fråga g"]);
    draft.apply(add_row("g", "x"));
    draft.apply(add_row("g", "y"));
    assert_eq!(labels(&draft), ["Person 1: Fråga m", "Person 2: Fråga m"]);
    draft.apply(OpKind::TrySubmit);
    assert_eq!((draft.faults("g").len(), draft.faults("g/x/m")), (0, vec!["required".to_owned()]));
}

#[test]
fn a_required_group_of_optional_questions_wants_something() {
    let member = question("m", "text", json!({ "state": "visible" }));
    let more = json!({ "row_label": "Person", "min_rows": 1, "max_rows": 3, "questions": [member] });
    let mut draft = Draft::new(&one_step(json!([question("g", "group", more)]), json!([])));
    draft.apply(OpKind::TrySubmit);
    assert_eq!(draft.faults("g"), ["rows_none"]);
    draft.set("g/r1/m", text("Bo"));
    assert!(draft.faults("g").is_empty() && draft.view().complete);
}

#[test]
fn an_optional_group_wants_the_rest_of_a_row_once_anything_is_in_it() {
    let mut draft = rows("visible", 1);
    assert!(draft.view().complete);
    draft.set("g/r1/n", text("Bo"));
    assert_eq!(labels(&draft), ["Person 1: Fråga m"]);
}

fn first_fault(kind: &str, more: Value, answer: Answer) -> Option<Fault> {
    let mut draft = Draft::new(&one_step(json!([question("q", kind, more)]), json!([])));
    match answer {
        Answer::Files { files } => files.into_iter().for_each(|file| {
            draft.apply(OpKind::Attach { question: "q".to_owned(), file });
        }),
        answer => {
            draft.set("q", answer);
        }
    }
    draft.apply(OpKind::TrySubmit);
    draft.question("q").faults.into_iter().next()
}

fn fault(code: &str, params: &[(&str, &str)]) -> Option<Fault> {
    let params: BTreeMap<String, String> =
        params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Some(Fault { code: code.to_owned(), params })
}

#[test]
fn faults_carry_the_limits_they_speak_of() {
    let choices = json!([{ "id": "x", "label": "X" }, { "id": "y", "label": "Y" }]);
    let limited = json!({ "choices": choices, "min": 2, "max": 2, "other": "Annat" });
    let other = |text: Option<&str>| Answer::Choice {
        choices: vec!["other".to_owned()],
        other: text.map(str::to_owned),
    };
    let open = json!({ "choices": choices, "other": "Annat" });
    for (kind, more, answer, expected) in [
        ("text", json!({ "max_length": 3 }), text("fyra"), fault("too_long", &[("max", "3")])),
        ("number", json!({ "min": 0.5 }), text("0"), fault("number_too_small", &[("min", "0.5")])),
        ("checkbox", limited.clone(), chosen(&["x"]), fault("too_few_choices", &[("min", "2")])),
        (
            "checkbox",
            limited.clone(),
            chosen(&["x", "y", "other"]),
            fault("too_many_choices", &[("max", "2")]),
        ),
        ("checkbox", limited, chosen(&["x", "y"]), None),
        ("radio", open.clone(), other(None), fault("other_missing", &[])),
        ("radio", open.clone(), other(Some("  ")), fault("other_missing", &[])),
        ("radio", open.clone(), other(Some(&"x".repeat(256))), fault("too_long", &[("max", "255")])),
        ("drop_down", open, other(Some("något")), None),
        (
            "files",
            json!({ "max_count": 1, "max_size": 5, "types": ["pdf"] }),
            Answer::Files { files: vec![] },
            fault("files_none", &[]),
        ),
        (
            "files",
            json!({ "max_count": 1, "max_size": 5, "types": ["pdf"] }),
            Answer::Files { files: vec![file("f", "a.pdf", 5)] },
            None,
        ),
    ] {
        assert_eq!(first_fault(kind, more.clone(), answer), expected, "{kind} {more}");
    }
}

#[test]
fn a_confirmation_is_wanted_in_words_of_its_own() {
    let mut draft = Draft::new(&one_step(
        json!([question("q", "confirm", json!({ "statement": "Det stämmer." }))]),
        json!([]),
    ));
    draft.apply(OpKind::TrySubmit);
    assert_eq!(draft.faults("q"), ["not_confirmed"]);
}

#[test]
fn a_visible_stop_question_stops_and_a_hidden_one_does_not() {
    let stop = question("stopp", "stop", json!({ "state": "hidden", "text": "Ring socialjouren." }));
    let rules = json!([{ "on": "a", "when": { "any_of": ["ja"] }, "set": "visible", "targets": ["stopp"] }]);
    let mut draft = Draft::new(&one_step(json!([yes_no("a", json!({})), stop]), rules));
    assert!(draft.view().sendable);
    draft.set("a", chosen(&["ja"]));
    assert!(!draft.view().sendable && draft.view().complete);
    assert!(draft.faults("stopp").is_empty());
    draft.apply(OpKind::TrySubmit);
    assert_eq!(draft.faults("stopp"), ["stop"]);
    draft.set("a", chosen(&["nej"]));
    assert!(draft.view().sendable);
}

#[test]
fn what_nobody_can_answer_is_never_missing() {
    let draft = Draft::new(&one_step(
        json!([
            question("i", "information", json!({ "text": "Läs." })),
            question("u", "booking", json!({ "x": 1 }))
        ]),
        json!([]),
    ));
    assert!(draft.view().complete);
    assert_eq!(draft.state_of("u"), QuestionState::VisibleRequired);
}
