//! The schema of the definition format knows what the format knows.
//!
//! `LEDSAGA_BLESS=1 cargo test -p ledsaga-forms --test definition_schema` writes docs/e-tjanst.schema.json anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use common::{drawn, every_kind, one_step, question, try_load, yes_no};
use jsonschema::Validator;
use ledsaga_forms::{
    AgeLimits, Choice, Condition, Contact, Day, Definition, Kind, Layout, OralFiling, PaperForm,
    ProtectedPolicy, Question, QuestionSource, QuestionState, Retention, Role, Rule, Sensitivity, Source,
    SourceStatus, Step, export::definition_schema, to_json,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn validator() -> Validator {
    jsonschema::options().build(&definition_schema()).unwrap()
}

fn reasons(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_file_in_docs_is_this_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/e-tjanst.schema.json");
    let schema = definition_schema();
    if std::env::var_os("LEDSAGA_BLESS").is_some() {
        fs::write(path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    } else {
        let written: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert!(written == schema, "docs/e-tjanst.schema.json is not up to date");
    }
}

#[test]
fn it_is_a_schema_and_the_demo_catalogue_follows_it() {
    assert!(jsonschema::meta::is_valid(&definition_schema()));
    let validator = validator();
    let mut seen = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/catalogue")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(reasons(&validator, &document), Vec::<String>::new(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10);
}

#[test]
fn a_wrong_field_of_any_kind_is_refused() {
    let validator = validator();
    for kind in every_kind() {
        let document = |question: &Value| one_step(json!([question]), json!([]));
        assert_eq!(reasons(&validator, &document(&kind)), Vec::<String>::new());
        for field in kind.as_object().unwrap().keys().filter(|field| *field != "kind") {
            let mut broken = kind.clone();
            broken[field] = if kind[field].is_object() { json!(7) } else { json!({ "nonsense": 1 }) };
            assert!(!validator.is_valid(&document(&broken)), "{field} of {}", kind["kind"]);
        }
        let mut more = kind.clone();
        more["mandatory"] = json!(true);
        assert!(!validator.is_valid(&document(&more)), "{}", kind["kind"]);
    }
    let of_another_time = question("q", "map_polygon", json!({ "zoom": 3, "layers": [{}] }));
    assert!(validator.is_valid(&one_step(json!([of_another_time]), json!([]))));
    let without_label = json!({ "id": "q", "kind": "map_polygon" });
    assert!(!validator.is_valid(&one_step(json!([without_label]), json!([]))));
}

#[test]
fn what_load_refuses_at_one_place_is_refused() {
    let validator = validator();
    let source = one_step(
        json!([yes_no("a", json!({})), question("b", "text", json!({}))]),
        json!([{ "on": "a", "when": { "any_of": ["ja"] }, "set": "hidden", "targets": ["b"] }]),
    );
    assert!(validator.is_valid(&source));
    for (pointer, value) in [
        ("/format", json!(2)),
        ("/id", json!("Prov")),
        ("/version", json!(0)),
        ("/name", json!(" ")),
        ("/oral_filing", json!("perhaps")),
        ("/retention/protected_draft_days", json!(0)),
        ("/contact/phone", json!("")),
        ("/steps", json!([])),
        ("/steps/0/id", json!("a b")),
        ("/steps/0/questions", json!([])),
        ("/steps/0/questions/0/id", json!("å")),
        ("/steps/0/questions/0/label", json!("")),
        ("/steps/0/questions/0/choices", json!([])),
        ("/steps/0/questions/0/choices/0/id", json!("other")),
        ("/steps/0/questions/0/kind", json!(3)),
        ("/rules/0/set", json!("gone")),
        ("/rules/0/targets", json!([])),
        ("/rules/0/when", json!({})),
        ("/rules/0/when", json!({ "any_of": ["ja"], "answered": true })),
        ("/rules/0/when", json!({ "sometimes": 1 })),
        ("/rules/0/when", json!({ "on_or_after": "tomorrow" })),
        ("/rules/0/when", json!({ "not": { "of": { "question": "a" } } })),
        ("/rules/0/when", json!({ "all": [] })),
    ] {
        let mut broken = source.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&broken), "{pointer}");
        assert!(try_load(&broken).is_err(), "{pointer}");
    }
    let member = question("m", "text", json!({}));
    let inner = question("i", "group", json!({ "row_label": "R", "questions": [member], "max_rows": 1 }));
    let outer = question("o", "group", json!({ "row_label": "R", "questions": [inner], "max_rows": 1 }));
    assert!(!validator.is_valid(&one_step(json!([outer]), json!([]))));
}

