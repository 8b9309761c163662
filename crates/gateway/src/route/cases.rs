//! `GET /v1/cases/{case_number}`: how a case stands, for a caller who asks.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use ledsaga_protocol::CaseBody;
use uuid::Uuid;

use crate::{
    access::{Guarded, may_see_standing},
    app::App,
    case_number,
    refusal::Refusal,
    store::{CaseStanding, Look},
    worker::Worker,
};

/// What does not exist and what this worker may not see take the same steps and get the same answer.
pub async fn get(
    State(app): State<Arc<App>>,
    worker: Worker,
    Path(asked): Path<String>,
) -> Result<Json<CaseBody>, Refusal> {
    let asked = Some(asked.as_str()).filter(|text| case_number::is_right(text));
    let case = app.store.case_standing(asked.unwrap_or_default()).await?;
    let look = match &case {
        Some(case) if may_see_standing(&worker, guarded(case)) => Look::Shown,
        Some(_) => Look::Refused,
        None => Look::Unknown,
    };
    let case = case.filter(|_| look == Look::Shown);
    let changes = app.store.changes_of(case.as_ref().map_or(Uuid::nil(), |case| case.submission)).await?;
    app.store.note_look(&worker.subject, asked, look).await?;
    let case = case.ok_or_else(Refusal::not_found)?;
    Ok(Json(CaseBody {
        submission: case.submission,
        case_number: asked.unwrap_or_default().to_owned(),
        service: case.service,
        received_at: case.received_at,
        secrecy_marking: case.secrecy,
        changes,
    }))
}

fn guarded(case: &CaseStanding) -> Guarded<'_> {
    Guarded { worker: &case.worker, secrecy: case.secrecy }
}
