//! What this machine's disk and loopback take, to read the other figures by.

use std::{
    fs::File,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
    time::Instant,
};

use anyhow::{Result, anyhow};

use crate::stats::{Times, elapsed};

const SYNCS: usize = 200;
const TRIPS: usize = 2_000;
/// A draft and a request are of this size.
const BYTES: usize = 4_096;

/// Appending 4 KB to a file and waiting until it is on the disk.
pub struct Syncs(File);

impl Syncs {
    pub fn in_folder(folder: &Path) -> Result<Self> {
        Ok(Self(tempfile::tempfile_in(folder)?))
    }

    /// Nanoseconds.
    pub fn one(&mut self) -> Result<u64> {
        let start = Instant::now();
        self.0.write_all(&[b'x'; BYTES])?;
        self.0.sync_data()?;
        Ok(elapsed(start))
    }
}

pub fn fdatasync(folder: &Path) -> Result<Times> {
    let mut syncs = Syncs::in_folder(folder)?;
    Times::of((0..SYNCS).map(|_| syncs.one()).collect::<Result<_>>()?)
}

/// Sending 4 KB over TCP to a thread of this process and getting them back.
pub fn loopback() -> Result<Times> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut here = TcpStream::connect(listener.local_addr()?)?;
    here.set_nodelay(true)?;
    let echo = thread::spawn(move || -> Result<()> {
        let (mut there, _) = listener.accept()?;
        there.set_nodelay(true)?;
        let mut bytes = [0; BYTES];
        for _ in 0..TRIPS {
            there.read_exact(&mut bytes)?;
            there.write_all(&bytes)?;
        }
        Ok(())
    });
    let mut times = Vec::with_capacity(TRIPS);
    let mut bytes = [b'x'; BYTES];
    for _ in 0..TRIPS {
        let start = Instant::now();
        here.write_all(&bytes)?;
        here.read_exact(&mut bytes)?;
        times.push(u64::try_from(start.elapsed().as_nanos())?);
    }
    echo.join().map_err(|_| anyhow!("the echo ended early"))??;
    Times::of(times)
}

/// Processor, number of cores and system, as far as the system says.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, key: &str, between: char| {
        let mut fields = text.lines().filter_map(|line| line.split_once(between));
        fields
            .find(|(name, _)| name.trim() == key)
            .map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let processor =
        field(&read("/proc/cpuinfo"), "model name", ':').unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let system = field(&read("/etc/os-release"), "PRETTY_NAME", '=')
        .unwrap_or_else(|| std::env::consts::OS.to_owned());
    let cores = thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{processor}, {cores} cores, {system}")
}
