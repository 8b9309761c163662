//! The data keys of the records, each wrapped by the key of an epoch. A record is there as long as its data key is.

use ledsaga_core::error::StoreError;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    error::store_error,
    keyset::{Day, Epoch, KeySet},
    seal::{self, Key, new_key},
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

#[derive(FromRow)]
pub(crate) struct Row {
    id: Vec<u8>,
    shelf: String,
    epoch: i64,
    wrapped: Vec<u8>,
}

/// The data key of a record that is being put: the one it has, wrapped anew if its last day changed, or else a new one.
pub(crate) async fn provide(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    shelf: &'static str,
    id: Uuid,
    purge_on: Day,
) -> Result<(Key, Wrapping), StoreError> {
    let found: Option<(Day, i64, Vec<u8>)> =
        sqlx::query_as("SELECT purge_on, epoch, wrapped FROM data_key WHERE id = ?1 AND shelf = ?2")
            .bind(id.as_bytes().as_slice())
            .bind(shelf)
            .fetch_optional(&mut *connection)
            .await
            .map_err(store_error)?;
    if let Some((kept_until, epoch, wrapped)) = found
        // One that does not open seals nothing that could still be read.
        && let Ok(key) = open(keys, shelf, id, epoch, &wrapped)
    {
        if kept_until == purge_on {
            return Ok((key, Wrapping::Kept));
        }
        rewrap(connection, keys, shelf, id, (epoch, &key), purge_on).await?;
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
    let (epoch, wrapped) = wrap(keys, shelf, id, &key, purge_on)?;
    sqlx::query("INSERT INTO data_key (id, shelf, purge_on, epoch, wrapped) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(id.as_bytes().as_slice())
        .bind(shelf)
        .bind(purge_on)
        .bind(epoch.to_sql())
        .bind(wrapped)
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
    let found: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT epoch, wrapped FROM data_key WHERE id = ?1 AND shelf = ?2")
            .bind(id.as_bytes().as_slice())
            .bind(shelf)
            .fetch_optional(connection)
            .await
            .map_err(store_error)?;
    found.map(|(epoch, wrapped)| open(keys, shelf, id, epoch, &wrapped)).transpose()
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
        "SELECT id, shelf, epoch, wrapped FROM data_key WHERE purge_on <> ?2 AND shelf = 'file' \
         AND id IN (SELECT id FROM file WHERE parent = ?1)",
        "SELECT id, shelf, epoch, wrapped FROM data_key WHERE purge_on <> ?2 AND shelf = 'submission' \
         AND id IN (SELECT id FROM submission WHERE parent = ?1)",
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
    let sql = "SELECT id, shelf, epoch, wrapped FROM data_key WHERE purge_on <> ?2 AND shelf = 'outbox' \
               AND id IN (SELECT id FROM outbox WHERE parent = ?1)";
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
        // One that does not open stays as it is, for somebody to look at.
        let Ok((id, key)) = row.open(keys) else { continue };
        rewrap(connection, keys, &row.shelf, id, (row.epoch, &key), purge_on).await?;
    }
    Ok(())
}

/// How many data keys were looked at, and how many of those do not open and stay as they are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looked {
    pub seen: u32,
    pub damaged: u32,
}

/// Wraps the data keys of an epoch by the key of another one, at most `limit` of them; `skip` are to be passed over.
pub(crate) async fn rewrap_some(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    (from, to): (Epoch, Epoch),
    limit: u32,
    skip: u32,
) -> Result<Looked, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, shelf, epoch, wrapped FROM data_key WHERE epoch = ?1 ORDER BY id, shelf LIMIT ?2 OFFSET ?3",
    )
    .bind(from.to_sql())
    .bind(limit)
    .bind(skip)
    .fetch_all(&mut *connection)
    .await
    .map_err(store_error)?;
    let mut looked = Looked::default();
    for row in rows {
        looked.seen += 1;
        let Ok((id, key)) = row.open(keys) else {
            looked.damaged += 1;
            continue;
        };
        let wrapped = wrap_in(keys, &row.shelf, id, &key, to)?;
        sqlx::query("UPDATE data_key SET epoch = ?3, wrapped = ?4 WHERE id = ?1 AND shelf = ?2")
            .bind(row.id)
            .bind(row.shelf)
            .bind(to.to_sql())
            .bind(wrapped)
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    Ok(looked)
}

