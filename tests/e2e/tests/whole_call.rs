//! The whole call in the real window, with the gateway stopped and started in the middle.

use anyhow::{Context, Result, ensure};
use ledsaga_e2e::{
    AppWindow, Folders, Gateway, Play, call,
    process::{built, free_port},
    sweep::sweep,
    window::{ENTER, PATIENCE, active_window},
};
use tokio::sync::Mutex;

/// One keyboard and one session bus: one test at a time.
static STAGE: Mutex<()> = Mutex::const_new(());

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn a_protected_caller_is_helped_through_a_killed_process_and_a_pulled_cable() -> Result<()> {
    let _stage = STAGE.lock().await;
    let mut play = Play::new().await?;

    // Sign in, start the call, fill in the first step.
    let window = play.window().await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    call::choose_service(&window).await?;
    call::fill_applicant(&window).await?;
    call::fill_home(&window).await?;

    // The process is killed in mid-call; everything is back where it was, without signing in again.
    window.kill().await?;
    let window = play.window().await?;
    window.find("[data-session='open']").await?;
    ensure!(window.find("[name='call.note']").await?.prop("value").await?.as_deref() == Some(call::NOTE));
    ensure!(window.value("fastighetsagare").await? == "Exempelhem AB", "the form is at another step");
    window.keys("a", '1').await?;
    ensure!(window.value("namn").await? == call::NAME);

    // Protected mode.
    window.keys("cs", 'p').await?;
    window.says("Skyddade personuppgifter").await?;
    window.text_when("[data-testid='queue-row']", |row| row.contains("Skyddad uppgift")).await?;
    window.gone("[name='adress']").await?;
    window.says("Skatteverkets förmedling").await?;
    ensure!(!window.text().await.contains(call::NAME), "the name is still on screen");
    ensure!(active_window().as_deref() == Some("Ledsaga"), "the title says more than the product's name");

    // No network: the work goes on.
    play.gateway.stop();
    window.text_when("[data-testid='link-state']", |link| link.contains("Ingen kontakt")).await?;
    window.keys("a", '2').await?;
    call::fill_need(&window).await?;
    let certificate = tempfile::Builder::new().prefix("intyg-").suffix(".pdf").tempfile()?;
    std::fs::write(certificate.path(), b"%PDF-1.4\n% Kanariefil Zq9\n%%EOF\n")?;
    call::fill_evidence(&window, Some(certificate.path())).await?;
    call::read_back(&window).await?;
    window.press("Lägg i kö, ingen kontakt").await?;
    window.text_when("[data-testid='case-state']", |state| state.contains("I kö, ej inkommet ännu")).await?;
    ensure!(!window.text().await.contains("Inkommen"), "nothing has arrived yet");

    // The process is killed with the case in the queue, and comes back without a network.
    window.kill().await?;
    let window = play.window().await?;
    window.find("[data-session='open']").await?;
    window.text_when("[data-testid='case-state']", |state| state.contains("I kö, ej inkommet ännu")).await?;

    // The gateway is back: it arrives by itself, once.
    play.gateway.resume().await?;
    let case_number = call::case_number(&window).await?;
    window.text_when("[data-testid='case-state']", |state| state.contains("Inkommen")).await?;
    let submissions = play.gateway.submissions().await?;
    ensure!(submissions.len() == 1, "{} cases arrived", submissions.len());
    let submission = submissions.first().context("one case")?;
    let answer = |question: &str| submission["answers"][question].clone();
    ensure!(submission["secrecy_marking"] == true);
    ensure!(answer("personnummer")["text"] == call::IDENTITY_NUMBER);
    ensure!(answer("namn")["text"] == call::NAME);
    ensure!(answer("funktionsnedsattning")["text"] == call::NEED);
    ensure!(answer("kostnad")["text"] == "12500");
    ensure!(answer("intyg_fil")["files"][0]["media_type"] == "application/pdf");
    ensure!(answer("adress").is_null(), "the address of a protected person was sent");
    ensure!(!case_number.is_empty());

    // A new draft, then lock: only a new sign-in opens it, and the draft is there.
    window.keys("c", 'n').await?;
    window.find("[name='call.note']:focus").await?;
    window.type_into("call.note", "Kanarieanteckning Zq7 igen").await?;
    window.saved().await?;
    window.keys("c", 'l').await?;
    window.find("[data-session='locked']").await?;
    ensure!(!window.text().await.contains("Kanarie"), "the lock screen shows what was typed");
    call::sign_in(&window).await?;
    window.text_when("[name='call.note']", |_| true).await?;
    ensure!(window.value("call.note").await?.contains("igen"));

    // Sign out: another worker sees nothing of it, the same worker everything.
    sign_out(&window).await?;
    play.browser("sign-in-1")?;
    call::sign_in(&window).await?;
    window.gone("[data-testid='queue-row']").await?;
    sign_out(&window).await?;
    play.browser("sign-in")?;
    call::sign_in(&window).await?;
    window.find("[data-testid='queue-row']").await?;

    // Closed in the middle of a word: the word is there.
    window.find("[data-testid='queue-row']").await?.click().await?;
    window.type_into("call.asked_for", "Sista ordet").await?;
    window.close().await?;
    let window = play.window().await?;
    window.find("[name='call.asked_for']").await?;
    ensure!(window.value("call.asked_for").await?.ends_with("Sista ordet"));
    window.kill().await?;

    // Nothing that was typed can be read in any file.
    let mut canaries = call::CANARIES.to_vec();
    canaries.push("Kanariefil Zq9");
    let found = sweep(play.folders.root(), &canaries)?;
    ensure!(found.is_empty(), "typed words are readable: {found:?}");
    Ok(())
}

