//! The failures of others that concern sending, by their number in the list of fifteen. With each its counter-test: the
//! same with the mistake in it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use ledsaga_contract::town::{answers, text};
use ledsaga_core::{
    clock::Clock,
    desk::Desk,
    draft::{CaseState, Draft},
    error::{DeskError, LinkError},
    memory::{MemoryIndex, MemoryStore},
    outbox::ItemState,
    ports::{Change, Municipality, Store},
    retention::Limits,
    submission::Submission,
    view::CaseStatus,
};
use ledsaga_faults::{
    computer::Computer,
    field::{Doubling, Field, deliver, named},
    mortal::{End, Life, MortalStore, Wrong},
    municipality::{Fate, Town, case, desk, send, set, status, until, until_status},
    proxy::{Fault, Proxy},
    report::{Kind, row},
    work::by_itself,
    worker,
};
use ledsaga_forms::Answer;
use ledsaga_link::{Client, Timeouts};
use ledsaga_vault::Vault;
use sha2::{Digest, Sha256};
use tokio::time::sleep;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

async fn open(computer: &Computer) -> Arc<Vault> {
    Arc::new(computer.open(None).await.unwrap())
}

async fn received_by_itself(desk: &Desk, draft: Uuid, limit: Duration) -> bool {
    let received = async |desk: &Desk| {
        matches!(status(desk, draft).await, Some(CaseStatus::Received { .. })).then_some(())
    };
    by_itself(desk, limit, received).await.is_ok()
}

/// A client that waits for as long as the application does: where nothing is silent, only a slow computer takes time.
async fn patient(field: &Field, url: &str) -> Client {
    Client::new(url, field.town.account("demo-astrid", Timeouts::default()).await.unwrap())
}

/// Cuts the answer to a submission twenty times in a row, for two clients at once.
async fn twenty_lost_answers(doubling: bool) -> usize {
    let field = Field::new().await.unwrap();
    let (proxy, client) = field.behind([]).await.unwrap();
    deliver(&client, &field.freeze()).await.unwrap();
    let (_, answer) = proxy.passed();
    let before = field.town.cases().await.unwrap().len();
    let submission = field.freeze();
    let one = async {
        // The keys come over a good connection, as they do for a client that has been at work.
        let (_proxy, client) = field.behind(vec![Fault::CutResponse(answer - 100); 20]).await.unwrap();
        match doubling {
            true => deliver(&Doubling(Arc::new(client)), &submission).await.unwrap(),
            false => deliver(&client, &submission).await.unwrap(),
        }
    };
    let two = async {
        let (_proxy, client) = field.behind(vec![Fault::CutResponse(answer - 100); 20]).await.unwrap();
        deliver(&client, &submission).await.unwrap()
    };
    let (first, second) = tokio::join!(one, two);
    if !doubling {
        assert_eq!(first, second, "the same receipt");
    }
    field.town.cases().await.unwrap().len() - before
}

/// The answer is lost, the client sends again: ten copies on the server. Killing is in `link_kill.rs`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_01_twenty_lost_answers_to_two_at_once_make_one_case() {
    let cases = twenty_lost_answers(false).await;
    row(Kind::Test, "failure 1", "20 lost answers to each of two at once", 40, cases.abs_diff(1));
    assert_eq!(cases, 1);
    let cases = twenty_lost_answers(true).await;
    row(Kind::CounterTest, "failure 1", "the same without idempotency", 40, cases - 1);
    assert!(cases > 1);
}

/// A case whose answer was lost, with the desk and the store that have it.
async fn lost_answer(computer: &Computer, town: &Arc<Town>) -> (Arc<Vault>, Desk, Uuid) {
    *town.answers_questions.lock().unwrap() = false;
    let vault = open(computer).await;
    let here = desk(vault.clone(), town).await;
    let (_, draft) = case(&here, "som uppläst").await;
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::Unknown { .. })).await;
    (vault, here, draft)
}

