//! Sealed records: one table for each kind, one data key for each record.

use ledsaga_core::error::StoreError;
use sqlx::{FromRow, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    bundle::Opened,
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
    /// A page of the list, after where the one before has ended.
    page: &'static str,
    /// Where the list begins.
    start: Start,
}

/// A place in the order of a list: before everything.
type Start = (i64, &'static [u8]);
const OLDEST_FIRST: Start = (i64::MIN, b"");
/// Longer than an id, so that it comes after every one.
const NEWEST_FIRST: Start = (i64::MAX, &[0xff; 17]);

/// Rows that are read at once: of a list of a hundred thousand there are never more than these beside what is made of
/// them.
const PAGE: i64 = 500;

macro_rules! shelf {
    ($table:literal, $start:ident, $order:literal) => {
        shelf!($table, $start, $order, "", "", "")
    };
    // With a column more: its name, its value and its setting.
    ($table:literal, $start:ident, $order:literal, $column:literal, $value:literal, $set:literal) => {
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
                "SELECT b.id, b.at, b.rev, b.format, k.bundle, b.body FROM ",
                $table,
                " b JOIN data_key k ON k.id = b.id AND k.shelf = '",
                $table,
                "' WHERE b.id = ?1"
            ),
            // The order of the tables in a cross join stands: the list's index leads.
            page: concat!(
                "SELECT b.id, b.at, b.rev, b.format, k.bundle, b.body FROM ",
                $table,
                " b CROSS JOIN data_key k ON k.id = b.id AND k.shelf = '",
                $table,
                "' WHERE ",
                $order,
                " LIMIT ?3"
            ),
            start: $start,
        }
    };
}

pub(crate) const CALLS: Shelf =
    shelf!("call", NEWEST_FIRST, "(b.at, b.id) < (?1, ?2) ORDER BY b.at DESC, b.id DESC");
pub(crate) const DRAFTS: Shelf = shelf!(
    "draft",
    NEWEST_FIRST,
    "(b.at, b.id) < (?1, ?2) ORDER BY b.at DESC, b.id DESC",
    ", outline",
    ", ?7",
    ", outline = ?7"
);
// By their ids, which are in the order of time as well: they have no other index.
pub(crate) const FILES: Shelf = shelf!("file", OLDEST_FIRST, "b.id > ?2 ORDER BY b.id");
pub(crate) const SUBMISSIONS: Shelf = shelf!("submission", OLDEST_FIRST, "b.id > ?2 ORDER BY b.id");
pub(crate) const OUTBOX: Shelf =
    shelf!("outbox", OLDEST_FIRST, "(b.at, b.id) > (?1, ?2) ORDER BY b.at, b.id");

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
    at: i64,
    pub rev: i64,
    pub format: i64,
    /// Where its data key lies.
    pub bundle: i64,
    pub body: Vec<u8>,
}

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
        let Some(row) = self.row(connection, id).await? else { return Ok(None) };
        let key = self.key(connection, keys, &row).await?;
        self.open(&key, &row).map(Some)
    }

    pub async fn row(&self, connection: &mut SqliteConnection, id: Uuid) -> Result<Option<Row>, StoreError> {
        sqlx::query_as(self.get)
            .bind(id.as_bytes().as_slice())
            .fetch_optional(connection)
            .await
            .map_err(store_error)
    }

    /// What is made of each record, in the shelf's order.
    pub async fn all<T>(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        read: impl Fn(&[u8]) -> Result<T, StoreError>,
    ) -> Result<Vec<(Uuid, Result<T, StoreError>)>, StoreError> {
        let mut bundles = Opened::new(keys, self.table);
        let mut found = Vec::new();
        let mut last = (self.start.0, self.start.1.to_vec());
        loop {
            let rows: Vec<Row> = page(connection, self.page, &last).await?;
            for row in &rows {
                bundles.load(connection, row.bundle).await?;
                let key = bundles.key(row.bundle, row.id());
                let body = key.and_then(|key| self.open(&key, row));
                found.push((row.id(), body.and_then(|body| read(&body))));
            }
            match rows.into_iter().next_back() {
                Some(row) => last = (row.at, row.id),
                None => return Ok(found),
            }
        }
    }

    /// The data key of a row.
    pub async fn key(
        &self,
        connection: &mut SqliteConnection,
        keys: &KeySet,
        row: &Row,
    ) -> Result<Key, StoreError> {
        let key = data_key::get(connection, keys, self.table, row.id()).await?;
        key.ok_or(StoreError::Unreadable)
    }

    pub fn open(&self, key: &Key, row: &Row) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        seal::open(key, &place(self.table, row.id(), row.rev, row.format), &row.body)
    }
}

