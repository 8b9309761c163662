//! Contact records.

use anyhow::{Context as _, Result, ensure};
use ledsaga_protocol::{ContactBody, code};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{Executor as _, Row as _};
use uuid::Uuid;

use super::{
    Clerk, Site,
    site::{ORAL, complete, has, receipt, refused},
};

fn contact(rev: u64, note: &str) -> Value {
    json!({
        "schema": 1, "id": "019a2b3c-0000-7000-8000-000000000002", "rev": rev,
        "started_at": "2026-11-22T08:00:00Z", "ended_at": null, "asked_for": "Färdtjänst", "note": note,
        "caller": {
            "name": "Tolvan Exempel", "phone": "+46701740605", "identity_number": "191212121212",
            "identity_level": "stated", "language": "swedish",
        },
        "secrecy_marking": false,
    })
}

async fn put(clerk: &Clerk, contact: &Value) -> Result<Response> {
    let path = format!("/v1/contacts/{}", contact["id"].as_str().context("no id")?);
    Ok(clerk.request("PUT", &path)?.body(contact.to_string()).send().await?)
}

async fn kept(site: &Site) -> Result<ContactBody> {
    let row = site.database().await?.fetch_one("SELECT body FROM contact").await?;
    Ok(serde_json::from_str(&row.try_get::<String, _>("body")?)?)
}

pub async fn the_highest_revision_stays(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    for (rev, note, expected) in
        [(2, "två", "två"), (2, "två", "två"), (1, "ett", "två"), (5, "fem", "fem"), (4, "fyra", "fem")]
    {
        has(&put(&clerk, &contact(rev, note)).await?, StatusCode::NO_CONTENT)?;
        ensure!(kept(&site).await?.note == expected, "after revision {rev}");
    }
    refused(put(&clerk, &contact(5, "annat")).await?, 422, code::CONTENT_DIFFERS).await?;
    ensure!(kept(&site).await?.note == "fem");

    let mut elsewhere = contact(6, "sex");
    elsewhere["id"] = json!(Uuid::now_v7());
    let path = format!("/v1/contacts/{}", Uuid::now_v7());
    let answer = clerk.request("PUT", &path)?.body(elsewhere.to_string()).send().await?;
    refused(answer, 400, code::MALFORMED).await?;
    let mut endless = contact(6, "sex");
    endless["rev"] = json!(u64::MAX);
    refused(put(&clerk, &endless).await?, 400, code::MALFORMED).await?;
    Ok(())
}

pub async fn a_contact_is_its_workers_alone(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    has(&put(&astrid, &contact(1, "Astrids")).await?, StatusCode::NO_CONTENT)?;
    for rev in [1, 2] {
        refused(put(&bo, &contact(rev, "Bos")).await?, 404, code::NOT_FOUND).await?;
        refused(put(&bo, &contact(rev, "Astrids")).await?, 404, code::NOT_FOUND).await?;
    }
    ensure!(kept(&site).await?.note == "Astrids");
    Ok(())
}

/// However the case and the marking come: whoever may not see a marked case does not see this one.
pub async fn a_marking_of_the_call_marks_its_cases(site: Site) -> Result<()> {
    let (astrid, officer) = (site.clerk("demo-astrid").await?, site.clerk("demo-cecilia").await?);
    let of_call = async |id: Uuid| {
        let mut submission = astrid.submission(ORAL, complete()).await?;
        submission["contact"] = json!(id);
        receipt(astrid.put(&submission).await?, 201).await
    };
    let of_contact = |id: Uuid, rev: u64, marked: bool| {
        let mut contact = contact(rev, "");
        contact["id"] = json!(id);
        contact["secrecy_marking"] = json!(marked);
        contact
    };
    let is_marked = async |number: &str| {
        let answer = officer.request("GET", &format!("/v1/cases/{number}"))?.send().await?;
        anyhow::Ok(answer.status() == StatusCode::NOT_FOUND)
    };

    let (call, other) = (Uuid::now_v7(), Uuid::now_v7());
    has(&put(&astrid, &of_contact(call, 1, false)).await?, StatusCode::NO_CONTENT)?;
    has(&put(&astrid, &of_contact(other, 1, false)).await?, StatusCode::NO_CONTENT)?;
    let (before, elsewhere) = (of_call(call).await?, of_call(other).await?);
    ensure!(!is_marked(&before.case_number).await?, "the counter-test: nothing is marked yet");
    has(&put(&astrid, &of_contact(call, 2, true)).await?, StatusCode::NO_CONTENT)?;
    let after = of_call(call).await?;
    for (receipt, marked) in [(&before, true), (&after, true), (&elsewhere, false)] {
        ensure!(is_marked(&receipt.case_number).await? == marked, "{}", receipt.case_number);
    }
    // Taken off the call, it stays on the cases.
    has(&put(&astrid, &of_contact(call, 3, false)).await?, StatusCode::NO_CONTENT)?;
    ensure!(is_marked(&before.case_number).await?);
    Ok(())
}
