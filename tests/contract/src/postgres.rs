//! A PostgreSQL cluster that lives as long as a test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

/// In a folder of its own, reached by a socket in that folder, and stopped when dropped.
pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    databases: AtomicU32,
}

impl Cluster {
    /// # Errors
    /// PostgreSQL is not on this machine, or does not start.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        // Short, because a socket's path is: 107 bytes.
        let folder = tempfile::Builder::new().prefix("ledsaga-pg-").tempdir_in("/tmp")?;
        let cluster = Self { programs, folder, databases: AtomicU32::new(0) };
        if runs_as_root()? {
            let given = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status()?;
            ensure!(given.success(), "the folder cannot be given to the user postgres");
        }
        let data = cluster.data();
        run(cluster.program("initdb")?.arg("-D").arg(&data).args([
            "--username=ledsaga",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]))?;
        cluster.resume()?;
        Ok(cluster)
    }

    /// Kills it as a power cut would: nothing is written out, whoever is connected is cut off.
    ///
    /// # Errors
    /// It does not run.
    pub fn crash(&self) -> Result<()> {
        run(self.program("pg_ctl")?.arg("-D").arg(self.data()).args(["-m", "immediate", "-w", "stop"]))
    }

    /// Starts it, after a crash too.
    ///
    /// # Errors
    /// It does not start.
    pub fn resume(&self) -> Result<()> {
        let options =
            format!("-c listen_addresses='' -c unix_socket_directories='{}'", self.socket().display());
        run(self
            .program("pg_ctl")?
            .arg("-D")
            .arg(self.data())
            .args(["-w", "-o", &options, "-l"])
            .arg(self.data().join("log"))
            .arg("start"))
    }

    /// The URL of a new and empty database.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(self.program("createdb")?.arg("--host").arg(self.socket()).args(["--username=ledsaga", &name]))?;
        Ok(format!("postgres://ledsaga@localhost/{name}?host={}", self.socket().display()))
    }

    /// Stops it in this way (`fast`, or `immediate` as if its machine had failed) and starts it again.
    ///
    /// # Errors
    /// It does not come back.
    pub fn restart(&self, mode: &str) -> Result<()> {
        let data = self.data();
        run(self
            .program("pg_ctl")?
            .arg("-D")
            .arg(&data)
            .args(["-m", mode, "-w", "-l"])
            .arg(data.join("log"))
            .arg("restart"))
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// PostgreSQL refuses to run as root, so root runs it as the user that it was installed with.
    fn program(&self, name: &str) -> Result<Command> {
        let path = self.programs.join(name);
        let mut command = if runs_as_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path());
        Ok(command)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        if let Ok(mut stop) = self.program("pg_ctl") {
            let _ = stop.arg("-D").arg(data).args(["-m", "immediate", "-w", "stop"]).output();
        }
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The newest one under `/usr/lib/postgresql`, or else the one in the path.
fn programs() -> Result<PathBuf> {
    let version = |path: &PathBuf| -> Option<u32> { path.parent()?.file_name()?.to_str()?.parse().ok() };
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .max_by_key(version);
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|bin| bin.join("initdb").is_file())
    };
    packaged.or_else(in_path).context(
        "PostgreSQL is not installed on this machine (on Debian and Ubuntu: the package postgresql). \
         Set LEDSAGA_NO_POSTGRES=1 to leave these tests out.",
    )
}

fn runs_as_root() -> Result<bool> {
    let id = Command::new("id").arg("-u").output().context("who runs this cannot be told")?;
    Ok(id.stdout.trim_ascii() == b"0")
}
