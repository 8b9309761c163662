//! The read-back script: what is said and how.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use common::{Draft, PROTECTED, one_step, question, text, written};
use ledsaga_forms::{
    Answer, OpKind,
    speech::{Language, Line, Script, script},
};
use serde_json::{Value, json};

fn lines(draft: &Draft, language: Language) -> Vec<Line> {
    said(draft, language).sections.into_iter().flat_map(|section| section.lines).collect()
}

fn said(draft: &Draft, language: Language) -> Script {
    script(&draft.definition, &draft.state, &draft.context, language)
}

/// Label and words of each line, with the heading before a line that has one.
fn told(draft: &Draft, language: Language) -> Vec<String> {
    let tell = |line: &Line| match &line.heading {
        Some(heading) => format!("{heading} > {}: {}", line.label, line.spoken),
        None => format!("{}: {}", line.label, line.spoken),
    };
    lines(draft, language).iter().map(tell).collect()
}

fn labelled(id: &str, label: &str, kind: &str, more: Value) -> Value {
    let mut question = question(id, kind, more);
    question["label"] = json!(label);
    question
}

/// A group's draft with what is answered in its rows.
fn group(more: Value, answers: &[(&str, Answer)]) -> Draft {
    let members = json!([
        labelled("namn", "Namn", "text", json!({ "state": "visible" })),
        labelled("fodd", "Född", "date", json!({ "state": "visible" })),
        labelled("hjalp", "Behövs hjälp?", "confirm", json!({ "statement": "Ja.", "state": "visible" })),
        labelled("anteckning", "Anteckning", "note", json!({ "state": "visible" })),
    ]);
    let mut group = question("g", "group", more);
    group["questions"] = members;
    let mut draft = Draft::new(&one_step(json!([group]), json!([])));
    for (path, answer) in answers {
        draft.set(path, answer.clone());
    }
    draft
}

#[test]
fn each_step_with_something_to_say_is_a_section() {
    let steps = json!([
        { "id": "ett", "title": "Om dig", "questions": [
            question("namn", "text", json!({})), question("tom", "text", json!({ "state": "visible" })),
        ] },
        { "id": "tva", "title": "Tomt", "questions": [question("inget", "text", json!({ "state": "visible" }))] },
        { "id": "tre", "title": "Resan", "questions": [question("datum", "date", json!({}))] },
    ]);
    let mut draft = Draft::new(&written(steps, json!([])));
    draft.set("namn", text("Åsa Prov"));
    draft.set("datum", text("3/5 2026"));
    let script = said(&draft, Language::English);
    let titles: Vec<&str> = script.sections.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles, ["Om dig", "Resan"]);
    assert_eq!(told(&draft, Language::English), ["Fråga namn: Åsa Prov", "Fråga datum: 3 May 2026"]);
    assert_eq!(told(&draft, Language::Swedish)[1], "Fråga datum: den 3 maj 2026");
    assert_eq!((script.missing, script.sendable), (vec![], true));
}

#[test]
fn what_is_missing_and_whether_it_can_be_sent_is_as_in_the_form() {
    let mut draft = group(json!({ "row_label": "Barn", "min_rows": 1, "max_rows": 3 }), &[]);
    assert_eq!(said(&draft, Language::Swedish).missing, ["Fråga g"]);
    draft.set("g/r1/fodd", text("i maj"));
    let script = said(&draft, Language::Swedish);
    assert_eq!((script.missing, script.sendable), (vec![], false));
    assert_eq!(told(&draft, Language::Swedish), ["Barn 1 > Född: i maj"], "as typed");
}

#[test]
fn rows_have_a_heading_with_their_number() {
    let mut draft = group(
        json!({ "row_label": "Barn", "min_rows": 1, "max_rows": 3 }),
        &[("g/r1/namn", text("Bo Ek")), ("g/r1/fodd", text("2019-02-01"))],
    );
    draft.apply(OpKind::AddRow { question: "g".to_owned(), row: "x".to_owned() });
    draft.set("g/x/namn", text("Li Ek"));
    assert_eq!(
        told(&draft, Language::Swedish),
        ["Barn 1 > Namn: Bo Ek", "Barn 1 > Född: den 1 februari 2019", "Barn 2 > Namn: Li Ek"]
    );
}

#[test]
fn a_question_of_several_fields_has_one_heading_without_a_number() {
    let draft = group(
        json!({ "row_label": "Vårdnadshavare", "min_rows": 1, "max_rows": 1 }),
        &[("g/r1/namn", text("Bo Ek")), ("g/r1/hjalp", Answer::Confirmed)],
    );
    assert_eq!(
        told(&draft, Language::English),
        ["Vårdnadshavare > Namn: Bo Ek", "Vårdnadshavare > Behövs hjälp?: Yes, confirmed."]
    );
}

