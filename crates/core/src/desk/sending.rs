//! Sending: a case is frozen and goes into the outbox in one transaction; a refused one becomes a draft again.

use ledsaga_forms::{OralFiling, files_in, submission_answers};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Desk, state::context, versions, views};
use crate::{
    audit::AuditAction,
    draft::{CaseState, Draft, ServicePin},
    error::DeskError,
    outbox::{ItemState, Task},
    ports::{Change, SubmissionContent},
    submission::Submission,
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
        let id = Uuid::now_v7();
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
        let new = Draft { state: queued, updated_at: frozen_at, ..old.clone() };

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
        for file in files_in(&answers) {
            let Ok(id) = Uuid::parse_str(&file.id) else { continue };
            let (name, media_type) = (file.name.clone(), file.media_type.clone());
            let task = Task::File { file: id, draft, name, media_type };
            changes.push(Change::PutOutbox(shared.item(call.id, task, ItemState::Blocked)));
        }
        let task = Task::Submission { submission: id, draft };
        changes.push(Change::PutOutbox(shared.item(call.id, task, ItemState::Blocked)));
        changes.push(shared.audit(call.id, AuditAction::Submitted));

        let state = shared.commit(state, changes).await?;
        shared.work.notify_one();
        let case = state.outlines.get(&draft).ok_or(DeskError::NoSuchDraft)?;
        Ok(views::case(&state, state.call(case.call_id)?, case, today, shared.limits))
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
        let mut new =
            Draft { state: CaseState::Editing, confirmed: None, updated_at: shared.now(), ..old.clone() };
        let mut changes: Vec<Change> = state
            .outbox
            .of_call(old.call_id)
            .iter()
            .filter(|item| item.task.draft() == Some(draft))
            .map(|item| Change::RemoveOutbox { id: item.id })
            .collect();
        changes.push(Change::RemoveSubmission { id: submission });

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
