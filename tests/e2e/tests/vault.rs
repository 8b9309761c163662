//! What becomes of drafts in the real window: killed while typing, the keyring locked, thrown away for good.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use ledsaga_e2e::{
    Play, call, keyring,
    sweep::sweep,
    window::{ENTER, ESCAPE},
};
use tokio::sync::Mutex;

/// One keyboard and one keyring: one test at a time.
static STAGE: Mutex<()> = Mutex::const_new(());
/// What a killed process may lose of what was typed.
const MAY_BE_LOST: Duration = Duration::from_secs(2);

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn killed_while_typing_at_most_two_seconds_are_gone_and_every_call_is_open() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let window = play.window().await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    // A second call beside it.
    window.keys("c", 'n').await?;
    window.find("[name='call.note']:focus").await?;
    let begun = Instant::now();
    let mut typed = Vec::new();
    while begun.elapsed() < 3 * MAY_BE_LOST {
        window.type_into("call.note", "z").await?;
        typed.push(Instant::now());
    }
    let killed = Instant::now();
    window.kill().await?;

    let window = play.window().await?;
    window.find("[data-session='open']").await?;
    let kept = window.value("call.note").await?.len();
    let due = typed.iter().filter(|at| killed.duration_since(**at) > MAY_BE_LOST).count();
    ensure!(due > 0, "nothing was typed early enough to be missed");
    ensure!(kept >= due, "{kept} of {} letters are left, and {due} were due", typed.len());
    ensure!(kept <= typed.len());
    // The other call is there too, with what was said in it.
    window.click("[data-testid='queue-row']:not([aria-current='true'])").await?;
    window
        .text_when("[data-testid='queue-row'][aria-current='true']", |row| row.contains(call::NAME))
        .await?;
    ensure!(window.value("call.note").await? == call::NOTE);
    window.close().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn with_the_keyring_locked_at_work_nothing_is_lost_and_it_is_said_what_to_do() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let window = play.window().await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    keyring::lock()?;
    window.type_into("call.asked_for", ", och mer").await?;
    window.saved().await?;
    window.keys("c", ',').await?;
    window.press("Hälsa").await?;
    window.says("Nyckelringen är låst").await?;
    window.says("Lås upp nyckelringen").await?;
    window.kill().await?;

    // Locked still: the next start says so, and keeps everything.
    let window = play.window().await?;
    window.says("nyckelring är låst").await?;
    ensure!(!window.text().await.contains(call::NAME));
    window.kill().await?;
    keyring::unlock()?;
    let window = play.window().await?;
    window.find("[data-session='open']").await?;
    ensure!(window.value("call.asked_for").await?.contains(", och mer"));
    window.close().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn a_draft_that_is_thrown_away_for_good_leaves_a_certificate_and_no_trace() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let window = play.window().await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    call::choose_service(&window).await?;
    call::fill_applicant(&window).await?;

    // The first step, undone; then both.
    window.press("Kasta utkast").await?;
    window.says("Anteckningen om samtalet finns kvar").await?;
    window.click("dialog .button-row button:last-child").await?;
    window.says("Kastat utkast, ej inkommet").await?;
    window.click(".discarded .button-row button:first-child").await?;
    window.find("[name='personnummer']").await?;
    window.press("Kasta utkast").await?;
    window.click("dialog .button-row button:last-child").await?;
    window.says("Kastat utkast, ej inkommet").await?;
    window.click(".discarded .button-row button:last-child").await?;
    window.says("Det går inte att få tillbaka").await?;
    window.click("dialog .button-row button:last-child").await?;
    window.gone("[name='personnummer']").await?;
    window.says("Kvar är ett gallringsintyg").await?;

    // Nothing of it can be found again; a certificate is left, and the keys are destroyed.
    window.keys("c", 'f').await?;
    window.type_into("search", "Kanariegränden").await?;
    window.says("Inget hittades").await?;
    window.keys("c", 'k').await?;
    window.type_into("palette.search", "Gallringsintyg").await?;
    window.keys("", ENTER).await?;
    window.says("Raderat för gott").await?;
    window.keys("", ESCAPE).await?;
    window.keys("c", ',').await?;
    window.press("Hälsa").await?;
    window.text_when("[data-health='shred']", |words| words.contains("förstörda")).await?;
    ensure!(sweep(play.folders.root(), &call::CANARIES)?.is_empty());
    window.close().await?;
    ensure!(sweep(play.folders.root(), &call::CANARIES)?.is_empty());
    Ok(())
}