/// Puts every data key, as `from` opens it, under the key that `to` has for its last day. Those that do not open stay as
/// they are.
pub(crate) async fn rewrap_all(
    connection: &mut SqliteConnection,
    from: &KeySet,
    to: &KeySet,
    shelves: &[&'static str],
) -> Result<(), StoreError> {
    for shelf in shelves.iter().copied() {
        for id in ids(connection, shelf).await? {
            let (Ok(Some(key)), Some(purge_on)) =
                (get(connection, from, shelf, id).await, purge_on(connection, shelf, id).await?)
            else {
                continue;
            };
            let (epoch, wrapped) = wrap(to, shelf, id, &key, purge_on)?;
            sqlx::query("UPDATE data_key SET epoch = ?3, wrapped = ?4 WHERE id = ?1 AND shelf = ?2")
                .bind(id.as_bytes().as_slice())
                .bind(shelf)
                .bind(epoch.to_sql())
                .bind(wrapped)
                .execute(&mut *connection)
                .await
                .map_err(store_error)?;
        }
    }
    Ok(())
}

/// Those whose keys wrap something, or are still to be destroyed.
pub(crate) async fn epochs_in_use(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    epochs("SELECT epoch FROM data_key UNION SELECT epoch FROM tainted", connection).await
}

/// Those whose keys are to be destroyed.
pub(crate) async fn tainted(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    epochs("SELECT epoch FROM tainted ORDER BY epoch", connection).await
}

/// Those whose keys are to be destroyed and still wrap something.
pub(crate) async fn tainted_in_use(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    let sql = "SELECT epoch FROM tainted WHERE epoch IN (SELECT epoch FROM data_key)";
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

impl Row {
    fn open(&self, keys: &KeySet) -> Result<(Uuid, Key), StoreError> {
        let id = Uuid::from_slice(&self.id).map_err(|_| StoreError::Unreadable)?;
        Ok((id, open(keys, &self.shelf, id, self.epoch, &self.wrapped)?))
    }
}

pub(crate) fn open(
    keys: &KeySet,
    shelf: &str,
    id: Uuid,
    epoch: i64,
    wrapped: &[u8],
) -> Result<Key, StoreError> {
    let epoch = Epoch::from_sql(epoch).ok_or(StoreError::Unreadable)?;
    let epoch_key = keys.epoch(epoch).ok_or(StoreError::Unreadable)?;
    let key = seal::open(epoch_key, &place(shelf, id, epoch), wrapped)?;
    Ok(Key::new(key.as_slice().try_into().map_err(|_| StoreError::Unreadable)?))
}

fn wrap(
    keys: &KeySet,
    shelf: &str,
    id: Uuid,
    key: &Key,
    purge_on: Day,
) -> Result<(Epoch, Vec<u8>), StoreError> {
    let (epoch, _) = keys.epoch_for(purge_on).ok_or(StoreError::Failed("no_epoch"))?;
    Ok((epoch, wrap_in(keys, shelf, id, key, epoch)?))
}

fn wrap_in(keys: &KeySet, shelf: &str, id: Uuid, key: &Key, epoch: Epoch) -> Result<Vec<u8>, StoreError> {
    let epoch_key = keys.epoch(epoch).ok_or(StoreError::Failed("no_epoch"))?;
    seal::seal(epoch_key, &place(shelf, id, epoch), key.as_slice())
}

/// For another last day. The key of the epoch before is to be destroyed, also when the day is a later one: when the
/// record goes it is the new epoch's key that goes, and copies of the disk still have what the old one wraps.
async fn rewrap(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    shelf: &str,
    id: Uuid,
    (epoch, key): (i64, &Key),
    purge_on: Day,
) -> Result<(), StoreError> {
    let (to, wrapped) = wrap(keys, shelf, id, key, purge_on)?;
    let query = if to.to_sql() == epoch {
        sqlx::query("UPDATE data_key SET purge_on = ?3 WHERE id = ?1 AND shelf = ?2")
            .bind(id.as_bytes().as_slice())
            .bind(shelf)
            .bind(purge_on)
    } else {
        sqlx::query(
            "UPDATE data_key SET purge_on = ?3, epoch = ?4, wrapped = ?5 WHERE id = ?1 AND shelf = ?2",
        )
        .bind(id.as_bytes().as_slice())
        .bind(shelf)
        .bind(purge_on)
        .bind(to.to_sql())
        .bind(wrapped)
    };
    query.execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// Where a wrapped data key belongs. Nowhere else, and under no other epoch, does it open.
fn place(shelf: &str, id: Uuid, epoch: Epoch) -> Vec<u8> {
    format!("ledsaga|key|{shelf}|{id}|{epoch}").into_bytes()
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
