//! How much the gateway takes on at once.

use std::{num::NonZeroU32, time::Duration};

/// So many in a second, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

/// What is beyond a limit is answered 429 or 503 with `Retry-After`, and the application comes back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at the same time; further ones wait until one is closed.
    pub connections: usize,
    /// Requests that are worked on at the same time.
    pub at_work: usize,
    /// Requests that wait for their turn; beyond it 503 `overloaded`.
    pub queue: usize,
    /// The longest that one waits for its turn.
    pub queue_wait: Duration,
    /// Questions for changes that are held open at the same time.
    pub waiters: usize,
    /// Of one signed-in worker.
    pub per_worker: Option<Rate>,
    /// Of one address (IPv6: one /64), before anybody is signed in.
    pub per_address: Option<Rate>,
    /// Until the whole head of a request has come; also how long an HTTP/1.1 connection may be idle.
    pub head_time: Duration,
    /// The longest silence in the middle of a body.
    pub body_silence: Duration,
    /// Bytes in a second that a body must bring on the average, once it has taken as long as a silence may.
    pub body_rate: u64,
}

impl Limits {
    /// For a demo and for measurements on one computer: no rates.
    pub const DEMO: Self = Self {
        connections: 4096,
        at_work: 512,
        queue: 4096,
        queue_wait: Duration::from_secs(10),
        waiters: 4096,
        per_worker: None,
        per_address: None,
        head_time: Duration::from_secs(30),
        body_silence: Duration::from_secs(10),
        body_rate: 1024,
    };
}
