//! The work in the background: probes the way to the municipality, keeps the catalogue fresh and empties the outbox.
//! Decides nothing itself: [`crate::outbox`] and [`crate::link`] do.

mod attempt;
mod bringing;
pub(crate) mod ending;
mod feed;
mod log;
mod tidying;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::Mutex,
    task::{Id, JoinHandle, JoinSet},
    time::{Instant, timeout},
};

use crate::{
    desk::shared::Shared,
    error::{DeskError, LinkError},
    indexing,
    link::News,
    outbox::{Action, Breaker, ItemState, LONGEST_ASKED_MS, Outcome, Running, Task},
    ports::{CatalogueAnswer, Change, Shredding},
    standing::ChangeBatch,
    view::LinkState,
};
use attempt::{Attempt, Ended};
use log::LogProgress;

/// The catalogue is asked for again after so long, also while nothing else happens.
const CATALOGUE_EVERY: Duration = Duration::from_secs(15 * 60);
/// After it could not be fetched.
const CATALOGUE_AGAIN: Duration = Duration::from_secs(30);
/// Between looking for what is to leave this computer: "within minutes" of its receipt.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// After the log has been brought, before what has come to it since goes: less of it goes at a time otherwise, and each
/// time costs a request and a commit. No case waits for this.
const LOG_REST: Duration = Duration::from_secs(1);
/// After a part of the log could not be brought.
const LOG_AGAIN: Duration = Duration::from_secs(60);
/// After the local store refused, before the same is tried again.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Ends with its owner, or in good order with [`Background::stopped`].
pub(crate) struct Background {
    task: Mutex<Option<JoinHandle<()>>>,
    abort: tokio::task::AbortHandle,
}

impl Background {
    pub async fn start(shared: Arc<Shared>) -> Self {
        let mut courier = Courier::new(Arc::clone(&shared)).await;
        let task = tokio::spawn(async move {
            tokio::select! {
                () = courier.run() => {}
                () = indexing::run(&shared) => {}
                () = watch_network(&shared) => {}
            }
        });
        Self { abort: task.abort_handle(), task: Mutex::new(Some(task)) }
    }

