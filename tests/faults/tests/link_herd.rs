//! Five hundred clients that lose the municipality at the same moment and have something to send when it comes back. In
//! the time of the program, not of the clock: what is measured is when each asks, not how fast this computer is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{sync::Arc, time::Duration};

use ledsaga_core::{memory::MemoryStore, view::CaseStatus};
use ledsaga_faults::{
    field::long,
    municipality::{Fate, Town, case, desk, send, status},
    report::{Kind, row},
};
use tokio::{sync::watch, time::Instant};

const ROW: &str = "reconnecting";
const CLIENTS: usize = 500;
/// Rates are counted over this, wherever it begins; the whole recovery takes about six of them. With less, the chance
/// by which a few clients meet counts more than how they are spread.
const WINDOW: Duration = Duration::from_secs(5);

/// How the requests came between the return of the server and the arrival of the last case.
struct Recovery {
    requests: usize,
    /// Of any window, times its length into a rate for the whole recovery: how many times the mean.
    peak: f64,
    took: Duration,
}

/// An outage of so long. `on_the_beat` makes all of them ask at the same moments, as clients without jitter do.
async fn recovery(outage: Duration, on_the_beat: bool) -> Recovery {
    let town = Town::new(Fate::Taken);
    if on_the_beat {
        town.set_beat(Some(Duration::from_secs(30)));
    }
    let mut desks = Vec::new();
    for _ in 0..CLIENTS {
        let desk = desk(Arc::new(MemoryStore::new()), &town).await;
        let (_, draft) = case(&desk, "En gatlampa är trasig").await;
        desks.push((desk, draft));
    }
    town.set(Fate::Unreachable);
    // All of them notice at once: each has something to send.
    for (desk, draft) in &desks {
        send(desk, *draft).await.unwrap();
    }
    tokio::time::sleep(outage).await;
    let before = town.heard().len();
    town.set(Fate::Taken);
    let back = Instant::now();
    for (desk, draft) in &desks {
        let mut changes: watch::Receiver<u64> = desk.changes();
        while !matches!(status(desk, *draft).await, Some(CaseStatus::Received { .. })) {
            changes.changed().await.unwrap();
        }
    }
    let heard = town.heard().split_off(before);
    let took = back.elapsed();
    // The most in any window, wherever it begins.
    let most =
        heard.iter().map(|from| heard.iter().filter(|at| **at >= *from && **at < *from + WINDOW).count());
    // A recovery that is over within a window or two is a herd, however it is spread in it.
    let mean = heard.len() as f64 / took.max(WINDOW).as_secs_f64();
    let over_at_once = took < 2 * WINDOW;
    let busiest = most.max().unwrap_or_default() as f64 / WINDOW.as_secs_f64() / mean;
    let peak =
        if over_at_once { busiest.max(WINDOW.as_secs_f64() / took.as_secs_f64().max(0.1)) } else { busiest };
    assert_eq!(town.cases.lock().unwrap().len(), CLIENTS, "each case once");
    Recovery { requests: heard.len(), peak, took }
}

#[tokio::test(start_paused = true)]
async fn five_hundred_clients_come_back_spread_out() {
    // In the long run also after long enough for any order to be forgotten.
    for minutes in [1, 10].into_iter().take(if long() { 2 } else { 1 }) {
        let recovery = recovery(Duration::from_secs(60 * minutes), false).await;
        let done = format!(
            "{CLIENTS} clients after an outage of {minutes} min: {} requests within {} s, the busiest {} s at {:.2} times the mean",
            recovery.requests,
            recovery.took.as_secs(),
            WINDOW.as_secs(),
            recovery.peak
        );
        row(Kind::Test, ROW, &done, CLIENTS, usize::from(recovery.peak > 2.0));
        assert!(recovery.peak <= 2.0, "{done}");
    }
}

/// The counter-test: clients that ask on the beat come all at once.
#[tokio::test(start_paused = true)]
async fn without_jitter_they_all_come_at_once() {
    let recovery = recovery(Duration::from_secs(65), true).await;
    let done = format!("the same on the beat of a clock: {:.1} times the mean", recovery.peak);
    row(Kind::CounterTest, ROW, &done, CLIENTS, usize::from(recovery.peak > 2.0));
    assert!(recovery.peak > 2.0, "{done}");
}
