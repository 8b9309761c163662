//! A bad network: a TCP proxy on loopback that spoils connections in a known way, and a road that can be closed.

use std::{
    collections::VecDeque,
    future::pending,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

/// What happens to one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The connection ends when this many bytes of what the client says have passed.
    CutRequest(u64),
    /// The connection ends when this many bytes of what the server says have passed.
    CutResponse(u64),
    /// As [`Fault::CutRequest`], but silence instead of an end: half open, the server never hears that nobody is there.
    HangRequest(u64),
    /// As [`Fault::CutResponse`], but silence instead of an end.
    HangResponse(u64),
    /// The client is reset when it has begun to speak; the server hears nothing.
    Reset,
    /// The server hears everything twice, on two connections; the client hears the first answer.
    SaidTwice,
    /// The client hears the first answer twice.
    AnsweredTwice,
    /// Everything comes so many milliseconds late.
    Delay(u64),
    /// What the client says passes byte by byte, so many milliseconds apart (slow-loris).
    TrickleRequest(u64),
    /// What the server says passes byte by byte.
    TrickleResponse(u64),
    /// Somebody else answers with a page to sign in on, as hotels do; the server hears nothing.
    Portal,
}

/// What the way is like for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    Open,
    /// Nobody listens, and every connection has broken.
    Refused,
    /// The cable is pulled: nothing breaks, and nothing passes.
    Silent,
}

/// Closes the road in the middle of the next request that begins with these words, such as `PUT /v1/contacts/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trap {
    pub request: &'static str,
    pub cut: Cut,
}

/// Where a trap cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// When this many bytes of the request have passed.
    Request(u64),
    /// When the request has passed whole, and this many bytes of its answer.
    Answer(u64),
}

/// Listens until it is dropped. The first connection meets the first fault, and so on; after the last fault every
/// connection is good.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    /// Connections go to them by turns, past those that do not listen.
    servers: Vec<SocketAddr>,
    turn: AtomicUsize,
    /// Bytes that have passed on all connections.
    to_server: AtomicU64,
    to_client: AtomicU64,
    plan: Mutex<VecDeque<Fault>>,
    road: watch::Sender<Road>,
    trap: Mutex<Option<Trap>>,
    sprung: watch::Sender<usize>,
}

impl Proxy {
    pub async fn start(server: SocketAddr, plan: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        Self::before(vec![server], plan).await
    }

    /// Before several servers that are one service.
    pub async fn before(servers: Vec<SocketAddr>, plan: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            servers,
            turn: AtomicUsize::new(0),
            to_server: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
            plan: Mutex::new(plan.into_iter().collect()),
            road: watch::Sender::new(Road::Open),
            trap: Mutex::new(None),
            sprung: watch::Sender::new(0),
        });
        let listening = tokio::spawn(listen(listener, address, Arc::clone(&shared)));
        Ok(Self { address, shared, listening })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes to the server and to the client so far.
    pub fn passed(&self) -> (u64, u64) {
        (self.shared.to_server.load(Ordering::SeqCst), self.shared.to_client.load(Ordering::SeqCst))
    }

    /// Faults that no connection has met yet.
    pub fn left(&self) -> usize {
        lock(&self.shared.plan).len()
    }

    pub fn set_road(&self, road: Road) {
        self.shared.road.send_replace(road);
    }

    /// The road is closed by the next such request.
    pub fn set_trap(&self, trap: Trap) {
        *lock(&self.shared.trap) = Some(trap);
    }

    /// Waits until a trap has closed the road, this one being the `count`th that did.
    pub async fn sprung(&self, count: usize) {
        // The sender is ours.
        let _ = self.shared.sprung.subscribe().wait_for(|sprung| *sprung >= count).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let mut road = shared.road.subscribe();
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            changed = road.changed() => {
                if changed.is_err() {
                    return;
                }
                if *road.borrow_and_update() == Road::Refused {
                    listener = None;
                    connections.shutdown().await;
                } else if listener.is_none() {
                    // Whoever took the port meanwhile goes away again.
                    while listener.is_none() {
                        listener = TcpListener::bind(address).await.ok();
                        tokio::task::yield_now().await;
                    }
                }
            }
            client = accept(listener.as_ref()) => {
                let fault = lock(&shared.plan).pop_front().unwrap_or(Fault::None);
                // A connection that breaks is what this is for.
                connections.spawn(carry(client, Arc::clone(&shared), fault));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return pending().await };
    loop {
        if let Ok((client, _)) = listener.accept().await {
            return client;
        }
        tokio::task::yield_now().await;
    }
}

