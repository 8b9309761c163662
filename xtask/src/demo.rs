//! `cargo xtask run`: from a fresh clone to the window, or to a case number where there is no display.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{
    display::{self, VirtualDisplay},
    gateway::Gateway,
    private_session::PrivateSession,
    process::{self, Process},
    steps::step,
    system::{self, Need},
    tools, ui, workspace,
};

pub fn run(headless: bool, port: u16) -> Result<ExitCode> {
    let headless = headless || !display::there_is_one();
    let mut needs = vec![Need::Node, Need::Build];
    needs.push(if headless { Need::Headless } else { Need::Window });
    step("Looking at the machine", || system::ensure_all(&needs))?;
    step("Installing the UI's packages", ui::install)?;
    step("Building the UI", ui::build)?;
    let mut packages = vec!["build", "-p", "ledsaga", "-p", "ledsaga-gateway"];
    if headless {
        packages.extend(["-p", "ledsaga-e2e"]);
    }
    step("Building the application and the gateway (several minutes the first time)", || {
        process::run(&mut workspace::cargo(&packages))
    })?;
    if headless { scripted_call(port) } else { window(port) }
}

/// The window for a person, until it is closed.
fn window(port: u16) -> Result<ExitCode> {
    let data = workspace::target()?.join("demo-gateway");
    let gateway = step("Starting the demo gateway", || Gateway::start(port, &data))?;
    println!("   {} with its data in {}", gateway.url, data.display());
    println!("== Opening the window; Ctrl-C here stops everything");
    let mut application = Command::new(workspace::built("ledsaga")?);
    let status = Process::start(application.env("LEDSAGA_GATEWAY", &gateway.url))?.wait()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same window on a virtual display, driven by a script, with a gateway and a keyring of its own.
fn scripted_call(port: u16) -> Result<ExitCode> {
    let driver = step("Making the window's driver ready", || tools::TAURI_DRIVER.ready())?;
    let pictures = workspace::target()?.join("demo");
    empty(&pictures)?;
    let data = tempfile::Builder::new().prefix("ledsaga-gateway-").tempdir()?;
    let gateway = step("Starting the demo gateway", || Gateway::start(port, data.path()))?;
    println!("   {}", gateway.url);
    let display = step("Starting a virtual display", VirtualDisplay::start)?;
    println!("   {}", display.name);
    let session = PrivateSession::new()?;
    let mut call = Command::new(workspace::built("scripted-call")?);
    call.args(["--gateway", &gateway.url, "--out"])
        .arg(&pictures)
        .current_dir(workspace::root())
        .env("DISPLAY", &display.name)
        .env("LEDSAGA_TAURI_DRIVER", driver);
    step("Driving a whole call through the window", || process::run(&mut session.command(&call)))?;
    println!("Pictures:");
    let mut names: Vec<_> =
        std::fs::read_dir(&pictures)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    names.sort();
    names.iter().for_each(|picture| println!("   {}", picture.display()));
    Ok(ExitCode::SUCCESS)
}

/// An empty folder, without the pictures of an earlier run.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
