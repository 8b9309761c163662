//! Uploads, and the cases that name them.

use anyhow::{Context as _, Result, ensure};
use jiff::{Timestamp, ToSpan as _};
use ledsaga_protocol::{UploadStatus, code, digest};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::Row as _;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Clerk, Site,
    site::{ORAL, complete, has, receipt, refused, text},
};

const CONTENT: &[u8] = b"%PDF-1.7 not much of a document, but enough to be cut in pieces";

struct Upload {
    id: Uuid,
    body: Value,
}

fn upload(content: &[u8]) -> Upload {
    let id = Uuid::now_v7();
    let body = json!({
        "id": id, "name": "intyg.pdf", "media_type": "application/pdf",
        "size": content.len(), "sha256": digest::hex(content),
    });
    Upload { id, body }
}

async fn begin(clerk: &Clerk, upload: &Upload) -> Result<Response> {
    Ok(clerk.request("POST", "/v1/uploads")?.body(upload.body.to_string()).send().await?)
}

async fn append(clerk: &Clerk, id: Uuid, offset: usize, chunk: &[u8]) -> Result<Response> {
    append_as(clerk, id, offset, chunk, &digest::header(chunk)).await
}

async fn append_as(clerk: &Clerk, id: Uuid, offset: usize, chunk: &[u8], digest: &str) -> Result<Response> {
    let request = clerk
        .request("PATCH", &format!("/v1/uploads/{id}"))?
        .header("content-type", "application/partial-upload")
        .header("upload-offset", offset)
        .header("content-digest", digest)
        .body(chunk.to_vec());
    Ok(request.send().await?)
}

fn offset(answer: &Response) -> Result<u64> {
    Ok(answer.headers().get("upload-offset").context("no offset")?.to_str()?.parse()?)
}

async fn offset_of(clerk: &Clerk, id: Uuid) -> Result<u64> {
    let answer = clerk.request("HEAD", &format!("/v1/uploads/{id}"))?.send().await?;
    has(&answer, StatusCode::NO_CONTENT)?;
    offset(&answer)
}

/// An answer with this file.
fn answer(upload: &Upload) -> Value {
    let mut file = upload.body.clone();
    file["id"] = json!(upload.id);
    json!({"type": "files", "files": [file]})
}

fn with_file(upload: &Upload) -> Value {
    let mut answers = complete();
    answers["bilaga"] = answer(upload);
    answers
}

pub async fn a_case_waits_for_its_files(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let file = upload(CONTENT);
    let submission = astrid.submission(ORAL, with_file(&file)).await?;
    let waits = async || refused(astrid.put(&submission).await?, 424, code::ATTACHMENT_MISSING).await;
    waits().await?;
    begin(&astrid, &file).await?;
    waits().await?;
    append(&astrid, file.id, 0, &CONTENT[..10]).await?;
    waits().await?;
    ensure!(site.cases().await?.is_empty());
    append(&astrid, file.id, 10, &CONTENT[10..]).await?;

    // Whole, but not the file that these answers name.
    let mut other = astrid.submission(ORAL, with_file(&file)).await?;
    other["answers"]["bilaga"]["files"][0]["sha256"] = json!(digest::hex(b"other"));
    refused(astrid.put(&other).await?, 424, code::ATTACHMENT_MISSING).await?;
    let stranger = bo.submission(ORAL, with_file(&file)).await?;
    refused(bo.put(&stranger).await?, 424, code::ATTACHMENT_MISSING).await?;

    let filed = receipt(astrid.put(&submission).await?, 201).await?;
    ensure!(receipt(astrid.put(&submission).await?, 200).await? == filed);
    // The file belongs to that case now.
    let path = format!("/v1/uploads/{}", file.id);
    refused(astrid.request("DELETE", &path)?.send().await?, 403, code::FORBIDDEN).await?;
    let second = astrid.submission(ORAL, with_file(&file)).await?;
    refused(astrid.put(&second).await?, 424, code::ATTACHMENT_MISSING).await?;
    let again = begin(&astrid, &file).await?;
    has(&again, StatusCode::OK)?;
    ensure!(again.json::<UploadStatus>().await?.offset == CONTENT.len() as u64);
    ensure!(site.cases().await?.len() == 1);
    Ok(())
}

