//! The process dies at any moment: what was said to be saved is there, whole, what was said to be removed stays away,
//! and the keychain and the files belong together. `LEDSAGA_KILLS` sets the number of kills over all kinds of work (100).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use ledsaga_core::ports::{Shredding, Store};
use ledsaga_faults::{
    FileSecrets, PIN,
    computer::{Computer, entries},
    ledger::Ledger,
    report::{Kind, row, setting},
    whole_cases, worker,
};
use ledsaga_vault::Vault;
use tokio::sync::RwLock;
use uuid::Uuid;

const ROW: &str = "kill -9";
/// After so many kills the next one begins with an empty computer, so that first starts are killed too.
const KILLS_PER_COMPUTER: usize = 6;

/// Of the kills that were asked for, this many hundredths; at least two, so that one follows on another.
fn share(hundredths: usize) -> usize {
    (setting("LEDSAGA_KILLS", 100) * hundredths / 100).max(2)
}

/// From when the random time counts.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    FromTheStart,
    WhileWorking,
}

impl Moment {
    fn of(kill: usize) -> Self {
        if kill.is_multiple_of(2) { Self::FromTheStart } else { Self::WhileWorking }
    }
}

/// What the writer said in whole lines, and whether it ended before it was killed.
struct Life {
    lines: Vec<String>,
    ended_by_itself: bool,
}

/// A process that is being started has, for a moment, a copy of every lock that this one holds. So none is started
/// while a vault is open here.
static STARTING: RwLock<()> = RwLock::const_new(());

/// Starts the writer and kills it at a random moment, at most after `longest`.
async fn write_and_kill(
    (vaults, secrets): (&Path, &Path),
    arguments: &[&str],
    moment: Moment,
    longest: Duration,
) -> Life {
    let alone = STARTING.write().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_vault_writer"))
        .args([vaults, secrets])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(alone);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    if moment == Moment::WhileWorking {
        out.read_line(&mut said).unwrap();
    }
    let random = u16::from_le_bytes(Uuid::now_v7().as_bytes()[14..].try_into().unwrap());
    // Not waiting for anything: the moment is the test.
    std::thread::sleep(longest.mul_f64(f64::from(random) / f64::from(u16::MAX)));
    let ended_by_itself = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    out.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    let whole_lines = said.rsplit_once('\n').map_or("", |(lines, _)| lines);
    Life { lines: whole_lines.lines().map(str::to_owned).collect(), ended_by_itself }
}

struct Tally {
    /// Kills after which a case was missing that had been said to be saved.
    lost: usize,
    /// Kills after which a case was there that nobody had been told of.
    untold: usize,
    saved: u64,
}

