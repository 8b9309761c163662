//! `cargo xtask faults`: what is done to the vault and on the way to the municipality, how often, and what was lost by it,
//! as one table.

use std::{
    fmt::Write,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};

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
/// The tests that note rows themselves.
const TESTS: [&str; 21] = [
    "link_network",
    "link_namespace",
    "link_crash_points",
    "link_kill",
    "link_drain",
    "link_herd",
    "link_replicas",
    "link_machine",
    "outbox_model",
    "vault_kill",
    "vault_crash_points",
    "vault_disk_full",
    "vault_rot",
    "vault_clock",
    "vault_keychain",
    "vault_shredding",
    "vault_copy",
    "peers",
    "peers_sending",
    "peers_services",
    "two_users",
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
/// Part of every command, so that nothing is compiled twice; see the suites.
const TEST: [&str; 3] = ["test", "--workspace", "--no-fail-fast"];

/// One line of the table.
struct Row {
    name: String,
    done: String,
    count: String,
    lost: String,
    result: String,
}

impl Row {
    /// As a test notes it.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next();
        Some(Self { name: next()?, done: next()?, count: next()?, lost: next()?, result: next()? })
    }

    /// For tests that are only counted.
    fn counted(name: &str, done: &str, counts: counts::Counts) -> Self {
        let result = match (counts.passed, counts.failed) {
            (0, 0) => "NOT RUN",
            (_, 0) => "holds",
            _ => "FAILS",
        };
        Self {
            name: name.into(),
            done: done.into(),
            count: format!("{} tests", counts.passed + counts.failed),
            lost: counts.failed.to_string(),
            result: result.into(),
        }
    }

    fn is_good(&self) -> bool {
        ["holds", "counter-test: seen"].contains(&self.result.as_str())
    }
}

/// All of it, or only some of the tests that note rows.
pub fn run(only: &[String], long: bool, write: bool) -> Result<ExitCode> {
    for name in only {
        ensure!(TESTS.contains(&name.as_str()), "there is no test {name}; there are: {}", TESTS.join(", "));
    }
    ensure!(only.is_empty() || !write, "only the whole table is written");
    let needs = [Need::Build, Need::Headless, Need::Database];
    step("Looking at the machine", || system::ensure_all(&needs))?;
    step("Building the UI", ui::ensure_built)?;
    let logs = workspace::target()?.join("test-logs");
    std::fs::create_dir_all(&logs)?;
    let log = Log::create(&logs, "faults")?;
    let scratch = Scratch::new("faults")?;
    let noted = scratch.path().join("rows");
    let (mut rows, mut passed) = (Vec::new(), true);

    step("Killing, filling, flipping, purging, cutting", || {
        let mut command = cargo(&TEST);
        let chosen = TESTS.iter().filter(|test| only.is_empty() || only.iter().any(|name| name == *test));
        command.args(chosen.flat_map(|test| ["--test", test]));
        // With those that need PostgreSQL.
        command.args(["--", "--include-ignored"]).env(TABLE, &noted).env_remove("LEDSAGA_NO_POSTGRES");
        command.envs(LONG.iter().copied().filter(|_| long));
        let counts = log.tests(&mut command, counts::of_cargo)?;
        passed &= counts.failed == 0;
        rows.extend(read_rows(&noted)?);
        rows.push(Row::counted(
            "all of the above",
            "tests with the rows above, and those without a figure",
            counts,
        ));
        anyhow::Ok(())
    })?;
    if only.is_empty() {
        count_the_others(&log, &mut rows, &mut passed)?;
    }

    let table = table(&rows, long)?;
    println!("\n{table}");
    if write {
        document::put(DOCUMENT, BEGIN, &table)?;
    }
    let good = passed && rows.iter().all(Row::is_good);
    if !good {
        println!("Something failed; what the tests said is in {}.", logs.join("faults.log").display());
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tests that note no rows themselves.
fn count_the_others(log: &Log, rows: &mut Vec<Row>, passed: &mut bool) -> Result<()> {
    let mut count = |name: &str, done: &str, command: &mut Command| -> Result<()> {
        let counts = step(name, || log.tests(command, counts::of_cargo))?;
        *passed &= counts.failed == 0;
        rows.push(Row::counted(name, done, counts));
        Ok(())
    };
    let inside = ["test", "--package", "ledsaga-vault", "--lib", "--tests", "--no-fail-fast"];
    count(
        "inside the vault",
        "the vault's own tests: each step of shredding, key change, PIN, migration",
        &mut cargo(&inside),
    )?;
    let mut sweep = cargo(&["test", "--workspace", "--features", "ledsaga-vault/plaintext-for-tests"]);
    sweep.args(["--test", "plaintext_sweep"]);
    count("plaintext sweep", "counter-test: with the encryption off the sweep hits", &mut sweep)?;
    let session = PrivateSession::new()?;
    let mut keychain = cargo(&["test", "--workspace", "--features", REAL_KEYCHAIN, "--test", KEYCHAIN_TEST]);
    keychain.args(["--", "--include-ignored", "--test-threads=1"]);
    let done = "with gnome-keyring: missing, locked while saving and shredding, deleted, another process";
    count("real keychain", done, &mut session.command(&keychain))
}

/// What the tests have noted, by row.
fn read_rows(noted: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(noted).context("no test noted a row")?;
    let mut rows: Vec<Row> = text.lines().filter_map(Row::parse).collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(rows)
}

fn table(rows: &[Row], long: bool) -> Result<String> {
    let length = if long {
        "the long run, `cargo xtask faults --long`"
    } else {
        "the short run, `cargo xtask faults`"
    };
    let mut table =
        format!("Of {length}:\n\n| row | what was done | count | lost | result |\n|---|---|--:|--:|---|\n");
    for Row { name, done, count, lost, result } in rows {
        writeln!(table, "| {name} | {done} | {count} | {lost} | {result} |")?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noted_row_becomes_a_line_of_the_table() {
        let row = Row::parse("kill -9\tkilled while saving\t30\t0\tholds").unwrap();
        assert!(row.is_good());
        let table = table(&[row], false).unwrap();
        assert!(table.ends_with("| kill -9 | killed while saving | 30 | 0 | holds |\n"));
        assert!(Row::parse("half\ta row").is_none());
    }

    #[test]
    fn what_did_not_run_is_not_good() {
        assert!(!Row::counted("a", "b", counts::Counts::default()).is_good());
        let failed = counts::Counts { passed: 3, failed: 1, skipped: 0 };
        assert!(!Row::counted("a", "b", failed).is_good());
    }
}
