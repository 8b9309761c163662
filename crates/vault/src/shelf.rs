//! Sealed records: one table for each kind, one data key for each record.

use ledsaga_core::error::StoreError;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    data_key::{self, Wrapping},
    error::store_error,
    keyset::{Day, KeySet},
    seal::{self, Key},
};

/// The format of the bodies that are sealed whole.
pub(crate) const WHOLE: i64 = 1;

/// The table of one kind of record, and its statements.
pub(crate) struct Shelf {
    table: &'static str,
    put: &'static str,
    get: &'static str,
    all: &'static str,
}

macro_rules! shelf {
    ($table:literal, $order:literal) => {
        shelf!($table, $order, "", "", "")
    };
    // With a column more: its name, its value and its setting.
    ($table:literal, $order:literal, $column:literal, $value:literal, $set:literal) => {
        Shelf {
            table: $table,
            put: concat!(
                "INSERT INTO ",
                $table,
                " (id, parent, at, rev, format, body",
                $column,
                ")",
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6",
                $value,
                ")",
                " ON CONFLICT (id) DO UPDATE SET parent = ?2, at = ?3, rev = ?4, format = ?5, body = ?6",
                $set
            ),
            get: concat!(
                "SELECT b.id, b.rev, b.format, k.epoch, k.wrapped, b.body FROM ",
                $table,
                " b JOIN data_key k ON k.id = b.id AND k.shelf = '",
                $table,
                "' WHERE b.id = ?1"
            ),
            // The order of the tables in a cross join stands: the list's index leads.
            all: concat!(
                "SELECT b.id, b.rev, b.format, k.epoch, k.wrapped, b.body FROM ",
                $table,
                " b CROSS JOIN data_key k ON k.id = b.id AND k.shelf = '",
                $table,
                "' ORDER BY ",
                $order
            ),
        }
    };
}

pub(crate) const CALLS: Shelf = shelf!("call", "b.at DESC, b.id DESC");
pub(crate) const DRAFTS: Shelf =
    shelf!("draft", "b.at DESC, b.id DESC", ", outline", ", ?7", ", outline = ?7");
pub(crate) const FILES: Shelf = shelf!("file", "b.at, b.id");
pub(crate) const SUBMISSIONS: Shelf = shelf!("submission", "b.at, b.id");
pub(crate) const OUTBOX: Shelf = shelf!("outbox", "b.at, b.id");

/// The tables of all of them.
pub(crate) const TABLES: [&str; 5] =
    [CALLS.table, DRAFTS.table, FILES.table, SUBMISSIONS.table, OUTBOX.table];

/// The place of outlines, which are a column of the drafts.
const OUTLINE: &str = "outline";

/// A record on its way to its shelf.
pub(crate) struct Record<'a> {
    pub id: Uuid,
    pub parent: Option<Uuid>,
    /// Nanoseconds since 1970; decides the order of lists.
    pub at: i64,
    pub rev: u64,
    /// The last day on which it is kept.
    pub purge_on: Day,
    pub body: &'a [u8],
    /// Only of drafts, and of all of them.
    pub outline: Option<&'a [u8]>,
}

#[derive(FromRow)]
pub(crate) struct Row {
    pub id: Vec<u8>,
    pub rev: i64,
    pub format: i64,
    pub epoch: i64,
    pub wrapped: Vec<u8>,
    pub body: Vec<u8>,
}

/// What a list has in the place of a record: its id, and what is in it if it can be read.
pub(crate) type Found = (Uuid, Result<Zeroizing<Vec<u8>>, StoreError>);

