//! HTTP with settings for personal data: no redirects, no cookies, bounded times and sizes.

use std::{
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ledsaga_core::error::{LinkError, TlsFault};
use reqwest::{Url, redirect};
use rustls::CertificateError;

use crate::{address, network, roots::Roots};

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

/// Connections, shared by its clones, which trust the system's certificate authorities and those that are given. This
/// computer is spoken to directly; every other over HTTPS and through the proxy that the system is set up with.
#[derive(Clone, Default)]
pub struct Http {
    timeouts: Timeouts,
    roots: Roots,
    clients: Arc<Clients>,
}

/// Made when first needed: reading the system's certificates takes time, and a demo on this computer needs none.
#[derive(Default)]
struct Clients {
    direct: OnceLock<reqwest::Client>,
    system: OnceLock<reqwest::Client>,
}

impl Http {
    pub fn new(timeouts: Timeouts, roots: Roots) -> Self {
        Self { timeouts, roots, clients: Arc::default() }
    }

    /// The client for this address.
    ///
    /// # Errors
    /// [`LinkError::WrongAddress`] for an address that must not be spoken to; [`LinkError::Unreachable`] when TLS
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
            builder.https_only(true).tls_certs_merge(self.roots.certificates()).build()
        }
    }
}

/// Once for the process; whoever came first has chosen the same.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// What a failed request says about whether it may have arrived, and why not.
pub fn failure(error: &reqwest::Error) -> LinkError {
    if !(error.is_connect() || error.is_builder()) {
        return LinkError::NoAnswer;
    }
    if let Some(error) = tls_error(error) {
        return LinkError::Untrusted(tls_fault(error));
    }
    // This very computer can always be reached.
    let elsewhere = error.url().is_none_or(|url| !address::is_loopback(url));
    if elsewhere && !network::is_there() { LinkError::NoNetwork } else { LinkError::Unreachable }
}

/// The error of TLS that a connection ended with, if it came so far. An `io::Error` says nothing of what it holds by
/// `source`, and there may be one in another.
fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(within) => Some(within),
            None => error.source(),
        };
    }
    None
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    let rustls::Error::InvalidCertificate(fault) = error else { return TlsFault::NoTls };
    match fault {
        // An issuer of a name that is trusted, with another key, is another one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsFault::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFault::WrongName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
        _ => TlsFault::Unacceptable,
    }
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
