//! Forms as JSON Schema are taken over, with a report of what became of them.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod common;

use common::{ORDINARY, chosen, set, text};
use ledsaga_forms::{
    Condition, Contact, FormState, Kind, Op, OralFiling, Question, QuestionState, Retention, apply,
    export::{answer_schema, definition_schema},
    import::{Defaults, Finding, ImportError, Imported, Limit, Outcome, json_schema},
    load, submission_answers, to_json, view,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

fn defaults() -> Defaults {
    Defaults {
        id: None,
        version: 1,
        category: "Prov".to_owned(),
        unit: "Exempelnämnden".to_owned(),
        contact: Contact {
            name: "Exempel".to_owned(),
            phone: "070-1740605".to_owned(),
            email: None,
            hours: None,
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 30, protected_draft_days: 1 },
    }
}

fn form(more: Value) -> Value {
    let mut form = json!({ "$schema": DRAFT, "title": "Avvikelse på plats", "type": "object" });
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    form
}

fn try_import(schema: &str, ui: &Value) -> Result<Imported, ImportError> {
    json_schema(schema.as_bytes(), Some(ui.to_string().as_bytes()), &defaults())
}

#[track_caller]
fn import(more: Value, ui: Value) -> Imported {
    let imported = try_import(&form(more).to_string(), &ui).unwrap();
    assert_eq!(load(&to_json(&imported.definition)).unwrap(), imported.definition);
    let schema = jsonschema::options().build(&definition_schema()).unwrap();
    let written: Value = serde_json::from_slice(&to_json(&imported.definition)).unwrap();
    assert!(schema.is_valid(&written), "{written}");
    imported
}

#[track_caller]
fn question<'a>(imported: &'a Imported, id: &str) -> &'a Question {
    let questions = imported.definition.steps.iter().flat_map(|step| &step.questions);
    let all = questions.flat_map(|question| match &question.kind {
        Kind::Group { questions, .. } => std::iter::once(question).chain(questions).collect::<Vec<_>>(),
        _ => vec![question],
    });
    all.into_iter().find(|question| question.id == id).unwrap()
}

fn said(imported: &Imported, outcome: Outcome) -> Vec<String> {
    let entries = imported.report.entries.iter().filter(|entry| entry.outcome == outcome);
    entries.map(|entry| format!("{}: {}", entry.place, entry.finding)).collect()
}

/// The kind of one property, as it stands in a definition.
#[track_caller]
fn kind(schema: Value, ui: Value) -> Value {
    let imported = import(json!({ "properties": { "q": schema } }), json!({ "q": ui }));
    let mut kind = serde_json::to_value(&question(&imported, "q").kind).unwrap();
    for choice in kind.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten() {
        *choice = json!([choice["id"], choice["label"], choice["value"]]);
    }
    kind
}

