//! Submissions that are taken back.

use anyhow::{Context as _, Result, ensure};
use ledsaga_protocol::code;
use reqwest::StatusCode;
use sqlx::{Connection as _, Executor as _, Row as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Site,
    site::{ORAL, complete, filed, has, receipt, refused},
};

pub async fn a_withdrawn_id_never_becomes_a_case(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let id = submission["id"].as_str().context("no id")?;
    for _ in 0..2 {
        has(&clerk.withdraw(id).await?, StatusCode::NO_CONTENT)?;
        refused(clerk.put(&submission).await?, 410, code::CANCELLED).await?;
        refused(clerk.find(id).await?, 410, code::CANCELLED).await?;
        site.restart().await?;
    }
    ensure!(site.cases().await?.is_empty());
    // Nothing else is touched by it.
    filed(&clerk).await?;
    Ok(())
}

pub async fn a_case_is_not_withdrawn(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let id = submission["id"].as_str().context("no id")?;
    let first = receipt(clerk.put(&submission).await?, 201).await?;
    for _ in 0..2 {
        refused(clerk.withdraw(id).await?, 409, code::ACCEPTED).await?;
    }
    ensure!(receipt(clerk.find(id).await?, 200).await? == first);
    ensure!(receipt(clerk.put(&submission).await?, 200).await? == first);
    ensure!(site.count("tombstone", "1 = 1").await? == 0);
    Ok(())
}

pub async fn of_filing_and_withdrawing_at_once_one_wins(site: Site) -> Result<()> {
    let other = site.second().await?;
    let clerks = [site.clerk("demo-astrid").await?, other.clerk("demo-astrid").await?];
    for round in 0..24 {
        let submission = clerks[0].submission(ORAL, complete()).await?;
        let id = submission["id"].as_str().context("no id")?.to_owned();
        let mut sent = JoinSet::new();
        for n in 0..6 {
            let (clerk, submission, id) = (clerks[n % 2].clone(), submission.clone(), id.clone());
            // Now this one is begun first, now that one.
            let files = (n + round) % 3 != 0;
            sent.spawn(async move {
                let answer = if files { clerk.put(&submission).await? } else { clerk.withdraw(&id).await? };
                anyhow::Ok((files, answer.status()))
            });
        }
        let mut answers = Vec::new();
        while let Some(answer) = sent.join_next().await {
            answers.push(answer??);
        }
        let cases = site.count("submission", &format!("id = '{id}'")).await?;
        let tombstones = site.count("tombstone", &format!("submission = '{id}'")).await?;
        ensure!(cases + tombstones == 1, "{cases} cases and {tombstones} tombstones of one id");
        for (files, status) in answers {
            let right = match (files, cases) {
                (true, 1) => matches!(status, StatusCode::CREATED | StatusCode::OK),
                (true, _) => status == StatusCode::GONE,
                (false, 1) => status == StatusCode::CONFLICT,
                (false, _) => status == StatusCode::NO_CONTENT,
            };
            ensure!(right, "{status} with {cases} cases and {tombstones} tombstones");
        }
    }
    let series = "SELECT CAST(COALESCE(SUM(last), 0) AS BIGINT) AS last FROM case_series";
    let last: i64 = site.database().await?.fetch_one(series).await?.try_get("last")?;
    let filed = site.cases().await?.len();
    ensure!(last == i64::try_from(filed)?, "the series is at {last} after {filed} cases");
    Ok(())
}

/// The counter-test: whoever looks for a case and then leaves a tombstone, without taking the id's place, can leave both.
/// SQLite has one writer at a time, so it is PostgreSQL's alone.
pub async fn looking_first_is_not_enough(site: Site) -> Result<()> {
    if !site.is_postgresql() {
        return Ok(());
    }
    let id = Uuid::now_v7();
    let (mut filing, mut withdrawing) = (site.database().await?, site.database().await?);
    let mut filed = filing.begin().await?;
    sqlx::query(
        "INSERT INTO submission (id, digest, body, contact, service_id, service_version, answers, secrecy, worker, \
         case_number, received_at, to_supplement, proof) VALUES ($1, '', '', '', '', 1, '', 0, '', $1, '', '', '')",
    )
    .bind(id.to_string())
    .execute(&mut *filed)
    .await?;
    let mut withdrawn = withdrawing.begin().await?;
    let seen = sqlx::query("SELECT id FROM submission WHERE id = $1")
        .bind(id.to_string())
        .fetch_all(&mut *withdrawn)
        .await?;
    ensure!(seen.is_empty());
    sqlx::query("INSERT INTO tombstone (submission, worker, at) VALUES ($1, '', '')")
        .bind(id.to_string())
        .execute(&mut *withdrawn)
        .await?;
    withdrawn.commit().await?;
    filed.commit().await?;
    ensure!(site.count("submission", &format!("id = '{id}'")).await? == 1);
    ensure!(
        site.count("tombstone", &format!("submission = '{id}'")).await? == 1,
        "the counter-test sees nothing"
    );
    Ok(())
}

pub async fn a_tombstone_is_its_workers_alone(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let case = filed(&astrid).await?.submission.to_string();
    let tombstone = Uuid::now_v7().to_string();
    has(&astrid.withdraw(&tombstone).await?, StatusCode::NO_CONTENT)?;

    let mut answers = Vec::new();
    for id in [&case, &tombstone] {
        let mut own = bo.submission(ORAL, complete()).await?;
        own["id"] = serde_json::json!(id);
        answers.push([
            told(bo.withdraw(id).await?, 404, code::NOT_FOUND).await?,
            told(bo.put(&own).await?, 422, code::CONTENT_DIFFERS).await?,
            told(bo.find(id).await?, 404, code::NOT_FOUND).await?,
        ]);
    }
    ensure!(answers[0] == answers[1], "a tombstone and a case are told apart: {answers:?}");
    has(&astrid.withdraw(&tombstone).await?, StatusCode::NO_CONTENT)?;
    refused(astrid.find(&tombstone).await?, 410, code::CANCELLED).await?;
    let auditor = site.clerk("demo-david").await?;
    refused(auditor.withdraw(&tombstone).await?, 403, code::FORBIDDEN).await?;
    Ok(())
}

async fn told(answer: reqwest::Response, status: u16, code: &str) -> Result<String> {
    Ok(serde_json::to_string(&refused(answer, status, code).await?)?)
}
