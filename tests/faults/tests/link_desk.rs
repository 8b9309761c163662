//! The desk, the client and a real gateway together: what a worker sends arrives by itself, once, whatever the way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use ledsaga_contract::town::{ORAL, Town};
use ledsaga_core::{
    desk::Desk,
    memory::MemoryStore,
    ports::Store,
    view::{CaseStatus, LinkState},
};
use ledsaga_faults::{
    field::BRIEF,
    proxy::{Fault, Proxy},
    work::{self, status, until},
};
use ledsaga_link::Client;
use uuid::Uuid;

/// How often a worker who is told of trouble presses "try again".
const IMPATIENCE: Duration = Duration::from_millis(100);

async fn desk(town: &Town, url: &str, store: Arc<MemoryStore>) -> Result<Desk> {
    let account = town.account("demo-astrid", BRIEF).await?;
    let worker = account.worker().clone();
    let desk = work::desk(store, Arc::new(Client::new(url, account)), worker).await?;
    until(&desk, IMPATIENCE, async |desk| desk.service(ORAL).await.ok()).await?;
    Ok(desk)
}

async fn whole_call(desk: &Desk) -> Result<Uuid> {
    work::whole_call(desk, Some(b"%PDF-1.7 en karta".repeat(20_000))).await
}

/// The case number, once it has one.
async fn received(desk: &Desk, draft: Uuid) -> Result<String> {
    until(desk, IMPATIENCE, async |desk| match status(desk, draft).await {
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

    town.stop().await;
    let draft = whole_call(&desk).await?;
    until(&desk, IMPATIENCE, async |desk| {
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
        Fault::Portal,
    ];
    let proxy = Proxy::start(gateway, faults.into_iter().cycle().take(2 * faults.len())).await?;
    let store = Arc::new(MemoryStore::new());
    let desk = desk(&town, &proxy.url(), store.clone()).await?;
    let mut drafts = Vec::new();
    for _ in 0..8 {
        drafts.push(whole_call(&desk).await?);
    }
    let mut numbers = Vec::new();
    for draft in drafts {
        numbers.push(received(&desk, draft).await?);
    }
    // How many requests the calls take depends on what was joined in one; the faults that are left come to further calls.
    while proxy.left() > 0 {
        ensure!(numbers.len() < 40, "not every fault is met");
        let draft = whole_call(&desk).await?;
        numbers.push(received(&desk, draft).await?);
    }
    let mut arrived: Vec<_> = town.cases().await?.into_iter().map(|case| case.case_number).collect();
    numbers.sort();
    arrived.sort();
    ensure!(numbers == arrived, "{} cases arrived of {}", arrived.len(), numbers.len());
    desk.close().await;
    Ok(())
}
