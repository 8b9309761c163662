//! A municipality in memory whose answers are set, and a desk on a real vault before it.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    audit::AuditBatch,
    call::{Call, CallChange},
    catalogue::Catalogue,
    clock::{Clock, SystemClock},
    desk::Desk,
    error::{DeskError, LinkError},
    memory::MemoryIndex,
    ports::{CaseNumberFault, CatalogueAnswer, Municipality, Store, SubmissionContent, Withdrawal},
    retention::Limits,
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
    view::CaseStatus,
};
use ledsaga_forms::{Answer, Definition, Op, OpKind, speech::Language};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::{sync::RwLock, time::Instant};
use uuid::Uuid;

use crate::worker;

/// What becomes of a submission that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Taken,
    /// It arrives, and the answer is lost on the way back.
    AnswerLost,
    /// A final no, with the reason that [`Town::refuse_with`] gives.
    Refused,
    /// It arrives, and the receipt is for something else.
    WrongReceipt,
    /// Nothing gets through.
    Unreachable,
    /// Somebody else answers, as in a hotel.
    Stranger,
    /// The server asks to wait.
    Busy,
    /// The server is there, and knows nobody.
    SignInNeeded,
}

pub struct Town {
    pub fate: Mutex<Fate>,
    /// Submissions wait here while somebody holds it.
    pub gate: RwLock<()>,
    /// Answers whether a submission is there; otherwise nobody answers.
    pub answers_questions: Mutex<bool>,
    /// By the submission's id.
    pub cases: Mutex<BTreeMap<Uuid, Vec<u8>>>,
    /// Ids that never become a case.
    pub withdrawn: Mutex<BTreeSet<Uuid>>,
    /// Every submission that was sent, as often as it was.
    pub sent: Mutex<Vec<Uuid>>,
    /// The code of a no.
    refusal: Mutex<String>,
    /// What is offered, and how often that has changed.
    offer: Mutex<(u32, Vec<Definition>)>,
    /// Cases with this in them are refused, whatever becomes of the others.
    poison: Mutex<Option<(String, LinkError)>>,
    /// Contact records that were handed in, taken or not.
    contacts: AtomicUsize,
    /// When something reached it, in the time of the program.
    heard: Mutex<Vec<Instant>>,
    /// Whoever asks whether it is there is answered at multiples of this alone.
    beat: Mutex<Option<Duration>>,
    begun: Instant,
}

impl Town {
    pub fn new(fate: Fate) -> Arc<Self> {
        Arc::new(Self {
            fate: Mutex::new(fate),
            gate: RwLock::new(()),
            answers_questions: Mutex::new(true),
            cases: Mutex::default(),
            withdrawn: Mutex::default(),
            sent: Mutex::default(),
            refusal: Mutex::new("answers_invalid".to_owned()),
            offer: Mutex::new((1, vec![definition()])),
            poison: Mutex::default(),
            contacts: AtomicUsize::new(0),
            heard: Mutex::default(),
            beat: Mutex::default(),
            begun: Instant::now(),
        })
    }

    /// From now on a no says this.
    pub fn refuse_with(&self, code: &str) {
        *self.refusal.lock().unwrap() = code.to_owned();
    }

    /// From now on these are offered and no others.
    pub fn offer(&self, definitions: Vec<Definition>) {
        let mut offer = self.offer.lock().unwrap();
        *offer = (offer.0 + 1, definitions);
    }

    /// Cases with these words in them are answered with this.
    pub fn poison(&self, words: &str, answer: LinkError) {
        *self.poison.lock().unwrap() = Some((words.to_owned(), answer));
    }

    /// The answers of every case that has arrived.
    pub fn arrived(&self) -> Vec<String> {
        let answer = |payload: &Vec<u8>| {
            let payload: serde_json::Value = serde_json::from_slice(payload).unwrap();
            payload["answers"]["skal"]["text"].as_str().unwrap_or_default().to_owned()
        };
        self.cases.lock().unwrap().values().map(answer).collect()
    }

    /// How many contact records were handed in, taken or not.
    pub fn contacts(&self) -> usize {
        self.contacts.load(Ordering::SeqCst)
    }

    /// When something reached it.
    pub fn heard(&self) -> Vec<Instant> {
        self.heard.lock().unwrap().clone()
    }

    /// From now on every probe waits for a multiple of this, so that all come at the same moments.
    pub fn set_beat(&self, beat: Option<Duration>) {
        *self.beat.lock().unwrap() = beat;
    }

