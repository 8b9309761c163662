//! The real gateway process in demo mode.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use sqlx::{
    ConnectOptions, Row,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use crate::process::{Owned, built, until};

pub struct Gateway {
    port: u16,
    data: PathBuf,
    catalogue: Option<PathBuf>,
    process: Option<Owned>,
}

impl Gateway {
    /// # Errors
    /// It does not answer.
    pub async fn start(port: u16, data: &Path, catalogue: Option<&Path>) -> Result<Self> {
        let mut gateway =
            Self { port, data: data.to_owned(), catalogue: catalogue.map(Path::to_owned), process: None };
        gateway.resume().await?;
        Ok(gateway)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it again on the same port with the same data.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn resume(&mut self) -> Result<()> {
        let mut command = Command::new(built("ledsaga-gateway")?);
        command.arg("--demo").args(["--port", &self.port.to_string()]).arg("--data").arg(&self.data);
        if let Some(catalogue) = &self.catalogue {
            command.arg("--catalogue").arg(catalogue);
        }
        self.process = Some(Owned::start(command.env("LEDSAGA_LOG", "warn").stdout(Stdio::null()))?);
        let health = format!("{}/health", self.url());
        until("the gateway's health", Duration::from_secs(30), async || {
            reqwest::get(&health).await.is_ok_and(|answer| answer.status().is_success())
        })
        .await
    }

    /// Kills it: nobody answers any more.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Withdraws a version of an e-service.
    ///
    /// # Errors
    /// The gateway refuses.
    pub fn retire(&self, service: &str, version: u32) -> Result<()> {
        let status = Command::new(built("ledsaga-gateway")?)
            .args(["retire", service, &version.to_string(), "--data"])
            .arg(&self.data)
            .status()?;
        ensure!(status.success(), "the gateway did not retire {service} {version}");
        Ok(())
    }

    /// The bodies of all submissions, exactly as they arrived, straight from the gateway's database.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn submissions(&self) -> Result<Vec<serde_json::Value>> {
        let rows = self.rows("SELECT body FROM submission ORDER BY received_at").await?;
        rows.iter().map(|row| Ok(serde_json::from_slice(row.try_get::<&[u8], _>("body")?)?)).collect()
    }

    /// The numbers of all cases, in the order of arrival.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn case_numbers(&self) -> Result<Vec<String>> {
        let rows = self.rows("SELECT case_number FROM submission ORDER BY received_at").await?;
        rows.iter().map(|row| Ok(row.try_get("case_number")?)).collect()
    }

    async fn rows(&self, query: &'static str) -> Result<Vec<SqliteRow>> {
        let mut database =
            SqliteConnectOptions::new().filename(self.database()?).read_only(true).connect().await?;
        Ok(sqlx::query(query).fetch_all(&mut database).await?)
    }

    fn database(&self) -> Result<PathBuf> {
        std::fs::read_dir(&self.data)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|ending| ending == "db"))
            .context("the gateway has no database")
    }
}
