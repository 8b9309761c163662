//! Databases of earlier releases, and many gateways that start at once.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use ledsaga_gateway::Store;
use ledsaga_protocol::{Stage, code};
use reqwest::StatusCode;
use serde_json::json;
use sqlx::migrate::Migrator;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Site,
    changes::changes,
    site::{ORAL, complete, filed, has, receipt, refused},
};

/// The last migration of the first release.
const FIRST_RELEASE: i64 = 3;

/// As the first release left it: two workers' cases, one of them with a file, another file on its way, a log.
async fn leave_first_release(site: &Site, cases: &[(Uuid, &str, &str)]) -> Result<()> {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/gateway/migrations");
    let mut database = site.database().await?;
    Migrator::new(migrations).await?.run_to(FIRST_RELEASE, &mut database).await?;
    for (n, (id, worker, received_at)) in cases.iter().enumerate() {
        sqlx::query(
            "INSERT INTO submission (id, digest, body, contact, service_id, service_version, answers, secrecy, worker, \
             case_number, received_at, to_supplement, proof) \
             VALUES ($1, 'ab', $2, $1, 'muntlig', 1, '{}', 0, $3, $4, $5, '[]', 'a.b.c')",
        )
        .bind(id.to_string())
        .bind(b"{}".to_vec())
        .bind((*worker).to_owned())
        .bind(format!("EXB-2026-OLD{n}"))
        .bind((*received_at).to_owned())
        .execute(&mut database)
        .await?;
    }
    for (sql, bytes) in [
        ("INSERT INTO case_series (year, last, secret) VALUES (2026, 4, $1)", b"sixteen bytes of".as_slice()),
        (
            "INSERT INTO upload (id, worker, name, media_type, size, sha256, stored, begun_at) \
             SELECT '019a2b3c-0000-7000-8000-000000000009', 'demo-astrid', 'a.pdf', 'application/pdf', 3, \
             'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', LENGTH($1), '2026-11-28T10:00:00Z'",
            b"a",
        ),
        (
            "INSERT INTO upload_chunk (upload, start, bytes) VALUES ('019a2b3c-0000-7000-8000-000000000009', 0, $1)",
            b"a",
        ),
    ] {
        sqlx::query(sql).bind(bytes.to_vec()).execute(&mut database).await?;
    }
    Ok(())
}

pub async fn a_database_of_the_first_release_keeps_everything(mut site: Site) -> Result<()> {
    site.stop().await;
    let mut site = site.on_an_empty_database().await?;
    let ids: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
    leave_first_release(
        &site,
        &[
            (ids[0], "demo-astrid", "2026-11-28T10:00:00Z"),
            (ids[1], "demo-bo", "2026-11-28T11:00:00Z"),
            // Received at the same moment: by their ids.
            (ids[2], "demo-astrid", "2026-11-28T12:00:00Z"),
            (ids[3], "demo-astrid", "2026-11-28T12:00:00Z"),
        ],
    )
    .await?;
    site.restart().await?;

    let clerk = site.clerk("demo-astrid").await?;
    let told = changes(&clerk, "").await?;
    let cases: Vec<_> =
        told.changes.iter().map(|change| (change.id, change.submission, change.stage)).collect();
    let due: Vec<_> = [ids[0], ids[2], ids[3]].map(|id| (id, id, Stage::Received)).into();
    ensure!(cases == due, "{told:?}");
    ensure!(receipt(clerk.find(&ids[0].to_string()).await?, 200).await?.case_number == "EXB-2026-OLD0");
    refused(clerk.withdraw(&ids[0].to_string()).await?, 409, code::ACCEPTED).await?;

    // What goes on goes on from there.
    let next = filed(&clerk).await?;
    let told = changes(&clerk, &format!("?cursor={}", told.cursor)).await?;
    ensure!(told.changes.len() == 1 && told.changes[0].submission == next.submission, "{told:?}");
    let file = json!({
        "id": "019a2b3c-0000-7000-8000-000000000009", "name": "a.pdf", "media_type": "application/pdf", "size": 3,
        "sha256": ledsaga_protocol::digest::hex(b"abc"),
    });
    let answer = clerk.request("POST", "/v1/uploads")?.body(file.to_string()).send().await?;
    has(&answer, StatusCode::OK)?;
    let chunk = clerk
        .request("PATCH", "/v1/uploads/019a2b3c-0000-7000-8000-000000000009")?
        .header("content-type", "application/partial-upload")
        .header("upload-offset", 1)
        .header("content-digest", ledsaga_protocol::digest::header(b"bc"))
        .body("bc");
    has(&chunk.send().await?, StatusCode::NO_CONTENT)?;
    let mut submission = clerk.submission(ORAL, complete()).await?;
    submission["answers"]["bilaga"] = json!({"type": "files", "files": [file]});
    receipt(clerk.put(&submission).await?, 201).await?;
    ensure!(site.cases().await?.len() == 6);
    Ok(())
}

pub async fn many_that_start_at_once_make_one_database(mut site: Site) -> Result<()> {
    site.stop().await;
    let site = site.on_an_empty_database().await?;
    let mut started = JoinSet::new();
    for _ in 0..6 {
        let url = site.database_url().to_owned();
        started.spawn(async move { Store::open(&url).await });
    }
    while let Some(store) = started.join_next().await {
        let store = store?.context("one of them could not start")?;
        ensure!(store.cases().await?.is_empty());
        store.close().await;
    }
    Ok(())
}
