//! How a batch of changes is written: one transaction, each change on its shelf.

use jiff::{Timestamp, civil::Date};
use ledsaga_core::{call::Call, clock::stockholm, draft::Draft, error::StoreError, ports::Change};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    data_key::{self, Wrapping},
    error::store_error,
    file,
    keyset::{Day, KeySet, day, days_after},
    log::{self, Appending},
    revision,
    shelf::{CALLS, DRAFTS, OUTBOX, Record, SUBMISSIONS},
};

/// How many days something is kept whose draft or call does not say.
pub(crate) const KEPT: Day = 14;

/// A batch after which there is less than before, but for what says so: it may use the room that is set aside.
pub(crate) fn only_frees(changes: &[Change]) -> bool {
    let frees = |change: &Change| {
        matches!(
            change,
            Change::ReduceDraft(_)
                | Change::ReduceCall(_)
                | Change::RemoveDraft { .. }
                | Change::RemoveCall { .. }
                | Change::RemoveSubmission { .. }
                | Change::RemoveOutbox { .. }
                | Change::ForgetLog { .. }
        )
    };
    let says = |change: &Change| matches!(change, Change::AppendAudit(_) | Change::PutResume { .. });
    changes.iter().any(frees) && changes.iter().all(|change| frees(change) || says(change))
}

pub(crate) async fn write_all(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    changes: &[Change],
) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    let mut log = Appending::default();
    for change in changes {
        write(&mut transaction, keys, &mut log, change).await?;
    }
    log.finish(&mut transaction).await?;
    transaction.commit().await.map_err(store_error)
}

async fn write(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    log: &mut Appending,
    change: &Change,
) -> Result<(), StoreError> {
    match change {
        Change::PutCall(call) => {
            let body = to_json(call)?;
            let record = of_call(call, &body);
            let purge_on = record.purge_on;
            if CALLS.put(connection, keys, record).await? != Wrapping::Kept {
                data_key::follow_call(connection, keys, call.id, purge_on).await?;
            }
            Ok(())
        }
        Change::ReduceCall(call) => {
            let body = to_json(call)?;
            let record = of_call(call, &body);
            let purge_on = record.purge_on;
            CALLS.reduce(connection, keys, record).await?;
            data_key::follow_call(connection, keys, call.id, purge_on).await
        }
        Change::RemoveCall { id } => data_key::remove(connection, CALLS.table(), *id).await,
        Change::PutDraft(draft) => {
            let (body, outline) = (to_json(draft)?, to_json(&draft.outline())?);
            let record = of_draft(draft, &body, &outline);
            let purge_on = record.purge_on;
            let wrapping = DRAFTS.put(connection, keys, record).await?;
            if wrapping == Wrapping::New {
                // What an earlier data key sealed; it opens no more.
                revision::remove(connection, draft.id).await?;
            }
            if wrapping != Wrapping::Kept {
                data_key::follow_draft(connection, keys, draft.id, purge_on).await?;
            }
            Ok(())
        }
        Change::ReduceDraft(draft) => {
            let (body, outline) = (to_json(draft)?, to_json(&draft.outline())?);
            data_key::remove_of_draft(connection, draft.id).await?;
            revision::remove(connection, draft.id).await?;
            DRAFTS.reduce(connection, keys, of_draft(draft, &body, &outline)).await
        }
        Change::RemoveDraft { id } => {
            data_key::remove_of_draft(connection, *id).await?;
            data_key::remove(connection, DRAFTS.table(), *id).await
        }
        Change::PutFile { id, draft, bytes } => {
            let record = of_parent(*id, *draft, Timestamp::now(), bytes);
            let record = kept_with(connection, DRAFTS.table(), record).await?;
            file::put(connection, keys, record).await
        }
        Change::KeepRevision(kept) => {
            let body = to_json(kept)?;
            revision::keep(connection, keys, (kept.id, kept.draft), kept.form.rev, &body).await
        }
        Change::PutSubmission(submission) => {
            let body = to_json(submission)?;
            let record = of_parent(submission.id, submission.draft_id, submission.frozen_at, &body);
            let record = kept_with(connection, DRAFTS.table(), record).await?;
            SUBMISSIONS.put(connection, keys, record).await?;
            Ok(())
        }
        Change::RemoveSubmission { id } => data_key::remove(connection, SUBMISSIONS.table(), *id).await,
        Change::PutOutbox(item) => {
            let body = to_json(item)?;
            let record = of_parent(item.id, item.call_id, item.created_at, &body);
            let record = kept_with(connection, CALLS.table(), record).await?;
            OUTBOX.put(connection, keys, record).await?;
            Ok(())
        }
        Change::RemoveOutbox { id } => data_key::remove(connection, OUTBOX.table(), *id).await,
        Change::PutCatalogue(catalogue) => {
            let body = to_json(catalogue)?;
            let sql = "INSERT INTO catalogue (only, body) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET body = ?1";
            execute(sqlx::query(sql).bind(body.as_slice()), connection).await
        }
        Change::AppendAudit(event) => log.append(connection, event).await,
        Change::LogArrived { seq } => log::arrived(connection, *seq).await,
        Change::ForgetLog { seq } => log::forget(connection, *seq).await,
        Change::PutCursor { cursor } => {
            let sql =
                "INSERT INTO feed (only, cursor) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET cursor = ?1";
            execute(sqlx::query(sql).bind(cursor), connection).await
        }
        Change::PutResume { call } => {
            let sql =
                "INSERT INTO resume (only, call) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET call = ?1";
            execute(sqlx::query(sql).bind(call.as_bytes().as_slice()), connection).await
        }
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

async fn execute(query: Query<'_>, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    query.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn of_call<'a>(call: &Call, body: &'a [u8]) -> Record<'a> {
    Record {
        id: call.id,
        parent: None,
        at: nanoseconds(call.started_at),
        rev: call.rev,
        purge_on: day(call.kept_through()),
        body,
        outline: None,
    }
}

fn of_draft<'a>(draft: &Draft, body: &'a [u8], outline: &'a [u8]) -> Record<'a> {
    Record {
        id: draft.id,
        parent: Some(draft.call_id),
        at: nanoseconds(draft.created_at),
        rev: draft.form.rev,
        purge_on: day(draft.kept_through()),
        body,
        outline: Some(outline),
    }
}

/// What belongs to a draft or a call and is kept as long as that.
fn of_parent(id: Uuid, parent: Uuid, made: Timestamp, body: &[u8]) -> Record<'_> {
    let made_on: Date = made.to_zoned(stockholm()).date();
    Record {
        id,
        parent: Some(parent),
        at: nanoseconds(made),
        rev: 0,
        purge_on: days_after(made_on, KEPT),
        body,
        outline: None,
    }
}

/// With the last day of its parent, if that is there already; or else the parent will bring it along.
async fn kept_with<'a>(
    connection: &mut SqliteConnection,
    shelf: &'static str,
    mut record: Record<'a>,
) -> Result<Record<'a>, StoreError> {
    if let Some(parent) = record.parent
        && let Some(purge_on) = data_key::purge_on(connection, shelf, parent).await?
    {
        record.purge_on = purge_on;
    }
    Ok(record)
}

fn nanoseconds(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    serde_json::to_vec(value).map(Zeroizing::new).map_err(|_| StoreError::Failed("encode"))
}

pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(body).map_err(|_| StoreError::Unreadable)
}
