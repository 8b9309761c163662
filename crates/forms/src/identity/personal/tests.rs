use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 22);

fn parse(text: &str) -> Result<PersonalNumber, PersonalNumberError> {
    PersonalNumber::parse(text, TODAY)
}

fn twelve(text: &str) -> String {
    parse(text).unwrap().twelve_digits().to_owned()
}

#[test]
fn skatteverkets_test_personnummer_are_read_in_every_form() {
    for number in [
        "189001019802",
        "192401019183",
        "194801141864",
        "198501012382",
        "199908072391",
        "200002202380",
        "201602292383",
        "202312312388",
    ] {
        let parsed = parse(number).unwrap();
        assert_eq!(parsed.twelve_digits(), number);
        assert_eq!(parsed.kind(), PersonalNumberKind::Personnummer);
        let (birth, last) = number.split_at(8);
        assert_eq!(twelve(&format!("{birth}-{last}")), number);
        let age = 2026 - birth[..4].parse::<i32>().unwrap();
        let short = format!("{}{}{last}", &birth[2..], if age >= 100 { '+' } else { '-' });
        assert_eq!(twelve(&short), number, "{short}");
    }
}

#[test]
fn skatteverkets_test_samordningsnummer_are_read_with_unknown_months_and_days() {
    for number in [
        "191401682396",
        "198502862397",
        "196801642395",
        "202001612395",
        "191500722390",
        "191711602399",
        "193100602394",
        "192004912388",
    ] {
        let parsed = parse(number).unwrap();
        assert_eq!(parsed.twelve_digits(), number);
        assert_eq!(parsed.kind(), PersonalNumberKind::Samordningsnummer);
    }
    // The example of SKV M 2010:3.
    assert_eq!(twelve("701063-2391"), "197010632391");
}

#[test]
fn each_invalid_test_number_is_refused_for_its_own_reason() {
    for (number, error) in [
        ("198501012383", PersonalNumberError::Checksum),
        ("198502302382", PersonalNumberError::Date),
        ("198501010002", PersonalNumberError::Serial),
        ("19850101238A", PersonalNumberError::Characters),
        ("1985010123821", PersonalNumberError::Length),
        ("85010123", PersonalNumberError::Length),
        ("", PersonalNumberError::Length),
        ("198500012382", PersonalNumberError::Date),
        ("198513012382", PersonalNumberError::Date),
        ("198501322382", PersonalNumberError::Date),
        ("198501922382", PersonalNumberError::Date),
        ("198513612382", PersonalNumberError::Date),
        ("178501012382", PersonalNumberError::Century),
        ("218501012382", PersonalNumberError::Century),
        ("1985+01012382", PersonalNumberError::Characters),
        ("850101++2382", PersonalNumberError::Characters),
        ("٨٥٠١٠١-٢٣٨٢", PersonalNumberError::Characters),
        ("19900229-2381", PersonalNumberError::Date),
    ] {
        assert_eq!(parse(number).unwrap_err(), error, "{number}");
    }
}

#[test]
fn spaces_and_dashes_of_every_sort_are_ignored() {
    for text in [
        " 850101-2382 ",
        "8501012382",
        "85 01 01 23 82",
        "850101\u{2013}2382",
        "850101\u{2212}2382",
        "1985\u{a0}01\u{202f}01\u{2011}2382",
        "1985-01-01-2382",
        "\u{feff}850101\u{200b}2382",
    ] {
        assert_eq!(twelve(text), "198501012382", "{text:?}");
    }
}

#[test]
fn the_century_follows_from_today_and_the_separator() {
    let born_in = |text: &str, today| {
        PersonalNumber::parse(text, today).map(|number| number.twelve_digits()[..4].to_owned())
    };
    assert_eq!(born_in("231231-2388", TODAY).unwrap(), "2023");
    assert_eq!(born_in("231231+2388", TODAY).unwrap(), "1923");
    assert_eq!(born_in("850101-2382", TODAY).unwrap(), "1985");
    assert_eq!(born_in("850101+2382", TODAY).unwrap(), "1885");
    // On the birth day itself and the day before: only then is it a guess.
    assert_eq!(born_in("231231-2388", date(2023, 12, 31)).unwrap(), "2023");
    assert_eq!(born_in("231231-2388", date(2023, 12, 30)).unwrap_err(), PersonalNumberError::Century);
    // From the first day of the year a person turns 100, `+` says which.
    assert_eq!(born_in("231231+2388", date(2023, 1, 1)).unwrap(), "1923");
    // The year before, nobody with these digits is a hundred.
    assert_eq!(born_in("231231-2388", date(2022, 12, 31)).unwrap(), "1923");
    assert_eq!(born_in("231231-2388", date(2024, 1, 1)).unwrap(), "2023");
}

