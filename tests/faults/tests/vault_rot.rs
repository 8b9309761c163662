//! Bits and pages that change on the disk or in the keychain: what is read is right or an error, never something else.
//! The counter-test is plain SQLite with the same changes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{fs, path::Path};

use ledsaga_core::{error::StoreError, ports::Store};
use ledsaga_faults::{
    computer::Computer,
    ledger::{Standing, put, standing},
    report::{Kind, row, setting},
};
use ledsaga_vault::OpenError;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

const ROW: &str = "rot";
const CASES: u64 = 24;
const PAGE: usize = 4_096;

/// A change to a file at one of so many places.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// One bit.
    Bit,
    /// A page of zeros.
    ZeroPage,
    /// A page in the place of another.
    SwappedPages,
}

impl Change {
    fn make(self, bytes: &mut [u8], number: usize, of: usize) {
        let pages = bytes.len() / PAGE;
        match self {
            Self::Bit => {
                let at = number * bytes.len() / of;
                bytes[at] ^= 1 << (number % 8);
            }
            Self::ZeroPage if pages > 0 => {
                let page = number * pages / of;
                bytes[page * PAGE..(page + 1) * PAGE].fill(0);
            }
            Self::SwappedPages if pages > 1 => {
                let (one, other) =
                    (number * pages / of, (number * pages / of + 1 + number % (pages - 1)) % pages);
                let kept = bytes[one * PAGE..(one + 1) * PAGE].to_vec();
                bytes.copy_within(other * PAGE..(other + 1) * PAGE, one * PAGE);
                bytes[other * PAGE..(other + 1) * PAGE].copy_from_slice(&kept);
            }
            _ => {}
        }
    }
}

/// How reading went.
#[derive(Debug, Default)]
struct Seen {
    changes: usize,
    /// An error said that something is wrong.
    told: usize,
    /// Everything was there all the same.
    whole: usize,
    /// Cases were as if they had never been saved, without a word.
    missing: usize,
    /// Something else than what was saved.
    wrong: usize,
}

/// A computer whose vault was not closed in order: half of the cases are in the database, half in its log.
async fn rotting() -> Computer {
    let computer = Computer::new();
    let vault = computer.open(None).await.unwrap();
    for number in 1..=CASES / 2 {
        vault.commit(put(number)).await.unwrap();
    }
    vault.close().await;
    drop(vault);
    let vault = computer.open(None).await.unwrap();
    for number in CASES / 2 + 1..=CASES {
        vault.commit(put(number)).await.unwrap();
    }
    let image = computer.image();
    vault.close().await;
    image
}

async fn read(computer: &Computer, seen: &mut Seen, what: &str) {
    seen.changes += 1;
    let vault = match computer.open(None).await {
        Ok(vault) => vault,
        Err(error) => {
            let typed = [
                OpenError::Unreadable,
                OpenError::NewerVersion,
                OpenError::KeyLost,
                OpenError::OtherKeychain,
            ];
            assert!(typed.contains(&error), "{error} after {what}");
            seen.told += 1;
            return;
        }
    };
    let (mut told, mut missing, mut wrong) = (false, false, false);
    for number in 1..=CASES {
        match standing(&vault, number).await {
            Ok(Standing::Whole) => {}
            Ok(Standing::Absent) => missing = true,
            Ok(Standing::Half) => wrong = true,
            // SQLCipher has no code of its own for a page that it does not let pass.
            Err(StoreError::Unreadable | StoreError::Failed(_)) => told = true,
            Err(error) => panic!("{error} after {what}"),
        }
    }
    told |= vault.verify().await.is_err() || vault.health().await.unwrap().damaged > 0;
    seen.wrong += usize::from(wrong && !told);
    seen.told += usize::from(told);
    seen.missing += usize::from(missing && !told);
    seen.whole += usize::from(!told && !missing && !wrong);
    vault.close().await;
}

