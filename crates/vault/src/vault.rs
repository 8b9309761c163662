//! The vault: core's store on disk.

use std::{path::Path, sync::Arc, time::Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    audit::AuditEvent,
    call::{Call, CallId},
    catalogue::Catalogue,
    clock::{Clock, SystemClock, stockholm},
    draft::{Draft, DraftId},
    error::StoreError,
    outbox::OutboxItem,
    ports::{Change, SecretStore, Store},
    submission::Submission,
    worker::Worker,
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    database::{Database, MIGRATIONS},
    error::{OpenError, store_error},
    folder::{self, Folder, Meta},
    key_change,
    key_item::{Kept, KeyItem},
    keychain,
    keyset::{Day, Epoch, KeySet, day, days_after},
    pin::{Pin, PinError, Pinned, Tries},
    rotation,
    shelf::{CALLS, DRAFTS, FILES, OUTBOX, Record, SHELVES, SUBMISSIONS, Shelf},
};

/// How many days a record is kept from when it was made.
const KEPT: Day = 14;

/// The encrypted store of one worker on this computer.
pub struct Vault {
    /// `None` when closed.
    open: Mutex<Option<Open>>,
}

struct Open {
    keys: KeySet,
    database: Database,
    item: KeyItem,
    /// Keeps others out until everything above has been closed.
    folder: Folder,
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
        Ok(Self { open: Mutex::new(Some(Open { keys, database, item, folder })) })
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
        let mut open = self.open.lock().await;
        let Open { keys, item, folder, .. } = open.as_mut().ok_or(PinError::Locked)?;
        if let Some(new) = &new {
            new.check()?;
            // Before there is a PIN, so that a disk that fills up later does not stop the right one.
            folder.tries().clear()?;
        }
        item.set_pin(keys, new.as_ref()).await?;
        if new.is_none() {
            folder.tries().remove();
        }
        Ok(())
    }

    /// Gives the database and every day a fresh key, as after a suspicion that somebody has seen the old ones. Takes a
    /// while, and as much space again as the database; everything is there all the time.
    ///
    /// # Errors
    /// The vault goes on with some keys changed and some not; what was cut short goes on the next time.
    pub async fn change_keys(&self) -> Result<(), OpenError> {
        let mut open = self.open.lock().await;
        let Open { keys, database, item, .. } = open.as_mut().ok_or(StoreError::Locked)?;
        key_change::change_database_key(keys, database, item).await?;
        rotation::turn_all(keys, database, item).await
    }

    /// Reads every page and every record, for support and for tests after a fault.
    ///
    /// # Errors
    /// `Unreadable` when a page or a record is damaged.
    pub async fn verify(&self) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let verified = verify(&mut connection, &open.keys).await;
        open.database.settle(connection, verified).await
    }

    async fn get(&self, shelf: &Shelf, id: Uuid) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = shelf.get(&mut connection, &open.keys, id).await;
        open.database.settle(connection, found).await
    }

    async fn get_as<T: DeserializeOwned>(&self, shelf: &Shelf, id: Uuid) -> Result<Option<T>, StoreError> {
        self.get(shelf, id).await?.map(|body| from_json(&body)).transpose()
    }

    async fn all<T: DeserializeOwned>(&self, shelf: &Shelf) -> Result<Vec<T>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let found = shelf.all(&mut connection, &open.keys).await;
        open.database.settle(connection, found).await?.iter().map(|body| from_json(body)).collect()
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

/// Says nothing of what is inside.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

