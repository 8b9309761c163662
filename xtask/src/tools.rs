//! Tools that cargo installs, in pinned versions, for this repository only.

use std::path::PathBuf;

use anyhow::Result;

use crate::{process, workspace};

/// A program from crates.io.
pub struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Drives the real window.
pub const TAURI_DRIVER: Tool = Tool { name: "tauri-driver", version: "2.1.0" };
/// Checks licences, banned crates and sources.
pub const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Builds and runs the fuzz targets.
pub const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

impl Tool {
    /// Where it is; built and installed when it is not there in this version.
    pub fn ready(&self) -> Result<PathBuf> {
        let root = workspace::target()?.join("tools").join(format!("{}-{}", self.name, self.version));
        let program = root.join("bin").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX));
        if !program.exists() {
            println!("   installing {} {} into {}", self.name, self.version, root.display());
            let version = format!("={}", self.version);
            let mut command = workspace::cargo(&["install", self.name, "--version", &version, "--locked"]);
            // A debug build is ready much sooner, and none of these tools has much to do.
            command.arg("--debug").arg("--root").arg(&root);
            process::run(&mut command)?;
        }
        Ok(program)
    }
}
