//! One gateway in a process of its own, for the tests that kill it: `replica FOLDER DATABASE`. It says where it listens
//! and runs until its input ends.

use std::{
    io::{Read as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use ledsaga_gateway::{Catalogue, Config};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("no folder")?;
    let folder = Path::new(&folder);
    let config = Config {
        database: arguments.next().context("no database")?.into(),
        catalogue: Catalogue::Folder(folder.join("services")),
        ..Config::demo(folder)
    };
    let gateway = ledsaga_gateway::serve(config).await?;
    writeln!(std::io::stdout(), "{}", gateway.url())?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    gateway.stop().await;
    Ok(())
}
