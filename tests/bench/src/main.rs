//! Prints the table of `docs/performance.md`; progress goes to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on the terminal")]

mod engines;
mod host;
mod import;
mod memory;
mod node;
mod stats;
mod table;

use std::path::Path;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [memory::COMMAND, folder] => {
            println!("{}", memory::hold(Path::new(folder))?);
            Ok(())
        }
        [answers, rounds] => everything(answers.parse()?, rounds.parse()?),
        _ => bail!("how many answers, and how many rounds of them?"),
    }
}

fn everything(answers: usize, rounds: usize) -> Result<()> {
    // A folder for temporary files may be in memory; the one of this program is on the disk.
    let program = std::env::current_exe()?;
    let disk = program.parent().context("the program is in no folder")?;
    let table = table::Table {
        machine: host::machine(),
        fdatasync: host::fdatasync(disk)?,
        loopback: host::loopback()?,
        memory: memory::measure()?,
        import: import::measure()?,
        comparison: engines::compare(answers, rounds)?,
    };
    println!("{}", table.markdown()?);
    Ok(())
}
