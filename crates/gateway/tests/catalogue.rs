//! The demo catalogue keeps what is promised of it: every e-service loads, can be asked aloud, and is safe in
//! protected mode.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test file")]

use std::collections::BTreeSet;
use std::path::Path;

use ledsaga_forms::{
    Answer, Context, Definition, FormState, Kind, Op, OpKind, OralFiling, ProtectedPolicy, Question,
    QuestionState, Sensitivity, apply, load, view,
};

const PROMISED: [&str; 12] = [
    "bostadsanpassningsbidrag",
    "parkeringstillstand-rorelsehindrade",
    "ekonomiskt-bistand",
    "plats-i-forskola",
    "skolskjuts",
    "fardtjanst",
    "bygglov-altan",
    "felanmalan-gata-belysning",
    "begaran-allman-handling",
    "serveringstillstand",
    "andring-sophamtning",
    "synpunkt-klagomal",
];

fn catalogue() -> Vec<Definition> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let mut definitions: Vec<Definition> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let definition =
                load(&std::fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(
                path.file_stem().unwrap().to_str().unwrap(),
                definition.id,
                "the file has the id's name"
            );
            definition
        })
        .collect();
    definitions.sort_by(|a, b| a.id.cmp(&b.id));
    definitions
}

fn service(id: &str) -> Definition {
    catalogue().into_iter().find(|definition| definition.id == id).unwrap()
}

/// Every question with those inside groups.
fn questions(definition: &Definition) -> Vec<&Question> {
    let mut all = Vec::new();
    for question in definition.steps.iter().flat_map(|step| &step.questions) {
        all.push(question);
        if let Kind::Group { questions, .. } = &question.kind {
            all.extend(questions);
        }
    }
    all
}

/// The kind's name as written in JSON, and `with other` where a choice takes free text.
fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { .. } => "text",
        Kind::TextArea { .. } => "text_area",
        Kind::Number { .. } => "number",
        Kind::Money { .. } => "money",
        Kind::Date { .. } => "date",
        Kind::Time => "time",
        Kind::Radio { .. } => "radio",
        Kind::DropDown { other: Some(_), .. } => "drop_down with other",
        Kind::DropDown { .. } => "drop_down",
        Kind::Checkbox { other: Some(_), min: Some(_), max: Some(_), .. } => {
            "checkbox with other, min and max"
        }
        Kind::Checkbox { .. } => "checkbox",
        Kind::PersonalIdentityNumber => "personal_identity_number",
        Kind::OrganisationNumber => "organisation_number",
        Kind::Phone => "phone",
        Kind::Email => "email",
        Kind::Postcode => "postcode",
        Kind::Address => "address",
        Kind::Files { .. } => "files",
        Kind::Group { .. } => "group",
        Kind::Information { .. } => "information",
        Kind::Stop { .. } => "stop",
        Kind::Confirm { .. } => "confirm",
        Kind::Unknown(_) => "unknown",
    }
}

fn set(question: &str, choice: &str) -> Op {
    Op {
        id: format!("{question}={choice}"),
        kind: OpKind::Set {
            question: question.to_owned(),
            answer: Answer::Choice { choices: vec![choice.to_owned()], other: None },
        },
    }
}

fn context(protected: bool) -> Context {
    Context { today: jiff::civil::date(2026, 11, 22), protected }
}

#[test]
fn all_promised_services_are_there() {
    let ids: BTreeSet<String> = catalogue().into_iter().map(|definition| definition.id).collect();
    for id in PROMISED {
        assert!(ids.contains(id), "{id} is missing");
    }
    assert!(ids.len() >= 13, "{} e-services", ids.len());
}

#[test]
fn every_kind_of_question_is_used() {
    let definitions = catalogue();
    let used: BTreeSet<&str> = definitions.iter().flat_map(questions).map(|q| kind_name(&q.kind)).collect();
    let expected = BTreeSet::from([
        "text",
        "text_area",
        "number",
        "money",
        "date",
        "time",
        "radio",
        "drop_down",
        "drop_down with other",
        "checkbox",
        "checkbox with other, min and max",
        "personal_identity_number",
        "organisation_number",
        "phone",
        "email",
        "postcode",
        "address",
        "files",
        "group",
        "information",
        "stop",
        "confirm",
    ]);
    assert_eq!(used, expected);
}

