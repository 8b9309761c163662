//! A municipality in memory. What it answers can be scripted, and what it has taken in can be counted.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    audit::AuditBatch,
    call::Call,
    catalogue::Catalogue,
    clock::Clock,
    error::LinkError,
    ports::{CaseNumberFault, CatalogueAnswer, Municipality, SubmissionContent, Withdrawal},
    standing::{CaseChange, CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::fixture::{self, FixedClock};

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It arrives and is handled, and the answer is lost on the way back.
    AnswerLost,
    /// It is not handled.
    Turned(LinkError),
    /// It is handled, and the receipt is for something else.
    WrongReceipt,
    /// It arrives and never comes back.
    Hangs,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Contact { call: Uuid, rev: u64 },
    File(Uuid),
    Asked(Uuid),
    Put(Uuid),
    Withdrawn(Uuid),
}

#[derive(Default)]
pub struct Inbox {
    /// Every case that was made, in order: the submission's id and its content.
    pub cases: Vec<(Uuid, Vec<u8>)>,
    pub contacts: BTreeMap<Uuid, Call>,
    pub files: BTreeMap<Uuid, Vec<u8>>,
    /// Bytes of files that it has from before.
    pub stored: BTreeMap<Uuid, u64>,
    pub seen: Vec<Seen>,
    pub puts: VecDeque<Fate>,
    pub asks: VecDeque<Fate>,
    pub withdrawals: VecDeque<Fate>,
    /// Ids that never become a case.
    pub withdrawn: BTreeSet<Uuid>,
    pub contact_puts: VecDeque<Fate>,
    pub file_puts: VecDeque<Fate>,
    pub audit_puts: VecDeque<Fate>,
    /// The events of each log, in order.
    pub audit: BTreeMap<Uuid, Vec<String>>,
    /// What every request and every probe meets while it is set.
    pub down: Option<LinkError>,
    /// What its clock says.
    pub time: Option<Timestamp>,
    pub catalogue: Option<Catalogue>,
    pub catalogues_fetched: u32,
    /// What has happened to cases, in order.
    pub feed: Vec<CaseChange>,
    /// What questions for changes meet, before anything is told.
    pub feed_errors: VecDeque<LinkError>,
    /// The cursor of each question for changes.
    pub feed_asks: Vec<Option<String>>,
    /// How cases stand, by number.
    pub standings: BTreeMap<String, CaseStanding>,
}

pub struct Server {
    pub inbox: Mutex<Inbox>,
    happened: Notify,
    pub network: Notify,
    /// Without it, every PUT that arrives makes a case, as a backend without idempotency would.
    idempotent: bool,
    /// Says that it has nothing, whatever it has: what a client sees that does not ask before it sends again.
    forgetful: bool,
    /// Remembers what was withdrawn. Without it, a submission that comes late makes a case all the same.
    marks: bool,
}

impl Server {
    pub fn new() -> Self {
        Self::with(true, false)
    }

    pub fn without_idempotency() -> Self {
        Self::with(false, false)
    }

    /// The counter-test: as if the client did not ask, and the backend did not know a submission again.
    pub fn doubling() -> Self {
        Self::with(false, true)
    }

    /// The counter-test: it says yes to a withdrawal and forgets it.
    pub fn without_marks() -> Self {
        Self { marks: false, ..Self::new() }
    }

    fn with(idempotent: bool, forgetful: bool) -> Self {
        let inbox = Inbox { catalogue: Some(fixture::catalogue()), ..Inbox::default() };
        Self {
            inbox: Mutex::new(inbox),
            happened: Notify::new(),
            network: Notify::new(),
            idempotent,
            forgetful,
            marks: true,
        }
    }

    pub fn inbox<T>(&self, look: impl FnOnce(&mut Inbox) -> T) -> T {
        look(&mut self.inbox.lock().unwrap())
    }

    /// Something happens to a case.
    pub fn tell(&self, change: CaseChange) {
        self.inbox(|inbox| inbox.feed.push(change));
        self.happened.notify_waiters();
    }

    pub fn cases(&self) -> usize {
        self.inbox(|inbox| inbox.cases.len())
    }

    fn receipt(id: Uuid, payload: &[u8], number: usize) -> Receipt {
        Receipt {
            submission: id,
            digest: hex::encode(Sha256::digest(payload)),
            case_number: format!("EXB-2026-{number:04}"),
            received_at: FixedClock.now(),
            proof: "a.b.c".into(),
            to_supplement: vec![],
        }
    }

    fn find(inbox: &Inbox, id: Uuid) -> Option<Receipt> {
        let number = inbox.cases.iter().position(|(known, _)| *known == id)?;
        Some(Self::receipt(id, &inbox.cases[number].1, number))
    }

    /// Whether the request gets through; otherwise what the client sees.
    async fn fate(&self, queue: fn(&mut Inbox) -> &mut VecDeque<Fate>) -> Result<Option<Fate>, LinkError> {
        let fate = self.inbox(|inbox| match &inbox.down {
            Some(error) => Some(Fate::Turned(error.clone())),
            None => queue(inbox).pop_front(),
        });
        match fate {
            Some(Fate::Turned(error)) => Err(error),
            fate => Ok(fate),
        }
    }

    async fn answer<T>(fate: Option<Fate>, answer: T) -> Result<T, LinkError> {
        match fate {
            Some(Fate::AnswerLost) => Err(LinkError::NoAnswer),
            Some(Fate::Hangs) => std::future::pending().await,
            _ => Ok(answer),
        }
    }
}

#[async_trait]
impl Municipality for Server {
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8> {
        let protected = content.call.protection.is_on();
        serde_json::to_vec(&serde_json::json!({
            "id": content.id, "answers": content.answers, "secrecy_marking": protected,
        }))
        .unwrap()
    }

