//! A process that dies at a named point: the store and the municipality as one life of it sees them. What is behind them
//! outlives it.

use std::{
    future::{Future, pending},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    audit::{AuditBatch, AuditEvent, LogKey},
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{CaseState, Draft, DraftId, Outline, Revision},
    error::{LinkError, StoreError},
    outbox::{ItemState, OutboxItem},
    ports::{
        CaseNumberFault, CatalogueAnswer, Change, LogPart, LogState, Municipality, Shredding, Store,
        StoreHealth, SubmissionContent, Withdrawal,
    },
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// What a process does between the worker's "send" and the words on screen, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The case is frozen, with its place in the outbox.
    Freeze,
    SendContact,
    RecordContact,
    SendFile,
    RecordFile,
    MarkInFlight,
    SendSubmission,
    Ask,
    /// After the answer, before the screen.
    RecordReceipt,
    /// What else becomes of an attempt: unknown, waiting, refused.
    RecordOutcome,
    SendLog,
    RecordLog,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It has not been done.
    Before,
    /// It has been done, and nobody has been told.
    After,
}

/// Where a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The first time that it comes to this.
    At(Step, Side),
    /// After so many steps of any kind.
    AfterSteps(usize),
    /// In good order.
    Never,
}

/// What becomes of the first submission that is sent in a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Taken,
    /// It arrives, and the answer does not.
    AnswerLost,
    /// It does not arrive, and nobody says so.
    NeverArrives,
    Unreachable,
    Busy,
    /// Somebody else answers.
    Stranger,
    /// The municipality has lost a file, so that all go again.
    FileMissing,
}

impl Outcome {
    pub const ALL: [Self; 7] = [
        Self::Taken,
        Self::AnswerLost,
        Self::NeverArrives,
        Self::Unreachable,
        Self::Busy,
        Self::Stranger,
        Self::FileMissing,
    ];
}

/// One life of the process.
pub struct Life {
    end: End,
    steps: AtomicUsize,
    dead: AtomicBool,
    died: Notify,
    seen: Mutex<Vec<Step>>,
}

impl Life {
    pub fn until(end: End) -> Arc<Self> {
        Arc::new(Self {
            end,
            steps: AtomicUsize::new(0),
            dead: AtomicBool::new(false),
            died: Notify::new(),
            seen: Mutex::default(),
        })
    }

    /// Waits until it is over.
    pub async fn over(&self) {
        self.died.notified().await;
    }

    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// What it came to.
    pub fn seen(&self) -> Vec<Step> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A dead process does nothing.
    async fn alive(&self) {
        if self.is_over() {
            pending::<()>().await;
        }
    }

    async fn die(&self) {
        self.dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
        pending::<()>().await;
    }

    async fn step<T>(&self, step: Step, work: impl Future<Output = T>) -> T {
        self.alive().await;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(step);
        let number = self.steps.fetch_add(1, Ordering::SeqCst);
        if self.end == End::At(step, Side::Before) || self.end == End::AfterSteps(number) {
            self.die().await;
        }
        let done = work.await;
        if self.end == End::At(step, Side::After) {
            self.die().await;
        }
        self.alive().await;
        done
    }
}

/// The names of a commit's purposes, by what is in it. What comes of one attempt may be noted with the mark of the next.
fn purposes(changes: &[Change]) -> Vec<Step> {
    let received = |draft: &Draft| matches!(draft.state, CaseState::Received { .. });
    let task = |item: &OutboxItem| matches!(item.task, ledsaga_core::outbox::Task::Submission { .. });
    let is = |wanted: &dyn Fn(&Change) -> bool| changes.iter().any(wanted);
    if is(&|change| matches!(change, Change::PutSubmission(_))) {
        return vec![Step::Freeze];
    }
    let mark = is(&|change| matches!(change, Change::PutOutbox(item) if item.state == ItemState::InFlight));
    let noted = if is(&|change| matches!(change, Change::ReduceDraft(draft) if received(draft))) {
        Some(Step::RecordReceipt)
    } else if is(&|change| matches!(change, Change::LogArrived { .. })) {
        Some(Step::RecordLog)
    } else if is(&|change| matches!(change, Change::RemoveOutbox { .. })) {
        let contact = is(&|change| matches!(change, Change::PutCall(_)));
        Some(if contact { Step::RecordContact } else { Step::RecordFile })
    } else {
        let outcome = |change: &Change| matches!(change, Change::PutOutbox(item) if task(item) && item.state != ItemState::InFlight);
        is(&outcome).then_some(Step::RecordOutcome)
    };
    noted.into_iter().chain(mark.then_some(Step::MarkInFlight)).collect()
}

/// What a store does wrong, for the counter-tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// The case is frozen in one transaction and put into the outbox in another.
    FreezesInTwo,
    /// What was committed is there when the next commit is.
    IsOneBehind,
    /// What is in flight is somebody's for ever, also when that somebody has died.
    LeasesForEver,
}

/// The store as one life sees it.
pub struct MortalStore {
    pub disk: Arc<dyn Store>,
    pub life: Arc<Life>,
    wrong: Wrong,
    held_back: tokio::sync::Mutex<Vec<Change>>,
}

impl MortalStore {
    pub fn new(disk: Arc<dyn Store>, life: Arc<Life>, wrong: Wrong) -> Self {
        Self { disk, life, wrong, held_back: tokio::sync::Mutex::default() }
    }