    async fn on_the_beat(&self) {
        let Some(beat) = *self.beat.lock().unwrap() else { return };
        let beats = self.begun.elapsed().as_nanos() / beat.as_nanos() + 1;
        tokio::time::sleep_until(self.begun + beat * u32::try_from(beats).unwrap()).await;
    }

    pub fn set(&self, fate: Fate) {
        *self.fate.lock().unwrap() = fate;
    }

    fn fate(&self) -> Fate {
        *self.fate.lock().unwrap()
    }

    fn reached(&self) -> Result<(), LinkError> {
        match self.fate() {
            Fate::Unreachable => Err(LinkError::Unreachable),
            Fate::Stranger => Err(LinkError::WrongServer),
            fate => {
                self.heard.lock().unwrap().push(Instant::now());
                if fate == Fate::Busy { Err(LinkError::Busy { retry_after_ms: None }) } else { Ok(()) }
            }
        }
    }

    /// As [`Town::reached`], by somebody who has to be known.
    fn spoken_to(&self) -> Result<(), LinkError> {
        self.reached()?;
        if self.fate() == Fate::SignInNeeded { Err(LinkError::SignInNeeded) } else { Ok(()) }
    }

    fn receipt(id: Uuid, payload: &[u8]) -> Receipt {
        Receipt {
            submission: id,
            digest: hex::encode(Sha256::digest(payload)),
            case_number: format!("EXB-{}", &id.simple().to_string()[24..]),
            received_at: Timestamp::now(),
            proof: "a.b.c".into(),
            to_supplement: vec![],
        }
    }
}

/// One e-service with one question, which may be filed incomplete.
pub fn definition() -> Definition {
    version(1, &["skal"])
}

/// A version of it with these questions.
pub fn version(version: u32, questions: &[&str]) -> Definition {
    let questions: Vec<_> = questions
        .iter()
        .map(|id| json!({"id": id, "kind": "text", "label": format!("Vad gäller {id}?"), "state": "visible"}))
        .collect();
    let definition = json!({
        "format": 1, "id": "fardtjanst", "version": version, "name": "Färdtjänst",
        "summary": "Resor", "category": "Stöd", "unit": "Exempelnämnden",
        "contact": {"name": "Färdtjänstenheten", "phone": "070-1740605"},
        "oral_filing": "accepted", "retention": {"draft_days": 30, "protected_draft_days": 1},
        "steps": [{"id": "resa", "title": "Resan", "questions": questions}],
    });
    ledsaga_forms::load(&serde_json::to_vec(&definition).unwrap()).unwrap()
}

#[async_trait]
impl Municipality for Town {
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8> {
        serde_json::to_vec(&json!({"id": content.id, "answers": content.answers})).unwrap()
    }

    async fn probe(&self) -> Result<Option<Timestamp>, LinkError> {
        self.on_the_beat().await;
        self.reached().map(|()| None)
    }

    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        self.spoken_to()?;
        let (number, definitions) = self.offer.lock().unwrap().clone();
        let newest = format!("\"{number}\"");
        if etag == Some(newest.as_str()) {
            return Ok(CatalogueAnswer::Unchanged);
        }
        Ok(CatalogueAnswer::New(Catalogue {
            etag: newest,
            fetched_at: SystemClock.now(),
            definitions,
            kept: vec![],
            skipped: vec![],
        }))
    }

    async fn put_contact(&self, _: &Call) -> Result<(), LinkError> {
        self.contacts.fetch_add(1, Ordering::SeqCst);
        self.spoken_to()
    }

    async fn put_file(
        &self,
        _: Uuid,
        _: &str,
        _: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        self.spoken_to()?;
        stored(bytes.len() as u64);
        Ok(())
    }

    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError> {
        self.spoken_to()?;
        self.sent.lock().unwrap().push(submission.id);
        let _through = self.gate.read().await;
        let fate = self.fate();
        if fate == Fate::Refused {
            let code = self.refusal.lock().unwrap().clone();
            return Err(LinkError::Refused { code, questions: vec!["skal".into()] });
        }
        if let Some((words, answer)) = &*self.poison.lock().unwrap()
            && String::from_utf8_lossy(&submission.payload).contains(words)
        {
            return Err(answer.clone());
        }
        if self.withdrawn.lock().unwrap().contains(&submission.id) {
            return Err(cancelled());
        }
        let here = self
            .cases
            .lock()
            .unwrap()
            .entry(submission.id)
            .or_insert_with(|| submission.payload.clone())
            .clone();
        if here != submission.payload {
            return Err(LinkError::Refused { code: "content_differs".into(), questions: Vec::new() });
        }
        match fate {
            Fate::AnswerLost => Err(LinkError::NoAnswer),
            Fate::WrongReceipt => Ok(Self::receipt(submission.id, b"something else")),
            _ => Ok(Self::receipt(submission.id, &submission.payload)),
        }
    }

    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError> {
        self.spoken_to()?;
        if !*self.answers_questions.lock().unwrap() {
            return Err(LinkError::NoAnswer);
        }
        if self.withdrawn.lock().unwrap().contains(&id) {
            return Err(cancelled());
        }
        Ok(self.cases.lock().unwrap().get(&id).map(|payload| Self::receipt(id, payload)))
    }

    async fn withdraw(&self, id: Uuid) -> Result<Withdrawal, LinkError> {
        self.spoken_to()?;
        if let Some(payload) = self.cases.lock().unwrap().get(&id) {
            return Ok(Withdrawal::Accepted(Box::new(Self::receipt(id, payload))));
        }
        self.withdrawn.lock().unwrap().insert(id);
        Ok(Withdrawal::Withdrawn)
    }

    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        self.spoken_to()?;
        Ok(batch.before().seq + batch.events().len() as u64)
    }

    /// Nothing happens to its cases.
    async fn changes(&self, _: Option<&str>) -> Result<ChangeBatch, LinkError> {
        self.reached()?;
        std::future::pending().await
    }

    async fn case_standing(&self, _: &str) -> Result<Option<CaseStanding>, LinkError> {
        self.reached()?;
        Ok(None)
    }

    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault> {
        Ok(typed.to_owned())
    }
}

