//! Sending: a case is frozen and goes into the outbox in one transaction; a refused one becomes a draft again.

use ledsaga_forms::{OralFiling, files_in, submission_answers};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Desk,
    shared::Shared,
    state::{State, context},
    versions, views,
};
use crate::{
    audit::AuditAction,
    draft::{CaseState, Draft, ServicePin},
    error::DeskError,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, SubmissionContent},
    retention,
    submission::{Submission, id_after},
    view::{CallView, CaseView},
};

impl Desk {
    /// Freezes the case and puts it into the outbox, in one transaction.
    ///
    /// # Errors
    /// Something has a wrong format, the caller has not confirmed what is there now, something required is missing where
    /// oral filing is not accepted, the case is on its way already, or the store refuses.
    pub async fn submit(&self, draft: Uuid) -> Result<CaseView, DeskError> {
        let shared = &self.shared;
        let state = shared.hold_draft(draft).await?;
        let (old, call) = state.editable(draft)?;
        let definition = state.definition(&old.service)?;
        let today = shared.clock.today();
        let context = context(call, today);

        let form = ledsaga_forms::view(definition, &old.form, &context);
        if !form.sendable {
            return Err(DeskError::NotSendable);
        }
        if old.confirmed.as_ref().is_none_or(|c| c.form_rev != old.form.rev) {
            return Err(DeskError::NotConfirmed);
        }
        if !form.complete && definition.oral_filing != OralFiling::Accepted {
            return Err(DeskError::Incomplete);
        }

        let answers = submission_answers(definition, &old.form, &context);
        let frozen_at = shared.now();
        let id = old.submission_id.unwrap_or_else(Uuid::now_v7);
        let payload = shared.municipality.encode(SubmissionContent {
            id,
            call,
            draft: old,
            answers: &answers,
            worker: &shared.worker,
            frozen_at,
        });
        let digest = hex::encode(Sha256::digest(&payload));
        let queued = CaseState::Queued { submission: id, at: frozen_at };
        let new = Draft { state: queued, submission_id: Some(id), updated_at: frozen_at, ..old.clone() };

        let mut changes = vec![
            Change::PutDraft(new),
            Change::PutSubmission(Submission {
                id,
                draft_id: draft,
                call_id: call.id,
                payload,
                digest,
                frozen_at,
            }),
            shared.send_contact(&state, call),
        ];
        let files: Vec<OutboxItem> = files_in(&answers)
            .into_iter()
            .filter_map(|file| shared.file_item(call.id, draft, file))
            .collect();
        let task = Task::Submission { submission: id, draft };
        changes.push(Change::PutOutbox(OutboxItem {
            bytes: files.iter().map(|file| file.bytes).sum(),
            ..shared.item(call.id, task, ItemState::Blocked)
        }));
        changes.extend(files.into_iter().map(Change::PutOutbox));
        changes.push(shared.audit(call.id, AuditAction::Submitted));

        let state = shared.commit(state, changes).await?;
        shared.work.notify_one();
        let case = state.outlines.get(&draft).ok_or(DeskError::NoSuchDraft)?;
        Ok(views::case(&state, state.call(case.call_id)?, case, today, shared.now(), shared.limits))
    }

    /// Takes a case back that is on its way, so that it can be changed. One that has never left this computer is a draft
    /// again at once. Any other is one as soon as the municipality has promised never to make a case of it; if it has
    /// already made one, that is what the worker sees. Repeating it is harmless.
    ///
    /// # Errors
    /// The municipality has refused the case, so that it can be opened again or asked for; or the store refuses.
    pub async fn withdraw(&self, draft: Uuid) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let mut state = shared.hold_draft(draft).await?;
        let old = state.draft(draft)?;
        let call = old.call_id;
        let changes = match &old.state {
            // It has been decided already.
            CaseState::Editing | CaseState::Received { .. } | CaseState::Withdrawing { .. } => Vec::new(),
            state_now if is_withdrawable(state_now) => {
                let (Some(item), Some(submission)) =
                    (state.outbox.submission(call, draft), state_now.submission())
                else {
                    return Err(DeskError::NotWithdrawable);
                };
                match item.asked_back() {
                    Some(asked) => ask_back(shared, &state, old, asked, submission),
                    None => never_left(shared, &state, old, submission, is_protected(&state, old)),
                }
            }
            _ => return Err(DeskError::NotWithdrawable),
        };
        if !changes.is_empty() {
            state = shared.commit(state, changes).await?;
            shared.work.notify_one();
        }
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }

    /// Makes a refused case a draft again, on the newest version of its e-service.
    ///
    /// # Errors
    /// The case has not been refused, or its outcome is still open; or the store refuses.
    pub async fn reopen(&self, draft: Uuid) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let state = shared.hold_draft(draft).await?;
        let old = state.draft(draft)?;
        let submission = match &old.state {
            CaseState::NeedsAction { submission, reason } if reason.reopenable() => *submission,
            _ => return Err(DeskError::NotReopenable),
        };
        let mut new = Draft {
            state: CaseState::Editing,
            submission_id: Some(id_after(submission)),
            confirmed: None,
            updated_at: shared.now(),
            ..old.clone()
        };
        let mut changes = taken_off(&state, old, submission);

        if let Ok(newest) = state.offered(&old.service.id)
            && ServicePin::of(newest) != old.service
        {
            let context = context(state.call(old.call_id)?, shared.clock.today());
            versions::onto(&state, &mut new, newest, &context);
        }
        let call = old.call_id;
        changes.push(Change::PutDraft(new));
        changes.push(shared.audit(call, AuditAction::Reopened));
        let mut state = shared.commit(state, changes).await?;
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }
}

