//! How long drafts stay on this computer, and what takes them away.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, ToSpan, civil::date};
use ledsaga_core::{
    clock::Clock,
    desk::Desk,
    error::{DeskError, LinkError},
    memory::{MemoryIndex, MemoryStore},
    ports::Store,
    retention::Limits,
    view::CaseStatus,
};
use uuid::Uuid;

use crate::{
    fixture::{self, FixedClock, World, case, confirmed_case, received, text, until, world},
    server::Server,
};

async fn unfinished(desk: &Desk) -> (Uuid, Uuid) {
    let call = desk.start_call().await.unwrap().id;
    let change = ledsaga_core::call::CallChange::AskedFor("Resor till vården".into());
    desk.change_call(call, vec![change]).await.unwrap();
    let draft = desk.choose_service(call, "fardtjanst").await.unwrap().cases[0].draft;
    desk.apply(draft, vec![text("namn", "Tuva Provsson")]).await.unwrap();
    (call, draft)
}

/// Enough for anything that the desk does by itself.
async fn an_hour() {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

fn in_days(days: i64) -> Timestamp {
    FixedClock.now() + (days * 24).hours()
}

#[tokio::test(start_paused = true)]
async fn a_draft_says_how_long_it_is_kept_and_protection_shortens_it() {
    let world = world().await;
    let (call, draft) = unfinished(&world.desk).await;
    let keeping = case(&world.desk, draft).await.keeping.unwrap();
    // The e-service says 30 days; the municipality allows 14.
    assert_eq!((keeping.through, keeping.days_left, keeping.warn), (date(2026, 5, 17), 14, false));
    world.desk.protect(call).await.unwrap();
    let keeping = case(&world.desk, draft).await.keeping.unwrap();
    // 3 May 2026 is a Sunday; Monday is the next working day.
    assert_eq!((keeping.through, keeping.days_left), (date(2026, 5, 4), 1));
    world.desk.lower_protection(call, "Fel samtal").await.unwrap();
    assert_eq!(case(&world.desk, draft).await.keeping.unwrap().through, date(2026, 5, 17));
}

#[tokio::test(start_paused = true)]
async fn prolonging_takes_a_reason_and_is_limited() {
    let world = world().await;
    let (_, draft) = unfinished(&world.desk).await;
    assert_eq!(world.desk.extend(draft, " ").await.err(), Some(DeskError::ReasonNeeded));
    for left in [2, 1, 0] {
        world.desk.extend(draft, "Väntar på intyg").await.unwrap();
        assert_eq!(case(&world.desk, draft).await.extensions_left, left);
    }
    assert_eq!(world.desk.extend(draft, "En gång till").await.err(), Some(DeskError::NoMoreExtensions));
}

#[tokio::test(start_paused = true)]
async fn throwing_away_takes_two_steps_and_the_first_can_be_undone() {
    let world = world().await;
    let (_, draft) = unfinished(&world.desk).await;
    assert_eq!(world.desk.erase(draft).await.err(), Some(DeskError::NotDiscarded));

    world.desk.discard(draft).await.unwrap();
    let view = world.desk.view().await.unwrap();
    assert!(view.queue.iter().all(|row| row.draft != Some(draft)));
    assert_eq!(view.discarded[0].draft, Some(draft));
    let typed = world.desk.apply(draft, vec![text("namn", "Tove")]).await;
    assert_eq!(typed.err(), Some(DeskError::Discarded));
    assert_eq!(world.desk.submit(draft).await.err(), Some(DeskError::Discarded));

    world.desk.take_back(draft).await.unwrap();
    assert!(!case(&world.desk, draft).await.discarded);

    world.desk.discard(draft).await.unwrap();
    let view = world.desk.erase(draft).await.unwrap();
    assert!(view.discarded.is_empty());
    assert!(world.store.draft(draft).await.unwrap().is_none());
    let certificate = &world.desk.certificates().await.unwrap()[0];
    assert_eq!((certificate.id, certificate.reason.as_str()), (draft, "discarded"));
}

#[tokio::test(start_paused = true)]
async fn a_draft_whose_time_is_up_goes_after_what_was_asked_for_has_arrived() {
    let world = world().await;
    let (call, draft) = unfinished(&world.desk).await;
    world.server.inbox(|inbox| inbox.time = Some(in_days(14)));
    an_hour().await;
    assert!(world.store.draft(draft).await.unwrap().is_some(), "the last day counts");

    world.server.inbox(|inbox| inbox.time = Some(in_days(15)));
    until(&world.desk, "the draft goes", async |_| {
        world.store.draft(draft).await.unwrap().is_none().then_some(())
    })
    .await;
    let asked_for = world.server.inbox(|inbox| inbox.contacts[&call].asked_for.clone());
    assert_eq!(asked_for, "Resor till vården");
    let certificates = world.desk.certificates().await.unwrap();
    let certificate = certificates.iter().find(|certificate| certificate.id == draft).unwrap();
    assert_eq!((certificate.reason.as_str(), certificate.policy.as_str()), ("time_up", "ordinary 14"));
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_while_its_contact_record_has_not_arrived() {
    let world = world().await;
    let (_, draft) = unfinished(&world.desk).await;
    world.server.inbox(|inbox| {
        inbox.contact_puts.extend(std::iter::repeat_with(|| fixture::refused("forbidden")).take(10_000));
        inbox.time = Some(in_days(400));
    });
    an_hour().await;
    assert!(world.store.draft(draft).await.unwrap().is_some());
}

/// A clock that somebody sets.
struct Set(std::sync::Mutex<Timestamp>);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_ten_years_takes_nothing() {
    for years in [10_i64, -10] {
        let (store, server) = (Arc::new(MemoryStore::new()), Arc::new(Server::new()));
        let clock = Arc::new(Set(std::sync::Mutex::new(FixedClock.now())));
        let limits = Limits::default();
        let desk = Desk::open(
            store.clone(),
            Arc::new(MemoryIndex::new()),
            server.clone(),
            clock.clone(),
            fixture::worker(),
            limits,
        )
        .await
        .unwrap();
        fixture::has_catalogue(&desk).await;
        let (_, kept) = unfinished(&desk).await;
        let (_, queued) = confirmed_case(&desk).await;
        server.inbox(|inbox| {
            inbox.down = Some(LinkError::Unreachable);
            inbox.time = Some(FixedClock.now());
        });
        desk.submit(queued).await.unwrap();
        *clock.0.lock().unwrap() = FixedClock.now() + (years * 365 * 24).hours();
        an_hour().await;
        assert!(store.draft(kept).await.unwrap().is_some());
        assert!(matches!(case(&desk, queued).await.status, CaseStatus::Queued { .. }));

        // With the municipality's own, right time it is the same, and what waited goes.
        server.inbox(|inbox| inbox.down = None);
        received(&desk, queued).await;
        an_hour().await;
        assert!(store.draft(kept).await.unwrap().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_receipt_only_its_facts_are_left() {
    let World { desk, server, store } = world().await;
    let (call, draft) = confirmed_case(&desk).await;
    let file = {
        let draft = store.draft(draft).await.unwrap().unwrap();
        ledsaga_forms::files_in(&draft.form.answers)[0].id.parse().unwrap()
    };
    desk.submit(draft).await.unwrap();
    let number = received(&desk, draft).await;
    assert!(store.file(file).await.unwrap().is_none());
    assert!(store.revisions(draft).await.unwrap().is_empty());
    assert!(store.draft(draft).await.unwrap().unwrap().form.answers.is_empty());

    desk.end_call(call.id).await.unwrap();
    // The fixed clock never comes to the end of the afterwork; one that was set does.
    drop(desk);
    let clock = Arc::new(Set(std::sync::Mutex::new(FixedClock.now() + 11.minutes())));
    let (index, limits) = (Arc::new(MemoryIndex::new()), Limits::default());
    let desk =
        Desk::open(store.clone(), index, server.clone(), clock, fixture::worker(), limits).await.unwrap();
    until(&desk, "the call is handed over", async |_| {
        let call = store.call(call.id).await.unwrap().unwrap();
        (call.reduced && call.caller.name.is_empty() && call.note.is_empty()).then_some(())
    })
    .await;
    assert_eq!(server.inbox(|inbox| inbox.contacts[&call.id].note.clone()), "Ringer om resor");
    assert_eq!(received(&desk, draft).await, number);
    let change = ledsaga_core::call::CallChange::Note("En sak till".into());
    assert_eq!(desk.change_call(call.id, vec![change]).await.err(), Some(DeskError::CallHandedOver));
    assert_eq!(desk.choose_service(call.id, "fardtjanst").await.err(), Some(DeskError::CallHandedOver));

    // And in the end they go as well.
    server.inbox(|inbox| inbox.time = Some(in_days(60)));
    until(&desk, "the facts go", async |_| store.calls().await.unwrap().is_empty().then_some(())).await;
    assert!(store.outlines().await.unwrap().is_empty());
}
