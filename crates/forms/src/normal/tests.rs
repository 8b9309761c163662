use jiff::civil::date as day;
use proptest::prelude::*;

use super::*;

const TODAY: Date = day(2026, 11, 22);

fn normal(kind: &Kind, typed: &str) -> Result<String, String> {
    text(kind, typed, TODAY).map_err(|fault| {
        let params: Vec<String> =
            fault.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        [vec![fault.code], params].concat().join(" ")
    })
}

#[track_caller]
fn becomes(kind: &Kind, cases: &[(&str, &str)]) {
    for (typed, expected) in cases {
        assert_eq!(normal(kind, typed).as_deref(), Ok(*expected), "{typed:?}");
    }
}

#[track_caller]
fn refused(kind: &Kind, cases: &[(&str, &str)]) {
    for (typed, fault) in cases {
        assert_eq!(normal(kind, typed).as_deref().map_err(String::as_str), Err(*fault), "{typed:?}");
    }
}

fn number(min: Option<f64>, max: Option<f64>, decimals: u8) -> Kind {
    Kind::Number { min, max, decimals, unit: None }
}

fn line(max_length: Option<u32>) -> Kind {
    Kind::Text { min_length: None, max_length, pattern: None, pattern_help: None, covered: false }
}

fn date(not_past: bool, not_future: bool) -> Kind {
    Kind::Date { not_past, not_future }
}

#[test]
fn texts_lose_needless_space_and_control_characters() {
    let short = line(Some(5));
    becomes(&short, &[(" Åsa  B ", "Åsa B"), ("a\u{0}b", "ab"), ("a\tb\r\nc", "a b c"), ("ååååå ", "ååååå")]);
    refused(&short, &[("åååååå", "too_long max=5")]);
    let area = Kind::TextArea { min_length: None, max_length: None };
    becomes(&area, &[(" en\r\ntvå\rtre \n", "en\ntvå\ntre"), ("en\n\ntvå\u{7}", "en\n\ntvå")]);
    refused(&area, &[(&"x".repeat(65_537), "too_long max=65536")]);
    becomes(&Kind::Address, &[("Storgatan 1 \n lgh 2", "Storgatan 1 lgh 2")]);
}

#[test]
fn numbers_are_read_with_comma_or_point() {
    becomes(
        &number(None, None, 2),
        &[
            ("12", "12"),
            ("1 200,5", "1200.5"),
            ("\u{2212}3.25", "-3.25"),
            ("007", "7"),
            ("-0", "0"),
            ("0,50", "0.50"),
        ],
    );
    let whole = number(Some(1.0), Some(10.5), 0);
    refused(
        &whole,
        &[
            ("0", "number_too_small min=1"),
            ("11", "number_too_large max=10.5"),
            ("1,5", "number_decimals decimals=0"),
            ("tre", "number_format"),
            ("1.", "number_format"),
            (",5", "number_format"),
            ("1.000.000", "number_format"),
            ("1e5", "number_format"),
            ("NaN", "number_format"),
            ("inf", "number_format"),
            ("+5", "number_format"),
            ("--5", "number_format"),
            ("5 kg", "number_format"),
            ("٣", "number_format"),
            (&"9".repeat(400), "number_format"),
        ],
    );
}

#[test]
fn amounts_are_whole_kronor() {
    becomes(
        &Kind::Money { max: Some(50_000) },
        &[
            ("12 000", "12000"),
            ("12 000 kr", "12000"),
            ("500:-", "500"),
            ("500,00 kronor", "500"),
            ("0", "0"),
            ("50000 SEK", "50000"),
        ],
    );
    refused(
        &Kind::Money { max: Some(50_000) },
        &[
            ("50 001", "money_too_large max=50000"),
            ("12,50", "money_format"),
            ("1.200", "money_format"),
            ("-5", "money_format"),
            ("fem kr", "money_format"),
            ("kr", "money_format"),
            ("5 €", "money_format"),
        ],
    );
}

