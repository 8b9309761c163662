//! The two ends of a submission: what the application sends, and how the receiver judges it.

use std::{borrow::Cow, collections::HashSet};

use jiff::ToSpan;

use crate::{
    Answer, Answers, Context, Definition, Fault, FormState, Kind, QuestionPath, Row,
    evaluate::{Asked, RowSlot, Slot},
    fault,
    form::Form,
    normal,
    path::{is_id, is_row_id},
};

/// The answers of a submission: visible questions only, in normal form, nothing that protected mode leaves out.
///
/// An answer whose normal form cannot be made stands as typed; [`crate::FormView::sendable`] is then false.
pub fn submission_answers(definition: &Definition, state: &FormState, context: &Context) -> Answers {
    answers_of(&Form::new(definition).evaluate(&state.answers, context), context)
}

fn answers_of(slots: &[Slot<'_>], context: &Context) -> Answers {
    let one = |slot: &Slot<'_>| {
        let answer = match (slot.answer?, &slot.question.kind) {
            (Answer::Rows { .. }, _) => {
                Answer::Rows { rows: slot.rows.iter().map(|row| row_of(row, context)).collect() }
            }
            (answer, kind) => normal::answer(kind, answer, context.today).unwrap_or_else(|_| answer.clone()),
        };
        Some((slot.question.id.clone(), answer))
    };
    slots.iter().filter_map(one).collect()
}

fn row_of(row: &RowSlot<'_>, context: &Context) -> Row {
    Row { id: row.id.to_owned(), answers: answers_of(&row.slots, context) }
}

/// What the receiver finds in submitted answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubmissionCheck {
    /// Reasons to refuse: wrong formats, unknown or hidden questions that carry answers, a visible stop question.
    pub faults: Vec<(QuestionPath, Fault)>,
    /// Required questions without an answer: to be asked for afterwards where oral filing is accepted.
    pub missing: Vec<QuestionPath>,
}

/// Judges answers as they arrive in a submission, with no trust in the sender.
///
/// A case may have waited for the network, so a date that was still to come when it was sealed is not held against it;
/// and the sender's clock may already have passed midnight.
pub fn check_submission(definition: &Definition, answers: &Answers, context: &Context) -> SubmissionCheck {
    let answers = &bounded(definition, answers);
    let slots = Form::new(definition).evaluate(answers, context);
    let tomorrow = Context { today: context.today.checked_add(1.day()).unwrap_or(context.today), ..*context };
    let context = &tomorrow;
    let mut check = SubmissionCheck::default();
    check.unknown("", answers, &slots);
    for slot in &slots {
        check.slot(slot, context);
        check.rows(slot, context);
    }
    check
}

/// Without rows that are too many anyway, but for one that says so: nobody makes the receiver lay out a million.
fn bounded<'a>(definition: &Definition, answers: &'a Answers) -> Cow<'a, Answers> {
    let mut bounded = Cow::Borrowed(answers);
    for question in definition.steps.iter().flat_map(|step| &step.questions) {
        let (Kind::Group { max_rows, .. }, Some(Answer::Rows { rows })) =
            (&question.kind, answers.get(&question.id))
        else {
            continue;
        };
        let judged = (*max_rows as usize).saturating_add(1);
        if rows.len() > judged {
            let rows = rows.iter().take(judged).cloned().collect();
            bounded.to_mut().insert(question.id.clone(), Answer::Rows { rows });
        }
    }
    bounded
}

impl SubmissionCheck {
    fn refuse(&mut self, path: impl Into<QuestionPath>, fault: Fault) {
        self.faults.push((path.into(), fault));
    }

    /// `prefix` is empty or ends with `/`. A sender's own id is repeated only when it is one: it goes into logs.
    fn unknown(&mut self, prefix: &str, answers: &Answers, slots: &[Slot<'_>]) {
        for id in answers.keys().filter(|id| !slots.iter().any(|slot| slot.question.id == **id)) {
            let id = if is_id(id) { id.as_str() } else { "?" };
            self.refuse(format!("{prefix}{id}"), Fault::new(fault::QUESTION_UNKNOWN));
        }
    }

    fn slot(&mut self, slot: &Slot<'_>, context: &Context) {
        if let Some(raw) = slot.raw {
            let reason = match (slot.asked, slot.visible()) {
                (Asked::No | Asked::ViaForwarding, _) => Some(fault::PROTECTED_ANSWERED),
                (_, false) => Some(fault::HIDDEN_ANSWERED),
                (Asked::Yes, true) if raw.is_blank() => Some(fault::NOT_NORMAL),
                _ => None,
            };
            if let Some(code) = reason {
                return self.refuse(slot.path.to_string(), Fault::new(code));
            }
        }
        let verdict = slot.verdict(context.today);
        if verdict.missing.is_some() {
            self.missing.push(slot.path.to_string());
        }
        match &verdict.wrong {
            // What was right on the day it was sealed.
            Some(fault) if ![fault::DATE_PAST, fault::AGE_TOO_HIGH].contains(&fault.code.as_str()) => {
                self.refuse(slot.path.to_string(), fault.clone())
            }
            _ if !is_normal(slot, context) => {
                self.refuse(slot.path.to_string(), Fault::new(fault::NOT_NORMAL))
            }
            _ => {}
        }
    }

    /// Rows are judged one by one when there are not too many and each can be named.
    fn rows(&mut self, slot: &Slot<'_>, context: &Context) {
        let (Kind::Group { max_rows, .. }, Some(Answer::Rows { rows })) = (&slot.question.kind, slot.answer)
        else {
            return;
        };
        if rows.len() > *max_rows as usize {
            return;
        }
        let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).filter(|id| is_row_id(id)).collect();
        if ids.len() < rows.len() {
            return self.refuse(slot.path.to_string(), Fault::new(fault::ROW_ID));
        }
        for (row, evaluated) in rows.iter().zip(&slot.rows) {
            self.unknown(&format!("{}/{}/", slot.path, row.id), &row.answers, &evaluated.slots);
            for member in &evaluated.slots {
                self.slot(member, context);
            }
        }
    }
}

fn is_normal(slot: &Slot<'_>, context: &Context) -> bool {
    let Some(answer) = slot.answer else { return true };
    let normal = match &slot.question.kind {
        Kind::Group { .. } => return true,
        Kind::Date { not_future, .. } => {
            let kind = Kind::Date { not_past: false, not_future: *not_future };
            normal::answer(&kind, answer, context.today)
        }
        Kind::PersonalIdentityNumber { .. } => {
            normal::answer(&Kind::PersonalIdentityNumber { age: None }, answer, context.today)
        }
        kind => normal::answer(kind, answer, context.today),
    };
    normal.as_ref() == Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;

    #[test]
    fn of_too_many_rows_only_one_too_many_is_laid_out() {
        let definition = load(include_bytes!("../fuzz/definitions/rows.json")).unwrap();
        let rows = |count: usize| Answer::Rows {
            rows: (0..count).map(|n| Row { id: n.to_string(), answers: Answers::new() }).collect(),
        };
        for (sent, judged) in [(3, 3), (4, 4), (1000, 4)] {
            let answers = Answers::from([("personer".to_owned(), rows(sent)), ("alla".to_owned(), rows(9))]);
            let bounded = bounded(&definition, &answers);
            assert!(bounded["personer"] == rows(judged) && bounded["alla"] == rows(9));
            assert_eq!(matches!(bounded, Cow::Borrowed(_)), sent == judged);
        }
    }
}
