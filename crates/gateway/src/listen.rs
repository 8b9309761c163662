//! Connections: taking them in, TLS, bounds on how many and how slow, and letting them end.

use std::{convert::Infallible, io, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::{config::Limits, metrics::Metrics};

/// HTTP/2 requests that one connection may have open.
const STREAMS: u32 = 128;
/// Bytes of all headers of a request.
const HEADERS: u32 = 32 << 10;
/// A connection whose other end does not answer this is gone.
const PROBE: Duration = Duration::from_secs(20);

/// From where a request came: the client's address, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// How connections are taken in.
pub struct Door {
    pub listener: TcpListener,
    pub tls: Option<TlsAcceptor>,
    /// Whose word about the client's address is taken.
    pub proxies: Arc<[IpNet]>,
    /// Without TLS: whether only this computer and the proxies are let in.
    pub only_proxies: bool,
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
}

/// Takes in connections until `closing`, then lets those that stand come to an end, and cuts them off after `patience`.
pub async fn serve(door: Door, router: Router, mut closing: watch::Receiver<()>, patience: Duration) {
    let Door { listener, tls, proxies, only_proxies, limits, metrics } = door;
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            // Also when whoever could say so is gone.
            _ = closing.changed() => break,
            accepted = accept(&listener, &room) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, place, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: whoever waits is served when a connection has ended.
                tracing::error!(kind = %error.kind(), "a connection cannot be accepted");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if only_proxies && !address.is_loopback() && !is_among(&proxies, address) {
            metrics.turned_away.inc();
            continue;
        }
        let _ = stream.set_nodelay(true);
        let (watcher, tls, router) = (graceful.watcher(), tls.clone(), router.clone());
        let (proxies, metrics) = (Arc::clone(&proxies), Arc::clone(&metrics));
        connections.spawn(async move {
            let _place = place;
            let _counted = metrics.connection();
            let connection = async |stream: Box<dyn Stream>| {
                let builder = builder(&limits);
                let answer = hyper::service::service_fn(move |request| {
                    let request = from_whom(request, address, &proxies);
                    let router = router.clone();
                    async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_default()) }
                });
                // What ended it is the client's or the network's affair.
                let _ =
                    watcher.watch(builder.serve_connection(TokioIo::new(stream), answer).into_owned()).await;
            };
            match tls {
                None => connection(Box::new(stream)).await,
                Some(tls) => match timeout(limits.head_time, tls.accept(stream)).await {
                    Ok(Ok(stream)) => connection(Box::new(stream)).await,
                    Ok(Err(_)) | Err(_) => {
                        metrics.failed_handshakes.inc();
                    }
                },
            }
        });
    }
    drop(listener);
    if timeout(patience, graceful.shutdown()).await.is_err() {
        let requests = metrics.at_work.get();
        tracing::warn!(requests, "requests were cut off at the stop");
        connections.shutdown().await;
    }
}

/// Both ends of what TCP and TLS give.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit, IpAddr)> {
    let place = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    Ok((stream, place, address.ip().to_canonical()))
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(HEADERS as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(PROBE)
        .keep_alive_timeout(PROBE);
    builder
}

fn from_whom(request: hyper::Request<Incoming>, address: IpAddr, proxies: &[IpNet]) -> Request {
    let mut request = request.map(Body::new);
    let said = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect::<Vec<_>>();
    let client = client(address, &said, proxies);
    request.extensions_mut().insert(Peer(client));
    request
}

/// The last address that is not of a proxy of ours. What stands before it, anybody can have written.
fn client(address: IpAddr, said: &[&str], proxies: &[IpNet]) -> IpAddr {
    let mut client = address;
    for before in said.iter().rev() {
        if !is_among(proxies, client) {
            break;
        }
        let Ok(next) = before.parse::<IpAddr>() else { break };
        client = next.to_canonical();
    }
    client
}

fn is_among(proxies: &[IpNet], address: IpAddr) -> bool {
    proxies.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_of_ours_is_believed_about_whom_it_speaks_for() {
        let proxies = ["10.0.0.0/24".parse().unwrap()];
        let from =
            |address: &str, said: &[&str]| client(address.parse().unwrap(), said, &proxies).to_string();
        assert_eq!(from("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(from("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["1.1.1.1", "198.51.100.1", "10.0.0.2"]), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["198.51.100.1", "unknown"]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }
}