pub async fn a_file_in_a_row_counts(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let file = upload(CONTENT);
    let mut answers = complete();
    answers["barn"] = json!({"type": "rows", "rows": [
        {"id": Uuid::now_v7(), "answers": {"barnets_namn": text("Lill Exempel"), "intyg": answer(&file)}}
    ]});
    let submission = clerk.submission(ORAL, answers).await?;
    refused(clerk.put(&submission).await?, 424, code::ATTACHMENT_MISSING).await?;
    begin(&clerk, &file).await?;
    append(&clerk, file.id, 0, CONTENT).await?;
    receipt(clerk.put(&submission).await?, 201).await?;
    Ok(())
}

pub async fn an_upload_goes_on_where_it_broke_off(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let file = upload(CONTENT);
    has(&begin(&clerk, &file).await?, StatusCode::CREATED)?;
    ensure!(offset_of(&clerk, file.id).await? == 0);
    ensure!(offset(&append(&clerk, file.id, 0, &CONTENT[..7]).await?)? == 7);
    site.restart().await?;
    let again = begin(&clerk, &file).await?;
    has(&again, StatusCode::OK)?;
    ensure!(again.json::<UploadStatus>().await?.offset == 7);
    ensure!(offset_of(&clerk, file.id).await? == 7);

    // The answer to the first chunk was lost, say.
    for wrong in [0, 6, 8] {
        let answer = append(&clerk, file.id, wrong, &CONTENT[wrong..wrong + 3]).await?;
        ensure!(offset(&answer)? == 7);
        refused(answer, 409, code::OFFSET).await?;
    }
    ensure!(offset(&append(&clerk, file.id, 7, &CONTENT[7..]).await?)? == CONTENT.len() as u64);
    receipt(clerk.put(&clerk.submission(ORAL, with_file(&file)).await?).await?, 201).await?;
    Ok(())
}

pub async fn the_same_chunk_twice_at_once_is_stored_once(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let file = upload(CONTENT);
    begin(&clerk, &file).await?;
    let mut sent = JoinSet::new();
    for _ in 0..12 {
        let clerk = clerk.clone();
        sent.spawn(async move { anyhow::Ok(append(&clerk, file.id, 0, &CONTENT[..20]).await?.status()) });
    }
    let mut stored = 0;
    while let Some(status) = sent.join_next().await {
        match status?? {
            StatusCode::NO_CONTENT => stored += 1,
            status => ensure!(status == StatusCode::CONFLICT, "{status}"),
        }
    }
    ensure!(stored == 1, "stored {stored} times");
    ensure!(offset_of(&clerk, file.id).await? == 20);
    has(&append(&clerk, file.id, 20, &CONTENT[20..]).await?, StatusCode::NO_CONTENT)
}

pub async fn a_damaged_chunk_or_file_is_found_out(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let file = upload(CONTENT);
    begin(&clerk, &file).await?;
    let damaged = append_as(&clerk, file.id, 0, b"damaged", &digest::header(b"whole..")).await?;
    refused(damaged, 400, code::DIGEST).await?;
    ensure!(offset_of(&clerk, file.id).await? == 0, "a damaged chunk was stored");

    // Each chunk is as sent, but the file is not the one that was announced.
    let wrong = vec![b'x'; CONTENT.len()];
    has(&append(&clerk, file.id, 0, &wrong[..9]).await?, StatusCode::NO_CONTENT)?;
    refused(append(&clerk, file.id, 9, &wrong[9..]).await?, 400, code::DIGEST).await?;
    ensure!(offset_of(&clerk, file.id).await? == 0, "a wrong file stays");
    let submission = clerk.submission(ORAL, with_file(&file)).await?;
    refused(clerk.put(&submission).await?, 424, code::ATTACHMENT_MISSING).await?;
    has(&append(&clerk, file.id, 0, CONTENT).await?, StatusCode::NO_CONTENT)?;
    receipt(clerk.put(&submission).await?, 201).await?;
    Ok(())
}

