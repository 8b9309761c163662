//! Definitions: what is read, what is refused and why.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod common;

use common::{every_kind, one_step, question, try_load, written, yes_no};
use ledsaga_forms::{Kind, LoadError, QuestionState, Reason, faults, load, to_json};
use serde_json::{Value, json};

/// Which of the kinds a question is; a new kind is not forgotten here, since this would not compile.
fn known(kind: &Kind) -> bool {
    match kind {
        Kind::Text { .. } | Kind::TextArea { .. } | Kind::Number { .. } | Kind::Money { .. } => true,
        Kind::Date { .. }
        | Kind::Time
        | Kind::Radio { .. }
        | Kind::DropDown { .. }
        | Kind::Checkbox { .. } => true,
        Kind::PersonalIdentityNumber { .. } | Kind::OtherIdentityNumber { .. } => true,
        Kind::Note | Kind::OrganisationNumber | Kind::Phone | Kind::Email => true,
        Kind::Postcode | Kind::Address | Kind::Files { .. } | Kind::Group { .. } => true,
        Kind::Information { .. } | Kind::Stop { .. } | Kind::Confirm { .. } => true,
        Kind::Unknown(_) => false,
    }
}

#[test]
fn every_known_kind_is_read_and_written_back_the_same() {
    let source = one_step(json!(every_kind()), json!([]));
    let definition = try_load(&source).unwrap();
    let questions = &definition.steps[0].questions;
    assert_eq!(questions.len(), 22);
    assert!(questions.iter().all(|question| known(&question.kind)));
    assert_eq!(questions[0].state, QuestionState::VisibleRequired);
    let again = load(&to_json(&definition)).unwrap();
    assert_eq!(again, definition);
    assert_eq!(to_json(&again), to_json(&definition));
}

#[test]
fn a_known_kind_with_a_wrong_field_is_an_error_and_not_an_unknown_kind() {
    for kind in every_kind() {
        for (field, value) in kind.as_object().unwrap() {
            if ["id", "label", "kind"].contains(&field.as_str()) {
                continue;
            }
            let mut broken = kind.clone();
            broken[field] = if value.is_object() { json!(7) } else { json!({ "nonsense": 1 }) };
            let error = try_load(&one_step(json!([broken]), json!([]))).unwrap_err();
            let text = error.to_string();
            let named = text.contains(&format!("field `{field}` of kind")) || text.contains("expected");
            assert!(named, "{field} of {}: {text}", kind["kind"]);
        }
    }
}

#[test]
fn a_field_that_a_kind_cannot_do_without_is_named() {
    let mut named = 0;
    for kind in every_kind() {
        for field in kind.as_object().unwrap().keys() {
            let mut broken = kind.clone();
            broken.as_object_mut().unwrap().remove(field);
            let Err(LoadError::Invalid {
                reason: Reason::KindFieldMissing { kind: of, field: missing }, ..
            }) = try_load(&one_step(json!([broken]), json!([])))
            else {
                continue;
            };
            assert_eq!((json!(of), &missing), (kind["kind"].clone(), field));
            named += 1;
        }
    }
    // Three kinds have choices, files and groups need three fields each, three kinds a text, one a domain.
    assert_eq!(named, 3 + 6 + 3 + 1);
}

