//! Work in the background that one of the gateways on a database does at a time.
//!
//! A chore is taken by moving its due time on, and given back by setting the next one. A gateway that dies meanwhile
//! gives nothing back; then the chore is due again when its time is over. Clocks may differ: what a chore does is right
//! also when two do it at once.

use jiff::{SignedDuration, Timestamp};

use super::Store;

impl Store {
    /// Takes a chore that is due, or keeps one that is held, for so long; `false` when another has it or it is not due.
    pub async fn take_chore(&self, name: &str, holder: &str, lease: SignedDuration) -> sqlx::Result<bool> {
        let now = Timestamp::now().as_second();
        let mut writing = self.write().await?;
        let taken = sqlx::query(
            "INSERT INTO chore (name, due, holder) VALUES ($1, $2, $3) ON CONFLICT (name) \
             DO UPDATE SET due = excluded.due, holder = excluded.holder \
             WHERE chore.due <= $4 OR chore.holder = excluded.holder",
        )
        .bind(name.to_owned())
        .bind(now + lease.as_secs())
        .bind(holder.to_owned())
        .bind(now)
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        writing.commit().await?;
        Ok(taken == 1)
    }

    /// Gives a chore back until it is due again, unless another has taken it over.
    pub async fn finish_chore(&self, name: &str, holder: &str, next: SignedDuration) -> sqlx::Result<()> {
        let mut writing = self.write().await?;
        sqlx::query("UPDATE chore SET due = $1, holder = '' WHERE name = $2 AND holder = $3")
            .bind(Timestamp::now().as_second() + next.as_secs())
            .bind(name.to_owned())
            .bind(holder.to_owned())
            .execute(&mut *writing.transaction)
            .await?;
        writing.commit().await
    }
}
