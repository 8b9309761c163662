use std::{path::Path, process::Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

/// A running provider. Stopped when dropped.
pub struct Provider {
    issuer: String,
    line: Mutex<Line>,
    _process: Child,
}

/// One order at a time, and its answer.
struct Line {
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Line {
    async fn say(&mut self, order: &Value) -> Result<Value> {
        self.orders.write_all(format!("{order}\n").as_bytes()).await?;
        let answer = self.answers.next_line().await?.context("the provider has ended; is it installed?")?;
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Provider {
    /// Starts it on a free port; `settings` are what differs from `USUAL` in `provider.mjs`.
    ///
    /// # Errors
    /// Node.js or the provider's packages are missing: `cargo xtask test --only sign-in` installs them.
    pub async fn start(settings: Value) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start")?;
        let orders = process.stdin.take().context("no standard input")?;
        let answers = BufReader::new(process.stdout.take().context("no standard output")?).lines();
        let mut line = Line { orders, answers };
        let ready = line.say(&settings).await?;
        let issuer = ready["issuer"].as_str().context("the provider does not say its name")?.to_owned();
        Ok(Self { issuer, line: Mutex::new(line), _process: process })
    }

    /// Exactly as it names itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Nobody answers any more, until [`Provider::back`]. It forgets nothing.
    ///
    /// # Errors
    /// The process has ended.
    pub async fn away(&self) -> Result<()> {
        self.order(&json!({ "command": "away" })).await.map(drop)
    }

    /// # Errors
    /// The process has ended.
    pub async fn back(&self) -> Result<()> {
        self.order(&json!({ "command": "back" })).await.map(drop)
    }

    /// As restarted with other keys; sessions go on.
    ///
    /// # Errors
    /// The process has ended.
    pub async fn new_keys(&self) -> Result<()> {
        self.order(&json!({ "command": "new_keys" })).await.map(drop)
    }

    /// Ends every session, as somebody who looks after accounts may: refresh tokens are refused from now on.
    ///
    /// # Errors
    /// The process has ended.
    pub async fn end_sessions(&self) -> Result<()> {
        self.order(&json!({ "command": "end_sessions" })).await.map(drop)
    }

    /// Gives a worker these roles from now on.
    ///
    /// # Errors
    /// The process has ended, or there is no such worker.
    pub async fn roles(&self, worker: &str, roles: &[&str]) -> Result<()> {
        self.order(&json!({ "command": "roles", "worker": worker, "roles": roles })).await.map(drop)
    }

    /// Changes settings.
    ///
    /// # Errors
    /// The process has ended.
    pub async fn change(&self, settings: Value) -> Result<()> {
        self.order(&json!({ "command": "change", "settings": settings })).await.map(drop)
    }

    /// The requests since the last time, as `METHOD path`, each followed by its `prompt` if it has one.
    ///
    /// # Errors
    /// The process has ended.
    pub async fn seen(&self) -> Result<Vec<String>> {
        let answer = self.order(&json!({ "command": "seen" })).await?;
        Ok(serde_json::from_value(answer["seen"].clone())?)
    }

    async fn order(&self, order: &Value) -> Result<Value> {
        self.line.lock().await.say(order).await
    }
}
