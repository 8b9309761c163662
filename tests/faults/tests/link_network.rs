//! A bad network between the client and a real gateway: whatever happens, a case arrives exactly once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use ledsaga_contract::town::Town;
use ledsaga_core::{error::LinkError, ports::Municipality, submission::Submission};
use ledsaga_faults::{
    field::{ATTEMPTS, Doubling, Field, count, deliver, deliver_file, differences, long, postgresql},
    proxy::{Fault, Proxy},
    random::{Random, seed},
    report::{Kind, row},
};
use ledsaga_link::{Client, Timeouts};
use tokio::{net::TcpListener, task::JoinSet};
use uuid::Uuid;

const ROW: &str = "network";
/// Bytes before the end of what the server says: the case has arrived, and its receipt has not. (Receipts differ by a few
/// bytes, as times do.)
const WITHIN_RECEIPT: u64 = 100;
/// Cases that are on their way at the same time.
const AT_ONCE: usize = 8;
/// Kept because a run with it once failed, or because it meets every fault early.
const KEPT_SEEDS: [u64; 2] = [0x5EED_1ED5_A6A0_0001, 20_261_129];

/// Every byte in the long run, or every so-manyth with both ends.
fn sweep(total: u64, step: u64) -> Vec<u64> {
    let step = if long() { 1 } else { step };
    (0..total).step_by(usize::try_from(step).unwrap()).chain([total - 1, total]).collect()
}

/// What is brought in one exchange: a file, and the case that names it.
fn bytes() -> Vec<u8> {
    (0..1_500_u32).map(|i| (i % 251) as u8).collect()
}

/// A file and the case that names it, over a network that does this to its first connections.
async fn exchange(field: &Field, faults: &[Fault]) -> Result<(Submission, Proxy)> {
    let (proxy, client) = field.behind(faults.iter().copied()).await?;
    let file = Uuid::now_v7();
    let submission = field.freeze_with(file, &bytes());
    deliver_file(&client, file, &bytes()).await.with_context(|| format!("{faults:?}"))?;
    deliver(&client, &submission).await.with_context(|| format!("{faults:?}"))?;
    Ok((submission, proxy))
}

/// One exchange for each fault, several at once; every one must have met its fault.
async fn exchange_each(field: &Arc<Field>, faults: Vec<Fault>) -> Result<Vec<Submission>> {
    let (mut running, mut sent, mut left) = (JoinSet::new(), Vec::new(), faults.into_iter());
    loop {
        while running.len() < AT_ONCE
            && let Some(fault) = left.next()
        {
            let field = Arc::clone(field);
            running.spawn(async move {
                let (submission, proxy) = exchange(&field, &[fault]).await?;
                ensure!(proxy.left() == 0, "{fault:?} was not met");
                anyhow::Ok(submission)
            });
        }
        let Some(done) = running.join_next().await else { return Ok(sent) };
        sent.push(done??);
    }
}

async fn clean_run(field: &Field) -> Result<(Submission, (u64, u64))> {
    let (submission, proxy) = exchange(field, &[]).await?;
    Ok((submission, proxy.passed()))
}

