//! `GET /v1/changes`: what happened to a worker's own cases.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
};
use ledsaga_protocol::{ChangesBody, LONGEST_WAIT};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use crate::{app::App, refusal::Refusal, store::Cursor, worker::Submitter};

#[derive(Deserialize)]
pub struct Asked {
    cursor: Option<String>,
    /// Seconds.
    #[serde(default)]
    wait: u64,
}

pub async fn get(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Query(asked): Query<Asked>,
) -> Result<Json<ChangesBody>, Refusal> {
    let cursor = match &asked.cursor {
        Some(text) => Cursor::parse(text).ok_or_else(Refusal::malformed)?,
        None => Cursor::default(),
    };
    let until = Instant::now() + Duration::from_secs(asked.wait.min(LONGEST_WAIT));
    let mut bell = app.store.bell(&worker.subject);
    loop {
        // Heard from here on, so that what comes between looking and waiting is heard too.
        bell.mark_unchanged();
        let body = app.store.changes(&worker.subject, cursor).await?;
        if !body.changes.is_empty() || app.is_ending() || Instant::now() >= until {
            return Ok(Json(body));
        }
        // Rung or not, it is looked once more.
        let _ = timeout_at(until, bell.changed()).await;
    }
}
