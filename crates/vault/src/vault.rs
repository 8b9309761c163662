//! The vault: core's store on disk.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use async_trait::async_trait;
use ledsaga_core::{
    audit::AuditEvent,
    call::{Call, CallId},
    catalogue::Catalogue,
    clock::{Clock, SystemClock},
    draft::{Draft, DraftId, Outline, Revision},
    error::StoreError,
    outbox::OutboxItem,
    ports::{Change, SecretStore, Shredding, Store, StoreHealth},
    submission::Submission,
    worker::Worker,
};
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;
use tokio::sync::Mutex;
use uuid::Uuid;
use zeroize::Zeroize;

use crate::{
    batch::{KEPT, from_json, only_frees, write_all},
    data_key,
    database::{Database, MIGRATIONS},
    error::{OpenError, store_error},
    file,
    folder::{self, Folder, Meta},
    key_item::KeyItem,
    keychain,
    keyset::{Day, KeySet, day},
    reserve::{self, Reserve},
    revision,
    shelf::{self, CALLS, DRAFTS, FILES, Listed, OUTBOX, SUBMISSIONS, Shelf},
};

/// The encrypted store of one worker on this computer.
pub struct Vault {
    /// `None` when closed.
    pub(crate) open: Mutex<Option<Open>>,
}

pub(crate) struct Open {
    pub keys: KeySet,
    pub database: Database,
    /// Whoever changes the keys holds it from before it looks at them until it has changed them.
    pub item: Arc<Mutex<KeyItem>>,
    pub reserve: Reserve,
    /// Records that were found unreadable, by their shelf and id.
    damaged: BTreeSet<(&'static str, Uuid)>,
    /// Keeps others out until everything above has been closed.
    pub folder: Arc<Folder>,
}

impl Vault {
    /// Opens the worker's vault below `dir`, or makes it when there has never been one.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing on disk and no key is changed, replaced or removed by a failure.
    pub async fn open(dir: &Path, worker: &Worker, secrets: Arc<dyn SecretStore>) -> Result<Self, OpenError> {
        let folder = Folder::open(dir, worker)?;
        let item = KeyItem::new(secrets, folder.name());
        let today = day(SystemClock.today());
        let meta = folder.meta()?;
        let begun = folder.database().try_exists()?;
        if meta.as_ref().is_some_and(|meta| meta.format > folder::FORMAT) {
            return Err(OpenError::NewerVersion);
        }
        let keys = match item.read().await? {
            Some(keys) => keys,
            // A damaged keychain answers like an empty one: a new key here would orphan everything on disk.
            None if begun || meta.is_some() => return Err(OpenError::KeyLost),
            None => {
                let keys = KeySet::new(today, KEPT)?;
                item.keep(&keys).await?;
                keys
            }
        };
        if meta.as_ref().is_some_and(|meta| meta.key_id != keys.id()) {
            return Err(OpenError::Unreadable);
        }
        let mut database =
            Database::open(folder.database(), keys.database().clone(), MIGRATIONS, meta.is_none()).await?;
        // Last, so that with a meta file and without a whole database the database has been taken away.
        if meta.is_none() {
            folder.write_meta(&Meta {
                format: folder::FORMAT,
                key_id: keys.id(),
                keychain: keychain::KIND.to_owned(),
            })?;
        }
        let keys = renew(keys, &mut database, &item, today).await?;
        Ok(Self { open: Mutex::new(Some(Open::new(keys, database, item, folder))) })
    }

    /// Reads every page and every record, for support and for tests after a fault.
    ///
    /// # Errors
    /// `Unreadable` when a page or a record is damaged.
    pub async fn verify(&self) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        let Open { keys, database, .. } = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = database.lend().await?;
        let verified = verify(&mut connection, keys).await;
        database.settle(connection, verified).await
    }

