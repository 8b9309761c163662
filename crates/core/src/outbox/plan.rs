//! All items by call, and what of them may start now.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use uuid::Uuid;

use super::{Action, ItemState, OutboxItem, Task};
use crate::{call::CallId, draft::DraftId};

/// Calls that are brought to the municipality at the same time.
pub const MAX_CALLS: usize = 4;
/// Files of one case that go up at the same time.
pub const FILES_AT_A_TIME: usize = 2;

/// What is under way, by item: for which call, and what.
pub type Running = BTreeMap<Uuid, (CallId, Action)>;

/// What to start now, and when to look again if nothing happens before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub start: Vec<(Uuid, Action)>,
    pub wake_ms: Option<u64>,
}

/// All items, by call. The calls stand in line by the moment from which something of them may start, so that looking at
/// ten thousand costs no more than looking at four, and none is passed over for ever.
#[derive(Default)]
pub struct Outbox {
    calls: BTreeMap<CallId, Queue>,
    call_of: HashMap<Uuid, CallId>,
    line: BTreeSet<(u64, CallId)>,
    pauses: HashMap<Uuid, Pause>,
    /// Cases that the log is still to go before, with their calls.
    unlogged: HashMap<DraftId, CallId>,
    /// Those of them that the log on its way tells of.
    logging: HashMap<DraftId, CallId>,
    /// The last moment that was looked at.
    now: u64,
}

#[derive(Default)]
struct Queue {
    /// Oldest first.
    items: Vec<OutboxItem>,
    came: u64,
    /// Where it stands in the line, if it does.
    from: Option<u64>,
}

/// An item is left alone until then; after that, the moment is its place in the line.
struct Pause {
    until: u64,
    /// The municipality asked for it, so a new connection does not end it.
    asked: bool,
}

impl Outbox {
    pub fn put(&mut self, item: OutboxItem) {
        let (call, now) = (item.call_id, self.now);
        let new = self.call_of.insert(item.id, call).is_none();
        if let (true, Task::Submission { draft, .. }) = (new, &item.task) {
            self.unlogged.insert(*draft, call);
        }
        let queue = self.calls.entry(call).or_insert_with(|| Queue { came: now, ..Queue::default() });
        match queue.items.iter_mut().find(|i| i.id == item.id) {
            Some(place) => *place = item,
            None => {
                queue.items.push(item);
                queue.items.sort_by_key(|i| (i.created_at, i.id));
            }
        }
        self.line_up(call);
    }

    pub fn remove(&mut self, id: Uuid) {
        let Some(call) = self.call_of.remove(&id) else { return };
        self.pauses.remove(&id);
        if let Some(queue) = self.calls.get_mut(&call) {
            if let Some(Task::Submission { draft, .. }) =
                queue.items.iter().find(|i| i.id == id).map(|i| &i.task)
            {
                self.unlogged.remove(draft);
            }
            queue.items.retain(|i| i.id != id);
        }
        self.line_up(call);
        if self.of_call(call).is_empty() {
            self.calls.remove(&call);
        }
    }

    pub fn get(&self, id: Uuid) -> Option<&OutboxItem> {
        self.of_call(*self.call_of.get(&id)?).iter().find(|i| i.id == id)
    }

    /// Oldest first.
    pub fn of_call(&self, call: CallId) -> &[OutboxItem] {
        self.calls.get(&call).map_or(&[], |queue| queue.items.as_slice())
    }

    pub fn contact(&self, call: CallId) -> Option<&OutboxItem> {
        self.of_call(call).iter().find(|i| i.task == Task::Contact)
    }

    pub fn submission(&self, call: CallId, of: DraftId) -> Option<&OutboxItem> {
        self.of_call(call)
            .iter()
            .find(|item| matches!(item.task, Task::Submission { draft, .. } if draft == of))
    }

    pub fn iter(&self) -> impl Iterator<Item = &OutboxItem> {
        self.calls.values().flat_map(|queue| &queue.items)
    }

    /// Leaves an item alone for so long; `asked` by the municipality itself.
    pub fn pause(&mut self, id: Uuid, now: u64, ms: u64, asked: bool) {
        if let Some(call) = self.call_of.get(&id).copied() {
            self.pauses.insert(id, Pause { until: now.saturating_add(ms), asked });
            self.line_up(call);
        }
    }

    /// Ends the pauses that the municipality has not asked for. Who has waited longest still goes first.
    pub fn hurry(&mut self) {
        let now = self.now;
        let resting = self.pauses.iter_mut().filter(|(_, pause)| !pause.asked && pause.until > now);
        let over: Vec<Uuid> = resting
            .map(|(id, pause)| {
                pause.until = now;
                *id
            })
            .collect();
        for call in over.iter().filter_map(|id| self.call_of.get(id).copied()).collect::<Vec<_>>() {
            self.line_up(call);
        }
    }

    /// Some case must not go before the log does.
    pub fn awaits_log(&self) -> bool {
        !self.unlogged.is_empty()
    }

    /// All that the log holds now is on its way.
    pub fn log_leaves(&mut self) {
        self.logging.clone_from(&self.unlogged);
    }

    /// It has arrived, or did not and is to be left alone for a while: a log that nobody takes keeps no case back.
    pub fn log_settled(&mut self) {
        for (draft, call) in std::mem::take(&mut self.logging) {
            self.unlogged.remove(&draft);
            self.line_up(call);
        }
    }

