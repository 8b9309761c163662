//! Forms, answers and histories as chance makes them: every kind, every condition, every way to fill in.

use ledsaga_forms::{Answer, Answers, Context, Definition, FileRef, Kind, Op, OpKind, Row};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::{ORDINARY, PROTECTED, chosen, file, question, text, try_load, written, yes_no};

const STATES: [&str; 3] = ["hidden", "visible", "visible_required"];
const POLICIES: [&str; 3] = ["ask", "via_forwarding", "do_not_ask"];
const SENSITIVITIES: [&str; 3] = ["ordinary", "personal", "protected"];
const FILINGS: [&str; 3] = ["accepted", "written_required", "signature_required"];

/// What is drawn for a question: its kind, a variant of it, state, policy, sensitivity.
type DrawnQuestion = (u8, u8, usize, usize, usize);

/// How many sorts of question are drawn outside groups; those of groups come last.
const SORTS: u8 = 27;
const SORTS_IN_GROUPS: u8 = 24;

fn pick<T: Clone>(drawn: u8, among: &[T]) -> T {
    among[usize::from(drawn) % among.len()].clone()
}

/// A question by what was drawn for it. Ids are `q0`, `q1`, …; those in groups `m00`, `m01`, ….
fn build(index: usize, drawn: DrawnQuestion, in_group: bool) -> Value {
    let (kind, variant, state, policy, sensitivity) = drawn;
    let id =
        format!("{}{index:0width$}", if in_group { "m" } else { "q" }, width = if in_group { 2 } else { 1 });
    let more = json!({
        "state": STATES[state % 3], "protected_policy": POLICIES[policy % 3], "sensitivity": SENSITIVITIES[sensitivity % 3]
    });
    let with = |kind: &str, extra: Value| {
        let mut question = question(&id, kind, more.clone());
        question.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        question
    };
    let odd = variant % 2 == 1;
    let choices = json!([{ "id": "ja", "label": "Ja" }, { "id": "nej", "label": "Nej" }]);
    match kind % if in_group { SORTS_IN_GROUPS } else { SORTS } {
        0 | 1 => yes_no(&id, more),
        2 => with("checkbox", json!({ "choices": choices, "other": "Annat", "min": 1, "max": 2 })),
        3 => with("drop_down", json!({ "choices": choices, "other": "Annat" })),
        4 => with("checkbox", json!({ "choices": choices, "min": variant % 3 })),
        5 => with("number", json!({ "min": 0, "max": 100, "decimals": variant % 3 })),
        6 => with("money", if odd { json!({ "max": 500 }) } else { json!({}) }),
        7 => with("text", json!({ "min_length": variant % 3, "max_length": 5 })),
        8 => with(
            "text",
            json!({ "pattern": pick(variant, &["AA 9", "9-9*", "(A).ß9", "*"]), "covered": odd }),
        ),
        9 => with("text_area", if odd { json!({ "min_length": 2, "max_length": 6 }) } else { json!({}) }),
        10 => with("note", json!({})),
        11 => with("personal_identity_number", json!({})),
        12 => {
            let limits =
                [json!({ "min": 18 }), json!({ "max": 40 }), json!({ "min": 6, "max": 16, "by_year": true })];
            with("personal_identity_number", json!({ "age": pick(variant, &limits) }))
        }
        13 => with("other_identity_number", json!({ "domain": "LMA-nummer" })),
        14 => with("organisation_number", json!({})),
        15 => with("date", json!({ "not_past": odd, "not_future": variant % 3 == 2 })),
        16 => with("time", json!({})),
        17 => with("phone", json!({})),
        18 => with("email", json!({})),
        19 => with(if odd { "postcode" } else { "address" }, json!({})),
        20 => with("confirm", json!({ "statement": "Det stämmer." })),
        21 => {
            let total = if odd { json!({ "max_total": 8 }) } else { json!({}) };
            let mut files = with("files", json!({ "max_count": 2, "max_size": 5, "types": ["pdf", "7z"] }));
            files.as_object_mut().unwrap().extend(total.as_object().unwrap().clone());
            files
        }
        22 if odd => with("map_polygon", json!({ "zoom": 3 })),
        22 => with("stop", json!({ "text": "Stopp.", "state": STATES[state % 2] })),
        23 => with("information", json!({ "text": "Läs." })),
        _ => {
            let members: Vec<Value> = (0..3u8)
                .map(|n| {
                    let kind = kind.wrapping_mul(7).wrapping_add(n.wrapping_mul(variant));
                    let member = (kind, variant.wrapping_add(n), state + usize::from(n), policy, 0);
                    build(index * 10 + usize::from(n), member, true)
                })
                .collect();
            let answered = |n: usize| {
                let kind = members[n]["kind"].as_str().unwrap();
                !["information", "stop", "note", "map_polygon"].contains(&kind)
            };
            let named: Vec<Value> =
                (0..3).filter(|&n| answered(n)).map(|n| members[n]["id"].clone()).collect();
            let mut more = json!({
                "row_label": "Rad", "min_rows": state % 2, "max_rows": if variant % 4 == 3 { 1 } else { 2 },
                "layout": if odd { "table" } else { "rows" }, "partial": variant % 3 == 0, "questions": members
            });
            if let (Some(first), true) = (named.first(), variant % 5 < 3) {
                more["one_of"] = json!([named]);
                more["unique"] = first.clone();
            }
            with("group", more)
        }
    }
}

