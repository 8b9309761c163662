//! Conditions and rules against what they are said to mean, written anew here and tried on drawn values.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use common::{Draft, add_row, chosen, one_step, question, text, yes_no};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use ledsaga_forms::{
    Day, OpKind,
    QuestionState::{self, Hidden, Visible, VisibleRequired},
    load, submission_answers,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const TODAY: Date = date(2026, 11, 22);

fn days_from(day: Date, days: i32) -> Date {
    day.checked_add(days.days()).unwrap()
}

fn any_day(from: i16, to: i16) -> impl Strategy<Value = Date> {
    (from..to, 1i16..=365).prop_map(|(year, day)| days_from(date(year, 1, 1), i32::from(day) - 1))
}

/// Birth dates, with more than their share of 29 February.
fn born() -> impl Strategy<Value = Date> {
    prop_oneof![3 => any_day(1900, 2026), 1 => (476i16..506).prop_map(|leap| date(leap * 4, 2, 29))]
}

fn rule(on: &str, when: Value, set: &str, target: &str) -> Value {
    json!({ "on": on, "when": when, "set": set, "targets": [target] })
}

/// Whether `when` holds for what is typed as the answer to a question of this kind.
fn holds(kind: &str, more: Value, when: Value, typed: &str, today: Date) -> bool {
    let mut draft = Draft::new(&one_step(
        json!([question("a", kind, more), question("b", "text", json!({ "state": "hidden" }))]),
        json!([rule("a", when, "visible", "b")]),
    ));
    draft.context.today = today;
    draft.set("a", text(typed));
    draft.state_of("b") == Visible
}

/// A date as a Swede may type it.
fn typed(date: Date, way: usize) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match way % 4 {
        0 => date.to_string(),
        1 => format!("{year}{month:02}{day:02}"),
        2 => format!("{day}/{month} {year}"),
        _ => format!("{day}.{month}.{year}"),
    }
}

/// The day on which one turns so many years: 1 March for those born on 29 February, in years without one.
fn birthday(born: Date, years: i16) -> Date {
    let year = born.year() + years;
    Date::new(year, born.month(), born.day()).unwrap_or_else(|_| date(year, 3, 1))
}

#[test]
fn the_29th_of_february_is_turned_on_the_1st_of_march() {
    let of_age = |today| holds("date", json!({}), json!({ "age_at_least": 18 }), "2008-02-29", today);
    assert!(!of_age(date(2026, 2, 28)));
    assert!(of_age(date(2026, 3, 1)));
    let twenty = |today| holds("date", json!({}), json!({ "age_at_least": 20 }), "2008-02-29", today);
    assert!(!twenty(date(2028, 2, 28)));
    assert!(twenty(date(2028, 2, 29)));
    assert_eq!(
        (birthday(date(2008, 2, 29), 18), birthday(date(2008, 2, 29), 20)),
        (date(2026, 3, 1), date(2028, 2, 29))
    );
}

#[test]
fn days_are_written_in_one_way() {
    for refused in [
        "",
        "idag",
        "Today",
        "today+",
        "today-",
        "today +1",
        "today+1,5",
        "today++1",
        "today+-1",
        "today-50001",
        "today+99999999999",
        "2026-5-1",
        "2026-02-29",
        "20260501",
        "2026-05-01T",
        "-002026-05-01",
        "2026/05/01",
        "today\u{a0}",
    ] {
        assert!(Day::try_from(refused.to_owned()).is_err(), "{refused}");
    }
    assert_eq!(Day::try_from("today-0".to_owned()), Ok(Day::Today(0)));
}

