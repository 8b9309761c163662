//! Every question of a form as it stands with some answers. One pass: a rule's targets come after its source.

use std::{borrow::Cow, cell::OnceCell};

use jiff::civil::Date;

use crate::{
    Answer, Answers, Condition, Kind, ProtectedPolicy, Question, QuestionId, QuestionState, Row, Sensitivity,
    StepId,
    form::{Form, Ruled, Ruling, Source},
    identity::PersonalNumber,
    judge::{Verdict, judge},
    normal,
};

/// What evaluation may know about the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Today in Europe/Stockholm.
    pub today: Date,
    /// The case is in protected mode: protected answers are masked, addresses are not asked for.
    pub protected: bool,
}

/// Whether protected mode leaves a question out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Yes,
    /// Shown as a line without a field: it goes by Skatteverket's forwarding.
    ViaForwarding,
    No,
}

/// One question as it stands.
pub(crate) struct Slot<'a> {
    pub question: &'a Question,
    pub step: &'a StepId,
    pub path: Cow<'a, str>,
    pub state: QuestionState,
    pub asked: Asked,
    /// When hidden, its answer stays in the draft.
    pub keep_answer: bool,
    /// An answer is demanded before the form is complete.
    pub required: bool,
    /// The labels of those fields in its row of which one is demanded and none answered; at the first of them.
    pub lacks_one_of: Option<Vec<&'a str>>,
    /// The label of the question whose answer makes this one asked.
    pub because: Option<&'a str>,
    pub sensitivity: Sensitivity,
    /// What is kept for it, hidden or not.
    pub raw: Option<&'a Answer>,
    /// What counts: none when hidden, left out or blank.
    pub answer: Option<&'a Answer>,
    pub rows: Vec<RowSlot<'a>>,
    /// Judged when first asked for.
    verdict: OnceCell<Verdict>,
}

pub(crate) struct RowSlot<'a> {
    pub id: &'a str,
    pub slots: Vec<Slot<'a>>,
}

impl Slot<'_> {
    pub fn visible(&self) -> bool {
        self.state != QuestionState::Hidden
    }

    pub fn verdict(&self, today: Date) -> &Verdict {
        self.verdict.get_or_init(|| judge(self, today))
    }

    /// For a group: anything in any of its rows.
    pub fn answered(&self) -> bool {
        match self.question.kind {
            Kind::Group { .. } => self.members().any(|member| member.answer.is_some()),
            _ => self.answer.is_some(),
        }
    }

    pub fn members(&self) -> impl Iterator<Item = &Self> {
        self.rows.iter().flat_map(|row| &row.slots)
    }

    /// The question itself, then those of its rows.
    pub fn with_members(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.members())
    }
}

impl<'a> Form<'a> {
    /// All top-level questions in the definition's order.
    pub fn evaluate<'s>(&self, answers: &'s Answers, context: &Context) -> Vec<Slot<'s>>
    where
        'a: 's,
    {
        let pass = Pass { answers, context: *context };
        let mut slots: Vec<Slot<'s>> = Vec::with_capacity(self.questions.len());
        for ruled in &self.questions {
            let slot = pass.question(ruled, &slots);
            slots.push(slot);
        }
        slots
    }
}

struct Pass<'s> {
    answers: &'s Answers,
    context: Context,
}

/// The slots before a question: those of the form, and in a group those of its row.
struct Before<'b, 's> {
    form: &'b [Slot<'s>],
    row: &'b [Slot<'s>],
}

