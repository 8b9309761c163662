//! What happens to cases after they were received, for the workers who submitted them.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use ledsaga_gateway::Move;
use ledsaga_protocol::{ChangeBody, ChangesBody, Message, Stage, code};
use reqwest::{Response, StatusCode};
use sqlx::{Connection as _, Row as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Clerk, Site,
    site::{ORAL, complete, filed, has, receipt, refused},
};

async fn ask(clerk: &Clerk, query: &str) -> Result<Response> {
    Ok(clerk.request("GET", &format!("/v1/changes{query}"))?.send().await?)
}

pub async fn changes(clerk: &Clerk, query: &str) -> Result<ChangesBody> {
    let answer = ask(clerk, query).await?;
    has(&answer, StatusCode::OK)?;
    Ok(answer.json().await?)
}

async fn after(clerk: &Clerk, cursor: &str) -> Result<ChangesBody> {
    changes(clerk, &format!("?cursor={cursor}")).await
}

/// By the command line, in a process of its own.
pub async fn moved(site: &Site, case_number: &str, stage: Stage, message: Option<&str>) -> Result<Move> {
    let store = site.store().await?;
    let message = message.map(|text| Message(text.to_owned()));
    let moved = store.move_case(case_number, stage, message.as_ref()).await?;
    store.close().await;
    Ok(moved)
}

pub async fn a_case_begins_as_received(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let before = changes(&clerk, "").await?;
    ensure!(before.changes.is_empty() && !before.more);
    ensure!(before.cursor.is_ascii() && before.cursor.len() <= 200);
    let case = filed(&clerk).await?;
    for query in [String::new(), format!("?cursor={}", before.cursor)] {
        let told = changes(&clerk, &query).await?;
        let due = ChangeBody {
            id: case.submission,
            submission: case.submission,
            case_number: case.case_number.clone(),
            at: case.received_at,
            stage: Stage::Received,
            message: None,
        };
        ensure!(told.changes == [due], "{told:?}");
        let rest = after(&clerk, &told.cursor).await?;
        ensure!(rest.changes.is_empty() && rest.cursor == told.cursor, "{rest:?}");
    }
    Ok(())
}

pub async fn changes_come_in_order_page_by_page(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let case = filed(&clerk).await?;
    let stages = [Stage::InProgress, Stage::SupplementRequested, Stage::Decided];
    let store = site.store().await?;
    for stage in stages.iter().cycle().take(250) {
        ensure!(matches!(store.move_case(&case.case_number, *stage, None).await?, Move::Moved));
    }
    store.close().await;
    site.restart().await?;
    let first = changes(&clerk, "").await?;
    ensure!(first.more && !first.changes.is_empty());
    // The answer was lost, say.
    ensure!(changes(&clerk, "").await? == first);
    let mut all = first.changes;
    let (mut cursor, mut more) = (first.cursor, true);
    while more {
        let next = after(&clerk, &cursor).await?;
        ensure!(!next.changes.is_empty(), "more was promised");
        all.extend(next.changes);
        (cursor, more) = (next.cursor, next.more);
    }
    let told: Vec<Stage> = all.iter().map(|change| change.stage).collect();
    let due: Vec<Stage> =
        std::iter::once(Stage::Received).chain(stages.into_iter().cycle().take(250)).collect();
    ensure!(told == due, "{} changes, not in order or not all", told.len());
    let ids: BTreeSet<Uuid> = all.iter().map(|change| change.id).collect();
    ensure!(ids.len() == all.len(), "a change came twice");
    Ok(())
}

pub async fn a_feed_is_its_workers_alone(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let (hers, his) = (filed(&astrid).await?, filed(&bo).await?);
    let of_astrid = changes(&astrid, "").await?;
    ensure!(of_astrid.changes.iter().all(|change| change.submission == hers.submission));
    // Another worker's cursor is none of his.
    let of_bo = after(&bo, &of_astrid.cursor).await?;
    ensure!(of_bo.changes.len() == 1 && of_bo.changes[0].submission == his.submission, "{of_bo:?}");
    let auditor = site.clerk("demo-david").await?;
    refused(ask(&auditor, "").await?, 403, code::FORBIDDEN).await?;
    Ok(())
}

