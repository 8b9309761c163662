//! What becomes of cases at the municipality: told by its feed, asked for a caller, and shown as looked at or not.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ledsaga_core::{
    audit::AuditAction,
    clock::Clock,
    desk::Desk,
    error::{DeskError, LinkError},
    ports::{CaseNumberFault, Store},
    standing::{CaseChange, CaseStanding, Stage, Standing},
    view::{CaseAnswer, CaseStatus, LinkState},
};
use uuid::Uuid;

use crate::fixture::{
    FixedClock, World, case, confirmed_case, link_becomes, open, received, until, until_status, world,
};

fn after(seconds: i64) -> Timestamp {
    FixedClock.now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn change(submission: Uuid, seconds: i64, stage: Stage) -> CaseChange {
    CaseChange {
        id: Uuid::now_v7(),
        submission,
        case_number: "EXB-2026-0000".into(),
        at: after(seconds),
        stage,
        message: None,
    }
}

/// A case that the municipality has, with its submission.
async fn received_case(world: &World) -> (Uuid, Uuid) {
    let (_, draft) = confirmed_case(&world.desk).await;
    world.desk.submit(draft).await.unwrap();
    received(&world.desk, draft).await;
    (draft, world.server.inbox(|inbox| inbox.cases.last().unwrap().0))
}

async fn standing_is(desk: &Desk, draft: Uuid, stage: Stage) -> Standing {
    until(desk, "the standing", async |desk| {
        let queue = desk.view().await.unwrap().queue;
        match queue.into_iter().find(|row| row.draft == Some(draft))?.case? {
            CaseStatus::Received { standing, .. } => standing.filter(|standing| standing.stage == stage),
            _ => None,
        }
    })
    .await
}

async fn standing_in_call(desk: &Desk, draft: Uuid) -> Option<Standing> {
    match case(desk, draft).await.status {
        CaseStatus::Received { standing, .. } => standing,
        other => panic!("{other:?}"),
    }
}

async fn logged(world: &World, action: AuditAction) -> Vec<(Option<Uuid>, Option<u64>)> {
    let events = world.store.audit().await.unwrap();
    events.into_iter().filter(|e| e.action == action).map(|e| (e.subject, e.count)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_received_case_follows_what_the_municipality_tells_and_waits_to_be_looked_at() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    let words = Some("Skicka in intyget igen.".to_owned());
    world.server.tell(change(submission, 0, Stage::Received));
    world.server.tell(change(submission, 60, Stage::InProgress));
    world
        .server
        .tell(CaseChange { message: words.clone(), ..change(submission, 90, Stage::SupplementRequested) });
    let row = standing_is(&world.desk, draft, Stage::SupplementRequested).await;
    assert!(row.news && row.message.is_none(), "lists leave the words out");
    assert_eq!(world.desk.view().await.unwrap().link.news, 1);

    let looked_at = standing_in_call(&world.desk, draft).await.unwrap();
    assert_eq!((looked_at.message, looked_at.news), (words, false));
    assert_eq!(world.desk.view().await.unwrap().link.news, 0);
    assert_eq!(logged(&world, AuditAction::StandingViewed).await, [(Some(submission), None)]);
    // Looking twice is not news twice.
    standing_in_call(&world.desk, draft).await;
    assert_eq!(logged(&world, AuditAction::StandingViewed).await.len(), 1);
}

/// Its receipt has said so, and after a long queue thousands of these come.
#[tokio::test(start_paused = true)]
async fn that_a_received_case_was_received_is_not_written_again() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    let (before, begun) = (world.store.draft(draft).await.unwrap(), world.store.cursor().await.unwrap());
    world.server.tell(change(submission, 0, Stage::Received));
    until(&world.desk, "it was told", async |_| {
        let cursor = world.store.cursor().await.unwrap();
        (cursor != begun).then_some(())
    })
    .await;
    assert!(world.store.draft(draft).await.unwrap() == before);

    // The counter-test: words are.
    let words = Some("Ring oss.".to_owned());
    world.server.tell(CaseChange { message: words.clone(), ..change(submission, 0, Stage::Received) });
    standing_is(&world.desk, draft, Stage::Received).await;
    assert_eq!(standing_in_call(&world.desk, draft).await.unwrap().message, words);
}

#[tokio::test(start_paused = true)]
async fn what_is_told_twice_late_or_of_others_changes_nothing() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    let decided = change(submission, 120, Stage::Decided);
    world.server.tell(decided.clone());
    standing_is(&world.desk, draft, Stage::Decided).await;
    standing_in_call(&world.desk, draft).await;

    world.server.tell(decided);
    world.server.tell(change(submission, 30, Stage::InProgress));
    world.server.tell(change(Uuid::now_v7(), 300, Stage::Closed));
    until(&world.desk, "the cursor", async |_| {
        (world.store.cursor().await.unwrap().as_deref() == Some("4")).then_some(())
    })
    .await;
    let standing = standing_in_call(&world.desk, draft).await.unwrap();
    assert_eq!((standing.stage, standing.news), (Stage::Decided, false));
}

