//! A draft moves to another version of its e-service, and nothing in it is dropped in silence.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod common;

use common::{
    Draft, ORDINARY, PROTECTED, add_row, chosen, file, go_to, question, set, text, try_load, written, yes_no,
};
use ledsaga_forms::{Answer, Answers, Definition, FormState, Migration, Op, OpKind, apply, migrate};
use proptest::prelude::*;
use serde_json::{Value, json};

fn one(questions: Value) -> Value {
    written(json!([{ "id": "ett", "title": "Ett", "questions": questions }]), json!([]))
}

fn group(id: &str, members: Value, max_rows: u32) -> Value {
    question(id, "group", json!({ "row_label": "Rad", "max_rows": max_rows, "questions": members }))
}

fn onto(new: &Value, draft: &Draft) -> Migration {
    migrate(Some(&draft.definition), &try_load(new).unwrap(), &draft.state, &ORDINARY)
}

fn aside(migration: &Migration) -> Vec<(&str, &str)> {
    migration.no_longer_asked.iter().map(|one| (one.label.as_str(), one.words.as_str())).collect()
}

fn moved(migration: &Migration) -> Vec<&str> {
    migration.moved.iter().map(|moved| moved.path.as_str()).collect()
}

#[test]
fn answers_are_kept_where_the_same_is_asked() {
    let both = json!([question("namn", "text", json!({})), question("dag", "date", json!({}))]);
    let mut draft = Draft::new(&one(both.clone()));
    draft.set("namn", text(" Tuva "));
    draft.set("dag", text("i maj"));
    let migration = onto(&one(both), &draft);
    assert_eq!(migration.kept, ["namn", "dag"]);
    assert!(migration.state.answers == draft.state.answers, "as typed, a wrong format too");
    assert_eq!(migration.state.rev, draft.state.rev + 1);
    assert!(migration.moved.is_empty() && migration.no_longer_asked.is_empty());
}

#[test]
fn a_question_that_has_moved_to_another_step_or_group_takes_its_answer_along() {
    let (name, phone) = (question("namn", "text", json!({})), question("telefon", "phone", json!({})));
    let mut draft = Draft::new(&one(json!([name, phone])));
    draft.set("namn", text("Tuva"));
    draft.set("telefon", text("070-1740605"));
    let new = written(
        json!([
            { "id": "ett", "title": "Ett", "questions": [group("kontakt", json!([phone]), 1)] },
            { "id": "tva", "title": "Två", "questions": [name] }
        ]),
        json!([]),
    );
    let migration = onto(&new, &draft);
    assert_eq!(moved(&migration), ["kontakt/r1/telefon", "namn"]);
    assert!(migration.kept.is_empty() && migration.no_longer_asked.is_empty());

    // And back: out of the group.
    let mut grouped = Draft::new(&new);
    grouped.apply(add_row("kontakt", "r1"));
    grouped.set("kontakt/r1/telefon", text("070-1740605"));
    assert_eq!(moved(&onto(&one(json!([name, phone])), &grouped)), ["telefon"]);
}

#[test]
fn rows_are_kept_with_their_ids_and_what_finds_no_row_is_set_aside() {
    let members = |ids: &[&str]| -> Value { ids.iter().map(|id| question(id, "text", json!({}))).collect() };
    let mut draft = Draft::new(&one(json!([group("barn", members(&["namn", "skola"]), 3)])));
    for (row, name) in [("x", "Tuva"), ("y", "Tove"), ("z", "Tim")] {
        draft.apply(add_row("barn", row));
        draft.set(&format!("barn/{row}/namn"), text(name));
    }
    draft.set("barn/x/skola", text("Ekskolan"));
    let migration = onto(&one(json!([group("barn", members(&["namn"]), 2)])), &draft);
    assert_eq!(migration.kept, ["barn/x/namn", "barn/y/namn"]);
    assert_eq!(aside(&migration), [("Rad 3: Fråga namn", "Tim"), ("Rad 1: Fråga skola", "Ekskolan")]);

    // Rows that the new version demands come on top only while there are too few.
    let mut demanded = group("barn", members(&["namn"]), 3);
    demanded["min_rows"] = json!(1);
    let migration = onto(&one(json!([demanded])), &draft);
    let Some(Answer::Rows { rows }) = migration.state.answers.get("barn") else { panic!("no rows") };
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["x", "y", "z"]);
}

#[test]
fn choices_that_are_gone_are_set_aside_by_their_labels_and_the_rest_stays() {
    let boxes = |ids: &[&str]| {
        let choices: Vec<Value> =
            ids.iter().map(|id| json!({ "id": id, "label": id.to_uppercase() })).collect();
        question("val", "checkbox", json!({ "choices": choices }))
    };
    let mut draft = Draft::new(&one(json!([boxes(&["a", "b", "c"])])));
    draft.set("val", chosen(&["a", "c"]));
    let migration = onto(&one(json!([boxes(&["a", "b"])])), &draft);
    assert!(migration.state.answers["val"] == chosen(&["a"]));
    assert_eq!((migration.kept.len(), aside(&migration)), (1, vec![("Fråga val", "C")]));
}

