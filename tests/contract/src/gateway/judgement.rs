//! What the gateway thinks of answers and of the form that they follow.

use anyhow::{Context as _, Result, ensure};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use ledsaga_protocol::code;
use serde_json::{Value, json};
use sqlx::{Executor as _, Row as _};
use uuid::Uuid;

use super::{
    Site,
    site::{ORAL, WRITTEN, complete, receipt, refused, text},
};

pub async fn wrong_answers_are_refused_by_name(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    for (question, answer) in [
        ("postnummer", text("0")),
        ("namn", json!({"type": "confirmed"})),
        ("okand", text("Finns inte i formuläret")),
    ] {
        let mut answers = complete();
        answers[question] = answer;
        for service in [ORAL, WRITTEN] {
            let submission = clerk.submission(service, answers.clone()).await?;
            let problem = refused(clerk.put(&submission).await?, 422, code::ANSWERS_INVALID).await?;
            ensure!(problem.questions == [question], "{:?} for {question}", problem.questions);
        }
    }
    ensure!(site.cases().await?.is_empty());
    Ok(())
}

pub async fn missing_answers_wait_where_speech_is_enough(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, json!({"namn": text("Tolvan Exempel")})).await?;
    let first = receipt(clerk.put(&submission).await?, 201).await?;
    ensure!(first.to_supplement == ["postnummer"], "{:?}", first.to_supplement);
    ensure!(receipt(clerk.put(&submission).await?, 200).await? == first);
    Ok(())
}

pub async fn missing_answers_are_refused_where_it_is_not(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(WRITTEN, json!({"namn": text("Tolvan Exempel")})).await?;
    let problem = refused(clerk.put(&submission).await?, 422, code::ANSWERS_MISSING).await?;
    ensure!(problem.questions == ["postnummer"], "{:?}", problem.questions);
    receipt(clerk.put(&clerk.submission(WRITTEN, complete()).await?).await?, 201).await?;
    Ok(())
}

pub async fn dates_are_judged_by_the_day_of_freezing(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let day =
        |time: Timestamp| time.to_zoned(TimeZone::get("Europe/Stockholm").unwrap_or(TimeZone::UTC)).date();
    let (now, three_days) = (Timestamp::now(), 72.hours());

    // Frozen three days ago without a network: "from today" has passed meanwhile.
    let then = now.checked_sub(three_days)?;
    let mut answers = complete();
    answers["fran"] = text(&day(then).to_string());
    let mut submission = clerk.submission(ORAL, answers).await?;
    submission["declared_at"] = json!(then);
    receipt(clerk.put(&submission).await?, 201).await?;

    // What had to have happened by then had not.
    let mut answers = complete();
    answers["hande"] = text(&day(now).to_string());
    let mut submission = clerk.submission(ORAL, answers).await?;
    submission["declared_at"] = json!(then);
    let problem = refused(clerk.put(&submission).await?, 422, code::ANSWERS_INVALID).await?;
    ensure!(problem.questions == ["hande"]);
    submission["declared_at"] = json!(now);
    receipt(clerk.put(&submission).await?, 201).await?;
    Ok(())
}

pub async fn protection_is_judged_and_kept(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let mut answers = complete();
    answers["adress"] = text("Provgatan 1");
    let mut submission = clerk.submission(ORAL, answers).await?;
    submission["secrecy_marking"] = json!(true);
    let problem = refused(clerk.put(&submission).await?, 422, code::ANSWERS_INVALID).await?;
    ensure!(problem.questions == ["adress"]);
    submission["answers"] = complete();
    receipt(clerk.put(&submission).await?, 201).await?;
    let row = site.database().await?.fetch_one("SELECT secrecy FROM submission").await?;
    ensure!(row.try_get::<i64, _>("secrecy")? == 1, "the marking is lost");
    Ok(())
}

pub async fn an_unknown_or_changed_service_is_refused(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    for (field, value, code) in [
        ("id", json!("finns-inte"), code::SERVICE_UNKNOWN),
        ("id", json!("\u{0}"), code::SERVICE_UNKNOWN),
        ("id", json!(""), code::SERVICE_UNKNOWN),
        ("version", json!(2), code::SERVICE_UNKNOWN),
        ("hash", json!("00"), code::SERVICE_HASH),
    ] {
        let mut submission = clerk.submission(ORAL, complete()).await?;
        submission["service"][field] = value;
        refused(clerk.put(&submission).await?, 422, code).await?;
    }
    ensure!(site.cases().await?.is_empty());
    Ok(())
}

pub async fn a_retired_service_is_refused_and_undoes_nothing(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let before = clerk.submission(ORAL, complete()).await?;
    let filed = receipt(clerk.put(&before).await?, 201).await?;
    ensure!(site.store().await?.retire(ORAL, 1).await?);
    let after = clerk.submission(ORAL, complete()).await?;
    refused(clerk.put(&after).await?, 422, code::SERVICE_VERSION_RETIRED).await?;
    ensure!(receipt(clerk.put(&before).await?, 200).await? == filed, "a case was undone");
    Ok(())
}

pub async fn nonsense_is_malformed_and_never_a_failure(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let good = clerk.submission(ORAL, complete()).await?;
    let mut bodies = vec![
        Vec::new(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"\xff\xfe".to_vec(),
        "[".repeat(100_000).into_bytes(),
        good.to_string().replace("\"schema\":1", "\"schema\":2").into_bytes(),
    ];
    for field in good.as_object().context("no object")?.keys() {
        let mut without = good.clone();
        without[field] = Value::Null;
        bodies.push(without.to_string().into_bytes());
    }
    let id: Uuid = good["id"].as_str().context("no id")?.parse()?;
    for body in bodies {
        refused(clerk.put_bytes(id, body).await?, 400, code::MALFORMED).await?;
    }
    let mut odd = complete();
    odd["namn"] = text("\u{0}\u{202e}\u{1f469}\u{200d}\u{1f680} '; DROP TABLE submission; --");
    let answer = clerk.put(&clerk.submission(ORAL, odd).await?).await?;
    ensure!(!answer.status().is_server_error(), "{}", answer.status());
    receipt(clerk.put(&good).await?, 201).await?;
    Ok(())
}
