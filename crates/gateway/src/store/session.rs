//! Refresh tokens of the demo issuer: each is good once, and a second use ends its whole chain.

use sqlx::Row;

use super::Store;

/// What a refresh token is worth.
pub enum Turn {
    /// Its first use.
    Granted { chain: String, worker: String },
    /// Unknown, expired, or used before; in the last case its chain is gone now.
    Refused,
}

impl Store {
    /// The first token of a chain. `digest` is that of the token; times are seconds since 1970.
    pub async fn keep_refresh_token(
        &self,
        digest: &str,
        chain: &str,
        worker: &str,
        expires_at: i64,
    ) -> sqlx::Result<()> {
        let mut writing = self.write().await?;
        sqlx::query(
            "INSERT INTO refresh_token (digest, chain, worker, expires_at, used) VALUES ($1, $2, $3, $4, 0)",
        )
        .bind(digest.to_owned())
        .bind(chain.to_owned())
        .bind(worker.to_owned())
        .bind(expires_at)
        .execute(&mut *writing.transaction)
        .await?;
        writing.commit().await
    }

    /// Trades a token for its successor, which begins to count in the same transaction.
    pub async fn rotate_refresh_token(
        &self,
        digest: &str,
        successor: &str,
        expires_at: i64,
        now: i64,
    ) -> sqlx::Result<Turn> {
        let mut writing = self.write().await?;
        let row =
            sqlx::query("SELECT chain, worker FROM refresh_token WHERE digest = $1 AND expires_at > $2")
                .bind(digest.to_owned())
                .bind(now)
                .fetch_optional(&mut *writing.transaction)
                .await?;
        let Some(row) = row else {
            writing.rollback().await?;
            return Ok(Turn::Refused);
        };
        let (chain, worker): (String, String) = (row.try_get("chain")?, row.try_get("worker")?);
        let first = sqlx::query("UPDATE refresh_token SET used = 1 WHERE digest = $1 AND used = 0")
            .bind(digest.to_owned())
            .execute(&mut *writing.transaction)
            .await?
            .rows_affected();
        if first == 0 {
            sqlx::query("DELETE FROM refresh_token WHERE chain = $1")
                .bind(chain)
                .execute(&mut *writing.transaction)
                .await?;
            writing.commit().await?;
            return Ok(Turn::Refused);
        }
        sqlx::query(
            "INSERT INTO refresh_token (digest, chain, worker, expires_at, used) VALUES ($1, $2, $3, $4, 0)",
        )
        .bind(successor.to_owned())
        .bind(chain.clone())
        .bind(worker.clone())
        .bind(expires_at)
        .execute(&mut *writing.transaction)
        .await?;
        sqlx::query("DELETE FROM refresh_token WHERE expires_at <= $1")
            .bind(now)
            .execute(&mut *writing.transaction)
            .await?;
        writing.commit().await?;
        Ok(Turn::Granted { chain, worker })
    }

    /// Ends the chain that a token belongs to.
    pub async fn end_chain_of(&self, digest: &str) -> sqlx::Result<()> {
        let row = sqlx::query("SELECT chain FROM refresh_token WHERE digest = $1")
            .bind(digest.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        match row {
            Some(row) => self.end_chain(row.try_get("chain")?).await,
            None => Ok(()),
        }
    }

    pub async fn end_chain(&self, chain: &str) -> sqlx::Result<()> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM refresh_token WHERE chain = $1")
            .bind(chain.to_owned())
            .execute(&mut *writing.transaction)
            .await?;
        writing.commit().await
    }
}
