//! Asking the window for everything that was typed.

use std::time::Duration;

use ledsaga_core::locking::HandOver;
use tauri::{AppHandle, Emitter, Runtime};
use tokio::sync::watch;

/// How long an answer may take; autosave is at most this far behind.
const LIMIT: Duration = Duration::from_secs(2);

/// The window's answers, for everybody who waits for one.
pub struct HandOvers(watch::Sender<Option<HandOver>>);

/// The answers from a moment on; earlier ones say nothing of what was typed since.
pub struct Answers(watch::Receiver<Option<HandOver>>);

impl HandOvers {
    pub fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    pub fn answer(&self, answer: HandOver) {
        self.0.send_replace(Some(answer));
    }

    pub fn listen(&self) -> Answers {
        Answers(self.0.subscribe())
    }

    /// Asks, and waits for an answer; `None` when none comes in time.
    pub async fn ask<R: Runtime>(&self, app: &AppHandle<R>) -> Option<HandOver> {
        let mut answers = self.listen();
        app.emit("flush", ()).ok()?;
        tokio::time::timeout(LIMIT, answers.next()).await.ok().flatten()
    }
}

impl Answers {
    pub async fn next(&mut self) -> Option<HandOver> {
        self.0.changed().await.ok()?;
        *self.0.borrow_and_update()
    }

    /// Waits until everything is saved.
    pub async fn saved(&mut self) {
        while self.next().await.is_some_and(|answer| answer != HandOver::Saved) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_from_before_the_question_is_none() {
        let hand_overs = HandOvers::new();
        hand_overs.answer(HandOver::Saved);
        let mut answers = hand_overs.listen();
        hand_overs.answer(HandOver::Unsaved);
        assert_eq!(answers.next().await, Some(HandOver::Unsaved));
    }

    #[tokio::test]
    async fn everybody_who_waits_hears_the_answer() {
        let hand_overs = HandOvers::new();
        let (mut lock, mut close) = (hand_overs.listen(), hand_overs.listen());
        hand_overs.answer(HandOver::Saved);
        lock.saved().await;
        assert_eq!(close.next().await, Some(HandOver::Saved));
    }
}
