//! Another database key: a whole copy of the database under the new key takes the place of the one before.
//!
//! The new key is in the keychain before anything is written under it, and the old one until the copy is in place. So
//! whatever is cut short, the next start tells by the key that the file has how far it came, and finishes it or takes
//! it back.

use std::{
    fs::{self, File},
    path::Path,
};

use ledsaga_core::error::StoreError;
use sqlx::Connection;

use crate::{
    database::{Database, connect, has_key},
    error::{OpenError, store_error},
    export::{beside, remove_database, verify, with_ending, write_copy},
    folder::sync_directory,
    key_item::KeyItem,
    keyset::KeySet,
    seal::Key,
};

/// Gives the database a fresh key. `keys` is at each moment what the keychain holds, or what it will hold once it works
/// again.
///
/// # Errors
/// The database goes on under the key that it has; if that is the new one already, the next start forgets the old one.
pub(crate) async fn change_database_key(
    keys: &mut KeySet,
    database: &mut Database,
    item: &KeyItem,
) -> Result<(), OpenError> {
    let next = begin(keys, database.path(), item).await?;
    let copied = match copy(database, &next).await {
        Ok(()) => put_in_place(database.path()),
        Err(error) => Err(error.into()),
    };
    // What the file itself says counts: a failed rename may have taken place.
    if !has_key(database.path(), &next).await? {
        remove_copy(database.path())?;
        let settled = keys.settled();
        item.keep(&settled).await?;
        *keys = settled;
        return copied.and(Err(OpenError::Failed));
    }
    database.use_key(next);
    copied?;
    finish(keys, item).await
}

/// What a change that was cut short has left, finished or taken back.
pub(crate) async fn settle(keys: KeySet, path: &Path, item: &KeyItem) -> Result<KeySet, OpenError> {
    remove_copy(path)?;
    if keys.next().is_none() || !path.exists() {
        return Ok(keys);
    }
    let settled = as_the_file_says(&keys, path).await?;
    match item.keep(&settled).await {
        // Locked meanwhile, say: the next start settles it.
        Ok(()) | Err(OpenError::KeychainLocked | OpenError::NoKeychain) => Ok(settled),
        Err(error) => Err(error),
    }
}

/// The key set without a change under way.
async fn as_the_file_says(keys: &KeySet, path: &Path) -> Result<KeySet, OpenError> {
    let Some(next) = keys.next() else { return Ok(keys.clone()) };
    if has_key(path, keys.database()).await? {
        Ok(keys.settled())
    } else if has_key(path, next).await? {
        Ok(keys.advanced())
    } else {
        Err(OpenError::Unreadable)
    }
}

/// From here on the keychain has both keys: the one that the file has, and the next.
async fn begin(keys: &mut KeySet, path: &Path, item: &KeyItem) -> Result<Key, OpenError> {
    let changing = as_the_file_says(keys, path).await?.with_next()?;
    let next = changing.next().cloned().ok_or(OpenError::Failed)?;
    item.keep(&changing).await?;
    *keys = changing;
    Ok(next)
}