proptest! {
    #[test]
    fn a_day_is_the_same_after_a_journey(days in -50_000i32..=50_000, fixed in any_day(0, 9999)) {
        for day in [Day::Today(days), Day::Fixed(fixed)] {
            prop_assert_eq!(Day::try_from(String::from(day)), Ok(day));
            let json = serde_json::to_string(&day).unwrap();
            prop_assert_eq!(serde_json::from_str::<Day>(&json).unwrap(), day);
        }
    }

    #[test]
    fn what_is_read_as_a_fixed_day_is_how_that_day_is_written(written in "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9TtZ:+.-]{10}") {
        if let Ok(day) = Day::try_from(written.clone()) {
            prop_assert_eq!(String::from(day), written);
        }
    }

    #[test]
    fn a_day_counted_from_today_goes_with_the_clock(today in any_day(1900, 2100), days in -50_000i32..=50_000) {
        prop_assert_eq!(Day::Today(days).on(today), days_from(today, days));
        prop_assert_eq!(Day::Fixed(TODAY).on(today), TODAY);
    }

    #[test]
    fn no_clock_brings_a_day_out_of_the_calendar(days in -50_000i32..=50_000) {
        for edge in [Date::MIN, Date::MAX] {
            prop_assert!((Date::MIN..=Date::MAX).contains(&Day::Today(days).on(edge)));
        }
    }

    #[test]
    fn dates_are_compared_with_days_as_the_calendar_does(
        today in any_day(1990, 2100), from_today in -40i32..40, limit in -40i32..40, way in 0usize..4,
    ) {
        let typed = typed(days_from(today, from_today), way);
        let fixed = days_from(today, limit).to_string();
        for limit_written in [format!("today{limit:+}"), fixed] {
            let after = holds("date", json!({}), json!({ "on_or_after": limit_written }), &typed, today);
            let before = holds("date", json!({}), json!({ "on_or_before": limit_written }), &typed, today);
            prop_assert_eq!((after, before), (from_today >= limit, from_today <= limit), "{} {}", typed, limit_written);
        }
    }

    #[test]
    fn numbers_are_compared_by_value_however_they_are_typed(
        value in -20_000i32..20_000, limit in -20_000i32..20_000, spaced: bool, comma: bool,
    ) {
        let mark = if comma { ',' } else { '.' };
        let sign = if value < 0 { "-" } else { "" };
        let space = if spaced { " " } else { "" };
        let typed = format!("{sign}{space}{}{mark}{:02}", value.abs() / 100, value.abs() % 100);
        let limit_written = f64::from(limit) / 100.0;
        let decimals = json!({ "decimals": 2 });
        let least = holds("number", decimals.clone(), json!({ "at_least": limit_written }), &typed, TODAY);
        let most = holds("number", decimals, json!({ "at_most": limit_written }), &typed, TODAY);
        prop_assert_eq!((least, most), (value >= limit, value <= limit), "{} {}", typed, limit_written);
    }

    #[test]
    fn ages_change_on_birthdays(born in born(), years in 0i16..120, offset in -2i32..=2, way in 0usize..4) {
        let today = days_from(birthday(born, years), offset);
        let turned = offset >= 0;
        let typed = typed(born, way);
        let at_least = holds("date", json!({}), json!({ "age_at_least": years }), &typed, today);
        prop_assert_eq!(at_least, turned, "{} on {}", born, today);
        if years > 0 {
            let at_most = holds("date", json!({}), json!({ "age_at_most": years - 1 }), &typed, today);
            prop_assert_eq!(at_most, !turned, "{} on {}", born, today);
        }
    }

    #[test]
    fn identity_numbers_have_the_age_of_their_birth_date(years in 0i16..100, offset in -2i32..=2) {
        // Official test numbers: one of a leap day, one of a samordningsnummer.
        for (number, born) in [("201602292383", date(2016, 2, 29)), ("198502862397", date(1985, 2, 26)), ("198501012382", date(1985, 1, 1))] {
            let today = days_from(birthday(born, years), offset);
            prop_assume!(today >= born);
            let at_least = holds("personal_identity_number", json!({}), json!({ "age_at_least": years }), number, today);
            prop_assert_eq!(at_least, offset >= 0, "{} on {}", born, today);
        }
    }

    #[test]
    fn what_cannot_be_read_fulfils_no_comparison(typed in "[a-zåäö]{1,6}|2026-02-30|85010[0-9]-2382|-|--1") {
        for (kind, when) in [
            ("number", json!({ "at_least": -1e15 })), ("number", json!({ "at_most": 1e15 })),
            ("date", json!({ "on_or_after": "today-50000" })), ("date", json!({ "on_or_before": "today+50000" })),
            ("personal_identity_number", json!({ "age_at_least": 0 })), ("date", json!({ "age_at_most": 255 })),
        ] {
            // The one number among them that is right is a person's.
            prop_assume!(typed != "850101-2382");
            prop_assert!(!holds(kind, json!({}), when, &typed, TODAY), "{kind} {typed}");
        }
    }
}

