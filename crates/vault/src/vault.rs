//! The vault: core's store on disk.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Instant};

use async_trait::async_trait;
use ledsaga_core::{
    audit::{AuditEvent, LogKey, chain::ChainBreak},
    call::{Call, CallId},
    catalogue::Catalogue,
    clock::{Clock, SystemClock},
    draft::{Draft, DraftId, Outline, Revision},
    error::StoreError,
    outbox::OutboxItem,
    ports::{Change, LogPart, LogState, SecretStore, Shredding, Store, StoreHealth},
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
    export::with_ending,
    file,
    folder::{self, Folder, Meta},
    inspect::free_space,
    key_change,
    key_item::{Kept, KeyItem},
    keychain,
    keyset::{Day, Epoch, KeySet, day},
    log,
    pin::{Pin, PinError, Pinned, Tries},
    reserve::Reserve,
    revision,
    search::SearchIndex,
    shelf::{self, CALLS, DRAFTS, FILES, Listed, OUTBOX, SUBMISSIONS, Shelf},
    wal,
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
    /// The key set is kept under a PIN.
    pin: bool,
    /// Where the log was not whole when the vault was opened.
    log_fault: Option<ChainBreak>,
    /// Records that were found unreadable, by their shelf and id; and that the write-ahead log was, for as long as this
    /// vault is open.
    damaged: BTreeSet<(&'static str, Uuid)>,
    /// Keeps others out until everything above has been closed.
    pub folder: Arc<Folder>,
}

impl Vault {
    /// Opens the worker's vault below `dir`, or makes it when there has never been one. A PIN is only looked at when
    /// the vault has one.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing on disk and no key is changed, replaced or removed by a failure; a wrong PIN is
    /// counted.
    pub async fn open(
        dir: &Path,
        worker: &Worker,
        secrets: Arc<dyn SecretStore>,
        pin: Option<&Pin>,
    ) -> Result<Self, OpenError> {
        let folder = Folder::open(dir, worker)?;
        let mut item = KeyItem::new(secrets, folder.name());
        let today = day(SystemClock.today());
        let meta = folder.meta()?;
        let begun = folder.database().try_exists()?;
        if meta.as_ref().is_some_and(|meta| meta.format > folder::FORMAT) {
            return Err(OpenError::NewerVersion);
        }
        let keys = match item.read().await? {
            Some(Kept::Keys(keys)) => keys,
            Some(Kept::Pinned(pinned)) => unlock(&mut item, &pinned, pin, &folder.tries()).await?,
            None if meta.as_ref().is_some_and(|meta| meta.keychain != keychain::KIND) => {
                return Err(OpenError::OtherKeychain);
            }
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
        // Before the log is taken in; what cannot be looked at, the opening itself tells.
        let lost_commits = wal::has_lost_commits(&with_ending(&folder.database(), "-wal")).unwrap_or(false);
        let keys = key_change::settle(keys, &folder.database(), &item).await?;
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
        let log_fault = check_log(&mut database).await?;
        let mut open = Open::new(keys, database, item, folder, log_fault);
        if lost_commits {
            tracing::error!("the write-ahead log was damaged: what was saved last is lost");
            open.damaged.insert(("wal", Uuid::nil()));
        }
        Ok(Self { open: Mutex::new(Some(open)) })
    }

    /// Whether the worker's vault opens only with a PIN. Changes nothing; what is left to wait after wrong ones begins
    /// to pass.
    ///
    /// # Errors
    /// As [`Self::open`], as far as the keychain says why.
    pub async fn needs_pin(
        dir: &Path,
        worker: &Worker,
        secrets: Arc<dyn SecretStore>,
    ) -> Result<bool, OpenError> {
        let name = folder::name_for(worker);
        let kept = KeyItem::new(secrets, &name).look().await?;
        if let Some(Kept::Pinned(_)) = kept {
            folder::tries_of(&dir.join(name)).wait(Instant::now())?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Gives the vault a PIN, another one, or none. It is asked for from the next opening on.
    ///
    /// # Errors
    /// Nothing has changed then; after a crash, or with a keychain that fails, either holds.
    pub async fn set_pin(&self, new: Option<Pin>) -> Result<(), PinError> {
        let changing = self.with(|open| (open.item.clone(), open.folder.clone())).await;
        let (item, folder) = changing.map_err(|_| PinError::Locked)?;
        let mut item = item.lock().await;
        let keys = self.with(|open| open.keys.clone()).await.map_err(|_| PinError::Locked)?;
        if let Some(new) = &new {
            new.check()?;
            // Before there is a PIN, so that a disk that fills up later does not stop the right one.
            folder.tries().clear()?;
        }
        item.set_pin(&keys, new.as_ref()).await?;
        if new.is_none() {
            folder.tries().remove();
        }
        // Closed meanwhile, it is set all the same.
        let _ = self.with(|open| open.pin = new.is_some()).await;
        Ok(())
    }

    /// Whether it is asked for a PIN from the next opening on.
    pub async fn has_pin(&self) -> bool {
        self.with(|open| open.pin).await.unwrap_or(false)
    }

    /// Whether this is the PIN, for whoever wants back to a vault that has stayed open. Needs no keychain; wrong ones
    /// are counted as at the opening.
    ///
    /// # Errors
    /// `WrongPin`; `Failed` for a vault that is closed or has no PIN.
    pub async fn check_pin(&self, pin: &Pin) -> Result<(), OpenError> {
        let (item, folder) = self.with(|open| (open.item.clone(), open.folder.clone())).await?;
        let item = item.lock().await;
        let tries = folder.tries();
        let wait_s = tries.wait(Instant::now())?;
        if wait_s > 0 {
            return Err(OpenError::WrongPin { wait_s });
        }
        let wait_s = tries.count_one(Instant::now())?;
        if !item.is_pin(pin).await? {
            return Err(OpenError::WrongPin { wait_s });
        }
        if tries.clear().is_err() {
            tracing::warn!("the count of wrong PINs goes on");
        }
        Ok(())
    }

    /// Gives the database and every day a fresh key, as after a suspicion that somebody has seen the old ones. Takes a
    /// while, and as much space again as the database; everything is there all the time.
    ///
    /// # Errors
    /// The vault goes on with some keys changed and some not; what was cut short goes on the next time.
    pub async fn change_keys(&self) -> Result<(), OpenError> {
        let (item, _folder) = self.with(|open| (open.item.clone(), open.folder.clone())).await?;
        let item = item.lock().await;
        {
            let mut open = self.open.lock().await;
            let open = open.as_mut().ok_or(StoreError::Locked)?;
            key_change::change_database_key(&mut open.keys, &mut open.database, &item).await?;
            open.taint_all().await?;
        }
        self.destroy_keys(&item).await?;
        Ok(())
    }

    pub(crate) async fn with<T>(&self, change: impl FnOnce(&mut Open) -> T) -> Result<T, StoreError> {
        self.open.lock().await.as_mut().map(change).ok_or(StoreError::Locked)
    }

    /// A search index beside the vault, empty; see [`SearchIndex`].
    ///
    /// # Errors
    /// The vault is closed, or the disk is full or refuses.
    pub async fn index(&self) -> Result<SearchIndex, StoreError> {
        let folder = self.with(|open| open.folder.clone()).await?;
        SearchIndex::open(folder.path()).await
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
        let found = shelf.all(&mut connection, &open.keys, from_json).await;
        let found = open.database.settle(connection, found).await?;
        Ok(open.readable(shelf.table(), found))
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
    fn new(
        keys: KeySet,
        database: Database,
        item: KeyItem,
        folder: Folder,
        log_fault: Option<ChainBreak>,
    ) -> Self {
        let reserve = Reserve::beside(database.path());
        reserve.provide();
        Self {
            keys,
            database,
            pin: item.has_pin(),
            item: Arc::new(Mutex::new(item)),
            reserve,
            log_fault,
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
    fn readable<T>(&mut self, shelf: &'static str, found: Vec<(Uuid, Result<T, StoreError>)>) -> Vec<T> {
        found.into_iter().filter_map(|(id, read)| self.note(shelf, id, read).ok()).collect()
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
        let found = outlines(&mut connection, &open.keys).await;
        let found = open.database.settle(connection, found).await?;
        Ok(open.readable(DRAFTS.table(), found))
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
        let read = |(id, body): revision::Found| (id, body.and_then(|body| from_json(&body)));
        Ok(open.readable(revision::KIND, found.into_iter().map(read).collect()))
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
        let found = OUTBOX.all(&mut connection, &open.keys, from_json).await;
        let found = open.database.settle(connection, found).await?;
        found.into_iter().map(|(id, read)| open.note(OUTBOX.table(), id, read)).collect()
    }

    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        self.column("SELECT body FROM catalogue").await?.first().map(|body| from_json(body)).transpose()
    }

    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = log::events(&mut connection).await;
        open.database.settle(connection, found).await
    }

    async fn log_state(&self) -> Result<LogState, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let state = log::state(&mut connection, open.log_fault).await;
        open.database.settle(connection, state).await
    }

    async fn log(&self, after: u64, most: usize) -> Result<LogPart, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let part = log::part(&mut connection, after, most).await;
        open.database.settle(connection, part).await
    }

    async fn log_key(&self) -> Result<LogKey, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let key = log::key(&mut connection).await;
        open.database.settle(connection, key).await
    }

    async fn cursor(&self) -> Result<Option<String>, StoreError> {
        let found = self.column("SELECT CAST(cursor AS BLOB) FROM feed").await?;
        found
            .into_iter()
            .next()
            .map(|text| String::from_utf8(text).map_err(|_| StoreError::Unreadable))
            .transpose()
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
            free: folder.and_then(free_space),
            reserve: open.reserve.is_there(),
            to_shred,
            keys: u32::try_from(open.keys.epochs().count()).unwrap_or(u32::MAX),
            pin: open.pin,
            damaged: u32::try_from(open.damaged.len()).unwrap_or(u32::MAX),
        })
    }

    async fn close(&self) {
        let Some(open) = self.open.lock().await.take() else { return };
        open.database.close().await;
    }
}