async fn sign_out(window: &AppWindow) -> Result<()> {
    window.keys("c", 'k').await?;
    window.type_into("palette.search", "Logga ut").await?;
    window.keys("", ENTER).await?;
    window.find("[data-session='signed_out']").await.map(drop)
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn the_plaintext_sweep_finds_what_an_unencrypted_build_writes() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let window =
        AppWindow::start_program(&built("ledsaga-plaintext")?, &play.folders, &play.gateway.url(), &[])
            .await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    window.kill().await?;
    let found = sweep(play.folders.root(), &call::CANARIES)?;
    ensure!(!found.is_empty(), "the sweep is blind");
    Ok(())
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn sign_in_that_is_cancelled_or_abandoned_says_so_and_can_be_tried_again() -> Result<()> {
    let _stage = STAGE.lock().await;
    let mut play = Play::new().await?;
    play.browser("cancel")?;
    let window = play.window().await?;
    window.click("[data-testid='sign-in']").await?;
    window.says("Inloggningen avbröts").await?;

    play.browser("nothing")?;
    window.click("[data-testid='sign-in']").await?;
    window.says("Fortsätt i webbläsaren").await?;
    window.press("Avbryt inloggningen").await?;
    window.says("Inloggningen avbröts").await?;

    play.gateway.stop();
    window.click("[data-testid='sign-in']").await?;
    window.says("Kommunen går inte att nå").await?;

    play.gateway.resume().await?;
    play.browser("sign-in")?;
    call::sign_in(&window).await?;
    window.kill().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn a_second_start_brings_the_first_window_to_the_front() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let window = play.window().await?;
    call::sign_in(&window).await?;
    let mut second = tokio::process::Command::new(built("ledsaga")?)
        .envs(play.folders.environment())
        .env("LEDSAGA_GATEWAY", play.gateway.url())
        .spawn()?;
    let status =
        tokio::time::timeout(PATIENCE, second.wait()).await.context("the second start goes on")??;
    ensure!(status.success());
    window.find("[data-session='open']").await?;
    window.kill().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn without_a_keychain_the_work_goes_on_in_memory_and_it_says_so() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let nobody = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/ledsaga-e2e")];
    let window =
        AppWindow::start_program(&built("ledsaga")?, &play.folders, &play.gateway.url(), &nobody).await?;
    call::sign_in(&window).await?;
    window.says("Utkasten finns bara så länge Ledsaga är öppet").await?;
    call::start(&window).await?;
    window.kill().await?;
    let vault = std::fs::read_dir(play.folders.vaults()).into_iter().flatten();
    for entry in vault
        .filter_map(|entry| entry.ok())
        .flat_map(|entry| std::fs::read_dir(entry.path()).into_iter().flatten())
    {
        let entry = entry?;
        ensure!(entry.metadata()?.len() == 0, "something was written without a key: {:?}", entry.file_name());
    }
    ensure!(sweep(play.folders.root(), &call::CANARIES)?.is_empty());
    Ok(())
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn a_retired_form_version_is_said_and_the_answers_are_kept() -> Result<()> {
    let _stage = STAGE.lock().await;
    let mut play = Play::new().await?;
    let window = play.window().await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    call::choose_service(&window).await?;
    call::fill_applicant(&window).await?;
    call::fill_home(&window).await?;
    call::fill_need(&window).await?;
    call::fill_evidence(&window, None).await?;
    call::read_back(&window).await?;
    play.gateway.stop();
    play.gateway.retire(call::SERVICE, 1)?;
    play.gateway.resume().await?;
    window.press("Skicka nu").await?;
    window.text_when("[data-testid='case-state']", |state| state.contains("Kräver åtgärd")).await?;
    window.says("E-tjänsten har en ny version").await?;
    ensure!(play.gateway.submissions().await?.is_empty());
    window.kill().await?;
    let window = play.window().await?;
    window.text_when("[data-testid='case-state']", |state| state.contains("Kräver åtgärd")).await?;
    window.kill().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn a_broken_e_service_is_named_and_the_others_work() -> Result<()> {
    let _stage = STAGE.lock().await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (data, catalogue) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/gateway/catalogue");
    for entry in std::fs::read_dir(demo)? {
        let entry = entry?;
        if entry.path().is_file() {
            std::fs::copy(entry.path(), catalogue.path().join(entry.file_name()))?;
        }
    }
    std::fs::write(catalogue.path().join("trasig.json"), br#"{"format": 1, "id": "trasig", "version": 1}"#)?;
    let gateway = Gateway::start(free_port()?, data.path(), Some(catalogue.path())).await?;
    let folders = Folders::new()?;
    let window = AppWindow::start(&folders, &gateway.url()).await?;
    call::sign_in(&window).await?;
    window.says("fel uppbyggd").await?;
    window.says("trasig").await?;
    call::start(&window).await?;
    call::choose_service(&window).await?;
    window.kill().await
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn an_unreadable_database_is_said_and_left_as_it_is() -> Result<()> {
    let _stage = STAGE.lock().await;
    let play = Play::new().await?;
    let window = play.window().await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    window.close().await?;
    let vault = std::fs::read_dir(play.folders.vaults())?.next().context("a vault")??.path();
    let database = vault.join("vault.db");
    let damaged: Vec<u8> = std::fs::read(&database)?.iter().map(|byte| byte ^ 0x5A).collect();
    std::fs::write(&database, &damaged)?;
    let window = play.window().await?;
    window.find("[data-session='blocked']").await?;
    window.says("Utkasten på den här datorn går inte att läsa").await?;
    window.says("Inget har tagits bort").await?;
    window.kill().await?;
    ensure!(std::fs::read(&database)? == damaged, "the damaged database was changed");
    Ok(())
}
