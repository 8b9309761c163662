//! Autosave: one draft among many, from the changed draft to the answer that it is on the disk.

use std::{path::Path, time::Instant};

use anyhow::{Result, ensure};
use fastrand::Rng;
use ledsaga_core::ports::{Change, Store as _};

use super::{cases::Cases, ours::Ours, plain::Plain};
use crate::{
    goals::{Figure, both},
    host::Syncs,
    stats::{Times, elapsed, spoken},
};

const ROUNDS: usize = 600;
/// Rounds before anything counts.
const WARM_UP: usize = 20;
/// Far fewer than what SQLite moves from the log into the file by itself.
const LOGGED: usize = 50;

const DURABLE: &str = "The commit is one fdatasync; the rest is sealing, the statements and the way to SQLite's thread \
    and back. On a machine with others at work the tail is the wait for a processor.";
const SAVE: &str = "Each page is encrypted and signed by SQLCipher on its way to the log and read back on the way into \
    the file, and `secure_delete` writes pages that plain SQLite leaves. On a disk whose fdatasync takes a tenth of \
    what a usual one takes, that shows; where it takes a millisecond the goal is met.";

pub async fn measure(cases: &Cases, ours: &Ours, plain_file: &Path, loopback: &Times) -> Result<Vec<Figure>> {
    let vault = ours.open(None).await?;
    let mut plain = Plain::open(plain_file).await?;
    let mut syncs = Syncs::in_folder(&ours.dir)?;
    let mut figures = Vec::new();
    let rng = &mut Rng::with_seed(3);
    let mut rev = 1;
    for another in [false, true] {
        let (mut own, mut theirs, mut disk) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..WARM_UP + ROUNDS {
            rev += 1;
            let number = if another { rng.usize(..cases.count) } else { cases.count - 1 };
            let draft = cases.draft(number, rev);
            let counts = round >= WARM_UP;
            for turn in 0..2 {
                let start = Instant::now();
                if (round + turn) % 2 == 0 {
                    vault.commit(vec![Change::PutDraft(draft.clone())]).await?;
                    own.extend(counts.then(|| elapsed(start)));
                } else {
                    plain.put(&[], std::slice::from_ref(&draft)).await?;
                    theirs.extend(counts.then(|| elapsed(start)));
                }
            }
            let synced = syncs.one()?;
            disk.extend(counts.then_some(synced));
        }
        let (own, theirs, disk) = (Times::of(own)?, Times::of(theirs)?, Times::of(disk)?);
        let among = format!("one 4 KB draft of {}", cases.count);
        if another {
            figures.push(Figure::compared(format!("autosave, another each time, {among}"), &own, &theirs));
            continue;
        }
        let host = disk.p99 + loopback.p99;
        figures.push(
            Figure::new(format!("answer to durable (commit), {among}, p99"), spoken(own.p99))
                .beside(format!("fdatasync {} + loopback {}", spoken(disk.p99), spoken(loopback.p99)))
                .ratio(own.p99 as f64 / host as f64)
                .at_most(3.0, DURABLE),
        );
        figures.push(Figure::compared(format!("autosave, {among}"), &own, &theirs).at_most(2.0, SAVE));
        figures.push(Figure::new("fdatasync of 4 KB in between, this disk", both(&disk)));
    }
    vault.close().await;
    plain.close().await?;
    Ok(figures)
}

/// Bytes of the write-ahead log for each save, from an empty log on.
pub async fn amplification(cases: &Cases, ours: &Ours, plain_file: &Path) -> Result<Figure> {
    let vault = ours.open(None).await?;
    let mut plain = Plain::open(plain_file).await?;
    let (file, mut written) = (ours.file()?, [0; 2]);
    let before = [log(&file), log(plain_file)];
    for rev in 0..LOGGED {
        let draft = cases.draft(cases.count - 1, 10_000 + rev as u64);
        plain.put(&[], std::slice::from_ref(&draft)).await?;
        vault.commit(vec![Change::PutDraft(draft)]).await?;
    }
    for (at, path) in [file.as_path(), plain_file].into_iter().enumerate() {
        ensure!(log(path) > before[at], "the log of {} did not grow", path.display());
        written[at] = (log(path) - before[at]) / LOGGED as u64;
    }
    vault.close().await;
    plain.close().await?;
    let kilobytes = |bytes: u64| format!("{:.1} KB", bytes as f64 / 1e3);
    Ok(Figure::new("write-ahead log for each save of 4 KB", kilobytes(written[0]))
        .beside(kilobytes(written[1]))
        .ratio(written[0] as f64 / written[1] as f64))
}

fn log(database: &Path) -> u64 {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    std::fs::metadata(path).map_or(0, |file| file.len())
}
