//! `cargo xtask bench`: how fast the forms engine is beside others, as one table.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{
    document,
    process::{self, Process},
    steps::step,
    system::{self, Need},
    ui::NPM,
    workspace::{self, cargo},
};

const PACKAGE: &str = "ledsaga-bench";
/// Where the table is put by `--write`.
const DOCUMENT: &str = "docs/performance.md";
const BEGIN: &str = "<!-- written by cargo xtask bench --write -->";

pub fn run(answers: usize, rounds: usize, write: bool) -> Result<ExitCode> {
    step("Looking at the machine", || system::ensure_all(&[Need::Node]))?;
    step("Installing the other engines", install)?;
    step("Building", || process::run(&mut cargo(&["build", "--release", "--package", PACKAGE])))?;
    let table = step("Measuring", || measure(answers, rounds))?;
    println!("\n{table}");
    if write {
        document::put(DOCUMENT, BEGIN, &table)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The packages exactly as locked; none of them runs anything while it is installed.
fn install() -> Result<()> {
    let folder = workspace::root().join("tests/bench/js");
    let mut command = Command::new(NPM);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    process::run(command.env("NPM_CONFIG_UPDATE_NOTIFIER", "false"))
}

fn measure(answers: usize, rounds: usize) -> Result<String> {
    let program = format!("{PACKAGE}{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(workspace::target()?.join("release").join(program));
    command.args([answers, rounds].map(|number| number.to_string()));
    let mut bench = Process::start(command.stdout(Stdio::piped()))?;
    let output = std::io::read_to_string(bench.stdout().context("the bench has no output")?)?;
    let status = bench.wait()?;
    ensure!(status.success(), "the bench ended with {status}");
    Ok(output)
}
