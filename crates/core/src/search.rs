//! Finding own cases and history again.
//!
//! Here is what a text is taken apart into ([`spellings`]), what the worker's words mean ([`Query`]), and the search
//! within one case ([`within`]); all of it pure. The index over all cases is the vault's.
//!
//! A case with protected personal data is found only from inside itself: it never comes into the index, and is taken
//! out of it when protection is raised. Whoever fills the index sees to that.

mod days;
mod pattern;
mod query;
mod stem;
mod within;
mod words;

use jiff::Timestamp;
use uuid::Uuid;

pub use days::Days;
pub use pattern::Pattern;
pub use query::Query;
pub use within::{Place, within};
pub use words::spellings;

use crate::{call::CallId, draft::DraftId};

/// Where in a case a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    CaseNumber,
    Service,
    CallerName,
    Phone,
    AskedFor,
    Note,
    Answer,
}

impl Field {
    pub const ALL: [Self; 7] = [
        Self::CaseNumber,
        Self::Service,
        Self::CallerName,
        Self::Phone,
        Self::AskedFor,
        Self::Note,
        Self::Answer,
    ];
}

/// What is known of one draft, or of a call beside its drafts, as it is to be found again.
///
/// Never made of a call or draft with protected personal data.
#[derive(Clone, PartialEq)]
pub struct SearchDocument {
    /// `None` for what was said in the call outside any form.
    pub draft: Option<DraftId>,
    pub call: CallId,
    /// What the day in a query is compared with, and what hits are ordered by.
    pub at: Timestamp,
    /// A field may come several times.
    pub texts: Vec<(Field, String)>,
}

impl SearchDocument {
    /// The draft, or else the call: a document put again takes the place of the one with the same id.
    pub fn id(&self) -> Uuid {
        self.draft.unwrap_or(self.call)
    }

    /// Whether it has all that is sought, without any index.
    pub fn hit(&self, query: &Query) -> Option<Hit> {
        let in_time = match query.days() {
            None => !query.words().is_empty(),
            Some(days) => days.times().is_some_and(|times| times.contains(&self.at)),
        };
        let of = |wanted: Option<Field>| {
            let texts = self.texts.iter().filter(|(field, _)| wanted.is_none_or(|wanted| wanted == *field));
            let mut all: Vec<String> = texts.flat_map(|(_, text)| spellings(text)).collect();
            all.sort_unstable();
            all
        };
        let all = of(None);
        if !in_time || !query.words().iter().all(|word| word.holds(&all)) {
            return None;
        }
        let touched = |field: &Field| {
            let own = of(Some(*field));
            query.words().iter().any(|word| word.touches(&own))
        };
        Some(Hit { draft: self.draft, call: self.call, field: Field::ALL.into_iter().find(touched) })
    }
}

/// A document that has everything that was sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// `None` for the call itself.
    pub draft: Option<DraftId>,
    pub call: CallId,
    /// Where a word was found, the first in the order of [`Field::ALL`]; `None` when only a day was sought.
    pub field: Option<Field>,
}

/// Says nothing of the content: it is personal data.
impl std::fmt::Debug for SearchDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SearchDocument({})", self.id())
    }
}