impl Row {
    /// One that is no id belongs nowhere and does not open.
    pub fn id(&self) -> Uuid {
        Uuid::from_slice(&self.id).unwrap_or_default()
    }
}

/// After a place in the order of a list.
async fn page<R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    (at, id): &(i64, Vec<u8>),
) -> Result<Vec<R>, StoreError> {
    sqlx::query_as(sql).bind(at).bind(id).bind(PAGE).fetch_all(connection).await.map_err(store_error)
}

#[derive(FromRow)]
struct OutlineRow {
    id: Vec<u8>,
    at: i64,
    rev: i64,
    format: i64,
    bundle: i64,
    outline: Option<Vec<u8>>,
    /// Only where there is no outline.
    body: Option<Vec<u8>>,
}

/// What is known of a draft for a list.
pub(crate) enum Listed<'a> {
    Outline(&'a [u8]),
    /// The whole draft, since it was put by the first version and has no outline.
    Draft(&'a [u8]),
}

/// What is made of each draft's outline, newest first.
pub(crate) async fn outlines<T>(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    read: impl Fn(Listed<'_>) -> Result<T, StoreError>,
) -> Result<Vec<(Uuid, Result<T, StoreError>)>, StoreError> {
    let sql = "SELECT b.id, b.at, b.rev, b.format, k.bundle, b.outline, \
               CASE WHEN b.outline IS NULL THEN b.body END AS body \
               FROM draft b CROSS JOIN data_key k ON k.id = b.id AND k.shelf = 'draft' \
               WHERE (b.at, b.id) < (?1, ?2) ORDER BY b.at DESC, b.id DESC LIMIT ?3";
    let mut bundles = Opened::new(keys, DRAFTS.table);
    let mut found = Vec::new();
    let mut last = (NEWEST_FIRST.0, NEWEST_FIRST.1.to_vec());
    loop {
        let rows: Vec<OutlineRow> = page(connection, sql, &last).await?;
        for row in &rows {
            let id = Uuid::from_slice(&row.id).unwrap_or_default();
            bundles.load(connection, row.bundle).await?;
            let listed = bundles.key(row.bundle, id).and_then(|key| row.read(&key, id, &read));
            found.push((id, listed));
        }
        match rows.into_iter().next_back() {
            Some(row) => last = (row.at, row.id),
            None => return Ok(found),
        }
    }
}

impl OutlineRow {
    fn read<T>(
        &self,
        key: &Key,
        id: Uuid,
        read: impl Fn(Listed<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let place = |kind| place(kind, id, self.rev, self.format);
        match (&self.outline, &self.body) {
            (Some(outline), _) => read(Listed::Outline(&seal::open(key, &place(OUTLINE), outline)?)),
            (None, Some(body)) => read(Listed::Draft(&seal::open(key, &place(DRAFTS.table), body)?)),
            (None, None) => Err(StoreError::Unreadable),
        }
    }
}

/// Where a body belongs: a record that was moved, swapped or given another revision does not open.
pub(crate) fn place(kind: &str, id: Uuid, rev: i64, format: i64) -> Vec<u8> {
    format!("ledsaga|{kind}|{id}|{rev}|{format}").into_bytes()
}
