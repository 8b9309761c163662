//! What becomes of a vault whose files are damaged, swapped or from another version.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{fs, path::Path};

use ledsaga_core::{
    error::StoreError,
    ports::{Change, Shredding, Store},
};
use ledsaga_vault::OpenError;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use support::{Computer, call, draft, worker};
use uuid::Uuid;

const CALLS: usize = 40;

async fn with_calls() -> Computer {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    for number in 0..CALLS {
        let call = call(&format!("Samtal {number}: {}", "å".repeat(600)));
        let draft = draft(&call, &format!("Svar {number}"));
        vault.commit(vec![Change::PutCall(call), Change::PutDraft(draft)]).await.unwrap();
    }
    vault.close().await;
    computer
}

/// The database as somebody with its key sees it.
async fn database(computer: &Computer) -> SqliteConnection {
    let keys = computer.secrets.items().into_values().next().unwrap();
    // Format, id, database key: see the key set.
    let key = hex::encode(&keys[9..41]);
    SqliteConnectOptions::new()
        .filename(computer.folder().join("vault.db"))
        .pragma("key", format!("\"x'{key}'\""))
        .connect()
        .await
        .unwrap()
}

async fn change_database(computer: &Computer, sql: &'static str) {
    let mut database = database(computer).await;
    sqlx::raw_sql(sql).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn what_is_no_database_is_unreadable_and_kept() {
    for garbage in [vec![0; 8_192], b"SQLite format 3\0".repeat(512), vec![1], vec![]] {
        let computer = with_calls().await;
        let path = computer.folder().join("vault.db");
        fs::write(&path, &garbage).unwrap();
        assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::Unreadable));
        assert!(fs::read(&path).unwrap() == garbage);
    }
}

#[tokio::test]
async fn a_garbled_meta_file_is_unreadable() {
    let computer = with_calls().await;
    fs::write(computer.folder().join("vault.meta"), "{").unwrap();
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::Unreadable));
}

