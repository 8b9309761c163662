//! The workers' logs.

use anyhow::{Context as _, Result, ensure};
use ledsaga_core::audit::{
    AuditAction, AuditBatch, AuditEvent,
    chain::{Chain, ChainHead, Row as Link},
};
use ledsaga_gateway::{Kind, LogFault, Retention};
use ledsaga_protocol::{AuditHead, code, digest, header};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{Executor as _, Row as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Clerk, Site,
    site::{has, refused},
};

/// A log as an application keeps it.
pub struct Log {
    pub vault: Uuid,
    pub rows: Vec<Link<Vec<u8>>>,
}

impl Log {
    /// Begins with so many events of this worker.
    pub fn new(worker: &str, count: usize) -> Result<Self> {
        let mut log = Self { vault: Uuid::now_v7(), rows: Vec::new() };
        log.grow(worker, count)?;
        Ok(log)
    }

    pub fn grow(&mut self, worker: &str, count: usize) -> Result<()> {
        let mut chain = Chain::at(self.head(self.rows.len())?);
        for _ in 0..count {
            let reason = "Återfört – \"på begäran\"".to_owned();
            let event = AuditEvent::new(jiff::Timestamp::now(), worker, AuditAction::Viewed);
            let event = serde_json::to_vec(&AuditEvent { reason, ..event })?;
            let link = chain.append(&event);
            self.rows.push((link.seq, event, link.hash));
        }
        Ok(())
    }

    /// Everything after so many events is written anew.
    pub fn rewritten(&self, worker: &str, after: usize) -> Result<Self> {
        let mut log = Self { vault: self.vault, rows: self.rows[..after].to_vec() };
        log.grow(worker, self.rows.len() - after)?;
        Ok(log)
    }

    /// After so many events.
    pub fn head(&self, count: usize) -> Result<ChainHead> {
        match count.checked_sub(1) {
            None => Ok(ChainHead::start(self.vault)),
            Some(last) => {
                let (seq, _, hash) = self.rows.get(last).context("no such event")?;
                Ok(ChainHead { seq: *seq, hash: *hash })
            }
        }
    }

    /// The events after `from`, up to and with `to`.
    pub fn batch(&self, from: usize, to: usize) -> Result<AuditBatch> {
        let mut batch = AuditBatch::begin(self.vault, self.head(from)?);
        for row in self.rows.get(from..to).context("no such events")? {
            ensure!(batch.push(row.clone())?, "the batch is full");
        }
        Ok(batch)
    }

    fn run(&self, from: usize, to: usize) -> Result<Value> {
        let batch = self.batch(from, to)?;
        Ok(json!({
            "schema": 1, "vault": self.vault, "first": batch.first(), "previous": hex(batch.before()),
            "events": batch.events(), "head": hex(batch.head()),
        }))
    }
}

fn hex(head: ChainHead) -> String {
    head.hash.map(|byte| format!("{byte:02x}")).concat()
}

async fn put(clerk: &Clerk, run: &Value) -> Result<Response> {
    let path = format!("/v1/audit/{}/{}", run["vault"].as_str().context("no vault")?, run["first"]);
    put_to(clerk, &path, run).await
}

async fn put_to(clerk: &Clerk, path: &str, run: &Value) -> Result<Response> {
    let body = run.to_string();
    let digest = digest::header(body.as_bytes());
    Ok(clerk.request("PUT", path)?.header(header::CONTENT_DIGEST, digest).body(body).send().await?)
}

async fn get(clerk: &Clerk, log: &Log) -> Result<Response> {
    Ok(clerk.request("GET", &format!("/v1/audit/{}", log.vault))?.send().await?)
}

/// The answer has this status and says that the log is here up to so many events.
async fn stands(answer: Response, status: u16, log: &Log, count: usize) -> Result<()> {
    has(&answer, StatusCode::from_u16(status)?)?;
    let (head, due) = (answer.json::<AuditHead>().await?, log.head(count)?);
    ensure!(head == AuditHead { vault: log.vault, seq: due.seq, hash: hex(due) }, "{head:?}");
    Ok(())
}

async fn is_stored(site: &Site, log: &Log, count: usize) -> Result<()> {
    let rows = site.database().await?.fetch_all("SELECT seq, event FROM audit_event ORDER BY seq").await?;
    let mut stored = Vec::new();
    for row in rows {
        stored.push((row.try_get::<i64, _>("seq")?.try_into()?, row.try_get::<Vec<u8>, _>("event")?));
    }
    let due: Vec<(u64, Vec<u8>)> =
        log.rows[..count].iter().map(|(seq, event, _)| (*seq, event.clone())).collect();
    ensure!(stored == due, "{} events are stored and {count} were due, byte for byte", stored.len());
    Ok(())
}

