//! The workers' logs. They grow at their end; their oldest events go by retention alone, and then it is kept where the
//! rest begins.

use ledsaga_protocol::{AuditHead, audit};
use sqlx::{AnyConnection, Row, any::AnyRow};
use uuid::Uuid;

use super::{Store, now, signed, unsigned};

/// Events of one log in a row, whose hashes have been computed here.
pub struct AuditRun<'a> {
    pub vault: Uuid,
    pub first: u64,
    /// The hash of the event before, lower-case hex.
    pub previous: &'a str,
    /// Hash and event.
    pub links: &'a [(String, &'a [u8])],
}

/// How a stored log is.
pub struct LogState {
    pub vault: Uuid,
    pub worker: String,
    /// The first and the last event that are here.
    pub first: u64,
    pub last: u64,
    pub fault: Option<LogFault>,
}

/// The first thing that is wrong with a stored log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFault {
    /// The event with this number is not here.
    Missing(u64),
    /// The event with this number, or its hash, is not the one that arrived.
    Changed(u64),
    /// The last event is not the one that was received last.
    Head,
}

pub enum AuditOutcome {
    /// All of it is here; `new` when some of it was not before.
    Kept { head: AuditHead, new: bool },
    /// Events before it are not here; the last one that is has this number.
    Gap(u64),
    /// Its numbers, or those before it, belong to other events here.
    Forked,
    /// The log is another worker's.
    NotYours,
}

