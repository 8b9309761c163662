//! Submissions: what is sent, and how it is judged by a receiver who trusts nobody.

mod common;

use common::{Draft, ORDINARY, PROTECTED, chosen, file, one_step, question, text, yes_no};
use ledsaga_forms::{
    Answer, Answers, Context, OpKind, Row, SubmissionCheck, check_submission, submission_answers,
};
use serde_json::json;

fn form() -> Draft {
    let members =
        json!([question("namn", "text", json!({})), question("fodd", "date", json!({ "state": "visible" }))]);
    let optional = |more: serde_json::Value| {
        let mut more = more;
        more["state"] = json!("visible");
        more
    };
    Draft::new(&one_step(
        json!([
            yes_no("a", json!({})),
            question("b", "text", json!({ "state": "hidden" })),
            question("pnr", "personal_identity_number", optional(json!({}))),
            question("telefon", "phone", optional(json!({}))),
            question("belopp", "money", optional(json!({}))),
            question("tid", "time", optional(json!({}))),
            question("postnr", "postcode", optional(json!({}))),
            question("adress", "address", optional(json!({}))),
            question("fran", "date", optional(json!({ "not_past": true }))),
            question("till", "date", optional(json!({ "not_future": true }))),
            question(
                "val",
                "checkbox",
                optional(json!({
                    "choices": [{ "id": "x", "label": "X" }, { "id": "y", "label": "Y" }], "other": "Annat"
                }))
            ),
            question("filer", "files", optional(json!({ "max_count": 2, "max_size": 10, "types": ["pdf"] }))),
            question(
                "g",
                "group",
                optional(json!({ "row_label": "R", "max_rows": 2, "questions": members }))
            ),
            question("karta", "map", json!({})),
            question("stopp", "stop", json!({ "state": "hidden", "text": "Nej." })),
        ]),
        json!([
            { "on": "a", "when": { "any_of": ["ja"] }, "set": "visible_required", "targets": ["b"] },
            { "on": "belopp", "when": { "at_least": 1000 }, "set": "visible", "targets": ["stopp"] },
        ]),
    ))
}

fn answers(list: &[(&str, Answer)]) -> Answers {
    list.iter().map(|(id, answer)| ((*id).to_owned(), answer.clone())).collect()
}

fn row(id: &str, list: &[(&str, Answer)]) -> Row {
    Row { id: id.to_owned(), answers: answers(list) }
}

fn check(list: &[(&str, Answer)], context: &Context) -> SubmissionCheck {
    check_submission(&form().definition, &answers(list), context)
}

fn faults(list: &[(&str, Answer)]) -> Vec<String> {
    faults_in(list, &ORDINARY)
}

fn faults_in(list: &[(&str, Answer)], context: &Context) -> Vec<String> {
    check(list, context).faults.into_iter().map(|(path, fault)| format!("{path}: {}", fault.code)).collect()
}

#[test]
fn answers_are_sent_in_their_normal_form() {
    let mut draft = form();
    for (path, typed) in [
        ("pnr", "850101-2382"),
        ("telefon", "070-174 06 05"),
        ("belopp", "500 kr"),
        ("tid", "8.30"),
        ("postnr", "12345"),
        ("adress", " Storgatan 1 "),
        ("fran", "24/12 2026"),
        ("till", "20200101"),
    ] {
        draft.set(path, text(typed));
    }
    draft.apply(common::add_row("g", "r1"));
    draft.set("g/r1/namn", text(" Bo "));
    draft.set("g/r1/fodd", text("1.2.1990"));
    draft.apply(common::add_row("g", "r2"));
    let sent = submission_answers(&draft.definition, &draft.state, &ORDINARY);
    let expected = answers(&[
        ("pnr", text("198501012382")),
        ("telefon", text("+46701740605")),
        ("belopp", text("500")),
        ("tid", text("08:30")),
        ("postnr", text("123 45")),
        ("adress", text("Storgatan 1")),
        ("fran", text("2026-12-24")),
        ("till", text("2020-01-01")),
        (
            "g",
            Answer::Rows {
                rows: vec![row("r1", &[("namn", text("Bo")), ("fodd", text("1990-02-01"))]), row("r2", &[])],
            },
        ),
    ]);
    assert!(sent == expected, "{:?}", sent.keys());
    let check = check_submission(&draft.definition, &sent, &ORDINARY);
    assert_eq!((check.faults, check.missing), (vec![], vec!["a".to_owned()]));
    assert_eq!(draft.view().remaining.len(), 1);
}

