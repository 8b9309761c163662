//! `cargo xtask test`: runs suites, keeps what they print, and counts.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    counts::Counts,
    process::{self, Process},
    steps::spoken,
    suites::{self, Suite},
    system, workspace,
};

/// How often a running suite says what it is doing.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// How a suite ended.
pub struct Verdict {
    pub counts: Counts,
    /// Why something was not run.
    pub note: Option<String>,
}

impl Verdict {
    pub fn check(good: bool) -> Self {
        let counts = Counts { passed: u64::from(good), failed: u64::from(!good), skipped: 0 };
        Self { counts, note: None }
    }

    pub fn skipped(why: &str) -> Self {
        Self { counts: Counts { skipped: 1, ..Counts::default() }, note: Some(why.to_owned()) }
    }
}

/// What a suite prints, in `target/test-logs/<suite>.log`.
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    pub fn create(folder: &Path, suite: &str) -> Result<Self> {
        let path = folder.join(format!("{suite}.log"));
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file })
    }

    /// Runs a command into the log and says from time to time how far it is.
    pub fn run(&self, command: &mut Command) -> Result<bool> {
        use std::io::Write;
        writeln!(&self.file, "$ {}", process::line(command))?;
        // A path that the terminal colours would hide is of no use in a file.
        command.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never").env("CI", "1");
        command.stdout(self.file.try_clone()?).stderr(self.file.try_clone()?);
        let started = Instant::now();
        let status = Process::start(command)?.wait_with(HEARTBEAT, || {
            let last = self.text().lines().rev().find(|line| !line.trim().is_empty()).map(clip);
            println!("   {} ... {}", spoken(started.elapsed()), last.unwrap_or_default());
        })?;
        Ok(status.success())
    }

    /// Runs a command whose tests are counted with `count`; one that fails without counts counts as one failed test.
    pub fn tests(&self, command: &mut Command, count: fn(&str) -> Counts) -> Result<Counts> {
        let before = self.text().len();
        let succeeded = self.run(command)?;
        let text = self.text();
        let mut counts = count(text.get(before..).unwrap_or_default());
        if !succeeded && counts.failed == 0 {
            counts.failed = 1;
        }
        Ok(counts)
    }

    pub fn say(&self, line: &str) -> Result<()> {
        use std::io::Write;
        Ok(writeln!(&self.file, "{line}")?)
    }

    fn text(&self) -> String {
        std::fs::read(&self.path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

fn clip(line: &str) -> String {
    line.trim().chars().take(100).collect()
}

pub fn run(only: &[String]) -> Result<ExitCode> {
    let all = suites::all();
    for name in only {
        ensure!(
            all.iter().any(|suite| suite.name == name),
            "there is no suite {name}; `cargo xtask test --list` names them"
        );
    }
    let chosen: Vec<&Suite> =
        all.iter().filter(|suite| only.is_empty() || only.iter().any(|name| suite.name == name)).collect();
    let needs: Vec<system::Need> = chosen.iter().flat_map(|suite| suite.needs.iter().copied()).collect();
    if !needs.is_empty() {
        crate::steps::step("Looking at the machine", || system::ensure_all(&needs))?;
    }
    let logs = workspace::target()?.join("test-logs");
    std::fs::create_dir_all(&logs)?;

    let started = Instant::now();
    let mut total = Counts::default();
    let mut table = Vec::new();
    for suite in chosen {
        println!("== {}: {}", suite.name, suite.about);
        let started = Instant::now();
        let log = Log::create(&logs, suite.name)?;
        let verdict = (suite.run)(&log).or_else(|error| {
            log.say(&format!("error: {error:#}"))?;
            anyhow::Ok(Verdict::check(false))
        })?;
        if verdict.counts.failed > 0 {
            println!("{}", log.text());
            println!("   (kept in {})", log.path.display());
        }
        if let Some(note) = &verdict.note {
            println!("   {note}");
        }
        let line = format!("{:<14} {:>13}   {}", suite.name, spoken(started.elapsed()), verdict.counts);
        println!("   {line}");
        total += verdict.counts;
        table.push(line);
    }
    println!("== All suites after {}", spoken(started.elapsed()));
    table.iter().for_each(|line| println!("   {line}"));
    println!("{total}");
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts;

    fn log() -> (tempfile::TempDir, Log) {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::create(folder.path(), "suite").unwrap();
        (folder, log)
    }

    #[test]
    fn both_outputs_of_a_command_are_kept() {
        let (_folder, log) = log();
        assert!(log.run(Command::new("sh").args(["-c", "echo out; echo err >&2"])).unwrap());
        assert!(log.text().contains("out\n") && log.text().contains("err\n"));
    }

    #[test]
    fn a_failure_without_counts_is_one_failed_test() {
        let (_folder, log) = log();
        let counts = log.tests(Command::new("sh").args(["-c", "exit 1"]), counts::of_cargo).unwrap();
        assert_eq!(counts, Counts { passed: 0, failed: 1, skipped: 0 });
    }

    #[test]
    fn a_failure_with_counts_counts_as_it_says() {
        let (_folder, log) = log();
        let script = "echo 'test result: FAILED. 4 passed; 2 failed; 0 ignored'; exit 101";
        let counts = log.tests(Command::new("sh").args(["-c", script]), counts::of_cargo).unwrap();
        assert_eq!(counts, Counts { passed: 4, failed: 2, skipped: 0 });
    }

    #[test]
    fn two_commands_in_one_log_are_not_counted_twice() {
        let (_folder, log) = log();
        let count = |n| {
            let script = format!("echo 'test result: ok. {n} passed; 0 failed; 0 ignored'");
            log.tests(Command::new("sh").args(["-c", &script]), counts::of_cargo).unwrap().passed
        };
        assert_eq!((count(3), count(5)), (3, 5));
    }
}
