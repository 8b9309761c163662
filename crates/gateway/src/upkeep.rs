//! What goes on behind the requests: hearing of changes, and removing what has had its time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, time::timeout};
use uuid::Uuid;

use crate::{
    retention::{KINDS, Retention},
    store::Store,
};

/// The chore that one of the gateways does at a time.
const RETENTION: &str = "retention";
/// For which a gateway holds it without a word; one that died is followed by another after this.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How often each gateway looks whether it is due.
const GLANCE: Duration = Duration::from_secs(60);

/// Works until there is a word on `stopped`, or nobody who could give it.
pub fn begin(store: Store, retention: Retention, mut stopped: watch::Receiver<()>) {
    let (hearing, mut ended) = (store.clone(), stopped.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = hearing.hear() => {}
            _ = ended.changed() => {}
        }
    });
    tokio::spawn(async move {
        while timeout(GLANCE, stopped.changed()).await.is_err() {
            keep_clean(&store, &retention).await;
        }
    });
}

/// Removes what has had its time, unless another gateway does or it was done lately.
pub async fn keep_clean(store: &Store, retention: &Retention) {
    let me = Uuid::now_v7().to_string();
    match keep_clean_as(&me, store, retention).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "what had its time was removed"),
        Err(_) => tracing::error!("what has had its time could not be removed"),
    }
}

async fn keep_clean_as(me: &str, store: &Store, retention: &Retention) -> sqlx::Result<u64> {
    let mut removed = 0;
    for kind in KINDS {
        if !store.take_chore(RETENTION, me, LEASE).await? {
            return Ok(removed);
        }
        removed += store.purge(kind, retention, Timestamp::now()).await?;
    }
    store.finish_chore(RETENTION, me, EVERY).await?;
    Ok(removed)
}
