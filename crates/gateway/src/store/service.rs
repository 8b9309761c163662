//! Published e-services.

use sqlx::Row;

use super::{Store, now};

/// One version of an e-service, to be published.
pub struct Publication {
    pub id: String,
    pub version: u32,
    /// Place in the catalogue.
    pub position: i64,
    pub hash: String,
    /// JSON, as clients get it.
    pub body: String,
}

/// What happened to a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    New,
    Same,
    /// This version is out with other content, which stays.
    Conflict,
}

/// What decides whether a submission may follow a version.
pub struct Standing {
    pub hash: String,
    pub retired: bool,
}

impl Store {
    /// Publishes a version. With `replace`, other content under the same version gives way.
    pub async fn publish(&self, publication: &Publication, replace: bool) -> sqlx::Result<Published> {
        let mut writing = self.write().await?;
        let inserted = sqlx::query(
            "INSERT INTO service (id, version, position, hash, body, published_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id, version) DO NOTHING",
        )
        .bind(publication.id.clone())
        .bind(i64::from(publication.version))
        .bind(publication.position)
        .bind(publication.hash.clone())
        .bind(publication.body.clone())
        .bind(now().to_string())
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        if inserted == 1 {
            writing.commit().await?;
            return Ok(Published::New);
        }
        let condition = if replace { "" } else { " AND hash = $1" };
        let placed = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE service SET hash = $1, body = $2, position = $3 WHERE id = $4 AND version = $5{condition}"
        )))
        .bind(publication.hash.clone())
        .bind(publication.body.clone())
        .bind(publication.position)
        .bind(publication.id.clone())
        .bind(i64::from(publication.version))
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        writing.commit().await?;
        Ok(if placed == 1 { Published::Same } else { Published::Conflict })
    }

    /// Each e-service's newest version that is not retired, as published.
    pub async fn newest_services(&self) -> sqlx::Result<Vec<String>> {
        sqlx::query(
            "SELECT body FROM service WHERE retired_at IS NULL AND version = (SELECT MAX(version) FROM service AS other \
             WHERE other.id = service.id AND other.retired_at IS NULL) ORDER BY position, id",
        )
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|row| row.try_get("body"))
        .collect()
    }

    /// One version, retired or not, as published.
    pub async fn service_body(&self, id: &str, version: u32) -> sqlx::Result<Option<String>> {
        sqlx::query("SELECT body FROM service WHERE id = $1 AND version = $2")
            .bind(id.to_owned())
            .bind(i64::from(version))
            .fetch_optional(&self.pool)
            .await?
            .map(|row| row.try_get("body"))
            .transpose()
    }

    pub async fn service_standing(&self, id: &str, version: u32) -> sqlx::Result<Option<Standing>> {
        sqlx::query("SELECT hash, retired_at FROM service WHERE id = $1 AND version = $2")
            .bind(id.to_owned())
            .bind(i64::from(version))
            .fetch_optional(&self.pool)
            .await?
            .map(|row| {
                Ok(Standing {
                    hash: row.try_get("hash")?,
                    retired: row.try_get::<Option<String>, _>("retired_at")?.is_some(),
                })
            })
            .transpose()
    }

    /// Stops receiving submissions of a version; `false` when there is no such version.
    pub async fn retire(&self, id: &str, version: u32) -> sqlx::Result<bool> {
        let mut writing = self.write().await?;
        let retired = sqlx::query(
            "UPDATE service SET retired_at = COALESCE(retired_at, $1) WHERE id = $2 AND version = $3",
        )
        .bind(now().to_string())
        .bind(id.to_owned())
        .bind(i64::from(version))
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        writing.commit().await?;
        Ok(retired == 1)
    }
}
