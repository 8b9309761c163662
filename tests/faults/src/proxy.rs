//! A bad network: a TCP proxy on loopback that spoils connections in a known way.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What happens to one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The connection ends when this many bytes of what the client says have passed.
    CutRequest(u64),
    /// The connection ends when this many bytes of what the server says have passed.
    CutResponse(u64),
    /// As [`Fault::CutResponse`], but silence instead of an end.
    HangResponse(u64),
    /// The client is reset when it has begun to speak; the server hears nothing.
    Reset,
    /// The server hears everything twice, on two connections; the client hears the first answer.
    SaidTwice,
    /// The client hears the first answer twice.
    AnsweredTwice,
}

/// Listens until it is dropped. The first connection meets the first fault, and so on; after the last fault every
/// connection is good.
pub struct Proxy {
    address: SocketAddr,
    passed: Arc<Passed>,
    plan: Arc<Mutex<VecDeque<Fault>>>,
    listening: JoinHandle<()>,
}

/// Bytes that have passed on all connections.
#[derive(Default)]
struct Passed {
    to_server: AtomicU64,
    to_client: AtomicU64,
}

impl Proxy {
    pub async fn start(server: SocketAddr, plan: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let passed = Arc::new(Passed::default());
        let plan = Arc::new(Mutex::new(plan.into_iter().collect::<VecDeque<_>>()));
        let (counting, faults) = (passed.clone(), plan.clone());
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fault = faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                // A connection that breaks is what this is for.
                tokio::spawn(carry(client, server, fault.unwrap_or(Fault::None), counting.clone()));
            }
        });
        Ok(Self { address, passed, plan, listening })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Bytes to the server and to the client so far.
    pub fn passed(&self) -> (u64, u64) {
        (self.passed.to_server.load(Ordering::SeqCst), self.passed.to_client.load(Ordering::SeqCst))
    }

    /// Faults that no connection has met yet.
    pub fn left(&self) -> usize {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn carry(
    mut client: TcpStream,
    server: SocketAddr,
    fault: Fault,
    passed: Arc<Passed>,
) -> io::Result<()> {
    if fault == Fault::Reset {
        client.read_u8().await?;
        return client.set_zero_linger();
    }
    let (mut from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let twin = match fault {
        Fault::SaidTwice => Some(TcpStream::connect(server).await?.into_split()),
        _ => None,
    };
    let (mut twin_answers, twin_hears) = match twin {
        Some((answers, hears)) => (Some(answers), Some(hears)),
        None => (None, None),
    };
    let (request_limit, response_limit) = match fault {
        Fault::CutRequest(bytes) => (bytes, u64::MAX),
        Fault::CutResponse(bytes) | Fault::HangResponse(bytes) => (u64::MAX, bytes),
        _ => (u64::MAX, u64::MAX),
    };
    let silenced = matches!(fault, Fault::HangResponse(_));

    let request = async {
        let mut also = twin_hears;
        let end =
            pass(&mut from_client, &mut to_server, also.as_mut(), request_limit, &passed.to_server).await?;
        to_server.shutdown().await?;
        io::Result::Ok(end)
    };
    let response = async {
        if fault == Fault::AnsweredTwice {
            let answer = first_answer(&mut from_server).await?;
            to_client.write_all(&answer.repeat(2)).await?;
        }
        let none = None::<&mut TcpStream>;
        let end = pass(&mut from_server, &mut to_client, none, response_limit, &passed.to_client).await?;
        if silenced && end == End::Limit {
            // Until the client gives up, and with it the other direction.
            std::future::pending::<()>().await;
        }
        io::Result::Ok(end)
    };
    let unheard = async {
        if let Some(answers) = &mut twin_answers {
            tokio::io::copy(answers, &mut tokio::io::sink()).await?;
        }
        std::future::pending::<io::Result<End>>().await
    };
    tokio::pin!(request, response, unheard);
    let first = tokio::select! {
        end = &mut request => end?,
        end = &mut response => { end?; End::Limit }
        end = &mut unheard => end?,
    };
    if first == End::Closed && !silenced {
        response.await?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The sender has said everything.
    Closed,
    /// As much as may pass has passed.
    Limit,
}

/// One HTTP answer, whole: its head, and as much body as the head says.
async fn first_answer(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(from.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body).await?;
    answer.extend(body);
    Ok(answer)
}

/// Passes bytes on as they come, to `also` too, until the end or `limit`.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut also: Option<&mut (impl AsyncWrite + Unpin)>,
    limit: u64,
    passed: &AtomicU64,
) -> io::Result<End> {
    let mut left = limit;
    let mut piece = vec![0; 64 * 1024];
    while left > 0 {
        let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = from.read(&mut piece[..most]).await?;
        if read == 0 {
            return Ok(End::Closed);
        }
        to.write_all(&piece[..read]).await?;
        if let Some(also) = &mut also {
            also.write_all(&piece[..read]).await?;
        }
        passed.fetch_add(read as u64, Ordering::SeqCst);
        left -= read as u64;
    }
    Ok(End::Limit)
}
