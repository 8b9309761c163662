//! The way to the municipality: sign-in in the system browser, the signed-in account, and the client of the municipal
//! API with receipts that are proved before they are believed.
//!
//! No request follows a redirect, carries a cookie or goes over plain HTTP to another computer.

mod about;
mod account;
mod address;
mod answer;
mod audit;
mod changes;
mod client;
mod encode;
mod http;
mod issuer;
mod network;
mod policy;
mod receipt;
mod retry_after;
mod roots;
mod secret;
mod services;
mod sign_in;
mod upload;

pub use about::{Presence, about, presence};
pub use account::{Account, SignedOut};
pub use client::Client;
pub use http::Timeouts;
pub use ledsaga_protocol::{About, PROTECTED_IDLE_MINUTES, PinRule, Policy};
pub use policy::{PolicyFile, retention_limits};
pub use roots::{Roots, RootsError};
pub use sign_in::{PendingSignIn, SignIn, SignInError, SignInOptions};
