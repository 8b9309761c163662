//! Protected mode: what is masked, what is logged, and what never leaves.

use std::sync::Arc;

use ledsaga_core::{
    audit::AuditAction,
    call::CallChange,
    desk::Desk,
    error::{DeskError, StoreError},
    memory::MemoryStore,
    ports::Store,
    view::{RevealTarget, Text, Who},
};
use ledsaga_forms::{AnswerView, speech::Language};
use uuid::Uuid;

use crate::{
    fixture::{case, confirmed_case, has_catalogue, open, received, text},
    server::Server,
    store::{Trouble, Troubled},
};

/// What no view of a protected call may contain.
const SECRETS: [&str; 5] = ["Tuva", "19990807", "2391", "1740605", "Provvägen"];

struct World {
    desk: Desk,
    store: Arc<MemoryStore>,
    server: Arc<Server>,
    call: Uuid,
    draft: Uuid,
}

async fn protected() -> World {
    let store = Arc::new(MemoryStore::new());
    let server = Arc::new(Server::new());
    let desk = open(store.clone(), server.clone()).await.unwrap();
    has_catalogue(&desk).await;
    let (call, draft) = confirmed_case(&desk).await;
    desk.apply(draft, vec![text("adress", "Provvägen 7")]).await.unwrap();
    let caller = vec![
        CallChange::CallerName("Tuva Provsson".into()),
        CallChange::CallerPhone("0701740605".into()),
        CallChange::CallerIdentityNumber("19990807-2391".into()),
    ];
    desk.change_call(call.id, caller).await.unwrap();
    desk.protect(call.id).await.unwrap();
    World { desk, store, server, call: call.id, draft }
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_masked_in_every_view() {
    let World { desk, call, .. } = protected().await;
    let view = desk.open_call(call).await.unwrap();
    assert!(view.protected);
    assert_eq!(view.name, Text::Masked { length: 13 });
    assert_eq!(view.phone, Text::Masked { length: 10 });
    assert_eq!(view.identity_number, Text::Masked { length: 13 });
    let queue = desk.view().await.unwrap().queue;
    assert_eq!(queue[0].who, Who::Protected);
    let caller = serde_json::to_string(&(&view.name, &view.phone, &view.identity_number, queue)).unwrap();
    for secret in SECRETS {
        assert!(!caller.contains(secret), "{secret}");
    }
}

/// The counter-test: the same call unprotected shows it all, so the test above can see it.
#[tokio::test(start_paused = true)]
async fn an_unprotected_call_shows_the_caller() {
    let World { desk, call, .. } = protected().await;
    desk.lower_protection(call, "Skatteverket: ingen markering").await.unwrap();
    let view = desk.open_call(call).await.unwrap();
    assert_eq!(view.name, Text::Plain { text: "Tuva Provsson".into() });
    let queue = desk.view().await.unwrap().queue;
    assert_eq!(queue[0].who, Who::Named { name: "Tuva Provsson".into() });
}

#[tokio::test(start_paused = true)]
async fn an_empty_field_is_not_masked() {
    let World { desk, call, .. } = protected().await;
    let view = desk.change_call(call, vec![CallChange::CallerPhone(String::new())]).await.unwrap();
    assert_eq!(view.phone, Text::Plain { text: String::new() });
}

#[tokio::test(start_paused = true)]
async fn the_form_masks_numbers_and_asks_for_no_address() {
    let World { desk, draft, .. } = protected().await;
    let form = case(&desk, draft).await.form;
    let question = |path: &str| form.questions.iter().find(|q| q.path == path).unwrap();
    assert!(matches!(question("personnummer").answer, AnswerView::Masked { .. }));
    assert!(matches!(question("telefon").answer, AnswerView::Masked { .. }));
    assert!(question("adress").via_forwarding);
    assert_eq!(question("adress").answer, AnswerView::None);
}

#[tokio::test(start_paused = true)]
async fn the_read_back_says_no_address_and_spells_nothing() {
    let World { desk, draft, .. } = protected().await;
    let read_back = desk.read_back(draft, Language::Swedish).await.unwrap();
    let lines: Vec<_> = read_back.sections.iter().flat_map(|s| &s.lines).collect();
    assert!(lines.iter().all(|line| line.spell.is_none()));
    let said = serde_json::to_string(&read_back).unwrap();
    assert!(!said.contains("Provvägen") && !said.contains("1740605") && !said.contains("174 06 05"));
    let number = lines.iter().find(|l| l.question == "personnummer").unwrap();
    assert_eq!(number.spoken, "slutar på 2391");
}

#[tokio::test(start_paused = true)]
async fn raising_and_lowering_void_what_was_confirmed() {
    let World { desk, call, draft, .. } = protected().await;
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    assert!(case(&desk, draft).await.confirmed);
    desk.lower_protection(call, "Fel samtal").await.unwrap();
    assert!(!case(&desk, draft).await.confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_case_from_a_protected_call_is_marked_and_has_no_address() {
    let World { desk, server, draft, .. } = protected().await;
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    let (_, payload) = server.inbox(|inbox| inbox.cases[0].clone());
    let body: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(body["secrecy_marking"], true);
    assert!(!String::from_utf8(payload).unwrap().contains("Provvägen"));
}

#[tokio::test(start_paused = true)]
async fn lowering_needs_a_reason_and_logs_it() {
    let World { desk, store, call, .. } = protected().await;
    assert_eq!(desk.lower_protection(call, "  \n").await.err(), Some(DeskError::ReasonNeeded));
    assert_eq!(desk.lower_protection(call, &"a".repeat(501)).await.err(), Some(DeskError::TooLong));
    assert!(desk.open_call(call).await.unwrap().protected);
    desk.lower_protection(call, "  Beslut från Skatteverket visat  ").await.unwrap();
    let log = store.audit().await.unwrap();
    let lowered = log.iter().find(|event| event.action == AuditAction::ProtectionLowered).unwrap();
    assert_eq!(lowered.reason, "Beslut från Skatteverket visat");
    assert!(log.iter().any(|event| event.action == AuditAction::ProtectionRaised));
}

#[tokio::test(start_paused = true)]
async fn each_reveal_is_logged_before_it_is_answered() {
    let World { desk, store, call, draft, .. } = protected().await;
    let targets = [
        (RevealTarget::CallerName, "Tuva Provsson"),
        (RevealTarget::CallerPhone, "0701740605"),
        (RevealTarget::CallerIdentityNumber, "19990807-2391"),
        (RevealTarget::Answer { draft, question: "telefon".into() }, "070-174 06 05"),
    ];
    for (target, value) in targets {
        assert_eq!(desk.reveal(call, target).await.unwrap(), value);
    }
    let reveals = |log: Vec<ledsaga_core::audit::AuditEvent>| {
        log.iter().filter(|event| event.action == AuditAction::Revealed).count()
    };
    assert_eq!(reveals(store.audit().await.unwrap()), 4);
    drop(desk);

    let full = Arc::new(Troubled::at(store, 0, Trouble::Full));
    let desk = open(full, Arc::new(Server::new())).await.unwrap();
    let refused = desk.reveal(call, RevealTarget::CallerName).await;
    assert_eq!(refused, Err(DeskError::Store(StoreError::DiskFull)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_revealed_only_through_its_own_call() {
    let World { desk, draft, .. } = protected().await;
    let other = desk.start_call().await.unwrap();
    let target = RevealTarget::Answer { draft, question: "telefon".into() };
    assert_eq!(desk.reveal(other.id, target).await, Err(DeskError::NoSuchDraft));
}

#[tokio::test(start_paused = true)]
async fn a_new_value_may_be_typed_while_protected() {
    let World { desk, call, .. } = protected().await;
    let view = desk.change_call(call, vec![CallChange::CallerName("Tove".into())]).await.unwrap();
    assert_eq!(view.name, Text::Masked { length: 4 });
    assert_eq!(desk.reveal(call, RevealTarget::CallerName).await.unwrap(), "Tove");
}

#[tokio::test(start_paused = true)]
async fn debug_output_has_no_content() {
    let World { store, draft, .. } = protected().await;
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        store.calls().await.unwrap(),
        store.draft(draft).await.unwrap(),
        store.outbox().await.unwrap(),
        store.audit().await.unwrap(),
        CallChange::CallerName("Tuva".into()),
    );
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
