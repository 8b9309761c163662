//! What a definition must fulfil beyond its shape.

mod field;
mod rules;

use std::collections::HashSet;

use crate::{
    Choice, ChoiceFault, Definition, Kind, LoadError, PaperForm, Question, QuestionId, Reason, RoomFor, Step,
    normal, path::is_id,
};
use rules::Places;

pub(crate) use rules::circle;

/// Rows and files in one answer, choices in one question: a person on the phone never comes near.
const MANY: u32 = 1_000;
/// Decimals that `f64` still tells apart beside large whole parts.
const DECIMALS_MAX: u8 = 6;
/// Questions of one form, those in groups among them, and rules; the largest forms of municipalities have some 300.
const QUESTIONS_MAX: usize = 5_000;
const RULES_MAX: usize = 10_000;
/// Fields in all rows that an empty form has.
const FIELDS_MAX: usize = 10_000;

type Checked = Result<(), LoadError>;
type Judged = Result<(), Reason>;

fn demand(holds: bool, reason: Reason) -> Judged {
    if holds { Ok(()) } else { Err(reason) }
}

/// As [`demand`], for a reason that costs something to make.
fn demand_else(holds: bool, reason: impl FnOnce() -> Reason) -> Judged {
    if holds { Ok(()) } else { Err(reason()) }
}

fn at<T>(place: &str, judged: Result<T, Reason>) -> Result<T, LoadError> {
    judged.map_err(|reason| LoadError::Invalid { place: place.to_owned(), reason })
}

/// Everything that is wrong: the first reason for each field, paper form, step, question and rule, in the
/// definition's order. Rules are judged only when the questions that they are about are in order.
pub(crate) fn definition(definition: &Definition) -> Vec<LoadError> {
    let mut found = Found::default();
    found.head(definition);
    let places = found.steps(&definition.steps);
    let counted = demand(places.count() <= QUESTIONS_MAX, Reason::TooManyQuestions { max: QUESTIONS_MAX });
    found.note(at("steps", counted));
    let counted = demand(definition.rules.len() <= RULES_MAX, Reason::TooManyRules { max: RULES_MAX });
    found.note(at("rules", counted));
    if found.0.is_empty() {
        found.note(places.roles());
        if let Some((r, way)) = circle(&definition.rules) {
            let way = way.into_iter().map(str::to_owned).collect();
            found.note(at(&format!("rules[{r}]"), Err(Reason::Circle { way })));
        } else {
            for (r, rule) in definition.rules.iter().enumerate() {
                found.note(at(&format!("rules[{r}]"), places.rule(rule)));
            }
        }
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<LoadError>);

impl Found {
    fn note(&mut self, checked: Checked) {
        self.0.extend(checked.err());
    }

    fn head(&mut self, definition: &Definition) {
        let service_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let plain = is_id(&definition.id) && definition.id.bytes().all(service_id);
        self.note(at("id", demand(plain, Reason::ServiceId)));
        self.note(at("version", demand(definition.version > 0, Reason::Version)));
        for (place, text) in [
            ("name", &definition.name),
            ("summary", &definition.summary),
            ("category", &definition.category),
            ("unit", &definition.unit),
            ("contact.name", &definition.contact.name),
            ("contact.phone", &definition.contact.phone),
        ] {
            self.note(at(place, demand(!text.trim().is_empty(), Reason::Empty)));
        }
        let retention = &definition.retention;
        let days = demand(retention.protected_draft_days > 0, Reason::NoDays).and_then(|()| {
            demand(retention.protected_draft_days <= retention.draft_days, Reason::ProtectedLonger)
        });
        self.note(at("retention.protected_draft_days", days));
        for (p, form) in definition.paper_forms.iter().enumerate() {
            self.note(at(&format!("paper_forms[{p}] ({})", form.name), paper_form(form)));
        }
        self.note(at("steps", demand(!definition.steps.is_empty(), Reason::NoSteps)));
    }

    fn steps<'a>(&mut self, steps: &'a [Step]) -> Places<'a> {
        let mut ids = HashSet::new();
        let mut places = Places::default();
        let mut fields = 0_usize;
        for (s, step) in steps.iter().enumerate() {
            let judged = demand(is_id(&step.id), Reason::Id)
                .and_then(|()| demand(ids.insert(&step.id), Reason::SameStepId))
                .and_then(|()| demand(!step.title.trim().is_empty(), Reason::EmptyField { field: "title" }))
                .and_then(|()| demand(!step.questions.is_empty(), Reason::NoQuestions));
            self.note(at(&format!("steps[{s}] ({})", step.id), judged));
            for (q, top) in step.questions.iter().enumerate() {
                let place = format!("steps[{s}].questions[{q}] ({})", top.id);
                let judged = places.add(top, None, &place).and_then(|()| question(top));
                self.note(at(&place, judged));
                let Kind::Group { questions, min_rows, .. } = &top.kind else { continue };
                fields = fields.saturating_add(questions.len().saturating_mul(*min_rows as usize));
                self.note(at(
                    &place,
                    demand(fields <= FIELDS_MAX, Reason::TooManyFields { max: FIELDS_MAX }),
                ));
                for (m, member) in questions.iter().enumerate() {
                    let place = format!("steps[{s}].questions[{q}].questions[{m}] ({})", member.id);
                    let judged = demand(!matches!(member.kind, Kind::Group { .. }), Reason::GroupInGroup)
                        .and_then(|()| places.add(member, Some(&top.id), &place))
                        .and_then(|()| question(member));
                    self.note(at(&place, judged));
                }
            }
        }
        places
    }
}

