//! What is never said in protected mode, and that whatever is answered can be said.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::sync::LazyLock;

use common::{Draft, ORDINARY, PROTECTED, chosen, file, one_step, question, text, try_load};
use ledsaga_forms::{
    Answer, Answers, Context, Definition, FormState, Question, Row,
    speech::{self, Language, Script, script},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const LANGUAGES: [Language; 2] = [Language::Swedish, Language::English];

fn said(draft: &Draft, language: Language) -> Script {
    script(&draft.definition, &draft.state, &draft.context, language)
}

/// A question by what was drawn for it, with its answer, what must never be heard of it in protected mode, and what is
/// heard of it otherwise.
#[derive(Debug)]
struct Drawn {
    id: String,
    question: Value,
    answer: Answer,
    secrets: Vec<String>,
    heard: String,
}

/// Values differ by their number, so that none is part of another.
fn drawn(number: usize, (kind, sensitivity, policy): (usize, usize, usize)) -> Drawn {
    let id = format!("q{number:03}");
    let words = format!("Hemlig {number:03}");
    let choices = json!([{ "id": "a", "label": format!("Val {number:03}") }]);
    let typed = |kind: &str, more: Value, typed: String, heard: &str| {
        (kind.to_owned(), more, text(&typed), vec![typed, heard.to_owned()], heard.to_owned())
    };
    let last_four = |kind: &str, more: Value, number: String| {
        let heard = format!("slutar på {}", &number[number.len() - 4..]);
        (
            kind.to_owned(),
            more,
            text(&number),
            vec![number.clone(), number[..number.len() - 4].to_owned()],
            heard,
        )
    };
    let (kind, more, answer, secrets, heard) = match kind % 15 {
        0 | 1 => typed("address", json!({}), words.clone(), &words),
        2 => typed("text", json!({}), words.clone(), &words),
        3 => typed("text_area", json!({}), format!("{words}\nmer"), &words),
        4 => typed("email", json!({}), format!("h{number:03}@exempel.se"), &format!("h{number:03} snabel-a")),
        5 => typed("money", json!({}), format!("10000{number:03}"), &format!("10 000 {number:03} kronor")),
        6 => typed("number", json!({}), format!("20000{number:03}"), &format!("20 000 {number:03}")),
        7 => typed("date", json!({}), format!("1{number:03}-05-03"), &format!("den 3 maj 1{number:03}")),
        8 => typed("phone", json!({}), format!("+4670174{number:04}"), &{
            format!("070-174 {:02} {:02}", number / 100, number % 100)
        }),
        9 => last_four(
            "other_identity_number",
            json!({ "domain": "LMA-nummer" }),
            format!("50{number:03}60001"),
        ),
        10 => last_four("personal_identity_number", json!({}), format!("19{number:03}72391")),
        11 => {
            let other = Answer::Choice { choices: vec!["other".to_owned()], other: Some(words.clone()) };
            let more = json!({ "choices": choices, "other": "Annat" });
            ("radio".to_owned(), more, other, vec![words.clone()], words)
        }
        12 => {
            let label = format!("Val {number:03}");
            ("checkbox".to_owned(), json!({ "choices": choices }), chosen(&["a"]), vec![label.clone()], label)
        }
        13 => {
            let name = format!("{words}.pdf");
            let files = Answer::Files { files: vec![file(&format!("f{number}"), &name, 1)] };
            let more = json!({ "max_count": 1, "max_size": 10, "types": ["pdf"] });
            ("files".to_owned(), more, files, vec![name.clone()], name)
        }
        _ => typed("map", json!({}), words.clone(), &words),
    };
    let mut question = question(&id, &kind, more);
    question["sensitivity"] = json!(["ordinary", "personal", "protected"][sensitivity % 3]);
    question["protected_policy"] = json!(["ask", "via_forwarding", "do_not_ask"][policy % 3]);
    let kept = ["address", "email", "phone", "other_identity_number", "personal_identity_number"];
    let secret = sensitivity % 3 == 2 || policy % 3 != 0 || kept.contains(&kind.as_str());
    Drawn { id, question, answer, secrets: if secret { secrets } else { vec![] }, heard }
}

/// A form with all its answers; every third question stands in a group, which may be protected as a whole.
fn form() -> impl Strategy<Value = (Draft, Vec<Drawn>)> {
    let kinds =
        prop::collection::vec((0..15usize, 0..3usize, prop_oneof![3 => Just(0), 1 => 0..3usize]), 1..12);
    (kinds, 0..3usize, any::<bool>()).prop_map(|(kinds, how, protected_group)| {
        let mut all: Vec<Drawn> = kinds.into_iter().enumerate().map(|(n, kind)| drawn(n, kind)).collect();
        let (mut questions, mut members) = (Vec::new(), Vec::new());
        let (mut answers, mut row) = (Answers::new(), Answers::new());
        for (n, one) in all.iter_mut().enumerate() {
            if n % 3 == 0 {
                members.push(one.question.clone());
                row.insert(one.id.clone(), one.answer.clone());
                if protected_group && one.secrets.is_empty() {
                    one.secrets.push(one.heard.clone());
                }
            } else {
                questions.push(one.question.clone());
                answers.insert(one.id.clone(), one.answer.clone());
            }
        }
        let mut more = json!({
            "row_label": "Rad", "max_rows": if how == 0 { 1 } else { 3 }, "questions": members,
            "sensitivity": if protected_group { "protected" } else { "ordinary" },
        });
        if how == 1 {
            more["layout"] = json!("table");
        }
        questions.push(question("g", "group", more));
        answers
            .insert("g".to_owned(), Answer::Rows { rows: vec![Row { id: "r1".to_owned(), answers: row }] });
        let mut draft = Draft::new(&one_step(json!(questions), json!([])));
        draft.state.answers = answers;
        (draft, all)
    })
}

fn everything(script: &Script) -> String {
    script.sections.iter().flat_map(|section| &section.lines).fold(String::new(), |mut all, line| {
        for part in [Some(&line.label), line.heading.as_ref(), Some(&line.spoken), line.spell.as_ref()] {
            all.extend(part.into_iter().flat_map(|part| [part.as_str(), "\n"]));
        }
        all
    })
}

/// One question of every kind, each with a form of its own where it may stand alone.
static KINDS: LazyLock<Vec<(Question, Option<Definition>)>> = LazyLock::new(|| {
    let choices = json!([{ "id": "ja", "label": "Ja" }]);
    let all = [
        ("text", json!({})),
        ("text", json!({ "covered": true })),
        ("text_area", json!({})),
        ("note", json!({})),
        ("number", json!({ "unit": "meter" })),
        ("money", json!({})),
        ("date", json!({})),
        ("time", json!({})),
        ("radio", json!({ "choices": choices, "other": "Annat" })),
        ("drop_down", json!({ "choices": choices })),
        ("checkbox", json!({ "choices": choices })),
        ("personal_identity_number", json!({})),
        ("other_identity_number", json!({ "domain": "LMA-nummer" })),
        ("organisation_number", json!({})),
        ("phone", json!({})),
        ("email", json!({})),
        ("postcode", json!({})),
        ("address", json!({})),
        ("files", json!({ "max_count": 1, "max_size": 1, "types": ["pdf"] })),
        (
            "group",
            json!({ "row_label": "Rad", "max_rows": 2, "questions": [question("m", "text", json!({}))] }),
        ),
        ("information", json!({ "text": "x" })),
        ("stop", json!({ "text": "x" })),
        ("confirm", json!({ "statement": "x" })),
        ("map", json!({})),
    ];
    let one = |(kind, more)| {
        let written = question("q", kind, more);
        let definition = try_load(&one_step(json!([written]), json!([]))).ok();
        (serde_json::from_value(written).unwrap(), definition)
    };
    all.into_iter().map(one).collect()
});

fn any_answer() -> impl Strategy<Value = Answer> {
    let typed = "\\PC{0,24}|[+0-9 .,:/-]{0,16}|[\\x00-\\x20]{0,4}";
    prop_oneof![
        4 => typed.prop_map(|typed| text(&typed)),
        1 => (prop::collection::vec("ja|other|\\PC{0,4}", 0..4), prop::option::of("\\PC{0,8}"))
            .prop_map(|(choices, other)| Answer::Choice { choices, other }),
        1 => Just(Answer::Confirmed),
        1 => prop::collection::vec("\\PC{0,8}", 0..4).prop_map(|names| Answer::Files {
            files: names.iter().map(|name| file("f1", name, 1)).collect()
        }),
        1 => (0..3usize).prop_map(|count| Answer::Rows {
            rows: vec![Row { id: "r1".to_owned(), answers: Answers::new() }; count]
        }),
    ]
}

proptest! {
    #[test]
    fn in_protected_mode_no_address_and_nothing_protected_is_heard((mut draft, all) in form()) {
        draft.context = PROTECTED;
        for language in LANGUAGES {
            let said = everything(&said(&draft, language));
            for secret in all.iter().flat_map(|one| &one.secrets) {
                prop_assert!(!said.contains(secret.as_str()), "{secret} in\n{said}");
            }
        }
    }

    /// The counter-test: what is kept back above is there to be heard.
    #[test]
    fn outside_protected_mode_every_answer_is_heard((draft, all) in form()) {
        let said = everything(&said(&draft, Language::Swedish));
        for one in all {
            prop_assert!(said.contains(&one.heard), "{} not in\n{said}", one.heard);
        }
    }

    #[test]
    fn every_kind_says_any_answer_and_always_the_same(answer in any_answer(), protected in any::<bool>()) {
        let context = Context { protected, ..ORDINARY };
        for ((question, definition), language) in KINDS.iter().flat_map(|kind| LANGUAGES.map(|l| (kind, l))) {
            let spoken = speech::spoken(&question.kind, &answer, language);
            prop_assert_eq!(&spoken, &speech::spoken(&question.kind, &answer, language));
            prop_assert_eq!(speech::ask(question, language), speech::ask(question, language));
            let Some(definition) = definition else { continue };
            let mut state = FormState::new(definition);
            state.answers.insert("q".to_owned(), answer.clone());
            let once = script(definition, &state, &context, language);
            prop_assert!(once == script(definition, &state, &context, language));
        }
    }

    #[test]
    fn any_text_can_be_spelled(typed in "\\PC{0,24}|[a-zåäöA-Z \u{300}-\u{30c}\u{327}]{0,12}") {
        for language in LANGUAGES {
            let spelled = speech::spell(&typed, language);
            prop_assert_eq!(spelled.is_empty(), typed.trim().is_empty());
        }
    }
}
