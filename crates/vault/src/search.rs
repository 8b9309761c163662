//! The index over the worker's own drafts and calls.
//!
//! It is made anew each time, in a SQLCipher file beside the vault, under a key that nobody ever keeps (ADR 12): when
//! the process is gone, so is all that was in the file, in every copy of the disk.

mod matching;
#[cfg(test)]
mod tests;
mod weeks;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind},
    ops::Range,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use ledsaga_core::{
    call::CallId,
    draft::DraftId,
    error::StoreError,
    ports::Index,
    search::{Field, Hit, Query, SearchDocument, spellings},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteRow, SqliteSynchronous},
};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{database::connect_with, error::store_error, seal::new_key};

const MOST_HITS: usize = 50;
const FILE: &str = "search.db";

/// Three for each week of a year, to seek in it, put in and take out, so that none has to be prepared again.
const STATEMENTS: usize = 160;

/// Finds drafts and calls by their words and days.
///
/// A case with protected personal data is never put in, and is removed when protection is raised; whoever fills the
/// index sees to that.
pub struct SearchIndex {
    path: PathBuf,
    /// `None` when closed. The only connection there ever is: its key is in no other place.
    open: Mutex<Option<Opened>>,
}

struct Opened {
    connection: SqliteConnection,
    /// Those with a table of words, the newest first, so that no search has to ask; see weeks.rs. `None` when documents
    /// have been put in since.
    weeks: Option<Vec<i64>>,
}

#[async_trait]
impl Index for SearchIndex {
    async fn put_all(&self, documents: Vec<SearchDocument>) -> Result<(), StoreError> {
        self.put_all(documents).await
    }

    async fn remove_draft(&self, draft: DraftId) -> Result<(), StoreError> {
        self.remove_draft(draft).await
    }

    async fn remove_call(&self, call: CallId) -> Result<(), StoreError> {
        self.remove_call(call).await
    }

    async fn find(&self, query: &Query) -> Result<Vec<Hit>, StoreError> {
        self.find(query).await
    }

    async fn close(&self) {
        self.close().await;
    }
}

impl SearchIndex {
    /// So many documents at a time leave searches in between no longer than a blink to wait.
    pub const BATCH: usize = 100;
    /// So many hits are found, the newest.
    pub const MOST_HITS: usize = MOST_HITS;

    /// An empty index in `dir`. What an earlier one left there can be read by nobody and is removed.
    ///
    /// # Errors
    /// The disk is full or refuses.
    pub async fn open(dir: &Path) -> Result<Self, StoreError> {
        remove_files(dir).map_err(io_error)?;
        let path = dir.join(FILE);
        let mut connection = create(&path).await?;
        sqlx::raw_sql(include_str!("search/schema.sql"))
            .execute(&mut connection)
            .await
            .map_err(store_error)?;
        Ok(Self { path, open: Mutex::new(Some(Opened { connection, weeks: None })) })
    }

    /// Forgets everything and removes the file.
    pub async fn close(&self) {
        let Some(open) = self.open.lock().await.take() else { return };
        let _ = open.connection.close().await;
        if fs::remove_file(&self.path).is_err() {
            tracing::warn!("the search index could not be removed; nobody can read it");
        }
    }

    /// Puts a document in, or in the place of the one with the same id.
    ///
    /// # Errors
    /// The index is closed, or the disk is full or refuses.
    pub async fn put(&self, document: SearchDocument) -> Result<(), StoreError> {
        self.put_all(vec![document]).await
    }

