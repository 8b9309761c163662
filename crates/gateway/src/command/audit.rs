//! `audit`: the workers' logs as they are stored here.

use anyhow::{Context, bail};
use clap::Subcommand;
use ledsaga_gateway::{LogFault, LogState, Store};

use crate::say;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Läs alla mottagna granskningsloggar från början till slut och säg om de är hela. Svaret är 0 när alla är det och
    /// annars 1.
    Verify,
}

pub async fn run(command: &AuditCommand, store: &Store) -> anyhow::Result<()> {
    let AuditCommand::Verify = command;
    let logs = store.verify_audit().await.context("databasen svarar inte")?;
    let broken = logs.iter().filter(|log| log.fault.is_some()).count();
    for log in &logs {
        say(in_words(log).as_bytes())?;
    }
    match (logs.len(), broken) {
        (0, _) => say("Inga loggar har tagits emot.".as_bytes()),
        (1, 0) => say("Loggen är hel.".as_bytes()),
        (all, 0) => say(format!("Alla {all} loggar är hela.").as_bytes()),
        (all, broken) => bail!(
            "{broken} av {all} loggar är inte hela. Spara databasen som den är, ta reda på när och av vem den ändrades, \
             och jämför med en export från medarbetarens dator (docs/granskningslogg.md)."
        ),
    }
}

fn in_words(log: &LogState) -> String {
    let LogState { vault, worker, first, last, fault } = log;
    let state = match fault {
        None => "hel".to_owned(),
        Some(LogFault::Missing(seq)) => format!("händelse {seq} saknas"),
        Some(LogFault::Changed(seq)) => format!("händelse {seq} är ändrad"),
        Some(LogFault::Head) => "slutet är ett annat än det som togs emot".to_owned(),
    };
    format!("{vault}\t{worker}\thändelse {first} till {last}\t{state}")
}
