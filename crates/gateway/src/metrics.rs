//! What the gateway counts, for Prometheus. Nothing of anybody: routes by their pattern, never by their path.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text::encode},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::Registry,
};
use tokio::net::TcpListener;

use crate::{store::Store, verifier::Verifier};

/// Upper bounds in seconds. An answer should take less than 0.05.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    route: String,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
    code: String,
}

type Histograms = Family<OfRoute, Histogram, fn() -> Histogram>;

/// The counters of one gateway.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Histograms,
    refusals: Family<Refused, Counter>,
    filings: Family<Outcome, Counter>,
    received: Family<OfRoute, Counter>,
    pub at_work: Gauge,
    pub queued: Gauge,
    /// Questions for changes that are held open.
    pub waiters: Gauge,
    connections: Gauge,
    /// Connections from where none may come.
    pub turned_away: Counter,
    pub failed_handshakes: Counter,
    /// 1 while the certificate's or the keys' files cannot be used and the old ones serve.
    pub stale_files: Gauge,
    pub maintenance: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let mut metrics = Self {
            registry: Registry::with_prefix("ledsaga"),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            refusals: Family::default(),
            filings: Family::default(),
            received: Family::default(),
            at_work: Gauge::default(),
            queued: Gauge::default(),
            waiters: Gauge::default(),
            connections: Gauge::default(),
            turned_away: Counter::default(),
            failed_handshakes: Counter::default(),
            stale_files: Gauge::default(),
            maintenance: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
        registry.register("requests", "Requests by route, method and status", metrics.requests.clone());
        registry.register(
            "request_duration_seconds",
            "From the request's head to its answer",
            metrics.durations.clone(),
        );
        registry.register("refusals", "Answers with a problem, by its code", metrics.refusals.clone());
        registry.register(
            "filings",
            "Submissions that became cases, were cases already, or were refused",
            metrics.filings.clone(),
        );
        registry.register("received_bytes", "Bytes of bodies that came in", metrics.received.clone());
        registry.register("requests_at_work", "Requests that are being worked on", metrics.at_work.clone());
        registry.register("requests_queued", "Requests that wait for their turn", metrics.queued.clone());
        registry.register("change_waiters", "Questions for changes held open", metrics.waiters.clone());
        registry.register("connections", "Connections that are open", metrics.connections.clone());
        registry.register(
            "connections_turned_away",
            "Connections past the reverse proxies",
            metrics.turned_away.clone(),
        );
        registry.register("tls_failures", "Handshakes that failed", metrics.failed_handshakes.clone());
        registry.register(
            "stale_files",
            "1 while a changed certificate or key cannot be used",
            metrics.stale_files.clone(),
        );
        registry.register("maintenance", "1 while closed for planned work", metrics.maintenance.clone());
        metrics
    }
}

/// Lowers a gauge again when it is dropped.
pub struct Counted<'a>(&'a Gauge);

impl<'a> Counted<'a> {
    pub fn new(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    pub fn connection(&self) -> Counted<'_> {
        Counted::new(&self.connections)
    }

    /// One request has been answered, with this problem if it was one.
    pub fn answered(
        &self,
        route: &str,
        method: &Method,
        status: StatusCode,
        problem: Option<&str>,
        took: Duration,
    ) {
        let (route, method) = (route.to_owned(), known(method));
        if let Some(code) = problem {
            self.refusals.get_or_create(&Refused { route: route.clone(), code: code.to_owned() }).inc();
        }
        if route == "/v1/submissions/{id}" && method == "PUT" {
            let outcome = match status {
                StatusCode::CREATED => "new",
                StatusCode::OK => "replayed",
                _ => "refused",
            };
            let code = problem.unwrap_or_default().to_owned();
            self.filings.get_or_create(&Outcome { outcome, code }).inc();
        }
        self.durations.get_or_create(&OfRoute { route: route.clone(), method }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { route, method, status: status.as_u16() }).inc();
    }

    /// Counts the bytes of this route's bodies.
    pub fn received(&self, route: &str, method: &Method) -> Counter {
        self.received.get_or_create_owned(&OfRoute { route: route.to_owned(), method: known(method) })
    }

    /// Also shows how the database and the issuer's keys are, asked at each scrape.
    pub fn watch(&mut self, store: Store, verifier: Arc<Verifier>) {
        self.registry.register_collector(Box::new(Surroundings { store, verifier }));
    }

    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Anybody can make up a method.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

struct Surroundings {
    store: Store,
    verifier: Arc<Verifier>,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(..)")
    }
}

impl Collector for Surroundings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let pool = self.store.pool_state();
        let (fetched, failed) = self.verifier.fetches();
        for (name, help, value) in [
            ("database_connections", "Connections to the database", i64::from(pool.open)),
            ("database_connections_idle", "Of them those that nobody uses", i64::from(pool.idle)),
            ("database_connections_limit", "The most that there may be", i64::from(pool.limit)),
        ] {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        for (name, help, value) in [
            ("issuer_key_fetches", "The issuer's keys were fetched", fetched),
            ("issuer_key_failures", "The issuer's keys could not be fetched", failed),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}

/// Shows the metrics on a listener of their own, until `serve`'s future is dropped.
pub struct Exposition {
    listener: TcpListener,
    metrics: Arc<Metrics>,
}

impl Exposition {
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(address: SocketAddr, metrics: Arc<Metrics>) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, metrics })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub async fn serve(self) {
        let router = Router::new().route("/metrics", get(show)).with_state(self.metrics);
        if axum::serve(self.listener, router).await.is_err() {
            tracing::error!("the metrics' listener ended by itself");
        }
    }
}

async fn show(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