    /// What may start beside what is `running`, for at most so many calls in all.
    pub fn decide(&mut self, running: &Running, most: usize, now: u64) -> Plan {
        self.now = self.now.max(now);
        let mut plan = Plan::default();
        let busy: BTreeSet<CallId> = running.values().map(|(call, _)| *call).collect();
        for call in &busy {
            plan.start.extend(self.startable(*call, running, now));
        }
        let mut free = most.saturating_sub(busy.len());
        for (_, call) in self.line.range(..=(now, Uuid::max())).filter(|(_, call)| !busy.contains(call)) {
            if free == 0 {
                return plan;
            }
            plan.start.extend(self.startable(*call, running, now));
            free -= 1;
        }
        let later = (Bound::Excluded((now, Uuid::max())), Bound::Unbounded);
        let next = self.line.range(later).find(|(_, call)| !busy.contains(call));
        plan.wake_ms = next.map(|(from, _)| from - now);
        plan
    }

    /// The submission that may leave as soon as this item of its call is gone, beside what is `running`.
    pub fn leaves_after(&self, gone: Uuid, running: &Running, now: u64) -> Option<OutboxItem> {
        let call = *self.call_of.get(&gone)?;
        let left: Vec<OutboxItem> = self.of_call(call).iter().filter(|i| i.id != gone).cloned().collect();
        match self.startable_of(call, &left, running, now)[..] {
            [(id, Action::PutSubmission)] => left.into_iter().find(|item| item.id == id),
            _ => None,
        }
    }

    fn startable(&self, call: CallId, running: &Running, now: u64) -> Vec<(Uuid, Action)> {
        self.startable_of(call, self.of_call(call), running, now)
    }

    /// What may start of a call with these items: a withdrawal beside anything; else one thing, or a few files of one
    /// case.
    fn startable_of(
        &self,
        call: CallId,
        items: &[OutboxItem],
        running: &Running,
        now: u64,
    ) -> Vec<(Uuid, Action)> {
        let due: Vec<(&OutboxItem, Action)> = self
            .next_of(items)
            .into_iter()
            .filter(|(item, _)| !running.contains_key(&item.id) && self.rests_until(item) <= now)
            .collect();
        if let Some((item, action)) = due.first().filter(|(_, action)| *action == Action::Withdraw) {
            return vec![(item.id, *action)];
        }
        let under_way: Vec<(&Uuid, Action)> = running
            .iter()
            .filter(|(_, (of, _))| *of == call)
            .map(|(id, (_, action))| (id, *action))
            .collect();
        let Some(first) = due.first() else { return Vec::new() };
        let draft = match under_way.first() {
            None if first.1 != Action::PutFile => return vec![(first.0.id, first.1)],
            None => first.0.task.draft(),
            Some((id, Action::PutFile)) => self.get(**id).and_then(|item| item.task.draft()),
            Some(_) => return Vec::new(),
        };
        let room = FILES_AT_A_TIME.saturating_sub(under_way.len());
        due.into_iter()
            .filter(|(item, action)| *action == Action::PutFile && item.task.draft() == draft)
            .take(room)
            .map(|(item, action)| (item.id, action))
            .collect()
    }

    /// The items of a call that nothing stands before: what is wanted back; then the contact record alone, else the next
    /// of each case.
    fn next_of<'a>(&self, items: &'a [OutboxItem]) -> Vec<(&'a OutboxItem, Action)> {
        let mut next: Vec<&OutboxItem> = items.iter().filter(|i| i.state == ItemState::Withdrawing).collect();
        // A refused contact record does not keep the cases back.
        if let Some(contact) = items.iter().find(|i| i.task == Task::Contact && !i.is_wedged()) {
            next.push(contact);
        } else {
            let mut cases: Vec<DraftId> = Vec::new();
            for draft in items.iter().filter_map(|item| item.task.draft()) {
                if !cases.contains(&draft) {
                    cases.push(draft);
                    next.extend(self.next_of_case(items, draft));
                }
            }
        }
        next.into_iter().map(|item| (item, item.action())).collect()
    }

    fn next_of_case<'a>(&self, items: &'a [OutboxItem], draft: DraftId) -> Vec<&'a OutboxItem> {
        let of_case = items.iter().filter(|i| i.task.draft() == Some(draft));
        let kept_back = |i: &OutboxItem| i.is_wedged() || i.state == ItemState::Withdrawing;
        if self.unlogged.contains_key(&draft) || of_case.clone().any(kept_back) {
            return Vec::new();
        }
        let files: Vec<_> = of_case.clone().filter(|i| matches!(i.task, Task::File { .. })).collect();
        if files.is_empty() { of_case.take(1).collect() } else { files }
    }

    fn rests_until(&self, item: &OutboxItem) -> u64 {
        self.pauses.get(&item.id).map_or(0, |pause| pause.until)
    }

    /// Puts a call where it belongs in the line.
    fn line_up(&mut self, call: CallId) {
        let from = self.next_of(self.of_call(call)).into_iter().map(|(item, _)| self.rests_until(item)).min();
        let Some(queue) = self.calls.get_mut(&call) else { return };
        let from = from.map(|from| from.max(queue.came));
        if from == queue.from {
            return;
        }
        if let Some(old) = std::mem::replace(&mut queue.from, from) {
            self.line.remove(&(old, call));
        }
        self.line.extend(from.map(|from| (from, call)));
    }
}
