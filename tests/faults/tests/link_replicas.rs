//! Several gateways on one PostgreSQL, under load: one is killed, the database is, both come back. Nothing is lost and
//! nothing doubled.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use ledsaga_contract::{
    postgres::Cluster,
    town::{Agent, ORAL, answers, sign_in, text},
};
use ledsaga_core::{error::LinkError, ports::Municipality, submission::Submission};
use ledsaga_faults::{
    field::{BRIEF, Doubling, cases_of, count, differences},
    processes::Gateway,
    proxy::Proxy,
    report::{Kind, row},
};
use ledsaga_link::Client;
use tokio::task::JoinSet;

const ROW: &str = "replicas";
const GATEWAY: &str = env!("CARGO_BIN_EXE_fault_gateway");
const AT_ONCE: usize = 6;

/// Two replicas of one gateway on one database, and an issuer beside them.
struct Service {
    _folder: tempfile::TempDir,
    _issuer: Gateway,
    replicas: Vec<Gateway>,
    proxy: Proxy,
    cluster: Cluster,
    database: String,
}

impl Service {
    async fn start() -> Result<Self> {
        let cluster = Cluster::start()?;
        let database = cluster.database()?;
        let folder = tempfile::tempdir()?;
        let (issuer, data) = (folder.path().join("issuer"), folder.path().join("replicas"));
        for folder in [&issuer, &data] {
            std::fs::create_dir(folder)?;
        }
        // Makes the receipt key too, which the replicas share.
        let issuer_gateway = Gateway::start(GATEWAY, &issuer, "", None)?;
        for key in ["receipt-key.pem", "issuer-key.pem"] {
            std::fs::copy(issuer.join(key), data.join(key))?;
        }
        let issuer_url = format!("{}/demo/oidc", issuer_gateway.url());
        let replicas = (0..2)
            .map(|_| Gateway::start(GATEWAY, &data, &database, Some(&issuer_url)))
            .collect::<Result<Vec<_>>>()?;
        let proxy = Proxy::before(replicas.iter().map(Gateway::address).collect(), []).await?;
        Ok(Self { _folder: folder, _issuer: issuer_gateway, replicas, proxy, cluster, database })
    }

    async fn agent(&self) -> Result<(Agent, Arc<Client>)> {
        let account = sign_in(&self.proxy.url(), "demo-astrid", BRIEF).await?;
        let worker = account.worker().clone();
        let client = Arc::new(Client::new(&self.proxy.url(), account));
        Ok((Agent { municipality: client.clone(), worker }, client))
    }
}

/// Brings a case home as the outbox does, for as long as it takes: nobody counts the tries while a database restarts.
async fn deliver(municipality: &dyn Municipality, submission: &Submission) -> Result<()> {
    let mut unknown = false;
    loop {
        let outcome = if unknown {
            municipality.get_submission(submission.id).await
        } else {
            municipality.put_submission(submission).await.map(Some)
        };
        match outcome {
            Ok(Some(receipt)) => {
                ensure!(receipt.digest == submission.digest);
                return Ok(());
            }
            Ok(None) => unknown = false,
            Err(LinkError::NoAnswer | LinkError::WrongServer) => unknown = true,
            Err(LinkError::Unreachable | LinkError::Busy { .. }) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => anyhow::bail!("a restart is no reason for {error:?}"),
        }
    }
}

/// So many cases, while every so many of them something is killed. Answers what was sent, and what was killed.
async fn load(service: &mut Service, cases: usize, doubling: bool) -> Result<(Vec<Submission>, usize)> {
    let (agent, client) = service.agent().await?;
    let definition = agent.definition(ORAL).await?;
    let way: Arc<dyn Municipality> = if doubling { Arc::new(Doubling(client)) } else { client };
    let agent = Arc::new(agent);
    let (next, arrived, over) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut couriers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (agent, definition, way) = (agent.clone(), definition.clone(), way.clone());
        let (next, arrived) = (next.clone(), arrived.clone());
        couriers.spawn(async move {
            let mut sent = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < cases {
                let submission = agent.freeze(&definition, &answers([("plats", text("Storgatan 1"))]));
                deliver(&*way, &submission).await?;
                arrived.fetch_add(1, Ordering::Relaxed);
                sent.push(submission);
            }
            anyhow::Ok(sent)
        });
    }
    let killing = async {
        let mut killed = 0;
        // A replica, the database, the other replica; and again.
        let every = (cases / 7).max(1);
        while !over.load(Ordering::Relaxed) {
            if arrived.load(Ordering::Relaxed) < (killed + 1) * every {
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
            match killed % 3 {
                1 => {
                    service.cluster.crash()?;
                    service.cluster.resume()?;
                }
                other => {
                    let replica = &mut service.replicas[other / 2];
                    replica.kill();
                    // The other one goes on alone for a while.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    replica.resume()?;
                }
            }
            killed += 1;
        }
        anyhow::Ok(killed)
    };
    let gathering = async {
        let mut sent = Vec::new();
        while let Some(done) = couriers.join_next().await {
            sent.extend(done??);
        }
        over.store(true, Ordering::Relaxed);
        anyhow::Ok(sent)
    };
    let (sent, killed) = tokio::try_join!(gathering, killing)?;
    Ok((sent, killed))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn replicas_and_the_database_are_killed_under_load_and_nothing_is_lost_or_doubled() -> Result<()> {
    if std::env::var_os("LEDSAGA_NO_POSTGRES").is_some_and(|value| value == "1") {
        return Ok(());
    }
    let mut service = Service::start().await?;
    let cases = count(120, 2_000);
    let (sent, killed) = load(&mut service, cases, false).await?;
    let arrived = cases_of(&service.database).await?;
    let wrong = differences(&arrived, &sent);
    let numbers: std::collections::BTreeSet<_> = arrived.iter().map(|case| &case.case_number).collect();
    let done = format!(
        "{cases} cases by two replicas on one PostgreSQL; {killed} times a replica or the database was killed"
    );
    row(Kind::Test, ROW, &done, cases, wrong + (arrived.len() - numbers.len()));
    ensure!(killed >= 3, "only {killed} were killed");
    ensure!(
        sent.len() == cases && wrong == 0 && numbers.len() == cases,
        "{wrong} of {cases} cases are wrong"
    );
    Ok(())
}

/// The counter-test: without idempotency what was under way when something was killed is doubled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test runs it"]
async fn without_idempotency_a_killed_replica_has_doubles() -> Result<()> {
    if std::env::var_os("LEDSAGA_NO_POSTGRES").is_some_and(|value| value == "1") {
        return Ok(());
    }
    for _ in 0..6 {
        let mut service = Service::start().await?;
        let cases = 60;
        let (_, killed) = load(&mut service, cases, true).await?;
        let arrived = cases_of(&service.database).await?.len();
        if arrived != cases {
            let done =
                format!("the same without idempotency, {killed} killed: {cases} cases became {arrived}");
            row(Kind::CounterTest, ROW, &done, cases, arrived.abs_diff(cases));
            return Ok(());
        }
    }
    panic!("no double in six tries");
}
