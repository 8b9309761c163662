//! Files on their way in, chunk by chunk.

use jiff::Timestamp;
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
            "SELECT worker, name, media_type, size, sha256, stored, submission FROM upload WHERE id = $1",
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
            })
        })
        .transpose()
    }

    /// Begins an upload; `false` when the id is taken.
    pub async fn begin_upload(&self, worker: &str, body: &UploadBody) -> sqlx::Result<bool> {
        let mut writing = self.write().await?;
        let inserted = sqlx::query(
            "INSERT INTO upload (id, worker, name, media_type, size, sha256, stored, begun_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT (id) DO NOTHING",
        )
        .bind(body.id.to_string())
        .bind(worker.to_owned())
        .bind(body.name.clone())
        .bind(body.media_type.clone())
        .bind(signed(body.size)?)
        .bind(body.sha256.clone())
        .bind(now().to_string())
        .execute(&mut *writing.transaction)
        .await?
        .rows_affected();
        writing.commit().await?;
        Ok(inserted == 1)
    }

    /// Stores a chunk at `offset`, and checks the whole file when it is the last one.
    pub async fn append(&self, upload: &UploadBody, offset: u64, chunk: &[u8]) -> sqlx::Result<Appended> {
        let id = upload.id.to_string();
        let stored = offset + chunk.len() as u64;
        let mut writing = self.write().await?;
        let moved = sqlx::query("UPDATE upload SET stored = $1 WHERE id = $2 AND stored = $3")
            .bind(signed(stored)?)
            .bind(id.clone())
            .bind(signed(offset)?)
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

    /// Removes files that were begun before `time` and that no case has asked for; says how many.
    pub async fn forget_uploads(&self, time: Timestamp) -> sqlx::Result<u64> {
        let mut writing = self.write().await?;
        let forgotten = sqlx::query("DELETE FROM upload WHERE begun_at < $1 AND submission IS NULL")
            .bind(time.to_string())
            .execute(&mut *writing.transaction)
            .await?
            .rows_affected();
        writing.commit().await?;
        Ok(forgotten)
    }
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
