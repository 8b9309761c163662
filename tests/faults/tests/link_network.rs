//! A bad network between the client and a real gateway: whatever happens, a case arrives exactly once.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use ledsaga_contract::town::{Agent, ORAL, Town, answers, text};
use ledsaga_core::{
    error::LinkError,
    ports::Municipality,
    submission::{Receipt, Submission},
};
use ledsaga_faults::proxy::{Fault, Proxy};
use ledsaga_forms::Definition;
use ledsaga_link::{Account, Client, Timeouts};

/// So that silence costs little.
const BRIEF: Timeouts = Timeouts { connect: Duration::from_secs(2), request: Duration::from_millis(500) };
/// Bytes before the end of what the server says: the case has arrived, and its receipt has not. (Receipts differ by a few
/// bytes, as times do.)
const WITHIN_RECEIPT: u64 = 100;
/// More than any plan of faults below.
const ATTEMPTS: usize = 40;

struct Field {
    town: Town,
    account: Arc<Account>,
    agent: Agent,
    definition: Definition,
}

impl Field {
    async fn new() -> Result<Self> {
        let town = Town::start().await?;
        let account = town.account("demo-astrid", BRIEF).await?;
        let agent = town.agent().await?;
        let definition = agent.definition(ORAL).await?;
        Ok(Self { town, account, agent, definition })
    }

    fn gateway(&self) -> SocketAddr {
        self.town.url().trim_start_matches("http://").parse().unwrap()
    }

    fn freeze(&self) -> Submission {
        self.agent.freeze(&self.definition, &answers([("plats", text("Storgatan 1"))]))
    }

    async fn behind(&self, plan: impl IntoIterator<Item = Fault>) -> Result<(Proxy, Client)> {
        let proxy = Proxy::start(self.gateway(), plan).await?;
        let client = Client::new(&proxy.url(), self.account.clone());
        Ok((proxy, client))
    }

    /// Sends one case over a network that does this to its first connection.
    async fn send_through(&self, fault: Fault) -> Result<Submission> {
        let (proxy, client) = self.behind([fault]).await?;
        let submission = self.freeze();
        deliver(&client, &submission).await.with_context(|| format!("{fault:?}"))?;
        ensure!(proxy.left() == 0, "the fault was met");
        Ok(submission)
    }

    /// Exactly these cases, each with its own digest.
    async fn holds_exactly(&self, sent: &[Submission]) -> Result<()> {
        let cases = self.town.cases().await?;
        let arrived: BTreeMap<_, _> = cases.iter().map(|case| (&case.submission, &case.digest)).collect();
        ensure!(cases.len() == sent.len(), "{} cases of {} submissions", cases.len(), sent.len());
        for submission in sent {
            ensure!(arrived.get(&submission.id.to_string()) == Some(&&submission.digest));
        }
        Ok(())
    }
}

/// Brings a case home as the outbox does: after a lost answer it asks before it sends again, always under the same id.
async fn deliver(client: &Client, submission: &Submission) -> Result<Receipt> {
    let mut unknown = false;
    for _ in 0..ATTEMPTS {
        let outcome = if unknown {
            match client.get_submission(submission.id).await {
                Ok(None) => {
                    unknown = false;
                    continue;
                }
                Ok(Some(receipt)) => Ok(receipt),
                Err(error) => Err(error),
            }
        } else {
            client.put_submission(submission).await
        };
        match outcome {
            Ok(receipt) => {
                ensure!(receipt.digest == submission.digest);
                return Ok(receipt);
            }
            Err(LinkError::NoAnswer) => unknown = true,
            Err(LinkError::Unreachable | LinkError::Busy { .. }) => {}
            Err(error) => bail!("a bad network is no reason for {error:?}"),
        }
    }
    bail!("it never arrived")
}

/// How many of these tests' many runs to make: all of them with `LEDSAGA_LONG=1`.
fn long() -> bool {
    std::env::var_os("LEDSAGA_LONG").is_some_and(|value| value == "1")
}

/// Every byte, or every so-manyth with both ends.
fn sweep(total: u64, step: u64) -> Vec<u64> {
    let step = if long() { 1 } else { step };
    (0..total).step_by(usize::try_from(step).unwrap()).chain([total - 1, total]).collect()
}

