//! Typed errors of the core. Each has a stable code that the UI turns into a sentence.

use ledsaga_forms::ApplyError;
use ledsaga_media::PreviewError;

/// Why the local store refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full; nothing of the batch was kept.
    #[error("the disk is full")]
    DiskFull,
    /// The database or a record in it cannot be read; the file is kept.
    #[error("the local store is unreadable")]
    Unreadable,
    /// The store has been closed (locked).
    #[error("the local store is locked")]
    Locked,
    /// Anything else, by the name of its kind; never with content.
    #[error("the local store failed: {0}")]
    Failed(&'static str),
}

/// Why a request to the municipality did not succeed, sorted by what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No answer: reset or timed out. The request may or may not have arrived.
    #[error("no answer from the municipality")]
    NoAnswer,
    /// Never left this computer: connection refused, name not found, or no connection in time. It has surely not
    /// arrived.
    #[error("the municipality cannot be reached")]
    Unreachable,
    /// This computer has no network. It has surely not arrived.
    #[error("this computer has no network")]
    NoNetwork,
    /// Somebody else answered: a captive portal or a proxy. What it did with the request is not known.
    #[error("another server answered")]
    WrongServer,
    /// No secure connection came about, so nothing was sent: it has surely not arrived.
    #[error("no secure connection: {0}")]
    Untrusted(TlsFault),
    /// The address is not one that may be spoken to; nothing was sent.
    #[error("the address is neither https nor on this computer")]
    WrongAddress,
    /// The server asks to wait, and has not looked at the request: 408, 425, 429, 503.
    #[error("the municipality is busy")]
    Busy { retry_after_ms: Option<u64> },
    /// The server has the request, and what comes of it is not known: 409 in progress, 500, 502, 504.
    #[error("the municipality has not finished with the request")]
    Undecided { retry_after_ms: Option<u64> },
    /// 503 `maintenance`: closed for planned work.
    #[error("the municipality is closed for maintenance")]
    Maintenance { retry_after_ms: Option<u64> },
    /// 401, or no valid token and none to be had without the worker.
    #[error("sign in again")]
    SignInNeeded,
    /// 426.
    #[error("this version of the application is too old")]
    TooOld,
    /// The server speaks an older wire than this version can. What it made of the request is not known.
    #[error("the municipality's server is too old")]
    ServerTooOld,
    /// A final no, with the problem's stable code and the questions concerned.
    #[error("refused: {code}")]
    Refused { code: String, questions: Vec<String> },
}

/// Why no secure connection came about (RFC 5280, RFC 8446).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// Nobody whom this computer trusts has issued the certificate: a missing own CA, or a proxy that reads the traffic.
    #[error("unknown issuer")]
    UnknownIssuer,
    #[error("another name")]
    WrongName,
    /// By this computer's clock.
    #[error("expired")]
    Expired,
    /// By this computer's clock.
    #[error("not valid yet")]
    NotYetValid,
    /// Revoked, wrongly signed, or for another purpose.
    #[error("unacceptable certificate")]
    Unacceptable,
    /// What answers speaks no TLS, or none that is secure.
    #[error("no TLS")]
    NoTls,
}

impl LinkError {
    /// The request has surely not arrived: no connection on which it could be sent came about.
    pub fn surely_not_sent(&self) -> bool {
        matches!(self, Self::Unreachable | Self::NoNetwork | Self::Untrusted(_) | Self::WrongAddress)
    }
}

/// Why the Desk did not do what was asked. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Form(#[from] ApplyError),
    #[error("the call does not exist")]
    NoSuchCall,
    #[error("the call has been handed over and cannot be changed")]
    CallHandedOver,
    #[error("the draft does not exist")]
    NoSuchDraft,
    #[error("the e-service is not in the catalogue")]
    NoSuchService,
    #[error("the definition of this draft is missing on this computer")]
    DefinitionMissing,
    #[error("the case is on its way and cannot be changed")]
    Frozen,
    #[error("the draft has been thrown away")]
    Discarded,
    #[error("the draft has not been thrown away first")]
    NotDiscarded,
    #[error("there is no such earlier state")]
    NoSuchRevision,
    #[error("the time of the draft cannot be prolonged any more")]
    NoMoreExtensions,
    #[error("the caller has not confirmed what was read back")]
    NotConfirmed,
    #[error("something has a wrong format")]
    NotSendable,
    #[error("required answers are missing and this e-service cannot be filed incomplete")]
    Incomplete,
    #[error("a reason is needed")]
    ReasonNeeded,
    #[error("a text is longer than can be kept")]
    TooLong,
    #[error("the case cannot be reopened in its state")]
    NotReopenable,
    #[error("the case cannot be taken back in its state")]
    NotWithdrawable,
    #[error("there is no newer version of the e-service")]
    NoNewerVersion,
    #[error(transparent)]
    Preview(#[from] PreviewError),
    #[error("the file is empty")]
    FileEmpty,
    #[error("the file is gone or cannot be read")]
    FileGone,
}

impl DeskError {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(StoreError::DiskFull) => "disk_full",
            Self::Store(StoreError::Unreadable) => "store_unreadable",
            Self::Store(StoreError::Locked) => "locked",
            Self::Store(StoreError::Failed(_)) => "store_failed",
            Self::Link(_) => "link_failed",
            Self::Form(error) => match error {
                ApplyError::UnknownQuestion { .. } => "unknown_question",
                ApplyError::UnknownStep { .. } => "unknown_step",
                ApplyError::UnknownRow { .. } => "unknown_row",
                ApplyError::Hidden { .. } => "question_hidden",
                ApplyError::WrongAnswerType { .. } => "wrong_answer_type",
                ApplyError::UnknownChoice { .. } => "unknown_choice",
                ApplyError::TooMany { .. } => "too_many",
                ApplyError::FileTooLarge { .. } => "file_too_large",
                ApplyError::FileType { .. } => "file_type",
                ApplyError::TooLong { .. } => "too_long",
            },
            Self::NoSuchCall => "no_such_call",
            Self::CallHandedOver => "call_handed_over",
            Self::NoSuchDraft => "no_such_draft",
            Self::NoSuchService => "no_such_service",
            Self::DefinitionMissing => "definition_missing",
            Self::Frozen => "frozen",
            Self::Discarded => "discarded",
            Self::NotDiscarded => "not_discarded",
            Self::NoSuchRevision => "no_such_revision",
            Self::NoMoreExtensions => "no_more_extensions",
            Self::NotConfirmed => "not_confirmed",
            Self::NotSendable => "not_sendable",
            Self::Incomplete => "incomplete",
            Self::ReasonNeeded => "reason_needed",
            Self::TooLong => "too_long",
            Self::NotReopenable => "not_reopenable",
            Self::NotWithdrawable => "not_withdrawable",
            Self::NoNewerVersion => "no_newer_version",
            Self::Preview(error) => error.code(),
            Self::FileEmpty => "file_empty",
            Self::FileGone => "file_gone",
        }
    }

    /// Trying the same again may succeed.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Store(StoreError::DiskFull | StoreError::Failed(_)))
    }
}
