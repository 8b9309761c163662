//! What a definition must fulfil beyond its shape.

use std::collections::{HashMap, HashSet};

use crate::{Choice, Condition, Definition, Kind, LoadError, Question, Rule, normal, path::is_id};

/// Rows and files in one answer, choices in one question: a person on the phone never comes near.
const MANY: u32 = 1_000;
/// Decimals that `f64` still tells apart beside large whole parts.
const DECIMALS_MAX: u8 = 6;

/// Names of the kinds that this version knows, as they stand in JSON.
const KNOWN_KINDS: &[&str] = &[
    "text",
    "text_area",
    "number",
    "money",
    "date",
    "time",
    "radio",
    "drop_down",
    "checkbox",
    "personal_identity_number",
    "organisation_number",
    "phone",
    "email",
    "postcode",
    "address",
    "files",
    "group",
    "information",
    "stop",
    "confirm",
];

type Checked = Result<(), LoadError>;

fn refuse(place: impl Into<String>, reason: impl Into<String>) -> Checked {
    Err(LoadError::Invalid { place: place.into(), reason: reason.into() })
}

fn demand(holds: bool, place: &str, reason: &str) -> Checked {
    if holds { Ok(()) } else { refuse(place, reason) }
}

pub(crate) fn definition(definition: &Definition) -> Checked {
    if definition.format != 1 {
        return Err(LoadError::UnknownFormat { found: definition.format });
    }
    let service_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    demand(
        is_id(&definition.id) && definition.id.bytes().all(service_id),
        "id",
        "lower case ASCII letters, digits and hyphens only, 1 to 64",
    )?;
    demand(definition.version > 0, "version", "counts up from 1")?;
    for (place, text) in [
        ("name", &definition.name),
        ("summary", &definition.summary),
        ("category", &definition.category),
        ("unit", &definition.unit),
        ("contact.name", &definition.contact.name),
        ("contact.phone", &definition.contact.phone),
    ] {
        demand(!text.trim().is_empty(), place, "is empty")?;
    }
    let retention = &definition.retention;
    demand(retention.protected_draft_days > 0, "retention.protected_draft_days", "at least one day")?;
    demand(
        retention.protected_draft_days <= retention.draft_days,
        "retention.protected_draft_days",
        "a protected draft may not stay longer than an ordinary one",
    )?;
    demand(!definition.steps.is_empty(), "steps", "there are none")?;
    let mut step_ids = HashSet::new();
    let mut places = Places::default();
    for (s, step) in definition.steps.iter().enumerate() {
        let place = format!("steps[{s}] ({})", step.id);
        demand(is_id(&step.id), &place, "its id needs letters, digits, `_` and `-` only, 1 to 64")?;
        demand(step_ids.insert(&step.id), &place, "another step has the same id")?;
        demand(!step.title.trim().is_empty(), &place, "its title is empty")?;
        demand(!step.questions.is_empty(), &place, "it has no questions")?;
        for (q, question) in step.questions.iter().enumerate() {
            let place = format!("steps[{s}].questions[{q}] ({})", question.id);
            places.add(question, None, &place)?;
            self::question(question, &place)?;
            if let Kind::Group { questions, .. } = &question.kind {
                for (m, member) in questions.iter().enumerate() {
                    let place = format!("steps[{s}].questions[{q}].questions[{m}] ({})", member.id);
                    demand(!matches!(member.kind, Kind::Group { .. }), &place, "a group in a group")?;
                    places.add(member, Some(&question.id), &place)?;
                    self::question(member, &place)?;
                }
            }
        }
    }
    definition.rules.iter().enumerate().try_for_each(|(r, rule)| places.rule(rule, &format!("rules[{r}]")))
}

