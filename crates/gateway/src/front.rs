//! What a request passes before its route: how often, how many at once, and how slowly it may come.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use ledsaga_protocol::code;
use semver::Version;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    config::{Limits, Rate},
    listen::Peer,
    metrics::{Counted, Metrics},
    pace::Paced,
    refusal::Refusal,
};

/// Held open until there is something to tell, so they are counted apart.
pub const CHANGES: &str = "/v1/changes";
/// Answered whatever else is going on: they tell how it is going.
pub const SIGNS_OF_LIFE: [&str; 2] = ["/health", "/ready"];

/// Shared by all requests of one gateway.
pub struct Front {
    pub metrics: Arc<Metrics>,
    limits: Limits,
    minimum_client: Option<Version>,
    at_work: Semaphore,
    queue: Semaphore,
    waiters: Semaphore,
    per_worker: Option<DefaultKeyedRateLimiter<String>>,
    per_address: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

/// The route's pattern, never the path itself.
pub fn route_of(request: &Request) -> &str {
    request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str)
}

impl Front {
    pub fn new(limits: Limits, minimum_client: Option<Version>, metrics: Arc<Metrics>) -> Self {
        let quota = |rate: Rate| Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self {
            metrics,
            limits,
            minimum_client,
            at_work: Semaphore::new(limits.at_work),
            queue: Semaphore::new(limits.queue),
            waiters: Semaphore::new(limits.waiters),
            per_worker: limits.per_worker.map(|rate| RateLimiter::keyed(quota(rate))),
            per_address: limits.per_address.map(|rate| RateLimiter::keyed(quota(rate))),
        }
    }

    /// Whether one more request of this signed-in worker is within the rate.
    ///
    /// # Errors
    /// 429 with the time until the next one is.
    pub fn pass_worker(&self, subject: &str) -> Result<(), Refusal> {
        let Some(limiter) = &self.per_worker else { return Ok(()) };
        limiter
            .check_key(&subject.to_owned())
            .map_err(|not| too_many(not.wait_time_from(DefaultClock::default().now())))
    }

    /// The same for an address that has not shown who is there.
    fn pass_address(&self, address: IpAddr) -> Result<(), Refusal> {
        let Some(limiter) = &self.per_address else { return Ok(()) };
        limiter
            .check_key(&network(address))
            .map_err(|not| too_many(not.wait_time_from(DefaultClock::default().now())))
    }

    /// Forgets those that have long been within their rate.
    pub fn forget(&self) {
        if let Some(limiter) = &self.per_worker {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.per_address {
            limiter.retain_recent();
        }
    }

    /// Whether the application says of itself that it is older than is let in. Others may say anything.
    pub fn is_too_old(&self, headers: &HeaderMap) -> bool {
        let Some(minimum) = &self.minimum_client else { return false };
        headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("ledsaga/"))
            .and_then(|rest| rest.split(' ').next())
            .is_some_and(|version| Version::parse(version).is_ok_and(|version| version < *minimum))
    }

    /// A place at work, after a wait in the queue if need be.
    async fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        if let Ok(place) = self.at_work.try_acquire() {
            return Ok(place);
        }
        let _turn = self.queue.try_acquire().map_err(|_| overloaded())?;
        let _counted = Counted::new(&self.metrics.queued);
        match timeout(self.limits.queue_wait, self.at_work.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(overloaded()),
        }
    }
}

/// Lets a request in when there is room for it.
pub async fn admit(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let route = route_of(&request).to_owned();
    if SIGNS_OF_LIFE.contains(&route.as_str()) {
        return next.run(request).await;
    }
    let address = request.extensions().get::<Peer>().map(|peer| peer.0);
    let shows_a_token = request.headers().contains_key(header::AUTHORIZATION);
    if let (Some(address), false) = (address, shows_a_token)
        && let Err(refusal) = front.pass_address(address)
    {
        return refusal.into_response();
    }
    let waits = route == CHANGES;
    let place =
        if waits { front.waiters.try_acquire().map_err(|_| overloaded()) } else { front.place().await };
    let _place = match place {
        Ok(place) => place,
        Err(refusal) => return refusal.into_response(),
    };
    let metrics = &front.metrics;
    let _counted = Counted::new(if waits { &metrics.waiters } else { &metrics.at_work });

    let received = metrics.received(&route, request.method());
    let (silence, rate) = (front.limits.body_silence, front.limits.body_rate);
    let mut fell_behind = None;
    let request = request.map(|body| {
        let (body, flag) = Paced::new(body, silence, rate, received);
        fell_behind = Some(flag);
        Body::new(body)
    });
    let response = next.run(request).await;
    if fell_behind.is_some_and(|flag| flag.is_raised()) {
        return too_slow().into_response();
    }
    // Tokens that are tried out cost the address that tries them.
    if let (Some(address), true) = (address, shows_a_token && response.status() == StatusCode::UNAUTHORIZED)
        && let Err(refusal) = front.pass_address(address)
    {
        return refusal.into_response();
    }
    response
}

