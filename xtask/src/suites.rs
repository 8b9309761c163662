//! The suites of `cargo xtask test`, in the order in which they run: what says most in the least time comes first.
//!
//! Every cargo command that compiles takes the whole workspace with its tests, so that features are the same in all
//! of them and nothing is compiled twice.

use std::{process::Command, time::Duration};

use anyhow::Result;

use crate::{
    counts,
    display::VirtualDisplay,
    fuzz, layers, npm, openapi,
    private_session::PrivateSession,
    process::Process,
    system::Need,
    test::{Log, Verdict},
    tools, ui,
    workspace::{self, cargo},
};

pub struct Suite {
    pub name: &'static str,
    pub about: &'static str,
    pub needs: &'static [Need],
    pub run: fn(&Log) -> Result<Verdict>,
}

const E2E: &str = "ledsaga-e2e";
const SIGN_IN: &str = "ledsaga-sign-in";
/// The certified provider's packages.
const PROVIDER: &str = "tests/sign-in/provider";
/// The vault's tests against the keychain of the operating system, and the feature that they are compiled with.
pub const KEYCHAIN_TEST: &str = "real_keychain";
pub const REAL_KEYCHAIN: &str = "ledsaga-vault/real-keychain";

pub fn all() -> Vec<Suite> {
    let suite = |name, about, needs, run| Suite { name, about, needs, run };
    vec![
        suite("fmt", "every file is formatted", &[], fmt),
        suite("layers", "who may depend on whom", &[], layers),
        suite("deny", "licences, banned crates, sources, advisories", &[Need::Build], deny),
        suite("ui-typecheck", "the UI's types", &[Need::Node], ui_typecheck),
        suite("ui-unit", "the UI's unit and component tests", &[Need::Node], ui_unit),
        suite("ui-build", "the UI as the application embeds it", &[Need::Node], ui_build),
        suite(
            "ui-browser",
            "every screen in Chromium: behaviour, axe, strict CSP",
            &[Need::Node, Need::Browser],
            ui_browser,
        ),
        suite("clippy", "no warning in any target", &[Need::Build], clippy),
        suite(
            "crates",
            "the tests of every crate, and that what is generated is up to date",
            &[Need::Build],
            crates,
        ),
        suite(
            "postgresql",
            "the tests that start a PostgreSQL server",
            &[Need::Build, Need::Database],
            postgresql,
        ),
        suite(
            "counter-tests",
            "the plaintext sweep finds what an unencrypted vault writes",
            &[Need::Build],
            counter_tests,
        ),
        suite("fuzz", "a short run of each fuzz target, its corpus first", &[Need::Build], fuzz::run),
        suite(
            "openapi",
            "the gateway answers as its OpenAPI document says, to right and wrong requests",
            &[Need::Build],
            openapi::run,
        ),
        suite("keychain", "the vault with a real keyring", &[Need::Build, Need::Headless], keychain),
        suite(
            "sign-in",
            "signing in at a certified OpenID provider, and what its tokens open",
            &[Need::Build, Need::Node],
            sign_in,
        ),
        suite("e2e", "the whole call in the real window", &[Need::Node, Need::Build, Need::Headless], e2e),
    ]
}

fn check(log: &Log, command: &mut Command) -> Result<Verdict> {
    Ok(Verdict::check(log.run(command)?))
}

fn fmt(log: &Log) -> Result<Verdict> {
    let mut verdict = check(log, &mut cargo(&["fmt", "--all", "--check"]))?;
    let fuzz = ["fmt", "--check", "--manifest-path", "crates/forms/fuzz/Cargo.toml"];
    verdict.counts += check(log, &mut cargo(&fuzz))?.counts;
    Ok(verdict)
}

fn layers(log: &Log) -> Result<Verdict> {
    let offences = layers::offences(&workspace::metadata()?);
    offences.iter().try_for_each(|offence| log.say(offence))?;
    Ok(Verdict::check(offences.is_empty()))
}

fn deny(log: &Log) -> Result<Verdict> {
    let deny = tools::CARGO_DENY.ready()?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&deny);
        command.args(arguments).current_dir(workspace::root());
        command
    };
    let mut verdict = check(log, &mut run(&["check", "bans", "licenses", "sources"]))?;
    if advisories_can_be_fetched() {
        verdict.counts += check(log, &mut run(&["check", "advisories"]))?.counts;
    } else {
        let skipped = Verdict::skipped("skipped: the advisory database cannot be reached from here");
        verdict.counts += skipped.counts;
        verdict.note = skipped.note;
    }
    Ok(verdict)
}

