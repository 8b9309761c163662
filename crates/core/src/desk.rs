//! The Desk: one worker's calls and cases. Every change goes in here, is durable, and comes back as a view.

mod calls;
mod cases;
mod files;
mod history;
mod keeping;
mod logging;
mod opening;
mod protecting;
mod queue;
mod searching;
pub(crate) mod sending;
pub(crate) mod shared;
mod standing;
pub(crate) mod state;
mod versions;
mod views;

use std::sync::Arc;

use jiff::Timestamp;
use ledsaga_forms::Delta;
pub use ledsaga_media::Preview;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    background::Background,
    draft::Draft,
    error::DeskError,
    swedish,
    view::{CallView, DeskView, LinkView, ServiceSummary, ServiceView},
};
use shared::Shared;
use state::State;

/// The answer to an operation on a form; it has been saved when this is returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Applied {
    pub delta: Delta,
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub saved_at: Timestamp,
    /// The read-back still counts as confirmed.
    pub confirmed: bool,
    /// What a file told in secret; only when one was taken into a protected call.
    pub traces: Option<FileTraces>,
}

/// What an attached file told in secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FileTraces {
    /// Codes of what was taken out: `place`, `author`, `device`, `software`, `time`, `comment`, `thumbnail`,
    /// `earlier_version`, `other`.
    pub removed: Vec<String>,
    /// Why nothing could be taken out, as a code such as `strip_unsupported`; the file is as it was then.
    pub kept: Option<String>,
}

impl Applied {
    pub(crate) fn new(delta: Delta, draft: &Draft) -> Self {
        Self { delta, saved_at: draft.updated_at, confirmed: views::is_confirmed(draft), traces: None }
    }
}

/// A file as read from disk, on its way into the store.
pub struct NewFile {
    /// As the worker sees it, without a path.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Cheap to clone; all clones are the same desk. The work in the background ends with the last clone.
#[derive(Clone)]
pub struct Desk {
    shared: Arc<Shared>,
    background: Arc<Background>,
}

impl Desk {
    /// Counts up whenever something changed that the UI may show without having asked for it.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// The queue, the link and the catalogue at a glance.
    ///
    /// # Errors
    /// The desk is closed.
    pub async fn view(&self) -> Result<DeskView, DeskError> {
        let state = self.shared.hold().await?;
        Ok(views::desk(&state, self.shared.clock.today(), self.shared.now()))
    }

    fn call_view(&self, state: &State, call: Uuid) -> Result<CallView, DeskError> {
        let shared = &self.shared;
        views::call(state, call, shared.clock.today(), shared.now(), shared.limits)
    }

    /// By name, keywords, summary and category, best first; everything when the query is empty.
    pub async fn find_services(&self, query: &str, category: Option<&str>) -> Vec<ServiceSummary> {
        match self.shared.hold().await {
            Ok(state) => state
                .catalogue
                .iter()
                .flat_map(|catalogue| catalogue.find(query, category))
                .map(views::service_summary)
                .collect(),
            Err(_) => Vec::new(),
        }
    }

    /// The start page of an e-service, in the version that new cases begin on.
    ///
    /// # Errors
    /// It is not offered, or the desk is closed.
    pub async fn service(&self, id: &str) -> Result<ServiceView, DeskError> {
        let state = self.shared.hold().await?;
        Ok(views::service(state.offered(id)?))
    }

    /// Tries the way to the municipality now instead of when the pause is over.
    pub async fn retry_now(&self) -> LinkView {
        let mut state = Arc::clone(&self.shared.state).lock_owned().await;
        state.link.check_again(self.shared.now());
        self.shared.retry.notify_one();
        views::link(&state)
    }
}

/// In the order of the Swedish alphabet, each once.
fn alphabetical(mut words: Vec<String>) -> Vec<String> {
    words.sort_by_cached_key(|word| (swedish::order(word), word.clone()));
    words.dedup();
    words
}
