//! Operations: what they do, what they refuse, and that none is lost or done twice.

mod common;

use common::{Draft, add_row, chosen, file, go_to, leave, question, remove_row, set, text, written, yes_no};
use ledsaga_forms::{Answer, ApplyError, Kind, KindView, Layout, Op, OpKind, apply};
use serde_json::json;

fn two_steps() -> Draft {
    let files =
        question("filer", "files", json!({ "max_count": 2, "max_size": 1000, "types": ["pdf", "jpg"] }));
    let member = question("namn", "text", json!({}));
    let group = question(
        "personer",
        "group",
        json!({
            "row_label": "Person", "min_rows": 1, "max_rows": 2, "questions": [member, files]
        }),
    );
    let other = question(
        "val",
        "checkbox",
        json!({
            "choices": [{ "id": "x", "label": "X" }, { "id": "y", "label": "Y" }], "other": "Annat"
        }),
    );
    Draft::new(&written(
        json!([
            { "id": "ett", "title": "Ett", "questions": [
                question("a", "text", json!({})), yes_no("b", json!({})), other, group,
                question("hej", "information", json!({ "text": "Hej." })),
            ] },
            { "id": "tva", "title": "Två", "questions": [
                question("c", "text", json!({ "state": "hidden" })), question("ok", "confirm", json!({ "statement": "Det stämmer." })),
            ] },
        ]),
        json!([]),
    ))
}

fn path(path: &str) -> String {
    path.to_owned()
}

fn attach(question: &str, id: &str, name: &str, size: u64) -> OpKind {
    OpKind::Attach { question: path(question), file: file(id, name, size) }
}

#[test]
fn a_new_form_stands_at_its_first_step_with_the_rows_it_must_have() {
    let draft = two_steps();
    let view = draft.view();
    assert_eq!((view.rev, view.position.as_str()), (0, "ett"));
    let group = draft.question("personer");
    assert_eq!(group.rows[0].id, "r1");
    let row_label = path("Person");
    let layout = Layout::Rows;
    let kind = KindView::Group { row_label, layout, single: false, can_add: true, can_remove: false };
    assert_eq!(group.kind, kind);
}

#[test]
fn what_is_typed_is_kept_as_typed() {
    let mut draft = two_steps();
    draft.set("a", text("  dubbla  mellanslag "));
    assert!(draft.shown("a") == Some(text("  dubbla  mellanslag ")));
    draft.set("b", chosen(&["ja"]));
    draft.set("ok", Answer::Confirmed);
    assert!(draft.shown("ok") == Some(Answer::Confirmed));
}

#[test]
fn an_empty_answer_is_no_answer() {
    let mut draft = two_steps();
    draft.set("a", text("svar"));
    draft.set("a", text(""));
    draft.set("val", chosen(&["x"]));
    draft.set("val", chosen(&[]));
    draft.set("ok", Answer::Confirmed);
    draft.apply(OpKind::Clear { question: path("ok") });
    assert_eq!(draft.state.answers.keys().collect::<Vec<_>>(), ["personer"]);
}