fn cancelled() -> LinkError {
    LinkError::Refused { code: "cancelled".into(), questions: vec![] }
}

/// A desk that has its catalogue.
pub async fn desk(store: Arc<dyn Store>, town: &Arc<Town>) -> Desk {
    // The first catalogue comes while the way is open; there is nothing yet that could be sent meanwhile.
    let fate = town.fate();
    if store.catalogue().await.unwrap().is_none() {
        town.set(Fate::Taken);
    }
    let (index, limits) = (Arc::new(MemoryIndex::new()), Limits::default());
    let desk = Desk::open(store, index, town.clone(), Arc::new(SystemClock), worker(), limits).await.unwrap();
    until(&desk, "a catalogue", async |desk| desk.service("fardtjanst").await.ok()).await;
    town.set(fate);
    desk
}

/// Waits until something holds, looking again whenever the desk says that something changed. Far more patient than it
/// takes.
pub async fn until<T>(desk: &Desk, what: &str, mut holds: impl AsyncFnMut(&Desk) -> Option<T>) -> T {
    let mut changes = desk.changes();
    let wait = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = holds(desk).await {
                return found;
            }
            if tokio::time::timeout(Duration::from_millis(200), changes.changed()).await.is_err() {
                desk.retry_now().await;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(120), wait).await;
    assert!(found.is_ok(), "never: {what}");
    found.unwrap()
}

pub fn set(text: &str) -> Op {
    let answer = Answer::Text { text: text.into() };
    Op { id: Uuid::now_v7().to_string(), kind: OpKind::Set { question: "skal".into(), answer } }
}

/// A case of a call of its own with one answer; the call and the draft.
pub async fn case(desk: &Desk, answer: &str) -> (Uuid, Uuid) {
    let call = desk.start_call().await.unwrap().id;
    desk.change_call(call, vec![CallChange::Note(answer.into())]).await.unwrap();
    let draft = desk.choose_service(call, "fardtjanst").await.unwrap().cases.last().unwrap().draft;
    desk.apply(draft, vec![set(answer)]).await.unwrap();
    (call, draft)
}

pub async fn send(desk: &Desk, draft: Uuid) -> Result<(), DeskError> {
    desk.read_back(draft, Language::Swedish).await?;
    desk.confirm_read_back(draft, Language::Swedish).await?;
    desk.submit(draft).await.map(drop)
}

pub async fn status(desk: &Desk, draft: Uuid) -> Option<CaseStatus> {
    let queue = desk.view().await.unwrap().queue;
    queue.into_iter().find(|row| row.draft == Some(draft)).and_then(|row| row.case)
}

pub async fn until_status(desk: &Desk, draft: Uuid, wanted: fn(&CaseStatus) -> bool) -> CaseStatus {
    until(desk, "the case's state", async |desk| status(desk, draft).await.filter(wanted)).await
}
