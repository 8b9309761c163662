//! Open ePlatform's e-services: what is taken over, and what is said about the rest.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

#[path = "common/imports.rs"]
mod imports;

use imports::{defaults, findings, flow, import, import_queries, one, query};
use ledsaga_forms::{
    AgeLimits, Kind, ProtectedPolicy, Question, QuestionState, Role,
    import::{Finding, ImportError, Outcome, oeflow, oequery},
    rich, to_json,
};
use serde_json::{Value, json};

const WHOLE: &[u8] = include_bytes!("oeflow/ansok-om-kolonilott.oeflow");
const OLD: &[u8] = include_bytes!("oeflow/gammal-felanmalan.oeflow");

fn members(question: &Question) -> &[Question] {
    match &question.kind {
        Kind::Group { questions, .. } => questions,
        kind => panic!("{kind:?} is no group"),
    }
}

#[test]
fn a_whole_service_becomes_the_definition_beside_it() {
    let imported = import(WHOLE).unwrap();
    let expected: Value = serde_json::from_slice(include_bytes!("oeflow/ansok-om-kolonilott.json")).unwrap();
    let found: Value = serde_json::from_slice(&to_json(&imported.definition)).unwrap();
    assert_eq!(found, expected, "{}", serde_json::to_string_pretty(&found).unwrap());
}

#[test]
fn the_report_of_a_whole_service_is_the_one_beside_it() {
    let entry = |entry: &ledsaga_forms::import::Entry| {
        format!("{:?} | {} | {}\n", entry.outcome, entry.place, entry.finding)
    };
    let report: String = import(WHOLE).unwrap().report.entries.iter().map(entry).collect();
    assert_eq!(report, include_str!("oeflow/ansok-om-kolonilott.report.txt"), "{report}");
}

#[test]
fn every_question_and_every_rule_is_in_the_report() {
    let imported = import(WHOLE).unwrap();
    for id in [101, 102, 103, 104, 201, 202, 203, 204, 205, 206] {
        let place = format!("QueryDescriptor {id} (");
        let said = findings(&imported, &place);
        let named = said
            .iter()
            .any(|finding| matches!(finding, Finding::Question { .. } | Finding::UnknownQuestion { .. }));
        assert!(named, "{id}: {said:?}");
    }
    for rule in ["Stopp för den som har en lott", "Visa odlingen och lotten", "Avstängd", "Efter ålder"] {
        assert!(!findings(&imported, &format!("EvaluatorDescriptor ({rule})")).is_empty(), "{rule}");
    }
    assert!(findings(&imported, "upprepning").is_empty());
}

#[test]
fn names_of_the_staff_stay_behind() {
    let json = String::from_utf8(to_json(&import(WHOLE).unwrap().definition)).unwrap();
    assert!(!json.contains("Handläggare") && !json.contains("anna@"), "{json}");
    assert!(json.contains("Park och natur") && json.contains("park@exempel.invalid"), "{json}");
}

#[test]
fn paper_forms_are_kept_as_files_when_they_are_pdf() {
    let imported = import(WHOLE).unwrap();
    let [file] = imported.files.as_slice() else { panic!("{:?}", imported.files) };
    assert_eq!(file.name, "blankett-for-kolonilott-pa-papper.pdf");
    assert!(file.bytes.starts_with(b"%PDF-1.4\n"));
    assert_eq!(imported.definition.paper_forms[0].size, file.bytes.len() as u64);
    assert_eq!(findings(&imported, "Ett program"), [&Finding::PaperFormUnreadable]);
    assert_eq!(findings(&imported, "På en annan plats"), [&Finding::PaperFormElsewhere]);
}

#[test]
fn an_old_file_in_latin_1_means_the_same() {
    let imported = import(OLD).unwrap();
    let definition = &imported.definition;
    assert_eq!(definition.name, "Felanmäl gatlampa på Ölandsvägen");
    assert_eq!(definition.id, "felanmal-gatlampa-pa-olandsvagen");
    assert_eq!(definition.contact, defaults().contact);
    assert_eq!(definition.paper_forms[0].file, "felanmal-gatlampa-pa-olandsvagen.pdf");
    let Kind::DropDown { choices, .. } = &one(definition, "q1").kind else { panic!("no drop-down") };
    assert_eq!(choices[0].value.as_deref(), Some("SLACKT"));
    let contact = one(definition, "q2");
    let state = |element: &str| {
        members(contact).iter().find(|member| member.id == format!("q2-{element}")).map(|member| member.state)
    };
    assert_eq!(state("Phone"), Some(QuestionState::VisibleRequired));
    assert_eq!(state("Email"), Some(QuestionState::VisibleRequired));
    assert_eq!(state("Address"), Some(QuestionState::Visible));
    assert_eq!(state("SocialSecurityNumber"), None);
    assert!(imported.report.count(Outcome::NotUnderstood) == 0, "{:?}", imported.report);
}

