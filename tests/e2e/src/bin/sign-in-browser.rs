//! Stands where the system's browser stands: opened by the application with the address of a sign-in or sign-out.
//! `sign-in-browser (sign-in|sign-in-1|sign-in-2|cancel|nothing) URL`

use anyhow::{Context, Result, bail};
use ledsaga_sign_in::{Browser, Choice};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let choice = match arguments.next().as_deref() {
        Some("sign-in") => Choice::Worker(0),
        Some("sign-in-1") => Choice::Worker(1),
        Some("sign-in-2") => Choice::Worker(2),
        Some("cancel") => Choice::Cancel,
        Some("nothing") => Choice::Nothing,
        _ => bail!("say what to do on the sign-in page"),
    };
    Browser::new()?.visit(&arguments.next().context("say which address")?, &choice).await.map(drop)
}
