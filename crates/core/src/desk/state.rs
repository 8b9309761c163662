//! What the Desk holds in memory: always what the store has, never ahead of it.

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use ledsaga_forms::{Context, Definition};

use super::queue::{Queue, Standing};
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
    pub calls: ReadOnly<BTreeMap<CallId, Call>>,
    /// Every draft, without its form.
    pub outlines: ReadOnly<BTreeMap<DraftId, Outline>>,
    queue: Queue,
    /// Those that somebody has looked at since the desk was opened.
    drafts: BTreeMap<DraftId, Draft>,
    pub outbox: Outbox,
    pub catalogue: Option<Catalogue>,
    /// Through where the municipality's changes have been taken in.
    pub cursor: Option<String>,
    pub resume: Option<CallId>,
    pub link: Link,
    /// How far files that go up have come.
    pub progress: Arc<Progress>,
    /// Records that the store could not read.
    pub damaged: u32,
    /// The store has been closed; nothing is held any more.
    pub closed: bool,
}

/// Anybody may look; only [`State`] changes it, and the order of the queue with it.
#[derive(Default)]
pub(crate) struct ReadOnly<T>(T);

impl<T> Deref for ReadOnly<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl State {
    pub fn empty(link: Link) -> Self {
        Self {
            calls: ReadOnly::default(),
            outlines: ReadOnly::default(),
            queue: Queue::default(),
            drafts: BTreeMap::new(),
            outbox: Outbox::default(),
            catalogue: None,
            cursor: None,
            resume: None,
            link,
            progress: Arc::default(),
            damaged: 0,
            closed: false,
        }
    }

    /// Takes in what the store lists.
    pub fn list(&mut self, calls: Vec<Call>, outlines: Vec<Outline>) {
        // Before the calls, so that each of those finds its place at once.
        outlines.into_iter().for_each(|case| self.put_outline(case));
        calls.into_iter().for_each(|call| self.put_call(call));
    }

    /// Takes in what the store has committed.
    pub fn absorb(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::PutCall(call) | Change::ReduceCall(call) => self.put_call(call),
                Change::PutDraft(draft) | Change::ReduceDraft(draft) => self.take(draft),
                Change::RemoveDraft { id } => {
                    self.remove_outline(id);
                    self.drafts.remove(&id);
                }
                Change::RemoveCall { id } => self.rearrange(id, |state| {
                    state.calls.0.remove(&id);
                }),
                Change::PutOutbox(item) => self.outbox.put(item),
                Change::RemoveOutbox { id } => {
                    if let Some(Task::File { file, .. }) = self.outbox.get(id).map(|item| &item.task) {
                        self.progress.forget(*file);
                    }
                    self.outbox.remove(id);
                }
                Change::PutCatalogue(catalogue) => self.catalogue = Some(catalogue),
                Change::PutCursor { cursor } => self.cursor = Some(cursor),
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
        self.put_outline(draft.outline());
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
        self.queue.cases_of(call).filter_map(|case| self.outlines.get(&case))
    }

    /// The rows of the queue in their order: the cases of each call, or the call that has none yet.
    pub fn rows(&self) -> impl Iterator<Item = (&Call, Option<&Outline>)> {
        let calls = self.queue.places().filter_map(|place| self.calls.get(&place.call()));
        calls.flat_map(|call| {
            let alone = self.queue.cases_of(call.id).next().is_none().then_some((call, None));
            let kept = self.cases_of(call.id).filter(|case| case.discarded_at.is_none());
            alone.into_iter().chain(kept.map(move |case| (call, Some(case))))
        })
    }