    async fn get_as<T: DeserializeOwned>(
        &self,
        shelf: &'static Shelf,
        id: Uuid,
    ) -> Result<Option<T>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = shelf.get(&mut connection, &open.keys, id).await;
        let found = open.database.settle(connection, unless_damaged(found)).await?;
        let found = found.and_then(|body| body.map(|body| from_json(&body)).transpose());
        open.note(shelf.table(), id, found)
    }

    /// What can be read of a shelf, in its order.
    async fn readable<T: DeserializeOwned>(&self, shelf: &'static Shelf) -> Result<Vec<T>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = shelf.all(&mut connection, &open.keys).await;
        let found = open.database.settle(connection, found).await?;
        Ok(open.readable(shelf.table(), found, |body| from_json(&body)))
    }

    /// The first column of every row.
    async fn column(&self, sql: &'static str) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = sqlx::query_scalar(sql).fetch_all(&mut connection).await.map_err(store_error);
        open.database.settle(connection, found).await
    }
}

impl Open {
    fn new(keys: KeySet, database: Database, item: KeyItem, folder: Folder) -> Self {
        let reserve = Reserve::beside(database.path());
        reserve.provide();
        Self {
            keys,
            database,
            item: Arc::new(Mutex::new(item)),
            reserve,
            damaged: BTreeSet::new(),
            folder: Arc::new(folder),
        }
    }

    async fn write(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let mut connection = self.database.lend().await?;
        let written = write_all(&mut connection, &self.keys, changes).await;
        self.database.settle(connection, written).await
    }

    /// Those of a list that can be read; the others are counted.
    fn readable<B, T>(
        &mut self,
        shelf: &'static str,
        found: Vec<(Uuid, Result<B, StoreError>)>,
        read: impl Fn(B) -> Result<T, StoreError>,
    ) -> Vec<T> {
        found.into_iter().filter_map(|(id, body)| self.note(shelf, id, body.and_then(&read)).ok()).collect()
    }

    /// Remembers whether a record can be read.
    fn note<T>(
        &mut self,
        shelf: &'static str,
        id: Uuid,
        read: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if read.is_ok() {
            self.damaged.remove(&(shelf, id));
        } else {
            self.damaged.insert((shelf, id));
        }
        read
    }
}

/// A damaged record is no failure of the connection, which stays as it is.
fn unless_damaged<T>(found: Result<T, StoreError>) -> Result<Result<T, StoreError>, StoreError> {
    match found {
        Err(StoreError::Unreadable) => Ok(Err(StoreError::Unreadable)),
        found => found.map(Ok),
    }
}

/// Says nothing of what is inside.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

#[async_trait]
impl Store for Vault {
    async fn commit(&self, mut changes: Vec<Change>) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut written = open.write(&changes).await;
        if written == Err(StoreError::DiskFull) && only_frees(&changes) && open.reserve.give_up() {
            written = open.write(&changes).await;
        }
        for change in &mut changes {
            if let Change::PutFile { bytes, .. } = change {
                bytes.zeroize();
            }
        }
        written
    }

    async fn calls(&self) -> Result<Vec<Call>, StoreError> {
        self.readable(&CALLS).await
    }

    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = shelf::outlines(&mut connection, &open.keys).await;
        let found = open.database.settle(connection, found).await?;
        Ok(open.readable(DRAFTS.table(), found, |listed| match listed {
            Listed::Outline(body) => from_json(&body),
            Listed::Draft(body) => from_json::<Draft>(&body).map(|draft| draft.outline()),
        }))
    }

    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.get_as(&CALLS, id).await
    }

    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.get_as(&DRAFTS, id).await
    }

    async fn revisions(&self, draft: DraftId) -> Result<Vec<Revision>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = revision::all(&mut connection, &open.keys, draft).await;
        let found = open.database.settle(connection, unless_damaged(found)).await??;
        Ok(open.readable(revision::KIND, found, |body| from_json(&body)))
    }

    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = file::get(&mut connection, &open.keys, id).await;
        let found = open.database.settle(connection, unless_damaged(found)).await?;
        let found = open.note(FILES.table(), id, found)?;
        Ok(found.map(|mut bytes| std::mem::take(&mut *bytes)))
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError> {
        self.get_as(&SUBMISSIONS, id).await
    }

    /// One that cannot be read is not left out: what it was to send would be silent.
    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = OUTBOX.all(&mut connection, &open.keys).await;
        let found = open.database.settle(connection, found).await?;
        found
            .into_iter()
            .map(|(id, body)| open.note(OUTBOX.table(), id, body.and_then(|body| from_json(&body))))
            .collect()
    }

    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        self.column("SELECT body FROM catalogue").await?.first().map(|body| from_json(body)).transpose()
    }

    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError> {
        self.column("SELECT body FROM audit ORDER BY seq").await?.iter().map(|body| from_json(body)).collect()
    }

    async fn resume(&self) -> Result<Option<CallId>, StoreError> {
        let calls = self.column("SELECT call FROM resume").await?;
        calls.first().map(|id| Uuid::from_slice(id).map_err(|_| StoreError::Unreadable)).transpose()
    }

    async fn shred(&self) -> Result<Shredding, StoreError> {
        self.shred_one_step().await
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let to_shred =
            sqlx::query_scalar("SELECT (SELECT count(*) FROM tainted) + (SELECT count(*) FROM rubbish)")
                .fetch_one(&mut connection)
                .await
                .map_err(store_error);
        let to_shred = open.database.settle(connection, to_shred).await?;
        let folder = open.database.path().parent();
        Ok(StoreHealth {
            size: open.database.size(),
            free: folder.and_then(reserve::free),
            reserve: open.reserve.is_there(),
            to_shred,
            keys: u32::try_from(open.keys.epochs().count()).unwrap_or(u32::MAX),
            pin: false,
            damaged: u32::try_from(open.damaged.len()).unwrap_or(u32::MAX),
        })
    }

    async fn close(&self) {
        let Some(open) = self.open.lock().await.take() else { return };
        open.database.close().await;
    }
}

