//! From Send to the receipt, and back to a draft when the case was refused.

use std::sync::Arc;

use ledsaga_core::{
    audit::AuditAction,
    call::CallChange,
    error::{DeskError, LinkError},
    memory::MemoryStore,
    ports::Store,
    view::{CaseStatus, RevealTarget},
};
use ledsaga_forms::{AnswerView, speech::Language};
use uuid::Uuid;

use crate::{
    fixture::{
        World, case, catalogue_of, choice, confirmed_case, has_catalogue, needs_action, open, permit,
        received, refused, ride, text, until, world,
    },
    server::{Fate, Seen, Server},
    store::{Trouble, Troubled},
};

#[tokio::test(start_paused = true)]
async fn the_contact_goes_before_the_files_and_they_before_the_case() {
    let World { desk, server, store } = world().await;
    let (call, draft) = confirmed_case(&desk).await;
    let sent = desk.submit(draft).await.unwrap();
    assert!(matches!(sent.status, CaseStatus::Queued { .. }));
    assert_eq!(received(&desk, draft).await, "EXB-2026-0000");
    let seen = server.inbox(|inbox| inbox.seen.clone());
    assert!(
        matches!(seen.as_slice(), [Seen::Contact { call: id, .. }, Seen::File(_), Seen::Put(_)] if *id == call.id),
        "{seen:?}"
    );
    assert!(store.outbox().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_arrives_is_what_was_answered_in_its_normal_form() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let (_, payload) = server.inbox(|inbox| inbox.cases[0].clone());
    let body: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(body["answers"]["personnummer"]["text"], "199908072391");
    assert_eq!(body["answers"]["telefon"]["text"], "+46701740605");
    assert_eq!(body["answers"]["intyg"]["files"][0]["media_type"], "application/pdf");
    assert_eq!(server.inbox(|inbox| inbox.files.values().next().cloned()).unwrap(), crate::fixture::PDF);
}

#[tokio::test(start_paused = true)]
async fn after_the_receipt_the_answers_are_gone_from_this_computer() {
    let World { desk, store, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    let file = file_of(&store, draft).await;
    assert!(store.file(file).await.unwrap().is_some());
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let kept = store.draft(draft).await.unwrap().unwrap();
    assert!(kept.form.answers.is_empty() && kept.set_aside.is_empty());
    assert!(store.file(file).await.unwrap().is_none());
    assert!(store.submission(kept.state.submission().unwrap()).await.unwrap().is_none());
    let view = case(&desk, draft).await;
    assert!(view.form.questions.iter().all(|q| q.answer == AnswerView::None));
    let read_back = desk.read_back(draft, Language::Swedish).await.unwrap();
    assert!(read_back.sections.is_empty() && read_back.missing.is_empty());
}

async fn file_of(store: &MemoryStore, draft: Uuid) -> Uuid {
    let draft = store.draft(draft).await.unwrap().unwrap();
    match draft.form.answers.get("intyg") {
        Some(ledsaga_forms::Answer::Files { files }) => files[0].id.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_four_calls_go_at_the_same_time() {
    let World { desk, server, .. } = world().await;
    server.inbox(|inbox| inbox.contact_puts.extend(std::iter::repeat_n(Fate::Hangs, 4)));
    let mut calls = vec![];
    for _ in 0..6 {
        let call = desk.start_call().await.unwrap();
        desk.end_call(call.id).await.unwrap();
        calls.push(call.id);
    }
    // The first four hang until their limit; nobody else has been heard of before.
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    assert_eq!(server.inbox(|inbox| inbox.contacts.len()), 4);
    until(&desk, "all contacts", async |_| server.inbox(|i| (i.contacts.len() == 6).then_some(()))).await;
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_sent_is_not_sent() {
    let World { desk, server, .. } = world().await;
    let call = desk.start_call().await.unwrap();
    let draft = desk.choose_service(call.id, "bygglov").await.unwrap().cases[0].draft;
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::NotConfirmed));
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::Incomplete));
    desk.apply(draft, vec![text("yta", "stor"), text("plats", "Bakom huset")]).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::NotSendable));
    desk.apply(draft, vec![text("yta", "12")]).await.unwrap();
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::NotConfirmed));
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(desk.apply(draft, vec![text("yta", "13")]).await.err(), Some(DeskError::Frozen));
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_oral_application_may_be_sent_incomplete() {
    let World { desk, .. } = world().await;
    let call = desk.start_call().await.unwrap();
    let draft = desk.choose_service(call.id, "fardtjanst").await.unwrap().cases[0].draft;
    let read_back = desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    assert_eq!(read_back.missing, ["Namn", "Personnummer", "Behövs ledsagare?"]);
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_leaves_the_case_a_draft_that_can_be_sent_again() {
    let disk = Arc::new(MemoryStore::new());
    let server = Arc::new(Server::new());
    let desk = open(disk.clone(), server.clone()).await.unwrap();
    has_catalogue(&desk).await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.close().await;
    // Closing forgets a memory store, so the content moves to one that fills up at the first commit.
    let disk = Arc::new(MemoryStore::new());
    let desk = open(disk.clone(), server.clone()).await.unwrap();
    has_catalogue(&desk).await;
    assert_eq!(desk.submit(draft).await.err(), Some(DeskError::NoSuchDraft));
    let (_, draft) = confirmed_case(&desk).await;
    drop(desk);
    let store = Arc::new(Troubled::at(disk.clone(), 0, Trouble::Full));
    let desk = open(store, server.clone()).await.unwrap();
    let refused = desk.submit(draft).await.unwrap_err();
    assert_eq!((refused.code(), refused.retryable()), ("disk_full", true));
    assert_eq!(case(&desk, draft).await.status, CaseStatus::Editing);
    assert!(disk.outbox().await.unwrap().is_empty());
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
}

/// What is noted together is tried one by one when the store refuses it, so that nothing keeps anything else back.
#[tokio::test(start_paused = true)]
async fn a_store_that_takes_one_thing_at_a_time_gets_every_case_sent_once() {
    let server = Arc::new(Server::new());
    let store = Arc::new(Troubled::at(Arc::new(MemoryStore::new()), 0, Trouble::Several));
    let desk = open(store.clone(), server.clone()).await.unwrap();
    has_catalogue(&desk).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    let mut drafts = Vec::new();
    for _ in 0..6 {
        let (_, draft) = confirmed_case(&desk).await;
        desk.submit(draft).await.unwrap();
        drafts.push(draft);
    }
    server.inbox(|inbox| inbox.down = None);
    desk.retry_now().await;
    for draft in drafts {
        received(&desk, draft).await;
    }
    assert_eq!(server.cases(), 6);
    assert!(store.outbox().await.unwrap().is_empty());
    assert!(store.happened(), "nothing was noted together");
}

#[tokio::test(start_paused = true)]
async fn a_refused_case_is_reopened_on_the_newest_version_and_nothing_is_dropped_silently() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.apply(draft, vec![text("skal", "Dialys tre dagar i veckan"), text("datum", "3/5 2026")])
        .await
        .unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    server.inbox(|inbox| {
        inbox.puts.push_back(refused("service_version_retired"));
        inbox.catalogue = Some(catalogue_of(vec![ride(2), permit()]));
    });
    desk.submit(draft).await.unwrap();
    needs_action(&desk, draft).await;
    let first = store.draft(draft).await.unwrap().unwrap().state.submission().unwrap();
    until(&desk, "the newer version", async |desk| {
        (desk.service("fardtjanst").await.unwrap().version == 2).then_some(())
    })
    .await;
    assert!(case(&desk, draft).await.newer_version);

    let reopened = desk.reopen(draft).await.unwrap().cases.remove(0);
    assert_eq!(reopened.status, CaseStatus::Editing);
    assert_eq!((reopened.service.version, reopened.newer_version, reopened.confirmed), (2, false, false));
    let aside = [("Varför behövs resan?", "Dialys tre dagar i veckan"), ("Från vilken dag?", "3/5 2026")];
    for (label, words) in aside {
        assert!(reopened.set_aside.contains(&(label.into(), words.into())), "{:?}", reopened.set_aside);
    }
    let call = desk.view().await.unwrap().queue[0].call;
    desk.protect(call).await.unwrap();
    assert!(case(&desk, draft).await.set_aside.iter().all(|(_, words)| words == "Skyddad uppgift"));
    let target = RevealTarget::Answer { draft, question: "Från vilken dag?".into() };
    assert_eq!(desk.reveal(call, target).await.unwrap(), "3/5 2026");
    desk.lower_protection(call, "Prov").await.unwrap();
    let name = reopened.form.questions.iter().find(|q| q.path == "namn").unwrap();
    assert!(
        matches!(&name.answer, AnswerView::Plain { answer: ledsaga_forms::Answer::Text { text } } if text == "Tuva Provsson")
    );
    assert!(store.submission(first).await.unwrap().is_none());
    assert!(store.outbox().await.unwrap().is_empty());
    let file = file_of(&store, draft).await;
    assert!(store.file(file).await.unwrap().is_some());

    desk.apply(draft, vec![choice("skal", "vard")]).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let (second, _) = server.inbox(|inbox| inbox.cases[0].clone());
    assert_ne!(first, second);
    assert_eq!(server.cases(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_contact_record_goes_when_the_call_ends_and_again_when_it_changes() {
    let World { desk, server, .. } = world().await;
    let call = desk.start_call().await.unwrap();
    desk.change_call(call.id, vec![CallChange::Note("Fick numret till förskolan".into())]).await.unwrap();
    assert!(server.inbox(|inbox| inbox.contacts.is_empty()));
    desk.end_call(call.id).await.unwrap();
    until(&desk, "the contact", async |_| server.inbox(|i| i.contacts.get(&call.id).map(|_| ()))).await;
    desk.change_call(call.id, vec![CallChange::AskedFor("Förskola".into())]).await.unwrap();
    until(&desk, "the change", async |_| {
        server.inbox(|i| (i.contacts[&call.id].asked_for == "Förskola").then_some(()))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_changes_while_its_contact_record_is_on_its_way_is_sent_again() {
    let World { desk, server, .. } = world().await;
    server.inbox(|inbox| inbox.contact_puts.push_back(Fate::Hangs));
    let call = desk.start_call().await.unwrap();
    desk.end_call(call.id).await.unwrap();
    until(&desk, "the first record", async |_| server.inbox(|i| i.contacts.get(&call.id).map(|_| ()))).await;
    desk.change_call(call.id, vec![CallChange::Note("Kom ihåg".into())]).await.unwrap();
    until(&desk, "the second record", async |_| {
        server.inbox(|i| (i.contacts[&call.id].note == "Kom ihåg").then_some(()))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn each_step_is_in_the_log_without_content() {
    let World { desk, store, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let log = store.audit().await.unwrap();
    let actions: Vec<AuditAction> = log.iter().map(|event| event.action).collect();
    use AuditAction::{CallStarted, FileAttached, Purged, ReadBackConfirmed, Received, Submitted};
    assert_eq!(actions, [CallStarted, FileAttached, ReadBackConfirmed, Submitted, Received, Purged]);
    assert!(!serde_json::to_string(&log).unwrap().contains("Tuva"));
}