    /// The calls that go on.
    pub fn open_calls(&self) -> impl Iterator<Item = &Call> {
        let open = self.queue.places().take_while(|place| place.is_open());
        open.filter_map(|place| self.calls.get(&place.call()))
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    fn put_call(&mut self, call: Call) {
        self.rearrange(call.id, |state| {
            state.calls.0.insert(call.id, call);
        });
    }

    fn put_outline(&mut self, case: Outline) {
        self.remove_outline(case.id);
        self.rearrange(case.call_id, |state| {
            state.queue.add(&case);
            state.outlines.0.insert(case.id, case);
        });
    }

    fn remove_outline(&mut self, id: DraftId) {
        let Some(call) = self.outlines.get(&id).map(|case| case.call_id) else { return };
        self.rearrange(call, |state| {
            if let Some(case) = state.outlines.0.remove(&id) {
                state.queue.take_out(&case);
            }
        });
    }

    /// A change to a call or its cases, after which the call stands where it belongs.
    fn rearrange(&mut self, call: CallId, change: impl FnOnce(&mut Self)) {
        if let Some(before) = self.standing(call) {
            self.queue.leave(&before);
        }
        change(self);
        if let Some(after) = self.standing(call) {
            self.queue.enter(after);
        }
    }

    /// `None` when there is no such call: cases of one that cannot be read are no rows.
    fn standing(&self, call: CallId) -> Option<Standing> {
        self.calls.get(&call).map(|call| Standing::of(call, self.cases_of(call.id)))
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

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{draft::Refusal, protection::Protection, submission::Receipt};

    const CALLS: u128 = 4;
    const DRAFTS: u128 = 9;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    fn call(id: u128, started: i64, ended: bool) -> Call {
        let ended_at = ended.then(|| at(started + 1));
        let call = json!({
            "id": Uuid::from_u128(id), "rev": 1, "code": "A", "colour": 0, "started_at": at(started),
            "ended_at": ended_at, "protection": Protection::NotRaised,
        });
        serde_json::from_value(call).unwrap()
    }

    fn draft(id: u128, of: u128, state: &CaseState, discarded: Option<i64>) -> Draft {
        let draft = json!({
            "id": Uuid::from_u128(id), "call_id": Uuid::from_u128(of),
            "service": {"id": "a", "version": 1, "hash": "", "name": "A"},
            "form": {"rev": 1, "position": "a", "answers": {}}, "created_at": at(0), "updated_at": at(0),
            "state": state, "discarded_at": discarded.map(at),
        });
        serde_json::from_value(draft).unwrap()
    }

    fn any_change() -> impl Strategy<Value = Change> {
        let submission = Uuid::from_u128(100);
        let receipt = json!({
            "submission": submission, "digest": "", "case_number": "EXB-2026-ZDF6-MW", "received_at": at(0),
            "proof": "",
        });
        let receipt: Receipt = serde_json::from_value(receipt).unwrap();
        let reason = Refusal { code: "forbidden".into(), questions: Vec::new() };
        let states = vec![
            CaseState::Editing,
            CaseState::Queued { submission, at: at(0) },
            CaseState::Unknown { submission, at: at(0) },
            CaseState::Withdrawing { submission, at: at(0) },
            CaseState::Received { submission, receipt },
            CaseState::NeedsAction { submission, reason },
        ];
        // Half of the calls begin at the same second.
        let a_call =
            (0..CALLS, 0..3_i64, any::<bool>()).prop_map(|(id, started, ended)| call(id, started, ended));
        let a_draft = (0..DRAFTS, 0..CALLS, prop::sample::select(states), prop::option::of(0..5_i64));
        prop_oneof![
            4 => a_call.prop_map(Change::PutCall),
            8 => a_draft.prop_map(|(id, of, state, at)| Change::PutDraft(draft(id, of, &state, at))),
            1 => (0..CALLS).prop_map(|id| Change::RemoveCall { id: Uuid::from_u128(id) }),
            2 => (0..DRAFTS).prop_map(|id| Change::RemoveDraft { id: Uuid::from_u128(id) }),
        ]
    }

    /// The queue as it was sorted out of everything for each look.
    fn sorted_anew(state: &State) -> Vec<(Uuid, Option<Uuid>)> {
        let cases = |call: Uuid| state.outlines.values().filter(move |case| case.call_id == call);
        let mut calls: Vec<&Call> = state.calls.values().collect();
        calls.sort_by_key(|call| {
            let to_see_to = |case: &Outline| matches!(case.state, CaseState::NeedsAction { .. });
            let ended = call.ended_at.is_some();
            (ended, ended && !cases(call.id).any(to_see_to), Reverse((call.started_at, call.id)))
        });
        let rows = |call: &Call| match cases(call.id).next() {
            None => vec![(call.id, None)],
            Some(_) => {
                let kept = cases(call.id).filter(|case| case.discarded_at.is_none());
                kept.map(|case| (call.id, Some(case.id))).collect()
            }
        };
        calls.into_iter().flat_map(rows).collect()
    }

    proptest! {
        #[test]
        fn the_order_that_is_kept_is_the_one_that_sorting_anew_gives(
            changes in prop::collection::vec(any_change(), 0..60),
        ) {
            let link = Link::new(at(0));
            let mut state = State::empty(link.clone());
            for change in changes {
                state.absorb(vec![change]);
                let rows: Vec<_> = state.rows().map(|(call, case)| (call.id, case.map(|case| case.id))).collect();
                prop_assert_eq!(&rows, &sorted_anew(&state));
                prop_assert_eq!(rows.len(), state.queue().rows());
            }
            // And as if it had been read from the store just now.
            let mut listed = State::empty(link);
            listed.list(state.calls.values().cloned().collect(), state.outlines.values().cloned().collect());
            prop_assert_eq!(listed.queue(), state.queue());

            let count = |wanted: fn(&CaseState) -> bool| {
                state.outlines.values().filter(|case| wanted(&case.state)).count()
            };
            let counts = state.queue().counts();
            prop_assert_eq!(counts.editing, count(|s| *s == CaseState::Editing));
            prop_assert_eq!(counts.queued, count(|s| matches!(s, CaseState::Queued { .. })));
            let open = count(|s| matches!(s, CaseState::Unknown { .. } | CaseState::Withdrawing { .. }));
            prop_assert_eq!(counts.unknown, open);
            prop_assert_eq!(counts.needs_action, count(|s| matches!(s, CaseState::NeedsAction { .. })));
            let mut discarded: Vec<_> =
                state.outlines.values().filter_map(|case| Some((case.discarded_at?, case.id))).collect();
            discarded.sort_by_key(|case| Reverse(*case));
            let kept: Vec<Uuid> = state.queue().discarded().collect();
            prop_assert_eq!(kept, discarded.iter().map(|(_, id)| *id).collect::<Vec<_>>());
            for call in (0..CALLS).map(Uuid::from_u128) {
                let cases: Vec<Uuid> = state.cases_of(call).map(|case| case.id).collect();
                let filtered: Vec<Uuid> =
                    state.outlines.values().filter(|case| case.call_id == call).map(|case| case.id).collect();
                prop_assert_eq!(cases, filtered);
            }
            let open: Vec<Uuid> = state.open_calls().map(|call| call.id).collect();
            prop_assert_eq!(open.len(), state.calls.values().filter(|call| call.ended_at.is_none()).count());
        }
    }
}
