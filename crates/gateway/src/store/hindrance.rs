//! What keeps submissions from being filed.

use std::collections::BTreeSet;

use ledsaga_forms::FileRef;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row, any::AnyRow, query::Query};
use uuid::Uuid;

use super::{
    Filing,
    rows::{padded, placeholders},
    signed,
};

pub(super) type Statement = Query<'static, Any, <Any as sqlx::Database>::Arguments>;

/// A statement with a list of the batch's ids.
pub(super) fn with_ids(filings: &[&Filing], sql: impl Fn(&str) -> String) -> Statement {
    let ids = padded(filings.iter().map(|one| one.id.to_string()).collect());
    let statement = sqlx::query(AssertSqlSafe(sql(&placeholders(1, ids.len()))));
    ids.into_iter().fold(statement, |statement, id| statement.bind(id))
}

/// The ids that are cases or withdrawn already.
pub(super) async fn used(
    connection: &mut AnyConnection,
    filings: &[&Filing],
) -> sqlx::Result<BTreeSet<Uuid>> {
    let rows = with_ids(filings, |list| {
        format!(
            "SELECT id FROM submission WHERE id IN {list} \
             UNION ALL SELECT submission AS id FROM tombstone WHERE submission IN {list}"
        )
    })
    .fetch_all(connection)
    .await?;
    Ok(ids(&rows)?.into_iter().collect())
}

/// Those whose e-service is not published as their answers were judged by it.
pub(super) async fn outdated(connection: &mut AnyConnection, filings: &[&Filing]) -> sqlx::Result<Vec<Uuid>> {
    let services: BTreeSet<&str> = filings.iter().map(|one| one.service_id.as_str()).collect();
    let services = padded(services.into_iter().collect());
    let sql = format!(
        "SELECT id, version, hash FROM service WHERE retired_at IS NULL AND id IN {}",
        placeholders(1, services.len())
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for service in services {
        query = query.bind(service.to_owned());
    }
    let published = query
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| Ok((row.try_get("id")?, row.try_get("version")?, row.try_get("hash")?)))
        .collect::<sqlx::Result<BTreeSet<(String, i64, String)>>>()?;
    let judged_by = |filing: &Filing| {
        (filing.service_id.clone(), i64::from(filing.service_version), filing.service_hash.clone())
    };
    Ok(filings
        .iter()
        .filter(|filing| !published.contains(&judged_by(filing)))
        .map(|filing| filing.id)
        .collect())
}

/// Gives a file to its case; `false` when it is not here whole, or is another case's or another worker's.
pub(super) async fn bind_file(
    connection: &mut AnyConnection,
    filing: &Filing,
    file: &FileRef,
) -> sqlx::Result<bool> {
    let bound = sqlx::query(
        "UPDATE upload SET submission = $1 WHERE id = $2 AND worker = $3 AND sha256 = $4 AND size = $5 \
         AND stored = size AND (submission IS NULL OR submission = $1)",
    )
    .bind(filing.id.to_string())
    .bind(file.id.clone())
    .bind(filing.worker.clone())
    .bind(file.sha256.clone())
    .bind(signed(file.size)?)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(bound == 1)
}

pub(super) fn ids(rows: &[AnyRow]) -> sqlx::Result<Vec<Uuid>> {
    rows.iter()
        .map(|row| {
            row.try_get::<String, _>("id")?.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
        })
        .collect()
}
