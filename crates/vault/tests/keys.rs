//! What becomes of a vault when its keys are missing, locked, damaged or somebody else's.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{fs, path::Path};

use ledsaga_core::ports::{Change, SecretError, Store};
use ledsaga_vault::{OpenError, Pin, PinError, Vault};
use support::{Computer, call, folders, worker};

/// A computer on which the worker has a vault with one call in it, closed.
async fn with_a_call() -> Computer {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    vault.commit(vec![Change::PutCall(call("Färdtjänst"))]).await.unwrap();
    vault.close().await;
    computer
}

async fn notes(computer: &Computer) -> Vec<String> {
    let vault = computer.open(&worker("disa")).await.unwrap();
    let notes = vault.calls().await.unwrap().into_iter().map(|call| call.note).collect();
    vault.close().await;
    notes
}

/// Every file below a folder with its bytes; the lock is empty and always there.
fn contents(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = folders(dir)
        .iter()
        .flat_map(|folder| folders(folder))
        .map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), fs::read(file).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn what_was_saved_is_there_at_the_next_start() {
    let computer = with_a_call().await;
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn the_first_start_makes_one_key_set_and_later_ones_leave_it() {
    let computer = with_a_call().await;
    let items = computer.secrets.items();
    assert_eq!(items.len(), 1);
    assert_eq!(notes(&computer).await.len(), 1);
    assert_eq!(computer.secrets.items(), items);
}

#[tokio::test]
async fn without_a_keychain_nothing_is_written() {
    let computer = Computer::new();
    computer.secrets.fail(SecretError::NoKeychain);
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::NoKeychain));
    let files: Vec<String> = contents(computer.dir.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, ["vault.lock"]);
    computer.secrets.fail(None);
    assert!(notes(&computer).await.is_empty());
}

#[tokio::test]
async fn a_failing_keychain_refuses_and_harms_nothing() {
    let computer = with_a_call().await;
    let (files, items) = (contents(computer.dir.path()), computer.secrets.items());
    for (failure, expected) in [
        (SecretError::NoKeychain, OpenError::NoKeychain),
        (SecretError::Locked, OpenError::KeychainLocked),
        (SecretError::Failed, OpenError::Failed),
    ] {
        computer.secrets.fail(failure);
        assert_eq!(computer.open(&worker("disa")).await.err(), Some(expected));
        computer.secrets.fail(None);
    }
    assert!(contents(computer.dir.path()) == files);
    assert_eq!(computer.secrets.items(), items);
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn a_keychain_that_locks_in_mid_work_stops_no_save() {
    let computer = with_a_call().await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    computer.secrets.fail(SecretError::Locked);
    vault.commit(vec![Change::PutCall(call("Bygglov"))]).await.unwrap();
    vault.close().await;
    computer.secrets.fail(None);
    assert_eq!(notes(&computer).await, ["Bygglov", "Färdtjänst"]);
}

#[tokio::test]
async fn a_key_that_was_not_kept_is_never_written_with() {
    let computer = Computer::new();
    *computer.secrets.forgetful.lock().unwrap() = true;
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::Failed));
    assert!(!computer.folder().join("vault.db").exists());
}

#[tokio::test]
async fn a_lost_key_is_told_and_no_new_one_is_made() {
    for remaining in [["vault.db", "vault.meta"].as_slice(), &["vault.db"], &["vault.meta"]] {
        let computer = with_a_call().await;
        for file in ["vault.db", "vault.meta"] {
            if !remaining.contains(&file) {
                fs::remove_file(computer.folder().join(file)).unwrap();
            }
        }
        let files = contents(computer.dir.path());
        // An entry that was deleted and a keychain that was damaged look the same.
        computer.secrets.replace(|items| items.clear());
        for _ in 0..2 {
            assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::KeyLost));
        }
        assert!(computer.secrets.items().is_empty());
        assert!(contents(computer.dir.path()) == files);
    }
}

