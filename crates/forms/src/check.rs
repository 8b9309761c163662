//! What a definition must fulfil beyond its shape.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    Choice, Condition, Definition, Kind, LoadError, PaperForm, Question, QuestionId, Role, Rule, normal,
    path::is_id,
};

/// Rows and files in one answer, choices in one question: a person on the phone never comes near.
const MANY: u32 = 1_000;
/// Decimals that `f64` still tells apart beside large whole parts.
const DECIMALS_MAX: u8 = 6;
/// Questions of one form, those in groups among them, and rules; the largest forms of municipalities have some 300.
const QUESTIONS_MAX: usize = 5_000;
const RULES_MAX: usize = 10_000;
/// Conditions in conditions. More than anyone can follow, and far from where a stack ends.
const NESTING_MAX: usize = 8;

/// Names of the kinds that this version knows, as they stand in JSON.
const KNOWN_KINDS: &[&str] = &[
    "text",
    "note",
    "other_identity_number",
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
    for (p, form) in definition.paper_forms.iter().enumerate() {
        paper_form(form, &format!("paper_forms[{p}] ({})", form.name))?;
    }
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
    demand(places.by_id.len() <= QUESTIONS_MAX, "steps", "more than 5000 questions")?;
    demand(definition.rules.len() <= RULES_MAX, "rules", "more than 10000 rules")?;
    places.roles()?;
    if let Some((r, circle)) = circle(&definition.rules) {
        let circle = circle.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" -> ");
        return refuse(format!("rules[{r}]"), format!("the rules go in a circle: {circle}"));
    }
    definition.rules.iter().enumerate().try_for_each(|(r, rule)| places.rule(rule, &format!("rules[{r}]")))
}

/// Files are looked for by their name beside the definition, so a name is nothing but a name.
fn paper_form(form: &PaperForm, place: &str) -> Checked {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')' | ',');
    demand(!form.name.trim().is_empty(), place, "its name is empty")?;
    demand(
        (1..=255).contains(&normal::length(&form.file))
            && !form.file.starts_with('.')
            && form.file.chars().all(is_name),
        place,
        "file is a file's name without a folder",
    )?;
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    demand(
        form.sha256.len() == 64 && form.sha256.bytes().all(hex),
        place,
        "sha256 is 64 lower-case hex digits",
    )
}