#[test]
fn types_and_formats_become_kinds() {
    let none = || json!({});
    for (schema, ui, expected) in [
        (
            json!({ "type": "string", "minLength": 2, "maxLength": 9 }),
            none(),
            json!({ "kind": "text", "min_length": 2, "max_length": 9 }),
        ),
        (
            json!({ "type": ["null", "string"] }),
            json!({ "ui:widget": "textarea" }),
            json!({ "kind": "text_area" }),
        ),
        (
            json!({ "type": "string" }),
            json!({ "ui:options": { "widget": "TextareaWidget" } }),
            json!({ "kind": "text_area" }),
        ),
        (
            json!({ "type": "string", "format": "date" }),
            none(),
            json!({ "kind": "date", "not_past": false, "not_future": false }),
        ),
        (json!({ "type": "string", "format": "time" }), none(), json!({ "kind": "time" })),
        (json!({ "type": "string", "format": "email" }), none(), json!({ "kind": "email" })),
        (
            json!({ "type": "string", "pattern": "^[A-Z]{3} \\d{2}$" }),
            none(),
            json!({ "kind": "text", "pattern": "AAA 99" }),
        ),
        (
            json!({ "type": "integer", "minimum": 1, "exclusiveMaximum": 10 }),
            none(),
            json!({ "kind": "number", "min": 1.0, "max": 9.0, "decimals": 0 }),
        ),
        (json!({ "type": "number", "multipleOf": 0.01 }), none(), json!({ "kind": "number", "decimals": 2 })),
        (
            json!({ "type": "boolean" }),
            none(),
            json!({ "kind": "radio", "choices": [["ja", "Ja", "true"], ["nej", "Nej", "false"]] }),
        ),
        (
            json!({ "type": "boolean", "const": true, "title": "Jag intygar." }),
            none(),
            json!({ "kind": "confirm", "statement": "Jag intygar." }),
        ),
        (
            json!({ "enum": ["Röd", "other"] }),
            none(),
            json!({ "kind": "drop_down", "choices": [["Rod", "Röd", null], ["other-2", "other", null]] }),
        ),
        (
            json!({ "oneOf": [{ "const": "R", "title": "Röd" }, { "const": 2 }] }),
            json!({ "ui:widget": "radio" }),
            json!({ "kind": "radio", "choices": [["R", "Röd", "R"], ["2", "2", null]] }),
        ),
        (
            json!({ "type": "array", "items": { "enum": ["a", "b"] }, "minItems": 1, "maxItems": 2, "uniqueItems": true }),
            none(),
            json!({ "kind": "checkbox", "choices": [["a", "a", null], ["b", "b", null]], "min": 1, "max": 2 }),
        ),
    ] {
        assert_eq!(kind(schema.clone(), ui), expected, "{schema}");
    }
}

#[test]
fn objects_become_groups_and_what_is_deeper_is_laid_flat() {
    let imported = import(
        json!({
            "$defs": { "person": { "type": "object", "required": ["namn"], "properties": {
                "namn": { "type": "string" }, "adress": { "type": "object", "properties": { "gata": { "type": "string" } } } } } },
            "required": ["sokande"],
            "properties": {
                "sokande": { "$ref": "#/$defs/person", "title": "Den som söker" },
                "barn": { "type": "array", "maxItems": 4, "minItems": 1, "items": { "$ref": "#/$defs/person" } },
                "ord": { "type": "array", "items": { "type": "string" } }
            }
        }),
        json!({}),
    );
    let Kind::Group { questions, min_rows: 1, max_rows: 1, row_label, .. } =
        &question(&imported, "sokande").kind
    else {
        panic!()
    };
    assert_eq!(row_label, "Den som söker");
    assert_eq!(questions.iter().map(|q| q.id.as_str()).collect::<Vec<_>>(), ["gata-2", "namn-2"]);
    assert_eq!(questions[1].state, QuestionState::VisibleRequired);
    assert!(matches!(&question(&imported, "barn").kind, Kind::Group { min_rows: 1, max_rows: 4, .. }));
    assert!(matches!(&question(&imported, "ord").kind, Kind::Group { max_rows: 100, .. }));
    assert!(
        said(&imported, Outcome::Approximated)
            .iter()
            .any(|entry| entry.starts_with("/properties/sokande/properties/adress: `properties`"))
    );
}

#[test]
fn questions_stand_in_the_order_of_the_file_or_of_the_ui_schema_and_in_its_sections() {
    let fields = json!({ "type": "string" });
    let schema = format!(
        r#"{{"$schema":"{DRAFT}","title":"T","properties":{{"z":{fields},"a":{fields},"m":{fields}}}}}"#
    );
    let order = |ui: Value| -> Vec<(String, Vec<String>)> {
        let imported = try_import(&schema, &ui).unwrap();
        let ids = |step: &ledsaga_forms::Step| step.questions.iter().map(|q| q.id.clone()).collect();
        imported.definition.steps.iter().map(|step| (step.title.clone(), ids(step))).collect()
    };
    let steps = |steps: &[(&str, &[&str])]| -> Vec<(String, Vec<String>)> {
        steps
            .iter()
            .map(|(title, ids)| ((*title).to_owned(), ids.iter().map(|&id| id.to_owned()).collect()))
            .collect()
    };
    assert_eq!(order(json!({})), steps(&[("T", &["z", "a", "m"])]));
    assert_eq!(order(json!({ "ui:order": ["m", "*", "z"] })), steps(&[("T", &["m", "a", "z"])]));
    let sections = json!({ "ui:sections": [{ "title": "Först", "fields": ["m", "saknas"] }, { "title": "Tom", "fields": [] }] });
    assert_eq!(order(sections.clone()), steps(&[("Först", &["m"]), ("Övrigt", &["z", "a"])]));
    let imported = try_import(&schema, &sections).unwrap();
    assert!(
        said(&imported, Outcome::NotUnderstood)
            .contains(&"ui:sections/0: the UI schema names `saknas`, which the schema has not".to_owned())
    );
}

