//! Bundles: the data keys of many records under one seal.
//!
//! A key of an epoch that has to go is replaced for all that stays under it, and that is most of what there is (ADR 13).
//! A bundle is opened and sealed as a whole, so that this costs a write for each bundle and not one for each record.
//! What a bundle still holds of a record that has left it is dropped then: only `data_key` says where a data key lies.

use std::collections::HashMap;

use ledsaga_core::error::StoreError;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    data_key,
    error::store_error,
    keyset::{Day, Epoch, KeySet},
    seal::{self, Key},
};

/// A single data key, wrapped for its record, as the first versions wrote it.
const SINGLE: i64 = 1;
const BUNDLED: i64 = 2;
/// Data keys in a bundle, so that it lies in one page of the file.
const FULL: usize = 64;
/// A bundle with no more than this is emptied into others when it has to be sealed anew.
const SPARSE: usize = FULL / 8;
const ID: usize = 16;
const ENTRY: usize = ID + 32;

/// A bundle as it lies in the file.
#[derive(FromRow)]
pub(crate) struct Row {
    number: i64,
    shelf: String,
    epoch: i64,
    format: i64,
    body: Vec<u8>,
}

/// Data keys by the ids of their records.
#[derive(Default)]
struct Bundle(Vec<(Uuid, Key)>);

impl Bundle {
    fn decode(body: &[u8]) -> Result<Self, StoreError> {
        let (entries, rest) = body.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            return Err(StoreError::Unreadable);
        }
        let entry = |entry: &[u8; ENTRY]| {
            let (id, key) = entry.split_first_chunk::<ID>()?;
            Some((Uuid::from_bytes(*id), Key::new(key.try_into().ok()?)))
        };
        entries.iter().map(entry).collect::<Option<_>>().map(Self).ok_or(StoreError::Unreadable)
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Of its full size from the start, so that no copy is left behind where it grew.
        let mut out = Zeroizing::new(Vec::with_capacity(self.0.len() * ENTRY));
        for (id, key) in &self.0 {
            out.extend_from_slice(id.as_bytes());
            out.extend_from_slice(key.as_slice());
        }
        out
    }

    fn get(&self, id: Uuid) -> Option<&Key> {
        self.0.iter().find(|(of, _)| *of == id).map(|(_, key)| key)
    }

    /// In the place of what it held of the same record.
    fn put(&mut self, id: Uuid, key: Key) {
        self.0.retain(|(of, _)| *of != id);
        self.0.push((id, key));
    }

    /// For its place and no other.
    fn seal(&self, keys: &KeySet, shelf: &str, number: i64, epoch: Epoch) -> Result<Vec<u8>, StoreError> {
        let key = keys.epoch(epoch).ok_or(StoreError::Failed("no_epoch"))?;
        seal::seal(key, &place(shelf, number, epoch), &self.encode())
    }
}

impl Row {
    pub fn number(&self) -> i64 {
        self.number
    }

    pub fn shelf(&self) -> &str {
        &self.shelf
    }

    pub fn epoch(&self) -> Result<Epoch, StoreError> {
        Epoch::from_sql(self.epoch).ok_or(StoreError::Unreadable)
    }

    /// The data key of one of its records.
    pub fn key(&self, keys: &KeySet, shelf: &str, id: Uuid) -> Result<Key, StoreError> {
        match self.format {
            _ if self.shelf != shelf => Err(StoreError::Unreadable),
            SINGLE => self.single(keys, id),
            _ => self.open(keys)?.get(id).cloned().ok_or(StoreError::Unreadable),
        }
    }

    fn single(&self, keys: &KeySet, id: Uuid) -> Result<Key, StoreError> {
        let epoch = self.epoch()?;
        let key = keys.epoch(epoch).ok_or(StoreError::Unreadable)?;
        let key = seal::open(key, &place_of_single(&self.shelf, id, epoch), &self.body)?;
        Ok(Key::new(key.as_slice().try_into().map_err(|_| StoreError::Unreadable)?))
    }

    fn open(&self, keys: &KeySet) -> Result<Bundle, StoreError> {
        if self.format != BUNDLED {
            return Err(StoreError::Unreadable);
        }
        let epoch = self.epoch()?;
        let key = keys.epoch(epoch).ok_or(StoreError::Unreadable)?;
        Bundle::decode(&seal::open(key, &place(&self.shelf, self.number, epoch), &self.body)?)
    }

