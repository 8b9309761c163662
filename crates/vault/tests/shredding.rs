//! What was removed opens in no copy of the disk, whenever that was made, with the keychain as it is after. The
//! counter-test: with the keychain as it was before, it does.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan, civil::Date};
use ledsaga_core::{
    call::{Call, CallId},
    clock::{Clock, SystemClock},
    draft::{Draft, DraftId, Revision},
    error::StoreError,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, SecretError, SecretStore, Shredding, Store},
    submission::Submission,
};
use ledsaga_vault::{OpenError, Vault};
use support::{Computer, Secrets, call, draft, worker};
use tokio::sync::RwLock;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A draft with one of everything that belongs to it.
struct Case {
    draft: Draft,
    file: Uuid,
    submission: Submission,
    revision: Revision,
}

impl Case {
    fn of(call: &Call) -> Self {
        let draft = draft(call, "Svar");
        let submission = Submission {
            id: Uuid::now_v7(),
            draft_id: draft.id,
            call_id: call.id,
            payload: b"ansokan".to_vec(),
            digest: "cd".repeat(32),
            frozen_at: Timestamp::now(),
        };
        let revision = Revision {
            id: Uuid::now_v7(),
            draft: draft.id,
            at: Timestamp::now(),
            question: None,
            service: draft.service.clone(),
            form: draft.form.clone(),
            set_aside: Vec::new(),
        };
        Self { file: Uuid::now_v7(), submission, revision, draft }
    }

    fn put(&self) -> Vec<Change> {
        vec![
            Change::PutDraft(self.draft.clone()),
            Change::PutFile { id: self.file, draft: self.draft.id, bytes: vec![7; 100_000] },
            Change::PutSubmission(self.submission.clone()),
            Change::KeepRevision(self.revision.clone()),
        ]
    }

    fn reduced(&self) -> Draft {
        let mut left = self.draft.clone();
        left.form.answers.clear();
        left
    }

    fn kept_through(mut self, date: Date) -> Self {
        self.draft.kept_through = Some(date);
        self
    }

    /// How each of it reads: draft, file, submission and revisions.
    async fn read(&self, vault: &Vault) -> [Result<bool, StoreError>; 4] {
        let is_draft = |found: Option<Draft>| found.is_some_and(|found| found == self.draft);
        [
            vault.draft(self.draft.id).await.map(is_draft),
            vault.file(self.file).await.map(|found| found == Some(vec![7; 100_000])),
            vault.submission(self.submission.id).await.map(|found| found.as_ref() == Some(&self.submission)),
            vault.revisions(self.draft.id).await.map(|found| found == [self.revision.clone()]),
        ]
    }
}

const WHOLE: [Result<bool, StoreError>; 4] = [Ok(true), Ok(true), Ok(true), Ok(true)];
const SHREDDED: [Result<bool, StoreError>; 4] = [
    Err(StoreError::Unreadable),
    Err(StoreError::Unreadable),
    Err(StoreError::Unreadable),
    Err(StoreError::Unreadable),
];

fn item(call: CallId) -> OutboxItem {
    OutboxItem {
        id: Uuid::now_v7(),
        call_id: call,
        task: Task::Contact,
        state: ItemState::Ready,
        attempts: 0,
        resent: 0,
        sent: false,
        bytes: 0,
        created_at: Timestamp::now(),
    }
}

fn remove(id: DraftId) -> Vec<Change> {
    vec![Change::RemoveDraft { id }]
}

async fn shred_all(vault: &Vault) {
    while vault.shred().await.unwrap() != Shredding::Done {}
}

/// As much as there is to say of an image that is opened with these items.
async fn opened(image: &Computer, look: impl AsyncFn(&Vault)) {
    let vault = image.open(&worker("disa")).await.unwrap();
    look(&vault).await;
    vault.close().await;
}

