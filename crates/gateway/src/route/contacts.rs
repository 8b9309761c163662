//! `PUT /v1/contacts/{uuid}`.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use ledsaga_protocol::{ContactBody, SCHEMA};
use uuid::Uuid;

use super::parse;
use crate::{app::App, refusal::Refusal, store::ContactOutcome, worker::Submitter};

pub async fn put(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let contact: ContactBody = parse(&body)?;
    if contact.schema != SCHEMA || contact.id != id || i64::try_from(contact.rev).is_err() {
        return Err(Refusal::malformed());
    }
    match app.store.put_contact(&worker.subject, &contact).await? {
        ContactOutcome::Kept => Ok(StatusCode::NO_CONTENT),
        ContactOutcome::Differs => Err(Refusal::content_differs()),
        ContactOutcome::NotYours => Err(Refusal::not_found()),
    }
}
