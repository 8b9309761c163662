//! The outbox as a pure state machine: what to start next, and what an outcome means. No I/O and no clock.
//!
//! Within a call the contact record goes first, and within a case its files go before the submission. A case never
//! waits for another one. A submission that has been tried is asked for before it is sent again, so that a lost
//! answer cannot make a second case.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    call::CallId,
    draft::{DraftId, Refusal},
    error::LinkError,
    submission::{Receipt, Submission},
};

/// Calls that are brought to the municipality at the same time.
pub const MAX_CALLS: usize = 4;
/// How often the files of a case are brought again before the case needs action.
pub const MAX_RESENT: u32 = 3;
const BACKOFF_BASE_MS: u64 = 1_000;
const BACKOFF_CAP_MS: u64 = 5 * 60 * 1_000;

/// One thing to bring to the municipality. Never removed by a number of attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxItem {
    pub id: Uuid,
    pub call_id: CallId,
    pub task: Task,
    pub state: ItemState,
    pub attempts: u32,
    /// How often its files were brought again because the municipality lacked one.
    #[serde(default)]
    pub resent: u32,
    pub created_at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// The contact record as it stands when sent.
    Contact,
    File {
        file: Uuid,
        draft: DraftId,
        name: String,
        media_type: String,
    },
    Submission {
        submission: Uuid,
        draft: DraftId,
    },
}

/// Every item is in exactly one of these; done items are removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    Ready,
    /// Waits for the items before it in the same call.
    Blocked,
    /// A submission that is being sent; found after a crash it is as good as unknown.
    InFlight,
    /// It may have arrived: ask before sending again.
    Unknown,
    /// Waits this long from when it was saved. A new connection ends it, unless the municipality asked for it.
    Waiting {
        ms: u64,
        asked: bool,
    },
    Wedged {
        reason: Refusal,
    },
}

/// What to do for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    PutContact,
    PutFile,
    /// Ask what the municipality has under the submission's id.
    Ask,
    PutSubmission,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A contact record or a file has arrived.
    Done,
    /// The municipality has the case, with the digest that was sent.
    Received(Box<Receipt>),
    /// The municipality has something else under the submission's id.
    Differs,
    /// Asked for, and the municipality has nothing.
    Nothing,
    /// The local store could not be read just now; nothing was sent.
    NotTried,
    Failed(LinkError),
}

/// What becomes of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// It has arrived and leaves the outbox.
    Done,
    Received(Box<Receipt>),
    /// It stays as this, and is left alone for so long.
    Stay {
        item: OutboxItem,
        pause_ms: u64,
    },
    /// The municipality lacks a file: all files of the case go again, then this.
    BringFiles(OutboxItem),
}

/// What to start now, and when to look again if nothing happens before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub start: Vec<(Uuid, Action)>,
    pub wake_ms: Option<u64>,
}

/// All items, by call.
#[derive(Default)]
pub struct Outbox {
    calls: BTreeMap<CallId, Vec<OutboxItem>>,
    call_of: HashMap<Uuid, CallId>,
}

impl Outbox {
    pub fn put(&mut self, item: OutboxItem) {
        self.call_of.insert(item.id, item.call_id);
        let items = self.calls.entry(item.call_id).or_default();
        match items.iter_mut().find(|i| i.id == item.id) {
            Some(place) => *place = item,
            None => {
                items.push(item);
                items.sort_by_key(|i| (i.created_at, i.id));
            }
        }
    }

    pub fn remove(&mut self, id: Uuid) {
        let Some(call) = self.call_of.remove(&id) else { return };
        if let Some(items) = self.calls.get_mut(&call) {
            items.retain(|i| i.id != id);
            if items.is_empty() {
                self.calls.remove(&call);
            }
        }
    }

    pub fn get(&self, id: Uuid) -> Option<&OutboxItem> {
        self.of_call(*self.call_of.get(&id)?).iter().find(|i| i.id == id)
    }

    /// Oldest first.
    pub fn of_call(&self, call: CallId) -> &[OutboxItem] {
        self.calls.get(&call).map_or(&[], Vec::as_slice)
    }

    pub fn contact(&self, call: CallId) -> Option<&OutboxItem> {
        self.of_call(call).iter().find(|i| i.task == Task::Contact)
    }

    pub fn iter(&self) -> impl Iterator<Item = &OutboxItem> {
        self.calls.values().flatten()
    }

    /// What may start beside what is `running`. `rest_ms` is how long an item is still to be left alone.
    pub fn decide(&self, running: &BTreeMap<Uuid, Action>, rest_ms: impl Fn(&OutboxItem) -> u64) -> Plan {
        let mut plan = Plan::default();
        let busy: Vec<CallId> = running.keys().filter_map(|id| self.call_of.get(id).copied()).collect();
        let mut free = MAX_CALLS.saturating_sub(running.len());
        for (call, items) in &self.calls {
            if free == 0 {
                break;
            }
            if busy.contains(call) {
                continue;
            }
            let mut rest: Option<u64> = None;
            for (item, action) in due_in_order(items) {
                match rest_ms(item) {
                    0 => {
                        plan.start.push((item.id, action));
                        free -= 1;
                        rest = None;
                        break;
                    }
                    ms => rest = Some(rest.map_or(ms, |least| least.min(ms))),
                }
            }
            if let Some(ms) = rest {
                plan.wake_ms = Some(plan.wake_ms.map_or(ms, |least| least.min(ms)));
            }
        }
        plan
    }
}

