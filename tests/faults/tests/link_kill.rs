//! `kill -9` of the client while it queues and sends, and of the gateway while it receives; both real processes, a real
//! vault and a real database. `LEDSAGA_KILLS` sets the number of kills of the long run's kinds together (100).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::{Result, ensure};
use ledsaga_contract::town::sign_in;
use ledsaga_core::{draft::CaseState, ports::Store};
use ledsaga_faults::{
    FileSecrets,
    field::{BRIEF, cases_of, postgresql},
    processes::{Gateway, Process},
    random::{Random, seed},
    report::{Kind, row, setting},
};
use ledsaga_vault::Vault;

const ROW: &str = "kill -9";
const GATEWAY: &str = env!("CARGO_BIN_EXE_fault_gateway");

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Victim {
    Client,
    Gateway,
    /// By turns, so that one is killed while the other comes back.
    Both,
}

struct Killing {
    kills: usize,
    cases: usize,
    /// Cases of what arrived and what was queued that do not match one to one.
    wrong: usize,
    arrived: usize,
}

/// Kills and starts again until every case has its receipt; then both sides are compared. `more` is for the client.
async fn kill(victim: Victim, kills: usize, database: &str, more: &[&str]) -> Result<Killing> {
    let folder = tempfile::tempdir()?;
    let (data, vaults, secrets) =
        (folder.path().join("gateway"), folder.path().join("vaults"), folder.path().join("secrets"));
    for folder in [&data, &vaults, &secrets] {
        std::fs::create_dir(folder)?;
    }
    let mut gateway = Gateway::start(GATEWAY, &data, database, None)?;
    // So many that there is work left for every kill.
    let cases = 5 * kills;
    let client = |gateway: &Gateway| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_courier"));
        command.arg(&vaults).arg(&secrets).arg(gateway.url()).arg(cases.to_string()).args(more);
        Process::start(&mut command)
    };
    let mut random = Random::of(seed(), 0);
    let (mut queued, mut received) = (BTreeSet::new(), BTreeMap::new());
    let (mut killed, mut done) = (0, false);
    let mut courier = client(&gateway)?;
    while !done {
        let mut heard = Vec::new();
        // The moment is the test: now and then while it starts, else in the middle of its work. Past the kills it may take
        // what it takes.
        let ended = if killed >= kills {
            courier.hear(Duration::from_secs(300), |line| heard.push(line))
        } else if killed % 4 == 3 {
            courier.hear(Duration::from_millis(random.below(600)), |line| heard.push(line))
        } else {
            courier.hear_at_work(Duration::from_millis(random.below(40)), |line| heard.push(line))
        };
        let kill_client = victim == Victim::Client || (victim == Victim::Both && killed % 2 == 0);
        if !ended && killed < kills {
            killed += 1;
            if kill_client {
                heard.extend(courier.kill());
                courier = client(&gateway)?;
            } else {
                gateway.kill();
                gateway.resume()?;
            }
        }
        for line in heard {
            match *line.split(' ').collect::<Vec<_>>() {
                ["queued", draft] => drop(queued.insert(draft.to_owned())),
                ["received", submission, number] => {
                    received.insert(submission.to_owned(), number.to_owned());
                }
                ["done"] => done = true,
                _ => {}
            }
        }
        ensure!(done || !ended, "the client ended by itself after kill {killed}");
    }
    drop(courier);

    let arrived = cases_of(&gateway.database()).await?;
    let account = sign_in(&gateway.url(), "demo-astrid", BRIEF).await?;
    let vault = Vault::open(&vaults, account.worker(), Arc::new(FileSecrets::new(&secrets)), None).await?;
    ensure!(vault.verify().await.is_ok());
    let mut known = BTreeMap::new();
    for outline in vault.outlines().await? {
        queued.remove(&outline.id.to_string());
        if let CaseState::Received { receipt, .. } = outline.state {
            known.insert(receipt.case_number.clone(), receipt.digest.clone());
        }
    }
    // What was said to be queued is here, and what was said to be received is there.
    let there: BTreeSet<&str> = arrived.iter().map(|case| case.case_number.as_str()).collect();
    let forgotten =
        queued.len() + received.values().filter(|number| !there.contains(number.as_str())).count();
    // Digests cannot be the same where the content goes under another id.
    let same = arrived
        .iter()
        .filter(|case| {
            known.get(&case.case_number).is_some_and(|digest| *digest == case.digest || !more.is_empty())
        })
        .count();
    vault.close().await;
    let wrong = forgotten + (known.len() - same) + (arrived.len() - same) + cases.abs_diff(known.len());
    Ok(Killing { kills: killed, cases, wrong, arrived: arrived.len() })
}

async fn killed(victim: Victim, hundredths: usize, database: &str, name: &str) -> Result<()> {
    let kills = (setting("LEDSAGA_KILLS", 100) * hundredths / 100).max(2);
    let killing = kill(victim, kills, database, &[]).await?;
    let done = format!("{victim:?} killed while {} cases are queued and sent, {name}", killing.cases);
    row(Kind::Test, ROW, &done, killing.kills, killing.wrong);
    ensure!(2 * killing.kills >= kills, "the work was over after {} kills", killing.kills);
    ensure!(killing.wrong == 0, "{} cases became {}", killing.cases, killing.arrived);
    Ok(())
}

#[tokio::test]
async fn a_client_that_is_killed_while_it_sends_makes_each_case_once() -> Result<()> {
    killed(Victim::Client, 10, "", "SQLite").await
}

#[tokio::test]
async fn a_gateway_that_is_killed_while_it_receives_loses_and_doubles_nothing() -> Result<()> {
    killed(Victim::Gateway, 8, "", "SQLite").await
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn client_and_gateway_are_killed_by_turns_before_postgresql() -> Result<()> {
    let Some(cluster) = postgresql()? else { return Ok(()) };
    killed(Victim::Both, 10, &cluster.database()?, "PostgreSQL").await
}

/// The counter-test: a client that makes a new id for each try is found out by the same kills.
#[tokio::test]
async fn a_client_that_makes_new_ids_is_found_out() -> Result<()> {
    for _ in 0..10 {
        let killing = kill(Victim::Both, 8, "", &["--new-ids"]).await?;
        if killing.wrong > 0 {
            let done = format!(
                "the same with a new id for each try: {} cases became {}",
                killing.cases, killing.arrived
            );
            row(Kind::CounterTest, ROW, &done, killing.kills, killing.wrong);
            return Ok(());
        }
    }
    panic!("no double in ten tries");
}