#[test]
fn another_statement_has_not_been_confirmed() {
    let confirm =
        |statement: &str| one(json!([question("ok", "confirm", json!({ "statement": statement }))]));
    let mut draft = Draft::new(&confirm("Det är sant."));
    draft.set("ok", Answer::Confirmed);
    assert_eq!(onto(&confirm("Det är sant."), &draft).kept, ["ok"]);
    let migration = onto(&confirm("Jag vet att jag ska anmäla ändringar."), &draft);
    assert_eq!(aside(&migration), [("Fråga ok", "Det är sant.")]);
    assert!(migration.state.answers.is_empty());
}

#[test]
fn files_stay_where_they_are_asked_for_and_are_named_where_they_are_not() {
    let files =
        |id: &str| question(id, "files", json!({ "max_count": 2, "max_size": 100, "types": ["pdf"] }));
    let mut draft = Draft::new(&one(json!([files("intyg"), files("bilaga")])));
    draft.apply(OpKind::Attach { question: "intyg".into(), file: file("f1", "intyg.pdf", 3) });
    draft.apply(OpKind::Attach { question: "bilaga".into(), file: file("f2", "karta.pdf", 3) });
    let migration = onto(&one(json!([files("intyg")])), &draft);
    assert_eq!(migration.kept, ["intyg"]);
    assert_eq!(migration.no_longer_asked[0].words, "karta.pdf");
}

#[test]
fn what_only_the_new_version_demands_is_listed() {
    let name = question("namn", "text", json!({}));
    let draft = Draft::new(&one(json!([name, question("fritt", "text", json!({ "state": "visible" }))])));
    let new = one(json!([name, question("fritt", "text", json!({})), question("dag", "date", json!({}))]));
    let required = onto(&new, &draft).newly_required;
    assert_eq!(required.iter().map(|r| r.question.as_str()).collect::<Vec<_>>(), ["fritt", "dag"]);
}

#[test]
fn answers_behind_a_rule_are_taken_once_the_rule_lets_them_in() {
    let rules =
        json!([{ "on": "a", "when": { "any_of": ["ja"] }, "set": "visible_required", "targets": ["b"] }]);
    let steps = |order: [Value; 2]| json!([{ "id": "ett", "title": "Ett", "questions": order }]);
    let (a, b) = (yes_no("a", json!({})), question("b", "text", json!({ "state": "hidden" })));
    let mut draft = Draft::new(&written(steps([a.clone(), b.clone()]), rules.clone()));
    draft.set("a", chosen(&["ja"]));
    draft.set("b", text("svar"));
    assert_eq!(onto(&written(steps([a, b]), rules), &draft).kept, ["a", "b"]);
}

#[test]
fn marks_place_and_applied_operations_go_along() {
    let new = written(
        json!([{ "id": "ett", "title": "Ett", "questions": [question("a", "text", json!({}))] },
               { "id": "tva", "title": "Två", "questions": [question("b", "text", json!({}))] }]),
        json!([]),
    );
    let mut draft = Draft::new(&new);
    draft.set("a", text("x"));
    draft.apply(OpKind::Later { question: "a".into(), on: true });
    draft.apply(go_to("tva"));
    let mut migration = onto(&new, &draft);
    assert_eq!(migration.state.position, "tva");
    assert!(migration.state.later.contains("a"));
    // A resent operation is still a replay.
    let resent = Op { id: "op-1".to_owned(), kind: set("a", text("y")) };
    apply(&draft.definition, &mut migration.state, &[resent], &ORDINARY).unwrap();
    assert!(migration.state.answers["a"] == text("x"));
}

#[test]
fn what_protected_mode_leaves_out_is_kept_and_not_demanded() {
    let address = question("adress", "address", json!({}));
    let mut draft = Draft::new(&one(json!([address])));
    draft.set("adress", text("Exempelvägen 1"));
    let new = try_load(&one(json!([address, question("c_o", "address", json!({}))]))).unwrap();
    let migration = migrate(Some(&draft.definition), &new, &draft.state, &PROTECTED);
    assert_eq!(migration.kept, ["adress"]);
    assert!(migration.newly_required.is_empty());
}

