//! Every question of a form as it stands with some answers. One pass: a rule's targets come after its source.

use std::{cell::OnceCell, collections::HashMap};

use jiff::civil::Date;

use crate::{
    Answer, Answers, Condition, Definition, Kind, ProtectedPolicy, Question, QuestionPath, QuestionState,
    Row, Rule, Sensitivity, StepId,
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
    pub path: QuestionPath,
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

/// All top-level questions in the definition's order.
pub(crate) fn evaluate<'a>(
    definition: &'a Definition,
    answers: &'a Answers,
    context: &Context,
) -> Vec<Slot<'a>> {
    let mut rules: HashMap<&str, Vec<&Rule>> = HashMap::new();
    for rule in &definition.rules {
        for target in &rule.targets {
            rules.entry(target).or_default().push(rule);
        }
    }
    let pass = Pass { rules, protected: context.protected };
    let count = definition.steps.iter().map(|step| step.questions.len()).sum();
    let mut slots: Vec<Slot<'a>> = Vec::with_capacity(count);
    let mut by_id: HashMap<&str, usize> = HashMap::with_capacity(count);
    for step in &definition.steps {
        for question in &step.questions {
            let slot = {
                let source = |id: &str| by_id.get(id).and_then(|&index| slots.get(index));
                pass.question(question, &step.id, answers, &source)
            };
            by_id.insert(&question.id, slots.len());
            slots.push(slot);
        }
    }
    slots
}

struct Pass<'a> {
    rules: HashMap<&'a str, Vec<&'a Rule>>,
    protected: bool,
}

type Source<'s, 'a> = dyn Fn(&str) -> Option<&'s Slot<'a>> + 's;

impl<'a> Pass<'a> {
    fn question<'s>(
        &self,
        question: &'a Question,
        step: &'a StepId,
        answers: &'a Answers,
        source: &Source<'s, 'a>,
    ) -> Slot<'a>
    where
        'a: 's,
    {
        let mut slot = self.slot(question, step, question.id.clone(), answers, source, Sensitivity::Ordinary);
        let (Kind::Group { questions, .. }, Some(Answer::Rows { rows })) = (&question.kind, slot.answer)
        else {
            return slot;
        };
        slot.rows = rows.iter().map(|row| self.row(&slot, questions, row, source)).collect();
        slot
    }

    fn row<'s>(
        &self,
        group: &Slot<'a>,
        questions: &'a [Question],
        row: &'a Row,
        source: &Source<'s, 'a>,
    ) -> RowSlot<'a>
    where
        'a: 's,
    {
        let mut slots: Vec<Slot<'a>> = Vec::with_capacity(questions.len());
        for question in questions {
            let path = format!("{}/{}/{}", group.path, row.id, question.id);
            let slot = {
                let in_row =
                    |id: &str| slots.iter().find(|slot| slot.question.id == id).or_else(|| source(id));
                self.slot(question, group.step, path, &row.answers, &in_row, group.sensitivity)
            };
            slots.push(slot);
        }
        // In an optional group an empty row demands nothing; once anything is in it, the rest is.
        if group.state != QuestionState::VisibleRequired && slots.iter().all(|slot| slot.answer.is_none()) {
            slots.iter_mut().for_each(|slot| slot.required = false);
        }
        RowSlot { id: &row.id, slots }
    }

    fn slot<'s>(
        &self,
        question: &'a Question,
        step: &'a StepId,
        path: QuestionPath,
        answers: &'a Answers,
        source: &Source<'s, 'a>,
        inherited: Sensitivity,
    ) -> Slot<'a>
    where
        'a: 's,
    {
        let (by_rules, keep_answer) = self.state(question, source);
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
            step,
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

    /// The state that the rules make, and whether the rule that made it keeps the answer of a hidden question.
    fn state<'s>(&self, question: &Question, source: &Source<'s, 'a>) -> (QuestionState, bool)
    where
        'a: 's,
    {
        let (mut state, mut keep) = (question.state, false);
        for rule in self.rules.get(question.id.as_str()).into_iter().flatten() {
            if source(&rule.on).is_some_and(|slot| holds(&rule.when, slot)) {
                (state, keep) = (rule.set, rule.keep_answer);
            } else if !rule.no_restore {
                (state, keep) = (question.state, rule.keep_answer);
            }
        }
        (state, keep)
    }
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
