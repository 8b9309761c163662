//! A real gateway, a bad network before it, and cases that are brought home as the outbox does it.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_contract::{
    postgres::Cluster,
    town::{Agent, ORAL, Town, answers, text},
};
use ledsaga_core::{
    audit::AuditBatch,
    call::Call,
    error::LinkError,
    ports::{CaseNumberFault, CatalogueAnswer, Municipality, SubmissionContent, Withdrawal},
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
};
use ledsaga_forms::{Answer, Definition, FileRef};
use ledsaga_gateway::CaseLine;
use ledsaga_link::{Account, Client, Timeouts};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::proxy::{Fault, Proxy};

/// So that silence costs little.
pub const BRIEF: Timeouts = Timeouts { connect: Duration::from_secs(2), request: Duration::from_millis(500) };
/// More than any plan of faults.
pub const ATTEMPTS: usize = 40;

/// What the long runs do in full: with `LEDSAGA_LONG=1`.
pub fn long() -> bool {
    std::env::var_os("LEDSAGA_LONG").is_some_and(|value| value == "1")
}

/// The PostgreSQL that the tests which run right now share; the last one to end stops it. `None` when they are to be
/// left out.
///
/// # Errors
/// It is not on this machine, or does not start.
pub fn postgresql() -> Result<Option<Arc<Cluster>>> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    if std::env::var_os("LEDSAGA_NO_POSTGRES").is_some_and(|value| value == "1") {
        return Ok(None);
    }
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return Ok(Some(running));
    }
    let cluster = Arc::new(Cluster::start()?);
    *shared = Arc::downgrade(&cluster);
    Ok(Some(cluster))
}

pub struct Field {
    pub town: Town,
    pub account: Arc<Account>,
    pub agent: Agent,
    pub definition: Definition,
}

impl Field {
    /// On SQLite in a folder of its own.
    pub async fn new() -> Result<Self> {
        Self::of(Town::start().await?).await
    }

    pub async fn of(town: Town) -> Result<Self> {
        let account = town.account("demo-astrid", BRIEF).await?;
        let agent = town.agent().await?;
        let definition = agent.definition(ORAL).await?;
        Ok(Self { town, account, agent, definition })
    }

    pub fn gateway(&self) -> SocketAddr {
        self.town.url().trim_start_matches("http://").parse().unwrap()
    }

    pub fn freeze(&self) -> Submission {
        self.agent.freeze(&self.definition, &answers([("plats", text("Storgatan 1"))]))
    }

    /// A case with a file.
    pub fn freeze_with(&self, file: Uuid, bytes: &[u8]) -> Submission {
        let files = Answer::Files { files: vec![named(file, bytes)] };
        self.agent.freeze(&self.definition, &answers([("plats", text("Storgatan 1")), ("bilder", files)]))
    }

    pub async fn behind(&self, plan: impl IntoIterator<Item = Fault>) -> Result<(Proxy, Client)> {
        let proxy = Proxy::start(self.gateway(), plan).await?;
        let client = Client::new(&proxy.url(), self.account.clone());
        Ok((proxy, client))
    }

    /// Exactly these cases, each with its own digest.
    pub async fn holds_exactly(&self, sent: &[Submission]) -> Result<()> {
        let differences = differences(&self.town.cases().await?, sent);
        ensure!(differences == 0, "{differences} cases are lost, doubled or changed of {}", sent.len());
        Ok(())
    }
}

/// How an answer names a file.
pub fn named(file: Uuid, bytes: &[u8]) -> FileRef {
    FileRef {
        id: file.to_string(),
        name: "bild.png".to_owned(),
        size: bytes.len() as u64,
        media_type: "image/png".to_owned(),
        sha256: hex::encode(Sha256::digest(bytes)),
    }
}

/// What was sent and is not there with its digest, and what is there and was not sent.
pub fn differences(cases: &[CaseLine], sent: &[Submission]) -> usize {
    let arrived: BTreeMap<&str, &str> =
        cases.iter().map(|case| (case.submission.as_str(), case.digest.as_str())).collect();
    let whole = sent
        .iter()
        .filter(|submission| {
            arrived.get(submission.id.to_string().as_str()) == Some(&submission.digest.as_str())
        })
        .count();
    (sent.len() - whole) + (cases.len() - whole)
}

