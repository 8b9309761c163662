//! What the core may rely on in every `Municipality`. Each function is one promise; run it against a fresh [`Town`].

use std::fs;

use anyhow::{Context as _, Result, ensure};
use ledsaga_core::{
    error::LinkError,
    ports::{CatalogueAnswer, Withdrawal},
    protection::Protection,
    standing::Stage,
};
use ledsaga_forms::{Answer, FileRef};
use ledsaga_protocol::digest;
use uuid::Uuid;

use crate::{
    gateway::audit::Log,
    town::{ORAL, Town, WRITTEN, answers, call, text},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and three pixels";

fn refused(code: &str) -> LinkError {
    LinkError::Refused { code: code.to_owned(), questions: Vec::new() }
}

fn image(id: Uuid, bytes: &[u8]) -> Answer {
    Answer::Files {
        files: vec![FileRef {
            id: id.to_string(),
            name: "lampa.png".to_owned(),
            size: bytes.len() as u64,
            media_type: "image/png".to_owned(),
            sha256: digest::hex(bytes),
        }],
    }
}

pub async fn the_catalogue_is_sent_only_when_it_is_new(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let CatalogueAnswer::New(catalogue) = agent.municipality.catalogue(None).await? else {
        anyhow::bail!("a catalogue that was not there is unchanged");
    };
    let mut names: Vec<_> = catalogue.definitions.iter().map(|d| d.id.as_str()).collect();
    names.sort_unstable();
    ensure!(names == [WRITTEN, ORAL], "{names:?}");
    ensure!(catalogue.definitions.iter().all(|d| !d.hash.is_empty()));
    let again = agent.municipality.catalogue(Some(&catalogue.etag)).await?;
    ensure!(matches!(again, CatalogueAnswer::Unchanged));
    let stale = agent.municipality.catalogue(Some("\"another\"")).await?;
    ensure!(matches!(stale, CatalogueAnswer::New(_)));
    Ok(())
}

pub async fn encoding_is_deterministic(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let answers = answers([("plats", text("Storgatan 1")), ("sedan", text("2026-11-01"))]);
    let submission = agent.freeze(&definition, &answers);
    let read: ledsaga_protocol::SubmissionBody = serde_json::from_slice(&submission.payload)?;
    ensure!(serde_json::to_vec(&read)? == submission.payload);
    ensure!(read.answers == answers && read.id == submission.id && read.contact == submission.call_id);
    ensure!(read.scribe.subject == agent.worker.subject);
    Ok(())
}

pub async fn a_case_is_received_once_however_often_it_is_sent(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Storgatan 1"))]));
    ensure!(agent.municipality.get_submission(submission.id).await? == None);

    let receipt = agent.municipality.put_submission(&submission).await?;
    ensure!(receipt.digest == submission.digest && !receipt.case_number.is_empty());
    ensure!(receipt.to_supplement == ["sedan"], "what is missing is asked for afterwards");
    ensure!(agent.municipality.put_submission(&submission).await? == receipt);
    ensure!(agent.municipality.get_submission(submission.id).await? == Some(receipt.clone()));

    let (first, second) = tokio::join!(
        agent.municipality.put_submission(&submission),
        agent.municipality.put_submission(&submission)
    );
    ensure!(first.as_ref().is_ok_and(|r| *r == receipt) && second.as_ref().is_ok_and(|r| *r == receipt));

    let cases = town.cases().await?;
    ensure!(cases.len() == 1 && cases[0].digest == submission.digest);
    let (body, _) = town.store().await?.case(&receipt.case_number).await?.context("no case")?;
    ensure!(body == submission.payload, "byte for byte");
    Ok(())
}

pub async fn other_content_under_the_same_id_is_refused(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Storgatan 1"))]));
    agent.municipality.put_submission(&submission).await?;
    let mut other = submission.clone();
    other.payload = String::from_utf8(other.payload)?.replace("Storgatan 1", "Storgatan 2").into_bytes();
    other.digest = digest::hex(&other.payload);
    ensure!(agent.municipality.put_submission(&other).await == Err(refused("content_differs")));
    let kept = agent.municipality.get_submission(submission.id).await?;
    ensure!(kept.is_some_and(|receipt| receipt.digest == submission.digest));
    ensure!(town.cases().await?.len() == 1);
    Ok(())
}

pub async fn a_no_names_the_questions_and_makes_no_case(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let oral = agent.definition(ORAL).await?;
    let written = agent.definition(WRITTEN).await?;
    let plats = || ("plats", text("Storgatan 1"));
    for (submission, code, questions) in [
        (
            agent.freeze(&oral, &answers([plats(), ("sedan", text("i går"))])),
            "answers_invalid",
            vec!["sedan"],
        ),
        (agent.freeze(&oral, &answers([plats(), ("okand", text("?"))])), "answers_invalid", vec!["okand"]),
        (agent.freeze(&written, &answers([plats()])), "answers_missing", vec!["sedan"]),
    ] {
        let questions = questions.into_iter().map(str::to_owned).collect();
        let no = LinkError::Refused { code: code.to_owned(), questions };
        let answer = agent.municipality.put_submission(&submission).await;
        ensure!(answer == Err(no), "{answer:?}");
        ensure!(agent.municipality.get_submission(submission.id).await? == None);
    }
    let mut elsewhere = oral.clone();
    elsewhere.id = "okand-tjanst".to_owned();
    let mut later = oral.clone();
    later.version = 2;
    let mut changed = oral.clone();
    changed.hash = digest::hex(b"another");
    for (definition, code) in
        [(elsewhere, "service_unknown"), (later, "service_unknown"), (changed, "service_hash_mismatch")]
    {
        let submission = agent.freeze(&definition, &answers([plats()]));
        ensure!(agent.municipality.put_submission(&submission).await == Err(refused(code)), "{code}");
    }
    ensure!(town.cases().await?.is_empty());
    Ok(())
}

pub async fn a_case_waits_for_its_files(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let file = Uuid::now_v7();
    let submission =
        agent.freeze(&definition, &answers([("plats", text("Bygatan")), ("bilder", image(file, PNG))]));
    ensure!(agent.municipality.put_submission(&submission).await == Err(refused("attachment_missing")));
    for _ in 0..2 {
        agent.municipality.put_file(file, "lampa.png", "image/png", PNG, &|_| ()).await?;
    }
    agent.municipality.put_submission(&submission).await?;
    let other = agent.municipality.put_file(file, "lampa.png", "image/png", b"something else", &|_| ()).await;
    ensure!(other == Err(refused("content_differs")));
    Ok(())
}

pub async fn a_withdrawn_id_never_becomes_a_case(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Storgatan 1"))]));
    for _ in 0..2 {
        ensure!(agent.municipality.withdraw(submission.id).await? == Withdrawal::Withdrawn);
    }
    for _ in 0..2 {
        let late = agent.municipality.put_submission(&submission).await;
        ensure!(late == Err(refused("cancelled")), "{late:?}");
    }
    ensure!(agent.municipality.get_submission(submission.id).await == Err(refused("cancelled")));
    ensure!(town.cases().await?.is_empty());
    Ok(())
}

pub async fn a_withdrawal_that_comes_too_late_gives_the_receipt(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Storgatan 1"))]));
    let receipt = agent.municipality.put_submission(&submission).await?;
    for _ in 0..2 {
        let too_late = agent.municipality.withdraw(submission.id).await?;
        ensure!(too_late == Withdrawal::Accepted(Box::new(receipt.clone())));
    }
    ensure!(agent.municipality.get_submission(submission.id).await? == Some(receipt));
    ensure!(town.cases().await?.len() == 1);
    Ok(())
}

pub async fn of_a_withdrawal_and_an_arrival_at_once_one_comes_first(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let mut arrived = 0;
    for _ in 0..20 {
        let submission = agent.freeze(&definition, &answers([("plats", text("Storgatan 1"))]));
        let (put, back) = tokio::join!(
            agent.municipality.put_submission(&submission),
            agent.municipality.withdraw(submission.id)
        );
        match (&put, &back) {
            (Ok(receipt), Ok(Withdrawal::Accepted(same))) => {
                ensure!(**same == *receipt);
                arrived += 1;
            }
            (Err(error), Ok(Withdrawal::Withdrawn)) => ensure!(*error == refused("cancelled"), "{error:?}"),
            _ => anyhow::bail!("{put:?} beside {back:?}"),
        }
    }
    ensure!(town.cases().await?.len() == arrived);
    Ok(())
}

pub async fn anothers_submission_is_not_withdrawn(town: Town) -> Result<()> {
    use ledsaga_core::ports::Municipality;
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Bygatan"))]));
    agent.municipality.put_submission(&submission).await?;
    let account = town.account("demo-bo", ledsaga_link::Timeouts::default()).await?;
    let other = ledsaga_link::Client::new(&town.url(), account);
    ensure!(other.withdraw(submission.id).await == Err(refused("not_found")));
    ensure!(agent.municipality.get_submission(submission.id).await?.is_some());
    Ok(())
}

pub async fn a_large_file_arrives_whole(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let bytes: Vec<u8> = PNG.iter().copied().cycle().take(3 * 1024 * 1024 + 17).collect();
    let file = Uuid::now_v7();
    agent.municipality.put_file(file, "lampa.png", "image/png", &bytes, &|_| ()).await?;
    let submission =
        agent.freeze(&definition, &answers([("plats", text("Bygatan")), ("bilder", image(file, &bytes))]));
    agent.municipality.put_submission(&submission).await?;
    Ok(())
}

pub async fn a_contact_record_may_be_sent_again_and_grow(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let mut call = call();
    for _ in 0..2 {
        agent.municipality.put_contact(&call).await?;
    }
    let old = call.clone();
    call.rev += 1;
    call.note = "Ringer igen".to_owned();
    agent.municipality.put_contact(&call).await?;
    ensure!(
        agent.municipality.put_contact(&old).await.is_ok(),
        "a late copy of an older revision changes nothing"
    );
    agent.municipality.put_contact(&call).await?;
    Ok(())
}

pub async fn a_protected_callers_phone_number_never_leaves(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let mut protected = call();
    protected.caller.phone = "070-1740699".to_owned();
    protected.protection = Protection::Raised { at: protected.started_at };
    agent.municipality.put_contact(&protected).await?;
    let submission = agent.freeze_in(&protected, &definition, &answers([("plats", text("Bygatan"))]));
    agent.municipality.put_submission(&submission).await?;
    ensure!(!occurs(&town, b"1740699")?);

    let mut open = call();
    open.caller.phone = "070-1740698".to_owned();
    agent.municipality.put_contact(&open).await?;
    ensure!(occurs(&town, b"1740698")?, "and it would have been found");
    Ok(())
}

/// Whether the gateway wrote these bytes anywhere.
fn occurs(town: &Town, needle: &[u8]) -> Result<bool> {
    for entry in fs::read_dir(town.folder())? {
        let path = entry?.path();
        if path.is_file() && fs::read(path)?.windows(needle.len()).any(|bytes| bytes == needle) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub async fn what_becomes_of_a_case_is_told_and_answered_by_its_number(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Åvägen 2"))]));
    let receipt = agent.municipality.put_submission(&submission).await?;
    let told = agent.municipality.changes(None).await?;
    let [change] = told.changes.as_slice() else { anyhow::bail!("{:?}", told.changes) };
    ensure!(change.submission == submission.id && change.stage == Stage::Received, "{change:?}");
    ensure!(change.case_number == receipt.case_number && change.at == receipt.received_at);
    ensure!(!told.more && told.cursor.len() <= 200);
    // An answer that is lost is answered again, and nothing is told twice after it has been taken in.
    ensure!(agent.municipality.changes(None).await? == told);
    let next = agent.freeze(&definition, &answers([("plats", text("Åvägen 3"))]));
    agent.municipality.put_submission(&next).await?;
    let told = agent.municipality.changes(Some(&told.cursor)).await?;
    ensure!(told.changes.iter().map(|change| change.submission).eq([next.id]), "{:?}", told.changes);

    let typed = receipt.case_number.to_lowercase().replace('-', " ");
    let number = agent.municipality.case_number(&typed)?;
    ensure!(number == receipt.case_number);
    let standing = agent.municipality.case_standing(&number).await?.context("the worker's own case")?;
    ensure!(standing.submission == submission.id && standing.received_at == receipt.received_at);
    ensure!(standing.changes.last().is_some_and(|change| change.stage == Stage::Received));
    let auditor = ledsaga_link::Client::new(
        &town.url(),
        town.account("demo-david", ledsaga_link::Timeouts::default()).await?,
    );
    use ledsaga_core::ports::Municipality;
    ensure!(
        auditor.case_standing(&number).await.is_ok_and(|case| case.is_none()),
        "as one that is not there"
    );
    Ok(())
}

pub async fn one_workers_cases_are_nothing_to_another(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Bygatan"))]));
    agent.municipality.put_submission(&submission).await?;
    let timeouts = ledsaga_link::Timeouts::default();
    use ledsaga_core::ports::Municipality;
    let other = ledsaga_link::Client::new(&town.url(), town.account("demo-bo", timeouts).await?);
    ensure!(other.get_submission(submission.id).await? == None);
    ensure!(other.put_submission(&submission).await == Err(refused("content_differs")));
    let auditor = ledsaga_link::Client::new(&town.url(), town.account("demo-david", timeouts).await?);
    ensure!(auditor.put_submission(&submission).await == Err(refused("forbidden")));
    ensure!(town.cases().await?.len() == 1);
    Ok(())
}

pub async fn a_log_is_handed_over_once_and_goes_on_where_it_stands(mut town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let log = Log::new(&agent.worker.subject, 5)?;
    let put = async |from, to| anyhow::Ok(agent.municipality.put_audit(&log.batch(from, to)?).await);
    ensure!(put(2, 4).await? == Ok(0), "nothing is there to go on from");
    ensure!(put(0, 2).await? == Ok(2));
    ensure!(put(0, 2).await? == Ok(2));
    ensure!(put(3, 5).await? == Ok(2), "an event is missing before these");
    town.stop().await;
    let away = put(2, 5).await?;
    ensure!(matches!(away, Err(LinkError::Unreachable | LinkError::NoAnswer)), "{away:?}");
    town.start_again().await?;
    ensure!(put(1, 5).await? == Ok(5));
    ensure!(put(0, 1).await? == Ok(5), "it is further already");
    Ok(())
}

pub async fn another_log_under_the_same_numbers_is_refused(town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let log = Log::new(&agent.worker.subject, 3)?;
    ensure!(agent.municipality.put_audit(&log.batch(0, 3)?).await == Ok(3));
    let other = log.rewritten(&agent.worker.subject, 1)?;
    ensure!(agent.municipality.put_audit(&other.batch(0, 3)?).await == Err(refused("audit_forked")));
    let timeouts = ledsaga_link::Timeouts::default();
    use ledsaga_core::ports::Municipality;
    let colleague = ledsaga_link::Client::new(&town.url(), town.account("demo-bo", timeouts).await?);
    ensure!(colleague.put_audit(&log.batch(0, 3)?).await == Err(refused("forbidden")));
    Ok(())
}

pub async fn a_gateway_that_comes_back_takes_up_where_it_was(mut town: Town) -> Result<()> {
    let agent = town.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let submission = agent.freeze(&definition, &answers([("plats", text("Bygatan"))]));
    let receipt = agent.municipality.put_submission(&submission).await?;
    let next = agent.freeze(&definition, &answers([("plats", text("Ågatan"))]));

    town.stop().await;
    let away = agent.municipality.put_submission(&next).await;
    ensure!(matches!(away, Err(LinkError::Unreachable | LinkError::NoAnswer)), "{away:?}");
    ensure!(agent.municipality.probe().await == Err(LinkError::Unreachable));

    town.start_again().await?;
    agent.municipality.probe().await?;
    ensure!(agent.municipality.get_submission(submission.id).await? == Some(receipt));
    agent.municipality.put_submission(&next).await?;
    ensure!(town.cases().await?.len() == 2);
    Ok(())
}
