//! The keychain is missing, locked, damaged or emptied before and during each kind of work: typed errors, no new key, no
//! word of a case in any file, and everything is there once the keychain is as it was. The same with a real keyring is
//! in `crates/vault/tests/real_keychain.rs`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::collections::BTreeMap;

use ledsaga_core::ports::{SecretError, Shredding, Store};
use ledsaga_faults::{
    PIN,
    computer::Computer,
    ledger::{Standing, put, remove, standing},
    report::{Kind, row},
};
use ledsaga_vault::{OpenError, Pin, Vault};

const ROW: &str = "keychain";
/// A part of what the cases say, as it would be in a file.
const WORDS: &str = "åååååååå";

/// What is done to what the keychain has.
type Damage = fn(&mut BTreeMap<String, Vec<u8>>);

/// Two cases and one that is removed and still to be shredded.
async fn at_work() -> (Computer, Vault) {
    let computer = Computer::new();
    let vault = computer.open(None).await.unwrap();
    for number in 1..=3 {
        vault.commit(put(number)).await.unwrap();
    }
    vault.commit(vec![remove(3)]).await.unwrap();
    (computer, vault)
}

async fn has(vault: &Vault, numbers: &[u64]) {
    for number in numbers {
        assert_eq!(standing(vault, *number).await, Ok(Standing::Whole));
    }
    assert_eq!(standing(vault, 3).await, Ok(Standing::Absent));
}

fn in_the_clear(computer: &Computer) -> usize {
    let files = computer.files();
    let hits = |bytes: &Vec<u8>| bytes.windows(WORDS.len()).any(|window| window == WORDS.as_bytes());
    files.values().filter(|bytes| hits(bytes)).count()
}

#[tokio::test]
async fn a_keychain_that_goes_away_at_work_loses_nothing_and_adds_nothing() {
    let failures = [
        (SecretError::NoKeychain, OpenError::NoKeychain),
        (SecretError::Locked, OpenError::KeychainLocked),
        (SecretError::Failed, OpenError::Failed),
    ];
    let (mut faults, mut clear) = (0, 0);
    for (failure, expected) in failures {
        let (computer, vault) = at_work().await;
        let items = computer.items();
        computer.keychain.fail(failure);
        // Whoever works goes on: saving, shredding, the PIN, other keys.
        vault.commit(put(4)).await.unwrap();
        assert_eq!(vault.shred().await, Ok(Shredding::KeysLeft));
        assert!(vault.set_pin(Some(Pin::new(PIN))).await.is_err());
        assert_eq!(vault.change_keys().await.err(), Some(expected));
        vault.commit(put(5)).await.unwrap();
        has(&vault, &[1, 2, 4, 5]).await;
        vault.close().await;
        let files = computer.files();
        assert_eq!(computer.open(None).await.err(), Some(expected));
        assert_eq!(computer.items(), items, "no new key and none less");
        assert!(computer.files() == files);
        clear += in_the_clear(&computer);
        faults += 6;

        computer.keychain.fail(None);
        let vault = computer.open(None).await.unwrap();
        assert!(!vault.health().await.unwrap().pin);
        while vault.shred().await.unwrap() != Shredding::Done {}
        has(&vault, &[1, 2, 4, 5]).await;
        assert_eq!(vault.verify().await, Ok(()));
    }
    row(
        Kind::Test,
        ROW,
        "missing, locked or failing while saving, shredding, setting a PIN, changing keys, opening",
        faults,
        clear,
    );
    assert_eq!(clear, 0);
}

#[tokio::test]
async fn a_damaged_or_emptied_keychain_opens_nothing_and_gets_no_new_key() {
    let damages: [(Damage, OpenError); 5] = [
        (BTreeMap::clear, OpenError::KeyLost),
        (|items| items.values_mut().for_each(Vec::clear), OpenError::Unreadable),
        (|items| items.values_mut().for_each(|item| item.truncate(40)), OpenError::Unreadable),
        (|items| items.values_mut().for_each(|item| item[30] ^= 4), OpenError::Unreadable),
        (|items| items.values_mut().for_each(|item| *item = b"null".to_vec()), OpenError::Unreadable),
    ];
    let (mut faults, mut clear) = (0, 0);
    for (damage, expected) in damages {
        let (computer, vault) = at_work().await;
        // In mid-work first: what is open goes on.
        let whole = computer.items();
        let mut damaged = whole.clone();
        damage(&mut damaged);
        computer.put_items(&damaged);
        vault.commit(put(4)).await.unwrap();
        has(&vault, &[1, 2, 4]).await;
        vault.close().await;
        drop(vault);
        let files = computer.files();
        for _ in 0..2 {
            assert_eq!(computer.open(None).await.err(), Some(expected));
        }
        assert_eq!(computer.items(), damaged);
        assert!(computer.files() == files);
        clear += in_the_clear(&computer);
        faults += 1;
        computer.put_items(&whole);
        has(&computer.open(None).await.unwrap(), &[1, 2, 4]).await;
    }
    row(Kind::Test, ROW, "emptied, cut off or garbled in mid-work and at the start", faults, clear);
    assert_eq!(clear, 0);
}

/// The counter-test: with the key back after a day without it, and a vault that had made a new one meanwhile, the old
/// work would be lost. Here somebody takes the vault's files away with the key, so that a new key is right.
#[tokio::test]
async fn a_new_key_is_made_when_there_is_nothing_to_lose_and_opens_nothing_old() {
    let (computer, vault) = at_work().await;
    vault.close().await;
    drop(vault);
    let old = computer.image();
    std::fs::remove_dir_all(computer.folder()).unwrap();
    computer.put_items(&BTreeMap::new());
    computer.open(None).await.unwrap().close().await;
    old.put_items(&computer.items());
    let lost = usize::from(old.open(None).await.is_err());
    row(Kind::CounterTest, ROW, "a new key where there was a vault", 1, lost);
    assert_eq!(lost, 1);
}