    /// Puts many in at once, which is far faster: all or none. Of several with the same id the last one counts.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn put_all(&self, documents: Vec<SearchDocument>) -> Result<(), StoreError> {
        // Taking texts apart keeps a processor busy for a while.
        let entries = tokio::task::spawn_blocking(|| entries(documents));
        let entries = entries.await.map_err(|_| StoreError::Failed("search"))?;
        let mut open = self.open.lock().await;
        let Opened { connection, weeks } = open.as_mut().ok_or(StoreError::Locked)?;
        *weeks = None;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        let mut replaced = Vec::new();
        for entry in &entries {
            replaced.extend(numbers(&mut transaction, "id", entry.id).await?);
        }
        delete(&mut transaction, replaced).await?;
        insert(&mut transaction, &entries).await?;
        transaction.commit().await.map_err(store_error)
    }

    /// # Errors
    /// As [`Self::put`].
    pub async fn remove_draft(&self, draft: DraftId) -> Result<(), StoreError> {
        self.remove("id", draft).await
    }

    /// Removes the call and its drafts.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn remove_call(&self, call: CallId) -> Result<(), StoreError> {
        self.remove("call", call).await
    }

    async fn remove(&self, column: &'static str, id: Uuid) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        let Opened { connection, .. } = open.as_mut().ok_or(StoreError::Locked)?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        let removed = numbers(&mut transaction, column, id).await?;
        delete(&mut transaction, removed).await?;
        transaction.commit().await.map_err(store_error)
    }

    /// The newest documents that have all that is sought, newest first; none when nothing is sought.
    ///
    /// # Errors
    /// The index is closed or damaged.
    pub async fn find(&self, query: &Query) -> Result<Vec<Hit>, StoreError> {
        let times = match query.days() {
            _ if query.is_empty() => return Ok(Vec::new()),
            None => Some(i64::MIN..i64::MAX),
            Some(days) => days.times().map(|times| times.start.as_millisecond()..times.end.as_millisecond()),
        };
        let Some(times) = times else { return Ok(Vec::new()) };
        let mut open = self.open.lock().await;
        let Opened { connection, weeks } = open.as_mut().ok_or(StoreError::Locked)?;
        let rows = if query.words().is_empty() {
            on_days(connection, times).await?
        } else {
            let weeks = match weeks {
                Some(weeks) => weeks,
                None => weeks.insert(weeks::all(connection).await?),
            };
            weeks::find(connection, weeks, times, &matching::expression(query.words())).await?
        };
        rows.iter().map(|row| hit(row, query)).collect()
    }

    /// How many documents there are, to say how far the filling has come.
    ///
    /// # Errors
    /// The index is closed or damaged.
    pub async fn count(&self) -> Result<usize, StoreError> {
        let mut open = self.open.lock().await;
        let Opened { connection, .. } = open.as_mut().ok_or(StoreError::Locked)?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM document")
            .fetch_one(connection)
            .await
            .map_err(store_error)?;
        usize::try_from(count).map_err(|_| StoreError::Unreadable)
    }
}

/// Says nothing of what is inside.
impl std::fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SearchIndex(..)")
    }
}

/// A document taken apart.
struct Entry {
    id: Uuid,
    call: CallId,
    /// Milliseconds.
    at: i64,
    /// In the order of [`Field::ALL`].
    fields: [String; Field::ALL.len()],
}