async fn clean_run(field: &Field) -> Result<(Submission, (u64, u64))> {
    let (proxy, client) = field.behind([]).await?;
    let submission = field.freeze();
    deliver(&client, &submission).await?;
    Ok((submission, proxy.passed()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_cut_anywhere_makes_exactly_one_case() -> Result<()> {
    let field = Field::new().await?;
    let (first, (request, _)) = clean_run(&field).await?;
    let mut sent = vec![first];
    for at in sweep(request, 37) {
        sent.push(field.send_through(Fault::CutRequest(at)).await?);
    }
    field.holds_exactly(&sent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_cut_anywhere_makes_exactly_one_case() -> Result<()> {
    let field = Field::new().await?;
    let (first, (_, response)) = clean_run(&field).await?;
    let mut sent = vec![first];
    for at in sweep(response, 29) {
        sent.push(field.send_through(Fault::CutResponse(at)).await?);
    }
    field.holds_exactly(&sent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_resets_and_doubles_make_exactly_one_case() -> Result<()> {
    let field = Field::new().await?;
    let (first, (_, response)) = clean_run(&field).await?;
    let mut sent = vec![first];
    for fault in [
        Fault::HangResponse(0),
        Fault::HangResponse(40),
        Fault::HangResponse(response - WITHIN_RECEIPT),
        Fault::Reset,
        Fault::SaidTwice,
        Fault::AnsweredTwice,
    ] {
        sent.push(field.send_through(fault).await?);
    }
    field.holds_exactly(&sent).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_cases_under_mixed_faults_arrive_once_each() -> Result<()> {
    let field = Field::new().await?;
    let (first, (request, response)) = clean_run(&field).await?;
    let seed = std::env::var("LEDSAGA_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(0x5EED_1ED5_A6A0_0001);
    let mut random = Random(seed);
    let count = if long() { 10_000 } else { 150 };
    let mut sent = vec![first];
    for number in 0..count {
        let faults: Vec<_> = (0..random.below(4)).map(|_| random.fault(request, response)).collect();
        let (_proxy, client) = field.behind(faults.iter().copied()).await?;
        let submission = field.freeze();
        deliver(&client, &submission)
            .await
            .with_context(|| format!("seed {seed}, case {number}: {faults:?}"))?;
        sent.push(submission);
    }
    field.holds_exactly(&sent).await
}

/// The counter-test: a client that sends again under a new id, without asking, makes doubles on the same network.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_again_under_a_new_id_would_make_doubles() -> Result<()> {
    let field = Field::new().await?;
    let (_, (_, response)) = clean_run(&field).await?;
    let before = field.town.cases().await?.len();
    let (_proxy, client) = field.behind([Fault::CutResponse(response - WITHIN_RECEIPT)]).await?;
    let mut attempts = 0;
    while client.put_submission(&field.freeze()).await.is_err() {
        attempts += 1;
        ensure!(attempts < ATTEMPTS);
    }
    let cases = field.town.cases().await?.len() - before;
    ensure!(cases == 2, "one call became {cases} cases");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_upload_goes_on_and_arrives_whole() -> Result<()> {
    let field = Field::new().await?;
    let bytes: Vec<u8> = (0..2 * 1024 * 1024 + 4_321_u32).map(|i| (i % 251) as u8).collect();
    let total = bytes.len() as u64;
    for at in [0, 300, 900, 500_000, 1_050_000, 1_500_000, total] {
        for fault in [Fault::CutRequest(at), Fault::CutResponse(at / 4_000)] {
            let (proxy, client) = field.behind([fault]).await?;
            let file = uuid::Uuid::now_v7();
            let mut attempts = 0;
            while let Err(error) = client.put_file(file, "bild.png", "image/png", &bytes, &|_| ()).await {
                ensure!(
                    matches!(error, LinkError::NoAnswer | LinkError::Unreachable),
                    "{fault:?}: {error:?}"
                );
                attempts += 1;
                ensure!(attempts < ATTEMPTS);
            }
            // The cut chunk is sent again, the chunks before it are not.
            let (sent, _) = proxy.passed();
            ensure!(sent < total + 1_200_000, "{fault:?}: {sent} bytes for a file of {total}");
            client.put_file(file, "bild.png", "image/png", &bytes, &|_| ()).await?;
            ensure!(proxy.passed().0 - sent < 10_000, "it is there whole");
        }
    }
    Ok(())
}

/// xorshift64*: small, and the same everywhere for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn fault(&mut self, request: u64, response: u64) -> Fault {
        match self.below(12) {
            0..=3 => Fault::CutRequest(self.below(request + 1)),
            4..=7 => Fault::CutResponse(self.below(response)),
            8 => Fault::Reset,
            9 => Fault::SaidTwice,
            10 => Fault::AnsweredTwice,
            _ => Fault::None,
        }
    }
}
