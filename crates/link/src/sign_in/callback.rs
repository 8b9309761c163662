//! The loopback address that the browser is sent back to (RFC 8252, section 7.3).

use std::{io, net::Ipv4Addr, time::Duration};

use ledsaga_protocol::digest;
use reqwest::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::page::Page;

const PATH: &str = "/callback";
/// Bytes of a request's head; a browser sends one or two thousand.
const HEAD_LIMIT: usize = 16 * 1024;
/// Browsers open connections ahead of need; one that stays silent is let go.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Connections read at the same time.
const CONNECTIONS: usize = 32;

/// Listens on a free port of this computer from when it is made until it is dropped.
pub struct Listener {
    listener: TcpListener,
    port: u16,
}

/// The browser, back from the issuer with the state that it was sent off with.
pub struct Redirected {
    pub code: Option<String>,
    pub error: Option<String>,
    /// RFC 9207.
    pub iss: Option<String>,
    stream: Option<TcpStream>,
}

/// The browser while it waits for a page.
pub struct Browser(Option<TcpStream>);

impl Listener {
    pub async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// Waits for the redirect with this state; every other request gets a page of its own and changes nothing.
    pub async fn redirected(&self, state: &str) -> io::Result<Redirected> {
        let mut reading = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if reading.len() < CONNECTIONS => {
                    let (stream, _) = accepted?;
                    reading.spawn(tokio::time::timeout(HEAD_TIME, read(stream)));
                }
                Some(read) = reading.join_next() => {
                    let Ok(Ok(Some((stream, request)))) = read else { continue };
                    match request {
                        Request::Redirect(answer) if answer.is_for(state) => {
                            return Ok(Redirected {
                                code: answer.code,
                                error: answer.error,
                                iss: answer.iss,
                                stream: Some(stream),
                            });
                        }
                        Request::Redirect(_) => Browser(Some(stream)).show(Page::NotOurs).await,
                        Request::Other => Browser(Some(stream)).show(Page::NotFound).await,
                    }
                }
            }
        }
    }
}

impl Redirected {
    pub fn browser(&mut self) -> Browser {
        Browser(self.stream.take())
    }
}

impl Browser {
    /// Best effort: the outcome does not depend on what the browser shows.
    pub async fn show(self, page: Page) {
        let Some(mut stream) = self.0 else { return };
        let sent = async {
            stream.write_all(page.response().as_bytes()).await?;
            stream.shutdown().await
        };
        let _ = tokio::time::timeout(HEAD_TIME, sent).await;
    }
}

enum Request {
    Redirect(Answer),
    Other,
}

/// The redirect's parameters.
#[derive(Default)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

impl Answer {
    /// Compared by digest, so that the time it takes says nothing.
    fn is_for(&self, state: &str) -> bool {
        self.state
            .as_ref()
            .is_some_and(|given| digest::hex(given.as_bytes()) == digest::hex(state.as_bytes()))
    }
}

/// One request's head. `None` when the connection ends before it, or when it is too long.
async fn read(mut stream: TcpStream) -> Option<(TcpStream, Request)> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_LIMIT || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let line = head.split(|b| *b == b'\r').next().unwrap_or_default();
    let request = parse(std::str::from_utf8(line).ok()?);
    Some((stream, request))
}

/// A parameter that comes twice makes the request none of ours (RFC 6749, section 3.1).
fn parse(line: &str) -> Request {
    let mut words = line.split(' ');
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else { return Request::Other };
    let Ok(url) = Url::parse(&format!("http://127.0.0.1{target}")) else { return Request::Other };
    if url.path() != PATH || !target.starts_with(PATH) {
        return Request::Other;
    }
    let mut answer = Answer::default();
    for (name, value) in url.query_pairs() {
        let slot = match name.as_ref() {
            "state" => &mut answer.state,
            "code" => &mut answer.code,
            "error" => &mut answer.error,
            "iss" => &mut answer.iss,
            _ => continue,
        };
        if slot.replace(value.into_owned()).is_some() {
            return Request::Other;
        }
    }
    Request::Redirect(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(line: &str) -> Option<Answer> {
        match parse(line) {
            Request::Redirect(answer) => Some(answer),
            Request::Other => None,
        }
    }

    #[test]
    fn reads_the_redirect() {
        let answer = answer("GET /callback?code=a%2Fb&state=s&iss=https%3A%2F%2Fi.example HTTP/1.1").unwrap();
        assert_eq!(answer.code.as_deref(), Some("a/b"));
        assert_eq!(answer.iss.as_deref(), Some("https://i.example"));
        assert!(answer.is_for("s") && !answer.is_for("S") && !answer.is_for(""));
    }

    #[test]
    fn everything_else_is_something_else() {
        for line in [
            "GET /favicon.ico HTTP/1.1",
            "GET /callback/x?state=s HTTP/1.1",
            "GET @evil.example/callback?state=s HTTP/1.1",
            "GET //callback?state=s HTTP/1.1",
            "POST /callback?state=s HTTP/1.1",
            "GET /callback?state=s&state=t HTTP/1.1",
            "GET",
            "",
        ] {
            assert!(answer(line).is_none(), "{line}");
        }
        assert!(!answer("GET /callback HTTP/1.1").unwrap().is_for(""));
    }
}