/// In the order of time: FTS5 writes out what it has gathered whenever a number is not above the one before.
fn entries(documents: Vec<SearchDocument>) -> Vec<Entry> {
    let last: BTreeMap<Uuid, SearchDocument> =
        documents.into_iter().map(|document| (document.id(), document)).collect();
    let mut entries: Vec<Entry> = last
        .into_iter()
        .map(|(id, document)| {
            let fields = Field::ALL.map(|field| {
                let texts = document.texts.iter().filter(|(of, _)| *of == field);
                let texts: Vec<&str> = texts.map(|(_, text)| text.as_str()).collect();
                spellings(&texts.join("\n")).join(" ")
            });
            Entry { id, call: document.call, at: document.at.as_millisecond(), fields }
        })
        .collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

async fn numbers(
    connection: &mut SqliteConnection,
    column: &'static str,
    id: Uuid,
) -> Result<Vec<i64>, StoreError> {
    let sql = match column {
        "id" => "SELECT number FROM document WHERE id = ?",
        _ => "SELECT number FROM document WHERE call = ?",
    };
    sqlx::query_scalar(sql).bind(id.as_bytes().as_slice()).fetch_all(connection).await.map_err(store_error)
}

async fn delete(connection: &mut SqliteConnection, mut numbers: Vec<i64>) -> Result<(), StoreError> {
    numbers.sort_unstable();
    for number in numbers {
        weeks::delete(connection, number).await?;
        for sql in ["DELETE FROM document WHERE number = ?", "DELETE FROM answers WHERE number = ?"] {
            sqlx::query(sql).bind(number).execute(&mut *connection).await.map_err(store_error)?;
        }
    }
    Ok(())
}

async fn insert(connection: &mut SqliteConnection, entries: &[Entry]) -> Result<(), StoreError> {
    let mut least = i64::MIN;
    let mut week = None;
    for entry in entries {
        let number = free(connection, entry.at.max(least)).await?;
        least = number.saturating_add(1);
        if week.replace(weeks::week(number)) != Some(weeks::week(number)) {
            weeks::make(connection, weeks::week(number)).await?;
        }
        let [others @ .., answers] = &entry.fields;
        let mut document = sqlx::query(
            "INSERT INTO document (number, id, call, case_number, service, caller_name, phone, asked_for, note) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(number)
        .bind(entry.id.as_bytes().as_slice())
        .bind(entry.call.as_bytes().as_slice());
        for field in others {
            document = document.bind(field);
        }
        document.execute(&mut *connection).await.map_err(store_error)?;
        sqlx::query("INSERT INTO answers (number, answer) VALUES (?, ?)")
            .bind(number)
            .bind(answers)
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
        weeks::insert(connection, number, &entry.fields).await?;
    }
    Ok(())
}

/// The first number from `least` on that no document has.
async fn free(connection: &mut SqliteConnection, least: i64) -> Result<i64, StoreError> {
    let next: Option<i64> = sqlx::query_scalar(
        "SELECT number + 1 FROM document AS taken WHERE number >= ?1 \
         AND EXISTS (SELECT 1 FROM document WHERE number = ?1) \
         AND NOT EXISTS (SELECT 1 FROM document WHERE number = taken.number + 1) ORDER BY number LIMIT 1",
    )
    .bind(least)
    .fetch_optional(connection)
    .await
    .map_err(store_error)?;
    Ok(next.unwrap_or(least))
}

/// The newest documents of some days, whatever is in them.
async fn on_days(connection: &mut SqliteConnection, times: Range<i64>) -> Result<Vec<SqliteRow>, StoreError> {
    let sql = format!(
        "SELECT id, call FROM document WHERE number >= ? AND number < ? ORDER BY number DESC LIMIT {MOST_HITS}"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(times.start)
        .bind(times.end)
        .fetch_all(connection)
        .await
        .map_err(store_error)
}

fn hit(row: &SqliteRow, query: &Query) -> Result<Hit, StoreError> {
    let id = |column| {
        let bytes: &[u8] = row.try_get(column).map_err(store_error)?;
        Uuid::from_slice(bytes).map_err(|_| StoreError::Unreadable)
    };
    let (id, call) = (id(0)?, id(1)?);
    Ok(Hit { draft: (id != call).then_some(id), call, field: field(row, query)? })
}

/// The first field with a word that was sought. The answers are left when it is none of the others: they are most of
/// what there is, and are not even read.
fn field(row: &SqliteRow, query: &Query) -> Result<Option<Field>, StoreError> {
    if query.words().is_empty() {
        return Ok(None);
    }
    let [others @ .., last] = Field::ALL;
    for (column, field) in (2_usize..).zip(others) {
        let spellings: &str = row.try_get(column).map_err(store_error)?;
        let spellings: Vec<&str> = spellings.split(' ').collect();
        if query.words().iter().any(|word| word.touches(&spellings)) {
            return Ok(Some(field));
        }
    }
    Ok(Some(last))
}

async fn create(path: &Path) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .locking_mode(SqliteLockingMode::Exclusive)
        // Nothing here has to outlive a crash, and a log of its own would keep what was deleted.
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-8192")
        // Of what a page costs to read, the authentication code is the most, and SHA-256 is what processors help with.
        .pragma("cipher_hmac_algorithm", "HMAC_SHA256")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    connect_with(options, &new_key()?).await
}

/// Removes the file and whatever SQLite may have put beside it.
fn remove_files(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(FILE)) {
            fs::remove_file(entry.path()).or_else(|error| match error.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        }
    }
    Ok(())
}

fn io_error(error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull,
        _ => StoreError::Failed("disk"),
    }
}