/// Every field of every type, none left out: a new field does not compile until it is here, and is not valid until the
/// schema has it.
fn everything() -> Definition {
    let text = || Some("x".to_owned());
    let choices = || vec![Choice { id: "a".to_owned(), label: "A".to_owned(), value: text() }];
    let source = || Some(QuestionSource { id: "1".to_owned(), element: text(), field: text() });
    let question = |n: usize, kind: Kind| Question {
        id: format!("q{n}"),
        label: "Q".to_owned(),
        help: text(),
        ask: text(),
        state: QuestionState::Visible,
        sensitivity: Sensitivity::Protected,
        protected_policy: ProtectedPolicy::ViaForwarding,
        role: Some(Role::Proxy { basis: "q0".to_owned() }),
        source: source(),
        kind,
    };
    let kinds = vec![
        Kind::Text {
            min_length: Some(1),
            max_length: Some(2),
            pattern: Some("A9".to_owned()),
            pattern_help: text(),
            covered: true,
        },
        Kind::TextArea { min_length: Some(1), max_length: Some(2) },
        Kind::Note,
        Kind::Number { min: Some(1.5), max: Some(2.5), decimals: 1, unit: text() },
        Kind::Money { max: Some(1) },
        Kind::Date { not_past: true, not_future: true },
        Kind::Time,
        Kind::Radio { choices: choices(), other: text() },
        Kind::DropDown { choices: choices(), other: text() },
        Kind::Checkbox { choices: choices(), other: text(), min: Some(1), max: Some(1) },
        Kind::PersonalIdentityNumber { age: Some(AgeLimits { min: Some(1), max: Some(2), by_year: true }) },
        Kind::OtherIdentityNumber { domain: "LMA".to_owned() },
        Kind::OrganisationNumber,
        Kind::Phone,
        Kind::Email,
        Kind::Postcode,
        Kind::Address,
        Kind::Files { max_count: 1, max_size: 1, max_total: Some(1), types: vec!["pdf".to_owned()] },
        Kind::Group {
            row_label: "R".to_owned(),
            questions: vec![question(90, Kind::Time)],
            min_rows: 1,
            max_rows: 2,
            layout: Layout::Table,
            one_of: vec![vec!["q90".to_owned()]],
            unique: Some("q90".to_owned()),
            partial: true,
        },
        Kind::Information { text: "x".to_owned() },
        Kind::Stop { text: "x".to_owned() },
        Kind::Confirm { statement: "x".to_owned(), text: text() },
    ];
    let conditions = vec![
        Condition::AnyOf(vec!["a".to_owned()]),
        Condition::AllOf(vec!["a".to_owned()]),
        Condition::Answered(true),
        Condition::AtLeast(1.0),
        Condition::AtMost(1.0),
        Condition::Equals("x".to_owned()),
        Condition::OnOrAfter(Day::Today(-3)),
        Condition::OnOrBefore(Day::Today(0)),
        Condition::AgeAtLeast(18),
        Condition::AgeAtMost(18),
        Condition::Any(vec![Condition::Not(Box::new(Condition::Answered(true)))]),
        Condition::Of { question: "q1".to_owned(), is: Box::new(Condition::Answered(true)) },
    ];
    conditions.iter().for_each(is_listed);
    Definition {
        format: 1,
        id: "allt".to_owned(),
        version: 1,
        hash: "0".repeat(64),
        name: "N".to_owned(),
        summary: "S".to_owned(),
        category: "C".to_owned(),
        unit: "U".to_owned(),
        keywords: vec!["k".to_owned()],
        contact: Contact {
            name: "N".to_owned(),
            phone: "070-1740605".to_owned(),
            email: text(),
            hours: text(),
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 2, protected_draft_days: 1 },
        checklist: vec!["c".to_owned()],
        source: Some(Source {
            system: "oeflow".to_owned(),
            reference: text(),
            statuses: vec![SourceStatus {
                id: "1".to_owned(),
                name: "N".to_owned(),
                content_type: "NEW".to_owned(),
            }],
        }),
        paper_forms: vec![PaperForm {
            name: "B".to_owned(),
            file: "b.pdf".to_owned(),
            size: 1,
            sha256: "0".repeat(64),
        }],
        steps: vec![Step {
            id: "ett".to_owned(),
            title: "Ett".to_owned(),
            questions: kinds.into_iter().enumerate().map(|(n, kind)| question(n, kind)).collect(),
        }],
        rules: vec![Rule {
            on: "q0".to_owned(),
            when: Condition::All(conditions),
            set: QuestionState::VisibleRequired,
            targets: vec!["q1".to_owned()],
            keep_answer: true,
            no_restore: true,
        }],
    }
}

/// A new condition is not forgotten above, since this would not compile.
fn is_listed(condition: &Condition) {
    match condition {
        Condition::AnyOf(_) | Condition::AllOf(_) | Condition::Answered(_) | Condition::Equals(_) => {}
        Condition::AtLeast(_) | Condition::AtMost(_) | Condition::OnOrAfter(_) | Condition::OnOrBefore(_) => {
        }
        Condition::AgeAtLeast(_) | Condition::AgeAtMost(_) | Condition::All(_) | Condition::Any(_) => {}
        Condition::Not(_) | Condition::Of { .. } => {}
    }
}

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found.insert(key.clone());
            keys(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// The names of all properties in a schema.
fn described(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.iter().for_each(|(name, schema)| {
                found.insert(name.clone());
                described(schema, found);
            }),
            _ => described(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| described(item, found)),
        _ => {}
    }
}

#[test]
fn it_has_every_field_of_the_format_and_no_other() {
    let written: Value = serde_json::from_slice(&to_json(&everything())).unwrap();
    assert_eq!(reasons(&validator(), &written), Vec::<String>::new());
    let (mut of_format, mut of_schema) = (BTreeSet::new(), BTreeSet::new());
    keys(&written, &mut of_format);
    described(&definition_schema(), &mut of_schema);
    assert_eq!(of_format, of_schema);
    // Counter-test: one that the schema has not is missed.
    let mut more = written;
    more["steps"][0]["questions"][0]["colour"] = json!("red");
    assert!(!validator().is_valid(&more));
}

#[test]
fn every_role_and_state_is_known() {
    let validator = validator();
    for role in [
        "applicant",
        "co_applicant",
        "guardian",
        "child",
        "company_representative",
        "organisation",
        "signing_party",
    ] {
        let question = question("q", "text", json!({ "role": role, "help": null }));
        let document = one_step(json!([question]), json!([]));
        assert!(validator.is_valid(&document) && try_load(&document).is_ok(), "{role}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_definition_that_loads_is_valid(definition in drawn::definition()) {
        let written: Value = serde_json::from_slice(&to_json(&definition)).unwrap();
        prop_assert_eq!(reasons(&validator(), &written), Vec::<String>::new());
    }
}