    /// Waits for the end that [`Shared::stop`] has asked for.
    pub async fn stopped(&self) {
        if let Some(task) = self.task.lock().await.take() {
            // It ends either way; a panic in it has no one left to tell.
            let _ = task.await;
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

struct Courier {
    shared: Arc<Shared>,
    jobs: JoinSet<Finished>,
    /// What each attempt is for, also when it ends without an answer.
    attempts: HashMap<Id, Attempt>,
    running: Running,
    breaker: Breaker,
    /// The outbox counts its milliseconds from here.
    began: Instant,
    checking: bool,
    next_check: Instant,
    /// The question for changes that is open.
    following: Option<Id>,
    feed_due: Instant,
    /// The municipality does not know the cursor any more.
    feed_anew: bool,
    /// What the municipality's clock said, and when it said so.
    server_time: Option<(Timestamp, Instant)>,
    catalogue_due: Instant,
    bringing_log: bool,
    log_due: Instant,
    /// What no case waits for is left until then.
    log_rests: Instant,
    /// When to look again for what is to leave this computer.
    tidy_due: Instant,
}

enum Finished {
    Probe(Result<Option<Heard>, LinkError>),
    Catalogue(Result<CatalogueAnswer, LinkError>),
    Attempt(Outcome),
    Changes(Result<ChangeBatch, LinkError>),
    /// How much of the log has arrived.
    Log(Result<LogProgress, DeskError>),
}

type Joined = Result<(Id, Finished), tokio::task::JoinError>;

/// What the municipality's clock said, and this computer's before and after.
struct Heard {
    there: Timestamp,
    before: Timestamp,
    after: Timestamp,
}

/// What a change of this computer's network says is looked into at once.
async fn watch_network(shared: &Shared) {
    loop {
        shared.municipality.network_changed().await;
        shared.network.notify_one();
    }
}

impl Courier {
    async fn new(shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        {
            let mut state = shared.state.lock().await;
            let waiting: Vec<_> = state
                .outbox
                .iter()
                .filter_map(|item| match item.state {
                    ItemState::Waiting { ms, asked } => Some((item.id, ms.min(LONGEST_ASKED_MS), asked)),
                    _ => None,
                })
                .collect();
            for (id, ms, asked) in waiting {
                state.outbox.pause(id, 0, ms, asked);
            }
        }
        Self {
            shared,
            jobs: JoinSet::new(),
            attempts: HashMap::new(),
            running: Running::new(),
            breaker: Breaker::default(),
            began: now,
            checking: false,
            next_check: now,
            following: None,
            feed_due: now,
            feed_anew: false,
            server_time: None,
            catalogue_due: now,
            bringing_log: false,
            log_due: now,
            log_rests: now,
            tidy_due: now,
        }
    }

    async fn run(&mut self) {
        let shared = Arc::clone(&self.shared);
        loop {
            self.start_check().await;
            self.tidy().await;
            self.start_log().await;
            self.follow().await;
            let mut wake = self.start_due().await.min(self.tidy_due);
            for due in [self.log_due, self.log_rests, self.feed_due] {
                if due > Instant::now() {
                    wake = wake.min(due);
                }
            }
            tokio::select! {
                () = shared.stop.notified() => break,
                Some(joined) = self.jobs.join_next_with_id() => self.finish(joined).await,
                () = shared.work.notified() => {}
                () = shared.tidy.notified() => self.tidy_due = Instant::now(),
                () = shared.retry.notified() => self.retry().await,
                () = shared.network.notified() => self.next_check = Instant::now(),
                () = tokio::time::sleep_until(wake) => {}
            }
        }
        // What was under way may have arrived; the next start asks before it sends again.
        self.jobs.shutdown().await;
    }

    /// Lets go of what is to leave this computer, and then of its keys, a step at a time.
    async fn tidy(&mut self) {
        let now = Instant::now();
        if now < self.tidy_due {
            return;
        }
        self.tidy_due = after(now, TIDY_EVERY);
        let server_now = self.server_time.and_then(|(time, at)| {
            time.checked_add(SignedDuration::try_from(now.duration_since(at)).ok()?).ok()
        });
        let state = Arc::clone(&self.shared.state).lock_owned().await;
        let due = tidying::due(&self.shared, &state, server_now);
        if due.is_empty() {
            drop(state);
        } else {
            match self.shared.commit(state, due).await {
                Ok(_) => {
                    self.shared.work.notify_one();
                    self.shared.changed();
                }
                Err(_) => tracing::warn!("the local store refused while tidying"),
            }
        }
        match self.shared.store.shred().await {
            Ok(Shredding::KeysGone) => self.tidy_due = Instant::now(),
            Ok(Shredding::Done) => {}
            Ok(Shredding::KeysLeft) | Err(_) => {
                tracing::warn!("what was removed could not be shredded yet");
            }
        }
    }

    /// Probes the way, or asks for the catalogue: only that tells whether the worker's sign-in is still good.
    async fn start_check(&mut self) {
        if self.checking {
            return;
        }
        let now = Instant::now();
        let municipality = Arc::clone(&self.shared.municipality);
        let state = self.shared.state.lock().await;
        let catalogue = if state.link.is_open() {
            now >= self.catalogue_due
        } else {
            state.link.needs_request() && now >= self.next_check
        };
        if catalogue {
            let etag = state.catalogue.as_ref().map(|c| c.etag.clone());
            self.checking = true;
            self.jobs
                .spawn(async move { Finished::Catalogue(municipality.catalogue(etag.as_deref()).await) });
        } else if now >= self.next_check {
            self.checking = true;
            let clock = Arc::clone(&self.shared.clock);
            self.jobs.spawn(async move {
                let before = clock.now();
                let answer = timeout(Action::LEASE, municipality.probe()).await;
                let answer = answer.unwrap_or(Err(LinkError::NoAnswer));
                let heard = |there| Heard { there, before, after: clock.now() };
                Finished::Probe(answer.map(|time| time.map(heard)))
            });
        }
    }

    /// The log goes beside everything else and before the cases that it tells of.
    async fn start_log(&mut self) {
        if self.bringing_log {
            return;
        }
        let mut state = self.shared.state.lock().await;
        if !state.link.is_open() {
            return;
        }
        if Instant::now() < self.log_due {
            // It was not taken a moment ago; no case waits for that.
            if state.outbox.awaits_log() {
                state.outbox.log_leaves();
                state.outbox.log_settled();
            }
            return;
        }
        let rested = Instant::now() >= self.log_rests;
        if state.outbox.awaits_log() || (rested && self.shared.log_grew.load(Ordering::Relaxed)) {
            self.shared.log_grew.store(false, Ordering::Relaxed);
            state.outbox.log_leaves();
            self.bringing_log = true;
            let shared = Arc::clone(&self.shared);
            self.jobs.spawn(async move {
                let brought = timeout(Action::LEASE, log::bring(&shared)).await;
                Finished::Log(brought.unwrap_or(Err(LinkError::NoAnswer.into())))
            });
        }
    }

    /// One question for what happens to the worker's cases, for as long as the way is open.
    async fn follow(&mut self) {
        if self.following.is_some() || Instant::now() < self.feed_due {
            return;
        }
        let state = self.shared.state.lock().await;
        if !state.link.is_open() {
            return;
        }
        let cursor = state.cursor.clone().filter(|_| !self.feed_anew);
        drop(state);
        let municipality = Arc::clone(&self.shared.municipality);
        let job = self.jobs.spawn(async move {
            let asked = timeout(Action::LEASE, municipality.changes(cursor.as_deref()));
            Finished::Changes(asked.await.unwrap_or(Err(LinkError::NoAnswer)))
        });
        self.following = Some(job.id());
    }

    async fn finish_changes(&mut self, answer: Result<ChangeBatch, LinkError>) {
        self.following = None;
        self.feed_due = after(Instant::now(), feed::pause(&answer));
        let said = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        match answer {
            Ok(batch) => {
                let mut state = Arc::clone(&self.shared.state).lock_owned().await;
                let changes = feed::taken_in(&self.shared, &mut state, batch).await;
                if !changes.is_empty() {
                    match self.shared.commit(state, changes).await {
                        Ok(_) => self.shared.changed(),
                        // The cursor has not moved either: it is told again.
                        Err(_) => self.feed_due = after(Instant::now(), STORE_PAUSE),
                    }
                }
                self.feed_anew = false;
            }
            Err(LinkError::Refused { .. }) => self.feed_anew = true,
            Err(_) => {}
        }
        self.hear(said).await;
    }

    async fn finish_log(&mut self, progress: Result<LogProgress, DeskError>) {
        self.bringing_log = false;
        match progress {
            Ok(LogProgress::Whole) => self.log_rests = after(Instant::now(), LOG_REST),
            Ok(LogProgress::More) => {
                self.shared.log_grew.store(true, Ordering::Relaxed);
                return;
            }
            Err(_) => {
                self.shared.log_grew.store(true, Ordering::Relaxed);
                self.log_due = after(Instant::now(), LOG_AGAIN);
            }
        }
        self.shared.state.lock().await.outbox.log_settled();
    }

    /// Whole milliseconds since the outbox began to count.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Attempts that have ended meanwhile end together with this one.
    async fn finish(&mut self, joined: Joined) {
        let (mut ended, mut joined) = (Vec::new(), Some(joined));
        while let Some(job) = joined {
            ended.extend(self.finish_job(job).await);
            joined = self.jobs.try_join_next_with_id();
        }
        if !ended.is_empty() {
            self.finish_attempts(ended).await;
        }
    }

    /// An attempt that has ended is only answered.
    async fn finish_job(&mut self, joined: Joined) -> Option<Ended> {
        let (id, finished) = match joined {
            Ok((id, finished)) => (id, Some(finished)),
            Err(error) => (error.id(), None),
        };
        match (self.attempts.remove(&id), finished) {
            (Some(attempt), finished) => {
                let outcome = match finished {
                    Some(Finished::Attempt(outcome)) => outcome,
                    // It broke off: what it sent may have arrived.
                    _ => Outcome::Failed(LinkError::NoAnswer),
                };
                return Some(Ended { attempt, outcome });
            }
            (None, Some(Finished::Changes(answer))) => self.finish_changes(answer).await,
            (None, None) if self.following == Some(id) => {
                self.finish_changes(Err(LinkError::NoAnswer)).await;
            }
            (None, Some(Finished::Log(progress))) => self.finish_log(progress).await,
            (None, Some(Finished::Catalogue(answer))) => self.finish_catalogue(answer).await,
            (None, Some(Finished::Probe(answer))) => self.finish_probe(answer).await,
            (None, finished) => {
                if finished.is_none() && self.bringing_log {
                    self.finish_log(Err(LinkError::NoAnswer.into())).await;
                }
                self.finish_probe(Err(LinkError::NoAnswer)).await;
            }
        }
        None
    }

    async fn finish_probe(&mut self, answer: Result<Option<Heard>, LinkError>) {
        self.checking = false;
        if let Ok(Some(heard)) = &answer {
            self.server_time = Some((heard.there, Instant::now()));
        }
        let (was, news, probe_in) = {
            let mut state = self.shared.state.lock().await;
            let was = state.link.state;
            let clock = match &answer {
                Ok(Some(heard)) => state.link.clock_said(heard.there, heard.before, heard.after),
                _ => News::None,
            };
            let news = match state.link.probed(answer.as_ref().map(|_| ()), self.shared.now()) {
                News::None => clock,
                news => news,
            };
            (was, news, state.link.probe_in_ms(random()))
        };
        self.next_check = after(Instant::now(), Duration::from_millis(probe_in));
        self.heed(was, news).await;
    }

    async fn finish_catalogue(&mut self, answer: Result<CatalogueAnswer, LinkError>) {
        let said = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        match answer {
            Ok(CatalogueAnswer::New(catalogue)) => {
                self.catalogue_due = after(Instant::now(), CATALOGUE_EVERY);
                let state = Arc::clone(&self.shared.state).lock_owned().await;
                let pins = state.outlines.values().map(|case| &case.service);
                let catalogue = catalogue.succeed(state.catalogue.as_ref(), pins);
                match self.shared.commit(state, vec![Change::PutCatalogue(catalogue)]).await {
                    Ok(_) => self.shared.changed(),
                    Err(_) => self.catalogue_due = after(Instant::now(), STORE_PAUSE),
                }
            }
            Ok(CatalogueAnswer::Unchanged) => self.catalogue_due = after(Instant::now(), CATALOGUE_EVERY),
            Err(_) => self.catalogue_due = after(Instant::now(), CATALOGUE_AGAIN),
        }
        self.checking = false;
        match said {
            // A catalogue that is slow to come is no reason to keep cases back.
            Err(LinkError::Busy { .. } | LinkError::Undecided { .. }) => {
                let probe_in = self.shared.state.lock().await.link.probe_in_ms(random());
                self.next_check = after(Instant::now(), Duration::from_millis(probe_in));
            }
            said => self.hear(said).await,
        }
    }

    /// What an answer to anything but a probe says of the way.
    async fn hear(&mut self, said: Result<(), LinkError>) {
        let (was, news, probe_in) = {
            let mut state = self.shared.state.lock().await;
            let was = state.link.state;
            let news = state.link.heard(said.as_ref().copied(), self.shared.now());
            (was, news, state.link.probe_in_ms(random()))
        };
        if self.next_check <= Instant::now() || matches!(news, News::Changed | News::Connected) {
            self.next_check = after(Instant::now(), Duration::from_millis(probe_in));
        }
        self.heed(was, news).await;
    }

    async fn heed(&mut self, was: LinkState, news: News) {
        match news {
            News::None => {}
            News::Changed => self.shared.changed(),
            News::Doubt => self.next_check = Instant::now(),
            News::Connected => {
                self.feed_due = Instant::now();
                if was.is_lost() {
                    self.breaker.reopened(self.now(), random());
                }
                self.shared.state.lock().await.outbox.hurry();
                self.catalogue_due = self.catalogue_due.min(Instant::now());
                self.shared.changed();
            }
        }
    }

    /// The worker asked for a new try: nothing waits on our account, and what was turned away asks again.
    async fn retry(&mut self) {
        self.next_check = Instant::now();
        self.catalogue_due = Instant::now();
        self.breaker.trust();
        let mut state = Arc::clone(&self.shared.state).lock_owned().await;
        state.outbox.hurry();
        let wedged = state.outbox.iter().filter(|item| item.is_wedged());
        for draft in wedged.filter_map(|item| item.task.draft()).collect::<Vec<_>>() {
            // One that cannot be read is tried again all the same; its state follows when it has an answer.
            let _ = self.shared.load(&mut state, draft).await;
        }
        let mut changes = Vec::new();
        for item in state.outbox.iter() {
            let ItemState::Wedged { reason } = &item.state else { continue };
            if item.task == Task::Contact || reason.may_be_settled() {
                let again = item.again();
                changes.extend(ending::followed(&state, &again));
                changes.push(Change::PutOutbox(again));
            }
        }
        if !changes.is_empty() && self.shared.commit(state, changes).await.is_err() {
            tracing::warn!("the local store refused while retrying");
        }
        self.shared.changed();
    }
}

/// A moment so far away that it has no number is as good as a day.
fn after(now: Instant, pause: Duration) -> Instant {
    now.checked_add(pause).unwrap_or(now + Duration::from_secs(24 * 60 * 60))
}

/// Spreads attempts; nothing secret hangs on it, so a source that fails just spreads nothing.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
