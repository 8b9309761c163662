//! The failures of others that concern what is kept on this computer, by their number in the list of fifteen; the real
//! desk on a real vault. With each: its counter-test, or the change with which it must fail. Those that concern sending
//! and e-services are in `peers_sending.rs` and `peers_services.rs`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use ledsaga_core::{
    desk::Desk,
    draft::{CaseState, Draft, Refusal},
    error::StoreError,
    ports::{Change, Shredding, Store},
    submission::Receipt,
    view::CaseStatus,
};
use ledsaga_faults::{
    PIN,
    computer::Computer,
    ledger,
    municipality::{Fate, Town, case, desk, send, set, status, until_status},
    report::{Kind, row, setting},
    worker,
};
use ledsaga_forms::Answer;
use ledsaga_vault::{OpenError, Pin, Vault};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use uuid::Uuid;

async fn open(computer: &Computer) -> Arc<Vault> {
    Arc::new(computer.open(None).await.unwrap())
}

/// The process dies: nothing is closed in order. Whatever still runs writes to a disk that nobody looks at any more.
fn crashed(computer: &Computer, desk: Desk) -> Computer {
    let image = computer.image();
    drop(desk);
    image
}

fn text(draft: &Draft) -> &str {
    match draft.form.answers.get("skal") {
        Some(Answer::Text { text }) => text,
        _ => "",
    }
}

/// Deleted after sending although sending failed; and a copy that stays although it succeeded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_05_only_a_verified_receipt_deletes_and_then_nothing_readable_is_left() {
    for fate in [Fate::Unreachable, Fate::AnswerLost, Fate::Refused, Fate::WrongReceipt] {
        let computer = Computer::new();
        let (town, vault) = (Town::new(Fate::Taken), open(&computer).await);
        let here = desk(vault.clone(), &town).await;
        *town.answers_questions.lock().unwrap() = false;
        town.set(fate);
        let (_, draft) = case(&here, "hemligt").await;
        send(&here, draft).await.unwrap();
        if fate == Fate::Unreachable {
            until_status(&here, draft, |status| matches!(status, CaseStatus::Queued { .. })).await;
        } else {
            let settled = |status: &CaseStatus| {
                matches!(status, CaseStatus::Unknown { .. } | CaseStatus::NeedsAction { .. })
            };
            until_status(&here, draft, settled).await;
        }
        shred(&vault).await;
        let kept = vault.draft(draft).await.unwrap().unwrap();
        assert_eq!(text(&kept), "hemligt", "{fate:?}");
        let submission = kept.state.submission().unwrap();
        assert!(vault.submission(submission).await.unwrap().is_some(), "{fate:?}");
        here.close().await;
    }

    let computer = Computer::new();
    let (town, vault) = (Town::new(Fate::Unreachable), open(&computer).await);
    let here = desk(vault.clone(), &town).await;
    let (_, draft) = case(&here, "hemligt").await;
    send(&here, draft).await.unwrap();
    let submission = vault.draft(draft).await.unwrap().unwrap().state.submission().unwrap();
    let (after, before) = (computer.image(), computer.image());
    town.set(Fate::Taken);
    until_status(&here, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
    shred(&vault).await;
    assert_eq!(text(&vault.draft(draft).await.unwrap().unwrap()), "");
    assert!(vault.submission(submission).await.unwrap().is_none());
    here.close().await;
    after.put_items(&computer.items());
    let image = after.open(None).await.unwrap();
    assert_eq!(image.draft(draft).await.err(), Some(StoreError::Unreadable));
    assert_eq!(image.submission(submission).await.err(), Some(StoreError::Unreadable));
    // The counter-test: with the keychain from before, the same image has it.
    let image = before.open(None).await.unwrap();
    assert_eq!(text(&image.draft(draft).await.unwrap().unwrap()), "hemligt");
}

async fn shred(vault: &Vault) {
    while vault.shred().await.unwrap() != Shredding::Done {}
}

/// What somebody does, or what happens to the computer.
#[derive(Debug, Clone)]
enum Step {
    Type(usize),
    Discard(usize),
    TakeBack(usize),
    Erase(usize),
    Undo(usize),
    Restore(usize, usize),
    Look(usize),
    Crash,
    Restart,
}

const CASES: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let case = 0..CASES;
    prop_oneof![
        4 => case.clone().prop_map(Step::Type),
        2 => case.clone().prop_map(Step::Discard),
        2 => case.clone().prop_map(Step::TakeBack),
        1 => case.clone().prop_map(Step::Erase),
        2 => case.clone().prop_map(Step::Undo),
        1 => (case.clone(), 0..4_usize).prop_map(|(case, back)| Step::Restore(case, back)),
        1 => case.prop_map(Step::Look),
        2 => Just(Step::Crash),
        1 => Just(Step::Restart),
    ]
}

