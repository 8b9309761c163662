//! Restoring: a working vault of the same worker, under keys of its own.

use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use ledsaga_core::{
    audit::{AuditAction, AuditEvent, Purpose},
    clock::{Clock, SystemClock},
    error::StoreError,
    ports::{Change, SecretStore},
};
use sqlx::{Connection, SqliteConnection};

use super::{
    CopyContents, CopyFault,
    opening::{Opened, contents, past},
    recovery_key::RecoveryIdentity,
};
use crate::{
    batch::{KEPT, from_json, write_all},
    bundle,
    database::{Database, MIGRATIONS},
    error::{OpenError, store_error},
    export::{beside, remove_database, verify, write_copy},
    folder::{FORMAT, Folder, Meta, sync_directory},
    key_item::KeyItem,
    keychain,
    keyset::{KeySet, day},
    log,
};

/// The log goes on as another one: under its old name the municipality may have further events already, of which the copy
/// does not know. What it had not received when the copy was made is told again.
const LOG_ANEW: &[&str] = &[
    "INSERT INTO audit (at, body) SELECT 0, body FROM log \
     WHERE seq > (SELECT coalesce(max(arrived), 0) FROM log_head) ORDER BY seq",
    "DELETE FROM log",
    "DELETE FROM log_head",
];
/// Names the cause in the log.
const CAUSE: &str = "sealed_copy";

/// Makes a vault of a sealed copy, below `dir`, for the worker whose it was. Drafts whose last day has passed are left out.
/// The vault has no PIN, and opens as every other.
///
/// # Errors
/// See [`CopyFault`]; nothing has changed then.
pub async fn restore_copy(
    file: &Path,
    identity: &RecoveryIdentity,
    dir: &Path,
    secrets: Arc<dyn SecretStore>,
) -> Result<CopyContents, CopyFault> {
    let copy = Opened::open(file, identity).await?;
    let name = copy.head.folder.clone();
    let item = KeyItem::new(secrets, &name);
    match item.look().await {
        Ok(None) => {}
        Ok(Some(_)) | Err(OpenError::Unreadable | OpenError::NewerVersion) => {
            return Err(CopyFault::VaultThere);
        }
        Err(error) => return Err(CopyFault::Computer(error)),
    }
    let folder = Folder::named(dir, name).map_err(CopyFault::Computer)?;
    if folder.meta().map_or(true, |meta| meta.is_some()) || folder.database().exists() {
        return Err(CopyFault::VaultThere);
    }
    let keys = KeySet::for_kept(day(SystemClock.today()), KEPT)?;
    let made = beside(&folder.database());
    remove_database(&made).map_err(OpenError::from)?;
    let restored = match build(&copy, &made, &keys).await {
        Ok(restored) => put_in_place(&folder, &made, &item, &keys).await.map(|()| restored),
        Err(error) => Err(error),
    };
    if restored.is_err() {
        let _ = remove_database(&made);
    }
    restored
}

/// The whole vault as it is to be, in a file beside its place.
async fn build(copy: &Opened, made: &Path, keys: &KeySet) -> Result<CopyContents, CopyFault> {
    let mut source = copy.connect().await?;
    let written = write_copy(&mut source, made, keys.database()).await;
    source.close().await.map_err(store_error)?;
    let census = written?;
    let mut database = Database::open(made.to_owned(), keys.database().clone(), MIGRATIONS, false)
        .await
        .map_err(CopyFault::Computer)?;
    let mut connection = database.lend().await?;
    let filled = async {
        verify(&mut connection, &census).await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        bundle::move_all(&mut transaction, &copy.keys, keys).await?;
        let worker = last_worker(&mut transaction).await?;
        // The data keys have only just got their wrapping: no older one is to be destroyed.
        for sql in LOG_ANEW.iter().chain(&["DELETE FROM tainted"]) {
            sqlx::query(*sql).execute(&mut *transaction).await.map_err(store_error)?;
        }
        transaction.commit().await.map_err(store_error)?;
        log::begin(&mut connection).await?;
        leave_out_what_is_past(&mut connection, copy, keys, worker.as_deref()).await
    };
    let filled = filled.await;
    let restored = database.settle(connection, filled).await?;
    database.close().await;
    Ok(restored)
}

/// Answers what the copy had. What is left out is removed as on every worker's computer: its key goes, then the rest.
async fn leave_out_what_is_past(
    connection: &mut SqliteConnection,
    copy: &Opened,
    keys: &KeySet,
    worker: Option<&str>,
) -> Result<CopyContents, StoreError> {
    let today = SystemClock.today();
    let contents = contents(connection, keys, &copy.head, today).await?;
    let event = |action| {
        let event = AuditEvent::new(Timestamp::now(), worker?, action);
        Some(AuditEvent { policy: Some(CAUSE.to_owned()), ..event })
    };
    let mut changes = Vec::new();
    for draft in past(connection, keys, today).await? {
        changes.push(Change::RemoveDraft { id: draft.id });
        changes.extend(event(AuditAction::Purged).map(|event| {
            Change::AppendAudit(AuditEvent {
                call_id: Some(draft.call_id),
                subject: Some(draft.id),
                purpose: Purpose::Upkeep,
                reason: "time_up".to_owned(),
                ..event
            })
        }));
    }
    changes.extend(event(AuditAction::Restored).map(|event| {
        let count = Some(u64::from(contents.drafts - contents.past));
        Change::AppendAudit(AuditEvent { purpose: Purpose::Support, count, ..event })
    }));
    write_all(connection, keys, &changes).await?;
    Ok(contents)
}

/// The worker's pseudonym, as it stands in the log: that the copy was made is in it.
async fn last_worker(connection: &mut SqliteConnection) -> Result<Option<String>, StoreError> {
    let body: Option<Vec<u8>> = sqlx::query_scalar("SELECT body FROM log ORDER BY seq DESC LIMIT 1")
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    Ok(body.and_then(|body| from_json::<AuditEvent>(&body).ok()).map(|event| event.worker))
}

/// A process that dies between any two steps leaves a vault that does not open, never an empty one in its place.
async fn put_in_place(folder: &Folder, made: &Path, item: &KeyItem, keys: &KeySet) -> Result<(), CopyFault> {
    let database = folder.database();
    File::options().write(true).open(made).and_then(|file| file.sync_all()).map_err(OpenError::from)?;
    fs::rename(made, &database).map_err(OpenError::from)?;
    let meta = Meta { format: FORMAT, key_id: keys.id(), keychain: keychain::KIND.to_owned() };
    let kept = match sync_directory(folder.path()) {
        Ok(()) => item.keep(keys).await,
        Err(error) => Err(error.into()),
    };
    match kept.and_then(|()| folder.write_meta(&meta)) {
        Ok(()) => Ok(()),
        Err(error) => {
            item.forget().await;
            let _ = remove_database(&database);
            Err(CopyFault::Computer(error))
        }
    }
}
