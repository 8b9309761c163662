//! Real processes that are killed: the gateway and the client, each a program of its own.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

/// A process and what it says, line by line. Killed when dropped.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        // A proxy of this computer is for the world outside.
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(name);
        }
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let out = BufReader::new(child.stdout.take().context("what it says")?);
        let (say, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, lines })
    }

    /// What it says until the time is over; `true` when it has ended before.
    pub fn hear(&self, time: Duration, mut line: impl FnMut(String)) -> bool {
        let end = std::time::Instant::now() + time;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(std::time::Instant::now())) {
                Ok(said) => line(said),
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
    }

    /// Waits until it has done something, and hears it for this time more; `true` when it has ended before. So a fast
    /// computer is not further on than a slow one.
    pub fn hear_at_work(&self, time: Duration, mut line: impl FnMut(String)) -> bool {
        match self.lines.recv_timeout(Duration::from_secs(120)) {
            Ok(said) => line(said),
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => return true,
        }
        self.hear(time, line)
    }

    /// Its next line, however long that takes.
    ///
    /// # Errors
    /// It ended.
    pub fn line(&self) -> Result<String> {
        self.lines.recv_timeout(Duration::from_secs(120)).context("it says no more")
    }

    /// As the power would: nothing is written out. Answers what it had said and nobody had heard.
    pub fn kill(mut self) -> Vec<String> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.lines.iter().collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A gateway that is a process; see the program `fault_gateway`.
pub struct Gateway {
    program: PathBuf,
    data: PathBuf,
    port: u16,
    database: String,
    issuer: Option<String>,
    process: Option<Process>,
}

impl Gateway {
    /// `program` is `fault_gateway`; an empty `database` is SQLite in `data`; without an issuer it is its own.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(program: &str, data: &Path, database: &str, issuer: Option<&str>) -> Result<Self> {
        let mut gateway = Self {
            program: program.into(),
            data: data.to_owned(),
            port: 0,
            database: database.to_owned(),
            issuer: issuer.map(str::to_owned),
            process: None,
        };
        gateway.resume()?;
        Ok(gateway)
    }

    /// At the same address, with what it had.
    ///
    /// # Errors
    /// It does not start.
    pub fn resume(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.arg(&self.data).arg(self.port.to_string()).arg(&self.database).args(&self.issuer);
        let process = Process::start(&mut command)?;
        let Ok(port) = process.line()?.parse() else { bail!("it says no port") };
        self.port = port;
        self.process = Some(process);
        Ok(())
    }

    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The URL of its database.
    pub fn database(&self) -> String {
        if self.database.is_empty() { ledsaga_gateway::sqlite_url(&self.data) } else { self.database.clone() }
    }
}
