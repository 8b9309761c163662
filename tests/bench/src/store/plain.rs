//! Plain SQLite beside the vault: the same build, tables, statements and settings, without key, sealing and
//! `secure_delete`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use ledsaga_core::{
    call::Call,
    draft::{Draft, Outline},
};
use serde::de::DeserializeOwned;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};

use super::cases::Cases;

const TABLES: &str = "
    CREATE TABLE call (
        id BLOB NOT NULL PRIMARY KEY, parent BLOB, at INTEGER NOT NULL, rev INTEGER NOT NULL,
        format INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX call_at ON call (at, id);
    CREATE TABLE draft (
        id BLOB NOT NULL PRIMARY KEY, parent BLOB, at INTEGER NOT NULL, rev INTEGER NOT NULL,
        format INTEGER NOT NULL, outline BLOB, body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX draft_at ON draft (at, id);";

pub struct Plain {
    connection: SqliteConnection,
}

impl Plain {
    pub async fn filled(path: PathBuf, cases: &Cases) -> Result<Self> {
        let mut plain = Self::open(&path).await?;
        sqlx::raw_sql(TABLES).execute(&mut plain.connection).await?;
        for (calls, drafts) in cases.batches() {
            plain.put(&calls, &drafts).await?;
        }
        Ok(plain)
    }

    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("temp_store", "MEMORY")
            .pragma("journal_size_limit", "4194304")
            .disable_statement_logging();
        Ok(Self { connection: options.connect().await? })
    }

    pub async fn put(&mut self, calls: &[Call], drafts: &[Draft]) -> Result<()> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        for call in calls {
            sqlx::query(
                "INSERT INTO call (id, parent, at, rev, format, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (id) DO UPDATE SET parent = ?2, at = ?3, rev = ?4, format = ?5, body = ?6",
            )
            .bind(call.id.as_bytes().as_slice())
            .bind(None::<Vec<u8>>)
            .bind(nanoseconds(call.started_at)?)
            .bind(call.rev.cast_signed())
            .bind(1)
            .bind(serde_json::to_vec(call)?)
            .execute(&mut *transaction)
            .await?;
        }
        for draft in drafts {
            sqlx::query(
                "INSERT INTO draft (id, parent, at, rev, format, body, outline) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET \
                 parent = ?2, at = ?3, rev = ?4, format = ?5, body = ?6, outline = ?7",
            )
            .bind(draft.id.as_bytes().as_slice())
            .bind(draft.call_id.as_bytes().as_slice())
            .bind(nanoseconds(draft.created_at)?)
            .bind(draft.form.rev.cast_signed())
            .bind(1)
            .bind(serde_json::to_vec(draft)?)
            .bind(serde_json::to_vec(&draft.outline())?)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    pub async fn calls(&mut self) -> Result<Vec<Call>> {
        self.read("SELECT body FROM call ORDER BY at DESC, id DESC").await
    }

    pub async fn outlines(&mut self) -> Result<Vec<Outline>> {
        self.read("SELECT outline FROM draft ORDER BY at DESC, id DESC").await
    }

    async fn read<T: DeserializeOwned>(&mut self, sql: &'static str) -> Result<Vec<T>> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&mut self.connection).await?;
        Ok(rows.iter().map(|row| serde_json::from_slice(row)).collect::<Result<_, _>>()?)
    }

    pub async fn newest(&mut self) -> Result<Vec<(Outline, Call)>> {
        let sql = "SELECT draft.outline, call.body FROM draft JOIN call ON call.id = draft.parent \
                   ORDER BY draft.at DESC, draft.id DESC LIMIT 50";
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(sql).fetch_all(&mut self.connection).await?;
        let read = |(outline, call): &(Vec<u8>, Vec<u8>)| {
            Ok((serde_json::from_slice(outline)?, serde_json::from_slice(call)?))
        };
        rows.iter().map(read).collect()
    }

    /// Everything into the one file.
    pub async fn close(mut self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await?;
        Ok(self.connection.close().await?)
    }
}

fn nanoseconds(at: Timestamp) -> Result<i64> {
    Ok(i64::try_from(at.as_nanosecond())?)
}
