//! Earlier states of a draft: kept, compared and gone back to.

use ledsaga_core::{
    error::DeskError,
    ports::{REVISIONS, Store},
    view::{CaseView, Text},
};
use ledsaga_forms::{AnswerView, speech::Language};
use uuid::Uuid;

use crate::fixture::{World, case, choice, confirmed_case, pdf, text, world};

fn plain(text: &str) -> Text {
    Text::Plain { text: text.into() }
}

fn typed(case: &CaseView, question: &str) -> AnswerView {
    case.form.questions.iter().find(|view| view.path == question).unwrap().answer.clone()
}

async fn begun(world: &World) -> (Uuid, Uuid) {
    let call = world.desk.start_call().await.unwrap().id;
    let view = world.desk.choose_service(call, "fardtjanst").await.unwrap();
    (call, view.cases[0].draft)
}

#[tokio::test(start_paused = true)]
async fn each_question_leaves_one_earlier_state_however_much_is_typed_in_it() {
    let world = world().await;
    let (_, draft) = begun(&world).await;
    for typed in ["T", "Tu", "Tuva"] {
        world.desk.apply(draft, vec![text("namn", typed)]).await.unwrap();
    }
    world.desk.apply(draft, vec![choice("ledsagare", "ja")]).await.unwrap();
    let kept = world.desk.revisions(draft).await.unwrap();
    let questions: Vec<_> = kept.iter().map(|revision| revision.question.as_deref()).collect();
    assert_eq!(questions, [Some("Behövs ledsagare?"), Some("Namn")]);

    // Moving about changes no answer and leaves nothing.
    let step = ledsaga_forms::OpKind::GoTo { step: "resa".into() };
    world.desk.apply(draft, vec![crate::fixture::op(step)]).await.unwrap();
    assert_eq!(world.desk.revisions(draft).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_newest_twenty_are_kept() {
    let world = world().await;
    let (_, draft) = begun(&world).await;
    for number in 0..30 {
        let question = if number % 2 == 0 { "namn" } else { "skal" };
        world.desk.apply(draft, vec![text(question, &number.to_string())]).await.unwrap();
    }
    assert_eq!(world.desk.revisions(draft).await.unwrap().len(), REVISIONS);
}

#[tokio::test(start_paused = true)]
async fn what_differs_is_said_and_masked_in_protected_mode() {
    let world = world().await;
    let (call, draft) = begun(&world).await;
    world.desk.apply(draft, vec![text("namn", "Tuva")]).await.unwrap();
    world.desk.apply(draft, vec![choice("ledsagare", "ja")]).await.unwrap();
    world.desk.apply(draft, vec![text("namn", "Tove")]).await.unwrap();
    let second = world.desk.revisions(draft).await.unwrap()[1].id;
    let found = world.desk.compare_revision(draft, second).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|d| (d.label, d.then, d.now)).collect();
    let expected = [
        ("Namn".to_owned(), plain("Tuva"), plain("Tove")),
        ("Behövs ledsagare?".to_owned(), plain(""), plain("Ja")),
    ];
    assert_eq!(found, expected);

    world.desk.protect(call).await.unwrap();
    let masked = world.desk.compare_revision(draft, second).await.unwrap();
    assert!(masked.iter().all(|d| d.now != plain("Tove") && d.now != plain("Ja")), "{masked:?}");
}

#[tokio::test(start_paused = true)]
async fn going_back_loses_nothing_and_voids_the_confirmation() {
    let world = world().await;
    let (_, draft) = confirmed_case(&world.desk).await;
    world.desk.apply(draft, vec![text("skal", "Till vården")]).await.unwrap();
    world.desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    let with_reason = case(&world.desk, draft).await;
    assert!(with_reason.confirmed);

    world.desk.undo(draft).await.unwrap();
    let without = case(&world.desk, draft).await;
    assert!(typed(&without, "skal") != typed(&with_reason, "skal") && !without.confirmed);
    assert!(without.form.rev > with_reason.form.rev);

    world.desk.undo(draft).await.unwrap();
    assert_eq!(typed(&case(&world.desk, draft).await, "skal"), typed(&with_reason, "skal"));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_taken_away_comes_back_with_its_bytes() {
    let world = world().await;
    let (_, draft) = confirmed_case(&world.desk).await;
    let file = || async {
        let draft = world.store.draft(draft).await.unwrap().unwrap();
        ledsaga_forms::files_in(&draft.form.answers).first().map(|file| file.id.clone())
    };
    let id = file().await.unwrap();
    let detach = ledsaga_forms::OpKind::Detach { question: "intyg".into(), file: id.clone() };
    world.desk.apply(draft, vec![crate::fixture::op(detach)]).await.unwrap();
    assert_eq!(file().await, None);
    world.desk.undo(draft).await.unwrap();
    assert_eq!(file().await.as_ref(), Some(&id));
    assert!(world.store.file(id.parse().unwrap()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_back_in_a_case_that_is_on_its_way() {
    let world = world().await;
    let (_, draft) = confirmed_case(&world.desk).await;
    world.desk.attach(draft, "intyg", pdf("ett till.pdf")).await.unwrap();
    world.desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    let revision = world.desk.revisions(draft).await.unwrap()[0].id;
    world.server.inbox(|inbox| inbox.down = Some(ledsaga_core::error::LinkError::Unreachable));
    world.desk.submit(draft).await.unwrap();
    assert_eq!(world.desk.undo(draft).await.err(), Some(DeskError::Frozen));
    assert_eq!(world.desk.restore_revision(draft, revision).await.err(), Some(DeskError::Frozen));
    let unknown = world.desk.compare_revision(draft, Uuid::now_v7()).await;
    assert_eq!(unknown.err(), Some(DeskError::NoSuchRevision));
}
