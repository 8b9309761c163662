//! Named crash points: a process that dies at any call to the keychain, or between any two waits, during each thing that
//! changes keys or files. Within three starts, of which the first two die as well, everything is in order and nothing is
//! lost. The steps inside are tried one by one beside the code: `key_change`, `key_item`, `database` and
//! `tests/shredding.rs` of the vault.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use ledsaga_core::ports::{Shredding, Store};
use ledsaga_faults::{
    PIN,
    computer::Computer,
    ledger::{Standing, put, remove, standing},
    report::{Kind, row, setting},
};
use ledsaga_vault::{Pin, Vault};

const ROW: &str = "crash points";
/// More than any of them has; an endless loop is a failure.
const MOST_POINTS: usize = 600;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Work {
    FirstStart,
    Shred,
    ChangeKeys,
    SetPin,
    RemovePin,
    Migrate,
}

/// Where the process dies.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// The keychain answers so many calls more.
    AtKeychainCall(usize),
    /// The work is waited for so often.
    AtWait(usize),
}

/// Before the work: cases 1 to 3 are saved, and 4 is removed and not shredded.
struct Scene {
    computer: Computer,
    records: serde_json::Value,
}

impl Scene {
    async fn set(work: Work) -> Self {
        if work == Work::FirstStart {
            return Self { computer: Computer::new(), records: serde_json::Value::Null };
        }
        if work == Work::Migrate {
            let (computer, records) = Computer::with_vault_of_version_1().await;
            return Self { computer, records };
        }
        let computer = Computer::new();
        let vault = computer.open(None).await.unwrap();
        for number in 1..=4 {
            vault.commit(put(number)).await.unwrap();
        }
        vault.commit(vec![remove(4)]).await.unwrap();
        if work == Work::RemovePin {
            vault.set_pin(Some(Pin::new(PIN))).await.unwrap();
        }
        vault.close().await;
        Self { computer, records: serde_json::Value::Null }
    }

    /// Does it until the point comes; whether it came to its end before.
    async fn work_until(&self, work: Work, point: Point) -> bool {
        let computer = &self.computer;
        match work {
            Work::FirstStart | Work::Migrate => {
                let ended = self.until(point, computer.open(None)).await;
                // Dropped in the end as well: its files are copied while it is open.
                ended.is_some_and(|opened| opened.is_ok())
            }
            _ => {
                let vault = computer.open(Some(PIN)).await.unwrap();
                let ended = match work {
                    Work::Shred => self.until(point, shred(&vault)).await.is_some_and(|done| done),
                    Work::ChangeKeys => {
                        self.until(point, vault.change_keys()).await.is_some_and(|changed| changed.is_ok())
                    }
                    Work::SetPin => {
                        let set = self.until(point, vault.set_pin(Some(Pin::new(PIN)))).await;
                        set.is_some_and(|set| set.is_ok())
                    }
                    _ => self.until(point, vault.set_pin(None)).await.is_some_and(|set| set.is_ok()),
                };
                // Answered when nothing is being written any more; after a drop in mid-change it may be a no.
                let _ = vault.health().await;
                ended
            }
        }
    }

    async fn until<T>(&self, point: Point, work: impl Future<Output = T>) -> Option<T> {
        match point {
            Point::AtKeychainCall(calls) => {
                self.computer.keychain.die_after(calls);
                let done = work.await;
                let died = self.computer.keychain.is_dead();
                self.computer.keychain.die_after(None);
                (!died).then_some(done)
            }
            Point::AtWait(waits) => at_most(waits, work).await,
        }
    }

    /// The starts after it, of which the first two die at a call to the keychain; then everything is there.
    async fn converges(&self, work: Work, what: &str) {
        for calls in [1, 3] {
            self.computer.keychain.die_after(calls);
            drop(self.computer.open(Some(PIN)).await);
            self.computer.keychain.die_after(None);
        }
        let vault =
            self.computer.open(Some(PIN)).await.unwrap_or_else(|error| panic!("{error} after {what}"));
        assert!(shred(&vault).await, "{what}");
        assert_eq!(vault.health().await.unwrap().to_shred, 0, "{what}");
        assert_eq!(vault.verify().await, Ok(()), "{what}");
        assert_eq!(self.computer.items().len(), 1, "{what}");
        match work {
            Work::FirstStart => assert!(vault.outlines().await.unwrap().is_empty()),
            Work::Migrate => self.has_records(&vault, what).await,
            _ => {
                for number in 1..=3 {
                    assert_eq!(standing(&vault, number).await, Ok(Standing::Whole), "{what}");
                }
                assert_eq!(standing(&vault, 4).await, Ok(Standing::Absent), "{what}");
            }
        }
        vault.commit(put(9)).await.unwrap();
        vault.close().await;
    }