impl Shared {
    async fn connect(&self) -> io::Result<TcpStream> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut outcome = Err(io::ErrorKind::ConnectionRefused.into());
        for place in 0..self.servers.len() {
            outcome = TcpStream::connect(self.servers[(first + place) % self.servers.len()]).await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// The trap that this piece of what a client says is caught in.
    fn caught(&self, piece: &[u8]) -> Option<Cut> {
        let mut trap = lock(&self.trap);
        let caught = trap.is_some_and(|trap| piece.starts_with(trap.request.as_bytes()));
        if caught { trap.take().map(|trap| trap.cut) } else { None }
    }

    fn spring(&self) {
        self.road.send_replace(Road::Refused);
        self.sprung.send_modify(|count| *count += 1);
    }

    async fn until_passable(&self) {
        // The sender is here.
        let _ = self.road.subscribe().wait_for(|road| *road != Road::Silent).await;
    }
}

async fn carry(mut client: TcpStream, shared: Arc<Shared>, fault: Fault) -> io::Result<()> {
    match fault {
        Fault::Reset => {
            client.read_u8().await?;
            return client.set_zero_linger();
        }
        Fault::Portal => return portal(client).await,
        _ => {}
    }
    shared.until_passable().await;
    let (mut from_server, mut to_server) = shared.connect().await?.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let twin = match fault {
        Fault::SaidTwice => Some(shared.connect().await?.into_split()),
        _ => None,
    };
    let (mut twin_answers, twin_hears) = match twin {
        Some((answers, hears)) => (Some(answers), Some(hears)),
        None => (None, None),
    };
    let (mut there, mut back) =
        (Lane::new(&shared, &shared.to_server), Lane::new(&shared, &shared.to_client));
    match fault {
        Fault::CutRequest(bytes) | Fault::HangRequest(bytes) => there.left = bytes,
        Fault::CutResponse(bytes) | Fault::HangResponse(bytes) => back.left = bytes,
        Fault::Delay(ms) => (there.late, back.late) = (ms, ms),
        Fault::TrickleRequest(ms) => (there.late, there.bit_by_bit) = (ms, true),
        Fault::TrickleResponse(ms) => (back.late, back.bit_by_bit) = (ms, true),
        _ => {}
    }
    // How much of the next answer may pass once a trap has caught its request.
    let answer_left = AtomicU64::new(u64::MAX);

    let request = async {
        let mut also = twin_hears;
        let end = there.carry_requests(&mut from_client, &mut to_server, also.as_mut(), &answer_left).await?;
        if matches!(fault, Fault::HangRequest(_)) && end == End::Limit {
            // Until the client gives up.
            tokio::io::copy(&mut from_client, &mut tokio::io::sink()).await?;
            return Ok(End::Limit);
        }
        to_server.shutdown().await?;
        io::Result::Ok(end)
    };
    let response = async {
        if fault == Fault::AnsweredTwice {
            let answer = first_answer(&mut from_server).await?;
            to_client.write_all(&answer.repeat(2)).await?;
        }
        let end = back.carry_answers(&mut from_server, &mut to_client, &answer_left).await?;
        if matches!(fault, Fault::HangResponse(_)) && end == End::Limit {
            // Until the client gives up, and with it the other direction.
            pending::<()>().await;
        }
        io::Result::Ok(end)
    };
    let unheard = async {
        if let Some(answers) = &mut twin_answers {
            tokio::io::copy(answers, &mut tokio::io::sink()).await?;
        }
        pending::<io::Result<End>>().await
    };
    tokio::pin!(request, response, unheard);
    let first = tokio::select! {
        end = &mut request => end?,
        end = &mut response => { end?; End::Limit }
        end = &mut unheard => end?,
    };
    if first == End::Closed && !matches!(fault, Fault::HangResponse(_)) {
        response.await?;
    }
    Ok(())
}

/// As a hotel's network answers to whoever has not signed in there.
async fn portal(mut client: TcpStream) -> io::Result<()> {
    const PAGE: &str = "<html><title>Välkommen till Hotell Exempel</title>Logga in för att surfa.</html>";
    // However much of the question has come: it gets the same page.
    let _ = client.read(&mut [0; 64 * 1024]).await?;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
    let length = PAGE.len();
    client.write_all(format!("{head}content-length: {length}\r\n\r\n{PAGE}").as_bytes()).await?;
    client.shutdown().await?;
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The sender has said everything.
    Closed,
    /// As much as may pass has passed.
    Limit,
}

/// One direction of a connection.
struct Lane<'a> {
    shared: &'a Shared,
    passed: &'a AtomicU64,
    /// Bytes that may still pass.
    left: u64,
    /// Milliseconds that each piece is held back.
    late: u64,
    /// Pieces are single bytes.
    bit_by_bit: bool,
}