/// Every byte of what one side says in an exchange, as the place where the connection ends.
async fn cut_everywhere(
    what: &str,
    step: u64,
    side: fn(u64, u64) -> u64,
    fault: fn(u64) -> Fault,
) -> Result<()> {
    let field = Arc::new(Field::new().await?);
    let (first, (request, response)) = clean_run(&field).await?;
    let places = sweep(side(request, response), step);
    let done = format!(
        "{what} of an upload with its submission cut at {} of {} bytes",
        places.len(),
        side(request, response)
    );
    let mut sent = exchange_each(&field, places.into_iter().map(fault).collect()).await?;
    sent.push(first);
    let differences = differences(&field.town.cases().await?, &sent);
    row(Kind::Test, ROW, &done, sent.len(), differences);
    field.holds_exactly(&sent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_cut_anywhere_makes_exactly_one_case() -> Result<()> {
    cut_everywhere("the request", 97, |request, _| request, Fault::CutRequest).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_cut_anywhere_makes_exactly_one_case() -> Result<()> {
    cut_everywhere("the answer", 53, |_, response| response, Fault::CutResponse).await
}

/// Half open, reset, said twice, answered twice, late, byte by byte and somebody else's page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_resets_doubles_and_strangers_make_exactly_one_case() -> Result<()> {
    let field = Arc::new(Field::new().await?);
    let (first, (request, response)) = clean_run(&field).await?;
    let faults = vec![
        Fault::HangRequest(0),
        Fault::HangRequest(request / 3),
        Fault::HangRequest(request - WITHIN_RECEIPT),
        Fault::HangResponse(0),
        Fault::HangResponse(40),
        Fault::HangResponse(response - WITHIN_RECEIPT),
        Fault::Reset,
        Fault::SaidTwice,
        Fault::AnsweredTwice,
        Fault::Delay(60),
        Fault::Delay(700),
        Fault::TrickleRequest(1),
        Fault::TrickleRequest(40),
        Fault::TrickleResponse(1),
        Fault::TrickleResponse(40),
        Fault::Portal,
    ];
    let mut sent = exchange_each(&field, faults).await?;
    sent.push(first);
    let found = differences(&field.town.cases().await?, &sent);
    let done =
        "half open, silent, reset, said twice, answered twice, late, byte by byte both ways, captive portal";
    row(Kind::Test, ROW, done, sent.len(), found);
    field.holds_exactly(&sent).await
}

/// What some faults are for one connection. `HangResponse` costs a time-out, so it is rare.
fn fault(random: &mut Random, request: u64, response: u64) -> Fault {
    match random.below(24) {
        0..=6 => Fault::CutRequest(random.below(request + 1)),
        7..=13 => Fault::CutResponse(random.below(response)),
        14 | 15 => Fault::Reset,
        16 | 17 => Fault::SaidTwice,
        18 | 19 => Fault::AnsweredTwice,
        20 => Fault::Delay(random.below(30)),
        21 => Fault::Portal,
        22 if random.below(8) == 0 => Fault::HangResponse(random.below(response)),
        _ => Fault::None,
    }
}

/// So many cases, each over a network with up to three faults that follow from the seed and its number. Answers what was
/// sent.
async fn mixed(field: Arc<Field>, cases: usize, seed: u64, idempotent: bool) -> Result<Vec<Submission>> {
    let (_, client_proxy) = {
        let (proxy, client) = field.behind([]).await?;
        deliver(&client, &field.freeze()).await?;
        ((), proxy)
    };
    let (request, response) = client_proxy.passed();
    let next = Arc::new(AtomicU64::new(0));
    let mut couriers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (field, next) = (Arc::clone(&field), Arc::clone(&next));
        couriers.spawn(async move {
            let mut sent = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= cases as u64 {
                    return anyhow::Ok(sent);
                }
                let mut random = Random::of(seed, number);
                let faults: Vec<Fault> =
                    (0..random.below(4)).map(|_| fault(&mut random, request, response)).collect();
                let (_proxy, client) = field.behind(faults.iter().copied()).await?;
                let municipality: Arc<dyn Municipality> = match idempotent {
                    true => Arc::new(client),
                    false => Arc::new(Doubling(Arc::new(client))),
                };
                let submission = field.freeze();
                deliver(&*municipality, &submission)
                    .await
                    .with_context(|| format!("seed {seed}, case {number}: {faults:?}"))?;
                sent.push(submission);
            }
        });
    }
    let mut sent = Vec::new();
    while let Some(done) = couriers.join_next().await {
        sent.extend(done??);
    }
    Ok(sent)
}