#[test]
fn the_value_of_a_number_does_not_heed_its_limits() {
    assert_eq!(number_value("1 200,5"), Some(1200.5));
    assert_eq!(number_value("12 000 kr"), Some(12_000.0));
    assert_eq!(number_value("tolv"), None);
}

#[test]
fn dates_are_read_as_swedes_write_them() {
    becomes(
        &date(false, false),
        &[
            ("2026-03-24", "2026-03-24"),
            ("20260324", "2026-03-24"),
            ("24/3 2026", "2026-03-24"),
            ("24.3.2026", "2026-03-24"),
            (" 2026\u{2013}3\u{2013}4 ", "2026-03-04"),
            ("2024-02-29", "2024-02-29"),
        ],
    );
    refused(
        &date(false, false),
        &[
            ("2026-02-29", "date_not_real"),
            ("2026-13-01", "date_not_real"),
            ("31/4 2026", "date_not_real"),
            ("24/3", "date_format"),
            ("24-3-2026", "date_format"),
            ("260324", "date_format"),
            ("0026-03-24", "date_format"),
            ("2026-003-24", "date_format"),
            ("i morgon", "date_format"),
            ("2026-03-24 kl 10", "date_format"),
        ],
    );
}

#[test]
fn dates_are_held_against_today() {
    becomes(&date(true, true), &[("2026-11-22", "2026-11-22")]);
    refused(&date(true, false), &[("2026-11-21", "date_past")]);
    refused(&date(false, true), &[("2026-11-23", "date_future")]);
}

#[test]
fn times_of_day_have_two_digits_twice() {
    becomes(&Kind::Time, &[("08:30", "08:30"), ("8.05", "08:05"), ("2359", "23:59"), ("0:00", "00:00")]);
    for typed in ["24:00", "12:60", "8", "830", "12:5", "kl 8", "08:30:00", "١٢:٣٠", "åå:00", "é12"] {
        refused(&Kind::Time, &[(typed, "time_format")]);
    }
}

#[test]
fn swedish_phone_numbers_become_international() {
    becomes(
        &Kind::Phone,
        &[
            ("070-174 06 05", "+46701740605"),
            ("0701740605", "+46701740605"),
            ("+46 70 174 06 05", "+46701740605"),
            ("+46 (0)70-174 06 05", "+46701740605"),
            ("0046701740605", "+46701740605"),
            ("08-465 004 00", "+46846500400"),
            ("031\u{2013}390 06 00", "+46313900600"),
            ("0980-319200", "+46980319200"),
            ("020-123456", "+4620123456"),
        ],
    );
    refused(
        &Kind::Phone,
        &[
            ("070-174 06 0", "phone_length"),
            ("070-174 06 055", "phone_length"),
            ("+46 70 174", "phone_length"),
            ("0", "phone_length"),
            ("1740605", "phone_format"),
            ("112", "phone_format"),
            ("070-174 06 05 ankn 3", "phone_format"),
            ("070+1740605", "phone_format"),
            ("+", "phone_format"),
            ("", "phone_format"),
        ],
    );
}

#[test]
fn plausible_foreign_numbers_are_kept_as_said() {
    becomes(
        &Kind::Phone,
        &[
            (" +47 22 33 44 55 ", "+47 22 33 44 55"),
            ("0047\n223344", "0047 223344"),
            ("+12345", "+12345"),
            ("+1 (202) 555-01.00", "+1 (202) 555-01.00"),
        ],
    );
    refused(&Kind::Phone, &[("+1234", "phone_length"), ("+1234567890123456", "phone_length")]);
}

#[test]
fn an_e_mail_address_is_only_asked_to_be_plausible() {
    becomes(
        &Kind::Email,
        &[(" namn@exempel.se ", "namn@exempel.se"), ("åsa+1@räksmörgås.example", "åsa+1@räksmörgås.example")],
    );
    let long = format!("{}@exempel.se", "a".repeat(243));
    assert_eq!(long.len(), 254);
    becomes(&Kind::Email, &[(&long, &long)]);
    let too_long = format!("a{long}");
    for typed in [
        "namn",
        "@exempel.se",
        "namn@",
        "namn@exempel",
        "a@b@c.se",
        "na mn@exempel.se",
        "namn@exempel..se",
        "namn@.se",
        &too_long,
    ] {
        refused(&Kind::Email, &[(typed, "email_format")]);
    }
}

