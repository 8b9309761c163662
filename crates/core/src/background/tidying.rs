//! What leaves this computer by itself: what the municipality has, and drafts whose time is up. Decides only; the
//! changes are committed by the background.
//!
//! Nothing that the municipality has not acknowledged is ever taken, and only the municipality's clock ends a time.

use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::{
    audit::AuditAction,
    call::{Call, Caller},
    desk::{shared::Shared, state::State},
    draft::{CaseState, Outline},
    outbox::Task,
    ports::Change,
    retention,
};

/// A finished call stays so long, so that a last note can be made.
const AFTERWORK: SignedDuration = SignedDuration::from_mins(10);
/// A draft that was worked with in this time is not taken from under the worker's hands.
const HANDS_ON: SignedDuration = SignedDuration::from_hours(4);

/// `server_now` is the municipality's time; without it nothing's time is up.
pub(super) fn due(shared: &Shared, state: &State, server_now: Option<Timestamp>) -> Vec<Change> {
    let mut changes = Vec::new();
    for call in state.calls.values() {
        let cases: Vec<&Outline> = state.cases_of(call.id).collect();
        if let Some(now) = server_now {
            let over: Vec<&Outline> = cases.iter().copied().filter(|case| is_over(case, now)).collect();
            if !over.is_empty() && !call.has_arrived() {
                // What the caller wanted must be with the municipality before the draft goes.
                changes.extend(send_off(shared, state, call));
            } else {
                changes.extend(over.iter().flat_map(|case| {
                    let policy = policy_of(call, case, shared);
                    [
                        Change::RemoveDraft { id: case.id },
                        shared.purged(Some(call.id), case.id, "time_up", &policy),
                    ]
                }));
            }
            let left = cases.len() - if call.has_arrived() { over.len() } else { 0 };
            if call.reduced && left == 0 && call.kept_through() < retention::day_of(now) {
                changes.push(Change::RemoveCall { id: call.id });
                changes.push(shared.purged(None, call.id, "time_up", "facts"));
                continue;
            }
        }
        if is_with_the_municipality(shared, state, call, &cases) {
            changes.push(Change::ReduceCall(reduced(call, shared.clock.today())));
            changes.push(shared.purged(Some(call.id), call.id, "arrived", "receipt"));
        }
    }
    changes
}

/// Its last day has passed by the municipality's clock, and nobody is working with it. Never true for what is on its
/// way.
fn is_over(case: &Outline, now: Timestamp) -> bool {
    let takeable = matches!(case.state, CaseState::Editing | CaseState::Received { .. });
    // A time of change in the future comes from a clock that was wrong.
    let since = now.duration_since(case.updated_at);
    let at_work = since < HANDS_ON && since > -SignedDuration::from_hours(24);
    takeable && !at_work && case.kept_through < retention::day_of(now)
}

/// The call is over and the municipality has all of it.
fn is_with_the_municipality(shared: &Shared, state: &State, call: &Call, cases: &[&Outline]) -> bool {
    let Some(ended_at) = call.ended_at else { return false };
    // By a clock that was set back it is long ago as well.
    let since = shared.now().duration_since(ended_at);
    let rested = since >= AFTERWORK || since < SignedDuration::ZERO;
    !call.reduced
        && rested
        && call.has_arrived()
        && state.outbox.contact(call.id).is_none()
        && cases.iter().all(|case| matches!(case.state, CaseState::Received { .. }))
}

/// The contact record goes; a call that nobody has ended is ended for it.
fn send_off(shared: &Shared, state: &State, call: &Call) -> Vec<Change> {
    if state.outbox.of_call(call.id).iter().any(|item| item.task == Task::Contact) {
        return Vec::new();
    }
    let mut changes = vec![shared.send_contact(state, call)];
    if call.ended_at.is_none() {
        let ended = Call { ended_at: Some(shared.now()), rev: call.rev + 1, ..call.clone() };
        changes.push(shared.audit(call.id, AuditAction::CallEnded));
        changes.push(Change::PutCall(ended));
    }
    changes
}

/// When and in which call, and no more.
fn reduced(call: &Call, today: Date) -> Call {
    Call {
        caller: Caller::default(),
        asked_for: String::new(),
        note: String::new(),
        reduced: true,
        kept_through: Some(retention::facts_kept_through(today)),
        ..call.clone()
    }
}

fn policy_of(call: &Call, case: &Outline, shared: &Shared) -> String {
    match case.state {
        CaseState::Received { .. } => "facts".to_owned(),
        _ if call.protection.is_on() => format!("protected {}", shared.limits.protected_draft_days),
        _ => format!("ordinary {}", shared.limits.draft_days),
    }
}
