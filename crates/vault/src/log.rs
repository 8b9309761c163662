//! The chained log of one vault. What the events are, and what the chain proves, is core's.

use ledsaga_core::{
    audit::{
        AuditEvent, LogKey,
        chain::{Chain, ChainBreak, ChainHead, Hash, Row},
    },
    error::StoreError,
    ports::{LogPart, LogState},
};
use sqlx::{Connection, FromRow, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    batch::{from_json, to_json},
    error::store_error,
};

/// Events that are checked at a time.
const AT_ONCE: i64 = 1_000;

#[derive(FromRow)]
struct Head {
    vault: Vec<u8>,
    signing: Vec<u8>,
    before_seq: i64,
    before_hash: Vec<u8>,
    seq: i64,
    hash: Vec<u8>,
    arrived: i64,
}

#[derive(FromRow)]
struct Event {
    seq: i64,
    hash: Vec<u8>,
    body: Vec<u8>,
}

impl Head {
    async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let sql = "SELECT vault, signing, before_seq, before_hash, seq, hash, arrived FROM log_head";
        let head: Option<Self> = sqlx::query_as(sql).fetch_optional(connection).await.map_err(store_error)?;
        head.ok_or(StoreError::Unreadable)
    }

    fn vault(&self) -> Result<Uuid, StoreError> {
        Uuid::from_slice(&self.vault).map_err(|_| StoreError::Unreadable)
    }

    fn last(&self) -> Result<ChainHead, StoreError> {
        head(self.seq, &self.hash)
    }

    fn before(&self) -> Result<ChainHead, StoreError> {
        head(self.before_seq, &self.before_hash)
    }
}

impl Event {
    fn row(self) -> Result<Row<Vec<u8>>, StoreError> {
        let ChainHead { seq, hash } = head(self.seq, &self.hash)?;
        Ok((seq, self.body, hash))
    }
}

fn head(seq: i64, hash: &[u8]) -> Result<ChainHead, StoreError> {
    let hash: Hash = hash.try_into().map_err(|_| StoreError::Unreadable)?;
    Ok(ChainHead { seq: u64::try_from(seq).map_err(|_| StoreError::Unreadable)?, hash })
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// Begins the log of a vault that has none, with the events of the versions that had no chain.
pub(crate) async fn begin(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let begun: i64 = sqlx::query_scalar("SELECT count(*) FROM log_head")
        .fetch_one(&mut *connection)
        .await
        .map_err(store_error)?;
    if begun > 0 {
        return Ok(());
    }
    let vault = Uuid::now_v7();
    let start = ChainHead::start(vault);
    let signing = LogKey::generate().map_err(|_| StoreError::Failed("random"))?.seed();
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    sqlx::query(
        "INSERT INTO log_head (only, vault, signing, before_seq, before_hash, seq, hash, arrived)
         VALUES (1, ?1, ?2, 0, ?3, 0, ?3, 0)",
    )
    .bind(vault.as_bytes().as_slice())
    .bind(signing.as_slice())
    .bind(start.hash.as_slice())
    .execute(&mut *transaction)
    .await
    .map_err(store_error)?;
    let earlier: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM audit ORDER BY seq")
        .fetch_all(&mut *transaction)
        .await
        .map_err(store_error)?;
    let mut log = Appending::default();
    for body in earlier {
        log.append_body(&mut transaction, &body).await?;
    }
    log.finish(&mut transaction).await?;
    sqlx::query("DELETE FROM audit").execute(&mut *transaction).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)
}

/// Appends the events of one transaction, that of what they tell of. The head is read before the first of them and
/// written after the last.
#[derive(Default)]
pub(crate) struct Appending(Option<Chain>);

impl Appending {
    pub async fn append(
        &mut self,
        connection: &mut SqliteConnection,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        self.append_body(connection, &to_json(event)?).await
    }

