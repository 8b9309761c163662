//! Room that is set aside, so that something can still be deleted when the disk is full.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use crate::{folder::replace, inspect::free_space, seal::fill};

/// Bytes that are set aside.
const SIZE: u64 = 4 * 1024 * 1024;
/// Bytes that have to be free before any are set aside, so that the reserve itself never fills the disk.
const ROOM: u64 = 4 * SIZE;
const BLOCK: u64 = 64 * 1024;

/// A file of no meaning beside the database.
pub(crate) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    pub fn beside(database: &Path) -> Self {
        Self { path: database.with_file_name("vault.reserve") }
    }

    pub fn is_there(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|file| file.len() == SIZE)
    }

    /// Sets room aside if there is none yet and enough is free. Without it everything works but deleting on a full
    /// disk, so that a failure is none.
    pub fn provide(&self) {
        let roomy = self.path.parent().and_then(free_space).is_some_and(|free| free >= ROOM);
        if roomy && !self.is_there() && replace(&self.path, allocate).is_err() {
            tracing::warn!("no room could be set aside");
        }
    }

    /// Gives the room up; whether there was any.
    pub fn give_up(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}

/// Random bytes, since some file systems keep no room for others.
fn allocate(file: &mut File) -> std::io::Result<()> {
    let mut block = [0; BLOCK as usize];
    for _ in 0..SIZE / BLOCK {
        fill(&mut block).map_err(|_| std::io::Error::other("random"))?;
        file.write_all(&block)?;
    }
    Ok(())
}