#[test]
fn texts_of_the_ui_schema_help_and_hidden_fields_stay_hidden() {
    let imported = import(
        json!({ "properties": { "a": { "type": "string", "title": "A", "description": "Ett <b>ord</b>" }, "b": { "type": "string" } } }),
        json!({ "a": { "ui:placeholder": "till exempel *", "ui:title": "Annat" }, "b": { "ui:widget": "hidden" } }),
    );
    let a = question(&imported, "a");
    assert_eq!((a.label.as_str(), a.help.as_deref()), ("Annat", Some("Ett **ord**\n\ntill exempel \\*")));
    assert_eq!(question(&imported, "b").state, QuestionState::Hidden);
}

#[test]
fn own_widgets_are_kept_and_flagged() {
    let imported = import(
        json!({ "properties": { "plats": { "type": "string" }, "fil": { "type": "string", "format": "data-url" } } }),
        json!({ "plats": { "ui:widget": "FacilitySearch" } }),
    );
    let Kind::Unknown(fields) = &question(&imported, "plats").kind else { panic!() };
    assert_eq!(fields["kind"], "widget-facilitysearch");
    assert!(matches!(question(&imported, "fil").kind, Kind::Unknown(_)));
    assert_eq!(imported.report.count(Outcome::NotUnderstood), 2);
}

#[test]
fn branches_become_rules_that_show_what_only_they_have() {
    let imported = import(
        json!({
            "properties": { "typ": { "enum": ["hot", "annat"] }, "skada": { "type": "boolean" }, "namn": { "type": "string" } },
            "required": ["typ"],
            "if": { "properties": { "typ": { "const": "annat" } }, "required": ["typ"] },
            "then": { "properties": { "vad": { "type": "string" } }, "required": ["vad"] },
            "else": { "required": ["namn"] },
            "allOf": [{ "if": { "properties": { "skada": { "const": true } }, "required": ["skada"] }, "then": { "properties": { "var": { "type": "string" }, "vad": true } } }]
        }),
        json!({ "ui:order": ["typ", "skada", "*"] }),
    );
    assert_eq!(question(&imported, "vad").state, QuestionState::Hidden);
    assert_eq!(imported.definition.rules.len(), 3);
    let mut state = FormState::new(&imported.definition);
    let mut shown = |n: u8, kind| {
        apply(&imported.definition, &mut state, &[Op { id: n.to_string(), kind }], &ORDINARY).unwrap();
        let view = view(&imported.definition, &state, &ORDINARY);
        let states = |id: &str| view.questions.iter().find(|q| q.path == id).unwrap().state;
        (states("vad"), states("var"), states("namn"))
    };
    use QuestionState::{Hidden, Visible, VisibleRequired};
    assert_eq!(shown(1, set("typ", chosen(&["hot"]))), (Hidden, Hidden, VisibleRequired));
    assert_eq!(shown(2, set("typ", chosen(&["annat"]))), (VisibleRequired, Hidden, Visible));
    assert_eq!(shown(3, set("skada", chosen(&["ja"]))), (VisibleRequired, Visible, Visible));
}

