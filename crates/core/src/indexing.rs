//! Keeps the search index in step with the desk, behind its back: a save never waits for it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use ledsaga_forms::in_words;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    call::{Call, CallId},
    desk::{
        shared::Shared,
        state::{State, context},
    },
    draft::{CaseState, Draft, Outline},
    error::StoreError,
    ports::Change,
    search::{Field, SearchDocument},
};

/// Calls whose documents are made in one go; work at the desk goes on in between.
const BATCH: usize = 50;
/// Typing comes in many small saves; the index follows when there have been none for a moment.
const SETTLE: Duration = Duration::from_millis(500);
/// After the index refused.
const AGAIN: Duration = Duration::from_secs(30);

/// The calls whose documents are behind.
#[derive(Default)]
pub(crate) struct Stale {
    waiting: Mutex<Waiting>,
    more: Notify,
}

#[derive(Default)]
struct Waiting {
    calls: BTreeSet<CallId>,
    /// Drafts that are gone.
    gone: BTreeSet<Uuid>,
    /// Those that were behind when the desk was opened, newest last, and how many there were.
    begun: Vec<CallId>,
    to_begin: usize,
}

impl Stale {
    /// Everything, when the desk is opened.
    pub fn begin(&self, state: &State) {
        let mut calls: Vec<&Call> = state.calls.values().collect();
        calls.sort_by_key(|call| (call.started_at, call.id));
        let mut waiting = self.waiting();
        waiting.begun = calls.into_iter().map(|call| call.id).collect();
        waiting.to_begin = waiting.begun.len();
        drop(waiting);
        self.more.notify_one();
    }

    pub fn touch(&self, changes: &[Change]) {
        let mut waiting = self.waiting();
        for change in changes {
            match change {
                Change::PutCall(call) | Change::ReduceCall(call) => {
                    waiting.calls.insert(call.id);
                }
                Change::PutDraft(draft) | Change::ReduceDraft(draft) => {
                    waiting.calls.insert(draft.call_id);
                }
                Change::RemoveDraft { id } | Change::RemoveCall { id } => {
                    waiting.gone.insert(*id);
                }
                _ => {}
            }
        }
        let any = !waiting.calls.is_empty() || !waiting.gone.is_empty();
        drop(waiting);
        if any {
            self.more.notify_one();
        }
    }

    /// How much of what was there at the opening can be found, in percent.
    pub fn indexed(&self) -> u8 {
        let waiting = self.waiting();
        let done = waiting.to_begin - waiting.begun.len();
        u8::try_from((done * 100).checked_div(waiting.to_begin).unwrap_or(100)).unwrap_or(100)
    }

    /// What changed just now comes before what was there from the start.
    fn next(&self) -> (Vec<CallId>, Vec<Uuid>) {
        let mut waiting = self.waiting();
        let gone = std::mem::take(&mut waiting.gone).into_iter().collect();
        let mut calls: Vec<CallId> = std::mem::take(&mut waiting.calls).into_iter().collect();
        let rest = waiting.begun.len().saturating_sub(BATCH.saturating_sub(calls.len()));
        calls.extend(waiting.begun.split_off(rest));
        (calls, gone)
    }

    fn put_back(&self, calls: Vec<CallId>, gone: Vec<Uuid>) {
        let mut waiting = self.waiting();
        waiting.calls.extend(calls);
        waiting.gone.extend(gone);
    }

    fn has_begun(&self) -> bool {
        self.waiting().begun.is_empty()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // No code panics while it holds the guard.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Never ends by itself.
pub(crate) async fn run(shared: &Shared) {
    loop {
        shared.stale.more.notified().await;
        loop {
            let (calls, gone) = shared.stale.next();
            if calls.is_empty() && gone.is_empty() {
                break;
            }
            if follow(shared, &calls, &gone).await.is_err() {
                tracing::warn!("the search index is behind");
                shared.stale.put_back(calls, gone);
                tokio::time::sleep(AGAIN).await;
            } else if shared.stale.has_begun() {
                tokio::time::sleep(SETTLE).await;
            }
        }
    }
}

async fn follow(shared: &Shared, calls: &[CallId], gone: &[Uuid]) -> Result<(), StoreError> {
    for id in gone {
        shared.index.remove_draft(*id).await?;
    }
    let mut documents = Vec::new();
    for id in calls {
        // What was there before it, protected or of another shape, is not to be found any more.
        shared.index.remove_call(*id).await?;
        documents.extend(documents_of(shared, *id).await?);
    }
    shared.index.put_all(documents).await
}

/// None for a call with protected personal data: it is found only from inside itself.
async fn documents_of(shared: &Shared, id: CallId) -> Result<Vec<SearchDocument>, StoreError> {
    let (call, cases) = {
        let state = shared.state.lock().await;
        let Some(call) = state.calls.get(&id) else { return Ok(Vec::new()) };
        if call.protection.is_on() {
            return Ok(Vec::new());
        }
        (call.clone(), state.cases_of(id).cloned().collect::<Vec<Outline>>())
    };
    if cases.is_empty() {
        let texts = texts_of_call(&call);
        return Ok(vec![SearchDocument { draft: None, call: id, at: call.started_at, texts }]);
    }
    let mut documents = Vec::new();
    for case in cases {
        let draft = match shared.store.draft(case.id).await {
            Ok(draft) => draft,
            // It can be found by what its outline says.
            Err(StoreError::Unreadable) => None,
            Err(error) => return Err(error),
        };
        let mut texts = texts_of_call(&call);
        let state = shared.state.lock().await;
        texts.extend(texts_of_case(&state, &call, &case, draft.as_ref(), shared.clock.today()));
        documents.push(SearchDocument { draft: Some(case.id), call: id, at: at(&case), texts });
    }
    Ok(documents)
}

/// The day that the worker remembers: of its arrival, or when it was last worked with.
fn at(case: &Outline) -> Timestamp {
    match &case.state {
        CaseState::Received { receipt, .. } => receipt.received_at,
        _ => case.updated_at,
    }
}

pub(crate) fn texts_of_call(call: &Call) -> Vec<(Field, String)> {
    let texts = [
        (Field::CallerName, &call.caller.name),
        (Field::Phone, &call.caller.phone),
        (Field::AskedFor, &call.asked_for),
        (Field::Note, &call.note),
    ];
    let given = texts.into_iter().filter(|(_, text)| !text.trim().is_empty());
    given.map(|(field, text)| (field, text.clone())).collect()
}

pub(crate) fn texts_of_case(
    state: &State,
    call: &Call,
    case: &Outline,
    draft: Option<&Draft>,
    today: jiff::civil::Date,
) -> Vec<(Field, String)> {
    let mut texts = vec![(Field::Service, case.service.name.clone())];
    if let CaseState::Received { receipt, .. } = &case.state {
        texts.push((Field::CaseNumber, receipt.case_number.clone()));
    }
    if let (Some(draft), Ok(definition)) = (draft, state.definition(&case.service)) {
        let answers = in_words(definition, &draft.form, &context(call, today));
        texts.extend(answers.into_iter().map(|answer| (Field::Answer, answer.text)));
    }
    texts
}