#[tokio::test]
async fn with_the_key_back_the_work_is_back() {
    let computer = with_a_call().await;
    let items = computer.secrets.items();
    computer.secrets.replace(|items| items.clear());
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::KeyLost));
    computer.secrets.replace(|now| *now = items);
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn a_damaged_key_set_is_unreadable_and_left_as_it_is() {
    let computer = with_a_call().await;
    let whole = computer.secrets.items();
    let damage: [fn(&mut Vec<u8>); 4] =
        [Vec::clear, |bytes| bytes[20] ^= 1, |bytes| bytes.truncate(50), |bytes| *bytes = b"{}".to_vec()];
    for damage in damage {
        computer.secrets.replace(|items| items.values_mut().for_each(damage));
        let damaged = computer.secrets.items();
        assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::Unreadable));
        assert_eq!(computer.secrets.items(), damaged);
        computer.secrets.replace(|items| items.clone_from(&whole));
    }
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn a_database_that_has_been_taken_away_is_not_replaced_by_an_empty_one() {
    let computer = with_a_call().await;
    let database = computer.folder().join("vault.db");
    let aside = computer.dir.path().join("aside");
    fs::rename(&database, &aside).unwrap();
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::Unreadable));
    assert!(!database.exists());
    fs::rename(&aside, &database).unwrap();
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn a_crash_during_the_first_start_is_made_good() {
    let computer = with_a_call().await;
    // The key set is kept and the database is there; the process died before it wrote the rest.
    fs::remove_file(computer.folder().join("vault.meta")).unwrap();
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
    assert!(computer.folder().join("vault.meta").exists());
}

#[tokio::test]
async fn another_worker_has_another_vault() {
    let computer = with_a_call().await;
    let vault = computer.open(&worker("edla")).await.unwrap();
    assert!(vault.calls().await.unwrap().is_empty());
    vault.commit(vec![Change::PutCall(call("Bygglov"))]).await.unwrap();
    vault.close().await;
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
    assert_eq!(computer.secrets.items().len(), 2);
}

#[tokio::test]
async fn the_files_of_another_worker_do_not_open() {
    // Which of the first worker's files the second puts in place of the own ones, and with or without an own key.
    for (files, own_key, expected) in [
        (["vault.db", "vault.meta"].as_slice(), false, OpenError::KeyLost),
        (&["vault.db", "vault.meta"], true, OpenError::Unreadable),
        (&["vault.db"], true, OpenError::Unreadable),
    ] {
        let computer = with_a_call().await;
        let theirs = computer.folder();
        computer.open(&worker("edla")).await.unwrap().close().await;
        let own = folders(computer.dir.path()).into_iter().find(|folder| *folder != theirs).unwrap();
        for file in files {
            fs::copy(theirs.join(file), own.join(file)).unwrap();
        }
        if !own_key {
            let item = format!("keyset.{}", own.file_name().unwrap().to_string_lossy());
            computer.secrets.replace(|items| drop(items.remove(&item)));
        }
        assert_eq!(computer.open(&worker("edla")).await.err(), Some(expected), "{files:?}");
    }
}

#[tokio::test]
async fn a_vault_is_open_once() {
    let computer = with_a_call().await;
    let first = computer.open(&worker("disa")).await.unwrap();
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::InUse));
    assert!(computer.open(&worker("edla")).await.is_ok());
    first.close().await;
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn what_is_kept_of_the_vault_in_clear_says_nothing() {
    let computer = with_a_call().await;
    let meta = fs::read_to_string(computer.folder().join("vault.meta")).unwrap();
    let meta: serde_json::Value = serde_json::from_str(&meta).unwrap();
    let mut fields: Vec<&String> = meta.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["format", "key_id", "keychain"]);
    let vault = computer.open(&worker("disa")).await.unwrap();
    assert_eq!(format!("{vault:?}"), "Vault(..)");
}

#[tokio::test]
async fn a_vault_of_another_system_says_so_and_opens_where_its_key_is() {
    let computer = with_a_call().await;
    let path = computer.folder().join("vault.meta");
    let meta: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut other = meta.clone();
    other["keychain"] = "another".into();
    fs::write(&path, other.to_string()).unwrap();
    let files = contents(computer.dir.path());
    let items = computer.secrets.items();
    computer.secrets.replace(|items| items.clear());
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::OtherKeychain));
    assert!(computer.secrets.items().is_empty());
    assert!(contents(computer.dir.path()) == files);

    // The same keychain as this one's, and the key is lost.
    fs::write(&path, meta.to_string()).unwrap();
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::KeyLost));

    fs::write(&path, other.to_string()).unwrap();
    computer.secrets.replace(|now| *now = items);
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

const PIN: &str = "739184";

