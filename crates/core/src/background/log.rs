//! Brings the log to the municipality, a batch at a time. What has arrived stays here for a while and then goes.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    audit::{AuditBatch, AuditEvent},
    desk::shared::Shared,
    error::{DeskError, StoreError},
    ports::{Change, LogPart, LogState},
};

/// Events that are read at a time; a batch may take fewer.
const READ: usize = 500;
/// How long an event stays here after it has arrived.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) enum LogProgress {
    /// The municipality has all that was there when this began.
    Whole,
    More,
}

/// # Errors
/// The municipality does not take it, or the store refuses or has a log that is not whole: that is never sent on as if
/// it were.
pub(super) async fn bring(shared: &Arc<Shared>) -> Result<LogProgress, DeskError> {
    let LogState { arrived, head, .. } = shared.store.log_state().await?;
    let part = shared.store.log(arrived, READ).await?;
    let mut batch = AuditBatch::begin(part.vault, part.before);
    for row in part.rows {
        if !batch.push(row).map_err(|_| StoreError::Unreadable)? {
            break;
        }
    }
    if batch.is_empty() {
        return Ok(LogProgress::Whole);
    }
    let seq = shared.municipality.put_audit(&batch).await?;
    // It was set back to before what is still here: nobody can fill that gap, and asking again at once is no use.
    if seq < batch.before().seq && part.before.seq > arrived {
        return Err(StoreError::Failed("log_gap").into());
    }
    let mut changes = vec![Change::LogArrived { seq }];
    changes.extend(forgettable(shared, seq).await?.map(|seq| Change::ForgetLog { seq }));
    shared.store.commit(changes).await?;
    Ok(if seq >= head.seq { LogProgress::Whole } else { LogProgress::More })
}

/// The last of the events that have arrived and are old enough to go; certificates stay as long as the others.
async fn forgettable(shared: &Shared, arrived: u64) -> Result<Option<u64>, StoreError> {
    let now = shared.now();
    let mut last = None;
    // The oldest alone says on most days that none of them is.
    for most in [1, READ] {
        let LogPart { rows, .. } = shared.store.log(0, most).await?;
        let old = rows.into_iter().take_while(|(seq, event, _)| {
            let event = serde_json::from_slice::<AuditEvent>(event);
            *seq <= arrived && event.is_ok_and(|event| now.duration_since(event.at) > KEPT)
        });
        last = old.last().map(|(seq, ..)| seq);
        if last.is_none() {
            break;
        }
    }
    Ok(last)
}
