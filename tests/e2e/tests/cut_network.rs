//! The network is cut in every phase of a submission, in the real window: what the screen says is true each time, by what
//! the gateway's database has at that moment, and there is one case in the end.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use ledsaga_e2e::{
    AppWindow, Folders, Gateway, call,
    process::{free_port, until},
    window::PATIENCE,
};
use ledsaga_faults::proxy::{Cut, Proxy, Road, Trap};
use serde_json::json;

/// Looks at the screen after each cut, this many.
const LOOKS: usize = 12;
/// Of the file: more than one part of an upload.
const FILE: usize = 1_600_000;

struct Phase {
    name: &'static str,
    request: &'static str,
    cut: Cut,
    file: bool,
    /// Whether the municipality has the case when the network is cut.
    has_it: bool,
}

const fn phase(name: &'static str, request: &'static str, cut: Cut, file: bool, has_it: bool) -> Phase {
    Phase { name, request, cut, file, has_it }
}

const CONTACT: &str = "PUT /v1/contacts/";
const AUDIT: &str = "PUT /v1/audit/";
const BEGIN: &str = "POST /v1/uploads";
const PART: &str = "PATCH /v1/uploads/";
const SUBMISSION: &str = "PUT /v1/submissions/";

const PHASES: [Phase; 11] = [
    // First: a log that was not taken is left alone for a minute, and no case waits for it.
    phase("logg", AUDIT, Cut::Answer(0), false, false),
    phase("kontaktfore", CONTACT, Cut::Request(0), false, false),
    phase("kontaktefter", CONTACT, Cut::Answer(0), false, false),
    phase("filborjan", BEGIN, Cut::Answer(0), true, false),
    phase("filmitten", PART, Cut::Request(400_000), true, false),
    phase("filslutet", PART, Cut::Answer(0), true, false),
    phase("inlamningfore", SUBMISSION, Cut::Request(0), false, false),
    phase("inlamninghalv", SUBMISSION, Cut::Request(600), false, false),
    phase("inlamningefter", SUBMISSION, Cut::Answer(0), false, true),
    phase("kvittohuvud", SUBMISSION, Cut::Answer(60), false, true),
    phase("kvittokropp", SUBMISSION, Cut::Answer(500), false, true),
];

/// An e-service for each phase, so that each is found by its name.
fn publish(folder: &Path) -> Result<()> {
    for phase in &PHASES {
        let service = json!({
            "format": 1, "id": phase.name, "version": 1, "name": format!("Felanmälan {}", phase.name),
            "summary": "En e-tjänst för prov", "category": "Trafik och gator", "unit": "Tekniska nämnden",
            "contact": { "name": "Kontaktcenter", "phone": "070-1740606" },
            "oral_filing": "accepted", "retention": { "draft_days": 30, "protected_draft_days": 7 },
            "steps": [{ "id": "felet", "title": "Felet", "questions": [
                { "id": "plats", "label": "Var är felet?", "kind": "text", "max_length": 200 },
                { "id": "bilder", "label": "Bilder", "kind": "files", "state": "visible",
                  "max_count": 3, "max_size": 10_000_000, "types": ["png", "pdf"] },
            ] }],
        });
        std::fs::write(folder.join(format!("{}.json", phase.name)), service.to_string())?;
    }
    Ok(())
}

/// A call with a case that is read back, up to the button that sends it.
async fn prepare(window: &AppWindow, phase: &Phase, file: &Path) -> Result<()> {
    window.keys("c", 'n').await?;
    window.find("[name='call.note']:focus").await?;
    window.type_into("call.note", phase.name).await?;
    window.type_into("catalogue.search", phase.name).await?;
    window.says("1 e-tjänst").await?;
    window.press(&format!("Felanmälan {}", phase.name)).await?;
    window.press("Börja fylla i").await?;
    window.type_into("plats", "Storgatan 1").await?;
    if phase.file {
        window.click("[name='bilder']").await?;
        window.choose_file(file).await?;
        window.says(".pdf är bifogad").await?;
    }
    window.saved().await?;
    call::read_back(window).await
}