#[test]
fn a_birth_date_to_come_is_refused_but_for_a_day() {
    let parse = |today| PersonalNumber::parse("202312312388", today).map(|_| ());
    assert_eq!(parse(date(2023, 12, 31)), Ok(()));
    assert_eq!(parse(date(2023, 12, 30)), Ok(()));
    assert_eq!(parse(date(2023, 12, 29)), Err(PersonalNumberError::Future));
}

#[test]
fn neither_debug_nor_display_shows_the_last_four() {
    let number = parse("850101-2382").unwrap();
    assert_eq!(format!("{number} {number:?} {number:#?}"), "19850101-**** 19850101-**** 19850101-****");
}

#[test]
fn only_ten_digits_without_separator_leave_the_year_to_be_confirmed() {
    let year = |text| PersonalNumber::inferred_year(text, TODAY);
    for text in ["8501012382", "850101 2382", "85-01-01 2382", " 8501012382\n"] {
        assert_eq!(year(text), Some(1985), "{text}");
    }
    assert_eq!(year("2312312388"), Some(2023));
    for text in ["850101-2382", "240101+9183", "198501012382", "8501012383", "850101238", ""] {
        assert_eq!(year(text), None, "{text}");
    }
}

#[test]
fn a_plus_stands_alone_before_the_last_four_and_does_not_contradict_the_year() {
    assert_eq!(twelve("19240101+9183"), "192401019183");
    assert_eq!(twelve("24-01-01 + 9183"), "192401019183");
    for text in ["19850101+2382", "240101-+9183", "240101+-9183", "24+01019183", "+2401019183", "2401019183+"]
    {
        assert_eq!(parse(text).unwrap_err(), PersonalNumberError::Characters, "{text}");
    }
}

#[test]
fn a_plus_is_right_from_the_first_of_january_in_the_year_of_the_hundredth_birthday() {
    let read = |text: &str, today| PersonalNumber::parse(text, today).map(|n| n.twelve_digits().to_owned());
    let (eve, new_year) = (date(2022, 12, 31), date(2023, 1, 1));
    assert_eq!(read("19231231+2388", eve).unwrap_err(), PersonalNumberError::Characters);
    for today in [new_year, date(2023, 12, 30), date(2023, 12, 31), date(2024, 1, 1)] {
        // Whether 1923 and 2023 have the same check digit does not matter: the century is not in it.
        assert_eq!(read("19231231+2388", today).unwrap(), "192312312388", "{today}");
        assert_eq!(read("231231+2388", today).unwrap(), "192312312388", "{today}");
    }
    // Born on 1 January: the number of the same digits is a newborn's from that day on.
    let check = check_digit("230101238");
    let january = format!("230101-238{check}");
    assert_eq!(read(&january, eve).unwrap(), format!("19230101238{check}"));
    assert_eq!(read(&january, new_year).unwrap(), format!("20230101238{check}"));
}

#[test]
fn a_coordination_number_of_this_year_is_held_against_its_earliest_day() {
    let read = |text: &str, today| PersonalNumber::parse(text, today).map(|n| n.twelve_digits().to_owned());
    // Unknown month and day: it may have been on 1 January.
    let unknown = |year: &str| {
        let nine = format!("{year}0060238");
        format!("{nine}{}", check_digit(&nine))
    };
    assert_eq!(read(&unknown("26"), date(2026, 1, 1)).unwrap(), format!("20{}", unknown("26")));
    assert_eq!(
        read(&format!("20{}", unknown("27")), date(2026, 12, 31)).unwrap(),
        format!("20{}", unknown("27"))
    );
    assert_eq!(
        read(&format!("20{}", unknown("27")), date(2026, 12, 30)).unwrap_err(),
        PersonalNumberError::Future
    );
}

