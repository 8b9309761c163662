//! What can be wrong with a definition, each with what it takes to say it in another language.

use crate::QuestionId;

/// Why a definition is refused at some place. `Display` says it in English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("unknown field")]
    UnknownField,
    #[error("the content has another hash")]
    Hash,
    #[error("lower case ASCII letters, digits and hyphens only, 1 to 64")]
    ServiceId,
    #[error("counts up from 1")]
    Version,
    #[error("is empty")]
    Empty,
    #[error("its {field} is empty")]
    EmptyField { field: &'static str },
    #[error("at least one day")]
    NoDays,
    #[error("a protected draft may not stay longer than an ordinary one")]
    ProtectedLonger,
    #[error("file is a file's name without a folder")]
    FileName,
    #[error("sha256 is 64 lower-case hex digits")]
    Sha256,

    #[error("there are none")]
    NoSteps,
    #[error("it has no questions")]
    NoQuestions,
    #[error("more than {max} questions")]
    TooManyQuestions { max: usize },
    #[error("with its rows an empty form has more than {max} fields")]
    TooManyFields { max: usize },
    #[error("more than {max} rules")]
    TooManyRules { max: usize },
    #[error("its id needs letters, digits, `_` and `-` only, 1 to 64")]
    Id,
    #[error("another step has the same id")]
    SameStepId,
    #[error("another question has the same id")]
    SameQuestionId,

    #[error("it has no kind")]
    NoKind,
    #[error("field `{field}` of kind `{kind}` is missing")]
    KindFieldMissing { kind: String, field: String },
    #[error("field `{field}` of kind `{kind}` has the wrong type")]
    KindFieldType { kind: String, field: String },
    #[error("{field} leaves no room for {what}")]
    NoRoom { field: &'static str, what: RoomFor },
    #[error("{min} is larger than {max}")]
    MinOverMax { min: &'static str, max: &'static str },
    #[error("{field} is {min} to {max}")]
    OutOfRange { field: &'static str, min: u32, max: u32 },
    #[error("pattern is 1 to 64 signs with at least one of A, 9 and *")]
    Pattern,
    #[error("pattern is shorter than min_length or longer than max_length")]
    PatternLength,
    #[error("pattern_help without a pattern")]
    PatternHelpAlone,
    #[error("age has neither min nor max")]
    NoAge,
    #[error("a limit is not a number")]
    LimitNotNumber,
    #[error("at most {max} decimals")]
    Decimals { max: u8 },
    #[error("types are lower-case endings without the dot, at least one")]
    FileTypes,
    #[error("there are no choices")]
    NoChoices,
    #[error("more than {max} choices")]
    TooManyChoices { max: u32 },
    #[error("min is larger than the number of choices")]
    MinOverChoices,
    #[error("the label of `other` is empty")]
    OtherLabel,
    #[error("choice `{id}`: {fault}")]
    Choice { id: String, fault: ChoiceFault },
    #[error("a group in a group")]
    GroupInGroup,
    #[error("a group without questions")]
    GroupWithoutQuestions,
    #[error("one_of[{index}] names no question")]
    OneOfEmpty { index: usize },
    #[error("{field} names `{id}`, which is no question of this group")]
    NotOfGroup { field: &'static str, id: QuestionId },
    #[error("the basis of a proxy is a question of this form; `{id}` is none")]
    ProxyBasis { id: QuestionId },

    #[error("it has no targets")]
    NoTargets,
    #[error("there is no question `{id}`")]
    NoQuestion { id: QuestionId },
    #[error("target `{target}` does not come after `{source_id}`")]
    NotAfter { source_id: QuestionId, target: QuestionId },
    #[error("group `{group}` cannot decide over its own `{target}`")]
    OverItsOwn { group: QuestionId, target: QuestionId },
    #[error("`{source_id}` is in a group and `{target}` is not in the same")]
    OtherGroup { source_id: QuestionId, target: QuestionId },
    #[error("the rules go in a circle: {}", arrows(.way))]
    Circle { way: Vec<QuestionId> },
    #[error("conditions in conditions go deeper than {max}")]
    Nesting { max: usize },
    #[error("a condition of no parts")]
    NoParts,
    #[error("`{id}` has no choices")]
    WithoutChoices { id: QuestionId },
    #[error("the condition names no choice")]
    NamesNoChoice,
    #[error("`{id}` has no choice `{choice}`")]
    NoChoice { id: QuestionId, choice: String },
    #[error("`{id}` is never answered")]
    NeverAnswered { id: QuestionId },
    #[error("`{id}` is neither a number nor an amount nor a group")]
    NotCounted { id: QuestionId },
    #[error("`{id}` is not answered by a text")]
    NotText { id: QuestionId },
    #[error("`{id}` is not a date")]
    NotDate { id: QuestionId },
    #[error("`{id}` is neither a date nor a personal identity number")]
    WithoutAge { id: QuestionId },
}

/// What a limit leaves no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoomFor {
    #[error("an answer")]
    Answer,
    #[error("an amount")]
    Amount,
    #[error("a choice")]
    Choice,
    #[error("a file")]
    File,
}

/// What is wrong with one choice of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceFault {
    #[error("letters, digits, `_` and `-` only, 1 to 64")]
    Id,
    #[error("this id belongs to the free-text alternative")]
    Reserved,
    #[error("there are two of it")]
    Twice,
    #[error("its label is empty")]
    NoLabel,
}

fn arrows(ids: &[QuestionId]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" -> ")
}