async fn set_pin(computer: &Computer, pin: Option<&str>) {
    let vault = computer.open_with(&worker("disa"), PIN).await.unwrap();
    vault.set_pin(pin.map(Pin::new)).await.unwrap();
    vault.close().await;
}

async fn notes_with(computer: &Computer, pin: &str) -> Result<Vec<String>, OpenError> {
    let vault = computer.open_with(&worker("disa"), pin).await?;
    let notes = vault.calls().await.unwrap().into_iter().map(|call| call.note).collect();
    vault.close().await;
    Ok(notes)
}

#[tokio::test]
async fn with_a_pin_the_vault_opens_with_it_only() {
    let computer = with_a_call().await;
    assert_eq!(computer.needs_pin(&worker("disa")).await, Ok(false));
    set_pin(&computer, Some(PIN)).await;
    assert_eq!(computer.needs_pin(&worker("disa")).await, Ok(true));
    assert_eq!(computer.needs_pin(&worker("edla")).await, Ok(false));
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::PinNeeded));
    assert_eq!(notes_with(&computer, "739185").await, Err(OpenError::WrongPin { wait_s: 0 }));
    assert_eq!(notes_with(&computer, PIN).await.unwrap(), ["Färdtjänst"]);

    // Another one, and none at all.
    set_pin(&computer, Some("lugnt vatten")).await;
    assert_eq!(notes_with(&computer, PIN).await, Err(OpenError::WrongPin { wait_s: 0 }));
    let vault = computer.open_with(&worker("disa"), "lugnt vatten").await.unwrap();
    vault.set_pin(None).await.unwrap();
    vault.close().await;
    assert_eq!(computer.needs_pin(&worker("disa")).await, Ok(false));
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
    assert!(!computer.folder().join("pin.tries").exists());
}

#[tokio::test]
async fn wrong_pins_have_to_wait_and_so_has_the_right_one_then() {
    let computer = with_a_call().await;
    set_pin(&computer, Some(PIN)).await;
    let tries = || fs::read_to_string(computer.folder().join("pin.tries")).unwrap();
    for wait_s in [0, 0, 30] {
        assert_eq!(notes_with(&computer, "739185").await, Err(OpenError::WrongPin { wait_s }));
    }
    let counted = tries();
    for pin in ["739185", PIN] {
        let Err(error) = notes_with(&computer, pin).await else { panic!("opened without a wait") };
        assert!(matches!(error, OpenError::WrongPin { wait_s: 1..=30 }));
        assert_eq!(error.code(), "pin_wait");
    }
    assert_eq!(tries(), counted, "what was not tried is not counted");
    // A wait is of the count alone: with it gone, the right PIN opens.
    fs::write(computer.folder().join("pin.tries"), "0000000002\n").unwrap();
    assert_eq!(notes_with(&computer, PIN).await.unwrap(), ["Färdtjänst"]);
    assert_eq!(tries().trim().parse::<u32>().unwrap(), 0, "and is what is counted from then");
}

#[tokio::test]
async fn an_open_vault_tells_its_pin_from_others_without_the_keychain() {
    let computer = with_a_call().await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    assert!(!vault.has_pin().await);
    assert_eq!(vault.check_pin(&Pin::new(PIN)).await, Err(OpenError::Failed));
    vault.set_pin(Some(Pin::new(PIN))).await.unwrap();
    assert!(vault.has_pin().await);
    computer.secrets.fail(SecretError::Locked);
    assert_eq!(vault.check_pin(&Pin::new(PIN)).await, Ok(()));
    for wait_s in [0, 0, 30] {
        assert_eq!(vault.check_pin(&Pin::new("739185")).await, Err(OpenError::WrongPin { wait_s }));
    }
    let waiting = vault.check_pin(&Pin::new(PIN)).await;
    assert!(matches!(waiting, Err(OpenError::WrongPin { wait_s: 1..=30 })), "the right one waits too");
    assert_eq!(vault.calls().await.unwrap().len(), 1, "the vault stays open");
}

#[tokio::test]
async fn a_pin_that_could_be_guessed_is_not_set() {
    let computer = with_a_call().await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    for (pin, refused) in
        [("12345", PinError::TooShort), ("123456", PinError::Trivial), ("777777", PinError::Trivial)]
    {
        assert_eq!(vault.set_pin(Some(Pin::new(pin))).await, Err(refused));
    }
    vault.close().await;
    assert_eq!(vault.set_pin(Some(Pin::new(PIN))).await, Err(PinError::Locked));
    assert_eq!(computer.needs_pin(&worker("disa")).await, Ok(false));
}

