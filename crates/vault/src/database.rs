//! The SQLCipher file: one connection, its settings and its migrations.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use ledsaga_core::error::StoreError;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use zeroize::Zeroizing;

use crate::{
    error::{OpenError, store_error},
    folder::replace,
    seal::Key,
};

/// Step `n` brings a database from version `n` to `n + 1`. Steps are only ever added.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
];

/// SQLCipher's page size, in bytes.
const PAGE: u64 = 4096;

pub(crate) struct Database {
    path: PathBuf,
    key: Key,
    /// `None` while it is lent out, and after a failure or a request that was given up half-way: SQLite undoes what
    /// was not committed when the connection goes, and the next use gets a fresh one.
    connection: Option<SqliteConnection>,
    /// Something was deleted and may still be in the write-ahead log.
    truncate_due: bool,
}

impl Database {
    /// Opens the file and brings it to the newest version. Only a `fresh` one may be made, or be found empty: a
    /// database that has been cut down to nothing is not a new one.
    pub async fn open(
        path: PathBuf,
        key: Key,
        migrations: &[&'static str],
        fresh: bool,
    ) -> Result<Self, OpenError> {
        if !fresh && fs::metadata(&path).map_or(0, |file| file.len()) < PAGE {
            return Err(OpenError::Unreadable);
        }
        let mut connection = connect(&path, &key, fresh).await?;
        let version = version(&mut connection).await?;
        if version > migrations.len() {
            return Err(OpenError::NewerVersion);
        }
        if version == 0 && !fresh {
            return Err(OpenError::Unreadable);
        }
        if version == migrations.len() {
            remove_backups(&path, version)?;
        } else if version > 0 {
            connection = back_up(&path, &key, connection, version).await?;
        }
        for (step, sql) in migrations.iter().enumerate().skip(version) {
            migrate(&mut connection, step, sql).await?;
        }
        Ok(Self { path, key, connection: Some(connection), truncate_due: false })
    }

    /// The connection, to be given back through [`Self::settle`].
    pub async fn lend(&mut self) -> Result<SqliteConnection, StoreError> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => connect(&self.path, &self.key, false).await,
        }
    }

    /// Takes the connection back; after a failure it is closed, which undoes what was not committed.
    pub async fn settle<T>(
        &mut self,
        connection: SqliteConnection,
        outcome: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if outcome.is_ok() {
            self.connection = Some(connection);
        } else {
            let _ = connection.close().await;
        }
        outcome
    }

    /// Something is about to be deleted, so that the log is to be truncated whatever happens in between.
    pub fn will_delete(&mut self) {
        self.truncate_due = true;
    }

    /// What was deleted must not stay in the write-ahead log. Whether it is gone from there: a failure is made good at
    /// the next chance, the deletion itself is durable already.
    pub async fn truncate_log(&mut self) -> bool {
        let Ok(mut connection) = self.lend().await else { return false };
        let truncated = truncate(&mut connection).await;
        self.truncate_due = self.settle(connection, truncated).await.is_err();
        if self.truncate_due {
            tracing::warn!("the write-ahead log could not be truncated");
        }
        !self.truncate_due
    }

    pub fn truncate_due(&self) -> bool {
        self.truncate_due
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file with its log.
    pub fn size(&self) -> u64 {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        length(&self.path) + length(Path::new(&log))
    }

    /// Everything into the one file, and the file left alone until the next use.
    pub async fn rest(&mut self) -> Result<(), StoreError> {
        let mut connection = self.lend().await?;
        let truncated = truncate(&mut connection).await;
        connection.close().await.map_err(store_error)?;
        truncated
    }

    /// From the next use on, the file has this key. Only at rest.
    pub fn use_key(&mut self, key: Key) {
        self.key = key;
    }

    /// Everything into the one file, and an empty log.
    pub async fn close(mut self) {
        self.truncate_log().await;
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
    }
}

pub(crate) async fn connect(path: &Path, key: &Key, create: bool) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        // No shared-memory file: one process, and one file less to need space for on a full disk.
        .locking_mode(SqliteLockingMode::Exclusive)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "4194304")
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging();
    connect_with(options, key).await
}

