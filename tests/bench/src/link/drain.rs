//! Emptying the queue of a worker who was long without a network, beside a loop that sends the same bytes and syncs a
//! file after each answer.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use ledsaga_contract::town::sign_in;
use ledsaga_core::{
    clock::SystemClock, desk::Desk, memory::MemoryIndex, outbox::Task, ports::Store as _, retention::Limits,
};
use ledsaga_forms::{Answer, Op, OpKind, speech::Language};
use ledsaga_link::{Client, Timeouts};
use ledsaga_protocol::{digest, header as own};
use ledsaga_vault::Vault;
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use super::{
    bodies::{self, Case, SERVICE, question},
    load::{self, WORKER},
    server::Server,
};
use crate::{goals::Figure, host::Syncs, store::ours::Secrets};

/// Cases at a time, as the outbox has it.
const AT_A_TIME: usize = ledsaga_core::outbox::MAX_CALLS;
const QUESTIONS: usize = 30;

const WHY: &str = "Beside the requests, each case costs the worker's computer two sealed transactions of about eight and fifteen \
    statements (fewer commits when several end at once), the proof of its receipt, what is left of it in the lists and its \
    part of the log; the loop beside it keeps nothing that could be found again.";

pub async fn measure(disk: &Path, count: usize) -> Result<Figure> {
    let folder = tempfile::tempdir_in(disk)?;
    bodies::publish(&folder.path().join("services"))?;
    let gateway = Server::gateway(folder.path(), None, 0, None)?;
    let (url, port) = (gateway.url.clone(), gateway.port()?);
    let account = sign_in(&url, WORKER, Timeouts::default()).await?;
    let worker = account.worker().clone();
    let vault_folder = tempfile::tempdir_in(disk)?;
    let vault =
        Arc::new(Vault::open(vault_folder.path(), &worker, Arc::new(Secrets::default()), None).await?);
    let desk = Desk::open(
        vault.clone(),
        Arc::new(MemoryIndex::new()),
        Arc::new(Client::new(&url, account)),
        Arc::new(SystemClock),
        worker,
        Limits::default(),
    )
    .await?;
    let mut changes = desk.changes();
    while desk.service(SERVICE).await.is_err() {
        changes.changed().await?;
    }
    gateway.stop()?;

    eprintln!("   filling the queue with {count} cases");
    for number in 0..count {
        queue(&desk, number).await?;
    }
    let sent = frozen(&vault).await?;
    ensure!(sent.len() == count, "{} cases are queued of {count}", sent.len());

    let gateway = Server::gateway(folder.path(), None, port, None)?;
    let start = Instant::now();
    desk.retry_now().await;
    until_empty(&vault, count * 2).await?;
    let own = count as f64 / start.elapsed().as_secs_f64();
    desk.close().await;
    gateway.stop()?;

    let bare = bare(disk, sent).await?;
    Ok(Figure::new(
        format!("emptying a queue of {count} cases with their contact records"),
        format!("{own:.0} cases/s"),
    )
    .beside(format!("{bare:.0} cases/s"))
    .ratio(own / bare)
    .at_least(0.8, WHY))
}

/// A call with one case that the caller has confirmed.
async fn queue(desk: &Desk, number: usize) -> Result<()> {
    let call = desk.start_call().await?.id;
    let view = desk.choose_service(call, SERVICE).await?;
    let draft = view.cases.last().context("no case")?.draft;
    let rng = &mut fastrand::Rng::with_seed(number as u64);
    let answers = (0..QUESTIONS).map(|n| Op {
        id: Uuid::now_v7().to_string(),
        kind: OpKind::Set { question: question(n), answer: Answer::Text { text: bodies::answer(rng) } },
    });
    desk.apply(draft, answers.collect()).await?;
    desk.read_back(draft, Language::Swedish).await?;
    desk.confirm_read_back(draft, Language::Swedish).await?;
    desk.submit(draft).await?;
    desk.end_call(call).await?;
    Ok(())
}

/// What is queued, as it will be sent.
async fn frozen(vault: &Vault) -> Result<Vec<(Uuid, Case)>> {
    let mut cases = Vec::new();
    for item in vault.outbox().await? {
        if let Task::Submission { submission, .. } = item.task {
            let frozen = vault.submission(submission).await?.context("nothing was frozen")?;
            cases.push((frozen.call_id, Case { id: frozen.id, bytes: frozen.payload }));
        }
    }
    Ok(cases)
}

/// Looks seldom while there is much left, so that looking costs little.
async fn until_empty(vault: &Vault, items: usize) -> Result<()> {
    let start = Instant::now();
    loop {
        let left = vault.outbox().await?.len();
        if left == 0 {
            return Ok(());
        }
        let done = items.saturating_sub(left).max(1);
        let rest = start.elapsed().mul_f64(left as f64 / done as f64);
        sleep((rest / 2).clamp(Duration::from_millis(10), Duration::from_secs(2))).await;
    }
}

/// Cases a second.
async fn bare(disk: &Path, cases: Vec<(Uuid, Case)>) -> Result<f64> {
    let folder = tempfile::tempdir_in(disk)?;
    bodies::publish(&folder.path().join("services"))?;
    let gateway = Server::gateway(folder.path(), None, 0, None)?;
    let token = load::token(&gateway.url).await?;
    let (cases, next) = (Arc::new(cases), Arc::new(AtomicUsize::new(0)));
    let start = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        let (url, token, client) = (gateway.url.clone(), token.clone(), load::connection()?);
        let mut syncs = Syncs::in_folder(disk)?;
        senders.spawn(async move {
            while let Some((call, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let contact = load::request(&client, &url, "contacts", *call, &token);
                contact.body(bodies::contact(*call)?).send().await?.error_for_status()?.bytes().await?;
                tokio::task::block_in_place(|| syncs.one())?;
                let submission = load::request(&client, &url, "submissions", case.id, &token)
                    .header(own::IDEMPOTENCY_KEY, format!("\"{}\"", case.id))
                    .header(own::CONTENT_DIGEST, digest::header(&case.bytes));
                submission.body(case.bytes.clone()).send().await?.error_for_status()?.bytes().await?;
                tokio::task::block_in_place(|| syncs.one())?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    let rate = cases.len() as f64 / start.elapsed().as_secs_f64();
    gateway.stop()?;
    Ok(rate)
}
