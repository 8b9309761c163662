//! Several gateways, each in a process of its own, on one PostgreSQL that is restarted under them.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use ledsaga_contract::{
    gateway::{
        Clerk, Site,
        changes::{self, changes},
        site::{ORAL, complete, receipt},
    },
    postgres::Cluster,
};
use ledsaga_protocol::{ReceiptBody, Stage, code};
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

/// A gateway in a process of its own.
struct Replica {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Replica {
    fn start(database: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        Site::write_services(folder.path())?;
        let mut process = Command::new(env!("CARGO_BIN_EXE_replica"))
            .arg(folder.path())
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut url)?;
        ensure!(!url.is_empty(), "a replica did not start");
        Ok(Self { process, url: url.trim_end().to_owned(), _folder: folder })
    }

    async fn clerk(&self, worker: &str) -> Result<Clerk> {
        Site::clerk_at(&self.url, worker).await
    }

    /// As `kill -9` does.
    fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

struct Fleet {
    cluster: Cluster,
    /// Where its database is looked at; its own gateway is stopped.
    site: Site,
    replicas: Vec<Replica>,
}

impl Fleet {
    /// `None` where PostgreSQL is left out on purpose.
    async fn start(count: usize) -> Result<Option<Self>> {
        if std::env::var_os("LEDSAGA_NO_POSTGRES").is_some_and(|value| value == "1") {
            return Ok(None);
        }
        let cluster = Cluster::start()?;
        let mut site = Site::start(Some(cluster.database()?)).await?;
        site.stop().await;
        let replicas = (0..count).map(|_| Replica::start(site.database_url())).collect::<Result<Vec<_>>>()?;
        Ok(Some(Self { cluster, site, replicas }))
    }

