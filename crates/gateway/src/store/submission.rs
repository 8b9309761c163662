//! Submissions and the cases that they become.

use jiff::Timestamp;
use ledsaga_forms::FileRef;
use ledsaga_protocol::ReceiptBody;
use sqlx::Row;
use uuid::Uuid;

use super::{Store, now, signed, unsigned};
use crate::case_number;

/// A submission that has been judged and may be filed.
pub struct Filing<'a> {
    pub id: Uuid,
    /// SHA-256 of `body`, lower-case hex.
    pub digest: &'a str,
    /// As it arrived.
    pub body: &'a [u8],
    pub contact: Uuid,
    pub service_id: &'a str,
    pub service_version: u32,
    /// JSON.
    pub answers: &'a str,
    pub secrecy: bool,
    /// The worker's subject.
    pub worker: &'a str,
    /// Files that the answers name.
    pub files: &'a [&'a FileRef],
    /// Paths of required questions without an answer.
    pub to_supplement: &'a [String],
    pub case_prefix: &'a str,
}

/// A submission that has become a case.
pub struct Filed {
    pub worker: String,
    pub receipt: ReceiptBody,
}

pub enum FilingOutcome {
    New(ReceiptBody),
    /// The id was taken already.
    Known(Filed),
    /// A file that the answers name is not here whole.
    AttachmentMissing,
}

/// A case without anything personal.
pub struct CaseLine {
    pub submission: String,
    pub case_number: String,
    pub digest: String,
    pub received_at: String,
}

impl Store {
    pub async fn filed(&self, id: Uuid) -> sqlx::Result<Option<Filed>> {
        let row = sqlx::query(
            "SELECT digest, worker, case_number, received_at, to_supplement, proof FROM submission WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            let received_at: String = row.try_get("received_at")?;
            let to_supplement: String = row.try_get("to_supplement")?;
            Ok(Filed {
                worker: row.try_get("worker")?,
                receipt: ReceiptBody {
                    submission: id,
                    digest: row.try_get("digest")?,
                    case_number: row.try_get("case_number")?,
                    received_at: received_at.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
                    to_supplement: serde_json::from_str(&to_supplement)
                        .map_err(|e| sqlx::Error::Decode(e.into()))?,
                    proof: row.try_get("proof")?,
                },
            })
        })
        .transpose()
    }

    /// Makes a case of a submission, or finds that it is one already: all in one transaction, so that an id has
    /// one case or none. `prove` signs the receipt.
    ///
    /// # Errors
    /// The database's, or [`sqlx::Error::Encode`] when the receipt cannot be signed or the year is full.
    pub async fn file(
        &self,
        filing: &Filing<'_>,
        prove: impl Fn(&str, Timestamp) -> Result<String, crate::signing::KeyError>,
    ) -> sqlx::Result<FilingOutcome> {
        let mut fresh_secret = vec![0; 16];
        getrandom::fill(&mut fresh_secret).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;

        let mut writing = self.write().await?;
        let connection = &mut *writing.transaction;
        let received_at = now();
        let year = received_at.to_zoned(crate::judgement::stockholm()).year();
        // Rolled back with the rest, so the series has no gaps. In PostgreSQL the row's lock lets one filing at a
        // time past this point, so a second one of the same id finds the first.
        let series = sqlx::query(
            "INSERT INTO case_series (year, last, secret) VALUES ($1, 1, $2) \
             ON CONFLICT (year) DO UPDATE SET last = case_series.last + 1 RETURNING last, secret",
        )
        .bind(i64::from(year))
        .bind(fresh_secret)
        .fetch_one(&mut *connection)
        .await?;
        let secret: Vec<u8> = series.try_get("secret")?;
        let case_number =
            case_number::format(filing.case_prefix, year, unsigned(series.try_get("last")?)?, &secret)
                .ok_or_else(|| sqlx::Error::Encode("the case numbers of this year are used up".into()))?;
        let proof = prove(&case_number, received_at).map_err(|e| sqlx::Error::Encode(e.into()))?;
        let to_supplement =
            serde_json::to_string(filing.to_supplement).map_err(|e| sqlx::Error::Encode(e.into()))?;

        let inserted = sqlx::query(
            "INSERT INTO submission (id, digest, body, contact, service_id, service_version, answers, secrecy, \
             worker, case_number, received_at, to_supplement, proof) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING",
        )
        .bind(filing.id.to_string())
        .bind(filing.digest.to_owned())
        .bind(filing.body.to_vec())
        .bind(filing.contact.to_string())
        .bind(filing.service_id.to_owned())
        .bind(i64::from(filing.service_version))
        .bind(filing.answers.to_owned())
        .bind(i64::from(filing.secrecy))
        .bind(filing.worker.to_owned())
        .bind(case_number.clone())
        .bind(received_at.to_string())
        .bind(to_supplement)
        .bind(proof.clone())
        .execute(&mut *connection)
        .await?
        .rows_affected();
        if inserted == 0 {
            writing.rollback().await?;
            let known = self.filed(filing.id).await?;
            return known.map(FilingOutcome::Known).ok_or(sqlx::Error::RowNotFound);
        }

        for file in filing.files {
            let bound = sqlx::query(
                "UPDATE upload SET submission = $1 WHERE id = $2 AND worker = $3 AND sha256 = $4 AND size = $5 \
                 AND stored = size AND (submission IS NULL OR submission = $1)",
            )
            .bind(filing.id.to_string())
            .bind(file.id.clone())
            .bind(filing.worker.to_owned())
            .bind(file.sha256.clone())
            .bind(signed(file.size)?)
            .execute(&mut *connection)
            .await?
            .rows_affected();
            if bound == 0 {
                writing.rollback().await?;
                return Ok(FilingOutcome::AttachmentMissing);
            }
        }
        writing.commit().await?;
        Ok(FilingOutcome::New(ReceiptBody {
            submission: filing.id,
            digest: filing.digest.to_owned(),
            case_number,
            received_at,
            to_supplement: filing.to_supplement.to_vec(),
            proof,
        }))
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