#[test]
fn postcodes_have_a_space_in_the_middle() {
    becomes(
        &Kind::Postcode,
        &[("12345", "123 45"), ("123 45", "123 45"), ("SE-123 45", "123 45"), ("s-12345", "123 45")],
    );
    for typed in ["1234", "012 34", "123456", "12A45", "NO-1234", "١٢٣٤٥", "åäö12"] {
        refused(&Kind::Postcode, &[(typed, "postcode_format")]);
    }
}

#[test]
fn identity_numbers_have_their_stored_form() {
    becomes(&Kind::PersonalIdentityNumber { age: None }, &[("850101-2382", "198501012382")]);
    refused(&Kind::PersonalIdentityNumber { age: None }, &[("850101-2383", "pnr_checksum")]);
    becomes(&Kind::OrganisationNumber, &[("16212000-0142", "2120000142")]);
    let other = Kind::OtherIdentityNumber { domain: "Skolans nummer".to_owned() };
    becomes(&other, &[("20150412 t123", "20150412-T123"), (" 12-345678/9  ", "12-345678/9")]);
    refused(&other, &[(&"9".repeat(65), "too_long max=64")]);
    refused(&Kind::OrganisationNumber, &[("212000-0143", "orgnr_checksum")]);
}

#[test]
fn choices_stand_in_the_definitions_order_once_each() {
    let choices = ["a", "b"].map(|id| Choice { id: id.to_owned(), label: id.to_uppercase(), value: None });
    let made = ["other", "b", "a", "b"].map(str::to_owned);
    let expected = |choices: &[&str], other: Option<&str>| Answer::Choice {
        choices: choices.iter().map(|&id| id.to_owned()).collect(),
        other: other.map(str::to_owned),
    };
    assert!(choice(&choices, &made, Some(" annat ")) == expected(&["a", "b", "other"], Some("annat")));
    assert!(choice(&choices, &made[1..], Some("annat")) == expected(&["a", "b"], None));
    assert!(choice(&choices, &made[..1], Some(" ")) == expected(&["other"], None));
}

fn any_text_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(line(Some(20))),
        Just(Kind::TextArea { min_length: None, max_length: None }),
        Just(Kind::Address),
        Just(number(Some(-10.0), None, 3)),
        Just(Kind::Money { max: None }),
        Just(date(false, false)),
        Just(Kind::Time),
        Just(Kind::PersonalIdentityNumber { age: None }),
        Just(Kind::OrganisationNumber),
        Just(Kind::OtherIdentityNumber { domain: "LMA-nummer".to_owned() }),
        Just(Kind::Phone),
        Just(Kind::Email),
        Just(Kind::Postcode),
    ]
}

proptest! {
    #[test]
    fn the_normal_form_of_a_normal_form_is_itself(
        kind in any_text_kind(),
        typed in "\\PC{0,24}|[ \\t\\r\\n\\x00-\\x1fa-c]{0,12}|[0-9+\\-:./, ()]{0,16}|[0-3]?[0-9][/.][01]?[0-9][ .](19|20)[0-9]{2}|\
            (00|\\+|0)[0-9 ]{5,14}|[a-c.]{1,3}@[a-c.]{1,5}|[1-9][0-9]{2} ?[0-9]{2}|-?[0-9 ]{1,7}([.,][0-9]{1,3})?( kr)?",
    ) {
        if let Ok(once) = text(&kind, &typed, TODAY) {
            prop_assert_eq!(text(&kind, &once, TODAY), Ok(once.clone()));
            prop_assert_eq!(is_blank(&typed), is_blank(&once));
        }
    }
}
