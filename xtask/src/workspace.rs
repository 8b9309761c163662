//! Where things are, and cargo itself.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The cargo that started us, working in the root.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// What cargo knows of the members of this workspace.
pub fn metadata() -> Result<Value> {
    let output = cargo(&["metadata", "--no-deps", "--format-version", "1"]).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Where cargo builds.
pub fn target() -> Result<PathBuf> {
    let metadata = metadata()?;
    Ok(metadata["target_directory"].as_str().context("cargo names no target directory")?.into())
}

/// The commit that is checked out, short, with a plus when anything has been changed since.
pub fn commit() -> Result<String> {
    let git = |arguments: &[&str]| -> Result<String> {
        let output = Command::new("git").args(arguments).current_dir(root()).output()?;
        ensure!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed = !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Ok(git(&["rev-parse", "--short", "HEAD"])? + if changed { "+" } else { "" })
}

/// A program of this workspace in its debug build.
pub fn built(name: &str) -> Result<PathBuf> {
    let program = target()?.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    ensure!(program.exists(), "{} has not been built", program.display());
    Ok(program)
}

/// The integration tests of the members whose name `wanted` accepts, as `--test NAME` arguments.
pub fn test_targets(metadata: &Value, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let members = metadata["packages"].as_array().into_iter().flatten();
    members
        .filter(|member| member["name"].as_str().is_some_and(&wanted))
        .flat_map(|member| member["targets"].as_array().into_iter().flatten())
        .filter(|target| {
            target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "test"))
        })
        .filter_map(|target| Some(target["name"].as_str()?.to_owned()))
        .flat_map(|name| ["--test".to_owned(), name])
        .collect()
}
