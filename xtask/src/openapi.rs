//! Holds a running demo gateway to the OpenAPI document that it serves, with schemathesis.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, ensure};

use crate::{
    gateway::Gateway,
    process,
    scratch::Scratch,
    test::{Log, Verdict},
    workspace::{self, cargo},
};

const VERSION: &str = "4.32.5";
/// Those that a rule of ours contradicts, each with its reason in `docs/openapi.md`.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection,\
                      missing_required_header,unsupported_method,use_after_free,ignored_auth";

pub fn run(log: &Log) -> Result<Verdict> {
    let Some(schemathesis) = ready(log)? else {
        return Ok(Verdict::skipped("skipped: schemathesis is not here, and PyPI cannot be reached"));
    };
    if !log.run(&mut cargo(&["build", "--workspace", "--bin", "ledsaga-gateway"]))? {
        return Ok(Verdict::check(false));
    }
    let scratch = Scratch::new("openapi")?;
    let gateway = Gateway::start(0, &scratch.path().join("data"), &scratch.path().join("gateway.log"))?;
    let folder = workspace::root().join("tests/openapi");
    let mut command = Command::new(schemathesis);
    command.arg("--config-file").arg(folder.join("schemathesis.toml"));
    command.args(["run", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--no-color"]);
    command.arg(format!("{}/v1/openapi.json", gateway.url));
    command.env("LEDSAGA_GATEWAY", &gateway.url).env("SCHEMATHESIS_HOOKS", folder.join("hooks.py"));
    command.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(scratch.path());
    Ok(Verdict::check(log.run(&mut command)?))
}

/// Where it is; installed into a place of its own when it is not there in this version. `None` when it cannot be.
fn ready(log: &Log) -> Result<Option<PathBuf>> {
    let root = workspace::target()?.join("tools").join(format!("schemathesis-{VERSION}"));
    let program = root.join("bin/schemathesis");
    if program.exists() {
        return Ok(Some(program));
    }
    println!("   installing schemathesis {VERSION} into {}", root.display());
    if install(log, &root)? {
        ensure!(program.exists(), "{} was not installed", program.display());
        return Ok(Some(program));
    }
    // Half of it would be taken for the whole the next time.
    if root.exists() {
        std::fs::remove_dir_all(&root)?;
    }
    Ok(None)
}

fn install(log: &Log, root: &Path) -> Result<bool> {
    let mut question = Command::new("python3");
    question.args(["-m", "venv", "--help"]).stdout(Stdio::null()).stderr(Stdio::null());
    if process::run(&mut question).is_err()
        || !log.run(Command::new("python3").args(["-m", "venv"]).arg(root))?
    {
        return Ok(false);
    }
    let package = format!("schemathesis=={VERSION}");
    log.run(Command::new(root.join("bin/pip")).args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &package,
    ]))
}
