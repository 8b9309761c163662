//! The short run of the fuzz targets in `crates/forms/fuzz`, and what proves that it can fail.
//!
//! On stable Rust: no sanitizer, since the crates forbid unsafe code; overflow and debug assertions are on.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    counts::Counts,
    test::{Log, Verdict},
    tools, workspace,
};

const FOLDER: &str = "crates/forms/fuzz";
const TARGETS: &[&str] = &["definition", "operations", "identity_numbers", "oeflow"];
/// An engine with a bug, which must be found.
const PLANTED: &str = "planted";
/// For each target. Long enough for the planted bug many times over.
const SECONDS: u32 = 20;

/// Replays what is kept of each target's corpus, then tries new inputs for a short while.
pub fn run(log: &Log) -> Result<Verdict> {
    if cfg!(windows) {
        return Ok(Verdict::skipped("skipped: the fuzzer needs another toolchain on Windows"));
    }
    let fuzzer = Fuzzer::ready()?;
    let lock = workspace::root().join(FOLDER).join("Cargo.toml");
    let mut fetch = workspace::cargo(&["fetch", "--locked", "--manifest-path"]);
    let mut counts = Counts::default();
    // Its lock file goes with ours; cargo-fuzz itself would silently write it anew.
    for command in [fetch.arg(lock), &mut fuzzer.command(&["build"])] {
        if !log.run(command)? {
            return Ok(Verdict::check(false));
        }
    }
    for target in TARGETS {
        counts += fuzzer.replay(log, target)?.counts;
        counts += fuzzer.look_for_more(log, target)?.counts;
    }
    counts += fuzzer.find_the_planted_bug(log)?.counts;
    Ok(Verdict { counts, note: None })
}

struct Fuzzer {
    cargo_fuzz: PathBuf,
    target: PathBuf,
}

impl Fuzzer {
    fn ready() -> Result<Self> {
        Ok(Self { cargo_fuzz: tools::CARGO_FUZZ.ready()?, target: workspace::target()?.join("fuzz") })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.cargo_fuzz);
        command.arg("fuzz").args(arguments).current_dir(workspace::root());
        command.args(["--fuzz-dir", FOLDER, "--sanitizer", "none", "--target-dir"]).arg(&self.target);
        command
    }

    /// `folders` are read; what is new goes into the first of them.
    fn fuzz(&self, target: &str, folders: &[PathBuf], options: &[&str]) -> Command {
        let mut command = self.command(&["run", target]);
        command.args(folders).arg("--").args(["-timeout=20", "-rss_limit_mb=2048"]).args(options);
        command
    }

    /// The corpus, and the inputs of earlier crashes that have not been taken away: each must pass.
    fn replay(&self, log: &Log, target: &str) -> Result<Verdict> {
        let folders: Vec<PathBuf> = ["corpus", "artifacts"]
            .iter()
            .map(|kind| kept(kind, target))
            .filter(|folder| folder.is_dir())
            .collect();
        let passed = log.run(&mut self.fuzz(target, &folders, &["-runs=0"]))?;
        tell(log, target, passed)
    }

    fn look_for_more(&self, log: &Log, target: &str) -> Result<Verdict> {
        let scratch = self.scratch(target)?;
        let seconds = format!("-max_total_time={SECONDS}");
        // The same seed each time, and long inputs from the start.
        let mut options = vec![seconds.as_str(), "-seed=1", "-len_control=0"];
        let dictionary = format!("-dict={FOLDER}/dictionaries/{target}.dict");
        if workspace::root().join(FOLDER).join(format!("dictionaries/{target}.dict")).exists() {
            options.push(&dictionary);
        }
        let passed = log.run(&mut self.fuzz(target, &[scratch, kept("corpus", target)], &options))?;
        tell(log, target, passed)
    }

    /// The counter-test: the same run ends with a crash, and for the reason that was planted.
    fn find_the_planted_bug(&self, log: &Log) -> Result<Verdict> {
        let folder = self.scratch(PLANTED)?;
        let crashes = self.scratch("planted-crashes")?;
        let prefix = format!("-artifact_prefix={}/", crashes.display());
        let seconds = format!("-max_total_time={SECONDS}");
        let options = [seconds.as_str(), "-seed=1", "-len_control=0", &prefix];
        let ended_well = log.run(&mut self.fuzz(PLANTED, &[folder], &options))?;
        let crashed = std::fs::read_dir(&crashes)?.count() > 0;
        if ended_well || !crashed {
            log.say(
                "the bug in the target `planted` has not been found: this run would find nothing else either",
            )?;
        }
        Ok(Verdict::check(!ended_well && crashed))
    }

    /// An empty folder of this run, so that the same seed finds the same.
    fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join("scratch").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

fn kept(kind: &str, target: &str) -> PathBuf {
    workspace::root().join(Path::new(FOLDER)).join(kind).join(target)
}

fn tell(log: &Log, target: &str, passed: bool) -> Result<Verdict> {
    if !passed {
        log.say(&format!(
            "`{target}` has failed. The input is in {FOLDER}/artifacts/{target}, where every run tries it again until \
             it is mended and moved to {FOLDER}/corpus/{target}. {FOLDER}/README.md says how to repeat it."
        ))?;
    }
    Ok(Verdict::check(passed))
}
