//! From a form as it stands to what the UI draws.

use crate::{
    Answer, AnswerView, Context, Definition, Delta, Fault, FileRef, FormState, FormView, Kind, KindView,
    Question, QuestionView, RemainingView, RowView, Sensitivity, StepView,
    evaluate::{Asked, RowSlot, Slot},
    form::Form,
    identity::PersonalNumber,
    normal, read, rich,
    speech::{Language, ask_in},
};

/// Everything to show.
pub fn view(definition: &Definition, state: &FormState, context: &Context) -> FormView {
    let form = Form::new(definition);
    let slots = form.evaluate(&state.answers, context);
    let picture = Picture { state, context };
    let summary = picture.summary(definition, &slots);
    FormView {
        rev: state.rev,
        position: state.position.clone(),
        steps: summary.steps,
        questions: slots.iter().map(|slot| picture.question(slot, None)).collect(),
        remaining: summary.remaining,
        sendable: summary.sendable,
        complete: summary.remaining_is_empty,
    }
}

/// What changed between two states of one form.
pub(crate) fn delta(form: &Form<'_>, before: &FormState, after: &FormState, context: &Context) -> Delta {
    let old_slots = form.evaluate(&before.answers, context);
    let slots = form.evaluate(&after.answers, context);
    let (old, new) = (Picture { state: before, context }, Picture { state: after, context });
    let changed = old_slots.iter().zip(&slots).filter(|(was, is)| !old.same(was, &new, is));
    let changed = changed.map(|(_, is)| new.question(is, None)).collect();
    let summary = new.summary(form.definition, &slots);
    Delta {
        rev: after.rev,
        position: after.position.clone(),
        changed,
        steps: summary.steps,
        remaining: summary.remaining,
        sendable: summary.sendable,
        complete: summary.remaining_is_empty,
    }
}

struct Summary {
    steps: Vec<StepView>,
    remaining: Vec<RemainingView>,
    sendable: bool,
    remaining_is_empty: bool,
}

struct Picture<'p> {
    state: &'p FormState,
    context: &'p Context,
}

impl Picture<'_> {
    fn summary(&self, definition: &Definition, slots: &[Slot<'_>]) -> Summary {
        let mut steps: Vec<StepView> = definition
            .steps
            .iter()
            .map(|step| StepView {
                id: step.id.clone(),
                title: step.title.clone(),
                remaining: 0,
                faults: 0,
                visited: self.state.left_steps.contains(&step.id),
                later: 0,
            })
            .collect();
        let mut remaining = Vec::new();
        let mut sendable = true;
        for (slot, label) in slots.iter().flat_map(read::labelled) {
            let verdict = slot.verdict(self.context.today);
            sendable &= verdict.wrong.is_none();
            let Some(step) = steps.iter_mut().find(|step| step.id == *slot.step) else { continue };
            step.faults += u32::try_from(self.shown(slot).count()).unwrap_or(u32::MAX);
            step.later += u32::from(self.later(slot));
            if verdict.missing.is_some() {
                step.remaining += 1;
                remaining.push(RemainingView {
                    question: slot.path.to_string(),
                    label: label.into_owned(),
                    step: slot.step.clone(),
                });
            }
        }
        Summary { steps, remaining_is_empty: remaining.is_empty(), remaining, sendable }
    }

    /// The faults that may be said now: a wrong format when its field has been left, what is missing when its step has
    /// been left and it is not to be asked later, everything when the worker has tried to send.
    fn shown<'v>(&self, slot: &'v Slot<'_>) -> impl Iterator<Item = &'v Fault> {
        let FormState { tried, left_steps, later, .. } = self.state;
        let missing = *tried || (left_steps.contains(slot.step) && !later.contains(slot.path.as_ref()));
        let wrong = self.left(slot);
        // Most questions have nothing to say yet, and are not judged for it.
        let verdict = (missing || wrong).then(|| slot.verdict(self.context.today));
        let missing = verdict.filter(|_| missing).and_then(|verdict| verdict.missing.as_ref());
        let wrong = verdict.filter(|_| wrong).and_then(|verdict| verdict.wrong.as_ref());
        missing.into_iter().chain(wrong)
    }

    /// What is in the field may be judged.
    fn left(&self, slot: &Slot<'_>) -> bool {
        let FormState { tried, left, left_steps, .. } = self.state;
        *tried || left_steps.contains(slot.step) || left.contains(slot.path.as_ref())
    }

    /// A masked answer tells nothing, not even a year.
    fn inferred_year(&self, slot: &Slot<'_>) -> Option<i16> {
        match (&slot.question.kind, drawn(slot)?) {
            (Kind::PersonalIdentityNumber { .. }, Answer::Text { text })
                if self.left(slot) && !self.masked(slot) =>
            {
                PersonalNumber::inferred_year(text, self.context.today)
            }
            _ => None,
        }
    }

    fn masked(&self, slot: &Slot<'_>) -> bool {
        self.context.protected && slot.sensitivity == Sensitivity::Protected
    }

    fn later(&self, slot: &Slot<'_>) -> bool {
        slot.visible() && self.state.later.contains(slot.path.as_ref())
    }

    fn faults(&self, slot: &Slot<'_>) -> Vec<Fault> {
        self.shown(slot).cloned().collect()
    }

    /// Whether two slots of one question are drawn the same.
    fn same(&self, was: &Slot<'_>, new: &Self, is: &Slot<'_>) -> bool {
        let rows = |(was, is): (&RowSlot<'_>, &RowSlot<'_>)| {
            was.id == is.id && was.slots.iter().zip(&is.slots).all(|(was, is)| self.same(was, new, is))
        };
        let around = was.state == is.state
            && was.because == is.because
            && self.later(was) == new.later(is)
            && was.rows.len() == is.rows.len()
            && was.rows.iter().zip(&is.rows).all(rows);
        let answer = drawn(was) == drawn(is) || self.answer(was) == new.answer(is);
        let advice = self.inferred_year(was) == new.inferred_year(is);
        around && answer && advice && self.shown(was).eq(new.shown(is))
    }

    fn question(&self, slot: &Slot<'_>, group: Option<&Question>) -> QuestionView {
        let question = slot.question;
        QuestionView {
            path: slot.path.to_string(),
            step: slot.step.clone(),
            label: question.label.clone(),
            help: question.help.as_deref().map(rich::read).unwrap_or_default(),
            ask: asked(slot).then(|| ask_in(question, group, Language::Swedish)).flatten(),
            asked_because: slot.because.map(str::to_owned),
            role: question.role.clone(),
            state: slot.state,
            sensitivity: slot.sensitivity,
            via_forwarding: slot.visible() && slot.asked == Asked::ViaForwarding,
            kind: kind(slot),
            answer: self.answer(slot),
            inferred_year: self.inferred_year(slot),
            faults: self.faults(slot),
            later: self.later(slot),
            rows: slot.rows.iter().map(|row| self.row(question, row)).collect(),
        }
    }

    fn row(&self, group: &Question, row: &RowSlot<'_>) -> RowView {
        RowView {
            id: row.id.to_owned(),
            questions: row.slots.iter().map(|slot| self.question(slot, Some(group))).collect(),
        }
    }

    fn answer(&self, slot: &Slot<'_>) -> AnswerView {
        let masked = self.masked(slot);
        match drawn(slot) {
            // A group's answers are in its rows.
            None | Some(Answer::Rows { .. }) => AnswerView::None,
            Some(Answer::Files { files }) if masked => {
                AnswerView::Plain { answer: Answer::Files { files: files.iter().map(masked_name).collect() } }
            }
            Some(Answer::Confirmed) => AnswerView::Plain { answer: Answer::Confirmed },
            Some(answer) if masked => match read::plain_text(&slot.question.kind, answer) {
                Some(text) => AnswerView::Masked { length: normal::length(&text) },
                None => AnswerView::None,
            },
            Some(answer) => AnswerView::Plain { answer: answer.clone() },
        }
    }
}

