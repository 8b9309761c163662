//! `cargo xtask faults`: what is done to the vault and on the way to the municipality, how often, and what was lost by it,
//! as one table.

mod kept;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Result, ensure};
use kept::{Kept, Row};

use crate::{
    counts, document,
    private_session::PrivateSession,
    scratch::Scratch,
    steps::step,
    suites::{KEYCHAIN_TEST, REAL_KEYCHAIN},
    system::{self, Need},
    test::Log,
    ui,
    workspace::{self, cargo},
};

const DOCUMENT: &str = "docs/reliability.md";
const BEGIN: &str = "<!-- written by cargo xtask faults --write -->";
/// Names the file that the tests add their rows to, see `tests/faults/src/report.rs`.
const TABLE: &str = "LEDSAGA_FAULT_TABLE";
/// The tests that note rows themselves, the quick ones first.
const TESTS: [&str; 21] = [
    "two_users",
    "peers",
    "peers_sending",
    "peers_services",
    "vault_copy",
    "vault_disk_full",
    "vault_clock",
    "vault_keychain",
    "vault_shredding",
    "link_herd",
    "outbox_model",
    "link_namespace",
    "link_replicas",
    "link_kill",
    "link_crash_points",
    "link_machine",
    "link_drain",
    "link_network",
    "vault_kill",
    "vault_crash_points",
    "vault_rot",
];
/// How often, in the long run: kills, places of a file that are changed, orders of steps, every wait, and on the way to the
/// municipality every byte, every outcome and ten thousand cases.
const LONG: [(&str, &str); 6] = [
    ("LEDSAGA_KILLS", "1000"),
    ("LEDSAGA_FLIPS", "400"),
    ("LEDSAGA_ORDERS", "200"),
    ("LEDSAGA_POINTS", "1"),
    ("LEDSAGA_STEPS", "100000"),
    ("LEDSAGA_LONG", "1"),
];
/// Tests that are only counted: what they are called here, and what is done in them.
const COUNTED: [(&str, &str); 3] = [
    ("inside the vault", "the vault's own tests: each step of shredding, key change, PIN, migration"),
    ("plaintext sweep", "counter-test: with the encryption off the sweep hits"),
    (
        "real keychain",
        "with gnome-keyring: missing, locked while saving and shredding, deleted, another process",
    ),
];

/// All of it, or only some parts. With `write` the table is put into the document: of what has just been run, and of how
/// the other parts were run last.
pub fn run(only: &[String], long: bool, write: bool) -> Result<ExitCode> {
    let parts: Vec<&str> = TESTS.into_iter().chain(COUNTED.map(|(name, _)| name)).collect();
    for name in only {
        ensure!(parts.contains(&name.as_str()), "there is no part {name}; there are: {}", parts.join(", "));
    }
    let needs = [Need::Build, Need::Headless, Need::Database];
    step("Looking at the machine", || system::ensure_all(&needs))?;
    step("Building the UI", ui::ensure_built)?;
    let run = Run::prepare(long)?;

    let chosen = |part: &&str| only.is_empty() || only.iter().any(|name| name == part);
    let mut passed = true;
    for part in parts.iter().copied().filter(chosen) {
        passed &= step(part, || run.part(part))?;
    }

    let wanted = parts.iter().copied().filter(|part| write || chosen(part));
    let kept: Vec<Kept> =
        wanted.filter_map(|part| Kept::read(&run.folder, part).transpose()).collect::<Result<_>>()?;
    let length = if long {
        "the long run, `cargo xtask faults --long`"
    } else {
        "the short run, `cargo xtask faults`"
    };
    let table = kept::table(&kept, length)?;
    println!("\n{table}");
    let good = passed && kept.iter().flat_map(|part| &part.rows).all(Row::is_good);
    if write {
        let missing: Vec<_> =
            parts.iter().filter(|part| kept.iter().all(|kept| kept.part != **part)).collect();
        ensure!(missing.is_empty(), "not written: these parts have not been run at this length: {missing:?}");
        document::put(DOCUMENT, BEGIN, &table)?;
    }
    if !good {
        println!("Something failed; what the tests said is in {}.", run.logs.join("faults.log").display());
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Run {
    long: bool,
    commit: String,
    logs: PathBuf,
    log: Log,
    /// What is kept of each part at this length.
    folder: PathBuf,
}

impl Run {
    fn prepare(long: bool) -> Result<Self> {
        let target = workspace::target()?;
        let (logs, folder) =
            (target.join("test-logs"), target.join("faults").join(if long { "long" } else { "short" }));
        for folder in [&logs, &folder] {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { long, commit: workspace::commit()?, log: Log::create(&logs, "faults")?, logs, folder })
    }

    /// Runs a part and keeps what came of it. Whether its tests passed.
    fn part(&self, part: &str) -> Result<bool> {
        let scratch = Scratch::new("faults")?;
        let noted = scratch.path().join("rows");
        let started = Instant::now();
        let counts = match part {
            "inside the vault" => self.count(&mut cargo(&[
                "test",
                "--package",
                "ledsaga-vault",
                "--lib",
                "--tests",
                "--no-fail-fast",
            ]))?,
            "plaintext sweep" => {
                let mut sweep =
                    cargo(&["test", "--workspace", "--features", "ledsaga-vault/plaintext-for-tests"]);
                self.count(sweep.args(["--test", "plaintext_sweep"]))?
            }
            "real keychain" => {
                let session = PrivateSession::new()?;
                let mut keychain =
                    cargo(&["test", "--workspace", "--features", REAL_KEYCHAIN, "--test", KEYCHAIN_TEST]);
                keychain.args(["--", "--include-ignored", "--test-threads=1"]);
                self.count(&mut session.command(&keychain))?
            }
            test => self.count(&mut self.noting(test, &noted))?,
        };
        let mut rows = kept::noted(&noted);
        let done = COUNTED.iter().find(|(name, _)| *name == part).map(|(_, done)| *done);
        // A test that fails, or notes nothing, may not look as if it had not been there.
        if done.is_some() || counts.failed > 0 || rows.is_empty() {
            rows.push(Row::counted(part, done.unwrap_or("its tests"), counts));
        }
        let seconds = started.elapsed().as_secs();
        Kept { part: part.to_owned(), commit: self.commit.clone(), seconds, rows }.write(&self.folder)?;
        Ok(counts.failed == 0)
    }

    /// A test that notes rows itself, with what needs PostgreSQL.
    fn noting(&self, test: &str, noted: &Path) -> Command {
        // Part of every command, so that nothing is compiled twice; see the suites.
        let mut command = cargo(&["test", "--workspace", "--no-fail-fast", "--test", test]);
        command.args(["--", "--include-ignored"]).env(TABLE, noted).env_remove("LEDSAGA_NO_POSTGRES");
        command.envs(LONG.iter().copied().filter(|_| self.long));
        command
    }

    fn count(&self, command: &mut Command) -> Result<counts::Counts> {
        self.log.tests(command, counts::of_cargo)
    }
}