/// Connects with the database key, or not at all.
pub(crate) async fn connect_with(
    options: SqliteConnectOptions,
    key: &Key,
) -> Result<SqliteConnection, StoreError> {
    if cfg!(feature = "plaintext-for-tests") {
        return options.connect().await.map_err(store_error);
    }
    let mut connection = options.pragma("key", quoted(key)?).connect().await.map_err(store_error)?;
    // Without SQLCipher in the build the key is silently ignored and the file is plain text.
    let cipher: Option<String> = sqlx::query_scalar("PRAGMA cipher_version")
        .fetch_optional(&mut connection)
        .await
        .map_err(store_error)?;
    match cipher {
        Some(version) if !version.is_empty() => Ok(connection),
        _ => Err(StoreError::Failed("no_cipher")),
    }
}

/// Whether the file has this key. Touches neither it nor its log.
pub(crate) async fn has_key(path: &Path, key: &Key) -> Result<bool, StoreError> {
    if cfg!(feature = "plaintext-for-tests") {
        return Ok(true);
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(true)
        .pragma("key", quoted(key)?)
        .disable_statement_logging();
    let connected = options.connect().await;
    let read = match connected.map_err(store_error) {
        Ok(mut connection) => sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
            .fetch_one(&mut connection)
            .await
            .map_err(store_error),
        Err(error) => Err(error),
    };
    match read {
        Ok::<i64, _>(_) => Ok(true),
        Err(StoreError::Unreadable) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A raw key as SQLCipher wants it, not a passphrase: it is random already, and deriving one takes 0.2 s for each
/// connection.
pub(crate) fn raw(key: &Key) -> Result<Zeroizing<String>, StoreError> {
    let mut hex = Zeroizing::new([0; 64]);
    hex::encode_to_slice(key.as_slice(), hex.as_mut_slice()).map_err(|_| StoreError::Failed("key"))?;
    let hex = std::str::from_utf8(hex.as_slice()).map_err(|_| StoreError::Failed("key"))?;
    Ok(Zeroizing::new(format!("x'{hex}'")))
}

/// sqlx does not wipe its copies, so that options with a key end with the function that makes them.
fn quoted(key: &Key) -> Result<String, StoreError> {
    raw(key).map(|raw| format!("\"{}\"", *raw))
}

pub(crate) async fn version(connection: &mut SqliteConnection) -> Result<usize, OpenError> {
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await.map_err(store_error)?;
    usize::try_from(version).map_err(|_| OpenError::Unreadable)
}

async fn migrate(connection: &mut SqliteConnection, step: usize, sql: &'static str) -> Result<(), OpenError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    sqlx::raw_sql(sql).execute(&mut *transaction).await.map_err(store_error)?;
    let version = AssertSqlSafe(format!("PRAGMA user_version = {}", step + 1));
    sqlx::raw_sql(version).execute(&mut *transaction).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)?;
    Ok(())
}

pub(crate) async fn truncate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let (busy, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await.map_err(store_error)?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Failed("busy")) }
}

/// A copy of the whole database beside it, so that a migration that turns out wrong can be undone by hand.
async fn back_up(
    path: &Path,
    key: &Key,
    mut connection: SqliteConnection,
    version: usize,
) -> Result<SqliteConnection, OpenError> {
    truncate(&mut connection).await?;
    connection.close().await.map_err(store_error)?;
    replace(&backup(path, version), |file| io::copy(&mut File::open(path)?, file).map(drop))?;
    Ok(connect(path, key, false).await?)
}

fn backup(path: &Path, version: usize) -> PathBuf {
    path.with_added_extension(format!("before-{version}"))
}

