//! What is left of removed records: bodies without a data key, which nobody can open. They are cleared away in steps so
//! small that no save has to wait.

use ledsaga_core::error::StoreError;
use sqlx::SqliteConnection;

use crate::error::store_error;

/// Rows that are cleared away in one step.
const ROWS: i64 = 50;
/// What a chunk of a file counts as, since it is so much larger.
const CHUNK: i64 = 5;

pub(crate) async fn is_there(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM rubbish)")
        .fetch_one(connection)
        .await
        .map_err(store_error)
}

/// One step.
pub(crate) async fn clear_some(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // With whether there is a data key after all: what can be read is never cleared away.
    let rubbish: Vec<(Vec<u8>, String, bool)> = sqlx::query_as(
        "SELECT r.id, r.shelf, k.id IS NOT NULL FROM rubbish r \
         LEFT JOIN data_key k ON k.id = r.id AND k.shelf = r.shelf LIMIT ?1",
    )
    .bind(ROWS)
    .fetch_all(&mut *connection)
    .await
    .map_err(store_error)?;
    let mut room = ROWS;
    for (id, shelf, alive) in rubbish {
        if !alive {
            room -= clear_parts(connection, &id, &shelf, room).await?;
            if room <= 0 {
                break;
            }
            clear_body(connection, &id, &shelf).await?;
            room -= 1;
        }
        sqlx::query("DELETE FROM rubbish WHERE id = ?1 AND shelf = ?2")
            .bind(id)
            .bind(shelf)
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// What belongs to a record and has no data key of its own; answers how much room it took. With none left there may be
/// more.
async fn clear_parts(
    connection: &mut SqliteConnection,
    id: &[u8],
    shelf: &str,
    room: i64,
) -> Result<i64, StoreError> {
    let (sql, size) = match shelf {
        "draft" => {
            let sql =
                "DELETE FROM revision WHERE seq IN (SELECT seq FROM revision WHERE parent = ?1 LIMIT ?2)";
            (sql, 1)
        }
        "file" => {
            let sql =
                "DELETE FROM chunk WHERE file = ?1 AND n IN (SELECT n FROM chunk WHERE file = ?1 LIMIT ?2)";
            (sql, CHUNK)
        }
        _ => return Ok(0),
    };
    let limit = (room + size - 1) / size;
    let cleared = sqlx::query(sql).bind(id).bind(limit).execute(connection).await.map_err(store_error)?;
    Ok(cleared.rows_affected().cast_signed() * size)
}

async fn clear_body(connection: &mut SqliteConnection, id: &[u8], shelf: &str) -> Result<(), StoreError> {
    let sql = match shelf {
        "call" => "DELETE FROM call WHERE id = ?1",
        "draft" => "DELETE FROM draft WHERE id = ?1",
        "file" => "DELETE FROM file WHERE id = ?1",
        "submission" => "DELETE FROM submission WHERE id = ?1",
        "outbox" => "DELETE FROM outbox WHERE id = ?1",
        _ => return Err(StoreError::Unreadable),
    };
    sqlx::query(sql).bind(id).execute(connection).await.map_err(store_error)?;
    Ok(())
}
