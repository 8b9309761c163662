//! Contact records.

use ledsaga_protocol::ContactBody;
use sqlx::Row;

use super::{Store, now, signed};

pub enum ContactOutcome {
    /// Stored now, or there is nothing newer in it.
    Kept,
    /// This revision is here with other content.
    Differs,
    /// It is another worker's.
    NotYours,
}

impl Store {
    /// Keeps the highest revision of a worker's contact record. A secrecy marking in it marks the cases of the call, too:
    /// they may have left the worker's computer before protection was turned on. Only a person takes a marking off a case.
    pub async fn put_contact(&self, worker: &str, contact: &ContactBody) -> sqlx::Result<ContactOutcome> {
        let body = serde_json::to_string(contact).map_err(|e| sqlx::Error::Encode(e.into()))?;
        let mut writing = self.write().await?;
        let changed = sqlx::query(
            "INSERT INTO contact (id, worker, rev, body, secrecy, received_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, body = excluded.body, secrecy = excluded.secrecy, \
             received_at = excluded.received_at WHERE contact.worker = excluded.worker AND contact.rev < excluded.rev",
        )
        .bind(contact.id.to_string())
        .bind(worker.to_owned())
        .bind(signed(contact.rev)?)
        .bind(body.clone())
        .bind(i64::from(contact.secrecy_marking))
        .bind(now().to_string())
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        if changed == 1 {
            if contact.secrecy_marking {
                sqlx::query(
                    "UPDATE submission SET secrecy = 1 WHERE contact = $1 AND worker = $2 AND secrecy = 0",
                )
                .bind(contact.id.to_string())
                .bind(worker.to_owned())
                .execute(&mut *writing.transaction)
                .await?;
            }
            writing.commit().await?;
            return Ok(ContactOutcome::Kept);
        }
        let row = sqlx::query("SELECT worker, rev, body FROM contact WHERE id = $1")
            .bind(contact.id.to_string())
            .fetch_one(&mut *writing.transaction)
            .await?;
        writing.rollback().await?;
        let same_rev = row.try_get::<i64, _>("rev")? == signed(contact.rev)?;
        Ok(if row.try_get::<String, _>("worker")? != worker {
            ContactOutcome::NotYours
        } else if same_rev && row.try_get::<String, _>("body")? != body {
            ContactOutcome::Differs
        } else {
            ContactOutcome::Kept
        })
    }
}