/// A case: its call, its draft, and what it holds; `None` once it was erased.
struct Case {
    call: Uuid,
    draft: Uuid,
    holds: Option<String>,
    discarded: bool,
}

/// Begins the text of each case's answers and of no other's.
fn token(case: usize) -> String {
    format!("fall {case}:")
}

/// `mixed` puts one case's answer in another's place, for the counter-test.
async fn recover(steps: &[Step], mixed: bool) -> Result<(), TestCaseError> {
    let mut computer = Computer::new();
    let town = Town::new(Fate::Unreachable);
    let mut vault = open(&computer).await;
    let mut here = desk(vault.clone(), &town).await;
    let mut cases = Vec::new();
    for number in 0..CASES {
        let answer = format!("{} 0", token(number));
        let (call, draft) = case(&here, &answer).await;
        cases.push(Case { call, draft, holds: Some(answer), discarded: false });
    }
    for (turn, step) in steps.iter().enumerate() {
        match step {
            Step::Type(number) => {
                let case = &mut cases[*number];
                let answer = format!("{} {}", token(*number), turn + 1);
                if here.apply(case.draft, vec![set(&answer)]).await.is_ok() {
                    prop_assert!(case.holds.is_some() && !case.discarded);
                    case.holds = Some(answer);
                }
            }
            Step::Discard(number) => {
                cases[*number].discarded |= here.discard(cases[*number].draft).await.is_ok()
            }
            Step::TakeBack(number) => {
                cases[*number].discarded &= here.take_back(cases[*number].draft).await.is_err()
            }
            Step::Erase(number) => {
                let case = &mut cases[*number];
                if here.erase(case.draft).await.is_ok() {
                    prop_assert!(case.discarded);
                    (case.holds, case.discarded) = (None, false);
                }
            }
            Step::Undo(number) => {
                if here.undo(cases[*number].draft).await.is_ok() {
                    cases[*number].holds = found(&vault, &cases[*number]).await;
                }
            }
            Step::Restore(number, back) => {
                let case = &mut cases[*number];
                let revisions = here.revisions(case.draft).await.unwrap_or_default();
                let Some(revision) = revisions.get(*back) else { continue };
                if here.restore_revision(case.draft, revision.id).await.is_ok() {
                    case.holds = found(&vault, case).await;
                }
            }
            Step::Look(number) => {
                if let Ok(view) = here.open_call(cases[*number].call).await {
                    prop_assert!(view.cases.iter().all(|shown| shown.draft == cases[*number].draft));
                }
            }
            Step::Crash | Step::Restart => {
                if matches!(step, Step::Restart) {
                    here.close().await;
                } else {
                    // An image of files that are being changed would be of no moment at all; deaths in the middle of
                    // shredding have tests of their own.
                    shred(&vault).await;
                }
                computer = crashed(&computer, here);
                vault = open(&computer).await;
                if mixed
                    && let (Some(a), Some(b)) = (
                        vault.draft(cases[0].draft).await.unwrap(),
                        vault.draft(cases[1].draft).await.unwrap(),
                    )
                {
                    let swapped = Draft { form: b.form, ..a };
                    vault.commit(vec![Change::PutDraft(swapped)]).await.unwrap();
                }
                here = desk(vault.clone(), &town).await;
            }
        }
        for (number, case) in cases.iter().enumerate() {
            let holds = found(&vault, case).await;
            prop_assert_eq!(&holds, &case.holds, "case {} after {:?}", number, step);
            prop_assert!(holds.is_none_or(|text| text.is_empty() || text.starts_with(&token(number))));
            let revisions = vault.revisions(case.draft).await.unwrap();
            prop_assert!(revisions.iter().all(|revision| revision.draft == case.draft));
            if case.holds.is_none() {
                prop_assert!(revisions.is_empty(), "nothing of an erased case is left to restore");
            }
        }
    }
    prop_assert_eq!(vault.verify().await, Ok(()));
    here.close().await;
    Ok(())
}

