//! Signing in at a certified provider in the real window, and everything that comes in between.

use anyhow::{Result, ensure};
use ledsaga_e2e::{AppWindow, Folders, call, process::built, window::ENTER};
use ledsaga_gateway::Catalogue;
use ledsaga_sign_in::Town;
use serde_json::json;
use tokio::sync::Mutex;

/// One keyboard and one session bus: one test at a time.
static STAGE: Mutex<()> = Mutex::const_new(());

/// A municipality with the demo's e-services, whose workers sign in at a certified provider.
async fn town(settings: serde_json::Value) -> Result<Town> {
    Town::with(settings, |config| config.catalogue = Catalogue::Embedded).await
}

fn browser(folders: &Folders, what: &str) -> Result<()> {
    folders.set_browser(&format!("{} {what} %u", built("sign-in-browser")?.display()))
}

#[tokio::test]
#[ignore = "needs a display, a session bus, a keyring and Node.js: cargo xtask test runs it"]
async fn a_worker_signs_in_at_a_certified_provider_and_sends_a_case() -> Result<()> {
    let _stage = STAGE.lock().await;
    let town = town(json!({})).await?;
    let folders = Folders::new()?;
    let window = AppWindow::start(&folders, &town.url()).await?;
    call::sign_in(&window).await?;
    let seen = town.provider.seen().await?;
    for request in ["GET /auth", "prompt consent", "POST /token"] {
        ensure!(seen.iter().any(|line| line == request), "{request} is not in {seen:?}");
    }
    call::start(&window).await?;
    call::choose_service(&window).await?;
    call::fill_applicant(&window).await?;
    call::fill_home(&window).await?;
    call::fill_need(&window).await?;
    call::fill_evidence(&window, None).await?;
    call::read_back(&window).await?;
    window.press("Skicka nu").await?;
    ensure!(!call::case_number(&window).await?.is_empty());

    // Signed out in the browser too, by the provider's own page.
    town.provider.seen().await?;
    window.keys("c", 'k').await?;
    window.type_into("palette.search", "Logga ut").await?;
    window.keys("", ENTER).await?;
    window.find("[data-session='signed_out']").await?;
    let mut seen = town.provider.seen().await?;
    ensure!(seen.contains(&"POST /token/revocation".to_owned()), "{seen:?}");
    while !seen.contains(&"GET /session/end".to_owned()) {
        tokio::task::yield_now().await;
        seen.extend(town.provider.seen().await?);
    }
    window.kill().await?;

    // Whoever comes next proves who they are, after a restart too, and sees nothing of it.
    browser(&folders, "sign-in-1")?;
    let window = AppWindow::start(&folders, &town.url()).await?;
    call::sign_in(&window).await?;
    let seen = town.provider.seen().await?;
    ensure!(seen.contains(&"prompt login consent".to_owned()), "{seen:?}");
    window.gone("[data-testid='queue-row']").await?;
    window.close().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus, a keyring and Node.js: cargo xtask test runs it"]
async fn a_sign_in_that_comes_to_nothing_says_so_and_can_be_tried_again() -> Result<()> {
    let _stage = STAGE.lock().await;
    let town = town(json!({})).await?;
    let folders = Folders::new()?;
    let window = AppWindow::start(&folders, &town.url()).await?;
    let press = async || {
        window.find("[data-session='signed_out']").await?;
        window.click("[data-testid='sign-in']").await
    };

    browser(&folders, "cancel")?;
    press().await?;
    window.says("Inloggningen avbröts").await?;

    // The tab is closed without a word: nothing comes back, and the worker ends it here.
    browser(&folders, "nothing")?;
    press().await?;
    window.says("Fortsätt i webbläsaren").await?;
    window.press("Avbryt inloggningen").await?;
    window.says("Inloggningen avbröts").await?;

    town.provider.away().await?;
    press().await?;
    window.says("Kommunen går inte att nå").await?;
    town.provider.back().await?;

    town.provider.change(json!({ "clock_ahead": 3 * 3600 })).await?;
    browser(&folders, "sign-in")?;
    press().await?;
    window.says("Datorns klocka går fel").await?;
    town.provider.change(json!({ "clock_ahead": 0 })).await?;

    call::sign_in(&window).await?;
    window.close().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus, a keyring and Node.js: cargo xtask test runs it"]
async fn with_the_provider_away_or_the_session_ended_the_work_is_kept() -> Result<()> {
    let _stage = STAGE.lock().await;
    let town = town(json!({})).await?;
    let folders = Folders::new()?;
    let window = AppWindow::start(&folders, &town.url()).await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    window.kill().await?;

    // A start without the provider: no token can be had, and the desk is open all the same.
    town.provider.away().await?;
    let window = AppWindow::start(&folders, &town.url()).await?;
    window.find("[data-session='open']").await?;
    window.text_when("[data-testid='link-state']", |link| link.contains("Ingen kontakt")).await?;
    ensure!(window.value("call.note").await? == call::NOTE);
    window.type_into("call.asked_for", ", och mer").await?;
    window.saved().await?;

    // It is back: the session goes on by itself.
    town.provider.back().await?;
    window.text_when("[data-testid='link-state']", |link| link.contains("Kontakt med kommunen")).await?;
    window.kill().await?;

    // Somebody has ended the session: the worker is asked to sign in, and keeps everything.
    town.provider.end_sessions().await?;
    let window = AppWindow::start(&folders, &town.url()).await?;
    window.find("[data-session='open']").await?;
    window.text_when("[data-testid='link-state']", |link| link.contains("logga in igen")).await?;
    ensure!(window.value("call.asked_for").await?.contains(", och mer"));
    window.type_into("call.asked_for", ", och mest").await?;
    window.saved().await?;
    window.press("Logga in igen").await?;
    window.text_when("[data-testid='link-state']", |link| link.contains("Kontakt med kommunen")).await?;
    ensure!(window.value("call.asked_for").await?.contains(", och mest"), "signing in disturbed the work");
    window.close().await
}
