//! One id, one case.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet},
};
use ledsaga_gateway::case_xml;
use ledsaga_protocol::{ReceiptBody, ReceiptClaims, code, digest};
use reqwest::StatusCode;
use serde_json::json;
use sqlx::{Executor as _, Row as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Clerk, Site,
    site::{ORAL, complete, receipt, refused, text},
};

pub async fn one_id_has_one_case(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let first = receipt(clerk.put(&submission).await?, 201).await?;
    let again = receipt(clerk.put(&submission).await?, 200).await?;
    let id = first.submission.to_string();
    let found = receipt(clerk.find(&id).await?, 200).await?;
    ensure!(first == again && first == found, "the receipts differ");
    ensure!(first.digest == digest::hex(submission.to_string().as_bytes()), "another digest");

    let cases = site.cases().await?;
    ensure!(cases.len() == 1, "{} cases", cases.len());
    ensure!(cases[0].case_number == first.case_number && cases[0].digest == first.digest, "another case");
    let store = site.store().await?;
    let (body, _) = store.case(&first.case_number).await?.context("no body")?;
    ensure!(body == submission.to_string().into_bytes(), "the bytes are not those that arrived");
    let xml = case_xml(&store, &first.case_number).await?;
    ensure!(xml.contains(&format!("<FlowInstanceID>{}</FlowInstanceID>", first.case_number)), "{xml}");
    ensure!(case_xml(&store, "finns-inte").await.is_err());
    Ok(())
}

/// The counter-test of every rule about ids: without the id, the same content makes two cases.
pub async fn another_id_is_another_case(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let mut submission = clerk.submission(ORAL, complete()).await?;
    let first = receipt(clerk.put(&submission).await?, 201).await?;
    submission["id"] = json!(Uuid::now_v7());
    let second = receipt(clerk.put(&submission).await?, 201).await?;
    ensure!(first.case_number != second.case_number, "one case for two ids");
    ensure!(site.cases().await?.len() == 2);
    Ok(())
}

pub async fn other_content_under_an_id_is_refused(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let mut submission = clerk.submission(ORAL, complete()).await?;
    let first = receipt(clerk.put(&submission).await?, 201).await?;
    submission["answers"]["namn"] = text("Någon Annan");
    refused(clerk.put(&submission).await?, 422, code::CONTENT_DIFFERS).await?;
    ensure!(receipt(clerk.find(&first.submission.to_string()).await?, 200).await? == first);
    ensure!(site.cases().await?.len() == 1);
    Ok(())
}

pub async fn many_connections_make_one_case(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let statuses = storm(&[clerk], &submission, 24).await?;
    one_new_and_the_rest_known(&statuses)?;
    ensure!(site.cases().await?.len() == 1);
    Ok(())
}

pub async fn two_gateways_on_one_database_make_one_case(site: Site) -> Result<()> {
    let other = site.second().await?;
    let clerks = [site.clerk("demo-astrid").await?, other.clerk("demo-astrid").await?];
    let submission = clerks[0].submission(ORAL, complete()).await?;
    let statuses = storm(&clerks, &submission, 24).await?;
    one_new_and_the_rest_known(&statuses)?;
    ensure!(site.cases().await?.len() == 1);
    Ok(())
}

pub async fn numbers_have_no_gaps_and_no_order(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let mut sent = JoinSet::new();
    for n in 0..40 {
        let mut submission = clerk.submission(ORAL, complete()).await?;
        // Every fourth fails after it was given a number.
        let fails = n % 4 == 0;
        if fails {
            submission["answers"]["bilaga"] = json!({"type": "files", "files": [{
                "id": Uuid::now_v7(), "name": "a.pdf", "size": 1, "media_type": "application/pdf",
                "sha256": digest::hex(b"a"),
            }]});
        }
        let clerk = clerk.clone();
        sent.spawn(async move {
            let answer = clerk.put(&submission).await?;
            anyhow::Ok(if fails {
                refused(answer, 424, code::ATTACHMENT_MISSING).await?;
                None
            } else {
                Some(receipt(answer, 201).await?)
            })
        });
    }
    let mut numbers = BTreeSet::new();
    while let Some(answer) = sent.join_next().await {
        numbers.extend(answer??.map(|receipt| receipt.case_number));
    }
    ensure!(numbers.len() == 30, "{} numbers for 30 cases", numbers.len());
    let last: i64 =
        site.database().await?.fetch_one("SELECT last FROM case_series").await?.try_get("last")?;
    ensure!(last == 30, "the series is at {last} after 30 cases");
    let in_order: Vec<_> = site.cases().await?.into_iter().map(|case| case.case_number).collect();
    ensure!(!in_order.is_sorted(), "the numbers tell the order");
    Ok(())
}

