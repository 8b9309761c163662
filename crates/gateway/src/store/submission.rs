//! Submissions: the cases that they became, and those that were withdrawn before.

use ledsaga_protocol::ReceiptBody;
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use super::{Store, now};

/// What became of a submission's id.
pub enum Fate {
    Filed(Filed),
    /// Its worker took it back before it arrived.
    Withdrawn {
        worker: String,
    },
}

/// A submission that has become a case.
pub struct Filed {
    pub worker: String,
    pub receipt: ReceiptBody,
}

pub enum Withdrawal {
    /// Withdrawn, now or before.
    Done,
    /// It is a case already.
    Accepted,
    /// The id is another worker's, as a case or withdrawn.
    NotYours,
}

/// A case without anything personal.
pub struct CaseLine {
    pub submission: String,
    pub case_number: String,
    pub digest: String,
    pub received_at: String,
}

impl Store {
    /// What became of an id; `None` when nothing did.
    pub async fn fate(&self, id: Uuid) -> sqlx::Result<Option<Fate>> {
        let row = sqlx::query(
            "SELECT submission.digest, submission.worker, submission.case_number, submission.received_at, \
             submission.to_supplement, submission.proof, tombstone.worker AS withdrawn_by \
             FROM (SELECT CAST($1 AS TEXT) AS id) AS asked \
             LEFT JOIN submission ON submission.id = asked.id LEFT JOIN tombstone ON tombstone.submission = asked.id",
        )
        .bind(id.to_string())
        .fetch_one(&self.pool)
        .await?;
        if let Some(worker) = row.try_get::<Option<String>, _>("withdrawn_by")? {
            return Ok(Some(Fate::Withdrawn { worker }));
        }
        match row.try_get::<Option<String>, _>("worker")? {
            Some(worker) => Ok(Some(Fate::Filed(Filed { worker, receipt: receipt(id, &row)? }))),
            None => Ok(None),
        }
    }

    /// Sees to it that an id never becomes a case, unless it is one.
    pub async fn withdraw(&self, id: Uuid, worker: &str) -> sqlx::Result<Withdrawal> {
        let id = id.to_string();
        let mut writing = self.write().await?;
        // Takes the id's place for a moment. Whoever files it at the same time is waited for here, or waits until this
        // is over and then finds the tombstone: there is never both.
        let free = sqlx::query(
            "INSERT INTO submission (id, digest, body, contact, service_id, service_version, answers, secrecy, worker, \
             case_number, received_at, to_supplement, proof) \
             VALUES ($1, '', $2, '', '', 0, '', 0, '', $1, '', '', '') ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.clone())
        .bind(Vec::<u8>::new())
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        if free == 0 {
            let row = sqlx::query("SELECT worker FROM submission WHERE id = $1")
                .bind(id)
                .fetch_one(&mut *writing.transaction)
                .await?;
            writing.rollback().await?;
            let own = row.try_get::<String, _>("worker")? == worker;
            return Ok(if own { Withdrawal::Accepted } else { Withdrawal::NotYours });
        }
        sqlx::query(
            "INSERT INTO tombstone (submission, worker, at) VALUES ($1, $2, $3) ON CONFLICT (submission) DO NOTHING",
        )
        .bind(id.clone())
        .bind(worker.to_owned())
        .bind(now().to_string())
        .execute(&mut *writing.transaction)
        .await?;
        let row = sqlx::query("SELECT worker FROM tombstone WHERE submission = $1")
            .bind(id.clone())
            .fetch_one(&mut *writing.transaction)
            .await?;
        sqlx::query("DELETE FROM submission WHERE id = $1")
            .bind(id)
            .execute(&mut *writing.transaction)
            .await?;
        writing.commit().await?;
        let own = row.try_get::<String, _>("worker")? == worker;
        Ok(if own { Withdrawal::Done } else { Withdrawal::NotYours })
    }

    /// All cases in the order of arrival.
    pub async fn cases(&self) -> sqlx::Result<Vec<CaseLine>> {
        sqlx::query("SELECT id, case_number, digest, received_at FROM submission ORDER BY received_at, id")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| {
                Ok(CaseLine {
                    submission: row.try_get("id")?,
                    case_number: row.try_get("case_number")?,
                    digest: row.try_get("digest")?,
                    received_at: row.try_get("received_at")?,
                })
            })
            .collect()
    }

    /// A case as it was submitted, byte for byte, and when it was received.
    pub async fn case(&self, case_number: &str) -> sqlx::Result<Option<(Vec<u8>, String)>> {
        sqlx::query("SELECT body, received_at FROM submission WHERE case_number = $1")
            .bind(case_number.to_owned())
            .fetch_optional(&self.pool)
            .await?
            .map(|row| Ok((row.try_get("body")?, row.try_get("received_at")?)))
            .transpose()
    }
}

fn receipt(id: Uuid, row: &AnyRow) -> sqlx::Result<ReceiptBody> {
    let received_at: String = row.try_get("received_at")?;
    let to_supplement: String = row.try_get("to_supplement")?;
    Ok(ReceiptBody {
        submission: id,
        digest: row.try_get("digest")?,
        case_number: row.try_get("case_number")?,
        received_at: received_at.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        to_supplement: serde_json::from_str(&to_supplement).map_err(|e| sqlx::Error::Decode(e.into()))?,
        proof: row.try_get("proof")?,
    })
}
