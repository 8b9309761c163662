//! A newer version of an e-service: a draft stays on its own until the worker takes the newer one.

use ledsaga_forms::{Context, Definition, Migration, migrate};
use uuid::Uuid;

use super::{
    Desk, history,
    state::{State, context},
};
use crate::{
    audit::AuditAction,
    draft::{Draft, ServicePin},
    error::DeskError,
    ports::Change,
    view::{CallView, VersionChange},
};

impl Desk {
    /// What the newest version of the e-service would make of the draft. Changes nothing.
    ///
    /// # Errors
    /// There is no newer version, or the case is on its way already.
    pub async fn version_change(&self, draft: Uuid) -> Result<VersionChange, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let (draft, call) = state.editable(draft)?;
        let newest = newer(&state, draft).ok_or(DeskError::NoNewerVersion)?;
        let current = state.definition(&draft.service).ok();
        let moved = migrate(current, newest, &draft.form, &context(call, self.shared.clock.today()));
        Ok(VersionChange {
            kept: u32::try_from(moved.kept.len()).unwrap_or(u32::MAX),
            moved: moved.moved.iter().map(|moved| moved.label.clone()).collect(),
            no_longer_asked: moved.no_longer_asked.iter().map(|aside| aside.label.clone()).collect(),
            newly_required: moved.newly_required.iter().map(|question| question.label.clone()).collect(),
        })
    }

    /// Moves the draft to the newest version. What is asked no longer is set aside in words.
    ///
    /// # Errors
    /// There is no newer version, the case is on its way already, or the store refuses.
    pub async fn take_newer_version(&self, draft: Uuid) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let state = shared.hold_draft(draft).await?;
        let (old, call) = state.editable(draft)?;
        let newest = newer(&state, old).ok_or(DeskError::NoNewerVersion)?;
        let mut new = Draft { confirmed: None, updated_at: shared.now(), ..old.clone() };
        onto(&state, &mut new, newest, &context(call, shared.clock.today()));
        let call = call.id;
        let before = history::keep_before(old, &mut new, shared.now());
        let mut changes = vec![Change::PutDraft(new), shared.audit(call, AuditAction::VersionTaken)];
        changes.extend(before);
        let mut state = shared.commit(state, changes).await?;
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }
}

fn newer<'a>(state: &'a State, draft: &Draft) -> Option<&'a Definition> {
    state.offered(&draft.service.id).ok().filter(|newest| newest.version > draft.service.version)
}

/// Puts the draft on another version.
pub(super) fn onto(state: &State, draft: &mut Draft, newest: &Definition, context: &Context) {
    // An e-service that is offered no longer can still be read and moved from.
    let current = state.definition(&draft.service).ok();
    let Migration { state: form, no_longer_asked, .. } = migrate(current, newest, &draft.form, context);
    draft.service = ServicePin::of(newest);
    draft.form = form;
    for aside in no_longer_asked {
        set_aside(&mut draft.set_aside, aside.label, aside.words);
    }
}

/// Each label once: a covered answer is uncovered by its label.
fn set_aside(kept: &mut Vec<(String, String)>, label: String, words: String) {
    if kept.contains(&(label.clone(), words.clone())) {
        return;
    }
    let taken = |label: &str, kept: &[(String, String)]| kept.iter().any(|(known, _)| known == label);
    let numbered = (2..).map(|n: u32| format!("{label} ({n})"));
    let free = std::iter::once(label.clone()).chain(numbered).find(|label| !taken(label, kept));
    kept.push((free.unwrap_or(label), words));
}
