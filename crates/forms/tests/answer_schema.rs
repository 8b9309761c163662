//! The schema of the answers says what the engine says, as far as JSON Schema can.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod common;

use std::{cell::RefCell, collections::BTreeSet, fs, path::Path};

use common::{
    Draft, ORDINARY, PROTECTED, add_row,
    drawn::{contexts, definition, operations, sorts, strangers_answers},
    one_step, question, set, text, try_load,
};
use jsonschema::Validator;
use ledsaga_forms::{
    Answer, Answers, Context, Definition, FormState, Kind, Op, OralFiling, apply, check_submission,
    export::answer_schema, load, submission_answers, view,
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

/// Faults that a valid document never has: what is left for the engine are rules, check digits, the day and the like.
const STRUCTURAL: [&str; 12] = [
    "question_unknown",
    "answer_type",
    "choice_unknown",
    "too_many_choices",
    "too_few_choices",
    "other_missing",
    "too_many_files",
    "file_too_large",
    "file_type",
    "file_reference",
    "too_many_rows",
    "pattern",
];
/// Faults of the form of a text that have no other reason than the form.
const OF_FORM: [&str; 12] = [
    "too_long",
    "too_short",
    "phone_format",
    "phone_length",
    "email_format",
    "postcode_format",
    "number_format",
    "number_decimals",
    "money_format",
    "date_format",
    "time_format",
    "pnr_length",
];

fn validator(definition: &Definition) -> Validator {
    let schema = answer_schema(definition);
    assert!(jsonschema::meta::is_valid(&schema), "{schema}");
    jsonschema::options().build(&schema).unwrap()
}

/// What the receiver takes in.
fn accepted(definition: &Definition, answers: &Answers, context: &Context) -> bool {
    let check = check_submission(definition, answers, context);
    check.faults.is_empty() && (check.missing.is_empty() || definition.oral_filing == OralFiling::Accepted)
}

/// After some operations, in both modes.
fn submissions(definition: &Definition, history: &[(Op, bool)]) -> Vec<(Answers, Context, bool)> {
    let mut state = FormState::new(definition);
    let mut made = Vec::new();
    for ((operation, _), context) in history.iter().zip(contexts(history)) {
        if apply(definition, &mut state, std::slice::from_ref(operation), &context).is_err() {
            continue;
        }
        for context in [ORDINARY, PROTECTED] {
            let view = view(definition, &state, &context);
            let whole = view.complete || definition.oral_filing == OralFiling::Accepted;
            made.push((submission_answers(definition, &state, &context), context, view.sendable && whole));
        }
    }
    made
}

fn catalogue() -> Vec<Definition> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/catalogue");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    files.iter().map(|file| load(&fs::read(file).unwrap()).unwrap()).collect()
}

fn sent_is_valid(definition: &Definition, history: &[(Op, bool)]) -> Result<usize, TestCaseError> {
    let validator = validator(definition);
    let mut sent = 0;
    for (answers, _, sendable) in submissions(definition, history) {
        let document = serde_json::to_value(&answers).unwrap();
        if sendable {
            let reasons: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
            prop_assert!(reasons.is_empty(), "{document}: {reasons:?}");
            sent += usize::from(!answers.is_empty());
        }
    }
    Ok(sent)
}

/// The definition in a smaller world: what a valid document may still be refused for, of the faults that look alike.
fn beyond_the_schema(definition: &Definition, answers: &Answers, path: &str) -> bool {
    let mut parts = path.split('/');
    let (first, row, member) = (parts.next().unwrap(), parts.next(), parts.next());
    let answer = answers.get(first);
    let answer = match (answer, row, member) {
        (Some(Answer::Rows { rows }), Some(id), Some(member)) => {
            rows.iter().find(|row| row.id == id).and_then(|row| row.answers.get(member))
        }
        (answer, ..) => answer,
    };
    let questions = definition.steps.iter().flat_map(|step| &step.questions);
    let all = questions.flat_map(|question| match &question.kind {
        Kind::Group { questions, .. } => questions.iter().collect::<Vec<_>>(),
        _ => vec![question],
    });
    let kind = all.into_iter().find(|question| question.id == member.unwrap_or(first)).map(|q| &q.kind);
    match (kind, answer) {
        // Their order.
        (Some(Kind::Checkbox { .. }), Some(Answer::Choice { choices, .. })) => {
            let once: BTreeSet<&String> = choices.iter().collect();
            once.len() > 1 && once.len() == choices.len()
        }
        // One id twice.
        (Some(Kind::Files { .. }), Some(Answer::Files { files })) => files.len() > 1,
        _ => false,
    }
}

