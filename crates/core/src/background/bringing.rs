//! Starts what the outbox may bring, and notes what came of it. What happens at the same time is one transaction: each
//! waits for the disk, and most of the time of a long queue was spent there.

use std::{slice, sync::Arc, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Courier, Finished, STORE_PAUSE, after,
    attempt::{self, Attempt, Ended},
    ending, random,
};
use crate::{
    desk::shared::Held,
    error::LinkError,
    outbox::{Action, MAX_CALLS, Outbox, OutboxItem, Outcome, settle},
    ports::Change,
};

/// The store refused; whether there was more than one thing to note.
struct NotNoted {
    several: bool,
}

impl Courier {
    /// Starts what may start, and says when to look again.
    pub(super) async fn start_due(&mut self) -> Instant {
        let checked = if self.checking { None } else { Some(self.next_check) };
        let mut wake = checked.unwrap_or_else(|| after(Instant::now(), Duration::from_secs(60)));
        loop {
            let mut state = Arc::clone(&self.shared.state).lock_owned().await;
            if !state.link.is_open() {
                return wake;
            }
            if !self.checking {
                wake = wake.min(self.catalogue_due);
            }
            let now = self.now();
            let (most, allowed_in) = self.breaker.allows(now);
            let plan = state.outbox.decide(&self.running, most, now);
            for ms in plan.wake_ms.into_iter().chain(allowed_in) {
                wake = wake.min(after(self.began, Duration::from_millis(now.saturating_add(ms))));
            }
            if plan.start.is_empty() {
                return wake;
            }
            self.start_all(state, &plan.start).await;
        }
    }

    async fn start_all(&mut self, state: Held, start: &[(Uuid, Action)]) {
        let Err(NotNoted { several }) = self.start(state, start).await else { return };
        // Whatever it is that the store refuses, it keeps no other back.
        for one in start {
            if !several || self.start_one(*one).await.is_err() {
                self.pause(one.0, STORE_PAUSE).await;
            }
        }
    }

    async fn start_one(&mut self, one: (Uuid, Action)) -> Result<(), NotNoted> {
        let state = Arc::clone(&self.shared.state).lock_owned().await;
        self.start(state, &[one]).await
    }

    async fn start(&mut self, mut state: Held, start: &[(Uuid, Action)]) -> Result<(), NotNoted> {
        let items = start.iter().filter_map(|(id, action)| Some((state.outbox.get(*id)?.clone(), *action)));
        // The worker may have asked for it back meanwhile.
        let items: Vec<_> = items.filter(|(item, action)| item.action() == *action).collect();
        let leaving: Vec<&OutboxItem> = items
            .iter()
            .filter(|(_, action)| *action == Action::PutSubmission)
            .map(|(item, _)| item)
            .collect();
        if !leaving.is_empty() {
            let several = start.len() > 1;
            let marks = leaving.into_iter().map(mark).collect();
            state = self.shared.commit(state, marks).await.map_err(|_| NotNoted { several })?;
            self.shared.changed();
        }
        for (item, action) in items {
            self.send(&state, item, action);
        }
        Ok(())
    }

    /// A submission only after its mark has been committed.
    fn send(&mut self, state: &Held, item: OutboxItem, action: Action) {
        let (id, of) = (item.id, item.call_id);
        let call = state.calls.get(&of).cloned();
        let attempt = Attempt { item: id, call: of, action, rev: call.as_ref().map_or(0, |call| call.rev) };
        self.running.insert(id, (of, action));
        let work = attempt::make(Arc::clone(&self.shared), item, action, call);
        let job = self.jobs.spawn(async move { Finished::Attempt(work.await) });
        self.attempts.insert(job.id(), attempt);
    }

