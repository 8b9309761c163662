//! One attempt at one item of the outbox.

use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    call::{Call, CallId},
    desk::shared::Shared,
    error::{LinkError, StoreError},
    outbox::{Action, OutboxItem, Outcome, Task, judge},
    ports::Withdrawal,
};

/// What an attempt is for.
pub(super) struct Attempt {
    pub item: Uuid,
    pub call: CallId,
    pub action: Action,
    /// The call's revision when it began.
    pub rev: u64,
}

/// An attempt that has ended, and what it came to.
pub(super) struct Ended {
    pub attempt: Attempt,
    pub outcome: Outcome,
}

impl Ended {
    /// What it says of the way.
    pub fn said(&self) -> Option<Result<(), LinkError>> {
        match &self.outcome {
            Outcome::NotTried => None,
            Outcome::Failed(error) => Some(Err(error.clone())),
            _ => Some(Ok(())),
        }
    }

    /// It has arrived.
    pub fn arrived(&self) -> bool {
        matches!(self.outcome, Outcome::Done | Outcome::Received(_))
    }
}

pub(super) async fn make(
    shared: Arc<Shared>,
    item: OutboxItem,
    action: Action,
    call: Option<Call>,
) -> Outcome {
    // Before the lease begins: this is no waiting for the municipality.
    let _room = shared.room_for(item.bytes).await;
    // A word that more of a file has arrived renews the lease.
    let more = Notify::new();
    let work = async {
        match item.task {
            Task::Contact => put_contact(&shared, call).await,
            Task::File { file, ref name, ref media_type, .. } => {
                let stored = |bytes| {
                    more.notify_one();
                    if shared.progress.stored(file, bytes) {
                        shared.changed();
                    }
                };
                put_file(&shared, file, name, media_type, &stored).await
            }
            Task::Submission { submission, .. } => bring(&shared, submission, action).await,
        }
    };
    tokio::pin!(work);
    loop {
        tokio::select! {
            made = &mut work => return made.unwrap_or_else(|outcome| outcome),
            () = more.notified() => {}
            () = tokio::time::sleep(Action::LEASE) => return Outcome::Failed(LinkError::NoAnswer),
        }
    }
}

async fn put_contact(shared: &Shared, call: Option<Call>) -> Result<Outcome, Outcome> {
    // A call is never removed before its contact record has arrived.
    let call = call.ok_or(Outcome::NotTried)?;
    shared.municipality.put_contact(&call).await.map_err(Outcome::Failed)?;
    Ok(Outcome::Done)
}

async fn put_file(
    shared: &Shared,
    id: Uuid,
    name: &str,
    media_type: &str,
    stored: &(dyn Fn(u64) + Send + Sync),
) -> Result<Outcome, Outcome> {
    let bytes = kept(shared.store.file(id).await, "attachment_missing")?;
    shared.municipality.put_file(id, name, media_type, &bytes, stored).await.map_err(Outcome::Failed)?;
    Ok(Outcome::Done)
}

async fn bring(shared: &Shared, id: Uuid, action: Action) -> Result<Outcome, Outcome> {
    // Without what was frozen, nobody can tell whether the municipality has the same.
    let submission = kept(shared.store.submission(id).await, "unexpected_answer")?;
    let (municipality, failed) = (&shared.municipality, Outcome::Failed);
    match action {
        Action::Ask => {
            let receipt = municipality.get_submission(id).await.map_err(failed)?;
            Ok(receipt.map_or(Outcome::Nothing, |receipt| judge(&submission, receipt)))
        }
        Action::Withdraw => match municipality.withdraw(id).await.map_err(failed)? {
            Withdrawal::Withdrawn => Ok(Outcome::Withdrawn),
            Withdrawal::Accepted(receipt) => Ok(judge(&submission, *receipt)),
        },
        Action::PutSubmission | Action::PutContact | Action::PutFile => {
            let receipt = municipality.put_submission(&submission).await.map_err(failed)?;
            Ok(judge(&submission, receipt))
        }
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
