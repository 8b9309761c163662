//! The log on its way to the municipality.

use ledsaga_core::{
    audit::{AuditAction, AuditEvent, Purpose, export::verify},
    error::LinkError,
    memory::MemoryStore,
    ports::Store,
};

use crate::{
    fixture::{World, confirmed_case, received, until, world},
    server::Server,
};

/// What the municipality has of the log, in order.
fn arrived(server: &Server) -> Vec<AuditAction> {
    let events: Vec<String> = server.inbox(|inbox| inbox.audit.values().flatten().cloned().collect());
    events.iter().map(|event| serde_json::from_str::<AuditEvent>(event).unwrap().action).collect()
}

async fn kept(store: &MemoryStore) -> Vec<AuditAction> {
    store.audit().await.unwrap().iter().map(|event| event.action).collect()
}

#[tokio::test(start_paused = true)]
async fn every_event_arrives_once_and_in_order() {
    let World { desk, server, store } = world().await;
    let (_, draft) = confirmed_case(&desk).await;
    desk.submit(draft).await.unwrap();
    received(&desk, draft).await;
    while arrived(&server) != kept(&store).await {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let state = store.log_state().await.unwrap();
    assert_eq!(state.arrived, state.head.seq);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_arrive_waits_for_the_network_and_for_the_next_start() {
    let World { desk, server, store } = world().await;
    server.inbox(|inbox| inbox.down = Some(LinkError::Unreachable));
    confirmed_case(&desk).await;
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let (before, all) = (arrived(&server), kept(&store).await);
    assert!(before.len() < all.len());
    drop(desk);

    server.inbox(|inbox| inbox.down = None);
    let desk = crate::fixture::open(store.clone(), server.clone()).await.unwrap();
    while arrived(&server) != all {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    until(&desk, "a desk", async |desk| desk.view().await.ok()).await;
}

#[tokio::test(start_paused = true)]
async fn a_reviewer_gets_the_whole_log_and_sees_when_it_was_changed() {
    let World { desk, .. } = world().await;
    confirmed_case(&desk).await;
    desk.record(AuditAction::Unlocked).await.unwrap();
    let file = desk.export_log().await.unwrap();
    let report = verify(file.as_slice(), None).unwrap();
    assert!(report.count > 3);
    let text = String::from_utf8(file).unwrap();
    let changed = text.replacen("unlocked", "locked", 1);
    assert!(text != changed && verify(changed.as_bytes(), None).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_sealed_copy_stands_in_the_log_and_none_is_made_of_a_closed_desk() {
    let World { desk, store, .. } = world().await;
    confirmed_case(&desk).await;
    desk.record_copy().await.unwrap();
    let event = store.audit().await.unwrap().pop().unwrap();
    assert_eq!(
        (event.action, event.purpose, event.count),
        (AuditAction::Exported, Purpose::Support, Some(1))
    );
    assert_eq!(event.policy.as_deref(), Some("sealed_copy"));
    desk.close().await;
    assert!(desk.record_copy().await.is_err());
}
