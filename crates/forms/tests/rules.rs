//! Rules: which questions are asked, and what becomes of their answers.

mod common;

use common::{Draft, all, chosen, one_step, question, set, text, yes_no};
use ledsaga_forms::{
    Answer, ApplyError, OpKind,
    QuestionState::{Hidden, Visible, VisibleRequired},
    submission_answers,
};
use serde_json::{Value, json};

fn rule(on: &str, when: Value, set: &str, targets: &[&str]) -> Value {
    json!({ "on": on, "when": when, "set": set, "targets": targets })
}

fn with(mut rule: Value, flag: &str) -> Value {
    rule[flag] = json!(true);
    rule
}

fn yes() -> Value {
    json!({ "any_of": ["ja"] })
}

fn hidden() -> Value {
    json!({ "state": "hidden" })
}

#[test]
fn a_choice_sets_the_state_and_another_brings_the_default_back() {
    let mut draft = Draft::new(&one_step(
        json!([yes_no("a", json!({})), question("b", "text", json!({ "state": "visible" }))]),
        json!([rule("a", yes(), "visible_required", &["b"])]),
    ));
    assert_eq!(draft.state_of("b"), Visible);
    draft.set("a", chosen(&["ja"]));
    assert_eq!(draft.state_of("b"), VisibleRequired);
    draft.set("a", chosen(&["nej"]));
    assert_eq!(draft.state_of("b"), Visible);
    draft.set("a", chosen(&["ja"]));
    draft.apply(OpKind::Clear { question: "a".to_owned() });
    assert_eq!(draft.state_of("b"), Visible);
}

#[test]
fn the_last_rule_wins_unless_it_does_not_restore() {
    let questions = json!([yes_no("a", json!({})), yes_no("b", json!({})), question("c", "text", hidden())]);
    let first = rule("a", yes(), "visible_required", &["c"]);
    let second = rule("b", yes(), "visible", &["c"]);
    let states = |rules: Value| {
        let mut draft = Draft::new(&one_step(questions.clone(), rules));
        draft.set("a", chosen(&["ja"]));
        let one = draft.state_of("c");
        draft.set("b", chosen(&["ja"]));
        (one, draft.state_of("c"))
    };
    assert_eq!(states(json!([first, second])), (Hidden, Visible));
    assert_eq!(states(json!([first, with(second.clone(), "no_restore")])), (VisibleRequired, Visible));
    assert_eq!(states(json!([second, first])), (VisibleRequired, VisibleRequired));
}