impl Store {
    /// Adds what is new of a run to the log that it continues.
    pub async fn put_audit(&self, worker: &str, run: &AuditRun<'_>) -> sqlx::Result<AuditOutcome> {
        let vault = run.vault.to_string();
        let start = hex::encode(audit::start(run.vault));
        let mut writing = self.write().await?;
        let connection = &mut *writing.transaction;
        // Takes the log's row also when it is there, so that two runs of one log come one after the other.
        let log = sqlx::query(
            "INSERT INTO audit_log (vault, worker, seq, hash) VALUES ($1, $2, 0, $3) \
             ON CONFLICT (vault) DO UPDATE SET vault = excluded.vault RETURNING worker, seq, hash, first, previous",
        )
        .bind(vault.clone())
        .bind(worker.to_owned())
        .bind(start.clone())
        .fetch_one(&mut *connection)
        .await?;
        let known =
            AuditHead { vault: run.vault, seq: unsigned(log.try_get("seq")?)?, hash: log.try_get("hash")? };
        if log.try_get::<String, _>("worker")? != worker {
            writing.rollback().await?;
            return Ok(AuditOutcome::NotYours);
        }
        let before = run.first.saturating_sub(1);
        if before > known.seq {
            writing.rollback().await?;
            return Ok(AuditOutcome::Gap(known.seq));
        }

        let last = before + run.links.len() as u64;
        let kept = Beginning::of(&log, &start)?;
        if last < kept.first {
            // All of it was here and is gone again.
            writing.rollback().await?;
            return Ok(AuditOutcome::Kept { head: known, new: false });
        }
        // What came before the beginning can no longer be compared; the event there ties it to the rest.
        let gone = kept.first.saturating_sub(run.first);
        let from = before + gone;
        let mut stored = hashes(connection, &vault, from, last.min(known.seq)).await?.into_iter();
        let tied = if from + 1 == kept.first { Some(kept.previous) } else { stored.next() };
        let sent_before = match gone.checked_sub(1).and_then(|n| usize::try_from(n).ok()) {
            Some(n) => run.links.get(n).map(|(hash, _)| hash.as_str()),
            None => Some(run.previous),
        };
        let mut new = run.links.iter().skip(usize::try_from(gone).unwrap_or(usize::MAX));
        let same = tied.is_some()
            && tied.as_deref() == sent_before
            && stored.all(|hash| new.next().is_some_and(|(sent, _)| *sent == hash));
        if !same {
            writing.rollback().await?;
            return Ok(AuditOutcome::Forked);
        }
        let Some((hash, _)) = run.links.last().filter(|_| last > known.seq) else {
            writing.rollback().await?;
            return Ok(AuditOutcome::Kept { head: known, new: false });
        };

        let received_at = now().to_string();
        for (seq, (hash, event)) in (known.seq + 1..).zip(new) {
            sqlx::query(
                "INSERT INTO audit_event (vault, seq, hash, event, received_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(vault.clone())
            .bind(signed(seq)?)
            .bind(hash.clone())
            .bind(event.to_vec())
            .bind(received_at.clone())
            .execute(&mut *connection)
            .await?;
        }
        sqlx::query("UPDATE audit_log SET seq = $1, hash = $2 WHERE vault = $3")
            .bind(signed(last)?)
            .bind(hash.clone())
            .bind(vault)
            .execute(&mut *connection)
            .await?;
        writing.commit().await?;
        let head = AuditHead { vault: run.vault, seq: last, hash: hash.clone() };
        Ok(AuditOutcome::Kept { head, new: true })
    }

    /// How far a log is, and whose it is.
    pub async fn audit_head(&self, vault: Uuid) -> sqlx::Result<Option<(AuditHead, String)>> {
        sqlx::query("SELECT worker, seq, hash FROM audit_log WHERE vault = $1")
            .bind(vault.to_string())
            .fetch_optional(&self.pool)
            .await?
            .map(|row| {
                let seq = unsigned(row.try_get("seq")?)?;
                Ok((AuditHead { vault, seq, hash: row.try_get("hash")? }, row.try_get("worker")?))
            })
            .transpose()
    }

    /// Reads every stored log from its beginning to its end, and says of each whether it is as it arrived.
    pub async fn verify_audit(&self) -> sqlx::Result<Vec<LogState>> {
        let logs = sqlx::query(
            "SELECT vault, worker, seq, hash, first, previous FROM audit_log ORDER BY worker, vault",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut states = Vec::with_capacity(logs.len());
        for log in &logs {
            states.push(self.verify_log(log).await?);
        }
        Ok(states)
    }

    async fn verify_log(&self, log: &AnyRow) -> sqlx::Result<LogState> {
        let name: String = log.try_get("vault")?;
        let vault: Uuid = name.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))?;
        let beginning = Beginning::of(log, &hex::encode(audit::start(vault)))?;
        let (last, head): (u64, String) = (unsigned(log.try_get("seq")?)?, log.try_get("hash")?);
        let state = |fault| {
            Ok(LogState { vault, worker: log.try_get("worker")?, first: beginning.first, last, fault })
        };

        let mut hash = [0; 32];
        if hex::decode_to_slice(&beginning.previous, &mut hash).is_err() {
            return state(Some(LogFault::Changed(beginning.first)));
        }
        let mut due = beginning.first;
        while due <= last {
            // What is added while this reads is of no concern to it.
            let rows = sqlx::query(
                "SELECT seq, hash, event FROM audit_event WHERE vault = $1 AND seq >= $2 AND seq <= $3 \
                 ORDER BY seq LIMIT 500",
            )
            .bind(name.clone())
            .bind(signed(due)?)
            .bind(signed(last)?)
            .fetch_all(&self.pool)
            .await?;
            if rows.is_empty() {
                return state(Some(LogFault::Missing(due)));
            }
            for row in &rows {
                if unsigned(row.try_get("seq")?)? != due {
                    return state(Some(LogFault::Missing(due)));
                }
                hash = audit::link(due, &hash, &row.try_get::<Vec<u8>, _>("event")?);
                if row.try_get::<String, _>("hash")? != hex::encode(hash) {
                    return state(Some(LogFault::Changed(due)));
                }
                due += 1;
            }
        }
        let whole = hex::encode(hash) == head;
        state((!whole).then_some(LogFault::Head))
    }
}

/// Where the stored part of a log begins.
struct Beginning {
    first: u64,
    /// The hash before it.
    previous: String,
}

impl Beginning {
    fn of(log: &AnyRow, start: &str) -> sqlx::Result<Self> {
        let previous: String = log.try_get("previous")?;
        let previous = if previous.is_empty() { start.to_owned() } else { previous };
        Ok(Self { first: unsigned(log.try_get("first")?)?, previous })
    }
}

/// The hashes of the stored events with these numbers, in order; there is none with the number 0.
async fn hashes(
    connection: &mut AnyConnection,
    vault: &str,
    first: u64,
    last: u64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query("SELECT hash FROM audit_event WHERE vault = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq")
        .bind(vault.to_owned())
        .bind(signed(first)?)
        .bind(signed(last)?)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| row.try_get("hash"))
        .collect()
}