/// Edited after an upload that was cut short: the server would then have the same id with another content for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_02_a_case_is_not_edited_until_its_cut_short_upload_is_settled() {
    for crash in [false, true] {
        let mut computer = Computer::new();
        let town = Town::new(Fate::AnswerLost);
        let (_, mut here, draft) = lost_answer(&computer, &town).await;
        if crash {
            let image = computer.image();
            drop(here);
            computer = image;
            here = desk(open(&computer).await, &town).await;
        }
        let edited = here.apply(draft, vec![set("ändrat efteråt")]).await;
        assert_eq!(edited.err(), Some(DeskError::Frozen));
        assert_eq!(here.reopen(draft).await.err(), Some(DeskError::NotReopenable));
        *town.answers_questions.lock().unwrap() = true;
        town.set(Fate::Taken);
        until_status(&here, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
        assert_eq!(town.arrived(), ["som uppläst"]);
        here.close().await;
    }
    row(Kind::Test, "failure 2", "edited after a lost answer, with and without a crash: refused", 2, 0);
}

/// The counter-test: a program that edits what was frozen, under its old id, is stuck with a case that differs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_02_an_edit_under_the_old_id_is_stuck_for_ever() {
    let computer = Computer::new();
    let town = Town::new(Fate::AnswerLost);
    let (vault, here, draft) = lost_answer(&computer, &town).await;
    let id = vault.draft(draft).await.unwrap().unwrap().state.submission().unwrap();
    let frozen = vault.submission(id).await.unwrap().unwrap();
    let payload =
        String::from_utf8(frozen.payload.clone()).unwrap().replace("som uppläst", "ändrat").into_bytes();
    let digest = hex::encode(Sha256::digest(&payload));
    vault.commit(vec![Change::PutSubmission(Submission { payload, digest, ..frozen })]).await.unwrap();
    *town.answers_questions.lock().unwrap() = true;
    town.set(Fate::Taken);
    let stuck = until_status(&here, draft, |status| matches!(status, CaseStatus::NeedsAction { .. })).await;
    let CaseStatus::NeedsAction { reason, reopenable } = stuck else { panic!() };
    assert!(reason.code == "content_differs" && !reopenable);
    row(Kind::CounterTest, "failure 2", "an edit under the old id: content_differs, for ever", 1, 1);
    here.close().await;
}

/// What was refused for good is edited as a new submission, and the old one is kept until then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_02_an_edited_case_goes_under_an_id_of_its_own() {
    let computer = Computer::new();
    let (town, vault) = (Town::new(Fate::Refused), open(&computer).await);
    let here = desk(vault.clone(), &town).await;
    let (_, draft) = case(&here, "först").await;
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::NeedsAction { .. })).await;
    let first = vault.draft(draft).await.unwrap().unwrap().state.submission().unwrap();
    here.reopen(draft).await.unwrap();
    here.apply(draft, vec![set("rättat")]).await.unwrap();
    town.set(Fate::Taken);
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
    assert_eq!(town.arrived(), ["rättat"]);
    let sent = town.sent.lock().unwrap().clone();
    assert!(sent.first() == Some(&first) && sent.last() != Some(&first), "another content, another id");
    here.close().await;
}

/// Edited while being sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_03_a_case_that_is_being_sent_refuses_edits_with_the_reason() {
    let computer = Computer::new();
    let town = Town::new(Fate::Taken);
    let gate = town.gate.write().await;
    let here = desk(open(&computer).await, &town).await;
    let (_, draft) = case(&here, "som uppläst").await;
    send(&here, draft).await.unwrap();
    until(&here, "the request is on its way", async |_| {
        (!town.sent.lock().unwrap().is_empty()).then_some(())
    })
    .await;
    for refused in [
        here.apply(draft, vec![set("ändrat")]).await.err(),
        here.undo(draft).await.err(),
        here.discard(draft).await.err(),
        here.submit(draft).await.err(),
    ] {
        assert_eq!(refused.as_ref().map(DeskError::code), Some("frozen"));
    }
    assert_eq!(here.erase(draft).await.err(), Some(DeskError::NotDiscarded));
    drop(gate);
    until_status(&here, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
    assert_eq!(town.arrived(), ["som uppläst"]);
    assert_eq!(town.sent.lock().unwrap().len(), 1);
    row(
        Kind::Test,
        "failure 3",
        "five ways to change a case that is being sent: refused with the reason",
        5,
        0,
    );
    here.close().await;
}

