//! Errors on their way to the UI: a stable code, and words for support only.

use ledsaga_core::error::DeskError;
use ledsaga_vault::OpenError;

use super::view::IpcError;
use crate::session::{NoCopy, NotSet};

impl From<DeskError> for IpcError {
    fn from(error: DeskError) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), retryable: error.retryable() }
    }
}

impl From<OpenError> for IpcError {
    fn from(error: OpenError) -> Self {
        Self::new(error.code(), &error.to_string())
    }
}

impl From<NotSet> for IpcError {
    fn from(error: NotSet) -> Self {
        Self::new(error.code(), &error.to_string())
    }
}

impl From<NoCopy> for IpcError {
    fn from(error: NoCopy) -> Self {
        Self::new(error.code(), &error.to_string())
    }
}

impl IpcError {
    pub fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), message: message.to_owned(), retryable: false }
    }
}
