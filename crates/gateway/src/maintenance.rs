//! Closed for planned work: what would change something is answered 503, reading goes on.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use ledsaga_protocol::code;

use crate::{
    app::App,
    front::route_of,
    refusal::Refusal,
    store::{Maintenance, Store},
};

/// Every replica knows within this time that it was closed or opened.
pub const KNOWN_WITHIN: Duration = Duration::from_secs(2);
/// Seconds to wait when nobody knows how long it takes.
const USUAL: u64 = 60;

/// What was last read of it.
#[derive(Default)]
pub struct Notice(Mutex<Option<(Instant, Option<Maintenance>)>>);

impl Notice {
    /// Whether we are closed, read at most every [`KNOWN_WITHIN`]. A database that does not answer changes nothing.
    pub async fn read(&self, store: &Store) -> Option<Maintenance> {
        let (due, known) = {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let due = last.is_none_or(|(at, _)| at.elapsed() >= KNOWN_WITHIN);
            let known = last.and_then(|(_, known)| known);
            if due {
                // Others go on with what is known meanwhile.
                *last = Some((Instant::now(), known));
            }
            (due, known)
        };
        if !due {
            return known;
        }
        let read = store.maintenance().await.unwrap_or(known);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), read));
        read
    }
}

/// Turns away what would change something while we are closed.
pub async fn heed(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !route_of(&request).starts_with("/v1/") {
        return next.run(request).await;
    }
    let maintenance = app.maintenance.read(&app.store).await;
    app.front.metrics.maintenance.set(i64::from(maintenance.is_some()));
    match maintenance {
        None => next.run(request).await,
        Some(maintenance) => closed(maintenance, Timestamp::now()).into_response(),
    }
}

fn closed(maintenance: Maintenance, now: Timestamp) -> Refusal {
    let left = maintenance.until.map_or(0, |until| until.as_second().saturating_sub(now.as_second()));
    let seconds = u64::try_from(left).ok().filter(|left| *left > 0).unwrap_or(USUAL);
    let title = "Servern är stängd för planerat arbete.";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, code::MAINTENANCE, title).with(header::RETRY_AFTER, seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(until: Option<&str>) -> String {
        let maintenance = Maintenance { until: until.map(|time| time.parse().unwrap()) };
        let response = closed(maintenance, "2026-11-29T10:00:00Z".parse().unwrap()).into_response();
        assert_eq!(response.status(), 503);
        response.headers()[header::RETRY_AFTER].to_str().unwrap().to_owned()
    }

    #[test]
    fn one_waits_until_the_end_that_was_said() {
        assert_eq!(wait(Some("2026-11-29T10:30:00Z")), "1800");
        assert_eq!(wait(Some("2026-11-29T09:00:00Z")), "60", "it takes longer than was thought");
        assert_eq!(wait(None), "60");
    }
}