pub async fn a_log_arrives_in_order_and_once(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 6)?;
    refused(get(&clerk, &log).await?, 404, code::NOT_FOUND).await?;
    stands(put(&clerk, &log.run(0, 3)?).await?, 201, &log, 3).await?;
    stands(put(&clerk, &log.run(0, 3)?).await?, 200, &log, 3).await?;
    stands(put(&clerk, &log.run(1, 2)?).await?, 200, &log, 3).await?;
    stands(put(&clerk, &log.run(3, 4)?).await?, 201, &log, 4).await?;
    // A run that was cut off may be sent again together with what has come since.
    stands(put(&clerk, &log.run(1, 6)?).await?, 201, &log, 6).await?;
    is_stored(&site, &log, 6).await?;
    site.restart().await?;
    stands(get(&site.clerk("demo-astrid").await?, &log).await?, 200, &log, 6).await?;
    Ok(())
}

pub async fn a_gap_is_refused_with_where_to_go_on(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 6)?;
    let at = |answer: &Response| answer.headers().get(header::AUDIT_SEQ).cloned();
    let answer = put(&clerk, &log.run(2, 4)?).await?;
    ensure!(at(&answer).is_some_and(|seq| seq == "0"));
    refused(answer, 409, code::AUDIT_GAP).await?;
    refused(get(&clerk, &log).await?, 404, code::NOT_FOUND).await?;

    stands(put(&clerk, &log.run(0, 2)?).await?, 201, &log, 2).await?;
    let answer = put(&clerk, &log.run(3, 6)?).await?;
    ensure!(at(&answer).is_some_and(|seq| seq == "2"));
    refused(answer, 409, code::AUDIT_GAP).await?;
    is_stored(&site, &log, 2).await?;
    stands(put(&clerk, &log.run(2, 6)?).await?, 201, &log, 6).await?;
    is_stored(&site, &log, 6).await
}

pub async fn another_past_is_refused(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 6)?;
    stands(put(&clerk, &log.run(0, 4)?).await?, 201, &log, 4).await?;
    for kept in [0, 2, 3] {
        let other = log.rewritten(&clerk.subject, kept)?;
        // All of it, what is new alone, and from the last that is the same.
        for run in [other.run(0, 6)?, other.run(4, 6)?, other.run(kept, 6)?, other.run(kept, kept + 1)?] {
            refused(put(&clerk, &run).await?, 422, code::AUDIT_FORKED).await?;
        }
    }
    stands(get(&clerk, &log).await?, 200, &log, 4).await?;
    is_stored(&site, &log, 4).await?;
    // From there on there is nothing that it could differ from.
    let other = log.rewritten(&clerk.subject, 4)?;
    stands(put(&clerk, &other.run(0, 6)?).await?, 201, &other, 6).await
}

pub async fn a_change_of_what_is_stored_comes_to_light(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 4)?;
    stands(put(&clerk, &log.run(0, 3)?).await?, 201, &log, 3).await?;
    let removed = "DELETE FROM audit_event WHERE seq = 2";
    site.database().await?.execute(removed).await?;
    refused(put(&clerk, &log.run(0, 4)?).await?, 422, code::AUDIT_FORKED).await?;
    Ok(())
}

pub async fn a_broken_run_is_refused(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 3)?;
    let whole = log.run(0, 3)?;
    let with = |field: &str, value: Value| {
        let mut run = whole.clone();
        run[field] = value;
        run
    };
    let mut exchanged = whole["events"].clone();
    exchanged.as_array_mut().context("no events")?.swap(0, 1);
    for run in [with("events", exchanged), with("head", json!(hex(log.head(2)?)))] {
        refused(put(&clerk, &run).await?, 422, code::AUDIT_BROKEN).await?;
    }
    let none = json!([]);
    let mut upper = whole.clone();
    upper["previous"] = json!("Z".repeat(64));
    for run in [with("events", none), with("schema", json!(2)), with("extra", json!(1)), upper] {
        refused(put(&clerk, &run).await?, 400, code::MALFORMED).await?;
    }
    for first in [0, u64::MAX, i64::MAX as u64] {
        refused(put(&clerk, &with("first", json!(first))).await?, 400, code::MALFORMED).await?;
    }
    for event in [json!("{}"), json!("nonsense"), json!("{\"worker\":\"demo-astrid\"}")] {
        refused(put(&clerk, &with("events", json!([event]))).await?, 400, code::MALFORMED).await?;
    }
    for path in [format!("/v1/audit/{}/1", Uuid::now_v7()), format!("/v1/audit/{}/2", log.vault)] {
        refused(put_to(&clerk, &path, &whole).await?, 400, code::MALFORMED).await?;
    }
    let path = format!("/v1/audit/{}/1", log.vault);
    let undigested = clerk.request("PUT", &path)?.body(whole.to_string()).send().await?;
    refused(undigested, 400, code::DIGEST).await?;
    is_stored(&site, &log, 0).await
}

pub async fn a_log_is_its_workers_alone(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let log = Log::new(&astrid.subject, 2)?;
    refused(put(&bo, &log.run(0, 2)?).await?, 403, code::FORBIDDEN).await?;
    stands(put(&astrid, &log.run(0, 2)?).await?, 201, &log, 2).await?;
    let mut bos = Log { vault: log.vault, rows: Vec::new() };
    bos.grow(&bo.subject, 3)?;
    refused(put(&bo, &bos.run(0, 3)?).await?, 404, code::NOT_FOUND).await?;
    refused(get(&bo, &log).await?, 404, code::NOT_FOUND).await?;
    is_stored(&site, &log, 2).await?;

    // A reviewer sees how far every log is, and is logged like everybody else.
    let reviewer = site.clerk("demo-david").await?;
    stands(get(&reviewer, &log).await?, 200, &log, 2).await?;
    let own = Log::new(&reviewer.subject, 1)?;
    stands(put(&reviewer, &own.run(0, 1)?).await?, 201, &own, 1).await
}