async fn verify(connection: &mut SqliteConnection, keys: &KeySet) -> Result<(), StoreError> {
    // Answers a row for each page whose authentication code is wrong.
    let damaged: Vec<String> = sqlx::query_scalar("PRAGMA cipher_integrity_check")
        .fetch_all(&mut *connection)
        .await
        .map_err(store_error)?;
    let structure: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut *connection)
        .await
        .map_err(store_error)?;
    if !damaged.is_empty() || structure != ["ok"] {
        return Err(StoreError::Unreadable);
    }
    // Of a shelf that is listed, a data key without its record would show nowhere else.
    for shelf in [&CALLS, &DRAFTS, &SUBMISSIONS, &OUTBOX] {
        let found = shelf.all(connection, keys).await?;
        let there = i64::try_from(found.len()).unwrap_or(i64::MAX);
        found.into_iter().try_for_each(|(_, body)| body.map(drop))?;
        if data_key::count(connection, shelf.table()).await? != there {
            return Err(StoreError::Unreadable);
        }
    }
    for (_, outline) in shelf::outlines(connection, keys).await? {
        outline?;
    }
    for id in data_key::ids(connection, FILES.table()).await? {
        file::get(connection, keys, id).await?.ok_or(StoreError::Unreadable)?;
    }
    for id in data_key::ids(connection, DRAFTS.table()).await? {
        let found = revision::all(connection, keys, id).await?;
        found.into_iter().try_for_each(|(_, body)| body.map(drop))?;
    }
    Ok(())
}