/// Files are looked for by their name beside the definition, so a name is nothing but a name.
fn paper_form(form: &PaperForm) -> Judged {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')' | ',');
    demand(!form.name.trim().is_empty(), Reason::EmptyField { field: "name" })?;
    demand(
        (1..=255).contains(&normal::length(&form.file))
            && !form.file.starts_with('.')
            && form.file.chars().all(is_name),
        Reason::FileName,
    )?;
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    demand(form.sha256.len() == 64 && form.sha256.bytes().all(hex), Reason::Sha256)
}

fn question(question: &Question) -> Judged {
    demand(!question.label.trim().is_empty(), Reason::EmptyField { field: "label" })?;
    match &question.kind {
        Kind::Text { min_length, max_length, pattern, pattern_help, .. } => {
            lengths(*min_length, *max_length)?;
            demand(pattern.as_ref().is_none_or(|pattern| normal::is_pattern(pattern)), Reason::Pattern)?;
            demand(pattern.is_some() || pattern_help.is_none(), Reason::PatternHelpAlone)?;
            let signs = pattern.as_deref().map(normal::length);
            let room = min_length.unwrap_or(0)..=max_length.unwrap_or(normal::TEXT_MAX);
            demand(signs.is_none_or(|signs| room.contains(&signs)), Reason::PatternLength)
        }
        Kind::TextArea { min_length, max_length } => lengths(*min_length, *max_length),
        Kind::PersonalIdentityNumber { age: Some(age) } => {
            demand(age.min.is_some() || age.max.is_some(), Reason::NoAge)?;
            in_order(age.min, age.max, "age.min", "age.max")
        }
        Kind::OtherIdentityNumber { domain } => {
            demand(!domain.trim().is_empty(), Reason::EmptyField { field: "domain" })
        }
        Kind::Number { min, max, decimals, .. } => {
            demand([min, max].into_iter().flatten().all(|limit| limit.is_finite()), Reason::LimitNotNumber)?;
            in_order(*min, *max, "min", "max")?;
            demand(*decimals <= DECIMALS_MAX, Reason::Decimals { max: DECIMALS_MAX })
        }
        Kind::Money { max } => demand(*max != Some(0), no_room("max", RoomFor::Amount)),
        Kind::Radio { choices, other } | Kind::DropDown { choices, other } => self::choices(choices, other),
        Kind::Checkbox { choices, other, min, max } => {
            self::choices(choices, other)?;
            let all = choices.len() + usize::from(other.is_some());
            demand(min.is_none_or(|min| min as usize <= all), Reason::MinOverChoices)?;
            demand(*max != Some(0), no_room("max", RoomFor::Choice))?;
            in_order(*min, *max, "min", "max")
        }
        Kind::Files { max_count, max_size, max_total, types } => {
            many("max_count", *max_count)?;
            demand(*max_size > 0, no_room("max_size", RoomFor::File))?;
            demand(*max_total != Some(0), no_room("max_total", RoomFor::File))?;
            let ending = |t: &String| {
                matches!(t.len(), 1..=16) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            demand(!types.is_empty() && types.iter().all(ending), Reason::FileTypes)
        }
        Kind::Group { row_label, questions, min_rows, max_rows, one_of, unique, .. } => {
            demand(!row_label.trim().is_empty(), Reason::EmptyField { field: "row_label" })?;
            demand(!questions.is_empty(), Reason::GroupWithoutQuestions)?;
            many("max_rows", *max_rows)?;
            in_order(Some(*min_rows), Some(*max_rows), "min_rows", "max_rows")?;
            for (index, ids) in one_of.iter().enumerate() {
                demand(!ids.is_empty(), Reason::OneOfEmpty { index })?;
            }
            members(questions, one_of.iter().flatten(), "one_of")?;
            members(questions, unique, "unique")
        }
        Kind::Information { text } | Kind::Stop { text } => {
            demand(!text.trim().is_empty(), Reason::EmptyField { field: "text" })
        }
        Kind::Confirm { statement, .. } => {
            demand(!statement.trim().is_empty(), Reason::EmptyField { field: "statement" })
        }
        Kind::Unknown(fields) => field::unknown(fields),
        Kind::Date { .. }
        | Kind::Time
        | Kind::Note
        | Kind::PersonalIdentityNumber { age: None }
        | Kind::OrganisationNumber
        | Kind::Phone
        | Kind::Email
        | Kind::Postcode
        | Kind::Address => Ok(()),
    }
}

fn lengths(min: Option<u32>, max: Option<u32>) -> Judged {
    demand(max != Some(0), no_room("max_length", RoomFor::Answer))?;
    in_order(min, Some(max.unwrap_or(normal::TEXT_MAX)), "min_length", "max_length")
}

fn in_order<N: PartialOrd>(min: Option<N>, max: Option<N>, name: &'static str, of: &'static str) -> Judged {
    let crossed = matches!((min, max), (Some(min), Some(max)) if min > max);
    demand(!crossed, Reason::MinOverMax { min: name, max: of })
}

fn many(field: &'static str, count: u32) -> Judged {
    demand((1..=MANY).contains(&count), Reason::OutOfRange { field, min: 1, max: MANY })
}

fn no_room(field: &'static str, what: RoomFor) -> Reason {
    Reason::NoRoom { field, what }
}

/// Fields of a group that it names are in it and can be answered.
fn members<'a>(
    questions: &[Question],
    named: impl IntoIterator<Item = &'a QuestionId>,
    field: &'static str,
) -> Judged {
    named.into_iter().try_for_each(|id| {
        let answered = questions.iter().any(|q| q.id == *id && q.kind.is_answered());
        demand_else(answered, || Reason::NotOfGroup { field, id: id.clone() })
    })
}

fn choices(choices: &[Choice], other: &Option<String>) -> Judged {
    demand(!choices.is_empty(), Reason::NoChoices)?;
    demand(choices.len() <= MANY as usize, Reason::TooManyChoices { max: MANY })?;
    demand(other.as_ref().is_none_or(|label| !label.trim().is_empty()), Reason::OtherLabel)?;
    let mut ids = HashSet::with_capacity(choices.len());
    for choice in choices {
        let fault = match () {
            () if !is_id(&choice.id) => ChoiceFault::Id,
            () if choice.id == normal::OTHER => ChoiceFault::Reserved,
            () if !ids.insert(&choice.id) => ChoiceFault::Twice,
            () if choice.label.trim().is_empty() => ChoiceFault::NoLabel,
            () => continue,
        };
        return Err(Reason::Choice { id: choice.id.clone(), fault });
    }
    Ok(())
}
