//! The process dies at each named point between "send" and the words on screen, whatever becomes of what was sent, and at
//! two more on the way back: after the third restart there is exactly one case.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use ledsaga_contract::town::{ORAL, Town};
use ledsaga_core::{
    call::CallChange,
    desk::{Desk, NewFile},
    memory::MemoryStore,
    ports::{Municipality, Store},
    view::CaseStatus,
};
use ledsaga_faults::{
    field::{Doubling, Field, long, postgresql},
    mortal::{End, Life, MortalMunicipality, MortalStore, Outcome, Side, Step, Wrong},
    report::{Kind, row},
    work,
};
use ledsaga_forms::{AnswerView, speech::Language};
use ledsaga_link::Client;
use tokio::task::{JoinSet, LocalSet};

const ROW: &str = "crash points";
/// How often a worker who waits presses "try again".
const IMPATIENCE: Duration = Duration::from_millis(20);
/// Lives at the same time.
const AT_ONCE: usize = 6;

const STEPS: [Step; 10] = [
    Step::Freeze,
    Step::SendContact,
    Step::RecordContact,
    Step::SendFile,
    Step::RecordFile,
    Step::MarkInFlight,
    Step::SendSubmission,
    Step::Ask,
    Step::RecordOutcome,
    Step::RecordReceipt,
];
/// Those that the short run tries with every outcome; the others with one that is taken and one that is lost.
const NARROW: [Step; 4] = [Step::MarkInFlight, Step::SendSubmission, Step::Ask, Step::RecordReceipt];

/// What the worker does, taking up the thread from what is kept: as a person would after a restart. Answers the case number.
async fn work_through(desk: &Desk, file: bool) -> Result<String> {
    work::until(desk, IMPATIENCE, async |desk| desk.service(ORAL).await.ok()).await?;
    let call = match desk.view().await?.queue.first() {
        Some(row) => row.call,
        None => desk.start_call().await?.id,
    };
    let mut view = desk.open_call(call).await?;
    if view.cases.is_empty() {
        desk.change_call(call, vec![CallChange::Note("En gatlampa är trasig".to_owned())]).await?;
        view = desk.choose_service(call, ORAL).await?;
    }
    let case = view.cases.first().context("a case")?;
    let draft = case.draft;
    if case.status == CaseStatus::Editing {
        desk.apply(draft, vec![work::set("plats", "Storgatan 1")]).await?;
        let attached = case.form.questions.iter().any(|question| {
            matches!(&question.answer,
                AnswerView::Plain { answer: ledsaga_forms::Answer::Files { files } } if !files.is_empty())
        });
        if file && !attached {
            let bytes = b"%PDF-1.7 en karta".repeat(200);
            desk.attach(draft, "bilder", NewFile { name: "karta.pdf".to_owned(), bytes }).await?;
        }
        desk.confirm_read_back(draft, Language::Swedish).await?;
        desk.submit(draft).await?;
    }
    work::until(desk, IMPATIENCE, async |desk| match work::status(desk, draft).await {
        Some(CaseStatus::Received { case_number, .. }) => Some(case_number),
        _ => None,
    })
    .await
}

/// What lives one after another, and what is wrong with them.
#[derive(Clone, Copy)]
struct Fate {
    first: End,
    outcome: Outcome,
    wrong: Wrong,
    /// Without idempotency, and without a file, which only one submission can have.
    doubling: bool,
}

/// Lives and dies, twice more, and then lives on. Answers the case number that is shown in the end, and whether the first
/// life came to its point.
async fn live(field: &Field, fate: Fate) -> Result<(String, bool)> {
    let disk: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let client: Arc<dyn Municipality> = Arc::new(Client::new(&field.town.url(), field.account.clone()));
    let way = if fate.doubling { Arc::new(Doubling(client)) } else { client };
    let mut met = false;
    // The restarts die soon after they have begun to bring something, the last one does not.
    for (number, end) in
        [fate.first, End::AfterSteps(1), End::AfterSteps(0), End::Never].into_iter().enumerate()
    {
        let life = Life::until(end);
        let outcome = if number == 0 { fate.outcome } else { Outcome::Taken };
        let store = Arc::new(MortalStore::new(disk.clone(), life.clone(), fate.wrong));
        let municipality = Arc::new(MortalMunicipality::new(way.clone(), life.clone(), outcome));
        let whole = async {
            let desk = work::desk(store, municipality, field.agent.worker.clone()).await?;
            let case_number = work_through(&desk, !fate.doubling).await?;
            work::until(&desk, IMPATIENCE, async |_| {
                disk.outbox().await.is_ok_and(|items| items.is_empty()).then_some(())
            })
            .await?;
            anyhow::Ok((case_number, desk))
        };
        tokio::select! {
            ended = whole => {
                let (case_number, desk) = ended?;
                if end == End::Never {
                    desk.close().await;
                    return Ok((case_number, met));
                }
            }
            () = life.over() => met |= number == 0,
        }
    }
    unreachable!("the last life has no end")
}

fn short_or_all() -> Vec<(Step, Side, Outcome)> {
    let sides = [Side::Before, Side::After];
    let all = STEPS.into_iter().flat_map(|step| sides.map(|side| (step, side)));
    all.flat_map(|(step, side)| Outcome::ALL.map(|outcome| (step, side, outcome)))
        .filter(|(step, _, outcome)| {
            let few = matches!(outcome, Outcome::Taken | Outcome::AnswerLost);
            long() || few || NARROW.contains(step)
        })
        .collect()
}

