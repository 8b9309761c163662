//! Plays one whole call in the real window, leaves numbered pictures and prints the case number.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use ledsaga_e2e::{AppWindow, Folders, call};

#[derive(Parser)]
struct Arguments {
    /// Address of a running demo gateway.
    #[arg(long)]
    gateway: String,
    /// Where the pictures go.
    #[arg(long)]
    out: PathBuf,
}

/// Pictures in the order they are taken.
struct Album<'a> {
    window: &'a AppWindow,
    out: PathBuf,
    taken: u32,
}

impl Album<'_> {
    fn take(&mut self, name: &str) -> Result<()> {
        self.taken += 1;
        self.window.picture(&self.out.join(format!("{:02}-{name}.png", self.taken)))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folders = Folders::new()?;
    let window = AppWindow::start(&folders, &arguments.gateway).await?;
    let mut album = Album { window: &window, out: arguments.out, taken: 0 };
    let case_number = match play(&window, &mut album).await {
        Ok(case_number) => case_number,
        Err(error) => {
            album.take("failed")?;
            return Err(error);
        }
    };
    window.close().await?;
    say(&case_number);
    Ok(())
}

async fn play(window: &AppWindow, album: &mut Album<'_>) -> Result<String> {
    window.find("[data-session='signed_out']").await?;
    album.take("sign-in")?;
    call::sign_in(window).await?;
    album.take("signed-in")?;
    call::start(window).await?;
    album.take("call")?;
    call::choose_service(window).await?;
    call::fill_applicant(window).await?;
    album.take("applicant")?;
    call::fill_home(window).await?;
    album.take("home")?;
    call::fill_need(window).await?;
    call::fill_evidence(window, None).await?;
    album.take("evidence")?;
    call::read_back(window).await?;
    album.take("read-back")?;
    window.press("Skicka nu").await?;
    let case_number = call::case_number(window).await?;
    album.take("receipt")?;
    Ok(case_number)
}

#[allow(clippy::print_stdout, reason = "the case number is what this program is for")]
fn say(case_number: &str) {
    println!("Case number: {case_number}");
}
