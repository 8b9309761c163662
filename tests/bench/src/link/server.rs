//! Servers as processes of their own: this program again, with another command.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use ledsaga_gateway::{Catalogue, Config, Issuer};

/// How the program is called to be a gateway: its folder, its database or `-` for SQLite, its port, and the issuer of
/// another gateway or `-` to be one.
pub const GATEWAY: &str = "be-gateway";
/// How the program is called to be the bare handler: the database's URL.
pub const BARE: &str = "be-bare";

pub struct Server {
    process: Child,
    pub url: String,
}

impl Server {
    pub fn gateway(folder: &Path, database: Option<&str>, port: u16, issuer: Option<&str>) -> Result<Self> {
        let port = port.to_string();
        Self::start(&[
            GATEWAY,
            folder.to_str().context("the folder's name is no text")?,
            database.unwrap_or("-"),
            &port,
            issuer.unwrap_or("-"),
        ])
    }

    pub fn bare(database: &str) -> Result<Self> {
        Self::start(&[BARE, database])
    }

    fn start(arguments: &[&str]) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(arguments)
            .env("LEDSAGA_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().context("the server has no output")?).read_line(&mut url)?;
        ensure!(url.starts_with("http"), "the server did not start");
        Ok(Self { process, url: url.trim().to_owned() })
    }

    pub fn port(&self) -> Result<u16> {
        Ok(self.url.rsplit(':').next().context("a URL without a port")?.parse()?)
    }

    /// Bytes that the process has had in memory at most.
    pub fn peak_memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }

    /// Ends it in good order.
    pub fn stop(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        ensure!(self.process.wait()?.success(), "the server failed");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is a gateway until nobody holds the other end of standard input any more.
pub async fn be_gateway(folder: PathBuf, database: &str, port: u16, issuer: &str) -> Result<()> {
    let mut config = Config::demo(&folder);
    config.catalogue = Catalogue::Folder(folder.join("services"));
    config.port = port;
    if database != "-" {
        config.database = database.to_owned().into();
    }
    if issuer != "-" {
        config.issuer = Issuer::External { url: issuer.to_owned() };
    }
    let handle = ledsaga_gateway::serve(config).await?;
    say(&handle.url());
    until_left().await?;
    handle.stop().await;
    Ok(())
}

pub fn say(url: &str) {
    #[allow(clippy::print_stdout, reason = "the parent reads it")]
    {
        println!("{url}");
    }
}

pub async fn until_left() -> Result<()> {
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
