//! `PUT|GET|DELETE /v1/submissions/{uuid}`: one id, one case or none for ever.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use ledsaga_forms::{Definition, FileRef};
use ledsaga_protocol::{ReceiptBody, ReceiptClaims, SCHEMA, SubmissionBody, code, digest, header};
use uuid::Uuid;

use super::{check_digest, parse};
use crate::{
    app::App,
    judgement::{is_named_rightly, judge},
    refusal::Refusal,
    store::{Fate, Filed, Filing, FilingOutcome, Withdrawal},
    worker::{Submitter, Worker},
};

pub async fn put(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    check_idempotency_key(&headers, id)?;
    check_digest(&headers, &body)?;
    let digest = digest::hex(&body);
    // What is right by a definition at hand is filed at once: the filing finds out whether the id was used and whether
    // the e-service is still published. Anything else takes the long way.
    let read = read(id, &worker, &body);
    let at_once = read.as_ref().ok().and_then(|submission| {
        let definition = app.definition_at_hand(&submission.service)?;
        accept(&definition, submission).ok()
    });
    let (submission, (to_supplement, files)) = match (read, at_once) {
        (Ok(submission), Some(accepted)) => (submission, accepted),
        (read, _) => {
            // Before anything else is judged: a service retired since then does not undo a case.
            match app.store.fate(id).await? {
                Some(Fate::Filed(known)) => return replay(known, &worker, &digest),
                Some(Fate::Withdrawn { worker: by }) => return Err(withdrawn(&by, &worker)),
                None => {}
            }
            let submission = read?;
            let definition = app.definition(&submission.service).await?;
            let accepted = accept(&definition, &submission)?;
            (submission, accepted)
        }
    };
    let (signer, signed) = (Arc::clone(&app), digest.clone());
    let prove = move |case_number: &str, received_at| {
        let claims = ReceiptClaims {
            submission: id,
            digest: signed.clone(),
            case_number: case_number.to_owned(),
            received_at,
        };
        signer.receipts.sign("JWT", &claims)
    };
    let filing = Filing {
        id,
        digest: digest.clone(),
        body: body.to_vec(),
        contact: submission.contact,
        service_id: submission.service.id.clone(),
        service_version: submission.service.version,
        service_hash: submission.service.hash.clone(),
        answers: serde_json::to_string(&submission.answers).map_err(|_| Refusal::internal())?,
        secrecy: submission.secrecy_marking,
        worker: worker.subject.clone(),
        files,
        to_supplement,
        case_prefix: app.case_prefix.clone(),
        prove: Box::new(prove),
    };
    match app.store.file(filing).await? {
        FilingOutcome::New(receipt) => Ok((StatusCode::CREATED, Json(receipt)).into_response()),
        FilingOutcome::Known(known) => replay(known, &worker, &digest),
        FilingOutcome::Withdrawn { worker: by } => Err(withdrawn(&by, &worker)),
        // Published again meanwhile: whoever comes again is filed.
        FilingOutcome::ServiceChanged => {
            Err(app.definition(&submission.service).await.err().unwrap_or_else(Refusal::unavailable))
        }
        FilingOutcome::AttachmentMissing => Err(attachment_missing()),
    }
}

pub async fn get(
    State(app): State<Arc<App>>,
    worker: Worker,
    Path(id): Path<Uuid>,
) -> Result<Json<ReceiptBody>, Refusal> {
    match app.store.fate(id).await? {
        Some(Fate::Filed(filed)) if filed.worker == worker.subject => Ok(Json(filed.receipt)),
        Some(Fate::Withdrawn { worker: by }) if by == worker.subject => Err(Refusal::cancelled()),
        _ => Err(Refusal::not_found()),
    }
}

/// An id that is another worker's is not told to be a case or a tombstone.
pub async fn delete(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Refusal> {
    match app.store.withdraw(id, &worker.subject).await? {
        Withdrawal::Done => Ok(StatusCode::NO_CONTENT),
        Withdrawal::Accepted => {
            let title = "Ärendet har redan kommit in och kan inte återtas här.";
            Err(Refusal::new(StatusCode::CONFLICT, code::ACCEPTED, title))
        }
        Withdrawal::NotYours => Err(Refusal::not_found()),
    }
}

/// To anybody but the one who withdrew it, the id is one that was used.
fn withdrawn(by: &str, worker: &Submitter) -> Refusal {
    if by == worker.subject { Refusal::cancelled() } else { Refusal::content_differs() }
}

/// The same receipt for the same bytes by the same worker; nothing of it for anything else.
fn replay(known: Filed, worker: &Submitter, digest: &str) -> Result<Response, Refusal> {
    if known.worker == worker.subject && known.receipt.digest == digest {
        Ok(Json(known.receipt).into_response())
    } else {
        Err(Refusal::content_differs())
    }
}

fn attachment_missing() -> Refusal {
    let title = "En bifogad fil har inte kommit in.";
    Refusal::new(StatusCode::FAILED_DEPENDENCY, code::ATTACHMENT_MISSING, title)
}

fn read(id: Uuid, worker: &Submitter, body: &[u8]) -> Result<SubmissionBody, Refusal> {
    let submission: SubmissionBody = parse(body)?;
    if submission.schema != SCHEMA || submission.id != id {
        return Err(Refusal::malformed());
    }
    if submission.scribe.subject != worker.subject {
        return Err(Refusal::forbidden());
    }
    Ok(submission)
}

/// The paths of required questions without an answer, and the files that the answers name.
fn accept(
    definition: &Definition,
    submission: &SubmissionBody,
) -> Result<(Vec<String>, Vec<FileRef>), Refusal> {
    let to_supplement = judge(definition, submission)?;
    let files = ledsaga_forms::files_in(&submission.answers);
    if !files.iter().all(|file| is_named_rightly(file)) {
        return Err(attachment_missing());
    }
    Ok((to_supplement, files.into_iter().cloned().collect()))
}

fn check_idempotency_key(headers: &HeaderMap, id: Uuid) -> Result<(), Refusal> {
    let right = headers
        .get(header::IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix('"')?.strip_suffix('"'))
        .and_then(|value| Uuid::parse_str(value).ok())
        == Some(id);
    if right {
        Ok(())
    } else {
        Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            code::IDEMPOTENCY_KEY,
            "Idempotency-Key saknas eller är en annan.",
        ))
    }
}
