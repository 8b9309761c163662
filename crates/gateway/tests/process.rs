//! The binary: one line when it listens, plain words when it cannot, and a stop that finishes what has begun.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use support::{Town, service};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn gateway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledsaga-gateway"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LEDSAGA_")) {
        command.env_remove(name);
    }
    command
}

/// Killed when a test ends early.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(data: &Path) -> (Running, String) {
    let mut child = gateway().args(["--demo", "--port", "0", "--data"]).arg(data).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim_end().strip_prefix("ledsaga-gateway: ").unwrap().to_owned();
    (Running(child), url)
}

fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn without_a_configuration_it_says_what_is_missing() {
    let (code, out, err) = said(&mut gateway());
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(
        err,
        "ledsaga-gateway: database.url is not set. Give the database, postgres://... or sqlite:..., in the \
         configuration file or as LEDSAGA_DATABASE_URL\n"
    );
}

#[tokio::test]
async fn a_port_in_use_has_an_exit_code_of_its_own() {
    let town = Town::start(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let port = town.handle.address().port().to_string();
    let (code, out, err) = said(gateway().args(["--demo", "--port", &port, "--data"]).arg(folder.path()));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, format!("ledsaga-gateway: port {port} is already in use; choose another with --port\n"));
}

#[test]
fn a_folder_that_is_a_file_is_said_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (code, _, err) = said(gateway().args(["--demo", "--port", "0", "--data"]).arg(&file));
    assert_eq!(code, Some(1));
    assert!(err.contains("cannot be made"), "{err}");
}

#[cfg(unix)]
#[tokio::test]
async fn it_stops_when_told_and_keeps_its_data_to_itself() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for signal in ["TERM", "INT"] {
        let (mut running, url) = start(&data);
        let http = reqwest_client();
        assert_eq!(http.get(format!("{url}/health")).send().await.unwrap().status(), 200);
        let pid = running.0.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert_eq!(running.0.wait().unwrap().code(), Some(0), "SIG{signal}");
    }
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_version_is_retired_while_the_gateway_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, _) = start(folder.path());
    let retire = |service: &str| said(gateway().args(["retire", service, "1", "--data"]).arg(folder.path()));
    assert_eq!(retire("fardtjanst"), (Some(0), String::new(), String::new()));
    let (code, _, err) = retire("finns-inte");
    assert_eq!((code, err.as_str()), (Some(1), "ledsaga-gateway: there is no version 1 of finns-inte\n"));
    let (code, out, _) = said(gateway().args(["case", "list", "--data"]).arg(folder.path()));
    assert_eq!((code, out.as_str()), (Some(0), ""));
}

#[test]
fn cases_logs_and_retention_are_administered_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, _) = start(folder.path());
    let run = |words: &[&str]| said(gateway().args(words).arg("--data").arg(folder.path()));
    let (code, _, err) = run(&["case", "stage", "EXB-2019-2222-2P", "decided"]);
    assert_eq!(code, Some(1));
    assert_eq!(err, "ledsaga-gateway: det finns inget ärende EXB-2019-2222-2P\n");
    let (code, _, err) = run(&["case", "stage", "EXB-2019-2222-2P", "decided", "--message", " "]);
    assert_eq!((code, err.as_str()), (Some(1), "ledsaga-gateway: meddelandet är tomt\n"));
    assert_eq!(run(&["case", "stage", "EXB-2019-2222-2P", "received"]).0, Some(2));
    assert_eq!(run(&["case", "access"]), (Some(0), String::new(), String::new()));
    let (code, out, _) = run(&["audit", "verify"]);
    assert_eq!((code, out.as_str()), (Some(0), "Inga loggar har tagits emot.\n"));
    let (code, out, _) = run(&["retention"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("uploads\t0\tfiler utan ärende, 30 dagar efter senaste del\n"), "{out}");
    assert!(out.contains("contacts\t0\tsparas\n"), "{out}");
    let (code, out, _) = run(&["retention", "run"]);
    assert_eq!((code, out.lines().count()), (Some(0), 6));
    assert_eq!(run(&["retention", "certificates"]), (Some(0), String::new(), String::new()));

    let rules = folder.path().join("rules.json");
    std::fs::write(&rules, r#"{"upload_days": 1}"#).unwrap();
    let (code, _, err) =
        said(gateway().env("LEDSAGA_RETENTION", &rules).args(["retention", "--data"]).arg(folder.path()));
    assert_eq!(code, Some(1));
    assert!(err.contains("LEDSAGA_RETENTION") && err.contains("upload_days must be 7 or more"), "{err}");
}

#[test]
fn a_broken_log_is_told_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, _) = start(folder.path());
    let vault = uuid::Uuid::now_v7();
    let break_one = tokio::runtime::Runtime::new().unwrap().block_on(async {
        use sqlx::{ConnectOptions as _, Executor as _};
        sqlx::any::install_default_drivers();
        let options: sqlx::any::AnyConnectOptions =
            ledsaga_gateway::sqlite_url(folder.path()).parse().unwrap();
        let mut database = options.connect().await.unwrap();
        let log = format!(
            "INSERT INTO audit_log (vault, worker, seq, hash) VALUES ('{vault}', 'demo-astrid', 1, '')"
        );
        database.execute(sqlx::AssertSqlSafe(log)).await
    });
    break_one.unwrap();
    let (code, out, err) = said(gateway().args(["audit", "verify", "--data"]).arg(folder.path()));
    assert_eq!(code, Some(1));
    assert_eq!(out, format!("{vault}\tdemo-astrid\thändelse 1 till 1\thändelse 1 saknas\n"));
    assert!(err.starts_with("ledsaga-gateway: 1 av 1 loggar är inte hela."), "{err}");
}

#[test]
fn administration_makes_no_database_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = said(gateway().args(["case", "list", "--data"]).arg(folder.path()));
    assert_eq!(code, Some(1));
    assert!(err.contains("there is no gateway's data in"), "{err}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_request_that_has_begun_is_finished_before_the_stop() {
    let town = Town::start(&[("a.json", service("prov-a", 1))]).await;
    let token = town.sign_in("demo-astrid").await.access;
    let id = uuid::Uuid::now_v7();
    let body = serde_json::json!({
        "schema": 1, "id": id, "rev": 1, "started_at": "2026-11-22T08:00:00Z", "asked_for": "", "note": "",
        "caller": {"name": "", "phone": "", "identity_number": "", "identity_level": "stated", "language": "swedish"},
        "secrecy_marking": false,
    })
    .to_string();
    let mut connection = tokio::io::BufReader::new(TcpStream::connect(town.handle.address()).await.unwrap());
    let head = format!(
        "PUT /v1/contacts/{id} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    connection.read_line(&mut line).await.unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");

    let stopped = tokio::spawn(town.handle.stop());
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut rest = String::new();
    connection.read_to_string(&mut rest).await.unwrap();
    assert!(rest.trim_start().starts_with("HTTP/1.1 204 "), "{rest}");
    stopped.await.unwrap();
}

fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
