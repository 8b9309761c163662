//! A long queue before a server that comes and goes: every case arrives once, what is shown is true all the time, and
//! the work goes on by itself within a minute.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use ledsaga_contract::town::{ORAL, Town};
use ledsaga_core::{
    desk::Desk,
    draft::CaseState,
    memory::MemoryStore,
    ports::{Municipality, Store},
    view::LinkState,
};
use ledsaga_faults::{
    field::{BRIEF, Doubling, count, long, postgresql},
    proxy::{Proxy, Road},
    report::{Kind, row},
    work::{self, by_itself},
};
use ledsaga_link::Client;

const ROW: &str = "drain";
/// Within this the sending must have gone on by itself.
const MINUTE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(300);

struct Drained {
    /// Cases that did not become exactly one.
    wrong: usize,
    /// Moments at which the screen said something that the database did not know.
    untrue: usize,
    flaps: usize,
    longest: Duration,
}

/// Cases that are on screen as received, by what the footer counts.
async fn shown(desk: &Desk, cases: usize) -> Result<usize> {
    let link = desk.view().await?.link;
    ensure!(link.needs_action == 0, "a server that flaps is no reason to need action");
    ensure!(link.drafts == 0);
    Ok(cases - (link.queued + link.unknown) as usize)
}

/// Queues without a network, then lets the server come for as long as it takes so many cases, and go until it is missed.
async fn drain(town: &Town, cases: usize, flaps: usize, doubling: bool) -> Result<Drained> {
    let gateway = town.url().trim_start_matches("http://").parse()?;
    let proxy = Proxy::start(gateway, []).await?;
    let account = town.account("demo-astrid", BRIEF).await?;
    let worker = account.worker().clone();
    let client: Arc<dyn Municipality> = Arc::new(Client::new(&proxy.url(), account));
    let way = if doubling { Arc::new(Doubling(client)) } else { client };
    let store = Arc::new(MemoryStore::new());
    let desk = work::desk(store.clone(), way, worker).await?;
    by_itself(&desk, MINUTE, async |desk| desk.service(ORAL).await.ok()).await?;
    proxy.set_road(Road::Refused);
    for _ in 0..cases {
        work::whole_call(&desk, None).await?;
    }
    ensure!(shown(&desk, cases).await? == 0);

    // Both ways to be down: nobody listens, and nobody answers.
    let (mut untrue, mut longest, mut up) = (0, Duration::ZERO, 0);
    for flap in 0..flaps {
        let before = shown(&desk, cases).await?;
        let enough = cases.min(before + cases.div_ceil(flaps + 1));
        proxy.set_road(Road::Open);
        let begun = Instant::now();
        by_itself(&desk, MINUTE, async |desk| {
            shown(desk, cases).await.is_ok_and(|received| received > before).then_some(())
        })
        .await?;
        longest = longest.max(begun.elapsed());
        up += 1;
        by_itself(&desk, PATIENCE, async |desk| {
            shown(desk, cases).await.is_ok_and(|received| received >= enough).then_some(())
        })
        .await?;
        proxy.set_road(if flap % 2 == 0 { Road::Refused } else { Road::Silent });
        // What is shown was true before the database is asked.
        let said = shown(&desk, cases).await?;
        untrue += usize::from(town.cases().await?.len() < said);
        by_itself(&desk, MINUTE, async |desk| {
            let state = desk.view().await.ok()?.link.state;
            matches!(state, LinkState::Unreachable | LinkState::NoAnswer).then_some(())
        })
        .await?;
    }
    proxy.set_road(Road::Open);
    by_itself(&desk, PATIENCE.max(Duration::from_millis(200) * u32::try_from(cases)?), async |desk| {
        let all = shown(desk, cases).await.is_ok_and(|received| received == cases);
        (all && store.outbox().await.is_ok_and(|items| items.is_empty())).then_some(())
    })
    .await?;

    let arrived = town.cases().await?;
    let there: BTreeSet<_> = arrived.iter().map(|case| (&case.case_number, &case.digest)).collect();
    let outlines = store.outlines().await?;
    let right = outlines.iter().filter(|case| match &case.state {
        CaseState::Received { receipt, .. } => {
            doubling || there.contains(&(&receipt.case_number, &receipt.digest))
        }
        _ => false,
    });
    let wrong = (cases - right.count()) + arrived.len().abs_diff(cases);
    desk.close().await;
    Ok(Drained { wrong, untrue, flaps: up, longest })
}

async fn drained(town: Town, name: &str) -> Result<()> {
    let (cases, flaps) = (count(80, 10_000), if long() { 60 } else { 4 });
    let drained = drain(&town, cases, flaps, false).await?;
    let done = format!(
        "{cases} queued cases, {name}, the server went away {} times; at most {} s until the next one arrived",
        drained.flaps,
        drained.longest.as_secs()
    );
    row(Kind::Test, ROW, &done, cases, drained.wrong + drained.untrue);
    ensure!(drained.wrong + drained.untrue == 0, "{} wrong, {} untrue", drained.wrong, drained.untrue);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_is_drained_once_while_the_server_flaps() -> Result<()> {
    drained(Town::start().await?, "SQLite").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn a_queue_is_drained_once_while_the_server_flaps_before_postgresql() -> Result<()> {
    let Some(cluster) = postgresql()? else { return Ok(()) };
    drained(Town::on_database(&cluster.database()?).await?, "PostgreSQL").await
}

/// The counter-test: the same without idempotency doubles what was under way when the server went.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_idempotency_a_flapping_server_has_doubles() -> Result<()> {
    for _ in 0..5 {
        let town = Town::start().await?;
        let found = drain(&town, 40, 3, true).await?;
        if found.wrong > 0 {
            row(Kind::CounterTest, ROW, "the same without idempotency, 40 queued cases", 40, found.wrong);
            return Ok(());
        }
    }
    panic!("no double in five tries");
}