impl Shelf {
    pub fn table(&self) -> &'static str {
        self.table
    }

    pub async fn put(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        record: Record<'_>,
    ) -> Result<Wrapping, StoreError> {
        let (key, wrapping) =
            data_key::provide(connection, keys, self.table, record.id, record.purge_on).await?;
        self.write(connection, &key, record).await?;
        Ok(wrapping)
    }

    /// Puts what is left of a record; what it held before goes for good.
    pub async fn reduce(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        record: Record<'_>,
    ) -> Result<(), StoreError> {
        let key = data_key::renew(connection, keys, self.table, record.id, record.purge_on).await?;
        self.write(connection, &key, record).await
    }

    async fn write(
        &self,
        connection: &mut SqliteConnection,
        key: &Key,
        record: Record<'_>,
    ) -> Result<(), StoreError> {
        let rev = record.rev.cast_signed();
        let body = seal::seal(key, &place(self.table, record.id, rev, WHOLE), record.body)?;
        let outline = record
            .outline
            .map(|outline| seal::seal(key, &place(OUTLINE, record.id, rev, WHOLE), outline))
            .transpose()?;
        self.write_sealed(connection, &record, WHOLE, body, outline).await
    }

    /// Puts what is sealed already.
    pub async fn write_sealed(
        &self,
        connection: &mut SqliteConnection,
        record: &Record<'_>,
        format: i64,
        body: Vec<u8>,
        outline: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let mut query = sqlx::query(self.put)
            .bind(record.id.as_bytes().as_slice())
            .bind(record.parent.as_ref().map(|id| id.as_bytes().as_slice()))
            .bind(record.at)
            .bind(record.rev.cast_signed())
            .bind(format)
            .bind(body);
        if let Some(outline) = outline {
            query = query.bind(outline);
        }
        query.execute(connection).await.map_err(store_error)?;
        Ok(())
    }

    pub async fn get(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        id: Uuid,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let row = self.row(connection, id).await?;
        row.map(|row| self.open(keys, &row)).transpose()
    }

    pub async fn row(&self, connection: &mut SqliteConnection, id: Uuid) -> Result<Option<Row>, StoreError> {
        sqlx::query_as(self.get)
            .bind(id.as_bytes().as_slice())
            .fetch_optional(connection)
            .await
            .map_err(store_error)
    }

    /// In the shelf's order.
    pub async fn all(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
    ) -> Result<Vec<Found>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(self.all).fetch_all(connection).await.map_err(store_error)?;
        Ok(rows.iter().map(|row| (row.id(), self.open(keys, row))).collect())
    }

    /// The data key of a row.
    pub fn key(&self, keys: &KeySet, row: &Row) -> Result<Key, StoreError> {
        data_key::open(keys, self.table, row.id(), row.epoch, &row.wrapped)
    }

    pub fn open(&self, keys: &KeySet, row: &Row) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let key = self.key(keys, row)?;
        seal::open(&key, &place(self.table, row.id(), row.rev, row.format), &row.body)
    }
}

impl Row {
    /// One that is no id belongs nowhere and does not open.
    pub fn id(&self) -> Uuid {
        Uuid::from_slice(&self.id).unwrap_or_default()
    }
}

#[derive(FromRow)]
struct OutlineRow {
    id: Vec<u8>,
    rev: i64,
    format: i64,
    epoch: i64,
    wrapped: Vec<u8>,
    outline: Option<Vec<u8>>,
    /// Only where there is no outline.
    body: Option<Vec<u8>>,
}

/// What is known of a draft for a list.
pub(crate) enum Listed {
    Outline(Zeroizing<Vec<u8>>),
    /// The whole draft, since it was put by the first version and has no outline.
    Draft(Zeroizing<Vec<u8>>),
}

/// Of all drafts, newest first.
pub(crate) async fn outlines(
    connection: &mut SqliteConnection,
    keys: &KeySet,
) -> Result<Vec<(Uuid, Result<Listed, StoreError>)>, StoreError> {
    let rows: Vec<OutlineRow> = sqlx::query_as(
        "SELECT b.id, b.rev, b.format, k.epoch, k.wrapped, b.outline, \
         CASE WHEN b.outline IS NULL THEN b.body END AS body \
         FROM draft b CROSS JOIN data_key k ON k.id = b.id AND k.shelf = 'draft' ORDER BY b.at DESC, b.id DESC",
    )
    .fetch_all(connection)
    .await
    .map_err(store_error)?;
    let listed = |row: OutlineRow| {
        let id = Uuid::from_slice(&row.id).unwrap_or_default();
        (id, row.open(keys, id))
    };
    Ok(rows.into_iter().map(listed).collect())
}

impl OutlineRow {
    fn open(&self, keys: &KeySet, id: Uuid) -> Result<Listed, StoreError> {
        let key = data_key::open(keys, DRAFTS.table, id, self.epoch, &self.wrapped)?;
        let place = |kind| place(kind, id, self.rev, self.format);
        match (&self.outline, &self.body) {
            (Some(outline), _) => seal::open(&key, &place(OUTLINE), outline).map(Listed::Outline),
            (None, Some(body)) => seal::open(&key, &place(DRAFTS.table), body).map(Listed::Draft),
            (None, None) => Err(StoreError::Unreadable),
        }
    }
}

/// Where a body belongs: a record that was moved, swapped or given another revision does not open.
pub(crate) fn place(kind: &str, id: Uuid, rev: i64, format: i64) -> Vec<u8> {
    format!("ledsaga|{kind}|{id}|{rev}|{format}").into_bytes()
}
