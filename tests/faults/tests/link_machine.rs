//! Any order of typing, sending, taking back, crashing and bad network, with the real desk, the real client and a real
//! gateway: in the end each case is there once, or surely not.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_contract::town::{ORAL, Town, text};
use ledsaga_core::{
    audit::AuditBatch,
    call::Call,
    clock::SystemClock,
    desk::{Desk, NewFile},
    error::{DeskError, LinkError},
    memory::{MemoryIndex, MemoryStore},
    ports::{CaseNumberFault, CatalogueAnswer, Municipality, Store, SubmissionContent, Withdrawal},
    retention::Limits,
    standing::{CaseStanding, ChangeBatch},
    submission::{Receipt, Submission},
    view::CaseStatus,
};
use ledsaga_faults::report::{Kind, row, setting};
use ledsaga_forms::{Op, OpKind, speech::Language};
use ledsaga_link::{Client, Timeouts};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestRunner},
};
use uuid::Uuid;

const BRIEF: Timeouts = Timeouts { connect: Duration::from_secs(2), request: Duration::from_secs(5) };
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a worker who is told of trouble presses "try again".
const IMPATIENCE: Duration = Duration::from_millis(10);

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    Fine,
    /// Never left this computer.
    Unreachable,
    LostOnTheWay,
    AnswerLost,
    /// A copy of it arrives too.
    Twice,
    /// It is held up somewhere, and arrives at some later time.
    Late,
    Busy,
}

#[derive(Debug, Clone)]
enum Step {
    Begin {
        file: bool,
    },
    Type(usize),
    Submit(usize),
    Withdraw(usize),
    Weather(Vec<Weather>),
    /// What was held up arrives.
    LateOnesArrive,
    Crash,
    TownRestarts,
    Wait,
}

/// The real client, behind a network whose weather is set.
struct Rough {
    client: Client,
    weather: Mutex<VecDeque<Weather>>,
    late: Mutex<Vec<Submission>>,
    /// The counter-test: every submission is held up, and a withdrawal is agreed to without asking anybody.
    promises_alone: bool,
}

impl Rough {
    fn next(&self) -> Weather {
        self.weather.lock().unwrap().pop_front().unwrap_or(Weather::Fine)
    }

    /// One request in the weather of the moment. What may not arrive late is lost instead.
    async fn brave<T, A>(&self, ask: impl Fn() -> A) -> Result<T, LinkError>
    where
        A: Future<Output = Result<T, LinkError>>,
    {
        self.brave_or_late(ask, || {}).await
    }

    async fn brave_or_late<T, A>(&self, ask: impl Fn() -> A, hold_up: impl FnOnce()) -> Result<T, LinkError>
    where
        A: Future<Output = Result<T, LinkError>>,
    {
        match self.next() {
            Weather::Fine => ask().await,
            Weather::Unreachable => Err(LinkError::Unreachable),
            Weather::Busy => Err(LinkError::Busy { retry_after_ms: None }),
            Weather::LostOnTheWay => Err(LinkError::NoAnswer),
            Weather::AnswerLost => {
                let _ = ask().await;
                Err(LinkError::NoAnswer)
            }
            Weather::Twice => {
                let _ = ask().await;
                ask().await
            }
            Weather::Late => {
                hold_up();
                Err(LinkError::NoAnswer)
            }
        }
    }

    async fn late_ones_arrive(&self) {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for submission in late {
            let _ = self.client.put_submission(&submission).await;
        }
    }
}

#[async_trait]
impl Municipality for Rough {
    fn encode(&self, content: SubmissionContent<'_>) -> Vec<u8> {
        self.client.encode(content)
    }

    async fn probe(&self) -> Result<Option<Timestamp>, LinkError> {
        self.client.probe().await
    }

    async fn catalogue(&self, etag: Option<&str>) -> Result<CatalogueAnswer, LinkError> {
        self.client.catalogue(etag).await
    }

    async fn put_contact(&self, call: &Call) -> Result<(), LinkError> {
        self.brave(|| self.client.put_contact(call)).await
    }

    async fn put_file(
        &self,
        id: Uuid,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        stored: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), LinkError> {
        self.brave(|| self.client.put_file(id, name, media_type, bytes, stored)).await
    }

