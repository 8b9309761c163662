//! What the fuzz targets do with their input. Whatever breaks a promise panics; so does whatever panics by itself.

mod definition;
mod history;
mod identity;
mod oeflow;
mod promises;

pub use definition::definition;
pub use history::{History, operations, planted};
pub use identity::identity_numbers;
pub use oeflow::oeflow;