#[tokio::test]
async fn what_was_removed_opens_in_no_copy_of_the_disk() {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    let (kept_call, gone_call, reduced_call) = (call("Kvar"), call("Borta"), call("Mindre"));
    let [kept, removed, reduced] = [Case::of(&kept_call), Case::of(&kept_call), Case::of(&kept_call)];
    let (sent, gone_item, kept_item) = (Case::of(&kept_call), item(gone_call.id), item(kept_call.id));
    for case in [&kept, &removed, &reduced, &sent] {
        vault.commit(case.put()).await.unwrap();
    }
    let mut changes: Vec<Change> =
        [&kept_call, &gone_call, &reduced_call].into_iter().cloned().map(Change::PutCall).collect();
    changes.extend([&gone_item, &kept_item].into_iter().cloned().map(Change::PutOutbox));
    vault.commit(changes).await.unwrap();

    let items_before = computer.secrets.items();
    let (with_before, with_after) = (computer.image(&items_before), computer.image(&items_before));

    let left = Call { note: String::new(), ..reduced_call.clone() };
    vault
        .commit(vec![
            Change::RemoveDraft { id: removed.draft.id },
            Change::ReduceDraft(reduced.reduced()),
            Change::RemoveSubmission { id: sent.submission.id },
            Change::RemoveCall { id: gone_call.id },
            Change::ReduceCall(left.clone()),
            Change::RemoveOutbox { id: gone_item.id },
        ])
        .await
        .unwrap();
    assert!(vault.health().await.unwrap().to_shred > 0);
    shred_all(&vault).await;
    let items_after = computer.secrets.items();
    with_after.secrets.replace(|items| items.clone_from(&items_after));

    opened(&with_before, async |image| {
        for case in [&kept, &removed, &reduced, &sent] {
            assert_eq!(case.read(image).await, WHOLE, "the counter-test");
        }
        assert_eq!(image.calls().await.unwrap().len(), 3);
        assert!(image.call(gone_call.id).await.unwrap().as_ref() == Some(&gone_call));
        assert_eq!(image.outbox().await.unwrap(), [gone_item.clone(), kept_item.clone()]);
    })
    .await;
    opened(&with_after, async |image| {
        assert_eq!(removed.read(image).await, SHREDDED);
        assert_eq!(reduced.read(image).await, SHREDDED);
        assert_eq!(image.submission(sent.submission.id).await, Err(StoreError::Unreadable));
        for call in [&gone_call, &reduced_call] {
            assert!(image.call(call.id).await == Err(StoreError::Unreadable));
        }
        assert_eq!(image.outbox().await, Err(StoreError::Unreadable));
        assert!(image.outlines().await.unwrap().is_empty() && image.calls().await.unwrap().is_empty());
    })
    .await;

    // What lives is there, now and at the next start.
    let lives = async |vault: &Vault| {
        assert_eq!(kept.read(vault).await, WHOLE);
        assert!(vault.draft(reduced.draft.id).await.unwrap() == Some(reduced.reduced()));
        assert!(vault.outbox().await.unwrap().iter().eq([&kept_item]));
        let [draft, file, submission, revision] = sent.read(vault).await;
        assert_eq!([draft, file, submission, revision], [Ok(true), Ok(true), Ok(false), Ok(true)]);
        assert!(vault.calls().await.unwrap() == [left.clone(), kept_call.clone()]);
        assert!(vault.draft(removed.draft.id).await.unwrap().is_none());
        let health = vault.health().await.unwrap();
        assert_eq!((health.to_shred, health.damaged), (0, 0));
        assert_eq!(vault.verify().await, Ok(()));
    };
    lives(&vault).await;
    vault.close().await;
    opened(&computer, lives).await;
}

#[tokio::test]
async fn a_draft_whose_last_day_was_moved_goes_from_the_copies_made_before() {
    let today = SystemClock.today();
    for (first, then) in [(16, 2), (2, 16), (16, 18)] {
        let computer = Computer::new();
        let vault = computer.open(&worker("disa")).await.unwrap();
        let call = call("Samtal");
        let case = Case::of(&call).kept_through(today + first.days());
        let other = Case::of(&call).kept_through(today + first.days());
        vault.commit(case.put()).await.unwrap();
        vault.commit(other.put()).await.unwrap();
        let items = computer.secrets.items();
        let images = [computer.image(&items), computer.image(&items)];

        let moved = Draft { kept_through: Some(today + then.days()), ..case.draft.clone() };
        vault.commit(vec![Change::PutDraft(moved.clone())]).await.unwrap();
        // Shredded in between or not.
        if then == 2 {
            shred_all(&vault).await;
        }
        assert!(vault.draft(moved.id).await.unwrap() == Some(moved.clone()));
        assert_eq!(case.read(&vault).await[1..], WHOLE[1..], "what belongs to it comes along");
        vault.commit(remove(case.draft.id)).await.unwrap();
        shred_all(&vault).await;
        let after = computer.secrets.items();
        opened(&images[0], async |image| assert_eq!(case.read(image).await, WHOLE)).await;
        images[1].secrets.replace(|items| items.clone_from(&after));
        opened(&images[1], async |image| assert_eq!(case.read(image).await, SHREDDED)).await;
        assert_eq!(other.read(&vault).await, WHOLE);
    }
}