#[test]
fn conditions_are_taken_where_they_can_be_said() {
    let when = |properties: Value, test: Value| {
        let mut properties = properties;
        properties["sist"] = json!({ "type": "string" });
        let schema = json!({ "properties": properties, "if": { "properties": test }, "then": { "required": ["sist"] } });
        // The order of the file decides, so that it is written by hand here.
        let text = form(schema).to_string();
        try_import(&text, &json!({ "ui:order": ["*", "sist"] }))
            .unwrap()
            .definition
            .rules
            .first()
            .map(|rule| rule.when.clone())
    };
    let number = || json!({ "n": { "type": "integer" } });
    assert_eq!(when(number(), json!({ "n": { "minimum": 3 } })), Some(Condition::AtLeast(3.0)));
    assert_eq!(when(number(), json!({ "n": { "multipleOf": 3 } })), None);
    let list = || json!({ "l": { "type": "array", "items": { "enum": ["å", "b"] } } });
    assert_eq!(
        when(list(), json!({ "l": { "contains": { "const": "å" } } })),
        Some(Condition::AnyOf(vec!["a".to_owned()]))
    );
    assert_eq!(when(list(), json!({ "l": { "contains": { "const": "x" } } })), None);
    let words = || json!({ "t": { "type": "string" } });
    assert_eq!(when(words(), json!({ "t": { "const": "x" } })), Some(Condition::Equals("x".to_owned())));
    assert_eq!(when(words(), json!({ "t": { "not": {} } })), None);
    assert_eq!(when(words(), json!({ "t": { "const": "x" }, "sist": { "const": "y" } })), None);
}

#[test]
fn what_has_no_counterpart_is_reported_at_its_place() {
    let imported = import(
        json!({ "properties": { "a/b": { "type": "string", "pattern": "^(x|y)+$", "format": "uri", "x-own": 1, "minLength": 9, "maxLength": 0 } },
            "dependentRequired": { "a/b": [] }, "if": { "not": {} }, "then": {} }),
        json!({}),
    );
    let approximated = said(&imported, Outcome::Approximated);
    for expected in [
        "/properties/a~1b: `pattern` is known here only",
        "/properties/a~1b: `format` = `uri`",
        "/properties/a~1b: `x-own` is not known",
        "/properties/a~1b: `maxLength` is not known",
        ": `dependentRequired` is known here only",
        "/if: `if` is known here only",
    ] {
        assert!(
            approximated.iter().any(|entry| entry.starts_with(expected)),
            "{expected} in {approximated:#?}"
        );
    }
}

#[test]
fn a_form_can_be_filled_in_and_its_answers_described() {
    let imported = import(
        json!({ "required": ["a"], "properties": { "a": { "type": "integer", "minimum": 1 } } }),
        json!({}),
    );
    assert_eq!(imported.definition.id, "avvikelse-pa-plats");
    let mut state = FormState::new(&imported.definition);
    apply(
        &imported.definition,
        &mut state,
        &[Op { id: "1".to_owned(), kind: set("a", text("3")) }],
        &ORDINARY,
    )
    .unwrap();
    let sent = serde_json::to_value(submission_answers(&imported.definition, &state, &ORDINARY)).unwrap();
    assert!(jsonschema::options().build(&answer_schema(&imported.definition)).unwrap().is_valid(&sent));
}

