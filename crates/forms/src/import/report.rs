//! What became of every part of a file, and why a file was refused.

use crate::{LoadError, Place};

/// As the parts were looked at: questions in their order, then rules, then the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub outcome: Outcome,
    /// Where in the file, such as `Steps/Step[2] (Om barnet)/QueryDescriptor 104 (Skola)`.
    pub place: Place,
    pub finding: Finding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Means the same here.
    Taken,
    /// Here, but not quite the same or not whole.
    Approximated,
    /// Kept as it is called, or left out: a person must look at it.
    NotUnderstood,
}

impl Report {
    pub fn add(&mut self, outcome: Outcome, place: impl Into<Place>, finding: Finding) {
        self.entries.push(Entry { outcome, place: place.into(), finding });
    }

    pub fn count(&self, outcome: Outcome) -> usize {
        self.entries.iter().filter(|entry| entry.outcome == outcome).count()
    }
}

/// What there is to say about one part of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    // Questions.
    /// `from` is the source's word for its kind, `kind` ours.
    #[error("`{from}` has become `{kind}`")]
    Question { from: String, kind: String },
    #[error(
        "`{kind}` is no kind of question that is known here: it is shown and filled in by the case officer"
    )]
    UnknownQuestion { kind: String },
    #[error("the question asks for nothing: everything in it is hidden or left out")]
    NothingAsked,
    #[error("it has no name and is called `{used}`")]
    Unnamed { used: String },
    #[error("another has the same id; it is called `{used}` here")]
    SameId { used: String },
    #[error("it looks up {what} while it is filled in, which cannot be done here")]
    LiveData { what: Live },
    #[error("answers are tested by `{validator}`, which is not known here and so not done")]
    UnknownValidator { validator: String, message: Option<String> },
    #[error("answers are tested by `{validator}`, which cannot be done for this kind of question")]
    ValidatorLeftOut { validator: String },
    /// `value` as it was written, cut when long.
    #[error("`{setting}` = `{value}` has no counterpart here")]
    SettingLeftOut { setting: String, value: String },
    #[error("`{setting}` = `{value}` cannot be used; `{used}` is used")]
    SettingChanged { setting: String, value: String, used: String },
    #[error("the file names no file types; the usual ones are accepted")]
    FileTypesAssumed,
    #[error("{count} files in the question are left out")]
    EmbeddedFiles { count: usize },

    // Rules.
    #[error("a rule on `{on}`")]
    Rule { on: String },
    #[error("it is switched off and so left out")]
    RuleDisabled,
    #[error(
        "rules of the kind `{kind}` are not known here: the rule is left out and its questions are shown"
    )]
    UnknownRule { kind: String },
    #[error(
        "the answer to a `{kind}` cannot decide over a rule here: it is left out and its questions are shown"
    )]
    RuleSourceUnsuited { kind: String },
    #[error("it keeps what an earlier answer led to, here it depends on the answers as they stand")]
    RuleHistory,
    #[error("the question `{target}` that it decides over is not in the file")]
    RuleTargetMissing { target: String },
    #[error("the alternative `{alternative}` is none of the question's")]
    RuleAlternativeMissing { alternative: String },
    #[error("nothing is known of when it stops; it is shown as information and stops nothing")]
    StopAsInformation,
    #[error("it names no alternative or no question and so does nothing")]
    RuleEmpty,

    // Texts.
    #[error("`{tag}` stands for an earlier answer and is shown as it is written")]
    AttributeTag { tag: String },
    #[error("of a link only its text is left")]
    LinkLeftOut,
    /// What is no text, by the name of its element, such as `img`.
    #[error("`{element}` is left out of a text")]
    MarkupLeftOut { element: String },
    #[error("a text is cut at {max} characters")]
    TextCut { max: usize },

    // The whole.
    #[error("`{part}` is taken over, {count} of them")]
    Part { part: String, count: usize },
    #[error("step without questions left out")]
    EmptyStep,
    #[error("the published contact is used")]
    ContactTaken,
    #[error("no published contact with a name; the one given at the import is used")]
    ContactAssumed,
    #[error("the file says no more than the name; it is the summary too")]
    SummaryAssumed,
    #[error("the form is signed with an e-identification there; see whether oral filing fits")]
    RequiresSigning,
    #[error("the form demands an e-identification there")]
    RequiresAuthentication,
    #[error("the form is paid for there; payment is no part of this")]
    RequiresPayment,
    #[error("the paper form is kept as `{file}`")]
    PaperForm { file: String },
    #[error("the paper form is no PDF and is left out")]
    PaperFormUnreadable,
    #[error("the paper form is larger than {max} bytes and is left out")]
    PaperFormTooLarge { max: usize },
    #[error("the paper form is elsewhere on the web and is left out")]
    PaperFormElsewhere,

    // JSON Schema.
    #[error("`{keyword}` is not known here and is left out")]
    KeywordLeftOut { keyword: String },
    #[error("`{keyword}` is known here only in simpler forms and is left out")]
    KeywordTooComplex { keyword: String },
    #[error("the UI schema names `{field}`, which the schema has not")]
    FieldMissing { field: String },
}

/// What a question looks up in another system while it is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Live {
    #[error("the address in the population register")]
    RegisteredAddress,
    #[error("the caller's children")]
    Children,
    #[error("what is in the fields")]
    Fields,
    #[error("properties and addresses")]
    Properties,
    #[error("how personal data is handled")]
    PersonalData,
    #[error("a map")]
    Map,
    #[error("a tree of alternatives")]
    Alternatives,
}

/// What there may not be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Limit {
    #[error("elements in elements")]
    Depth,
    #[error("elements")]
    Elements,
    #[error("bytes of attributes in one element")]
    Attributes,
    #[error("bytes of one text")]
    Text,
    #[error("questions")]
    Questions,
}

/// Why a file was not taken over at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("the file has {bytes} bytes; at most {max} are read")]
    TooLarge { bytes: usize, max: usize },
    #[error("the file's encoding `{name}` is not known here")]
    Encoding { name: String },
    #[error("the file says that it is encoded as {encoding} but is not")]
    NotText { encoding: String },
    #[error("{place}: {reason}")]
    Syntax { place: Place, reason: String },
    /// A document type declaration could make a small file unfold without end, or fetch others.
    #[error("{place}: a document type declaration is not allowed")]
    DocumentType { place: Place },
    #[error("{place}: more than {max} {limit}")]
    Limit { place: Place, limit: Limit, max: usize },
    #[error("the file holds a `{found}`, not a `{expected}`")]
    WrongRoot { found: String, expected: String },
    /// The e-service is a link to another one.
    #[error("the e-service is elsewhere on the web; the file holds no form")]
    External,
    #[error("{place}: `{what}` is missing")]
    Missing { place: Place, what: String },
    #[error("the file holds no questions")]
    NoQuestions,
    #[error("{place}: the question `{target}` does not come after the one that decides over it")]
    RuleOrder { place: Place, target: String },
    #[error("{place}: the rules go in a circle: {}", circle.join(" -> "))]
    RuleCircle { place: Place, circle: Vec<String> },
    #[error("{place}: `$ref` goes in a circle")]
    ReferenceCircle { place: Place },
    #[error("{place}: `$ref` leads to nothing in this file")]
    ReferenceLost { place: Place },
    /// By the checks that every definition goes through.
    #[error(transparent)]
    Refused(#[from] LoadError),
}