    pub(super) async fn finish_attempts(&mut self, ended: Vec<Ended>) {
        for end in &ended {
            self.running.remove(&end.attempt.item);
            if let Outcome::Failed(LinkError::Refused { code, .. }) = &end.outcome {
                tracing::warn!(code, "the municipality refused");
                // The catalogue may have moved on.
                self.catalogue_due = Instant::now();
            }
            if let Some(said) = end.said() {
                self.breaker.heard(said.as_ref().copied(), self.now(), random());
            }
        }
        let said: Vec<_> = ended.iter().filter_map(Ended::said).collect();
        for ended in by_different_calls(ended) {
            self.note_all(&ended).await;
        }
        for said in said {
            self.hear(said).await;
        }
    }

    async fn note_all(&mut self, ended: &[Ended]) {
        if let Err(NotNoted { several }) = self.note(ended, true).await {
            for end in ended {
                if !several || self.note(slice::from_ref(end), false).await.is_err() {
                    // Nothing is known of the outcome then: a submission is asked for, the rest is sent again.
                    self.pause(end.attempt.item, STORE_PAUSE).await;
                }
            }
        }
        self.shared.changed();
    }

    /// Notes what attempts came to, all or nothing. With `onward`, the submissions that come next in their calls are
    /// marked with it and leave.
    async fn note(&mut self, ended: &[Ended], onward: bool) -> Result<(), NotNoted> {
        let mut state = Arc::clone(&self.shared.state).lock_owned().await;
        let known = |state: &Held, end: &Ended| state.outbox.get(end.attempt.item).cloned();
        for end in ended {
            if let Some(draft) = known(&state, end).and_then(|item| item.task.draft()) {
                // Without it the outcome counts all the same.
                let _ = self.shared.load(&mut state, draft).await;
            }
        }
        let now = self.now();
        let well = ended.iter().all(Ended::arrived) && self.breaker.allows(now).0 == MAX_CALLS;
        let onward = onward && well && state.link.is_open();
        let (mut changes, mut rests, mut leaving) = (Vec::new(), Vec::new(), Vec::new());
        for end in ended {
            let Some(item) = known(&state, end) else { continue };
            let next = settle(&item, end.attempt.action, end.outcome.clone(), random());
            let end = ending::of(&self.shared, &state, &item, &end.attempt, next);
            let gone = |change: &Change| matches!(change, Change::RemoveOutbox { id } if *id == item.id);
            if onward && end.changes.iter().any(gone) {
                leaving.extend(state.outbox.leaves_after(item.id, &self.running, now));
            }
            changes.extend(end.changes);
            rests.push((item.id, end.pause, end.asked));
        }
        if rests.is_empty() {
            return Ok(());
        }
        let several = ended.len() > 1 || !leaving.is_empty();
        changes.extend(leaving.iter().map(mark));
        let mut state = self.shared.commit(state, changes).await.map_err(|_| NotNoted { several })?;
        for (id, pause, asked) in rests.into_iter().filter(|(_, pause, _)| !pause.is_zero()) {
            self.rest(&mut state.outbox, id, pause, asked);
        }
        for item in leaving {
            self.send(&state, item, Action::PutSubmission);
        }
        Ok(())
    }

    async fn pause(&mut self, id: Uuid, pause: Duration) {
        self.rest(&mut self.shared.state.clone().lock_owned().await.outbox, id, pause, false);
    }

    /// Part of a millisecond has passed already, so one more is to come.
    fn rest(&self, outbox: &mut Outbox, id: Uuid, pause: Duration, asked: bool) {
        let ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        outbox.pause(id, self.now(), ms.saturating_add(1), asked);
    }
}

/// Durable before it leaves: after a crash from here on it is asked for first.
fn mark(item: &OutboxItem) -> Change {
    Change::PutOutbox(item.leaving())
}

/// Of one call no two at a time: what the one comes to may change what the other is about.
fn by_different_calls(ended: Vec<Ended>) -> Vec<Vec<Ended>> {
    let mut groups: Vec<Vec<Ended>> = Vec::new();
    for end in ended {
        let is_free = |group: &&mut Vec<Ended>| group.iter().all(|of| of.attempt.call != end.attempt.call);
        match groups.iter_mut().find(is_free) {
            Some(group) => group.push(end),
            None => groups.push(vec![end]),
        }
    }
    groups
}
