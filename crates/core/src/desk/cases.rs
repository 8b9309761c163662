//! Cases: choose an e-service, answer its questions, read back.

use ledsaga_forms::{ApplyError, FormState, Op, OpKind, speech::Language};
use uuid::Uuid;

use super::{Applied, Desk, history, shared::Held, state::context};
use crate::{
    audit::AuditAction,
    draft::{CaseState, Confirmation, Draft, ServicePin},
    error::DeskError,
    ports::Change,
    read_back::read_back,
    retention,
    view::{CallView, ReadBack},
};

impl Desk {
    /// Begins a case in the call.
    ///
    /// # Errors
    /// The call does not exist, the e-service is not offered, or the store refuses.
    pub async fn choose_service(&self, call: Uuid, service: &str) -> Result<CallView, DeskError> {
        let state = self.shared.hold_call(call).await?;
        state.unreduced(call)?;
        let definition = state.offered(service)?;
        let now = self.shared.now();
        let draft = Draft {
            id: Uuid::now_v7(),
            call_id: call,
            service: ServicePin::of(definition),
            form: FormState::new(definition),
            created_at: now,
            updated_at: now,
            confirmed: None,
            state: CaseState::Editing,
            submission_id: Some(Uuid::now_v7()),
            set_aside: Vec::new(),
            kept_through: Some(retention::kept_through(
                self.shared.clock.today(),
                state.call(call)?.protection.is_on(),
                Some(&definition.retention),
                self.shared.limits,
            )),
            extended: 0,
            discarded_at: None,
            revised: None,
            standing: None,
        };
        let state = self.shared.commit(state, vec![Change::PutDraft(draft)]).await?;
        self.call_view(&state, call)
    }

    /// Applies all operations to the form or none. Files come in by [`Desk::attach`] only.
    ///
    /// # Errors
    /// An operation does not fit the form, the case is on its way already, or the store refuses.
    pub async fn apply(&self, draft: Uuid, operations: Vec<Op>) -> Result<Applied, DeskError> {
        for operation in &operations {
            // A file comes in with its bytes, never by name alone.
            if let OpKind::Attach { question, .. } = &operation.kind {
                return Err(ApplyError::WrongAnswerType { path: question.clone() }.into());
            }
        }
        let state = self.shared.hold_draft(draft).await?;
        let (_, applied) = self.change_form(state, draft, &operations, Vec::new()).await?;
        Ok(applied)
    }

    /// What the worker says so that the caller can confirm it.
    ///
    /// # Errors
    /// The draft or its definition is not on this computer.
    pub async fn read_back(&self, draft: Uuid, language: Language) -> Result<ReadBack, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let draft = state.draft(draft)?;
        let definition = state.definition(&draft.service)?;
        let context = context(state.call(draft.call_id)?, self.shared.clock.today());
        Ok(read_back(definition, draft, &context, language))
    }

    /// The caller has heard the summary and agrees.
    ///
    /// # Errors
    /// The case is on its way already, or the store refuses.
    pub async fn confirm_read_back(&self, draft: Uuid, language: Language) -> Result<ReadBack, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let (old, call) = state.editable(draft)?;
        let mut new = old.clone();
        new.confirmed = Some(Confirmation { at: self.shared.now(), form_rev: old.form.rev });
        let changes = vec![self.shared.audit(call.id, AuditAction::ReadBackConfirmed), Change::PutDraft(new)];
        self.shared.commit(state, changes).await?;
        self.read_back(draft, language).await
    }

    /// Applies operations to a draft's form and saves it, together with what else belongs to the change.
    pub(super) async fn change_form(
        &self,
        state: Held,
        draft: Uuid,
        operations: &[Op],
        with_it: Vec<Change>,
    ) -> Result<(Held, Applied), DeskError> {
        let (old, call) = state.editable(draft)?;
        let definition = state.definition(&old.service)?;
        let mut new = old.clone();
        let context = context(call, self.shared.clock.today());
        let delta = ledsaga_forms::apply(definition, &mut new.form, operations, &context)?;
        if new.form == old.form {
            let applied = Applied::new(delta, old);
            return Ok((state, applied));
        }
        new.updated_at = self.shared.now();
        // Moving about in the form changes nothing of what the caller has heard; another answer does.
        new.confirmed = new
            .confirmed
            .filter(|c| c.form_rev == old.form.rev && new.form.answers == old.form.answers)
            .map(|c| Confirmation { form_rev: new.form.rev, ..c });
        let mut changes = with_it;
        let now = new.updated_at;
        changes.extend(history::keep_before(old, &mut new, now));
        let applied = Applied::new(delta, &new);
        changes.push(Change::PutDraft(new));
        let state = self.shared.commit(state, changes).await?;
        Ok((state, applied))
    }
}