#[test]
fn an_answer_that_has_no_normal_form_is_not_dropped_in_silence() {
    let mut draft = form();
    draft.set("pnr", text("850101-2383"));
    assert!(!draft.view().sendable);
    let sent = submission_answers(&draft.definition, &draft.state, &ORDINARY);
    assert!(sent == answers(&[("pnr", text("850101-2383"))]));
}

#[test]
fn what_is_required_and_not_there_is_missing_and_no_fault() {
    let check = check(&[("a", chosen(&["ja"]))], &ORDINARY);
    assert_eq!((check.faults, check.missing), (vec![], vec!["b".to_owned()]));
}

#[test]
fn answers_to_what_is_not_asked_are_refused() {
    assert_eq!(faults(&[("a", chosen(&["nej"])), ("b", text("svar"))]), ["b: hidden_answered"]);
    assert_eq!(faults(&[("finns-inte", text("svar"))]), ["finns-inte: question_unknown"]);
    assert_eq!(faults(&[("namn", text("svar"))]), ["namn: question_unknown"]);
    // What a stranger calls a question is not repeated unless it is an id.
    assert_eq!(faults(&[("Bo Ek, 850101", text("svar"))]), ["?: question_unknown"]);
    // What the caller says about a question of another time goes along as a note.
    assert_eq!(faults(&[("karta", text("svar"))]), [""; 0]);
    assert_eq!(faults(&[("karta", chosen(&["ja"]))]), ["karta: answer_type"]);
    let rows = Answer::Rows { rows: vec![row("r1", &[("namn", text("Bo")), ("a", chosen(&["ja"]))])] };
    assert_eq!(faults(&[("g", rows)]), ["g/r1/a: question_unknown"]);
}

#[test]
fn a_visible_stop_question_refuses_the_case() {
    assert_eq!(faults(&[("belopp", text("1000"))]), ["stopp: stop"]);
    assert!(faults(&[("belopp", text("999"))]).is_empty());
}

#[test]
fn protected_mode_refuses_what_it_leaves_out() {
    let sent = [("adress", text("Storgatan 1"))];
    assert!(faults(&sent).is_empty());
    assert_eq!(faults_in(&sent, &PROTECTED), ["adress: protected_answered"]);
}

#[test]
fn only_the_normal_form_is_accepted() {
    for (id, answer, code) in [
        ("pnr", text("850101-2382"), "not_normal"),
        ("pnr", text("198501012383"), "pnr_checksum"),
        ("telefon", text("0701740605"), "not_normal"),
        ("telefon", text("x"), "phone_format"),
        ("belopp", text("0500"), "not_normal"),
        ("tid", text("8:30"), "not_normal"),
        ("postnr", text("12345"), "not_normal"),
        ("adress", text(" Storgatan 1"), "not_normal"),
        ("adress", text("\u{0}"), "not_normal"),
        ("adress", text(""), "not_normal"),
        ("fran", text("24/12 2026"), "not_normal"),
        ("fran", text("1/1 2020"), "not_normal"),
        ("till", text("2027-01-01"), "date_future"),
        ("val", chosen(&["y", "x"]), "not_normal"),
        ("val", chosen(&["x", "x"]), "not_normal"),
        ("val", chosen(&[]), "not_normal"),
        ("val", chosen(&["z"]), "choice_unknown"),
        ("val", chosen(&["x", "y", "other", "x"]), "too_many_choices"),
        ("val", chosen(&["other"]), "other_missing"),
        ("val", Answer::Choice { choices: vec!["x".to_owned()], other: Some("y".to_owned()) }, "not_normal"),
        ("a", chosen(&["ja", "nej"]), "too_many_choices"),
        ("a", text("ja"), "answer_type"),
        ("a", Answer::Confirmed, "answer_type"),
        ("pnr", chosen(&["ja"]), "answer_type"),
        ("pnr", Answer::Rows { rows: vec![row("r1", &[])] }, "answer_type"),
        ("g", text("svar"), "answer_type"),
        ("filer", text("f.pdf"), "answer_type"),
        ("stopp", text("svar"), "hidden_answered"),
    ] {
        assert_eq!(faults(&[(id, answer)]), [format!("{id}: {code}")]);
    }
}