/// Every sort of question in every variant, each visible in a form of its own as `q0`.
pub fn sorts() -> Vec<Definition> {
    let drawn = (0..SORTS).flat_map(|kind| (0..12).map(move |variant| (kind, variant, 2, 0, 0)));
    let mut questions: Vec<Value> = drawn.map(|drawn| build(0, drawn, false)).collect();
    questions.dedup();
    let form = |question| try_load(&super::one_step(json!([question]), json!([]))).unwrap();
    questions.into_iter().map(form).collect()
}

/// What is drawn for a rule: source, target, condition, limit, state set, answer kept, no restoring; and whether the
/// condition is taken apart.
type DrawnRule = (Index, Index, u8, u8, usize, bool, bool, Option<Index>);

fn ids(questions: &[Value]) -> Vec<String> {
    let id = |question: &Value| question["id"].as_str().unwrap().to_owned();
    let members = |question: &Value| question["questions"].as_array().map_or(vec![], |members| ids(members));
    questions.iter().flat_map(|question| [vec![id(question)], members(question)].concat()).collect()
}

/// Those conditions that a question of this kind may have.
fn conditions(question: &Value, limit: u8) -> Vec<Value> {
    let mut found = vec![json!({ "answered": limit % 2 == 1 })];
    let more = match question["kind"].as_str().unwrap() {
        "radio" | "drop_down" | "checkbox" => {
            let free = if question["other"].is_string() { "other" } else { "nej" };
            vec![json!({ "any_of": ["ja"] }), json!({ "all_of": ["nej"] }), json!({ "any_of": [free] })]
        }
        "number" | "money" | "group" => {
            vec![json!({ "at_least": limit % 3 }), json!({ "at_most": limit % 3 })]
        }
        "date" => vec![
            json!({ "on_or_after": pick(limit, &["today", "2020-02-01", "today-30"]) }),
            json!({ "on_or_before": pick(limit, &["today", "2020-02-01", "today+30"]) }),
            json!({ "age_at_most": limit % 3 * 20 }),
        ],
        "personal_identity_number" => {
            vec![json!({ "age_at_least": 18 }), json!({ "age_at_most": limit % 3 * 20 })]
        }
        "text" | "time" | "phone" => {
            vec![json!({ "equals": pick(limit, &["AB 1", "08:30", "99"]) })]
        }
        _ => vec![],
    };
    found.extend(more);
    found
}

/// A definition in two steps with those of the drawn rules that `load` accepts.
pub fn definition() -> impl Strategy<Value = Definition> {
    let question =
        (any::<u8>(), any::<u8>(), 0..3usize, prop_oneof![4 => Just(0), 1 => 0..3usize], 0..3usize);
    let part = prop::option::weighted(0.3, any::<Index>());
    let rule = (
        any::<Index>(),
        any::<Index>(),
        any::<u8>(),
        any::<u8>(),
        0..3usize,
        any::<bool>(),
        any::<bool>(),
        part,
    );
    let filing = prop_oneof![2 => Just(0), 1 => 1..3usize];
    (prop::collection::vec(question, 2..8), prop::collection::vec(rule, 0..10), filing).prop_map(assemble)
}

