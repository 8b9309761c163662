//! Fresh keys for the days: what a day's key wraps is wrapped anew, and the key is destroyed.

use ledsaga_core::error::StoreError;
use sqlx::{Connection, SqliteConnection};

use crate::{
    database::Database,
    error::{OpenError, store_error},
    key_item::KeyItem,
    keyset::{Epoch, KeySet},
    shelf::SHELVES,
};

/// Gives every day a fresh key.
///
/// # Errors
/// Days that have had their turn keep it, and everything opens; what was cut short goes on the next time.
pub(crate) async fn turn_all(
    keys: &mut KeySet,
    database: &mut Database,
    item: &KeyItem,
) -> Result<(), OpenError> {
    let mut epochs: Vec<Epoch> = keys.epochs().collect();
    // First what is left of a turn that was cut short, since there is room for one more key only.
    epochs.sort_by_key(|epoch| keys.epoch_for(epoch.day).is_some_and(|(newest, _)| newest == *epoch));
    for epoch in epochs {
        turn(keys, database, item, epoch).await?;
    }
    Ok(())
}

/// Gives the day of an epoch a fresh key. `keys` is at each moment what the keychain holds, or a set that opens the
/// same.
pub(crate) async fn turn(
    keys: &mut KeySet,
    database: &mut Database,
    item: &KeyItem,
    epoch: Epoch,
) -> Result<(), OpenError> {
    let (turned, fresh) = keys.with_new_turn(epoch)?;
    if !turned.same_as(keys) {
        // In the keychain before anything is wrapped with it.
        item.keep(&turned).await?;
        *keys = turned;
    }
    let mut connection = database.lend().await?;
    let rotated = rotate(&mut connection, keys, epoch, fresh).await;
    database.settle(connection, rotated).await?;
    let left = keys.without(&[epoch]);
    item.keep(&left).await?;
    *keys = left;
    Ok(())
}

/// One transaction: all of it is under one key or all under the other.
async fn rotate(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    from: Epoch,
    to: Epoch,
) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    for shelf in SHELVES {
        shelf.rotate(&mut transaction, keys, from, to).await?;
    }
    transaction.commit().await.map_err(store_error)
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use uuid::Uuid;

    use super::*;
    use crate::{
        database::MIGRATIONS,
        key_item::tests::Items,
        keyset::Day,
        shelf::{DRAFTS, FILES, Record},
    };

    const TODAY: Day = 20_000;

    struct Place {
        dir: tempfile::TempDir,
        items: Arc<Items>,
    }

    impl Place {
        fn item(&self) -> KeyItem {
            KeyItem::new(self.items.clone(), "disa")
        }

        async fn open(&self, keys: &KeySet) -> Database {
            let path = self.dir.path().join("vault.db");
            let fresh = !path.exists();
            Database::open(path, keys.database().clone(), MIGRATIONS, fresh).await.unwrap()
        }

        /// What is left if the process dies here.
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
    }

    /// Four drafts and three files, on three days, their keys in a keychain.
    async fn place() -> (Place, KeySet, Database) {
        let place = Place { dir: tempfile::tempdir().unwrap(), items: Arc::default() };
        let keys = KeySet::new(TODAY, 14).unwrap();
        place.item().keep(&keys).await.unwrap();
        let mut database = place.open(&keys).await;
        let mut connection = database.lend().await.unwrap();
        for number in 0..7_i32 {
            let body = number.to_string();
            let purge_on = TODAY + 14 + number % 3;
            let id = Uuid::from_u128(number.unsigned_abs().into());
            let record =
                Record { id, parent: None, at: number.into(), rev: 1, purge_on, body: body.as_bytes() };
            let shelf = if number < 4 { &DRAFTS } else { &FILES };
            shelf.put(&mut connection, &keys, record).await.unwrap();
        }
        database.settle(connection, Ok(())).await.unwrap();
        (place, keys, database)
    }

    async fn all(database: &mut Database, keys: &KeySet) -> Result<Vec<String>, StoreError> {
        let mut connection = database.lend().await?;
        let mut found = Vec::new();
        for shelf in [&DRAFTS, &FILES] {
            found.extend(shelf.all(&mut connection, keys).await?);
        }
        database.settle(connection, Ok(())).await?;
        let mut found: Vec<String> =
            found.iter().map(|body| String::from_utf8(body.to_vec()).unwrap()).collect();
        found.sort();
        Ok(found)
    }

    const EVERYTHING: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];

    #[tokio::test]
    async fn after_a_turn_of_every_day_no_key_from_before_opens_anything() {
        let (place, before, mut database) = place().await;
        let mut keys = before.clone();
        turn_all(&mut keys, &mut database, &place.item()).await.unwrap();
        assert!(place.items.keys().await.same_as(&keys));
        assert_eq!(all(&mut database, &keys).await.unwrap(), EVERYTHING);
        assert!(keys.epochs().all(|epoch| epoch.turn == 1));
        assert!(before.epochs().all(|epoch| keys.epoch(epoch).is_none()));
        assert_eq!(before.epochs().count(), keys.epochs().count());
        // The database key is the same: only the keys of the days are in the way.
        assert_eq!(all(&mut database, &before).await, Err(StoreError::Unreadable));
    }

    #[tokio::test]
    async fn a_process_that_dies_at_any_moment_loses_nothing_and_the_next_turn_makes_it_whole() {
        let (mut cut_short, mut calls) = (0, 0);
        loop {
            let (place, before, mut database) = place().await;
            let mut keys = before.clone();
            *place.items.calls_left.lock().unwrap() = Some(calls);
            let turned = turn_all(&mut keys, &mut database, &place.item()).await;
            *place.items.calls_left.lock().unwrap() = None;
            assert_eq!(all(&mut database, &keys).await.unwrap(), EVERYTHING, "it goes on, call {calls}");

            let copied = place.copied();
            let mut keys = copied.items.keys().await;
            let mut copy = copied.open(&keys).await;
            assert_eq!(all(&mut copy, &keys).await.unwrap(), EVERYTHING, "the next start, call {calls}");
            turn_all(&mut keys, &mut copy, &copied.item()).await.unwrap();
            assert_eq!(all(&mut copy, &keys).await.unwrap(), EVERYTHING, "the next turn, call {calls}");
            assert_eq!(keys.epochs().count(), before.epochs().count());
            assert!(before.epochs().all(|epoch| keys.epoch(epoch).is_none()));
            copy.close().await;
            database.close().await;
            if turned.is_ok() {
                break;
            }
            cut_short += 1;
            calls += 1;
            // Every call of the first days, and then some: later ones are like them.
            if calls > 25 {
                calls += 16;
            }
        }
        assert!(cut_short > 20);
    }

    #[tokio::test]
    async fn a_full_set_has_room_for_a_turn_even_after_one_that_was_cut_short() {
        let (place, mut keys, mut database) = place().await;
        for today in TODAY..TODAY + 100 {
            keys.provide(today, 14).unwrap();
        }
        let last = keys.epochs().last().unwrap();
        let (mut keys, _) = keys.with_new_turn(last).unwrap();
        assert_eq!(keys.epochs().count(), 41);
        place.item().keep(&keys).await.unwrap();
        turn_all(&mut keys, &mut database, &place.item()).await.unwrap();
        assert_eq!(keys.epochs().count(), 40);
        assert_eq!(all(&mut database, &keys).await.unwrap(), EVERYTHING);
    }
}
