//! How long drafts stay: prolonged with a reason, thrown away in two steps, and the certificates of what went.

use uuid::Uuid;

use super::Desk;
use crate::{
    audit::{AuditAction, AuditEvent},
    call::Call,
    draft::{CaseState, Draft},
    error::DeskError,
    ports::Change,
    retention,
    view::{CallView, Certificate, DeskView},
};

/// Characters in the reason for prolonging.
const REASON_MAX: usize = 500;

impl Desk {
    /// Throws the draft away: it leaves the queue and can be taken back until its time is up.
    ///
    /// # Errors
    /// The case is on its way already, or the store refuses.
    pub async fn discard(&self, draft: Uuid) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let state = shared.hold_draft(draft).await?;
        let (old, call) = match state.editable(draft) {
            Err(DeskError::Discarded) => return self.call_view(&state, state.draft(draft)?.call_id),
            found => found?,
        };
        let call = call.id;
        let new = Draft { discarded_at: Some(shared.now()), ..old.clone() };
        let changes = vec![Change::PutDraft(new), shared.audit_of(call, draft, AuditAction::Discarded)];
        let mut state = shared.commit(state, changes).await?;
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }

    /// Takes a thrown away draft back as it was.
    ///
    /// # Errors
    /// There is no such draft, or the store refuses.
    pub async fn take_back(&self, draft: Uuid) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let mut state = shared.hold_draft(draft).await?;
        let old = state.draft(draft)?;
        let call = old.call_id;
        if old.discarded_at.is_some() {
            let new = Draft { discarded_at: None, ..old.clone() };
            let changes = vec![Change::PutDraft(new), shared.audit_of(call, draft, AuditAction::Restored)];
            state = shared.commit(state, changes).await?;
        }
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }

    /// The second step: a draft that was thrown away goes for good, and its keys with it. What the caller wanted stays in
    /// the contact record.
    ///
    /// # Errors
    /// The draft has not been thrown away first, or the store refuses.
    pub async fn erase(&self, draft: Uuid) -> Result<DeskView, DeskError> {
        let shared = &self.shared;
        let state = shared.hold().await?;
        let case = state.outlines.get(&draft).ok_or(DeskError::NoSuchDraft)?;
        if case.discarded_at.is_none() || case.state != CaseState::Editing {
            return Err(DeskError::NotDiscarded);
        }
        let purged = shared.purged(Some(case.call_id), draft, "discarded", "worker");
        let state = shared.commit(state, vec![Change::RemoveDraft { id: draft }, purged]).await?;
        drop(state);
        shared.tidy.notify_one();
        self.view().await
    }

    /// Gives the draft the same time again, counted from today; the reason is logged.
    ///
    /// # Errors
    /// The reason is empty or longer than 500 characters, its time has been prolonged as often as is allowed, the case is
    /// on its way already, or the store refuses.
    pub async fn extend(&self, draft: Uuid, reason: &str) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(DeskError::ReasonNeeded);
        }
        if reason.chars().count() > REASON_MAX {
            return Err(DeskError::TooLong);
        }
        let state = shared.hold_draft(draft).await?;
        let (old, call) = state.editable(draft)?;
        if old.extended >= shared.limits.extensions {
            return Err(DeskError::NoMoreExtensions);
        }
        let service = state.definition(&old.service).ok().map(|definition| &definition.retention);
        let through =
            retention::kept_through(shared.clock.today(), call.protection.is_on(), service, shared.limits);
        let through = through.max(old.kept_through());
        let new = Draft { kept_through: Some(through), extended: old.extended + 1, ..old.clone() };
        let mut changes = vec![
            Change::PutDraft(new),
            shared.audit_because(call.id, AuditAction::Extended, reason.to_owned()),
        ];
        // What the caller wanted is kept at least as long as the draft.
        if call.kept_through() < through {
            changes.push(Change::PutCall(Call { kept_through: Some(through), ..call.clone() }));
        }
        let call = call.id;
        let mut state = shared.commit(state, changes).await?;
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }

    /// What went from this computer, newest first.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn certificates(&self) -> Result<Vec<Certificate>, DeskError> {
        drop(self.shared.hold().await?);
        let log = self.shared.store.audit().await?;
        Ok(log.into_iter().rev().filter_map(certificate).collect())
    }
}

fn certificate(event: AuditEvent) -> Option<Certificate> {
    (event.action == AuditAction::Purged).then_some(Certificate {
        id: event.subject?,
        reason: event.reason,
        policy: event.policy.unwrap_or_default(),
        at: event.at,
    })
}