/// Makes a case a draft again that is none, as a program does that lets go of it too easily, and sends it again as another.
async fn sent_again(store: Arc<dyn Store>, town: &Arc<Town>, draft: Uuid) -> usize {
    let old = store.draft(draft).await.unwrap().unwrap();
    let mut changes: Vec<Change> =
        store.outbox().await.unwrap().iter().map(|item| Change::RemoveOutbox { id: item.id }).collect();
    changes.push(Change::PutDraft(Draft { state: CaseState::Editing, submission_id: None, ..old }));
    store.commit(changes).await.unwrap();
    *town.answers_questions.lock().unwrap() = true;
    town.set(Fate::Taken);
    let again = desk(store, town).await;
    again.apply(draft, vec![set("ändrat")]).await.unwrap();
    send(&again, draft).await.unwrap();
    until_status(&again, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
    again.close().await;
    town.arrived().len()
}

/// The counter-test: a program that lets a case be edited that is on its way makes two of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_03_an_edit_on_the_way_makes_two_cases() {
    let town = Town::new(Fate::AnswerLost);
    *town.answers_questions.lock().unwrap() = false;
    let store = Arc::new(MemoryStore::new());
    let here = desk(store.clone(), &town).await;
    let (_, draft) = case(&here, "som uppläst").await;
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::Unknown { .. })).await;
    drop(here);
    let cases = sent_again(store, &town, draft).await;
    row(Kind::CounterTest, "failure 3", "an edit of a case on its way goes through: two cases", 1, cases - 1);
    assert_eq!(cases, 2);
}

/// Somebody sends once more what has been sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_04_what_was_sent_is_not_sent_again() {
    let store = Arc::new(MemoryStore::new());
    let town = Town::new(Fate::Taken);
    let here = desk(store.clone(), &town).await;
    let (_, draft) = case(&here, "som uppläst").await;
    send(&here, draft).await.unwrap();
    until_status(&here, draft, |status| matches!(status, CaseStatus::Received { .. })).await;
    assert_eq!(send(&here, draft).await.err().as_ref().map(DeskError::code), Some("frozen"));
    assert_eq!(here.submit(draft).await.err().as_ref().map(DeskError::code), Some("frozen"));
    assert_eq!(here.reopen(draft).await.err(), Some(DeskError::NotReopenable));
    here.retry_now().await;
    assert!(!received_again(&here, &town).await);
    drop(here);

    // And the server answers a copy that comes all the same with the same receipt.
    let field = Field::new().await.unwrap();
    let client = patient(&field, &field.town.url()).await;
    let submission = field.freeze();
    let first = client.put_submission(&submission).await.unwrap();
    for _ in 0..20 {
        assert_eq!(client.put_submission(&submission).await.unwrap(), first);
    }
    field.holds_exactly(&[submission]).await.unwrap();
    row(Kind::Test, "failure 4", "sent again from the list: refused; by a copy: the same receipt", 24, 0);

    // The counter-test: a program that has a "send again" for what was sent.
    let cases = sent_again(store, &town, draft).await;
    row(Kind::CounterTest, "failure 4", "a program with \"send again\": two cases", 1, cases - 1);
    assert_eq!(cases, 2);
}

/// Whether anything more arrives once the desk has nothing left to do.
async fn received_again(here: &Desk, town: &Town) -> bool {
    until(here, "nothing queued", async |desk| (desk.view().await.ok()?.link.queued == 0).then_some(()))
        .await;
    town.sent.lock().unwrap().len() > 1
}

/// The computer's clock, so many seconds off.
struct OffClock(AtomicI64);

impl Clock for OffClock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