/// Begins the log where there is none, and says where it is not whole: that keeps nobody from the work.
async fn check_log(database: &mut Database) -> Result<Option<ChainBreak>, StoreError> {
    let mut connection = database.lend().await?;
    let checked = match log::begin(&mut connection).await {
        Ok(()) => log::check(&mut connection).await,
        Err(error) => Err(error),
    };
    database.settle(connection, checked).await
}

/// Where an outline cannot be read, the draft itself may.
async fn outlines(
    connection: &mut SqliteConnection,
    keys: &KeySet,
) -> Result<Vec<(Uuid, Result<Outline, StoreError>)>, StoreError> {
    let whole = |body: &[u8]| from_json::<Draft>(body).map(|draft| draft.outline());
    let read = |listed: Listed<'_>| match listed {
        Listed::Outline(body) => from_json(body),
        Listed::Draft(body) => whole(body),
    };
    let mut found = shelf::outlines(connection, keys, read).await?;
    for (id, outline) in found.iter_mut().filter(|(_, outline)| outline.is_err()) {
        if let Ok(Some(body)) = DRAFTS.get(connection, keys, *id).await {
            *outline = whole(&body);
        }
    }
    Ok(found)
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
        let found = shelf.all(connection, keys, |_| Ok(())).await?;
        let there = i64::try_from(found.len()).unwrap_or(i64::MAX);
        found.into_iter().try_for_each(|(_, opened)| opened)?;
        if data_key::count(connection, shelf.table()).await? != there {
            return Err(StoreError::Unreadable);
        }
    }
    let outlines = shelf::outlines(connection, keys, |_| Ok(())).await?;
    outlines.into_iter().try_for_each(|(_, opened)| opened)?;
    for id in data_key::ids(connection, FILES.table()).await? {
        file::get(connection, keys, id).await?.ok_or(StoreError::Unreadable)?;
    }
    for id in data_key::ids(connection, DRAFTS.table()).await? {
        let found = revision::all(connection, keys, id).await?;
        found.into_iter().try_for_each(|(_, body)| body.map(drop))?;
    }
    Ok(())
}

