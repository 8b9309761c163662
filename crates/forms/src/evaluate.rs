//! Every question of a form as it stands with some answers. One pass: a rule's targets come after its source.

use std::{borrow::Cow, cell::OnceCell};

use jiff::civil::Date;

use crate::{
    Answer, Answers, Condition, Kind, ProtectedPolicy, Question, QuestionState, Row, Sensitivity, StepId,
    form::{Form, Ruled, Source},
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
        let pass = Pass { answers, protected: context.protected };
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
    protected: bool,
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
        // In an optional group an empty row demands nothing; once anything is in it, the rest is.
        if group.state != QuestionState::VisibleRequired && slots.iter().all(|slot| slot.answer.is_none()) {
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
        let (by_rules, keep_answer) = state(ruled, before);
        let asked = if self.protected { asked_when_protected(question) } else { Asked::Yes };
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
            sensitivity: sensitivity(question, self.protected).max(inherited),
            raw,
            answer: raw.filter(|answer| counts && !answer.is_blank()),
            rows: Vec::new(),
            verdict: OnceCell::new(),
        }
    }
}

/// The state that the rules make, and whether the rule that made it keeps the answer of a hidden question.
fn state(ruled: &Ruled<'_>, before: &Before<'_, '_>) -> (QuestionState, bool) {
    let (mut state, mut keep) = (ruled.question.state, false);
    for (source, rule) in &ruled.rules {
        let source = match *source {
            Source::Form(index) => before.form.get(index),
            Source::Row(index) => before.row.get(index),
        };
        if source.is_some_and(|source| holds(&rule.when, source)) {
            (state, keep) = (rule.set, rule.keep_answer);
        } else if !rule.no_restore {
            (state, keep) = (ruled.question.state, rule.keep_answer);
        }
    }
    (state, keep)
}

fn holds(condition: &Condition, source: &Slot<'_>) -> bool {
    let made = |id: &String| match source.answer {
        Some(Answer::Choice { choices, .. }) => choices.contains(id),
        _ => false,
    };
    match condition {
        Condition::AnyOf(ids) => ids.iter().any(made),
        Condition::AllOf(ids) => !ids.is_empty() && ids.iter().all(made),
        Condition::Answered(answered) => source.answered() == *answered,
        Condition::AtLeast(least) => match source.answer {
            Some(Answer::Text { text }) => normal::number_value(text).is_some_and(|value| value >= *least),
            Some(Answer::Rows { rows }) => rows.len() as f64 >= *least,
            _ => false,
        },
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
        Kind::PersonalIdentityNumber
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
                | Self::PersonalIdentityNumber
                | Self::OrganisationNumber
                | Self::Phone
                | Self::Email
                | Self::Postcode
                | Self::Address
        )
    }

    /// Whether a worker can answer it at all.
    pub(crate) fn is_answered(&self) -> bool {
        !matches!(self, Self::Information { .. } | Self::Stop { .. } | Self::Unknown(_))
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
