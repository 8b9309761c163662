//! `ledsaga-gateway`: the command line.

mod authoring;
mod command;
mod receipt;

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use command::{audit, case, retention};
use jiff::Timestamp;
use ledsaga_gateway::{
    Catalogue, Config, DEFAULT_PORT, KNOWN_WITHIN, Maintenance, StartError, Store, Transport,
    log_without_content, serve, sqlite_url,
};

/// The municipal backend of Ledsaga.
///
/// Without --demo it is configured by a file and the environment: packaging/gateway.toml describes every setting, and
/// docs/driftshandbok.md how to run it.
#[derive(Parser)]
#[command(name = "ledsaga-gateway", version)]
struct Cli {
    /// The configuration file (TOML), in place of LEDSAGA_CONFIG; variables of the environment go over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Run with SQLite, invented workers and demo e-services.
    #[arg(long)]
    demo: bool,
    /// Port to listen on; 0 takes a free one. 7410 if not given, where the application looks for a demo.
    #[arg(long)]
    port: Option<u16>,
    /// The demo's address to listen on.
    #[arg(long, requires = "demo")]
    host: Option<IpAddr>,
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
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Close for planned work: nothing new is received, reading goes on. Every replica on the database heeds it.
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// Pröva kvitton (se docs/driftshandbok.md).
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    /// The keys that sign receipts.
    #[command(subcommand)]
    ReceiptKey(receipt::KeyCommand),
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

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check every setting, and print what is in force and who said it, without secrets.
    Check,
}

#[derive(Subcommand)]
enum MaintenanceCommand {
    /// Close, until somebody opens again.
    On {
        /// When it is expected to be over, such as 2026-11-30T18:00+01:00. Applications come back then.
        #[arg(long, value_name = "TIME")]
        until: Option<Timestamp>,
    },
    /// Open again.
    Off,
    /// Say how it is.
    Status,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut cli = Cli::parse();
    let named = || std::env::var_os("LEDSAGA_CONFIG").filter(|path| !path.is_empty());
    cli.config = cli.config.or_else(|| named().map(PathBuf::from));
    match &cli.command {
        Some(Command::Catalogue(command)) => return authoring::run(command),
        Some(Command::Receipt(command)) => return receipt::verify(command, cli.config.as_deref()),
        _ => {}
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
            let retention = Config::retention(cli.config.as_deref())?;
            retention::run(command.as_ref(), &administered(&cli).await?, &retention).await
        }
        Some(Command::Config(ConfigCommand::Check)) => {
            let (_, table) = Config::load_and_show(cli.config.as_deref())?;
            say(table.trim_end().as_bytes())
        }
        Some(Command::Maintenance(command)) => maintain(&administered(&cli).await?, command).await,
        Some(Command::ReceiptKey(command)) => receipt::keys(command, cli.config.as_deref()),
        Some(Command::Catalogue(_) | Command::Receipt(_)) | None => listen(cli).await,
    }
}

/// Returns when every replica has seen it.
async fn maintain(store: &Store, command: &MaintenanceCommand) -> anyhow::Result<()> {
    let wanted = match command {
        MaintenanceCommand::On { until } => Some(Maintenance { until: *until }),
        MaintenanceCommand::Off => None,
        MaintenanceCommand::Status => {
            return say(match store.maintenance().await.context("the database failed")? {
                None => "open".to_owned(),
                Some(Maintenance { until: None }) => "closed".to_owned(),
                Some(Maintenance { until: Some(until) }) => format!("closed until {until}"),
            }
            .as_bytes());
        }
    };
    store.set_maintenance(wanted).await.context("the database failed")?;
    tokio::time::sleep(KNOWN_WITHIN).await;
    Ok(())
}

async fn listen(cli: Cli) -> anyhow::Result<()> {
    let mut config = if cli.demo {
        let mut demo = Config::demo(&make_private(data_folder(&cli)?)?);
        demo.port = DEFAULT_PORT;
        if let Some(host) = cli.host {
            demo.host = host;
            demo.transport = if host.is_loopback() { Transport::Loopback } else { Transport::Open };
        }
        if let Ok(level) = std::env::var("LEDSAGA_LOG") {
            demo.log.level = level;
        }
        demo
    } else {
        Config::load(cli.config.as_deref())?
    };
    if let Some(port) = cli.port {
        config.port = port;
    }
    if let Some(folder) = cli.catalogue {
        config.catalogue = Catalogue::Folder(folder);
    }
    log_without_content(&config.log, std::io::stderr);
    if matches!(config.transport, Transport::Open) {
        tracing::warn!(
            "a demo can be reached from other computers: anybody can sign in and read nothing real"
        );
    }
    let handle = serve(config).await?;
    say(format!("ledsaga-gateway: {}", handle.url()).as_bytes())?;
    let mut signals = Signals::new().context("signals cannot be awaited")?;
    while signals.next().await.context("signals cannot be awaited")? == Signal::Reload {
        let good = handle.reload();
        tracing::info!(good, "read certificate and keys again");
    }
    tracing::info!("stopping");
    handle.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// The database that administration works on: the configured one, or the demo's.
async fn administered(cli: &Cli) -> anyhow::Result<Store> {
    let is_configured = cli.config.is_some()
        || ["LEDSAGA_DATABASE_URL", "LEDSAGA_DATABASE_URL_FILE"]
            .iter()
            .any(|name| std::env::var_os(name).is_some());
    let url = match &cli.data {
        None if is_configured => Config::database(cli.config.as_deref())?,
        _ => {
            let folder = data_folder(cli)?;
            if !folder.join("gateway.db").is_file() {
                bail!("there is no gateway's data in {}", folder.display());
            }
            sqlite_url(&folder).into()
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Stop,
    Reload,
}

/// SIGTERM and Ctrl-C stop, SIGHUP reads files again.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        #[cfg(unix)]
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            #[cfg(unix)]
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> std::io::Result<Signal> {
        #[cfg(unix)]
        return tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| Signal::Stop),
            _ = self.terminate.recv() => Ok(Signal::Stop),
            _ = self.hang_up.recv() => Ok(Signal::Reload),
        };
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await.map(|()| Signal::Stop)
    }
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
