//! What has had its time.

use anyhow::{Context as _, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use ledsaga_gateway::{KINDS, Kind, Retention, Store};
use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    Site,
    audit::Log,
    site::{filed, has},
};

const LONG_AGO: &str = "2015-01-01T00:00:00Z";

/// Leaves one of each kind that is old, and one that is not.
async fn leave_old_things(site: &Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let number = filed(&clerk).await?.case_number;
    for age in ["old", "new"] {
        let upload = json!({
            "id": Uuid::now_v7(), "name": "a.pdf", "media_type": "application/pdf", "size": 10,
            "sha256": ledsaga_protocol::digest::hex(age.as_bytes()),
        });
        let answer = clerk.request("POST", "/v1/uploads")?.body(upload.to_string()).send().await?;
        has(&answer, StatusCode::CREATED)?;
        has(&clerk.withdraw(&Uuid::now_v7().to_string()).await?, StatusCode::NO_CONTENT)?;
        clerk.request("GET", &format!("/v1/cases/{number}"))?.send().await?.error_for_status()?;
        let contact = json!({
            "schema": 1, "id": Uuid::now_v7(), "rev": 1, "started_at": "2026-11-22T08:00:00Z", "asked_for": "",
            "note": "", "secrecy_marking": false,
            "caller": {"name": "", "phone": "", "identity_number": "", "identity_level": "stated", "language": "swedish"},
        });
        let path = format!("/v1/contacts/{}", contact["id"].as_str().context("no id")?);
        let answer = clerk.request("PUT", &path)?.body(contact.to_string()).send().await?;
        has(&answer, StatusCode::NO_CONTENT)?;
        if age == "old" {
            for (table, column) in [
                ("upload", "touched_at"),
                ("tombstone", "at"),
                ("case_access", "at"),
                ("contact", "received_at"),
            ] {
                site.execute(&format!("UPDATE {table} SET {column} = '{LONG_AGO}'")).await?;
            }
            site.execute("UPDATE refresh_token SET expires_at = 1").await?;
            site.clerk("demo-bo").await?;
        }
    }
    let log = Log::new(&clerk.subject, 2)?;
    for (seq, event, hash) in &log.rows {
        let sql = if *seq == 1 {
            format!(
                "INSERT INTO audit_log (vault, worker, seq, hash) VALUES ('{}', 'demo-astrid', 2, '')",
                log.vault
            )
        } else {
            format!("UPDATE audit_log SET hash = '{}'", hash.map(|byte| format!("{byte:02x}")).concat())
        };
        site.execute(&sql).await?;
        let text = String::from_utf8(event.clone())?.replace('\'', "''");
        let hash = hash.map(|byte| format!("{byte:02x}")).concat();
        let event = if site.is_postgresql() {
            format!("convert_to('{text}', 'UTF8')")
        } else {
            format!("CAST('{text}' AS BLOB)")
        };
        site.execute(&format!(
            "INSERT INTO audit_event (vault, seq, hash, event, received_at) \
             VALUES ('{}', {seq}, '{hash}', {event}, '{LONG_AGO}')",
            log.vault
        ))
        .await?;
    }
    Ok(())
}

const TABLES: [(Kind, &str); 6] = [
    (Kind::Uploads, "upload"),
    (Kind::Tombstones, "tombstone"),
    (Kind::RefreshTokens, "refresh_token"),
    (Kind::Contacts, "contact"),
    (Kind::CaseAccess, "case_access"),
    (Kind::Audit, "audit_event"),
];