impl<'a> Lane<'a> {
    fn new(shared: &'a Shared, passed: &'a AtomicU64) -> Self {
        Self { shared, passed, left: u64::MAX, late: 0, bit_by_bit: false }
    }

    async fn carry_requests(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        mut also: Option<&mut (impl AsyncWrite + Unpin)>,
        answer_left: &AtomicU64,
    ) -> io::Result<End> {
        let mut piece = vec![0; 64 * 1024];
        // How much of a request that a trap has caught may still pass.
        let mut caught = u64::MAX;
        loop {
            let Some(read) = self.read(from, &mut piece).await? else { return Ok(End::Limit) };
            if read == 0 {
                return Ok(End::Closed);
            }
            // A client says nothing new before it has its answer, so that a request begins with a piece.
            match self.shared.caught(&piece[..read]) {
                Some(Cut::Request(bytes)) => caught = bytes,
                Some(Cut::Answer(bytes)) => answer_left.store(bytes, Ordering::SeqCst),
                None => {}
            }
            let passes = read.min(usize::try_from(caught).unwrap_or(usize::MAX));
            self.write(to, &piece[..passes]).await?;
            if let Some(also) = &mut also {
                also.write_all(&piece[..passes]).await?;
            }
            caught = caught.saturating_sub(if caught == u64::MAX { 0 } else { passes as u64 });
            if caught == 0 {
                self.shared.spring();
                return pending().await;
            }
        }
    }

    async fn carry_answers(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        answer_left: &AtomicU64,
    ) -> io::Result<End> {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let Some(read) = self.read(from, &mut piece).await? else { return Ok(End::Limit) };
            if read == 0 {
                return Ok(End::Closed);
            }
            let caught = answer_left.load(Ordering::SeqCst);
            let passes = read.min(usize::try_from(caught).unwrap_or(usize::MAX));
            self.write(to, &piece[..passes]).await?;
            if caught <= read as u64 {
                to.flush().await?;
                self.shared.spring();
                return pending().await;
            }
            if caught != u64::MAX {
                answer_left.store(caught - read as u64, Ordering::SeqCst);
            }
        }
    }

    /// `None` when no more may pass.
    async fn read(&self, from: &mut (impl AsyncRead + Unpin), piece: &mut [u8]) -> io::Result<Option<usize>> {
        if self.left == 0 {
            return Ok(None);
        }
        let most = piece.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        Ok(Some(from.read(&mut piece[..most]).await?))
    }

    async fn write(&mut self, to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(if self.bit_by_bit { 1 } else { bytes.len().max(1) }) {
            if self.late > 0 {
                sleep(Duration::from_millis(self.late)).await;
            }
            self.shared.until_passable().await;
            to.write_all(part).await?;
            self.passed.fetch_add(part.len() as u64, Ordering::SeqCst);
        }
        self.left -= bytes.len() as u64;
        Ok(())
    }
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