#[async_trait]
impl Store for Vault {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        let Open { keys, database, .. } = open.as_mut().ok_or(StoreError::Locked)?;
        let deletes = changes.iter().any(|change| {
            matches!(
                change,
                Change::RemoveFile { .. } | Change::RemoveSubmission { .. } | Change::RemoveOutbox { .. }
            )
        });
        if deletes {
            database.will_delete();
        }
        let mut connection = database.lend().await?;
        let written = write_all(&mut connection, keys, changes).await;
        database.settle(connection, written).await?;
        if database.truncate_due() {
            database.truncate_log().await;
        }
        Ok(())
    }

    async fn calls(&self) -> Result<Vec<Call>, StoreError> {
        self.all(&CALLS).await
    }

    async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        self.all(&DRAFTS).await
    }

    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.get_as(&CALLS, id).await
    }

    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.get_as(&DRAFTS, id).await
    }

    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(&FILES, id).await?.map(|mut bytes| std::mem::take(&mut *bytes)))
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError> {
        self.get_as(&SUBMISSIONS, id).await
    }

    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        self.all(&OUTBOX).await
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

    async fn close(&self) {
        let Some(open) = self.open.lock().await.take() else { return };
        open.database.close().await;
    }
}

async fn write_all(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    changes: Vec<Change>,
) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    for change in changes {
        write(&mut transaction, keys, change).await?;
    }
    transaction.commit().await.map_err(store_error)
}

