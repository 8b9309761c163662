//! Files on their way in, chunk by chunk.
//!
//! A file that no case has asked for has its time, which runs from the last sign of life: its beginning, being begun
//! again, a chunk.

use jiff::{SignedDuration, Timestamp};
use ledsaga_protocol::UploadBody;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::{Store, now, signed, unsigned};

/// An upload as its worker sees it.
pub struct Upload {
    pub body: UploadBody,
    pub worker: String,
    /// Bytes so far.
    pub stored: u64,
    /// It belongs to a case.
    pub bound: bool,
    touched_at: Timestamp,
}

impl Upload {
    /// When it may be removed; never once it belongs to a case.
    pub fn expires_at(&self, kept: SignedDuration) -> Option<Timestamp> {
        if self.bound { None } else { self.touched_at.checked_add(kept).ok() }
    }
}

/// What came of beginning an upload. Files that no case has asked for yet may together be so large for each worker.
pub enum Begun {
    New(Upload),
    /// The id was taken already, maybe by another worker or for another file.
    Known(Upload),
    /// The worker has too much here that no case has asked for.
    Full,
}

pub enum Appended {
    /// Bytes so far.
    Stored(u64),
    /// Another chunk came first.
    Elsewhere,
    /// The whole file is not the one that was announced; it must be sent again from the start.
    WrongContent,
}

impl Store {
    pub async fn upload(&self, id: Uuid) -> sqlx::Result<Option<Upload>> {
        let row = sqlx::query(
            "SELECT worker, name, media_type, size, sha256, stored, submission, touched_at FROM upload WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Upload {
                body: UploadBody {
                    id,
                    name: row.try_get("name")?,
                    media_type: row.try_get("media_type")?,
                    size: unsigned(row.try_get("size")?)?,
                    sha256: row.try_get("sha256")?,
                },
                worker: row.try_get("worker")?,
                stored: unsigned(row.try_get("stored")?)?,
                bound: row.try_get::<Option<String>, _>("submission")?.is_some(),
                touched_at: row
                    .try_get::<String, _>("touched_at")?
                    .parse()
                    .map_err(|e: jiff::Error| sqlx::Error::Decode(e.into()))?,
            })
        })
        .transpose()
    }

    /// Begins an upload, or finds it again. A file that this worker has brought before is whole at once; what others
    /// have is never looked at, since that would tell that they have it.
    ///
    /// `alive` is the time since which an upload must have shown signs of life to be of use, `room` the most bytes that
    /// a worker may have here without a case.
    pub async fn begin_upload(
        &self,
        worker: &str,
        body: &UploadBody,
        alive: Timestamp,
        room: u64,
    ) -> sqlx::Result<Begun> {
        let id = body.id.to_string();
        let mut writing = self.write().await?;
        let connection = &mut *writing.transaction;
        let again = sqlx::query(
            "UPDATE upload SET touched_at = $1 WHERE id = $2 AND worker = $3 AND sha256 = $4 AND size = $5",
        )
        .bind(now().to_string())
        .bind(id.clone())
        .bind(worker.to_owned())
        .bind(body.sha256.clone())
        .bind(signed(body.size)?)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        if again == 1 {
            writing.commit().await?;
            return self.upload(body.id).await?.map(Begun::Known).ok_or(sqlx::Error::RowNotFound);
        }

        // The lock of the worker's row: two beginnings at once cannot both take the last room.
        sqlx::query(
            "INSERT INTO worker (subject, last_change) VALUES ($1, 0) \
             ON CONFLICT (subject) DO UPDATE SET last_change = worker.last_change",
        )
        .bind(worker.to_owned())
        .execute(&mut *connection)
        .await?;
        let waiting = sqlx::query(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM upload WHERE worker = $1 AND submission IS NULL",
        )
        .bind(worker.to_owned())
        .fetch_one(&mut *connection)
        .await?;
        if unsigned(waiting.try_get("bytes")?)?.saturating_add(body.size) > room {
            writing.rollback().await?;
            return match self.upload(body.id).await? {
                Some(known) => Ok(Begun::Known(known)),
                None => Ok(Begun::Full),
            };
        }
        let inserted = sqlx::query(
            "INSERT INTO upload (id, worker, name, media_type, size, sha256, stored, begun_at, touched_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7) ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.clone())
        .bind(worker.to_owned())
        .bind(body.name.clone())
        .bind(body.media_type.clone())
        .bind(signed(body.size)?)
        .bind(body.sha256.clone())
        .bind(now().to_string())
        .execute(&mut *connection)
        .await?
        .rows_affected();
        writing.commit().await?;
        if inserted == 1 {
            // On its own, without the worker's row: copying takes time, and filings wait for that row.
            let mut writing = self.write().await?;
            take_over(&mut writing.transaction, worker, body, alive).await?;
            writing.commit().await?;
        }
        let upload = self.upload(body.id).await?.ok_or(sqlx::Error::RowNotFound)?;
        Ok(if inserted == 1 { Begun::New(upload) } else { Begun::Known(upload) })
    }

    /// Stores a chunk at `offset`, and checks the whole file when it is the last one.
    pub async fn append(&self, upload: &UploadBody, offset: u64, chunk: &[u8]) -> sqlx::Result<Appended> {
        let id = upload.id.to_string();
        let stored = offset + chunk.len() as u64;
        let mut writing = self.write().await?;
        let moved =
            sqlx::query("UPDATE upload SET stored = $1, touched_at = $4 WHERE id = $2 AND stored = $3")
                .bind(signed(stored)?)
                .bind(id.clone())
                .bind(signed(offset)?)
                .bind(now().to_string())
                .execute(&mut *writing.transaction)
                .await?
                .rows_affected();
        if moved == 0 {
            writing.rollback().await?;
            return Ok(Appended::Elsewhere);
        }
        sqlx::query("INSERT INTO upload_chunk (upload, start, bytes) VALUES ($1, $2, $3)")
            .bind(id.clone())
            .bind(signed(offset)?)
            .bind(chunk.to_vec())
            .execute(&mut *writing.transaction)
            .await?;
        let outcome =
            if stored == upload.size && digest(&mut writing.transaction, &id).await? != upload.sha256 {
                sqlx::query("DELETE FROM upload_chunk WHERE upload = $1")
                    .bind(id.clone())
                    .execute(&mut *writing.transaction)
                    .await?;
                sqlx::query("UPDATE upload SET stored = 0 WHERE id = $1")
                    .bind(id)
                    .execute(&mut *writing.transaction)
                    .await?;
                Appended::WrongContent
            } else {
                Appended::Stored(stored)
            };
        writing.commit().await?;
        Ok(outcome)
    }

    /// Removes an upload; `false` when it belongs to a case.
    pub async fn remove_upload(&self, id: Uuid) -> sqlx::Result<bool> {
        let mut writing = self.write().await?;
        let removed = sqlx::query("DELETE FROM upload WHERE id = $1 AND submission IS NULL")
            .bind(id.to_string())
            .execute(&mut *writing.transaction)
            .await?
            .rows_affected();
        writing.commit().await?;
        Ok(removed == 1)
    }
}

