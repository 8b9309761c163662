//! What only the shell shows: the session and the worker's preferences.

use base64::{Engine, prelude::BASE64_STANDARD};
use ledsaga_core::desk::Preview;
use ledsaga_core::{ports::StoreHealth, view::LinkView, worker::Role};
use ledsaga_forms::speech;
use ledsaga_link::PinRule;
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
    pub pin: PinView,
    /// Seconds until the next PIN is tried, after wrong ones.
    pub wait_s: Option<u32>,
    /// Why it was locked last.
    pub lock_reason: Option<LockReason>,
    /// Locked as far as can be: something typed is not saved yet, so the desk is open and nothing of it may be seen or
    /// reached. What opens a lock takes the cover off.
    pub covered: bool,
    /// Minutes of idleness until it locks.
    pub idle_minutes: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PinView {
    pub policy: PinPolicy,
    /// The store opens with a PIN.
    pub set: bool,
    /// The last real sign-in is too long ago for the PIN alone.
    pub sign_in_first: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PinPolicy {
    Off,
    Optional,
    Required,
}

impl From<PinRule> for PinPolicy {
    fn from(rule: PinRule) -> Self {
        match rule {
            PinRule::Off => Self::Off,
            PinRule::Optional => Self::Optional,
            PinRule::Required => Self::Required,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LockReason {
    Worker,
    Idle,
    /// The operating system locked its screen or went to sleep.
    System,
}

/// How the application is doing on this computer. No personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct HealthView {
    pub version: String,
    pub storage: Storage,
    /// `None` in memory only, or when the store does not say.
    pub store: Option<StoreHealth>,
    pub keychain: KeychainHealth,
    pub link: LinkView,
    /// Why the log of views cannot be read or is not whole.
    pub audit_fault: Option<String>,
    pub audit_events: u32,
    pub policy: PolicyView,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum KeychainHealth {
    Reachable,
    Locked,
    None,
    Failed,
}

/// The municipality's policy as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PolicyView {
    pub idle_lock_minutes: u16,
    pub pin: PinPolicy,
    pub offline_hours: u16,
    pub draft_days: u16,
    pub protected_draft_days: u16,
    pub extensions: u16,
    /// The public key of whoever may open sealed copies; without one none can be made.
    pub recovery_recipient: Option<String>,
}

/// A sealed copy that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CopyView {
    pub calls: u32,
    pub drafts: u32,
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
    /// Nobody has been at the desk for long; it locks so soon.
    Idle {
        seconds: u32,
    },
}

/// A page of an attached file as a picture.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct FilePreview {
    /// PNG in base64.
    pub png: String,
    pub width: u32,
    pub height: u32,
    pub pages: u32,
}

impl From<Preview> for FilePreview {
    fn from(preview: Preview) -> Self {
        Self {
            png: BASE64_STANDARD.encode(&preview.png),
            width: preview.width,
            height: preview.height,
            pages: u32::try_from(preview.pages).unwrap_or(u32::MAX),
        }
    }
}

/// Says nothing of the content: it is personal data.
impl std::fmt::Debug for FilePreview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilePreview").field("pages", &self.pages).finish_non_exhaustive()
    }
}
