//! What becomes of a case at the municipality after it was received.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a case stands at the municipality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Stage {
    Received,
    /// A case officer works on it.
    InProgress,
    /// The caller has been asked for a supplement.
    SupplementRequested,
    Decided,
    Closed,
    /// Of a newer version.
    #[serde(other)]
    Other,
}

/// One thing that happened to one case; the same always has the same id.
#[derive(Clone, PartialEq, Eq)]
pub struct CaseChange {
    pub id: Uuid,
    pub submission: Uuid,
    pub case_number: String,
    /// The server's time.
    pub at: Timestamp,
    pub stage: Stage,
    /// The case officer's words to the caller; never of a case with a secrecy marking.
    pub message: Option<String>,
}

/// What the municipality tells of the worker's own cases, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeBatch {
    pub changes: Vec<CaseChange>,
    /// What to go on from; opaque.
    pub cursor: String,
    /// More is there already.
    pub more: bool,
}

/// How a case stands, as the municipality answers one who may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseStanding {
    pub submission: Uuid,
    pub case_number: String,
    /// The e-service's id.
    pub service: String,
    pub received_at: Timestamp,
    pub secrecy_marking: bool,
    /// Oldest first; the last one is how it stands now.
    pub changes: Vec<CaseChange>,
}

/// How a received case stands, as far as the municipality has told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Standing {
    /// The change that it came with.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub change: Uuid,
    pub stage: Stage,
    /// The server's time.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub at: Timestamp,
    /// The case officer's words to the caller, to be read aloud. Lists leave it out.
    #[serde(default)]
    pub message: Option<String>,
    /// The worker has not looked at it since.
    pub news: bool,
}

impl Standing {
    /// How a case stands after a change; `None` when that says nothing new, as one that comes twice or late does.
    pub fn after(old: Option<&Self>, change: &CaseChange) -> Option<Self> {
        if old.is_some_and(|old| old.change == change.id || old.at > change.at) {
            return None;
        }
        // That it was received, its receipt has said already.
        let news = change.stage != Stage::Received || change.message.is_some();
        Some(Self {
            change: change.id,
            stage: change.stage,
            at: change.at,
            message: change.message.clone(),
            news,
        })
    }

    /// Without the words.
    pub fn outline(&self) -> Self {
        Self { message: None, ..self.clone() }
    }
}

impl std::fmt::Debug for CaseChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseChange({} {:?})", self.id, self.stage)
    }
}

impl std::fmt::Debug for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Standing({} {:?}, news: {})", self.change, self.stage, self.news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: u128, second: i64, stage: Stage) -> CaseChange {
        CaseChange {
            id: Uuid::from_u128(id),
            submission: Uuid::from_u128(9),
            case_number: "EXB-2026-7K3F-9Q".to_owned(),
            at: Timestamp::from_second(second).unwrap(),
            stage,
            message: None,
        }
    }

    #[test]
    fn what_comes_twice_or_late_says_nothing_new() {
        let first = Standing::after(None, &change(1, 10, Stage::InProgress)).unwrap();
        let second = Standing::after(Some(&first), &change(2, 20, Stage::Decided)).unwrap();
        assert_eq!((second.stage, second.news), (Stage::Decided, true));
        for old in [change(1, 10, Stage::InProgress), change(2, 20, Stage::Decided)] {
            assert_eq!(Standing::after(Some(&second), &old), None);
        }
        // Two in the same moment come in their order.
        let third = Standing::after(Some(&second), &change(3, 20, Stage::Closed)).unwrap();
        assert_eq!(third.stage, Stage::Closed);
    }

    #[test]
    fn that_it_was_received_is_no_news() {
        assert!(!Standing::after(None, &change(1, 10, Stage::Received)).unwrap().news);
    }

    #[test]
    fn debug_output_leaves_the_words_out() {
        let change =
            CaseChange { message: Some("Ring Prov Provsson".into()), ..change(1, 1, Stage::Decided) };
        let standing = Standing::after(None, &change).unwrap();
        assert!(!format!("{change:?} {standing:?}").contains("Prov"));
        assert_eq!(standing.outline().message, None);
    }
}