fn question(question: &Question, place: &str) -> Checked {
    demand(!question.label.trim().is_empty(), place, "its label is empty")?;
    let in_order =
        |min: Option<f64>, max: Option<f64>| !matches!((min, max), (Some(min), Some(max)) if min > max);
    match &question.kind {
        Kind::Text { min_length, max_length, pattern, pattern_help, .. } => {
            lengths(*min_length, *max_length, place)?;
            demand(
                pattern.as_ref().is_none_or(|pattern| normal::is_pattern(pattern)),
                place,
                "pattern is 1 to 64 signs with at least one of A, 9 and *",
            )?;
            demand(pattern.is_some() || pattern_help.is_none(), place, "pattern_help without a pattern")
        }
        Kind::TextArea { min_length, max_length } => lengths(*min_length, *max_length, place),
        Kind::PersonalIdentityNumber { age: Some(age) } => {
            demand(age.min.is_some() || age.max.is_some(), place, "age has neither min nor max")?;
            demand(
                in_order(age.min.map(f64::from), age.max.map(f64::from)),
                place,
                "age.min is larger than age.max",
            )
        }
        Kind::OtherIdentityNumber { domain } => {
            demand(!domain.trim().is_empty(), place, "its domain is empty")
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
        Kind::Files { max_count, max_size, max_total, types } => {
            demand((1..=MANY).contains(max_count), place, "max_count is 1 to 1000")?;
            demand(*max_size > 0, place, "max_size leaves no room for a file")?;
            demand(*max_total != Some(0), place, "max_total leaves no room for a file")?;
            let ending = |t: &String| {
                matches!(t.len(), 1..=16) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            demand(
                !types.is_empty() && types.iter().all(ending),
                place,
                "types are lower-case endings without the dot, at least one",
            )
        }
        Kind::Group { row_label, questions, min_rows, max_rows, one_of, unique, .. } => {
            demand(!row_label.trim().is_empty(), place, "its row_label is empty")?;
            demand(!questions.is_empty(), place, "a group without questions")?;
            demand((1..=MANY).contains(max_rows), place, "max_rows is 1 to 1000")?;
            demand(min_rows <= max_rows, place, "min_rows is larger than max_rows")?;
            for (n, ids) in one_of.iter().enumerate() {
                demand(!ids.is_empty(), place, &format!("one_of[{n}] names no question"))?;
            }
            members(questions, one_of.iter().flatten(), place, "one_of")?;
            members(questions, unique, place, "unique")
        }
        Kind::Information { text } | Kind::Stop { text } | Kind::Confirm { statement: text, .. } => {
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
        | Kind::Note
        | Kind::PersonalIdentityNumber { age: None }
        | Kind::OrganisationNumber
        | Kind::Phone
        | Kind::Email
        | Kind::Postcode
        | Kind::Address => Ok(()),
    }
}

fn lengths(min: Option<u32>, max: Option<u32>, place: &str) -> Checked {
    demand(max != Some(0), place, "max_length leaves no room for an answer")?;
    let max = max.unwrap_or(normal::TEXT_MAX);
    demand(min.is_none_or(|min| min <= max), place, "min_length is larger than max_length")
}

/// Fields of a group that it names are in it and can be answered.
fn members<'a>(
    questions: &[Question],
    named: impl IntoIterator<Item = &'a QuestionId>,
    place: &str,
    field: &str,
) -> Checked {
    named.into_iter().try_for_each(|id| {
        let answered = questions.iter().any(|q| q.id == *id && q.kind.is_answered());
        demand(answered, place, &format!("{field} names `{id}`, which is no question of this group"))
    })
}

fn choices(choices: &[Choice], other: &Option<String>, place: &str) -> Checked {
    demand(!choices.is_empty(), place, "there are no choices")?;
    demand(choices.len() <= MANY as usize, place, "more than 1000 choices")?;
    demand(
        other.as_ref().is_none_or(|label| !label.trim().is_empty()),
        place,
        "the label of `other` is empty",
    )?;
    let mut ids = HashSet::with_capacity(choices.len());
    for choice in choices {
        let wrong = match () {
            () if !is_id(&choice.id) => "letters, digits, `_` and `-` only, 1 to 64",
            () if choice.id == normal::OTHER => "this id belongs to the free-text alternative",
            () if !ids.insert(&choice.id) => "there are two of it",
            () if choice.label.trim().is_empty() => "its label is empty",
            () => continue,
        };
        return refuse(place, format!("choice `{}`: {wrong}", choice.id));
    }
    Ok(())
}

/// Rules that come back to where they began, with the one that closes the circle; said by name, since "not after" alone
/// would not explain it.
pub(crate) fn circle(rules: &[Rule]) -> Option<(usize, Vec<&str>)> {
    let mut next: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (r, rule) in rules.iter().enumerate() {
        let sources = std::iter::once(&rule.on).chain(rule.when.others());
        for source in sources {
            next.entry(source).or_default().extend(rule.targets.iter().map(|id| (r, id.as_str())));
        }
    }
    let mut done: HashSet<&str> = HashSet::new();
    let starts: Vec<&str> = next.keys().copied().collect();
    for start in starts {
        if done.contains(start) {
            continue;
        }
        // Depth first, with the way so far on a stack of its own.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some(&mut (id, ref mut at)) = way.last_mut() {
            let step = next.get(id).and_then(|steps| steps.get(*at)).copied();
            *at += 1;
            match step {
                Some((r, target)) => {
                    if let Some(begin) = way.iter().position(|(passed, _)| *passed == target) {
                        return Some((
                            r,
                            way.iter().skip(begin).map(|(id, _)| *id).chain([target]).collect(),
                        ));
                    }
                    if !done.contains(target) {
                        way.push((target, 0));
                    }
                }
                None => {
                    done.insert(id);
                    way.pop();
                }
            }
        }
    }
    None
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
    place: String,
}

impl<'a> Places<'a> {
    fn add(&mut self, question: &'a Question, group: Option<&'a str>, place: &str) -> Checked {
        demand(is_id(&question.id), place, "its id needs letters, digits, `_` and `-` only, 1 to 64")?;
        let standing = Standing { order: self.by_id.len(), group, question, place: place.to_owned() };
        demand(self.by_id.insert(&question.id, standing).is_none(), place, "another question has the same id")
    }

    /// A proxy says by what right.
    fn roles(&self) -> Checked {
        let mut by_order: Vec<&Standing<'_>> = self.by_id.values().collect();
        by_order.sort_by_key(|standing| standing.order);
        by_order.into_iter().try_for_each(|standing| match &standing.question.role {
            Some(Role::Proxy { basis }) => demand(
                self.by_id.get(basis.as_str()).is_some_and(|q| q.question.kind.is_answered()),
                &standing.place,
                &format!("the basis of a proxy is a question of this form; `{basis}` is none"),
            ),
            _ => Ok(()),
        })
    }

    /// Targets come after their source, so no chain of rules ever comes back to where it began.
    fn rule(&self, rule: &Rule, place: &str) -> Checked {
        let source = self.source(&rule.on, rule, place)?;
        demand(!rule.targets.is_empty(), place, "it has no targets")?;
        self.condition(&rule.when, source.question, rule, place, 0)
    }

    /// A question that the rule asks about, which every target must come after and be able to see.
    fn source(&self, id: &str, rule: &Rule, place: &str) -> Result<&Standing<'a>, LoadError> {
        let unknown = |id: &str| LoadError::Invalid {
            place: place.to_owned(),
            reason: format!("there is no question `{id}`"),
        };
        let source = self.by_id.get(id).ok_or_else(|| unknown(id))?;
        for target_id in &rule.targets {
            let target = self.by_id.get(target_id.as_str()).ok_or_else(|| unknown(target_id))?;
            let after = target.order > source.order;
            demand(after, place, &format!("target `{target_id}` does not come after `{id}`"))?;
            demand(
                target.group != Some(id),
                place,
                &format!("group `{id}` cannot decide over its own `{target_id}`"),
            )?;
            let reachable = source.group.is_none() || source.group == target.group;
            demand(reachable, place, &format!("`{id}` is in a group and `{target_id}` is not in the same"))?;
        }
        Ok(source)
    }

    fn condition(
        &self,
        condition: &Condition,
        source: &Question,
        rule: &Rule,
        place: &str,
        depth: usize,
    ) -> Checked {
        demand(depth < NESTING_MAX, place, "conditions in conditions go deeper than 8")?;
        let id = &source.id;
        let kind = &source.kind;
        match condition {
            Condition::AnyOf(named) | Condition::AllOf(named) => {
                let Some((choices, other)) = normal::choices_of(kind) else {
                    return refuse(place, format!("`{id}` has no choices"));
                };
                demand(!named.is_empty(), place, "the condition names no choice")?;
                match named.iter().find(|name| !crate::judge::choice_exists(choices, other, name)) {
                    Some(name) => refuse(place, format!("`{id}` has no choice `{name}`")),
                    None => Ok(()),
                }
            }
            Condition::Answered(_) => demand(kind.is_answered(), place, &format!("`{id}` is never answered")),
            Condition::AtLeast(limit) | Condition::AtMost(limit) => {
                demand(limit.is_finite(), place, "the limit is not a number")?;
                let counted = matches!(kind, Kind::Number { .. } | Kind::Money { .. } | Kind::Group { .. });
                demand(counted, place, &format!("`{id}` is neither a number nor an amount nor a group"))
            }
            Condition::Equals(_) => demand(
                kind.is_answered() && kind.is_text(),
                place,
                &format!("`{id}` is not answered by a text"),
            ),
            Condition::OnOrAfter(_) | Condition::OnOrBefore(_) => {
                demand(matches!(kind, Kind::Date { .. }), place, &format!("`{id}` is not a date"))
            }
            Condition::AgeAtLeast(_) | Condition::AgeAtMost(_) => demand(
                matches!(kind, Kind::Date { .. } | Kind::PersonalIdentityNumber { .. }),
                place,
                &format!("`{id}` is neither a date nor a personal identity number"),
            ),
            Condition::All(parts) | Condition::Any(parts) => {
                demand(!parts.is_empty(), place, "a condition of no parts")?;
                parts.iter().try_for_each(|part| self.condition(part, source, rule, place, depth + 1))
            }
            Condition::Not(part) => self.condition(part, source, rule, place, depth + 1),
            Condition::Of { question, is } => {
                let other = self.source(question, rule, place)?;
                self.condition(is, other.question, rule, place, depth + 1)
            }
        }
    }
}
