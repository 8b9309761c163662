//! The database: SQLite or PostgreSQL, with the same SQL.

mod access;
mod audit;
mod bell;
mod change;
mod chore;
mod contact;
mod filing;
mod hindrance;
mod load;
mod maintenance;
mod retention;
mod rows;
mod service;
mod session;
mod submission;
mod upload;

use std::{str::FromStr, sync::Arc, time::Duration};

use jiff::{Timestamp, TimestampRound, Unit};
use sqlx::{
    Any, AnyPool, Connection, Executor, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{MigrateError, Migrator},
    sqlite::SqliteConnectOptions,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use access::{CaseLook, Look};
pub use audit::{AuditOutcome, AuditRun, LogFault, LogState};
pub use change::{CaseStanding, Cursor, Move};
pub use contact::ContactOutcome;
pub use filing::{Filing, FilingOutcome};
pub use maintenance::Maintenance;
pub use retention::{Certificate, Due};
pub use service::{Publication, Published};
pub use session::Turn;
pub use submission::{CaseLine, Fate, Filed, Withdrawal};
pub use upload::{Appended, Begun, Upload};

use bell::Bell;
use filing::Queue;

#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    /// It may hold a password and is never logged.
    url: Arc<str>,
    /// SQLite has one writer at a time; waiting in line here is fairer than its own polling.
    line: Option<Arc<Semaphore>>,
    queue: Arc<Queue>,
    bell: Arc<Bell>,
}

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// A connection that was used within this time is taken to stand: no restart of a database is over so soon.
const TRUSTED_FOR: Duration = Duration::from_millis(100);

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database cannot be opened")]
    Database(#[source] sqlx::Error),
    #[error("the database cannot be brought to this version, or is of a newer one")]
    Migration(#[source] MigrateError),
}

/// A transaction that writes. Dropped without [`Writing::commit`], it never was.
struct Writing {
    transaction: Transaction<'static, Any>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Writing {
    async fn commit(self) -> sqlx::Result<()> {
        self.transaction.commit().await
    }

    async fn rollback(self) -> sqlx::Result<()> {
        self.transaction.rollback().await
    }
}

impl Store {
    /// Connects and brings the tables to this version.
    ///
    /// # Errors
    /// [`OpenError`]; a database from a newer version is refused.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(url).map_err(OpenError::Database)?;
        let sqlite = url.starts_with("sqlite:");
        if sqlite {
            make_private(url).map_err(OpenError::Database)?;
        }
        let pool = AnyPoolOptions::new()
            .max_connections(if sqlite { 8 } else { 32 })
            .acquire_timeout(Duration::from_secs(10))
            // Asking each time whether the connection still stands costs as much as a statement.
            .test_before_acquire(false)
            .before_acquire(|connection, metadata| {
                Box::pin(async move {
                    if metadata.idle_for >= TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        connection
                            .execute(
                                "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                                 PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
                            )
                            .await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(OpenError::Database)?;
        migrate(&pool, sqlite).await.map_err(OpenError::Migration)?;
        Ok(Self {
            pool,
            url: url.into(),
            line: sqlite.then(|| Arc::new(Semaphore::new(1))),
            queue: Arc::default(),
            bell: Arc::default(),
        })
    }

    fn is_sqlite(&self) -> bool {
        self.line.is_some()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// The database's.
    pub async fn ping(&self) -> sqlx::Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn write(&self) -> sqlx::Result<Writing> {
        let turn = match &self.line {
            Some(line) => Some(Arc::clone(line).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?),
            None => None,
        };
        // A SQLite transaction that began by reading could not always go on to write.
        let begin = if turn.is_some() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        Ok(Writing { transaction: self.pool.begin_with(begin).await?, _turn: turn })
    }
}

/// Brings the tables to this version; of several that start at once, one does it and the others wait. PostgreSQL has a
/// lock for that, and in SQLite all of it is one transaction.
async fn migrate(pool: &AnyPool, sqlite: bool) -> Result<(), MigrateError> {
    if !sqlite {
        return MIGRATIONS.run(pool).await;
    }
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS.run_direct(None, &mut *transaction, false).await?;
    Ok(transaction.commit().await?)
}

/// Makes a new database file that only this user can read; SQLite gives the files beside it the same mode.
fn make_private(url: &str) -> sqlx::Result<()> {
    let options = SqliteConnectOptions::from_str(url)?;
    let mut open = std::fs::OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    match open.open(options.get_filename()) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

/// The server's time, to the millisecond.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(TimestampRound::new().smallest(Unit::Millisecond)).unwrap_or(now)
}

fn signed(value: u64) -> sqlx::Result<i64> {
    i64::try_from(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn unsigned(value: i64) -> sqlx::Result<u64> {
    u64::try_from(value).map_err(|error| sqlx::Error::Decode(error.into()))
}