#[test]
fn hiding_clears_the_answer_and_cascades() {
    let mut draft = Draft::new(&one_step(
        json!([yes_no("a", json!({})), yes_no("b", hidden()), question("c", "text", hidden())]),
        // Not in the questions' order: that makes no difference.
        json!([rule("b", yes(), "visible", &["c"]), rule("a", yes(), "visible_required", &["b"])]),
    ));
    draft.set("a", chosen(&["ja"]));
    draft.set("b", chosen(&["ja"]));
    draft.set("c", text("svar"));
    let delta = draft.set("a", chosen(&["nej"]));
    assert_eq!(delta.changed.iter().map(|q| q.path.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!((draft.state_of("b"), draft.state_of("c")), (Hidden, Hidden));
    assert_eq!(draft.state.answers.keys().collect::<Vec<_>>(), ["a"]);
    draft.set("a", chosen(&["ja"]));
    assert!(draft.shown("b").is_none());
}

#[test]
fn a_kept_answer_comes_back_but_is_never_sent_or_counted_while_hidden() {
    let hide = rule("a", yes(), "hidden", &["b"]);
    let questions = json!([
        yes_no("a", json!({})),
        yes_no("b", json!({})),
        question("c", "text", json!({ "state": "hidden" }))
    ]);
    let follow = rule("b", yes(), "visible", &["c"]);
    let mut draft = Draft::new(&one_step(questions, json!([with(hide, "keep_answer"), follow])));
    draft.set("b", chosen(&["ja"]));
    assert_eq!(draft.state_of("c"), Visible);
    draft.set("a", chosen(&["ja"]));
    assert!(draft.state.answers.contains_key("b"));
    assert!(draft.shown("b").is_none());
    assert_eq!(draft.state_of("c"), Hidden);
    assert_eq!(submission_answers(&draft.definition, &draft.state, &draft.context).len(), 1);
    draft.set("a", chosen(&["nej"]));
    assert!(draft.shown("b") == Some(chosen(&["ja"])));
    assert_eq!(draft.state_of("c"), Visible);
}

#[test]
fn conditions_read_choices_numbers_and_rows() {
    let questions = json!([
        question(
            "val",
            "checkbox",
            json!({
                "choices": [{ "id": "x", "label": "X" }, { "id": "y", "label": "Y" }], "other": "Annat"
            })
        ),
        question("antal", "number", json!({ "decimals": 1 })),
        question(
            "g",
            "group",
            json!({ "row_label": "R", "max_rows": 3, "questions": [question("m", "text", json!({}))] })
        ),
        question("alla", "text", hidden()),
        question("annat", "text", hidden()),
        question("stort", "text", hidden()),
        question("flera", "text", hidden()),
        question("tomt", "text", hidden()),
    ]);
    let mut draft = Draft::new(&one_step(
        questions,
        json!([
            rule("val", json!({ "all_of": ["x", "y"] }), "visible", &["alla"]),
            rule("val", json!({ "any_of": ["other"] }), "visible", &["annat"]),
            rule("antal", json!({ "at_least": 2.5 }), "visible", &["stort"]),
            rule("g", json!({ "at_least": 2 }), "visible", &["flera"]),
            rule("g", json!({ "answered": false }), "visible", &["tomt"]),
        ]),
    ));
    assert_eq!(draft.state_of("tomt"), Visible);
    draft.set("val", chosen(&["x"]));
    assert_eq!(draft.state_of("alla"), Hidden);
    draft.set("val", chosen(&["y", "x", "other"]));
    assert_eq!((draft.state_of("alla"), draft.state_of("annat")), (Visible, Visible));
    for (typed, state) in [("2,4", Hidden), ("2,5", Visible), ("två", Hidden), ("12 000", Visible)] {
        draft.set("antal", text(typed));
        assert_eq!(draft.state_of("stort"), state, "{typed}");
    }
    draft.apply(common::add_row("g", "1"));
    assert_eq!((draft.state_of("flera"), draft.state_of("tomt")), (Hidden, Visible));
    draft.apply(common::add_row("g", "2"));
    assert_eq!(draft.state_of("flera"), Visible);
    draft.set("g/2/m", text("något"));
    assert_eq!(draft.state_of("tomt"), Hidden);
}

fn group_form() -> Draft {
    let members =
        json!([yes_no("m", json!({})), question("n", "text", hidden()), question("o", "text", json!({}))]);
    let group = question(
        "g",
        "group",
        json!({ "row_label": "Person", "min_rows": 1, "max_rows": 3, "questions": members }),
    );
    Draft::new(&one_step(
        json!([yes_no("a", json!({})), group]),
        json!([rule("m", yes(), "visible_required", &["n"]), rule("a", yes(), "hidden", &["o"])]),
    ))
}

#[test]
fn a_rule_within_a_group_holds_for_its_own_row_only() {
    let mut draft = group_form();
    draft.apply(common::add_row("g", "r9"));
    draft.set("g/r9/m", chosen(&["ja"]));
    assert_eq!((draft.state_of("g/r1/n"), draft.state_of("g/r9/n")), (Hidden, VisibleRequired));
    draft.set("g/r9/n", text("svar"));
    draft.set("g/r9/m", chosen(&["nej"]));
    assert!(draft.shown("g/r9/n").is_none());
    draft.set("g/r9/m", chosen(&["ja"]));
    assert!(draft.shown("g/r9/n").is_none(), "hiding cleared it in the row");
}

#[test]
fn a_rule_from_outside_holds_in_every_row() {
    let mut draft = group_form();
    draft.apply(common::add_row("g", "r2"));
    draft.set("g/r1/o", text("ett"));
    draft.set("g/r2/o", text("två"));
    let delta = draft.set("a", chosen(&["ja"]));
    assert_eq!(delta.changed.iter().map(|q| q.path.as_str()).collect::<Vec<_>>(), ["a", "g"]);
    assert_eq!((draft.state_of("g/r1/o"), draft.state_of("g/r2/o")), (Hidden, Hidden));
    draft.set("a", chosen(&["nej"]));
    assert!(draft.shown("g/r1/o").is_none() && draft.shown("g/r2/o").is_none());
}

#[test]
fn a_hidden_group_forgets_its_rows_and_comes_back_with_those_it_must_have() {
    let group = question(
        "g",
        "group",
        json!({
            "row_label": "Person", "min_rows": 2, "max_rows": 3, "questions": [question("m", "text", json!({}))]
        }),
    );
    let mut draft = Draft::new(&one_step(
        json!([yes_no("a", json!({})), group]),
        json!([rule("a", yes(), "hidden", &["g"])]),
    ));
    draft.apply(common::add_row("g", "extra"));
    draft.set("g/r1/m", text("svar"));
    draft.set("a", chosen(&["ja"]));
    assert!(draft.question("g").rows.is_empty());
    let gone = draft.try_apply(vec![set("g/r1/m", text("svar"))]);
    assert_eq!(gone.unwrap_err(), ApplyError::Hidden { path: "g/r1/m".to_owned() });
    draft.set("a", chosen(&["nej"]));
    let rows = draft.question("g").rows;
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["r1", "r2"]);
    assert!(draft.shown("g/r1/m").is_none());
}

#[test]
fn hidden_questions_are_in_the_view_without_answer_and_fault() {
    let mut draft = Draft::new(&one_step(
        json!([yes_no("a", json!({})), question("b", "personal_identity_number", json!({}))]),
        json!([with(rule("a", yes(), "hidden", &["b"]), "keep_answer")]),
    ));
    draft.set("b", text("850101-2383"));
    draft.apply(OpKind::TrySubmit);
    assert_eq!(draft.faults("b"), ["pnr_checksum"]);
    assert!(!draft.view().sendable);
    draft.set("a", chosen(&["ja"]));
    let view = draft.view();
    assert!(view.sendable && view.complete);
    assert!(all(&view).iter().any(|question| question.path == "b" && question.faults.is_empty()));
}

#[test]
fn a_condition_on_other_holds_without_its_text() {
    let questions = json!([
        question("val", "radio", json!({ "choices": [{ "id": "x", "label": "X" }], "other": "Annat" })),
        question("b", "text", hidden()),
    ]);
    let mut draft = Draft::new(&one_step(
        questions,
        json!([rule("val", json!({ "any_of": ["other"] }), "visible", &["b"])]),
    ));
    draft.set("val", Answer::Choice { choices: vec!["other".to_owned()], other: None });
    assert_eq!(draft.state_of("b"), Visible);
}
