//! A body that must keep coming: whoever holds a place by sending a byte now and then loses it.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, Sleep, sleep};

/// Raised when a body was given up.
#[derive(Clone, Default)]
pub struct Behind(Arc<AtomicBool>);

impl Behind {
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The time begins when the body is first asked for.
pub struct Paced {
    body: Body,
    silence: Duration,
    /// Bytes in a second.
    rate: u64,
    bytes: u64,
    began: Option<Instant>,
    patience: Option<Pin<Box<Sleep>>>,
    received: Counter,
    behind: Behind,
}

impl Paced {
    pub fn new(body: Body, silence: Duration, rate: u64, received: Counter) -> (Self, Behind) {
        let behind = Behind::default();
        let (began, patience) = (None, None);
        (Self { body, silence, rate, bytes: 0, began, patience, received, behind: behind.clone() }, behind)
    }

    fn give_up(&self) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.behind.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new("the body came too slowly"))))
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                self.bytes += bytes;
                self.received.inc_by(bytes);
                self.patience = None;
                if falls_behind(began.elapsed(), self.bytes, self.silence, self.rate) {
                    self.give_up()
                } else {
                    Poll::Ready(Some(Ok(frame)))
                }
            }
            Poll::Pending => {
                let silence = self.silence;
                let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(silence)));
                match patience.as_mut().poll(context) {
                    Poll::Ready(()) => self.give_up(),
                    Poll::Pending => Poll::Pending,
                }
            }
            ended => ended,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whether so many bytes are too few for this time. A short body may take as long as a silence may.
fn falls_behind(elapsed: Duration, bytes: u64, silence: Duration, rate: u64) -> bool {
    elapsed > silence && bytes < rate.saturating_mul(elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    const SILENCE: Duration = Duration::from_secs(10);

    /// Never says a word.
    struct Silent;

    impl HttpBody for Silent {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_body_that_keeps_coming_may_take_its_time() {
        let behind = |seconds, bytes| falls_behind(Duration::from_secs(seconds), bytes, SILENCE, 1024);
        assert!(!behind(600, 600 * 1024));
        assert!(!behind(10, 1), "a short one may be slow");
        assert!(behind(11, 11), "a byte now and then is not enough");
        // The counter-test: without a rate it holds its place.
        assert!(!falls_behind(Duration::from_secs(600), 600, SILENCE, 0));
    }

    #[tokio::test]
    async fn a_body_that_comes_is_counted_and_given_on() {
        let received = Counter::default();
        let (body, behind) = Paced::new(Body::from(vec![7; 5000]), SILENCE, 1024, received.clone());
        assert_eq!(to_bytes(Body::new(body), usize::MAX).await.unwrap(), vec![7; 5000]);
        assert_eq!(received.get(), 5000);
        assert!(!behind.is_raised());
    }

    #[tokio::test]
    async fn silence_ends_it() {
        let (body, behind) = Paced::new(Body::new(Silent), Duration::from_millis(1), 0, Counter::default());
        assert!(to_bytes(Body::new(body), usize::MAX).await.is_err());
        assert!(behind.is_raised());
    }
}
