//! `case`: cases that have arrived, how they stand, and who looked.

use std::io::Read;

use anyhow::{Context, bail, ensure};
use clap::{Subcommand, ValueEnum};
use ledsaga_gateway::{Move, Store, case_xml};
use ledsaga_protocol::{Message, Stage};

use crate::say;

/// Characters of a message, which is read aloud.
const LONGEST_MESSAGE: usize = 2000;

#[derive(Subcommand)]
pub enum CaseCommand {
    /// Submission id, case number, digest and time of arrival, one case on each line.
    List,
    /// One case as it was submitted (JSON).
    Show {
        case_number: String,
        /// As instance XML in the style of Open ePlatform instead.
        #[arg(long)]
        xml: bool,
    },
    /// Flytta ett ärende till ett annat läge. Medarbetaren som lämnade in det får veta det.
    Stage {
        #[arg(value_name = "ÄRENDENUMMER")]
        case_number: String,
        stage: NewStage,
        /// Ord till den som ringer, att läsa upp. "-" läser dem från standard in, så att de inte syns bland datorns
        /// processer.
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Vem som frågade hur ärenden står: tid, medarbetare, ärendenummer och utfall, en fråga på varje rad.
    Access {
        /// Bara frågor om det här ärendet.
        #[arg(value_name = "ÄRENDENUMMER")]
        case_number: Option<String>,
    },
}

/// Where a case officer may move a case. It is received by arriving.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum NewStage {
    InProgress,
    SupplementRequested,
    Decided,
    Closed,
}

impl From<NewStage> for Stage {
    fn from(stage: NewStage) -> Self {
        match stage {
            NewStage::InProgress => Self::InProgress,
            NewStage::SupplementRequested => Self::SupplementRequested,
            NewStage::Decided => Self::Decided,
            NewStage::Closed => Self::Closed,
        }
    }
}

pub async fn run(command: &CaseCommand, store: &Store) -> anyhow::Result<()> {
    match command {
        CaseCommand::List => {
            for case in store.cases().await.context("the database failed")? {
                let line = [case.submission, case.case_number, case.digest, case.received_at].join("\t");
                say(line.as_bytes())?;
            }
            Ok(())
        }
        CaseCommand::Show { case_number, xml: true } => {
            say(case_xml(store, case_number).await?.trim_end().as_bytes())
        }
        CaseCommand::Show { case_number, xml: false } => {
            let case = store.case(case_number).await.context("the database failed")?;
            say(&case.with_context(|| format!("there is no case {case_number}"))?.0)
        }
        CaseCommand::Stage { case_number, stage, message } => {
            let message = message.as_deref().map(read_message).transpose()?;
            let moved = store.move_case(case_number, (*stage).into(), message.as_ref()).await;
            match moved.context("databasen svarar inte")? {
                Move::Moved => Ok(()),
                Move::NoSuchCase => bail!("det finns inget ärende {case_number}"),
                Move::MessageOnMarkedCase => bail!(
                    "ärendet är sekretessmarkerat: inget meddelande om det får läsas upp. Flytta det utan --message \
                     och kontakta personen på det sätt som är överenskommet."
                ),
            }
        }
        CaseCommand::Access { case_number } => {
            for look in store.looks(case_number.as_deref()).await.context("databasen svarar inte")? {
                say([look.at, look.worker, look.case_number, look.outcome].join("\t").as_bytes())?;
            }
            Ok(())
        }
    }
}

fn read_message(text: &str) -> anyhow::Result<Message> {
    let mut message = text.to_owned();
    if text == "-" {
        message.clear();
        std::io::stdin()
            .take(4 * LONGEST_MESSAGE as u64 + 1)
            .read_to_string(&mut message)
            .context("meddelandet kan inte läsas")?;
    }
    let message = message.trim();
    ensure!(!message.is_empty(), "meddelandet är tomt");
    ensure!(
        message.chars().count() <= LONGEST_MESSAGE,
        "meddelandet är för långt att läsa upp: högst {LONGEST_MESSAGE} tecken"
    );
    ensure!(
        !message.contains(|c: char| c.is_control() && c != '\n'),
        "meddelandet innehåller styrtecken; skriv det som vanlig text"
    );
    Ok(Message(message.to_owned()))
}
