//! Making a copy of an open vault.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ledsaga_core::error::StoreError;
use sqlx::{Connection, SqliteConnection};

use super::{
    Copied, NotCopied,
    archive::{self, Head},
    recovery_key::RecoveryRecipient,
};
use crate::{
    bundle, data_key,
    database::{connect, truncate},
    error::store_error,
    export::{Census, beside, remove_database, verify, write_copy},
    keyset::{Day, KeySet, date_of},
    shelf::{CALLS, DRAFTS},
    vault::Vault,
};

/// What is removed and not cleared away yet, and what is only of use on this computer: the log's signing key stays there.
const LEFT_OUT: &[&str] = &[
    "DELETE FROM call WHERE id NOT IN (SELECT id FROM data_key WHERE shelf = 'call')",
    "DELETE FROM draft WHERE id NOT IN (SELECT id FROM data_key WHERE shelf = 'draft')",
    "DELETE FROM file WHERE id NOT IN (SELECT id FROM data_key WHERE shelf = 'file')",
    "DELETE FROM submission WHERE id NOT IN (SELECT id FROM data_key WHERE shelf = 'submission')",
    "DELETE FROM outbox WHERE id NOT IN (SELECT id FROM data_key WHERE shelf = 'outbox')",
    "DELETE FROM chunk WHERE file NOT IN (SELECT id FROM file)",
    "DELETE FROM revision WHERE parent NOT IN (SELECT id FROM draft)",
    "DELETE FROM rubbish",
    "DELETE FROM tainted",
    "UPDATE log_head SET signing = zeroblob(32)",
];

impl Vault {
    /// Writes a sealed copy of everything to a file that only the owner of the recovery key opens. Takes a while; saving
    /// waits only while the database is read.
    ///
    /// # Errors
    /// Nothing is left of the copy then, and a file that was there before is as it was.
    pub async fn seal_copy(&self, recipient: &RecoveryRecipient, to: &Path) -> Result<Copied, NotCopied> {
        let (item, folder) = self.with(|open| (open.item.clone(), open.folder.clone())).await?;
        // Nobody changes or destroys keys meanwhile.
        let _item = item.lock().await;
        let copy_keys = KeySet::for_copy()?;
        let unsealed = Unsealed(beside(&folder.database()));
        remove_database(&unsealed.0)?;
        let (keys, census) = self.export(&unsealed.0, &copy_keys).await?;
        let (copied, last_day) = prepare(&unsealed.0, &keys, &copy_keys, &census).await?;
        let head = Head::new(Timestamp::now(), folder.name(), last_day.map(date_of));
        let (recipient, to) = (recipient.clone(), to.to_owned());
        let sealed = tokio::task::spawn_blocking(move || {
            archive::write(&to, &recipient, &head, &copy_keys, &unsealed.0)
        });
        sealed.await.map_err(|_| StoreError::Failed("copy"))??;
        Ok(copied)
    }

    /// Everything as it is at one moment, and the keys that it has then.
    async fn export(&self, to: &Path, copy_keys: &KeySet) -> Result<(KeySet, Census), StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let census = write_copy(&mut connection, to, copy_keys.database()).await;
        let census = open.database.settle(connection, census).await?;
        Ok((open.keys.clone(), census))
    }
}

/// The database under the copy's key, before it goes into the file. It goes when this does; its key is nowhere else.
struct Unsealed(PathBuf);

impl Drop for Unsealed {
    fn drop(&mut self) {
        if remove_database(&self.0).is_err() {
            tracing::warn!("what a copy was made of is left beside the database until the next start");
        }
    }
}

/// Gives what was exported its own keys and takes out what is not to be in a copy; how much is in it, and its last day.
async fn prepare(
    path: &Path,
    keys: &KeySet,
    copy_keys: &KeySet,
    census: &Census,
) -> Result<(Copied, Option<Day>), StoreError> {
    let mut connection = connect(path, copy_keys.database(), false).await?;
    verify(&mut connection, census).await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    bundle::move_all(&mut transaction, keys, copy_keys).await?;
    for sql in LEFT_OUT {
        sqlx::query(*sql).execute(&mut *transaction).await.map_err(store_error)?;
    }
    transaction.commit().await.map_err(store_error)?;
    let copied = Copied {
        calls: count(&mut connection, CALLS.table()).await?,
        drafts: count(&mut connection, DRAFTS.table()).await?,
    };
    let last_day = sqlx::query_scalar("SELECT max(purge_on) FROM data_key")
        .fetch_one(&mut connection)
        .await
        .map_err(store_error)?;
    truncate(&mut connection).await?;
    connection.close().await.map_err(store_error)?;
    Ok((copied, last_day))
}

pub(super) async fn count(connection: &mut SqliteConnection, shelf: &'static str) -> Result<u32, StoreError> {
    Ok(u32::try_from(data_key::count(connection, shelf).await?).unwrap_or(u32::MAX))
}
