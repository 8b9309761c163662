//! A form engine in Node.js: a process of its own, so that no engine's garbage or compiled code is another's.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use ledsaga_bench::answers::Standing;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

pub struct Node {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Of the package, with its version.
    pub name: String,
    pub node: String,
}

#[derive(Deserialize)]
struct Hello {
    name: String,
    node: String,
}

impl Node {
    /// `engine` is a module in `js/engines`; it gets the form and the answers as it wants them.
    pub fn start(engine: &str, definition: &Json, answers: &Json) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
        let mut process = Command::new("node")
            .args(["--expose-gc", "serve.mjs", engine])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node does not start")?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("node has no standard input and output");
        };
        let mut node =
            Self { process, input, output: BufReader::new(output), name: String::new(), node: String::new() };
        let Hello { name, node: version } = node.ask(&json!({ "do": "hello" }))?;
        (node.name, node.node) = (name, version);
        let taken: Json =
            node.ask(&json!({ "do": "take", "definition": definition.to_string(), "answers": answers }))?;
        anyhow::ensure!(taken == json!({}), "{} did not take the form", node.name);
        Ok(node)
    }

    pub fn standings(&mut self) -> Result<Vec<Standing>> {
        self.ask(&json!({ "do": "standings" }))
    }

    /// Nanoseconds for each answer of the sequence.
    pub fn round(&mut self, validate: bool) -> Result<Vec<u64>> {
        self.ask(&json!({ "do": "round", "validate": validate }))
    }

    /// Nanoseconds for loading the definition.
    pub fn load(&mut self) -> Result<u64> {
        self.ask(&json!({ "do": "load" }))
    }

    fn ask<T: DeserializeOwned>(&mut self, question: &Json) -> Result<T> {
        writeln!(self.input, "{question}")?;
        self.input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        serde_json::from_str(&answer).with_context(|| format!("{} answered {answer:.200?}", self.name))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
