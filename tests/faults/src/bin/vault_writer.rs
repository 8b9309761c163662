//! Saves cases into a vault for as long as it lives and says each number once the case is saved: the child of the
//! kill test. `vault_writer VAULT_DIR SECRETS_DIR [--say-first]`; with `--say-first` it says the number too early.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    sync::Arc,
};

use anyhow::Context;
use ledsaga_core::ports::Store;
use ledsaga_faults::{FileSecrets, save, worker};
use ledsaga_vault::Vault;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().context("the folder of the vaults")?);
    let secrets = PathBuf::from(arguments.next().context("the folder of the secrets")?);
    let say_first = arguments.next().is_some_and(|argument| argument == "--say-first");

    let vault = Vault::open(&dir, &worker(), Arc::new(FileSecrets::new(&secrets)), None).await?;
    let mut number = vault.outlines().await?.len() as u64;
    loop {
        number += 1;
        if say_first {
            say(number)?;
        }
        save(&vault, number, 5_000).await?;
        if !say_first {
            say(number)?;
        }
    }
}

fn say(number: u64) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{number}")?;
    out.flush()
}
