//! What support sees of a vault from the outside, and that looking changes nothing.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{collections::BTreeMap, fs, path::Path};

use ledsaga_core::ports::{Change, SecretError, Store};
use ledsaga_vault::{FolderReport, KeyState, MetaState, Pin, ProbeError, inspect, probe};
use support::{Computer, call, folders, worker};

async fn look(computer: &Computer) -> Vec<FolderReport> {
    inspect(computer.dir.path(), computer.secrets.clone()).await.unwrap()
}

/// A computer on which the worker has a vault with one call in it, closed.
async fn with_a_vault() -> Computer {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    vault.commit(vec![Change::PutCall(call("Färdtjänst"))]).await.unwrap();
    vault.close().await;
    computer
}

fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = folders(dir).into_iter().flat_map(|folder| folders(&folder));
    files.map(|file| (file.to_string_lossy().into_owned(), fs::read(&file).unwrap())).collect()
}

#[tokio::test]
async fn a_computer_without_vaults_has_none_and_gets_none() {
    let computer = Computer::new();
    assert_eq!(look(&computer).await, []);
    let nowhere = computer.dir.path().join("nowhere");
    assert_eq!(inspect(&nowhere, computer.secrets.clone()).await.unwrap(), []);
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_closed_vault_is_whole() {
    let computer = with_a_vault().await;
    let report = look(&computer).await.remove(0);
    assert_eq!(report.meta, MetaState::Readable { format: 1, this_keychain: true });
    assert_eq!((report.key, report.open, report.unclosed), (KeyState::Present { pin: false }, false, false));
    assert!(report.database.is_some_and(|size| size > 0));
    assert_eq!((report.unfinished, report.backups), (0, 0));
    assert_eq!(report.private, cfg!(unix).then_some(true));
}

#[tokio::test]
async fn looking_changes_nothing_and_does_not_get_in_the_way() {
    let computer = with_a_vault().await;
    let (before, items) = (contents(computer.dir.path()), computer.secrets.items());
    look(&computer).await;
    assert_eq!(contents(computer.dir.path()), before);
    assert_eq!(computer.secrets.items(), items);

    let vault = computer.open(&worker("disa")).await.unwrap();
    assert!(look(&computer).await[0].open);
    vault.commit(vec![Change::PutCall(call("Bygglov"))]).await.unwrap();
    assert_eq!(vault.calls().await.unwrap().len(), 2);
    vault.close().await;
    assert!(!look(&computer).await[0].open);
}

#[tokio::test]
async fn every_vault_is_looked_at() {
    let computer = with_a_vault().await;
    computer.open(&worker("edla")).await.unwrap().close().await;
    assert_eq!(look(&computer).await.len(), 2);
}

#[tokio::test]
async fn a_key_that_is_missing_or_another_shows() {
    let computer = with_a_vault().await;
    computer.secrets.fail(SecretError::Locked);
    assert_eq!(look(&computer).await[0].key, KeyState::Unknown);
    computer.secrets.fail(None);
    let kept = computer.secrets.items();
    let other = with_a_vault().await.secrets.items();
    computer.secrets.replace(|items| *items = other);
    assert_eq!(look(&computer).await[0].key, KeyState::Other);
    computer.secrets.replace(|items| items.values_mut().for_each(|item| item.truncate(20)));
    assert_eq!(look(&computer).await[0].key, KeyState::Unreadable);
    computer.secrets.replace(|items| items.clear());
    assert_eq!(look(&computer).await[0].key, KeyState::Missing);
    computer.secrets.replace(|items| *items = kept);
    assert_eq!(look(&computer).await[0].key, KeyState::Present { pin: false });
}

#[tokio::test]
async fn what_vault_meta_says_is_told_apart() {
    let computer = with_a_vault().await;
    let path = computer.folder().join("vault.meta");
    let meta = fs::read_to_string(&path).unwrap();
    let state = async |text: &str| {
        fs::write(&path, text).unwrap();
        look(&computer).await[0].meta
    };
    assert_eq!(state(&meta.replace("\"format\":1", "\"format\":99")).await, MetaState::Newer);
    assert_eq!(state("{").await, MetaState::Unreadable);
    let mut elsewhere: serde_json::Value = serde_json::from_str(&meta).unwrap();
    elsewhere["keychain"] = "another".into();
    let other = MetaState::Readable { format: 1, this_keychain: false };
    assert_eq!(state(&elsewhere.to_string()).await, other);
    fs::remove_file(&path).unwrap();
    assert_eq!(look(&computer).await[0].meta, MetaState::Missing);
}

#[tokio::test]
async fn what_a_crash_leaves_shows() {
    let computer = with_a_vault().await;
    let folder = computer.folder();
    for name in ["vault.db-wal", "vault.meta.tmp", "vault.db.copy", "vault.db.before-1"] {
        fs::write(folder.join(name), "left").unwrap();
    }
    let report = look(&computer).await.remove(0);
    assert_eq!((report.unclosed, report.unfinished, report.backups), (true, 2, 1));
}

#[tokio::test]
async fn a_key_under_a_pin_is_there() {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    vault.set_pin(Some(Pin::new("918273"))).await.unwrap();
    vault.close().await;
    assert_eq!(look(&computer).await[0].key, KeyState::Present { pin: true });
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_may_enter_shows() {
    use std::os::unix::fs::PermissionsExt;
    let computer = with_a_vault().await;
    fs::set_permissions(computer.folder(), fs::Permissions::from_mode(0o750)).unwrap();
    assert_eq!(look(&computer).await[0].private, Some(false));
}

#[tokio::test]
async fn a_keychain_that_works_is_left_as_it_was() {
    let computer = with_a_vault().await;
    let items = computer.secrets.items();
    assert_eq!(probe(&*computer.secrets).await, Ok(()));
    assert_eq!(computer.secrets.items(), items);
}

#[tokio::test]
async fn a_keychain_that_is_locked_or_forgets_shows() {
    let computer = Computer::new();
    computer.secrets.fail(SecretError::Locked);
    assert_eq!(probe(&*computer.secrets).await, Err(ProbeError::Secret(SecretError::Locked)));
    computer.secrets.fail(None);
    *computer.secrets.forgetful.lock().unwrap() = true;
    assert_eq!(probe(&*computer.secrets).await, Err(ProbeError::Forgets));
}
