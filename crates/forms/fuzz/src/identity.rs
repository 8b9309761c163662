//! Any text, any clock.

use jiff::civil::{Date, date};
use ledsaga_forms::{
    AgeLimits, Kind,
    identity::{OrganisationNumber, OtherId, PersonalNumber},
    normal_text,
};

/// The first line is today's date, when it is one; the rest is what is typed.
pub fn identity_numbers(text: &str) {
    let (first, rest) = text.split_once('\n').unwrap_or(("", text));
    let (today, typed) = match first.parse::<Date>() {
        Ok(today) => (today, rest),
        Err(_) => (date(2026, 11, 22), text),
    };
    personal(typed, today);
    organisation(typed, today);
    other(typed);
    normal_forms(typed, today);
}

fn personal(typed: &str, today: Date) {
    let inferred = PersonalNumber::inferred_year(typed, today);
    let Ok(number) = PersonalNumber::parse(typed, today) else {
        return assert_eq!(inferred, None);
    };
    let twelve = number.twelve_digits();
    assert!(twelve.len() == 12 && twelve.bytes().all(|b| b.is_ascii_digit()));
    let masked = format!("{}-****", &twelve[..8]);
    assert_eq!(format!("{number} {number:?}"), format!("{masked} {masked}"));
    assert!(
        PersonalNumber::parse(twelve, today) == Ok(number.clone()),
        "the stored form is not read as itself"
    );
    assert!(number.born().is_some());
    assert!(inferred.is_none_or(|year| twelve[..4] == year.to_string()));
    let organisation = OrganisationNumber::parse(twelve, today).expect("a person may have an enskild firma");
    assert!(organisation.group().is_none());
}

fn organisation(typed: &str, today: Date) {
    let Ok(number) = OrganisationNumber::parse(typed, today) else { return };
    assert_eq!(format!("{number} {number:?}"), "******-**** ******-****");
    let ten = number.ten_digits();
    assert!(ten.len() == 10 && ten.bytes().all(|b| b.is_ascii_digit()));
    assert!(
        OrganisationNumber::parse(ten, today) == Ok(number.clone()),
        "the stored form is not read as itself"
    );
}

fn other(typed: &str) {
    let id = OtherId::read("LMA-nummer", typed);
    assert_eq!(format!("{id} {id:?}"), "**** ****");
    assert!(OtherId::read(id.domain(), id.value()) == id, "the stored form is not read as itself");
}

fn normal_forms(typed: &str, today: Date) {
    let limits = AgeLimits { min: Some(18), max: Some(100), by_year: false };
    for kind in [
        Kind::PersonalIdentityNumber { age: None },
        Kind::PersonalIdentityNumber { age: Some(limits) },
        Kind::PersonalIdentityNumber { age: Some(AgeLimits { by_year: true, ..limits }) },
        Kind::OrganisationNumber,
        Kind::OtherIdentityNumber { domain: "LMA-nummer".to_owned() },
        Kind::Date { not_past: false, not_future: false },
        Kind::Time,
        Kind::Phone,
        Kind::Email,
        Kind::Postcode,
        Kind::Money { max: None },
        Kind::Number { min: None, max: None, decimals: 3, unit: None },
    ] {
        if let Ok(once) = normal_text(&kind, typed, today) {
            assert!(normal_text(&kind, &once, today) == Ok(once), "a normal form has another: {kind:?}");
        }
    }
}
