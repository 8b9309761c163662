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
mod front;
mod judgement;
mod listen;
mod log;
mod maintenance;
mod metrics;
mod openapi;
mod pace;
mod proved_tokens;
mod receipt_keys;
mod receipt_proof;
mod refusal;
mod retention;
mod route;
mod serve;
mod signing;
mod store;
mod tls;
mod upkeep;
mod verifier;
mod worker;

pub use catalogue::CatalogueError;
pub use config::{
    Catalogue, Config, ConfigError, DEFAULT_PORT, Issuer, Limits, Log, Rate, Secret, Stop, Transport,
    sqlite_url,
};
pub use export::{ExportError, case_xml};
pub use log::log_without_content;
pub use maintenance::KNOWN_WITHIN;
pub use receipt_keys::{ReceiptKeys, make_key, tidy_keys};
pub use receipt_proof::{NotProved, Proved, prove};
pub use retention::{KINDS, Kind, Retention, RetentionFault};
pub use serve::{Handle, StartError, serve};
pub use signing::{KeyError, SigningKey};
pub use store::{
    CaseLine, CaseLook, Certificate, Due, LogFault, LogState, Maintenance, Move, OpenError, Store,
};
pub use tls::{Certificate as TlsCertificate, TlsError};
