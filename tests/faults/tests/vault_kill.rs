//! The process dies at any moment: what was said to be saved is there, whole, and nothing is half.
//! `LEDSAGA_KILLS` sets the number of kills (30).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use ledsaga_core::ports::Store;
use ledsaga_faults::{FileSecrets, whole_cases, worker};
use ledsaga_vault::Vault;
use uuid::Uuid;

/// After so many kills the next one begins with an empty computer, so that first starts are killed too.
const KILLS_PER_COMPUTER: usize = 6;

struct Tally {
    /// Kills after which a case was missing that had been said to be saved.
    lost: usize,
    /// Kills after which a case was there that nobody had been told of.
    untold: usize,
    saved: u64,
}

/// From when the random time counts.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    FromTheStart,
    WhileSaving,
}

fn kills() -> usize {
    std::env::var("LEDSAGA_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(30)
}

/// Starts the writer, kills it at a random moment and answers the last number it said.
fn write_and_kill(vaults: &Path, secrets: &Path, arguments: &[&str], moment: Moment) -> Option<u64> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vault_writer"))
        .args([vaults, secrets])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    if moment == Moment::WhileSaving {
        out.read_line(&mut said).unwrap();
    }
    let random = u16::from_le_bytes(Uuid::now_v7().as_bytes()[14..].try_into().unwrap());
    // Not waiting for anything: the moment is the test.
    std::thread::sleep(Duration::from_micros(u64::from(random) * 3));
    child.kill().unwrap();
    out.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    let whole_lines = said.rsplit_once('\n').map_or("", |(lines, _)| lines);
    whole_lines.lines().last().map(|number| number.parse().unwrap())
}

async fn kill_repeatedly(kills: usize, arguments: &[&str], stop_at_a_loss: bool) -> Tally {
    let mut tally = Tally { lost: 0, untold: 0, saved: 0 };
    let mut computer = tempfile::tempdir().unwrap();
    let mut known = 0;
    for kill in 0..kills {
        if kill % KILLS_PER_COMPUTER == 0 {
            (computer, known) = (tempfile::tempdir().unwrap(), 0);
        }
        let (vaults, secrets) = (computer.path().join("vaults"), computer.path().join("secrets"));
        std::fs::create_dir_all(&secrets).unwrap();
        let moment = if kill % 2 == 0 { Moment::FromTheStart } else { Moment::WhileSaving };
        let said = write_and_kill(&vaults, &secrets, arguments, moment).unwrap_or(known);

        let vault =
            Vault::open(&vaults, &worker(), Arc::new(FileSecrets::new(&secrets)), None).await.unwrap();
        assert_eq!(vault.verify().await, Ok(()), "after kill {kill}");
        let saved = whole_cases(&vault, 5_000).await.unwrap();
        let saved = saved.unwrap_or_else(|| panic!("half a case after kill {kill}"));
        vault.close().await;

        assert!(saved >= known, "a case of an earlier start is missing after kill {kill}");
        tally.saved += saved - known;
        tally.lost += usize::from(saved < said);
        tally.untold += usize::from(saved > said);
        known = saved;
        if stop_at_a_loss && tally.lost > 0 {
            break;
        }
    }
    tally
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_said_was_saved() {
    let tally = kill_repeatedly(kills(), &[], false).await;
    println!("{} kills, {} cases, {} of them untold", kills(), tally.saved, tally.untold);
    assert!(tally.saved > 0, "the kills came after something had been saved");
    assert_eq!(tally.lost, 0);
}

/// The harness can see a loss: a writer that speaks too early is found out.
#[tokio::test]
async fn a_writer_that_speaks_before_it_has_saved_is_found_out() {
    let tally = kill_repeatedly(kills().max(30), &["--say-first"], true).await;
    assert!(tally.lost > 0);
}