pub async fn an_upload_is_its_workers_alone(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let file = upload(CONTENT);
    begin(&astrid, &file).await?;
    let path = format!("/v1/uploads/{}", file.id);
    has(&bo.request("HEAD", &path)?.send().await?, StatusCode::NOT_FOUND)?;
    refused(append(&bo, file.id, 0, CONTENT).await?, 404, code::NOT_FOUND).await?;
    refused(bo.request("DELETE", &path)?.send().await?, 404, code::NOT_FOUND).await?;
    refused(begin(&bo, &file).await?, 422, code::CONTENT_DIFFERS).await?;
    ensure!(offset_of(&astrid, file.id).await? == 0);
    has(&astrid.request("DELETE", &path)?.send().await?, StatusCode::NO_CONTENT)?;
    has(&astrid.request("HEAD", &path)?.send().await?, StatusCode::NOT_FOUND)
}

pub async fn an_upload_has_limits(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    for (field, value, status, code) in [
        ("size", json!((50 << 20) + 1), 413, code::TOO_LARGE),
        ("size", json!(u64::MAX), 413, code::TOO_LARGE),
        ("size", json!(0), 400, code::MALFORMED),
        ("sha256", json!("00"), 400, code::MALFORMED),
        ("name", json!("a\u{0}.pdf"), 400, code::MALFORMED),
        ("name", json!(""), 400, code::MALFORMED),
        ("extra", json!(1), 400, code::MALFORMED),
    ] {
        let mut file = upload(CONTENT);
        file.body[field] = value;
        refused(begin(&clerk, &file).await?, status, code).await?;
    }
    let empty = upload(b"");
    has(&begin(&clerk, &empty).await?, StatusCode::CREATED)?;

    let mut file = upload(CONTENT);
    begin(&clerk, &file).await?;
    let more = [CONTENT, b"!"].concat();
    refused(append(&clerk, file.id, 0, &more).await?, 413, code::TOO_LARGE).await?;
    refused(append(&clerk, file.id, 0, b"").await?, 400, code::MALFORMED).await?;
    file.body["size"] = json!(1);
    refused(begin(&clerk, &file).await?, 422, code::CONTENT_DIFFERS).await?;
    let untyped = clerk.request("PATCH", &format!("/v1/uploads/{}", file.id))?.body("x").send().await?;
    refused(untyped, 415, code::MALFORMED).await?;
    ensure!(offset_of(&clerk, file.id).await? == 0);
    Ok(())
}

pub async fn a_file_that_no_case_asked_for_is_forgotten(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let (asked_for, abandoned, recent) = (upload(CONTENT), upload(CONTENT), upload(CONTENT));
    for file in [&asked_for, &abandoned, &recent] {
        begin(&clerk, file).await?;
        append(&clerk, file.id, 0, CONTENT).await?;
    }
    receipt(clerk.put(&clerk.submission(ORAL, with_file(&asked_for)).await?).await?, 201).await?;
    let long_ago = Timestamp::now().checked_sub((31 * 24).hours())?;
    sqlx::query("UPDATE upload SET touched_at = $1 WHERE id <> $2")
        .bind(long_ago.to_string())
        .bind(recent.id.to_string())
        .execute(&mut site.database().await?)
        .await?;
    site.execute("UPDATE chore SET due = 0").await?;
    site.restart().await?;
    for file in [asked_for.id, recent.id] {
        ensure!(offset_of(&clerk, file).await? == CONTENT.len() as u64);
    }
    let path = format!("/v1/uploads/{}", abandoned.id);
    has(&clerk.request("HEAD", &path)?.send().await?, StatusCode::NOT_FOUND)?;
    let chunks: i64 = sqlx::query("SELECT COUNT(*) AS n FROM upload_chunk")
        .fetch_one(&mut site.database().await?)
        .await?
        .try_get("n")?;
    ensure!(chunks == 2, "{chunks} chunks are left of two files");
    Ok(())
}

