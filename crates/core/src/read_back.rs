//! The read-back script: what the worker says so that the caller can confirm it.

mod spelling;
mod spoken;

use ledsaga_forms::{Context, Definition, Kind, Sensitivity, VisibleAnswer, visible_answers};

use crate::{
    draft::{CaseState, Draft},
    view::{ReadBack, ReadBackLine, ReadBackSection},
};
use spelling::spell;
pub(crate) use spoken::spoken;

/// Longer texts are not spelled letter by letter.
const SPELL_MAX: usize = 40;

pub(crate) fn read_back(definition: &Definition, draft: &Draft, context: &Context) -> ReadBack {
    let confirmed = draft.confirmed.as_ref().is_some_and(|c| c.form_rev == draft.form.rev);
    if let CaseState::Received { .. } = draft.state {
        // The answers have left this computer.
        return ReadBack {
            sections: Vec::new(),
            missing: Vec::new(),
            sendable: false,
            oral_filing: definition.oral_filing,
            confirmed,
        };
    }
    let mut sections: Vec<ReadBackSection> = Vec::new();
    for answer in visible_answers(definition, &draft.form, context) {
        let Some(line) = line(&answer, context.protected) else { continue };
        match sections.last_mut() {
            Some(section) if section.title == answer.step => section.lines.push(line),
            _ => sections.push(ReadBackSection { title: answer.step.to_owned(), lines: vec![line] }),
        }
    }
    let form = ledsaga_forms::view(definition, &draft.form, context);
    ReadBack {
        sections,
        missing: form.remaining.into_iter().map(|question| question.label).collect(),
        sendable: form.sendable,
        oral_filing: definition.oral_filing,
        confirmed,
    }
}

fn line(visible: &VisibleAnswer<'_>, protected: bool) -> Option<ReadBackLine> {
    let spoken = match &visible.answer {
        _ if visible.via_forwarding => "Går via Skatteverkets förmedling.".to_owned(),
        None => return None,
        Some(answer) if protected && visible.sensitivity == Sensitivity::Protected => {
            spoken::masked(visible.kind, answer)
        }
        Some(answer) => spoken(Some(visible.kind), answer),
    };
    let spell = match (&visible.answer, visible.kind) {
        (Some(ledsaga_forms::Answer::Text { text }), Kind::Text { .. } | Kind::Address | Kind::Email)
            if !protected && text.chars().count() <= SPELL_MAX =>
        {
            Some(spell(text))
        }
        _ => None,
    };
    Some(ReadBackLine {
        question: visible.path.clone(),
        label: match &visible.row {
            Some(row) => format!("{row}: {}", visible.label),
            None => visible.label.to_owned(),
        },
        spoken,
        spell,
    })
}