#[test]
fn choices_are_kept_in_order_and_other_only_with_its_alternative() {
    let mut draft = two_steps();
    let made = |choices: &[&str], other: &str| Answer::Choice {
        choices: choices.iter().map(|&id| id.to_owned()).collect(),
        other: Some(other.to_owned()),
    };
    draft.set("val", made(&["other", "y", "x", "y"], "något"));
    assert!(draft.shown("val") == Some(made(&["x", "y", "other"], "något")));
    draft.set("val", made(&["y"], "något"));
    assert!(draft.shown("val") == Some(chosen(&["y"])));
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_of_the_batch_is_done() {
    let mut draft = two_steps();
    let before = draft.state.clone();
    let wrong = |at: &str| ApplyError::WrongAnswerType { path: path(at) };
    let cases = [
        (set("x", text("svar")), ApplyError::UnknownQuestion { path: path("x") }),
        (set("a/r1/namn", text("svar")), ApplyError::UnknownQuestion { path: path("a/r1/namn") }),
        (set("personer/r1", text("svar")), ApplyError::UnknownQuestion { path: path("personer/r1") }),
        (
            set("personer/r1/namn/x", text("svar")),
            ApplyError::UnknownQuestion { path: path("personer/r1/namn/x") },
        ),
        (set("namn", text("svar")), ApplyError::UnknownQuestion { path: path("namn") }),
        (set("personer/r7/namn", text("svar")), ApplyError::UnknownRow { path: path("personer/r7/namn") }),
        (set("c", text("svar")), ApplyError::Hidden { path: path("c") }),
        (set("a", chosen(&["ja"])), wrong("a")),
        (set("b", text("ja")), wrong("b")),
        (set("b", chosen(&["ja", "nej"])), wrong("b")),
        (set("b", chosen(&["other"])), ApplyError::UnknownChoice { path: path("b") }),
        (set("val", chosen(&["z"])), ApplyError::UnknownChoice { path: path("val") }),
        (set("hej", text("hej")), wrong("hej")),
        (set("a", Answer::Confirmed), wrong("a")),
        (set("personer", Answer::Rows { rows: vec![] }), wrong("personer")),
        (set("personer/r1/filer", Answer::Files { files: vec![] }), wrong("personer/r1/filer")),
        (set("a", text(&"x".repeat(65_537))), ApplyError::TooLong { path: path("a") }),
        (
            set("val", Answer::Choice { choices: vec![path("other")], other: Some("x".repeat(65_537)) }),
            ApplyError::TooLong { path: path("val") },
        ),
        (go_to("tre"), ApplyError::UnknownStep { step: path("tre") }),
        (leave("x"), ApplyError::UnknownQuestion { path: path("x") }),
        (OpKind::Later { question: path("x"), on: true }, ApplyError::UnknownQuestion { path: path("x") }),
        (OpKind::Clear { question: path("c") }, ApplyError::Hidden { path: path("c") }),
        (add_row("a", "r2"), wrong("a")),
        (add_row("personer", "r/2"), ApplyError::UnknownRow { path: path("personer") }),
        (remove_row("personer", "r9"), ApplyError::UnknownRow { path: path("personer") }),
        (attach("a", "f", "a.pdf", 1), wrong("a")),
        (OpKind::Detach { question: path("a"), file: path("f") }, wrong("a")),
        (
            attach("personer/r1/filer", "f", "a.exe", 1),
            ApplyError::FileType { path: path("personer/r1/filer") },
        ),
        (
            attach("personer/r1/filer", "f", "pdf", 1),
            ApplyError::FileType { path: path("personer/r1/filer") },
        ),
        (
            attach("personer/r1/filer", "f", "a.pdf", 1001),
            ApplyError::FileTooLarge { path: path("personer/r1/filer"), max_size: 1000 },
        ),
        (attach("personer/r1/filer", "f/..", "a.pdf", 1), wrong("personer/r1/filer")),
    ];
    for (kind, expected) in cases {
        let error = draft.try_apply(vec![set("a", text("ett svar före")), kind.clone()]).unwrap_err();
        assert_eq!(error, expected, "{kind:?}");
        assert!(draft.state == before, "{kind:?}");
    }
}

#[test]
fn the_longest_text_is_kept() {
    let mut draft = two_steps();
    draft.set("a", text(&"å".repeat(65_536)));
    assert_eq!(draft.state.rev, 1);
}

#[test]
fn rows_come_and_go_by_id_and_never_past_the_limits() {
    let mut draft = two_steps();
    draft.apply(add_row("personer", "0191-ab"));
    draft.apply(add_row("personer", "0191-ab"));
    assert_eq!(draft.question("personer").rows.len(), 2);
    let error = draft.try_apply(vec![add_row("personer", "r3")]).unwrap_err();
    assert_eq!(error, ApplyError::TooMany { path: path("personer") });
    draft.set("personer/0191-ab/namn", text("Bo"));
    draft.apply(remove_row("personer", "r1"));
    let rows = draft.question("personer").rows;
    assert_eq!(rows[0].id, "0191-ab");
    // The last row that must be there is emptied.
    draft.apply(remove_row("personer", "0191-ab"));
    assert_eq!(draft.question("personer").rows[0].id, "0191-ab");
    assert!(draft.shown("personer/0191-ab/namn").is_none());
}

#[test]
fn files_are_attached_by_id_and_never_past_the_limits() {
    let mut draft = two_steps();
    let at = "personer/r1/filer";
    draft.apply(attach(at, "f1", "Ritning.PDF", 1000));
    draft.apply(attach(at, "f1", "Ritning.PDF", 1000));
    draft.apply(attach(at, "f2", "bild.ny.jpg", 1));
    let error = draft.try_apply(vec![attach(at, "f3", "c.pdf", 1)]).unwrap_err();
    assert_eq!(error, ApplyError::TooMany { path: path(at) });
    draft.apply(OpKind::Detach { question: path(at), file: path("f1") });
    draft.apply(OpKind::Detach { question: path(at), file: path("f1") });
    assert!(draft.shown(at) == Some(Answer::Files { files: vec![file("f2", "bild.ny.jpg", 1)] }));
    draft.apply(OpKind::Detach { question: path(at), file: path("f2") });
    assert!(draft.shown(at).is_none());
}

#[test]
fn a_replay_is_harmless_and_counts_nothing() {
    let mut draft = two_steps();
    let first = draft.op(set("a", text("ett")));
    let second = draft.op(set("a", text("två")));
    let (definition, context) = (draft.definition.clone(), draft.context);
    let mut run = |operations: &[Op]| apply(&definition, &mut draft.state, operations, &context).unwrap();
    assert_eq!(run(std::slice::from_ref(&first)).rev, 1);
    assert_eq!(run(&[first.clone(), second.clone()]).rev, 2);
    let replay = run(&[first, second]);
    assert_eq!((replay.rev, replay.changed.len()), (2, 0));
    assert!(draft.shown("a") == Some(text("två")));
}

#[test]
fn at_least_512_operations_are_remembered_and_the_memory_is_bounded() {
    let mut draft = two_steps();
    let first = draft.op(set("a", text("först")));
    let many: Vec<Op> = (0..511).map(|n| draft.op(set("a", text(&n.to_string())))).collect();
    let (definition, context) = (draft.definition.clone(), draft.context);
    let state = &mut draft.state;
    apply(&definition, state, std::slice::from_ref(&first), &context).unwrap();
    for operation in &many {
        apply(&definition, state, std::slice::from_ref(operation), &context).unwrap();
    }
    assert!(apply(&definition, state, std::slice::from_ref(&first), &context).unwrap().changed.is_empty());
    assert_eq!(state.applied.len(), 512);
    // A larger batch is remembered whole.
    let larger: Vec<Op> =
        (0..600).map(|n| Op { id: format!("larger-{n}"), kind: set("a", text(&n.to_string())) }).collect();
    let rev = apply(&definition, state, &larger, &context).unwrap().rev;
    assert_eq!(apply(&definition, state, &larger, &context).unwrap().rev, rev);
    apply(&definition, state, &[Op { id: path("last"), kind: OpKind::TrySubmit }], &context).unwrap();
    assert_eq!(state.applied.len(), 512);
}

#[test]
fn a_delta_holds_what_looks_different_and_nothing_else() {
    let mut draft = two_steps();
    let paths = |delta: ledsaga_forms::Delta| delta.changed.into_iter().map(|q| q.path).collect::<Vec<_>>();
    assert_eq!(paths(draft.set("a", text("svar"))), ["a"]);
    assert!(paths(draft.set("a", text("svar"))).is_empty());
    assert!(paths(draft.apply(leave("a"))).is_empty());
    assert_eq!(paths(draft.set("personer/r1/namn", text("Bo"))), ["personer"]);
    assert_eq!(paths(draft.apply(OpKind::Later { question: path("b"), on: true })), ["b"]);
    // Leaving the step says what is missing in it, but for the question that is to be asked later.
    let delta = draft.apply(go_to("tva"));
    assert_eq!(delta.position, "tva");
    assert_eq!(paths(delta), ["val", "personer"]);
    let group = draft.apply(add_row("personer", "r2")).changed;
    assert_eq!(group[0].rows.len(), 2);
    assert!(matches!(group[0].kind, KindView::Group { can_add: false, can_remove: true, .. }));
}

#[test]
fn a_delta_says_the_same_as_the_view() {
    let mut draft = two_steps();
    let mut shown = draft.view();
    for kind in [
        set("a", text("svar")),
        add_row("personer", "r2"),
        set("personer/r2/namn", text("Bo")),
        go_to("tva"),
        OpKind::Later { question: path("ok"), on: true },
        OpKind::TrySubmit,
        remove_row("personer", "r1"),
    ] {
        let delta = draft.apply(kind);
        for question in delta.changed {
            let old = shown.questions.iter_mut().find(|old| old.path == question.path).unwrap();
            *old = question;
        }
        (shown.rev, shown.position, shown.steps) = (delta.rev, delta.position, delta.steps);
        (shown.remaining, shown.sendable, shown.complete) = (delta.remaining, delta.sendable, delta.complete);
        assert_eq!(shown, draft.view());
    }
}

#[test]
fn a_field_may_be_left_in_the_moment_it_disappears() {
    let mut draft = two_steps();
    draft.apply(leave("c"));
    draft.apply(leave("personer/r9/namn"));
    draft.apply(OpKind::Later { question: path("c"), on: true });
    assert!(!draft.question("c").later);
}

#[test]
fn state_and_operations_survive_being_written_down() {
    let mut draft = two_steps();
    draft.set("personer/r1/namn", text("Bo"));
    draft.apply(attach("personer/r1/filer", "f1", "a.pdf", 7));
    draft.apply(go_to("tva"));
    let written = serde_json::to_string(&draft.state).unwrap();
    assert!(serde_json::from_str::<ledsaga_forms::FormState>(&written).unwrap() == draft.state);
    let operation = draft.op(attach("personer/r1/filer", "f2", "b.pdf", 7));
    let written = serde_json::to_value(&operation).unwrap();
    assert_eq!((&written["op"], &written["question"]), (&json!("attach"), &json!("personer/r1/filer")));
    assert!(serde_json::from_value::<Op>(written).unwrap() == operation);
}

#[test]
fn nothing_typed_is_in_debug_output() {
    let mut draft = two_steps();
    draft.set("a", text("hemligt"));
    draft.apply(attach("personer/r1/filer", "f1", "hemligt.pdf", 7));
    let operation = draft.op(set("a", text("hemligt")));
    let debug = format!("{:?} {:?} {operation:?}", draft.state, draft.view());
    assert!(!debug.contains("hemligt"), "{debug}");
    assert!(matches!(draft.definition.steps[0].questions[0].kind, Kind::Text { .. }));
}
