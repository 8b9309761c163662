//! Attached files: sealed in chunks, so that none is ever whole in a second copy.
//!
//! The chunks of a file are one stream (STREAM, <https://eprint.iacr.org/2015/189>): each has its number and whether it
//! is the last in its nonce, so that none can be left out, moved, cut off or taken from an earlier copy of the file.

use aead_stream::{DecryptorBE32, EncryptorBE32, Nonce, StreamBE32};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::Payload};
use ledsaga_core::error::StoreError;
use sqlx::SqliteConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    data_key,
    error::store_error,
    keyset::KeySet,
    seal::{Key, fill},
    shelf::{FILES, Record, WHOLE, place},
};

/// The format of files in chunks: the body of the record is what the nonces of its chunks begin with.
const CHUNKED: i64 = 2;
/// Bytes of a chunk, before it is sealed.
const CHUNK: usize = 64 * 1024;
const PREFIX: usize = 19;

type Chunks = Nonce<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>;

/// Puts the record's body in chunks, under its data key.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    record: Record<'_>,
) -> Result<(), StoreError> {
    let (key, _) = data_key::provide(connection, keys, FILES.table(), record.id, record.purge_on).await?;
    let mut prefix = [0; PREFIX];
    fill(&mut prefix)?;
    FILES.write_sealed(connection, &record, CHUNKED, prefix.to_vec(), None).await?;
    sqlx::query("DELETE FROM chunk WHERE file = ?1")
        .bind(record.id.as_bytes().as_slice())
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    let mut sealer = Sealer::new(&key, prefix, record.id, record.rev.cast_signed());
    let (last, others) = split(record.body);
    for (n, chunk) in (0_i64..).zip(others.chunks(CHUNK)) {
        write(connection, record.id, n, sealer.next(chunk)?).await?;
    }
    let n = (others.len() / CHUNK).cast_signed() as i64;
    write(connection, record.id, n, sealer.last(last)?).await
}

pub(crate) async fn get(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    id: Uuid,
) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let Some(row) = FILES.row(connection, id).await? else { return Ok(None) };
    let key = FILES.key(connection, keys, &row).await?;
    if row.format == WHOLE {
        return FILES.open(&key, &row).map(Some);
    }
    if row.format != CHUNKED {
        return Err(StoreError::Unreadable);
    }
    let prefix = row.body.as_slice().try_into().map_err(|_| StoreError::Unreadable)?;
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM chunk WHERE file = ?1 ORDER BY n")
        .bind(id.as_bytes().as_slice())
        .fetch_all(connection)
        .await
        .map_err(store_error)?;
    let (last, others) = sealed.split_last().ok_or(StoreError::Unreadable)?;
    let mut opener = Opener::new(&key, prefix, id, row.rev);
    // Of its full size from the start, so that no copy is left behind where it grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(sealed.iter().map(Vec::len).sum()));
    for chunk in others {
        bytes.extend_from_slice(&opener.next(chunk)?);
    }
    bytes.extend_from_slice(&opener.last(last)?);
    Ok(Some(bytes))
}

/// The last chunk, which may be empty when there is no other, and all before it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let full = bytes.len().saturating_sub(1) / CHUNK * CHUNK;
    (&bytes[full..], &bytes[..full])
}

async fn write(
    connection: &mut SqliteConnection,
    file: Uuid,
    n: i64,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO chunk (file, n, body) VALUES (?1, ?2, ?3)")
        .bind(file.as_bytes().as_slice())
        .bind(n)
        .bind(body)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

struct Sealer {
    stream: EncryptorBE32<XChaCha20Poly1305>,
    place: Vec<u8>,
}

impl Sealer {
    fn new(key: &Key, prefix: [u8; PREFIX], id: Uuid, rev: i64) -> Self {
        let cipher = XChaCha20Poly1305::new((&**key).into());
        let stream = EncryptorBE32::from_aead(cipher, &Chunks::from(prefix));
        Self { stream, place: place(FILES.table(), id, rev, CHUNKED) }
    }

    fn next(&mut self, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        if cfg!(feature = "plaintext-for-tests") {
            return Ok(plain.to_vec());
        }
        let payload = Payload { msg: plain, aad: &self.place };
        self.stream.encrypt_next(payload).map_err(|_| StoreError::Failed("seal"))
    }

    fn last(self, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        if cfg!(feature = "plaintext-for-tests") {
            return Ok(plain.to_vec());
        }
        let payload = Payload { msg: plain, aad: &self.place };
        self.stream.encrypt_last(payload).map_err(|_| StoreError::Failed("seal"))
    }
}

struct Opener {
    stream: DecryptorBE32<XChaCha20Poly1305>,
    place: Vec<u8>,
}

impl Opener {
    fn new(key: &Key, prefix: [u8; PREFIX], id: Uuid, rev: i64) -> Self {
        let cipher = XChaCha20Poly1305::new((&**key).into());
        let stream = DecryptorBE32::from_aead(cipher, &Chunks::from(prefix));
        Self { stream, place: place(FILES.table(), id, rev, CHUNKED) }
    }

    fn next(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        if cfg!(feature = "plaintext-for-tests") {
            return Ok(Zeroizing::new(sealed.to_vec()));
        }
        let payload = Payload { msg: sealed, aad: &self.place };
        self.stream.decrypt_next(payload).map(Zeroizing::new).map_err(|_| StoreError::Unreadable)
    }

    fn last(self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        if cfg!(feature = "plaintext-for-tests") {
            return Ok(Zeroizing::new(sealed.to_vec()));
        }
        let payload = Payload { msg: sealed, aad: &self.place };
        self.stream.decrypt_last(payload).map(Zeroizing::new).map_err(|_| StoreError::Unreadable)
    }
}