async fn found(vault: &Vault, case: &Case) -> Option<String> {
    vault.draft(case.draft).await.unwrap().map(|draft| text(&draft).to_owned())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Recovery that shows another case's answers, opens a blank instead of the draft, or brings back what was erased.
#[test]
fn failure_11_recovery_never_shows_one_case_in_another() {
    let orders = setting("LEDSAGA_ORDERS", 12);
    let config = ProptestConfig {
        cases: u32::try_from(orders).unwrap(),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let runtime = runtime();
    proptest!(config, |(steps in prop::collection::vec(step(), 8..24))| {
        runtime.block_on(recover(&steps, false))?;
    });
    row(
        Kind::Test,
        "failure 11",
        "orders of typing, throwing away, erasing, undoing, restoring and crashes",
        orders,
        0,
    );
}

/// The counter-test: a recovery that takes the answers of the case beside is noticed.
#[test]
fn failure_11_a_recovery_that_mixes_cases_is_noticed() {
    let steps = [Step::Type(0), Step::Crash, Step::Look(0)];
    assert!(runtime().block_on(recover(&steps, true)).is_err());
    assert!(runtime().block_on(recover(&steps, false)).is_ok());
}

/// Two windows with one draft: one id, two different cases.
///
/// The counter-test is the last opening: with the lock gone with its process, it succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_12_a_second_window_or_process_is_refused_until_the_first_is_gone() {
    let computer = Computer::new();
    let mut other = Command::new(env!("CARGO_BIN_EXE_vault_writer"))
        .args([computer.vaults(), computer.secrets()])
        .arg("put")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(other.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("saved") {
        assert!(out.read_line(&mut said).unwrap() > 0);
    }
    for _ in 0..3 {
        assert_eq!(computer.open(None).await.err(), Some(OpenError::InUse));
    }
    // The power goes.
    other.kill().unwrap();
    other.wait().unwrap();
    let vault = computer.open(None).await.unwrap();
    assert_eq!(ledger::standing(&vault, 1).await, Ok(ledger::Standing::Whole));
    assert_eq!(vault.verify().await, Ok(()));
    // Two windows of one process.
    assert_eq!(computer.open(None).await.err(), Some(OpenError::InUse));
    vault.close().await;
    drop(vault);
    computer.open(None).await.unwrap().close().await;
}

/// Encryption that is skipped in silence, and keys that changed.
///
/// That a build without a cipher is found out is seen with `--features plaintext-for-tests`: the plaintext sweep then
/// hits. The rest must fail with an opening that makes a new key set when it finds none.
#[tokio::test]
async fn failure_13_without_the_right_key_nothing_opens_and_nothing_is_written() {
    let computer = Computer::new();
    let vault = computer.open(None).await.unwrap();
    for number in 1..=20 {
        vault.commit(ledger::put(number)).await.unwrap();
    }
    let before = computer.items();
    vault.change_keys().await.unwrap();
    vault.commit(ledger::put(21)).await.unwrap();
    vault.close().await;
    let after = computer.items();
    let files = computer.files();

    // The keys from before the change; those of nobody; none.
    let other = Computer::new();
    other.open(None).await.unwrap().close().await;
    let strange = other.items();
    for (items, expected) in [
        (before, OpenError::Unreadable),
        (strange, OpenError::Unreadable),
        (BTreeMap::new(), OpenError::KeyLost),
    ] {
        computer.put_items(&items);
        for _ in 0..2 {
            assert_eq!(computer.open(None).await.err(), Some(expected));
        }
        assert_eq!(computer.items(), items, "no new key is made");
        assert!(computer.files() == files, "and nothing is written");
    }

    // A database without a cipher in the place of the vault's is no vault.
    computer.put_items(&after);
    let path = computer.folder().join("vault.db");
    let sealed = fs::read(&path).unwrap();
    assert!(!sealed.starts_with(b"SQLite format 3"));
    fs::write(&path, [b"SQLite format 3\0".as_slice(), &vec![0; 8_176]].concat()).unwrap();
    assert_eq!(computer.open(None).await.err(), Some(OpenError::Unreadable));
    fs::write(&path, sealed).unwrap();

    // With the right ones everything is there.
    let vault = computer.open(None).await.unwrap();
    for number in 1..=21 {
        assert_eq!(ledger::standing(&vault, number).await, Ok(ledger::Standing::Whole));
    }
}

/// Every draft with its content, as a digest for each.
async fn digests(vault: &Vault) -> BTreeMap<Uuid, String> {
    let mut digests = BTreeMap::new();
    for outline in vault.outlines().await.unwrap() {
        let draft = vault.draft(outline.id).await.unwrap().unwrap();
        let mut digest = Sha256::new();
        digest.update(serde_json::to_vec(&draft).unwrap());
        if let Some(submission) = draft.state.submission() {
            let submission = vault.submission(submission).await.unwrap();
            digest.update(serde_json::to_vec(&submission.map(|found| found.payload)).unwrap());
        }
        digest.update(serde_json::to_vec(&vault.revisions(outline.id).await.unwrap()).unwrap());
        digests.insert(outline.id, hex::encode(digest.finalize()));
    }
    digests
}

/// A hundred drafts in every state in which one can be, a town that cannot be reached.
async fn a_hundred_drafts(vault: &Arc<Vault>, town: &Arc<Town>) {
    let here = desk(vault.clone(), town).await;
    for number in 0..100 {
        let (_, draft) = case(&here, &format!("Ärende {number}")).await;
        here.apply(draft, vec![set(&format!("Ärende {number}, ändrat"))]).await.unwrap();
        match number % 6 {
            0 => {}
            1 => drop(here.discard(draft).await.unwrap()),
            2 => send(&here, draft).await.unwrap(),
            state => {
                let draft = vault.draft(draft).await.unwrap().unwrap();
                let (submission, at) = (Uuid::now_v7(), draft.updated_at);
                let receipt = Receipt {
                    submission,
                    digest: "ab".repeat(32),
                    case_number: format!("EXB-{number}"),
                    received_at: at,
                    proof: "a.b.c".into(),
                    to_supplement: vec![],
                };
                let reason = Refusal { code: "answers_invalid".into(), questions: vec![] };
                let state = match state {
                    3 => CaseState::Unknown { submission, at },
                    4 => CaseState::Received { submission, receipt },
                    _ => CaseState::NeedsAction { submission, reason },
                };
                vault.commit(vec![Change::PutDraft(Draft { state, ..draft })]).await.unwrap();
            }
        }
    }
    here.close().await;
}

/// Maintenance that deletes unsent work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_14_no_maintenance_loses_or_changes_a_draft() {
    let computer = Computer::new();
    let town = Town::new(Fate::Unreachable);
    a_hundred_drafts(&open(&computer).await, &town).await;
    let before = {
        let vault = computer.open(None).await.unwrap();
        let before = digests(&vault).await;
        vault.close().await;
        before
    };
    assert_eq!(before.len(), 100);
    let mut lost = 0;
    for what in ["upgrade", "lock", "keys", "pin", "no pin", "index", "sign-out", "shred", "verify"] {
        let pin = (what == "no pin").then_some(PIN);
        let vault = Arc::new(computer.open(pin).await.unwrap());
        match what {
            "keys" => vault.change_keys().await.unwrap(),
            "pin" => vault.set_pin(Some(Pin::new(PIN))).await.unwrap(),
            "no pin" => vault.set_pin(None).await.unwrap(),
            // A desk with an empty index fills it again from the store.
            "index" => {
                let here = desk(vault.clone(), &town).await;
                assert!(status(&here, *before.keys().next().unwrap()).await.is_some());
                here.close().await;
            }
            // Another worker signs in at the same computer and leaves again.
            "sign-out" => {
                vault.close().await;
                let other = ledsaga_core::worker::Worker { subject: "edla".into(), ..worker() };
                let theirs =
                    Vault::open(&computer.vaults(), &other, computer.keychain.clone(), None).await.unwrap();
                assert!(theirs.outlines().await.unwrap().is_empty());
                shred(&theirs).await;
                theirs.close().await;
            }
            "shred" => shred(&vault).await,
            "verify" => assert_eq!(vault.verify().await, Ok(())),
            // The next start is all that these two are; older databases have a row of their own.
            _ => {}
        }
        vault.close().await;
        drop(vault);
        let vault = computer.open(Some(PIN)).await.unwrap();
        let after = digests(&vault).await;
        lost += before.iter().filter(|(id, digest)| after.get(id) != Some(digest)).count();
        assert_eq!(after, before, "after {what}");
        vault.close().await;
    }
    row(Kind::Test, "failure 14", "100 drafts in every state through nine kinds of maintenance", 900, lost);

    // The counter-test: a maintenance that reduces one draft is noticed.
    let vault = computer.open(None).await.unwrap();
    let mut draft = vault.draft(*before.keys().next().unwrap()).await.unwrap().unwrap();
    draft.form.answers.clear();
    vault.commit(vec![Change::ReduceDraft(draft)]).await.unwrap();
    let after = digests(&vault).await;
    let lost = before.iter().filter(|(id, digest)| after.get(id) != Some(digest)).count();
    row(Kind::CounterTest, "failure 14", "a maintenance that empties one draft", 1, lost);
    assert_eq!(lost, 1);
}