/// Adds the keys of the coming days, and forgets those of past days under which nothing is left.
async fn renew(
    keys: KeySet,
    database: &mut Database,
    item: &KeyItem,
    today: Day,
) -> Result<KeySet, OpenError> {
    let mut connection = database.lend().await?;
    let in_use = data_key::epochs_in_use(&mut connection).await;
    let in_use = database.settle(connection, in_use).await?;
    let mut renewed = keys.clone();
    renewed.forget_unused(today, &in_use);
    renewed.provide(today, KEPT)?;
    if renewed.same_as(&keys) {
        return Ok(keys);
    }
    match item.keep(&renewed).await {
        Ok(()) => Ok(renewed),
        // Locked meanwhile, say: the keys at hand are in both sets and will do.
        Err(OpenError::KeychainLocked | OpenError::NoKeychain) => Ok(keys),
        // What was there goes back, or else the next start would find neither.
        Err(_) => item.keep(&keys).await.map(|()| keys),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ledsaga_core::ports::SecretError;

    use super::*;

    const TODAY: Day = 20_000;

    /// A keychain with one item.
    #[derive(Default)]
    struct Item {
        secret: Mutex<Option<Vec<u8>>>,
        locked: Mutex<bool>,
        /// How many of the next writes come out wrong.
        garbles: Mutex<u32>,
    }

    #[async_trait]
    impl SecretStore for Item {
        async fn get(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
            Ok(self.secret.lock().unwrap().clone().map(Zeroizing::new))
        }

        async fn set(&self, _: &str, secret: &[u8]) -> Result<(), SecretError> {
            if *self.locked.lock().unwrap() {
                return Err(SecretError::Locked);
            }
            let mut garbles = self.garbles.lock().unwrap();
            let length = if *garbles > 0 { secret.len() - 1 } else { secret.len() };
            *garbles = garbles.saturating_sub(1);
            *self.secret.lock().unwrap() = Some(secret[..length].to_vec());
            Ok(())
        }

        async fn delete(&self, _: &str) -> Result<(), SecretError> {
            *self.secret.lock().unwrap() = None;
            Ok(())
        }
    }

    impl Item {
        fn keys(&self) -> KeySet {
            KeySet::decode(self.secret.lock().unwrap().as_ref().unwrap()).unwrap()
        }
    }

    /// A key set made on `TODAY`, kept in a keychain, and a database with one record for each given purge day.
    async fn kept(purge_days: &[Day]) -> (tempfile::TempDir, Item, KeySet, Database) {
        let dir = tempfile::tempdir().unwrap();
        let (item, keys) = (Item::default(), KeySet::new(TODAY, KEPT).unwrap());
        keep(&item, "keyset", &keys).await.unwrap();
        let path = dir.path().join("vault.db");
        let mut database = Database::open(path, keys.database().clone(), MIGRATIONS, true).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for purge_on in purge_days {
            let record = record(Uuid::now_v7(), None, Timestamp::now(), b"{}");
            let record = Record { purge_on: *purge_on, ..record };
            CALLS.put(&mut connection, &keys, record).await.unwrap();
        }
        database.settle(connection, Ok(())).await.unwrap();
        (dir, item, keys, database)
    }

    #[tokio::test]
    async fn a_later_start_has_new_keys_and_only_the_old_ones_that_something_needs() {
        let (_dir, item, keys, mut database) = kept(&[TODAY + 15]).await;
        let later = TODAY + 40;
        let renewed = renew(keys, &mut database, &item, "keyset", later).await.unwrap();
        assert!(renewed.epoch(TODAY + 14).is_none());
        assert!(renewed.epoch(TODAY + 15).is_some());
        assert_eq!(renewed.epoch_for(later + KEPT).unwrap().0, later + KEPT);
        assert!(item.keys().same_as(&renewed), "what is used is what is kept");

        let mut connection = database.lend().await.unwrap();
        assert_eq!(CALLS.all(&mut connection, &renewed).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn with_the_keychain_locked_the_keys_at_hand_go_on() {
        let (_dir, item, keys, mut database) = kept(&[TODAY + 15]).await;
        *item.locked.lock().unwrap() = true;
        let before = item.keys();
        let renewed = renew(keys, &mut database, &item, "keyset", TODAY + 40).await.unwrap();
        assert!(renewed.same_as(&before));
        assert!(item.keys().same_as(&before));
    }

    #[tokio::test]
    async fn a_key_set_that_comes_back_otherwise_than_it_was_kept_is_not_used() {
        let (_dir, item, keys, mut database) = kept(&[]).await;
        let before = item.keys();
        *item.garbles.lock().unwrap() = 1;
        let renewed = renew(keys, &mut database, &item, "keyset", TODAY + 40).await.unwrap();
        assert!(renewed.same_as(&before));
        assert!(item.keys().same_as(&before), "what was kept before is back");

        *item.garbles.lock().unwrap() = 2;
        let renewed = renew(renewed, &mut database, &item, "keyset", TODAY + 40).await;
        assert_eq!(renewed.err(), Some(OpenError::Failed));
    }

    #[test]
    fn a_record_is_purged_two_weeks_after_the_day_on_which_it_was_made_in_sweden() {
        // Half past midnight in Sweden, still the day before in UTC.
        let made: Timestamp = "2026-11-21T23:30:00Z".parse().unwrap();
        assert_eq!(record(Uuid::nil(), None, made, b"").purge_on, day(jiff::civil::date(2026, 12, 6)));
    }
}
