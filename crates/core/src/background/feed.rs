//! What the municipality tells of the worker's cases, taken in.

use std::{collections::HashMap, time::Duration};

use uuid::Uuid;

use crate::{
    desk::{shared::Shared, state::State},
    draft::{CaseState, Draft, DraftId, Outline},
    error::LinkError,
    ports::Change,
    standing::{CaseChange, ChangeBatch, Stage, Standing},
};

/// Between two questions, so that a municipality that answers at once is not asked all the time.
const BREATH: Duration = Duration::from_secs(1);
/// After a question without an answer.
const AGAIN: Duration = Duration::from_secs(10);
/// After a refusal: the role may come, or the municipality's feed.
const REFUSED: Duration = Duration::from_secs(5 * 60);

/// Loads the cases that a batch tells of and turns it into changes, in one transaction with the place to go on from.
/// What is not known here is left out: another computer's, or what has been shredded.
pub(super) async fn taken_in(shared: &Shared, state: &mut State, batch: ChangeBatch) -> Vec<Change> {
    if batch.changes.is_empty() && state.cursor.as_ref() == Some(&batch.cursor) {
        return Vec::new();
    }
    let submissions: HashMap<Uuid, DraftId> =
        state.outlines.values().filter_map(|case| Some((case.state.submission()?, case.id))).collect();
    let mut told: HashMap<DraftId, Draft> = HashMap::new();
    for change in &batch.changes {
        let Some(id) = submissions.get(&change.submission) else { continue };
        if !told.contains_key(id) && state.outlines.get(id).is_some_and(|case| is_said(case, change)) {
            continue;
        }
        // One that cannot be read stays as it is.
        let _ = shared.load(state, *id).await;
        let Some(draft) = told.get(id).or_else(|| state.draft(*id).ok()) else { continue };
        if let Some(standing) = Standing::after(draft.standing.as_ref(), change) {
            let news = standing.news || draft.standing.as_ref().is_some_and(|old| old.news);
            let standing = Some(Standing { news, ..standing });
            told.insert(*id, Draft { standing, ..draft.clone() });
        }
    }
    let mut changes: Vec<Change> = told.into_values().map(Change::PutDraft).collect();
    if state.cursor.as_ref() != Some(&batch.cursor) {
        changes.push(Change::PutCursor { cursor: batch.cursor });
    }
    changes
}

/// The receipt is here and has said it. After a long queue has been emptied this is true of thousands at a time.
fn is_said(case: &Outline, change: &CaseChange) -> bool {
    let received = matches!(case.state, CaseState::Received { .. });
    received && case.standing.is_none() && change.stage == Stage::Received && change.message.is_none()
}

/// How long to leave it after an answer.
pub(super) fn pause(answer: &Result<ChangeBatch, LinkError>) -> Duration {
    match answer {
        Ok(batch) if batch.more => Duration::ZERO,
        Ok(_) => BREATH,
        Err(
            LinkError::Busy { retry_after_ms: Some(ms) }
            | LinkError::Undecided { retry_after_ms: Some(ms) }
            | LinkError::Maintenance { retry_after_ms: Some(ms) },
        ) => Duration::from_millis(*ms).max(AGAIN),
        Err(LinkError::Refused { .. }) => REFUSED,
        Err(_) => AGAIN,
    }
}