/// An IPv6 subscriber has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

fn too_many(wait: Duration) -> Refusal {
    let seconds = wait.as_secs() + 1;
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, code::TOO_MANY, "För många frågor på kort tid.")
        .with(header::RETRY_AFTER, seconds)
}

/// Those that are sent away come back spread out.
fn overloaded() -> Refusal {
    let mut spread = [0; 1];
    let seconds = getrandom::fill(&mut spread).map_or(3, |()| 1 + u64::from(spread[0] % 5));
    let title = "Servern har mer att göra än den hinner med.";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, code::OVERLOADED, title).with(header::RETRY_AFTER, seconds)
}

fn too_slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, code::MALFORMED, "Innehållet kom för långsamt.")
        .with(header::RETRY_AFTER, 5_u64)
        .with(header::CONNECTION, header::HeaderValue::from_static("close"))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn front(limits: Limits, minimum: Option<&str>) -> Front {
        Front::new(limits, minimum.map(|version| version.parse().unwrap()), Arc::default())
    }

    fn rate(per_second: u32, burst: u32) -> Option<Rate> {
        Some(Rate {
            per_second: NonZeroU32::new(per_second).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        })
    }

    fn status(outcome: Result<(), Refusal>) -> Option<(u16, u64)> {
        let response = outcome.err()?.into_response();
        let wait = response.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        Some((response.status().as_u16(), wait))
    }

    #[test]
    fn each_worker_has_a_rate_of_its_own() {
        let front = front(Limits { per_worker: rate(1, 2), ..Limits::DEMO }, None);
        for worker in ["a", "b"] {
            assert!(front.pass_worker(worker).is_ok());
            assert!(front.pass_worker(worker).is_ok());
            let (code, wait) = status(front.pass_worker(worker)).unwrap();
            assert_eq!(code, 429);
            assert!((1..=2).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn an_ipv6_subscriber_is_one_address() {
        let front = front(Limits { per_address: rate(1, 1), ..Limits::DEMO }, None);
        let pass = |address: &str| front.pass_address(address.parse().unwrap()).is_ok();
        assert!(pass("2001:db8:1:2::1"));
        assert!(!pass("2001:db8:1:2:ffff::9"));
        assert!(pass("2001:db8:1:3::1"));
        assert!(pass("192.0.2.1"));
        assert!(pass("192.0.2.2"));
        assert!(!pass("192.0.2.2"));
    }

    #[test]
    fn without_a_rate_nobody_is_stopped() {
        let front = front(Limits::DEMO, None);
        assert!((0..10_000).all(|_| front.pass_worker("a").is_ok()));
    }

    #[test]
    fn only_an_application_that_says_it_is_older_is_too_old() {
        let front = front(Limits::DEMO, Some("1.10.0"));
        let old = |agent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            front.is_too_old(&headers)
        };
        assert!(old("ledsaga/1.9.9"));
        assert!(old("ledsaga/1.10.0-beta.1 (linux)"));
        assert!(!old("ledsaga/1.10.0"));
        assert!(!old("ledsaga/2.0.0 (windows)"));
        assert!(!old("curl/1.0.0"));
        assert!(!old("ledsaga/x"));
        assert!(!front.is_too_old(&HeaderMap::new()));
        assert!(!self::front(Limits::DEMO, None).is_too_old(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn beyond_the_queue_nobody_waits() {
        let limits = Limits { at_work: 1, queue: 1, ..Limits::DEMO };
        let front = Arc::new(front(limits, None));
        let first = front.place().await.unwrap();
        let second = tokio::spawn({
            let front = Arc::clone(&front);
            async move { front.place().await.map(drop).is_ok() }
        });
        while front.metrics.queued.get() == 0 {
            tokio::task::yield_now().await;
        }
        let refused = front.place().await.map(drop);
        let (code, wait) = status(refused).unwrap();
        assert_eq!(code, 503);
        assert!((1..=5).contains(&wait));
        drop(first);
        assert!(second.await.unwrap());
        assert!(front.place().await.is_ok());
    }

    #[tokio::test]
    async fn a_wait_in_the_queue_has_an_end() {
        let limits = Limits { at_work: 1, queue_wait: Duration::from_millis(1), ..Limits::DEMO };
        let front = front(limits, None);
        let _first = front.place().await.unwrap();
        assert_eq!(status(front.place().await.map(drop)).unwrap().0, 503);
    }
}
