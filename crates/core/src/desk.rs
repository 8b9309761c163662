//! The Desk: one worker's calls and cases. Every change goes in here, is durable, and comes back as a view.

use std::sync::Arc;

use jiff::Timestamp;
use ledsaga_forms::{Delta, Op};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    call::CallChange,
    clock::Clock,
    error::DeskError,
    ports::{Municipality, Store},
    view::{
        CallView, CaseView, DeskView, LinkView, ReadBack, RevealTarget, ServiceSummary, ServiceView,
    },
    worker::Worker,
};

/// The answer to an operation on a form; it has been saved when this is returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Applied {
    pub delta: Delta,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub saved_at: Timestamp,
    /// The read-back still counts as confirmed.
    pub confirmed: bool,
}

/// A file as read from disk, on its way into the store.
pub struct NewFile {
    /// As the worker sees it, without a path.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Cheap to clone; all clones are the same desk.
#[derive(Clone)]
pub struct Desk {}

#[allow(unused_variables)]
impl Desk {
    /// Loads what is kept, settles what a crash left in flight, and starts bringing the outbox to the municipality.
    pub async fn open(
        store: Arc<dyn Store>,
        municipality: Arc<dyn Municipality>,
        clock: Arc<dyn Clock>,
        worker: Worker,
    ) -> Result<Self, DeskError> {
        unimplemented!()
    }

    /// Stops the work in the background, writes everything out and forgets the keys.
    pub async fn close(&self) {
        unimplemented!()
    }

    /// Counts up whenever something changed that the UI may show without having asked for it.
    pub fn changes(&self) -> watch::Receiver<u64> {
        unimplemented!()
    }

    pub async fn view(&self) -> Result<DeskView, DeskError> {
        unimplemented!()
    }

    /// By name, keywords, summary and category, best first; everything when the query is empty.
    pub async fn find_services(&self, query: &str, category: Option<&str>) -> Vec<ServiceSummary> {
        unimplemented!()
    }

    pub async fn service(&self, id: &str) -> Result<ServiceView, DeskError> {
        unimplemented!()
    }

    pub async fn start_call(&self) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    /// Opens a call on screen and remembers it for the next start.
    pub async fn open_call(&self, call: Uuid) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    pub async fn change_call(&self, call: Uuid, changes: Vec<CallChange>) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    /// The contact record is complete and goes on its way.
    pub async fn end_call(&self, call: Uuid) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    /// Begins a case in the call.
    pub async fn choose_service(&self, call: Uuid, service: &str) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    pub async fn apply(&self, draft: Uuid, operations: Vec<Op>) -> Result<Applied, DeskError> {
        unimplemented!()
    }

    pub async fn attach(&self, draft: Uuid, question: &str, file: NewFile) -> Result<Applied, DeskError> {
        unimplemented!()
    }

    /// Raises protection for the whole call, at once.
    pub async fn protect(&self, call: Uuid) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    /// Lowers protection; the reason is logged.
    pub async fn lower_protection(&self, call: Uuid, reason: &str) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    /// One masked value in plain text; logged before it is answered.
    pub async fn reveal(&self, call: Uuid, target: RevealTarget) -> Result<String, DeskError> {
        unimplemented!()
    }

    pub async fn read_back(&self, draft: Uuid) -> Result<ReadBack, DeskError> {
        unimplemented!()
    }

    /// The caller has heard the summary and agrees.
    pub async fn confirm_read_back(&self, draft: Uuid) -> Result<ReadBack, DeskError> {
        unimplemented!()
    }

    /// Freezes the case and puts it into the outbox, in one transaction.
    pub async fn submit(&self, draft: Uuid) -> Result<CaseView, DeskError> {
        unimplemented!()
    }

    /// Makes a refused case a draft again, on the newest version of its e-service.
    pub async fn reopen(&self, draft: Uuid) -> Result<CallView, DeskError> {
        unimplemented!()
    }

    /// Tries the way to the municipality now instead of when the pause is over.
    pub async fn retry_now(&self) -> LinkView {
        unimplemented!()
    }
}
