//! Starting and stopping.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use crate::{
    app::{self, App},
    catalogue::{self, CatalogueError},
    config::{Config, Issuer},
    demo::DemoIssuer,
    route,
    signing::{KeyError, SigningKey},
    store::{OpenError, Store},
    upkeep,
    verifier::Verifier,
};

/// How long requests that have begun may take when we are asked to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {0} is already in use; choose another with --port")]
    PortInUse(u16),
    #[error("cannot listen: {0}")]
    Listen(#[source] io::Error),
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
    app: Arc<App>,
    stop: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Handle {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests wait for changes right now.
    pub fn waiting(&self) -> usize {
        self.app.store.waiting()
    }

    /// Takes no more requests, lets those that have begun come to an end, and closes the database.
    pub async fn stop(mut self) {
        self.app.stopping.store(true, Ordering::Relaxed);
        self.app.store.wake_all();
        let _ = self.stop.send(());
        if timeout(PATIENCE, &mut self.server).await.is_err() {
            tracing::warn!("requests were cut off at the stop");
            self.server.abort();
        }
        self.app.store.close().await;
    }
}

/// Starts a gateway; it accepts requests when this returns.
///
/// # Errors
/// [`StartError`], with words for the one who starts it.
pub async fn serve(config: Config) -> Result<Handle, StartError> {
    // Another part of this process may have chosen the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let listener =
        TcpListener::bind((config.host, config.port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse(config.port),
            _ => StartError::Listen(error),
        })?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let app = Arc::new(assemble(&config, address).await?);
    catalogue::publish(&app.store, &config.catalogue, config.is_demo()).await?;

    upkeep::keep_clean(&app.store, &config.retention).await;

    let (stop, mut stopped) = watch::channel(());
    upkeep::begin(app.store.clone(), config.retention.clone(), stopped.clone());
    let router = route::router(Arc::clone(&app));
    let server = tokio::spawn(async move {
        let until = async move {
            // Ends at the word to stop, and when the handle is gone.
            let _ = stopped.changed().await;
        };
        if axum::serve(listener, router).with_graceful_shutdown(until).await.is_err() {
            tracing::error!("the server ended by itself");
        }
    });
    Ok(Handle { address, app, stop, server })
}

async fn assemble(config: &Config, address: SocketAddr) -> Result<App, StartError> {
    let store = Store::open(&config.database).await?;
    let receipt_key = |opened: Result<SigningKey, KeyError>| {
        opened.map_err(|source| StartError::Key { what: "the receipt key", source })
    };
    let (issuer, receipts, demo) = match &config.issuer {
        Issuer::Demo { key } => {
            let url = format!("http://{address}/demo/oidc");
            let key = SigningKey::open_or_create(key)
                .map_err(|source| StartError::Key { what: "the demo issuer's key", source })?;
            let demo = DemoIssuer::new(url.clone(), config.client_id.clone(), config.audience.clone(), key);
            (url, receipt_key(SigningKey::open_or_create(&config.receipt_key))?, Some(demo))
        }
        Issuer::External { url } => (url.clone(), receipt_key(SigningKey::open(&config.receipt_key))?, None),
    };
    Ok(App {
        store,
        verifier: Verifier::new(
            issuer.clone(),
            config.audience.clone(),
            config.roles_claim.clone(),
            http_client(&issuer).map_err(StartError::Client)?,
        )
        .for_at_most(config.longest_token_age),
        receipts,
        about: app::about(config, &issuer),
        case_prefix: config.case_prefix.clone(),
        upload_time: config.retention.upload_time(),
        demo,
        definitions: Mutex::default(),
        stopping: AtomicBool::new(false),
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
