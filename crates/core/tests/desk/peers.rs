//! Failures of others on the way to the municipality, by their numbers in the list of fifteen. Time is paused, so an hour
//! takes no time and a minute is exact.

use std::{sync::Arc, time::Duration};

use ledsaga_core::{
    error::{DeskError, LinkError},
    memory::MemoryStore,
    ports::{Change, Store},
    view::{CaseStatus, LinkState},
};
use ledsaga_forms::speech::Language;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    fixture::{
        World, case, confirmed_case, has_catalogue, link_becomes, needs_action, open, pdf, received, refused,
        world,
    },
    server::{Fate, Seen, Server},
};

fn puts(server: &Server) -> usize {
    server.inbox(|inbox| inbox.seen.iter().filter(|seen| matches!(seen, Seen::Put(_))).count())
}

/// What a backup of the computer would hold.
async fn copy(store: &MemoryStore, draft: Uuid) -> MemoryStore {
    let kept = store.draft(draft).await.unwrap().unwrap();
    let mut changes = vec![Change::PutCatalogue(store.catalogue().await.unwrap().unwrap())];
    changes.extend(store.calls().await.unwrap().into_iter().map(Change::PutCall));
    changes.extend(store.outbox().await.unwrap().into_iter().map(Change::PutOutbox));
    let submission = store.submission(kept.state.submission().unwrap()).await.unwrap().unwrap();
    changes.push(Change::PutSubmission(submission));
    for file in ledsaga_forms::files_in(&kept.form.answers) {
        let id = file.id.parse().unwrap();
        let bytes = store.file(id).await.unwrap().unwrap();
        changes.push(Change::PutFile { id, draft, bytes });
    }
    changes.push(Change::PutDraft(kept));
    let copy = MemoryStore::new();
    copy.commit(changes).await.unwrap();
    copy
}

/// Sent by two at once, with twenty answers lost: how many cases there are.
async fn sent_by_two(server: Server) -> usize {
    let (store, server) = (Arc::new(MemoryStore::new()), Arc::new(server));
    let first = open(store.clone(), server.clone()).await.unwrap();
    has_catalogue(&first).await;
    let (_, draft) = confirmed_case(&first).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    first.submit(draft).await.unwrap();
    link_becomes(&first, LinkState::Unreachable).await;
    let second = open(Arc::new(copy(&store, draft).await), server.clone()).await.unwrap();
    server.inbox(|inbox| {
        inbox.down = None;
        inbox.puts.extend(std::iter::repeat_n(Fate::AnswerLost, 20));
        inbox.asks.extend(std::iter::repeat_n(Fate::Turned(LinkError::NoAnswer), 20));
    });
    received(&first, draft).await;
    received(&second, draft).await;
    server.cases()
}

#[tokio::test(start_paused = true)]
async fn failure_01_lost_answers_and_two_senders_make_one_case() {
    assert_eq!(sent_by_two(Server::new()).await, 1);
    // The counter-test: a backend that does not know a submission again.
    assert!(sent_by_two(Server::without_idempotency()).await > 1);
}

#[tokio::test(start_paused = true)]
async fn failure_04_what_has_arrived_cannot_be_sent_again() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.submit(draft).await.unwrap();
    let number = received(&desk, draft).await;
    let before = puts(&server);
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.confirm_read_back(draft, Language::Swedish).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.reopen(draft).await.err(), Some(DeskError::NotReopenable));
    desk.withdraw(draft).await.unwrap();
    desk.retry_now().await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(received(&desk, draft).await, number);
    assert_eq!((puts(&server), server.cases()), (before, 1));
}

#[tokio::test(start_paused = true)]
async fn failure_06_nothing_is_being_sent_for_ever() {
    for dies in [false, true] {
        let World { mut desk, server, store } = world().await;
        let (_, draft) = confirmed_case(&desk).await;
        server.inbox(|inbox| inbox.puts.push_back(Fate::Hangs));
        desk.submit(draft).await.unwrap();
        while puts(&server) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if dies {
            drop(desk);
            desk = open(store.clone(), server.clone()).await.unwrap();
        } else {
            // The counter-test: before its lease is over, nobody may take it for settled.
            tokio::time::sleep(Duration::from_secs(59)).await;
            assert!(matches!(case(&desk, draft).await.status, CaseStatus::Sending { .. }));
        }
        let resumed = Instant::now();
        received(&desk, draft).await;
        assert!(resumed.elapsed() <= Duration::from_secs(60), "{:?}", resumed.elapsed());
        assert_eq!(server.cases(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn failure_07_what_waits_goes_when_the_network_comes_back() {
    for (down, said) in [
        (LinkError::Unreachable, LinkState::Unreachable),
        (LinkError::NoAnswer, LinkState::NoAnswer),
        (LinkError::WrongServer, LinkState::WrongServer),
    ] {
        let World { desk, server, .. } = world().await;
        let (_, draft) = confirmed_case(&desk).await;
        for _ in 0..3 {
            server.inbox(|inbox| inbox.down = Some(down.clone()));
            let _ = desk.submit(draft).await;
            link_becomes(&desk, said).await;
            tokio::time::sleep(Duration::from_secs(900)).await;
            assert_eq!(server.cases(), 0, "and not before");
        }
        server.inbox(|inbox| inbox.down = None);
        let back = Instant::now();
        received(&desk, draft).await;
        assert!(back.elapsed() <= Duration::from_secs(60), "{:?}", back.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn failure_08_one_bad_case_goes_aside_and_what_concerns_all_stops_all() {
    let World { desk, server, .. } = world().await;
    let (_, bad) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(refused("answers_invalid")));
    desk.submit(bad).await.unwrap();
    assert_eq!(needs_action(&desk, bad).await.0, "answers_invalid");
    let after_the_no = puts(&server);
    let (_, good) = confirmed_case(&desk).await;
    desk.submit(good).await.unwrap();
    received(&desk, good).await;
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    assert_eq!(puts(&server), after_the_no + 1, "a fatal error is not tried again");

    // Who is signed in concerns all: nothing is tried until that is settled.
    server.inbox(|inbox| inbox.down = Some(LinkError::SignInNeeded));
    let mut waiting = vec![];
    for _ in 0..10 {
        let (_, draft) = confirmed_case(&desk).await;
        desk.submit(draft).await.unwrap();
        waiting.push(draft);
    }
    link_becomes(&desk, LinkState::SignInNeeded).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(puts(&server), after_the_no + 1);
    server.inbox(|inbox| inbox.down = None);
    desk.retry_now().await;
    for draft in waiting {
        received(&desk, draft).await;
    }
}

#[tokio::test(start_paused = true)]
async fn failure_15_a_case_of_several_files_arrives_once_and_after_all_of_them() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.attach(draft, "intyg", pdf("intyg2.pdf")).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    server.inbox(|inbox| {
        let cut = [Fate::AnswerLost, Fate::Turned(LinkError::NoAnswer), Fate::Turned(LinkError::Unreachable)];
        inbox.file_puts.extend(cut.into_iter().cycle().take(9));
        inbox.puts.push_back(Fate::AnswerLost);
    });
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
    server.inbox(|inbox| {
        assert_eq!(inbox.files.len(), 2);
        let put = inbox.seen.iter().position(|seen| matches!(seen, Seen::Put(_))).unwrap();
        assert!(inbox.seen[put..].iter().all(|seen| !matches!(seen, Seen::File(_))), "{:?}", inbox.seen);
    });
}
