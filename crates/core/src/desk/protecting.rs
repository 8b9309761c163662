//! Protected mode: raised at once, lowered with a reason, and revealed one value at a time.

use ledsaga_forms::ApplyError;
use uuid::Uuid;

use super::{Desk, sending, shared::Held, state::context};
use crate::{
    audit::AuditAction,
    call::Call,
    draft::{CaseState, Draft},
    error::DeskError,
    ports::Change,
    protection::Protection,
    retention,
    view::{CallView, RevealTarget},
};

/// Characters in the reason for lowering protection.
const REASON_MAX: usize = 500;

impl Desk {
    /// Raises protection for the whole call, at once. What was sent without the marking and has never left this computer
    /// is a draft again.
    ///
    /// # Errors
    /// There is no such call, or the store refuses.
    pub async fn protect(&self, call: Uuid) -> Result<CallView, DeskError> {
        let state = self.shared.hold_call(call).await?;
        if state.unreduced(call)?.protection.is_on() {
            return self.call_view(&state, call);
        }
        let raised = Protection::Raised { at: self.shared.now() };
        let logged = self.shared.audit(call, AuditAction::ProtectionRaised);
        self.set_protection(state, call, raised, logged).await
    }

    /// Lowers protection; the reason is logged.
    ///
    /// # Errors
    /// The reason is empty or longer than 500 characters, there is no such call, or the store refuses.
    pub async fn lower_protection(&self, call: Uuid, reason: &str) -> Result<CallView, DeskError> {
        let reason = reason.trim();
        let state = self.shared.hold_call(call).await?;
        let on = state.call(call)?.protection.is_on();
        if reason.is_empty() {
            return Err(DeskError::ReasonNeeded);
        }
        if reason.chars().count() > REASON_MAX {
            return Err(DeskError::TooLong);
        }
        if !on {
            return self.call_view(&state, call);
        }
        let lowered = Protection::Lowered { at: self.shared.now() };
        let logged = self.shared.audit_because(call, AuditAction::ProtectionLowered, reason.to_owned());
        self.set_protection(state, call, lowered, logged).await
    }

    /// One masked value in plain text; logged before it is answered.
    ///
    /// # Errors
    /// There is no such value in this call, or the store refuses the log entry.
    pub async fn reveal(&self, call: Uuid, target: RevealTarget) -> Result<String, DeskError> {
        let state = self.shared.hold_call(call).await?;
        let value = {
            let call = state.call(call)?;
            match target {
                RevealTarget::CallerName => call.caller.name.clone(),
                RevealTarget::CallerPhone => call.caller.phone.clone(),
                RevealTarget::CallerIdentityNumber => call.caller.identity_number.clone(),
                RevealTarget::Answer { draft, question } => {
                    let draft = state.draft(draft)?;
                    if draft.call_id != call.id {
                        return Err(DeskError::NoSuchDraft);
                    }
                    let definition = state.definition(&draft.service)?;
                    let context = context(call, self.shared.clock.today());
                    ledsaga_forms::reveal(definition, &draft.form, &question, &context)
                        .or_else(|| set_aside(draft, &question))
                        .ok_or(ApplyError::UnknownQuestion { path: question })?
                }
            }
        };
        self.shared.commit(state, vec![self.shared.audit(call, AuditAction::Revealed)]).await?;
        Ok(value)
    }

    /// The mode decides which questions are asked, so what was read back no longer counts.
    async fn set_protection(
        &self,
        state: Held,
        call: Uuid,
        protection: Protection,
        logged: Change,
    ) -> Result<CallView, DeskError> {
        let new = Call { protection, ..state.call(call)?.clone() };
        let mut changes = vec![logged];
        for draft in state.cases_of(call).filter_map(|case| state.draft(case.id).ok()) {
            if draft.state == CaseState::Editing {
                let service = state.definition(&draft.service).ok().map(|definition| &definition.retention);
                let today = self.shared.clock.today();
                let through =
                    retention::kept_through(today, new.protection.is_on(), service, self.shared.limits);
                let kept_through = Some(if new.protection.is_on() {
                    through.min(draft.kept_through())
                } else {
                    through.max(draft.kept_through())
                });
                changes.push(Change::PutDraft(Draft { confirmed: None, kept_through, ..draft.clone() }));
            } else if new.protection.is_on() {
                changes.extend(
                    sending::taken_back_for_protection(&self.shared, &state, draft).into_iter().flatten(),
                );
            }
        }
        let state = self.put_call(state, new, changes).await?;
        self.call_view(&state, call)
    }
}

/// An answer that has no question any more goes by its label.
fn set_aside(draft: &Draft, label: &str) -> Option<String> {
    draft.set_aside.iter().find(|(known, _)| known == label).map(|(_, words)| words.clone())
}
