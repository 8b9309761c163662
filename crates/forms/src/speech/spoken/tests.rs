use serde_json::json;

use super::*;
use crate::{FileRef, Row};

fn kind(json: serde_json::Value) -> Kind {
    serde_json::from_value(json).unwrap()
}

fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

fn both(kind: &Kind, answer: &Answer) -> (String, String) {
    let say = |language| spoken(kind, answer, language);
    (say(Language::Swedish), say(Language::English))
}

#[track_caller]
fn says(kind: &Kind, answer: &str, swedish: &str, english: &str) {
    assert_eq!(both(kind, &text(answer)), (swedish.to_owned(), english.to_owned()));
}

const PERSON: Kind = Kind::PersonalIdentityNumber { age: None };
const DATE: Kind = Kind::Date { not_past: false, not_future: false };
const MONEY: Kind = Kind::Money { max: None };

fn plain_text(covered: bool) -> Kind {
    Kind::Text { min_length: None, max_length: None, pattern: None, pattern_help: None, covered }
}

fn files(names: &[&str]) -> Answer {
    let file = |name: &&str| FileRef {
        id: "f1".to_owned(),
        name: (*name).to_owned(),
        size: 1,
        media_type: "application/pdf".to_owned(),
        sha256: String::new(),
    };
    Answer::Files { files: names.iter().map(file).collect() }
}

#[test]
fn texts_are_said_as_they_stand() {
    says(&plain_text(false), " Åsa Prov ", "Åsa Prov", "Åsa Prov");
    says(&Kind::TextArea { min_length: None, max_length: None }, "ett\ntvå", "ett\ntvå", "ett\ntvå");
    says(&Kind::Note, "ring efter tolv", "ring efter tolv", "ring efter tolv");
    says(&Kind::Address, "Provvägen 7", "Provvägen 7", "Provvägen 7");
    says(&Kind::Postcode, "123 45", "123 45", "123 45");
}

#[test]
fn a_covered_text_is_not_said() {
    says(&plain_text(true), "hemligt", "Antecknat, läses inte upp.", "Noted, not read out.");
}

#[test]
fn dates_and_times_cannot_be_mistaken() {
    says(&DATE, "2026-05-03", "den 3 maj 2026", "3 May 2026");
    says(&DATE, "2024-02-29", "den 29 februari 2024", "29 February 2024");
    says(&Kind::Time, "14:05", "klockan 14.05", "14 05");
    says(&Kind::Time, "00:00", "klockan 00.00", "00 00");
}

#[test]
fn amounts_and_numbers_are_grouped_and_have_their_unit() {
    says(&MONEY, "12500", "12 500 kronor", "12,500 kronor");
    says(&MONEY, "1234567", "1 234 567 kronor", "1,234,567 kronor");
    says(&MONEY, "950", "950 kronor", "950 kronor");
    says(&MONEY, "1", "1 krona", "1 krona");
    let metres = kind(json!({ "kind": "number", "decimals": 1, "unit": "meter" }));
    says(&metres, "12.5", "12,5 meter", "12.5 meter");
    says(&metres, "-3", "minus 3 meter", "minus 3 meter");
    says(&kind(json!({ "kind": "number" })), "12000", "12 000", "12,000");
}

#[test]
fn what_has_no_normal_form_is_said_as_typed() {
    says(&DATE, "i maj", "i maj", "i maj");
    says(&Kind::Time, "efter lunch", "efter lunch", "efter lunch");
    says(&MONEY, "tusen", "tusen", "tusen");
    says(&kind(json!({ "kind": "number" })), "många", "många", "många");
}

#[test]
fn identity_numbers_are_said_by_their_last_four_only() {
    says(&PERSON, "199908072391", "slutar på 2391", "ends in 2391");
    says(&PERSON, "19990807-2391", "slutar på 2391", "ends in 2391");
    says(&PERSON, "990807", "Antecknat, läses inte upp.", "Noted, not read out.");
    let other = kind(json!({ "kind": "other_identity_number", "domain": "LMA-nummer" }));
    says(&other, "50-123456/7", "slutar på 4567", "ends in 4567");
    says(&other, "19990807TF01", "slutar på TF01", "ends in TF01");
}

#[test]
fn an_organisation_number_is_said_whole_unless_it_is_a_persons() {
    says(&Kind::OrganisationNumber, "2120000142", "212000 0142", "212000 0142");
    says(&Kind::OrganisationNumber, "9908072391", "slutar på 2391", "ends in 2391");
    says(&Kind::OrganisationNumber, "990807-2399", "slutar på 2399", "ends in 2399");
}