async fn desk_by(clock: Arc<OffClock>, store: Arc<dyn Store>, town: &Arc<Town>) -> Desk {
    let index = Arc::new(MemoryIndex::new());
    Desk::open(store, index, town.clone(), clock, worker(), Limits::default()).await.unwrap()
}

/// Dies while a case is being sent, and starts again with the clock so far off; whether it goes on by itself within a
/// minute.
async fn goes_on_after_a_death(wrong: Wrong, off: i64) -> bool {
    let disk = Arc::new(MemoryStore::new());
    let town = Town::new(Fate::Taken);
    let gate = town.gate.write().await;
    let clock = Arc::new(OffClock(AtomicI64::new(0)));
    let here = desk_by(clock.clone(), disk.clone(), &town).await;
    until(&here, "a catalogue", async |desk| desk.service("fardtjanst").await.ok()).await;
    let (_, draft) = case(&here, "som uppläst").await;
    send(&here, draft).await.unwrap();
    until(&here, "the request is on its way", async |_| {
        (!town.sent.lock().unwrap().is_empty()).then_some(())
    })
    .await;
    drop(here);
    let left = disk.outbox().await.unwrap();
    assert!(left.iter().any(|item| item.state == ItemState::InFlight), "{left:?}");
    drop(gate);
    clock.0.store(off, Ordering::Relaxed);
    let life = Life::until(End::Never);
    let again = desk_by(clock, Arc::new(MortalStore::new(disk, life, wrong)), &town).await;
    received_by_itself(&again, draft, if wrong == Wrong::Nothing { MINUTE } else { HOUR }).await
}

/// "Is being sent" for ever, also after a restart.
#[tokio::test(start_paused = true)]
async fn failure_06_what_was_being_sent_goes_on_within_a_minute_of_a_restart() {
    const TEN_YEARS: i64 = 10 * 365 * 24 * 3_600;
    let offs = [0, TEN_YEARS, -TEN_YEARS, 3_600, -3_600];
    let mut stuck = 0;
    for off in offs {
        stuck += usize::from(!goes_on_after_a_death(Wrong::Nothing, off).await);
    }
    row(
        Kind::Test,
        "failure 6",
        "killed while sending, clock up to ten years off: goes on within a minute",
        offs.len(),
        stuck,
    );
    assert_eq!(stuck, 0);
    let stuck = usize::from(!goes_on_after_a_death(Wrong::LeasesForEver, 0).await);
    row(
        Kind::CounterTest,
        "failure 6",
        "a lease that outlives its holder: not sent within an hour",
        1,
        stuck,
    );
    assert_eq!(stuck, 1);
}

/// Whether a case that was queued in each kind of trouble goes by itself within a minute of its end.
async fn goes_when_the_network_is_back(trouble: &[Fate], beat: Option<Duration>) -> bool {
    let town = Town::new(Fate::Taken);
    let here = desk(Arc::new(MemoryStore::new()), &town).await;
    town.set(trouble[0]);
    let (_, draft) = case(&here, "som uppläst").await;
    send(&here, draft).await.unwrap();
    for fate in trouble {
        town.set(*fate);
        // A lunch, or a computer that slept: nobody touches it.
        sleep(HOUR).await;
        assert!(!matches!(status(&here, draft).await, Some(CaseStatus::Received { .. })));
    }
    town.set_beat(beat);
    sleep(MINUTE).await;
    town.set(Fate::Taken);
    received_by_itself(&here, draft, MINUTE).await
}