fn advisories_can_be_fetched() -> bool {
    let mut question = Command::new("git");
    question
        .args(["ls-remote", "--quiet", "https://github.com/rustsec/advisory-db", "HEAD"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let answer = Process::start(&mut question).and_then(|mut git| git.wait_at_most(Duration::from_secs(30)));
    answer.is_ok_and(|status| status.success())
}

fn ui_typecheck(log: &Log) -> Result<Verdict> {
    ui::install()?;
    check(log, &mut ui::npm(&["run", "typecheck"]))
}

fn ui_unit(log: &Log) -> Result<Verdict> {
    node_tests(log, &mut ui::npm(&["test"]))
}

fn ui_build(log: &Log) -> Result<Verdict> {
    ui::install()?;
    check(log, &mut ui::npm(&["run", "build"]))
}

fn ui_browser(log: &Log) -> Result<Verdict> {
    node_tests(log, &mut ui::npm_with_browser(&["run", "test:browser"]))
}

fn node_tests(log: &Log, command: &mut Command) -> Result<Verdict> {
    ui::install()?;
    let counts = log.tests(command, counts::of_node)?;
    Ok(Verdict { counts, note: None })
}

fn clippy(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    let every_target = ["clippy", "--workspace", "--all-targets", "--features", REAL_KEYCHAIN];
    check(log, cargo(&every_target).args(["--", "-D", "warnings"]))
}

/// Ignored tests are not counted here: the suites for what they need run them.
fn crates(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    let mut counts = log.tests(&mut cargo(&["test", "--workspace", "--no-fail-fast"]), counts::of_cargo)?;
    counts.skipped = 0;
    Ok(Verdict { counts, note: None })
}

fn postgresql(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    let metadata = workspace::metadata()?;
    let members = ["ledsaga-contract", "ledsaga-faults", "ledsaga-gateway"];
    let tests = workspace::test_targets(&metadata, |name| members.contains(&name));
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(tests).args(["--", "--ignored"]).env_remove("LEDSAGA_NO_POSTGRES");
    Ok(Verdict { counts: log.tests(&mut command, counts::of_cargo)?, note: None })
}

fn counter_tests(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    let features = ["test", "--workspace", "--features", "ledsaga-vault/plaintext-for-tests"];
    let mut command = cargo(&features);
    command.args(["--test", "plaintext_sweep"]);
    Ok(Verdict { counts: log.tests(&mut command, counts::of_cargo)?, note: None })
}

fn keychain(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    let session = PrivateSession::new()?;
    let build = ["test", "--workspace", "--features", REAL_KEYCHAIN, "--test", KEYCHAIN_TEST];
    let mut command = cargo(&build);
    command.args(["--", "--include-ignored", "--test-threads=1"]);
    let counts = log.tests(&mut session.command(&command), counts::of_cargo)?;
    Ok(Verdict { counts, note: None })
}

fn sign_in(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    npm::install(&workspace::root().join(PROVIDER))?;
    let tests = workspace::test_targets(&workspace::metadata()?, |name| name == SIGN_IN);
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(tests).args(["--", "--ignored"]);
    Ok(Verdict { counts: log.tests(&mut command, counts::of_cargo)?, note: None })
}

fn e2e(log: &Log) -> Result<Verdict> {
    ui::ensure_built()?;
    npm::install(&workspace::root().join(PROVIDER))?;
    let metadata = workspace::metadata()?;
    let tests = workspace::test_targets(&metadata, |name| name == E2E);
    let build = |more: &[&str]| {
        let mut command = cargo(&["build", "--workspace", "--bin", "ledsaga"]);
        command.args(more).args(&tests);
        command
    };
    // The build that must be caught writing in the clear goes beside the real one, which is then put back.
    if !log.run(&mut build(&["--features", "ledsaga/plaintext-for-tests"]))? {
        return Ok(Verdict::check(false));
    }
    let application = workspace::built("ledsaga")?;
    std::fs::copy(&application, application.with_file_name("ledsaga-plaintext"))?;
    let programs = ["--bin", "ledsaga-gateway", "--bin", "sign-in-browser"];
    if !log.run(&mut build(&programs))? {
        return Ok(Verdict::check(false));
    }

    let driver = tools::TAURI_DRIVER.ready()?;
    let display = VirtualDisplay::start()?;
    let session = PrivateSession::new()?;
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(&tests).args(["--", "--include-ignored", "--test-threads=1"]);
    command.env("DISPLAY", &display.name).env("LEDSAGA_TAURI_DRIVER", driver);
    let counts = log.tests(&mut session.command(&command), counts::of_cargo)?;
    Ok(Verdict { counts, note: None })
}
