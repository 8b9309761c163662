//! Rules: earlier answers decide the state of later questions, with Open ePlatform's semantics.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{QuestionId, QuestionState};

/// When `when` holds for the answer to `on`, every target gets `set`; otherwise its default state comes back.
/// Targets come after `on`. Hiding a question clears its answer unless `keep_answer`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub on: QuestionId,
    pub when: Condition,
    pub set: QuestionState,
    pub targets: Vec<QuestionId>,
    #[serde(default)]
    pub keep_answer: bool,
    /// When the condition does not hold: leave the state as earlier rules made it instead of restoring the default.
    #[serde(default)]
    pub no_restore: bool,
}

/// What must hold for the answer of a rule's source. All but `any_of`, `all_of` and their free-text alternative are
/// our own; Open ePlatform knows only those.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// At least one of these choices is made (`other` is the free-text alternative).
    AnyOf(Vec<String>),
    /// All of these choices are made.
    AllOf(Vec<String>),
    /// The question has an answer, or with `false` has none.
    Answered(bool),
    /// The number, amount or row count is at least this.
    AtLeast(f64),
    /// The number, amount or row count is at most this.
    AtMost(f64),
    /// The answer's normal form is this text.
    Equals(String),
    /// The date is this day or later.
    OnOrAfter(Day),
    /// The date is this day or earlier.
    OnOrBefore(Day),
    /// The person, by birth date or identity number, has turned this many years.
    AgeAtLeast(u8),
    /// The person has not yet turned one year more than this.
    AgeAtMost(u8),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// Holds for another question than the rule's source.
    Of {
        question: QuestionId,
        is: Box<Condition>,
    },
}

/// A day, fixed or counted from today: `2026-05-01`, `today`, `today+14`, `today-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Day {
    Fixed(Date),
    /// Days from today.
    Today(i32),
}

/// Not a day as conditions name them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a date (YYYY-MM-DD) nor `today`, `today+N` or `today-N`")]
pub struct DayError(String);

/// Days that can be counted from today: a century and more.
const DAYS_MAX: i32 = 50_000;

impl Day {
    /// The date, which is `today` itself when it would be outside the calendar.
    pub fn on(self, today: Date) -> Date {
        match self {
            Self::Fixed(date) => date,
            Self::Today(days) => today.checked_add(days.days()).unwrap_or(today),
        }
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(written: String) -> Result<Self, DayError> {
        let day = match written.strip_prefix("today") {
            Some("") => Some(Self::Today(0)),
            Some(offset) => offset
                .strip_prefix('+')
                .map(|days| days.parse())
                .or_else(|| offset.strip_prefix('-').map(|days| days.parse().map(|days: i32| -days)))
                .and_then(|days| days.ok())
                .filter(|_| offset.bytes().skip(1).all(|b| b.is_ascii_digit()))
                .filter(|days: &i32| days.abs() <= DAYS_MAX)
                .map(Self::Today),
            None => written.parse().ok().filter(|_| written.len() == 10).map(Self::Fixed),
        };
        day.ok_or(DayError(written))
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        match day {
            Day::Fixed(date) => date.to_string(),
            Day::Today(0) => "today".to_owned(),
            Day::Today(days) => format!("today{days:+}"),
        }
    }
}

impl Condition {
    /// Questions that it asks about besides the rule's source.
    pub(crate) fn others(&self) -> Vec<&QuestionId> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::others).collect(),
            Self::Not(part) => part.others(),
            Self::Of { question, is } => [vec![question], is.others()].concat(),
            _ => Vec::new(),
        }
    }
}
