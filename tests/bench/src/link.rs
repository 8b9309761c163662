//! The way to the municipality: how fast cases are taken in, and how fast a queue is emptied, beside the bare minimum in
//! the same run.

pub mod bare;
mod bodies;
mod drain;
mod intake;
mod load;
mod replicas;
pub mod server;
mod wire;

use std::path::Path;

use anyhow::{Result, ensure};
use jiff::Zoned;
use ledsaga_contract::postgres::Cluster;

use crate::{goals, host};

/// The table, with what it was made by. `part` is the only one that is measured: `intake`, `replicas`, `wire` or `drain`.
pub async fn table(disk: &Path, long: bool, part: Option<&str>) -> Result<String> {
    // Another part of this process may have chosen the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    let mut figures = Vec::new();
    if wanted("intake") {
        let cluster = Cluster::start()?;
        eprintln!("   taking in, SQLite");
        figures.extend(intake::measure(disk, None, long).await?);
        eprintln!("   taking in, PostgreSQL");
        figures.extend(intake::measure(disk, Some(&cluster), long).await?);
    }
    if wanted("replicas") {
        eprintln!("   replicas");
        figures.extend(replicas::measure(disk, &Cluster::start()?, long).await?);
    }
    if wanted("wire") {
        eprintln!("   bytes on the wire");
        figures.extend(wire::measure(disk).await?);
    }
    if wanted("drain") {
        eprintln!("   emptying the queue");
        figures.push(drain::measure(disk, if long { 10_000 } else { 2_000 }).await?);
    }
    ensure!(!figures.is_empty(), "there is no such part");
    figures.push(goals::Figure::new("fdatasync of 4 KB, this disk", goals::both(&host::fdatasync(disk)?)));
    figures.push(goals::Figure::new("loopback round trip of 4 KB", goals::both(&host::loopback()?)));
    Ok(format!(
        "Machine: {}. {}, `cargo xtask bench --only link{} --write`. Servers, database and those who send share its cores.\n\n{}",
        host::machine(),
        Zoned::now().date(),
        if long { " --long" } else { "" },
        goals::markdown(&figures)?
    ))
}
