//! What can go wrong between Send and the receipt.

use std::time::Duration;

use ledsaga_core::{
    error::{DeskError, LinkError},
    ports::Store,
    view::{CaseStatus, LinkState},
};
use ledsaga_forms::speech::Language;

use crate::{
    fixture::{
        World, case, confirmed_case, link_becomes, needs_action, received, refused, text, until,
        until_status, world,
    },
    server::{Fate, Seen},
};

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_and_makes_one_case() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(Fate::AnswerLost));
    desk.submit(draft).await.unwrap();
    until_status(&desk, draft, |s| matches!(s, CaseStatus::Unknown { .. })).await;
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
    let after_contact = server.inbox(|inbox| inbox.seen.split_off(2));
    assert!(matches!(after_contact.as_slice(), [Seen::Put(_), Seen::Asked(_)]), "{after_contact:?}");
}

#[tokio::test(start_paused = true)]
async fn with_no_way_to_the_municipality_the_case_waits_and_then_arrives_once() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    desk.submit(draft).await.unwrap();
    link_becomes(&desk, LinkState::Unreachable).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(matches!(case(&desk, draft).await.status, CaseStatus::Queued { .. }));
    assert_eq!(desk.view().await.unwrap().link.queued, 1);
    server.inbox(|inbox| inbox.down = None);
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
    assert_eq!(desk.view().await.unwrap().link.queued, 0);
}

#[tokio::test(start_paused = true)]
async fn trouble_on_the_way_never_needs_action() {
    for error in [
        LinkError::Unreachable,
        LinkError::NoAnswer,
        LinkError::WrongServer,
        LinkError::Busy { retry_after_ms: None },
        LinkError::Busy { retry_after_ms: Some(90_000) },
        LinkError::Undecided { retry_after_ms: None },
        LinkError::Undecided { retry_after_ms: Some(90_000) },
    ] {
        let World { desk, server, .. } = world().await;
        let (_, draft) = confirmed_case(&desk).await;
        server.inbox(|inbox| {
            for fates in [&mut inbox.contact_puts, &mut inbox.file_puts, &mut inbox.puts, &mut inbox.asks] {
                fates.extend(std::iter::repeat_n(Fate::Turned(error.clone()), 20));
            }
        });
        desk.submit(draft).await.unwrap();
        received(&desk, draft).await;
        assert_eq!(server.cases(), 1, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pause_that_the_municipality_asks_for_is_kept() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    let ten_minutes = LinkError::Busy { retry_after_ms: Some(600_000) };
    server.inbox(|inbox| inbox.puts.push_back(Fate::Turned(ten_minutes)));
    let began = tokio::time::Instant::now();
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    assert!(began.elapsed() >= Duration::from_secs(600));
}

#[tokio::test(start_paused = true)]
async fn signing_in_again_lets_everything_go_on_with_no_attempt_counted() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.down = Some(LinkError::SignInNeeded));
    desk.submit(draft).await.unwrap();
    link_becomes(&desk, LinkState::SignInNeeded).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(desk.view().await.unwrap().link.state, LinkState::SignInNeeded);
    assert!(store.outbox().await.unwrap().iter().all(|item| item.attempts == 0));
    server.inbox(|inbox| inbox.down = None);
    desk.retry_now().await;
    received(&desk, draft).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_case_needs_action_and_does_not_keep_others_back() {
    let World { desk, server, .. } = world().await;
    let (_, first) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(refused("answers_invalid")));
    desk.submit(first).await.unwrap();
    assert_eq!(needs_action(&desk, first).await, ("answers_invalid".into(), true));
    let (_, second) = confirmed_case(&desk).await;
    desk.submit(second).await.unwrap();
    received(&desk, second).await;
    let link = desk.view().await.unwrap().link;
    assert_eq!((link.needs_action, link.queued), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refused_contact_record_does_not_keep_the_case_back() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.contact_puts.push_back(refused("malformed")));
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    // It is not given up either.
    desk.retry_now().await;
    until(&desk, "the contact record", async |_| server.inbox(|i| (!i.contacts.is_empty()).then_some(())))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_file_brings_its_case_to_the_worker() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.file_puts.push_back(refused("too_large")));
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("too_large".into(), true));
    assert_eq!(server.cases(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_missing_file_is_brought_again_and_then_the_case() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(refused("attachment_missing")));
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let files = server.inbox(|inbox| inbox.seen.iter().filter(|s| matches!(s, Seen::File(_))).count());
    assert_eq!(files, 2);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_stays_missing_is_not_brought_for_ever() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.extend(std::iter::repeat_n(refused("attachment_missing"), 100)));
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await.0, "attachment_missing");
}