    async fn keep(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        match self.wrong {
            Wrong::Nothing | Wrong::LeasesForEver => self.disk.commit(changes).await,
            Wrong::FreezesInTwo => {
                let (outbox, rest): (Vec<_>, Vec<_>) =
                    changes.into_iter().partition(|change| matches!(change, Change::PutOutbox(_)));
                if rest.iter().any(|change| matches!(change, Change::PutSubmission(_))) {
                    self.disk.commit(rest).await?;
                    // The process dies between the two where it dies at the freezing.
                    if self.life.end == End::At(Step::Freeze, Side::After) {
                        self.life.die().await;
                    }
                    return self.disk.commit(outbox).await;
                }
                self.disk.commit([rest, outbox].concat()).await
            }
            Wrong::IsOneBehind => {
                let mut held_back = self.held_back.lock().await;
                self.disk.commit(std::mem::replace(&mut *held_back, changes)).await
            }
        }
    }
}

#[async_trait]
impl Store for MortalStore {
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        match purposes(&changes)[..] {
            [both, mark] => self.life.step(both, self.life.step(mark, self.keep(changes))).await,
            [step] => self.life.step(step, self.keep(changes)).await,
            _ => {
                self.life.alive().await;
                self.keep(changes).await
            }
        }
    }

    async fn calls(&self) -> Result<Vec<Call>, StoreError> {
        self.disk.calls().await
    }
    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        self.disk.outlines().await
    }
    async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.disk.call(id).await
    }
    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        self.disk.draft(id).await
    }
    async fn revisions(&self, draft: DraftId) -> Result<Vec<Revision>, StoreError> {
        self.disk.revisions(draft).await
    }
    async fn file(&self, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.file(id).await
    }
    async fn submission(&self, id: Uuid) -> Result<Option<Submission>, StoreError> {
        self.disk.submission(id).await
    }
    async fn outbox(&self) -> Result<Vec<OutboxItem>, StoreError> {
        let mut items = self.disk.outbox().await?;
        if self.wrong == Wrong::LeasesForEver {
            items.retain(|item| item.state != ItemState::InFlight);
        }
        Ok(items)
    }
    async fn catalogue(&self) -> Result<Option<Catalogue>, StoreError> {
        self.disk.catalogue().await
    }
    async fn audit(&self) -> Result<Vec<AuditEvent>, StoreError> {
        self.disk.audit().await
    }
    async fn log_state(&self) -> Result<LogState, StoreError> {
        self.disk.log_state().await
    }
    async fn log(&self, after: u64, most: usize) -> Result<LogPart, StoreError> {
        self.disk.log(after, most).await
    }
    async fn log_key(&self) -> Result<LogKey, StoreError> {
        self.disk.log_key().await
    }
    async fn cursor(&self) -> Result<Option<String>, StoreError> {
        self.disk.cursor().await
    }
    async fn resume(&self) -> Result<Option<CallId>, StoreError> {
        self.disk.resume().await
    }
    async fn shred(&self) -> Result<Shredding, StoreError> {
        self.life.alive().await;
        self.disk.shred().await
    }
    async fn health(&self) -> Result<StoreHealth, StoreError> {
        self.disk.health().await
    }
    async fn close(&self) {}
}

/// The municipality as one life reaches it.
pub struct MortalMunicipality {
    way: Arc<dyn Municipality>,
    life: Arc<Life>,
    /// Of the first submission; the next ones are taken.
    outcome: Mutex<Option<Outcome>>,
}

impl MortalMunicipality {
    pub fn new(way: Arc<dyn Municipality>, life: Arc<Life>, outcome: Outcome) -> Self {
        Self { way, life, outcome: Mutex::new(Some(outcome)) }
    }

    async fn meet(&self, outcome: Outcome, submission: &Submission) -> Result<Receipt, LinkError> {
        match outcome {
            Outcome::Taken => self.way.put_submission(submission).await,
            Outcome::AnswerLost => {
                self.way.put_submission(submission).await?;
                Err(LinkError::NoAnswer)
            }
            Outcome::NeverArrives => Err(LinkError::NoAnswer),
            Outcome::Unreachable => Err(LinkError::Unreachable),
            Outcome::Busy => Err(LinkError::Busy { retry_after_ms: Some(10) }),
            Outcome::Stranger => Err(LinkError::WrongServer),
            Outcome::FileMissing => {
                Err(LinkError::Refused { code: "attachment_missing".to_owned(), questions: Vec::new() })
            }
        }
    }
}

#[async_trait]
impl Municipality for MortalMunicipality {
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8> {
        self.way.encode(content)
    }
    async fn probe(&self) -> Result<Option<Timestamp>, LinkError> {
        self.life.alive().await;
        self.way.probe().await
    }
    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        self.life.alive().await;
        self.way.catalogue(etag).await
    }
    async fn put_contact(&self, call: &Call) -> Result<(), LinkError> {
        self.life.step(Step::SendContact, self.way.put_contact(call)).await
    }
    async fn put_file(
        &self,
        id: Uuid,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        self.life.step(Step::SendFile, self.way.put_file(id, name, media_type, bytes, stored)).await
    }
    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError> {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        let meet = self.meet(outcome.unwrap_or(Outcome::Taken), submission);
        self.life.step(Step::SendSubmission, meet).await
    }
    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError> {
        self.life.step(Step::Ask, self.way.get_submission(id)).await
    }
    async fn withdraw(&self, submission: Uuid) -> Result<Withdrawal, LinkError> {
        self.life.alive().await;
        self.way.withdraw(submission).await
    }
    async fn changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError> {
        self.life.alive().await;
        self.way.changes(cursor).await
    }
    async fn case_standing(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError> {
        self.life.alive().await;
        self.way.case_standing(case_number).await
    }
    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault> {
        self.way.case_number(typed)
    }
    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        self.life.step(Step::SendLog, self.way.put_audit(batch)).await
    }
}
