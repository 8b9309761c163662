//! A thousand drafts are purged. Somebody who made an image of the disk before, and has the keychain as it is after,
//! reads none of them: not in the database, its log, its free pages or the copy from before a migration. The
//! counter-test is the same image with the keychain as it was.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::fs;

use jiff::Timestamp;
use ledsaga_core::{
    error::StoreError,
    ports::{Change, Shredding, Store},
    search::{Field, Query, SearchDocument},
};
use ledsaga_faults::{
    computer::Computer,
    ledger::{Standing, put, remove, standing},
    report::{Kind, row, setting},
};
use ledsaga_vault::{SearchIndex, Vault};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use uuid::Uuid;

const ROW: &str = "shredding";
/// Case 0 is kept.
const KEPT: u64 = 0;

fn purged() -> u64 {
    setting("LEDSAGA_PURGED", 1_000) as u64
}

async fn shred(vault: &Vault) {
    while vault.shred().await.unwrap() != Shredding::Done {}
}

/// How many of the purged cases can be read, as a whole or in part.
async fn readable(image: &Vault) -> usize {
    let mut readable = 0;
    for number in 1..=purged() {
        match standing(image, number).await {
            Ok(Standing::Absent) | Err(StoreError::Unreadable) => {}
            found => {
                assert!(found.is_ok());
                readable += 1;
            }
        }
    }
    readable
}

#[tokio::test]
async fn no_image_of_the_disk_opens_what_was_purged_since() {
    let computer = Computer::new();
    let vault = computer.open(None).await.unwrap();
    vault.commit(put(KEPT)).await.unwrap();
    for first in (1..=purged()).step_by(100) {
        let numbers = first..=(first + 99).min(purged());
        vault.commit(numbers.flat_map(put).collect()).await.unwrap();
    }
    // While it is open, so that the log is in it.
    let images = [computer.image(), computer.image()];
    let log = images[0].folder().join("vault.db-wal");
    assert!(fs::metadata(log).is_ok_and(|log| log.len() > 0), "the image has a log");

    for first in (1..=purged()).step_by(100) {
        let numbers = first..=(first + 99).min(purged());
        vault.commit(numbers.map(remove).collect()).await.unwrap();
    }
    // In between, with the rows gone and their pages free.
    let during = computer.image();
    shred(&vault).await;
    let after = computer.image();
    assert_eq!(standing(&vault, KEPT).await, Ok(Standing::Whole));
    assert_eq!(vault.verify().await, Ok(()));
    vault.close().await;

    let items = computer.items();
    let mut lost = 0;
    for image in [&images[0], &during, &after] {
        image.put_items(&items);
        let opened = image.open(None).await.unwrap();
        lost += readable(&opened).await;
        opened.close().await;
    }
    let done = "images from before, during and after a purge, opened with the keychain as after";
    row(Kind::Test, ROW, done, 3 * purged() as usize, lost);
    assert_eq!(lost, 0);

    let opened = images[1].open(None).await.unwrap();
    let seen = readable(&opened).await;
    opened.close().await;
    row(Kind::CounterTest, ROW, "the image from before with the keychain as before", purged() as usize, seen);
    assert_eq!(seen as u64, purged());
}

/// The copy that a migration leaves beside the database until the next start.
#[tokio::test]
async fn a_copy_from_before_a_migration_opens_no_purged_draft_either() {
    let (computer, records) = Computer::with_vault_of_version_1().await;
    let vault = computer.open(None).await.unwrap();
    let copy = computer.folder().join("vault.db.before-1");
    assert!(copy.exists(), "there is a copy");
    let ids: Vec<Uuid> = records["drafts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|draft| draft["id"].as_str().unwrap().parse().unwrap())
        .collect();
    let items_before = computer.items();
    let images = [computer.image(), computer.image()];
    vault.commit(ids.iter().map(|id| Change::RemoveDraft { id: *id }).collect()).await.unwrap();
    shred(&vault).await;
    vault.close().await;
    let readable = async |image: &Computer| {
        // The copy in the place of the database, as somebody would do who wants to read it.
        fs::rename(image.folder().join("vault.db.before-1"), image.folder().join("vault.db")).unwrap();
        let _ = fs::remove_file(image.folder().join("vault.db-wal"));
        let opened = image.open(None).await.unwrap();
        let mut readable = 0;
        for id in &ids {
            readable += usize::from(opened.draft(*id).await.is_ok_and(|draft| draft.is_some()));
        }
        opened.close().await;
        readable
    };
    images[0].put_items(&computer.items());
    let lost = readable(&images[0]).await;
    row(Kind::Test, ROW, "the copy from before a migration with the keychain as after", ids.len(), lost);
    assert_eq!(lost, 0);
    images[1].put_items(&items_before);
    let seen = readable(&images[1]).await;
    row(
        Kind::CounterTest,
        ROW,
        "the copy from before a migration with the keychain as before",
        ids.len(),
        seen,
    );
    assert_eq!(seen, ids.len());
}

/// The words of drafts are in the search index too, under a key that only the process has.
#[tokio::test]
async fn the_search_index_of_a_process_that_died_is_read_by_nobody() {
    let computer = Computer::new();
    computer.open(None).await.unwrap().close().await;
    let folder = computer.folder();
    let index = SearchIndex::open(&folder).await.unwrap();
    let documents = (0..purged()).map(|number| SearchDocument {
        draft: Some(Uuid::from_u64_pair(1, number)),
        call: Uuid::from_u64_pair(2, number),
        at: Timestamp::now(),
        texts: vec![(Field::Answer, "kanariefågel".to_owned())],
    });
    index.put_all(documents.collect()).await.unwrap();
    let query = Query::of_words("kanariefågel");
    let seen = index.find(&query).await.unwrap().len();

    // It dies: nothing is closed. Somebody has the disk and all that the keychain holds.
    let image = computer.image();
    drop(index);
    let path = image.folder().join("search.db");
    let bytes = fs::read(&path).unwrap();
    let mut lost = usize::from(bytes.windows(6).any(|window| window == b"kanari"));
    let items = image.items();
    let keys = items.values().flat_map(|item| item.windows(32).map(hex::encode));
    for key in keys.map(|key| Some(format!("\"x'{key}'\""))).chain([None]) {
        let options = SqliteConnectOptions::new().filename(&path);
        let options = if let Some(key) = key { options.pragma("key", key) } else { options };
        let Ok(mut connection) = options.connect().await else { continue };
        let read =
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection);
        lost += usize::from(read.await.is_ok());
    }
    // The next start removes it.
    let next = SearchIndex::open(&image.folder()).await.unwrap();
    lost += next.find(&query).await.unwrap().len();
    row(
        Kind::Test,
        ROW,
        "a search index left by a process that died, tried with all that the keychain has",
        items.len(),
        lost,
    );
    assert_eq!(lost, 0);
    row(Kind::CounterTest, ROW, "the same index in its own session", 1, seen);
    assert!(seen > 0);
}
