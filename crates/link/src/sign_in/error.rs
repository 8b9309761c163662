//! Why nobody was signed in.

use ledsaga_core::{
    error::{LinkError, TlsFault},
    ports::SecretError,
};

use crate::issuer::IssuerError;

/// Each has a stable code that the UI turns into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// By the worker, here or in the browser.
    #[error("sign-in was cancelled")]
    Cancelled,
    #[error("the browser did not come back in time")]
    TimedOut,
    /// Discovery, the redirect or the ID token is of another issuer than the gateway's.
    #[error("another issuer answered")]
    WrongIssuer,
    #[error("the municipality or its sign-in cannot be reached")]
    Unreachable,
    /// A captive portal, say.
    #[error("another server answered")]
    WrongServer,
    #[error("this computer has no network")]
    NoNetwork,
    #[error("the municipality is busy")]
    Busy,
    #[error("the municipality is closed for maintenance")]
    Maintenance,
    /// No secure connection to the gateway or the issuer.
    #[error("no secure connection: {0}")]
    Untrusted(TlsFault),
    /// An address that is neither https nor on this computer.
    #[error("the address is not acceptable")]
    WrongAddress,
    #[error("the municipality's server is too old")]
    ServerTooOld,
    /// The issuer knows the worker but gives no role that is known here.
    #[error("the worker has no role here")]
    NoRole,
    /// Hours, say: what the issuer signs now is of another time.
    #[error("this computer's clock is wrong")]
    ClockWrong,
    #[error("sign-in failed")]
    Failed,
    #[error("this version of the application is too old")]
    TooOld,
    #[error("there is no keychain")]
    NoKeychain,
    #[error("the keychain is locked")]
    KeychainLocked,
    #[error("the keychain failed")]
    KeychainFailed,
    #[error("the system browser could not be opened")]
    NoBrowser,
}

impl SignInError {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "sign_in_cancelled",
            Self::TimedOut => "sign_in_timed_out",
            Self::WrongIssuer => "wrong_issuer",
            Self::Unreachable => "unreachable",
            Self::WrongServer => "wrong_server",
            Self::NoNetwork => "no_network",
            Self::Busy => "busy",
            Self::Maintenance => "maintenance",
            Self::Untrusted(TlsFault::UnknownIssuer) => "unknown_issuer",
            Self::Untrusted(TlsFault::WrongName) => "wrong_name",
            Self::Untrusted(TlsFault::Expired) => "expired",
            Self::Untrusted(TlsFault::NotYetValid) => "not_yet_valid",
            Self::Untrusted(TlsFault::Unacceptable) => "bad_certificate",
            Self::Untrusted(TlsFault::NoTls) => "no_tls",
            Self::WrongAddress => "wrong_address",
            Self::ServerTooOld => "server_too_old",
            Self::NoRole => "no_role",
            Self::ClockWrong => "clock_wrong",
            Self::Failed => "sign_in_failed",
            Self::TooOld => "too_old",
            Self::NoKeychain => "no_keychain",
            Self::KeychainLocked => "keychain_locked",
            Self::KeychainFailed => "keychain_failed",
            Self::NoBrowser => "no_browser",
        }
    }
}

impl From<LinkError> for SignInError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NoAnswer | LinkError::Unreachable => Self::Unreachable,
            LinkError::NoNetwork => Self::NoNetwork,
            LinkError::Busy { .. } | LinkError::Undecided { .. } => Self::Busy,
            LinkError::Maintenance { .. } => Self::Maintenance,
            LinkError::WrongServer => Self::WrongServer,
            LinkError::WrongAddress => Self::WrongAddress,
            LinkError::Untrusted(fault) => Self::Untrusted(fault),
            LinkError::TooOld => Self::TooOld,
            LinkError::ServerTooOld => Self::ServerTooOld,
            LinkError::SignInNeeded | LinkError::Refused { .. } => Self::Failed,
        }
    }
}

impl From<IssuerError> for SignInError {
    fn from(error: IssuerError) -> Self {
        match error {
            IssuerError::Link(error) => error.into(),
            IssuerError::WrongIssuer => Self::WrongIssuer,
            IssuerError::NoRole => Self::NoRole,
            IssuerError::ClockWrong => Self::ClockWrong,
            IssuerError::GrantRefused | IssuerError::UnknownKey | IssuerError::Unacceptable(_) => {
                Self::Failed
            }
        }
    }
}

impl From<SecretError> for SignInError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::NoKeychain => Self::NoKeychain,
            SecretError::Locked => Self::KeychainLocked,
            SecretError::Failed => Self::KeychainFailed,
        }
    }
}