#[test]
fn every_service_can_be_found_transferred_and_prepared() {
    for definition in catalogue() {
        let id = &definition.id;
        assert!(
            !definition.summary.is_empty() && !definition.category.is_empty() && !definition.unit.is_empty(),
            "{id}"
        );
        assert!(definition.keywords.len() >= 5, "{id}: too few words to find it by");
        assert!(definition.checklist.len() >= 3, "{id}: too short a checklist");
        assert!((2..=4).contains(&definition.steps.len()), "{id}: {} steps", definition.steps.len());
        assert_eq!(
            (definition.retention.draft_days, definition.retention.protected_draft_days),
            (14, 1),
            "{id}"
        );
        let digits: String = definition.contact.phone.chars().filter(char::is_ascii_digit).collect();
        assert!(
            ("0701740605"..="0701740699").contains(&digits.as_str()),
            "{id}: {digits} is not one of the numbers kept for fiction"
        );
        let email = definition.contact.email.unwrap();
        assert!(email.ends_with("@exempelby.example"), "{id}: {email}");
    }
}

#[test]
fn every_question_can_be_said_aloud() {
    for definition in catalogue() {
        for question in questions(&definition) {
            let ask = question.ask.as_deref().unwrap_or_default();
            assert!(ask.ends_with(['.', '?']), "{}: {} has no spoken wording", definition.id, question.id);
            for text in [Some(ask), question.help.as_deref()].into_iter().flatten() {
                let text = text.to_lowercase();
                assert!(
                    !text.contains("skydd") && !text.contains("hot"),
                    "{}: {} names the protection aloud",
                    definition.id,
                    question.id
                );
            }
        }
    }
}

#[test]
fn contact_data_is_sensitive_and_not_asked_for_in_protected_mode() {
    for definition in catalogue() {
        for question in questions(&definition) {
            let place = format!("{}: {}", definition.id, question.id);
            match question.kind {
                Kind::Address | Kind::Postcode => {
                    assert_eq!(question.sensitivity, Sensitivity::Protected, "{place}");
                    // Someone else's address is not asked for at all.
                    assert_ne!(question.protected_policy, ProtectedPolicy::Ask, "{place}");
                }
                Kind::Phone | Kind::Email => {
                    assert_eq!(question.sensitivity, Sensitivity::Protected, "{place}");
                    assert_eq!(question.protected_policy, ProtectedPolicy::DoNotAsk, "{place}");
                }
                Kind::PersonalIdentityNumber => {
                    assert_eq!(question.sensitivity, Sensitivity::Protected, "{place}");
                }
                _ => {}
            }
            if question.id.ends_with("postort") {
                assert_eq!(question.protected_policy, ProtectedPolicy::ViaForwarding, "{place}");
            }
        }
    }
}

#[test]
fn the_callers_address_goes_by_forwarding_in_protected_mode() {
    for definition in catalogue() {
        let state = FormState::new(&definition);
        let form = view(&definition, &state, &context(true));
        for question in definition.steps.iter().flat_map(|step| &step.questions) {
            if question.protected_policy != ProtectedPolicy::ViaForwarding {
                continue;
            }
            let shown = form.questions.iter().find(|shown| shown.path == question.id).unwrap();
            assert!(
                shown.via_forwarding || shown.state == QuestionState::Hidden,
                "{}: {}",
                definition.id,
                question.id
            );
        }
        let open = view(&definition, &state, &context(false));
        assert!(open.questions.iter().all(|shown| !shown.via_forwarding), "{}", definition.id);
    }
}

#[test]
fn the_spoken_word_is_not_an_application_where_the_law_asks_for_writing() {
    for definition in catalogue() {
        let expected = match definition.id.as_str() {
            // Plan- och bygglagen (2010:900) 9 kap.
            "bygglov-altan" => OralFiling::WrittenRequired,
            // Alkohollagen (2010:1622) 8 kap.; the permit card carries the holder's signature; an application to court.
            "serveringstillstand" | "parkeringstillstand-rorelsehindrade" | "god-man-ansokan" => {
                OralFiling::SignatureRequired
            }
            _ => OralFiling::Accepted,
        };
        assert_eq!(definition.oral_filing, expected, "{}", definition.id);
    }
}