#[test]
fn wrong_json_is_told_by_line_and_column() {
    for (json, wanted, found) in [
        ("{\n  \"format\": 1,,\n}", (2, 15), "key must be a string at line 2 column 15"),
        ("{\n  \"format\": 1,\n  \"nme\": \"x\"\n}", (3, 7), "unknown field `nme`"),
        ("{\n  \"format\": 1", (2, 13), "EOF while parsing an object at line 2 column 13"),
    ] {
        let error = load(json.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(found), "{error}");
        let LoadError::Malformed { line, column, reason } = error else { panic!("{error}") };
        assert_eq!((line, column), wanted, "{reason}");
        assert!(!reason.contains(" line "), "{reason}");
    }
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let mut source = written(
        json!([
            { "id": "ett", "title": "", "questions": [question("a", "text", json!({ "max_length": 0 })), yes_no("a", json!({}))] },
            { "id": "ett", "title": "Två", "questions": [question("c", "radio", json!({ "choices": [] }))] },
        ]),
        json!([{ "on": "x", "when": { "answered": true }, "set": "hidden", "targets": ["y"] }]),
    );
    source["unit"] = json!("");
    let found = |source: &Value| -> Vec<String> {
        faults(source.to_string().as_bytes()).iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        found(&source),
        [
            "unit: is empty",
            "steps[0] (ett): its title is empty",
            "steps[0].questions[0] (a): max_length leaves no room for an answer",
            "steps[0].questions[1] (a): another question has the same id",
            "steps[1] (ett): another step has the same id",
            "steps[1].questions[0] (c): there are no choices",
        ]
    );
    assert_eq!(load(source.to_string().as_bytes()).unwrap_err().to_string(), "unit: is empty");
    // Rules are judged when the questions are in order.
    let rule = |on: &str, target: &str| json!({ "on": on, "when": { "answered": true }, "set": "hidden", "targets": [target] });
    let source = one_step(json!([yes_no("a", json!({}))]), json!([rule("a", "x"), rule("y", "a")]));
    assert_eq!(found(&source), ["rules[0]: there is no question `x`", "rules[1]: there is no question `y`"]);
    assert!(found(&one_step(json!([yes_no("a", json!({}))]), json!([]))).is_empty());
}

#[test]
fn a_kind_of_another_time_is_kept_whole() {
    let source = one_step(
        json!([question(
            "karta",
            "map_polygon",
            json!({ "zoom": 3, "layers": [{ "b": 1, "a": null }], "state": "visible" })
        )]),
        json!([]),
    );
    let definition = try_load(&source).unwrap();
    let Kind::Unknown(fields) = &definition.steps[0].questions[0].kind else { panic!("it is known") };
    assert_eq!(fields["zoom"], 3);
    assert_eq!(definition.steps[0].questions[0].state, QuestionState::Visible);
    let back: Value = serde_json::from_slice(&to_json(&definition)).unwrap();
    let question = &back["steps"][0]["questions"][0];
    assert_eq!(question["kind"], "map_polygon");
    assert_eq!(question["layers"], json!([{ "a": null, "b": 1 }]));
    assert_eq!(load(&to_json(&definition)).unwrap(), definition);
}

#[test]
fn the_hash_is_of_the_content_and_nothing_else() {
    let source = one_step(json!([question("a", "text", json!({}))]), json!([]));
    let definition = try_load(&source).unwrap();
    assert_eq!(definition.hash.len(), 64);
    // Spelling out a default, or another order of the fields, is the same definition.
    let mut same = source.clone();
    same["keywords"] = json!([]);
    same["steps"][0]["questions"][0]["state"] = json!("visible_required");
    assert_eq!(try_load(&same).unwrap().hash, definition.hash);
    same["paper_forms"] = json!([]);
    same["source"] = json!({ "system": "oeflow", "statuses": [] });
    let mut grouped = source.clone();
    let group = json!({ "row_label": "R", "max_rows": 1, "questions": [question("b", "text", json!({}))] });
    grouped["source"] = json!({ "system": "oeflow" });
    grouped["steps"][0]["questions"].as_array_mut().unwrap().push(question("g", "group", group.clone()));
    same["steps"][0]["questions"][0]["covered"] = json!(false);
    let mut spelt_out = group;
    spelt_out["layout"] = json!("rows");
    spelt_out["one_of"] = json!([]);
    spelt_out["partial"] = json!(false);
    same["steps"][0]["questions"].as_array_mut().unwrap().push(question("g", "group", spelt_out));
    assert_eq!(try_load(&same).unwrap().hash, try_load(&grouped).unwrap().hash);
    let mut other = source.clone();
    other["steps"][0]["questions"][0]["label"] = json!("En annan fråga");
    assert_ne!(try_load(&other).unwrap().hash, definition.hash);
    // What is published says its hash, and says it right.
    let published: Value = serde_json::from_slice(&to_json(&definition)).unwrap();
    assert_eq!(published["hash"], json!(definition.hash));
    other["hash"] = published["hash"].clone();
    assert_eq!(place(&other), "hash");
}