#[tokio::test]
async fn no_changed_bit_is_ever_read_as_if_it_were_right() {
    let computer = with_calls().await;
    let path = computer.folder().join("vault.db");
    let whole = fs::read(&path).unwrap();
    let mut noticed = 0;
    for flip in 0..60 {
        let at = flip * whole.len() / 60 + flip % 7;
        damage(&path, |bytes| bytes[at] ^= 1 << (flip % 8));
        match computer.open(&worker("disa")).await {
            Err(error) => {
                assert_eq!(error, OpenError::Unreadable, "byte {at}");
                noticed += 1;
            }
            Ok(vault) => {
                // Either the page was not read, or the damage is told.
                match vault.calls().await {
                    Ok(calls) => {
                        let notes: Vec<String> = calls.into_iter().map(|call| call.note).collect();
                        let expected: Vec<String> = (0..CALLS)
                            .rev()
                            .map(|number| format!("Samtal {number}: {}", "å".repeat(600)))
                            .collect();
                        assert!(notes == expected, "byte {at}");
                    }
                    Err(error) => assert_eq!(error, StoreError::Unreadable, "byte {at}"),
                }
                if vault.verify().await.is_err() {
                    noticed += 1;
                }
                vault.close().await;
            }
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(noticed, 60, "every flip is noticed by a reading of the whole file");
    assert_eq!(computer.open(&worker("disa")).await.unwrap().verify().await, Ok(()));
}

/// What the flips would do without the codes that authenticate every page.
#[tokio::test]
async fn plain_sqlite_takes_changed_bits_for_right() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plain.db");
    let options = SqliteConnectOptions::new().filename(&path);
    let mut plain = options.clone().create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE call (note TEXT)").execute(&mut plain).await.unwrap();
    let note = "abcdefgh".repeat(400);
    sqlx::query("INSERT INTO call VALUES (?1)").bind(&note).execute(&mut plain).await.unwrap();
    plain.close().await.unwrap();

    let at = fs::read(&path).unwrap().windows(8).rposition(|bytes| bytes == b"abcdefgh").unwrap();
    damage(&path, |bytes| bytes[at] ^= 1);
    let mut plain = options.connect().await.unwrap();
    let read: String = sqlx::query_scalar("SELECT note FROM call").fetch_one(&mut plain).await.unwrap();
    assert_ne!(read, note);
}

#[tokio::test]
async fn a_cut_off_file_is_noticed() {
    let computer = with_calls().await;
    let path = computer.folder().join("vault.db");
    damage(&path, |bytes| bytes.truncate(bytes.len() / 2));
    match computer.open(&worker("disa")).await {
        Err(error) => assert_eq!(error, OpenError::Unreadable),
        Ok(vault) => assert_eq!(vault.verify().await, Err(StoreError::Unreadable)),
    }
}

/// The id that a query answers.
async fn id(computer: &Computer, sql: &'static str) -> Uuid {
    let mut database = database(computer).await;
    let id: Vec<u8> = sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap();
    database.close().await.unwrap();
    Uuid::from_slice(&id).unwrap()
}

#[tokio::test]
async fn records_that_changed_places_do_not_open() {
    const DRAFT: &str = "SELECT min(id) FROM draft";
    // With how many are damaged: one, or all whose data keys lie in the same bundle.
    for (sql, which, damaged) in [
        // What one draft holds under the id of another.
        (
            "UPDATE draft SET (outline, body) = (SELECT outline, body FROM draft ORDER BY id DESC LIMIT 1) \
             WHERE id = (SELECT min(id) FROM draft)",
            DRAFT,
            1,
        ),
        // An old revision as if it were the newest.
        ("UPDATE draft SET rev = rev + 1 WHERE id = (SELECT min(id) FROM draft)", DRAFT, 1),
        // A body read in the way of another format.
        ("UPDATE draft SET format = 2 WHERE id = (SELECT min(id) FROM draft)", DRAFT, 1),
        // A call in the place of a draft.
        (
            "INSERT INTO draft SELECT id, parent, at, rev, format, NULL, body FROM call ORDER BY id LIMIT 1; \
             INSERT INTO data_key SELECT id, 'draft', purge_on, bundle FROM data_key \
             WHERE shelf = 'call' ORDER BY id LIMIT 1",
            "SELECT min(id) FROM call",
            1,
        ),
        // A data key looked for in a bundle in which it does not lie, or in none.
        (
            "UPDATE data_key SET bundle = (SELECT number FROM bundle WHERE shelf = 'call' LIMIT 1) \
             WHERE shelf = 'draft' AND id = (SELECT min(id) FROM draft)",
            DRAFT,
            1,
        ),
        // One shelf's bundle in the place of another's.
        (
            "UPDATE bundle SET body = (SELECT body FROM bundle WHERE shelf = 'call' LIMIT 1) WHERE shelf = 'draft'",
            DRAFT,
            CALLS,
        ),
        // Another epoch, so that its key would outlive the day; then another turn of the same day.
        ("UPDATE bundle SET epoch = epoch + 65536 WHERE shelf = 'draft'", DRAFT, CALLS),
        ("UPDATE bundle SET epoch = epoch + 1 WHERE shelf = 'draft'", DRAFT, CALLS),
        // Another number.
        (
            "UPDATE bundle SET number = number + 100 WHERE shelf = 'draft'; \
             UPDATE data_key SET bundle = bundle + 100 WHERE shelf = 'draft'",
            DRAFT,
            CALLS,
        ),
        // One data key by itself, as the first versions had them.
        ("UPDATE bundle SET format = 1 WHERE shelf = 'draft'", DRAFT, CALLS),
    ] {
        let computer = with_calls().await;
        let id = id(&computer, which).await;
        change_database(&computer, sql).await;
        let vault = computer.open(&worker("disa")).await.unwrap();
        assert_eq!(vault.draft(id).await.err(), Some(StoreError::Unreadable), "{sql}");
        let outlines = vault.outlines().await.unwrap();
        assert!(
            outlines.len() >= CALLS - damaged && outlines.iter().all(|outline| outline.id != id),
            "{sql}"
        );
        assert_eq!(vault.calls().await.unwrap().len(), CALLS, "{sql}");
        assert_eq!(vault.health().await.unwrap().damaged, damaged as u32, "{sql}");
        assert_eq!(vault.verify().await, Err(StoreError::Unreadable), "{sql}");
    }
}

#[tokio::test]
async fn a_draft_whose_outline_is_damaged_is_listed_all_the_same() {
    let computer = with_calls().await;
    let outlines = {
        let vault = computer.open(&worker("disa")).await.unwrap();
        let outlines = vault.outlines().await.unwrap();
        vault.close().await;
        outlines
    };
    change_database(&computer, "UPDATE draft SET outline = x'00' WHERE id = (SELECT min(id) FROM draft)")
        .await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    assert_eq!(vault.outlines().await.unwrap(), outlines);
    assert_eq!(vault.health().await.unwrap().damaged, 0, "nothing is lost");
    assert_eq!(vault.verify().await, Err(StoreError::Unreadable), "and it is told");
}

#[tokio::test]
async fn a_damaged_draft_can_be_saved_anew() {
    let computer = with_calls().await;
    let id = id(&computer, "SELECT min(id) FROM draft").await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    let draft = vault.draft(id).await.unwrap().unwrap();
    vault.close().await;
    change_database(&computer, "UPDATE bundle SET body = x'00' WHERE shelf = 'draft'").await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    assert!(vault.outlines().await.unwrap().is_empty());
    assert_eq!(vault.health().await.unwrap().damaged, CALLS as u32);
    vault.commit(vec![Change::PutDraft(draft.clone())]).await.unwrap();
    assert!(vault.draft(id).await.unwrap() == Some(draft));
    assert_eq!(vault.health().await.unwrap().damaged, CALLS as u32 - 1);
}

#[tokio::test]
async fn chunks_of_a_file_that_changed_places_or_are_missing_do_not_open() {
    let (id, draft) = (Uuid::now_v7(), Uuid::now_v7());
    let put = |seed: usize| {
        let bytes: Vec<u8> = (0..200_000).map(|at: usize| ((at + seed) % 251) as u8).collect();
        Change::PutFile { id, draft, bytes }
    };
    for (sql, readable) in [
        (
            "UPDATE chunk SET n = -1 WHERE n = 0; UPDATE chunk SET n = 0 WHERE n = 1; \
             UPDATE chunk SET n = 1 WHERE n = -1",
            false,
        ),
        ("UPDATE chunk SET n = CASE n WHEN 0 THEN 10 ELSE n END", false),
        ("DELETE FROM chunk WHERE n = (SELECT max(n) FROM chunk)", false),
        ("DELETE FROM chunk WHERE n = 1", false),
        ("DELETE FROM chunk", false),
        ("INSERT INTO chunk SELECT file, 9, body FROM chunk WHERE n = 0", false),
        ("UPDATE chunk SET body = substr(body, 1, 100) WHERE n = 3", false),
        ("UPDATE file SET body = (SELECT body FROM before)", false),
        ("UPDATE chunk SET body = (SELECT body FROM before_chunk WHERE n = 0) WHERE n = 0", false),
        ("UPDATE file SET rev = rev + 1", false),
        ("UPDATE file SET format = 1", false),
        ("UPDATE file SET format = 3", false),
        // The counter-test: the same way, and nothing changed.
        ("UPDATE chunk SET n = n + 100", true),
    ] {
        let computer = Computer::new();
        let vault = computer.open(&worker("disa")).await.unwrap();
        vault.commit(vec![put(0)]).await.unwrap();
        vault.close().await;
        // As it was before it was put again under the same data key.
        let keep =
            "CREATE TABLE before AS SELECT * FROM file; CREATE TABLE before_chunk AS SELECT * FROM chunk";
        change_database(&computer, keep).await;
        let vault = computer.open(&worker("disa")).await.unwrap();
        vault.commit(vec![put(1)]).await.unwrap();
        vault.close().await;
        change_database(&computer, sql).await;
        let vault = computer.open(&worker("disa")).await.unwrap();
        if readable {
            let Change::PutFile { bytes, .. } = put(1) else { unreachable!() };
            assert!(vault.file(id).await.unwrap() == Some(bytes));
            assert_eq!(vault.verify().await, Ok(()), "{sql}");
        } else {
            assert_eq!(vault.file(id).await, Err(StoreError::Unreadable), "{sql}");
            assert_eq!(vault.verify().await, Err(StoreError::Unreadable), "{sql}");
        }
    }
}

#[tokio::test]
async fn a_record_without_its_body_is_told() {
    for sql in ["DELETE FROM draft WHERE id = (SELECT min(id) FROM draft)", "DELETE FROM call"] {
        let computer = with_calls().await;
        change_database(&computer, sql).await;
        let vault = computer.open(&worker("disa")).await.unwrap();
        assert_eq!(vault.verify().await, Err(StoreError::Unreadable), "{sql}");
    }
}

#[tokio::test]
async fn a_record_beside_a_damaged_one_still_opens() {
    let computer = with_calls().await;
    change_database(&computer, "UPDATE draft SET rev = 9 WHERE id = (SELECT min(id) FROM draft)").await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    let ids: Vec<Vec<u8>> = {
        vault.close().await;
        let mut database = database(&computer).await;
        let ids =
            sqlx::query_scalar("SELECT id FROM draft ORDER BY id").fetch_all(&mut database).await.unwrap();
        database.close().await.unwrap();
        ids
    };
    let vault = computer.open(&worker("disa")).await.unwrap();
    let id = |at: usize| Uuid::from_slice(&ids[at]).unwrap();
    assert_eq!(vault.draft(id(0)).await.err(), Some(StoreError::Unreadable));
    for at in 1..CALLS {
        assert!(vault.draft(id(at)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_store_from_a_newer_version_is_refused_and_kept() {
    let computer = with_calls().await;
    change_database(&computer, "PRAGMA user_version = 1000").await;
    let before = fs::read(computer.folder().join("vault.db")).unwrap();
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::NewerVersion));
    assert!(fs::read(computer.folder().join("vault.db")).unwrap() == before);

    let computer = with_calls().await;
    let meta = computer.folder().join("vault.meta");
    let newer = fs::read_to_string(&meta).unwrap().replace("\"format\":1", "\"format\":2");
    fs::write(&meta, newer).unwrap();
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::NewerVersion));
}

#[tokio::test]
async fn what_is_shredded_has_left_the_log() {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    let log = computer.folder().join("vault.db-wal");
    let draft = draft(&call("Samtal"), "Svar");
    let file = Change::PutFile { id: Uuid::now_v7(), draft: draft.id, bytes: vec![7; 100_000] };
    vault.commit(vec![Change::PutDraft(draft.clone()), file]).await.unwrap();
    assert!(fs::metadata(&log).unwrap().len() > 100_000, "the log has what the next lines wait to see gone");
    vault.commit(vec![Change::RemoveDraft { id: draft.id }]).await.unwrap();
    while vault.shred().await.unwrap() != Shredding::Done {}
    assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    vault.close().await;
    assert!(!log.exists());
}
