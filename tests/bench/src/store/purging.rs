//! Purging 1,000 drafts: until their keys are gone, and how long a save waits while the rest is cleared away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use fastrand::Rng;
use ledsaga_core::ports::{Change, Shredding, Store as _};
use ledsaga_vault::Vault;

use super::{cases::Cases, ours::Ours};
use crate::{
    goals::Figure,
    stats::{elapsed, spoken},
};

const PURGED: usize = 1_000;
/// Between saves, so that there is something to wait for and the disk is not only theirs.
const PAUSE: Duration = Duration::from_millis(2);

const KEYS: &str = "Under the keys of the same days lie the data keys of drafts and calls that stay: each bundle of 64 is \
    opened and sealed anew before the keys may go, 32 bundles in a transaction, so that it takes longer the more there \
    is. They go in the background, and no save waits for all of it.";
const DAY_KEYS: &str = "Nothing is left under such a key, so that this is the keychain twice, two short transactions and \
    the truncation of the log, with all that the removal wrote, into the file.";
const STALL: &str = "The longest wait is the truncation of the write-ahead log: all pages in it go into the file and \
    are on the disk before anything else, and what was removed must not stay in the log.";

pub async fn measure(cases: &Cases, ours: &Ours) -> Result<Vec<Figure>> {
    let vault = ours.open(None).await?;
    // Not of the days that go whole.
    let whole = [cases.of_day(1), cases.of_day(2)];
    let mut rest: Vec<usize> = (0..cases.count).filter(|number| !cases.is_of(*number, &[1, 2])).collect();
    Rng::with_seed(7).shuffle(&mut rest);
    // Stays, and is what the saves save.
    rest.retain(|number| *number != cases.count - 1);
    let any = |purge: usize| rest[purge * PURGED..(purge + 1) * PURGED].to_vec();
    let mut figures = Vec::new();
    for (what, why, purges) in [
        ("all drafts of a purge day", DAY_KEYS, whole),
        ("any drafts, all of whose days keep others", KEYS, [any(0), any(1)]),
    ] {
        let [alone, beside_saves] = purges;
        ensure!(alone.len() == PURGED && beside_saves.len() == PURGED, "too few drafts to purge");
        remove(&vault, cases, &alone).await?;
        let start = Instant::now();
        let first = vault.shred().await?;
        let gone = elapsed(start);
        ensure!(first != Shredding::KeysLeft, "the keys were not destroyed");
        let steps = clear(&vault).await?;
        figures.push(
            Figure::new(format!("purge of 1,000 of {}, {what}: keys gone", cases.count), spoken(gone))
                .beside(format!("rest cleared after {}", spoken(elapsed(start))))
                .within(gone, 100.0, why),
        );

        remove(&vault, cases, &beside_saves).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let saves =
            tokio::spawn(save_until(Arc::clone(&vault), cases.draft(cases.count - 1, 1), stop.clone()));
        vault.shred().await?;
        let keys_gone = Instant::now();
        clear(&vault).await?;
        stop.store(true, Ordering::Relaxed);
        let saves = saves.await??;
        let stall = |saves: &mut dyn Iterator<Item = &(Instant, u64)>| saves.map(|(_, time)| *time).max();
        let all = stall(&mut saves.iter()).unwrap_or_default();
        let clearing = stall(&mut saves.iter().filter(|(ended, _)| *ended > keys_gone));
        let clearing = clearing.unwrap_or_default();
        figures.push(
            Figure::new(
                format!("the same: longest wait of a save while the rest goes, {steps} steps"),
                spoken(clearing),
            )
            .beside(format!("{} while the keys go, too", spoken(all)))
            .within(clearing, 50.0, STALL),
        );
    }
    vault.close().await;
    Ok(figures)
}

async fn remove(vault: &Vault, cases: &Cases, numbers: &[usize]) -> Result<()> {
    let remove = |number: &usize| Change::RemoveDraft { id: cases.draft_id(*number) };
    Ok(vault.commit(numbers.iter().map(remove).collect()).await?)
}

/// Step by step; how many it took.
async fn clear(vault: &Vault) -> Result<usize> {
    for steps in 1.. {
        if vault.shred().await? == Shredding::Done {
            return Ok(steps);
        }
        tokio::task::yield_now().await;
    }
    Ok(0)
}

/// When each save ended, and how long it took.
async fn save_until(
    vault: Arc<Vault>,
    mut draft: ledsaga_core::draft::Draft,
    stop: Arc<AtomicBool>,
) -> Result<Vec<(Instant, u64)>> {
    let mut saves = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        draft.form.rev += 1;
        let start = Instant::now();
        vault.commit(vec![Change::PutDraft(draft.clone())]).await?;
        saves.push((Instant::now(), elapsed(start)));
        tokio::time::sleep(PAUSE).await;
    }
    Ok(saves)
}
