//! Questions: what is asked, how it is asked aloud, and how a protected person is asked.

use serde::{Deserialize, Serialize};

/// Stable within an e-service for all its versions: letters, digits, `_` and `-`.
pub type QuestionId = String;
/// Where a question stands in a form: `question`, or `group/row/question` inside a repeating group.
pub type QuestionPath = String;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub id: QuestionId,
    pub label: String,
    /// Shown below the field; safe to read aloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The question as spoken to the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// State before any rule; questions are required unless they say otherwise.
    #[serde(default)]
    pub state: QuestionState,
    #[serde(default)]
    pub sensitivity: Sensitivity,
    #[serde(default)]
    pub protected_policy: ProtectedPolicy,
    #[serde(flatten)]
    pub kind: Kind,
}

/// The three states of Open ePlatform's `QueryState`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum QuestionState {
    Hidden,
    /// Shown and optional ("frivilligt").
    Visible,
    #[default]
    VisibleRequired,
}

/// Drives masking, copying and what may leave the core.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Sensitivity {
    #[default]
    Ordinary,
    Personal,
    /// Masked in protected mode as soon as it is saved.
    Protected,
}

/// What happens to the question in protected mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum ProtectedPolicy {
    #[default]
    Ask,
    /// Not asked; shown as "via Skatteverkets förmedling".
    ViaForwarding,
    DoNotAsk,
}

/// A fixed alternative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Choice {
    pub id: String,
    pub label: String,
}

/// The kind of a question with what only that kind needs. JSON: `"kind": "text"` beside the question's own fields.
///
/// Numbers count characters (Unicode scalar values) for lengths, whole kronor for money and bytes for files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    Text {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    TextArea {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    /// A whole or decimal number, written with a comma or a point.
    Number {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
        /// Decimals allowed; 0 for whole numbers.
        #[serde(default)]
        decimals: u8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// Whole kronor.
    Money {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u64>,
    },
    /// A calendar date, `YYYY-MM-DD`; also typed as `YYYYMMDD`, `D/M YYYY` or `D.M.YYYY`.
    Date {
        /// Reject dates before today.
        #[serde(default)]
        not_past: bool,
        /// Reject dates after today.
        #[serde(default)]
        not_future: bool,
    },
    /// A time of day, `HH:MM`; also typed as `HH.MM` or `HHMM`.
    Time,
    Radio {
        choices: Vec<Choice>,
        /// Label of a free-text alternative, whose choice id is `other`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
    },
    DropDown {
        choices: Vec<Choice>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
    },
    Checkbox {
        choices: Vec<Choice>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
    /// Personnummer or samordningsnummer, see [`crate::identity`].
    PersonalIdentityNumber,
    OrganisationNumber,
    Phone,
    Email,
    Postcode,
    /// Street address on one line; always sensitive.
    Address,
    Files {
        max_count: u32,
        /// Bytes for each file.
        max_size: u64,
        /// Lower-case file name endings without the dot, such as `pdf`.
        types: Vec<String>,
    },
    /// A repeating group; rows have stable ids of their own.
    Group {
        /// Title of one row, such as `Vårdnadshavare`.
        row_label: String,
        questions: Vec<Question>,
        #[serde(default)]
        min_rows: u32,
        max_rows: u32,
    },
    /// Text only; nothing is answered.
    Information {
        text: String,
    },
    /// While it is visible the case cannot be sent; the text says why and what to do instead.
    Stop {
        text: String,
    },
    /// Read aloud and confirmed by the caller.
    Confirm {
        statement: String,
    },
    /// A kind this version does not know: kept, shown and filled in by the case officer.
    #[serde(untagged)]
    Unknown(serde_json::Map<String, serde_json::Value>),
}