/// Those who wait are filed together; what the database does not take of one is nothing to the others.
pub async fn what_the_database_refuses_harms_nobody_else(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let refused_one = clerk.submission(ORAL, complete()).await?;
    let id = refused_one["id"].as_str().context("no id")?;
    if site.is_postgresql() {
        site.execute(&format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF NEW.id = '{id}' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$"
        ))
        .await?;
        site.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON submission FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await?;
    } else {
        site.execute(&format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON submission WHEN NEW.id = '{id}' \
             BEGIN SELECT RAISE(ABORT, 'no'); END"
        ))
        .await?;
    }
    let mut sent = JoinSet::new();
    for n in 0..24 {
        let mut submission = refused_one.clone();
        if n != 7 {
            submission["id"] = json!(Uuid::now_v7());
        }
        let clerk = clerk.clone();
        sent.spawn(async move { anyhow::Ok((n, clerk.put(&submission).await?.status())) });
    }
    while let Some(answer) = sent.join_next().await {
        let (n, status) = answer??;
        let due = if n == 7 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::CREATED };
        ensure!(status == due, "{status} for {n}");
    }
    ensure!(site.cases().await?.len() == 23);
    ensure!(site.count("case_series", "last = 23").await? == 1, "the numbers have a gap");
    ensure!(site.count("case_change", "1 = 1").await? == 23);
    site.execute(if site.is_postgresql() {
        "DROP TRIGGER refuse ON submission"
    } else {
        "DROP TRIGGER refuse"
    })
    .await?;
    receipt(clerk.put(&refused_one).await?, 201).await?;
    Ok(())
}

pub async fn a_receipt_proves_and_a_changed_one_does_not(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let receipt = receipt(clerk.put(&submission).await?, 201).await?;
    let keys: JwkSet = site.get("/v1/receipt-keys").await?.json().await?;
    let kid = jsonwebtoken::decode_header(&receipt.proof)?.kid.context("no kid")?;
    let key = keys.find(&kid).context("a key that is not published")?;
    let claims = proven(&receipt.proof, key)?;
    ensure!(claims == claims_of(&receipt), "the receipt proves something else");

    let other = clerk.submission(ORAL, complete()).await?;
    let other = super::site::receipt(clerk.put(&other).await?, 201).await?;
    let (_, signature) = receipt.proof.rsplit_once('.').context("no signature")?;
    let (other_head, _) = other.proof.rsplit_once('.').context("no signature")?;
    ensure!(
        proven(&format!("{other_head}.{signature}"), key).is_err(),
        "another receipt's signature will do"
    );
    let stranger: JwkSet = site.get("/demo/oidc/jwks").await?.json().await?;
    let stranger = stranger.keys.first().context("no key")?;
    ensure!(proven(&receipt.proof, stranger).is_err(), "any key will do");
    Ok(())
}