#[test]
fn phone_numbers_and_e_mail_addresses_are_said_in_parts() {
    says(&Kind::Phone, "+46701740605", "070-174 06 05", "070-174 06 05");
    says(&Kind::Email, "asa@exempel.se", "asa snabel-a exempel.se", "asa at exempel.se");
}

#[test]
fn choices_are_said_by_the_municipalitys_words() {
    let choices = json!([
        { "id": "a", "label": "Bad" }, { "id": "b", "label": "Kök" }, { "id": "c", "label": "Dörr" }
    ]);
    let made = |ids: &[&str], other: Option<&str>| Answer::Choice {
        choices: ids.iter().map(|id| (*id).to_owned()).collect(),
        other: other.map(str::to_owned),
    };
    let several = kind(json!({ "kind": "checkbox", "choices": choices, "other": "Annat" }));
    let said = |sv: &str, en: &str| (sv.to_owned(), en.to_owned());
    assert_eq!(both(&several, &made(&["a", "b", "c"], None)), said("Bad, Kök och Dörr", "Bad, Kök and Dörr"));
    assert_eq!(
        both(&several, &made(&["a", "other"], Some("Ramp"))),
        said("Bad och Annat: Ramp", "Bad and Annat: Ramp")
    );
    for one in ["radio", "drop_down"] {
        let one = kind(json!({ "kind": one, "choices": choices }));
        assert_eq!(both(&one, &made(&["b"], None)), said("Kök", "Kök"));
    }
}

#[test]
fn confirmations_files_and_rows_are_said() {
    let said = |sv: &str, en: &str| (sv.to_owned(), en.to_owned());
    let confirm = kind(json!({ "kind": "confirm", "statement": "Det stämmer." }));
    assert_eq!(both(&confirm, &Answer::Confirmed), said("Ja, bekräftat.", "Yes, confirmed."));
    let attached = kind(json!({ "kind": "files", "max_count": 3, "max_size": 10, "types": ["pdf"] }));
    assert_eq!(both(&attached, &files(&["a.pdf"])), said("1 fil: a.pdf", "1 file: a.pdf"));
    assert_eq!(
        both(&attached, &files(&["a.pdf", "b.pdf", "c.pdf"])),
        said("3 filer: a.pdf, b.pdf och c.pdf", "3 files: a.pdf, b.pdf and c.pdf")
    );
    let group = kind(json!({ "kind": "group", "row_label": "Barn", "max_rows": 3, "questions": [] }));
    let row = Row { id: "r1".to_owned(), answers: crate::Answers::new() };
    assert_eq!(both(&group, &Answer::Rows { rows: vec![row.clone()] }), said("1 rad", "1 row"));
    assert_eq!(both(&group, &Answer::Rows { rows: vec![row.clone(), row] }), said("2 rader", "2 rows"));
}

#[test]
fn of_a_kind_that_is_not_known_what_the_caller_said_is_said() {
    let map = kind(json!({ "kind": "map", "layers": ["a"] }));
    says(&map, "vid korsningen", "Du sa: vid korsningen", "You said: vid korsningen");
}

#[test]
fn in_protected_mode_little_or_nothing_is_said() {
    let masked = |kind: &Kind, answer: &Answer| {
        (masked(kind, answer, Language::Swedish), masked(kind, answer, Language::English))
    };
    let said = |sv: &str, en: &str| (sv.to_owned(), en.to_owned());
    assert_eq!(masked(&Kind::Phone, &text("+46701740605")), said("slutar på 05", "ends in 05"));
    assert_eq!(masked(&PERSON, &text("199908072391")), said("slutar på 2391", "ends in 2391"));
    let unsaid = said("Antecknat, läses inte upp.", "Noted, not read out.");
    for kind in [Kind::Email, Kind::Postcode, Kind::Address, plain_text(false), Kind::Note, DATE, MONEY] {
        assert_eq!(masked(&kind, &text("hemligt")), unsaid);
    }
    let chosen = Answer::Choice { choices: vec!["other".to_owned()], other: Some("hemligt".to_owned()) };
    assert_eq!(masked(&kind(json!({ "kind": "radio", "choices": [], "other": "Annat" })), &chosen), unsaid);
    let attached = kind(json!({ "kind": "files", "max_count": 3, "max_size": 10, "types": ["pdf"] }));
    assert_eq!(masked(&attached, &files(&["a.pdf", "b.pdf"])), said("2 filer", "2 files"));
    let confirm = kind(json!({ "kind": "confirm", "statement": "Det stämmer." }));
    assert_eq!(masked(&confirm, &Answer::Confirmed), said("Ja, bekräftat.", "Yes, confirmed."));
}