/// Bo waits from before Astrid does until his time is over; she is answered before him.
pub async fn a_waiting_reader_hears_of_a_change_at_once(site: Site) -> Result<()> {
    let (astrid, bo) = (site.clerk("demo-astrid").await?, site.clerk("demo-bo").await?);
    let case = filed(&astrid).await?;
    let mut cursor = changes(&astrid, "").await?.cursor;
    let waits = |clerk: &Clerk, cursor: &str| {
        let (clerk, query) = (clerk.clone(), format!("?wait=25{cursor}"));
        tokio::spawn(async move { changes(&clerk, &query).await })
    };
    let bos = waits(&bo, "");
    site.until_somebody_waits().await?;
    for case_is_moved in [true, false] {
        let hers = waits(&astrid, &format!("&cursor={cursor}"));
        if case_is_moved {
            moved(&site, &case.case_number, Stage::InProgress, None).await?;
        } else {
            filed(&astrid).await?;
        }
        let told = hers.await??;
        ensure!(told.changes.len() == 1, "{told:?}");
        ensure!(!bos.is_finished(), "the change was told when the time was over anyway");
        cursor = told.cursor;
    }
    bos.abort();
    Ok(())
}

pub async fn a_waiting_reader_goes_when_the_gateway_stops(mut site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let waiting = tokio::spawn(async move { changes(&clerk, "?wait=25").await });
    site.until_somebody_waits().await?;
    // Ten seconds are what a stop has patience for; a reader that stayed would be cut off, and not answered.
    site.stop().await;
    let told = waiting.await?.context("the reader was cut off")?;
    ensure!(told.changes.is_empty());
    Ok(())
}

/// Reads on while cases are filed and moved by two gateways and many hands at once.
pub async fn no_change_is_passed_by_a_cursor(site: Site) -> Result<()> {
    let other = site.second().await?;
    let clerks = [site.clerk("demo-astrid").await?, other.clerk("demo-astrid").await?];
    let mut hands = JoinSet::new();
    for n in 0..6 {
        let (clerk, store) = (clerks[n % 2].clone(), site.store().await?);
        hands.spawn(async move {
            for _ in 0..8 {
                let submission = clerk.submission(ORAL, complete()).await?;
                let case = receipt(clerk.put(&submission).await?, 201).await?;
                store.move_case(&case.case_number, Stage::InProgress, None).await?;
            }
            store.close().await;
            anyhow::Ok(())
        });
    }
    let mut read: Vec<Uuid> = Vec::new();
    let mut cursor = changes(&clerks[1], "").await?.cursor;
    loop {
        let over = hands.is_empty();
        let told = after(&clerks[1], &cursor).await?;
        let nothing = told.changes.is_empty();
        read.extend(told.changes.iter().map(|change| change.id));
        cursor = told.cursor;
        if over && nothing {
            break;
        }
        while let Some(ended) = hands.try_join_next() {
            ended??;
        }
    }
    let all: Vec<Uuid> = changes_in_order(&clerks[0]).await?;
    let missed = all.iter().filter(|id| !read.contains(id)).count();
    ensure!(missed <= 96 && all.len() == 96, "{} changes of 96", all.len());
    // The cursor that the reader began with may have been past the first ones.
    ensure!(all.ends_with(&read), "{missed} changes were missed, or the order was another");
    Ok(())
}

async fn changes_in_order(clerk: &Clerk) -> Result<Vec<Uuid>> {
    let (mut all, mut query) = (Vec::new(), String::new());
    loop {
        let told = changes(clerk, &query).await?;
        all.extend(told.changes.iter().map(|change| change.id));
        query = format!("?cursor={}", told.cursor);
        if !told.more {
            return Ok(all);
        }
    }
}