#[tokio::test]
async fn a_pin_that_the_keychain_does_not_take_is_not_set() {
    let computer = with_a_call().await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    computer.secrets.fail(SecretError::Locked);
    let set = vault.set_pin(Some(Pin::new(PIN))).await;
    assert_eq!(set, Err(PinError::NotKept(OpenError::KeychainLocked)));
    vault.close().await;
    assert_eq!(computer.needs_pin(&worker("disa")).await, Err(OpenError::KeychainLocked));
    computer.secrets.fail(None);
    assert_eq!(notes(&computer).await, ["Färdtjänst"]);
}

#[tokio::test]
async fn what_a_vault_with_a_pin_keeps_has_no_key_in_it() {
    let computer = with_a_call().await;
    let plain = computer.secrets.items().into_values().next().unwrap();
    // Format, id, database key: see the key set.
    let key = &plain[9..41];
    set_pin(&computer, Some(PIN)).await;
    let items = computer.secrets.items();
    assert_eq!(items.len(), 1);
    assert!(!items.values().any(|item| item.windows(key.len()).any(|bytes| bytes == key)));
    // In the folder there is a count and nothing else that is new.
    let files: Vec<String> = contents(computer.dir.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, ["pin.tries", "vault.db", "vault.lock", "vault.meta", "vault.reserve"]);
}

/// So that whoever ends the process before the answer gains nothing.
#[tokio::test]
async fn a_pin_is_counted_before_it_is_tried() {
    let computer = with_a_call().await;
    set_pin(&computer, Some(PIN)).await;
    let (dir, secrets) = (computer.dir.path().to_owned(), computer.secrets.clone());
    let disa = worker("disa");
    // Given up as soon as it waits for the first time for the key of the PIN.
    let pin = Pin::new("739185");
    let mut opening = Box::pin(Vault::open(&dir, &disa, secrets, Some(&pin)));
    let polled = std::future::poll_fn(|context| std::task::Poll::Ready(opening.as_mut().poll(context))).await;
    assert!(polled.is_pending());
    let tries = fs::read_to_string(computer.folder().join("pin.tries")).unwrap();
    assert_eq!(tries.trim().parse::<u32>().unwrap(), 1);
}

#[tokio::test]
async fn with_changed_keys_everything_is_there_and_the_old_ones_open_nothing() {
    let computer = with_a_call().await;
    set_pin(&computer, Some(PIN)).await;
    let before = computer.secrets.items();
    let vault = computer.open_with(&worker("disa"), PIN).await.unwrap();
    vault.change_keys().await.unwrap();
    vault.commit(vec![Change::PutCall(call("Bygglov"))]).await.unwrap();
    assert_eq!(vault.verify().await, Ok(()));
    vault.close().await;
    assert_eq!(vault.change_keys().await, Err(OpenError::Failed));
    assert_eq!(notes_with(&computer, PIN).await.unwrap(), ["Bygglov", "Färdtjänst"], "the PIN is the same");

    let after = computer.secrets.items();
    computer.secrets.replace(|items| *items = before);
    assert_eq!(notes_with(&computer, PIN).await, Err(OpenError::Unreadable));
    computer.secrets.replace(|items| *items = after);
    assert_eq!(notes_with(&computer, PIN).await.unwrap(), ["Bygglov", "Färdtjänst"]);
    let files: Vec<String> = contents(computer.dir.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, ["pin.tries", "vault.db", "vault.lock", "vault.meta", "vault.reserve"]);
}

#[tokio::test]
async fn a_change_of_keys_with_the_keychain_locked_changes_nothing() {
    let computer = with_a_call().await;
    let before = computer.secrets.items();
    let vault = computer.open(&worker("disa")).await.unwrap();
    computer.secrets.fail(SecretError::Locked);
    assert_eq!(vault.change_keys().await, Err(OpenError::KeychainLocked));
    vault.commit(vec![Change::PutCall(call("Bygglov"))]).await.unwrap();
    vault.close().await;
    computer.secrets.fail(None);
    assert_eq!(computer.secrets.items(), before);
    assert_eq!(notes(&computer).await, ["Bygglov", "Färdtjänst"]);
}