async fn mixed_faults(town: Town, database: &str, cases: usize, seed: u64) -> Result<()> {
    let field = Arc::new(Field::of(town).await?);
    let sent = mixed(Arc::clone(&field), cases, seed, true).await?;
    let arrived = field.town.cases().await?;
    // One more went ahead over a good network.
    let extra: Vec<_> =
        arrived.iter().filter(|case| !sent.iter().any(|s| s.id.to_string() == case.submission)).collect();
    ensure!(extra.len() == 1, "{} cases that nobody sent", extra.len() - 1);
    let ours: Vec<_> =
        arrived.into_iter().filter(|case| sent.iter().any(|s| s.id.to_string() == case.submission)).collect();
    let found = differences(&ours, &sent);
    let done = format!(
        "{} submissions under mixed faults, {database}, seed {seed}: {} cases, equal digests",
        sent.len(),
        ours.len()
    );
    row(Kind::Test, ROW, &done, sent.len(), found);
    ensure!(sent.len() == cases && ours.len() == cases && found == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_cases_under_mixed_faults_arrive_once_each() -> Result<()> {
    mixed_faults(Town::start().await?, "SQLite", count(200, 10_000), seed()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kept_seeds_arrive_once_each() -> Result<()> {
    for seed in KEPT_SEEDS {
        mixed_faults(Town::start().await?, "SQLite", 40, seed).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn many_cases_under_mixed_faults_arrive_once_each_in_postgresql() -> Result<()> {
    let Some(cluster) = postgresql()? else { return Ok(()) };
    let town = Town::on_database(&cluster.database()?).await?;
    mixed_faults(town, "PostgreSQL", count(200, 10_000), seed()).await
}

/// The counter-test: without idempotency the same faults give another count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_idempotency_the_count_is_another() -> Result<()> {
    let field = Arc::new(Field::new().await?);
    let cases = 60;
    let sent = mixed(Arc::clone(&field), cases, KEPT_SEEDS[0], false).await?;
    // One more went ahead over a good network.
    let arrived = field.town.cases().await?.len() - 1;
    let done = format!("the same without idempotency: {} submissions became {arrived} cases", sent.len());
    row(Kind::CounterTest, ROW, &done, cases, arrived.abs_diff(cases));
    ensure!(arrived > cases, "{cases} submissions became {arrived} cases");
    Ok(())
}

/// The counter-test of the cuts: a client that sends again under a new id, without asking, makes doubles of a receipt that
/// was cut.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_again_under_a_new_id_would_make_doubles() -> Result<()> {
    let field = Field::new().await?;
    let (proxy, client) = field.behind([]).await?;
    deliver(&client, &field.freeze()).await?;
    let (_, response) = proxy.passed();
    let before = field.town.cases().await?.len();
    let (_proxy, client) = field.behind([Fault::CutResponse(response - WITHIN_RECEIPT)]).await?;
    deliver(&Doubling(Arc::new(client)), &field.freeze()).await?;
    let cases = field.town.cases().await?.len() - before;
    row(Kind::CounterTest, ROW, "a cut receipt, sent again under a new id", 1, cases - 1);
    ensure!(cases == 2, "one call became {cases} cases");
    Ok(())
}

/// What stands in the way of a request that begins with a secret: nobody who cannot show the municipality's certificate
/// gets to hear it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_somebody_without_the_municipalitys_certificate_nothing_is_said() -> Result<()> {
    let field = Field::new().await?;
    let submission = field.freeze();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://{}", listener.local_addr()?);
    let heard = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut heard = Vec::new();
        for _ in 0..2 {
            let (mut stranger, _) = listener.accept().await?;
            let mut words = vec![0; 64 * 1024];
            let read = stranger.read(&mut words).await?;
            heard.extend_from_slice(&words[..read]);
            // No TLS at all, in answer to the beginning of TLS.
            stranger.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        }
        std::io::Result::Ok(heard)
    });
    let account = field.town.account("demo-astrid", Timeouts::default()).await?;
    let client = Client::new(&url, account);
    let stranger = |error: &LinkError| matches!(error, LinkError::WrongServer | LinkError::Untrusted(_));
    ensure!(client.put_submission(&submission).await.is_err_and(|error| stranger(&error)));
    ensure!(client.probe().await.is_err_and(|error| stranger(&error)));
    let heard = heard.await??;
    ensure!(!heard.is_empty());
    let said = |words: &[u8]| heard.windows(words.len()).any(|bytes| bytes == words);
    ensure!(!said(b"Bearer") && !said(b"Storgatan") && !said(submission.id.to_string().as_bytes()));
    let (_proxy, client) = field.behind([]).await?;
    deliver(&client, &submission).await?;
    field.holds_exactly(&[submission]).await?;
    row(Kind::Test, ROW, "wrong TLS: nothing is said, and the case arrives once the way is right", 2, 0);
    Ok(())
}

/// With the settings of the application no request stays open for more than half a minute, whatever the other end does.
/// The long run waits it out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_stays_open_for_more_than_half_a_minute() -> Result<()> {
    let most = Duration::from_secs(30);
    let usual = Timeouts::default();
    ensure!(usual.request <= most && usual.connect < usual.request);
    let faults = [
        Fault::HangRequest(50),
        Fault::HangResponse(10),
        Fault::TrickleRequest(200),
        Fault::TrickleResponse(400),
    ];
    // In the short run with brief limits: that they are kept to, whichever they are.
    let field = Field::new().await?;
    let (account, most) = match long() {
        true => (field.town.account("demo-astrid", usual).await?, most),
        false => (field.account.clone(), ledsaga_faults::field::BRIEF.request),
    };
    let mut waits = JoinSet::new();
    for fault in faults {
        let proxy = Proxy::start(field.gateway(), vec![fault; ATTEMPTS]).await?;
        let client = Client::new(&proxy.url(), account.clone());
        waits.spawn(async move {
            let begun = Instant::now();
            // One request, so that what is waited for is one.
            let outcome = client.probe().await;
            drop(proxy);
            (fault, outcome, begun.elapsed())
        });
    }
    let (mut tried, mut over) = (0, 0);
    while let Some(wait) = waits.join_next().await {
        let (fault, outcome, waited) = wait?;
        tried += 1;
        ensure!(outcome == Err(LinkError::NoAnswer), "{fault:?}: {outcome:?}");
        // A busy machine comes late to everything.
        over += usize::from(waited > most + Duration::from_secs(5));
    }
    row(
        Kind::Test,
        ROW,
        &format!("silent and slow servers: no request open for more than {most:?}"),
        tried,
        over,
    );
    ensure!(over == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_upload_goes_on_and_arrives_whole() -> Result<()> {
    let field = Field::new().await?;
    let bytes: Vec<u8> = (0..2 * 1024 * 1024 + 4_321_u32).map(|i| (i % 251) as u8).collect();
    let total = bytes.len() as u64;
    // Nothing here is silent, so that a slow computer may take its time.
    let account = field.town.account("demo-astrid", Timeouts::default()).await?;
    for at in [0, 300, 900, 500_000, 1_050_000, 1_500_000, total] {
        for fault in [Fault::CutRequest(at), Fault::CutResponse(at / 4_000)] {
            let proxy = Proxy::start(field.gateway(), [fault]).await?;
            let client = Client::new(&proxy.url(), account.clone());
            let file = Uuid::now_v7();
            deliver_file(&client, file, &bytes).await.with_context(|| format!("{fault:?}"))?;
            // The cut chunk is sent again, the chunks before it are not.
            let (sent, _) = proxy.passed();
            ensure!(sent < total + 1_200_000, "{fault:?}: {sent} bytes for a file of {total}");
            deliver_file(&client, file, &bytes).await?;
            ensure!(proxy.passed().0 - sent < 10_000, "it is there whole");
        }
    }
    Ok(())
}