/// A vault with a case that stays and one that is removed, and an image from before.
async fn with_a_removed_case() -> (Computer, Vault, Case, Case, Computer) {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    let call = call("Samtal");
    let (kept, gone) = (Case::of(&call), Case::of(&call));
    vault.commit(kept.put()).await.unwrap();
    vault.commit(gone.put()).await.unwrap();
    let image = computer.image(&computer.secrets.items());
    vault.commit(remove(gone.draft.id)).await.unwrap();
    (computer, vault, kept, gone, image)
}

/// Whatever came before: shredding comes to its end, and then it is so.
async fn ends_well(computer: &Computer, vault: &Vault, kept: &Case, gone: &Case, image: &Computer) {
    assert_eq!(kept.read(vault).await, WHOLE);
    shred_all(vault).await;
    assert_eq!(kept.read(vault).await, WHOLE);
    assert_eq!(vault.verify().await, Ok(()));
    image.secrets.replace(|items| *items = computer.secrets.items());
    opened(image, async |image| assert_eq!(gone.read(image).await, SHREDDED)).await;
}

#[tokio::test]
async fn with_a_keychain_that_fails_at_any_call_it_is_made_good_later() {
    let mut refused = 0;
    for calls in 0.. {
        let (computer, vault, kept, gone, image) = with_a_removed_case().await;
        *computer.secrets.calls_left.lock().unwrap() = Some(calls);
        let shredded = vault.shred().await.unwrap();
        // Work goes on, and is there after a crash.
        vault.commit(kept.put()).await.unwrap();
        *computer.secrets.calls_left.lock().unwrap() = None;
        let crashed = computer.image(&computer.secrets.items());
        let restarted = crashed.open(&worker("disa")).await.unwrap();
        ends_well(&crashed, &restarted, &kept, &gone, &image).await;
        // And so it is without one.
        ends_well(&computer, &vault, &kept, &gone, &image).await;
        if shredded != Shredding::KeysLeft {
            assert_eq!(shredded, Shredding::KeysGone);
            break;
        }
        refused += 1;
    }
    assert!(refused > 5, "each of its calls failed once");
}

/// Goes on with a future until it has been waited for so often, and drops it then.
async fn at_most<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn dropped_or_killed_between_any_two_steps_it_is_made_good_later() {
    for polls in 1.. {
        let (computer, vault, kept, gone, image) = with_a_removed_case().await;
        let shredded = at_most(polls, vault.shred()).await;
        // Nothing is being written any more when this is answered.
        vault.health().await.unwrap();
        let crashed = computer.image(&computer.secrets.items());
        let restarted = crashed.open(&worker("disa")).await.unwrap();
        ends_well(&crashed, &restarted, &kept, &gone, &image).await;
        vault.commit(kept.put()).await.unwrap();
        ends_well(&computer, &vault, &kept, &gone, &image).await;
        if shredded.is_some() {
            assert!(polls > 5, "it was dropped between its steps");
            break;
        }
    }
}

#[tokio::test]
async fn with_the_keychain_locked_the_keys_are_left_and_it_says_so() {
    let (computer, vault, kept, gone, image) = with_a_removed_case().await;
    let items = computer.secrets.items();
    computer.secrets.fail(SecretError::Locked);
    for _ in 0..2 {
        assert_eq!(vault.shred().await, Ok(Shredding::KeysLeft));
    }
    assert!(vault.health().await.unwrap().to_shred > 0);
    assert!(vault.draft(gone.draft.id).await.unwrap().is_none(), "it is gone from the lists at once");
    vault.commit(kept.put()).await.unwrap();
    computer.secrets.fail(None);
    assert_eq!(computer.secrets.items(), items);
    ends_well(&computer, &vault, &kept, &gone, &image).await;
}

