//! Earlier states of a draft: kept as the worker goes from question to question, compared, and gone back to.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ledsaga_forms::{Answer, Answers, Worded, in_words};
use uuid::Uuid;

use super::{Desk, shared::Held, state::context};
use crate::{
    audit::AuditAction,
    draft::{Draft, Revised, Revision},
    error::DeskError,
    ports::Change,
    view::{CallView, Difference, RevisionView, Text},
};

/// Typing a text becomes one revision, unless it goes on for longer than this.
const ONE_GO: SignedDuration = SignedDuration::from_secs(30);

impl Desk {
    /// Earlier states of the draft, newest first.
    ///
    /// # Errors
    /// There is no such draft, or the store cannot be read.
    pub async fn revisions(&self, draft: Uuid) -> Result<Vec<RevisionView>, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let draft = state.draft(draft)?;
        let definition = state.definition(&draft.service).ok();
        let label = |path: &String| {
            let id = path.split('/').next().unwrap_or(path);
            let questions = definition?.steps.iter().flat_map(|step| &step.questions);
            questions.into_iter().find(|question| question.id == id).map(|question| question.label.clone())
        };
        let kept = self.shared.store.revisions(draft.id).await?;
        let views = kept.iter().map(|revision| RevisionView {
            id: revision.id,
            at: revision.at,
            question: revision.question.as_ref().and_then(label),
            older_version: revision.service != draft.service,
        });
        Ok(views.collect())
    }

    /// What differs between an earlier state and now; masked in a protected call.
    ///
    /// # Errors
    /// There is no such draft or revision, the definition of one of them is missing, or the store cannot be read.
    pub async fn compare_revision(&self, draft: Uuid, revision: Uuid) -> Result<Vec<Difference>, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let draft = state.draft(draft)?;
        let call = state.call(draft.call_id)?;
        let revision = self.revision(draft, revision).await?;
        let context = context(call, self.shared.clock.today());
        let then = in_words(state.definition(&revision.service)?, &revision.form, &context);
        let now = in_words(state.definition(&draft.service)?, &draft.form, &context);
        Ok(differences(then, now, call.protection.is_on()))
    }

    /// Back to an earlier state. The state of now becomes the newest revision, so that nothing is lost by it.
    ///
    /// # Errors
    /// There is no such revision, its definition is missing, the case is on its way already, or the store refuses.
    pub async fn restore_revision(&self, draft: Uuid, revision: Uuid) -> Result<CallView, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        let (old, _) = state.editable(draft)?;
        let revision = self.revision(old, revision).await?;
        self.go_back(state, draft, revision).await
    }

    /// Back to the newest revision; once more goes forward again.
    ///
    /// # Errors
    /// There is none, the case is on its way already, or the store refuses.
    pub async fn undo(&self, draft: Uuid) -> Result<CallView, DeskError> {
        let state = self.shared.hold_draft(draft).await?;
        state.editable(draft)?;
        let newest = self.shared.store.revisions(draft).await?.into_iter().next();
        self.go_back(state, draft, newest.ok_or(DeskError::NoSuchRevision)?).await
    }

    async fn revision(&self, draft: &Draft, id: Uuid) -> Result<Revision, DeskError> {
        let kept = self.shared.store.revisions(draft.id).await?;
        kept.into_iter().find(|revision| revision.id == id).ok_or(DeskError::NoSuchRevision)
    }

    async fn go_back(&self, state: Held, draft: Uuid, to: Revision) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        let (old, call) = state.editable(draft)?;
        state.definition(&to.service)?;
        let call = call.id;
        let now = shared.now();
        let mut new = old.clone();
        new.service = to.service;
        new.set_aside = to.set_aside;
        new.form.answers = to.form.answers;
        new.form.rev += 1;
        (new.updated_at, new.confirmed) = (now, None);
        new.revised = Some(Revised { at: now, question: None });
        let changes = vec![
            Change::KeepRevision(revision_of(old, now, None)),
            Change::PutDraft(new),
            shared.audit_of(call, draft, AuditAction::Restored),
        ];
        let mut state = shared.commit(state, changes).await?;
        shared.load_call(&mut state, call).await?;
        self.call_view(&state, call)
    }
}

/// The state before a change, if it is to be kept; `new` remembers it then.
pub(super) fn keep_before(old: &Draft, new: &mut Draft, now: Timestamp) -> Option<Change> {
    let question = match changed(&old.form.answers, &new.form.answers).as_slice() {
        [] if old.service == new.service => return None,
        [only] => Some((*only).clone()),
        _ => None,
    };
    let is_typing = |id: &String| {
        let text = |draft: &Draft| matches!(draft.form.answers.get(id), Some(Answer::Text { .. }));
        text(old) && text(new)
    };
    let goes_on = old.revised.as_ref().is_some_and(|last| {
        question.as_ref().is_some_and(is_typing)
            && last.question == question
            && now.duration_since(last.at) < ONE_GO
    });
    if goes_on {
        return None;
    }
    new.revised = Some(Revised { at: now, question: question.clone() });
    Some(Change::KeepRevision(revision_of(old, now, question)))
}

fn revision_of(draft: &Draft, at: Timestamp, question: Option<String>) -> Revision {
    Revision {
        id: Uuid::now_v7(),
        draft: draft.id,
        at,
        question,
        service: draft.service.clone(),
        form: draft.form.clone(),
        set_aside: draft.set_aside.clone(),
    }
}

/// The questions, outside any group, whose answers differ.
fn changed<'a>(old: &'a Answers, new: &'a Answers) -> Vec<&'a String> {
    let gone = old.keys().filter(|id| !new.contains_key(*id));
    new.iter().filter(|(id, answer)| old.get(*id) != Some(answer)).map(|(id, _)| id).chain(gone).collect()
}

fn differences(then: Vec<Worded>, now: Vec<Worded>, protected: bool) -> Vec<Difference> {
    let text = |text: String| match u32::try_from(text.chars().count()) {
        Ok(length) if protected && length > 0 => Text::Masked { length },
        _ => Text::Plain { text },
    };
    let mut before: BTreeMap<String, Worded> =
        then.into_iter().map(|worded| (worded.path.clone(), worded)).collect();
    let mut found: Vec<Difference> = Vec::new();
    for is in now {
        let was = before.remove(&is.path).map(|worded| worded.text).unwrap_or_default();
        if was != is.text {
            found.push(Difference { label: is.label, then: text(was), now: text(is.text) });
        }
    }
    let gone = before.into_values();
    found.extend(gone.map(|was| Difference {
        label: was.label,
        then: text(was.text),
        now: Text::Plain { text: String::new() },
    }));
    found
}