    async fn probe(&self) -> Result<Option<Timestamp>, LinkError> {
        match self.inbox(|inbox| inbox.down.clone()) {
            // A reachable server says nothing about who is signed in.
            None | Some(LinkError::SignInNeeded) => Ok(self.inbox(|inbox| inbox.time)),
            Some(error) => Err(error),
        }
    }

    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        self.inbox(|inbox| {
            if let Some(error) = &inbox.down {
                return Err(error.clone());
            }
            inbox.catalogues_fetched += 1;
            match &inbox.catalogue {
                Some(catalogue) if etag != Some(&catalogue.etag) => {
                    Ok(CatalogueAnswer::New(catalogue.clone()))
                }
                _ => Ok(CatalogueAnswer::Unchanged),
            }
        })
    }

    async fn put_contact(&self, call: &Call) -> Result<(), LinkError> {
        let fate = self.fate(|inbox| &mut inbox.contact_puts).await?;
        self.inbox(|inbox| {
            inbox.seen.push(Seen::Contact { call: call.id, rev: call.rev });
            inbox.contacts.insert(call.id, call.clone());
        });
        Self::answer(fate, ()).await
    }

    async fn put_file(
        &self,
        id: Uuid,
        _: &str,
        _: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        if let Some(part) = self.inbox(|inbox| inbox.stored.get(&id).copied()) {
            stored(part);
        }
        let fate = self.fate(|inbox| &mut inbox.file_puts).await?;
        self.inbox(|inbox| {
            inbox.seen.push(Seen::File(id));
            inbox.files.insert(id, bytes.to_vec());
        });
        if !matches!(fate, Some(Fate::Hangs)) {
            stored(bytes.len() as u64);
        }
        Self::answer(fate, ()).await
    }

    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError> {
        let fate = self.fate(|inbox| &mut inbox.puts).await?;
        let withdrawn = self.inbox(|inbox| {
            inbox.seen.push(Seen::Put(submission.id));
            inbox.withdrawn.contains(&submission.id)
        });
        if withdrawn {
            return Self::answer(fate, Err(cancelled())).await?;
        }
        let number = self.inbox(|inbox| match inbox.cases.iter().position(|(id, _)| *id == submission.id) {
            Some(known) if self.idempotent => known,
            _ => {
                inbox.cases.push((submission.id, submission.payload.clone()));
                inbox.cases.len() - 1
            }
        });
        let mut receipt = Self::receipt(submission.id, &submission.payload, number);
        if let Some(Fate::WrongReceipt) = fate {
            receipt.digest = "0".repeat(64);
        }
        Self::answer(fate, receipt).await
    }

    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError> {
        let fate = self.fate(|inbox| &mut inbox.asks).await?;
        let found = self.inbox(|inbox| {
            inbox.seen.push(Seen::Asked(id));
            if inbox.withdrawn.contains(&id) { Err(cancelled()) } else { Ok(Self::find(inbox, id)) }
        });
        Self::answer(fate, found.map(|found| found.filter(|_| !self.forgetful))).await?
    }

    async fn withdraw(&self, id: Uuid) -> Result<Withdrawal, LinkError> {
        let fate = self.fate(|inbox| &mut inbox.withdrawals).await?;
        let answer = self.inbox(|inbox| {
            inbox.seen.push(Seen::Withdrawn(id));
            match Self::find(inbox, id) {
                Some(receipt) => Withdrawal::Accepted(Box::new(receipt)),
                None => {
                    if self.marks {
                        inbox.withdrawn.insert(id);
                    }
                    Withdrawal::Withdrawn
                }
            }
        });
        Self::answer(fate, answer).await
    }

    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        let fate = self.fate(|inbox| &mut inbox.audit_puts).await?;
        let seq = self.inbox(|inbox| {
            let log = inbox.audit.entry(batch.vault()).or_default();
            // Where there would be a gap, it says how far it is.
            if let Ok(known) = usize::try_from(batch.before().seq)
                && known <= log.len()
            {
                let new = batch.events().iter().skip(log.len() - known);
                log.extend(new.cloned());
            }
            log.len() as u64
        });
        Self::answer(fate, seq).await
    }

    /// The cursor is the number of changes that have been told.
    async fn changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError> {
        loop {
            let happened = self.happened.notified();
            let batch = self.inbox(|inbox| {
                inbox.feed_asks.push(cursor.map(str::to_owned));
                if let Some(error) = inbox.down.clone().or_else(|| inbox.feed_errors.pop_front()) {
                    return Some(Err(error));
                }
                let told: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
                let changes: Vec<CaseChange> = inbox.feed.iter().skip(told).take(2).cloned().collect();
                let upto = told + changes.len();
                (!changes.is_empty()).then(|| {
                    Ok(ChangeBatch { changes, cursor: upto.to_string(), more: upto < inbox.feed.len() })
                })
            });
            match batch {
                Some(batch) => return batch,
                None => happened.await,
            }
        }
    }

    async fn case_standing(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError> {
        self.inbox(|inbox| match &inbox.down {
            Some(error) => Err(error.clone()),
            None => Ok(inbox.standings.get(case_number).cloned()),
        })
    }

    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault> {
        let number = typed.trim().to_uppercase();
        if number.starts_with("EXB-2026-") { Ok(number) } else { Err(CaseNumberFault::Form) }
    }

    async fn network_changed(&self) {
        self.network.notified().await;
    }
}

fn cancelled() -> LinkError {
    LinkError::Refused { code: "cancelled".into(), questions: vec![] }
}
