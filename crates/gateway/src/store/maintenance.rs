//! Whether the gateway is closed for planned work: one row that all replicas see.

use jiff::Timestamp;
use sqlx::Row;

use super::Store;

/// Closed for planned work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maintenance {
    /// When it is expected to be over. It is over when somebody says so.
    pub until: Option<Timestamp>,
}

impl Store {
    pub async fn maintenance(&self) -> sqlx::Result<Option<Maintenance>> {
        sqlx::query("SELECT until FROM maintenance WHERE id = 1")
            .fetch_optional(&self.pool)
            .await?
            .map(|row| {
                let until: Option<String> = row.try_get("until")?;
                let until = until.map(|time| time.parse()).transpose();
                Ok(Maintenance { until: until.map_err(|e| sqlx::Error::Decode(Box::new(e)))? })
            })
            .transpose()
    }

    /// Closes, or opens again with `None`.
    pub async fn set_maintenance(&self, maintenance: Option<Maintenance>) -> sqlx::Result<()> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM maintenance").execute(&mut *writing.transaction).await?;
        if let Some(Maintenance { until }) = maintenance {
            sqlx::query("INSERT INTO maintenance (id, until) VALUES (1, $1)")
                .bind(until.map(|time| time.to_string()))
                .execute(&mut *writing.transaction)
                .await?;
        }
        writing.commit().await
    }
}