    async fn has_records(&self, vault: &Vault, what: &str) {
        let drafts = self.records["drafts"].as_array().unwrap();
        assert_eq!(vault.outlines().await.unwrap().len(), drafts.len(), "{what}");
        for record in drafts {
            let draft = vault.draft(record["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
            assert_eq!(
                serde_json::to_value(&draft.form.answers).unwrap(),
                record["form"]["answers"],
                "{what}"
            );
        }
        for (id, bytes) in self.records["files"].as_object().unwrap() {
            let file = vault.file(id.parse().unwrap()).await.unwrap().map(hex::encode);
            assert_eq!(file.as_deref(), bytes.as_str(), "{what}");
        }
    }
}

/// To the end; `false` when the keychain did not let it.
async fn shred(vault: &Vault) -> bool {
    loop {
        match vault.shred().await.unwrap() {
            Shredding::Done => return true,
            Shredding::KeysGone => {}
            Shredding::KeysLeft => return false,
        }
    }
}

/// Goes on with a future until it has been waited for so often, and drops it then.
async fn at_most<T>(waits: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = waits;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// Every point of one kind, or one of so many, until the work comes to its end before the point does. Answers how many
/// there are and how many were tried.
async fn every_point(work: Work, point: fn(usize) -> Point, one_of: usize) -> [usize; 2] {
    for (tried, number) in (0..MOST_POINTS).step_by(one_of).enumerate() {
        let scene = Scene::set(work).await;
        let (point, what) = (point(number), format!("{work:?}, {:?}", point(number)));
        let ended = scene.work_until(work, point).await;
        // What the process that died still holds goes on on a disk that nobody looks at.
        let after = Scene { computer: scene.computer.image(), records: scene.records.clone() };
        after.converges(work, &what).await;
        if ended {
            return [number, tried];
        }
    }
    panic!("{work:?} has no end");
}

/// `LEDSAGA_POINTS` sets how many waits are passed over for one that is tried; every call to the keychain is.
async fn everywhere(work: Work, least: [usize; 2]) {
    let [calls, _] = every_point(work, Point::AtKeychainCall, 1).await;
    let [waits, tried] = every_point(work, Point::AtWait, setting("LEDSAGA_POINTS", 4)).await;
    assert!(calls >= least[0] && waits >= least[1], "{calls} calls and {waits} waits are too few to be all");
    let done =
        format!("{work:?}: dies at each of {calls} calls to the keychain, at {tried} of {waits} waits");
    row(Kind::Test, ROW, &done, calls + tried, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_that_dies_anywhere_is_made_good() {
    everywhere(Work::FirstStart, [4, 4]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shredding_that_dies_anywhere_is_made_good() {
    everywhere(Work::Shred, [8, 20]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_keys_that_dies_anywhere_is_made_good() {
    everywhere(Work::ChangeKeys, [15, 20]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_a_pin_that_dies_anywhere_is_made_good() {
    everywhere(Work::SetPin, [4, 1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_a_pin_that_dies_anywhere_is_made_good() {
    everywhere(Work::RemovePin, [4, 1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_dies_anywhere_is_made_good() {
    everywhere(Work::Migrate, [2, 10]).await;
}

/// The counter-test: a change that lets the keychain go of the old key before the file has the new one would have a
/// point like this, and no start would make it good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_lets_go_of_the_old_key_too_early_would_be_seen() {
    let scene = Scene::set(Work::ChangeKeys).await;
    let before = scene.computer.image();
    assert!(scene.work_until(Work::ChangeKeys, Point::AtKeychainCall(MOST_POINTS)).await);
    before.put_items(&scene.computer.items());
    let mut lost = 0;
    for _ in 0..3 {
        lost += usize::from(before.open(Some(PIN)).await.is_err());
    }
    row(Kind::CounterTest, ROW, "a change of keys that lets go of the old key first", 3, lost);
    assert_eq!(lost, 3);
}