/// The items of a call that nothing stands before: the contact record alone, else the first of each case.
fn due_in_order(items: &[OutboxItem]) -> Vec<(&OutboxItem, Action)> {
    let wedged = |item: &OutboxItem| matches!(item.state, ItemState::Wedged { .. });
    // A refused contact record does not keep the cases back.
    if let Some(contact) = items.iter().find(|i| i.task == Task::Contact && !wedged(i)) {
        return vec![(contact, Action::PutContact)];
    }
    let mut cases: Vec<DraftId> = Vec::new();
    for item in items {
        if let Some(draft) = item.task.draft().filter(|draft| !cases.contains(draft)) {
            cases.push(draft);
        }
    }
    cases
        .into_iter()
        .filter_map(|draft| {
            let mut of_case = items.iter().filter(|i| i.task.draft() == Some(draft));
            if of_case.clone().any(wedged) {
                return None;
            }
            let file = of_case.clone().find(|i| matches!(i.task, Task::File { .. }));
            let item = file.or_else(|| of_case.next())?;
            Some((item, item.action()))
        })
        .collect()
}

impl OutboxItem {
    /// What is to be done for it when it is its turn.
    pub fn action(&self) -> Action {
        match (&self.task, &self.state) {
            (Task::Contact, _) => Action::PutContact,
            (Task::File { .. }, _) => Action::PutFile,
            (Task::Submission { .. }, ItemState::Ready | ItemState::Blocked) => Action::PutSubmission,
            (Task::Submission { .. }, _) => Action::Ask,
        }
    }

    fn with(&self, state: ItemState) -> Self {
        Self { state, ..self.clone() }
    }

    fn tried(&self, state: ItemState) -> Self {
        Self { state, attempts: self.attempts.saturating_add(1), ..self.clone() }
    }

    fn wedged(&self, code: &str, questions: Vec<String>) -> Next {
        let reason = Refusal { code: code.to_owned(), questions };
        Next::Stay { item: self.tried(ItemState::Wedged { reason }), pause_ms: 0 }
    }

    /// As it is after a crash: what was being sent may have arrived.
    pub fn after_crash(&self) -> Self {
        match self.state {
            ItemState::InFlight => self.with(ItemState::Unknown),
            _ => self.clone(),
        }
    }
}

impl Task {
    pub fn draft(&self) -> Option<DraftId> {
        match self {
            Self::Contact => None,
            Self::File { draft, .. } | Self::Submission { draft, .. } => Some(*draft),
        }
    }
}

/// What a receipt is worth: it counts only for exactly what was frozen.
pub fn judge(submission: &Submission, receipt: Receipt) -> Outcome {
    if receipt.submission == submission.id && receipt.digest == submission.digest {
        Outcome::Received(Box::new(receipt))
    } else {
        Outcome::Differs
    }
}

/// What becomes of an item after an attempt. `item` is as it was when the attempt ended, and `random` any number.
pub fn settle(item: &OutboxItem, action: Action, outcome: Outcome, random: u64) -> Next {
    let error = match outcome {
        Outcome::Done => return Next::Done,
        Outcome::Received(receipt) => return Next::Received(receipt),
        Outcome::Differs => return item.wedged("content_differs", Vec::new()),
        Outcome::Nothing => return Next::Stay { item: item.with(ItemState::Ready), pause_ms: 0 },
        Outcome::NotTried => LinkError::Unreachable,
        Outcome::Failed(error) => error,
    };
    let backoff = backoff_ms(item.attempts, random);
    let wait = |ms: u64, asked: bool| Next::Stay {
        // What may have arrived stays unknown until the municipality has said so.
        item: match item.state {
            ItemState::Unknown => item.tried(ItemState::Unknown),
            ItemState::InFlight if action == Action::Ask => item.tried(ItemState::Unknown),
            _ => item.tried(ItemState::Waiting { ms, asked }),
        },
        pause_ms: ms,
    };
    match error {
        // The request was turned away at the door: nothing was tried.
        LinkError::SignInNeeded | LinkError::TooOld => Next::Stay {
            item: match action {
                Action::PutSubmission => item.with(ItemState::Ready),
                _ => item.clone(),
            },
            pause_ms: 0,
        },
        LinkError::NoAnswer | LinkError::WrongServer if action == Action::PutSubmission => {
            Next::Stay { item: item.tried(ItemState::Unknown), pause_ms: backoff }
        }
        LinkError::NoAnswer | LinkError::WrongServer | LinkError::Unreachable => wait(backoff, false),
        LinkError::Busy { retry_after_ms: Some(ms) } => wait(ms, true),
        LinkError::Busy { retry_after_ms: None } => wait(backoff, false),
        LinkError::Refused { code, questions } => refused(item, action, &code, questions),
    }
}

fn refused(item: &OutboxItem, action: Action, code: &str, questions: Vec<String>) -> Next {
    match action {
        Action::PutSubmission if code == "attachment_missing" && item.resent < MAX_RESENT => {
            let mut item = item.tried(ItemState::Blocked);
            item.resent += 1;
            Next::BringFiles(item)
        }
        // Whether it arrived is still open, so the code must not be one that allows a new submission.
        Action::Ask if !matches!(code, "cancelled" | "content_differs" | "forbidden") => {
            item.wedged("unexpected_answer", questions)
        }
        _ => item.wedged(code, questions),
    }
}

/// Full jitter: anything from nothing up to a ceiling that doubles with each attempt.
fn backoff_ms(attempts: u32, random: u64) -> u64 {
    let ceiling = BACKOFF_BASE_MS.saturating_mul(1_u64 << attempts.min(20)).min(BACKOFF_CAP_MS);
    random % (ceiling + 1)
}

/// Names no file: file names are personal data.
impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Contact => f.write_str("Contact"),
            Self::File { file, .. } => write!(f, "File({file})"),
            Self::Submission { submission, .. } => write!(f, "Submission({submission})"),
        }
    }
}