    /// Those of its data keys that are needed: `ids` are of the records that lie in it.
    fn needed(&self, keys: &KeySet, ids: &[Uuid]) -> Result<Bundle, StoreError> {
        if self.format == SINGLE {
            let single = |id: &Uuid| self.single(keys, *id).map(|key| (*id, key));
            return ids.iter().map(single).collect::<Result<_, _>>().map(Bundle);
        }
        let mut bundle = self.open(keys)?;
        bundle.0.retain(|(id, _)| ids.contains(id));
        Ok(bundle)
    }
}

/// Where a bundle belongs: under another number, shelf or epoch it does not open.
fn place(shelf: &str, number: i64, epoch: Epoch) -> Vec<u8> {
    format!("ledsaga|bundle|{shelf}|{number}|{epoch}").into_bytes()
}

fn place_of_single(shelf: &str, id: Uuid, epoch: Epoch) -> Vec<u8> {
    format!("ledsaga|key|{shelf}|{id}|{epoch}").into_bytes()
}

async fn row(connection: &mut SqliteConnection, number: i64) -> Result<Option<Row>, StoreError> {
    sqlx::query_as("SELECT number, shelf, epoch, format, body FROM bundle WHERE number = ?1")
        .bind(number)
        .fetch_optional(connection)
        .await
        .map_err(store_error)
}

/// Puts a data key into the newest bundle of its shelf under the epoch, or a new one; which it is.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    shelf: &str,
    epoch: Epoch,
    (id, key): (Uuid, Key),
) -> Result<i64, StoreError> {
    let newest: Option<Row> = sqlx::query_as(
        "SELECT number, shelf, epoch, format, body FROM bundle WHERE epoch = ?1 AND shelf = ?2 \
         ORDER BY number DESC LIMIT 1",
    )
    .bind(epoch.to_sql())
    .bind(shelf)
    .fetch_optional(&mut *connection)
    .await
    .map_err(store_error)?;
    // One that does not open stays as it is, for somebody to look at.
    if let Some(row) = newest
        && let Ok(mut bundle) = row.open(keys)
        && bundle.0.len() < FULL
    {
        bundle.put(id, key);
        let body = bundle.seal(keys, shelf, row.number, epoch)?;
        reseal(connection, row.number, epoch, body).await?;
        return Ok(row.number);
    }
    let number: i64 = sqlx::query_scalar("SELECT coalesce(max(number), 0) + 1 FROM bundle")
        .fetch_one(&mut *connection)
        .await
        .map_err(store_error)?;
    let body = Bundle(vec![(id, key)]).seal(keys, shelf, number, epoch)?;
    sqlx::query("INSERT INTO bundle (number, shelf, epoch, format, body) VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(number)
        .bind(shelf)
        .bind(epoch.to_sql())
        .bind(BUNDLED)
        .bind(body)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(number)
}

async fn reseal(
    connection: &mut SqliteConnection,
    number: i64,
    epoch: Epoch,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE bundle SET epoch = ?2, format = ?3, body = ?4 WHERE number = ?1")
        .bind(number)
        .bind(epoch.to_sql())
        .bind(BUNDLED)
        .bind(body)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn remove_if_empty(connection: &mut SqliteConnection, number: i64) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM bundle WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM data_key WHERE bundle = ?1)",
    )
    .bind(number)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// How many bundles were looked at, and how many of those do not open and stay as they are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looked {
    pub seen: u32,
    pub damaged: u32,
}

/// Seals what is still needed of an epoch by the key of another one, at most `limit` bundles; `skip` are to be passed
/// over.
pub(crate) async fn move_some(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    (from, to): (Epoch, Epoch),
    limit: u32,
    skip: u32,
) -> Result<Looked, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT number, shelf, epoch, format, body FROM bundle WHERE epoch = ?1 \
         ORDER BY shelf, number LIMIT ?2 OFFSET ?3",
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
        let ids = records_in(connection, row.number).await?;
        let Ok(needed) = row.needed(keys, &ids) else {
            looked.damaged += 1;
            continue;
        };
        if needed.0.len() > SPARSE {
            let body = needed.seal(keys, &row.shelf, row.number, to)?;
            reseal(connection, row.number, to, body).await?;
            continue;
        }
        for (id, key) in needed.0 {
            let number = put(connection, keys, &row.shelf, to, (id, key)).await?;
            set(connection, &row.shelf, id, number).await?;
        }
        remove_if_empty(connection, row.number).await?;
    }
    Ok(looked)
}

