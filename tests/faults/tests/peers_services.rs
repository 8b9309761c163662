//! The failures of others that concern e-services which change or go while somebody fills them in, by their number in the
//! list of fifteen. With each its counter-test: the same with the mistake in it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::sync::Arc;

use ledsaga_core::{
    catalogue::Catalogue,
    clock::SystemClock,
    desk::Desk,
    error::DeskError,
    memory::{MemoryIndex, MemoryStore},
    ports::{Change, Store},
    retention::Limits,
    view::{CaseStatus, CaseView},
};
use ledsaga_faults::{
    municipality::{Fate, Town, case, desk, send, set, until, until_status, version},
    report::{Kind, row},
    worker,
};
use ledsaga_forms::{AnswerView, speech::Language};
use uuid::Uuid;

const TYPED: &str = "Till läkaren varje tisdag";

/// A draft with an answer, and the catalogue as it came after that. With `forgetful` the computer keeps nothing of what is
/// offered no longer, as a program does that only knows the newest catalogue.
async fn overtaken(
    offer: Vec<ledsaga_forms::Definition>,
    forgetful: bool,
) -> (Desk, Arc<Town>, Arc<MemoryStore>, Uuid, Uuid) {
    let (town, store) = (Town::new(Fate::Taken), Arc::new(MemoryStore::new()));
    let here = desk(store.clone(), &town).await;
    let (call, draft) = case(&here, TYPED).await;
    let before = store.catalogue().await.unwrap().unwrap();
    town.offer(offer);
    here.retry_now().await;
    until(&here, "the new catalogue", async |_| {
        store.catalogue().await.unwrap().filter(|now| now.etag != before.etag)
    })
    .await;
    if !forgetful {
        return (here, town, store, call, draft);
    }
    drop(here);
    let now = store.catalogue().await.unwrap().unwrap();
    store.commit(vec![Change::PutCatalogue(Catalogue { kept: vec![], ..now })]).await.unwrap();
    let (index, clock) = (Arc::new(MemoryIndex::new()), Arc::new(SystemClock));
    let again =
        Desk::open(store.clone(), index, town.clone(), clock, worker(), Limits::default()).await.unwrap();
    (again, town, store, call, draft)
}

async fn shown(here: &Desk, call: Uuid) -> CaseView {
    here.open_call(call).await.unwrap().cases.remove(0)
}

/// What stands in the form.
fn typed(case: &CaseView) -> Vec<String> {
    case.form
        .questions
        .iter()
        .filter_map(|question| match &question.answer {
            AnswerView::Plain { answer: ledsaga_forms::Answer::Text { text } } => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// The e-service is updated while somebody fills it in: what is typed must still be saved, and nothing dropped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_09_a_draft_stays_on_its_version_and_nothing_typed_is_dropped() {
    let (here, town, store, call, draft) = overtaken(vec![version(2, &["mal", "tid"])], false).await;
    // It is saved as before, on the version that it was begun on.
    here.apply(draft, vec![set("Till läkaren varje onsdag")]).await.unwrap();
    let case = shown(&here, call).await;
    assert_eq!((typed(&case), case.service.version), (vec!["Till läkaren varje onsdag".to_owned()], 1));
    assert!(case.newer_version);
    // The municipality takes the old version no longer: a reason, and the way on says first what becomes of what.
    town.refuse_with("service_version_retired");
    town.set(Fate::Refused);
    send(&here, draft).await.unwrap();
    let refused = until_status(&here, draft, |status| matches!(status, CaseStatus::NeedsAction { .. })).await;
    let CaseStatus::NeedsAction { reason, reopenable } = refused else { panic!() };
    assert!(reason.code == "service_version_retired" && reopenable);
    let kept = store.draft(draft).await.unwrap().unwrap();
    assert!(kept.form.answers.contains_key("skal"), "what was refused is all there");
    here.reopen(draft).await.unwrap();
    let case = shown(&here, call).await;
    assert_eq!(case.service.version, 2);
    assert_eq!(case.set_aside, [("Vad gäller skal?".to_owned(), "Till läkaren varje onsdag".to_owned())]);
    town.set(Fate::Taken);
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
    row(
        Kind::Test,
        "failure 9",
        "a newer version while filling in: saved, refused with the reason, moved, sent",
        1,
        0,
    );
    here.close().await;

    // The preview: what would be asked no longer is named before anything is moved.
    let (here, _, _, call, draft) = overtaken(vec![version(2, &["mal"])], false).await;
    let change = here.version_change(draft).await.unwrap();
    assert_eq!(change.no_longer_asked, ["Vad gäller skal?"]);
    assert_eq!(typed(&shown(&here, call).await), [TYPED], "looking changes nothing");
    here.close().await;
}

/// The counter-test: a computer that knows only the newest version cannot save what is typed into the old one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_09_without_the_old_version_nothing_can_be_saved() {
    let (here, _, _, call, draft) = overtaken(vec![version(2, &["mal"])], true).await;
    let saved = here.apply(draft, vec![set("Till läkaren varje onsdag")]).await;
    let lost = usize::from(saved.err() == Some(DeskError::DefinitionMissing));
    row(
        Kind::CounterTest,
        "failure 9",
        "only the newest version is kept: what is typed is not saved",
        1,
        lost,
    );
    assert_eq!(lost, 1);
    assert!(typed(&shown(&here, call).await).is_empty());
}

/// The e-service is withdrawn while a draft is open: it opens, is saved and read back, and says what to do instead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_10_a_draft_of_a_withdrawn_service_opens_and_says_what_to_do() {
    let (here, town, store, call, draft) = overtaken(vec![], false).await;
    assert_eq!(here.service("fardtjanst").await.err(), Some(DeskError::NoSuchService), "no new ones");
    for _ in 0..2 {
        let case = shown(&here, call).await;
        assert!(case.readable && typed(&case) == [TYPED]);
        assert_eq!(case.service.contact.phone, "070-1740605", "whom to call instead");
        here.apply(draft, vec![set(TYPED)]).await.unwrap();
        let read = here.read_back(draft, Language::Swedish).await.unwrap();
        let said = serde_json::to_string(&read).unwrap();
        assert!(said.contains(TYPED), "it can be read out and written down: {said}");
    }
    town.refuse_with("service_version_retired");
    town.set(Fate::Refused);
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::NeedsAction { .. })).await;
    // Not lost by being refused either, nor by being opened again.
    here.reopen(draft).await.unwrap();
    let case = shown(&here, call).await;
    assert!(case.status == CaseStatus::Editing && typed(&case) == [TYPED]);
    assert!(store.draft(draft).await.unwrap().unwrap().form.answers.contains_key("skal"));
    row(
        Kind::Test,
        "failure 10",
        "withdrawn while a draft is open: opens, saves, is read out, says why it cannot go",
        1,
        0,
    );
    here.close().await;

    // The counter-test: a computer that forgets what is offered no longer shows an empty form.
    let (here, _, _, call, draft) = overtaken(vec![], true).await;
    let case = shown(&here, call).await;
    let lost =
        usize::from(typed(&case).is_empty() && here.read_back(draft, Language::Swedish).await.is_err());
    row(
        Kind::CounterTest,
        "failure 10",
        "its definition is forgotten with the offer: an empty form",
        1,
        lost,
    );
    assert_eq!(lost, 1);
}
