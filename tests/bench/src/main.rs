//! Prints a table of `docs/performance.md`; progress goes to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on the terminal")]

mod engines;
mod goals;
mod host;
mod import;
mod link;
mod memory;
mod node;
mod stats;
mod store;
mod table;

use std::path::Path;

use anyhow::{Context, Result, bail};
use tokio::runtime::Runtime;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // A folder for temporary files may be in memory; the one of this program is on the disk.
    let program = std::env::current_exe()?;
    let disk = program.parent().context("the program is in no folder")?;
    let table = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [memory::COMMAND, folder] => memory::hold(Path::new(folder))?.to_string(),
        [store::opening::COMMAND, folder] => Runtime::new()?.block_on(store::opening::hold(folder.into()))?,
        ["forms", answers, rounds] => forms(disk, answers.parse()?, rounds.parse()?)?,
        ["store", ref rest @ ..] => {
            let (long, part) = choice(rest);
            Runtime::new()?.block_on(store::table(disk, long, part))?
        }
        ["link", ref rest @ ..] => {
            let (long, part) = choice(rest);
            Runtime::new()?.block_on(link::table(disk, long, part))?
        }
        [link::server::GATEWAY, folder, database, port, issuer] => {
            let port = port.parse()?;
            return Runtime::new()?.block_on(link::server::be_gateway(folder.into(), database, port, issuer));
        }
        [link::server::BARE, database] => return Runtime::new()?.block_on(link::bare::be(database)),
        _ => bail!(
            "forms with a number of answers and of rounds, store [--long] [saving | opening | purging | searching], or \
             link [--long] [intake | replicas | wire | drain]?"
        ),
    };
    println!("{table}");
    Ok(())
}

/// Whether all of it is measured, and the only part that is, if one was named.
fn choice<'a>(rest: &[&'a str]) -> (bool, Option<&'a str>) {
    (rest.contains(&"--long"), rest.iter().find(|part| **part != "--long").copied())
}

fn forms(disk: &Path, answers: usize, rounds: usize) -> Result<String> {
    let table = table::Table {
        machine: host::machine(),
        fdatasync: host::fdatasync(disk)?,
        loopback: host::loopback()?,
        memory: memory::measure()?,
        import: import::measure()?,
        comparison: engines::compare(answers, rounds)?,
    };
    Ok(table.markdown()?)
}