fn schema_and_engine_agree(
    definition: &Definition,
    validator: &Validator,
    document: &Value,
) -> Result<bool, TestCaseError> {
    let answers: Option<Answers> = serde_json::from_value(document.clone()).ok();
    if validator.is_valid(document) {
        let Some(answers) = &answers else {
            return Err(TestCaseError::fail(format!("valid, but no answers: {document}")));
        };
        for context in [ORDINARY, PROTECTED] {
            for (path, fault) in check_submission(definition, answers, &context).faults {
                let code = fault.code.as_str();
                let of_shape = STRUCTURAL.contains(&code)
                    || (OF_FORM.contains(&code) || code == "not_normal")
                        && !beyond_the_schema(definition, answers, &path);
                let of_shape = of_shape || code == "row_id" && !row_twice(&answers[&path]);
                prop_assert!(!of_shape, "valid, but {path} is {code}: {document}");
            }
        }
        return Ok(true);
    }
    let Some(answers) = answers else { return Ok(false) };
    // As it is serialised: what serde lets pass is not part of the document.
    let document = serde_json::to_value(&answers).unwrap();
    if !validator.is_valid(&document) {
        for context in [ORDINARY, PROTECTED] {
            prop_assert!(!accepted(definition, &answers, &context), "accepted, but not valid: {document}");
        }
    }
    Ok(false)
}

fn row_twice(answer: &Answer) -> bool {
    let Answer::Rows { rows } = answer else { return false };
    rows.iter().any(|row| rows.iter().filter(|other| other.id == row.id).count() > 1)
}

/// A change somewhere in a document.
type Change = (Index, u8, Index);

/// What is put somewhere: bits of answers, right and wrong ones.
fn splinters() -> Vec<Value> {
    let file = |id: &str, name: &str, size: u64| {
        json!({
            "id": id, "name": name, "size": size, "media_type": "", "sha256": "0123456789abcdef".repeat(4)
        })
    };
    let text = |text: &str| json!({ "type": "text", "text": text });
    let mut splinters = vec![
        Value::Null,
        json!(true),
        json!(3),
        json!(6),
        json!(-1),
        json!([]),
        json!({}),
        json!("confirmed"),
        json!({ "type": "confirmed" }),
        json!("ja"),
        json!("other"),
        json!(["nej", "ja"]),
        json!(["ja", "ja"]),
        json!(["ja", "nej", "other"]),
        json!({ "type": "choice", "choices": ["other"], "other": "x" }),
        json!({ "type": "choice", "choices": ["ja"], "other": "x" }),
        json!({ "type": "choice", "choices": ["ja"] }),
        json!({ "type": "choice", "choices": ["kanske"] }),
        json!({ "type": "choice", "choices": [] }),
        json!({ "type": "choice", "choices": ["ja", "ja"] }),
        json!({ "type": "files", "files": [file("a", &format!("{}.pdf", "å".repeat(252)), 1)] }),
        json!({ "type": "files", "files": [file("a", &format!("{}.pdf", "å".repeat(251)), 1)] }),
        json!({ "type": "files", "files": [file("a", "b.pdf", 4), file("a", "b.pdf", 4)] }),
        json!({ "type": "files", "files": [file("a", "b.PdF", 5), file("å", "b.7z", 0)] }),
        file("f", "x.pdf", 1),
        file("", "x.pdf", 1),
        file("f", "x.zip", 1),
        file("f", "a\u{85}.pdf", 1),
        file("f", ".7Z", 9),
        json!({ "type": "rows", "rows": [{ "id": "r", "answers": {} }, { "id": "r", "answers": {} }] }),
        json!({ "type": "rows", "rows": [{ "id": "_", "answers": {} }] }),
        json!({ "type": "rows", "rows": [] }),
    ];
    let texts = [
        "",
        " ",
        "a",
        "aaaaa",
        "aaaaaa",
        " a",
        "a  b",
        "a\u{a0}b",
        "a\nb",
        "a\tb",
        "\u{feff}a",
        "a\u{85}",
        "a\u{200b}",
        "0",
        "-0",
        "-0.0",
        "0.5",
        "12.50",
        "007",
        "-7",
        "100",
        "1e3",
        "1.",
        "123456789012345",
        "1234567890123456",
        "2026-11-22",
        "2026-02-30",
        "2026-2-3",
        "0999-01-01",
        "99999-01-01",
        "23:59",
        "24:00",
        "1:00",
        "198501012382",
        "19850101238",
        "201602292383",
        "198513012382",
        "198500012382",
        "198500612382",
        "850101-2382",
        "2120000142",
        "212000014",
        "+46701740605",
        "+4670174060",
        "+46846500400",
        "+4620123456",
        "+460123456",
        "+462012345",
        "+47 22 33 44 55",
        "+47  22334455",
        " +4722334455",
        "0047(22)33/44.5",
        "+46 70 174 06 05",
        "00 46 8 123456",
        "+1234",
        "+12345",
        "+1234567890123456",
        "0 0 4712345",
        "\u{2013}+47\u{2212}12345",
        "0701740605",
        "+00-47.123",
        "a@b.c",
        "a@b",
        "a@b@c.se",
        "a b@c.se",
        "å@ä.ö",
        "a@.c",
        "a@b..c",
        "@b.c",
        "123 45",
        "12345",
        "012 34",
        "AB 1",
        "ab 1",
        "AB1",
        "ÅÄ 9",
        "ǅA 1",
        "1-2X",
        "1-2x",
        "1-2\u{661}",
        "(Q).ß7",
        "(Q).SS7",
        "ß",
        "A",
        "7",
    ];
    splinters.extend(texts.iter().flat_map(|t| [json!(t), text(t)]));
    splinters
}