/// Brings a case home as the outbox does: after a lost answer it asks before it sends again, always under the same id.
///
/// # Errors
/// Something came back that a bad network is no reason for.
pub async fn deliver(municipality: &dyn Municipality, submission: &Submission) -> Result<Receipt> {
    let mut unknown = false;
    for _ in 0..ATTEMPTS {
        let outcome = if unknown {
            match municipality.get_submission(submission.id).await {
                Ok(None) => {
                    unknown = false;
                    continue;
                }
                Ok(Some(receipt)) => Ok(receipt),
                Err(error) => Err(error),
            }
        } else {
            municipality.put_submission(submission).await
        };
        match outcome {
            Ok(receipt) => {
                ensure!(receipt.digest == submission.digest);
                return Ok(receipt);
            }
            Err(LinkError::NoAnswer | LinkError::WrongServer | LinkError::Undecided { .. }) => unknown = true,
            Err(LinkError::Unreachable | LinkError::Busy { .. }) => {}
            Err(error) => bail!("a bad network is no reason for {error:?}"),
        }
    }
    bail!("it never arrived")
}

/// Brings a file, as often as it takes.
///
/// # Errors
/// As for [`deliver`].
pub async fn deliver_file(municipality: &dyn Municipality, file: Uuid, bytes: &[u8]) -> Result<()> {
    for _ in 0..ATTEMPTS {
        match municipality.put_file(file, "bild.png", "image/png", bytes, &|_| ()).await {
            Ok(()) => return Ok(()),
            Err(
                LinkError::NoAnswer
                | LinkError::WrongServer
                | LinkError::Unreachable
                | LinkError::Undecided { .. }
                | LinkError::Busy { .. },
            ) => {}
            Err(error) => bail!("a bad network is no reason for {error:?}"),
        }
    }
    bail!("the file never arrived")
}

/// The counter-test of everything that rests on idempotency: each try goes under an id of its own, and what went under
/// another one is not found.
pub struct Doubling(pub Arc<dyn Municipality>);

impl Doubling {
    fn under_another_id(submission: &Submission) -> Option<Submission> {
        let id = Uuid::now_v7();
        let mut payload: serde_json::Value = serde_json::from_slice(&submission.payload).ok()?;
        payload["id"] = id.to_string().into();
        let payload = serde_json::to_vec(&payload).ok()?;
        let digest = hex::encode(Sha256::digest(&payload));
        Some(Submission { id, payload, digest, ..submission.clone() })
    }
}

#[async_trait]
impl Municipality for Doubling {
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8> {
        self.0.encode(content)
    }
    async fn probe(&self) -> Result<Option<Timestamp>, LinkError> {
        self.0.probe().await
    }
    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        self.0.catalogue(etag).await
    }
    async fn put_contact(&self, call: &Call) -> Result<(), LinkError> {
        self.0.put_contact(call).await
    }
    async fn put_file(
        &self,
        id: Uuid,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        self.0.put_file(id, name, media_type, bytes, stored).await
    }
    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError> {
        let another = Self::under_another_id(submission).ok_or(LinkError::Unreachable)?;
        let receipt = self.0.put_submission(&another).await?;
        Ok(Receipt { submission: submission.id, digest: submission.digest.clone(), ..receipt })
    }
    async fn get_submission(&self, _: Uuid) -> Result<Option<Receipt>, LinkError> {
        Ok(None)
    }
    async fn withdraw(&self, submission: Uuid) -> Result<Withdrawal, LinkError> {
        self.0.withdraw(submission).await
    }
    async fn changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError> {
        self.0.changes(cursor).await
    }
    async fn case_standing(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError> {
        self.0.case_standing(case_number).await
    }
    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault> {
        self.0.case_number(typed)
    }
    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        self.0.put_audit(batch).await
    }
}

/// A number of cases that the environment can set for a run of its own.
pub fn count(usual: usize, in_full: usize) -> usize {
    crate::report::setting("LEDSAGA_CASES", if long() { in_full } else { usual })
}

/// The gateway's own answer to what it has: the case lines of any database.
///
/// # Errors
/// The database cannot be read.
pub async fn cases_of(database: &str) -> Result<Vec<CaseLine>> {
    let store = ledsaga_gateway::Store::open(database).await.context("the gateway's database")?;
    let cases = store.cases().await?;
    store.close().await;
    Ok(cases)
}