fn assemble((questions, rules, filing): (Vec<DrawnQuestion>, Vec<DrawnRule>, usize)) -> Definition {
    let questions: Vec<Value> =
        questions.into_iter().enumerate().map(|(n, drawn)| build(n, drawn, false)).collect();
    let ids = ids(&questions);
    let all: Vec<Value> = questions
        .iter()
        .flat_map(|q| [vec![q.clone()], q["questions"].as_array().cloned().unwrap_or_default()].concat())
        .collect();
    let (first, second) = questions.split_at(questions.len() / 2);
    let steps = json!([
        { "id": "ett", "title": "Ett", "questions": first }, { "id": "tva", "title": "Två", "questions": second }
    ]);
    let definition = |rules: &[Value]| {
        let mut written = written(steps.clone(), json!(rules));
        written["oral_filing"] = json!(FILINGS[filing]);
        try_load(&written)
    };
    let mut kept: Vec<Value> = Vec::new();
    for (on, target, which, limit, set, keep_answer, no_restore, other) in rules {
        let one = |index: &Index, which: u8| {
            let conditions = conditions(index.get(&all), limit);
            conditions[usize::from(which) % conditions.len()].clone()
        };
        let when = one(&on, which);
        let when = match other {
            None => when,
            Some(_) if limit % 4 == 0 => json!({ "not": when }),
            Some(_) if limit % 4 == 1 => json!({ "all": [when, { "not": one(&on, which / 2) }] }),
            Some(other) => {
                let of = json!({ "of": { "question": other.get(&ids), "is": one(&other, which / 2) } });
                if limit % 4 == 2 { of } else { json!({ "any": [when, of] }) }
            }
        };
        let rule = json!({
            "on": on.get(&ids), "when": when, "set": STATES[set], "targets": [target.get(&ids)],
            "keep_answer": keep_answer, "no_restore": no_restore
        });
        let with = [kept.clone(), vec![rule]].concat();
        if definition(&with).is_ok() {
            kept = with;
        }
    }
    definition(&kept).unwrap()
}

pub fn answer() -> impl Strategy<Value = Answer> {
    let typed = vec![
        "0",
        "1,5",
        "99",
        "850101-2382",
        "850101-2383",
        "198501012382",
        "202312312388",
        "556703-7485",
        "2120000142",
        "2027-01-01",
        "1/2 2020",
        "070-1740605",
        "+47 22 33 44 55",
        "0046701740605",
        "8.30",
        "AB 1",
        "12x",
        "a.ss1",
        "(A).ß9",
        "namn@exempel.se",
        "123 45",
        "250 kr",
        " ",
        "åäö",
        "a\n b",
    ];
    prop_oneof![
        3 => prop::sample::subsequence(vec!["ja", "nej", "other"], 0..3).prop_map(|ids| chosen(&ids)),
        1 => Just(Answer::Choice { choices: vec!["other".to_owned()], other: Some(" eget ".to_owned()) }),
        4 => prop::sample::select(typed).prop_map(text),
        1 => "\\PC{0,8}|[\\x00-\\x20a]{0,4}".prop_map(|typed| text(&typed)),
        1 => Just(Answer::Confirmed),
    ]
}

/// Typed for the question more often than not; else as if it were another.
fn fitting_answer(kind: &Kind) -> BoxedStrategy<Answer> {
    let typed: &[&str] = match kind {
        Kind::Text { pattern: Some(_), .. } => &["ab1", "1-23", "12x", "a.ss1", "q", "8"],
        Kind::Text { .. } => &["abc", " x  y ", "för långt"],
        Kind::TextArea { .. } | Kind::Note | Kind::Unknown(_) => &["en\r\ntvå", "abc", "  \n x\t"],
        Kind::Number { .. } => &["0", "7", "1,5", "99", "-0"],
        Kind::Money { .. } => &["250 kr", "0", "1 200"],
        Kind::Date { .. } => &["1/2 2020", "2026-11-22", "2027-01-01", "20200229"],
        Kind::Time => &["8.30", "2359"],
        Kind::PersonalIdentityNumber { .. } => {
            &["850101-2382", "202312312388", "201602292383", "189001019802"]
        }
        Kind::OtherIdentityNumber { .. } => &[" 12 34-X", "50-123456/7"],
        Kind::OrganisationNumber => &["212000-0142", "850101-2382"],
        Kind::Phone => &["070-1740605", "08-465 004 00", "+47 22 33 44 55", "00(47)22-33/44", "020-123456"],
        Kind::Email => &["namn@exempel.se"],
        Kind::Postcode => &["12345", "SE-123 45"],
        Kind::Address => &["Storgatan 1", "Lillgatan\u{a0}2"],
        Kind::Radio { .. } | Kind::DropDown { .. } => {
            let other = |other| Answer::Choice { choices: vec!["other".to_owned()], other };
            return prop_oneof![
                3 => prop::sample::select(vec!["ja", "nej"]).prop_map(|id| chosen(&[id])),
                1 => Just(other(Some(" eget ".to_owned()))),
            ]
            .boxed();
        }
        Kind::Checkbox { .. } => {
            return (prop::sample::subsequence(vec!["ja", "nej", "other"], 1..3), "[a-z ]{1,3}")
                .prop_map(|(ids, other)| Answer::Choice {
                    other: ids.contains(&"other").then_some(other),
                    choices: ids.into_iter().map(str::to_owned).collect(),
                })
                .boxed();
        }
        Kind::Confirm { .. } => return Just(Answer::Confirmed).boxed(),
        _ => return answer().boxed(),
    };
    prop::sample::select(typed.to_vec()).prop_map(text).boxed()
}

