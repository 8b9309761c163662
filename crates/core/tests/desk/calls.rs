//! Calls: started, changed, found again.

use std::sync::Arc;

use ledsaga_core::{
    call::CallChange,
    desk::Desk,
    error::{DeskError, StoreError},
    memory::MemoryStore,
    view::{Text, Who},
};
use ledsaga_forms::speech::Language;
use uuid::Uuid;

use crate::{
    fixture::{confirmed_case, has_catalogue, open},
    server::Server,
    store::{Trouble, Troubled},
};

async fn desk() -> (Desk, Arc<MemoryStore>) {
    let store = Arc::new(MemoryStore::new());
    let desk = open(store.clone(), Arc::new(Server::new())).await.unwrap();
    has_catalogue(&desk).await;
    (desk, store)
}

#[tokio::test(start_paused = true)]
async fn open_calls_have_codes_and_colours_of_their_own() {
    let (desk, _) = desk().await;
    let mut calls = vec![];
    for _ in 0..9 {
        calls.push(desk.start_call().await.unwrap());
    }
    assert_eq!(calls.iter().map(|c| c.code.as_str()).collect::<String>(), "ABCDEFGHI");
    assert_eq!(calls.iter().map(|c| c.colour).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7, 0]);
    desk.end_call(calls[1].id).await.unwrap();
    let next = desk.start_call().await.unwrap();
    assert_eq!((next.code.as_str(), next.colour), ("B", 1));
}

#[tokio::test(start_paused = true)]
async fn a_restart_brings_back_every_call_and_the_one_on_screen() {
    let (first, store) = desk().await;
    let (call, draft) = confirmed_case(&first).await;
    let other = first.start_call().await.unwrap();
    first.open_call(call.id).await.unwrap();
    let before = first.view().await.unwrap();
    drop(first);
    let second = open(store, Arc::new(Server::new())).await.unwrap();
    let after = second.view().await.unwrap();
    assert_eq!(after.queue, before.queue);
    assert_eq!(after.resume, Some(call.id));
    let again = second.open_call(call.id).await.unwrap();
    assert_eq!(again.note, "Ringer om resor");
    assert!(again.cases.iter().any(|case| case.draft == draft && case.confirmed));
    second.open_call(other.id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_catalogue_is_there_without_a_network_after_a_restart() {
    let (first, store) = desk().await;
    drop(first);
    let server = Arc::new(Server::new());
    server.inbox(|inbox| inbox.down = Some(ledsaga_core::error::LinkError::Unreachable));
    let second = open(store, server).await.unwrap();
    assert_eq!(second.service("fardtjanst").await.unwrap().name, "Färdtjänst");
}

#[tokio::test(start_paused = true)]
async fn open_calls_come_first_then_the_newest() {
    let (desk, _) = desk().await;
    let a = desk.start_call().await.unwrap().id;
    let b = desk.start_call().await.unwrap().id;
    let c = desk.start_call().await.unwrap().id;
    desk.end_call(c).await.unwrap();
    let order: Vec<Uuid> = desk.view().await.unwrap().queue.iter().map(|row| row.call).collect();
    assert_eq!(order, [b, a, c]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_long_is_refused_and_nothing_of_the_batch_is_kept() {
    let (desk, _) = desk().await;
    let call = desk.start_call().await.unwrap();
    let fits = CallChange::Note("å".repeat(20_000));
    assert_eq!(desk.change_call(call.id, vec![fits]).await.unwrap().note.chars().count(), 20_000);
    for too_long in [
        CallChange::Note("å".repeat(20_001)),
        CallChange::AskedFor("å".repeat(201)),
        CallChange::CallerName("å".repeat(201)),
        CallChange::CallerPhone("0".repeat(201)),
        CallChange::CallerIdentityNumber("0".repeat(201)),
    ] {
        let batch = vec![CallChange::AskedFor("Färdtjänst".into()), too_long];
        assert_eq!(desk.change_call(call.id, batch).await.err(), Some(DeskError::TooLong));
    }
    assert_eq!(desk.open_call(call.id).await.unwrap().asked_for, "");
}

#[tokio::test(start_paused = true)]
async fn wrong_numbers_are_kept_and_said() {
    let (desk, _) = desk().await;
    let call = desk.start_call().await.unwrap();
    let wrong = vec![
        CallChange::CallerIdentityNumber("19850101-2383".into()),
        CallChange::CallerPhone("070-17".into()),
    ];
    let view = desk.change_call(call.id, wrong).await.unwrap();
    assert_eq!(view.identity_number_fault.as_deref(), Some("pnr_checksum"));
    assert_eq!(view.phone_fault.as_deref(), Some("phone_length"));
    assert_eq!(view.phone, Text::Plain { text: "070-17".into() });
    let right = vec![
        CallChange::CallerIdentityNumber("19850101-2382".into()),
        CallChange::CallerPhone("070-174 06 05".into()),
    ];
    let view = desk.change_call(call.id, right).await.unwrap();
    assert_eq!((view.identity_number_fault, view.phone_fault), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_the_store_refuses_is_not_in_memory_either() {
    let (first, disk) = desk().await;
    let call = first.start_call().await.unwrap();
    drop(first);
    let store = Arc::new(Troubled::at(disk, 0, Trouble::Full));
    let desk = open(store, Arc::new(Server::new())).await.unwrap();
    let note = vec![CallChange::Note("Viktigt".into())];
    let refused = desk.change_call(call.id, note.clone()).await.err();
    assert_eq!(refused, Some(DeskError::Store(StoreError::DiskFull)));
    assert_eq!(desk.open_call(call.id).await.unwrap().note, "");
    assert_eq!(desk.change_call(call.id, note).await.unwrap().note, "Viktigt");
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_call_is_not_saved_again() {
    let (desk, _) = desk().await;
    let call = desk.start_call().await.unwrap();
    let note = vec![CallChange::Note("Samma".into())];
    let rev = desk.change_call(call.id, note.clone()).await.unwrap().rev;
    assert_eq!(desk.change_call(call.id, note).await.unwrap().rev, rev);
}

#[tokio::test(start_paused = true)]
async fn a_closed_desk_shows_nothing_and_takes_nothing() {
    let (desk, _) = desk().await;
    let call = desk.start_call().await.unwrap();
    desk.close().await;
    assert_eq!(desk.view().await.err(), Some(DeskError::Store(StoreError::Locked)));
    assert_eq!(desk.open_call(call.id).await.err(), Some(DeskError::Store(StoreError::Locked)));
    assert_eq!(desk.start_call().await.err(), Some(DeskError::Store(StoreError::Locked)));
    assert!(desk.find_services("", None).await.is_empty());
    // Closing twice is closing once.
    desk.close().await;
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_said() {
    let (desk, _) = desk().await;
    let nothing = Uuid::now_v7();
    assert_eq!(desk.open_call(nothing).await.err(), Some(DeskError::NoSuchCall));
    assert_eq!(desk.end_call(nothing).await.err(), Some(DeskError::NoSuchCall));
    assert_eq!(desk.read_back(nothing, Language::Swedish).await.err(), Some(DeskError::NoSuchDraft));
    assert_eq!(desk.submit(nothing).await.err(), Some(DeskError::NoSuchDraft));
    let call = desk.start_call().await.unwrap();
    assert_eq!(desk.choose_service(call.id, "nej").await.err(), Some(DeskError::NoSuchService));
    let row = &desk.view().await.unwrap().queue[0];
    assert_eq!((&row.who, &row.case, &row.service), (&Who::Nobody, &None, &None));
}
