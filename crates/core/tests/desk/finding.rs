//! Finding own calls and cases again; `search.rs` is about e-services.

use ledsaga_core::{
    audit::AuditAction,
    call::CallChange,
    desk::Desk,
    ports::Store,
    view::{Found, FoundRow},
};
use uuid::Uuid;

use crate::fixture::{World, confirmed_case, received, text, world};

/// Waits until the index has caught up with what is sought.
async fn found(desk: &Desk, query: &str, count: usize) -> Vec<FoundRow> {
    let mut rows = Vec::new();
    for _ in 0..1_000 {
        rows = desk.search(query, None).await.unwrap().rows;
        if rows.len() == count {
            return rows;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    panic!("{query}: {} rows", rows.len());
}

async fn asking(desk: &Desk, name: &str, asked_for: &str) -> Uuid {
    let call = desk.start_call().await.unwrap().id;
    let changes = vec![CallChange::CallerName(name.into()), CallChange::AskedFor(asked_for.into())];
    desk.change_call(call, changes).await.unwrap();
    call
}

#[tokio::test(start_paused = true)]
async fn calls_are_found_by_name_word_form_answer_and_case_number() {
    let World { desk, .. } = world().await;
    let call = asking(&desk, "Lova Exempelsson", "Frågor om parkeringstillstånd").await;
    let (_, draft) = confirmed_case(&desk).await;
    assert_eq!(found(&desk, "exempelsson", 1).await[0].row.call, call);
    assert_eq!(found(&desk, "parkeringstillståndet", 1).await[0].field, "asked_for");
    assert_eq!(found(&desk, "fardtj", 1).await[0].field, "service");
    assert_eq!(found(&desk, "pr", 1).await[0].row.draft, Some(draft));

    desk.submit(draft).await.unwrap();
    let number = received(&desk, draft).await;
    let row = found(&desk, &number.to_lowercase().replace('-', ""), 1).await.remove(0);
    assert_eq!((row.row.draft, row.field.as_str()), (Some(draft), "case_number"));
}

#[tokio::test(start_paused = true)]
async fn a_protected_call_is_found_only_from_inside_itself() {
    let World { desk, .. } = world().await;
    let call = asking(&desk, "Lova Exempelsson", "Stöd").await;
    let draft = desk.choose_service(call, "fardtjanst").await.unwrap().cases[0].draft;
    desk.apply(draft, vec![text("namn", "Lova Exempelsson")]).await.unwrap();
    found(&desk, "Exempelsson", 1).await;
    desk.protect(call).await.unwrap();
    // At once, whether the index has followed or not.
    assert!(desk.search("Exempelsson", None).await.unwrap().rows.is_empty());
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert!(desk.search("Exempelsson", None).await.unwrap().rows.is_empty());

    let Found { rows, .. } = desk.search("exempels", Some(call)).await.unwrap();
    let drafts: Vec<_> = rows.iter().map(|row| row.row.draft).collect();
    assert_eq!(drafts, [None, Some(draft)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_not_found() {
    let World { desk, .. } = world().await;
    let call = asking(&desk, "Lova Exempelsson", "Stöd").await;
    let draft = desk.choose_service(call, "bygglov").await.unwrap().cases[0].draft;
    found(&desk, "bygglov", 1).await;
    desk.discard(draft).await.unwrap();
    desk.erase(draft).await.unwrap();
    found(&desk, "bygglov", 0).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_there_from_the_start_is_found_and_the_progress_is_told() {
    let World { desk, server, store } = world().await;
    for number in 0..120 {
        asking(&desk, &format!("Namn{number}"), "Stöd").await;
    }
    drop(desk);
    let desk = crate::fixture::open(store, server).await.unwrap();
    found(&desk, "Namn0", 1).await;
    found(&desk, "Namn119", 1).await;
    assert_eq!(desk.search("Namn119", None).await.unwrap().indexed, 100);
}

#[tokio::test(start_paused = true)]
async fn a_search_is_logged_without_its_words() {
    let World { desk, store, .. } = world().await;
    asking(&desk, "Lova Exempelsson", "Stöd").await;
    found(&desk, "Exempelsson", 1).await;
    let log = store.audit().await.unwrap();
    let last = log.iter().rfind(|event| event.action == AuditAction::Searched).unwrap();
    assert_eq!(last.count, Some(1));
    assert!(!serde_json::to_string(&log).unwrap().contains("Exempelsson"));
}
