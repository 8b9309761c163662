//! The user interface: its packages, its build, and the files that are generated for it.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{
    npm, process,
    steps::step,
    system::{self, Need},
    workspace,
};

fn folder() -> PathBuf {
    workspace::root().join("ui")
}

/// npm in the UI's folder.
pub fn npm(arguments: &[&str]) -> Command {
    npm::command(&folder(), arguments)
}

/// The same, for a script that starts a browser.
pub fn npm_with_browser(arguments: &[&str]) -> Command {
    let mut command = npm(arguments);
    if let Some(chromium) = system::chromium() {
        command.env("CHROMIUM", chromium);
    }
    command
}

/// The UI's packages, as [`npm::install`] does it.
pub fn install() -> Result<()> {
    npm::install(&folder())
}

/// What the application embeds.
pub fn build() -> Result<()> {
    process::run(&mut npm(&["run", "build"]))
}

/// The application does not compile without a built UI.
pub fn ensure_built() -> Result<()> {
    if folder().join("dist/index.html").exists() {
        return Ok(());
    }
    system::ensure_all(&[Need::Node])?;
    step("Installing the UI's packages", install)?;
    step("Building the UI", build)
}

/// `cargo xtask bindings`
pub fn bindings() -> Result<ExitCode> {
    system::ensure_all(&[Need::Build])?;
    ensure_built()?;
    step("Writing the bindings", || {
        let mut command = workspace::cargo(&["test", "--workspace", "--lib", "ipc::bindings"]);
        process::run(command.env("LEDSAGA_WRITE", "1"))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask pictures`: every screen in every theme, as the guide shows them.
pub fn pictures(folder: &Path) -> Result<ExitCode> {
    step("Looking at the machine", || system::ensure_all(&[Need::Node, Need::Browser, Need::Headless]))?;
    step("Installing the UI's packages", install)?;
    let folder = workspace::root().join(folder);
    let folder = folder.to_str().context("the folder's name is not text")?;
    step("Taking the pictures", || process::run(&mut npm_with_browser(&["run", "pictures", "--", folder])))?;
    step("Making the files small", || {
        let mut pictures: Vec<PathBuf> = std::fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|ending| ending == "png"))
            .collect();
        pictures.sort();
        let mut command = Command::new("mogrify");
        command.args(["+dither", "-colors", "96", "-strip"]).args(pictures);
        process::run(&mut command)
    })?;
    Ok(ExitCode::SUCCESS)
}