/// Every place in a document, as a JSON pointer.
fn places(value: &Value, at: String, places: &mut Vec<String>) {
    let below = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| self::places(value, below(key), places))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| self::places(item, below(&n.to_string()), places))
        }
        _ => {}
    }
    places.push(at);
}

fn changed(mut document: Value, changes: &[Change], definition: &Definition) -> Value {
    let splinters = splinters();
    let ids: Vec<&String> = definition.steps.iter().flat_map(|s| &s.questions).map(|q| &q.id).collect();
    for (place, how, what) in changes {
        let mut all = Vec::new();
        places(&document, String::new(), &mut all);
        let texts: Vec<&String> = all.iter().filter(|place| place.ends_with("/text")).collect();
        let place = if how % 4 == 3 && !texts.is_empty() { place.get(&texts) } else { place.get(&all) };
        let splinter = what.get(&splinters).clone();
        if how % 4 == 0 {
            document.as_object_mut().into_iter().for_each(|d| {
                d.insert(what.get(&ids).to_string(), splinter.clone());
            });
            continue;
        }
        match (document.pointer_mut(place), how % 3) {
            (Some(Value::Object(fields)), 0) if !fields.is_empty() => {
                let key = what.get(&fields.keys().cloned().collect::<Vec<_>>()).clone();
                fields.remove(&key);
            }
            (Some(Value::Object(fields)), 1) => {
                fields.insert(what.get(&ids).to_string(), splinter);
            }
            (Some(Value::Array(items)), 0..=1) => items.push(splinter),
            (Some(Value::Object(_)), _) | (None, _) => {}
            (Some(value), _) => *value = splinter,
        }
        if !document.is_object() {
            document = json!({});
        }
    }
    document
}

fn case() -> impl Strategy<Value = (Definition, Vec<(Op, bool)>, Vec<Change>)> {
    let change = (any::<Index>(), any::<u8>(), any::<Index>());
    definition().prop_flat_map(move |definition| {
        let operations = operations(&definition, 30);
        (Just(definition), operations, prop::collection::vec(change.clone(), 1..4))
    })
}

fn quietly() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn whatever_is_sent_is_valid() {
    let sent = RefCell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 120, ..quietly() });
    let outcome = runner.run(&case(), |(definition, history, _)| {
        *sent.borrow_mut() += sent_is_valid(&definition, &history)?;
        Ok(())
    });
    outcome.unwrap();
    assert!(*sent.borrow() > 100, "{sent:?}");
}

#[test]
fn whatever_is_sent_of_the_demo_catalogue_is_valid() {
    let definitions = catalogue();
    assert!(definitions.len() > 10);
    for definition in definitions {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 6, ..quietly() });
        let sent = RefCell::new(0);
        let outcome = runner.run(&operations(&definition, 60), |history| {
            *sent.borrow_mut() += sent_is_valid(&definition, &history)?;
            Ok(())
        });
        outcome.unwrap();
        if definition.oral_filing == OralFiling::Accepted {
            assert!(*sent.borrow() > 0, "{}", definition.id);
        }
    }
}

