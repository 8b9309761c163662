//! The outbox's rules for any sequence of outcomes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledsaga_core::{
    draft::Refusal,
    error::LinkError,
    outbox::{
        Action, FILES_AT_A_TIME, ItemState, LONGEST_ASKED_MS, MAX_CALLS, MAX_TRIES, Next, Outbox, OutboxItem,
        Outcome, Plan, Running, Task, settle,
    },
    submission::Receipt,
};
use proptest::prelude::*;
use uuid::Uuid;

fn item(call: Uuid, task: Task, state: ItemState) -> OutboxItem {
    OutboxItem {
        id: Uuid::now_v7(),
        call_id: call,
        task,
        state,
        attempts: 0,
        resent: 0,
        sent: false,
        bytes: 0,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn submission(call: Uuid, draft: Uuid) -> OutboxItem {
    item(call, Task::Submission { submission: Uuid::now_v7(), draft }, ItemState::Blocked)
}

fn file(call: Uuid, draft: Uuid) -> OutboxItem {
    let task = Task::File {
        file: Uuid::now_v7(),
        draft,
        name: "a.pdf".into(),
        media_type: "application/pdf".into(),
    };
    item(call, task, ItemState::Blocked)
}

/// The log has gone before them.
fn outbox(items: &[OutboxItem]) -> Outbox {
    let mut outbox = Outbox::default();
    items.iter().cloned().for_each(|item| outbox.put(item));
    outbox.log_leaves();
    outbox.log_settled();
    outbox
}

fn plan(outbox: &mut Outbox) -> Plan {
    outbox.decide(&Running::new(), MAX_CALLS, 0)
}

fn receipt() -> Outcome {
    Outcome::Received(Box::new(Receipt {
        submission: Uuid::nil(),
        digest: String::new(),
        case_number: "EXB-1".into(),
        received_at: Timestamp::UNIX_EPOCH,
        proof: String::new(),
        to_supplement: vec![],
    }))
}

#[test]
fn a_call_goes_contact_then_files_then_case() {
    let (call, draft) = (Uuid::now_v7(), Uuid::now_v7());
    let contact = item(call, Task::Contact, ItemState::Ready);
    let (file, case) = (file(call, draft), submission(call, draft));
    let mut outbox = outbox(&[case.clone(), file.clone(), contact.clone()]);
    for (id, action) in
        [(contact.id, Action::PutContact), (file.id, Action::PutFile), (case.id, Action::PutSubmission)]
    {
        assert_eq!(plan(&mut outbox).start, [(id, action)]);
        outbox.remove(id);
    }
    assert_eq!(plan(&mut outbox), Plan::default());
}

#[test]
fn the_case_that_leaves_after_an_item_is_the_one_that_would_start_without_it() {
    let (call, draft) = (Uuid::now_v7(), Uuid::now_v7());
    let contact = item(call, Task::Contact, ItemState::Ready);
    let (file, case) = (file(call, draft), submission(call, draft));
    let nothing = Running::new();
    let after = |outbox: &Outbox, gone: Uuid| outbox.leaves_after(gone, &nothing, 0).map(|item| item.id);

    let mut outbox = outbox(&[case.clone(), file.clone(), contact.clone()]);
    assert_eq!(after(&outbox, contact.id), None, "its file comes first");
    assert_eq!(after(&outbox, file.id), None, "the contact record comes first");
    outbox.remove(contact.id);
    assert_eq!(after(&outbox, file.id), Some(case.id));
    outbox.pause(case.id, 0, 700, true);
    assert_eq!(after(&outbox, file.id), None, "it rests");
    outbox.put(OutboxItem { state: ItemState::Unknown, ..case.clone() });
    assert_eq!(outbox.leaves_after(file.id, &nothing, 700), None, "it is asked for first");
    outbox.put(OutboxItem { state: ItemState::Withdrawing, ..case });
    assert_eq!(outbox.leaves_after(file.id, &nothing, 700), None, "it is wanted back");

    let mut unlogged = Outbox::default();
    [contact.clone(), submission(call, draft)].into_iter().for_each(|item| unlogged.put(item));
    assert_eq!(after(&unlogged, contact.id), None, "the log comes first");
}

#[test]
fn a_waiting_case_does_not_hold_back_another_of_the_same_call() {
    let call = Uuid::now_v7();
    let (first, second) = (submission(call, Uuid::now_v7()), submission(call, Uuid::now_v7()));
    let mut outbox = outbox(&[first.clone(), second.clone()]);
    outbox.pause(first.id, 0, 700, false);
    assert_eq!(plan(&mut outbox).start, [(second.id, Action::PutSubmission)]);
    outbox.pause(second.id, 0, 900, false);
    assert_eq!(plan(&mut outbox), Plan { start: vec![], wake_ms: Some(700) });
}

#[test]
fn four_calls_at_a_time_and_one_item_of_each() {
    let items: Vec<OutboxItem> =
        (0..9).map(|_| item(Uuid::now_v7(), Task::Contact, ItemState::Ready)).collect();
    let mut outbox = outbox(&items);
    let start = plan(&mut outbox).start;
    assert_eq!(start.len(), 4);
    let running = running(&outbox, &start[..3]);
    let more = outbox.decide(&running, MAX_CALLS, 0).start;
    assert_eq!(more.len(), 1);
    assert!(!running.contains_key(&more[0].0));
}

fn running(outbox: &Outbox, started: &[(Uuid, Action)]) -> Running {
    started.iter().map(|(id, action)| (*id, (outbox.get(*id).unwrap().call_id, *action))).collect()
}

#[test]
fn two_files_of_a_case_go_at_the_same_time_and_the_case_after_them() {
    let (call, draft) = (Uuid::now_v7(), Uuid::now_v7());
    let files: Vec<OutboxItem> = (0..3).map(|_| file(call, draft)).collect();
    let (case, other) = (submission(call, draft), submission(call, Uuid::now_v7()));
    let mut outbox = outbox(&[&files[..], &[case.clone(), other]].concat());
    let start = plan(&mut outbox).start;
    assert_eq!(start, [(files[0].id, Action::PutFile), (files[1].id, Action::PutFile)]);
    let both = running(&outbox, &start);
    assert_eq!(outbox.decide(&both, MAX_CALLS, 0).start, []);
    outbox.remove(files[0].id);
    let one = running(&outbox, &start[1..]);
    assert_eq!(outbox.decide(&one, MAX_CALLS, 0).start, [(files[2].id, Action::PutFile)]);
    files.iter().for_each(|file| outbox.remove(file.id));
    assert_eq!(plan(&mut outbox).start, [(case.id, Action::PutSubmission)]);
}

#[test]
fn what_is_wanted_back_waits_for_nothing() {
    let call = Uuid::now_v7();
    let mut back = submission(call, Uuid::now_v7());
    back.state = ItemState::Withdrawing;
    let contact = item(call, Task::Contact, ItemState::Ready);
    let mut outbox = Outbox::default();
    outbox.put(contact.clone());
    let busy = running(&outbox, &[(contact.id, Action::PutContact)]);
    outbox.put(back.clone());
    assert_eq!(outbox.decide(&busy, MAX_CALLS, 0).start, [(back.id, Action::Withdraw)]);
}

#[test]
fn the_log_goes_before_a_case_and_one_that_is_not_taken_keeps_none_back() {
    let case = submission(Uuid::now_v7(), Uuid::now_v7());
    let mut outbox = Outbox::default();
    outbox.put(case.clone());
    assert!(outbox.awaits_log());
    assert_eq!(plan(&mut outbox), Plan::default());
    outbox.log_leaves();
    let late = submission(Uuid::now_v7(), Uuid::now_v7());
    outbox.put(late.clone());
    outbox.log_settled();
    assert_eq!(
        plan(&mut outbox).start,
        [(case.id, Action::PutSubmission)],
        "the log did not tell of the other"
    );
    assert!(outbox.awaits_log());
}

/// What `decide` must come to, found by looking at everything.
fn naive(outbox: &Outbox, rests: &BTreeMap<Uuid, u64>, running: &Running, most: usize, now: u64) -> Plan {
    let until = |item: &OutboxItem| rests.get(&item.id).copied().unwrap_or_default();
    let next = |call: Uuid| -> Vec<OutboxItem> {
        let items = outbox.of_call(call);
        let back: Vec<_> = items.iter().filter(|i| i.state == ItemState::Withdrawing).cloned().collect();
        if let Some(contact) = items.iter().find(|i| i.task == Task::Contact && !i.is_wedged()) {
            return [back, vec![contact.clone()]].concat();
        }
        let drafts: Vec<Uuid> = items.iter().filter_map(|i| i.task.draft()).collect();
        let first = |at: usize| !drafts[..at].contains(&drafts[at]);
        let of_case = drafts.iter().enumerate().filter(|(at, _)| first(*at)).flat_map(|(_, draft)| {
            let all = || items.iter().filter(|i| i.task.draft() == Some(*draft));
            if all().any(|i| i.is_wedged() || i.state == ItemState::Withdrawing) {
                return vec![];
            }
            let files: Vec<_> = all().filter(|i| matches!(i.task, Task::File { .. })).cloned().collect();
            if files.is_empty() { all().take(1).cloned().collect() } else { files }
        });
        back.into_iter().chain(of_case).collect()
    };
    let mut calls: Vec<Uuid> = outbox.iter().map(|item| item.call_id).collect();
    calls.sort();
    calls.dedup();
    let mut plan = Plan::default();
    let busy = |call: &Uuid| running.values().any(|(of, _)| of == call);
    let start = |call: Uuid| -> Vec<(Uuid, Action)> {
        let due: Vec<_> =
            next(call).into_iter().filter(|i| !running.contains_key(&i.id) && until(i) <= now).collect();
        let Some(first) = due.first() else { return vec![] };
        let here: Vec<_> = running.iter().filter(|(_, (of, _))| *of == call).collect();
        if first.action() == Action::Withdraw || (here.is_empty() && first.action() != Action::PutFile) {
            return vec![(first.id, first.action())];
        }
        if here.iter().any(|(_, (_, action))| *action != Action::PutFile) {
            return vec![];
        }
        let draft = match here.first() {
            Some((id, _)) => outbox.get(**id).and_then(|i| i.task.draft()),
            None => first.task.draft(),
        };
        let same = due.iter().filter(|i| i.action() == Action::PutFile && i.task.draft() == draft);
        same.take(FILES_AT_A_TIME.saturating_sub(here.len())).map(|i| (i.id, i.action())).collect()
    };
    for call in calls.iter().filter(|call| busy(call)) {
        plan.start.extend(start(*call));
    }
    let mut free = most.saturating_sub(calls.iter().filter(|call| busy(call)).count());
    let mut line: Vec<(u64, Uuid)> = calls
        .iter()
        .filter(|call| !busy(call))
        .filter_map(|call| next(*call).iter().map(until).min().map(|from| (from, *call)))
        .collect();
    line.sort();
    for (from, call) in line {
        if from > now {
            plan.wake_ms = Some(from - now);
            break;
        }
        if free == 0 {
            break;
        }
        plan.start.extend(start(call));
        free -= 1;
    }
    plan
}

#[derive(Debug, Clone)]
enum Step {
    Put { call: u64, draft: u64, kind: u8, state: u8 },
    Remove(usize),
    Pause(usize, u64),
    Start,
    End(usize),
    Pass(u64),
    Hurry,
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..5_u64, 0..3_u64, 0..3_u8, 0..4_u8)
            .prop_map(|(call, draft, kind, state)| Step::Put { call, draft, kind, state }),
        1 => any::<usize>().prop_map(Step::Remove),
        2 => (any::<usize>(), 0..50_u64).prop_map(|(which, ms)| Step::Pause(which, ms)),
        4 => Just(Step::Start),
        2 => any::<usize>().prop_map(Step::End),
        1 => (0..60_u64).prop_map(Step::Pass),
        1 => Just(Step::Hurry),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let code = prop_oneof![
        Just("attachment_missing"),
        Just("answers_invalid"),
        Just("cancelled"),
        Just("forbidden"),
        Just("not_found"),
        Just("never heard of"),
    ];
    prop_oneof![
        Just(Outcome::Nothing),
        Just(Outcome::Differs),
        Just(Outcome::NotTried),
        Just(receipt()),
        Just(Outcome::Failed(LinkError::NoAnswer)),
        Just(Outcome::Failed(LinkError::Unreachable)),
        Just(Outcome::Failed(LinkError::WrongServer)),
        Just(Outcome::Failed(LinkError::SignInNeeded)),
        Just(Outcome::Failed(LinkError::TooOld)),
        Just(Outcome::Failed(LinkError::Busy { retry_after_ms: None })),
        Just(Outcome::Failed(LinkError::Undecided { retry_after_ms: None })),
        any::<u64>().prop_map(|ms| Outcome::Failed(LinkError::Undecided { retry_after_ms: Some(ms) })),
        any::<u64>().prop_map(|ms| Outcome::Failed(LinkError::Busy { retry_after_ms: Some(ms) })),
        code.prop_map(|code| Outcome::Failed(LinkError::Refused { code: code.into(), questions: vec![] })),
    ]
}

/// What an answer to a request of this kind can be at all.
fn possible(action: Action, outcome: &Outcome) -> bool {
    match action {
        Action::Ask => true,
        _ => *outcome != Outcome::Nothing,
    }
}

type Settle = fn(&OutboxItem, Action, Outcome, u64) -> Next;

/// Whatever happens, and with a crash at any point: an item goes on until it is received or needs action, trouble on
/// the way never needs action, and after a lost answer nothing is sent before it has been asked for.
fn live(settle: Settle, steps: Vec<(Outcome, u64, bool)>) -> Result<(), TestCaseError> {
    let mut item = submission(Uuid::now_v7(), Uuid::now_v7());
    let mut lost = false;
    for (outcome, random, crash) in steps {
        let action = item.action();
        if action == Action::PutSubmission {
            prop_assert!(!lost, "sent again without asking");
            item.state = ItemState::InFlight;
        }
        if crash {
            // The process died with the request out: nobody saw the outcome.
            lost |= action == Action::PutSubmission;
            item = item.after_crash();
            continue;
        }
        if !possible(action, &outcome) {
            item = item.after_crash();
            lost |= action == Action::PutSubmission;
            continue;
        }
        match (action, &outcome) {
            (Action::PutSubmission, Outcome::Failed(LinkError::NoAnswer | LinkError::WrongServer)) => {
                lost = true
            }
            (Action::Ask, Outcome::Nothing) => lost = false,
            _ => {}
        }
        let on_the_way = !matches!(outcome, Outcome::Differs | Outcome::Failed(LinkError::Refused { .. }));
        let attempts = item.attempts;
        let counted = !matches!(outcome, Outcome::Failed(LinkError::SignInNeeded | LinkError::TooOld));
        match settle(&item, action, outcome.clone(), random) {
            Next::Done => prop_assert!(false, "a case is done only by its receipt"),
            Next::Withdrawn => prop_assert!(false, "nobody wants it back"),
            Next::Received(_) => {
                prop_assert!(matches!(outcome, Outcome::Received(_)));
                break;
            }
            Next::BringFiles(next) => {
                prop_assert!(next.resent <= ledsaga_core::outbox::MAX_RESENT);
                item = next;
            }
            Next::Stay { item: next, pause_ms } => {
                if let ItemState::Wedged { reason } = &next.state {
                    let tried_out = reason.code == "no_success" && attempts + 1 >= MAX_TRIES;
                    prop_assert!(!on_the_way || tried_out, "{outcome:?} wedged");
                    prop_assert!(!(lost && reason.reopenable() && reason.code != "cancelled"));
                    break;
                }
                prop_assert!(counted || next.attempts == attempts);
                if let (true, ItemState::Waiting { ms, asked }) = (counted, &next.state) {
                    prop_assert_eq!(*ms, pause_ms);
                    prop_assert!(*asked || *ms <= 300_000);
                }
                prop_assert!(!lost || matches!(next.state, ItemState::Unknown), "{:?}", next.state);
                item = next;
            }
        }
    }
    Ok(())
}

proptest! {
    /// The line gives what looking at everything gives.
    #[test]
    fn deciding_fast_is_deciding_right(steps in prop::collection::vec(steps(), 1..60), most in 0..5_usize) {
        let mut outbox = Outbox::default();
        let (mut rests, mut running, mut now, mut looked) = (BTreeMap::new(), Running::new(), 0, 0);
        let pick = |outbox: &Outbox, which: usize| {
            let ids: Vec<Uuid> = outbox.iter().map(|item| item.id).collect();
            ids.get(which % ids.len().max(1)).copied()
        };
        for step in steps {
            match step {
                Step::Put { call, draft, kind, state } => {
                    let (call, draft) = (Uuid::from_u64_pair(1, call), Uuid::from_u64_pair(call, draft));
                    let mut new = match kind {
                        0 => item(call, Task::Contact, ItemState::Ready),
                        1 => file(call, draft),
                        _ => submission(call, draft),
                    };
                    new.state = match state {
                        0 => wedge("answers_invalid"),
                        1 if kind == 2 => ItemState::Withdrawing,
                        2 => ItemState::Unknown,
                        _ => ItemState::Ready,
                    };
                    // A call that comes later stands in the line from then on; here all come at once.
                    let one = outbox.of_call(call).iter().any(|i| {
                        (kind == 0 && i.task == Task::Contact)
                            || (kind == 2 && matches!(i.task, Task::Submission { draft: of, .. } if of == draft))
                    });
                    if !one && (now == 0 || !outbox.of_call(call).is_empty()) {
                        outbox.put(new);
                        outbox.log_leaves();
                        outbox.log_settled();
                    }
                }
                Step::Remove(which) => if let Some(id) = pick(&outbox, which).filter(|id| !running.contains_key(id)) {
                    rests.remove(&id);
                    outbox.remove(id);
                },
                Step::Pause(which, ms) => if let Some(id) = pick(&outbox, which) {
                    rests.insert(id, now + ms);
                    outbox.pause(id, now, ms, false);
                },
                Step::Start => {
                    let expected = naive(&outbox, &rests, &running, most, now);
                    let plan = outbox.decide(&running, most, now);
                    prop_assert_eq!(&plan, &expected);
                    looked = now;
                    for (id, action) in plan.start {
                        running.insert(id, (outbox.get(id).unwrap().call_id, action));
                    }
                }
                Step::End(which) => {
                    let ids: Vec<Uuid> = running.keys().copied().collect();
                    if let Some(id) = ids.get(which % ids.len().max(1)) {
                        running.remove(id);
                    }
                }
                Step::Pass(ms) => now += ms,
                Step::Hurry => {
                    rests.values_mut().for_each(|until: &mut u64| *until = (*until).min(looked));
                    outbox.hurry();
                }
            }
        }
    }

    #[test]
    fn a_submission_is_never_sent_twice_without_asking(
        steps in prop::collection::vec((outcomes(), any::<u64>(), any::<bool>()), 1..60),
    ) {
        live(settle, steps)?;
    }

    /// Contacts and files are harmless to repeat: they are done, wait, are ready, or have been refused.
    #[test]
    fn contacts_and_files_are_repeated_until_they_have_arrived(
        steps in prop::collection::vec((outcomes(), any::<u64>()), 1..40), of_file in any::<bool>(),
    ) {
        let call = Uuid::now_v7();
        let mut item =
            if of_file { file(call, Uuid::now_v7()) } else { item(call, Task::Contact, ItemState::Ready) };
        for (outcome, random) in steps {
            let refused = matches!(outcome, Outcome::Failed(LinkError::Refused { .. }));
            let tried_out = item.attempts + 1 >= MAX_TRIES;
            if !matches!(outcome, Outcome::Failed(_) | Outcome::NotTried) {
                prop_assert_eq!(settle(&item, item.action(), Outcome::Done, random), Next::Done);
                break;
            }
            let Next::Stay { item: next, .. } = settle(&item, item.action(), outcome, random) else {
                prop_assert!(false, "it stays");
                break;
            };
            let expected = next.is_wedged() == refused || (next.is_wedged() && tried_out);
            prop_assert!(expected);
            prop_assert!(!matches!(next.state, ItemState::Unknown | ItemState::InFlight));
            if next.is_wedged() {
                break;
            }
            item = next;
        }
    }
}

#[test]
fn pauses_are_spread_and_grow_to_five_minutes() {
    let mut tried = submission(Uuid::now_v7(), Uuid::now_v7());
    let mut ceilings = vec![];
    for _ in 0..10 {
        let busy = Outcome::Failed(LinkError::Busy { retry_after_ms: None });
        let longest = (0..2_000).map(|n| match settle(&tried, Action::Ask, busy.clone(), n * 151) {
            Next::Stay { pause_ms, .. } => pause_ms,
            other => panic!("{other:?}"),
        });
        ceilings.push(longest.max().unwrap());
        tried.attempts += 1;
    }
    assert!(ceilings[0] <= 1_000 && ceilings[0] > 900, "{ceilings:?}");
    assert!(ceilings.windows(2).all(|pair| pair[0] <= pair[1]));
    assert!(ceilings[9] <= 300_000 && ceilings[9] > 290_000, "{ceilings:?}");
}

/// The counter-test: rules that take a lost answer for a failure are found out.
#[test]
fn rules_that_send_again_at_once_are_found_out() {
    let hasty: Settle = |item, action, outcome, random| match settle(item, action, outcome, random) {
        Next::Stay { mut item, pause_ms } if item.state == ItemState::Unknown => {
            item.state = ItemState::Ready;
            Next::Stay { item, pause_ms }
        }
        next => next,
    };
    let lost = || (Outcome::Failed(LinkError::NoAnswer), 0, false);
    assert!(live(settle, vec![lost(), lost()]).is_ok());
    assert!(live(hasty, vec![lost(), lost()]).is_err());
}

fn wedge(code: &str) -> ItemState {
    ItemState::Wedged { reason: Refusal { code: code.into(), questions: vec![] } }
}

#[test]
fn after_many_tries_it_is_set_aside_and_the_next_start_takes_it_up() {
    let lost = || Outcome::Failed(LinkError::NoAnswer);
    let mut item = submission(Uuid::now_v7(), Uuid::now_v7());
    item = item.leaving();
    for _ in 0..MAX_TRIES {
        match settle(&item, Action::Ask, lost(), 0) {
            Next::Stay { item: next, .. } => item = next,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(item.state, wedge("no_success"));
    let again = item.after_crash();
    assert_eq!((again.state.clone(), again.attempts), (ItemState::Unknown, 0));
    assert_eq!(again.action(), Action::Ask);
}

#[test]
fn what_the_worker_wants_back_is_never_sent_again() {
    let mut back = submission(Uuid::now_v7(), Uuid::now_v7()).leaving();
    back.state = ItemState::Withdrawing;
    for outcome in [
        Outcome::Nothing,
        Outcome::NotTried,
        Outcome::Failed(LinkError::NoAnswer),
        Outcome::Failed(LinkError::SignInNeeded),
        Outcome::Failed(LinkError::Busy { retry_after_ms: Some(9) }),
        Outcome::Failed(LinkError::Undecided { retry_after_ms: Some(9) }),
        Outcome::Failed(LinkError::Refused { code: "attachment_missing".into(), questions: vec![] }),
    ] {
        for action in [Action::PutSubmission, Action::Ask] {
            let Next::Stay { item, .. } = settle(&back, action, outcome.clone(), 7) else {
                panic!("{outcome:?}");
            };
            assert_eq!(item.action(), Action::Withdraw, "{action:?} {outcome:?}");
        }
    }
    let no = Outcome::Failed(LinkError::Refused { code: "forbidden".into(), questions: vec![] });
    let Next::Stay { item, .. } = settle(&back, Action::Withdraw, no, 7) else { panic!("it stays") };
    assert_eq!(item.state, wedge("withdrawal_refused"));
    assert_eq!(item.again().action(), Action::Withdraw);
    assert_eq!(settle(&back, Action::Withdraw, Outcome::Withdrawn, 7), Next::Withdrawn);
    assert_eq!(
        settle(&back, Action::PutSubmission, receipt(), 7),
        settle(&back, Action::Withdraw, receipt(), 7)
    );
}

#[test]
fn the_pause_that_is_asked_for_wins_and_is_bounded() {
    let item = submission(Uuid::now_v7(), Uuid::now_v7());
    let pause = |asked, random| {
        let busy = Outcome::Failed(LinkError::Busy { retry_after_ms: Some(asked) });
        match settle(&item, Action::PutSubmission, busy, random) {
            Next::Stay { pause_ms, .. } => pause_ms,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(pause(600_000, 0), 600_000);
    assert!((600_000..=661_000).contains(&pause(600_000, u64::MAX)));
    assert_eq!(pause(u64::MAX, 0), LONGEST_ASKED_MS);
    assert_eq!(pause(0, 0), 0);
    assert!(pause(0, 999) > 0, "and it is spread");
}

/// The server has the request and has not said what comes of it: that is asked before it is sent again.
#[test]
fn what_the_municipality_has_not_decided_is_unknown() {
    let item = submission(Uuid::now_v7(), Uuid::now_v7()).leaving();
    for (asked, least) in [(None, 0), (Some(600_000), 600_000)] {
        let undecided = Outcome::Failed(LinkError::Undecided { retry_after_ms: asked });
        let Next::Stay { item, pause_ms } = settle(&item, Action::PutSubmission, undecided, 7) else {
            panic!("it stays");
        };
        assert_eq!((&item.state, item.action()), (&ItemState::Unknown, Action::Ask));
        assert!(pause_ms >= least);
    }
    let busy = Outcome::Failed(LinkError::Busy { retry_after_ms: None });
    let Next::Stay { item, .. } = settle(&item, Action::PutSubmission, busy, 7) else { panic!("it stays") };
    assert!(matches!(item.state, ItemState::Waiting { .. }), "it was turned away at the door");
}

/// Ten thousand cases, each of a call of its own, and four at a time: all are served, each within its round.
#[test]
fn of_ten_thousand_none_is_passed_over() {
    let items: Vec<OutboxItem> = (0..10_000).map(|_| submission(Uuid::now_v7(), Uuid::now_v7())).collect();
    let mut outbox = outbox(&items);
    let mut served: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut now = 0;
    while served.len() < items.len() {
        let plan = outbox.decide(&Running::new(), MAX_CALLS, now);
        assert!(!plan.start.is_empty() || plan.wake_ms.is_some());
        for (id, _) in &plan.start {
            let turns = served.entry(*id).or_default();
            *turns += 1;
            // Even those whose pause is over at once stand behind those that have waited longer.
            assert!(*turns == 1, "twice before others were served once");
            outbox.pause(*id, now, 1, false);
        }
        now += 1;
    }
}