/// Writes the whole database into a file beside it under the new key, and reads that through.
async fn copy(database: &mut Database, next: &Key) -> Result<(), StoreError> {
    let path = beside(database.path());
    remove_copy(database.path()).map_err(|_| StoreError::Failed("disk"))?;
    let mut connection = database.lend().await?;
    let written = write_copy(&mut connection, &path, next).await;
    let census = database.settle(connection, written).await?;
    // Nothing may be left in the log: it would be taken for the log of the file that comes in its place.
    database.rest().await?;
    if fs::metadata(with_ending(database.path(), "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::Failed("busy"));
    }
    let mut copied = connect(&path, next, false).await?;
    let verified = verify(&mut copied, &census).await;
    copied.close().await.map_err(store_error)?;
    verified
}

/// From here on the file has the new key.
fn put_in_place(path: &Path) -> Result<(), OpenError> {
    let copy = beside(path);
    File::options().write(true).open(&copy)?.sync_all()?;
    fs::rename(&copy, path)?;
    path.parent().map_or(Ok(()), sync_directory)?;
    Ok(())
}

/// From here on the old key is nowhere.
async fn finish(keys: &mut KeySet, item: &KeyItem) -> Result<(), OpenError> {
    let advanced = keys.advanced();
    item.keep(&advanced).await?;
    *keys = advanced;
    Ok(())
}

/// Takes away a copy that is not in place. It is of no use: its key goes with it.
fn remove_copy(path: &Path) -> Result<(), OpenError> {
    Ok(remove_database(&beside(path))?)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, path::PathBuf, sync::Arc};

    use sqlx::SqliteConnection;

    use super::*;
    use crate::{database::MIGRATIONS, export::census, key_item::tests::Items};

    const ROWS: i64 = 300;
    const MIGRATION: &str = "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
        CREATE INDEX word_text ON word (text);
        CREATE TABLE empty (only INTEGER) STRICT;
        CREATE TRIGGER word_kept BEFORE DELETE ON word BEGIN SELECT RAISE(ABORT, 'kept'); END;";

    struct Place {
        dir: tempfile::TempDir,
        items: Arc<Items>,
    }

    impl Place {
        fn path(&self) -> PathBuf {
            self.dir.path().join("vault.db")
        }

        fn item(&self) -> KeyItem {
            KeyItem::new(self.items.clone(), "disa")
        }

        async fn keys(&self) -> KeySet {
            self.items.keys().await
        }

        async fn open(&self, keys: &KeySet) -> Result<Database, OpenError> {
            Database::open(self.path(), keys.database().clone(), &[MIGRATION], false).await
        }

        /// As the files and the keychain are now, on another computer: what is left if the process dies here.
        fn copied(&self) -> Self {
            let dir = tempfile::tempdir().unwrap();
            for file in fs::read_dir(self.dir.path()).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
            }
            let items = Items::default();
            *items.secrets.lock().unwrap() = self.items.secrets.lock().unwrap().clone();
            Self { dir, items: Arc::new(items) }
        }

        /// The next start: everything is there, and nothing of the change but its result. Whether it came through.
        async fn starts(&self, before: &KeySet) -> bool {
            let keys = settle(self.keys().await, &self.path(), &self.item()).await.unwrap();
            assert!(self.keys().await.same_as(&keys), "what is used is what is kept");
            assert!(keys.next().is_none());
            let mut database = self.open(&keys).await.unwrap();
            let mut connection = database.lend().await.unwrap();
            assert_eq!(rows(&mut connection).await, expected());
            database.settle(connection, Ok(())).await.unwrap();
            database.close().await;
            assert_eq!(self.files(), ["vault.db"]);
            let changed = keys.database() != before.database();
            assert_eq!(has_key(&self.path(), before.database()).await, Ok(!changed));
            changed
        }

        fn files(&self) -> Vec<String> {
            let files = fs::read_dir(self.dir.path()).unwrap();
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    async fn rows(connection: &mut SqliteConnection) -> HashMap<i64, String> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, text FROM word").fetch_all(connection).await.unwrap();
        rows.into_iter().collect()
    }

    fn expected() -> HashMap<i64, String> {
        (1..=ROWS).map(|id| (id * 3, format!("{id} {}", "å".repeat(200)))).collect()
    }

    /// An open database, its key set in the keychain.
    async fn place() -> (Place, KeySet, Database) {
        let place = Place { dir: tempfile::tempdir().unwrap(), items: Arc::default() };
        let keys = KeySet::new(20_000, 14).unwrap();
        place.item().keep(&keys).await.unwrap();
        let key = keys.database().clone();
        let mut database = Database::open(place.path(), key, &[MIGRATION], true).await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for (id, text) in expected() {
            let insert = sqlx::query("INSERT INTO word VALUES (?1, ?2)").bind(id).bind(text);
            insert.execute(&mut connection).await.unwrap();
        }
        database.settle(connection, Ok(())).await.unwrap();
        (place, keys, database)
    }

    #[tokio::test]
    async fn a_changed_key_opens_everything_and_the_old_one_nothing() {
        let (place, before, mut database) = place().await;
        let mut keys = before.clone();
        change_database_key(&mut keys, &mut database, &place.item()).await.unwrap();
        assert_ne!(keys.database(), before.database());
        assert!(place.keys().await.same_as(&keys));
        assert_eq!(keys.id(), before.id());

        // It goes on without a new start.
        let mut connection = database.lend().await.unwrap();
        assert_eq!(rows(&mut connection).await, expected());
        let kept = sqlx::query("DELETE FROM word").execute(&mut connection).await;
        assert!(kept.is_err(), "definitions came along");
        let _ = database.settle(connection, Err::<(), _>(StoreError::Failed("kept"))).await;
        database.close().await;
        let old = place.open(&before).await;
        assert_eq!(old.err(), Some(OpenError::Unreadable));
        assert!(place.starts(&before).await);
    }

    #[tokio::test]
    async fn a_process_that_dies_between_any_steps_loses_nothing() {
        let (place, before, mut database) = place().await;
        let (mut keys, item) = (before.clone(), place.item());
        let next = begin(&mut keys, &place.path(), &item).await.unwrap();
        assert!(!place.copied().starts(&before).await, "before the copy");

        copy(&mut database, &next).await.unwrap();
        let copied = place.copied();
        assert!(!copied.starts(&before).await, "with a copy beside it");
        // The copy may be cut off, or have a journal.
        let whole = fs::read(beside(&place.path())).unwrap();
        for length in [0, 100, 4_096, whole.len() / 2, whole.len() - 1] {
            let copied = place.copied();
            fs::write(beside(&copied.path()), &whole[..length]).unwrap();
            fs::write(with_ending(&beside(&copied.path()), "-journal"), b"half").unwrap();
            assert!(!copied.starts(&before).await, "with {length} bytes of a copy");
        }

        put_in_place(&place.path()).unwrap();
        assert!(place.copied().starts(&before).await, "with the copy in place");
        let never = place.copied();
        never.items.secrets.lock().unwrap().clear();
        never.item().keep(&before).await.unwrap();
        let opened = never.open(&never.keys().await).await;
        assert_eq!(opened.err(), Some(OpenError::Unreadable), "which is why both keys are kept until then");

        database.use_key(next);
        finish(&mut keys, &item).await.unwrap();
        assert!(place.copied().starts(&before).await, "at the end");
        database.close().await;
        assert!(place.starts(&before).await);
    }

    #[tokio::test]
    async fn a_keychain_that_fails_at_any_call_loses_nothing() {
        let mut seen = [0, 0, 0];
        for calls in 0.. {
            let (place, before, mut database) = place().await;
            let mut keys = before.clone();
            *place.items.calls_left.lock().unwrap() = Some(calls);
            let changed = change_database_key(&mut keys, &mut database, &place.item()).await;
            let failed = *place.items.calls_left.lock().unwrap() == Some(0);
            *place.items.calls_left.lock().unwrap() = None;

            // It goes on, whatever it has come to.
            let mut connection = database.lend().await.unwrap();
            assert_eq!(rows(&mut connection).await, expected(), "call {calls}");
            database.settle(connection, Ok(())).await.unwrap();
            let copied = place.copied();
            database.close().await;
            let (killed, ended) = (copied.starts(&before).await, place.starts(&before).await);
            assert_eq!(killed, ended);
            assert!(ended || changed.is_err(), "call {calls}: what is said to be changed is changed");
            seen[usize::from(ended) + usize::from(ended && changed.is_ok())] += 1;
            if !failed {
                assert_eq!(changed, Ok(()));
                break;
            }
        }
        assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
    }

    #[tokio::test]
    async fn a_second_change_follows_on_one_that_was_not_finished() {
        let (place, before, mut database) = place().await;
        let mut keys = before.clone();
        // The five calls that keep both keys, and none when the copy is in place.
        *place.items.calls_left.lock().unwrap() = Some(5);
        change_database_key(&mut keys, &mut database, &place.item()).await.unwrap_err();
        *place.items.calls_left.lock().unwrap() = None;
        assert_eq!(has_key(&place.path(), before.database()).await, Ok(false));
        begin(&mut keys, &place.path(), &place.item()).await.unwrap();
        assert!(
            place.copied().starts(&before).await,
            "the key that the file has is not forgotten for a newer one"
        );
        change_database_key(&mut keys, &mut database, &place.item()).await.unwrap();
        database.close().await;
        assert!(place.starts(&before).await);
    }

    #[tokio::test]
    async fn a_file_that_has_neither_key_is_left_as_it_is() {
        let (place, before, mut database) = place().await;
        let mut keys = before.clone();
        begin(&mut keys, &place.path(), &place.item()).await.unwrap();
        database.rest().await.unwrap();
        let other = KeySet::new(20_000, 14).unwrap();
        let changing = other.with_next().unwrap();
        place.item().keep(&changing).await.unwrap();
        let bytes = fs::read(place.path()).unwrap();
        let settled = settle(changing.clone(), &place.path(), &place.item()).await;
        assert_eq!(settled.err(), Some(OpenError::Unreadable));
        assert!(fs::read(place.path()).unwrap() == bytes);
        assert!(place.keys().await.same_as(&changing));
    }

    /// The check that the copy has to pass before it is put in place.
    #[tokio::test]
    async fn a_copy_that_lacks_anything_is_noticed() {
        for change in [
            "DROP TRIGGER word_kept; DELETE FROM word WHERE id = 3",
            "INSERT INTO empty VALUES (1)",
            "DROP TRIGGER word_kept",
            "DROP INDEX word_text",
            "DROP TABLE empty",
            "PRAGMA user_version = 7",
        ] {
            let (place, _, mut database) = place().await;
            let mut connection = database.lend().await.unwrap();
            let whole = census(&mut connection).await.unwrap();
            assert_eq!(verify(&mut connection, &whole).await, Ok(()));
            sqlx::raw_sql(change).execute(&mut connection).await.unwrap();
            assert_eq!(verify(&mut connection, &whole).await, Err(StoreError::Failed("copy")), "{change}");
            drop(place);
        }
    }

    /// The real definitions, so that a later one that cannot be copied is noticed.
    #[tokio::test]
    async fn the_real_definitions_can_be_copied() {
        let place = Place { dir: tempfile::tempdir().unwrap(), items: Arc::default() };
        let mut keys = KeySet::new(20_000, 14).unwrap();
        let key = keys.database().clone();
        let mut database = Database::open(place.path(), key, MIGRATIONS, true).await.unwrap();
        change_database_key(&mut keys, &mut database, &place.item()).await.unwrap();
        database.close().await;
        let key = keys.database().clone();
        Database::open(place.path(), key, MIGRATIONS, false).await.unwrap().close().await;
    }
}
