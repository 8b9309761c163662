//! One attempt at one item of the outbox.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    call::Call,
    desk::shared::Shared,
    error::{LinkError, StoreError},
    outbox::{Action, Outcome, Task, judge},
};

/// However the way behaves, an attempt ends, so that nothing stays in flight without a word. The client's own limits
/// are shorter.
pub(super) const LIMIT: Duration = Duration::from_secs(60);
const FILE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// What an attempt is for.
pub(super) struct Attempt {
    pub item: Uuid,
    pub action: Action,
    /// The call's revision when it began.
    pub rev: u64,
}

pub(super) async fn make(shared: Arc<Shared>, task: Task, action: Action, call: Option<Call>) -> Outcome {
    let limit = if action == Action::PutFile { FILE_LIMIT } else { LIMIT };
    let made = timeout(limit, async {
        match task {
            Task::Contact => put_contact(&shared, call).await,
            Task::File { file, name, media_type, .. } => put_file(&shared, file, &name, &media_type).await,
            Task::Submission { submission, .. } => bring(&shared, submission, action).await,
        }
    });
    match made.await {
        Ok(Ok(outcome) | Err(outcome)) => outcome,
        Err(_) => Outcome::Failed(LinkError::NoAnswer),
    }
}

async fn put_contact(shared: &Shared, call: Option<Call>) -> Result<Outcome, Outcome> {
    // A call is never removed before its contact record has arrived.
    let call = call.ok_or(Outcome::NotTried)?;
    shared.municipality.put_contact(&call).await.map_err(Outcome::Failed)?;
    Ok(Outcome::Done)
}

async fn put_file(shared: &Shared, id: Uuid, name: &str, media_type: &str) -> Result<Outcome, Outcome> {
    let bytes = kept(shared.store.file(id).await, "attachment_missing")?;
    shared.municipality.put_file(id, name, media_type, &bytes).await.map_err(Outcome::Failed)?;
    Ok(Outcome::Done)
}

async fn bring(shared: &Shared, id: Uuid, action: Action) -> Result<Outcome, Outcome> {
    // Without what was frozen, nobody can tell whether the municipality has the same.
    let submission = kept(shared.store.submission(id).await, "unexpected_answer")?;
    if action == Action::Ask {
        let receipt = shared.municipality.get_submission(id).await.map_err(Outcome::Failed)?;
        Ok(receipt.map_or(Outcome::Nothing, |receipt| judge(&submission, receipt)))
    } else {
        let receipt = shared.municipality.put_submission(&submission).await.map_err(Outcome::Failed)?;
        Ok(judge(&submission, receipt))
    }
}

/// What the store has; what it has lost for good needs action, what it cannot read just now is tried again.
fn kept<T>(read: Result<Option<T>, StoreError>, lost: &str) -> Result<T, Outcome> {
    match read {
        Ok(Some(value)) => Ok(value),
        Ok(None) | Err(StoreError::Unreadable) => {
            Err(Outcome::Failed(LinkError::Refused { code: lost.to_owned(), questions: Vec::new() }))
        }
        Err(StoreError::DiskFull | StoreError::Locked | StoreError::Failed(_)) => Err(Outcome::NotTried),
    }
}
