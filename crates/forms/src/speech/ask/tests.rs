use serde_json::{Value, json};

use super::*;

fn question(kind: &str, label: &str, more: Value) -> Question {
    let mut question = json!({ "id": "q", "label": label, "kind": kind });
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(question).unwrap()
}

fn both(question: &Question) -> (Option<String>, Option<String>) {
    (ask(question, Language::Swedish), ask(question, Language::English))
}

#[track_caller]
fn asks(kind: &str, label: &str, more: Value, swedish: &str, english: &str) {
    let said = (Some(swedish.to_owned()), Some(english.to_owned()));
    assert_eq!(both(&question(kind, label, more)), said);
}

#[test]
fn the_authors_own_words_come_first() {
    let own = json!({ "ask": "Får vi ringa dig?" });
    asks("phone", "Telefon", own.clone(), "Får vi ringa dig?", "Får vi ringa dig?");
    let information = question("information", "Tänk på", json!({ "text": "x", "ask": "Tänk på det här." }));
    assert_eq!(ask(&information, Language::Swedish).as_deref(), Some("Tänk på det här."));
}

#[test]
fn what_everybody_asks_for_is_asked_for_in_the_usual_words() {
    let none = || json!({});
    asks(
        "phone",
        "Telefon",
        none(),
        "Vilket telefonnummer når vi dig på?",
        "What phone number can we reach you on?",
    );
    asks(
        "email",
        "Din e-postadress:",
        none(),
        "Vilken e-postadress når vi dig på?",
        "What email address can we reach you on?",
    );
    asks("postcode", "Postnummer", none(), "Vilket postnummer?", "What is the postcode?");
    asks("text", "Postort", none(), "Vilken postort?", "What is the town?");
    asks("address", "Adress", none(), "Vilken adress?", "What is the address?");
    asks("date", "Datum", none(), "Vilket datum?", "What date?");
    asks("time", "Tid", none(), "Vilken tid?", "What time?");
    asks(
        "organisation_number",
        "Organisationsnummer",
        none(),
        "Vilket organisationsnummer?",
        "What is the organisation number?",
    );
}

#[test]
fn a_role_says_whom_it_is_asked_about() {
    asks("text", "Namn", json!({ "role": "applicant" }), "Vad heter du?", "What is your name?");
    asks("text", "Namn", json!({ "role": "child" }), "Vad heter barnet?", "What is the name of the child?");
    asks(
        "text",
        "Förnamn",
        json!({ "role": "guardian" }),
        "Vad heter vårdnadshavaren i förnamn?",
        "What is the first name of the guardian?",
    );
    asks(
        "text",
        "Efternamn",
        json!({ "role": "applicant" }),
        "Vad heter du i efternamn?",
        "What is your surname?",
    );
    asks(
        "personal_identity_number",
        "Personnummer",
        json!({ "role": { "proxy": { "basis": "b" } } }),
        "Vilket personnummer har ombudet?",
        "What is the personal identity number of the representative?",
    );
    asks(
        "phone",
        "Mobil",
        json!({ "role": "co_applicant" }),
        "Vilket telefonnummer har medsökanden?",
        "What is the phone number of the co-applicant?",
    );
    let member = question("personal_identity_number", "Personnummer", json!({}));
    let group = question(
        "group",
        "Barn",
        json!({ "row_label": "Barn", "max_rows": 3, "questions": [], "role": "child" }),
    );
    let asked = ask_in(&member, Some(&group), Language::Swedish);
    assert_eq!(asked.as_deref(), Some("Vilket personnummer har barnet?"));
}

#[test]
fn a_label_may_say_that_it_is_the_callers() {
    asks("text", "Ditt namn", json!({}), "Vad heter du?", "What is your name?");
    asks(
        "personal_identity_number",
        "Ditt personnummer *",
        json!({}),
        "Vilket personnummer har du?",
        "What is your personal identity number?",
    );
}

#[test]
fn without_a_role_nobody_is_pointed_out() {
    asks("text", "Namn", json!({}), "Vilket namn?", "What is the name?");
    asks(
        "personal_identity_number",
        "Personnummer",
        json!({}),
        "Vilket personnummer?",
        "What is the personal identity number?",
    );
    // The phone in a row is somebody's, and seldom the caller's.
    let group =
        question("group", "Grannar", json!({ "row_label": "Granne", "max_rows": 3, "questions": [] }));
    let phone = question("phone", "Telefon", json!({}));
    let asked = ask_in(&phone, Some(&group), Language::Swedish);
    assert_eq!(asked.as_deref(), Some("Vilket telefonnummer?"));
}

#[test]
fn other_labels_are_asked_as_they_stand() {
    asks("text", "Skolans namn", json!({}), "Skolans namn?", "Skolans namn?");
    asks("phone", "Skolans telefon: *", json!({}), "Skolans telefon?", "Skolans telefon?");
    asks("text", "Är du ensam?", json!({}), "Är du ensam?", "Är du ensam?");
    asks("text_area", "Beskriv felet", json!({}), "Beskriv felet.", "Beskriv felet.");
    asks("number", "Antal kärl", json!({}), "Antal kärl?", "Antal kärl?");
    asks("money", "Hyra", json!({}), "Hyra?", "Hyra?");
    asks(
        "other_identity_number",
        "LMA-nummer",
        json!({ "domain": "LMA-nummer" }),
        "LMA-nummer?",
        "LMA-nummer?",
    );
    for kind in ["radio", "drop_down", "checkbox"] {
        asks(kind, "Typ av fel", json!({ "choices": [] }), "Typ av fel?", "Typ av fel?");
    }
    asks("files", "Intyg", json!({ "max_count": 1, "max_size": 1, "types": ["pdf"] }), "Intyg?", "Intyg?");
    asks("group", "Barn", json!({ "row_label": "Barn", "max_rows": 3, "questions": [] }), "Barn?", "Barn?");
    asks("confirm", "Intygande", json!({ "statement": "x" }), "Bekräftar du det?", "Do you confirm that?");
}

#[test]
fn where_nothing_is_asked_nothing_is_said() {
    for (kind, more) in [
        ("information", json!({ "text": "x" })),
        ("stop", json!({ "text": "x" })),
        ("note", json!({})),
        ("map", json!({})),
        ("group", json!({ "row_label": "Sökande", "max_rows": 1, "questions": [] })),
    ] {
        assert_eq!(both(&question(kind, "Något", more)), (None, None), "{kind}");
    }
}
