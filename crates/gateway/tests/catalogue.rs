//! The demo catalogue keeps what is promised of it: every e-service loads, can be asked aloud, and is safe in
//! protected mode.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test file")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use ledsaga_forms::{
    Answer, Condition, Context, Definition, FormState, Kind, Layout, Op, OpKind, OralFiling, ProtectedPolicy,
    Question, QuestionState, Role, Sensitivity, apply, load, view,
};
use support::conditions::CONDITIONS;

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
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
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

/// The kind's name as written in JSON, with whatever of its settings is not in every one of them.
fn kind_names(kind: &Kind) -> BTreeSet<&'static str> {
    let (name, settings): (_, Vec<(bool, &'static str)>) = match kind {
        Kind::Text { pattern, covered, min_length, .. } => (
            "text",
            vec![
                (pattern.is_some(), "text with pattern"),
                (*covered, "text, covered"),
                (min_length.is_some(), "text with min_length"),
            ],
        ),
        Kind::TextArea { .. } => ("text_area", vec![]),
        Kind::Note => ("note", vec![]),
        Kind::Number { .. } => ("number", vec![]),
        Kind::Money { .. } => ("money", vec![]),
        Kind::Date { .. } => ("date", vec![]),
        Kind::Time => ("time", vec![]),
        Kind::Radio { .. } => ("radio", vec![]),
        Kind::DropDown { other, .. } => ("drop_down", vec![(other.is_some(), "drop_down with other")]),
        Kind::Checkbox { other, min, max, .. } => (
            "checkbox",
            vec![(other.is_some() && min.is_some() && max.is_some(), "checkbox with other, min and max")],
        ),
        Kind::PersonalIdentityNumber { age } => {
            ("personal_identity_number", vec![(age.is_some(), "personal_identity_number with age")])
        }
        Kind::OtherIdentityNumber { .. } => ("other_identity_number", vec![]),
        Kind::OrganisationNumber => ("organisation_number", vec![]),
        Kind::Phone => ("phone", vec![]),
        Kind::Email => ("email", vec![]),
        Kind::Postcode => ("postcode", vec![]),
        Kind::Address => ("address", vec![]),
        Kind::Files { max_total, .. } => ("files", vec![(max_total.is_some(), "files with max_total")]),
        Kind::Group { layout, max_rows, one_of, unique, partial, .. } => (
            "group",
            vec![
                (*layout == Layout::Table, "group as a table"),
                (*max_rows == 1, "group of one row"),
                (!one_of.is_empty(), "group with one_of"),
                (unique.is_some(), "group with unique"),
                (*partial, "group, partial"),
            ],
        ),
        Kind::Information { .. } => ("information", vec![]),
        Kind::Stop { .. } => ("stop", vec![]),
        Kind::Confirm { text, .. } => ("confirm", vec![(text.is_some(), "confirm with text")]),
        Kind::Unknown(_) => ("unknown", vec![]),
    };
    settings.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).chain([name]).collect()
}

fn role_name(role: &Role) -> &'static str {
    match role {
        Role::Applicant => "applicant",
        Role::CoApplicant => "co_applicant",
        Role::Guardian => "guardian",
        Role::Child => "child",
        Role::Proxy { .. } => "proxy",
        Role::CompanyRepresentative => "company_representative",
        Role::Organisation => "organisation",
        Role::SigningParty => "signing_party",
    }
}

/// The condition with those that it is made of.
fn condition_names(condition: &Condition, names: &mut BTreeSet<&'static str>) {
    let name = match condition {
        Condition::AnyOf(_) => "any_of",
        Condition::AllOf(_) => "all_of",
        Condition::Answered(_) => "answered",
        Condition::AtLeast(_) => "at_least",
        Condition::AtMost(_) => "at_most",
        Condition::Equals(_) => "equals",
        Condition::OnOrAfter(_) => "on_or_after",
        Condition::OnOrBefore(_) => "on_or_before",
        Condition::AgeAtLeast(_) => "age_at_least",
        Condition::AgeAtMost(_) => "age_at_most",
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| condition_names(part, names));
            if matches!(condition, Condition::All(_)) { "all" } else { "any" }
        }
        Condition::Not(part) => {
            condition_names(part, names);
            "not"
        }
        Condition::Of { is, .. } => {
            condition_names(is, names);
            "of"
        }
    };
    names.insert(name);
}

/// Taken over from another system as it is there, without words for the ear.
fn is_imported(definition: &Definition) -> bool {
    definition.source.is_some()
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
fn every_kind_of_question_every_role_and_every_condition_is_used() {
    let definitions = catalogue();
    let kinds: BTreeSet<&str> =
        definitions.iter().flat_map(questions).flat_map(|q| kind_names(&q.kind)).collect();
    let expected = BTreeSet::from([
        "text",
        "text with pattern",
        "text with min_length",
        "text, covered",
        "text_area",
        "note",
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
        "personal_identity_number with age",
        "other_identity_number",
        "organisation_number",
        "phone",
        "email",
        "postcode",
        "address",
        "files",
        "files with max_total",
        "group",
        "group as a table",
        "group of one row",
        "group with one_of",
        "group with unique",
        "group, partial",
        "information",
        "stop",
        "confirm",
        "confirm with text",
        "unknown",
    ]);
    assert_eq!(kinds, expected);

    let roles: BTreeSet<&str> = definitions
        .iter()
        .flat_map(questions)
        .filter_map(|question| question.role.as_ref())
        .map(role_name)
        .collect();
    let expected = [
        "applicant",
        "co_applicant",
        "guardian",
        "child",
        "proxy",
        "company_representative",
        "organisation",
        "signing_party",
    ];
    assert_eq!(roles, BTreeSet::from(expected));

    let mut conditions = BTreeSet::new();
    for rule in definitions.iter().flat_map(|definition| &definition.rules) {
        condition_names(&rule.when, &mut conditions);
    }
    assert_eq!(conditions, BTreeSet::from(CONDITIONS));
}

#[test]
fn several_services_were_taken_over_from_another_system() {
    let imported: Vec<String> =
        catalogue().into_iter().filter(is_imported).map(|definition| definition.id).collect();
    assert!(imported.len() >= 3, "{imported:?}");
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
    for definition in catalogue().into_iter().filter(|definition| !is_imported(definition)) {
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
                Kind::PersonalIdentityNumber { .. } | Kind::OtherIdentityNumber { .. } => {
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
