//! The child of the kill tests: does one kind of work in a vault for as long as it lives, and says each case before and
//! after each step with it.
//!
//! `vault_writer VAULT_DIR SECRETS_DIR KIND [FROM] [FAULT]`. With the fault `--say-first` it says too early that
//! something is done, with `--forgetful-keychain` it has a keychain that writes nothing down: both must be found out.

use std::{
    collections::HashMap,
    io::{Write, stdout},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, bail};
use async_trait::async_trait;
use ledsaga_core::ports::{Change, SecretError, SecretStore, Shredding, Store};
use ledsaga_faults::{
    FileSecrets, PIN,
    ledger::{Said, put, remove},
    save, worker,
};
use ledsaga_vault::{Pin, Vault};
use zeroize::Zeroizing;

/// Cases that are kept before the oldest is removed.
const KEPT: u64 = 5;
/// Cases that are put and purged at once.
const PURGED: u64 = 60;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().context("the folder of the vaults")?);
    let secrets = PathBuf::from(arguments.next().context("the folder of the secrets")?);
    let arguments: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let kind = arguments.first().context("the kind of work")?;
    let from = arguments.get(1).and_then(|from| from.parse().ok()).unwrap_or(1);

    let secrets = FileSecrets::new(&secrets);
    let secrets: Arc<dyn SecretStore> = match has("--forgetful-keychain") {
        true => Arc::new(Forgetful { secrets, written: Mutex::default() }),
        false => Arc::new(secrets),
    };
    let pin = Pin::new(PIN);
    let vault = match Vault::open(&dir, &worker(), secrets, Some(&pin)).await {
        Ok(vault) => vault,
        Err(error) if kind == "look" => {
            say(&format!("{}\n", error.code()))?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let mut writer = Writer { vault, next: from, say_first: has("--say-first") };
    match kind.as_str() {
        "look" => writer.look().await,
        "save" => writer.save_and_send().await,
        "put" => loop {
            writer.put(1).await?;
        },
        "shred" => loop {
            writer.put(1).await?;
            if writer.next > KEPT {
                writer.remove(writer.next - KEPT, 1).await?;
            }
        },
        "purge" => loop {
            writer.put(PURGED).await?;
            writer.remove(writer.next - PURGED, PURGED).await?;
        },
        "keys" => loop {
            writer.put(1).await?;
            writer.vault.change_keys().await?;
        },
        "pin" => loop {
            writer.put(1).await?;
            let set = !writer.vault.health().await?.pin;
            writer.vault.set_pin(set.then(|| pin.clone())).await?;
        },
        kind => bail!("no such work: {kind}"),
    }
}

struct Writer {
    vault: Vault,
    /// The number of the next case.
    next: u64,
    say_first: bool,
}

impl Writer {
    /// Says how many cases there are, and ends.
    async fn look(&self) -> anyhow::Result<()> {
        say(&format!("{} cases\n", self.vault.outlines().await?.len()))?;
        self.vault.close().await;
        Ok(())
    }

    /// Whole cases with their place in the outbox, of which the older ones are reduced as if they had been received.
    async fn save_and_send(&self) -> anyhow::Result<()> {
        let mut number = self.vault.outlines().await?.len() as u64;
        loop {
            number += 1;
            self.in_order(Said::Saved, number..=number, save(&self.vault, number, 5_000)).await?;
        }
    }

    async fn put(&mut self, count: u64) -> anyhow::Result<()> {
        let numbers = self.next..=self.next + count - 1;
        self.next += count;
        say(&lines(Said::Saving, numbers.clone()))?;
        let changes = numbers.clone().flat_map(put).collect();
        self.in_order(Said::Saved, numbers, self.vault.commit(changes)).await
    }

    /// Removes the cases and shreds them.
    async fn remove(&mut self, first: u64, count: u64) -> anyhow::Result<()> {
        let numbers = first..=first + count - 1;
        say(&lines(Said::Removing, numbers.clone()))?;
        let changes: Vec<Change> = numbers.clone().map(remove).collect();
        self.in_order(Said::Removed, numbers, self.vault.commit(changes)).await?;
        while self.vault.shred().await? != Shredding::Done {}
        Ok(())
    }

    /// Does it and then says so, or the other way round.
    async fn in_order<E: std::error::Error + Send + Sync + 'static>(
        &self,
        said: Said,
        numbers: std::ops::RangeInclusive<u64>,
        work: impl Future<Output = Result<(), E>>,
    ) -> anyhow::Result<()> {
        if self.say_first {
            say(&lines(said, numbers))?;
            return Ok(work.await?);
        }
        work.await?;
        say(&lines(said, numbers))
    }
}

fn lines(said: Said, numbers: std::ops::RangeInclusive<u64>) -> String {
    numbers.map(|number| said.line(number)).collect()
}

fn say(lines: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    out.write_all(lines.as_bytes())?;
    Ok(out.flush()?)
}

/// Says that it has kept what it has only in memory.
struct Forgetful {
    secrets: FileSecrets,
    /// `None` for what was deleted.
    written: Mutex<HashMap<String, Option<Vec<u8>>>>,
}

impl Forgetful {
    fn write(&self, name: &str, secret: Option<&[u8]>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(name.to_owned(), secret.map(<[u8]>::to_vec));
    }
}

#[async_trait]
impl SecretStore for Forgetful {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        match written {
            Some(written) => Ok(written.map(Zeroizing::new)),
            None => self.secrets.get(name).await,
        }
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.write(name, Some(secret));
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.write(name, None);
        Ok(())
    }
}
