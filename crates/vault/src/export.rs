//! A whole database in another file under another key, and whether everything is in it.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use ledsaga_core::error::StoreError;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{database::raw, error::store_error, seal::Key};

/// Type, name and text of everything that a database defines.
pub(crate) type Definitions = Vec<(String, String, Option<String>)>;

/// Everything that a copy has to have: version, definitions, and how many rows each table has.
#[derive(PartialEq, Eq)]
pub(crate) struct Census {
    version: i64,
    definitions: Definitions,
    rows: Vec<(String, i64)>,
}

/// Writes everything into a new file; answers what is in it.
pub(crate) async fn write_copy(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &Key,
) -> Result<Census, StoreError> {
    let census = census(connection).await?;
    let path = path.to_str().ok_or(StoreError::Failed("path"))?;
    File::create_new(path).map_err(|_| StoreError::Failed("cannot_open"))?;
    let key = if cfg!(feature = "plaintext-for-tests") { Default::default() } else { raw(key)? };
    sqlx::query("ATTACH DATABASE ?1 AS copy KEY ?2")
        .bind(path)
        .bind(key.as_str())
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    let version = format!("PRAGMA copy.user_version = {}", census.version);
    for sql in ["SELECT sqlcipher_export('copy')", &version, "DETACH DATABASE copy"] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(census)
}

/// Whether every page is whole and nothing is missing.
pub(crate) async fn verify(copied: &mut SqliteConnection, expected: &Census) -> Result<(), StoreError> {
    let checks = [("PRAGMA cipher_integrity_check", [].as_slice()), ("PRAGMA integrity_check", &["ok"])];
    // With the encryption off there is none to check.
    for (check, good) in checks.into_iter().skip(usize::from(cfg!(feature = "plaintext-for-tests"))) {
        let found: Vec<String> =
            sqlx::query_scalar(check).fetch_all(&mut *copied).await.map_err(store_error)?;
        if found != good {
            return Err(StoreError::Failed("copy"));
        }
    }
    if census(copied).await? == *expected { Ok(()) } else { Err(StoreError::Failed("copy")) }
}

pub(crate) async fn census(connection: &mut SqliteConnection) -> Result<Census, StoreError> {
    let version =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await.map_err(store_error)?;
    let definitions = definitions(connection).await?;
    let mut rows = Vec::new();
    // A virtual table keeps its rows in tables of its own, which are in the list.
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name";
    let tables: Vec<String> =
        sqlx::query_scalar(sql).fetch_all(&mut *connection).await.map_err(store_error)?;
    for table in tables {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\"")));
        let count = sqlx::query_scalar(sql).fetch_one(&mut *connection).await.map_err(store_error)?;
        rows.push((table, count));
    }
    Ok(Census { version, definitions, rows })
}

pub(crate) async fn definitions(connection: &mut SqliteConnection) -> Result<Definitions, StoreError> {
    sqlx::query_as("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
        .fetch_all(connection)
        .await
        .map_err(store_error)
}

/// Takes a database away, with what SQLite keeps beside it. One that is not there is no failure.
pub(crate) fn remove_database(path: &Path) -> io::Result<()> {
    for ending in ["", "-journal", "-wal"] {
        match fs::remove_file(with_ending(path, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Where a database waits until it takes its place; the next start takes away what is left there.
pub(crate) fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("tmp")
}

pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
