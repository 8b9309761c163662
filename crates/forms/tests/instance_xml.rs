//! Cases as Open ePlatform's instance XML, read back by another's parser.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod common;

use std::collections::BTreeMap;

use common::{chosen, drawn::strangers_answers, file, one_step, question, text, try_load, yes_no};
use ledsaga_forms::{
    Answer, Answers, Definition, Row,
    export::{InstanceHeader, Person, instance_xml},
};
use proptest::prelude::*;
use quick_xml::{Reader, events::Event};
use serde_json::{Value, json};

/// Every text with the path of its element, in the order in which the elements end.
fn texts(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<(String, String)> = Vec::new();
    let mut found = Vec::new();
    loop {
        let mut say = |text: &str| open.last_mut().map(|(_, said)| said.push_str(text)).unwrap_or_default();
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let above = open.last().map(|(path, _)| format!("{path}/")).unwrap_or_default();
                open.push((format!("{above}{}", start.name().as_ref()), String::new()));
            }
            Event::End(_) => found.push(open.pop().unwrap()),
            Event::Text(text) => say(&text.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().unwrap() {
                Some(char) => say(&char.to_string()),
                None => say(quick_xml::escape::resolve_predefined_entity(&entity).unwrap()),
            },
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
    found
}

fn at(xml: &str, path: &str) -> Vec<String> {
    let path = format!("FlowInstance/{path}");
    texts(xml).into_iter().filter(|(at, _)| *at == path).map(|(_, text)| text).collect()
}

fn header() -> InstanceHeader {
    InstanceHeader {
        case_number: "EX-2026-0001".to_owned(),
        submitted_at: "2026-11-22T14:05:00+01:00".to_owned(),
        poster: None,
        owners: Vec::new(),
    }
}

fn exported(id: &str, element: &str) -> Value {
    json!({ "source": { "id": id, "element": element } })
}

fn with(mut one: Value, more: Value) -> Value {
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one
}

fn form() -> Definition {
    let choices = json!([{ "id": "ja", "label": "Ja", "value": "1" }, { "id": "nej", "label": "Nej" }]);
    let contact = json!([
        question("fornamn", "text", exported("5", "Firstname")),
        question("pnr", "personal_identity_number", exported("5", "SocialSecurityNumber")),
        question("inte", "text", json!({})),
    ]);
    let mut source = one_step(
        json!([
            question("vad", "text_area", exported("1", "Beskrivning")),
            question(
                "val",
                "checkbox",
                with(exported("2", "Val"), json!({ "choices": choices, "other": "Annat" }))
            ),
            question(
                "filer",
                "files",
                with(exported("3", "Filer"), json!({ "max_count": 2, "max_size": 9, "types": ["pdf"] }))
            ),
            question(
                "intyg",
                "confirm",
                with(exported("4", "Intyg"), json!({ "statement": "Det stämmer." }))
            ),
            question(
                "person",
                "group",
                with(
                    exported("5", "Person"),
                    json!({ "row_label": "P", "max_rows": 1, "questions": contact })
                )
            ),
            question(
                "barn",
                "group",
                with(
                    exported("6", "Barn"),
                    json!({ "row_label": "B", "max_rows": 3,
                "questions": [question("namn", "text", exported("6", "Namn"))] })
                )
            ),
            question("rad", "text", json!({ "source": { "id": "8", "element": "Rad", "field": "Text" } })),
            question("utan", "text", json!({ "source": { "id": "7" } })),
            question("egen", "text", json!({})),
            question("illa", "text", exported("8", "a><b x='")),
        ]),
        json!([]),
    );
    source["source"] = json!({ "system": "oeflow", "reference": "flowFamilyID=7 flowID=42 version=3", "statuses": [
        { "id": "1", "name": "Sparat", "content_type": "NEW" }, { "id": "2", "name": "Inskickat", "content_type": "SUBMITTED" }
    ] });
    try_load(&source).unwrap()
}

fn row(id: &str, answers: &[(&str, &str)]) -> Row {
    Row {
        id: id.to_owned(),
        answers: answers.iter().map(|(id, said)| ((*id).to_owned(), text(said))).collect(),
    }
}

fn answers(answers: Vec<(&str, Answer)>) -> Answers {
    answers.into_iter().map(|(id, answer)| (id.to_owned(), answer)).collect()
}

#[test]
fn a_case_is_written_as_its_source_writes_it() {
    let person = |number: Option<&str>| Person {
        first_name: "Mina".to_owned(),
        last_name: "Exempel".to_owned(),
        identity_number: number.map(str::to_owned),
    };
    let header =
        InstanceHeader { poster: Some(person(Some("198501012382"))), owners: vec![person(None)], ..header() };
    let given = answers(vec![
        ("vad", text("Rad ett\nRad två")),
        (
            "val",
            Answer::Choice {
                choices: vec!["ja".into(), "nej".into(), "other".into()],
                other: Some("kanske".into()),
            },
        ),
        ("filer", Answer::Files { files: vec![file("f1", "intyg.pdf", 3)] }),
        ("intyg", Answer::Confirmed),
        (
            "person",
            Answer::Rows {
                rows: vec![row("r1", &[("fornamn", "Mina"), ("pnr", "198501012382"), ("inte", "x")])],
            },
        ),
        ("barn", Answer::Rows { rows: vec![row("a", &[("namn", "Ett")]), row("b", &[("namn", "Två")])] }),
        ("rad", text("En rad")),
        ("utan", text("hemligt")),
        ("egen", text("hemligt")),
    ]);
    let xml = instance_xml(&form(), &given, &header);
    for (path, expected) in [
        ("Header/Flow/FamilyID", vec!["7"]),
        ("Header/Flow/Version", vec!["3"]),
        ("Header/Flow/FlowID", vec!["42"]),
        ("Header/Flow/Name", vec!["Prov"]),
        ("Values/Rad/Text", vec!["En rad"]),
        ("Values/Rad/Value", vec![]),
        ("Header/FlowInstanceID", vec!["EX-2026-0001"]),
        ("Header/Status/ID", vec!["2"]),
        ("Header/Status/Name", vec!["Inskickat"]),
        ("Header/Poster/SocialSecurityNumber", vec!["198501012382"]),
        ("Header/Owner/Lastname", vec!["Exempel"]),
        ("Header/Owner/SocialSecurityNumber", vec![]),
        ("Header/FirstSubmitted", vec!["2026-11-22T14:05:00+01:00"]),
        ("Values/Beskrivning/QueryID", vec!["1"]),
        ("Values/Beskrivning/Name", vec!["Fråga vad"]),
        ("Values/Beskrivning/Value", vec!["Rad ett\nRad två"]),
        ("Values/Val/Value", vec!["1", "Nej"]),
        ("Values/Val/TextAlternative", vec!["kanske"]),
        ("Values/Filer/File/ID", vec!["f1"]),
        ("Values/Filer/File/Name", vec!["intyg.pdf"]),
        ("Values/Filer/File/Size", vec!["3"]),
        ("Values/Intyg/Value", vec!["Det stämmer."]),
        ("Values/Person/Firstname", vec!["Mina"]),
        ("Values/Person/SocialSecurityNumber", vec!["198501012382"]),
        ("Values/Barn/Row/Namn", vec!["Ett", "Två"]),
    ] {
        assert_eq!(at(&xml, path), expected, "{path} in {xml}");
    }
    assert!(!xml.contains("hemligt") && !xml.contains(">x<"), "{xml}");
}

#[test]
fn nobody_is_named_who_is_not_given() {
    let xml = instance_xml(&form(), &Answers::new(), &header());
    assert!(!xml.contains("Poster") && !xml.contains("Owner"), "{xml}");
    assert!(!format!("{:?}", header()).contains("EX-2026"));
}

#[test]
fn hostile_texts_stay_text() {
    for (typed, read) in [
        ("]]>", "]]>"),
        ("<![CDATA[x]]> & &lt; &#0; <!-- -->", "<![CDATA[x]]> & &lt; &#0; <!-- -->"),
        ("</Value></Beskrivning><Poster>", "</Value></Beskrivning><Poster>"),
        ("a\u{0}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}b", "ab"),
        ("🙂 e\u{301} \u{85}", "🙂 e\u{301} \u{85}"),
        ("a\rb", "a\rb"),
        ("\"'", "\"'"),
    ] {
        let xml =
            instance_xml(&form(), &answers(vec![("vad", text(typed)), ("illa", text(typed))]), &header());
        assert_eq!(at(&xml, "Values/Beskrivning/Value"), [read], "{typed:?}");
        assert_eq!(at(&xml, "Values/Answer/Value"), [read], "{typed:?}");
        assert_eq!(at(&xml, "Values/Answer/QueryID"), ["8"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_text_comes_back(typed in "\\PC{0,20}|[<>&\\]\\[!\"'a-c\\x00-\\x20]{0,12}", strange in strangers_answers()) {
        let mut given = strange;
        given.insert("vad".to_owned(), text(&format!("x{typed}x")));
        given.insert("val".to_owned(), chosen(&["nej"]));
        let xml = instance_xml(&form(), &given, &header());
        let lost = |c: char| c < ' ' && !"\t\n\r".contains(c) || matches!(c, '\u{fffe}' | '\u{ffff}');
        let kept: String = typed.chars().filter(|&c| !lost(c)).collect();
        prop_assert_eq!(at(&xml, "Values/Beskrivning/Value"), [format!("x{kept}x")]);
        let names: BTreeMap<String, String> = texts(&xml).into_iter().collect();
        prop_assert_eq!(names.get("FlowInstance/Values/Val/Value").map(String::as_str), Some("Nej"));
    }
}

#[test]
fn a_question_that_its_source_leaves_out_is_left_out() {
    let plain = try_load(&one_step(json!([yes_no("a", json!({}))]), json!([]))).unwrap();
    let xml = instance_xml(&plain, &answers(vec![("a", chosen(&["ja"]))]), &header());
    assert!(xml.contains("<Values></Values>"), "{xml}");
}
