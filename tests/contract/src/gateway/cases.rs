//! How cases stand, who may know, and who asked.

use anyhow::{Result, ensure};
use ledsaga_gateway::Move;
use ledsaga_protocol::{CaseBody, Stage, code};
use reqwest::{Response, StatusCode, header::HeaderMap};

use super::{
    Clerk, Site,
    changes::{changes, moved},
    site::{ORAL, filed, filed_marked, has, refused},
};

async fn ask(clerk: &Clerk, case_number: &str) -> Result<Response> {
    Ok(clerk.request("GET", &format!("/v1/cases/{case_number}"))?.send().await?)
}

async fn case(clerk: &Clerk, case_number: &str) -> Result<CaseBody> {
    let answer = ask(clerk, case_number).await?;
    has(&answer, StatusCode::OK)?;
    Ok(answer.json().await?)
}

/// Has the form of a case number, its check included.
const NOBODYS: &str = "EXB-2019-2222-2P";

pub async fn how_a_case_stands_is_for_those_who_may_see_it(site: Site) -> Result<()> {
    let astrid = site.clerk("demo-astrid").await?;
    let lead = site.clerk("demo-bo").await?;
    let officer = site.clerk("demo-cecilia").await?;
    let auditor = site.clerk("demo-david").await?;
    let (open, marked) = (filed(&astrid).await?, filed_marked(&astrid).await?);

    for (clerk, sees_open, sees_marked) in
        [(&astrid, true, true), (&lead, true, true), (&officer, true, false), (&auditor, false, false)]
    {
        for (receipt, sees) in [(&open, sees_open), (&marked, sees_marked)] {
            if sees {
                let seen = case(clerk, &receipt.case_number).await?;
                ensure!(seen.submission == receipt.submission && seen.case_number == receipt.case_number);
                ensure!(seen.service == ORAL && seen.received_at == receipt.received_at);
                ensure!(seen.secrecy_marking == (receipt == &marked));
                ensure!(seen.changes.len() == 1 && seen.changes[0].stage == Stage::Received);
            } else {
                refused(ask(clerk, &receipt.case_number).await?, 404, code::NOT_FOUND).await?;
            }
        }
    }

    // No such case, not for this worker, and not a case number at all: one answer.
    let mut answers = Vec::new();
    for number in [marked.case_number.as_str(), NOBODYS, "19121212-1212", "%00", "a%20b"] {
        let answer = ask(&officer, number).await?;
        let (status, headers) = (answer.status(), alike(answer.headers()));
        answers.push((status, headers, answer.text().await?));
    }
    ensure!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    Ok(())
}

/// All but when it was.
fn alike(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove("date");
    headers
}

pub async fn an_officer_moves_a_case(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let receipt = filed(&clerk).await?;
    let number = &receipt.case_number;
    let words = "Ring oss på 070-174 06 06.\nVi finns här till klockan fyra.";
    ensure!(matches!(moved(&site, number, Stage::SupplementRequested, Some(words)).await?, Move::Moved));
    ensure!(matches!(moved(&site, number, Stage::Decided, None).await?, Move::Moved));
    ensure!(matches!(moved(&site, NOBODYS, Stage::Decided, None).await?, Move::NoSuchCase));
    let seen = case(&clerk, number).await?;
    let stages: Vec<_> = seen.changes.iter().map(|change| change.stage).collect();
    ensure!(stages == [Stage::Received, Stage::SupplementRequested, Stage::Decided], "{stages:?}");
    ensure!(seen.changes[1].message.as_ref().is_some_and(|message| message.0 == words));
    ensure!(changes(&clerk, "").await?.changes == seen.changes, "the feed tells something else");
    Ok(())
}

pub async fn of_a_marked_case_nothing_is_said(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let number = filed_marked(&clerk).await?.case_number;
    let said = moved(&site, &number, Stage::Decided, Some("Ditt beslut är klart.")).await?;
    ensure!(matches!(said, Move::MessageOnMarkedCase));
    ensure!(case(&clerk, &number).await?.changes.len() == 1, "it was moved all the same");
    ensure!(matches!(moved(&site, &number, Stage::Decided, None).await?, Move::Moved));
    let seen = case(&clerk, &number).await?;
    ensure!(seen.changes.len() == 2 && seen.changes.iter().all(|change| change.message.is_none()));
    Ok(())
}

pub async fn each_look_is_kept(site: Site) -> Result<()> {
    let (astrid, officer) = (site.clerk("demo-astrid").await?, site.clerk("demo-cecilia").await?);
    let number = filed_marked(&astrid).await?.case_number;
    case(&astrid, &number).await?;
    for asked in [number.as_str(), NOBODYS, "19121212-1212"] {
        refused(ask(&officer, asked).await?, 404, code::NOT_FOUND).await?;
    }
    let store = site.store().await?;
    let looks = store.looks(None).await?;
    let told: Vec<_> = looks
        .iter()
        .map(|look| (look.worker.as_str(), look.case_number.as_str(), look.outcome.as_str()))
        .collect();
    let due = [
        ("demo-astrid", number.as_str(), "shown"),
        ("demo-cecilia", number.as_str(), "refused"),
        ("demo-cecilia", NOBODYS, "unknown"),
        // What is no case number may be anybody's, and is not kept.
        ("demo-cecilia", "", "unknown"),
    ];
    ensure!(told == due, "{told:?}");
    ensure!(store.looks(Some(&number)).await?.len() == 2);
    store.close().await;

    // What cannot be written down is not shown.
    site.execute("DROP TABLE case_access").await?;
    refused(ask(&astrid, &number).await?, 500, code::INTERNAL).await?;
    Ok(())
}
