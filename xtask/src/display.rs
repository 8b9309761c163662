//! A virtual display with a window manager.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{self, Process};

const PATIENCE: Duration = Duration::from_secs(20);

/// Whether a window can be shown to somebody.
pub fn there_is_one() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("WAYLAND_DISPLAY").is_some() || set("DISPLAY").is_some_and(|display| answers(&display))
}

/// Whether the X server answers; one on another machine is believed.
fn answers(display: &str) -> bool {
    let Some(local) = display.strip_prefix(':') else { return true };
    let number = local.split('.').next().unwrap_or_default();
    listens(&format!("/tmp/.X11-unix/X{number}"))
}

#[cfg(unix)]
fn listens(socket: &str) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

#[cfg(not(unix))]
fn listens(_: &str) -> bool {
    false
}

/// Xvfb on a free display number, and openbox on it.
pub struct VirtualDisplay {
    pub name: String,
    _window_manager: Process,
    _server: Process,
}

impl VirtualDisplay {
    pub fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        // The server picks a free number and writes it when it is ready.
        command
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = Process::start(&mut command)?;
        let mut number = String::new();
        BufReader::new(server.stdout().context("Xvfb has no output")?).read_line(&mut number)?;
        ensure!(!number.trim().is_empty(), "Xvfb does not start");
        let name = format!(":{}", number.trim());

        let mut command = Command::new("openbox");
        command
            .env("DISPLAY", &name)
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut window_manager = Process::start(&mut command)?;
        await_window_manager(&name, &mut window_manager)?;
        Ok(Self { name, _window_manager: window_manager, _server: server })
    }
}

fn await_window_manager(display: &str, window_manager: &mut Process) -> Result<()> {
    let started = Instant::now();
    loop {
        let mut question = Command::new("xprop");
        question.args(["-display", display, "-root", "_NET_SUPPORTING_WM_CHECK"]);
        if process::output(&mut question).is_some_and(|answer| answer.contains("window id")) {
            return Ok(());
        }
        if let Some(status) = window_manager.ended()? {
            bail!("openbox ended with {status}");
        }
        ensure!(started.elapsed() < PATIENCE, "openbox is not ready after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