/// On its way, or set aside with its outcome open.
pub(super) fn is_withdrawable(case: &CaseState) -> bool {
    match case {
        CaseState::Queued { .. } | CaseState::Unknown { .. } => true,
        CaseState::NeedsAction { reason, .. } => reason.may_be_settled(),
        CaseState::Editing | CaseState::Withdrawing { .. } | CaseState::Received { .. } => false,
    }
}

/// Nothing more of the case is sent, and the municipality is asked never to take it.
fn ask_back(shared: &Shared, state: &State, old: &Draft, asked: OutboxItem, submission: Uuid) -> Vec<Change> {
    let at = match old.state {
        CaseState::Queued { at, .. } | CaseState::Unknown { at, .. } => at,
        _ => old.updated_at,
    };
    let files = of_case(state, old).filter(|other| other.id != asked.id);
    let mut changes: Vec<Change> = files.map(|file| Change::RemoveOutbox { id: file.id }).collect();
    changes.push(Change::PutOutbox(asked));
    changes.push(Change::PutDraft(Draft { state: CaseState::Withdrawing { submission, at }, ..old.clone() }));
    changes.push(shared.audit_of(old.call_id, submission, AuditAction::WithdrawalAsked));
    changes
}

/// What was frozen before the call became protected has no marking and may hold an address. Where it has never left,
/// it is a draft again; `None` where it may have.
pub(super) fn taken_back_for_protection(
    shared: &Shared,
    state: &State,
    draft: &Draft,
) -> Option<Vec<Change>> {
    let here = !state.outbox.submission(draft.call_id, draft.id)?.may_have_left();
    let (CaseState::Queued { submission, .. }, true) = (&draft.state, here) else { return None };
    Some(never_left(shared, state, draft, *submission, true))
}

/// The municipality has promised that no case will come of the submission: what is sent next has another id.
pub(crate) fn withdrawn(shared: &Shared, state: &State, old: &Draft, submission: Uuid) -> Vec<Change> {
    let next = id_after(submission);
    draft_again(shared, state, old, submission, is_protected(state, old), next)
}

/// Nobody but this computer knows the id yet, so it is kept.
fn never_left(shared: &Shared, state: &State, old: &Draft, submission: Uuid, protected: bool) -> Vec<Change> {
    draft_again(shared, state, old, submission, protected, submission)
}

fn is_protected(state: &State, draft: &Draft) -> bool {
    state.call(draft.call_id).is_ok_and(|call| call.protection.is_on())
}

/// To be read back anew, and kept as long as a new one.
fn draft_again(
    shared: &Shared,
    state: &State,
    old: &Draft,
    submission: Uuid,
    protected: bool,
    next: Uuid,
) -> Vec<Change> {
    let service = state.definition(&old.service).ok().map(|definition| &definition.retention);
    let through = retention::kept_through(shared.clock.today(), protected, service, shared.limits);
    let mut changes = taken_off(state, old, submission);
    changes.push(Change::PutDraft(Draft {
        state: CaseState::Editing,
        submission_id: Some(next),
        confirmed: None,
        updated_at: shared.now(),
        kept_through: Some(if protected { through } else { through.max(old.kept_through()) }),
        ..old.clone()
    }));
    changes.push(shared.audit_of(old.call_id, submission, AuditAction::Withdrawn));
    changes
}

/// Takes a case off the way to the municipality.
fn taken_off(state: &State, draft: &Draft, submission: Uuid) -> Vec<Change> {
    let mut changes: Vec<Change> =
        of_case(state, draft).map(|item| Change::RemoveOutbox { id: item.id }).collect();
    changes.push(Change::RemoveSubmission { id: submission });
    changes
}

fn of_case<'a>(state: &'a State, draft: &Draft) -> impl Iterator<Item = &'a OutboxItem> {
    let id = draft.id;
    state.outbox.of_call(draft.call_id).iter().filter(move |item| item.task.draft() == Some(id))
}
