//! What only the shell shows: the session and the worker's preferences.

use ledsaga_core::worker::Role;
use ledsaga_forms::speech;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct SessionView {
    pub state: SessionState,
    pub worker: Option<WorkerView>,
    /// How drafts are kept; only when open.
    pub storage: Option<Storage>,
    /// What went wrong last, as a code; with `blocked` it is why nothing can be opened.
    pub problem: Option<String>,
    /// The municipality's name, once it has been reached.
    pub municipality: Option<String>,
    /// A demo gateway: nothing reaches a real municipality.
    pub demo: bool,
    pub content_protection: ContentProtection,
    /// The application's version.
    pub version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    SignedOut,
    /// The system browser is open.
    SigningIn,
    Locked,
    Open,
    /// Signed in, and the local store cannot be opened; `problem` says why.
    Blocked,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct WorkerView {
    pub name: String,
    pub initials: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    Encrypted,
    /// No keychain: drafts are gone when the application closes.
    MemoryOnly,
}

/// Whether the operating system keeps the window out of screen capture, honestly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ContentProtection {
    On,
    /// This operating system or session cannot.
    Unavailable,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Preferences {
    pub theme: Theme,
    pub language: UiLanguage,
    /// Base text size in CSS pixels: 13, 14 or 16.
    pub text_size: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    System,
    Light,
    Dark,
    Contrast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum UiLanguage {
    Sv,
    En,
}

impl UiLanguage {
    /// What is read aloud is in the window's language.
    pub fn spoken(self) -> speech::Language {
        match self {
            Self::Sv => speech::Language::Swedish,
            Self::En => speech::Language::English,
        }
    }
}

/// Every failed command answers this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct IpcError {
    /// Stable; the message catalogue has a sentence for each.
    pub code: String,
    /// For support, in English, without personal data.
    pub message: String,
    pub retryable: bool,
}

/// Event `changed`: something may look different; ask for it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Changed {
    Session,
    Desk,
}
