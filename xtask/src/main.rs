//! `cargo xtask`: what one does with this repository beyond `cargo build` and `cargo test`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on the terminal")]

mod bench;
mod counts;
mod demo;
mod display;
mod document;
mod faults;
mod fuzz;
mod gateway;
mod icons;
mod layers;
mod npm;
mod openapi;
mod private_session;
mod process;
mod scratch;
mod steps;
mod suites;
mod system;
mod test;
mod tools;
mod ui;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "What one does with this repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build, start the demo gateway and open the window
    Run {
        /// Use a virtual display and drive a scripted call, even when there is a display
        #[arg(long)]
        headless: bool,
        /// The demo gateway's port; another one when it is taken
        #[arg(long, default_value_t = gateway::DEFAULT_PORT)]
        port: u16,
    },
    /// Run every check and every test
    Test {
        /// Only suites with these names
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
        /// Name the suites and stop
        #[arg(long)]
        list: bool,
    },
    /// Measure the forms engine and the store beside others and print the tables
    Bench {
        /// Only this part
        #[arg(long, value_enum)]
        only: Option<bench::Part>,
        /// Answers in a round
        #[arg(long, default_value_t = 120)]
        answers: usize,
        /// Rounds that count
        #[arg(long, default_value_t = 4)]
        rounds: usize,
        /// The store with 100,000 drafts too
        #[arg(long)]
        long: bool,
        /// Put the tables into docs/performance.md too
        #[arg(long)]
        write: bool,
    },
    /// Kill, fill, flip and purge the vault, spoil the way to the municipality, and print what was lost as a table
    Faults {
        /// Only these parts, such as link_network; what came of the others last is kept
        #[arg(long, value_name = "TEST")]
        only: Vec<String>,
        /// A thousand kills, ten thousand cases, and more of everything else
        #[arg(long)]
        long: bool,
        /// Put the table into docs/reliability.md too
        #[arg(long)]
        write: bool,
    },
    /// Write the TypeScript bindings and the window's permissions anew
    Bindings,
    /// Take the pictures of every screen
    Pictures {
        /// Where they go, from the repository's root
        #[arg(long, default_value = "docs/pictures")]
        out: PathBuf,
    },
    /// Draw the icon set from icons/ledsaga.svg
    Icons,
}

fn main() -> ExitCode {
    let outcome = process::stop_everything_on_interrupt().and_then(|()| match Arguments::parse().task {
        Task::Run { headless, port } => demo::run(headless, port),
        Task::Test { only, list: false } => test::run(&only),
        Task::Test { list: true, .. } => {
            suites::all().iter().for_each(|suite| println!("{:<16} {}", suite.name, suite.about));
            Ok(ExitCode::SUCCESS)
        }
        Task::Bench { only, answers, rounds, long, write } => {
            bench::run(only, (answers, rounds), long, write)
        }
        Task::Faults { only, long, write } => faults::run(&only, long, write),
        Task::Bindings => ui::bindings(),
        Task::Pictures { out } => ui::pictures(&out),
        Task::Icons => icons::draw(),
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