impl<'s> Pass<'s> {
    fn question<'a: 's>(&self, ruled: &Ruled<'a>, form: &[Slot<'s>]) -> Slot<'s> {
        let before = Before { form, row: &[] };
        let path = Cow::Borrowed(ruled.question.id.as_str());
        let mut slot = self.slot(ruled, path, self.answers, &before, Sensitivity::Ordinary);
        if let (Kind::Group { .. }, Some(Answer::Rows { rows })) = (&ruled.question.kind, slot.answer) {
            slot.rows = rows.iter().map(|row| self.row(&slot, &ruled.members, row, form)).collect();
        }
        slot
    }

    fn row<'a: 's>(
        &self,
        group: &Slot<'s>,
        members: &[Ruled<'a>],
        row: &'s Row,
        form: &[Slot<'s>],
    ) -> RowSlot<'s> {
        let mut slots: Vec<Slot<'s>> = Vec::with_capacity(members.len());
        for ruled in members {
            let path = Cow::Owned(format!("{}/{}/{}", group.path, row.id, ruled.question.id));
            let before = Before { form, row: &slots };
            let slot = self.slot(ruled, path, &row.answers, &before, group.sensitivity);
            slots.push(slot);
        }
        if demands(group, &slots) {
            lack_one_of(group, &mut slots);
        } else {
            slots.iter_mut().for_each(|slot| slot.required = false);
        }
        RowSlot { id: &row.id, slots }
    }

    fn slot<'a: 's>(
        &self,
        ruled: &Ruled<'a>,
        path: Cow<'s, str>,
        answers: &'s Answers,
        before: &Before<'_, 's>,
        inherited: Sensitivity,
    ) -> Slot<'s> {
        let question = ruled.question;
        let (by_rules, keep_answer, because) = state(ruled, before, self.context.today);
        let asked = if self.context.protected { asked_when_protected(question) } else { Asked::Yes };
        let state = match (by_rules, asked) {
            (QuestionState::Hidden, _) | (_, Asked::No) => QuestionState::Hidden,
            (_, Asked::ViaForwarding) => QuestionState::Visible,
            (state, Asked::Yes) => state,
        };
        let raw = answers.get(&question.id);
        let counts = state != QuestionState::Hidden && asked == Asked::Yes;
        Slot {
            question,
            step: ruled.step,
            path,
            state,
            asked,
            keep_answer,
            required: state == QuestionState::VisibleRequired && question.kind.is_answered(),
            lacks_one_of: None,
            because: because.filter(|_| state != QuestionState::Hidden),
            sensitivity: sensitivity(question, self.context.protected).max(inherited),
            raw,
            answer: raw.filter(|answer| counts && !answer.is_blank()),
            rows: Vec::new(),
            verdict: OnceCell::new(),
        }
    }
}

/// In an optional group an empty row demands nothing; once anything is in it, the rest is.
fn demands(group: &Slot<'_>, slots: &[Slot<'_>]) -> bool {
    let partial = matches!(group.question.kind, Kind::Group { partial: true, .. });
    group.state == QuestionState::VisibleRequired
        || (!partial && slots.iter().any(|slot| slot.answer.is_some()))
}

fn lack_one_of(group: &Slot<'_>, slots: &mut [Slot<'_>]) {
    let Kind::Group { one_of, .. } = &group.question.kind else { return };
    for ids in one_of {
        let among =
            |slot: &Slot<'_>| slot.visible() && slot.asked == Asked::Yes && ids.contains(&slot.question.id);
        if slots.iter().any(|slot| among(slot) && slot.answer.is_some()) {
            continue;
        }
        let labels =
            slots.iter().filter(|slot| among(slot)).map(|slot| slot.question.label.as_str()).collect();
        if let Some(first) = slots.iter_mut().find(|slot| among(slot)) {
            first.lacks_one_of = Some(labels);
        }
    }
}

/// The state that the rules make, whether the rule that made it keeps the answer of a hidden question, and the label of
/// the question that made a hidden one asked.
fn state<'s>(
    ruled: &Ruled<'s>,
    before: &Before<'_, 's>,
    today: Date,
) -> (QuestionState, bool, Option<&'s str>) {
    let default = ruled.question.state;
    let (mut state, mut keep, mut because) = (default, false, None);
    for ruling in &ruled.rules {
        let rule = ruling.rule;
        let source = before.at(ruling.on);
        if source.is_some_and(|source| holds(&rule.when, source, ruling, before, today)) {
            (state, keep) = (rule.set, rule.keep_answer);
            let appeared = default == QuestionState::Hidden && state != QuestionState::Hidden;
            because = source.filter(|_| appeared).map(|source| source.question.label.as_str());
        } else if !rule.no_restore {
            (state, keep, because) = (default, rule.keep_answer, None);
        }
    }
    (state, keep, because)
}

impl<'s> Before<'_, 's> {
    fn at(&self, source: Source) -> Option<&Slot<'s>> {
        match source {
            Source::Form(index) => self.form.get(index),
            Source::Row(index) => self.row.get(index),
        }
    }

    fn named(&self, question: &QuestionId, ruling: &Ruling<'_>) -> Option<&Slot<'s>> {
        let (_, source) = ruling.others.iter().find(|(id, _)| id == question)?;
        self.at(*source)
    }
}