/// Not sent when the network comes back. (There is no setting that keeps queued cases from being sent, so that there is
/// none to be ignored.)
#[tokio::test(start_paused = true)]
async fn failure_07_a_queued_case_goes_by_itself_within_a_minute_of_the_network() {
    use Fate::{Busy, Stranger, Unreachable};
    let troubles: [&[Fate]; 5] = [
        &[Unreachable],
        &[Stranger],
        &[Busy],
        &[Unreachable, Stranger, Unreachable],
        &[Stranger, Busy, Unreachable, Busy, Stranger],
    ];
    let mut kept = 0;
    for trouble in troubles {
        kept += usize::from(!goes_when_the_network_is_back(trouble, None).await);
    }
    row(
        Kind::Test,
        "failure 7",
        "no network, a captive portal, a busy server, one after the other: goes within a minute",
        troubles.len(),
        kept,
    );
    assert_eq!(kept, 0);
    let kept = usize::from(!goes_when_the_network_is_back(&[Unreachable], Some(HOUR * 24)).await);
    row(
        Kind::CounterTest,
        "failure 7",
        "a client that does not look by itself: not sent within a minute",
        1,
        kept,
    );
    assert_eq!(kept, 1);
}

/// Three cases, of which the second is answered with this, and an hour: cases that arrived, and how often the bad one was
/// sent.
async fn with_a_bad_one(answer: LinkError) -> (usize, usize) {
    let town = Town::new(Fate::Taken);
    town.poison("giftig", answer);
    let store = Arc::new(MemoryStore::new());
    let here = desk(store.clone(), &town).await;
    let mut bad = Uuid::nil();
    for words in ["första", "giftig", "tredje"] {
        let (_, draft) = case(&here, words).await;
        send(&here, draft).await.unwrap();
        if words == "giftig" {
            bad = store.draft(draft).await.unwrap().unwrap().state.submission().unwrap();
        }
    }
    sleep(HOUR).await;
    let tries = town.sent.lock().unwrap().iter().filter(|id| **id == bad).count();
    let arrived = town.arrived();
    if tries == 1 {
        let needs = here.view().await.unwrap().link.needs_action;
        assert!(needs <= 1 && !arrived.contains(&"giftig".to_owned()));
    }
    (arrived.len(), tries)
}

/// One bad case holds up all others; or a thousand pointless tries after a fatal answer.
#[tokio::test(start_paused = true)]
async fn failure_08_a_bad_case_goes_aside_and_the_others_go_on() {
    let no = |code: &str| LinkError::Refused { code: code.to_owned(), questions: vec![] };
    let codes = ["answers_invalid", "service_version_retired", "forbidden", "unexpected_answer", "malformed"];
    let mut wrong = 0;
    for code in codes {
        wrong += usize::from(with_a_bad_one(no(code)).await != (2, 1));
    }
    row(
        Kind::Test,
        "failure 8",
        "one of three cases is refused: aside with its reason, sent once, the others arrive",
        codes.len(),
        wrong,
    );
    assert_eq!(wrong, 0);
    // The counter-tests: a fatal answer that is taken for a passing one, and one case's fault that is taken for everybody's.
    let (_, tries) = with_a_bad_one(LinkError::Busy { retry_after_ms: None }).await;
    row(
        Kind::CounterTest,
        "failure 8",
        &format!("a final no that is taken for a passing one: {tries} tries in an hour"),
        1,
        tries - 1,
    );
    assert!(tries > 5, "{tries}");
    let held_up = 2 - in_one_line().await;
    row(
        Kind::CounterTest,
        "failure 8",
        "all in one line, the first one refused: the others wait",
        2,
        held_up,
    );
    assert_eq!(held_up, 2);
}

/// How many of two cases arrive behind a bad one in a queue that goes on when the first has been taken.
async fn in_one_line() -> usize {
    let town = Town::new(Fate::Taken);
    town.poison("giftig", LinkError::Refused { code: "answers_invalid".to_owned(), questions: vec![] });
    let mut line: Vec<Submission> = ["giftig", "andra", "tredje"].map(bare).into();
    for _ in 0..1_000 {
        let Some(first) = line.first() else { break };
        if town.put_submission(first).await.is_ok() {
            line.remove(0);
        }
    }
    town.arrived().len()
}

fn bare(words: &str) -> Submission {
    let id = Uuid::now_v7();
    let answers = serde_json::json!({"id": id, "answers": {"skal": {"type": "text", "text": words}}});
    let payload = serde_json::to_vec(&answers).unwrap();
    let digest = hex::encode(Sha256::digest(&payload));
    let (draft_id, call_id, frozen_at) = (Uuid::now_v7(), Uuid::now_v7(), Timestamp::now());
    Submission { id, draft_id, call_id, payload, digest, frozen_at }
}