/// What the screen says of the case that is open, and of how many in the list that they have arrived.
async fn on_screen(window: &AppWindow) -> Result<(String, usize)> {
    let said = window
        .script(
            "const state = document.querySelector(\".outcome [data-testid='case-state']\");\
             const rows = [...document.querySelectorAll(\"[data-testid='queue-row']\")];\
             return [state ? state.innerText : '', rows.filter(row => row.innerText.includes('Inkommen')).length]",
        )
        .await?;
    let state = said[0].as_str().context("the state's words")?.to_owned();
    Ok((state, usize::try_from(said[1].as_u64().context("a number of rows")?)?))
}

/// Words for a case that the municipality has, surely has not, or may have.
fn is_true(words: &str, rows: usize, arrived: usize, before: usize) -> bool {
    let has_it = arrived > before;
    let said = match words {
        "Inkommen" => has_it,
        "I kö, ej inkommet ännu" | "Utkast, ej inkommet" => !has_it,
        "Skickas, inget svar än" | "Kontrolleras" => true,
        // Nothing of the case on screen says nothing untrue.
        "" => true,
        _ => false,
    };
    said && rows <= arrived
}

#[tokio::test]
#[ignore = "needs a display, a session bus and a keyring: cargo xtask test runs it"]
async fn the_network_is_cut_in_every_phase_and_the_screen_says_the_truth() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (data, catalogue) = (tempfile::tempdir()?, tempfile::tempdir()?);
    publish(catalogue.path())?;
    let port = free_port()?;
    let gateway = Gateway::start(port, data.path(), Some(catalogue.path())).await?;
    let proxy = Proxy::start(([127, 0, 0, 1], port).into(), []).await?;
    let folders = Folders::new()?;
    let file = tempfile::Builder::new().prefix("karta-").suffix(".pdf").tempfile()?;
    let window = AppWindow::start(&folders, &proxy.url()).await?;
    call::sign_in(&window).await?;

    for (before, phase) in PHASES.iter().enumerate() {
        let arrived = async || Ok::<_, anyhow::Error>(gateway.submissions().await?.len());
        // Another one each time: what the municipality has whole does not travel again.
        let head = format!("%PDF-1.4\n% {}\n", phase.name);
        std::fs::write(file.path(), [head.as_bytes(), &vec![b'%'; FILE], b"\n%%EOF\n"].concat())?;
        prepare(&window, phase, file.path()).await.with_context(|| format!("preparing {}", phase.name))?;
        proxy.set_trap(Trap { request: phase.request, cut: phase.cut });
        window.press("Skicka nu").await?;
        tokio::time::timeout(PATIENCE, proxy.sprung(before + 1))
            .await
            .with_context(|| format!("{} was never cut", phase.name))?;
        // The application finds out by itself that nobody is there.
        window.text_when("[data-testid='link-state']", |link| link.contains("Ingen kontakt")).await?;
        for _ in 0..LOOKS {
            let (words, rows) = on_screen(&window).await?;
            let there = arrived().await?;
            ensure!(there == before + usize::from(phase.has_it), "{}: {there} cases there", phase.name);
            ensure!(
                is_true(&words, rows, there, before),
                "{}: the screen says {words:?} and {rows} received, the municipality has {there}",
                phase.name
            );
            ensure!(!words.is_empty(), "{}: the case is not on screen", phase.name);
        }
        // The counter-test: other words at this moment would have been found untrue.
        let wrong = if phase.has_it { "I kö, ej inkommet ännu" } else { "Inkommen" };
        ensure!(!is_true(wrong, before, arrived().await?, before), "{}", phase.name);

        proxy.set_road(Road::Open);
        until(
            &format!("{} to arrive", phase.name),
            Duration::from_secs(60),
            async || matches!(on_screen(&window).await, Ok((words, _)) if words == "Inkommen"),
        )
        .await
        .with_context(|| phase.name)?;
        let number = call::case_number(&window).await?.replace(' ', "");
        ensure!(arrived().await? == before + 1, "{}: not one case", phase.name);
        ensure!(gateway.case_numbers().await?.contains(&number), "{}: {number} is no case", phase.name);
    }
    window.kill().await
}