#[test]
fn hostile_files_are_refused_with_a_reason() {
    let error = |more: Value| try_import(&form(more).to_string(), &json!({})).unwrap_err();
    assert!(matches!(try_import("{", &json!({})), Err(ImportError::Syntax { .. })));
    assert!(matches!(try_import(&"[".repeat(100_000), &json!({})), Err(ImportError::Syntax { .. })));
    assert!(matches!(try_import("{}", &json!({})), Err(ImportError::Missing { .. })));
    assert!(matches!(
        error(json!({ "$schema": "http://json-schema.org/draft-07/schema#" })),
        ImportError::WrongRoot { .. }
    ));
    assert_eq!(error(json!({})), ImportError::NoQuestions);
    let circle = json!({ "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } }, "properties": { "x": { "$ref": "#/$defs/a" } } });
    assert!(error(circle).to_string().contains("circle"));
    for reference in ["https://example.org/x.json", "#/$defs/none", "#anchor"] {
        let text = error(json!({ "properties": { "x": { "$ref": reference } } })).to_string();
        assert!(text.contains("leads to nothing"), "{text}");
    }
    let endless = json!({ "properties": { "x": { "$ref": "#" }, "y": { "type": "string" } } });
    assert!(matches!(error(endless), ImportError::Limit { limit: Limit::Depth, .. }));
    let both = |n: usize| json!({ "type": "object", "properties": { "a": { "$ref": format!("#/$defs/{n}") }, "b": { "$ref": format!("#/$defs/{n}") } } });
    let mut defs: serde_json::Map<String, Value> = (0..15).map(|n| (n.to_string(), both(n + 1))).collect();
    defs.insert("15".to_owned(), json!({ "type": "string" }));
    assert!(matches!(
        error(json!({ "$defs": defs, "properties": { "x": { "$ref": "#/$defs/0" } } })),
        ImportError::Limit { limit: Limit::Questions, .. }
    ));
    let long: Vec<String> = (0..900).map(|n| format!("{n}{}", "å".repeat(400))).collect();
    let many: serde_json::Map<String, Value> =
        (0..100).map(|n| (format!("p{n}"), json!({ "$ref": "#/$defs/long" }))).collect();
    assert!(matches!(
        error(json!({ "$defs": { "long": { "enum": long } }, "properties": many })),
        ImportError::Limit { limit: Limit::Text, .. }
    ));
    let unknown: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("x{n}"), json!(1))).collect();
    let many: serde_json::Map<String, Value> =
        (0..1_000).map(|n| (format!("p{n}"), json!({ "$ref": "#/$defs/odd" }))).collect();
    assert!(matches!(
        error(json!({ "$defs": { "odd": unknown }, "properties": many })),
        ImportError::Limit { limit: Limit::Text, .. }
    ));
    let values = format!(r#"{{"x":[{}1]}}"#, "1,".repeat(60_000));
    assert!(matches!(
        try_import(&values, &json!({})),
        Err(ImportError::Limit { limit: Limit::Elements, .. })
    ));
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(3_000_000));
    assert!(matches!(try_import(&large, &json!({})), Err(ImportError::TooLarge { .. })));
    assert!(json_schema(form(json!({})).to_string().as_bytes(), Some(b"\xff"), &defaults()).is_err());
}

/// Bits of schemas, put together in every way.
fn strange_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!(null)),
        Just(json!(-1)),
        Just(json!(3)),
        Just(json!(1e300)),
        Just(json!(0.1)),
        Just(json!("å")),
        Just(json!("^\\d{3}$")),
        prop::sample::select(vec![
            "string",
            "integer",
            "number",
            "boolean",
            "array",
            "object",
            "date",
            "email",
            "#/$defs/a",
            "#",
            "#/properties/a",
            ""
        ])
        .prop_map(|text| json!(text)),
        "\\PC{0,5}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(6, 60, 5, |inner| {
        let keyword = prop::sample::select(vec![
            "type", "properties", "items", "enum", "oneOf", "const", "title", "format", "pattern", "minLength", "maxLength", "minimum", "maximum",
            "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "required", "$ref", "allOf", "if", "then", "else", "$defs", "contains", "a", "b", "c",
            "ui:order", "ui:widget", "ui:sections", "ui:options", "fields", "description",
        ]);
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            3 => prop::collection::vec((keyword, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

/// A property that is one more often than not.
fn property() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["string", "integer", "number", "boolean", "array", "object"]);
    (kind, strange_schema()).prop_map(|(kind, mut schema)| {
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("type".to_owned(), json!(kind));
        }
        schema
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_gives_a_definition_or_a_reason(
        properties in prop::collection::btree_map("[a-c]|\\PC{0,3}", property(), 0..4), test in strange_schema(), then in strange_schema(),
        defs in strange_schema(), ui in strange_schema(),
    ) {
        let schema = form(json!({ "properties": properties, "if": { "properties": { "a": test } }, "then": then, "$defs": { "a": defs } }));
        if let Ok(imported) = try_import(&schema.to_string(), &ui) {
            prop_assert_eq!(load(&to_json(&imported.definition)).unwrap(), imported.definition);
            let unknown = |finding: &Finding| matches!(finding, Finding::UnknownQuestion { .. });
            let flagged = imported.report.entries.iter().filter(|entry| unknown(&entry.finding));
            prop_assert!(flagged.into_iter().all(|entry| entry.outcome == Outcome::NotUnderstood));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(json_schema(&bytes, Some(&bytes), &defaults()).is_err());
    }
}