/// What is typed is drawn as typed, spaces included; what is left out or hidden is not.
pub(crate) fn drawn<'a>(slot: &Slot<'a>) -> Option<&'a Answer> {
    slot.raw.filter(|_| asked(slot))
}

fn asked(slot: &Slot<'_>) -> bool {
    slot.visible() && slot.asked == Asked::Yes
}

/// A file can be taken away without its name being shown.
fn masked_name(file: &FileRef) -> FileRef {
    let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    FileRef { name: format!("****.{ending}"), ..file.clone() }
}

fn kind(slot: &Slot<'_>) -> KindView {
    match slot.question.kind.clone() {
        Kind::Text { max_length, covered, .. } => KindView::Text { max_length, covered },
        Kind::TextArea { max_length, .. } => KindView::TextArea { max_length },
        Kind::Note => KindView::Note,
        Kind::Number { unit, .. } => KindView::Number { unit },
        Kind::Money { .. } => KindView::Money,
        Kind::Date { .. } => KindView::Date,
        Kind::Time => KindView::Time,
        Kind::Radio { choices, other } => KindView::Radio { choices, other },
        Kind::DropDown { choices, other } => KindView::DropDown { choices, other },
        Kind::Checkbox { choices, other, .. } => KindView::Checkbox { choices, other },
        Kind::PersonalIdentityNumber { .. } => KindView::PersonalIdentityNumber,
        Kind::OtherIdentityNumber { domain } => KindView::OtherIdentityNumber { domain },
        Kind::OrganisationNumber => KindView::OrganisationNumber,
        Kind::Phone => KindView::Phone,
        Kind::Email => KindView::Email,
        Kind::Postcode => KindView::Postcode,
        Kind::Address => KindView::Address,
        Kind::Files { max_count, max_size, max_total, types } => {
            KindView::Files { max_count, max_size, max_total, types }
        }
        Kind::Group { row_label, min_rows, max_rows, layout, .. } => {
            let asked = asked(slot);
            let count = slot.rows.len();
            KindView::Group {
                row_label,
                layout,
                single: max_rows == 1,
                can_add: asked && count < max_rows as usize,
                can_remove: asked && count > min_rows as usize,
            }
        }
        Kind::Information { text } => KindView::Information { text: rich::read(&text) },
        Kind::Stop { text } => KindView::Stop { text: rich::read(&text) },
        Kind::Confirm { statement, text } => {
            KindView::Confirm { statement, text: rich::read(text.as_deref().unwrap_or_default()) }
        }
        Kind::Unknown(_) => KindView::Unknown,
    }
}