/// Copies the chunks of a file with the same content that this worker has brought whole, if there is one.
async fn take_over(
    connection: &mut AnyConnection,
    worker: &str,
    body: &UploadBody,
    alive: Timestamp,
) -> sqlx::Result<()> {
    let source = sqlx::query(
        "SELECT id FROM upload WHERE worker = $1 AND sha256 = $2 AND size = $3 AND stored = size AND id <> $4 \
         AND (submission IS NOT NULL OR touched_at >= $5) LIMIT 1",
    )
    .bind(worker.to_owned())
    .bind(body.sha256.clone())
    .bind(signed(body.size)?)
    .bind(body.id.to_string())
    .bind(alive.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(source) = source else { return Ok(()) };
    // Takes the row, so that a chunk that comes meanwhile waits and then finds where the file stands.
    let untouched = sqlx::query("UPDATE upload SET stored = 0 WHERE id = $1 AND stored = 0")
        .bind(body.id.to_string())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if untouched == 0 {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO upload_chunk (upload, start, bytes) \
         SELECT CAST($1 AS TEXT), start, bytes FROM upload_chunk WHERE upload = $2",
    )
    .bind(body.id.to_string())
    .bind(source.try_get::<String, _>("id")?)
    .execute(&mut *connection)
    .await?;
    // The source may have been removed at this moment, or what is kept may have rotted: looked at like any other file.
    if digest(connection, &body.id.to_string()).await? == body.sha256 {
        sqlx::query("UPDATE upload SET stored = size WHERE id = $1")
            .bind(body.id.to_string())
            .execute(&mut *connection)
            .await?;
    } else {
        sqlx::query("DELETE FROM upload_chunk WHERE upload = $1")
            .bind(body.id.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// SHA-256 over the chunks in order, one in memory at a time.
async fn digest(connection: &mut AnyConnection, upload: &str) -> sqlx::Result<String> {
    let mut hash = Sha256::new();
    let mut next = 0_i64;
    loop {
        let row = sqlx::query("SELECT bytes FROM upload_chunk WHERE upload = $1 AND start = $2")
            .bind(upload.to_owned())
            .bind(next)
            .fetch_optional(&mut *connection)
            .await?;
        let Some(row) = row else { break };
        let bytes: Vec<u8> = row.try_get("bytes")?;
        if bytes.is_empty() {
            break;
        }
        hash.update(&bytes);
        next += signed(bytes.len() as u64)?;
    }
    Ok(hex::encode(hash.finalize()))
}