/// Opens a key set that is sealed with a PIN.
async fn unlock(
    item: &mut KeyItem,
    pinned: &Pinned,
    pin: Option<&Pin>,
    tries: &Tries,
) -> Result<KeySet, OpenError> {
    let wait_s = tries.wait(Instant::now())?;
    let pin = pin.ok_or(OpenError::PinNeeded)?;
    if wait_s > 0 {
        return Err(OpenError::WrongPin { wait_s });
    }
    let wait_s = tries.count_one(Instant::now())?;
    let Some(keys) = item.unlock(pinned, pin).await? else { return Err(OpenError::WrongPin { wait_s }) };
    if tries.clear().is_err() {
        tracing::warn!("the count of wrong PINs goes on");
    }
    Ok(keys)
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
        // Locked meanwhile, say: the keys that are in both sets will do.
        Err(OpenError::KeychainLocked | OpenError::NoKeychain) => {
            let forgotten: Vec<Epoch> =
                keys.epochs().filter(|epoch| renewed.epoch(*epoch).is_none()).collect();
            Ok(keys.without(&forgotten))
        }
        // What was there goes back, or else the next start would find neither.
        Err(_) => item.keep(&keys).await.map(|()| keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{key_item::tests::Items, shelf::Record};

    const TODAY: Day = 20_000;

    /// A key set made on `TODAY`, kept in a keychain, and a database with one record for each given purge day.
    async fn kept(purge_days: &[Day]) -> (tempfile::TempDir, Arc<Items>, KeyItem, KeySet, Database) {
        let dir = tempfile::tempdir().unwrap();
        let (items, keys) = (Arc::new(Items::default()), KeySet::new(TODAY, KEPT).unwrap());
        let item = KeyItem::new(items.clone(), "disa");
        item.keep(&keys).await.unwrap();
        let path = dir.path().join("vault.db");
        let mut database = Database::open(path, keys.database().clone(), MIGRATIONS, true).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for purge_on in purge_days {
            let record = Record {
                id: Uuid::now_v7(),
                parent: None,
                at: 0,
                rev: 1,
                purge_on: *purge_on,
                body: b"{}",
                outline: None,
            };
            CALLS.put(&mut connection, &keys, record).await.unwrap();
        }
        database.settle(connection, Ok(())).await.unwrap();
        (dir, items, item, keys, database)
    }

    #[tokio::test]
    async fn a_later_start_has_new_keys_and_only_the_old_ones_that_something_needs() {
        let (_dir, items, item, keys, mut database) = kept(&[TODAY + 15]).await;
        let later = TODAY + 40;
        let renewed = renew(keys, &mut database, &item, later).await.unwrap();
        assert!(renewed.epoch(Epoch::first(TODAY + 14)).is_none());
        assert!(renewed.epoch(Epoch::first(TODAY + 15)).is_some());
        assert_eq!(renewed.epoch_for(later + KEPT).unwrap().0, Epoch::first(later + KEPT));
        assert!(items.keys().await.same_as(&renewed), "what is used is what is kept");

        let mut connection = database.lend().await.unwrap();
        let calls = CALLS.all(&mut connection, &renewed, |_| Ok(())).await.unwrap();
        assert_eq!(calls.len(), 1);
        assert!(calls[0].1.is_ok());
    }

    #[tokio::test]
    async fn with_the_keychain_locked_the_keys_at_hand_go_on() {
        let (_dir, items, item, keys, mut database) = kept(&[TODAY + 15]).await;
        let before = items.keys().await;
        *items.locked.lock().unwrap() = true;
        let renewed = renew(keys, &mut database, &item, TODAY + 40).await.unwrap();
        *items.locked.lock().unwrap() = false;
        let needed: Vec<Epoch> = renewed.epochs().collect();
        assert_eq!(needed, [Epoch::first(TODAY + 15)], "what the keychain may have forgotten is not used");
        assert!(items.keys().await.same_as(&before));
    }

    #[tokio::test]
    async fn a_key_set_that_comes_back_otherwise_than_it_was_kept_is_not_used() {
        let (_dir, items, item, keys, mut database) = kept(&[]).await;
        let before = items.keys().await;
        *items.garbles.lock().unwrap() = 1;
        let renewed = renew(keys, &mut database, &item, TODAY + 40).await.unwrap();
        assert!(renewed.same_as(&before));
        assert!(items.keys().await.same_as(&before), "what was kept before is there");

        *items.garbles.lock().unwrap() = 2;
        let renewed = renew(renewed, &mut database, &item, TODAY + 40).await;
        assert_eq!(renewed.err(), Some(OpenError::Failed));
        assert!(items.keys().await.same_as(&before), "and never goes");
    }
}
