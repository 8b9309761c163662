//! The workers' logs, which only grow.

use ledsaga_protocol::{AuditHead, audit};
use sqlx::{AnyConnection, Row};
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
             ON CONFLICT (vault) DO UPDATE SET vault = excluded.vault RETURNING worker, seq, hash",
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
        let mut stored = hashes(connection, &vault, before, last.min(known.seq)).await?.into_iter();
        let tied = if before == 0 { Some(start) } else { stored.next() };
        let mut new = run.links.iter();
        let same = tied.as_deref() == Some(run.previous)
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
