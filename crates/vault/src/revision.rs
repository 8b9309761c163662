//! How drafts stood before a change. The data key of the draft seals them, so that they go when it goes.

use ledsaga_core::{error::StoreError, ports::REVISIONS};
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    data_key,
    error::store_error,
    keyset::KeySet,
    seal,
    shelf::{DRAFTS, WHOLE, place},
};

pub(crate) const KIND: &str = "revision";

/// A revision's id, and what is in it if it can be read.
pub(crate) type Found = (Uuid, Result<Zeroizing<Vec<u8>>, StoreError>);

#[derive(FromRow)]
struct Row {
    id: Vec<u8>,
    rev: i64,
    format: i64,
    body: Vec<u8>,
}

/// Keeps one more, and lets go of those beyond the newest.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    (id, draft): (Uuid, Uuid),
    rev: u64,
    body: &[u8],
) -> Result<(), StoreError> {
    let rev = rev.cast_signed();
    let key = match data_key::get(connection, keys, DRAFTS.table(), draft).await {
        Ok(key) => key.ok_or(StoreError::Failed("revision_without_draft"))?,
        // What the draft is now matters more: it is saved without, under a data key that opens.
        Err(StoreError::Unreadable) => return Ok(()),
        Err(error) => return Err(error),
    };
    let sealed = seal::seal(&key, &place(KIND, id, rev, WHOLE), body)?;
    sqlx::query(
        "INSERT INTO revision (id, parent, rev, format, body) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO UPDATE SET parent = ?2, rev = ?3, format = ?4, body = ?5",
    )
    .bind(id.as_bytes().as_slice())
    .bind(draft.as_bytes().as_slice())
    .bind(rev)
    .bind(WHOLE)
    .bind(sealed)
    .execute(&mut *connection)
    .await
    .map_err(store_error)?;
    sqlx::query(
        "DELETE FROM revision WHERE seq IN \
         (SELECT seq FROM revision WHERE parent = ?1 ORDER BY seq DESC LIMIT -1 OFFSET ?2)",
    )
    .bind(draft.as_bytes().as_slice())
    .bind(REVISIONS.cast_signed() as i64)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// Newest first.
pub(crate) async fn all(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    draft: Uuid,
) -> Result<Vec<Found>, StoreError> {
    let Some(key) = data_key::get(connection, keys, DRAFTS.table(), draft).await? else {
        return Ok(Vec::new());
    };
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, rev, format, body FROM revision WHERE parent = ?1 ORDER BY seq DESC")
            .bind(draft.as_bytes().as_slice())
            .fetch_all(connection)
            .await
            .map_err(store_error)?;
    let found = |row: Row| {
        let id = Uuid::from_slice(&row.id).unwrap_or_default();
        let body: Result<Zeroizing<Vec<u8>>, StoreError> =
            seal::open(&key, &place(KIND, id, row.rev, row.format), &row.body);
        (id, body)
    };
    Ok(rows.into_iter().map(found).collect())
}

/// All of a draft's.
pub(crate) async fn remove(connection: &mut SqliteConnection, draft: Uuid) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM revision WHERE parent = ?1")
        .bind(draft.as_bytes().as_slice())
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}