    async fn append_body(
        &mut self,
        connection: &mut SqliteConnection,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let chain = match &mut self.0 {
            Some(chain) => chain,
            begun => begun.insert(Chain::at(Head::read(connection).await?.last()?)),
        };
        let link = chain.append(body);
        sqlx::query("INSERT INTO log (seq, hash, body) VALUES (?1, ?2, ?3)")
            .bind(number(link.seq))
            .bind(link.hash.as_slice())
            .bind(body)
            .execute(connection)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub async fn finish(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let Some(head) = self.0.map(|chain| chain.head()) else { return Ok(()) };
        sqlx::query("UPDATE log_head SET seq = ?1, hash = ?2")
            .bind(number(head.seq))
            .bind(head.hash.as_slice())
            .execute(connection)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

pub(crate) async fn arrived(connection: &mut SqliteConnection, seq: u64) -> Result<(), StoreError> {
    sqlx::query("UPDATE log_head SET arrived = ?1")
        .bind(number(seq))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Never lets go of what has not arrived.
pub(crate) async fn forget(connection: &mut SqliteConnection, seq: u64) -> Result<(), StoreError> {
    let through = number(seq).min(Head::read(connection).await?.arrived);
    let last: Option<Event> =
        sqlx::query_as("SELECT seq, hash, body FROM log WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1")
            .bind(through)
            .fetch_optional(&mut *connection)
            .await
            .map_err(store_error)?;
    let Some(last) = last else { return Ok(()) };
    sqlx::query("UPDATE log_head SET before_seq = ?1, before_hash = ?2")
        .bind(last.seq)
        .bind(last.hash)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    sqlx::query("DELETE FROM log WHERE seq <= ?1")
        .bind(last.seq)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Oldest first.
pub(crate) async fn events(connection: &mut SqliteConnection) -> Result<Vec<AuditEvent>, StoreError> {
    let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM log ORDER BY seq")
        .fetch_all(connection)
        .await
        .map_err(store_error)?;
    bodies.iter().map(|body| from_json(body)).collect()
}

pub(crate) async fn part(
    connection: &mut SqliteConnection,
    after: u64,
    most: usize,
) -> Result<LogPart, StoreError> {
    let log_head = Head::read(connection).await?;
    let previous: Option<Event> = sqlx::query_as("SELECT seq, hash, body FROM log WHERE seq = ?1")
        .bind(number(after))
        .fetch_optional(&mut *connection)
        .await
        .map_err(store_error)?;
    let before = match previous {
        Some(event) => head(event.seq, &event.hash)?,
        None => log_head.before()?,
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = read(connection, before.seq, most).await?;
    Ok(LogPart { vault: log_head.vault()?, before, rows })
}

pub(crate) async fn state(
    connection: &mut SqliteConnection,
    fault: Option<ChainBreak>,
) -> Result<LogState, StoreError> {
    let head = Head::read(connection).await?;
    Ok(LogState {
        vault: head.vault()?,
        head: head.last()?,
        arrived: u64::try_from(head.arrived).unwrap_or_default(),
        fault,
    })
}

pub(crate) async fn key(connection: &mut SqliteConnection) -> Result<LogKey, StoreError> {
    let signing = Zeroizing::new(Head::read(connection).await?.signing);
    let seed: Zeroizing<[u8; 32]> =
        Zeroizing::new(signing.as_slice().try_into().map_err(|_| StoreError::Unreadable)?);
    Ok(LogKey::from_seed(&seed))
}

/// Where the log is not whole, if anywhere.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<Option<ChainBreak>, StoreError> {
    let head = Head::read(connection).await?;
    let mut chain = Chain::at(head.before()?);
    loop {
        let rows = read(connection, chain.head().seq, AT_ONCE).await?;
        if rows.is_empty() {
            return Ok(chain.ends_at(head.last()?).err());
        }
        if let Err(broken) = chain.follow(rows) {
            return Ok(Some(broken));
        }
    }
}

async fn read(
    connection: &mut SqliteConnection,
    after: u64,
    most: i64,
) -> Result<Vec<Row<Vec<u8>>>, StoreError> {
    let events: Vec<Event> =
        sqlx::query_as("SELECT seq, hash, body FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2")
            .bind(number(after))
            .bind(most)
            .fetch_all(connection)
            .await
            .map_err(store_error)?;
    events.into_iter().map(Event::row).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ledsaga_core::audit::{AuditAction, chain::ChainFault};

    use super::*;
    use crate::{
        database::{Database, MIGRATIONS},
        seal::new_key,
    };

    async fn database(dir: &Path) -> Database {
        Database::open(dir.join("vault.db"), new_key().unwrap(), MIGRATIONS, true).await.unwrap()
    }

    async fn log_of(connection: &mut SqliteConnection, count: u64) {
        begin(connection).await.unwrap();
        let mut log = Appending::default();
        for number in 0..count {
            let event = AuditEvent::new(
                jiff::Timestamp::from_second(i64::try_from(number).unwrap()).unwrap(),
                "arb-17",
                AuditAction::CallStarted,
            );
            log.append(connection, &event).await.unwrap();
        }
        log.finish(connection).await.unwrap();
    }

    #[tokio::test]
    async fn a_log_is_whole_until_somebody_touches_it() {
        for (sql, broken) in [
            ("SELECT 1", None),
            (
                "UPDATE log SET body = CAST(replace(body, 'arb-17', 'arb-18') AS BLOB) WHERE seq = 3",
                Some((3, ChainFault::Altered)),
            ),
            ("DELETE FROM log WHERE seq = 4", Some((4, ChainFault::Missing))),
            ("DELETE FROM log WHERE seq > 6", Some((7, ChainFault::Truncated))),
            (
                "UPDATE log SET seq = CASE seq WHEN 2 THEN 1002 WHEN 3 THEN 1003 ELSE seq END",
                Some((2, ChainFault::Missing)),
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let mut database = database(dir.path()).await;
            let mut connection = database.lend().await.unwrap();
            log_of(&mut connection, 8).await;
            let sql = sqlx::AssertSqlSafe(sql.to_owned());
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            let found = check(&mut connection).await.unwrap().map(|fault| (fault.seq, fault.fault));
            assert_eq!(found, broken);
        }
    }

    #[tokio::test]
    async fn what_has_arrived_can_be_forgotten_and_the_rest_still_holds() {
        let dir = tempfile::tempdir().unwrap();
        let mut database = database(dir.path()).await;
        let mut connection = database.lend().await.unwrap();
        log_of(&mut connection, 8).await;
        arrived(&mut connection, 5).await.unwrap();
        forget(&mut connection, 100).await.unwrap();
        assert_eq!(events(&mut connection).await.unwrap().len(), 3, "what has not arrived stays");
        assert_eq!(check(&mut connection).await.unwrap(), None);
        let all = part(&mut connection, 0, 100).await.unwrap();
        assert_eq!((all.before.seq, all.rows.len()), (5, 3));
        let after = part(&mut connection, 7, 100).await.unwrap();
        assert_eq!((after.before.seq, after.rows.len()), (7, 1));
        assert_eq!(state(&mut connection, None).await.unwrap().head.seq, 8);
    }

    #[tokio::test]
    async fn events_from_before_the_chain_are_taken_into_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut database = database(dir.path()).await;
        let mut connection = database.lend().await.unwrap();
        let old = AuditEvent::new(jiff::Timestamp::UNIX_EPOCH, "arb-17", AuditAction::Submitted);
        sqlx::query("INSERT INTO audit (at, body) VALUES (0, ?1)")
            .bind(serde_json::to_vec(&old).unwrap())
            .execute(&mut connection)
            .await
            .unwrap();
        begin(&mut connection).await.unwrap();
        begin(&mut connection).await.unwrap();
        assert_eq!(events(&mut connection).await.unwrap(), [old]);
        assert_eq!(check(&mut connection).await.unwrap(), None);
    }
}