/// Puts every data key, as `from` opens it, under the key that `to` has for its last day. Those that do not open stay as
/// they are.
pub(crate) async fn move_all(
    connection: &mut SqliteConnection,
    from: &KeySet,
    to: &KeySet,
) -> Result<(), StoreError> {
    let numbers: Vec<i64> = sqlx::query_scalar("SELECT number FROM bundle ORDER BY number")
        .fetch_all(&mut *connection)
        .await
        .map_err(store_error)?;
    for number in numbers {
        let Some(row) = row(connection, number).await? else { continue };
        let ids = records_in(connection, number).await?;
        let Ok(needed) = row.needed(from, &ids) else { continue };
        for (id, key) in needed.0 {
            let sql = "SELECT purge_on FROM data_key WHERE id = ?1 AND shelf = ?2";
            let purge_on: Day = sqlx::query_scalar(sql)
                .bind(id.as_bytes().as_slice())
                .bind(&row.shelf)
                .fetch_one(&mut *connection)
                .await
                .map_err(store_error)?;
            let epoch = data_key::epoch_for(to, purge_on)?;
            let number = put(connection, to, &row.shelf, epoch, (id, key)).await?;
            set(connection, &row.shelf, id, number).await?;
        }
        remove_if_empty(connection, number).await?;
    }
    Ok(())
}

/// In one row, since a row for each would cost as much as all the rest.
async fn records_in(connection: &mut SqliteConnection, number: i64) -> Result<Vec<Uuid>, StoreError> {
    let ids: Option<String> =
        sqlx::query_scalar("SELECT group_concat(hex(id)) FROM data_key WHERE bundle = ?1")
            .bind(number)
            .fetch_one(connection)
            .await
            .map_err(store_error)?;
    let ids = ids.unwrap_or_default();
    ids.split(',')
        .filter(|id| !id.is_empty())
        .map(|id| Uuid::try_parse(id).map_err(|_| StoreError::Unreadable))
        .collect()
}

/// The data key of a record lies in this bundle now.
pub(crate) async fn set(
    connection: &mut SqliteConnection,
    shelf: &str,
    id: Uuid,
    number: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE data_key SET bundle = ?3 WHERE id = ?1 AND shelf = ?2")
        .bind(id.as_bytes().as_slice())
        .bind(shelf)
        .bind(number)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Those of an epoch in which nothing lies any more.
pub(crate) async fn remove_empty(connection: &mut SqliteConnection, epoch: Epoch) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM bundle WHERE epoch = ?1 \
         AND NOT EXISTS (SELECT 1 FROM data_key WHERE data_key.bundle = bundle.number)",
    )
    .bind(epoch.to_sql())
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// The bundles that a list has come across, opened once each.
pub(crate) struct Opened<'k> {
    keys: &'k KeySet,
    shelf: &'static str,
    bundles: HashMap<i64, Content>,
}

enum Content {
    Bundle(Result<Bundle, StoreError>),
    Single(Row),
}

impl<'k> Opened<'k> {
    pub fn new(keys: &'k KeySet, shelf: &'static str) -> Self {
        Self { keys, shelf, bundles: HashMap::new() }
    }

    /// # Errors
    /// Those of the connection. A bundle that is missing or does not open is told by [`Self::key`].
    pub async fn load(&mut self, connection: &mut SqliteConnection, number: i64) -> Result<(), StoreError> {
        if !self.bundles.contains_key(&number) {
            let content = match row(connection, number).await? {
                Some(row) if row.shelf != self.shelf => Content::Bundle(Err(StoreError::Unreadable)),
                Some(row) if row.format == SINGLE => Content::Single(row),
                Some(row) => Content::Bundle(row.open(self.keys)),
                None => Content::Bundle(Err(StoreError::Unreadable)),
            };
            self.bundles.insert(number, content);
        }
        Ok(())
    }

    /// The data key of a record, in a bundle that has been loaded.
    pub fn key(&self, number: i64, id: Uuid) -> Result<Key, StoreError> {
        match self.bundles.get(&number) {
            Some(Content::Single(row)) => row.single(self.keys, id),
            Some(Content::Bundle(Ok(bundle))) => bundle.get(id).cloned().ok_or(StoreError::Unreadable),
            Some(Content::Bundle(Err(error))) => Err(error.clone()),
            None => Err(StoreError::Unreadable),
        }
    }
}
