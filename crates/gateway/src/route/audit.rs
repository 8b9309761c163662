//! `PUT /v1/audit/{vault}/{first}`, `GET /v1/audit/{vault}`: a worker's log arrives in order, whole and unchanged.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use ledsaga_protocol::{AuditBody, AuditHead, SCHEMA, audit, code, header as own};
use serde::Deserialize;
use uuid::Uuid;

use super::{check_digest, parse};
use crate::{
    app::App,
    refusal::Refusal,
    store::{AuditOutcome, AuditRun},
    worker::{Role, Worker},
};

/// What an event must say, of all that it may.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "id")]
    _id: Uuid,
    worker: String,
}

/// Whoever works here may hand in their own log, whatever else they may do: reviewers' views are logged too.
pub async fn put(
    State(app): State<Arc<App>>,
    worker: Worker,
    Path((vault, first)): Path<(Uuid, u64)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    if worker.roles.is_empty() {
        return Err(Refusal::forbidden());
    }
    check_digest(&headers, &body)?;
    let run: AuditBody = parse(&body)?;
    let last = first.checked_add(run.events.len() as u64).filter(|end| i64::try_from(*end).is_ok());
    let is_asked_for = run.schema == SCHEMA && run.vault == vault && run.first == first;
    if !is_asked_for || first == 0 || last.is_none() || run.events.is_empty() {
        return Err(Refusal::malformed());
    }
    for event in &run.events {
        if parse::<Event>(event.as_bytes())?.worker != worker.subject {
            return Err(Refusal::forbidden());
        }
    }
    let links = links(&run)?;
    let run = AuditRun { vault, first, previous: &run.previous, links: &links };
    match app.store.put_audit(&worker.subject, &run).await? {
        AuditOutcome::Kept { head, new: true } => Ok((StatusCode::CREATED, Json(head)).into_response()),
        AuditOutcome::Kept { head, new: false } => Ok(Json(head).into_response()),
        AuditOutcome::Gap(seq) => {
            let title = "Tidigare händelser i loggen saknas här.";
            Err(Refusal::new(StatusCode::CONFLICT, code::AUDIT_GAP, title)
                .with(header::HeaderName::from_static(own::AUDIT_SEQ), seq))
        }
        AuditOutcome::Forked => {
            tracing::error!("a log differs from what was received of it before");
            Err(Refusal::unprocessable(code::AUDIT_FORKED, "Loggen är en annan än den som har kommit in."))
        }
        AuditOutcome::NotYours => Err(Refusal::not_found()),
    }
}

/// For the worker whose log it is, and for reviewers.
pub async fn get(
    State(app): State<Arc<App>>,
    worker: Worker,
    Path(vault): Path<Uuid>,
) -> Result<Json<AuditHead>, Refusal> {
    let log = app.store.audit_head(vault).await?;
    let seen = log.filter(|(_, owner)| *owner == worker.subject || worker.roles.contains(&Role::Auditor));
    seen.map(|(head, _)| Json(head)).ok_or_else(Refusal::not_found)
}

/// Each event with its hash, if they are those that the head was made of.
fn links(run: &AuditBody) -> Result<Vec<(String, &[u8])>, Refusal> {
    let mut hash = [0; 32];
    hex::decode_to_slice(&run.previous, &mut hash).map_err(|_| Refusal::malformed())?;
    let mut links = Vec::with_capacity(run.events.len());
    for (seq, event) in (run.first..).zip(&run.events) {
        hash = audit::link(seq, &hash, event.as_bytes());
        links.push((hex::encode(hash), event.as_bytes()));
    }
    if links.last().is_some_and(|(hash, _)| *hash == run.head) {
        Ok(links)
    } else {
        let title = "Loggen har ändrats efter att den skrevs.";
        Err(Refusal::unprocessable(code::AUDIT_BROKEN, title))
    }
}