fn question(question: &Question, place: &str) -> Checked {
    demand(!question.label.trim().is_empty(), place, "its label is empty")?;
    let in_order =
        |min: Option<f64>, max: Option<f64>| !matches!((min, max), (Some(min), Some(max)) if min > max);
    match &question.kind {
        Kind::Text { max_length } | Kind::TextArea { max_length } => {
            demand(*max_length != Some(0), place, "max_length leaves no room for an answer")
        }
        Kind::Number { min, max, decimals, .. } => {
            demand(
                [min, max].into_iter().flatten().all(|limit| limit.is_finite()),
                place,
                "a limit is not a number",
            )?;
            demand(in_order(*min, *max), place, "min is larger than max")?;
            demand(*decimals <= DECIMALS_MAX, place, "at most 6 decimals")
        }
        Kind::Money { max } => demand(*max != Some(0), place, "max leaves no room for an amount"),
        Kind::Radio { choices, other } | Kind::DropDown { choices, other } => {
            self::choices(choices, other, place)
        }
        Kind::Checkbox { choices, other, min, max } => {
            self::choices(choices, other, place)?;
            let all = choices.len() + usize::from(other.is_some());
            demand(
                min.is_none_or(|min| min as usize <= all),
                place,
                "min is larger than the number of choices",
            )?;
            demand(*max != Some(0), place, "max leaves no room for a choice")?;
            demand(in_order(min.map(f64::from), max.map(f64::from)), place, "min is larger than max")
        }
        Kind::Files { max_count, max_size, types } => {
            demand((1..=MANY).contains(max_count), place, "max_count is 1 to 1000")?;
            demand(*max_size > 0, place, "max_size leaves no room for a file")?;
            let ending = |t: &String| {
                matches!(t.len(), 1..=16) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            demand(
                !types.is_empty() && types.iter().all(ending),
                place,
                "types are lower-case endings without the dot, at least one",
            )
        }
        Kind::Group { row_label, questions, min_rows, max_rows } => {
            demand(!row_label.trim().is_empty(), place, "its row_label is empty")?;
            demand(!questions.is_empty(), place, "a group without questions")?;
            demand((1..=MANY).contains(max_rows), place, "max_rows is 1 to 1000")?;
            demand(min_rows <= max_rows, place, "min_rows is larger than max_rows")
        }
        Kind::Information { text } | Kind::Stop { text } | Kind::Confirm { statement: text } => {
            demand(!text.trim().is_empty(), place, "its text is empty")
        }
        Kind::Unknown(fields) => match fields.get("kind").and_then(serde_json::Value::as_str) {
            // Serde takes whatever does not fit a known kind for an unknown one.
            Some(kind) if KNOWN_KINDS.contains(&kind) => {
                refuse(place, format!("a field that kind `{kind}` needs is missing or has the wrong type"))
            }
            Some(_) => Ok(()),
            None => refuse(place, "it has no kind"),
        },
        Kind::Date { .. }
        | Kind::Time
        | Kind::PersonalIdentityNumber
        | Kind::OrganisationNumber
        | Kind::Phone
        | Kind::Email
        | Kind::Postcode
        | Kind::Address => Ok(()),
    }
}

fn choices(choices: &[Choice], other: &Option<String>, place: &str) -> Checked {
    demand(!choices.is_empty(), place, "there are no choices")?;
    demand(choices.len() <= MANY as usize, place, "more than 1000 choices")?;
    demand(
        other.as_ref().is_none_or(|label| !label.trim().is_empty()),
        place,
        "the label of `other` is empty",
    )?;
    let mut ids = HashSet::new();
    for choice in choices {
        let reason = |text: &str| format!("choice `{}`: {text}", choice.id);
        demand(is_id(&choice.id), place, &reason("letters, digits, `_` and `-` only, 1 to 64"))?;
        demand(choice.id != normal::OTHER, place, &reason("this id belongs to the free-text alternative"))?;
        demand(ids.insert(&choice.id), place, &reason("there are two of it"))?;
        demand(!choice.label.trim().is_empty(), place, &reason("its label is empty"))?;
    }
    Ok(())
}

/// Where each question stands, to judge rules by.
#[derive(Default)]
struct Places<'a> {
    by_id: HashMap<&'a str, Standing<'a>>,
}

struct Standing<'a> {
    order: usize,
    group: Option<&'a str>,
    question: &'a Question,
}

impl<'a> Places<'a> {
    fn add(&mut self, question: &'a Question, group: Option<&'a str>, place: &str) -> Checked {
        demand(is_id(&question.id), place, "its id needs letters, digits, `_` and `-` only, 1 to 64")?;
        let standing = Standing { order: self.by_id.len(), group, question };
        demand(self.by_id.insert(&question.id, standing).is_none(), place, "another question has the same id")
    }

    /// Targets come after their source, so no chain of rules ever comes back to where it began.
    fn rule(&self, rule: &Rule, place: &str) -> Checked {
        let Some(source) = self.by_id.get(rule.on.as_str()) else {
            return refuse(place, format!("there is no question `{}`", rule.on));
        };
        demand(!rule.targets.is_empty(), place, "it has no targets")?;
        for id in &rule.targets {
            let Some(target) = self.by_id.get(id.as_str()) else {
                return refuse(place, format!("there is no question `{id}`"));
            };
            let after = target.order > source.order;
            demand(after, place, &format!("target `{id}` does not come after `{}`", rule.on))?;
            demand(
                target.group != Some(rule.on.as_str()),
                place,
                &format!("group `{}` cannot decide over its own `{id}`", rule.on),
            )?;
            let reachable = source.group.is_none() || source.group == target.group;
            demand(reachable, place, &format!("`{}` is in a group and `{id}` is not in the same", rule.on))?;
        }
        condition(&rule.when, source.question, place)
    }
}

fn condition(condition: &Condition, source: &Question, place: &str) -> Checked {
    let id = &source.id;
    match condition {
        Condition::AnyOf(named) | Condition::AllOf(named) => {
            let Some((choices, other)) = normal::choices_of(&source.kind) else {
                return refuse(place, format!("`{id}` has no choices"));
            };
            demand(!named.is_empty(), place, "the condition names no choice")?;
            match named.iter().find(|name| !crate::judge::choice_exists(choices, other, name)) {
                Some(name) => refuse(place, format!("`{id}` has no choice `{name}`")),
                None => Ok(()),
            }
        }
        Condition::Answered(_) => {
            demand(source.kind.is_answered(), place, &format!("`{id}` is never answered"))
        }
        Condition::AtLeast(least) => {
            demand(least.is_finite(), place, "the limit is not a number")?;
            let counted =
                matches!(source.kind, Kind::Number { .. } | Kind::Money { .. } | Kind::Group { .. });
            demand(counted, place, &format!("`{id}` is neither a number nor an amount nor a group"))
        }
    }
}
