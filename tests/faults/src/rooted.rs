//! Tests that need root, as their own harness: what cannot run is said to be ignored, and why.
#![allow(clippy::print_stdout, reason = "a harness talks to the terminal")]

use std::process::ExitCode;

/// A test, by its name.
pub type Test = (&'static str, fn());

/// Runs those that the arguments choose; `missing` says why none can run. A failed assertion ends the process with its
/// message and a code that says so.
pub fn run(tests: &[Test], missing: Option<&str>) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    // None of them is ignored for good, so that `--ignored` leaves nothing.
    let only_ignored = arguments.iter().any(|argument| argument == "--ignored");
    let chosen: Vec<&Test> = tests
        .iter()
        .filter(|(name, ..)| !only_ignored && filter.is_none_or(|filter| name.contains(filter.as_str())))
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        chosen.iter().for_each(|(name, ..)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", chosen.len());
    for (name, test) in &chosen {
        match missing {
            Some(missing) => println!("test {name} ... ignored, skipped: {missing}"),
            None => {
                test();
                println!("test {name} ... ok");
            }
        }
    }
    let (passed, ignored) = if missing.is_none() { (chosen.len(), 0) } else { (0, chosen.len()) };
    let filtered = tests.len() - chosen.len();
    println!(
        "\ntest result: ok. {passed} passed; 0 failed; {ignored} ignored; 0 measured; {filtered} filtered out; \
         finished in 0.00s\n"
    );
    ExitCode::SUCCESS
}