#[test]
fn the_same_bytes_called_utf_8_are_refused() {
    let called = String::from_utf8_lossy(OLD).replace("ISO-8859-1", "UTF-8").replace('\u{fffd}', "?");
    assert!(import(called.as_bytes()).is_ok());
    let declared = [
        b"<?xml version='1.0' encoding='UTF-8'?>",
        &OLD[b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>".len()..],
    ];
    assert_eq!(import(&declared.concat()).err(), Some(ImportError::NotText { encoding: "UTF-8".to_owned() }));
}

#[test]
fn a_single_question_is_taken_over_alone() {
    let imported = oequery(include_bytes!("oeflow/antal-deltagare.oequery")).unwrap();
    assert_eq!(
        serde_json::to_value(&imported.question).unwrap(),
        json!({
            "id": "q55", "label": "Antal deltagare – Antal", "kind": "number", "min": 0.0, "decimals": 0,
            "state": "visible_required", "sensitivity": "ordinary", "protected_policy": "ask",
            "source": { "id": "55", "element": "antal" },
        })
    );
    let root = ImportError::WrongRoot { found: "Flow".to_owned(), expected: "QueryDescriptor".to_owned() };
    assert_eq!(oequery(WHOLE).err(), Some(root));
    assert!(matches!(oeflow(b"<QueryDescriptor/>", &defaults()), Err(ImportError::WrongRoot { .. })));
}

#[test]
fn unknown_kinds_are_kept_with_their_texts_and_type() {
    let imported = import_queries(&query(
        1,
        "<queryTypeID>se.exempel.TableQueryProvider</queryTypeID><TableQuery><description>&lt;b&gt;Fyll i&lt;/b&gt;</description></TableQuery>",
        "",
    ));
    let question = one(&imported.definition, "q1");
    assert_eq!((question.label.as_str(), question.help.as_deref()), ("Fråga 1", Some("**Fyll i**")));
    let Kind::Unknown(kept) = &question.kind else { panic!("{question:?}") };
    assert_eq!(kept["kind"], "oeflow.TableQuery");
    assert_eq!(kept["type"], "se.exempel.TableQueryProvider");
    assert!(imported.report.count(Outcome::NotUnderstood) == 1);
    // Even one that is called as ours are.
    let imported = import_queries(&query(1, "<TextQuery/>", "").replace("TextQuery", "Query"));
    assert!(matches!(one(&imported.definition, "q1").kind, Kind::Unknown(_)));
}

#[test]
fn text_fields_take_the_kind_that_their_test_asks_for() {
    for (class, length, expected) in [
        ("se.unlogic.emailutils.validation.StringEmailValidator", "", json!({ "kind": "email" })),
        (
            "se.unlogic.standardutils.populators.SocialSecurityPopulator",
            "",
            json!({ "kind": "personal_identity_number" }),
        ),
        (
            "se.unlogic.standardutils.populators.DatePopulator",
            "",
            json!({ "kind": "date", "not_past": false, "not_future": false }),
        ),
        (
            "se.unlogic.standardutils.validation.PositiveStringIntegerValidator",
            "<minContentLength>2</minContentLength><maxContentLength>4</maxContentLength>",
            json!({ "kind": "number", "min": 10.0, "max": 9999.0, "decimals": 0 }),
        ),
        (
            "se.unlogic.standardutils.validation.PositiveStringIntegerValidator",
            "<minContentLength>6</minContentLength><maxContentLength>6</maxContentLength>",
            json!({ "kind": "text", "pattern": "999999" }),
        ),
        ("se.exempel.OkandValidator", "", json!({ "kind": "text", "max_length": 255 })),
    ] {
        let field = format!(
            "<TextFieldQuery><hideTitle>true</hideTitle><Fields><TextField><label>Fält</label><required>true</required>\
             {length}<formatValidator>{class}</formatValidator></TextField></Fields></TextFieldQuery>"
        );
        let imported = import_queries(&query(1, &field, ""));
        let question = one(&imported.definition, "q1");
        assert_eq!(question.label, "Fält");
        assert_eq!(serde_json::to_value(&question.kind).unwrap(), expected, "{class}");
        let unknown = imported
            .report
            .entries
            .iter()
            .any(|entry| matches!(entry.finding, Finding::UnknownValidator { .. }));
        assert_eq!(unknown, class.contains("Okand"), "{class}");
    }
}

#[test]
fn a_field_is_demanded_only_when_its_question_is() {
    let fields = |required: bool| {
        let field = |id: u32| {
            format!(
                "<TextField><textFieldID>{id}</textFieldID><label>F{id}</label><required>{required}</required></TextField>"
            )
        };
        format!("<TextFieldQuery><Fields>{}{}</Fields></TextFieldQuery>", field(1), field(2))
    };
    let imported = import_queries(&query(1, &fields(true), ""));
    let group = one(&imported.definition, "q1");
    assert_eq!(group.state, QuestionState::VisibleRequired);
    assert!(matches!(group.kind, Kind::Group { max_rows: 1, partial: true, .. }));
    assert!(members(group).iter().all(|member| member.state == QuestionState::VisibleRequired));
    // Required without a required field demands nothing.
    let imported = import_queries(&query(1, &fields(false), ""));
    assert_eq!(one(&imported.definition, "q1").state, QuestionState::Visible);
}

#[test]
fn persons_have_roles_and_are_not_reached_in_protected_mode() {
    let imported = import_queries(
        &[
            query(1, "<ContactDetailQuery><fieldName>REQUIRED</fieldName><fieldAddress>REQUIRED</fieldAddress><fieldEmail>VISIBLE</fieldEmail><fieldPhone>VISIBLE</fieldPhone><requireMobilePhoneOrPhone>true</requireMobilePhoneOrPhone></ContactDetailQuery>", ""),
            query(2, "<OrganizationDetailQuery><fieldEmail>VISIBLE</fieldEmail><requireEmailOrMobile>true</requireEmailOrMobile></OrganizationDetailQuery>", ""),
            query(3, "<ManualMultiSignQuery/>", ""),
            query(4, "<ChildQuery><minAge>6</minAge><maxAge>16</maxAge><ageMode>BY_YEAR</ageMode><requireGuardianEmail>true</requireGuardianEmail></ChildQuery>", ""),
        ]
        .concat(),
    );
    let definition = &imported.definition;
    let roles = ["q1", "q2", "q3", "q4"].map(|id| one(definition, id).role.clone().unwrap());
    assert_eq!(roles, [Role::Applicant, Role::Organisation, Role::SigningParty, Role::Child]);
    for id in ["q1", "q2", "q3", "q4"] {
        for member in members(one(definition, id)) {
            let policy = match member.kind {
                Kind::Address | Kind::Postcode => ProtectedPolicy::ViaForwarding,
                Kind::Email | Kind::Phone => ProtectedPolicy::DoNotAsk,
                _ if member.id.ends_with("PostalAddress") => ProtectedPolicy::ViaForwarding,
                _ => ProtectedPolicy::Ask,
            };
            assert_eq!(member.protected_policy, policy, "{}", member.id);
        }
    }
    let Kind::Group { one_of, .. } = &one(definition, "q1").kind else { panic!("no group") };
    assert_eq!(one_of, &[["q1-Phone"]]);
    let Kind::Group { one_of, unique, max_rows, .. } = &one(definition, "q3").kind else {
        panic!("no group")
    };
    assert_eq!(one_of, &[["q3-Email", "q3-MobilePhone"]]);
    assert_eq!(unique.as_deref(), Some("q3-SocialSecurityNumber"));
    assert!(*max_rows > 1);
    let age = AgeLimits { min: Some(6), max: Some(16), by_year: true };
    assert_eq!(members(one(definition, "q4"))[0].kind, Kind::PersonalIdentityNumber { age: Some(age) });
    let guardian = members(one(definition, "q4")).iter().filter(|member| member.role == Some(Role::Guardian));
    assert_eq!(guardian.filter(|member| member.state == QuestionState::Visible).count(), 4);
}

#[test]
fn a_person_who_is_asked_for_nothing_is_shown_as_unknown() {
    let hidden = "<ContactDetailQuery><fieldName>HIDDEN</fieldName></ContactDetailQuery>";
    let imported = import_queries(&query(1, hidden, ""));
    assert!(matches!(one(&imported.definition, "q1").kind, Kind::Unknown(_)));
    assert!(findings(&imported, "QueryDescriptor 1").contains(&&Finding::NothingAsked));
}

#[test]
fn two_questions_of_one_id_are_told_apart() {
    let imported =
        import_queries(&[query(1, "<TextAreaQuery/>", ""), query(1, "<TextAreaQuery/>", "")].concat());
    one(&imported.definition, "q1");
    one(&imported.definition, "q1-2");
    assert!(findings(&imported, "QueryDescriptor 1").contains(&&Finding::SameId { used: "q1-2".to_owned() }));
}

#[test]
fn what_holds_no_form_is_said_to() {
    let elsewhere = "<Flow><name>A</name><externalLink>https://exempel.invalid</externalLink></Flow>";
    assert_eq!(import(elsewhere.as_bytes()).err(), Some(ImportError::External));
    assert_eq!(import(b"<Flow><name>A</name></Flow>").err(), Some(ImportError::NoQuestions));
    assert_eq!(import(flow("").as_bytes()).err(), Some(ImportError::NoQuestions));
    let missing = ImportError::Missing { place: "Flow".to_owned(), what: "name".to_owned() };
    assert_eq!(import(b"<Flow/>").err(), Some(missing));
}

#[test]
fn the_description_is_read_out_first_and_nothing_in_it_is_active() {
    let imported = import(WHOLE).unwrap();
    let about = &imported.definition.steps[0].questions[0];
    let Kind::Information { text } = &about.kind else { panic!("{about:?}") };
    let said = rich::plain(&rich::read(text));
    assert_eq!(
        said,
        "Innan du börjar\nDu behöver personnummer och kartan över lotterna.\nEn lott per hushåll\nKön är lång"
    );
}

#[test]
fn tags_for_earlier_answers_are_reported() {
    let text = "<TextAreaQuery><description>Hej $attribute{namn}!</description></TextAreaQuery>";
    let imported = import_queries(&query(1, text, ""));
    let tag = Finding::AttributeTag { tag: "$attribute{namn}".to_owned() };
    assert!(findings(&imported, "QueryDescriptor 1").contains(&&tag));
}
