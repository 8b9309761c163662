//! The one transaction that an attempt ends with.

use std::time::Duration;

use ledsaga_forms::{Answers, FormState, files_in, submission_answers};

use super::{STORE_PAUSE, attempt::Attempt};
use crate::{
    audit::AuditAction,
    call::Call,
    desk::{
        sending,
        shared::Shared,
        state::{State, context},
    },
    draft::{CaseState, Draft, Refusal},
    outbox::{ItemState, Next, OutboxItem, Task},
    ports::Change,
    retention,
    submission::Receipt,
};

pub(super) struct Ending {
    pub changes: Vec<Change>,
    pub pause: Duration,
    pub asked: bool,
}

pub(super) fn of(shared: &Shared, state: &State, item: &OutboxItem, attempt: &Attempt, next: Next) -> Ending {
    let mut pause = Duration::ZERO;
    let mut asked = false;
    let changes = match next {
        Next::Done => done(state, item, attempt),
        Next::Received(receipt) => received(shared, state, item, *receipt),
        Next::Withdrawn => {
            let back = withdrawn(shared, state, item);
            if back.is_empty() {
                // The draft cannot be read just now; the municipality says the same again.
                pause = STORE_PAUSE;
            }
            back
        }
        Next::BringFiles(again) => bring_files(shared, state, again),
        Next::Stay { item: stays, pause_ms } => {
            pause = Duration::from_millis(pause_ms);
            asked = matches!(stays.state, ItemState::Waiting { asked: true, .. });
            stay(state, stays)
        }
    };
    Ending { changes, pause, asked }
}

fn done(state: &State, item: &OutboxItem, attempt: &Attempt) -> Vec<Change> {
    let call = match item.task {
        Task::Contact => state.calls.get(&item.call_id),
        Task::File { .. } | Task::Submission { .. } => None,
    };
    let mut changes = Vec::new();
    if let Some(call) = call {
        changes.push(Change::PutCall(Call { arrived_rev: Some(attempt.rev), ..call.clone() }));
    }
    changes.push(if call.is_some_and(|call| call.rev != attempt.rev) {
        Change::PutOutbox(OutboxItem { state: ItemState::Ready, attempts: 0, ..item.clone() })
    } else {
        Change::RemoveOutbox { id: item.id }
    });
    changes
}

/// From here on the municipality's copy counts: what was answered leaves this computer.
fn received(shared: &Shared, state: &State, item: &OutboxItem, receipt: Receipt) -> Vec<Change> {
    let Task::Submission { submission, draft } = item.task else { return Vec::new() };
    let mut changes = vec![
        Change::RemoveOutbox { id: item.id },
        // The case may go by another submission meanwhile.
        Change::RemoveSubmission { id: submission },
        shared.audit(item.call_id, AuditAction::Received),
        shared.purged(Some(item.call_id), draft, "arrived", "receipt"),
    ];
    if let Some(case) = state.outlines.get(&draft) {
        let form = state.draft(draft).map_or_else(
            |_| emptied(0, String::new()),
            |draft| emptied(draft.form.rev + 1, draft.form.position.clone()),
        );
        changes.push(Change::ReduceDraft(Draft {
            id: case.id,
            call_id: case.call_id,
            service: case.service.clone(),
            form,
            created_at: case.created_at,
            updated_at: shared.now(),
            confirmed: state.draft(draft).ok().and_then(|draft| draft.confirmed.clone()),
            state: CaseState::Received { submission, receipt },
            submission_id: None,
            set_aside: Vec::new(),
            kept_through: Some(retention::facts_kept_through(shared.clock.today())),
            extended: 0,
            discarded_at: None,
            revised: None,
            // A change may have come before the receipt.
            standing: state
                .draft(draft)
                .map_or_else(|_| case.standing.clone(), |draft| draft.standing.clone()),
        }));
    }
    changes
}

fn emptied(rev: u64, position: String) -> FormState {
    FormState {
        rev,
        position,
        answers: Answers::new(),
        left: Default::default(),
        left_steps: Default::default(),
        later: Default::default(),
        tried: false,
        applied: Default::default(),
    }
}

/// The municipality lacks a file: all of the case's files go again, then the submission.
fn bring_files(shared: &Shared, state: &State, item: OutboxItem) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(draft) = item.task.draft().and_then(|id| state.draft(id).ok()) {
        let answers = sent(shared, state, draft);
        let again =
            files_in(&answers).into_iter().filter_map(|file| shared.file_item(item.call_id, draft.id, file));
        changes.extend(again.map(Change::PutOutbox));
    }
    changes.push(Change::PutOutbox(item));
    changes
}

/// The answers that the frozen case names; the rest has no business at the municipality.
fn sent(shared: &Shared, state: &State, draft: &Draft) -> Answers {
    match (state.definition(&draft.service), state.call(draft.call_id)) {
        (Ok(definition), Ok(call)) => {
            submission_answers(definition, &draft.form, &context(call, shared.clock.today()))
        }
        _ => draft.form.answers.clone(),
    }
}

/// The municipality has promised that no case comes of it: it is a draft again.
fn withdrawn(shared: &Shared, state: &State, item: &OutboxItem) -> Vec<Change> {
    match item.task {
        Task::Submission { submission, draft } => state
            .draft(draft)
            .map_or_else(|_| Vec::new(), |draft| sending::withdrawn(shared, state, draft, submission)),
        Task::Contact | Task::File { .. } => Vec::new(),
    }
}

/// The item as it stays, and the case that follows it.
fn stay(state: &State, item: OutboxItem) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (Task::File { draft, .. }, ItemState::Wedged { reason }) = (&item.task, &item.state) {
        // Without its files the case cannot go either.
        if let Some(submission) = state.outbox.submission(item.call_id, *draft) {
            let wedged = ItemState::Wedged { reason: reason.clone() };
            let submission = OutboxItem { state: wedged, ..submission.clone() };
            changes.extend(followed(state, &submission));
            changes.push(Change::PutOutbox(submission));
        }
    }
    changes.extend(followed(state, &item));
    changes.push(Change::PutOutbox(item));
    changes
}

/// The draft in the state that its submission's item gives it; nothing when it is in it already.
pub(crate) fn followed(state: &State, item: &OutboxItem) -> Option<Change> {
    let Task::Submission { submission, draft } = item.task else { return None };
    let old = state.draft(draft).ok()?;
    let at = match old.state {
        CaseState::Queued { at, .. } | CaseState::Unknown { at, .. } | CaseState::Withdrawing { at, .. } => {
            at
        }
        _ => old.updated_at,
    };
    let case = match &item.state {
        ItemState::Unknown => CaseState::Unknown { submission, at },
        ItemState::Withdrawing => CaseState::Withdrawing { submission, at },
        ItemState::Wedged { reason } => CaseState::NeedsAction { submission, reason: Refusal::clone(reason) },
        ItemState::Ready | ItemState::Blocked | ItemState::InFlight | ItemState::Waiting { .. } => {
            CaseState::Queued { submission, at }
        }
    };
    (case != old.state).then(|| Change::PutDraft(Draft { state: case, ..old.clone() }))
}
