//! The order of the queue and the counts beside it, kept from change to change: a look at the newest of ten thousand
//! cases costs what a look at the newest of ten does.

use std::{cmp::Reverse, collections::BTreeSet};

use jiff::Timestamp;

use crate::{
    call::{Call, CallId},
    draft::{CaseState, DraftId, Outline},
};

/// Open calls first, then what the worker has to see to, then the newest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    ended: bool,
    seen_to: bool,
    newest: Reverse<(Timestamp, CallId)>,
}

impl Place {
    pub fn call(&self) -> CallId {
        self.newest.0.1
    }

    pub fn is_open(&self) -> bool {
        !self.ended
    }
}

/// What a call with its cases adds to the queue.
pub(super) struct Standing {
    place: Place,
    rows: usize,
}

impl Standing {
    pub fn of<'a>(call: &Call, cases: impl Iterator<Item = &'a Outline>) -> Self {
        let (mut all, mut discarded, mut seen_to) = (0, 0, true);
        for case in cases {
            all += 1;
            discarded += usize::from(case.discarded_at.is_some());
            seen_to &= !matches!(case.state, CaseState::NeedsAction { .. });
        }
        let ended = call.ended_at.is_some();
        let newest = Reverse((call.started_at, call.id));
        // A call that has no case yet is a row by itself.
        let rows = if all == 0 { 1 } else { all - discarded };
        Self { place: Place { ended, seen_to: ended && seen_to, newest }, rows }
    }
}

/// Cases by where they stand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub editing: usize,
    /// They wait to be sent.
    pub queued: usize,
    /// Whether they have arrived is open.
    pub unknown: usize,
    pub needs_action: usize,
    /// The municipality has told of them what nobody has looked at yet.
    pub news: usize,
}

impl Counts {
    fn of(&mut self, case: &Outline) -> Option<&mut usize> {
        match case.state {
            CaseState::Editing => Some(&mut self.editing),
            CaseState::Queued { .. } => Some(&mut self.queued),
            CaseState::Unknown { .. } | CaseState::Withdrawing { .. } => Some(&mut self.unknown),
            CaseState::NeedsAction { .. } => Some(&mut self.needs_action),
            CaseState::Received { .. } => {
                case.standing.as_ref().filter(|standing| standing.news).map(|_| &mut self.news)
            }
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Queue {
    places: BTreeSet<Place>,
    rows: usize,
    /// Oldest first.
    cases: BTreeSet<(CallId, DraftId)>,
    discarded: BTreeSet<(Timestamp, DraftId)>,
    counts: Counts,
}

impl Queue {
    /// Calls in their order.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// All rows of all calls.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Of a call, the oldest first.
    pub fn cases_of(&self, call: CallId) -> impl Iterator<Item = DraftId> {
        self.cases.range((call, DraftId::nil())..=(call, DraftId::max())).map(|(_, draft)| *draft)
    }

    /// The last thrown away first.
    pub fn discarded(&self) -> impl Iterator<Item = DraftId> {
        self.discarded.iter().rev().map(|(_, draft)| *draft)
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub fn enter(&mut self, standing: Standing) {
        self.rows += standing.rows;
        self.places.insert(standing.place);
    }

    pub fn leave(&mut self, standing: &Standing) {
        self.rows -= standing.rows;
        self.places.remove(&standing.place);
    }

    pub fn add(&mut self, case: &Outline) {
        self.cases.insert((case.call_id, case.id));
        self.discarded.extend(case.discarded_at.map(|at| (at, case.id)));
        if let Some(count) = self.counts.of(case) {
            *count += 1;
        }
    }

    pub fn take_out(&mut self, case: &Outline) {
        self.cases.remove(&(case.call_id, case.id));
        if let Some(at) = case.discarded_at {
            self.discarded.remove(&(at, case.id));
        }
        if let Some(count) = self.counts.of(case) {
            *count -= 1;
        }
    }
}
