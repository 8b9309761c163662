//! An e-service taken over from Open ePlatform, from its file to the case at the municipality.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use ledsaga_e2e::{
    AppWindow, Folders, Gateway, call,
    process::{built, free_port},
    window::ENTER,
};
use serde_json::json;

/// Takes the file over with the command that form owners use.
fn import(flow: &str, into: &Path) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/gateway/catalogue/oeflow").join(flow);
    let output = Command::new(built("ledsaga-gateway")?)
        .args(["catalogue", "import"])
        .arg(file)
        .args(["--category", "Trafik och park", "--unit", "Exempelby tekniska nämnd"])
        .args(["--contact-name", "Gatukontoret", "--contact-phone", "070-1740605"])
        .args(["--oral-filing", "accepted"])
        .arg("--out")
        .arg(into)
        .output()?;
    ensure!(output.status.success(), "not imported: {}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn an_imported_e_service_is_filled_in_and_the_gateway_holds_the_same_answers() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (data, catalogue) = (tempfile::tempdir()?, tempfile::tempdir()?);
    import("felanmalan-lekplats.oeflow", catalogue.path())?;
    let gateway = Gateway::start(free_port()?, data.path(), Some(catalogue.path())).await?;
    let folders = Folders::new()?;
    let window = AppWindow::start(&folders, &gateway.url()).await?;
    call::sign_in(&window).await?;
    call::start(&window).await?;
    window.type_into("catalogue.search", "gunga").await?;
    window.says("1 e-tjänst").await?;
    window.press("Felanmälan lekplats").await?;
    window.press("Börja fylla i").await?;

    // A drop-down, boxes, and a question that an answer brings forth.
    window.choose("q100", "Hamnparkens lekplats").await?;
    window.gone("[name='q102']").await?;
    window.pick("q101", "a1004").await?;
    window.pick("q101", "a1006").await?;
    window.type_into("q102", "Den större gungan").await?;
    window.pick("q103", "a1008").await?;
    window.find("[data-field='q105']").await?;
    window.type_into("q105", "En kedja har gått av.").await?;
    window.saved().await?;

    // Kinds that this version does not know: what the caller says is noted for the case officer.
    window.keys("c", ENTER).await?;
    window.says("Fylls i av handläggaren").await?;
    window.type_into("q106", "I går kväll, vid sjutiden").await?;
    window.saved().await?;

    // Contact details as one question of several fields.
    window.keys("c", ENTER).await?;
    window.pick("q109", "a1011").await?;
    window.type_into("q110/r1/q110-Firstname", "Tindra").await?;
    window.type_into("q110/r1/q110-Lastname", "Kanariedotter").await?;
    window.type_into("q110/r1/q110-MobilePhone", call::PHONE).await?;
    window.saved().await?;

    call::read_back(&window).await?;
    window.press("Skicka nu").await?;
    let case_number = call::case_number(&window).await?;
    ensure!(!case_number.is_empty());
    let submissions = gateway.submissions().await?;
    ensure!(submissions.len() == 1, "{} cases arrived", submissions.len());
    let answers = &submissions.first().context("one case")?["answers"];
    let text = |text: &str| json!({ "type": "text", "text": text });
    let made = |ids: &[&str]| json!({ "type": "choice", "choices": ids });
    let expected = json!({
        "q100": made(&["a1001"]),
        "q101": made(&["a1004", "a1006"]),
        "q102": text("Den större gungan"),
        "q103": made(&["a1008"]),
        "q105": text("En kedja har gått av."),
        "q106": text("I går kväll, vid sjutiden"),
        "q109": made(&["a1011"]),
        "q110": { "type": "rows", "rows": [{ "id": "r1", "answers": {
            "q110-Firstname": text("Tindra"),
            "q110-Lastname": text("Kanariedotter"),
            "q110-MobilePhone": text("+46701740605"),
        } }] },
    });
    ensure!(*answers == expected, "the gateway holds other answers: {answers:#}");

    // And back: what another system reads.
    let xml = Command::new(built("ledsaga-gateway")?)
        .args(["case", "show", &case_number.replace(' ', ""), "--xml", "--data"])
        .arg(data.path())
        .output()?;
    let xml = String::from_utf8(xml.stdout)?;
    ensure!(xml.contains("<Value>Hamnparkens lekplats</Value>"), "{xml}");
    ensure!(xml.contains("<MobilePhone>+46701740605</MobilePhone>"), "{xml}");
    window.kill().await
}