/// A condition over three questions: two yes-or-no and one number.
#[derive(Debug, Clone)]
enum Meaning {
    Yes(&'static str),
    Answered(&'static str, bool),
    AtLeast(i32),
    All(Vec<Meaning>),
    Any(Vec<Meaning>),
    Not(Box<Meaning>),
}

#[derive(Debug, Clone, Copy)]
struct Answered {
    a: Option<bool>,
    b: Option<bool>,
    n: Option<i32>,
}

impl Meaning {
    /// As it is written where the rule's source is `on`; what asks about another question says so.
    fn written(&self, on: &str) -> Value {
        let about = |id: &str, when: Value| {
            if id == on { when } else { json!({ "of": { "question": id, "is": when } }) }
        };
        let parts = |parts: &[Self]| parts.iter().map(|part| part.written(on)).collect::<Vec<_>>();
        match self {
            Self::Yes(id) => about(id, json!({ "any_of": ["ja"] })),
            Self::Answered(id, answered) => about(id, json!({ "answered": answered })),
            Self::AtLeast(least) => about("n", json!({ "at_least": least })),
            Self::All(all) => json!({ "all": parts(all) }),
            Self::Any(any) => json!({ "any": parts(any) }),
            Self::Not(inner) => json!({ "not": inner.written(on) }),
        }
    }

    fn holds(&self, answers: Answered) -> bool {
        match self {
            Self::Yes("a") => answers.a == Some(true),
            Self::Yes(_) => answers.b == Some(true),
            Self::Answered("a", answered) => answers.a.is_some() == *answered,
            Self::Answered("b", answered) => answers.b.is_some() == *answered,
            Self::Answered(_, answered) => answers.n.is_some() == *answered,
            Self::AtLeast(least) => answers.n.is_some_and(|n| n >= *least),
            Self::All(parts) => parts.iter().all(|part| part.holds(answers)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(answers)),
            Self::Not(inner) => !inner.holds(answers),
        }
    }
}

fn meaning() -> impl Strategy<Value = Meaning> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b"]).prop_map(Meaning::Yes),
        (prop::sample::select(vec!["a", "b", "n"]), any::<bool>())
            .prop_map(|(id, is)| Meaning::Answered(id, is)),
        (-3i32..3).prop_map(Meaning::AtLeast),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            parts().prop_map(Meaning::All),
            parts().prop_map(Meaning::Any),
            inner.clone().prop_map(|inner| Meaning::Not(Box::new(inner))),
        ]
    })
}

fn answered() -> impl Strategy<Value = Answered> {
    (any::<Option<bool>>(), any::<Option<bool>>(), prop::option::of(-3i32..3))
        .prop_map(|(a, b, n)| Answered { a, b, n })
}

fn answer(draft: &mut Draft, answers: Answered) {
    for (id, answer) in [("a", answers.a), ("b", answers.b)] {
        if let Some(yes) = answer {
            draft.set(id, chosen(&[if yes { "ja" } else { "nej" }]));
        }
    }
    if let Some(n) = answers.n {
        draft.set("n", text(&n.to_string()));
    }
}

proptest! {
    #[test]
    fn conditions_in_conditions_mean_what_they_say(
        meaning in meaning(), answers in answered(), on in prop::sample::select(vec!["a", "b", "n"]),
    ) {
        let written = one_step(
            json!([yes_no("a", json!({})), yes_no("b", json!({})), question("n", "number", json!({})), question("t", "text", json!({ "state": "hidden" }))]),
            json!([rule(on, meaning.written(on), "visible_required", "t")]),
        );
        let mut draft = Draft::new(&written);
        answer(&mut draft, answers);
        prop_assert_eq!(draft.state_of("t") == VisibleRequired, meaning.holds(answers));
    }
}

