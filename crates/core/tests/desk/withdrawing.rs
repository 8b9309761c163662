//! A case is taken back: at once while it has never left, and otherwise by the municipality's word.

use std::{sync::Arc, time::Duration};

use ledsaga_core::{
    audit::AuditAction,
    error::{DeskError, LinkError},
    memory::MemoryStore,
    outbox::ItemState,
    ports::{Municipality, Store},
    view::{CaseStatus, LinkState},
};
use ledsaga_forms::speech::Language;
use uuid::Uuid;

use crate::{
    fixture::{
        World, case, confirmed_case, has_catalogue, link_becomes, needs_action, open, pdf, received, text,
        until_status, world,
    },
    server::{Fate, Seen, Server},
};

async fn submission(store: &MemoryStore, draft: Uuid) -> Uuid {
    store.draft(draft).await.unwrap().unwrap().state.submission().unwrap()
}

async fn actions(store: &MemoryStore) -> Vec<AuditAction> {
    store.audit().await.unwrap().iter().map(|event| event.action).collect()
}

fn is_editing(status: &CaseStatus) -> bool {
    *status == CaseStatus::Editing
}

fn is_withdrawing(status: &CaseStatus) -> bool {
    matches!(status, CaseStatus::Withdrawing { .. })
}

fn is_unknown(status: &CaseStatus) -> bool {
    matches!(status, CaseStatus::Unknown { .. })
}

fn lost() -> Fate {
    Fate::Turned(LinkError::NoAnswer)
}

/// Of a world whose submission left and was not answered, and where nobody answers now.
async fn unanswered(fate: Fate) -> (World, Uuid) {
    let world = world().await;
    let (_, draft) = confirmed_case(&world.desk).await;
    world.server.inbox(|inbox| {
        inbox.puts.push_back(fate);
        inbox.asks.extend(std::iter::repeat_n(lost(), 3));
    });
    world.desk.submit(draft).await.unwrap();
    until_status(&world.desk, draft, is_unknown).await;
    (world, draft)
}

#[tokio::test(start_paused = true)]
async fn a_case_that_never_left_is_a_draft_again_without_a_network() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    desk.submit(draft).await.unwrap();
    link_becomes(&desk, LinkState::Unreachable).await;
    let first = submission(&store, draft).await;

    let back = desk.withdraw(draft).await.unwrap().cases.remove(0);
    assert_eq!((&back.status, back.confirmed), (&CaseStatus::Editing, false));
    assert_eq!(actions(&store).await.last(), Some(&AuditAction::Withdrawn));
    assert!(store.submission(first).await.unwrap().is_none());
    let left = store.outbox().await.unwrap();
    assert!(left.iter().all(|item| item.task.draft().is_none()), "only the contact record goes");

    desk.apply(draft, vec![text("namn", "Tuva Testsson")]).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    assert_eq!(submission(&store, draft).await, first, "no other life of the draft can be sent beside it");
    server.inbox(|inbox| inbox.down = None);
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
    assert!(server.inbox(|inbox| !inbox.seen.contains(&Seen::Withdrawn(first))));
}

