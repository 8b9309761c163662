//! Answers as people read them: one at a time when a masked answer is revealed.

use std::borrow::Cow;

use crate::{
    Answer, Context, Definition, FileRef, FormState, Kind, Question, QuestionPath, evaluate::Slot,
    form::Form, normal, show,
};

/// One visible answer in plain text as typed, choices by their labels; none for a group or without an answer.
pub fn reveal(definition: &Definition, state: &FormState, path: &str, context: &Context) -> Option<String> {
    let slots = Form::new(definition).evaluate(&state.answers, context);
    let slot = slots.iter().flat_map(Slot::with_members).find(|slot| slot.path == path)?;
    plain_text(&slot.question.kind, show::drawn(slot)?)
}

/// A visible answer with the label of its question.
#[derive(Clone, PartialEq, Eq)]
pub struct Worded {
    pub path: QuestionPath,
    /// Tells the rows of a group apart.
    pub label: String,
    pub text: String,
}

/// Says nothing of the content: it is personal data.
impl std::fmt::Debug for Worded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worded({})", self.path)
    }
}

/// Every visible answer in plain text, in the order of the form. Masks nothing.
pub fn in_words(definition: &Definition, state: &FormState, context: &Context) -> Vec<Worded> {
    let slots = Form::new(definition).evaluate(&state.answers, context);
    let all = slots.iter().flat_map(labelled).filter_map(|(slot, label)| {
        let text = plain_text(&slot.question.kind, show::drawn(slot)?)?;
        Some(Worded { path: slot.path.clone().into_owned(), label: label.into_owned(), text })
    });
    all.filter(|worded| !worded.text.is_empty()).collect()
}

pub(crate) fn plain_text(kind: &Kind, answer: &Answer) -> Option<String> {
    match answer {
        Answer::Text { text } => Some(text.clone()),
        Answer::Choice { choices: made, other } => {
            let (choices, other_label) = normal::choices_of(kind)?;
            let labels = made.iter().filter_map(|id| match choices.iter().find(|choice| choice.id == *id) {
                Some(choice) => Some(choice.label.clone()),
                None => other_label.map(|label| match other {
                    Some(text) => format!("{label}: {text}"),
                    None => label.to_owned(),
                }),
            });
            Some(labels.collect::<Vec<_>>().join(", "))
        }
        Answer::Confirmed => match kind {
            Kind::Confirm { statement, .. } => Some(statement.clone()),
            _ => None,
        },
        Answer::Files { files } => Some(names(files)),
        Answer::Rows { .. } => None,
    }
}

pub(crate) fn names(files: &[FileRef]) -> String {
    files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A question and those of its rows, with labels that tell the rows apart.
pub(crate) fn labelled<'s, 'a>(slot: &'s Slot<'a>) -> impl Iterator<Item = (&'s Slot<'a>, Cow<'a, str>)> {
    let own = std::iter::once((slot, Cow::Borrowed(slot.question.label.as_str())));
    own.chain(slot.rows.iter().enumerate().flat_map(move |(index, row)| {
        row.slots.iter().map(move |member| {
            let label = format!("{}: {}", row_title(slot.question, index), member.question.label);
            (member, Cow::Owned(label))
        })
    }))
}

/// What a row is called, with its number from 1 where there can be more.
pub(crate) fn row_title(group: &Question, index: usize) -> String {
    match &group.kind {
        Kind::Group { row_label, max_rows: 1, .. } => row_label.clone(),
        Kind::Group { row_label, .. } => format!("{row_label} {}", index + 1),
        _ => String::new(),
    }
}
