//! Waking those who wait for changes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ledsaga_protocol::digest;
use sqlx::{AnyConnection, AssertSqlSafe, Row, postgres::PgListener};
use tokio::{sync::watch, time::sleep};

use super::{Store, rows::padded};

/// What PostgreSQL calls the news; its content is the digest of a worker's subject.
const CHANNEL: &str = "ledsaga_change";
/// How often SQLite is looked at for what another process wrote: the command line beside a running gateway.
const GLANCE: Duration = Duration::from_secs(1);
/// Between two attempts to hear from PostgreSQL again.
const PAUSE: Duration = Duration::from_secs(1);

/// Who waits in this process, by the digest of the worker's subject.
#[derive(Default)]
pub(super) struct Bell {
    waiting: Mutex<HashMap<String, watch::Sender<()>>>,
}

impl Bell {
    fn wait(&self, worker: &str) -> watch::Receiver<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(key(worker)).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    pub(super) fn ring(&self, workers: &[String]) {
        for worker in workers {
            self.ring_key(&key(worker));
        }
    }

    fn ring_key(&self, key: &str) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.get(key).is_some_and(|sender| sender.send(()).is_err()) {
            waiting.remove(key);
        }
    }

    fn ring_all(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, sender| sender.send(()).is_ok());
    }

    fn count(&self) -> usize {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.values().map(watch::Sender::receiver_count).sum()
    }
}

impl Store {
    /// Changes when something may have happened to this worker's cases from now on.
    pub fn bell(&self, worker: &str) -> watch::Receiver<()> {
        self.bell.wait(worker)
    }

    /// How many wait in this process.
    pub fn waiting(&self) -> usize {
        self.bell.count()
    }

    /// Wakes everybody who waits, to look or to go.
    pub fn wake_all(&self) {
        self.bell.ring_all();
    }

    /// Lets other gateways on this database know, when the transaction is over.
    pub(super) async fn announce(
        &self,
        connection: &mut AnyConnection,
        workers: &[String],
    ) -> sqlx::Result<()> {
        if self.is_sqlite() || workers.is_empty() {
            return Ok(());
        }
        // PostgreSQL tells the same news once.
        let keys = padded(workers.iter().map(|worker| key(worker)).collect());
        let calls: Vec<String> =
            (1..=keys.len()).map(|n| format!("pg_notify('{CHANNEL}', ${n}) AS told_{n}")).collect();
        let mut query = sqlx::query(AssertSqlSafe(format!("SELECT 1 FROM {}", calls.join(", "))));
        for key in keys {
            query = query.bind(key);
        }
        query.execute(connection).await.map(drop)
    }

    /// Hears what other processes on this database change. Never ends by itself.
    pub async fn hear(&self) {
        if self.is_sqlite() { self.glance().await } else { self.listen().await }
    }

    async fn listen(&self) {
        loop {
            if let Ok(mut listener) = PgListener::connect(&self.url).await
                && listener.listen(CHANNEL).await.is_ok()
            {
                listener.eager_reconnect(false);
                // Nobody told us what happened until now.
                self.wake_all();
                // `None` is a connection that was lost, with what was said meanwhile.
                while let Ok(Some(news)) = listener.try_recv().await {
                    self.bell.ring_key(news.payload());
                }
            }
            sleep(PAUSE).await;
        }
    }

    async fn glance(&self) {
        let mut seen = None;
        loop {
            sleep(GLANCE).await;
            if self.bell.count() == 0 {
                seen = None;
            } else if let Ok((newest, workers)) = self.added_after(seen).await {
                match seen {
                    Some(_) => self.bell.ring(&workers),
                    // Nobody looked until now.
                    None => self.wake_all(),
                }
                seen = Some(newest);
            }
        }
    }

    /// The number that SQLite gave to the last change, and whose the changes after another one are.
    async fn added_after(&self, seen: Option<i64>) -> sqlx::Result<(i64, Vec<String>)> {
        let newest = sqlx::query("SELECT COALESCE(MAX(rowid), 0) AS newest FROM case_change")
            .fetch_one(&self.pool)
            .await?
            .try_get("newest")?;
        let workers = sqlx::query("SELECT DISTINCT worker FROM case_change WHERE rowid > $1 AND rowid <= $2")
            .bind(seen.unwrap_or(newest))
            .bind(newest)
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| row.try_get("worker"))
            .collect::<sqlx::Result<_>>()?;
        Ok((newest, workers))
    }
}

fn key(worker: &str) -> String {
    digest::hex(worker.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_whose_bell_it_is_hears_it() {
        let bell = Bell::default();
        let (astrid, bo) = (bell.wait("astrid"), bell.wait("bo"));
        bell.ring(&["astrid".to_owned()]);
        assert!(astrid.has_changed().unwrap());
        assert!(!bo.has_changed().unwrap());
        bell.ring_all();
        assert!(bo.has_changed().unwrap());
    }

    #[tokio::test]
    async fn those_who_left_are_forgotten() {
        let bell = Bell::default();
        drop(bell.wait("astrid"));
        assert_eq!(bell.count(), 0);
        bell.ring(&["astrid".to_owned()]);
        assert!(bell.waiting.lock().unwrap().is_empty());
    }
}