#[tokio::test(start_paused = true)]
async fn the_feed_goes_on_where_it_was_after_a_restart_and_after_an_answer_that_was_lost() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    world.server.tell(change(submission, 10, Stage::InProgress));
    standing_is(&world.desk, draft, Stage::InProgress).await;
    world.server.inbox(|inbox| inbox.feed_errors.push_back(LinkError::NoAnswer));
    world.server.tell(change(submission, 20, Stage::Decided));
    standing_is(&world.desk, draft, Stage::Decided).await;

    // The store outlives the desk here, so that the next one begins with what it has.
    drop(world.desk);
    world.server.inbox(|inbox| inbox.feed_asks.clear());
    let again = open(world.store.clone(), world.server.clone()).await.unwrap();
    world.server.tell(change(submission, 30, Stage::Closed));
    standing_is(&again, draft, Stage::Closed).await;
    assert_eq!(world.server.inbox(|inbox| inbox.feed_asks[0].clone()).as_deref(), Some("2"));
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_the_municipality_has_forgotten_begins_anew_without_harm() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    world.server.tell(change(submission, 10, Stage::InProgress));
    standing_is(&world.desk, draft, Stage::InProgress).await;
    standing_in_call(&world.desk, draft).await;
    let no = LinkError::Refused { code: "malformed".into(), questions: vec![] };
    world.server.inbox(|inbox| inbox.feed_errors.push_back(no));
    world.server.tell(change(submission, 20, Stage::Decided));
    let told = standing_is(&world.desk, draft, Stage::Decided).await;
    assert!(told.news);
    // The next question goes on from there; the desk asks it in its own time.
    while world.server.inbox(|inbox| inbox.feed_asks.last().cloned()) != Some(Some("2".to_owned())) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(
        world.server.inbox(|inbox| inbox.feed_asks.iter().filter(|cursor| cursor.is_none()).count()) >= 2
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_that_comes_before_the_receipt_is_not_lost() {
    let world = world().await;
    let (_, draft) = confirmed_case(&world.desk).await;
    world.server.inbox(|inbox| {
        inbox.puts.push_back(crate::server::Fate::AnswerLost);
        inbox.asks.extend([crate::server::Fate::AnswerLost, crate::server::Fate::AnswerLost]);
    });
    world.desk.submit(draft).await.unwrap();
    until_status(&world.desk, draft, |status| matches!(status, CaseStatus::Unknown { .. })).await;
    let submission = world.server.inbox(|inbox| inbox.cases[0].0);
    world.server.tell(change(submission, 5, Stage::InProgress));
    let standing = standing_is(&world.desk, draft, Stage::InProgress).await;
    assert_eq!(standing.at, after(5));
}

#[tokio::test(start_paused = true)]
async fn while_it_is_being_sent_nothing_is_said_of_whether_it_has_arrived() {
    let world = world().await;
    let (_, draft) = confirmed_case(&world.desk).await;
    world.server.inbox(|inbox| inbox.puts.push_back(crate::server::Fate::Hangs));
    world.desk.submit(draft).await.unwrap();
    until_status(&world.desk, draft, |status| matches!(status, CaseStatus::Sending { .. })).await;
}

fn standing(submission: Uuid, secrecy_marking: bool) -> CaseStanding {
    CaseStanding {
        submission,
        case_number: "EXB-2026-0000".into(),
        service: "fardtjanst".into(),
        received_at: FixedClock.now(),
        secrecy_marking,
        changes: vec![change(submission, 0, Stage::Received), change(submission, 50, Stage::InProgress)],
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_is_told_how_the_case_stands_and_that_it_was_asked_is_logged() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    world.server.inbox(|inbox| inbox.standings.insert("EXB-2026-0000".into(), standing(submission, false)));
    let call = world.desk.start_call().await.unwrap().id;
    let CaseAnswer::Found { case } = world.desk.ask_case(Some(call), " exb-2026-0000").await.unwrap() else {
        panic!("it is found")
    };
    assert_eq!(
        (case.stage, case.at, case.service.as_deref()),
        (Stage::InProgress, after(50), Some("Färdtjänst"))
    );
    // What has been told is known here too, and is no news.
    assert!(!standing_is(&world.desk, draft, Stage::InProgress).await.news);
    assert_eq!(logged(&world, AuditAction::StandingViewed).await, [(Some(submission), Some(1))]);

    assert_eq!(world.desk.ask_case(None, "EXB-2026-9999").await.unwrap(), CaseAnswer::NotFound);
    assert_eq!(logged(&world, AuditAction::StandingViewed).await[1], (None, Some(0)));
    let fault = CaseNumberFault::Form;
    assert_eq!(world.desk.ask_case(None, "hej").await.unwrap(), CaseAnswer::NotANumber { fault });
    let gone = world.desk.ask_case(Some(Uuid::now_v7()), "EXB-2026-0000").await;
    assert_eq!(gone.err(), Some(DeskError::NoSuchCall));
}

#[tokio::test(start_paused = true)]
async fn without_contact_it_is_told_what_is_known_here_but_of_no_protected_case() {
    let world = world().await;
    let (draft, submission) = received_case(&world).await;
    world.server.tell(change(submission, 10, Stage::Decided));
    standing_is(&world.desk, draft, Stage::Decided).await;
    world.server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    let CaseAnswer::NoContact { known: Some(known) } =
        world.desk.ask_case(None, "EXB-2026-0000").await.unwrap()
    else {
        panic!("it is known here")
    };
    assert_eq!((known.stage, known.at), (Stage::Decided, after(10)));
    // That there was no answer is looked into at once.
    link_becomes(&world.desk, LinkState::Unreachable).await;
    let unknown = world.desk.ask_case(None, "EXB-2026-9999").await.unwrap();
    assert_eq!(unknown, CaseAnswer::NoContact { known: None });

    let call =
        world.desk.view().await.unwrap().queue.iter().find(|row| row.draft == Some(draft)).unwrap().call;
    world.desk.protect(call).await.unwrap();
    let protected = world.desk.ask_case(None, "EXB-2026-0000").await.unwrap();
    assert_eq!(protected, CaseAnswer::NoContact { known: None }, "as one that is not known");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_comes_back_is_tried_at_once() {
    let world = world().await;
    world.server.inbox(|inbox| inbox.down = Some(LinkError::NoNetwork));
    world.server.network.notify_one();
    link_becomes(&world.desk, LinkState::NoNetwork).await;
    world.server.inbox(|inbox| inbox.down = None);
    let gone = tokio::time::Instant::now();
    world.server.network.notify_one();
    link_becomes(&world.desk, LinkState::Connected).await;
    assert_eq!(gone.elapsed().as_secs(), 0, "by the paused clock: no pause had to pass");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_is_said_and_closes_nothing() {
    let world = world().await;
    world.server.inbox(|inbox| inbox.time = Some(after(-7 * 60)));
    let link = until(&world.desk, "the clock", async |desk| {
        let link = desk.view().await.unwrap().link;
        (link.clock_ahead_min != 0).then_some(link)
    })
    .await;
    assert_eq!((link.clock_ahead_min, link.state), (7, LinkState::Connected));
}