#[test]
fn a_row_of_a_table_is_one_line() {
    let draft = group(
        json!({ "row_label": "Resa", "min_rows": 1, "max_rows": 3, "layout": "table" }),
        &[
            ("g/r1/namn", text("Bo Ek")),
            ("g/r1/fodd", text("2019-02-01")),
            ("g/r1/hjalp", Answer::Confirmed),
            ("g/r1/anteckning", text("sägs inte")),
        ],
    );
    assert_eq!(
        told(&draft, Language::Swedish),
        ["Resa 1: Namn: Bo Ek. Född: den 1 februari 2019. Behövs hjälp? Ja, bekräftat."]
    );
    let line = &lines(&draft, Language::Swedish)[0];
    assert_eq!(line.question, "g/r1/namn", "where the row begins");
    assert_eq!(line.spell.as_deref(), Some("Namn: Bertil Olof, Erik Kalle."));
}

#[test]
fn notes_and_texts_of_the_form_are_not_read_back_and_unknown_kinds_are() {
    let mut draft = Draft::new(&one_step(
        json!([
            question("info", "information", json!({ "text": "Läs mer." })),
            question("fritt", "note", json!({ "state": "visible" })),
            question("karta", "map", json!({})),
            question("osagt", "map", json!({})),
        ]),
        json!([]),
    ));
    draft.set("fritt", text("låter trött"));
    draft.set("karta", text("vid korsningen"));
    assert_eq!(told(&draft, Language::Swedish), ["Fråga karta: Du sa: vid korsningen"]);
    assert_eq!(told(&draft, Language::English), ["Fråga karta: You said: vid korsningen"]);
}

#[test]
fn names_and_addresses_can_be_spelled_in_both_languages() {
    let mut draft = Draft::new(&one_step(
        json!([
            question("namn", "text", json!({})),
            question("lang", "text", json!({})),
            question("kod", "text", json!({ "covered": true })),
            question("adress", "address", json!({})),
            question("pnr", "personal_identity_number", json!({})),
            question("fritext", "text_area", json!({})),
        ]),
        json!([]),
    ));
    draft.set("lang", text(&"a".repeat(41)));
    draft.set("pnr", text("850101-2382"));
    for path in ["namn", "kod", "adress", "fritext"] {
        draft.set(path, text("Öb 7"));
    }
    let spelled = |language| -> Vec<Option<String>> {
        lines(&draft, language).into_iter().map(|line| line.spell).collect()
    };
    let swedish = Some("Östen Bertil, 7".to_owned());
    assert_eq!(spelled(Language::Swedish), [swedish.clone(), None, None, swedish, None, None]);
    let english = Some("Oscar with two dots Bravo, 7".to_owned());
    assert_eq!(spelled(Language::English), [english.clone(), None, None, english, None, None]);
}

#[test]
fn what_goes_by_forwarding_says_so_and_nothing_is_spelled() {
    let mut draft = Draft::new(&one_step(
        json!([
            question("namn", "text", json!({})),
            question("adress", "address", json!({})),
            question("skola", "text", json!({ "protected_policy": "via_forwarding" })),
            question("telefon", "phone", json!({})),
        ]),
        json!([]),
    ));
    draft.set("namn", text("Åsa Prov"));
    draft.set("adress", text("Provvägen 7"));
    draft.set("telefon", text("070-1740605"));
    draft.context = PROTECTED;
    assert_eq!(
        told(&draft, Language::Swedish),
        [
            "Fråga namn: Åsa Prov",
            "Fråga adress: Går via Skatteverkets förmedling.",
            "Fråga skola: Går via Skatteverkets förmedling.",
            "Fråga telefon: slutar på 05",
        ]
    );
    assert_eq!(
        told(&draft, Language::English)[1],
        "Fråga adress: Goes through the Swedish Tax Agency's forwarding."
    );
    assert!(lines(&draft, Language::Swedish).iter().all(|line| line.spell.is_none()));
}

#[test]
fn a_line_shows_nothing_of_an_answer_when_debugged() {
    let draft =
        group(json!({ "row_label": "Barn", "min_rows": 1, "max_rows": 3 }), &[("g/r1/namn", text("Bo Ek"))]);
    let debugged = format!("{:?}", said(&draft, Language::Swedish));
    assert!(debugged.contains("g/r1/namn") && !debugged.contains("Bo Ek"), "{debugged}");
}
