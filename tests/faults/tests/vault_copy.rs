//! A sealed copy, restored as often as one likes, makes no case twice: what was on its way keeps its ids.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{collections::BTreeSet, sync::Arc};

use ledsaga_core::{
    desk::Desk,
    draft::Draft,
    ports::{Change, Store},
    view::CaseStatus,
};
use ledsaga_faults::{
    computer::Computer,
    municipality::{Fate, Town, case, desk, send, set, until, until_status},
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

/// Two lives of one draft: on the computer where it was copied, and where the copy was restored.
struct TwoLives {
    town: Arc<Town>,
    here: Desk,
    draft: Uuid,
    _computer: Computer,
    recovery: Recovery,
}

impl TwoLives {
    /// `with_id`: it has the id of its submission from its beginning, as all have but those from before.
    async fn of_a_draft(with_id: bool) -> Self {
        let computer = Computer::new();
        let town = Town::new(Fate::Taken);
        let vault = computer.open(None).await.unwrap();
        let here = desk(Arc::new(vault), &town).await;
        let (_, draft) = case(&here, "ett utkast").await;
        here.close().await;
        let vault = Arc::new(computer.open(None).await.unwrap());
        if !with_id {
            let begun = vault.draft(draft).await.unwrap().unwrap();
            vault.commit(vec![Change::PutDraft(Draft { submission_id: None, ..begun })]).await.unwrap();
        }
        let recovery = Recovery::copy_of(&vault).await;
        let here = desk(vault, &town).await;
        Self { town, here, draft, _computer: computer, recovery }
    }

    async fn restored(&self) -> (Desk, Computer) {
        let other = self.recovery.restored().await;
        (desk(Arc::new(other.open(None).await.unwrap()), &self.town).await, other)
    }

    /// Sent from the copy, it is refused for good.
    async fn stay_one_case(&self, there: &Desk) {
        send_edited(there, self.draft).await;
        assert_eq!(refused(there, self.draft).await, ("content_differs".into(), false));
        assert_eq!(self.cases(), 1);
    }

    fn cases(&self) -> usize {
        self.town.cases.lock().unwrap().len()
    }
}

async fn send_edited(desk: &Desk, draft: Uuid) {
    desk.apply(draft, vec![set("ett ändrat utkast")]).await.unwrap();
    send(desk, draft).await.unwrap();
}

async fn refused(desk: &Desk, draft: Uuid) -> (String, bool) {
    match until_status(desk, draft, |status| matches!(status, CaseStatus::NeedsAction { .. })).await {
        CaseStatus::NeedsAction { reason, reopenable } => (reason.code, reopenable),
        _ => unreachable!(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_is_sent_from_its_copy_too_is_refused_there() {
    let lives = TwoLives::of_a_draft(true).await;
    send(&lives.here, lives.draft).await.unwrap();
    until_status(&lives.here, lives.draft, received).await;

    let (there, _other) = lives.restored().await;
    lives.stay_one_case(&there).await;
    row(Kind::Test, "sealed copies", "a draft sent by hand after the copy and from it", 1, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_was_taken_back_and_sent_after_the_copy_is_refused_from_it() {
    let lives = TwoLives::of_a_draft(true).await;
    let (town, here, draft) = (&lives.town, &lives.here, lives.draft);
    let gate = town.gate.write().await;
    send(here, draft).await.unwrap();
    until(here, "the request is on its way", async |_| (!town.sent.lock().unwrap().is_empty()).then_some(()))
        .await;
    here.withdraw(draft).await.unwrap();
    town.set(Fate::Refused);
    drop(gate);
    until_status(here, draft, |status| matches!(status, CaseStatus::Editing)).await;
    town.set(Fate::Taken);
    assert_eq!(lives.cases(), 0);
    send(here, draft).await.unwrap();
    until_status(here, draft, received).await;

    let (there, _other) = lives.restored().await;
    send_edited(&there, draft).await;
    assert_eq!(refused(&there, draft).await, ("cancelled".into(), true));
    there.reopen(draft).await.unwrap();
    lives.stay_one_case(&there).await;
    row(Kind::Test, "sealed copies", "a draft taken back and sent after the copy, and sent from it", 1, 0);
}

/// What never left this computer keeps its id: nobody has promised anything about it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_was_taken_back_before_it_left_is_refused_from_the_copy_too() {
    let lives = TwoLives::of_a_draft(true).await;
    let (town, here, draft) = (&lives.town, &lives.here, lives.draft);
    town.set(Fate::Unreachable);
    send(here, draft).await.unwrap();
    here.withdraw(draft).await.unwrap();
    until_status(here, draft, |status| matches!(status, CaseStatus::Editing)).await;
    town.set(Fate::Taken);
    send(here, draft).await.unwrap();
    until_status(here, draft, received).await;

    let (there, _other) = lives.restored().await;
    lives.stay_one_case(&there).await;
    row(Kind::Test, "sealed copies", "a draft taken back before it left, and sent from the copy too", 1, 0);
}

/// The counter-test: with an id that is made when it is sent, both lives become a case.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_without_an_id_of_its_own_is_seen_as_two_cases() {
    let lives = TwoLives::of_a_draft(false).await;
    send(&lives.here, lives.draft).await.unwrap();
    until_status(&lives.here, lives.draft, received).await;
    let (there, _other) = lives.restored().await;
    send_edited(&there, lives.draft).await;
    until_status(&there, lives.draft, received).await;
    let cases = lives.cases();
    row(Kind::CounterTest, "sealed copies", "the same with an id that is made when it is sent", 1, cases - 1);
    assert_eq!(cases, 2);
}
