//! What the Desk holds in memory: always what the store has, never ahead of it.

use std::collections::BTreeMap;

use ledsaga_forms::{Context, Definition};

use crate::{
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{CaseState, Draft, DraftId, ServicePin},
    error::DeskError,
    link::Link,
    outbox::Outbox,
    ports::Change,
};

pub(crate) struct State {
    pub calls: BTreeMap<CallId, Call>,
    pub drafts: BTreeMap<DraftId, Draft>,
    pub outbox: Outbox,
    pub catalogue: Option<Catalogue>,
    pub resume: Option<CallId>,
    pub link: Link,
    /// The store has been closed; nothing is held any more.
    pub closed: bool,
}

impl State {
    pub fn empty(link: Link) -> Self {
        Self {
            calls: BTreeMap::new(),
            drafts: BTreeMap::new(),
            outbox: Outbox::default(),
            catalogue: None,
            resume: None,
            link,
            closed: false,
        }
    }

    /// Takes in what the store has committed.
    pub fn absorb(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::PutCall(call) => {
                    self.calls.insert(call.id, call);
                }
                Change::PutDraft(draft) => {
                    self.drafts.insert(draft.id, draft);
                }
                Change::PutOutbox(item) => self.outbox.put(item),
                Change::RemoveOutbox { id } => self.outbox.remove(id),
                Change::PutCatalogue(catalogue) => self.catalogue = Some(catalogue),
                Change::PutResume { call } => self.resume = Some(call),
                Change::PutFile { .. }
                | Change::RemoveFile { .. }
                | Change::PutSubmission(_)
                | Change::RemoveSubmission { .. }
                | Change::AppendAudit(_) => {}
            }
        }
    }

    pub fn call(&self, id: CallId) -> Result<&Call, DeskError> {
        self.calls.get(&id).ok_or(DeskError::NoSuchCall)
    }

    pub fn draft(&self, id: DraftId) -> Result<&Draft, DeskError> {
        self.drafts.get(&id).ok_or(DeskError::NoSuchDraft)
    }

    /// A draft that may be changed, with its call.
    pub fn editable(&self, id: DraftId) -> Result<(&Draft, &Call), DeskError> {
        let draft = self.draft(id)?;
        match draft.state {
            CaseState::Editing => Ok((draft, self.call(draft.call_id)?)),
            _ => Err(DeskError::Frozen),
        }
    }

    /// Oldest first.
    pub fn cases_of(&self, call: CallId) -> impl Iterator<Item = &Draft> {
        self.drafts.values().filter(move |d| d.call_id == call)
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
