//! A client in a process of its own, to be killed: a desk on a real vault that queues cases and brings them home.
//!
//! `courier VAULTS SECRETS GATEWAY CASES [--new-ids]`. It says each case before and after it is queued, and each receipt;
//! `done` when every case has one. With `--new-ids` each try goes under another id, which must be found out; without files
//! then, for only one submission can have a file.

use std::{
    collections::BTreeSet,
    io::{Write, stdout},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use ledsaga_contract::town::sign_in;
use ledsaga_core::{
    call::CallChange,
    clock::SystemClock,
    desk::{Desk, NewFile},
    draft::CaseState,
    memory::MemoryIndex,
    ports::{Municipality, Store},
    retention::Limits,
};
use ledsaga_faults::{
    FileSecrets,
    field::{BRIEF, Doubling},
    work,
};
use ledsaga_forms::speech::Language;
use ledsaga_link::Client;
use ledsaga_vault::Vault;

/// Between tries to sign in while nobody answers.
const AGAIN: Duration = Duration::from_millis(50);
/// How often a worker who waits presses "try again".
const IMPATIENCE: Duration = Duration::from_millis(200);
/// Of each case's file.
const FILE: usize = 40_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let vaults = PathBuf::from(arguments.next().context("the folder of the vaults")?);
    let secrets = PathBuf::from(arguments.next().context("the folder of the secrets")?);
    let rest: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let [gateway, cases, ..] = rest.as_slice() else { bail!("the gateway and the number of cases") };
    let cases: usize = cases.parse()?;

    let account = loop {
        match sign_in(gateway, "demo-astrid", BRIEF).await {
            Ok(account) => break account,
            // The gateway has been killed too.
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    };
    let worker = account.worker().clone();
    let client: Arc<dyn Municipality> = Arc::new(Client::new(gateway, account));
    let new_ids = rest.iter().any(|argument| argument == "--new-ids");
    let municipality = if new_ids { Arc::new(Doubling(client)) } else { client };
    let vault = Arc::new(Vault::open(&vaults, &worker, Arc::new(FileSecrets::new(&secrets)), None).await?);
    let (index, clock) = (Arc::new(MemoryIndex::new()), Arc::new(SystemClock));
    let desk = Desk::open(vault.clone(), index, municipality, clock, worker, Limits::default()).await?;
    work::until(&desk, IMPATIENCE, async |desk| desk.service(ledsaga_contract::town::ORAL).await.ok())
        .await?;
    queue(&desk, &vault, cases, !new_ids).await?;
    bring(&desk, &vault, cases).await?;
    desk.close().await;
    say("done")
}

/// Until there are so many, each taken up where it was left.
async fn queue(desk: &Desk, vault: &Vault, cases: usize, files: bool) -> anyhow::Result<()> {
    for outline in vault.outlines().await? {
        if outline.state == CaseState::Editing {
            send(desk, outline.id, files).await?;
        }
    }
    while vault.outlines().await?.len() < cases {
        let call = desk.start_call().await?.id;
        desk.change_call(call, vec![CallChange::CallerName("Prov Provsson".to_owned())]).await?;
        let case = desk.choose_service(call, ledsaga_contract::town::ORAL).await?.cases;
        let draft = case.last().context("a case")?.draft;
        desk.apply(draft, vec![work::set("plats", &format!("Storgatan {draft}"))]).await?;
        send(desk, draft, files).await?;
        desk.end_call(call).await?;
    }
    Ok(())
}

async fn send(desk: &Desk, draft: uuid::Uuid, file: bool) -> anyhow::Result<()> {
    let bytes = [b"%PDF-1.7 ".as_slice(), draft.as_bytes()].concat().repeat(FILE / 25);
    // It may be there already, from a life before.
    if file
        && let Err(error) =
            desk.attach(draft, "bilder", NewFile { name: "karta.pdf".to_owned(), bytes }).await
    {
        say(&format!("not attached: {}", error.code()))?;
    }
    desk.read_back(draft, Language::Swedish).await?;
    desk.confirm_read_back(draft, Language::Swedish).await?;
    say(&format!("queueing {draft}"))?;
    desk.submit(draft).await?;
    say(&format!("queued {draft}"))
}

/// Says every receipt as it comes.
async fn bring(desk: &Desk, vault: &Vault, cases: usize) -> anyhow::Result<()> {
    let mut known = BTreeSet::new();
    work::until(desk, IMPATIENCE, async |_| {
        for outline in vault.outlines().await.ok()? {
            if let CaseState::Received { receipt, .. } = &outline.state
                && known.insert(outline.id)
            {
                say(&format!("received {} {}", receipt.submission, receipt.case_number)).ok()?;
            }
        }
        (known.len() == cases && vault.outbox().await.ok()?.is_empty()).then_some(())
    })
    .await
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    Ok(out.flush()?)
}
