//! The gateway beside a bare handler that inserts one row: as fast as both can, and 500 workers at once.

use std::{path::Path, time::Duration};

use anyhow::Result;
use ledsaga_contract::postgres::Cluster;
use ledsaga_forms::Definition;
use ledsaga_gateway::sqlite_url;
use uuid::Uuid;

use super::{
    bodies::{self, Case},
    load::{self, Round, WORKER},
    server::Server,
};
use crate::goals::{Figure, both};

/// Rounds of each in turn; the middle one counts.
const ROUNDS: usize = 3;
const CONNECTIONS: usize = 64;
const WORKERS: usize = 500;
/// Each of the 500 sends a case this often: far more than a person can.
const PAUSE: Duration = Duration::from_secs(2);

const RATE: &str = "The gateway judges the form's answers, gives a number, signs a receipt and writes a change beside the \
    case. On PostgreSQL one batch at a time goes through its dozen round trips, while the bare handler has 32 inserts \
    under way; by processor time alone the ratio would be about 0.75x. All of them, those who send too, share two cores.";
const TAIL: &str = "Servers, database and 500 senders share two cores.";

pub async fn measure(disk: &Path, cluster: Option<&Cluster>, long: bool) -> Result<Vec<Figure>> {
    let (count, each) = if long { (4_000, 20) } else { (1_500, 5) };
    let name = if cluster.is_some() { "PostgreSQL" } else { "SQLite" };
    let folder = tempfile::tempdir_in(disk)?;
    let definition = bodies::publish(&folder.path().join("services"))?;
    let bare_folder = tempfile::tempdir_in(disk)?;
    let (own, beside) = match cluster {
        Some(cluster) => (Some(cluster.database()?), cluster.database()?),
        None => (None, sqlite_url(bare_folder.path())),
    };
    let gateway = Server::gateway(folder.path(), own.as_deref(), 0, None)?;
    let bare = Server::bare(&beside)?;
    let token = load::token(&gateway.url).await?;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first round counts for nothing.
    for round in 0..=ROUNDS {
        for turn in 0..2 {
            let (server, rounds) =
                if (round + turn) % 2 == 0 { (&gateway, &mut ours) } else { (&bare, &mut theirs) };
            let sent = cases(&definition, count)?;
            rounds.push(load::flat_out(&server.url, &token, sent, CONNECTIONS).await?);
        }
    }
    let (fast, bare_fast) = (middle(ours), middle(theirs));
    let busy = load::paced(&gateway.url, &token, cases(&definition, WORKERS * each)?, WORKERS, PAUSE).await?;
    let bare_busy =
        load::paced(&bare.url, &token, cases(&definition, WORKERS * each)?, WORKERS, PAUSE).await?;
    let peak = gateway.peak_memory()?;
    gateway.stop()?;
    bare.stop()?;

    let each_second = |round: &Round| format!("{:.0}/s, {}", round.rate, both(&round.times));
    Ok(vec![
        Figure::new(format!("intake, {name}, {CONNECTIONS} connections flat out"), each_second(&fast))
            .beside(each_second(&bare_fast))
            .ratio(fast.rate / bare_fast.rate)
            .at_least(0.7, RATE),
        Figure::new(
            format!(
                "the same, {WORKERS} workers who send {:.0} cases a second together",
                WORKERS as f64 / PAUSE.as_secs_f64()
            ),
            both(&busy.times),
        )
        .beside(both(&bare_busy.times))
        .within(busy.times.p99, 50.0, TAIL),
        Figure::new(
            format!(
                "the same: memory of the gateway at most, {} cases",
                count * (ROUNDS + 1) + WORKERS * each
            ),
            format!("{:.1} MB", peak as f64 / 1e6),
        ),
    ])
}

pub fn cases(definition: &Definition, count: usize) -> Result<Vec<Case>> {
    (0..count).map(|seed| bodies::case(definition, WORKER, Uuid::now_v7(), seed as u64)).collect()
}

/// By rate, without the first.
pub fn middle(mut rounds: Vec<Round>) -> Round {
    rounds.remove(0);
    rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let middle = rounds.len() / 2;
    rounds.swap_remove(middle)
}
