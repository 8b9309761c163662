//! Child processes that do not outlive their owner.

use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// A process with all that it starts. Killed when dropped.
pub struct Owned(Child);

impl Owned {
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        command.process_group(0).spawn().map(Self)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// A program built from this workspace, beside the running one.
///
/// # Errors
/// It has not been built.
pub fn built(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let mut folder = this.parent().context("a program has a folder")?.to_owned();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let program = folder.join(name);
    if !program.exists() {
        bail!(
            "{} is missing: build it with `cargo build -p ledsaga -p ledsaga-gateway -p ledsaga-e2e`",
            program.display()
        );
    }
    Ok(program)
}

/// A port that nobody listens on right now.
///
/// # Errors
/// Loopback cannot be bound.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Asks `ready` until it says yes.
///
/// # Errors
/// It did not within `limit`.
pub async fn until<F>(what: &str, limit: Duration, mut ready: F) -> Result<()>
where
    F: AsyncFnMut() -> bool,
{
    let asked = async {
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        loop {
            pause.tick().await;
            if ready().await {
                return;
            }
        }
    };
    tokio::time::timeout(limit, asked).await.with_context(|| format!("waited {limit:?} for {what}"))
}
