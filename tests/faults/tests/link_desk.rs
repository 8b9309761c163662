//! The desk, the client and a real gateway together: what a worker sends arrives by itself, once, whatever the way.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use ledsaga_contract::town::{ORAL, Town, text};
use ledsaga_core::{
    call::CallChange,
    clock::SystemClock,
    desk::{Desk, NewFile},
    memory::{MemoryIndex, MemoryStore},
    ports::Store,
    retention::Limits,
    view::{CaseStatus, LinkState},
};
use ledsaga_faults::proxy::{Fault, Proxy};
use ledsaga_forms::{Op, OpKind, speech::Language};
use ledsaga_link::{Client, Timeouts};
use uuid::Uuid;

const BRIEF: Timeouts = Timeouts { connect: Duration::from_secs(2), request: Duration::from_millis(500) };
/// Far more than it takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a worker who is told of trouble presses "try again".
const IMPATIENCE: Duration = Duration::from_millis(100);

async fn desk(town: &Town, url: &str, store: Arc<MemoryStore>) -> Result<Desk> {
    let account = town.account("demo-astrid", BRIEF).await?;
    let worker = account.worker().clone();
    let municipality = Arc::new(Client::new(url, account));
    let index = Arc::new(MemoryIndex::new());
    Ok(Desk::open(store, index, municipality, Arc::new(SystemClock), worker, Limits::default()).await?)
}

/// Waits until something holds, and tries the way again and again meanwhile.
async fn until<T>(desk: &Desk, mut holds: impl AsyncFnMut(&Desk) -> Option<T>) -> Result<T> {
    let mut changes = desk.changes();
    let waiting = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = holds(desk).await {
                return found;
            }
            if tokio::time::timeout(IMPATIENCE, changes.changed()).await.is_err() {
                desk.retry_now().await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.context("it never came about")
}

async fn has_catalogue(desk: &Desk) -> Result<()> {
    until(desk, async |desk| desk.service(ORAL).await.ok().map(|_| ())).await
}

/// A call with a note, a case with a file, read back and sent.
async fn whole_call(desk: &Desk) -> Result<Uuid> {
    let call = desk.start_call().await?;
    let name = CallChange::CallerName("Prov Provsson".to_owned());
    desk.change_call(call.id, vec![name, CallChange::Note("En gatlampa är trasig".to_owned())]).await?;
    let draft = desk.choose_service(call.id, ORAL).await?.cases.last().context("a case")?.draft;
    let set = |question: &str, answer: &str| Op {
        id: Uuid::now_v7().to_string(),
        kind: OpKind::Set { question: question.to_owned(), answer: text(answer) },
    };
    desk.apply(draft, vec![set("plats", "Storgatan 1"), set("sedan", "2026-11-01")]).await?;
    let bytes = b"%PDF-1.7 en karta".repeat(20_000);
    desk.attach(draft, "bilder", NewFile { name: "karta.pdf".to_owned(), bytes }).await?;
    desk.read_back(draft, Language::Swedish).await?;
    desk.confirm_read_back(draft, Language::Swedish).await?;
    desk.end_call(call.id).await?;
    desk.submit(draft).await?;
    Ok(draft)
}

async fn status(desk: &Desk, draft: Uuid) -> Option<CaseStatus> {
    let queue = desk.view().await.unwrap().queue;
    queue.into_iter().find(|row| row.draft == Some(draft)).and_then(|row| row.case)
}

/// The case number, once it has one.
async fn received(desk: &Desk, draft: Uuid) -> Result<String> {
    until(desk, async |desk| match status(desk, draft).await {
        Some(CaseStatus::Received { case_number, .. }) => Some(case_number),
        Some(CaseStatus::NeedsAction { reason, .. }) => {
            panic!("a bad network is no reason for {}", reason.code)
        }
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_is_sent_without_a_network_arrives_by_itself_once() -> Result<()> {
    let mut town = Town::start().await?;
    let store = Arc::new(MemoryStore::new());
    let desk = desk(&town, &town.url(), store.clone()).await?;
    has_catalogue(&desk).await?;

    town.stop().await;
    let draft = whole_call(&desk).await?;
    until(&desk, async |desk| {
        (desk.view().await.unwrap().link.state == LinkState::Unreachable).then_some(())
    })
    .await?;
    let waiting = status(&desk, draft).await;
    ensure!(matches!(waiting, Some(CaseStatus::Queued { .. })), "{waiting:?}");

    town.start_again().await?;
    let case_number = received(&desk, draft).await?;
    let cases = town.cases().await?;
    ensure!(cases.len() == 1 && cases[0].case_number == case_number);
    ensure!(store.outbox().await?.is_empty(), "the contact record and the file have arrived too");
    desk.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_calls_over_a_bad_network_arrive_once_each() -> Result<()> {
    let town = Town::start().await?;
    let gateway = town.url().trim_start_matches("http://").parse()?;
    // Each ends its connection, so that the next one meets the next.
    let faults = [
        Fault::CutResponse(10),
        Fault::CutRequest(900),
        Fault::Reset,
        Fault::AnsweredTwice,
        Fault::CutResponse(700),
        Fault::HangResponse(20),
        Fault::CutRequest(200_000),
        Fault::CutResponse(1_500),
    ];
    let proxy = Proxy::start(gateway, faults.into_iter().cycle().take(2 * faults.len())).await?;
    let store = Arc::new(MemoryStore::new());
    let desk = desk(&town, &proxy.url(), store.clone()).await?;
    has_catalogue(&desk).await?;
    let mut drafts = Vec::new();
    for _ in 0..8 {
        drafts.push(whole_call(&desk).await?);
    }
    let mut numbers = Vec::new();
    for draft in drafts {
        numbers.push(received(&desk, draft).await?);
    }
    let mut arrived: Vec<_> = town.cases().await?.into_iter().map(|case| case.case_number).collect();
    numbers.sort();
    arrived.sort();
    ensure!(numbers == arrived, "{} cases arrived of {}", arrived.len(), numbers.len());
    ensure!(proxy.left() == 0, "every fault was met");
    desk.close().await;
    Ok(())
}
