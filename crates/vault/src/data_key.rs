//! The data keys of the records, each in a bundle under the key of an epoch. A record is there as long as its data key
//! is.

use ledsaga_core::error::StoreError;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    bundle,
    error::store_error,
    keyset::{Day, Epoch, KeySet},
    seal::{Key, new_key},
};

/// What has become of the data key of a record that is being put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// It is the one from before, for the same day.
    Kept,
    /// It is the one from before; the record is kept until another day now.
    Moved,
    /// The record is new, or what was there cannot be read.
    New,
}

/// Where a data key lies.
#[derive(FromRow)]
struct Row {
    id: Vec<u8>,
    purge_on: Day,
    #[sqlx(flatten)]
    bundle: bundle::Row,
}

/// The data key of a record that is being put: the one it has, in another bundle if its last day changed, or else a new
/// one.
pub(crate) async fn provide(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    shelf: &'static str,
    id: Uuid,
    purge_on: Day,
) -> Result<(Key, Wrapping), StoreError> {
    if let Some(found) = find(connection, shelf, id).await?
        // One that does not open seals nothing that could still be read.
        && let Ok(key) = found.bundle.key(keys, shelf, id)
    {
        if found.purge_on == purge_on {
            return Ok((key, Wrapping::Kept));
        }
        keep_until(connection, keys, &found.bundle, (id, &key), purge_on).await?;
        return Ok((key, Wrapping::Moved));
    }
    Ok((renew(connection, keys, shelf, id, purge_on).await?, Wrapping::New))
}

/// A new data key in the place of the one from before: what that one sealed goes for good.
pub(crate) async fn renew(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    shelf: &'static str,
    id: Uuid,
    purge_on: Day,
) -> Result<Key, StoreError> {
    remove(connection, shelf, id).await?;
    let key = new_key()?;
    let epoch = epoch_for(keys, purge_on)?;
    let bundle = bundle::put(connection, keys, shelf, epoch, (id, key.clone())).await?;
    sqlx::query("INSERT INTO data_key (id, shelf, purge_on, bundle) VALUES (?1, ?2, ?3, ?4)")
        .bind(id.as_bytes().as_slice())
        .bind(shelf)
        .bind(purge_on)
        .bind(bundle)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(key)
}

pub(crate) async fn get(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    shelf: &'static str,
    id: Uuid,
) -> Result<Option<Key>, StoreError> {
    let found = find(connection, shelf, id).await?;
    found.map(|found| found.bundle.key(keys, shelf, id)).transpose()
}

async fn find(
    connection: &mut SqliteConnection,
    shelf: &'static str,
    id: Uuid,
) -> Result<Option<Row>, StoreError> {
    sqlx::query_as(
        "SELECT k.id, k.purge_on, b.* FROM data_key k JOIN bundle b ON b.number = k.bundle \
         WHERE k.id = ?1 AND k.shelf = ?2",
    )
    .bind(id.as_bytes().as_slice())
    .bind(shelf)
    .fetch_optional(connection)
    .await
    .map_err(store_error)
}

/// The last day of a record.
pub(crate) async fn purge_on(
    connection: &mut SqliteConnection,
    shelf: &'static str,
    id: Uuid,
) -> Result<Option<Day>, StoreError> {
    sqlx::query_scalar("SELECT purge_on FROM data_key WHERE id = ?1 AND shelf = ?2")
        .bind(id.as_bytes().as_slice())
        .bind(shelf)
        .fetch_optional(connection)
        .await
        .map_err(store_error)
}

