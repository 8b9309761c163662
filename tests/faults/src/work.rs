//! What a worker does at a desk before a real gateway, and waiting for what comes of it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use ledsaga_contract::town::{ORAL, text};
use ledsaga_core::{
    call::CallChange,
    clock::SystemClock,
    desk::{Desk, NewFile},
    memory::MemoryIndex,
    ports::{Municipality, Store},
    retention::Limits,
    view::CaseStatus,
    worker::Worker,
};
use ledsaga_forms::{Op, OpKind, speech::Language};
use uuid::Uuid;

/// Far more than anything takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// A desk on this store before this municipality.
///
/// # Errors
/// The store cannot be read.
pub async fn desk(
    store: Arc<dyn Store>,
    municipality: Arc<dyn Municipality>,
    worker: Worker,
) -> Result<Desk> {
    let (index, clock) = (Arc::new(MemoryIndex::new()), Arc::new(SystemClock));
    Ok(Desk::open(store, index, municipality, clock, worker, Limits::default()).await?)
}

/// Waits until something holds, looking again whenever the desk says that something changed, and presses "try again"
/// after so long.
///
/// # Errors
/// It never comes about.
pub async fn until<T>(
    desk: &Desk,
    impatience: Duration,
    mut holds: impl AsyncFnMut(&Desk) -> Option<T>,
) -> Result<T> {
    let mut changes = desk.changes();
    let waiting = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = holds(desk).await {
                return found;
            }
            if tokio::time::timeout(impatience, changes.changed()).await.is_err() {
                desk.retry_now().await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.context("it never came about")
}

/// Waits until something holds, and presses nothing meanwhile.
///
/// # Errors
/// It does not within `limit`.
pub async fn by_itself<T>(
    desk: &Desk,
    limit: Duration,
    mut holds: impl AsyncFnMut(&Desk) -> Option<T>,
) -> Result<T> {
    let mut changes = desk.changes();
    let waiting = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = holds(desk).await {
                return found;
            }
            // Ends with the desk, and then nothing more will hold.
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::time::timeout(limit, waiting).await.with_context(|| format!("not within {limit:?}"))
}

pub fn set(question: &str, answer: &str) -> Op {
    let kind = OpKind::Set { question: question.to_owned(), answer: text(answer) };
    Op { id: Uuid::now_v7().to_string(), kind }
}

/// A call with a case that is read back and sent, with a file where there are bytes for one.
///
/// # Errors
/// The desk refuses.
pub async fn whole_call(desk: &Desk, file: Option<Vec<u8>>) -> Result<Uuid> {
    let call = desk.start_call().await?;
    let name = CallChange::CallerName("Prov Provsson".to_owned());
    desk.change_call(call.id, vec![name, CallChange::Note("En gatlampa är trasig".to_owned())]).await?;
    let draft = desk.choose_service(call.id, ORAL).await?.cases.last().context("a case")?.draft;
    let set = vec![set("plats", &format!("Storgatan {draft}")), set("sedan", "2026-11-01")];
    desk.apply(draft, set).await?;
    if let Some(bytes) = file {
        desk.attach(draft, "bilder", NewFile { name: "karta.pdf".to_owned(), bytes }).await?;
    }
    desk.read_back(draft, Language::Swedish).await?;
    desk.confirm_read_back(draft, Language::Swedish).await?;
    desk.submit(draft).await?;
    desk.end_call(call.id).await?;
    Ok(draft)
}

pub async fn status(desk: &Desk, draft: Uuid) -> Option<CaseStatus> {
    let queue = desk.view().await.ok()?.queue;
    queue.into_iter().find(|row| row.draft == Some(draft)).and_then(|row| row.case)
}