#[test]
fn clocks_far_from_our_time_infer_no_year_that_has_no_numbers() {
    for today in [date(-9999, 1, 1), date(1, 1, 1), date(1799, 12, 31), date(2200, 1, 1), date(9999, 12, 31)]
    {
        assert_eq!(
            PersonalNumber::parse("850101-2382", today).unwrap_err(),
            PersonalNumberError::Century,
            "{today}"
        );
    }
}

fn check_digit(nine: &str) -> char {
    ('0'..='9').find(|digit| luhn(&format!("{nine}{digit}"))).unwrap()
}

/// Twelve digits: a day of some year, or for a samordningsnummer any month and day that are given out.
fn well_formed() -> impl Strategy<Value = String> {
    let person = (0i32..49_000).prop_map(|days| {
        let born = date(1890, 1, 1).checked_add(days.days()).unwrap();
        format!("{:04}{:02}{:02}", born.year(), born.month(), born.day())
    });
    let coordination =
        (1890i16..2024, 0i8..=12, 60i8..=91).prop_map(|(y, m, d)| format!("{y:04}{m:02}{d:02}"));
    (prop_oneof![person, coordination], 1u16..1000).prop_map(|(born, serial)| {
        let nine = format!("{}{serial:03}", &born[2..]);
        format!("{}{nine}{}", &born[..2], check_digit(&nine))
    })
}

/// The number as people write it who know how old its bearer is.
fn short(twelve: &str) -> String {
    let plus = twelve[..4].parse::<i16>().unwrap() <= TODAY.year() - 100;
    format!("{}{}{}", &twelve[2..8], if plus { '+' } else { '-' }, &twelve[8..])
}

proptest! {
    #[test]
    fn every_well_formed_number_is_read_back_in_every_form(number in well_formed(), space in "[ \u{a0}\u{2009}]{0,2}") {
        let dash = format!("{}{space}-{}", &number[..8], &number[8..]);
        for written in [&number, &dash, &short(&number)] {
            let parsed = parse(written).unwrap();
            prop_assert_eq!(parsed.twelve_digits(), number.as_str());
            prop_assert_eq!(parsed.kind() == PersonalNumberKind::Samordningsnummer, number[6..8] > *"31");
            prop_assert!(parsed.born().is_some());
            prop_assert_eq!(format!("{parsed} {parsed:?}"), format!("{0}-**** {0}-****", &number[..8]));
        }
    }

    #[test]
    fn the_inferred_year_is_the_latest_that_has_been(number in well_formed()) {
        let ten = &number[2..];
        let Some(year) = PersonalNumber::inferred_year(ten, TODAY) else {
            // Of this year and still to come, or a hundred years old: that is asked, not guessed.
            prop_assert_eq!(parse(ten).unwrap_err(), PersonalNumberError::Century);
            prop_assert_eq!(&ten[..2], format!("{:02}", TODAY.year() % 100));
            return Ok(());
        };
        prop_assert!((TODAY.year() - 99..=TODAY.year()).contains(&year));
        prop_assert_eq!(twelve(ten), format!("{year}{}", &ten[2..]));
    }

    #[test]
    fn one_wrong_digit_is_noticed(number in well_formed(), at in 2usize..12, by in 1u8..10) {
        let mut wrong = number.into_bytes();
        wrong[at] = (wrong[at] - b'0' + by) % 10 + b'0';
        prop_assert!(parse(&String::from_utf8(wrong).unwrap()).is_err());
    }

    #[test]
    fn two_digits_that_changed_places_are_noticed_but_for_0_and_9(number in well_formed(), at in 2usize..11) {
        let (one, other) = (&number[at..=at], &number[at + 1..at + 2]);
        let mut swapped = number.clone();
        swapped.replace_range(at..at + 2, &format!("{other}{one}"));
        // Luhn's known blind spot.
        let same_sum = one == other || ["09", "90"].contains(&&number[at..at + 2]);
        if same_sum {
            prop_assert!(luhn(&swapped[2..]));
        } else {
            prop_assert!(parse(&swapped).is_err());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,20}|[0-9+\\- ]{0,16}", days in -4_000_000i32..4_000_000) {
        let today = TODAY.checked_add(days.days()).unwrap_or(TODAY);
        if let Ok(number) = PersonalNumber::parse(&text, today) {
            prop_assert_eq!(number.twelve_digits().len(), 12);
        }
    }
}