#[test]
fn every_service_has_questions_that_appear_and_become_required() {
    for definition in catalogue() {
        let required_later = definition.rules.iter().any(|rule| {
            rule.set == QuestionState::VisibleRequired
                && rule.targets.iter().any(|target| {
                    questions(&definition).iter().any(|q| &q.id == target && q.state == QuestionState::Hidden)
                })
        });
        assert!(required_later, "{}", definition.id);
    }
}

#[test]
fn a_hidden_question_is_reached_by_some_rule() {
    for definition in catalogue() {
        let reached: BTreeSet<&String> = definition.rules.iter().flat_map(|rule| &rule.targets).collect();
        for question in questions(&definition) {
            assert!(
                question.state != QuestionState::Hidden || reached.contains(&question.id),
                "{}: {} can never be shown",
                definition.id,
                question.id
            );
        }
    }
}

#[test]
fn an_earlier_answer_makes_a_later_question_required() {
    let definition = service("bostadsanpassningsbidrag");
    let mut state = FormState::new(&definition);
    let shown = |state: &FormState| {
        let form = view(&definition, state, &context(false));
        form.questions.into_iter().find(|question| question.path == "fastighetsagare").unwrap().state
    };
    assert_eq!(shown(&state), QuestionState::Hidden);
    apply(&definition, &mut state, &[set("boendeform", "hyresratt")], &context(false)).unwrap();
    assert_eq!(shown(&state), QuestionState::VisibleRequired);
    apply(&definition, &mut state, &[set("boendeform", "eget_hus")], &context(false)).unwrap();
    assert_eq!(shown(&state), QuestionState::Hidden);
}

#[test]
fn a_fault_on_a_state_road_cannot_be_sent_to_the_municipality() {
    let definition = service("felanmalan-gata-belysning");
    let mut state = FormState::new(&definition);
    assert!(view(&definition, &state, &context(false)).sendable);
    apply(&definition, &mut state, &[set("vag_agare", "statlig")], &context(false)).unwrap();
    assert!(!view(&definition, &state, &context(false)).sendable);
    apply(&definition, &mut state, &[set("vag_agare", "kommunal")], &context(false)).unwrap();
    assert!(view(&definition, &state, &context(false)).sendable);
}

#[test]
fn two_guardians_fit_and_their_contact_data_is_left_out_in_protected_mode() {
    let definition = service("plats-i-forskola");
    let group = questions(&definition).into_iter().find(|q| q.id == "vardnadshavarna").unwrap();
    let Kind::Group { max_rows, questions, .. } = &group.kind else {
        panic!("guardians are a repeating group")
    };
    assert_eq!(*max_rows, 2);
    for question in questions {
        if matches!(question.kind, Kind::Phone | Kind::Email | Kind::Address) {
            assert_ne!(question.protected_policy, ProtectedPolicy::Ask, "{}", question.id);
        }
    }
    let mut state = FormState::new(&definition);
    let add = |row: &str| Op {
        id: row.to_owned(),
        kind: OpKind::AddRow { question: "vardnadshavarna".to_owned(), row: row.to_owned() },
    };
    // The caller's own row is there from the start.
    apply(&definition, &mut state, &[add("andra")], &context(true)).unwrap();
    assert!(apply(&definition, &mut state, &[add("tredje")], &context(true)).is_err());
    let form = view(&definition, &state, &context(true));
    let guardians = form.questions.iter().find(|question| question.path == "vardnadshavarna").unwrap();
    assert_eq!(guardians.rows.len(), 2);
    let asked: BTreeSet<&str> = guardians
        .rows
        .iter()
        .flat_map(|row| &row.questions)
        .filter(|question| question.state != QuestionState::Hidden && !question.via_forwarding)
        .filter_map(|question| question.path.rsplit('/').next())
        .collect();
    assert_eq!(asked, BTreeSet::from(["vh_personnummer", "vh_namn", "vh_sysselsattning"]));
}
