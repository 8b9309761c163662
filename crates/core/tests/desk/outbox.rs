//! The outbox's rules for any sequence of outcomes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledsaga_core::{
    error::LinkError,
    outbox::{Action, ItemState, Next, Outbox, OutboxItem, Outcome, Plan, Task, settle},
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

fn outbox(items: &[OutboxItem]) -> Outbox {
    let mut outbox = Outbox::default();
    items.iter().cloned().for_each(|item| outbox.put(item));
    outbox
}

fn plan(outbox: &Outbox) -> Plan {
    outbox.decide(&BTreeMap::new(), |_| 0)
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
        assert_eq!(plan(&outbox).start, [(id, action)]);
        outbox.remove(id);
    }
    assert_eq!(plan(&outbox), Plan::default());
}

#[test]
fn a_waiting_case_does_not_hold_back_another_of_the_same_call() {
    let call = Uuid::now_v7();
    let (first, second) = (submission(call, Uuid::now_v7()), submission(call, Uuid::now_v7()));
    let outbox = outbox(&[first.clone(), second.clone()]);
    let rest = |item: &OutboxItem| if item.id == first.id { 700 } else { 0 };
    assert_eq!(outbox.decide(&BTreeMap::new(), rest).start, [(second.id, Action::PutSubmission)]);
    assert_eq!(outbox.decide(&BTreeMap::new(), |_| 700).wake_ms, Some(700));
}

#[test]
fn four_calls_at_a_time_and_one_item_of_each() {
    let items: Vec<OutboxItem> =
        (0..9).map(|_| item(Uuid::now_v7(), Task::Contact, ItemState::Ready)).collect();
    let outbox = outbox(&items);
    let start = plan(&outbox).start;
    assert_eq!(start.len(), 4);
    let running = start.into_iter().take(3).collect();
    let more = outbox.decide(&running, |_| 0).start;
    assert_eq!(more.len(), 1);
    assert!(!running.contains_key(&more[0].0));
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
                    prop_assert!(!on_the_way, "{outcome:?} wedged");
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
            if !matches!(outcome, Outcome::Failed(_) | Outcome::NotTried) {
                prop_assert_eq!(settle(&item, item.action(), Outcome::Done, random), Next::Done);
                break;
            }
            let Next::Stay { item: next, .. } = settle(&item, item.action(), outcome, random) else {
                prop_assert!(false, "it stays");
                break;
            };
            prop_assert_eq!(matches!(next.state, ItemState::Wedged { .. }), refused);
            prop_assert!(!matches!(next.state, ItemState::Unknown | ItemState::InFlight));
            if refused {
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
