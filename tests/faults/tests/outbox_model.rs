//! Every order of events, within bounds: two clients, one municipality, and a network that loses, doubles and delays.
//!
//! The clients are the real rules, [`Outbox::decide`] and [`settle`]; only the network and the municipality are modelled.
//! The second client is a copy of the first, as a backup of the same computer would be: both have the same submission.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledsaga_core::{
    error::LinkError,
    outbox::ItemState,
    outbox::{Action, MAX_CALLS, Next, Outbox, OutboxItem, Outcome, Running, Task, judge, settle},
    submission::{Receipt, Submission},
};
use ledsaga_faults::report::{Kind, row, setting};
use stateright::{Checker, Model, Property};
use uuid::Uuid;

/// What may go wrong in one run, at most: losses, copies, deadlines that pass too early, crashes.
const TROUBLE: usize = 2;
/// Attempts of one client, at most; a run that needs more is not followed further.
const ATTEMPTS: u8 = 6;

/// A rule that is left out, to see that it is missed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// The municipality makes a case of each copy.
    Idempotency,
    /// The client takes a lost answer for a failure, and sends the case anew under a new id.
    Asking,
    /// The municipality says yes to a withdrawal and does not remember it.
    Tombstone,
}

struct Town {
    without: Without,
    clients: usize,
    trouble: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    clients: Vec<Client>,
    /// The submissions that became cases, in order.
    cases: Vec<Uuid>,
    tombstones: BTreeSet<Uuid>,
    /// Requests under way. The municipality may meet them in any order, and at any time.
    requests: BTreeSet<Request>,
    answers: BTreeMap<usize, Answer>,
    /// Ids that a client was promised about.
    promised: BTreeSet<Uuid>,
    trouble: usize,
}

