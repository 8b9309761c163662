//! E-services as data: definitions, rules, answers and what to show, decided once.
//!
//! The application and the gateway evaluate with this same crate, so a form means the same on both sides.
//! Pure: no input or output, no clock (see [`Context`]), no async.

mod answer;
mod definition;
mod evaluate;
pub mod identity;
mod load;
mod operation;
mod question;
mod rule;
mod state;
mod view;

pub use answer::{Answer, Answers, FileRef, Row};
pub use definition::{Contact, Definition, OralFiling, Retention, ServiceId, Source, Step, StepId};
pub use evaluate::{Context, SubmissionCheck, apply, check_submission, submission_answers, view};
pub use load::{LoadError, Place, load, to_json};
pub use operation::{ApplyError, Op, OpId, OpKind};
pub use question::{Choice, Kind, ProtectedPolicy, Question, QuestionId, QuestionPath, QuestionState, Sensitivity};
pub use rule::{Condition, Rule};
pub use state::FormState;
pub use view::{
    AnswerView, Delta, Fault, FormView, KindView, QuestionView, RemainingView, RowView, StepView,
};
