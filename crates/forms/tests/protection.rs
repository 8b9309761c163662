//! Protected mode: what is masked, what is not asked for, and that nothing is lost by it.

mod common;

use common::{Draft, ORDINARY, PROTECTED, chosen, file, one_step, question, set, text, yes_no};
use ledsaga_forms::{
    Answer, AnswerView, ApplyError, OpKind, QuestionState, Sensitivity, reveal, submission_answers,
};
use serde_json::json;

fn form() -> Draft {
    let member = question("telefon", "phone", json!({}));
    Draft::new(&one_step(
        json!([
            question("pnr", "personal_identity_number", json!({})),
            question("adress", "address", json!({})),
            question("epost", "email", json!({ "protected_policy": "do_not_ask", "state": "visible" })),
            question("skola", "text", json!({ "protected_policy": "via_forwarding" })),
            question("fritext", "text_area", json!({ "sensitivity": "protected", "state": "visible" })),
            question("vanlig", "text", json!({ "sensitivity": "personal", "state": "visible" })),
            question(
                "form",
                "radio",
                json!({
                    "sensitivity": "protected", "choices": [{ "id": "x", "label": "Ett val" }], "other": "Annat"
                })
            ),
            question(
                "filer",
                "files",
                json!({
                    "sensitivity": "protected", "max_count": 1, "max_size": 10, "types": ["pdf"], "state": "visible"
                })
            ),
            question(
                "g",
                "group",
                json!({ "row_label": "R", "min_rows": 1, "max_rows": 2, "questions": [member] })
            ),
            question("ok", "confirm", json!({ "statement": "Det stämmer.", "sensitivity": "protected" })),
        ]),
        json!([]),
    ))
}

fn answered() -> Draft {
    let mut draft = form();
    for (path, answer) in [
        ("pnr", text("850101-2382")),
        ("adress", text("Storgatan 1")),
        ("epost", text("namn@exempel.se")),
        ("skola", text("Exempelskolan")),
        ("fritext", text("åäö")),
        ("vanlig", text("synligt")),
        ("form", Answer::Choice { choices: vec!["other".to_owned()], other: Some("eget".to_owned()) }),
        ("g/r1/telefon", text("070-1740605")),
        ("ok", Answer::Confirmed),
    ] {
        draft.set(path, answer);
    }
    draft.apply(OpKind::Attach { question: "filer".to_owned(), file: file("f1", "Bo Ek.pdf", 3) });
    draft
}

#[test]
fn protected_answers_are_masked_and_only_in_protected_mode() {
    let mut draft = answered();
    assert!(matches!(draft.question("pnr").answer, AnswerView::Plain { .. }));
    draft.context = PROTECTED;
    for (path, length) in [("pnr", 11), ("fritext", 3), ("form", 11), ("g/r1/telefon", 11)] {
        assert_eq!(draft.question(path).answer, AnswerView::Masked { length }, "{path}");
        assert_eq!(draft.question(path).sensitivity, Sensitivity::Protected);
    }
    assert!(matches!(draft.question("vanlig").answer, AnswerView::Plain { .. }));
    assert!(matches!(draft.question("ok").answer, AnswerView::Plain { answer: Answer::Confirmed }));
    // A file can be taken away by its id without its name being shown.
    assert!(draft.shown("filer") == Some(Answer::Files { files: vec![file("f1", "****.pdf", 3)] }));
    let everything = serde_json::to_string(&draft.view()).unwrap();
    for secret in ["850101", "Storgatan", "namn@", "Exempelskolan", "åäö", "eget", "1740605", "Bo Ek"] {
        assert!(!everything.contains(secret), "{secret}");
    }
    let delta = draft.set("pnr", text("19850101-2382"));
    assert!(!serde_json::to_string(&delta).unwrap().contains("2382"));
}