async fn kill_while_saving(kills: usize, arguments: &[&str], stop_at_a_loss: bool) -> Tally {
    let mut tally = Tally { lost: 0, untold: 0, saved: 0 };
    let mut computer = tempfile::tempdir().unwrap();
    let mut known = 0;
    for kill in 0..kills {
        if kill % KILLS_PER_COMPUTER == 0 {
            (computer, known) = (tempfile::tempdir().unwrap(), 0);
        }
        let (vaults, secrets) = (computer.path().join("vaults"), computer.path().join("secrets"));
        std::fs::create_dir_all(&secrets).unwrap();
        let arguments = [&["save", "1"], arguments].concat();
        let longest = Duration::from_millis(200);
        let life = write_and_kill((&vaults, &secrets), &arguments, Moment::of(kill), longest).await;
        let _open = STARTING.read().await;
        assert!(!life.ended_by_itself, "the writer failed at kill {kill}");
        let said =
            life.lines.last().map_or(known, |line| line[line.find(' ').unwrap() + 1..].parse().unwrap());

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
    let kills = share(30);
    let tally = kill_while_saving(kills, &[], false).await;
    assert!(tally.saved > 0, "the kills came after something had been saved");
    let done = format!("killed while saving {} cases, {} of them untold", tally.saved, tally.untold);
    row(Kind::Test, ROW, &done, kills, tally.lost);
    assert_eq!(tally.lost, 0);
}

/// The harness can see a loss: a writer that speaks too early is found out.
#[tokio::test]
async fn a_writer_that_speaks_before_it_has_saved_is_found_out() {
    let kills = share(30).max(30);
    let tally = kill_while_saving(kills, &["--say-first"], true).await;
    row(
        Kind::CounterTest,
        ROW,
        "the same with a writer that speaks before it has saved, to the first find",
        kills,
        tally.lost,
    );
    assert!(tally.lost > 0);
}

/// Kills the writer at one kind of work again and again. After each kill the vault opens, is whole and says the same
/// as the writer; at the end of each computer what is left to shred is shredded. Answers the cases and the differences.
async fn kill_repeatedly(
    kind: &str,
    kills: usize,
    longest: Duration,
    fault: Option<&str>,
    start: impl AsyncFn() -> Computer,
) -> (usize, usize) {
    let (mut cases, mut differences) = (0, 0);
    let mut computer = start().await;
    let mut ledger = Ledger::default();
    for kill in 0..kills {
        if kill > 0 && kill % KILLS_PER_COMPUTER == 0 {
            (computer, ledger) = (start().await, Ledger::default());
        }
        let from = ledger.next().to_string();
        let mut arguments = vec![kind, &from];
        arguments.extend(fault);
        let places = (computer.vaults(), computer.secrets());
        let life = write_and_kill((&places.0, &places.1), &arguments, Moment::of(kill), longest).await;
        let _open = STARTING.read().await;
        assert!(!life.ended_by_itself || fault.is_some(), "the writer failed at kill {kill}");
        let before = ledger.len();
        life.lines.iter().for_each(|line| ledger.write(line));
        cases += ledger.len() - before;

        let opened = computer.open(Some(PIN)).await;
        if fault.is_some() && opened.is_err() {
            return (cases, differences + 1);
        }
        let vault = opened.unwrap();
        assert_eq!(vault.verify().await, Ok(()), "after kill {kill}");
        let found = ledger.compare(&vault).await.unwrap();
        assert!(found.half + found.strange == 0, "{found:?} after kill {kill}");
        differences += found.count();
        if fault.is_some() && differences > 0 {
            return (cases, differences);
        }
        assert_eq!(computer.items().len(), 1, "one key set and nothing beside it after kill {kill}");
        if (kill + 1) % KILLS_PER_COMPUTER == 0 || kill + 1 == kills {
            while vault.shred().await.unwrap() != Shredding::Done {}
            assert_eq!(vault.health().await.unwrap().to_shred, 0);
            assert_eq!(ledger.compare(&vault).await.unwrap().count(), 0);
            assert_eq!(vault.verify().await, Ok(()));
        }
        vault.close().await;
        let files: Vec<_> =
            entries(&computer.folder()).into_iter().filter(|path| path.ends_with("vault.db.copy")).collect();
        assert!(files.is_empty(), "no copy is left beside it after kill {kill}");
    }
    (cases, differences)
}

async fn an_empty_computer() -> Computer {
    Computer::new()
}

/// Runs one kind, notes its row, and judges it.
async fn killed_at(kind: &str, hundredths: usize, longest: Duration, what: &str) {
    let kills = share(hundredths);
    let (cases, differences) = kill_repeatedly(kind, kills, longest, None, an_empty_computer).await;
    assert!(cases > 0, "the kills came after something had been done");
    row(Kind::Test, ROW, &format!("killed {what}, {cases} cases"), kills, differences);
    assert_eq!(differences, 0);
}

async fn found_out(kind: &str, longest: Duration, fault: &str, what: &str) {
    let kills = 60;
    let (_, differences) = kill_repeatedly(kind, kills, longest, Some(fault), an_empty_computer).await;
    row(Kind::CounterTest, ROW, what, kills, differences);
    assert!(differences > 0);
}

#[tokio::test]
async fn what_is_thrown_away_and_shredded_stays_away() {
    killed_at("shred", 20, Duration::from_millis(400), "while throwing away and shredding").await;
}

#[tokio::test]
async fn what_is_purged_at_once_is_gone_as_a_whole() {
    killed_at("purge", 14, Duration::from_millis(1_500), "while purging 60 drafts at a time").await;
}

#[tokio::test]
async fn a_change_of_keys_that_is_killed_loses_nothing() {
    killed_at("keys", 14, Duration::from_millis(1_200), "while changing all keys").await;
}

#[tokio::test]
async fn a_pin_that_is_being_set_or_removed_loses_nothing() {
    killed_at("pin", 10, Duration::from_millis(2_000), "while setting and removing the PIN").await;
}

/// A writer that says too early that a draft is removed, so that it seems to be back.
#[tokio::test]
async fn a_removal_that_is_said_too_early_is_found_out() {
    let what = "the same with a writer that says too early what is removed, to the first find";
    found_out("shred", Duration::from_millis(400), "--say-first", what).await;
}

/// The keys must be in the keychain before anything depends on them.
#[tokio::test]
async fn a_keychain_that_has_not_kept_what_it_took_is_found_out() {
    let what = "a change of keys with a keychain that has not kept what it took, to the first find";
    found_out("keys", Duration::from_millis(1_200), "--forgetful-keychain", what).await;
}

#[tokio::test]
async fn a_migration_that_is_killed_loses_nothing() {
    let (kills, mut lost, mut cut_short) = (share(12), 0, 0);
    for kill in 0..kills {
        let open = STARTING.read().await;
        let (computer, records) = Computer::with_vault_of_version_1().await;
        drop(open);
        // Twice, so that the one after a crash dies as well.
        for _ in 0..2 {
            let places = (computer.vaults(), computer.secrets());
            let (moment, longest) = (Moment::FromTheStart, Duration::from_millis(150));
            let life = write_and_kill((&places.0, &places.1), &["put", "1"], moment, longest).await;
            assert!(!life.ended_by_itself, "the writer failed at kill {kill}");
            let names = entries(&computer.folder());
            cut_short += usize::from(
                life.lines.is_empty() && names.iter().any(|path| path.to_string_lossy().contains("before-1")),
            );
        }
        let _open = STARTING.read().await;
        let vault = computer.open(None).await.unwrap();
        assert_eq!(vault.verify().await, Ok(()), "after kill {kill}");
        lost += missing_of(&vault, &records).await;
        vault.close().await;
    }
    let done = format!("killed while migrating 1 to 2, {cut_short} of them between backup and end");
    row(Kind::Test, ROW, &done, kills, lost);
    assert_eq!(lost, 0);
}

/// How many of the drafts and files of the first version are not as they were.
async fn missing_of(vault: &Vault, records: &serde_json::Value) -> usize {
    let mut missing = 0;
    for record in records["drafts"].as_array().unwrap() {
        let id = record["id"].as_str().unwrap().parse().unwrap();
        let draft = vault.draft(id).await.unwrap();
        let same = |draft: &ledsaga_core::draft::Draft| {
            serde_json::to_value(&draft.form.answers).unwrap() == record["form"]["answers"]
        };
        missing += usize::from(!draft.as_ref().is_some_and(same));
    }
    for (id, bytes) in records["files"].as_object().unwrap() {
        let found = vault.file(id.parse().unwrap()).await.unwrap().map(hex::encode);
        missing += usize::from(found.as_deref() != bytes.as_str());
    }
    missing
}

/// Half a migration would be seen: the same comparison with a vault in which one file is missing.
#[tokio::test]
async fn a_migration_that_loses_something_would_be_seen() {
    let (computer, records) = Computer::with_vault_of_version_1().await;
    let vault = computer.open(None).await.unwrap();
    let id = records["drafts"][0]["id"].as_str().unwrap().parse().unwrap();
    vault.commit(vec![ledsaga_core::ports::Change::RemoveDraft { id }]).await.unwrap();
    let missing = missing_of(&vault, &records).await;
    row(Kind::CounterTest, ROW, "a migration after which a draft is missing", 1, missing);
    assert!(missing > 0);
}
