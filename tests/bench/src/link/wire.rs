//! What goes over the network for a call, beside what has to be said.

use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use ledsaga_contract::town::{call, sign_in};
use ledsaga_core::{ports::Municipality as _, submission::Submission};
use ledsaga_faults::proxy::Proxy;
use ledsaga_link::{Client, Timeouts};
use ledsaga_protocol::digest;
use uuid::Uuid;

use super::{bodies, load::WORKER, server::Server};
use crate::goals::Figure;

/// Calls over one client, as on a working day.
const CALLS: usize = 20;
/// Bytes of a photograph.
const PHOTOGRAPH: usize = 400_000;

const SMALL: &str = "Of the 7.9 KB, 4.9 are contact record and case, 0.7 the receipt with its signature, 1.1 the token of both \
    requests, 0.6 their other headers and 0.5 those of the answers. With the receipt alone and no header at all it would be \
    1.14x: the goal cannot be met with a receipt that proves itself. Over TLS, HTTP/2 says repeated headers once, but never \
    the token, which is kept out of its tables; nothing is compressed, since a length would say something of the content.";

pub async fn measure(disk: &Path) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir_in(disk)?;
    let definition = bodies::publish(&folder.path().join("services"))?;
    let gateway = Server::gateway(folder.path(), None, 0, None)?;
    let mut figures = Vec::new();
    for file in [None, Some(PHOTOGRAPH)] {
        let account = sign_in(&gateway.url, WORKER, Timeouts::default()).await?;
        let address = gateway.url.trim_start_matches("http://").parse().context("no address")?;
        let proxy = Proxy::start(address, []).await?;
        let client = Client::new(&proxy.url(), account);
        let mut payload = 0;
        for seed in 0..CALLS {
            let call = call();
            client.put_contact(&call).await?;
            payload += bodies::contact(call.id)?.len();
            if let Some(size) = file {
                let mut bytes = vec![0; size];
                fastrand::Rng::with_seed(seed as u64).fill(&mut bytes);
                client.put_file(Uuid::now_v7(), "bild.png", "image/png", &bytes, &|_| {}).await?;
                payload += size;
            }
            let case = bodies::case(&definition, WORKER, call.id, seed as u64)?;
            payload += case.bytes.len();
            client
                .put_submission(&Submission {
                    id: case.id,
                    draft_id: Uuid::now_v7(),
                    call_id: call.id,
                    digest: digest::hex(&case.bytes),
                    payload: case.bytes,
                    frozen_at: Timestamp::now(),
                })
                .await?;
        }
        let (sent, received) = proxy.passed();
        let with = if file.is_some() { "and a photograph of 400 KB" } else { "alone" };
        let each = |bytes: u64| format!("{:.1} KB", bytes as f64 / CALLS as f64 / 1e3);
        figures.push(
            Figure::new(
                format!("bytes on the wire, both ways, contact record and case of 4 KB {with}"),
                each(sent + received),
            )
            .beside(each(payload as u64))
            .ratio((sent + received) as f64 / payload as f64)
            .at_most(1.1, SMALL),
        );
    }
    gateway.stop()?;
    Ok(figures)
}
