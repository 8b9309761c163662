//! The work of a call: calls, drafts, protection, the outbox and the Desk that holds them together.
//!
//! No Tauri, no SQL, no HTTP: the outside comes in through [`ports`].

pub mod audit;
mod background;
pub mod call;
pub mod catalogue;
pub mod clock;
pub mod desk;
pub mod draft;
pub mod error;
pub mod idle;
mod indexing;
mod link;
pub mod locking;
pub mod memory;
pub mod outbox;
pub mod ports;
mod progress;
pub mod protection;
mod read_back;
pub mod retention;
pub mod search;
pub mod standing;
pub mod submission;
mod swedish;
pub mod view;
pub mod worker;