/// One computer. What it knows is durable before anything leaves it, so a crash only costs what it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Client {
    case: Case,
    waits: Option<Action>,
    attempt: u8,
    may_withdraw: bool,
    /// The submissions that it has sent or is to send, the newest last.
    ids: Vec<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Case {
    OnItsWay(OutboxItem),
    Draft,
    Received(Uuid),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Request {
    client: usize,
    attempt: u8,
    verb: Verb,
    id: Uuid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Verb {
    Put,
    Get,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Answer {
    Receipt,
    None,
    Cancelled,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Start(usize),
    /// The municipality meets a request, and its answer is under way; with `true`, a copy of it stays in the network.
    Arrive(Request, bool),
    Lose(Request),
    LoseAnswer(usize),
    Hear(usize),
    /// The lease is over.
    GiveUp(usize),
    Crash(usize),
    /// The municipality restarts: no connection outlives that.
    Restart,
    Withdraw(usize),
    SubmitAgain(usize),
}

fn digest(id: Uuid) -> String {
    id.simple().to_string()
}

fn item(client: usize, id: Uuid) -> OutboxItem {
    let owner = Uuid::from_u64_pair(9, client as u64);
    OutboxItem {
        id: owner,
        call_id: owner,
        task: Task::Submission { submission: id, draft: owner },
        state: ItemState::Blocked,
        attempts: 0,
        resent: 0,
        sent: false,
        bytes: 0,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn submission_of(item: &OutboxItem) -> Uuid {
    match item.task {
        Task::Submission { submission, .. } => submission,
        _ => Uuid::nil(),
    }
}

impl Client {
    /// What the real rules start now.
    fn next(&self) -> Option<Action> {
        let Case::OnItsWay(item) = &self.case else { return None };
        let mut outbox = Outbox::default();
        outbox.put(item.clone());
        outbox.log_leaves();
        outbox.log_settled();
        let running: Running = self.waits.iter().map(|action| (item.id, (item.call_id, *action))).collect();
        outbox.decide(&running, MAX_CALLS, 0).start.first().map(|(_, action)| *action)
    }

    /// What the real rules make of an outcome.
    fn settled(&mut self, client: usize, outcome: Outcome, without: Without) -> Option<Uuid> {
        let (Case::OnItsWay(item), Some(action)) = (&self.case, self.waits.take()) else { return None };
        let (id, lost) = (submission_of(item), outcome == Outcome::Failed(LinkError::NoAnswer));
        let mut promised = None;
        self.case = match settle(item, action, outcome, 0) {
            Next::Received(receipt) => Case::Received(receipt.submission),
            Next::Withdrawn => {
                promised = Some(id);
                Case::Draft
            }
            Next::Stay { item, .. } if without == Without::Asking && lost && self.ids.len() < 2 => {
                drop(item);
                self.anew(client)
            }
            // How often was tried decides how long it rests, and no more; so few states are enough.
            Next::Stay { item, .. } => Case::OnItsWay(OutboxItem { attempts: item.attempts.min(1), ..item }),
            Next::Done | Next::BringFiles(_) => Case::OnItsWay(item.clone()),
        };
        promised
    }

    fn anew(&mut self, client: usize) -> Case {
        let id = Uuid::from_u64_pair(2 + self.ids.len() as u64, client as u64);
        self.ids.push(id);
        Case::OnItsWay(item(client, id))
    }

    /// Nothing more will happen by itself, and what is shown is final or asks for the worker.
    fn is_settled(&self) -> bool {
        match &self.case {
            Case::OnItsWay(item) => item.is_wedged(),
            Case::Draft | Case::Received(_) => true,
        }
    }
}

impl Town {
    fn answer(&self, world: &mut World, request: &Request) -> Answer {
        let (known, gone) = (world.cases.contains(&request.id), world.tombstones.contains(&request.id));
        match request.verb {
            _ if gone && request.verb != Verb::Delete => Answer::Cancelled,
            Verb::Put => {
                if !known || self.without == Without::Idempotency {
                    world.cases.push(request.id);
                }
                Answer::Receipt
            }
            Verb::Get | Verb::Delete if known => Answer::Receipt,
            Verb::Get => Answer::None,
            Verb::Delete => {
                if self.without != Without::Tombstone {
                    world.tombstones.insert(request.id);
                }
                Answer::Withdrawn
            }
        }
    }

    fn start(&self, world: &mut World, client: usize) {
        let this = &mut world.clients[client];
        let Some(action) = this.next() else { return };
        let Case::OnItsWay(item) = &mut this.case else { return };
        let verb = match action {
            Action::PutSubmission => {
                *item = item.leaving();
                Verb::Put
            }
            Action::Withdraw => Verb::Delete,
            _ => Verb::Get,
        };
        let id = submission_of(item);
        this.attempt += 1;
        this.waits = Some(action);
        world.requests.insert(Request { client, attempt: this.attempt, verb, id });
    }

    fn arrive(&self, world: &mut World, request: &Request) {
        let answer = self.answer(world, request);
        let client = &world.clients[request.client];
        // Nobody listens any more to the answer to an attempt that was given up.
        if client.waits.is_some() && client.attempt == request.attempt {
            world.answers.insert(request.client, answer);
        }
    }

    fn hear(&self, world: &mut World, client: usize) {
        let Some(answer) = world.answers.remove(&client) else { return };
        let Case::OnItsWay(item) = &world.clients[client].case else { return };
        let id = submission_of(item);
        let outcome = match answer {
            Answer::Receipt => judge(&frozen(id), receipt(id)),
            Answer::None => Outcome::Nothing,
            Answer::Withdrawn => Outcome::Withdrawn,
            Answer::Cancelled => {
                Outcome::Failed(LinkError::Refused { code: "cancelled".into(), questions: vec![] })
            }
        };
        self.settle(world, client, outcome);
    }

    fn settle(&self, world: &mut World, client: usize, outcome: Outcome) {
        world.answers.remove(&client);
        let promised = world.clients[client].settled(client, outcome, self.without);
        world.promised.extend(promised);
    }

    /// Peace from here on: does everything come to an end?
    fn comes_to_an_end(&self, world: &World) -> bool {
        let mut world = world.clone();
        for _ in 0..12 {
            for request in std::mem::take(&mut world.requests) {
                self.arrive(&mut world, &request);
            }
            for client in 0..world.clients.len() {
                if world.answers.contains_key(&client) {
                    self.hear(&mut world, client);
                } else if world.clients[client].waits.is_some() {
                    self.settle(&mut world, client, Outcome::Failed(LinkError::NoAnswer));
                }
                self.start(&mut world, client);
            }
        }
        world.clients.iter().all(Client::is_settled)
    }
}

fn frozen(id: Uuid) -> Submission {
    Submission {
        id,
        draft_id: Uuid::nil(),
        call_id: Uuid::nil(),
        payload: vec![],
        digest: digest(id),
        frozen_at: Timestamp::UNIX_EPOCH,
    }
}

fn receipt(id: Uuid) -> Receipt {
    Receipt {
        submission: id,
        digest: digest(id),
        case_number: String::new(),
        received_at: Timestamp::UNIX_EPOCH,
        proof: String::new(),
        to_supplement: vec![],
    }
}

impl Model for Town {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        let shared = Uuid::from_u64_pair(1, 0);
        let client = |client| Client {
            case: Case::OnItsWay(item(client, shared)),
            waits: None,
            attempt: 0,
            may_withdraw: true,
            ids: vec![shared],
        };
        vec![World {
            clients: (0..self.clients).map(client).collect(),
            cases: vec![],
            tombstones: BTreeSet::new(),
            requests: BTreeSet::new(),
            answers: BTreeMap::new(),
            promised: BTreeSet::new(),
            trouble: self.trouble,
        }]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        for (id, client) in world.clients.iter().enumerate() {
            if client.next().is_some() {
                events.push(Event::Start(id));
            }
            if world.answers.contains_key(&id) {
                events.push(Event::Hear(id));
            }
            if client.may_withdraw && matches!(&client.case, Case::OnItsWay(item) if !item.is_wedged()) {
                events.push(Event::Withdraw(id));
            }
            if client.case == Case::Draft && client.ids.len() < 2 {
                events.push(Event::SubmitAgain(id));
            }
            let lost = client.waits.is_some()
                && !world.answers.contains_key(&id)
                && !world.requests.iter().any(|r| (r.client, r.attempt) == (id, client.attempt));
            if lost || (world.trouble > 0 && client.waits.is_some()) {
                events.push(Event::GiveUp(id));
            }
            if world.trouble > 0 && client.waits.is_some() {
                events.push(Event::Crash(id));
                if world.answers.contains_key(&id) {
                    events.push(Event::LoseAnswer(id));
                }
            }
        }
        for request in &world.requests {
            events.push(Event::Arrive(request.clone(), false));
            if world.trouble > 0 {
                events.push(Event::Arrive(request.clone(), true));
                events.push(Event::Lose(request.clone()));
            }
        }
        if world.trouble > 0 && !world.answers.is_empty() {
            events.push(Event::Restart);
        }
    }

    fn next_state(&self, world: &World, event: Event) -> Option<World> {
        let mut next = world.clone();
        let lost = |world: &World, client: usize| {
            let this = &world.clients[client];
            !world.answers.contains_key(&client)
                && !world.requests.iter().any(|r| (r.client, r.attempt) == (client, this.attempt))
        };
        next.trouble -= usize::from(match &event {
            Event::Arrive(_, copy) => *copy,
            Event::GiveUp(client) => !lost(world, *client),
            Event::Lose(_) | Event::LoseAnswer(_) | Event::Crash(_) | Event::Restart => true,
            Event::Start(_) | Event::Hear(_) | Event::Withdraw(_) | Event::SubmitAgain(_) => false,
        });
        match event {
            Event::Start(client) => self.start(&mut next, client),
            Event::Arrive(request, copy) => {
                if !copy {
                    next.requests.remove(&request);
                }
                self.arrive(&mut next, &request);
            }
            Event::Lose(request) => drop(next.requests.remove(&request)),
            Event::LoseAnswer(client) => drop(next.answers.remove(&client)),
            Event::Hear(client) => self.hear(&mut next, client),
            Event::GiveUp(client) => self.settle(&mut next, client, Outcome::Failed(LinkError::NoAnswer)),
            Event::Crash(client) => {
                next.answers.remove(&client);
                let this = &mut next.clients[client];
                this.waits = None;
                if let Case::OnItsWay(item) = &mut this.case {
                    *item = item.after_crash();
                }
            }
            Event::Restart => next.answers.clear(),
            Event::Withdraw(client) => {
                let this = &mut next.clients[client];
                this.may_withdraw = false;
                if let Case::OnItsWay(item) = &this.case {
                    this.case = match item.asked_back() {
                        Some(asked) => Case::OnItsWay(asked),
                        None => {
                            // It never left from here; what a copy of this computer sends is the copy's.
                            this.ids.clear();
                            Case::Draft
                        }
                    };
                }
            }
            Event::SubmitAgain(client) => {
                let this = &mut next.clients[client];
                this.case = this.anew(client);
            }
        }
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one id, at most one case", |_, world: &World| {
                let ids: BTreeSet<_> = world.cases.iter().collect();
                ids.len() == world.cases.len()
            }),
            Property::always("one draft, at most one case", |_, world: &World| {
                world
                    .clients
                    .iter()
                    .all(|client| client.ids.iter().filter(|id| world.cases.contains(id)).count() <= 1)
            }),
            Property::always("what is shown as received is there", |_, world: &World| {
                world.clients.iter().all(|client| match &client.case {
                    Case::Received(id) => world.cases.contains(id),
                    _ => true,
                })
            }),
            Property::always("what was promised to be withdrawn is never a case", |_, world: &World| {
                world.promised.iter().all(|id| !world.cases.contains(id))
            }),
            Property::always("from everywhere it comes to an end", |town: &Self, world: &World| {
                town.comes_to_an_end(world)
            }),
            Property::sometimes("a withdrawal comes in time", |_, world: &World| !world.promised.is_empty()),
            Property::sometimes("a withdrawal comes too late", |_, world: &World| {
                world.clients.iter().any(|c| !c.may_withdraw && matches!(c.case, Case::Received(_)))
            }),
        ]
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.clients.iter().all(|client| client.attempt <= ATTEMPTS)
    }
}

/// The states that were looked at, and the properties that did not hold.
fn look(without: Without, clients: usize, trouble: usize) -> (usize, Vec<&'static str>) {
    let checker = Town { without, clients, trouble }.checker().threads(2).spawn_bfs().join();
    let sometimes = |name: &&str| name.starts_with("a withdrawal comes");
    let discoveries = checker.discoveries();
    let mut wrong: Vec<_> = discoveries.keys().copied().filter(|name| !sometimes(name)).collect();
    if without == Without::Nothing {
        assert_eq!(discoveries.keys().filter(|name| sometimes(name)).count(), 2, "the model is too narrow");
    }
    wrong.sort_unstable();
    (checker.unique_state_count(), wrong)
}

#[test]
fn no_order_of_events_loses_or_doubles_a_case() {
    let trouble = setting("LEDSAGA_MODEL_TROUBLE", TROUBLE);
    for clients in [1, 2] {
        // One client alone has far fewer orders, so that it may have more trouble.
        let trouble = if clients == 1 { trouble + 2 } else { trouble };
        let (states, wrong) = look(Without::Nothing, clients, trouble);
        row(
            Kind::Test,
            "model check",
            &format!("{clients} clients, {trouble} troubles: states"),
            states,
            wrong.len(),
        );
        assert_eq!(wrong, Vec::<&str>::new());
    }
}

/// The counter-tests: each rule that is left out is missed.
#[test]
fn every_rule_that_is_left_out_is_missed() {
    for (without, name, broken) in [
        (Without::Idempotency, "the same without idempotency", "one id, at most one case"),
        (Without::Asking, "the same with a client that does not ask", "one draft, at most one case"),
        (
            Without::Tombstone,
            "the same without a tombstone",
            "what was promised to be withdrawn is never a case",
        ),
    ] {
        let (states, wrong) = look(without, 1, TROUBLE);
        row(Kind::CounterTest, "model check", name, states, wrong.len());
        assert!(wrong.contains(&broken), "{name}: {wrong:?}");
    }
}
