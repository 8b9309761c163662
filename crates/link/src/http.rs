//! HTTP with settings for personal data: no redirects, no cookies, bounded times and sizes.

use std::{
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ledsaga_core::error::LinkError;
use reqwest::{Url, redirect};

use crate::address;

/// How long to wait for the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection with TLS stands.
    pub connect: Duration,
    /// Until the whole answer has been read.
    pub request: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), request: Duration::from_secs(30) }
    }
}

/// Connections, shared by its clones. This computer is spoken to directly; every other over HTTPS and through the
/// proxy that the system is set up with.
#[derive(Clone, Default)]
pub struct Http {
    timeouts: Timeouts,
    clients: Arc<Clients>,
}

/// Made when first needed: reading the system's certificates takes time, and a demo on this computer needs none.
#[derive(Default)]
struct Clients {
    direct: OnceLock<reqwest::Client>,
    system: OnceLock<reqwest::Client>,
}

impl Http {
    pub fn new(timeouts: Timeouts) -> Self {
        Self { timeouts, clients: Arc::default() }
    }

    /// The client for this address.
    ///
    /// # Errors
    /// [`LinkError::WrongServer`] for an address that must not be spoken to; [`LinkError::Unreachable`] when TLS
    /// cannot be set up on this computer.
    pub fn client(&self, url: &Url) -> Result<&reqwest::Client, LinkError> {
        address::check(url)?;
        let direct = url.scheme() == "http";
        let cell = if direct { &self.clients.direct } else { &self.clients.system };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.build(direct).map_err(|error| {
            tracing::error!("no connection can be set up: {error}");
            LinkError::Unreachable
        })?;
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, direct: bool) -> Result<reqwest::Client, reqwest::Error> {
        install_crypto();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("ledsaga/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.timeouts.connect)
            .timeout(self.timeouts.request);
        if direct {
            builder.no_proxy().tls_certs_only(std::iter::empty()).build()
        } else {
            builder.https_only(true).build()
        }
    }
}

/// Once for the process; whoever came first has chosen the same.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// What a failed request says about whether it may have arrived.
pub fn failure(error: &reqwest::Error) -> LinkError {
    if !(error.is_connect() || error.is_builder()) {
        return LinkError::NoAnswer;
    }
    if is_tls(error) { LinkError::WrongServer } else { LinkError::Unreachable }
}

/// The other end speaks no TLS, or its certificate is not that of the name that was asked for.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let within = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || within.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// [`LinkError::NoAnswer`] when it ends early; [`LinkError::Refused`] `unexpected_answer` when it is larger.
pub async fn read(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, LinkError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| LinkError::NoAnswer)? {
        if body.len() + chunk.len() > limit {
            return Err(crate::answer::unexpected());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
