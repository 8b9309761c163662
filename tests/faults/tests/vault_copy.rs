//! A sealed copy, restored as often as one likes, makes no case twice: what was on its way keeps its ids.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{collections::BTreeSet, sync::Arc};

use ledsaga_core::{ports::Store, view::CaseStatus};
use ledsaga_faults::{
    computer::Computer,
    municipality::{Fate, Town, case, desk, send, until_status},
    report::{Kind, row},
};
use ledsaga_vault::{RecoveryIdentity, Vault, restore_copy};
use uuid::Uuid;

struct Recovery {
    identity: RecoveryIdentity,
    dir: tempfile::TempDir,
}

impl Recovery {
    async fn copy_of(vault: &Vault) -> Self {
        let recovery = Self { identity: RecoveryIdentity::generate(), dir: tempfile::tempdir().unwrap() };
        let path = recovery.dir.path().join("kopia.age");
        vault.seal_copy(&recovery.identity.recipient().unwrap(), &path).await.unwrap();
        recovery
    }

    async fn restored(&self) -> Computer {
        let computer = Computer::new();
        let path = self.dir.path().join("kopia.age");
        restore_copy(&path, &self.identity, &computer.vaults(), computer.keychain.clone()).await.unwrap();
        computer
    }
}

fn received(status: &CaseStatus) -> bool {
    matches!(status, CaseStatus::Received { .. })
}

/// Case numbers of a desk's cases, once the municipality has them.
async fn sent_from(computer: &Computer, town: &Arc<Town>, drafts: &[Uuid]) -> Vec<String> {
    let here = desk(Arc::new(computer.open(None).await.unwrap()), town).await;
    let mut numbers = Vec::new();
    for draft in drafts {
        match until_status(&here, *draft, received).await {
            CaseStatus::Received { case_number, .. } => numbers.push(case_number),
            _ => unreachable!(),
        }
    }
    here.close().await;
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_on_its_way_is_one_case_from_every_computer() {
    let mut sent = 0;
    for (fate, arrived) in [(Fate::Unreachable, 0), (Fate::AnswerLost, 2)] {
        let computer = Computer::new();
        let town = Town::new(fate);
        *town.answers_questions.lock().unwrap() = false;
        let vault = Arc::new(computer.open(None).await.unwrap());
        let here = desk(vault.clone(), &town).await;
        let mut drafts = Vec::new();
        for answer in ["den första", "den andra"] {
            let (_, draft) = case(&here, answer).await;
            send(&here, draft).await.unwrap();
            drafts.push(draft);
        }
        if fate == Fate::AnswerLost {
            for draft in &drafts {
                until_status(&here, *draft, |status| matches!(status, CaseStatus::Unknown { .. })).await;
            }
        }
        assert_eq!(town.cases.lock().unwrap().len(), arrived);
        let recovery = Recovery::copy_of(&vault).await;
        let ids: BTreeSet<Uuid> = drafts_submissions(&vault).await;

        // The computer that it was made on goes on, and two others begin with it.
        *town.answers_questions.lock().unwrap() = true;
        town.set(Fate::Taken);
        for draft in &drafts {
            until_status(&here, *draft, received).await;
        }
        here.close().await;
        let (first, second) = (recovery.restored().await, recovery.restored().await);
        let numbers = sent_from(&first, &town, &drafts).await;
        assert_eq!(sent_from(&second, &town, &drafts).await, numbers);
        let cases: BTreeSet<Uuid> = town.cases.lock().unwrap().keys().copied().collect();
        assert_eq!(cases, ids, "the same cases, by the same ids, and no more");
        sent += drafts.len() * 3;
    }
    row(Kind::Test, "sealed copies", "cases on their way, sent from three computers each", sent, 0);
}

async fn drafts_submissions(vault: &Vault) -> BTreeSet<Uuid> {
    let drafts = vault.outlines().await.unwrap();
    drafts.iter().filter_map(|draft| draft.state.submission()).collect()
}

/// The counter-test, and the limit that ADR 14 names: what was not frozen yet when the copy was made has no id yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_worker_sends_from_two_computers_is_seen_as_two_cases() {
    let computer = Computer::new();
    let town = Town::new(Fate::Taken);
    let vault = Arc::new(computer.open(None).await.unwrap());
    let here = desk(vault.clone(), &town).await;
    let (_, draft) = case(&here, "ett utkast").await;
    let recovery = Recovery::copy_of(&vault).await;
    send(&here, draft).await.unwrap();
    until_status(&here, draft, received).await;
    here.close().await;

    let other = recovery.restored().await;
    let there = desk(Arc::new(other.open(None).await.unwrap()), &town).await;
    send(&there, draft).await.unwrap();
    until_status(&there, draft, received).await;
    there.close().await;
    let cases = town.cases.lock().unwrap().len();
    row(Kind::CounterTest, "sealed copies", "a draft sent by hand after and before", 1, cases - 1);
    assert_eq!(cases, 2);
}