async fn write(connection: &mut SqliteConnection, keys: &KeySet, change: Change) -> Result<(), StoreError> {
    match change {
        Change::PutCall(call) => {
            let body = to_json(&call)?;
            let record = record(call.id, None, call.started_at, &body);
            CALLS.put(connection, keys, Record { rev: call.rev, ..record }).await
        }
        Change::PutDraft(draft) => {
            let body = to_json(&draft)?;
            let record = record(draft.id, Some(draft.call_id), draft.created_at, &body);
            DRAFTS.put(connection, keys, Record { rev: draft.form.rev, ..record }).await
        }
        Change::PutFile { id, draft, bytes } => {
            let bytes = Zeroizing::new(bytes);
            let mut record = record(id, Some(draft), Timestamp::now(), &bytes);
            // A file goes when its draft goes.
            let purge_on: Option<Day> = sqlx::query_scalar("SELECT purge_on FROM draft WHERE id = ?1")
                .bind(draft.as_bytes().as_slice())
                .fetch_optional(&mut *connection)
                .await
                .map_err(store_error)?;
            record.purge_on = purge_on.unwrap_or(record.purge_on);
            FILES.put(connection, keys, record).await
        }
        Change::RemoveFile { id } => FILES.remove(connection, id).await,
        Change::PutSubmission(submission) => {
            let body = to_json(&submission)?;
            let record = record(submission.id, Some(submission.draft_id), submission.frozen_at, &body);
            SUBMISSIONS.put(connection, keys, record).await
        }
        Change::RemoveSubmission { id } => SUBMISSIONS.remove(connection, id).await,
        Change::PutOutbox(item) => {
            let body = to_json(&item)?;
            OUTBOX.put(connection, keys, record(item.id, Some(item.call_id), item.created_at, &body)).await
        }
        Change::RemoveOutbox { id } => OUTBOX.remove(connection, id).await,
        Change::PutCatalogue(catalogue) => {
            let body = to_json(&catalogue)?;
            let sql = "INSERT INTO catalogue (only, body) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET body = ?1";
            execute(sqlx::query(sql).bind(body.as_slice()), connection).await
        }
        Change::AppendAudit(event) => {
            let body = to_json(&event)?;
            let sql = "INSERT INTO audit (at, body) VALUES (?1, ?2)";
            execute(sqlx::query(sql).bind(nanoseconds(event.at)).bind(body.as_slice()), connection).await
        }
        Change::PutResume { call } => {
            let sql =
                "INSERT INTO resume (only, call) VALUES (1, ?1) ON CONFLICT (only) DO UPDATE SET call = ?1";
            execute(sqlx::query(sql).bind(call.as_bytes().as_slice()), connection).await
        }
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

async fn execute(query: Query<'_>, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    query.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn record(id: Uuid, parent: Option<Uuid>, made: Timestamp, body: &[u8]) -> Record<'_> {
    let purge_on = days_after(made.to_zoned(stockholm()).date(), KEPT);
    Record { id, parent, at: nanoseconds(made), rev: 0, purge_on, body }
}

fn nanoseconds(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

fn to_json(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    serde_json::to_vec(value).map(Zeroizing::new).map_err(|_| StoreError::Failed("encode"))
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(body).map_err(|_| StoreError::Unreadable)
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
    for shelf in SHELVES {
        shelf.all(connection, keys).await?;
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
    let in_use = epochs_in_use(&mut connection).await;
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

async fn epochs_in_use(connection: &mut SqliteConnection) -> Result<Vec<Epoch>, StoreError> {
    let mut epochs = Vec::new();
    for shelf in SHELVES {
        epochs.extend(shelf.epochs(connection).await?);
    }
    Ok(epochs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{key_item::tests::Items, keyset::tests::encoded_in_the_first_format};

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
            let record = record(Uuid::now_v7(), None, Timestamp::now(), b"{}");
            let record = Record { purge_on: *purge_on, ..record };
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
        assert_eq!(CALLS.all(&mut connection, &renewed).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn with_the_keychain_locked_the_keys_at_hand_go_on() {
        let (_dir, items, item, keys, mut database) = kept(&[TODAY + 15]).await;
        let before = items.keys().await;
        *items.locked.lock().unwrap() = true;
        let renewed = renew(keys, &mut database, &item, TODAY + 40).await.unwrap();
        *items.locked.lock().unwrap() = false;
        assert!(renewed.same_as(&before));
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

    /// A database and a key set as the first version left them, one record for each given purge day.
    async fn of_the_first_version(purge_days: &[Day]) -> (tempfile::TempDir, Arc<Items>, KeyItem, KeySet) {
        let (dir, items, item, keys, mut database) = kept(purge_days).await;
        let mut connection = database.lend().await.unwrap();
        let sql = "UPDATE call SET epoch = epoch / 65536; PRAGMA user_version = 1";
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        database.settle(connection, Ok(())).await.unwrap();
        database.close().await;
        items.secrets.lock().unwrap().insert("keyset.disa".into(), encoded_in_the_first_format(&keys));
        (dir, items, item, keys)
    }

    #[tokio::test]
    async fn a_vault_of_the_first_version_is_brought_to_turns() {
        let (dir, items, item, before) = of_the_first_version(&[TODAY + 15, TODAY + 17]).await;
        let keys = items.keys().await;
        assert!(keys.same_as(&before));
        let path = dir.path().join("vault.db");
        let mut database = Database::open(path, keys.database().clone(), MIGRATIONS, false).await.unwrap();
        let mut keys = renew(keys, &mut database, &item, TODAY + 40).await.unwrap();
        rotation::turn_all(&mut keys, &mut database, &item).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        assert_eq!(CALLS.all(&mut connection, &keys).await.unwrap().len(), 2);
    }

    /// What becomes of it where that migration is missing: nothing is read, and no key is forgotten.
    #[tokio::test]
    async fn days_without_turns_are_not_taken_for_unused_ones() {
        let (dir, items, item, before) = of_the_first_version(&[TODAY + 15]).await;
        let path = dir.path().join("vault.db");
        let mut database =
            Database::open(path, before.database().clone(), &MIGRATIONS[..1], false).await.unwrap();
        let renewed = renew(before.clone(), &mut database, &item, TODAY + 40).await;
        assert_eq!(renewed.err(), Some(OpenError::Unreadable));
        assert!(items.keys().await.same_as(&before));
    }

    #[test]
    fn a_record_is_purged_two_weeks_after_the_day_on_which_it_was_made_in_sweden() {
        // Half past midnight in Sweden, still the day before in UTC.
        let made: Timestamp = "2026-11-21T23:30:00Z".parse().unwrap();
        assert_eq!(record(Uuid::nil(), None, made, b"").purge_on, day(jiff::civil::date(2026, 12, 6)));
    }
}