fn holds(
    condition: &Condition,
    source: &Slot<'_>,
    ruling: &Ruling<'_>,
    before: &Before<'_, '_>,
    today: Date,
) -> bool {
    let made = |id: &String| match source.answer {
        Some(Answer::Choice { choices, .. }) => choices.contains(id),
        _ => false,
    };
    let part = |condition: &Condition| holds(condition, source, ruling, before, today);
    let age = || Some(normal::age(born(source, today)?, today));
    match condition {
        Condition::AnyOf(ids) => ids.iter().any(made),
        Condition::AllOf(ids) => !ids.is_empty() && ids.iter().all(made),
        Condition::Answered(answered) => source.answered() == *answered,
        Condition::AtLeast(least) => amount(source).is_some_and(|value| value >= *least),
        Condition::AtMost(most) => amount(source).is_some_and(|value| value <= *most),
        Condition::Equals(text) => typed(source).is_some_and(|typed| {
            normal::text(&source.question.kind, typed, today).is_ok_and(|normal| normal == *text)
        }),
        Condition::OnOrAfter(day) => date(source).is_some_and(|date| date >= day.on(today)),
        Condition::OnOrBefore(day) => date(source).is_some_and(|date| date <= day.on(today)),
        Condition::AgeAtLeast(years) => age().is_some_and(|age| age >= i32::from(*years)),
        Condition::AgeAtMost(years) => age().is_some_and(|age| age <= i32::from(*years)),
        Condition::All(parts) => parts.iter().all(part),
        Condition::Any(parts) => parts.iter().any(part),
        Condition::Not(inner) => !part(inner),
        Condition::Of { question, is } => {
            before.named(question, ruling).is_some_and(|other| holds(is, other, ruling, before, today))
        }
    }
}

fn typed<'s>(slot: &Slot<'s>) -> Option<&'s str> {
    match slot.answer? {
        Answer::Text { text } => Some(text),
        _ => None,
    }
}

/// A number or an amount as typed, or how many rows there are.
fn amount(slot: &Slot<'_>) -> Option<f64> {
    match slot.answer? {
        Answer::Text { text } => normal::number_value(text),
        Answer::Rows { rows } => Some(rows.len() as f64),
        _ => None,
    }
}

fn date(slot: &Slot<'_>) -> Option<Date> {
    normal::date_value(typed(slot)?)
}

fn born(slot: &Slot<'_>, today: Date) -> Option<Date> {
    match slot.question.kind {
        Kind::PersonalIdentityNumber { .. } => PersonalNumber::parse(typed(slot)?, today).ok()?.born(),
        _ => date(slot),
    }
}

fn asked_when_protected(question: &Question) -> Asked {
    match (question.protected_policy, &question.kind) {
        (ProtectedPolicy::DoNotAsk, _) => Asked::No,
        (ProtectedPolicy::ViaForwarding, _) | (ProtectedPolicy::Ask, Kind::Address) => Asked::ViaForwarding,
        (ProtectedPolicy::Ask, _) => Asked::Yes,
    }
}

/// In protected mode whatever identifies, reaches or places a person is protected, whatever its author wrote.
fn sensitivity(question: &Question, protected: bool) -> Sensitivity {
    match question.kind {
        Kind::Address => Sensitivity::Protected,
        Kind::PersonalIdentityNumber { .. }
        | Kind::OtherIdentityNumber { .. }
        | Kind::OrganisationNumber
        | Kind::Phone
        | Kind::Email
        | Kind::Postcode
            if protected =>
        {
            Sensitivity::Protected
        }
        _ => question.sensitivity,
    }
}

impl Kind {
    /// Answered by what is typed.
    pub(crate) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::TextArea { .. }
                | Self::Number { .. }
                | Self::Money { .. }
                | Self::Date { .. }
                | Self::Time
                | Self::PersonalIdentityNumber { .. }
                | Self::OtherIdentityNumber { .. }
                | Self::OrganisationNumber
                | Self::Phone
                | Self::Email
                | Self::Postcode
                | Self::Address
                | Self::Note
                | Self::Unknown(_)
        )
    }

    /// Whether the caller can be asked for an answer.
    pub(crate) fn is_answered(&self) -> bool {
        !matches!(self, Self::Information { .. } | Self::Stop { .. } | Self::Note | Self::Unknown(_))
    }
}

impl Answer {
    /// Nothing but space, or nothing at all.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Text { text } => normal::is_blank(text),
            Self::Choice { choices, .. } => choices.is_empty(),
            Self::Confirmed => false,
            Self::Files { files } => files.is_empty(),
            Self::Rows { rows } => rows.is_empty(),
        }
    }
}
