//! `cargo xtask bench`: how fast the forms engine, the store and the way to the municipality are beside others, as one
//! table each.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::{
    document,
    npm::NPM,
    process::{self, Process},
    steps::step,
    system::{self, Need},
    workspace::{self, cargo},
};

const PACKAGE: &str = "ledsaga-bench";
/// Where the tables are put by `--write`.
const DOCUMENT: &str = "docs/performance.md";

/// What has a table of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Beside the form engines of others; needs Node.js
    Forms,
    /// Beside plain SQLite
    Store,
    /// Beside a bare handler and a bare loop; needs PostgreSQL
    Link,
}

impl Part {
    fn begin(self) -> &'static str {
        match self {
            Self::Forms => "<!-- forms, written by cargo xtask bench --write -->",
            Self::Store => "<!-- store, written by cargo xtask bench --write -->",
            Self::Link => "<!-- link, written by cargo xtask bench --write -->",
        }
    }
}

pub fn run(
    only: Option<Part>,
    (answers, rounds): (usize, usize),
    long: bool,
    write: bool,
) -> Result<ExitCode> {
    let parts = only.map_or(vec![Part::Store, Part::Link, Part::Forms], |part| vec![part]);
    if parts.contains(&Part::Link) {
        step("Looking at the machine", || system::ensure_all(&[Need::Database]))?;
    }
    if parts.contains(&Part::Forms) {
        step("Looking at the machine", || system::ensure_all(&[Need::Node]))?;
        step("Installing the other engines", install)?;
    }
    step("Building", || process::run(&mut cargo(&["build", "--release", "--package", PACKAGE])))?;
    for part in parts {
        let table = match part {
            Part::Forms => step("Measuring the forms engine", || {
                measure(&["forms", &answers.to_string(), &rounds.to_string()])
            })?,
            Part::Store => {
                step("Measuring the store", || measure(if long { &["store", "--long"] } else { &["store"] }))?
            }
            Part::Link => step("Measuring the way to the municipality", || {
                measure(if long { &["link", "--long"] } else { &["link"] })
            })?,
        };
        println!("\n{table}");
        if write {
            document::put(DOCUMENT, part.begin(), &table)?;
        }
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

fn measure(arguments: &[&str]) -> Result<String> {
    let program = format!("{PACKAGE}{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(workspace::target()?.join("release").join(program));
    command.args(arguments);
    let mut bench = Process::start(command.stdout(Stdio::piped()))?;
    let output = std::io::read_to_string(bench.stdout().context("the bench has no output")?)?;
    let status = bench.wait()?;
    ensure!(status.success(), "the bench ended with {status}");
    Ok(output)
}
