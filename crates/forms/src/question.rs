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
    /// Whom the answer is about; in a group, whom each row is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What the question was where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<QuestionSource>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// The part that a person or organisation has in a case.
///
/// JSON: a name such as `"applicant"`, or `{"proxy": {"basis": "fullmakt"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(rename = "PartyRole"))]
pub enum Role {
    /// Sökande.
    Applicant,
    /// Medsökande.
    CoApplicant,
    /// Vårdnadshavare.
    Guardian,
    /// The child that the case is about.
    Child,
    /// Ombud or ställföreträdare. `basis` is the question that says by what right: a power of attorney, an
    /// appointment as god man or förvaltare.
    Proxy { basis: QuestionId },
    /// Firmatecknare or someone else who speaks for an organisation.
    CompanyRepresentative,
    /// A company, association or authority.
    Organisation,
    /// Someone else who must sign.
    SigningParty,
}

/// A question as its source system knows it, so that answers can go back there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionSource {
    /// Such as Open ePlatform's `queryID`.
    pub id: String,
    /// Its element's name in the source's own export of answers; none when it is left out there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// The element within that one that holds the answer, where it has a name of its own: a text question's one field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
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
    /// What the source system calls it in an export, when that is not the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How a group's rows are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Layout {
    /// One below the other, each with its own fields.
    #[default]
    Rows,
    /// As lines of a table, for few and short fields.
    Table,
}

/// How old a person with a personal identity number may be today, in whole years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeLimits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u8>,
    /// Counted by the year of birth alone: who turns 6 this year is 6 all year.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_year: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_rows(layout: &Layout) -> bool {
    *layout == Layout::Rows
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The kind of a question with what only that kind needs. JSON: `"kind": "text"` beside the question's own fields.
///
/// Numbers count characters (Unicode scalar values) for lengths, whole kronor for money and bytes for files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    Text {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
        /// How it is written, sign by sign: `A` a letter, `9` a digit, `*` either, anything else itself. Case, spaces
        /// and signs that stand for themselves may be left out when typing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        /// Said when the pattern is not followed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern_help: Option<String>,
        /// Covered on screen as a password is (Open ePlatform's `maskFieldContent`).
        #[serde(default, skip_serializing_if = "is_false")]
        covered: bool,
    },
    TextArea {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    /// What the worker wants to tell the case officer; never required and not read back.
    Note,
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
    PersonalIdentityNumber {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        age: Option<AgeLimits>,
    },
    /// A number that only its own domain can judge: LMA, reserve, T and interim numbers. Never refused for its form, see
    /// [`crate::identity::OtherId`].
    OtherIdentityNumber {
        /// Whose number it is, as shown, such as `LMA-nummer`.
        domain: String,
    },
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
        /// Bytes for all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_total: Option<u64>,
        /// Lower-case file name endings without the dot, such as `pdf`.
        types: Vec<String>,
    },
    /// A group of fields; rows have stable ids of their own. With `max_rows` 1 it is one question of several fields,
    /// such as the contact details of a person (see [`Role`]).
    Group {
        /// Title of one row, such as `Vårdnadshavare`.
        row_label: String,
        questions: Vec<Question>,
        #[serde(default)]
        min_rows: u32,
        max_rows: u32,
        #[serde(default, skip_serializing_if = "is_rows")]
        layout: Layout,
        /// Of each of these lists every row answers at least one, such as `[["email", "mobile"]]`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        one_of: Vec<Vec<QuestionId>>,
        /// The field by which no two rows may be alike, such as the identity number of those who sign.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unique: Option<QuestionId>,
        /// While the group is optional, a row that is begun need not be finished.
        #[serde(default, skip_serializing_if = "is_false")]
        partial: bool,
    },
    /// Text only; nothing is answered. Marked text, see [`crate::rich`].
    Information {
        text: String,
    },
    /// While it is visible the case cannot be sent; the text says why and what to do instead. Marked text.
    Stop {
        text: String,
    },
    /// Read aloud and confirmed by the caller.
    Confirm {
        statement: String,
        /// What the statement is about, such as how personal data is handled (GDPR, articles 13 and 14). Marked text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A kind this version does not know: kept, shown and filled in by the case officer. The worker may note what the
    /// caller says about it.
    #[serde(untagged)]
    Unknown(serde_json::Map<String, serde_json::Value>),
}
