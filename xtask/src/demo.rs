//! `cargo xtask run`: from a fresh clone to the window, or to a case number where there is no display.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    display::{self, VirtualDisplay},
    gateway::Gateway,
    private_session::PrivateSession,
    process::{self, Process},
    scratch::Scratch,
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
    let target = workspace::target()?;
    let (data, log) = (target.join("demo-gateway"), target.join("demo-gateway.log"));
    let gateway = step("Starting the demo gateway", || Gateway::start(port, &data, &log))?;
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
    let data = Scratch::new("gateway")?;
    let gateway = step("Starting the demo gateway", || {
        Gateway::start(port, data.path(), &pictures.join("gateway.log"))
    })?;
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
    let log = pictures.join("window.log");
    let said = step("Driving a whole call through the window (half a minute)", || {
        said_by(&mut session.command(&call), &log)
    })?;
    println!("Pictures:");
    for picture in numbered(&pictures)? {
        println!("   {}", picture.display());
    }
    print!("{said}");
    Ok(ExitCode::SUCCESS)
}

/// What a program prints, when it succeeds. What it and the desktop's services complain about goes into `log`, and is
/// shown when it fails.
fn said_by(command: &mut Command, log: &Path) -> Result<String> {
    let mut process = Process::start(command.stdout(Stdio::piped()).stderr(File::create(log)?))?;
    let mut said = String::new();
    process.stdout().context("no output")?.read_to_string(&mut said)?;
    if !process.wait()?.success() {
        print!("{said}");
        println!("{}", std::fs::read_to_string(log)?);
        bail!("the call did not come to its end; pictures and logs are beside {}", log.display());
    }
    Ok(said)
}

/// The pictures in the order in which they were taken.
fn numbered(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut pictures: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|ending| ending == "png")).collect();
    pictures.sort();
    Ok(pictures)
}

/// An empty folder, without the pictures of an earlier run.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
