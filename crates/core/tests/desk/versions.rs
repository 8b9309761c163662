//! A newer version of an e-service: the draft stays until the worker takes it, and keeps every answer.

use ledsaga_core::{error::DeskError, ports::Store};
use ledsaga_forms::{Answer, OpKind, speech::Language};

use crate::fixture::{World, case, catalogue_of, op, pdf, permit, received, ride, text, until, world};

/// A draft on version 1 with version 2 in the catalogue.
async fn overtaken() -> (World, uuid::Uuid) {
    let world = world().await;
    let call = world.desk.start_call().await.unwrap();
    let draft = world.desk.choose_service(call.id, "fardtjanst").await.unwrap().cases[0].draft;
    let answers =
        vec![text("namn", "Tuva Provsson"), text("skal", "Läkarbesök"), text("datum", "2026-06-01")];
    world.desk.apply(draft, answers).await.unwrap();
    world.desk.attach(draft, "intyg", pdf("intyg.pdf")).await.unwrap();
    world.desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    world.server.inbox(|inbox| inbox.catalogue = Some(catalogue_of(vec![ride(2), permit()])));
    world.desk.retry_now().await;
    until(&world.desk, "the newer version", async |desk| case(desk, draft).await.newer_version.then_some(()))
        .await;
    (world, draft)
}

#[tokio::test(start_paused = true)]
async fn the_draft_stays_on_its_version_until_the_worker_takes_the_newer_one() {
    let (World { desk, .. }, draft) = overtaken().await;
    let before = case(&desk, draft).await;
    let change = desk.version_change(draft).await.unwrap();
    assert_eq!(change.kept, 2, "the name and the file");
    assert_eq!(change.no_longer_asked, ["Varför behövs resan?", "Från vilken dag?"]);
    assert!(change.moved.is_empty() && change.newly_required.is_empty());
    assert_eq!(case(&desk, draft).await, before, "looking changes nothing");

    let after = desk.take_newer_version(draft).await.unwrap().cases.remove(0);
    assert!(!after.newer_version && !after.confirmed, "what was read back was another version");
    assert_eq!(after.set_aside.len(), 2);
    assert!(after.form.questions.iter().any(|q| q.path == "epost"));
    assert_eq!(desk.version_change(draft).await, Err(DeskError::NoNewerVersion));
    assert_eq!(desk.take_newer_version(draft).await, Err(DeskError::NoNewerVersion));
}

#[tokio::test(start_paused = true)]
async fn nothing_answered_is_lost_and_the_case_arrives_on_the_newer_version() {
    let (World { desk, server, store }, draft) = overtaken().await;
    desk.take_newer_version(draft).await.unwrap();
    let kept = store.draft(draft).await.unwrap().unwrap();
    assert!(kept.form.answers["namn"] == Answer::Text { text: "Tuva Provsson".into() });
    assert!(matches!(&kept.form.answers["intyg"], Answer::Files { files } if files.len() == 1));
    let words: Vec<&str> = kept.set_aside.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(words, ["Läkarbesök", "2026-06-01"]);

    let more = [text("personnummer", "19990807-2391"), text("telefon", "070-174 06 05")];
    desk.apply(draft, more.into()).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_case_on_its_way_keeps_its_version() {
    let (World { desk, .. }, draft) = overtaken().await;
    let answers = vec![text("personnummer", "19990807-2391"), op(OpKind::TrySubmit)];
    desk.apply(draft, answers).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    assert_eq!(desk.version_change(draft).await, Err(DeskError::Frozen));
    assert_eq!(desk.take_newer_version(draft).await, Err(DeskError::Frozen));
}
