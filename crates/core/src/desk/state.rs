//! What the Desk holds in memory: always what the store has, never ahead of it.

use std::{collections::BTreeMap, sync::Arc};

use ledsaga_forms::{Context, Definition};

use crate::{
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{CaseState, Draft, DraftId, Outline, ServicePin},
    error::DeskError,
    link::Link,
    outbox::{Outbox, Task},
    ports::Change,
    progress::Progress,
};

pub(crate) struct State {
    pub calls: BTreeMap<CallId, Call>,
    /// Every draft, without its form.
    pub outlines: BTreeMap<DraftId, Outline>,
    /// Those that somebody has looked at since the desk was opened.
    drafts: BTreeMap<DraftId, Draft>,
    pub outbox: Outbox,
    pub catalogue: Option<Catalogue>,
    pub resume: Option<CallId>,
    pub link: Link,
    /// How far files that go up have come.
    pub progress: Arc<Progress>,
    /// Records that the store could not read.
    pub damaged: u32,
    /// The store has been closed; nothing is held any more.
    pub closed: bool,
}

impl State {
    pub fn empty(link: Link) -> Self {
        Self {
            calls: BTreeMap::new(),
            outlines: BTreeMap::new(),
            drafts: BTreeMap::new(),
            outbox: Outbox::default(),
            catalogue: None,
            resume: None,
            link,
            progress: Arc::default(),
            damaged: 0,
            closed: false,
        }
    }

    /// Takes in what the store has committed.
    pub fn absorb(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::PutCall(call) | Change::ReduceCall(call) => {
                    self.calls.insert(call.id, call);
                }
                Change::PutDraft(draft) | Change::ReduceDraft(draft) => self.take(draft),
                Change::RemoveDraft { id } => {
                    self.outlines.remove(&id);
                    self.drafts.remove(&id);
                }
                Change::RemoveCall { id } => {
                    self.calls.remove(&id);
                }
                Change::PutOutbox(item) => self.outbox.put(item),
                Change::RemoveOutbox { id } => {
                    if let Some(Task::File { file, .. }) = self.outbox.get(id).map(|item| &item.task) {
                        self.progress.forget(*file);
                    }
                    self.outbox.remove(id);
                }
                Change::PutCatalogue(catalogue) => self.catalogue = Some(catalogue),
                Change::PutResume { call } => self.resume = Some(call),
                Change::PutFile { .. }
                | Change::KeepRevision(_)
                | Change::PutSubmission(_)
                | Change::RemoveSubmission { .. }
                | Change::AppendAudit(_)
                | Change::LogArrived { .. }
                | Change::ForgetLog { .. } => {}
            }
        }
    }

    pub fn call(&self, id: CallId) -> Result<&Call, DeskError> {
        self.calls.get(&id).ok_or(DeskError::NoSuchCall)
    }

    /// A call that can still be changed.
    pub fn unreduced(&self, id: CallId) -> Result<&Call, DeskError> {
        let call = self.call(id)?;
        if call.reduced { Err(DeskError::CallHandedOver) } else { Ok(call) }
    }

    /// A draft that has been loaded.
    pub fn draft(&self, id: DraftId) -> Result<&Draft, DeskError> {
        self.drafts.get(&id).ok_or(DeskError::NoSuchDraft)
    }

    /// Exists, and has not been loaded yet.
    pub fn lacks(&self, id: DraftId) -> bool {
        self.outlines.contains_key(&id) && !self.drafts.contains_key(&id)
    }

    /// A draft as the store has it.
    pub fn take(&mut self, draft: Draft) {
        self.outlines.insert(draft.id, draft.outline());
        self.drafts.insert(draft.id, draft);
    }

    /// A draft that may be changed, with its call.
    pub fn editable(&self, id: DraftId) -> Result<(&Draft, &Call), DeskError> {
        let draft = self.draft(id)?;
        match draft.state {
            CaseState::Editing if draft.discarded_at.is_some() => Err(DeskError::Discarded),
            CaseState::Editing => Ok((draft, self.call(draft.call_id)?)),
            _ => Err(DeskError::Frozen),
        }
    }

    /// Oldest first.
    pub fn cases_of(&self, call: CallId) -> impl Iterator<Item = &Outline> {
        self.outlines.values().filter(move |case| case.call_id == call)
    }

    pub fn definition(&self, pin: &ServicePin) -> Result<&Definition, DeskError> {
        self.catalogue.as_ref().and_then(|c| c.pinned(pin)).ok_or(DeskError::DefinitionMissing)
    }

    /// The version of an e-service that new cases begin on.
    pub fn offered(&self, service: &str) -> Result<&Definition, DeskError> {
        self.catalogue.as_ref().and_then(|c| c.offered(service)).ok_or(DeskError::NoSuchService)
    }

    /// The contact record belongs at the municipality: the call is over, or a case of it has been sent.
    pub fn contact_is_due(&self, call: &Call) -> bool {
        call.ended_at.is_some() || self.cases_of(call.id).any(|d| d.state != CaseState::Editing)
    }
}

pub(crate) fn context(call: &Call, today: jiff::civil::Date) -> Context {
    Context { today, protected: call.protection.is_on() }
}
