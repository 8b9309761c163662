//! Temporary folders that go away with us, by whatever way we end.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(3);
static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn folders() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removed when dropped, and by [`remove_all`].
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new(purpose: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(&format!("ledsaga-{purpose}-")).tempdir()?;
        folders().insert(folder.path().to_owned());
        Ok(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(self.0.path());
        folders().remove(self.0.path());
    }
}

/// For an end without destructors.
pub fn remove_all() {
    folders().iter().for_each(|folder| remove(folder));
}

/// A desktop service may have mounted something in the folder, which goes away a moment after the service has.
fn remove(folder: &Path) {
    let started = Instant::now();
    while std::fs::remove_dir_all(folder).is_err() && folder.exists() && started.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_removed_when_dropped_and_when_all_are() {
        let dropped = Scratch::new("test").unwrap();
        let path = dropped.path().to_owned();
        std::fs::write(path.join("file"), "x").unwrap();
        drop(dropped);
        assert!(!path.exists());

        let kept = Scratch::new("test").unwrap();
        assert!(kept.path().exists());
        remove_all();
        assert!(!kept.path().exists());
    }
}