#[test]
fn without_the_old_version_what_fits_is_kept_and_the_rest_named_by_its_id() {
    let both = json!([question("namn", "text", json!({})), question("mer", "text", json!({}))]);
    let mut draft = Draft::new(&one(both));
    draft.set("namn", text("Tuva"));
    draft.set("mer", text("Något"));
    let new = try_load(&one(json!([question("namn", "text", json!({}))]))).unwrap();
    let migration = migrate(None, &new, &draft.state, &ORDINARY);
    assert_eq!((migration.kept.len(), aside(&migration)), (1, vec![("mer", "Något")]));
}

/// Versions of one e-service: the same six questions, each of some kind, in some order, some of them in a group, with a
/// rule that hides the last.
fn version() -> impl Strategy<Value = Value> {
    let kinds = prop::collection::vec(0..6_usize, 6);
    let order = Just(vec![0, 1, 2, 3, 4, 5_usize]).prop_shuffle();
    (kinds, order, 1..=6_usize, 0..4_usize, 1..3_u32).prop_map(|(kinds, order, asked, grouped, max_rows)| {
        let one = |n: usize| {
            let id = format!("q{n}");
            match kinds[n] {
                0 => question(&id, "text", json!({})),
                1 => question(&id, "text_area", json!({})),
                2 => yes_no(&id, json!({})),
                3 => question(
                    &id,
                    "checkbox",
                    json!({ "choices": [{ "id": "ja", "label": "Ja" }], "other": "Annat" }),
                ),
                4 => question(&id, "confirm", json!({ "statement": format!("Så är det, {}.", kinds[0]) })),
                _ => question(&id, "date", json!({ "state": "hidden" })),
            }
        };
        let mut questions: Vec<Value> = order.into_iter().take(asked).map(one).collect();
        let members = questions.split_off(questions.len().saturating_sub(grouped));
        if !members.is_empty() {
            questions.push(group("grupp", json!(members), max_rows));
        }
        self::one(json!(questions))
    })
}

/// Fills in whatever is asked, in as many rows as there may be.
fn filled(definition: &Definition, seed: u8) -> FormState {
    let mut state = FormState::new(definition);
    let mut number = 0;
    let mut make = |state: &mut FormState, kind: OpKind| {
        number += 1;
        apply(definition, state, &[Op { id: number.to_string(), kind }], &ORDINARY).is_ok()
    };
    for row in ["x", "y"] {
        make(&mut state, add_row("grupp", row));
    }
    for n in 0..6_usize {
        for path in [format!("q{n}"), format!("grupp/x/q{n}"), format!("grupp/y/q{n}")] {
            let answers = [
                text(&format!("svar {seed} på {path}")),
                chosen(&["ja"]),
                chosen(&["nej"]),
                Answer::Confirmed,
            ];
            for answer in answers {
                if make(&mut state, set(&path, answer)) {
                    break;
                }
            }
        }
    }
    state
}

fn leaves(answers: &Answers) -> Vec<&Answer> {
    let mut found = Vec::new();
    for answer in answers.values() {
        match answer {
            Answer::Rows { rows } => found.extend(rows.iter().flat_map(|row| leaves(&row.answers))),
            answer => found.push(answer),
        }
    }
    found
}

proptest! {
    #[test]
    fn every_answer_is_kept_moved_or_set_aside(old in version(), new in version(), seed: u8, at_hand: bool) {
        let (old, new) = (try_load(&old).unwrap(), try_load(&new).unwrap());
        let state = filled(&old, seed);
        let migration = migrate(at_hand.then_some(&old), &new, &state, &ORDINARY);
        let there = leaves(&migration.state.answers);
        prop_assert_eq!(there.len(), migration.kept.len() + migration.moved.len());
        for answer in leaves(&state.answers) {
            let words = match answer {
                Answer::Text { text } => text.clone(),
                Answer::Choice { .. } if at_hand => "Ja Nej".to_owned(),
                Answer::Choice { .. } => "ja nej".to_owned(),
                _ => continue,
            };
            let aside = migration.no_longer_asked.iter().any(|one| words.contains(&one.words));
            prop_assert!(there.contains(&answer) || aside, "{}", words);
        }
        // Confirmed statements go aside in their words where the version that has the words is at hand.
        let count = |answers: &[&Answer]| answers.iter().filter(|a| matches!(a, Answer::Confirmed)).count();
        let words = if at_hand { "Så är det" } else { "ja" };
        let said = migration.no_longer_asked.iter().filter(|one| one.words.starts_with(words)).count();
        prop_assert!(count(&there) + said >= count(&leaves(&state.answers)));
    }

    #[test]
    fn the_same_version_changes_nothing(version in version(), seed: u8) {
        let definition = try_load(&version).unwrap();
        let state = filled(&definition, seed);
        let migration = migrate(Some(&definition), &definition, &state, &ORDINARY);
        prop_assert!(migration.state.answers == state.answers);
        prop_assert!(migration.moved.is_empty() && migration.no_longer_asked.is_empty());
        prop_assert!(migration.newly_required.is_empty());
    }
}
