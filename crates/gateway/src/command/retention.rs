//! `retention`: what has had its time.

use anyhow::{Context, Result};
use clap::Subcommand;
use jiff::Timestamp;
use ledsaga_gateway::{KINDS, Retention, Store};

use crate::say;

#[derive(Subcommand)]
pub enum RetentionCommand {
    /// Ta bort nu i stället för att vänta på att gatewayen gör det (var sjätte timme).
    Run,
    /// Visa gallringsintygen: tid, slag, antal och regel.
    Certificates,
}

/// Without a command it only says what would go now.
pub async fn run(command: Option<&RetentionCommand>, store: &Store, retention: &Retention) -> Result<()> {
    let now = Timestamp::now();
    let failed = "databasen svarar inte";
    match command {
        None => {
            for due in store.due(retention, now).await.context(failed)? {
                let rule = due.rule.unwrap_or_else(|| "sparas".to_owned());
                say(format!("{}\t{}\t{rule}", due.kind, due.count).as_bytes())?;
            }
        }
        Some(RetentionCommand::Run) => {
            for kind in KINDS {
                let removed = store.purge(kind, retention, now).await.context(failed)?;
                say(format!("{}\t{removed}", kind.name()).as_bytes())?;
            }
        }
        Some(RetentionCommand::Certificates) => {
            for certificate in store.certificates().await.context(failed)? {
                let removed = certificate.removed.to_string();
                say([certificate.at, certificate.kind, removed, certificate.rule].join("\t").as_bytes())?;
            }
        }
    }
    Ok(())
}