#[tokio::test]
async fn a_day_to_come_keeps_a_key_when_all_of_it_was_removed() {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    let keys = vault.health().await.unwrap().keys;
    let case = Case::of(&call("Samtal"));
    for _ in 0..5 {
        vault.commit(case.put()).await.unwrap();
        vault.commit(remove(case.draft.id)).await.unwrap();
        shred_all(&vault).await;
        assert_eq!(vault.health().await.unwrap().keys, keys);
    }
    vault.commit(case.put()).await.unwrap();
    vault.close().await;
    opened(&computer, async |vault| assert_eq!(case.read(vault).await, WHOLE)).await;
}

#[tokio::test]
async fn clearing_away_goes_in_small_steps_and_comes_to_an_end() {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    let call = call("Samtal");
    let drafts: Vec<Draft> = (0..120).map(|_| draft(&call, "Svar")).collect();
    vault.commit(drafts.iter().cloned().map(Change::PutDraft).collect()).await.unwrap();
    vault.commit(drafts.iter().map(|draft| Change::RemoveDraft { id: draft.id }).collect()).await.unwrap();

    assert_eq!(vault.shred().await, Ok(Shredding::KeysGone), "the keys first");
    let mut left = vec![vault.health().await.unwrap().to_shred];
    while vault.shred().await.unwrap() == Shredding::KeysGone {
        left.push(vault.health().await.unwrap().to_shred);
    }
    assert_eq!(left, [120, 70, 20]);
    let health = vault.health().await.unwrap();
    assert_eq!(health.to_shred, 0);
    vault.close().await;
    opened(&computer, async |vault| assert_eq!(vault.shred().await, Ok(Shredding::Done))).await;
}

#[tokio::test]
async fn fresh_keys_for_every_day_leave_nothing_that_older_ones_open() {
    let (computer, vault, kept, gone, image) = with_a_removed_case().await;
    let before = vault.health().await.unwrap().keys;
    vault.change_keys().await.unwrap();
    assert_eq!(vault.health().await.unwrap().keys, before);
    assert_eq!(kept.read(&vault).await, WHOLE);
    shred_all(&vault).await;
    let after = computer.secrets.items();
    vault.close().await;
    opened(&computer, async |vault| assert_eq!(kept.read(vault).await, WHOLE)).await;
    opened(&image, async |image| assert_eq!(gone.read(image).await, WHOLE)).await;
    assert_ne!(computer.secrets.items(), image.secrets.items());
    image.secrets.replace(|items| *items = after);
    assert_eq!(image.open(&worker("disa")).await.err(), Some(OpenError::Unreadable), "not even the database");
}

/// A keychain whose writes wait until they are let go.
#[derive(Default)]
struct Slow {
    secrets: Secrets,
    gate: RwLock<()>,
    /// Held while a write waits.
    waiting: RwLock<()>,
}

#[async_trait]
impl SecretStore for Slow {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        self.secrets.get(name).await
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        let _waiting = self.waiting.read().await;
        let _gate = self.gate.read().await;
        self.secrets.set(name, secret).await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.secrets.delete(name).await
    }
}

#[tokio::test]
async fn no_save_waits_for_the_keychain_and_nobody_opens_what_is_being_shredded() {
    let (dir, secrets) = (tempfile::tempdir().unwrap(), Arc::new(Slow::default()));
    let open = async || Vault::open(dir.path(), &worker("disa"), secrets.clone(), None).await;
    let vault = Arc::new(open().await.unwrap());
    let call = call("Samtal");
    let (kept, gone) = (Case::of(&call), Case::of(&call));
    vault.commit(gone.put()).await.unwrap();
    vault.commit(remove(gone.draft.id)).await.unwrap();

    let gate = secrets.gate.write().await;
    let shredding = tokio::spawn({
        let vault = vault.clone();
        async move { vault.shred().await }
    });
    // Until the write waits at the gate.
    while secrets.waiting.try_write().is_ok() {
        tokio::task::yield_now().await;
    }
    vault.commit(kept.put()).await.unwrap();
    assert_eq!(kept.read(&vault).await, WHOLE);
    vault.close().await;
    assert_eq!(open().await.err(), Some(OpenError::InUse));
    drop(gate);
    assert_eq!(shredding.await.unwrap(), Err(StoreError::Locked));

    let vault = open().await.unwrap();
    assert_eq!(kept.read(&vault).await, WHOLE);
    shred_all(&vault).await;
    assert_eq!(kept.read(&vault).await, WHOLE);
    assert_eq!(vault.verify().await, Ok(()));
}