#[tokio::test(start_paused = true)]
async fn a_case_that_has_left_is_a_draft_again_when_the_municipality_promises() {
    let (World { desk, server, store }, draft) = unanswered(lost()).await;
    let first = submission(&store, draft).await;
    server.inbox(|inbox| inbox.withdrawals.push_back(Fate::AnswerLost));
    let back = desk.withdraw(draft).await.unwrap().cases.remove(0);
    assert!(is_withdrawing(&back.status), "{:?}", back.status);
    assert_eq!(desk.apply(draft, vec![text("namn", "X")]).await, Err(DeskError::Frozen));
    until_status(&desk, draft, is_editing).await;
    let asked =
        server.inbox(|inbox| inbox.seen.iter().filter(|seen| **seen == Seen::Withdrawn(first)).count());
    assert_eq!(asked, 2, "a lost answer is asked for again");

    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let cases = server.inbox(|inbox| inbox.cases.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    assert_eq!(cases.len(), 1);
    assert_ne!(cases[0], first);
    let log = actions(&store).await;
    assert!(log.contains(&AuditAction::WithdrawalAsked) && log.contains(&AuditAction::Withdrawn));
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_that_comes_too_late_gives_the_receipt() {
    let (World { desk, server, .. }, draft) = unanswered(Fate::AnswerLost).await;
    desk.withdraw(draft).await.unwrap();
    assert_eq!(received(&desk, draft).await, "EXB-2026-0000");
    assert_eq!(server.cases(), 1);
    // And once more is harmless: it says how it is.
    let view = desk.withdraw(draft).await.unwrap();
    assert!(matches!(view.cases[0].status, CaseStatus::Received { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_in_the_middle_of_sending_waits_for_what_comes_of_that() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(Fate::Hangs));
    desk.submit(draft).await.unwrap();
    while !server.inbox(|inbox| inbox.seen.iter().any(|seen| matches!(seen, Seen::Put(_)))) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let back = desk.withdraw(draft).await.unwrap().cases.remove(0);
    assert!(is_withdrawing(&back.status));
    let kept = store.outbox().await.unwrap();
    assert!(kept.iter().any(|item| item.state == ItemState::Withdrawing));
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_answer_is_open_the_case_says_so_and_a_crash_changes_nothing() {
    let (World { desk, server, store }, draft) = unanswered(lost()).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    desk.withdraw(draft).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(is_withdrawing(&case(&desk, draft).await.status));
    assert_eq!(desk.view().await.unwrap().link.unknown, 1);
    drop(desk);

    let desk = open(store.clone(), server.clone()).await.unwrap();
    assert!(is_withdrawing(&case(&desk, draft).await.status));
    server.inbox(|inbox| inbox.down = None);
    until_status(&desk, draft, is_editing).await;
    assert_eq!(server.cases(), 0);
}

/// With the counter-test: a municipality that forgets what it promised makes a case of a submission that comes late.
#[tokio::test(start_paused = true)]
async fn a_copy_that_comes_late_makes_no_case_of_what_was_withdrawn() {
    for (server, late_cases) in [(Server::new(), 0), (Server::without_marks(), 1)] {
        let (store, server) = (Arc::new(MemoryStore::new()), Arc::new(server));
        let desk = open(store.clone(), server.clone()).await.unwrap();
        has_catalogue(&desk).await;
        let (_, draft) = confirmed_case(&desk).await;
        server.inbox(|inbox| {
            inbox.puts.push_back(lost());
            inbox.asks.extend(std::iter::repeat_n(lost(), 3));
        });
        desk.submit(draft).await.unwrap();
        until_status(&desk, draft, is_unknown).await;
        let copy = store.submission(submission(&store, draft).await).await.unwrap().unwrap();
        desk.withdraw(draft).await.unwrap();
        until_status(&desk, draft, is_editing).await;
        let _ = server.put_submission(&copy).await;
        assert_eq!(server.cases(), late_cases);
    }
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_that_is_refused_needs_action_and_is_never_sent_instead() {
    let (World { desk, server, .. }, draft) = unanswered(lost()).await;
    server.inbox(|inbox| inbox.withdrawals.push_back(crate::fixture::refused("forbidden")));
    desk.withdraw(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("withdrawal_refused".into(), false));
    let puts =
        |server: &Server| server.inbox(|i| i.seen.iter().filter(|s| matches!(s, Seen::Put(_))).count());
    let before = puts(&server);
    desk.retry_now().await;
    until_status(&desk, draft, is_editing).await;
    assert_eq!(puts(&server), before);
}

#[tokio::test(start_paused = true)]
async fn a_case_with_its_outcome_open_can_be_taken_back_and_a_refused_one_is_reopened_instead() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(crate::fixture::refused("forbidden")));
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("forbidden".into(), false));
    assert!(case(&desk, draft).await.on_its_way.unwrap().withdrawable);
    desk.withdraw(draft).await.unwrap();
    until_status(&desk, draft, is_editing).await;

    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(crate::fixture::refused("answers_invalid")));
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("answers_invalid".into(), true));
    assert!(!case(&desk, draft).await.on_its_way.unwrap().withdrawable);
    assert_eq!(desk.withdraw(draft).await.err(), Some(DeskError::NotWithdrawable));
}

#[tokio::test(start_paused = true)]
async fn every_way_of_changing_a_case_on_its_way_is_refused_with_the_reason() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    desk.apply(draft, vec![text("namn", "Tuva Testsson")]).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    let revision = desk.revisions(draft).await.unwrap()[0].id;
    desk.submit(draft).await.unwrap();
    let frozen = store.draft(draft).await.unwrap();

    assert_eq!(desk.apply(draft, vec![text("namn", "X")]).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.attach(draft, "intyg", pdf("b.pdf")).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.confirm_read_back(draft, Language::Swedish).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.discard(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.extend(draft, "Ringer i morgon").await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.undo(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.restore_revision(draft, revision).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.version_change(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.take_newer_version(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.reopen(draft).await.err(), Some(DeskError::NotReopenable));
    assert_eq!(desk.erase(draft).await.err(), Some(DeskError::NotDiscarded));
    assert!(store.draft(draft).await.unwrap() == frozen);
}

#[tokio::test(start_paused = true)]
async fn protection_takes_back_what_never_left_without_the_marking_and_nothing_else() {
    let (World { desk, server, store }, sent) = unanswered(lost()).await;
    let (call, queued) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    desk.submit(queued).await.unwrap();
    let back = desk.protect(call.id).await.unwrap().cases.remove(0);
    assert_eq!((&back.status, back.confirmed), (&CaseStatus::Editing, false));
    assert!(back.keeping.unwrap().days_left <= 3);

    let before = store.draft(sent).await.unwrap();
    desk.protect(case_call(&desk, sent).await).await.unwrap();
    assert!(store.draft(sent).await.unwrap() == before, "what may have left stays as it was frozen");

    server.inbox(|inbox| inbox.down = None);
    desk.confirm_read_back(queued, Language::Swedish).await.unwrap();
    desk.submit(queued).await.unwrap();
    received(&desk, queued).await;
    let payloads =
        server.inbox(|inbox| inbox.cases.iter().map(|(_, payload)| payload.clone()).collect::<Vec<_>>());
    let marked =
        payloads.iter().filter(|p| String::from_utf8_lossy(p).contains("\"secrecy_marking\":true")).count();
    assert_eq!(marked, 1);
}

async fn case_call(desk: &ledsaga_core::desk::Desk, draft: Uuid) -> Uuid {
    desk.view().await.unwrap().queue.into_iter().find(|row| row.draft == Some(draft)).unwrap().call
}

#[tokio::test(start_paused = true)]
async fn how_far_the_files_have_come_is_shown_in_bytes() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    let file = match store.draft(draft).await.unwrap().unwrap().form.answers.get("intyg") {
        Some(ledsaga_forms::Answer::Files { files }) => files[0].clone(),
        other => panic!("{other:?}"),
    };
    let id: Uuid = file.id.parse().unwrap();
    server.inbox(|inbox| {
        inbox.file_puts.push_back(Fate::Hangs);
        inbox.stored.insert(id, 5);
    });
    desk.submit(draft).await.unwrap();
    let on_its_way = async || {
        let rows = desk.view().await.unwrap().queue;
        let row = rows.into_iter().find(|row| row.draft == Some(draft)).unwrap();
        assert_eq!(row.on_its_way, case(&desk, draft).await.on_its_way);
        row.on_its_way.map(|way| (way.sent, way.total))
    };
    while on_its_way().await != Some((5, file.size)) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    received(&desk, draft).await;
    assert_eq!(on_its_way().await, None);
}
