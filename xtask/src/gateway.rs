//! The demo gateway as a process on loopback.

use std::{
    fs::File,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{process::Process, workspace};

pub const DEFAULT_PORT: u16 = 7410;
const PATIENCE: Duration = Duration::from_secs(30);

/// A running demo gateway.
pub struct Gateway {
    pub url: String,
    process: Process,
}

impl Gateway {
    /// Starts it and waits until it is healthy. What it logs goes into `log`.
    pub fn start(port: u16, data: &Path, log: &Path) -> Result<Self> {
        let port = free_port(port)?;
        std::fs::create_dir_all(data)?;
        let output = File::create(log)?;
        let mut command = Command::new(workspace::built("ledsaga-gateway")?);
        command.args(["--demo", "--port", &port.to_string(), "--data"]).arg(data);
        command.stdout(output.try_clone()?).stderr(output);
        let mut gateway =
            Self { url: format!("http://127.0.0.1:{port}"), process: Process::start(&mut command)? };
        gateway.await_health(port, log)?;
        Ok(gateway)
    }

    fn await_health(&mut self, port: u16, log: &Path) -> Result<()> {
        let started = Instant::now();
        while !healthy(port) {
            if let Some(status) = self.process.ended()? {
                bail!("the gateway ended with {status}; see {}", log.display());
            }
            ensure!(started.elapsed() < PATIENCE, "the gateway is not healthy after {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// The wanted port, or another one when it is taken; for 0 any that is free.
fn free_port(wanted: u16) -> Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if wanted != 0 && bind(wanted).is_ok() {
        return Ok(wanted);
    }
    let port = bind(0).context("no port can be opened on loopback")?.local_addr()?.port();
    if wanted != 0 {
        println!("   port {wanted} is taken; {port} instead");
    }
    Ok(port)
}

/// Whether `GET /health` answers 200.
fn healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let host = format!("127.0.0.1:{port}");
        stream.write_all(
            format!("GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers one connection with `answer` and gives the port.
    fn answering(answer: &'static str) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(answer.as_bytes());
        });
        port
    }

    #[test]
    fn a_taken_port_is_replaced() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = taken.local_addr().unwrap().port();
        assert_ne!(free_port(wanted).unwrap(), wanted);
    }

    #[test]
    fn only_200_is_healthy() {
        assert!(healthy(answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")));
        assert!(!healthy(answering("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")));
        let nobody = free_port(0).unwrap();
        assert!(!healthy(nobody));
    }
}