/// Operations on paths that may or may not be there.
fn operation(definition: &Definition) -> impl Strategy<Value = OpKind> + use<> {
    let paths = paths(definition);
    let path = prop::sample::select(paths.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>());
    let fitting = prop::sample::select(paths).prop_flat_map(|(question, kind)| {
        fitting_answer(&kind).prop_map(move |answer| OpKind::Set { question: question.clone(), answer })
    });
    let row = || prop::sample::select(vec!["r1", "x", "y"]).prop_map(str::to_owned);
    let attached = prop::sample::select(vec![("f1", "a.pdf", 3), ("f2", "Å.tar.7Z", 5), ("f3", ".pdf", 0)]);
    prop_oneof![
        4 => (path.clone(), answer()).prop_map(|(question, answer)| OpKind::Set { question, answer }),
        8 => fitting,
        1 => path.clone().prop_map(|question| OpKind::Clear { question }),
        2 => (path.clone(), row()).prop_map(|(question, row)| OpKind::AddRow { question, row }),
        1 => (path.clone(), row()).prop_map(|(question, row)| OpKind::RemoveRow { question, row }),
        2 => (path.clone(), attached)
            .prop_map(|(question, (id, name, size))| OpKind::Attach { question, file: file(id, name, size) }),
        1 => path.clone().prop_map(|question| OpKind::Detach { question, file: "f1".to_owned() }),
        1 => (path.clone(), any::<bool>()).prop_map(|(question, on)| OpKind::Later { question, on }),
        1 => path.prop_map(|question| OpKind::Leave { question }),
        1 => prop::sample::select(definition.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>())
            .prop_map(|step| OpKind::GoTo { step }),
        1 => Just(OpKind::TrySubmit),
    ]
}

fn paths(definition: &Definition) -> Vec<(String, Kind)> {
    let questions = definition.steps.iter().flat_map(|step| &step.questions);
    let mut paths = Vec::new();
    for question in questions {
        paths.push((question.id.clone(), question.kind.clone()));
        if let Kind::Group { questions, .. } = &question.kind {
            let members = questions.iter().flat_map(|m| {
                ["r1", "x"].map(|row| (format!("{}/{row}/{}", question.id, m.id), m.kind.clone()))
            });
            paths.extend(members);
        }
    }
    paths
}

/// What is done to a form, and before which operations protected mode is switched.
pub fn operations(definition: &Definition, most: usize) -> impl Strategy<Value = Vec<(Op, bool)>> + use<> {
    let drawn = prop::collection::vec((operation(definition), prop::bool::weighted(0.1)), 0..most);
    drawn.prop_map(|kinds| {
        let number = |(n, (kind, switch)): (usize, (OpKind, bool))| (Op { id: n.to_string(), kind }, switch);
        kinds.into_iter().enumerate().map(number).collect()
    })
}

pub fn history() -> impl Strategy<Value = (Definition, Vec<(Op, bool)>)> {
    definition().prop_flat_map(|definition| {
        let operations = operations(&definition, 40);
        (Just(definition), operations)
    })
}

/// The context of each operation.
pub fn contexts(switches: &[(Op, bool)]) -> Vec<Context> {
    let mut protected = false;
    let switched = switches.iter().map(|(_, switch)| {
        protected ^= switch;
        if protected { PROTECTED } else { ORDINARY }
    });
    switched.collect()
}

/// Answers that no form of ours has made.
pub fn strangers_answers() -> impl Strategy<Value = Answers> {
    let id = || "q[0-7]|m[0-7][0-2]|\\PC{0,3}";
    let reference = |(id, name, size, media_type, sha256)| FileRef { id, name, size, media_type, sha256 };
    let file = (
        "[a-z0-9-]{0,3}|\\PC{0,2}",
        "[a-zå.]{0,4}\\.(pdf|PDF|7z|zip)|\\PC{0,4}",
        0..8u64,
        "[a-z/]{0,5}",
        "[0-9a-f]{64}|[0-9A-F]{0,64}",
    );
    let leaf = prop_oneof![
        6 => answer(),
        1 => prop::collection::vec(file.prop_map(reference), 0..4).prop_map(|files| Answer::Files { files }),
        1 => (prop::collection::vec("ja|nej|other|[a-z]{1,2}", 0..4), prop::option::of("[a-z ]{0,4}|\\PC{0,3}"))
            .prop_map(|(choices, other)| Answer::Choice { choices, other }),
    ];
    let answer = leaf.prop_recursive(3, 12, 3, move |inner| {
        let row = ("r1|x|\\PC{0,2}", prop::collection::btree_map(id(), inner, 0..3));
        prop::collection::vec(row.prop_map(|(id, answers)| Row { id, answers }), 0..4)
            .prop_map(|rows| Answer::Rows { rows })
    });
    prop::collection::btree_map(id(), answer, 0..6)
}