/// Changes one file in every way, each time from a whole one.
async fn rot(file: &str, changes: &[Change], of: usize) -> Seen {
    let whole = rotting().await;
    let mut seen = Seen::default();
    for change in changes {
        for number in 0..of {
            let computer = whole.image();
            let path = if file == "key set" {
                computer.secrets().join(computer.items().keys().next().unwrap())
            } else {
                computer.folder().join(file)
            };
            let mut bytes = fs::read(&path).unwrap();
            let before = bytes.clone();
            change.make(&mut bytes, number, of);
            if bytes == before {
                continue;
            }
            fs::write(&path, bytes).unwrap();
            read(&computer, &mut seen, &format!("{change:?} {number} of {of} in {file}")).await;
        }
    }
    let Seen { changes, told, whole, missing, wrong } = seen;
    let done =
        format!("{file}: {told} told, {whole} harmless, {missing} as if not saved, {wrong} silently wrong");
    row(Kind::Test, ROW, &done, changes, wrong);
    assert_eq!(wrong, 0, "{done}");
    seen
}

fn places() -> usize {
    setting("LEDSAGA_FLIPS", 24)
}

#[tokio::test]
async fn no_change_to_the_database_is_read_as_if_it_were_right() {
    let seen = rot("vault.db", &[Change::Bit, Change::ZeroPage, Change::SwappedPages], places()).await;
    assert_eq!(seen.missing, 0);
    assert!(seen.told > seen.changes / 2, "a reading of the whole file tells");
}

/// A log whose chain of checksums breaks ends there, for SQLite as for us, and what came after is lost: before the log is
/// written back this is all that there is of it. It is told, unless the last commit's own mark is what changed.
#[tokio::test]
async fn no_change_to_the_log_is_read_as_if_it_were_right() {
    let seen = rot("vault.db-wal", &[Change::Bit, Change::ZeroPage], places()).await;
    assert!(seen.changes > places());
    assert!(seen.missing <= seen.changes / 12, "{seen:?}");
}

#[tokio::test]
async fn no_change_to_the_meta_file_opens_anything_else() {
    let seen = rot("vault.meta", &[Change::Bit], places()).await;
    assert_eq!(seen.missing, 0);
}

#[tokio::test]
async fn no_change_to_the_key_set_opens_anything() {
    let seen = rot("key set", &[Change::Bit], places()).await;
    assert_eq!(seen.told, seen.changes);
}

/// The same cases as plain rows, read back by number.
async fn read_plain(path: &Path) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
    let mut plain = SqliteConnectOptions::new().filename(path).connect().await?;
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut plain).await?;
    let rows = sqlx::query_as("SELECT id, body FROM draft ORDER BY id").fetch_all(&mut plain).await?;
    plain.close().await?;
    if check == "ok" { Ok(rows) } else { Err(sqlx::Error::RowNotFound) }
}

#[tokio::test]
async fn plain_sqlite_takes_changed_bits_for_right() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plain.db");
    let mut plain =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE draft (id INTEGER PRIMARY KEY, body BLOB)")
        .execute(&mut plain)
        .await
        .unwrap();
    for number in 1..=i64::try_from(CASES).unwrap() {
        let body = number.to_le_bytes().repeat(800);
        let insert = sqlx::query("INSERT INTO draft VALUES (?1, ?2)").bind(number).bind(body);
        insert.execute(&mut plain).await.unwrap();
    }
    plain.close().await.unwrap();
    let right = read_plain(&path).await.unwrap();
    let whole = fs::read(&path).unwrap();
    let (mut changes, mut wrong) = (0, 0);
    for change in [Change::Bit, Change::ZeroPage, Change::SwappedPages] {
        for number in 0..places() {
            let mut bytes = whole.clone();
            change.make(&mut bytes, number, places());
            fs::write(&path, bytes).unwrap();
            changes += 1;
            wrong += usize::from(read_plain(&path).await.is_ok_and(|found| found != right));
        }
    }
    row(
        Kind::CounterTest,
        ROW,
        "plain SQLite with the same changes, silently wrong although its own check passed",
        changes,
        wrong,
    );
    assert!(wrong > 0);
}