pub async fn key_and_digest_are_demanded(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let id = submission["id"].as_str().context("no id")?;
    let body = submission.to_string();
    let right_digest = digest::header(body.as_bytes());
    let right_key = format!("\"{id}\"");
    for (key, digest, code) in [
        (None, Some(right_digest.clone()), code::IDEMPOTENCY_KEY),
        (Some(id.to_owned()), Some(right_digest.clone()), code::IDEMPOTENCY_KEY),
        (Some(format!("\"{}\"", Uuid::now_v7())), Some(right_digest), code::IDEMPOTENCY_KEY),
        (Some(right_key.clone()), None, code::DIGEST),
        (Some(right_key.clone()), Some(digest::header(b"other")), code::DIGEST),
        (Some(right_key), Some("sha-256=nonsense".to_owned()), code::DIGEST),
    ] {
        let mut request = clerk.request("PUT", &format!("/v1/submissions/{id}"))?.body(body.clone());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(digest) = digest {
            request = request.header("content-digest", digest);
        }
        refused(request.send().await?, 400, code).await?;
    }
    let elsewhere = clerk.put_bytes(Uuid::now_v7(), body.into_bytes()).await?;
    refused(elsewhere, 400, code::MALFORMED).await?;
    ensure!(site.cases().await?.is_empty(), "a refused submission became a case");
    Ok(())
}

pub async fn a_case_is_its_workers_alone(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let submission = astrid.submission(ORAL, complete()).await?;
    let id = submission["id"].as_str().context("no id")?;
    refused(bo.put(&submission).await?, 403, code::FORBIDDEN).await?;
    ensure!(site.cases().await?.is_empty(), "Bo sent in Astrid's name");

    receipt(astrid.put(&submission).await?, 201).await?;
    refused(bo.find(id).await?, 404, code::NOT_FOUND).await?;
    refused(bo.find(&Uuid::now_v7().to_string()).await?, 404, code::NOT_FOUND).await?;
    let problem = refused(bo.put(&submission).await?, 422, code::CONTENT_DIFFERS).await?;
    ensure!(!serde_json::to_string(&problem)?.contains("EXB"), "Bo learns the case number");
    Ok(())
}

pub async fn a_case_outlives_the_gateway(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let submission = clerk.submission(ORAL, complete()).await?;
    let first = receipt(clerk.put(&submission).await?, 201).await?;
    site.restart().await?;
    ensure!(receipt(clerk.put(&submission).await?, 200).await? == first);
    ensure!(receipt(clerk.find(&first.submission.to_string()).await?, 200).await? == first);
    let mut next = clerk.submission(ORAL, complete()).await?;
    next["id"] = json!(Uuid::now_v7());
    ensure!(receipt(clerk.put(&next).await?, 201).await?.case_number != first.case_number);
    Ok(())
}

pub async fn a_newer_database_is_refused(mut site: Site) -> Result<()> {
    site.stop().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'from the future', success, checksum, execution_time FROM _sqlx_migrations \
                 WHERE version = 1";
    site.database().await?.execute(newer).await?;
    let error = site.restart().await.err().context("a newer database was opened")?;
    ensure!(error.to_string().contains("newer"), "{error}");
    Ok(())
}

async fn storm(clerks: &[Clerk], submission: &serde_json::Value, times: usize) -> Result<Vec<StatusCode>> {
    let mut sent = JoinSet::new();
    for clerk in clerks.iter().cycle().take(times) {
        let (clerk, submission) = (clerk.clone(), submission.clone());
        sent.spawn(async move { anyhow::Ok(clerk.put(&submission).await?.status()) });
    }
    let mut statuses = Vec::new();
    while let Some(status) = sent.join_next().await {
        statuses.push(status??);
    }
    Ok(statuses)
}

fn one_new_and_the_rest_known(statuses: &[StatusCode]) -> Result<()> {
    let created = statuses.iter().filter(|status| **status == StatusCode::CREATED).count();
    ensure!(created == 1, "{created} of {} were told that theirs is the first", statuses.len());
    let known = |status: &&StatusCode| matches!(**status, StatusCode::OK | StatusCode::CONFLICT);
    ensure!(statuses.iter().filter(known).count() == statuses.len() - 1, "{statuses:?}");
    Ok(())
}

fn proven(proof: &str, key: &Jwk) -> Result<ReceiptClaims> {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    Ok(jsonwebtoken::decode(proof, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

fn claims_of(receipt: &ReceiptBody) -> ReceiptClaims {
    ReceiptClaims {
        submission: receipt.submission,
        digest: receipt.digest.clone(),
        case_number: receipt.case_number.clone(),
        received_at: receipt.received_at,
    }
}
