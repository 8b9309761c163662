//! The rows of the fault table: `cargo xtask faults` gathers them.
#![allow(clippy::print_stdout, reason = "the figures of a test")]

use std::{fs::File, io::Write};

/// Names the file that rows are added to.
pub const TABLE: &str = "LEDSAGA_FAULT_TABLE";

/// Whether the row shows that something holds, or that the test would see it if it did not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Test,
    CounterTest,
}

/// Says what was done how often, and how many of those went wrong. Not being able to note it fails the test.
///
/// # Panics
/// The file cannot be written to.
pub fn row(kind: Kind, row: &str, done: &str, count: usize, lost: usize) {
    let result = match (kind, lost) {
        (Kind::Test, 0) => "holds",
        (Kind::Test, _) => "FAILS",
        (Kind::CounterTest, 0) => "COUNTER-TEST SEES NOTHING",
        (Kind::CounterTest, _) => "counter-test: seen",
    };
    let line = format!("{row}\t{done}\t{count}\t{lost}\t{result}\n");
    print!("{line}");
    if let Some(path) = std::env::var_os(TABLE) {
        let written = File::options()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(line.as_bytes()));
        assert!(written.is_ok(), "the row could not be noted");
    }
}

/// A number that the environment sets for a longer run.
pub fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}