/// The migrated database has opened again since, so that the copies from before have done their duty; kept longer they
/// would outlive what is deleted from the database.
fn remove_backups(path: &Path, newest: usize) -> Result<(), OpenError> {
    for version in 1..newest {
        match fs::remove_file(backup(path, version)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::new_key;

    const FIRST: &str = "CREATE TABLE word (text TEXT NOT NULL) STRICT; INSERT INTO word VALUES ('kept');";
    const SECOND: &str = "ALTER TABLE word ADD COLUMN length INTEGER; UPDATE word SET length = length(text);";
    const BROKEN: &str = "UPDATE word SET text = 'lost'; INSERT INTO nowhere VALUES (1);";

    struct Place {
        _dir: tempfile::TempDir,
        path: PathBuf,
        key: Key,
    }

    fn place() -> Place {
        let dir = tempfile::tempdir().unwrap();
        Place { path: dir.path().join("vault.db"), _dir: dir, key: new_key().unwrap() }
    }

    impl Place {
        async fn open(&self, migrations: &[&'static str]) -> Result<Database, OpenError> {
            Database::open(self.path.clone(), self.key.clone(), migrations, !self.path.exists()).await
        }

        async fn words(&self, migrations: &[&'static str]) -> Vec<String> {
            let mut database = self.open(migrations).await.unwrap();
            let mut connection = database.lend().await.unwrap();
            let words = sqlx::query_scalar("SELECT text FROM word").fetch_all(&mut connection).await.unwrap();
            database.settle(connection, Ok(())).await.unwrap();
            database.close().await;
            words
        }
    }

    #[tokio::test]
    async fn a_migration_keeps_a_copy_until_the_next_start() {
        let place = place();
        place.open(&[FIRST]).await.unwrap().close().await;
        let copy = backup(&place.path, 1);
        assert!(!copy.exists());

        place.open(&[FIRST, SECOND]).await.unwrap().close().await;
        assert!(copy.exists());
        let copied = Place { path: copy.clone(), key: place.key.clone(), _dir: tempfile::tempdir().unwrap() };
        assert_eq!(copied.words(&[FIRST]).await, ["kept"]);

        assert_eq!(place.words(&[FIRST, SECOND]).await, ["kept"]);
        assert!(!copy.exists());

        // And so it is with a later step.
        let later = [FIRST, SECOND, "CREATE TABLE later (only INTEGER) STRICT;"];
        place.open(&later).await.unwrap().close().await;
        assert!(backup(&place.path, 2).exists());
        assert_eq!(place.words(&later).await, ["kept"]);
        assert!(!backup(&place.path, 2).exists());
    }

    #[tokio::test]
    async fn a_migration_that_fails_changes_nothing() {
        let place = place();
        place.open(&[FIRST]).await.unwrap().close().await;
        assert_eq!(place.open(&[FIRST, BROKEN]).await.err(), Some(OpenError::Failed));
        assert_eq!(place.words(&[FIRST]).await, ["kept"]);
    }

    #[tokio::test]
    async fn a_database_from_a_newer_version_is_refused_untouched() {
        let place = place();
        place.open(&[FIRST, SECOND]).await.unwrap().close().await;
        let before = fs::read(&place.path).unwrap();
        assert_eq!(place.open(&[FIRST]).await.err(), Some(OpenError::NewerVersion));
        assert_eq!(fs::read(&place.path).unwrap(), before);
    }

    #[tokio::test]
    async fn the_settings_are_those_that_durability_and_secrecy_need() {
        let place = place();
        let mut database = place.open(&[FIRST]).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for (pragma, expected) in
            [("synchronous", 2), ("secure_delete", 1), ("temp_store", 2), ("foreign_keys", 1)]
        {
            let value: i64 = sqlx::query_scalar(AssertSqlSafe(format!("PRAGMA {pragma}")))
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
        assert_eq!(mode, "wal");
    }

    #[tokio::test]
    async fn what_a_given_up_request_had_not_committed_is_undone() {
        let place = place();
        let mut database = place.open(&[FIRST]).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE; INSERT INTO word VALUES ('half')")
            .execute(&mut connection)
            .await
            .unwrap();
        drop(connection);

        let mut connection = database.lend().await.unwrap();
        let words: Vec<String> =
            sqlx::query_scalar("SELECT text FROM word").fetch_all(&mut connection).await.unwrap();
        assert_eq!(words, ["kept"]);
    }

    /// The statements of a step; those of a trigger are indented.
    fn statements(sql: &'static str) -> Vec<&'static str> {
        let mut statements = Vec::new();
        let (mut begun, mut at) = (0, 0);
        for line in sql.split_inclusive('\n') {
            at += line.len();
            if line.trim_end().ends_with(';') && !line.starts_with(' ') {
                statements.push(&sql[begun..at]);
                begun = at;
            }
        }
        statements
    }

    /// A database of the first version with rows in every table.
    async fn of_the_first_version() -> Place {
        let place = place();
        let mut database = place.open(&MIGRATIONS[..1]).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for table in ["call", "draft", "file", "submission", "outbox"] {
            let sql = format!(
                "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9) \
                 INSERT INTO {table} SELECT CAST('{table}' || n AS BLOB), CAST('p' || n AS BLOB), n, n, 1, 20000 + n, \
                 20000 + n, CAST('key of {table}' || n AS BLOB), CAST(n || hex(zeroblob(3000)) AS BLOB) FROM n"
            );
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
        let sql = "INSERT INTO catalogue VALUES (1, x'01'); INSERT INTO audit (at, body) VALUES (1, x'02'); \
                   INSERT INTO resume VALUES (1, x'03');";
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        database.settle(connection, Ok(())).await.unwrap();
        database.close().await;
        place
    }

    /// Everything that the first version had is in its place, and nothing of it anywhere else.
    async fn has_it_all(place: &Place) {
        let mut database = place.open(MIGRATIONS).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for table in ["call", "draft", "file", "submission", "outbox"] {
            let sql = format!(
                "SELECT count(*) FROM {table} b JOIN data_key k ON k.id = b.id AND k.shelf = '{table}' \
                 JOIN bundle ON bundle.number = k.bundle WHERE b.id = CAST('{table}' || b.rev AS BLOB) AND b.parent = CAST('p' || b.rev AS BLOB) AND b.at = b.rev \
                 AND b.format = 1 AND b.body = CAST(b.rev || hex(zeroblob(3000)) AS BLOB) \
                 AND k.purge_on = 20000 + b.rev AND bundle.epoch = k.purge_on * 65536 \
                 AND bundle.shelf = '{table}' AND bundle.format = 1 \
                 AND bundle.body = CAST('key of {table}' || b.rev AS BLOB)"
            );
            let whole: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
            assert_eq!(whole, 9, "{table}");
        }
        let sql = "SELECT (SELECT count(*) FROM data_key) || ' ' || (SELECT count(*) FROM bundle) || ' ' || \
                   (SELECT hex(body) FROM catalogue) || ' ' || \
                   (SELECT hex(body) FROM audit) || ' ' || (SELECT hex(call) FROM resume) || ' ' || \
                   (SELECT count(*) FROM tainted) || ' ' || (SELECT count(*) FROM rubbish)";
        let rest: String = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
        assert_eq!(rest, "45 45 01 02 03 0 0");
        database.settle(connection, Ok(())).await.unwrap();
        database.close().await;
    }

    #[tokio::test]
    async fn a_migration_that_is_cut_short_after_any_statement_is_as_if_it_had_not_begun() {
        let statements = statements(MIGRATIONS[1]);
        assert!(statements.len() > 30);
        for count in 0..=statements.len() {
            let place = of_the_first_version().await;
            let mut connection = connect(&place.path, &place.key, false).await.unwrap();
            // So that half of a transaction is in the log already.
            sqlx::raw_sql("PRAGMA cache_size = 3; BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
            for statement in &statements[..count] {
                sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
            }
            // The process dies here, with a copy from the backup half written.
            let image = self::place();
            let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
            fs::copy(&place.path, &image.path).unwrap();
            fs::copy(log(&place.path), log(&image.path)).unwrap();
            fs::write(backup(&image.path, 1).with_added_extension("tmp"), "half").unwrap();
            let image = Place { key: place.key.clone(), ..image };
            has_it_all(&image).await;
            // Or only the migration fails.
            drop(connection);
            has_it_all(&place).await;
        }
    }

    /// The steps after the second add tables only; each is whole or not there.
    #[tokio::test]
    async fn a_later_step_that_is_cut_short_is_as_if_it_had_not_begun() {
        for step in 2..MIGRATIONS.len() {
            let statements = statements(MIGRATIONS[step]);
            for count in 0..=statements.len() {
                let place = of_the_first_version().await;
                place.open(&MIGRATIONS[..step]).await.unwrap().close().await;
                let mut connection = connect(&place.path, &place.key, false).await.unwrap();
                sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
                for statement in &statements[..count] {
                    sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
                }
                drop(connection);
                has_it_all(&place).await;
            }
        }
    }

    #[tokio::test]
    async fn a_migration_that_is_kept_half_would_be_noticed() {
        let place = of_the_first_version().await;
        let mut connection = connect(&place.path, &place.key, false).await.unwrap();
        for statement in &statements(MIGRATIONS[1])[..4] {
            sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        assert_eq!(place.open(MIGRATIONS).await.err(), Some(OpenError::Failed));
    }
}