/// Every point with every outcome, several at once; every life must end in a case of its own.
async fn every_point(town: Town, database: &str) -> Result<()> {
    LocalSet::new().run_until(every_point_of(town, database)).await
}

async fn every_point_of(town: Town, database: &str) -> Result<()> {
    let field = Arc::new(Field::of(town).await?);
    let mut left = short_or_all().into_iter();
    let (mut running, mut numbers, mut met) = (JoinSet::new(), Vec::new(), BTreeSet::new());
    loop {
        while running.len() < AT_ONCE
            && let Some((step, side, outcome)) = left.next()
        {
            let field = Arc::clone(&field);
            running.spawn_local(async move {
                let fate =
                    Fate { first: End::At(step, side), outcome, wrong: Wrong::Nothing, doubling: false };
                let (number, met) =
                    live(&field, fate).await.with_context(|| format!("{side:?} {step:?}, {outcome:?}"))?;
                anyhow::Ok((number, met.then_some((step, side))))
            });
        }
        let Some(done) = running.join_next().await else { break };
        let (number, point) = done??;
        numbers.push(number);
        met.extend(point);
    }
    let cases = field.town.cases().await?;
    let shown: BTreeSet<&str> = numbers.iter().map(String::as_str).collect();
    let there: BTreeSet<&str> = cases.iter().map(|case| case.case_number.as_str()).collect();
    let wrong = cases.len().abs_diff(numbers.len()) + shown.symmetric_difference(&there).count();
    let done = format!(
        "{database}: {} points from freezing to the receipt, with {} outcomes, two more deaths on the way back",
        met.len(),
        Outcome::ALL.len()
    );
    row(Kind::Test, ROW, &done, numbers.len(), wrong);
    ensure!(met.len() == 2 * STEPS.len(), "not every point was met: {met:?}");
    ensure!(wrong == 0, "{} lives became {} cases", numbers.len(), cases.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_at_any_point_makes_exactly_one_case() -> Result<()> {
    every_point(Town::start().await?, "SQLite").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn a_process_that_dies_at_any_point_makes_exactly_one_case_in_postgresql() -> Result<()> {
    let Some(cluster) = postgresql()? else { return Ok(()) };
    every_point(Town::on_database(&cluster.database()?).await?, "PostgreSQL").await
}

/// How many cases there are after one life and its restarts.
async fn cases_after(fate: Fate) -> Result<usize> {
    let field = Field::new().await?;
    live(&field, fate).await?;
    Ok(field.town.cases().await?.len())
}

/// The counter-test of the points around what is sent: the same without idempotency doubles the case.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_idempotency_a_death_after_sending_doubles_the_case() -> Result<()> {
    let mut seen = 0;
    for first in [End::At(Step::SendSubmission, Side::After), End::At(Step::RecordReceipt, Side::Before)] {
        let fate = Fate { first, outcome: Outcome::Taken, wrong: Wrong::Nothing, doubling: true };
        seen += usize::from(cases_after(fate).await? > 1);
    }
    row(Kind::CounterTest, ROW, "dies after sending, without idempotency: two cases", 2, seen);
    ensure!(seen == 2);
    Ok(())
}

/// The counter-test of the freezing: in two transactions, a case is left that is neither a draft nor on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_is_frozen_in_two_transactions_is_lost_between_them() -> Result<()> {
    let disk = Arc::new(MemoryStore::new());
    let field = Field::new().await?;
    let life = Life::until(End::At(Step::Freeze, Side::After));
    let store = Arc::new(MortalStore::new(disk.clone(), life.clone(), Wrong::FreezesInTwo));
    let way = Arc::new(Client::new(&field.town.url(), field.account.clone()));
    let desk = work::desk(store, way, field.agent.worker.clone()).await?;
    tokio::select! {
        ended = work_through(&desk, true) => drop(ended?),
        () = life.over() => {}
    }
    // Neither a draft nor on its way.
    let frozen = disk.outlines().await?.iter().filter(|case| case.state.submission().is_some()).count();
    let lost =
        frozen - disk.outbox().await?.iter().filter(|item| item.task.draft().is_some()).count().min(frozen);
    row(Kind::CounterTest, ROW, "frozen in two transactions: the case never goes", 1, lost);
    ensure!(lost == 1);
    Ok(())
}

/// The counter-test of the commits: a store that says "saved" one commit too early loses what it said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_one_commit_behind_is_found_out() -> Result<()> {
    let disk = Arc::new(MemoryStore::new());
    let field = Field::new().await?;
    let life = Life::until(End::At(Step::SendContact, Side::Before));
    let store = Arc::new(MortalStore::new(disk.clone(), life.clone(), Wrong::IsOneBehind));
    let client: Arc<dyn Municipality> = Arc::new(Client::new(&field.town.url(), field.account.clone()));
    let way = Arc::new(MortalMunicipality::new(client, life.clone(), Outcome::Taken));
    let desk = work::desk(store, way, field.agent.worker.clone()).await?;
    let whole = work_through(&desk, true);
    tokio::select! {
        ended = whole => drop(ended?),
        () = life.over() => {}
    }
    // The worker was told that the case is in the queue, and the contact record was about to go.
    let kept = disk.outlines().await?.iter().filter(|case| case.state.submission().is_some()).count();
    let lost = 1 - kept.min(1);
    row(Kind::CounterTest, ROW, "a store that is one commit behind: a queued case is gone", 1, lost);
    ensure!(lost == 1);
    Ok(())
}
