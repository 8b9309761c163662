//! Starting and stopping.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    app::{self, App, Stage},
    catalogue::{self, CatalogueError},
    config::{Config, Issuer, Stop, Transport},
    demo::DemoIssuer,
    front::Front,
    listen::{self, Door},
    maintenance::Notice,
    metrics::{Exposition, Metrics},
    receipt_keys::ReceiptKeys,
    route,
    signing::{KeyError, SigningKey},
    store::{OpenError, Store},
    tls::{Certificate, TlsError},
    upkeep,
    verifier::Verifier,
};

/// How often files of certificates and keys are looked at.
const LOOK: Duration = Duration::from_secs(60);

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {0} is already in use; choose another with --port")]
    PortInUse(u16),
    #[error("cannot listen: {0}")]
    Listen(#[source] io::Error),
    #[error("cannot listen for metrics at {address}: {source}")]
    Metrics { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{what}: {source}")]
    Key { what: &'static str, source: KeyError },
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    #[error("no TLS client can be made")]
    Client(#[source] reqwest::Error),
}

/// A running gateway. Dropped, it stops by itself; [`Handle::stop`] waits until it has.
pub struct Handle {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    files: Files,
    app: Arc<App>,
    closing: watch::Sender<()>,
    stop: Stop,
    server: JoinHandle<()>,
    besides: Vec<JoinHandle<()>>,
}

/// What can be changed on the disk while we run.
#[derive(Clone)]
struct Files {
    certificate: Option<Arc<Certificate>>,
    app: Arc<App>,
}

impl Files {
    /// Reads all of it again. What cannot be used is told, and the old one serves on.
    fn reload(&self) -> bool {
        let certificate = self.certificate.as_ref().map_or(Ok(()), |certificate| certificate.reload());
        let keys = self.app.receipts.reload();
        if let Err(error) = &certificate {
            tracing::error!(%error, "the new certificate cannot be used; the old one is");
        }
        if let Err(error) = &keys {
            tracing::error!(%error, "the receipt keys cannot be read; the old ones are used");
        }
        let good = certificate.is_ok() && keys.is_ok();
        self.app.front.metrics.stale_files.set(i64::from(!good));
        good
    }
}

impl Handle {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics are shown, if they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Without a slash at the end.
    pub fn url(&self) -> String {
        let scheme = if self.files.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// How many requests wait for changes right now.
    pub fn waiting(&self) -> usize {
        self.app.store.waiting()
    }

    /// Reads certificate and receipt keys again; says whether all of them can be used. No connection ends.
    pub fn reload(&self) -> bool {
        self.files.reload()
    }

    /// Says that it is not ready, waits until that can have been seen, takes no more requests, lets those that have
    /// begun come to an end, and closes the database.
    pub async fn stop(mut self) {
        self.app.stage.send_replace(Stage::Leaving);
        sleep(self.stop.ready_pause).await;
        self.app.stage.send_replace(Stage::Ending);
        self.app.store.wake_all();
        let _ = self.closing.send(());
        // The server keeps to its own patience; this is for what it cannot end.
        if timeout(self.stop.patience + Duration::from_secs(5), &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.app.store.close().await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        for task in &self.besides {
            task.abort();
        }
    }
}

/// Starts a gateway; it accepts requests when this returns.
///
/// # Errors
/// [`StartError`], with words for the one who starts it.
pub async fn serve(config: Config) -> Result<Handle, StartError> {
    // Another part of this process may have chosen the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let certificate = match &config.transport {
        Transport::Tls { certificate, key, .. } => Some(Certificate::open(certificate, key)?),
        Transport::Loopback | Transport::Behind(_) | Transport::Open => None,
    };
    let tls = certificate.as_ref().map(Certificate::server).transpose()?;
    let listener =
        TcpListener::bind((config.host, config.port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse(config.port),
            _ => StartError::Listen(error),
        })?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let app = Arc::new(assemble(&config, address).await?);
    catalogue::publish(&app.store, &config.catalogue, config.is_demo()).await?;
    app.maintenance.read(&app.store).await;

    let exposition = match config.metrics {
        Some(address) => {
            let failed = |source| StartError::Metrics { address, source };
            let exposition =
                Exposition::bind(address, Arc::clone(&app.front.metrics)).await.map_err(failed)?;
            Some((exposition.address().map_err(failed)?, exposition))
        }
        None => None,
    };
    upkeep::keep_clean(&app.store, &config.retention).await;

    let (closing, closed) = watch::channel(());
    upkeep::begin(app.store.clone(), config.retention.clone(), closed.clone());
    let files = Files { certificate, app: Arc::clone(&app) };
    let mut besides = vec![tokio::spawn(look_after(files.clone()))];
    let metrics = exposition.as_ref().map(|(address, _)| *address);
    besides.extend(exposition.map(|(_, exposition)| tokio::spawn(exposition.serve())));

    let door = Door {
        listener,
        tls: tls.map(TlsAcceptor::from),
        proxies: config.transport.proxies().into(),
        only_proxies: matches!(config.transport, Transport::Loopback | Transport::Behind(_)),
        limits: config.limits,
        metrics: Arc::clone(&app.front.metrics),
    };
    let router = route::router(Arc::clone(&app));
    let server = tokio::spawn(listen::serve(door, router, closed, config.stop.patience));
    Ok(Handle { address, metrics, files, app, closing, stop: config.stop, server, besides })
}

/// Takes up changed certificates and keys by itself.
async fn look_after(files: Files) {
    loop {
        sleep(LOOK).await;
        files.app.front.forget();
        files.app.maintenance.read(&files.app.store).await;
        let is_stale = files.certificate.as_ref().is_some_and(|certificate| certificate.is_stale());
        if is_stale {
            tracing::info!("the certificate's files have changed");
            files.reload();
        } else if let Err(error) = files.app.receipts.reload() {
            files.app.front.metrics.stale_files.set(1);
            tracing::error!(%error, "the receipt keys cannot be read; the old ones are used");
        }
    }
}

async fn assemble(config: &Config, address: SocketAddr) -> Result<App, StartError> {
    let store = Store::open(&config.database).await?;
    let receipt_key = |source| StartError::Key { what: "the receipt key", source };
    let (issuer, demo) = match &config.issuer {
        Issuer::Demo { key } => {
            let url = format!("http://{address}/demo/oidc");
            let key = SigningKey::open_or_create(key)
                .map_err(|source| StartError::Key { what: "the demo issuer's key", source })?;
            if !config.receipt_key.is_dir() {
                SigningKey::open_or_create(&config.receipt_key).map_err(receipt_key)?;
            }
            let demo = DemoIssuer::new(url.clone(), config.client_id.clone(), config.audience.clone(), key);
            (url, Some(demo))
        }
        Issuer::External { url } => (url.clone(), None),
    };
    let verifier = Verifier::new(
        issuer.clone(),
        config.audience.clone(),
        config.roles_claim.clone(),
        http_client(&issuer).map_err(StartError::Client)?,
    );
    let verifier = Arc::new(verifier.for_at_most(config.longest_token_age));
    let mut metrics = Metrics::default();
    metrics.watch(store.clone(), Arc::clone(&verifier));
    Ok(App {
        store,
        verifier,
        receipts: ReceiptKeys::open(&config.receipt_key, config.receipt_keys_last).map_err(receipt_key)?,
        front: Arc::new(Front::new(config.limits, config.minimum_client.clone(), Arc::new(metrics))),
        maintenance: Notice::default(),
        about: app::about(config, &issuer),
        case_prefix: config.case_prefix.clone(),
        upload_time: config.retention.upload_time(),
        demo,
        definitions: Mutex::default(),
        stage: watch::channel(Stage::Running).0,
    })
}

/// For the issuer's keys. An issuer on this machine is asked past any proxy.
fn http_client(issuer: &str) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none());
    if issuer.starts_with("http://") { builder.no_proxy() } else { builder }.build()
}