/// How often something is handed in within an hour by five cases that are answered with this.
async fn handed_in_while(answer: LinkError) -> usize {
    let town = Town::new(Fate::Taken);
    let here = desk(Arc::new(MemoryStore::new()), &town).await;
    for _ in 0..5 {
        let (_, draft) = case(&here, "som uppläst").await;
        match &answer {
            LinkError::SignInNeeded => town.set(Fate::SignInNeeded),
            answer => town.poison("som uppläst", answer.clone()),
        }
        send(&here, draft).await.unwrap();
    }
    sleep(HOUR).await;
    town.contacts() + town.sent.lock().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn failure_08_who_is_not_known_stops_the_whole_queue() {
    // Some are under way already when the first is told.
    let most = 8;
    let tries = handed_in_while(LinkError::SignInNeeded).await;
    let done = format!("five cases while the sign-in is over: {tries} tries in an hour");
    row(Kind::Test, "failure 8", &done, 5, tries.saturating_sub(most));
    assert!(tries <= most, "{tries}");
    let tries = handed_in_while(LinkError::Busy { retry_after_ms: None }).await;
    let done = format!("the same taken for a passing trouble: {tries} tries in an hour");
    row(Kind::CounterTest, "failure 8", &done, 5, tries.saturating_sub(most));
    assert!(tries > most, "{tries}");
}

/// Three files and their case, over cut connections; whether it was taken before all were there, and in the end.
async fn three_files(wrong_bytes: bool) -> (bool, bool) {
    let field = Field::new().await.unwrap();
    let files: Vec<(Uuid, Vec<u8>)> =
        (1..=3_u8).map(|number| (Uuid::now_v7(), vec![number; 700_000 * usize::from(number)])).collect();
    let names = files.iter().map(|(id, bytes)| named(*id, bytes)).collect();
    let given = answers([("plats", text("Storgatan 1")), ("bilder", Answer::Files { files: names })]);
    let submission = field.agent.freeze(&field.definition, &given);
    let mut early = false;
    let cuts =
        [Fault::CutRequest(300_000), Fault::CutResponse(20), Fault::Reset, Fault::CutRequest(1_200_000)];
    let proxy = Proxy::start(field.gateway(), cuts.into_iter().cycle().take(12)).await.unwrap();
    let client = Arc::new(patient(&field, &proxy.url()).await);
    for (id, bytes) in &files {
        early |= client.put_submission(&submission).await.is_ok();
        let mut bytes = bytes.clone();
        if wrong_bytes {
            bytes[0] ^= 1;
        }
        ledsaga_faults::field::deliver_file(&*client, *id, &bytes).await.unwrap();
    }
    let receipt = match deliver(&*client, &submission).await {
        Ok(receipt) => receipt,
        Err(error) => {
            assert!(wrong_bytes, "{error:#}");
            return (early, false);
        }
    };
    // What arrived is what was sent, byte for byte.
    let store = field.town.store().await.unwrap();
    let (body, _) = store.case(&receipt.case_number).await.unwrap().unwrap();
    let whole = body == submission.payload;
    field.holds_exactly(&[submission]).await.unwrap();
    (early, whole)
}

/// An upload of several files over several requests: doubles, halves; an export that misses answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_15_a_case_is_taken_when_all_its_files_are_there_and_once() {
    let outcome = three_files(false).await;
    row(
        Kind::Test,
        "failure 15",
        "three files over cut connections: taken once, whole, when all are in",
        3,
        usize::from(outcome != (false, true)),
    );
    assert_eq!(outcome, (false, true));
    let outcome = three_files(true).await;
    row(
        Kind::CounterTest,
        "failure 15",
        "files that are not what the case names: not taken",
        3,
        usize::from(!outcome.1),
    );
    assert_eq!(outcome, (false, false));
}
