//! npm, for the folders of this repository that have packages.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::process;

pub const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// npm in a folder, quiet about what is not about this repository.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(NPM);
    command
        .args(arguments)
        .current_dir(folder)
        .env("NPM_CONFIG_UPDATE_NOTIFIER", "false")
        .env("NPM_CONFIG_FUND", "false")
        .env("NPM_CONFIG_AUDIT", "false");
    command
}

/// The packages exactly as locked, without running their scripts; nothing to do when they are there since the lock file
/// was last written.
pub fn install(folder: &Path) -> Result<()> {
    let written = |path: &str| std::fs::metadata(folder.join(path)).and_then(|file| file.modified()).ok();
    // npm writes its own copy of the lock file last.
    if written("node_modules/.package-lock.json")
        .is_some_and(|done| written("package-lock.json") <= Some(done))
    {
        return Ok(());
    }
    process::run(&mut command(folder, &["ci", "--ignore-scripts"]))
}