async fn status(answer: Response) -> Result<UploadStatus> {
    Ok(answer.error_for_status()?.json().await?)
}

async fn begun(clerk: &Clerk, file: &Upload) -> Result<UploadStatus> {
    status(begin(clerk, file).await?).await
}

pub async fn an_upload_says_until_when_it_is_kept(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let file = upload(CONTENT);
    let least = Timestamp::now().checked_add((7 * 24).hours())?;
    let first = begun(&clerk, &file).await?.expires_at.context("it is kept for ever")?;
    ensure!(first >= least, "{first}");
    site.execute("UPDATE upload SET touched_at = '2026-01-01T00:00:00Z'").await?;
    append(&clerk, file.id, 0, &CONTENT[..10]).await?;
    let later = begun(&clerk, &file).await?.expires_at.context("it is kept for ever")?;
    ensure!(later >= first, "a chunk moved {first} to {later}");
    append(&clerk, file.id, 10, &CONTENT[10..]).await?;
    receipt(clerk.put(&clerk.submission(ORAL, with_file(&file)).await?).await?, 201).await?;
    ensure!(begun(&clerk, &file).await?.expires_at.is_none(), "a case's file has an end");
    Ok(())
}

pub async fn the_same_content_comes_once_for_each_worker(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let (first, second) = (upload(CONTENT), upload(CONTENT));
    begin(&astrid, &first).await?;
    append(&astrid, first.id, 0, &CONTENT[..20]).await?;
    ensure!(begun(&astrid, &second).await?.offset == 0, "half a file was taken for a whole one");
    append(&astrid, first.id, 20, &CONTENT[20..]).await?;

    let third = upload(CONTENT);
    let answer = begin(&astrid, &third).await?;
    has(&answer, StatusCode::CREATED)?;
    ensure!(status(answer).await?.offset == CONTENT.len() as u64, "it had to be sent again");
    // What one worker has brought is nothing to another.
    ensure!(begun(&bo, &upload(CONTENT)).await?.offset == 0, "Bo was told what Astrid has");
    ensure!(begun(&astrid, &upload(b"other")).await?.offset == 0);

    let path = format!("/v1/uploads/{}", first.id);
    has(&astrid.request("DELETE", &path)?.send().await?, StatusCode::NO_CONTENT)?;
    receipt(astrid.put(&astrid.submission(ORAL, with_file(&third)).await?).await?, 201).await?;
    // A case's file serves as well, however old, and one whose time is over does not.
    site.execute("UPDATE upload SET touched_at = '2026-01-01T00:00:00Z'").await?;
    ensure!(begun(&astrid, &upload(CONTENT)).await?.offset == CONTENT.len() as u64);
    site.execute("UPDATE upload SET submission = NULL").await?;
    site.execute("UPDATE upload SET touched_at = '2026-01-01T00:00:00Z'").await?;
    ensure!(begun(&astrid, &upload(CONTENT)).await?.offset == 0, "a file whose time is over was used");
    Ok(())
}

pub async fn files_without_a_case_have_limited_room(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let announced = || {
        let mut file = upload(CONTENT);
        file.body["size"] = json!(50 << 20);
        file
    };
    let mut begun = Vec::new();
    for _ in 0..20 {
        let file = announced();
        has(&begin(&astrid, &file).await?, StatusCode::CREATED)?;
        begun.push(file);
    }
    let one_too_many = announced();
    let answer = begin(&astrid, &one_too_many).await?;
    ensure!(answer.headers().contains_key("retry-after"));
    refused(answer, 429, code::TOO_MANY).await?;
    has(&begin(&astrid, &begun[0]).await?, StatusCode::OK)?;
    has(&begin(&bo, &announced()).await?, StatusCode::CREATED)?;
    let path = format!("/v1/uploads/{}", begun[0].id);
    has(&astrid.request("DELETE", &path)?.send().await?, StatusCode::NO_CONTENT)?;
    has(&begin(&astrid, &one_too_many).await?, StatusCode::CREATED)
}
