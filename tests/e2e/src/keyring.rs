//! The session's own keyring, which a test may lock while the application is at work.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// As the private session of the tests was given it.
const PASSWORD: &[u8] = b"ci-only";

/// Locks the keyring, as a person or a policy of the computer does.
///
/// # Errors
/// There is no keyring on this session's bus.
pub fn lock() -> Result<()> {
    ask_bus(&[
        "--dest=org.freedesktop.secrets",
        "--object-path=/org/freedesktop/secrets",
        "--method=org.freedesktop.Secret.Service.Lock",
        "[objectpath '/org/freedesktop/secrets/collection/login']",
    ])
    .map(drop)
}

/// Unlocks it again. A running keyring is unlocked only by a person, so that it is started anew.
///
/// # Errors
/// It does not start.
pub fn unlock() -> Result<()> {
    let process = ask_bus(&[
        "--dest=org.freedesktop.DBus",
        "--object-path=/org/freedesktop/DBus",
        "--method=org.freedesktop.DBus.GetConnectionUnixProcessID",
        "org.freedesktop.secrets",
    ])?;
    let process: String =
        process.split(' ').next_back().context("no process")?.chars().filter(char::is_ascii_digit).collect();
    ensure!(Command::new("kill").arg(&process).status()?.success(), "the keyring cannot be ended");
    while Path::new("/proc").join(&process).join("exe").exists() {
        std::thread::yield_now();
    }
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    daemon.stdin.take().context("no input")?.write_all(PASSWORD)?;
    ensure!(daemon.wait()?.success(), "the keyring does not start");
    Ok(())
}

fn ask_bus(arguments: &[&str]) -> Result<String> {
    let answer = Command::new("gdbus").args(["call", "--session"]).args(arguments).output()?;
    ensure!(answer.status.success(), "the bus does not answer");
    Ok(String::from_utf8(answer.stdout)?)
}