    async fn clerks(&self) -> Result<Vec<Clerk>> {
        let mut clerks = Vec::new();
        for replica in &self.replicas {
            clerks.push(replica.clerk("demo-astrid").await?);
        }
        Ok(clerks)
    }
}

/// Sends a submission as the application does: again and again until it knows, to the next gateway after each failure.
async fn deliver(clerks: &[Clerk], submission: &Value, first: usize) -> Result<ReceiptBody> {
    for attempt in first.. {
        let clerk = &clerks[attempt % clerks.len()];
        match clerk.put(submission).await {
            Ok(answer) if answer.status().is_success() => return Ok(answer.json().await?),
            Ok(answer) => {
                let status = answer.status();
                ensure!(status == StatusCode::SERVICE_UNAVAILABLE, "{status} {}", answer.text().await?);
                ensure!(answer.headers().contains_key("retry-after"), "nobody is told to come again");
            }
            // Cut off, or nobody is there.
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("attempts ended")
}

/// Delivers so many submissions at once, each beginning at another gateway.
fn deliver_many(clerks: &[Clerk], submissions: Vec<Value>) -> JoinSet<Result<ReceiptBody>> {
    let mut sent = JoinSet::new();
    for (n, submission) in submissions.into_iter().enumerate() {
        let clerks = clerks.to_vec();
        sent.spawn(async move { deliver(&clerks, &submission, n).await });
    }
    sent
}

async fn submissions(clerk: &Clerk, count: usize) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let first = clerk.submission(ORAL, complete()).await?;
    for _ in 0..count {
        let mut submission = first.clone();
        submission["id"] = Uuid::now_v7().to_string().into();
        all.push(submission);
    }
    Ok(all)
}

/// Each submission has one case with its digest, the numbers have no gap, and the feed tells each once.
async fn nothing_is_lost_and_nothing_double(
    site: &Site,
    clerk: &Clerk,
    receipts: &[ReceiptBody],
) -> Result<()> {
    let cases = site.cases().await?;
    ensure!(cases.len() == receipts.len(), "{} cases of {} submissions", cases.len(), receipts.len());
    for receipt in receipts {
        let id = receipt.submission.to_string();
        let case = cases.iter().find(|case| case.submission == id).context("a receipt without a case")?;
        ensure!(case.case_number == receipt.case_number && case.digest == receipt.digest);
    }
    let at = site.count("case_series", &format!("last = {}", cases.len())).await?;
    ensure!(at == 1, "the numbers have gaps");
    let (mut told, mut query) = (Vec::new(), String::new());
    loop {
        let page = changes(clerk, &query).await?;
        told.extend(page.changes.iter().filter(|c| c.stage == Stage::Received).map(|c| c.submission));
        query = format!("?cursor={}", page.cursor);
        if !page.more {
            break;
        }
    }
    let mut due: Vec<Uuid> = receipts.iter().map(|receipt| receipt.submission).collect();
    told.sort();
    due.sort();
    ensure!(told == due, "{} changes tell of {} cases", told.len(), due.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn one_id_at_three_gateways_is_one_case() -> Result<()> {
    let Some(fleet) = Fleet::start(3).await? else { return Ok(()) };
    let clerks = fleet.clerks().await?;
    let mut receipts = Vec::new();
    for submission in submissions(&clerks[0], 8).await? {
        let mut answers = deliver_many(&clerks, vec![submission; 9]);
        let mut told = Vec::new();
        while let Some(answer) = answers.join_next().await {
            told.push(answer??);
        }
        ensure!(told.iter().all(|receipt| *receipt == told[0]), "they were told different things");
        receipts.extend(told.pop());
    }
    nothing_is_lost_and_nothing_double(&fleet.site, &clerks[0], &receipts).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn a_gateway_that_is_killed_loses_nothing_and_another_goes_on() -> Result<()> {
    let Some(mut fleet) = Fleet::start(3).await? else { return Ok(()) };
    let clerks = fleet.clerks().await?;
    let mut sent = deliver_many(&clerks, submissions(&clerks[0], 60).await?);
    let mut receipts = Vec::new();
    while let Some(answer) = sent.join_next().await {
        receipts.push(answer??);
        // In the middle of it, one after the other.
        match receipts.len() {
            10 => fleet.replicas[2].kill()?,
            30 => fleet.replicas[1].kill()?,
            _ => {}
        }
    }
    nothing_is_lost_and_nothing_double(&fleet.site, &clerks[0], &receipts).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn a_database_that_is_restarted_under_load_loses_nothing() -> Result<()> {
    let Some(fleet) = Fleet::start(2).await? else { return Ok(()) };
    let clerks = fleet.clerks().await?;
    let mut sent = deliver_many(&clerks, submissions(&clerks[0], 80).await?);
    let mut receipts = Vec::new();
    while let Some(answer) = sent.join_next().await {
        receipts.push(answer??);
        match receipts.len() {
            10 => fleet.cluster.restart("fast")?,
            40 => fleet.cluster.restart("immediate")?,
            _ => {}
        }
    }
    nothing_is_lost_and_nothing_double(&fleet.site, &clerks[0], &receipts).await
}

/// Who waits at one gateway hears of what happens at another, also after the database was away.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn a_reader_at_one_gateway_hears_of_a_case_at_another() -> Result<()> {
    let Some(fleet) = Fleet::start(2).await? else { return Ok(()) };
    let clerks = fleet.clerks().await?;
    let mut cursor = changes(&clerks[0], "").await?.cursor;
    for restart in [false, true] {
        if restart {
            fleet.cluster.restart("fast")?;
        }
        let waiting = tokio::spawn({
            let (clerk, query) = (clerks[0].clone(), format!("?wait=25&cursor={cursor}"));
            async move {
                loop {
                    match changes(&clerk, &query).await {
                        Ok(told) if !told.changes.is_empty() => return told,
                        // Not yet, or the database is coming back.
                        _ => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                }
            }
        });
        let submission = &submissions(&clerks[1], 1).await?[0];
        let case = deliver(&clerks[1..], submission, 0).await?;
        let told = waiting.await?;
        ensure!(told.changes.len() == 1 && told.changes[0].submission == case.submission, "{told:?}");
        cursor = told.cursor;
    }
    changes::moved(&fleet.site, &fleet.site.cases().await?[0].case_number, Stage::Decided, None).await?;
    ensure!(changes(&clerks[0], &format!("?wait=25&cursor={cursor}")).await?.changes.len() == 1);
    Ok(())
}

/// The counter-test of delivering: who gives up at the first failure and makes a new id doubles the case.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn a_new_id_for_another_attempt_doubles_the_case() -> Result<()> {
    let Some(mut fleet) = Fleet::start(2).await? else { return Ok(()) };
    let clerks = fleet.clerks().await?;
    let sent = submissions(&clerks[0], 2).await?;
    receipt(clerks[0].put(&sent[0]).await?, 201).await?;
    // Its answer was lost together with the gateway, say.
    fleet.replicas[0].kill()?;
    ensure!(clerks[0].put(&sent[0]).await.is_err(), "who answered?");
    receipt(clerks[1].put(&sent[1]).await?, 201).await?;
    ensure!(fleet.site.cases().await?.len() == 2);
    // With its own id it would have been known.
    receipt(clerks[1].put(&sent[0]).await?, 200).await?;
    ensure!(
        clerks[1].withdraw(sent[0]["id"].as_str().context("no id")?).await?.status() == 409,
        "{}",
        code::ACCEPTED
    );
    Ok(())
}
