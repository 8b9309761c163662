//! A gateway in a process of its own, to be killed: the real one, with the e-services of the tests.
//!
//! `fault_gateway DATA PORT [DATABASE [ISSUER]]`. Without an issuer it is its own; the port is said when it listens.

use std::{io::Write, path::PathBuf};

use anyhow::Context;
use ledsaga_contract::town::publish;
use ledsaga_faults::namespaces::NETWORK;
use ledsaga_gateway::{Catalogue, Config, Issuer, Transport};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let data = PathBuf::from(arguments.next().context("the folder of its data")?);
    let mut text = || arguments.next().map(|argument| argument.to_string_lossy().into_owned());
    let port = text().context("the port")?.parse()?;
    let catalogue = Catalogue::Folder(publish(&data)?);
    // In the tests with a cable the client comes over it, as by a reverse proxy.
    let transport = Transport::Behind(vec![NETWORK.parse()?]);
    let mut config = Config { port, catalogue, transport, ..Config::demo(&data) };
    if let Some(database) = text().filter(|database| !database.is_empty()) {
        config.database = database.into();
    }
    if let Some(url) = text() {
        config.issuer = Issuer::External { url };
    }
    let gateway = ledsaga_gateway::serve(config).await?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", gateway.address().port())?;
        out.flush()?;
    }
    // Until it is killed.
    std::future::pending::<()>().await;
    Ok(())
}
