//! The store beside plain SQLite, both in turn in one run.

mod cases;
pub mod opening;
pub mod ours;
mod plain;
mod purging;
mod saving;
mod searching;
mod words;

use std::path::Path;

use anyhow::Result;
use jiff::Zoned;

use self::{cases::Cases, ours::Ours, plain::Plain};
use crate::{goals, host};

const DRAFTS: usize = 10_000;
const LONG: usize = 100_000;

/// The table, with what it was made by; of one part alone if its name is given.
pub async fn table(disk: &Path, long: bool, part: Option<&str>) -> Result<String> {
    let wanted = |name| part.is_none_or(|part| part == name);
    let loopback = host::loopback()?;
    let mut figures = Vec::new();
    for count in if long { &[DRAFTS, LONG][..] } else { &[DRAFTS] } {
        if part != Some("searching") {
            let dir = tempfile::tempdir_in(disk)?;
            eprintln!("   filling with {count} drafts");
            let cases = Cases::new(*count)?;
            let ours = Ours::filled(dir.path().join("vaults"), &cases).await?;
            let file = dir.path().join("plain.db");
            Plain::filled(file.clone(), &cases).await?.close().await?;
            figures.push(opening::size(&cases, &ours, &file)?);
            if wanted("saving") {
                eprintln!("   saving");
                figures.push(saving::amplification(&cases, &ours, &file).await?);
                figures.extend(saving::measure(&cases, &ours, &file, &loopback).await?);
            }
            if wanted("opening") {
                eprintln!("   opening");
                figures.push(opening::queue(&cases, &ours, &file).await?);
                figures.push(opening::start(&cases, &ours, &file).await?);
                figures.extend(opening::unlock(&cases, &ours).await?);
                figures.push(opening::memory(&cases, &ours)?);
            }
            if wanted("purging") {
                eprintln!("   purging");
                figures.extend(purging::measure(&cases, &ours).await?);
            }
        }
        if wanted("searching") {
            eprintln!("   searching");
            figures.extend(searching::measure(tempfile::tempdir_in(disk)?.path(), *count).await?);
        }
    }
    figures.push(goals::Figure::new("loopback round trip of 4 KB", goals::both(&loopback)));
    Ok(format!(
        "Machine: {}. {}, `cargo xtask bench --only store{} --write`. Median and p99; ratios are of medians unless said otherwise.\n\n{}",
        host::machine(),
        Zoned::now().date(),
        if long { " --long" } else { "" },
        goals::markdown(&figures)?
    ))
}