#[test]
fn schema_and_engine_agree_on_every_answer_to_every_sort_of_question() {
    let (mut valid, mut refused) = (0, 0);
    for definition in sorts() {
        let validator = validator(&definition);
        let mut documents: Vec<Value> =
            splinters().into_iter().map(|splinter| json!({ "q0": splinter })).collect();
        if let Kind::Group { questions, .. } = &definition.steps[0].questions[0].kind {
            let row =
                |id: &str, member: &str, answer: Value| json!({ "id": id, "answers": { member: answer } });
            for (member, splinter) in
                questions.iter().flat_map(|m| splinters().into_iter().map(|s| (&m.id, s)))
            {
                let rows = [row("r1", member, splinter.clone()), row("r2", "q0", splinter.clone())];
                let whole = json!({ "id": splinter, "answers": splinter });
                for rows in [
                    json!([rows[0]]),
                    json!(rows),
                    json!([rows[1]]),
                    json!([whole]),
                    json!([rows[0], rows[0], rows[0]]),
                ] {
                    documents.push(json!({ "q0": { "type": "rows", "rows": rows } }));
                }
            }
        }
        for document in documents {
            let agreed = schema_and_engine_agree(&definition, &validator, &document);
            let is_valid = agreed
                .unwrap_or_else(|reason| panic!("{:?}: {reason}", definition.steps[0].questions[0].kind));
            *(if is_valid { &mut valid } else { &mut refused }) += 1;
        }
    }
    assert!(valid > 500 && refused > 500, "{valid} {refused}");
}

