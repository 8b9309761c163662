//! How far the files on their way have come, for the worker to see. In memory only; a file is known by its id.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

/// Between two words about it.
const EVERY: Duration = Duration::from_millis(250);

#[derive(Default)]
pub(crate) struct Progress(Mutex<Files>);

#[derive(Default)]
struct Files {
    stored: HashMap<Uuid, u64>,
    told: Option<Instant>,
}

impl Progress {
    /// The municipality has so many bytes of the file. True when that is worth saying: not more often than somebody reads.
    pub fn stored(&self, file: Uuid, bytes: u64) -> bool {
        self.with(|files| {
            let more = files.stored.insert(file, bytes).is_none_or(|before| before != bytes);
            let due = files.told.is_none_or(|told| told.elapsed() >= EVERY);
            if more && due {
                files.told = Some(Instant::now());
            }
            more && due
        })
    }

    pub fn of(&self, file: Uuid) -> u64 {
        self.with(|files| files.stored.get(&file).copied().unwrap_or_default())
    }

    /// It is not on its way any more.
    pub fn forget(&self, file: Uuid) {
        self.with(|files| files.stored.remove(&file));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Files) -> T) -> T {
        // No code panics while it holds the guard.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn news_is_told_at_most_four_times_a_second() {
        let (progress, file) = (Progress::default(), Uuid::now_v7());
        let mut told = 0;
        for bytes in 0..1_000 {
            told += u32::from(progress.stored(file, bytes));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!((told, progress.of(file)), (4, 999));
        progress.forget(file);
        assert_eq!(progress.of(file), 0);
    }
}