pub(crate) async fn remove(
    connection: &mut SqliteConnection,
    shelf: &'static str,
    id: Uuid,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM data_key WHERE id = ?1 AND shelf = ?2")
        .bind(id.as_bytes().as_slice())
        .bind(shelf)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// The data keys of what belongs to a draft. One statement for each shelf, so that each finds its rows by the primary
/// key.
pub(crate) async fn remove_of_draft(
    connection: &mut SqliteConnection,
    draft: Uuid,
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM data_key WHERE shelf = 'file' AND id IN (SELECT id FROM file WHERE parent = ?1)",
        "DELETE FROM data_key WHERE shelf = 'submission' AND id IN (SELECT id FROM submission WHERE parent = ?1)",
    ] {
        sqlx::query(sql)
            .bind(draft.as_bytes().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// What belongs to a draft is kept as long as the draft.
pub(crate) async fn follow_draft(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    draft: Uuid,
    purge_on: Day,
) -> Result<(), StoreError> {
    for sql in [
        "SELECT k.id, k.purge_on, b.* FROM data_key k JOIN bundle b ON b.number = k.bundle \
         WHERE k.purge_on <> ?2 AND k.shelf = 'file' AND k.id IN (SELECT id FROM file WHERE parent = ?1)",
        "SELECT k.id, k.purge_on, b.* FROM data_key k JOIN bundle b ON b.number = k.bundle \
         WHERE k.purge_on <> ?2 AND k.shelf = 'submission' \
         AND k.id IN (SELECT id FROM submission WHERE parent = ?1)",
    ] {
        follow(connection, keys, sql, draft, purge_on).await?;
    }
    Ok(())
}

/// What waits to be sent for a call is kept as long as the call.
pub(crate) async fn follow_call(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    call: Uuid,
    purge_on: Day,
) -> Result<(), StoreError> {
    let sql = "SELECT k.id, k.purge_on, b.* FROM data_key k JOIN bundle b ON b.number = k.bundle \
               WHERE k.purge_on <> ?2 AND k.shelf = 'outbox' \
               AND k.id IN (SELECT id FROM outbox WHERE parent = ?1)";
    follow(connection, keys, sql, call, purge_on).await
}

async fn follow(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    sql: &'static str,
    parent: Uuid,
    purge_on: Day,
) -> Result<(), StoreError> {
    let rows: Vec<Row> = sqlx::query_as(sql)
        .bind(parent.as_bytes().as_slice())
        .bind(purge_on)
        .fetch_all(&mut *connection)
        .await
        .map_err(store_error)?;
    for row in rows {
        let id = Uuid::from_slice(&row.id).map_err(|_| StoreError::Unreadable)?;
        // One that does not open stays as it is, for somebody to look at.
        let Ok(key) = row.bundle.key(keys, row.bundle.shelf(), id) else { continue };
        keep_until(connection, keys, &row.bundle, (id, &key), purge_on).await?;
    }
    Ok(())
}

/// For another last day. The key of the epoch before is to be destroyed, also when the day is a later one: when the
/// record goes it is the new epoch's key that goes, and copies of the disk still have what the old one wraps.
async fn keep_until(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    from: &bundle::Row,
    (id, key): (Uuid, &Key),
    purge_on: Day,
) -> Result<(), StoreError> {
    let epoch = epoch_for(keys, purge_on)?;
    let number = if from.epoch()? == epoch {
        from.number()
    } else {
        bundle::put(connection, keys, from.shelf(), epoch, (id, key.clone())).await?
    };
    sqlx::query("UPDATE data_key SET purge_on = ?3, bundle = ?4 WHERE id = ?1 AND shelf = ?2")
        .bind(id.as_bytes().as_slice())
        .bind(from.shelf())
        .bind(purge_on)
        .bind(number)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(crate) fn epoch_for(keys: &KeySet, purge_on: Day) -> Result<Epoch, StoreError> {
    keys.epoch_for(purge_on).map(|(epoch, _)| epoch).ok_or(StoreError::Failed("no_epoch"))
}

/// Those whose keys wrap something, or are still to be destroyed.
pub(crate) async fn epochs_in_use(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    let sql = "SELECT epoch FROM bundle WHERE EXISTS (SELECT 1 FROM data_key WHERE data_key.bundle = bundle.number) \
               UNION SELECT epoch FROM tainted";
    epochs(sql, connection).await
}

/// Those whose keys are to be destroyed.
pub(crate) async fn tainted(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    epochs("SELECT epoch FROM tainted ORDER BY epoch", connection).await
}

/// Those whose keys are to be destroyed and still wrap something.
pub(crate) async fn tainted_in_use(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    let sql = "SELECT epoch FROM tainted WHERE EXISTS (SELECT 1 FROM bundle JOIN data_key \
               ON data_key.bundle = bundle.number WHERE bundle.epoch = tainted.epoch)";
    epochs(sql, connection).await
}

/// The keys of these epochs are to be destroyed.
pub(crate) async fn taint(connection: &mut SqliteConnection, epochs: &[Epoch]) -> Result<(), StoreError> {
    for epoch in epochs {
        sqlx::query("INSERT OR IGNORE INTO tainted VALUES (?1)")
            .bind(epoch.to_sql())
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// The keys of these epochs are destroyed.
pub(crate) async fn forget(connection: &mut SqliteConnection, epochs: &[Epoch]) -> Result<(), StoreError> {
    for epoch in epochs {
        bundle::remove_empty(connection, *epoch).await?;
        sqlx::query("DELETE FROM tainted WHERE epoch = ?1")
            .bind(epoch.to_sql())
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

async fn epochs(sql: &'static str, connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    let epochs: Vec<i64> = sqlx::query_scalar(sql).fetch_all(connection).await.map_err(store_error)?;
    epochs.into_iter().map(|epoch| Epoch::from_sql(epoch).ok_or(StoreError::Unreadable)).collect()
}

/// How many records a shelf has.
pub(crate) async fn count(connection: &mut SqliteConnection, shelf: &'static str) -> Result<i64, StoreError> {
    sqlx::query_scalar("SELECT count(*) FROM data_key WHERE shelf = ?1")
        .bind(shelf)
        .fetch_one(connection)
        .await
        .map_err(store_error)
}

/// The records that a shelf has.
pub(crate) async fn ids(
    connection: &mut SqliteConnection,
    shelf: &'static str,
) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Vec<u8>> = sqlx::query_scalar("SELECT id FROM data_key WHERE shelf = ?1")
        .bind(shelf)
        .fetch_all(connection)
        .await
        .map_err(store_error)?;
    ids.iter().map(|id| Uuid::from_slice(id).map_err(|_| StoreError::Unreadable)).collect()
}
