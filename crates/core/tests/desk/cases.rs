//! Cases: answered, attached to, pinned and read back.

use std::sync::Arc;

use ledsaga_core::{
    desk::{Desk, NewFile},
    error::DeskError,
    memory::MemoryStore,
    ports::Store,
};
use ledsaga_forms::{Answer, ApplyError, FileRef, OpKind, speech::Language};
use uuid::Uuid;

use crate::{
    fixture::{
        PDF, case, catalogue_of, choice, confirmed_case, has_catalogue, op, open, pdf, permit, ride, text,
        until,
    },
    server::Server,
};

async fn begun() -> (Desk, Arc<MemoryStore>, Arc<Server>, Uuid) {
    let store = Arc::new(MemoryStore::new());
    let server = Arc::new(Server::new());
    let desk = open(store.clone(), server.clone()).await.unwrap();
    has_catalogue(&desk).await;
    let call = desk.start_call().await.unwrap();
    let draft = desk.choose_service(call.id, "fardtjanst").await.unwrap().cases[0].draft;
    (desk, store, server, draft)
}

async fn files(store: &MemoryStore, draft: Uuid) -> Vec<FileRef> {
    match store.draft(draft).await.unwrap().unwrap().form.answers.get("intyg") {
        Some(Answer::Files { files }) => files.clone(),
        _ => vec![],
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_durable_when_it_is_answered() {
    let (desk, store, _, draft) = begun().await;
    let applied = desk.apply(draft, vec![text("namn", "Tuva")]).await.unwrap();
    let kept = store.draft(draft).await.unwrap().unwrap();
    assert_eq!(kept.form.rev, applied.delta.rev);
    assert_eq!(kept.form.answers["namn"], Answer::Text { text: "Tuva".into() });
}

#[tokio::test(start_paused = true)]
async fn a_replayed_operation_changes_nothing() {
    let (desk, store, _, draft) = begun().await;
    let once = text("namn", "Tuva");
    desk.apply(draft, vec![once.clone()]).await.unwrap();
    desk.apply(draft, vec![text("namn", "Tova")]).await.unwrap();
    let before = store.draft(draft).await.unwrap().unwrap();
    desk.apply(draft, vec![once]).await.unwrap();
    assert!(store.draft(draft).await.unwrap().unwrap() == before);
}

#[tokio::test(start_paused = true)]
async fn another_answer_voids_the_confirmation_and_moving_about_does_not() {
    let (desk, _, _, _) = begun().await;
    let (_, draft) = confirmed_case(&desk).await;
    assert!(desk.apply(draft, vec![op(OpKind::GoTo { step: "resa".into() })]).await.unwrap().confirmed);
    assert!(desk.apply(draft, vec![op(OpKind::TrySubmit)]).await.unwrap().confirmed);
    assert!(case(&desk, draft).await.confirmed);
    assert!(!desk.apply(draft, vec![choice("ledsagare", "nej")]).await.unwrap().confirmed);
    assert!(!case(&desk, draft).await.confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_file_comes_in_with_its_bytes_or_not_at_all() {
    let (desk, store, _, draft) = begun().await;
    let file = FileRef {
        id: Uuid::now_v7().to_string(),
        name: "intyg.pdf".into(),
        size: 3,
        media_type: "application/pdf".into(),
        sha256: "0".repeat(64),
    };
    let by_name_alone = op(OpKind::Attach { question: "intyg".into(), file });
    let refused = desk.apply(draft, vec![by_name_alone]).await.err();
    assert_eq!(refused, Some(ApplyError::WrongAnswerType { path: "intyg".into() }.into()));

    desk.attach(draft, "intyg", pdf("intyg.pdf")).await.unwrap();
    let attached = files(&store, draft).await.remove(0);
    assert_eq!((attached.size, attached.media_type.as_str()), (PDF.len() as u64, "application/pdf"));
    assert_eq!(store.file(attached.id.parse().unwrap()).await.unwrap().as_deref(), Some(PDF));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_the_question_does_not_take_is_refused_and_leaves_nothing() {
    let (desk, store, _, draft) = begun().await;
    let file = |name: &str, bytes: &[u8]| NewFile { name: name.into(), bytes: bytes.to_vec() };
    let path = || "intyg".to_owned();
    let mut large = PDF.to_vec();
    large.resize(101, b' ');
    let cases = [
        (file("tom.pdf", b""), DeskError::FileEmpty),
        (file("stor.pdf", &large), ApplyError::FileTooLarge { path: path(), max_size: 100 }.into()),
        (file("text.txt", b"hej"), ApplyError::FileType { path: path() }.into()),
        (file("inte.pdf", b"MZ och mer"), ApplyError::FileType { path: path() }.into()),
    ];
    for (file, error) in cases {
        assert_eq!(desk.attach(draft, "intyg", file).await.err(), Some(error));
    }
    desk.attach(draft, "intyg", pdf("ett.pdf")).await.unwrap();
    desk.attach(draft, "intyg", pdf("två.pdf")).await.unwrap();
    let third = desk.attach(draft, "intyg", pdf("tre.pdf")).await.err();
    assert_eq!(third, Some(ApplyError::TooMany { path: path() }.into()));
    assert_eq!(files(&store, draft).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_detached_file_stays_with_its_draft_to_be_had_back() {
    let (desk, store, _, draft) = begun().await;
    desk.attach(draft, "intyg", pdf("ett.pdf")).await.unwrap();
    desk.attach(draft, "intyg", pdf("två.pdf")).await.unwrap();
    let [one, two] = files(&store, draft).await.try_into().unwrap();
    desk.apply(draft, vec![op(OpKind::Detach { question: "intyg".into(), file: one.id.clone() })])
        .await
        .unwrap();
    assert!(store.file(one.id.parse().unwrap()).await.unwrap().is_some());
    desk.apply(draft, vec![op(OpKind::Clear { question: "intyg".into() })]).await.unwrap();
    assert!(store.file(two.id.parse().unwrap()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_draft_stays_on_its_version_when_a_newer_one_comes() {
    let (desk, store, server, draft) = begun().await;
    server.inbox(|inbox| inbox.catalogue = Some(catalogue_of(vec![ride(2), permit()])));
    desk.retry_now().await;
    until(&desk, "version 2", async |desk| {
        (desk.service("fardtjanst").await.unwrap().version == 2).then_some(())
    })
    .await;
    let view = case(&desk, draft).await;
    assert_eq!((view.service.version, view.newer_version), (1, true));
    desk.apply(draft, vec![text("datum", "2026-05-03")]).await.unwrap();
    // Also after a restart, and after the e-service is offered no longer.
    server.inbox(|inbox| inbox.catalogue = Some(catalogue_of(vec![permit()])));
    drop(desk);
    let desk = open(store, server).await.unwrap();
    until(&desk, "the smaller catalogue", async |desk| {
        desk.service("fardtjanst").await.is_err().then_some(())
    })
    .await;
    assert!(desk.find_services("färdtjänst", None).await.is_empty());
    desk.apply(draft, vec![text("skal", "Dialys")]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_several_cases() {
    let (desk, _, _, draft) = begun().await;
    let call = desk.view().await.unwrap().queue[0].call;
    let view = desk.choose_service(call, "bygglov").await.unwrap();
    assert_eq!(view.cases.len(), 2);
    assert_eq!(view.cases[0].draft, draft);
    assert_eq!(desk.view().await.unwrap().queue.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_read_back_says_what_was_answered_section_by_section() {
    let (desk, _, _, draft) = begun().await;
    let answers = vec![
        text("namn", "Åsa Prov"),
        text("personnummer", "990807-2391"),
        text("telefon", "0701740605"),
        text("adress", "Provvägen 7"),
        text("datum", "3/5 2026"),
        choice("ledsagare", "ja"),
    ];
    desk.apply(draft, answers).await.unwrap();
    desk.attach(draft, "intyg", pdf("intyg.pdf")).await.unwrap();
    let read_back = desk.read_back(draft, Language::Swedish).await.unwrap();
    let titles: Vec<&str> = read_back.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Om dig", "Resan"]);
    let lines: Vec<(&str, &str)> = read_back
        .sections
        .iter()
        .flat_map(|s| &s.lines)
        .map(|l| (l.question.as_str(), l.spoken.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            ("namn", "Åsa Prov"),
            ("personnummer", "slutar på 2391"),
            ("telefon", "070-174 06 05"),
            ("adress", "Provvägen 7"),
            ("ledsagare", "Ja"),
            ("intyg", "1 fil: intyg.pdf"),
            ("datum", "den 3 maj 2026"),
        ]
    );
    let name = &read_back.sections[0].lines[0];
    assert_eq!(name.spell.as_deref(), Some("Åke Sigurd Adam, Petter Rudolf Olof Viktor"));
    let english = desk.read_back(draft, Language::English).await.unwrap();
    assert_eq!(english.sections[1].lines.last().unwrap().spoken, "3 May 2026");
    assert!(read_back.missing.is_empty() && read_back.sendable && !read_back.confirmed);
    assert!(desk.confirm_read_back(draft, Language::Swedish).await.unwrap().confirmed);
}
