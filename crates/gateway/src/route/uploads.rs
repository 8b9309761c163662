//! `POST /v1/uploads`, `HEAD|PATCH|DELETE /v1/uploads/{uuid}`: files that can be taken up where they broke off.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use ledsaga_protocol::{UploadBody, UploadStatus, code, digest, header as own};
use uuid::Uuid;

use super::{UPLOAD_LIMIT, check_digest, parse};
use crate::{
    app::App,
    judgement::is_sha256,
    refusal::Refusal,
    store::{Appended, Begun, Upload},
    worker::Submitter,
};

/// Bytes that a worker may have here without a case: several full cases on their way at once.
const UNBOUND_LIMIT: u64 = 1 << 30;
/// Seconds until there may be room again, since cases take their files.
const ROOM_AFTER: u64 = 60;

pub async fn begin(State(app): State<Arc<App>>, worker: Submitter, body: Bytes) -> Result<Response, Refusal> {
    let wanted: UploadBody = parse(&body)?;
    if wanted.size > UPLOAD_LIMIT {
        return Err(Refusal::too_large());
    }
    let is_text = |text: &str| !text.is_empty() && text.len() <= 1024 && !text.contains(char::is_control);
    // Nothing more will come of an empty file, so it is judged at once.
    let can_come = wanted.size > 0 || wanted.sha256 == digest::hex(&[]);
    if !can_come || !is_text(&wanted.name) || !is_text(&wanted.media_type) || !is_sha256(&wanted.sha256) {
        return Err(Refusal::malformed());
    }
    let alive = Timestamp::now().checked_sub(app.upload_time).map_err(|_| Refusal::internal())?;
    match app.store.begin_upload(&worker.subject, &wanted, alive, UNBOUND_LIMIT).await? {
        Begun::New(upload) => Ok((StatusCode::CREATED, Json(stands(&app, &upload))).into_response()),
        Begun::Known(known) if known.worker == worker.subject && known.body == wanted => {
            Ok(Json(stands(&app, &known)).into_response())
        }
        Begun::Known(_) => Err(Refusal::content_differs()),
        Begun::Full => {
            let title = "Det finns redan för mycket filer här som inget ärende har frågat efter.";
            Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, code::TOO_MANY, title)
                .with(header::RETRY_AFTER, ROOM_AFTER))
        }
    }
}

fn stands(app: &App, upload: &Upload) -> UploadStatus {
    UploadStatus { id: upload.body.id, offset: upload.stored, expires_at: upload.expires_at(app.upload_time) }
}

pub async fn status(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Path(id): Path<Uuid>,
) -> Result<Response, Refusal> {
    let upload = find(&app, &worker, id).await?;
    Ok(at(upload.stored))
}

pub async fn append(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    chunk: Bytes,
) -> Result<Response, Refusal> {
    let upload = find(&app, &worker, id).await?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != own::CHUNK_TYPE) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code::MALFORMED,
            "Fel medietyp för en del av en fil.",
        ));
    }
    let offset: u64 = headers
        .get(own::UPLOAD_OFFSET)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .ok_or_else(Refusal::malformed)?;
    check_digest(&headers, &chunk)?;
    if chunk.is_empty() {
        return Err(Refusal::malformed());
    }
    if offset != upload.stored {
        return Err(elsewhere(upload.stored));
    }
    if chunk.len() as u64 > upload.body.size - upload.stored {
        return Err(Refusal::too_large());
    }
    match app.store.append(&upload.body, offset, &chunk).await? {
        Appended::Stored(stored) => Ok(at(stored)),
        Appended::Elsewhere => Err(elsewhere(find(&app, &worker, id).await?.stored)),
        Appended::WrongContent => {
            let title = "Filen som kom fram är inte den som skulle komma. Den måste skickas om.";
            Err(Refusal::new(StatusCode::BAD_REQUEST, code::DIGEST, title)
                .with(header::HeaderName::from_static(own::UPLOAD_OFFSET), 0_u64))
        }
    }
}

pub async fn remove(
    State(app): State<Arc<App>>,
    worker: Submitter,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Refusal> {
    let upload = find(&app, &worker, id).await?;
    if upload.bound || !app.store.remove_upload(id).await? {
        return Err(Refusal::forbidden());
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, worker: &Submitter, id: Uuid) -> Result<Upload, Refusal> {
    let upload = app.store.upload(id).await?.filter(|upload| upload.worker == worker.subject);
    upload.ok_or_else(Refusal::not_found)
}

fn at(offset: u64) -> Response {
    (StatusCode::NO_CONTENT, [(own::UPLOAD_OFFSET, offset.to_string())]).into_response()
}

fn elsewhere(offset: u64) -> Refusal {
    Refusal::new(StatusCode::CONFLICT, code::OFFSET, "Filen fortsätter på ett annat ställe.")
        .with(header::HeaderName::from_static(own::UPLOAD_OFFSET), offset)
}