#[test]
fn files_are_counted_weighed_and_named() {
    let files = |files: Vec<ledsaga_forms::FileRef>| faults(&[("filer", Answer::Files { files })]);
    assert!(files(vec![file("f1", "a.pdf", 10), file("f2", "a.pdf", 10)]).is_empty());
    assert_eq!(files(vec![file("f1", "a.pdf", 11)]), ["filer: file_too_large"]);
    assert_eq!(files(vec![file("f1", "a.exe", 1)]), ["filer: file_type"]);
    assert_eq!(files(vec![file("f1", "a.pdf", 1), file("f1", "a.pdf", 1)]), ["filer: not_normal"]);
    let many = ["f1", "f2", "f3"].map(|id| file(id, "a.pdf", 1));
    assert_eq!(files(many.to_vec()), ["filer: too_many_files"]);
    for broken in [
        ledsaga_forms::FileRef { sha256: "0A".repeat(32), ..file("f1", "a.pdf", 1) },
        ledsaga_forms::FileRef { id: "../f1".to_owned(), ..file("f1", "a.pdf", 1) },
        file("f1", "a\n.pdf", 1),
        file("f1", &format!("{}.pdf", "a".repeat(252)), 1),
    ] {
        assert_eq!(files(vec![broken]), ["filer: file_reference"]);
    }
}

#[test]
fn rows_are_counted_and_told_apart() {
    let rows = |rows: Vec<Row>| faults(&[("g", Answer::Rows { rows })]);
    let bo = || [("namn", text("Bo"))];
    assert!(rows(vec![row("r1", &bo()), row("r2", &bo())]).is_empty());
    assert_eq!(rows(vec![row("r1", &bo()), row("r1", &bo())]), ["g: row_id"]);
    assert_eq!(rows(vec![row("r/1", &bo())]), ["g: row_id"]);
    // What a stranger calls a row is not repeated, in whatever is wrong with its content.
    assert_eq!(rows(vec![row("Bo Ek, 850101", &[("namn", text(" "))])]), ["g: row_id"]);
    assert_eq!(rows(vec![row("1", &bo()), row("2", &bo()), row("3", &bo())]), ["g: too_many_rows"]);
    assert_eq!(rows(vec![row("1", &[("namn", text(" Bo"))])]), ["g/1/namn: not_normal"]);
    assert_eq!(rows(vec![]), ["g: not_normal"]);
}

#[test]
fn a_case_that_waited_for_the_network_is_not_too_late() {
    let sealed = [("fran", text("2026-11-22")), ("till", text("2026-11-22"))];
    let on = |today: &str| Context { today: today.parse().unwrap(), protected: false };
    for arrival in ["2026-11-21", "2026-11-22", "2026-12-24"] {
        assert!(faults_in(&sealed, &on(arrival)).is_empty(), "{arrival}");
    }
    assert_eq!(faults_in(&sealed, &on("2026-11-20")), ["till: date_future"]);
}

#[test]
fn a_million_choices_or_rows_are_refused_at_once() {
    // Compared one with another they would keep the receiver busy for minutes.
    let choices = Answer::Choice { choices: vec!["y".to_owned(); 1_000_000], other: None };
    assert_eq!(faults(&[("val", choices)]), ["val: too_many_choices"]);
    let rows = (0..100_000).map(|n| row(&n.to_string(), &[])).collect();
    assert_eq!(faults(&[("g", Answer::Rows { rows })]), ["g: too_many_rows"]);
}

#[test]
fn what_is_sent_survives_the_wire() {
    let mut draft = form();
    draft.apply(OpKind::Attach { question: "filer".to_owned(), file: file("f1", "a.pdf", 1) });
    draft.set("val", Answer::Choice { choices: vec!["other".to_owned()], other: Some("eget".to_owned()) });
    let sent = submission_answers(&draft.definition, &draft.state, &ORDINARY);
    let wire = serde_json::to_string(&sent).unwrap();
    assert!(serde_json::from_str::<Answers>(&wire).unwrap() == sent);
}