#[test]
fn conditions_go_no_deeper_than_can_be_followed() {
    let written = one_step(
        json!([yes_no("a", json!({})), question("t", "text", json!({}))]),
        json!([rule("a", json!("inner"), "hidden", "t")]),
    )
    .to_string();
    let nested = |depth: usize| {
        let when = format!(r#"{}{{"answered":true}}{}"#, r#"{"not":"#.repeat(depth), "}".repeat(depth));
        load(written.replace(r#""inner""#, &when).as_bytes())
    };
    assert!(nested(7).is_ok() && nested(8).is_err());
    assert!(nested(10_000).is_err(), "nor does it take the stack");
}

fn state_named(name: &str) -> QuestionState {
    match name {
        "hidden" => Hidden,
        "visible" => Visible,
        _ => VisibleRequired,
    }
}

const STATES: [&str; 3] = ["hidden", "visible", "visible_required"];
const SOURCES: [&str; 3] = ["a", "b", "c"];

/// A rule on one of the sources: its source, what it sets, whether it does not restore, whether it keeps the answer.
type Drawn = (usize, usize, bool, bool);

fn drawn_rules() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec((0..3usize, 0..3usize, any::<bool>(), any::<bool>()), 0..7)
}

/// Rules on `a`, `b` and `c`, answered with yes or not, that all decide over `t`.
fn rules_over_one(default: &str, rules: &[Drawn]) -> Draft {
    let rules = rules.iter().map(|(on, set, no_restore, keep)| {
        json!({
            "on": SOURCES[*on], "when": { "any_of": ["ja"] }, "set": STATES[*set], "targets": ["t"],
            "no_restore": no_restore, "keep_answer": keep
        })
    });
    let sources = SOURCES.map(|id| yes_no(id, json!({ "state": "visible" })));
    let target = question("t", "text", json!({ "state": default }));
    Draft::new(&one_step(
        Value::Array([sources.as_slice(), &[target]].concat()),
        Value::Array(rules.collect()),
    ))
}

/// Open ePlatform's semantics in as many words: the state that the last rule left, and whether it keeps the answer.
fn expected(default: &str, rules: &[Drawn], yes: [bool; 3]) -> (QuestionState, bool) {
    let mut outcome = (state_named(default), false);
    for (on, set, no_restore, keep) in rules {
        if yes[*on] {
            outcome = (state_named(STATES[*set]), *keep);
        } else if !no_restore {
            outcome = (state_named(default), *keep);
        }
    }
    outcome
}

proptest! {
    #[test]
    fn the_last_rule_wins_restores_the_default_and_decides_over_the_answer(
        default in prop::sample::select(STATES.to_vec()), rules in drawn_rules(),
        toggles in prop::collection::vec((0..3usize, any::<bool>()), 1..8),
    ) {
        let mut draft = rules_over_one(default, &rules);
        let mut yes = [false; 3];
        let mut kept = None;
        for (n, (source, on)) in toggles.into_iter().enumerate() {
            yes[source] = on;
            draft.set(SOURCES[source], chosen(&[if on { "ja" } else { "nej" }]));
            let (state, keeps) = expected(default, &rules, yes);
            prop_assert_eq!(draft.state_of("t"), state);
            if state == Hidden {
                kept = kept.filter(|_| keeps);
                prop_assert!(draft.shown("t").is_none());
                prop_assert!(!submission_answers(&draft.definition, &draft.state, &draft.context).contains_key("t"));
            } else {
                prop_assert!(draft.shown("t") == kept, "what was kept is there again, what was cleared is not");
                kept = Some(text(&n.to_string()));
                draft.set("t", text(&n.to_string()));
            }
            prop_assert!(draft.state.answers.get("t") == kept.as_ref());
        }
    }

    #[test]
    fn a_cascade_goes_through_the_questions_in_order_whatever_the_order_of_the_rules(
        (shuffled, length) in (2usize..9).prop_flat_map(|length| (Just((1..length).collect::<Vec<_>>()).prop_shuffle(), Just(length))),
        broken in 0usize..9,
    ) {
        let id = |n: usize| format!("q{n}");
        let questions = (0..length).map(|n| yes_no(&id(n), json!({ "state": if n == 0 { "visible" } else { "hidden" } })));
        let rules = shuffled.iter().map(|&n| rule(&id(n - 1), json!({ "any_of": ["ja"] }), "visible", &id(n)));
        let mut draft = Draft::new(&one_step(Value::Array(questions.collect()), Value::Array(rules.collect())));
        for n in 0..length {
            prop_assert_eq!(draft.state_of(&id(n)), Visible);
            draft.set(&id(n), chosen(&["ja"]));
        }
        // Where the chain breaks everything after is hidden and forgotten, and does not come back by itself.
        let broken = broken % length;
        draft.set(&id(broken), chosen(&["nej"]));
        for n in 0..length {
            prop_assert_eq!(draft.state_of(&id(n)) == Visible, n <= broken);
            prop_assert_eq!(draft.state.answers.contains_key(&id(n)), n <= broken);
        }
        draft.set(&id(broken), chosen(&["ja"]));
        for n in broken + 1..length {
            prop_assert_eq!(draft.state_of(&id(n)) == Visible, n == broken + 1);
        }
    }

    #[test]
    fn within_a_group_each_row_is_judged_by_itself_and_by_the_form(
        rows in prop::collection::vec(any::<Option<bool>>(), 1..4), outside: Option<bool>,
    ) {
        let members = json!([
            yes_no("m", json!({ "state": "visible" })), question("own", "text", json!({ "state": "hidden" })),
            question("both", "text", json!({ "state": "hidden" })), question("from_outside", "text", json!({ "state": "hidden" })),
        ]);
        let group = question("g", "group", json!({ "row_label": "Rad", "max_rows": 3, "questions": members }));
        let yes = json!({ "any_of": ["ja"] });
        let also_outside = json!({ "all": [yes, { "of": { "question": "a", "is": yes } }] });
        let mut draft = Draft::new(&one_step(
            json!([yes_no("a", json!({})), group]),
            json!([rule("m", yes.clone(), "visible", "own"), rule("m", also_outside, "visible", "both"), rule("a", yes, "visible", "from_outside")]),
        ));
        let chosen = |yes: bool| chosen(&[if yes { "ja" } else { "nej" }]);
        if let Some(yes) = outside {
            draft.set("a", chosen(yes));
        }
        for (n, m) in rows.iter().enumerate() {
            draft.apply(add_row("g", &format!("x{n}")));
            if let Some(yes) = *m {
                draft.set(&format!("g/x{n}/m"), chosen(yes));
            }
        }
        let is = |id: &str, n: usize| draft.state_of(&format!("g/x{n}/{id}")) == Visible;
        for (n, m) in rows.iter().enumerate() {
            let (own, out) = (*m == Some(true), outside == Some(true));
            prop_assert_eq!((is("own", n), is("both", n), is("from_outside", n)), (own, own && out, out));
        }
    }
}

#[test]
fn the_drawn_rules_over_one_question_do_hide_show_and_keep() {
    // The counter-test of the property above: with nothing hidden and nothing kept it would hold for any engine.
    let keeping = [(0, 0, false, true)];
    let mut draft = rules_over_one("visible", &keeping);
    draft.set("t", text("svar"));
    draft.set("a", chosen(&["ja"]));
    assert_eq!(
        (draft.state_of("t"), expected("visible", &keeping, [true, false, false])),
        (Hidden, (Hidden, true))
    );
    draft.apply(OpKind::Clear { question: "a".to_owned() });
    assert!(draft.shown("t") == Some(text("svar")));
    let clearing = [(0, 0, false, false)];
    assert_eq!(expected("visible", &clearing, [true, false, false]), (Hidden, false));
}