pub async fn many_at_once_store_each_event_once(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 40)?;
    let mut sent = JoinSet::new();
    for to in (5..=40).chain(5..=40) {
        let (clerk, run) = (clerk.clone(), log.run(0, to)?);
        sent.spawn(async move { anyhow::Ok(put(&clerk, &run).await?.status()) });
    }
    while let Some(status) = sent.join_next().await {
        let status = status??;
        ensure!(matches!(status, StatusCode::CREATED | StatusCode::OK), "{status}");
    }
    stands(get(&clerk, &log).await?, 200, &log, 40).await?;
    is_stored(&site, &log, 40).await
}

/// What verification says of the only log.
async fn fault(site: &Site) -> Result<Option<LogFault>> {
    let store = site.store().await?;
    let states = store.verify_audit().await?;
    store.close().await;
    Ok(states.first().context("no log")?.fault)
}

pub async fn verification_finds_what_was_done_to_a_log(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 5)?;
    stands(put(&clerk, &log.run(0, 5)?).await?, 201, &log, 5).await?;
    ensure!(fault(&site).await?.is_none(), "a whole log is not whole");

    site.execute("CREATE TABLE kept AS SELECT * FROM audit_event").await?;
    site.execute("CREATE TABLE kept_log AS SELECT * FROM audit_log").await?;
    let exchange = "UPDATE audit_event SET event = (SELECT event FROM kept WHERE seq = 4), \
                    hash = (SELECT hash FROM kept WHERE seq = 4) WHERE seq = 3";
    for (what, due) in [
        (
            "UPDATE audit_event SET event = (SELECT event FROM kept WHERE seq = 4) WHERE seq = 3",
            LogFault::Changed(3),
        ),
        (
            "UPDATE audit_event SET hash = (SELECT hash FROM kept WHERE seq = 4) WHERE seq = 3",
            LogFault::Changed(3),
        ),
        (exchange, LogFault::Changed(3)),
        ("DELETE FROM audit_event WHERE seq = 1", LogFault::Missing(1)),
        ("DELETE FROM audit_event WHERE seq = 5", LogFault::Missing(5)),
        ("UPDATE audit_log SET hash = (SELECT hash FROM kept WHERE seq = 4)", LogFault::Head),
        ("UPDATE audit_log SET first = 2", LogFault::Changed(2)),
    ] {
        site.execute(what).await?;
        ensure!(fault(&site).await? == Some(due), "after {what}: {:?}", fault(&site).await?);
        for back in [
            "DELETE FROM audit_event",
            "UPDATE audit_log SET first = 1, hash = (SELECT hash FROM kept_log)",
            "INSERT INTO audit_event SELECT * FROM kept",
        ] {
            site.execute(back).await?;
        }
        ensure!(fault(&site).await?.is_none(), "after {what} was undone");
    }
    Ok(())
}

pub async fn a_log_whose_oldest_events_are_gone_goes_on(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let log = Log::new(&clerk.subject, 9)?;
    stands(put(&clerk, &log.run(0, 6)?).await?, 201, &log, 6).await?;
    site.execute("UPDATE audit_event SET received_at = '2019-01-01T00:00:00Z' WHERE seq <= 4").await?;
    let store = site.store().await?;
    let removed = store.purge(Kind::Audit, &Retention::default(), jiff::Timestamp::now()).await?;
    ensure!(removed == 4, "{removed} were removed");
    let states = store.verify_audit().await?;
    let state = states.first().context("no log")?;
    ensure!((state.first, state.last, state.fault) == (5, 6, None), "{:?}", state.fault);

    // What is gone may be sent again, alone or with the rest, and changes nothing.
    for (from, to) in [(0, 2), (0, 4), (0, 6), (2, 6), (4, 6), (3, 5)] {
        stands(put(&clerk, &log.run(from, to)?).await?, 200, &log, 6).await?;
    }
    let other = log.rewritten(&clerk.subject, 3)?;
    refused(put(&clerk, &other.run(3, 8)?).await?, 422, code::AUDIT_FORKED).await?;
    stands(put(&clerk, &log.run(2, 8)?).await?, 201, &log, 8).await?;
    stands(put(&clerk, &log.run(8, 9)?).await?, 201, &log, 9).await?;

    // The last event stays, however old.
    site.execute("UPDATE audit_event SET received_at = '2019-01-01T00:00:00Z'").await?;
    ensure!(store.purge(Kind::Audit, &Retention::default(), jiff::Timestamp::now()).await? == 4);
    ensure!(fault(&site).await?.is_none());
    stands(get(&clerk, &log).await?, 200, &log, 9).await?;
    store.close().await;
    Ok(())
}
