//! The read-back: what the worker says so that the caller can confirm it, and whether the caller has.

use ledsaga_forms::{
    Context, Definition,
    speech::{Language, Script, script},
};

use crate::{
    draft::{CaseState, Draft},
    view::ReadBack,
};

pub(crate) fn read_back(
    definition: &Definition,
    draft: &Draft,
    context: &Context,
    language: Language,
) -> ReadBack {
    let Script { sections, missing, sendable } = match draft.state {
        // The answers have left this computer.
        CaseState::Received { .. } => Script::default(),
        _ => script(definition, &draft.form, context, language),
    };
    ReadBack {
        sections,
        missing,
        sendable,
        oral_filing: definition.oral_filing,
        confirmed: draft.confirmed.as_ref().is_some_and(|c| c.form_rev == draft.form.rev),
    }
}