#[test]
fn the_canonical_form_has_sorted_keys() {
    let definition = try_load(&one_step(json!([yes_no("a", json!({}))]), json!([]))).unwrap();
    let json = String::from_utf8(to_json(&definition)).unwrap();
    assert!(json.starts_with(r#"{"category":"Prov","checklist":[],"contact":{"name":"#), "{json}");
    assert!(json.contains(
        r#"{"choices":[{"id":"ja","label":"Ja"},{"id":"nej","label":"Nej"}],"id":"a","kind":"radio""#
    ));
}

fn place(source: &Value) -> String {
    match try_load(source).unwrap_err() {
        LoadError::Invalid { place, .. } => place,
        other => panic!("{other}"),
    }
}

#[test]
fn another_format_is_named_before_anything_else_is_judged() {
    let error = load(br#"{ "format": 2, "everything": "else" }"#).unwrap_err();
    assert_eq!(error, LoadError::UnknownFormat { found: 2 });
}

#[test]
fn what_is_no_definition_is_refused_without_panic() {
    for bytes in [&b""[..], b"{", b"[]", b"null", b"\xff", br#"{"format":1}"#, br#"{"format":"1"}"#] {
        assert!(matches!(load(bytes), Err(LoadError::Malformed { .. })), "{bytes:?}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(load(deep.as_bytes()), Err(LoadError::Malformed { .. })));
}

#[test]
fn a_field_that_nobody_knows_is_refused_wherever_it_is() {
    let source = one_step(json!([yes_no("a", json!({})), question("b", "text", json!({}))]), json!([]));
    let with = |pointer: &str| {
        let mut source = source.clone();
        let place = source.pointer_mut(pointer).unwrap();
        place.as_object_mut().unwrap().insert("mandatory".to_owned(), json!(true));
        try_load(&source).unwrap_err().to_string()
    };
    for pointer in ["", "/contact", "/retention", "/steps/0"] {
        assert!(with(pointer).contains("unknown field `mandatory`"), "{}", with(pointer));
    }
    assert_eq!(with("/steps/0/questions/1"), "steps[0].questions[1].mandatory: unknown field");
    assert!(with("/steps/0/questions/0/choices/0").contains("wrong type"));
}

/// The reason for refusing one question, or several, with rules.
fn reason(questions: Value, rules: Value) -> String {
    try_load(&one_step(questions, rules)).unwrap_err().to_string()
}

#[test]
fn ids_are_unique_and_plain() {
    let a = question("a", "text", json!({}));
    let group = |id: &str, member: &str| {
        let member = question(member, "text", json!({}));
        question(id, "group", json!({ "row_label": "Rad", "questions": [member], "max_rows": 2 }))
    };
    assert_eq!(
        reason(json!([a, a]), json!([])),
        "steps[0].questions[1] (a): another question has the same id"
    );
    assert!(
        reason(json!([a, group("g", "a")]), json!([]))
            .starts_with("steps[0].questions[1].questions[0] (a): another")
    );
    assert!(reason(json!([group("g", "g")]), json!([])).contains("another question has the same id"));
    for id in ["", "å", "a/b", "a b", &"x".repeat(65)] {
        assert!(reason(json!([question(id, "text", json!({}))]), json!([])).contains("its id needs"), "{id}");
    }
    let step = |id: &str| json!({ "id": id, "title": "T", "questions": [question(&format!("q{id}"), "text", json!({}))] });
    assert_eq!(place(&written(json!([step("s"), step("s")]), json!([]))), "steps[1] (s)");
    let mut named = one_step(json!([a]), json!([]));
    for id in ["Prov", "prov_a", "", "förskola"] {
        named["id"] = json!(id);
        assert_eq!(place(&named), "id");
    }
}

#[test]
fn a_definition_has_what_people_look_for() {
    let source = one_step(json!([question("a", "text", json!({}))]), json!([]));
    for (pointer, value, expected) in [
        ("/version", json!(0), "version"),
        ("/name", json!(" "), "name"),
        ("/unit", json!(""), "unit"),
        ("/contact/phone", json!(""), "contact.phone"),
        ("/retention/protected_draft_days", json!(31), "retention.protected_draft_days"),
        ("/retention/protected_draft_days", json!(0), "retention.protected_draft_days"),
        ("/steps", json!([]), "steps"),
        ("/steps/0/questions", json!([]), "steps[0] (ett)"),
        ("/steps/0/title", json!(""), "steps[0] (ett)"),
        ("/steps/0/questions/0/label", json!(""), "steps[0].questions[0] (a)"),
    ] {
        let mut broken = source.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert_eq!(place(&broken), expected, "{pointer}");
    }
}

#[test]
fn limits_do_not_contradict_each_other() {
    let choices = json!([{ "id": "a", "label": "A" }]);
    let twice = json!([{ "id": "a", "label": "A" }, { "id": "a", "label": "A" }]);
    let member = question("m", "text", json!({}));
    let inner = question("inre", "group", json!({ "row_label": "R", "questions": [member], "max_rows": 1 }));
    for (kind, fields, expected) in [
        ("text", json!({ "max_length": 0 }), "no room"),
        ("text", json!({ "max_length": 4, "pattern": "9-9-9" }), "longer than max_length"),
        ("number", json!({ "min": 2, "max": 1 }), "min is larger"),
        ("number", json!({ "decimals": 7 }), "at most 6"),
        ("money", json!({ "max": 0 }), "no room"),
        ("radio", json!({ "choices": [] }), "there are no choices"),
        ("drop_down", json!({ "choices": twice }), "two of it"),
        ("radio", json!({ "choices": [{ "id": "other", "label": "Annat" }] }), "free-text"),
        ("radio", json!({ "choices": choices, "other": "" }), "label of `other`"),
        ("checkbox", json!({ "choices": choices, "min": 2 }), "number of choices"),
        ("checkbox", json!({ "choices": choices, "other": "Annat", "min": 2, "max": 1 }), "min is larger"),
        ("checkbox", json!({ "choices": choices, "max": 0 }), "no room"),
        ("files", json!({ "max_count": 0, "max_size": 1, "types": ["pdf"] }), "max_count"),
        ("files", json!({ "max_count": 1, "max_size": 0, "types": ["pdf"] }), "max_size"),
        ("files", json!({ "max_count": 1, "max_size": 1, "types": [] }), "types"),
        ("files", json!({ "max_count": 1, "max_size": 1, "types": [".PDF"] }), "types"),
        ("group", json!({ "row_label": "R", "questions": [], "max_rows": 1 }), "without questions"),
        ("group", json!({ "row_label": "R", "questions": [member], "max_rows": 0 }), "max_rows"),
        (
            "group",
            json!({ "row_label": "R", "questions": [member], "min_rows": 2, "max_rows": 1 }),
            "min_rows",
        ),
        ("group", json!({ "row_label": "R", "questions": [inner], "max_rows": 1 }), "a group in a group"),
        ("stop", json!({ "text": "" }), "text is empty"),
        ("", json!({}), ""),
    ] {
        match kind {
            "" => assert!(reason(json!([{ "id": "q", "label": "Q" }]), json!([])).contains("no kind")),
            _ => {
                let reason = reason(json!([question("q", kind, fields)]), json!([]));
                assert!(reason.contains(expected), "{kind}: {reason}");
            }
        }
    }
}

#[test]
fn an_empty_form_is_not_larger_than_a_computer() {
    let group = |id: &str, min_rows: u32| {
        let member = question(&format!("m{id}"), "text", json!({}));
        let other = question(&format!("n{id}"), "text", json!({}));
        question(
            id,
            "group",
            json!({ "row_label": "R", "questions": [member, other], "min_rows": min_rows, "max_rows": 1000 }),
        )
    };
    let groups = |count: usize, min_rows: u32| {
        let groups: Vec<Value> = (0..count).map(|n| group(&format!("g{n}"), min_rows)).collect();
        try_load(&one_step(json!(groups), json!([])))
    };
    assert!(groups(5, 1000).is_ok() && groups(100, 50).is_ok());
    assert!(groups(6, 1000).unwrap_err().to_string().contains("10000 fields"));
}

#[test]
fn rules_only_point_forward_and_at_what_exists() {
    let questions = json!([
        yes_no("a", json!({})),
        question("b", "text", json!({})),
        question("antal", "number", json!({})),
        question(
            "g",
            "group",
            json!({
                "row_label": "R", "max_rows": 2, "questions": [yes_no("m", json!({})), question("n", "text", json!({}))]
            })
        ),
        question("info", "information", json!({ "text": "Läs." })),
        question("sist", "text", json!({})),
    ]);
    let rule = |on: &str, when: Value, target: &str| json!([{ "on": on, "when": when, "set": "hidden", "targets": [target] }]);
    let yes = || json!({ "any_of": ["ja"] });
    for allowed in [
        rule("a", yes(), "b"),
        rule("a", yes(), "g"),
        rule("a", yes(), "n"),
        rule("m", yes(), "n"),
        rule("g", json!({ "at_least": 2 }), "sist"),
        rule("antal", json!({ "at_least": 2.5 }), "g"),
        rule("b", json!({ "answered": false }), "sist"),
    ] {
        assert!(try_load(&one_step(questions.clone(), allowed.clone())).is_ok(), "{allowed}");
    }
    for (rules, expected) in [
        (rule("x", yes(), "b"), "no question `x`"),
        (rule("a", yes(), "x"), "no question `x`"),
        (rule("a", yes(), "a"), "in a circle: `a` -> `a`"),
        (rule("m", yes(), "b"), "does not come after"),
        (rule("antal", json!({ "at_least": 1 }), "b"), "does not come after"),
        (rule("m", yes(), "sist"), "not in the same"),
        (rule("g", json!({ "answered": true }), "n"), "over its own"),
        (rule("a", json!({ "any_of": ["kanske"] }), "b"), "no choice `kanske`"),
        (rule("a", json!({ "all_of": ["other"] }), "b"), "no choice `other`"),
        (rule("a", json!({ "any_of": [] }), "b"), "names no choice"),
        (rule("b", yes(), "sist"), "has no choices"),
        (rule("a", json!({ "at_least": 1 }), "b"), "neither a number"),
        (rule("info", json!({ "answered": true }), "sist"), "never answered"),
        (json!([{ "on": "a", "when": yes(), "set": "hidden", "targets": [] }]), "no targets"),
        (
            json!([{ "on": "a", "when": { "sometimes": 1 }, "set": "hidden", "targets": ["b"] }]),
            "unknown variant",
        ),
    ] {
        let reason = reason(questions.clone(), rules);
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn a_cycle_is_refused() {
    let questions = json!([yes_no("a", json!({})), yes_no("b", json!({})), yes_no("c", json!({}))]);
    let rule = |on: &str, target: &str| json!({ "on": on, "when": { "any_of": ["ja"] }, "set": "hidden", "targets": [target] });
    let rules = json!([rule("a", "b"), rule("b", "c"), rule("c", "a")]);
    assert_eq!(reason(questions, rules), "rules[2]: the rules go in a circle: `a` -> `b` -> `c` -> `a`");
}
