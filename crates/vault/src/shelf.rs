//! Sealed records: one table for each kind, one data key for each record.

use ledsaga_core::error::StoreError;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    error::store_error,
    keyset::{Day, Epoch, KeySet},
    seal::{self, Key, new_key},
};

/// The format of the bodies that this version writes.
const FORMAT: i64 = 1;

/// The table of one kind of record, and its statements.
pub(crate) struct Shelf {
    table: &'static str,
    put: &'static str,
    get: &'static str,
    all: &'static str,
    remove: &'static str,
    epochs: &'static str,
}

macro_rules! shelf {
    ($table:literal, $order:literal) => {
        Shelf {
            table: $table,
            put: concat!(
                "INSERT INTO ",
                $table,
                " (id, parent, at, rev, format, purge_on, epoch, data_key, body)",
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                " ON CONFLICT (id) DO UPDATE SET parent = ?2, at = ?3, rev = ?4, format = ?5, purge_on = ?6,",
                " epoch = ?7, data_key = ?8, body = ?9"
            ),
            get: concat!("SELECT id, rev, format, epoch, data_key, body FROM ", $table, " WHERE id = ?1"),
            all: concat!("SELECT id, rev, format, epoch, data_key, body FROM ", $table, " ORDER BY ", $order),
            remove: concat!("DELETE FROM ", $table, " WHERE id = ?1"),
            epochs: concat!("SELECT DISTINCT epoch FROM ", $table),
        }
    };
}

pub(crate) const CALLS: Shelf = shelf!("call", "at DESC, id DESC");
pub(crate) const DRAFTS: Shelf = shelf!("draft", "at DESC, id DESC");
pub(crate) const FILES: Shelf = shelf!("file", "at, id");
pub(crate) const SUBMISSIONS: Shelf = shelf!("submission", "at, id");
pub(crate) const OUTBOX: Shelf = shelf!("outbox", "at, id");
pub(crate) const SHELVES: [&Shelf; 5] = [&CALLS, &DRAFTS, &FILES, &SUBMISSIONS, &OUTBOX];

/// A record on its way to its shelf.
pub(crate) struct Record<'a> {
    pub id: Uuid,
    pub parent: Option<Uuid>,
    /// Nanoseconds since 1970; decides the order of lists.
    pub at: i64,
    pub rev: u64,
    pub purge_on: Day,
    pub body: &'a [u8],
}

#[derive(FromRow)]
struct Row {
    id: Vec<u8>,
    rev: i64,
    format: i64,
    epoch: i64,
    data_key: Vec<u8>,
    body: Vec<u8>,
}

impl Shelf {
    pub async fn put(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        record: Record<'_>,
    ) -> Result<(), StoreError> {
        let (epoch, epoch_key) = keys.epoch_for(record.purge_on).ok_or(StoreError::Failed("no_epoch"))?;
        let rev = record.rev.cast_signed();
        let data_key = new_key()?;
        let (wrapped, body) = if cfg!(feature = "plaintext-for-tests") {
            (Vec::new(), record.body.to_vec())
        } else {
            let wrapped = seal::seal(epoch_key, &self.key_place(record.id, epoch), data_key.as_slice())?;
            (wrapped, seal::seal(&data_key, &self.body_place(record.id, rev, FORMAT), record.body)?)
        };
        sqlx::query(self.put)
            .bind(record.id.as_bytes().as_slice())
            .bind(record.parent.as_ref().map(|id| id.as_bytes().as_slice()))
            .bind(record.at)
            .bind(rev)
            .bind(FORMAT)
            .bind(record.purge_on)
            .bind(epoch.to_sql())
            .bind(wrapped)
            .bind(body)
            .execute(connection)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub async fn get(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        id: Uuid,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let row: Option<Row> = sqlx::query_as(self.get)
            .bind(id.as_bytes().as_slice())
            .fetch_optional(connection)
            .await
            .map_err(store_error)?;
        row.map(|row| self.open(keys, row)).transpose()
    }

    /// In the shelf's order.
    pub async fn all(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
    ) -> Result<Vec<Zeroizing<Vec<u8>>>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(self.all).fetch_all(connection).await.map_err(store_error)?;
        rows.into_iter().map(|row| self.open(keys, row)).collect()
    }

    /// The record goes, and with it its wrapped key.
    pub async fn remove(&self, connection: &mut SqliteConnection, id: Uuid) -> Result<(), StoreError> {
        sqlx::query(self.remove)
            .bind(id.as_bytes().as_slice())
            .execute(connection)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// The epochs whose keys wrap something here.
    pub async fn epochs(&self, connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
        let epochs: Vec<i64> =
            sqlx::query_scalar(self.epochs).fetch_all(connection).await.map_err(store_error)?;
        epochs.into_iter().map(|epoch| Epoch::from_sql(epoch).ok_or(StoreError::Unreadable)).collect()
    }

    fn open(&self, keys: &KeySet, row: Row) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        if cfg!(feature = "plaintext-for-tests") {
            return Ok(Zeroizing::new(row.body));
        }
        let id = Uuid::from_slice(&row.id).map_err(|_| StoreError::Unreadable)?;
        let epoch = Epoch::from_sql(row.epoch).ok_or(StoreError::Unreadable)?;
        let epoch_key = keys.epoch(epoch).ok_or(StoreError::Unreadable)?;
        let data_key = seal::open(epoch_key, &self.key_place(id, epoch), &row.data_key)?;
        let data_key = Key::new(data_key.as_slice().try_into().map_err(|_| StoreError::Unreadable)?);
        seal::open(&data_key, &self.body_place(id, row.rev, row.format), &row.body)
    }

    /// Where a body belongs: a record that was moved, swapped or given another revision does not open.
    fn body_place(&self, id: Uuid, rev: i64, format: i64) -> Vec<u8> {
        format!("ledsaga|{}|{id}|{rev}|{format}", self.table).into_bytes()
    }

    fn key_place(&self, id: Uuid, epoch: Epoch) -> Vec<u8> {
        format!("ledsaga|key|{}|{id}|{epoch}", self.table).into_bytes()
    }
}
