//! A process that dies at any commit, with a municipality that loses answers, ends up with exactly one case.

use std::sync::Arc;

use ledsaga_core::{
    call::CallChange,
    desk::Desk,
    error::{DeskError, LinkError},
    memory::MemoryStore,
    ports::Store,
    view::CaseStatus,
};
use ledsaga_forms::{Answer, OpKind, speech::Language};

use crate::{
    fixture::{self, choice, has_catalogue, op, open, received, text},
    server::{Fate, Server},
    store::{Trouble, Troubled},
};

/// What the worker does, taking up the thread from what is kept: as a person would after a restart.
async fn work(desk: &Desk) -> Result<(), DeskError> {
    has_catalogue(desk).await;
    let queue = desk.view().await?.queue;
    let call = match queue.first() {
        Some(row) => row.call,
        None => desk.start_call().await?.id,
    };
    let note = CallChange::Note("Vill ha hjälp med resor".into());
    let mut view = desk.change_call(call, vec![note]).await?;
    if view.cases.is_empty() {
        view = desk.choose_service(call, "fardtjanst").await?;
    }
    let case = view.cases.first().unwrap();
    let draft = case.draft;
    if case.status == CaseStatus::Editing {
        let answers = vec![
            text("namn", "Tuva Provsson"),
            text("personnummer", "199908072391"),
            choice("ledsagare", "ja"),
            op(OpKind::Later { question: "telefon".into(), on: true }),
        ];
        desk.apply(draft, answers).await?;
        let attached = case.form.questions.iter().any(|q| {
            matches!(&q.answer, ledsaga_forms::AnswerView::Plain { answer: Answer::Files { files } } if !files.is_empty())
        });
        if !attached {
            desk.attach(draft, "intyg", fixture::pdf("intyg.pdf")).await?;
        }
        desk.confirm_read_back(draft, Language::Swedish).await?;
        desk.submit(draft).await?;
    }
    desk.end_call(call).await?;
    received(desk, draft).await;
    fixture::until(desk, "an empty outbox", async |desk| {
        let link = desk.view().await.unwrap().link;
        (link.queued == 0).then_some(())
    })
    .await;
    Ok(())
}

/// Lives until the chosen commit, then once more in peace; the number of cases, and whether the trouble came.
async fn live_and_die(server: Arc<Server>, commit: i64, trouble: Trouble) -> bool {
    let disk = Arc::new(MemoryStore::new());
    let first = Arc::new(Troubled::at(Arc::clone(&disk), commit, trouble));
    let died = Arc::clone(&first.died);
    let life = async {
        let desk = open(Arc::clone(&first) as Arc<dyn Store>, server.clone()).await.unwrap();
        work(&desk).await.unwrap();
    };
    tokio::select! {
        () = life => {}
        () = died.notified() => {}
    }
    let happened = first.happened();
    let desk = open(disk.clone(), server.clone()).await.unwrap();
    work(&desk).await.unwrap();
    wait_for_empty_outbox(&desk, &disk).await;
    assert!(disk.calls().await.unwrap().len() <= 1);
    happened
}

async fn wait_for_empty_outbox(desk: &Desk, disk: &MemoryStore) {
    fixture::until(desk, "an empty outbox", async |_| disk.outbox().await.unwrap().is_empty().then_some(()))
        .await;
}

fn faults() -> Vec<Vec<Fate>> {
    vec![
        vec![],
        vec![Fate::AnswerLost],
        vec![Fate::AnswerLost, Fate::AnswerLost],
        vec![Fate::Turned(LinkError::Busy { retry_after_ms: None }), Fate::AnswerLost],
        vec![Fate::Turned(LinkError::Unreachable), Fate::AnswerLost],
        vec![Fate::Turned(LinkError::WrongServer)],
        vec![Fate::Hangs],
    ]
}

#[tokio::test(start_paused = true)]
async fn dying_at_any_commit_makes_exactly_one_case() {
    for trouble in [Trouble::DiesBefore, Trouble::DiesAfter] {
        for fault in faults() {
            for commit in 0.. {
                let server = Arc::new(Server::without_idempotency());
                server.inbox(|inbox| inbox.puts = fault.clone().into());
                let happened = live_and_die(Arc::clone(&server), commit, trouble).await;
                assert_eq!(server.cases(), 1, "{trouble:?} at commit {commit} with {fault:?}");
                assert_eq!(server.inbox(|inbox| inbox.contacts.len()), 1);
                if !happened {
                    assert!(commit > 10, "the work takes more commits than {commit}");
                    break;
                }
            }
        }
    }
}

/// The counter-test: a client that does not ask, and a backend that does not know a submission again, make doubles.
#[tokio::test(start_paused = true)]
async fn without_asking_first_the_same_deaths_make_doubles() {
    let mut doubles = 0;
    for commit in 0.. {
        let server = Arc::new(Server::doubling());
        if !live_and_die(Arc::clone(&server), commit, Trouble::DiesBefore).await {
            break;
        }
        doubles += usize::from(server.cases() > 1);
    }
    assert!(doubles > 0, "the harness does not see doubles");
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_at_any_commit_loses_nothing_and_doubles_nothing() {
    for commit in 0.. {
        let server = Arc::new(Server::without_idempotency());
        let disk = Arc::new(MemoryStore::new());
        let store = Arc::new(Troubled::at(Arc::clone(&disk), commit, Trouble::Full));
        // The worker sees the refusal and tries again; what the background could not write it writes later.
        loop {
            let Ok(desk) = open(store.clone(), server.clone()).await else { continue };
            if work(&desk).await.is_ok() {
                break;
            }
        }
        let desk = open(disk.clone(), server.clone()).await.unwrap();
        wait_for_empty_outbox(&desk, &disk).await;
        assert_eq!(server.cases(), 1, "full at commit {commit}");
        if !store.happened() {
            break;
        }
    }
}
