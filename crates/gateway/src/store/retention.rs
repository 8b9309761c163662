//! Removing what has had its time, a little in each transaction, with a certificate that says how much.

use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use uuid::Uuid;

use super::{Store, now, signed, unsigned};
use crate::retention::{KINDS, Kind, Retention};

/// Rows of one transaction; those of uploads bring their bytes with them.
const PORTION: u64 = 200;
const UPLOAD_PORTION: u64 = 5;

/// What a rule would remove now.
pub struct Due {
    pub kind: &'static str,
    /// The rule in Swedish; `None` when this kind is kept.
    pub rule: Option<String>,
    pub count: u64,
}

/// What was removed by a rule.
pub struct Certificate {
    pub at: String,
    pub kind: String,
    pub rule: String,
    pub removed: u64,
}

/// Where one kind is, and what of it is older than `$1`.
struct Place {
    table: &'static str,
    key: &'static str,
    old: &'static str,
    portion: u64,
}

impl Kind {
    fn place(self) -> Place {
        let place = |table, key, old| Place { table, key, old, portion: PORTION };
        match self {
            Self::Uploads => Place {
                portion: UPLOAD_PORTION,
                ..place("upload", "id", "touched_at < $1 AND submission IS NULL")
            },
            Self::Tombstones => place("tombstone", "submission", "at < $1"),
            Self::RefreshTokens => place("refresh_token", "digest", "expires_at <= CAST($1 AS BIGINT)"),
            Self::Contacts => place("contact", "id", "received_at < $1"),
            Self::CaseAccess => place("case_access", "id", "at < $1"),
            // The last event of a log stays: what comes next is tied to it.
            Self::Audit => place(
                "audit_event",
                "seq",
                "received_at < $1 AND seq < (SELECT log.seq FROM audit_log AS log WHERE log.vault = audit_event.vault)",
            ),
        }
    }

    /// As the column has it.
    fn limit(self, time: Timestamp) -> String {
        if self == Self::RefreshTokens { time.as_second().to_string() } else { time.to_string() }
    }
}

impl Store {
    /// What the rules would remove now, of every kind.
    pub async fn due(&self, retention: &Retention, now: Timestamp) -> sqlx::Result<Vec<Due>> {
        let mut all = Vec::new();
        for kind in KINDS {
            let rule = retention.days(kind).map(|days| kind.rule(days));
            let count = match retention.limit(kind, now) {
                Some(limit) => self.count_old(kind, limit).await?,
                None => 0,
            };
            all.push(Due { kind: kind.name(), rule, count });
        }
        Ok(all)
    }

    async fn count_old(&self, kind: Kind, limit: Timestamp) -> sqlx::Result<u64> {
        let Place { table, old, .. } = kind.place();
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {old}");
        let row = sqlx::query(AssertSqlSafe(sql)).bind(kind.limit(limit)).fetch_one(&self.pool).await?;
        unsigned(row.try_get("n")?)
    }

    /// Removes what the rule for a kind removes now, and says how much that was.
    pub async fn purge(&self, kind: Kind, retention: &Retention, now: Timestamp) -> sqlx::Result<u64> {
        let (Some(days), Some(limit)) = (retention.days(kind), retention.limit(kind, now)) else {
            return Ok(0);
        };
        let certificate = Uuid::now_v7().to_string();
        let mut removed = 0;
        loop {
            let mut writing = self.write().await?;
            let portion = match kind {
                Kind::Audit => cut_log(&mut writing.transaction, &kind.limit(limit)).await?,
                _ => remove_portion(&mut writing.transaction, kind, &kind.limit(limit)).await?,
            };
            if portion == 0 {
                writing.rollback().await?;
                return Ok(removed);
            }
            certify(&mut writing.transaction, &certificate, kind, &kind.rule(days), portion).await?;
            writing.commit().await?;
            removed += portion;
        }
    }

    /// The newest ones last.
    pub async fn certificates(&self) -> sqlx::Result<Vec<Certificate>> {
        sqlx::query("SELECT at, kind, rule, removed FROM retention_certificate ORDER BY id")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| {
                Ok(Certificate {
                    at: row.try_get("at")?,
                    kind: row.try_get("kind")?,
                    rule: row.try_get("rule")?,
                    removed: unsigned(row.try_get("removed")?)?,
                })
            })
            .collect()
    }
}

/// The condition stands twice: what came to life, or into a case, between choosing and removing stays.
async fn remove_portion(connection: &mut AnyConnection, kind: Kind, limit: &str) -> sqlx::Result<u64> {
    let Place { table, key, old, portion } = kind.place();
    let sql = format!(
        "DELETE FROM {table} WHERE {old} AND {key} IN (SELECT {key} FROM {table} WHERE {old} LIMIT {portion})"
    );
    Ok(sqlx::query(AssertSqlSafe(sql)).bind(limit.to_owned()).execute(connection).await?.rows_affected())
}

/// Removes the oldest events of one log and keeps where the rest begins.
async fn cut_log(connection: &mut AnyConnection, limit: &str) -> sqlx::Result<u64> {
    let Place { old, portion, .. } = Kind::Audit.place();
    let sql = format!("SELECT vault FROM audit_event WHERE {old} LIMIT 1");
    let Some(log) =
        sqlx::query(AssertSqlSafe(sql)).bind(limit.to_owned()).fetch_optional(&mut *connection).await?
    else {
        return Ok(0);
    };
    let vault: String = log.try_get("vault")?;
    // Takes the log's row, so that nothing is added and nobody else cuts meanwhile.
    let log = sqlx::query("UPDATE audit_log SET seq = seq WHERE vault = $1 RETURNING first")
        .bind(vault.clone())
        .fetch_one(&mut *connection)
        .await?;
    let first: i64 = log.try_get("first")?;
    let sql = format!("SELECT MAX(seq) AS last FROM audit_event WHERE {old} AND vault = $2 AND seq < $3");
    let last = sqlx::query(AssertSqlSafe(sql))
        .bind(limit.to_owned())
        .bind(vault.clone())
        .bind(first + signed(portion)?)
        .fetch_one(&mut *connection)
        .await?
        .try_get::<Option<i64>, _>("last")?;
    let Some(last) = last else { return Ok(0) };
    sqlx::query(
        "UPDATE audit_log SET first = $2 + 1, previous = \
         (SELECT hash FROM audit_event WHERE audit_event.vault = audit_log.vault AND audit_event.seq = $2) \
         WHERE vault = $1",
    )
    .bind(vault.clone())
    .bind(last)
    .execute(&mut *connection)
    .await?;
    let removed = sqlx::query("DELETE FROM audit_event WHERE vault = $1 AND seq <= $2")
        .bind(vault)
        .bind(last)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(removed)
}

async fn certify(
    connection: &mut AnyConnection,
    id: &str,
    kind: Kind,
    rule: &str,
    removed: u64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO retention_certificate (id, at, kind, rule, removed) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET at = excluded.at, removed = retention_certificate.removed + excluded.removed",
    )
    .bind(id.to_owned())
    .bind(now().to_string())
    .bind(kind.name())
    .bind(rule.to_owned())
    .bind(signed(removed)?)
    .execute(connection)
    .await
    .map(drop)
}