#[test]
fn schema_and_engine_agree_on_whatever_is_typed() {
    let forms: Vec<(Definition, Validator)> =
        sorts().into_iter().map(|definition| (definition.clone(), validator(&definition))).collect();
    let typed = "\\PC{0,6}|[ \\t\\r\\n\\x00-\\x1fa-c\u{85}\u{a0}\u{2028}\u{feff}]{0,5}|-?0?[0-9]{0,4}([.,][0-9]{0,3})?|[0-9-]{8,12}|\
        (00|\\+|0|)[46]?[0-9 ()./-]{3,16}|\\+46(70|20|8|0|)[0-9]{3,9}|[a-c.@å ]{1,4}@[a-c.@]{1,5}|[0-9]{3} ?[0-9]{2}|[0-2]?[0-9][:.][0-6][0-9]|\
        [12][0-9]{3}-[01][0-9]-[0-3][0-9]|(18|19|20|21)[0-9]{2}[01][0-9]{7}|[1-9][0-9]{9}|[ABaå]{2} [0-9a]|[0-9]-[0-9][0-9A-Za-z]|\\(A\\)\\.ß[0-9]";
    let config = ProptestConfig { cases: 200, ..quietly() };
    let outcome = proptest::test_runner::TestRunner::new(config).run(&typed, |typed| {
        for (definition, validator) in &forms {
            let answer = match definition.steps[0].questions[0].kind {
                Kind::Radio { .. } | Kind::DropDown { .. } | Kind::Checkbox { .. } => {
                    json!({ "type": "choice", "choices": ["other"], "other": typed })
                }
                Kind::Files { .. } => json!({ "type": "files", "files": [{
                    "id": "a", "name": format!("{typed}.Pdf"), "size": 1, "media_type": typed,
                    "sha256": "0123456789abcdef".repeat(4)
                }] }),
                _ => json!({ "type": "text", "text": typed }),
            };
            schema_and_engine_agree(definition, validator, &json!({ "q0": answer }))?;
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn schema_and_engine_agree_on_documents_that_nobody_has_made() {
    let (valid, refused) = (RefCell::new(0), RefCell::new(0));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 100, ..quietly() });
    let outcome = runner.run(&(case(), strangers_answers()), |((definition, history, changes), strange)| {
        let validator = validator(&definition);
        let mut documents =
            vec![serde_json::to_value(strange).unwrap(), changed(json!({}), &changes, &definition)];
        let made = submissions(&definition, &history);
        for (answers, ..) in made.iter().rev().take(4) {
            let document = serde_json::to_value(answers).unwrap();
            documents.push(changed(document.clone(), &changes, &definition));
            documents.push(document);
        }
        for document in documents {
            let count =
                if schema_and_engine_agree(&definition, &validator, &document)? { &valid } else { &refused };
            *count.borrow_mut() += usize::from(document != json!({}));
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(*valid.borrow() > 100 && *refused.borrow() > 100, "{valid:?} {refused:?}");
}

/// One question, its schema and texts that are in normal form or not.
#[track_caller]
fn texts(kind: Value, right: &[&str], wrong: &[&str]) {
    let definition = try_load(&one_step(json!([kind]), json!([]))).unwrap();
    let validator = validator(&definition);
    let document = |text: &str| json!({ "q": { "type": "text", "text": text } });
    for text in right {
        assert!(validator.is_valid(&document(text)), "{text:?}");
    }
    for text in wrong {
        assert!(!validator.is_valid(&document(text)), "{text:?}");
    }
}

#[test]
fn texts_are_described_by_their_normal_form() {
    let q = |kind: &str, more: Value| question("q", kind, more);
    texts(
        q("text", json!({ "max_length": 3 })),
        &["a", "a b", "åäö", "🙂🙂🙂"],
        &["", " ", "a ", "abcd", "a\nb", "a\u{2028}b"],
    );
    texts(q("text_area", json!({})), &["a\n\n  b", "a\u{a0}b"], &["", "\na", "a\t", "a\r\nb", "a\u{0}"]);
    texts(
        q("text", json!({ "pattern": "AAA 99*" })),
        &["ABC 12D", "ÅÄÖ 129"],
        &["ABC12D", "abc 12D", "ABC 12d", "ABC 12DD"],
    );
    texts(
        q("number", json!({ "decimals": 1 })),
        &["0", "-3.5", "120"],
        &["-0", "3,5", "3.55", "03", "+3", "3."],
    );
    texts(q("date", json!({})), &["2026-11-22"], &["2026-13-01", "22/11 2026", "20261122"]);
    texts(
        q("phone", json!({})),
        &["+46701740605", "+47 22 33 44 55"],
        &["070-1740605", "+46 70 174 06 05", "+4670174060"],
    );
    texts(
        q("personal_identity_number", json!({})),
        &["198501012382"],
        &["850101-2382", "198513012382", "178501012382"],
    );
    texts(q("email", json!({})), &["namn@exempel.se"], &["namn", "namn@exempel", " namn@exempel.se"]);
}

#[test]
fn nothing_is_required_where_an_incomplete_application_may_be_sent() {
    let questions = json!([
        question("namn", "text", json!({})),
        question("adress", "address", json!({})),
        question("beror", "text", json!({})),
        question(
            "grupp",
            "group",
            json!({ "row_label": "R", "max_rows": 3, "min_rows": 2, "questions": [question("m", "text", json!({}))] })
        ),
    ]);
    let rules =
        json!([{ "on": "namn", "when": { "answered": true }, "set": "hidden", "targets": ["beror"] }]);
    let mut source = one_step(questions, rules);
    let open = answer_schema(&try_load(&source).unwrap());
    assert_eq!(open.get("required"), None);
    assert_eq!(open["properties"]["grupp"]["properties"]["rows"]["minItems"], 1);
    source["oral_filing"] = json!("written_required");
    let whole = answer_schema(&try_load(&source).unwrap());
    // What a rule or protected mode may leave out is not demanded.
    assert_eq!(whole["required"], json!(["namn", "grupp"]));
    assert_eq!(whole["properties"]["grupp"]["properties"]["rows"]["minItems"], 2);
    let row = &whole["properties"]["grupp"]["properties"]["rows"]["items"];
    assert_eq!(row["properties"]["answers"]["required"], json!(["m"]));
}

#[test]
fn a_schema_says_which_version_it_is_of_and_what_is_asked() {
    let schema =
        answer_schema(&try_load(&one_step(json!([question("namn", "text", json!({}))]), json!([]))).unwrap());
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$id"], "urn:ledsaga:answers:prov:1");
    assert_eq!(schema["title"], "Prov");
    assert_eq!(schema["properties"]["namn"]["description"], "Fråga namn");
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn a_case_that_is_sent_is_valid_and_another_forms_case_is_not() {
    let group = question(
        "g",
        "group",
        json!({ "row_label": "R", "max_rows": 2, "questions": [question("m", "phone", json!({}))] }),
    );
    let mut draft = Draft::new(&one_step(json!([group]), json!([])));
    draft.apply(add_row("g", "rad-1"));
    draft.apply(set("g/rad-1/m", text("070-174 06 05")));
    let sent =
        serde_json::to_value(submission_answers(&draft.definition, &draft.state, &draft.context)).unwrap();
    assert!(validator(&draft.definition).is_valid(&sent));
    let other = try_load(&one_step(json!([question("h", "text", json!({}))]), json!([]))).unwrap();
    assert!(!validator(&other).is_valid(&sent));
}
