//! The Desk as the shell sees it, against a municipality and a store that misbehave on demand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod cases;
mod crash;
mod finding;
mod fixture;
mod history;
mod keeping;
mod log;
mod outbox;
mod peers;
mod protection;
mod search;
mod sending;
mod server;
mod standing;
mod store;
mod trouble;
mod versions;
mod withdrawing;
