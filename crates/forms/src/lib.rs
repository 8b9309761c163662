//! E-services as data: definitions, rules, answers and what to show, decided once.
//!
//! The application and the gateway evaluate with this same crate, so a form means the same on both sides.
//! Pure: no input or output, no clock (see [`Context`]), no async.

mod answer;
mod apply;
mod canonical;
mod change;
mod check;
mod definition;
mod evaluate;
pub mod export;
mod fault;
mod form;
pub mod identity;
#[cfg(feature = "import")]
pub mod import;
mod judge;
mod load;
mod migrate;
mod normal;
mod operation;
mod path;
mod question;
mod read;
mod reason;
pub mod rich;
mod rule;
mod show;
pub mod speech;
mod state;
mod submission;
mod view;

pub use answer::{Answer, Answers, FileRef, Row, files_in};
pub use apply::apply;
pub use definition::{
    Contact, Definition, OralFiling, PaperForm, Retention, ServiceId, Source, SourceStatus, Step, StepId,
};
pub use evaluate::Context;
pub use fault::FAULT_CODES;
pub use load::{LoadError, Place, faults, load, to_json};
pub use migrate::{Migration, Moved, SetAside, migrate};
pub use normal::text as normal_text;
pub use operation::{ApplyError, Op, OpId, OpKind};
pub use question::{
    AgeLimits, Choice, Kind, Layout, ProtectedPolicy, Question, QuestionId, QuestionPath, QuestionSource,
    QuestionState, Role, Sensitivity,
};
pub use read::{Worded, in_words, reveal};
pub use reason::{ChoiceFault, Reason, RoomFor};
pub use rule::{Condition, Day, DayError, Rule};
pub use show::view;
pub use state::FormState;
pub use submission::{SubmissionCheck, check_submission, submission_answers};
pub use view::{
    AnswerView, Delta, Fault, FormView, KindView, QuestionView, RemainingView, RowView, StepView,
};