/// With its counter-test: numbers from a sequence are read before lower ones are there. SQLite has one writer at a
/// time, so both are PostgreSQL's alone.
pub async fn a_number_is_read_after_all_lower_ones(site: Site) -> Result<()> {
    if !site.is_postgresql() {
        return Ok(());
    }
    let clerk = site.clerk("demo-astrid").await?;
    let (slow, quick) = (filed(&clerk).await?, filed(&clerk).await?);
    let begun = changes(&clerk, "").await?.cursor;

    // A transaction that has its number and is not over, as it is in the gateway.
    let mut connection = site.database().await?;
    let mut unfinished = connection.begin().await?;
    let number: i64 = sqlx::query(
        "UPDATE worker SET last_change = last_change + 1 WHERE subject = $1 RETURNING last_change",
    )
    .bind(clerk.subject.clone())
    .fetch_one(&mut *unfinished)
    .await?
    .try_get("last_change")?;
    insert_change(&mut unfinished, "case_change", &slow.submission, &clerk.subject, number).await?;
    let behind = tokio::spawn({
        let (store, number) = (site.store().await?, quick.case_number.clone());
        async move { store.move_case(&number, Stage::InProgress, None).await }
    });
    until_one_waits_for_a_lock(&site).await?;
    ensure!(after(&clerk, &begun).await?.changes.is_empty(), "a higher number was read first");
    unfinished.commit().await?;
    behind.await??;
    let told = after(&clerk, &begun).await?.changes;
    let order: Vec<_> = told.iter().map(|change| change.submission).collect();
    ensure!(order == [slow.submission, quick.submission], "{order:?}");

    site.execute("CREATE TABLE sequenced AS SELECT * FROM case_change WHERE 1 = 0").await?;
    site.execute("CREATE SEQUENCE numbers").await?;
    let mut others = site.database().await?;
    let mut unfinished = connection.begin().await?;
    let mut finished = others.begin().await?;
    for (transaction, case) in [(&mut unfinished, &slow), (&mut finished, &quick)] {
        let number: i64 = sqlx::query("SELECT nextval('numbers') AS n")
            .fetch_one(&mut **transaction)
            .await?
            .try_get("n")?;
        insert_change(transaction, "sequenced", &case.submission, &clerk.subject, number).await?;
    }
    finished.commit().await?;
    let cursor = site.count("sequenced", "seq <= 2").await? + 1;
    unfinished.commit().await?;
    let read_later = site.count("sequenced", &format!("seq > {cursor}")).await?;
    ensure!(cursor == 2 && read_later == 0, "the counter-test sees nothing");
    ensure!(site.count("sequenced", "1 = 1").await? == 2, "one of them is never read");
    Ok(())
}

async fn insert_change(
    connection: &mut sqlx::AnyConnection,
    table: &str,
    submission: &Uuid,
    worker: &str,
    number: i64,
) -> Result<()> {
    let sql = format!(
        "INSERT INTO {table} (id, submission, worker, seq, at, stage) \
         VALUES ($1, $2, $3, $4, '2026-11-29T10:00:00Z', 'in_progress')"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(Uuid::now_v7().to_string())
        .bind(submission.to_string())
        .bind(worker.to_owned())
        .bind(number)
        .execute(connection)
        .await?;
    Ok(())
}

async fn until_one_waits_for_a_lock(site: &Site) -> Result<()> {
    let waiting =
        "NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    while site.count("pg_locks", waiting).await? == 0 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

pub async fn a_database_that_was_set_back_is_read_again(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    let first = filed(&clerk).await?;
    let early = changes(&clerk, "").await?.cursor;
    moved(&site, &first.case_number, Stage::InProgress, None).await?;
    let late = changes(&clerk, "").await?.cursor;

    // As after a restored backup: the last change is gone, and another one took its number.
    site.execute("DELETE FROM case_change WHERE seq = 2").await?;
    site.execute("UPDATE worker SET last_change = 1").await?;
    let told = after(&clerk, &late).await?;
    ensure!(told.changes.len() == 1 && told.cursor == early, "{told:?}");
    moved(&site, &first.case_number, Stage::Decided, None).await?;
    let told = after(&clerk, &late).await?;
    ensure!(told.changes.len() == 2 && told.changes[1].stage == Stage::Decided, "{told:?}");

    // One that went together with its case is no reason to begin again.
    filed(&clerk).await?;
    let second = changes(&clerk, "").await?;
    site.execute("DELETE FROM case_change WHERE seq = 2").await?;
    ensure!(after(&clerk, &second.cursor).await?.changes.is_empty());
    site.execute("DELETE FROM case_change WHERE seq = 3").await?;
    ensure!(after(&clerk, &second.cursor).await?.changes.is_empty());
    Ok(())
}

pub async fn a_cursor_that_is_none_is_refused(site: Site) -> Result<()> {
    let clerk = site.clerk("demo-astrid").await?;
    for query in ["?cursor=", "?cursor=7", "?cursor=%00", "?wait=soon", "?wait=-1"] {
        refused(ask(&clerk, query).await?, 400, code::MALFORMED).await?;
    }
    let long = "A".repeat(2000);
    refused(ask(&clerk, &format!("?cursor={long}")).await?, 400, code::MALFORMED).await?;
    Ok(())
}
