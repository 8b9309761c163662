//! The municipal backend: takes in submissions, contact records and files, and publishes e-services.
//!
//! [`serve`] starts it within any process; the binary adds only the command line.

mod access;
mod app;
mod case_number;
mod catalogue;
mod config;
mod demo;
mod envelope;
mod export;
mod judgement;
mod refusal;
mod retention;
mod route;
mod serve;
mod signing;
mod store;
mod upkeep;
mod verifier;
mod worker;

pub use catalogue::CatalogueError;
pub use config::{Catalogue, Config, ConfigError, DEFAULT_PORT, Issuer, sqlite_url};
pub use export::{ExportError, case_xml};
pub use retention::{KINDS, Kind, Retention, RetentionFault};
pub use serve::{Handle, StartError, serve};
pub use signing::{KeyError, SigningKey};
pub use store::{CaseLine, CaseLook, Certificate, Due, LogFault, LogState, Move, OpenError, Store};