pub async fn what_had_its_time_goes_with_a_certificate(site: Site) -> Result<()> {
    leave_old_things(&site).await?;
    let retention = Retention { contact_days: Some(365), ..Retention::default() };
    let (store, now) = (site.store().await?, Timestamp::now());
    let due = store.due(&retention, now).await?;
    ensure!(due.len() == KINDS.len());
    for due in &due {
        ensure!(due.count == 1 && due.rule.is_some(), "{} of {} are due", due.count, due.kind);
    }
    for (kind, table) in TABLES {
        ensure!(site.count(table, "1 = 1").await? == 2, "looking removed something of {table}");
        ensure!(store.purge(kind, &retention, now).await? == 1, "{}", kind.name());
        ensure!(site.count(table, "1 = 1").await? == 1, "{table}");
        ensure!(store.purge(kind, &retention, now).await? == 0, "{} goes on", kind.name());
    }
    ensure!(site.cases().await?.len() == 1, "a case is gone");
    ensure!(store.verify_audit().await?.iter().all(|log| log.fault.is_none()));

    let certificates = store.certificates().await?;
    ensure!(certificates.len() == KINDS.len(), "{} certificates", certificates.len());
    for (certificate, kind) in certificates.iter().zip(KINDS) {
        ensure!(certificate.kind == kind.name() && certificate.removed == 1);
        ensure!(certificate.rule == kind.rule(retention.days(kind).context("it is kept")?));
        ensure!(certificate.at.parse::<Timestamp>()? >= now);
    }
    store.close().await;
    Ok(())
}

pub async fn what_is_kept_by_default_stays(mut site: Site) -> Result<()> {
    leave_old_things(&site).await?;
    site.execute("UPDATE chore SET due = 0").await?;
    site.restart().await?;
    for (kind, table) in TABLES {
        let due = if kind == Kind::Contacts { 2 } else { 1 };
        ensure!(site.count(table, "1 = 1").await? == due, "{table}");
    }
    ensure!(site.cases().await?.len() == 1);
    // Many at once, in more than one portion, are one certificate.
    let clerk = site.clerk("demo-astrid").await?;
    for _ in 0..450 {
        has(&clerk.withdraw(&Uuid::now_v7().to_string()).await?, StatusCode::NO_CONTENT)?;
    }
    site.execute(&format!("UPDATE tombstone SET at = '{LONG_AGO}'")).await?;
    let store = site.store().await?;
    ensure!(store.purge(Kind::Tombstones, &Retention::default(), Timestamp::now()).await? == 451);
    let last = store.certificates().await?.pop().context("no certificate")?;
    ensure!(last.removed == 451, "{}", last.removed);
    store.close().await;
    Ok(())
}

const LEASE: SignedDuration = SignedDuration::from_mins(10);

async fn takes(store: &Store, holder: &str) -> Result<bool> {
    Ok(store.take_chore("sweeping", holder, LEASE).await?)
}

pub async fn one_gateway_at_a_time_does_a_chore(site: Site) -> Result<()> {
    let (one, two) = (site.store().await?, site.store().await?);
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..12 {
        let store = if n % 2 == 0 { one.clone() } else { two.clone() };
        asked.spawn(async move { takes(&store, &format!("gateway {n}")).await });
    }
    let mut taken = 0;
    while let Some(answer) = asked.join_next().await {
        taken += usize::from(answer??);
    }
    ensure!(taken == 1, "{taken} gateways do it");
    Ok(())
}

pub async fn a_chore_left_undone_is_taken_over(site: Site) -> Result<()> {
    let store = site.store().await?;
    ensure!(takes(&store, "one").await?);
    ensure!(takes(&store, "one").await?, "who has it may go on");
    ensure!(!takes(&store, "two").await?);
    // Its time is over without a word.
    site.execute("UPDATE chore SET due = 0").await?;
    ensure!(takes(&store, "two").await?);
    ensure!(!takes(&store, "one").await?);
    store.finish_chore("sweeping", "one", SignedDuration::ZERO).await?;
    ensure!(!takes(&store, "one").await?, "who lost it gave it back");
    store.finish_chore("sweeping", "two", LEASE).await?;
    ensure!(!takes(&store, "one").await?, "it is not due");
    store.close().await;
    Ok(())
}