#[tokio::test(start_paused = true)]
async fn a_receipt_for_something_else_is_not_a_receipt() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(Fate::WrongReceipt));
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("content_differs".into(), false));
    assert_eq!(desk.reopen(draft).await, Err(DeskError::NotReopenable));
}

/// The municipality may well have the case, so a new submission could be a second one.
#[tokio::test(start_paused = true)]
async fn a_receipt_that_cannot_be_proved_does_not_open_the_case_again() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| inbox.puts.push_back(refused("receipt_invalid")));
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("receipt_invalid".into(), false));
    assert_eq!(desk.reopen(draft).await, Err(DeskError::NotReopenable));
    desk.retry_now().await;
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_leaves_the_outcome_open_cannot_become_a_second_case() {
    let World { desk, server, .. } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    server.inbox(|inbox| {
        inbox.puts.push_back(Fate::AnswerLost);
        inbox.asks.push_back(refused("malformed"));
    });
    desk.submit(draft).await.unwrap();
    assert_eq!(needs_action(&desk, draft).await, ("unexpected_answer".into(), false));
    assert_eq!(desk.reopen(draft).await, Err(DeskError::NotReopenable));
    desk.retry_now().await;
    received(&desk, draft).await;
    assert_eq!(server.cases(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_queued_cases_under_mixed_trouble_arrive_once_each() {
    const CASES: usize = 300;
    let World { desk, server, store } = world().await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    let mut drafts = vec![];
    for _ in 0..CASES {
        let call = desk.start_call().await.unwrap();
        let draft = desk.choose_service(call.id, "fardtjanst").await.unwrap().cases[0].draft;
        desk.apply(draft, vec![text("namn", &call.code)]).await.unwrap();
        desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
        desk.submit(draft).await.unwrap();
        drafts.push(store.draft(draft).await.unwrap().unwrap().state.submission().unwrap());
    }
    let mut payloads = vec![];
    for id in &drafts {
        payloads.push((*id, store.submission(*id).await.unwrap().unwrap().payload));
    }
    let trouble = [
        Fate::AnswerLost,
        Fate::Turned(LinkError::Busy { retry_after_ms: None }),
        Fate::Turned(LinkError::WrongServer),
        Fate::Turned(LinkError::Unreachable),
        Fate::Turned(LinkError::NoAnswer),
        Fate::Hangs,
        Fate::Turned(LinkError::SignInNeeded),
    ];
    server.inbox(|inbox| {
        inbox.puts.extend(trouble.iter().cycle().take(CASES).cloned());
        inbox.asks.extend(trouble.iter().cycle().skip(3).take(CASES / 2).cloned());
        inbox.contact_puts.extend(trouble.iter().cycle().skip(5).take(CASES).cloned());
        inbox.down = None;
    });
    until(&desk, "an empty queue", async |desk| (desk.view().await.unwrap().link.queued == 0).then_some(()))
        .await;
    let mut arrived = server.inbox(|inbox| std::mem::take(&mut inbox.cases));
    arrived.sort();
    payloads.sort();
    assert!(arrived == payloads, "{} cases arrived", arrived.len());
}