    async fn put_submission(&self, submission: &Submission) -> Result<Receipt, LinkError> {
        let hold_up = || self.late.lock().unwrap().push(submission.clone());
        if self.promises_alone {
            hold_up();
            return Err(LinkError::NoAnswer);
        }
        self.brave_or_late(|| self.client.put_submission(submission), hold_up).await
    }

    async fn get_submission(&self, id: Uuid) -> Result<Option<Receipt>, LinkError> {
        self.brave(|| self.client.get_submission(id)).await
    }

    async fn withdraw(&self, id: Uuid) -> Result<Withdrawal, LinkError> {
        if self.promises_alone {
            return Ok(Withdrawal::Withdrawn);
        }
        self.brave(|| self.client.withdraw(id)).await
    }

    async fn put_audit(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        self.brave(|| self.client.put_audit(batch)).await
    }

    async fn changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError> {
        self.client.changes(cursor).await
    }

    async fn case_standing(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError> {
        self.client.case_standing(case_number).await
    }

    fn case_number(&self, typed: &str) -> Result<String, CaseNumberFault> {
        self.client.case_number(typed)
    }
}

/// One town for all runs, so that what one left behind would show in the next.
struct Field {
    town: Town,
    account: Arc<ledsaga_link::Account>,
}

/// One run: a computer, and what is known of its cases.
struct Run<'a> {
    field: &'a mut Field,
    store: Arc<MemoryStore>,
    rough: Arc<Rough>,
    /// `None` only between a crash and the next start.
    desk: Option<Desk>,
    drafts: Vec<Uuid>,
    /// Every submission that was ever frozen, with its draft and digest.
    frozen: BTreeMap<Uuid, (Uuid, String)>,
    typed: u32,
    /// Cases from before.
    known: usize,
}

impl Field {
    async fn new() -> Result<Self> {
        let town = Town::start().await?;
        let account = town.account("demo-astrid", BRIEF).await?;
        Ok(Self { town, account })
    }

    async fn begin(&mut self, promises_alone: bool) -> Result<Run<'_>> {
        let rough = Arc::new(Rough {
            client: Client::new(&self.town.url(), self.account.clone()),
            weather: Mutex::default(),
            late: Mutex::default(),
            promises_alone,
        });
        let store = Arc::new(MemoryStore::new());
        let desk = open(self, &store, &rough).await?;
        until(&desk, "a catalogue", async |desk| desk.service(ORAL).await.ok()).await?;
        let known = self.town.cases().await?.len();
        Ok(Run {
            field: self,
            store,
            rough,
            desk: Some(desk),
            drafts: vec![],
            frozen: BTreeMap::new(),
            typed: 0,
            known,
        })
    }
}

async fn open(field: &Field, store: &Arc<MemoryStore>, rough: &Arc<Rough>) -> Result<Desk> {
    let (index, clock) = (Arc::new(MemoryIndex::new()), Arc::new(SystemClock));
    let worker = field.account.worker().clone();
    Ok(Desk::open(store.clone(), index, rough.clone(), clock, worker, Limits::default()).await?)
}

