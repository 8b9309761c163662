//! Refresh tokens of the demo issuer.

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::task::JoinSet;

use super::{Site, site::has};

async fn successor(site: &Site, token: &str) -> Result<String> {
    let answer = site.refresh(token).await?;
    has(&answer, StatusCode::OK)?;
    let tokens: Value = answer.json().await?;
    Ok(tokens["refresh_token"].as_str().context("no token")?.to_owned())
}

pub async fn a_refresh_token_is_good_once(mut site: Site) -> Result<()> {
    let mut token = site.clerk("demo-astrid").await?.refresh;
    for _ in 0..3 {
        let next = successor(&site, &token).await?;
        ensure!(next != token, "the token did not change");
        token = next;
        site.restart().await?;
    }
    has(&site.refresh("").await?, StatusCode::BAD_REQUEST)?;
    has(&site.refresh("guessed").await?, StatusCode::BAD_REQUEST)
}

pub async fn a_stolen_refresh_token_ends_the_chain(site: Site) -> Result<()> {
    let stolen = site.clerk("demo-astrid").await?.refresh;
    let bystander = site.clerk("demo-astrid").await?.refresh;
    let next = successor(&site, &stolen).await?;
    has(&site.refresh(&stolen).await?, StatusCode::BAD_REQUEST)?;
    has(&site.refresh(&next).await?, StatusCode::BAD_REQUEST)?;
    successor(&site, &bystander).await?;
    Ok(())
}

pub async fn two_at_once_cannot_both_refresh(site: Site) -> Result<()> {
    let token = site.clerk("demo-astrid").await?.refresh;
    let site = std::sync::Arc::new(site);
    let mut asked = JoinSet::new();
    for _ in 0..8 {
        let (site, token) = (site.clone(), token.clone());
        asked.spawn(async move { anyhow::Ok(site.refresh(&token).await?.status()) });
    }
    let mut granted = 0;
    while let Some(status) = asked.join_next().await {
        granted += usize::from(status?? == StatusCode::OK);
    }
    ensure!(granted == 1, "{granted} were granted");
    Ok(())
}
