//! `ledsaga-gateway`: the command line.

mod authoring;
mod command;

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use command::{audit, case, retention};
use ledsaga_gateway::{Catalogue, Config, DEFAULT_PORT, StartError, Store, serve, sqlite_url};
use tracing_subscriber::EnvFilter;

/// The municipal backend of Ledsaga.
///
/// Without --demo it is configured by the environment: LEDSAGA_DATABASE_URL, LEDSAGA_ISSUER, LEDSAGA_RECEIPT_KEY,
/// LEDSAGA_MUNICIPALITY and LEDSAGA_CASE_PREFIX, and optionally LEDSAGA_CLIENT_ID, LEDSAGA_AUDIENCE,
/// LEDSAGA_ROLES_CLAIM, LEDSAGA_CATALOGUE, LEDSAGA_POLICY and LEDSAGA_RETENTION. LEDSAGA_LOG sets what is logged.
#[derive(Parser)]
#[command(name = "ledsaga-gateway", version)]
struct Cli {
    /// Run with SQLite, invented workers and demo e-services.
    #[arg(long)]
    demo: bool,
    /// Port to listen on; 0 takes a free one. 7410 if not given, where the application looks for a demo.
    #[arg(long)]
    port: Option<u16>,
    /// Address to listen on. TLS and the outside world are a reverse proxy's work.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The demo's data folder.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Publish the *.json in this folder in place of the built-in demo e-services.
    #[arg(long, value_name = "FOLDER")]
    catalogue: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Stop receiving submissions of one version of an e-service.
    Retire { service: String, version: u32 },
    /// Look at the cases that have arrived.
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// Granska de loggar som medarbetarnas program har lämnat in.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Visa vad som har haft sin tid och tas bort (LEDSAGA_RETENTION, se docs/driftshandbok-lagring.md).
    Retention {
        #[command(subcommand)]
        command: Option<retention::RetentionCommand>,
    },
    /// Kontrollera, importera och visa e-tjänster (se docs/e-tjanster.md).
    #[command(subcommand)]
    Catalogue(authoring::CatalogueCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log_without_content();
    if let Some(Command::Catalogue(command)) = &cli.command {
        return authoring::run(command);
    }
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("ledsaga-gateway: {error:#}"));
            ExitCode::from(match error.downcast_ref() {
                Some(StartError::PortInUse(_)) => 2,
                _ => 1,
            })
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match &cli.command {
        Some(Command::Retire { service, version }) => {
            if !administered(&cli).await?.retire(service, *version).await.context("the database failed")? {
                bail!("there is no version {version} of {service}");
            }
            Ok(())
        }
        Some(Command::Case(command)) => case::run(command, &administered(&cli).await?).await,
        Some(Command::Audit(command)) => audit::run(command, &administered(&cli).await?).await,
        Some(Command::Retention { command }) => {
            retention::run(command.as_ref(), &administered(&cli).await?).await
        }
        Some(Command::Catalogue(_)) | None => listen(cli).await,
    }
}

async fn listen(cli: Cli) -> anyhow::Result<()> {
    let mut config =
        if cli.demo { Config::demo(&make_private(data_folder(&cli)?)?) } else { Config::from_env()? };
    config.host = cli.host;
    config.port = cli.port.unwrap_or(DEFAULT_PORT);
    if let Some(folder) = cli.catalogue {
        config.catalogue = Catalogue::Folder(folder);
    }
    if cli.demo && !cli.host.is_loopback() {
        tracing::warn!(
            "a demo can be reached from other computers: anybody can sign in and read nothing real"
        );
    }
    let handle = serve(config).await?;
    say(format!("ledsaga-gateway: {}", handle.url()).as_bytes())?;
    stop_signal().await.context("signals cannot be awaited")?;
    tracing::info!("stopping");
    handle.stop().await;
    Ok(())
}

/// The database that administration works on: the demo's, or the one of the environment.
async fn administered(cli: &Cli) -> anyhow::Result<Store> {
    let url = match (&cli.data, std::env::var("LEDSAGA_DATABASE_URL")) {
        (None, Ok(url)) => url,
        _ => {
            let folder = data_folder(cli)?;
            if !folder.join("gateway.db").is_file() {
                bail!("there is no gateway's data in {}", folder.display());
            }
            sqlite_url(&folder)
        }
    };
    Ok(Store::open(&url).await?)
}

/// `--data`, or `ledsaga-demo` among the user's data.
fn data_folder(cli: &Cli) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &cli.data {
        return std::path::absolute(folder).context("--data is not a folder");
    }
    let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        var("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        var("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")))
    };
    Ok(base.context("there is no folder for data; name one with --data")?.join("ledsaga-demo"))
}

/// Makes the folder, for this user only.
fn make_private(folder: PathBuf) -> anyhow::Result<PathBuf> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    std::path::absolute(Path::new(&folder)).context("the folder has no name")
}

/// Ends at SIGTERM and at Ctrl-C.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Logs to stderr. A panic is told by its place alone: its words may quote what was sent.
fn log_without_content() {
    let filter = EnvFilter::try_from_env("LEDSAGA_LOG")
        .unwrap_or_else(|_| EnvFilter::new("ledsaga_gateway=info,warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

fn say(line: &[u8]) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(line)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

#[allow(
    clippy::print_stderr,
    reason = "the reason for not starting belongs on stderr, without a log's trimmings"
)]
fn complain(words: &str) {
    eprintln!("{words}");
}