#[test]
fn what_is_left_out_is_neither_asked_for_nor_sent_nor_lost() {
    let mut draft = answered();
    draft.context = PROTECTED;
    for (path, state, via_forwarding) in [
        ("adress", QuestionState::Visible, true),
        ("skola", QuestionState::Visible, true),
        ("epost", QuestionState::Hidden, false),
    ] {
        let question = draft.question(path);
        assert_eq!((question.state, question.via_forwarding), (state, via_forwarding), "{path}");
        assert_eq!(question.answer, AnswerView::None);
        let error = draft.try_apply(vec![set(path, text("svar"))]).unwrap_err();
        assert_eq!(error, ApplyError::Hidden { path: path.to_owned() });
        assert!(reveal(&draft.definition, &draft.state, path, &PROTECTED).is_none());
    }
    let sent = submission_answers(&draft.definition, &draft.state, &PROTECTED);
    let sent: Vec<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(sent, ["filer", "form", "fritext", "g", "ok", "pnr", "vanlig"]);
    assert!(draft.view().complete, "what is left out is not missing");
    // A change while the mode is on does not take it away.
    draft.set("vanlig", text("ändrat"));
    draft.context = ORDINARY;
    assert!(draft.shown("adress") == Some(text("Storgatan 1")));
    assert!(draft.shown("epost") == Some(text("namn@exempel.se")));
    assert_eq!(submission_answers(&draft.definition, &draft.state, &ORDINARY).len(), 10);
}

#[test]
fn a_question_that_depends_on_what_is_left_out_is_not_lost_either() {
    let rule = |when: serde_json::Value, target: &str| json!({ "on": "adress", "when": when, "set": "visible", "targets": [target] });
    let mut draft = Draft::new(&one_step(
        json!([
            question("adress", "address", json!({})),
            question("port", "text", json!({ "state": "hidden" })),
            question("varfor", "text", json!({ "state": "hidden" })),
            yes_no("sist", json!({})),
        ]),
        json!([rule(json!({ "answered": true }), "port"), rule(json!({ "answered": false }), "varfor")]),
    ));
    draft.set("adress", text("Storgatan 1"));
    draft.set("port", text("1234"));
    draft.context = PROTECTED;
    // In the mode the address does not count, so the other question is asked, and its answer stays.
    assert_eq!(draft.state_of("port"), QuestionState::Hidden);
    draft.set("varfor", text("vill inte"));
    draft.set("sist", chosen(&["ja"]));
    assert!(draft.shown("varfor") == Some(text("vill inte")));
    draft.context = ORDINARY;
    assert!(draft.shown("port") == Some(text("1234")));
    assert_eq!(draft.state_of("varfor"), QuestionState::Hidden);
    // Outside the mode the usual clearing goes on.
    draft.set("sist", chosen(&["nej"]));
    assert!(!draft.state.answers.contains_key("varfor"));
}

#[test]
fn a_group_gives_its_sensitivity_to_its_questions() {
    let member = question("namn", "text", json!({}));
    let more = json!({ "row_label": "R", "min_rows": 1, "max_rows": 2, "questions": [member], "sensitivity": "protected" });
    let mut draft = Draft::new(&one_step(json!([question("g", "group", more)]), json!([])));
    draft.context = PROTECTED;
    draft.set("g/r1/namn", text("Bo"));
    assert_eq!(draft.question("g/r1/namn").answer, AnswerView::Masked { length: 2 });
    assert_eq!(draft.question("g").answer, AnswerView::None);
}

#[test]
fn one_answer_at_a_time_is_revealed_as_people_read_it() {
    let draft = answered();
    let reveal = |path: &str| reveal(&draft.definition, &draft.state, path, &PROTECTED);
    assert_eq!(reveal("pnr").as_deref(), Some("850101-2382"));
    assert_eq!(reveal("form").as_deref(), Some("Annat: eget"));
    assert_eq!(reveal("g/r1/telefon").as_deref(), Some("070-1740605"));
    assert_eq!(reveal("filer").as_deref(), Some("Bo Ek.pdf"));
    for none in ["g", "finns-inte", "g/r9/telefon", ""] {
        assert!(reveal(none).is_none(), "{none}");
    }
}