async fn until<T>(desk: &Desk, what: &str, mut holds: impl AsyncFnMut(&Desk) -> Option<T>) -> Result<T> {
    let mut changes = desk.changes();
    let waiting = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = holds(desk).await {
                return found;
            }
            if tokio::time::timeout(IMPATIENCE, changes.changed()).await.is_err() {
                desk.retry_now().await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.with_context(|| format!("never: {what}"))
}

fn is_settled(status: &CaseStatus) -> bool {
    matches!(status, CaseStatus::Editing | CaseStatus::Received { .. } | CaseStatus::NeedsAction { .. })
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Begin { file } => {
                let call = self.desk()?.start_call().await?.id;
                let view = self.desk()?.choose_service(call, ORAL).await?;
                let draft = view.cases.last().context("a case")?.draft;
                self.drafts.push(draft);
                self.type_into(draft).await?;
                if *file {
                    let bytes = format!("%PDF-1.7 {draft}").repeat(100).into_bytes();
                    let file = NewFile { name: "karta.pdf".to_owned(), bytes };
                    self.desk()?.attach(draft, "bilder", file).await?;
                }
            }
            Step::Type(which) => {
                if let Some(draft) = self.draft(*which) {
                    self.type_into(draft).await?;
                }
            }
            Step::Submit(which) => {
                if let Some(draft) = self.draft(*which) {
                    self.submit(draft).await?;
                }
            }
            Step::Withdraw(which) => {
                if let Some(draft) = self.draft(*which) {
                    match self.desk()?.withdraw(draft).await {
                        Ok(_) | Err(DeskError::NotWithdrawable) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Step::Weather(weather) => self.rough.weather.lock().unwrap().extend(weather),
            Step::LateOnesArrive => self.rough.late_ones_arrive().await,
            Step::Crash => {
                // The process is gone in the middle of whatever it did; only the store is left.
                self.desk = None;
                while Arc::strong_count(&self.store) > 1 {
                    tokio::task::yield_now().await;
                }
                self.desk = Some(open(self.field, &self.store, &self.rough).await?);
            }
            Step::TownRestarts => {
                self.field.town.stop().await;
                self.field.town.start_again().await?;
            }
            Step::Wait => tokio::time::sleep(Duration::from_millis(3)).await,
        }
        Ok(())
    }

    fn desk(&self) -> Result<&Desk> {
        self.desk.as_ref().context("the desk is open")
    }

    fn draft(&self, which: usize) -> Option<Uuid> {
        self.drafts.get(which % self.drafts.len().max(1)).copied()
    }

    async fn type_into(&mut self, draft: Uuid) -> Result<()> {
        self.typed += 1;
        let answer = text(&format!("Storgatan {}", self.typed));
        let kind = OpKind::Set { question: "plats".to_owned(), answer };
        match self.desk()?.apply(draft, vec![Op { id: Uuid::now_v7().to_string(), kind }]).await {
            Ok(_) | Err(DeskError::Frozen) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn submit(&mut self, draft: Uuid) -> Result<()> {
        match self.desk()?.confirm_read_back(draft, Language::Swedish).await {
            Err(DeskError::Frozen) => return Ok(()),
            confirmed => drop(confirmed?),
        }
        self.desk()?.submit(draft).await?;
        // It may have arrived already; then nothing is left of what was frozen, and its receipt says it.
        let state = self.store.draft(draft).await?.context("a draft")?.state;
        let id = state.submission().context("a submission")?;
        let digest = match (self.store.submission(id).await?, state) {
            (Some(submission), _) => submission.digest,
            (None, ledsaga_core::draft::CaseState::Received { receipt, .. }) => receipt.digest,
            _ => return Ok(()),
        };
        self.frozen.insert(id, (draft, digest));
        Ok(())
    }

    /// The weather clears up, and everything comes to an end. What went wrong is what is answered.
    async fn end(self) -> Result<Vec<String>> {
        self.rough.weather.lock().unwrap().clear();
        let drafts: BTreeSet<Uuid> = self.drafts.iter().copied().collect();
        until(self.desk()?, "every case settled", async |desk| {
            let rows = desk.view().await.unwrap().queue;
            let ours = || rows.iter().filter(|row| row.draft.is_some_and(|draft| drafts.contains(&draft)));
            let settled = ours().all(|row| row.case.as_ref().is_some_and(is_settled));
            (settled && ours().count() == drafts.len() && desk.view().await.unwrap().link.queued == 0)
                .then_some(())
        })
        .await?;
        self.rough.late_ones_arrive().await;

        let mut wrong = Vec::new();
        let cases = self.field.town.cases().await?;
        let arrived: Vec<(Uuid, &str)> = cases
            .iter()
            .map(|case| anyhow::Ok((case.submission.parse()?, case.digest.as_str())))
            .collect::<Result<_>>()?;
        let mut received = 0;
        for draft in &drafts {
            let state = self.store.draft(*draft).await?.context("a draft is lost")?.state;
            let of_draft: Vec<_> = self.frozen.iter().filter(|(_, (of, _))| of == draft).collect();
            let there = of_draft.iter().filter(|(id, _)| arrived.iter().any(|(case, _)| case == *id)).count();
            let expected = match &state {
                ledsaga_core::draft::CaseState::Received { submission, receipt } => {
                    received += 1;
                    if !arrived.contains(&(*submission, receipt.digest.as_str())) {
                        wrong.push(format!("{draft} is said to be received and is not there"));
                    }
                    1
                }
                ledsaga_core::draft::CaseState::NeedsAction { reason, .. } => {
                    wrong.push(format!("{draft}: a bad network is no reason for {}", reason.code));
                    there
                }
                _ => 0,
            };
            if there != expected {
                wrong.push(format!("{draft} has {there} cases, not {expected}"));
            }
            for (id, (_, digest)) in of_draft {
                if arrived.iter().any(|(case, other)| case == id && other != digest) {
                    wrong.push(format!("{id} arrived with other content"));
                }
            }
        }
        let new = arrived.len() - self.known;
        if new != received {
            wrong.push(format!("{new} cases arrived of {received}"));
        }
        Ok(wrong)
    }
}

async fn run(field: &mut Field, steps: &[Step], promises_alone: bool) -> Result<Vec<String>> {
    let mut run = field.begin(promises_alone).await?;
    for step in steps {
        run.step(step).await?;
    }
    run.end().await
}

fn weather() -> impl Strategy<Value = Weather> {
    use Weather::{AnswerLost, Busy, Fine, Late, LostOnTheWay, Twice, Unreachable};
    prop::sample::select(vec![
        Fine,
        Fine,
        Unreachable,
        LostOnTheWay,
        AnswerLost,
        AnswerLost,
        Twice,
        Late,
        Busy,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(|file| Step::Begin { file }),
        2 => (0..8_usize).prop_map(Step::Type),
        5 => (0..8_usize).prop_map(Step::Submit),
        3 => (0..8_usize).prop_map(Step::Withdraw),
        5 => prop::collection::vec(weather(), 1..6).prop_map(Step::Weather),
        1 => Just(Step::LateOnesArrive),
        2 => Just(Step::Crash),
        1 => Just(Step::TownRestarts),
        4 => Just(Step::Wait),
    ]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn any_order_of_steps_ends_with_each_case_once_or_surely_not() {
    const PER_RUN: usize = 40;
    let steps = setting("LEDSAGA_STEPS", 400);
    let runtime = runtime();
    let field = tokio::sync::Mutex::new(runtime.block_on(Field::new()).unwrap());
    let config = Config {
        cases: u32::try_from(steps / PER_RUN).unwrap().max(1),
        // What was found once is tried first from then on.
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        source_file: Some(file!()),
        max_shrink_iters: 200,
        ..Config::default()
    };
    let counted = std::cell::Cell::new(0);
    let outcome = TestRunner::new(config).run(&prop::collection::vec(step(), PER_RUN), |steps| {
        counted.set(counted.get() + steps.len());
        let wrong = runtime.block_on(async { run(&mut *field.lock().await, &steps, false).await });
        match wrong {
            Ok(wrong) if wrong.is_empty() => Ok(()),
            Ok(wrong) => Err(TestCaseError::fail(wrong.join("; "))),
            Err(error) => Err(TestCaseError::fail(format!("{error:#}"))),
        }
    });
    row(
        Kind::Test,
        "state machine",
        "steps of sending, taking back, crashes, loss, copies and delays",
        counted.get(),
        usize::from(outcome.is_err()),
    );
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// The counter-test: a client that says yes to a withdrawal by itself, with a submission that comes late.
#[test]
fn a_withdrawal_that_never_reached_the_municipality_is_noticed() {
    let wrong = runtime().block_on(async {
        let mut field = Field::new().await?;
        let mut run = field.begin(true).await?;
        run.step(&Step::Begin { file: false }).await?;
        run.step(&Step::Submit(0)).await?;
        let rough = run.rough.clone();
        until(run.desk()?, "the case held up", async |_| {
            (!rough.late.lock().unwrap().is_empty()).then_some(())
        })
        .await?;
        run.step(&Step::Withdraw(0)).await?;
        run.end().await
    });
    let wrong = wrong.unwrap();
    row(
        Kind::CounterTest,
        "state machine",
        "a withdrawal that never reached the municipality",
        1,
        wrong.len(),
    );
    assert!(!wrong.is_empty(), "a case of what was withdrawn is not seen");
}
