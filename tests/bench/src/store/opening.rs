//! Starting with many drafts: unlocking, listing, and what it takes of the disk and of memory.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use ledsaga_vault::Pin;

use super::{
    cases::Cases,
    ours::{Ours, Secrets},
    plain::Plain,
};
use crate::{
    goals::Figure,
    memory::resident,
    stats::{Times, elapsed, spoken},
};

const STARTS: usize = 7;
const VIEWS: usize = 100;
/// How the program is called to be the process whose memory is looked at.
pub const COMMAND: &str = "hold-drafts";

const QUEUE: &str = "The desk draws the first 100 rows in an order that it keeps, where an index gives SQLite the newest \
    50. It reads nothing from the disk and opens no seal for it; what is left is the copies that a view is made of.";

pub async fn start(cases: &Cases, ours: &Ours, plain_file: &Path) -> Result<Figure> {
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..STARTS {
        for turn in 0..2 {
            let start = Instant::now();
            if (round + turn) % 2 == 0 {
                let desk = ours.open_desk().await?;
                let view = desk.view().await?;
                own.push(elapsed(start));
                ensure!(view.queue.len() + view.more as usize == cases.count, "the queue is not whole");
                desk.close().await;
            } else {
                let mut plain = Plain::open(plain_file).await?;
                let (calls, outlines) = (plain.calls().await?, plain.outlines().await?);
                theirs.push(elapsed(start));
                ensure!((calls.len(), outlines.len()) == (cases.count, cases.count), "not all is there");
                plain.close().await?;
            }
        }
    }
    Ok(Figure::compared(
        format!("start with {} drafts, until the queue answers; beside it the same lists read", cases.count),
        &Times::of(own)?,
        &Times::of(theirs)?,
    ))
}

pub async fn unlock(cases: &Cases, ours: &Ours) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for pin in [None, Some(Pin::new("482915"))] {
        let vault = ours.open(None).await?;
        vault.set_pin(pin.clone()).await?;
        close(&vault).await;
        let mut times = Vec::new();
        for _ in 0..STARTS {
            let start = Instant::now();
            let vault = ours.open(pin.as_ref()).await?;
            times.push(elapsed(start));
            close(&vault).await;
        }
        let times = Times::of(times)?;
        let with = if pin.is_some() { "a PIN (Argon2id, 64 MiB, 3 passes)" } else { "no PIN" };
        figures
            .push(Figure::new(format!("unlock with {} drafts, {with}", cases.count), spoken(times.median)));
        if pin.is_some() {
            let vault = ours.open(pin.as_ref()).await?;
            vault.set_pin(None).await?;
            close(&vault).await;
        }
    }
    Ok(figures)
}

async fn close(vault: &ledsaga_vault::Vault) {
    ledsaga_core::ports::Store::close(vault).await;
}

pub async fn queue(cases: &Cases, ours: &Ours, plain_file: &Path) -> Result<Figure> {
    let desk = ours.open_desk().await?;
    let mut plain = Plain::open(plain_file).await?;
    let newest = cases.draft_id(cases.count - 1);
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..VIEWS {
        for turn in 0..2 {
            let start = Instant::now();
            if (round + turn) % 2 == 0 {
                let view = desk.view().await?;
                own.push(elapsed(start));
                ensure!(view.queue[0].draft == Some(newest), "another draft is the newest");
            } else {
                let rows = plain.newest().await?;
                theirs.push(elapsed(start));
                ensure!(rows.len() == 50 && rows[0].0.id == newest, "another draft is the newest");
            }
        }
    }
    desk.close().await;
    plain.close().await?;
    let what = format!("newest 50 in the queue, of {}", cases.count);
    Ok(Figure::compared(what, &Times::of(own)?, &Times::of(theirs)?).at_most(1.5, QUEUE))
}

/// Of the databases at rest.
pub fn size(cases: &Cases, ours: &Ours, plain_file: &Path) -> Result<Figure> {
    let bytes = [ours.file()?.metadata()?.len(), plain_file.metadata()?.len()];
    let [own, theirs] = bytes.map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6));
    Ok(Figure::new(format!("file with {} drafts", cases.count), own)
        .beside(theirs)
        .ratio(bytes[0] as f64 / bytes[1] as f64))
}

/// Of a process of its own that opens the vault and the desk and does nothing else.
pub fn memory(cases: &Cases, ours: &Ours) -> Result<Figure> {
    let mut process = Command::new(std::env::current_exe()?)
        .arg(COMMAND)
        .arg(&ours.dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    // Through a pipe, so that no key is in any file.
    let mut input = process.stdin.take().context("the process has no input")?;
    input.write_all(&serde_json::to_vec(&ours.secrets.items())?)?;
    drop(input);
    let output = process.wait_with_output()?;
    ensure!(output.status.success(), "the process ended with {}", output.status);
    let (before, after) = serde_json::from_slice::<(u64, u64)>(&output.stdout)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    Ok(Figure::new(
        format!("memory of the process with {} drafts open", cases.count),
        format!("{:.1} MB", megabytes(after)),
    )
    .beside(format!("{:.1} MB before", megabytes(before))))
}

/// Is that process: opens what is in the folder with the keys that come in, and gives its bytes before and after.
pub async fn hold(folder: PathBuf) -> Result<String> {
    let items: HashMap<String, Vec<u8>> = serde_json::from_reader(std::io::stdin())?;
    let ours = Ours { dir: folder, secrets: Arc::new(Secrets::of(items)) };
    let before = resident()?;
    let desk = ours.open_desk().await?;
    desk.view().await?;
    let after = resident()?;
    desk.close().await;
    Ok(serde_json::to_string(&(before, after))?)
}
