//! One, two and three gateways on one PostgreSQL.

use std::path::Path;

use anyhow::Result;
use ledsaga_contract::postgres::Cluster;
use tokio::task::JoinSet;

use super::{
    bodies,
    intake::{cases, middle},
    load::{self, Round},
    server::Server,
};
use crate::{goals::Figure, stats::Times};

const MOST: usize = 3;
const ROUNDS: usize = 3;
const CONNECTIONS: usize = 48;

pub async fn measure(disk: &Path, cluster: &Cluster, long: bool) -> Result<Vec<Figure>> {
    let count = if long { 3_000 } else { 1_200 };
    let folder = tempfile::tempdir_in(disk)?;
    let definition = bodies::publish(&folder.path().join("services"))?;
    let database = cluster.database()?;
    let mut replicas = vec![Server::gateway(folder.path(), Some(&database), 0, None)?];
    let issuer = format!("{}/demo/oidc", replicas[0].url);
    let token = load::token(&replicas[0].url).await?;

    let mut figures: Vec<Figure> = Vec::new();
    let mut alone = None;
    for number in 1..=MOST {
        if number > replicas.len() {
            replicas.push(Server::gateway(folder.path(), Some(&database), 0, Some(&issuer))?);
        }
        let mut rounds = Vec::new();
        for _ in 0..=ROUNDS {
            let mut senders = JoinSet::new();
            for replica in &replicas {
                let (url, token) = (replica.url.clone(), token.clone());
                let sent = cases(&definition, count / number)?;
                senders.spawn(async move { load::flat_out(&url, &token, sent, CONNECTIONS / number).await });
            }
            let mut rate = 0.0;
            let mut slowest = Times { median: 0, p95: 0, p99: 0 };
            while let Some(sent) = senders.join_next().await {
                let sent = sent??;
                rate += sent.rate;
                if sent.times.p99 > slowest.p99 {
                    slowest = sent.times;
                }
            }
            rounds.push(Round { rate, times: slowest });
        }
        let round = middle(rounds);
        let alone = *alone.get_or_insert(round.rate);
        let what = match number {
            1 => "intake with 1 gateway on one PostgreSQL".to_owned(),
            _ => format!("with {number} gateways, beside one alone"),
        };
        figures.push(Figure::new(what, format!("{:.0}/s", round.rate)).ratio(round.rate / alone));
    }
    for replica in replicas {
        replica.stop()?;
    }
    Ok(figures)
}
