//! What loaded definitions take of memory: the growth of a process of its own that loads them and does nothing else.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use ledsaga_bench::{express::ours, form::Form};
use ledsaga_forms::{Definition, load};

pub const DEFINITIONS: usize = 500;
/// How the program is called to be that process.
pub const COMMAND: &str = "hold-definitions";

pub struct Memory {
    /// Bytes of memory for each definition.
    pub each: u64,
    /// Bytes of its JSON, on average.
    pub json: u64,
}

pub fn measure() -> Result<Memory> {
    let folder = tempfile::tempdir()?;
    let mut written = 0;
    for seed in 0..DEFINITIONS {
        let json = ours::definition(&Form::generate(seed as u64)).to_string();
        written += json.len();
        std::fs::write(folder.path().join(seed.to_string()), json)?;
    }
    let output = Command::new(std::env::current_exe()?).arg(COMMAND).arg(folder.path()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let grown: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    let count = DEFINITIONS as u64;
    Ok(Memory { each: grown / count, json: written as u64 / count })
}

/// Loads the definitions in a folder and gives by how many bytes the process has grown.
pub fn hold(folder: &Path) -> Result<u64> {
    let mut definitions: Vec<Definition> = Vec::with_capacity(DEFINITIONS);
    let mut names: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    names.sort_by_key(std::fs::DirEntry::file_name);
    // What loading needs for a while is there before counting begins.
    if let Some(entry) = names.first() {
        drop(load(&std::fs::read(entry.path())?)?);
    }
    let before = resident()?;
    for entry in names {
        definitions.push(load(&std::fs::read(entry.path())?)?);
    }
    let after = resident()?;
    ensure!(definitions.len() == DEFINITIONS, "{} definitions were there", definitions.len());
    Ok(after.saturating_sub(before))
}

/// Bytes of this process in memory.
pub fn resident() -> Result<u64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("memory is read from /proc, on Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}
