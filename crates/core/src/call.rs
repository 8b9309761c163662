//! A call: the unit of work. What the caller wanted outlives the form, since an oral request may already be an
//! application (förvaltningslagen 2017:900, 19 §).

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{clock::stockholm, protection::Protection};

/// UUIDv7; also the id of the contact record at the municipality.
pub type CallId = Uuid;

/// One call with all that was said, before and beside any form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub id: CallId,
    /// Counts every saved change.
    pub rev: u64,
    /// `A`, `B`, … among the worker's open calls; spoken between colleagues, never to the caller.
    pub code: String,
    /// Index into the UI's eight call colours.
    pub colour: u8,
    pub started_at: Timestamp,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    #[serde(default)]
    pub caller: Caller,
    /// What the caller asks for, in a line.
    #[serde(default)]
    pub asked_for: String,
    /// Free notes.
    #[serde(default)]
    pub note: String,
    pub protection: Protection,
    /// The revision that the municipality has as the contact record; `None` while it has none.
    #[serde(default)]
    pub arrived_rev: Option<u64>,
    /// The municipality has all of it, and only when it was is left here.
    #[serde(default)]
    pub reduced: bool,
    /// The last day on which it is kept on this computer; see [`crate::retention`].
    #[serde(default)]
    pub kept_through: Option<Date>,
}

/// Days for a call from before each call said it itself.
const KEPT_UNSAID: i64 = 14;

impl Call {
    /// The last day on which it is kept on this computer.
    pub fn kept_through(&self) -> Date {
        self.kept_through.unwrap_or_else(|| {
            self.started_at.to_zoned(stockholm()).date().saturating_add(KEPT_UNSAID.days())
        })
    }

    /// The municipality has the contact record as it stands.
    pub fn has_arrived(&self) -> bool {
        self.arrived_rev == Some(self.rev)
    }
}

/// Who calls, as stated by the caller. Nobody in particular when everything is empty.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    #[serde(default)]
    pub name: String,
    /// As typed.
    #[serde(default)]
    pub phone: String,
    /// As typed; judged by the forms crate.
    #[serde(default)]
    pub identity_number: String,
    #[serde(default)]
    pub identity_level: IdentityLevel,
    #[serde(default)]
    pub language: Language,
}

/// How sure the worker is of who calls; see the domain notes, levels 0 to 4.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum IdentityLevel {
    #[default]
    Stated,
    ControlQuestions,
    CallBack,
    Eid,
    Visit,
}

/// The language of the call. Can reveal ethnicity, so it is kept only as long as the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Language {
    #[default]
    Swedish,
    English,
    Finnish,
    Meankieli,
    Sami,
    Romani,
    Yiddish,
    SignLanguage,
    Other,
}

/// One change to a call. The UI sends the field that changed with its whole new value.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum CallChange {
    Note(String),
    AskedFor(String),
    CallerName(String),
    CallerPhone(String),
    CallerIdentityNumber(String),
    IdentityLevel(IdentityLevel),
    Language(Language),
}

macro_rules! silent_debug {
    ($($t:ident),*) => {$(
        /// Says nothing of the content: it is personal data.
        impl std::fmt::Debug for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($t), "(..)"))
            }
        }
    )*};
}
silent_debug!(Call, Caller, CallChange);
