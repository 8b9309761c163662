//! Who asked how a case stands.

use sqlx::Row;
use uuid::Uuid;

use super::{Store, now};

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Shown,
    /// There is such a case, and this worker may not see it.
    Refused,
    /// There is no such case.
    Unknown,
}

/// One look.
pub struct CaseLook {
    pub at: String,
    pub worker: String,
    /// Empty when what was asked for has not the form of a case number.
    pub case_number: String,
    /// `shown`, `refused` or `unknown`.
    pub outcome: String,
}

impl Look {
    fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl Store {
    /// Writes a look down; it must be before anything is shown.
    pub async fn note_look(&self, worker: &str, case_number: Option<&str>, look: Look) -> sqlx::Result<()> {
        let mut writing = self.write().await?;
        sqlx::query(
            "INSERT INTO case_access (id, at, worker, case_number, outcome) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(now().to_string())
        .bind(worker.to_owned())
        .bind(case_number.map(str::to_owned))
        .bind(look.name())
        .execute(&mut *writing.transaction)
        .await?;
        writing.commit().await
    }

    /// The looks in order, all of them or those at one case.
    pub async fn looks(&self, case_number: Option<&str>) -> sqlx::Result<Vec<CaseLook>> {
        let condition = if case_number.is_some() { " WHERE case_number = $1" } else { "" };
        let sql = format!("SELECT at, worker, case_number, outcome FROM case_access{condition} ORDER BY id");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        if let Some(case_number) = case_number {
            query = query.bind(case_number.to_owned());
        }
        query
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| {
                Ok(CaseLook {
                    at: row.try_get("at")?,
                    worker: row.try_get("worker")?,
                    case_number: row.try_get::<Option<String>, _>("case_number")?.unwrap_or_default(),
                    outcome: row.try_get("outcome")?,
                })
            })
            .collect()
    }
}
