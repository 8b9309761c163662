//! What is known of the way to the municipality, from what its answers and its silence say. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::{
    error::{LinkError, TlsFault},
    view::LinkState,
};

/// Between probes while all is well, and the longest pause while something is there that is not the municipality.
const PROBE_MAX_MS: u64 = 30_000;
const PROBE_FIRST_MS: u64 = 5_000;
/// While nobody answers, so that the return is noticed within seconds.
const SILENT_MAX_MS: u64 = 8_000;
const SILENT_FIRST_MS: u64 = 2_000;
/// So many busy answers in a row mean that the municipality as a whole is busy.
const BUSY_IN_A_ROW: u32 = 3;
/// A clock that differs by less is right enough for times that are preliminary anyway.
const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(2);

#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub state: LinkState,
    /// Since when it is so; changes of reason while there is no contact do not move it.
    pub since: Timestamp,
    /// When the municipality expects to be back.
    pub until: Option<Timestamp>,
    /// Whole minutes that this computer's clock is ahead; 0 when it is right enough.
    pub clock_ahead_min: i32,
    /// Probes since it was last connected.
    failures: u32,
    busy: u32,
}

/// What news of the way means for those who wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    None,
    Changed,
    /// It is open again: what waited for it may go.
    Connected,
    /// Unclear: probe now.
    Doubt,
}

impl Link {
    pub fn new(now: Timestamp) -> Self {
        Self { state: LinkState::Checking, since: now, until: None, clock_ahead_min: 0, failures: 0, busy: 0 }
    }

    pub fn is_open(&self) -> bool {
        self.state == LinkState::Connected
    }

    /// A mere probe says nothing about these; it takes an answer to a request of the worker's.
    pub fn needs_request(&self) -> bool {
        matches!(self.state, LinkState::SignInNeeded | LinkState::TooOld | LinkState::Maintenance)
    }

    /// The worker asked for a new try.
    pub fn check_again(&mut self, now: Timestamp) {
        self.failures = 0;
        if !self.is_open() {
            self.turn(LinkState::Checking, None, now);
        }
    }

    /// What a probe said.
    pub fn probed(&mut self, answer: Result<(), &LinkError>, now: Timestamp) -> News {
        let state = match answer {
            Ok(()) | Err(LinkError::Refused { .. }) => LinkState::Connected,
            Err(LinkError::NoAnswer) => LinkState::NoAnswer,
            Err(LinkError::Unreachable) => LinkState::Unreachable,
            Err(LinkError::NoNetwork) => LinkState::NoNetwork,
            Err(LinkError::WrongServer) => LinkState::WrongServer,
            Err(LinkError::WrongAddress) => LinkState::WrongAddress,
            Err(LinkError::Untrusted(fault)) => match fault {
                TlsFault::UnknownIssuer => LinkState::UnknownIssuer,
                TlsFault::WrongName => LinkState::WrongName,
                TlsFault::Expired => LinkState::Expired,
                TlsFault::NotYetValid => LinkState::NotYetValid,
                TlsFault::Unacceptable => LinkState::BadCertificate,
                TlsFault::NoTls => LinkState::NoTls,
            },
            Err(LinkError::Busy { .. } | LinkError::Undecided { .. }) => LinkState::Busy,
            Err(LinkError::Maintenance { .. }) => LinkState::Maintenance,
            Err(LinkError::SignInNeeded) => LinkState::SignInNeeded,
            Err(LinkError::TooOld) => LinkState::TooOld,
            Err(LinkError::ServerTooOld) => LinkState::ServerTooOld,
        };
        self.busy = 0;
        self.failures = if state == LinkState::Connected { 0 } else { self.failures.saturating_add(1) };
        self.turn(state, answer.err().and_then(|error| back_at(error, now)), now)
    }

    /// What the answer to anything else said. One slow or busy answer alone does not close the way for the others.
    pub fn heard(&mut self, answer: Result<(), &LinkError>, now: Timestamp) -> News {
        match answer {
            // What was asked before the way was lost ends when its time is over, at many computers at the same moment:
            // that is no news, and the next probe has its own time.
            Err(LinkError::NoAnswer) if self.state.is_without_contact() => News::None,
            Err(LinkError::NoAnswer) => News::Doubt,
            Err(LinkError::Busy { .. } | LinkError::Undecided { .. }) if self.busy + 1 < BUSY_IN_A_ROW => {
                self.busy += 1;
                News::None
            }
            // An answer to what was sent before the way closed does not open it.
            Ok(()) | Err(LinkError::Refused { .. }) if !self.is_open() && !self.needs_request() => News::None,
            _ => self.probed(answer, now),
        }
    }

    /// What the municipality's clock said, in an answer to what was asked at `before` and answered at `after`.
    pub fn clock_said(&mut self, there: Timestamp, before: Timestamp, after: Timestamp) -> News {
        // The answer was made somewhere in between.
        let here = before.saturating_add(after.duration_since(before) / 2).unwrap_or(after);
        let ahead = here.duration_since(there);
        let off = ahead.abs() >= CLOCK_OFF;
        let minutes = if off { i32::try_from(ahead.as_mins()).unwrap_or(i32::MAX) } else { 0 };
        if minutes == self.clock_ahead_min {
            return News::None;
        }
        self.clock_ahead_min = minutes;
        News::Changed
    }

    /// Until the next probe; `random` is any number, so that many clients do not come back at the same moment.
    pub fn probe_in_ms(&self, random: u64) -> u64 {
        let doubled = |first: u64, most: u64| (first << self.failures.saturating_sub(1).min(8)).min(most);
        match self.state {
            LinkState::Connected => PROBE_MAX_MS - random % (PROBE_MAX_MS / 5),
            // From half of it on: those who lost the way at the same moment are soon spread over all of it.
            LinkState::NoNetwork | LinkState::Unreachable | LinkState::NoAnswer => {
                let ms = doubled(SILENT_FIRST_MS, SILENT_MAX_MS);
                ms - random % (ms / 2)
            }
            _ => {
                let ms = doubled(PROBE_FIRST_MS, PROBE_MAX_MS);
                ms - random % (ms / 5)
            }
        }
    }

    fn turn(&mut self, state: LinkState, until: Option<Timestamp>, now: Timestamp) -> News {
        let old = (self.state, self.until);
        self.until = until;
        if self.state != state {
            if !(self.state.is_without_contact() && state.is_without_contact()) {
                self.since = now;
            }
            self.state = state;
        }
        match state {
            _ if old == (state, until) => News::None,
            LinkState::Connected => News::Connected,
            _ => News::Changed,
        }
    }
}

/// When the municipality expects to be back, if that is what it said.
fn back_at(error: &LinkError, now: Timestamp) -> Option<Timestamp> {
    let (LinkError::Busy { retry_after_ms: Some(ms) }
    | LinkError::Undecided { retry_after_ms: Some(ms) }
    | LinkError::Maintenance { retry_after_ms: Some(ms) }) = error
    else {
        return None;
    };
    now.checked_add(SignedDuration::from_millis(i64::try_from(*ms).ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn later(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn connected() -> Link {
        let mut link = Link::new(START);
        assert_eq!(link.probed(Ok(()), START), News::Connected);
        link
    }

    #[test]
    fn one_busy_answer_does_not_close_the_way_and_three_do() {
        let busy = LinkError::Busy { retry_after_ms: None };
        let mut link = connected();
        assert_eq!(link.heard(Err(&busy), START), News::None);
        assert_eq!(link.heard(Err(&busy), START), News::None);
        assert!(link.is_open());
        assert_eq!(link.heard(Err(&busy), START), News::Changed);
        assert_eq!(link.state, LinkState::Busy);
    }

    #[test]
    fn silence_is_a_doubt_only_while_there_is_contact() {
        let mut link = connected();
        assert_eq!(link.heard(Err(&LinkError::NoAnswer), START), News::Doubt);
        link.probed(Err(&LinkError::Unreachable), START);
        assert_eq!(link.heard(Err(&LinkError::NoAnswer), START), News::None);
    }

    #[test]
    fn a_good_answer_between_busy_ones_starts_the_count_again() {
        let busy = LinkError::Busy { retry_after_ms: None };
        let mut link = connected();
        for _ in 0..10 {
            link.heard(Err(&busy), START);
            link.heard(Ok(()), START);
        }
        assert!(link.is_open());
    }

    #[test]
    fn a_late_answer_does_not_open_a_way_that_has_closed() {
        let mut link = connected();
        link.heard(Err(&LinkError::Unreachable), START);
        assert_eq!(link.heard(Ok(()), START), News::None);
        assert_eq!(link.state, LinkState::Unreachable);
    }

    #[test]
    fn a_return_is_looked_for_within_seconds_and_a_portal_within_half_a_minute() {
        let pauses = |error: LinkError| -> Vec<u64> {
            let mut link = Link::new(START);
            let pause = |_| {
                link.probed(Err(&error), START);
                link.probe_in_ms(0)
            };
            (0..6).map(pause).collect()
        };
        for error in [LinkError::Unreachable, LinkError::NoNetwork, LinkError::NoAnswer] {
            assert_eq!(pauses(error), [2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
        }
        for error in [LinkError::WrongServer, LinkError::Untrusted(TlsFault::Expired)] {
            assert_eq!(pauses(error), [5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
        }
    }

    #[test]
    fn many_clients_that_lost_the_way_together_come_back_apart() {
        let mut link = connected();
        for _ in 0..3 {
            link.probed(Err(&LinkError::Unreachable), START);
        }
        let mut seconds = [0; 9];
        for client in 0..500_u64 {
            seconds[(link.probe_in_ms(client.wrapping_mul(0x9e37_79b9_7f4a_7c15)) / 1_000) as usize] += 1;
        }
        assert_eq!(seconds[..4], [0; 4]);
        assert!(seconds[4..8].iter().all(|clients| (1..=250).contains(clients)), "{seconds:?}");
    }

    #[test]
    fn signing_in_is_not_undone_by_a_reachable_server_alone() {
        let mut link = connected();
        link.heard(Err(&LinkError::SignInNeeded), START);
        assert!(link.needs_request() && !link.is_open());
        assert_eq!(link.heard(Ok(()), START), News::Connected);
    }

    #[test]
    fn without_contact_the_reason_may_change_and_since_when_does_not() {
        let mut link = connected();
        link.probed(Err(&LinkError::Unreachable), later(10));
        link.probed(Err(&LinkError::NoNetwork), later(20));
        link.check_again(later(25));
        link.probed(Err(&LinkError::WrongServer), later(30));
        assert_eq!((link.state, link.since), (LinkState::WrongServer, later(10)));
        link.probed(Ok(()), later(40));
        assert_eq!(link.since, later(40));
        // There is contact with a server that asks for something, and it began to ask then.
        link.probed(Err(&LinkError::TooOld), later(50));
        assert_eq!(link.since, later(50));
    }

    #[test]
    fn maintenance_says_until_when_and_later_when_it_takes_longer() {
        let closed = |ms| LinkError::Maintenance { retry_after_ms: Some(ms) };
        let mut link = connected();
        assert_eq!(link.heard(Err(&closed(60_000)), later(10)), News::Changed);
        assert_eq!((link.state, link.until), (LinkState::Maintenance, Some(later(70))));
        assert_eq!(link.heard(Err(&closed(50_000)), later(20)), News::None, "the same time as before");
        assert_eq!(link.heard(Err(&closed(600_000)), later(30)), News::Changed);
        assert_eq!((link.since, link.until), (later(10), Some(later(630))));
        assert!(link.needs_request(), "that the server is there says nothing about the work");
        link.heard(Ok(()), later(640));
        assert_eq!((link.state, link.until), (LinkState::Connected, None));
    }

    #[test]
    fn a_clock_is_off_from_two_minutes_on() {
        let mut link = connected();
        let mut ahead = |there: i64| {
            let news = link.clock_said(later(1_000 + there), later(999), later(1_001));
            (news, link.clock_ahead_min)
        };
        assert_eq!(ahead(0), (News::None, 0));
        assert_eq!(ahead(119), (News::None, 0));
        assert_eq!(ahead(120), (News::Changed, -2));
        assert_eq!(ahead(130), (News::None, -2));
        assert_eq!(ahead(-600), (News::Changed, 10));
        assert_eq!(ahead(1), (News::Changed, 0));
    }

    #[test]
    fn no_two_faults_look_the_same() {
        let tls = [
            TlsFault::UnknownIssuer,
            TlsFault::WrongName,
            TlsFault::Expired,
            TlsFault::NotYetValid,
            TlsFault::Unacceptable,
            TlsFault::NoTls,
        ];
        let mut errors: Vec<LinkError> = tls.into_iter().map(LinkError::Untrusted).collect();
        errors.extend([
            LinkError::NoAnswer,
            LinkError::Unreachable,
            LinkError::NoNetwork,
            LinkError::WrongServer,
            LinkError::WrongAddress,
            LinkError::Busy { retry_after_ms: None },
            LinkError::Maintenance { retry_after_ms: None },
            LinkError::SignInNeeded,
            LinkError::TooOld,
            LinkError::ServerTooOld,
        ]);
        let states: std::collections::BTreeSet<String> = errors
            .iter()
            .map(|error| {
                let mut link = connected();
                link.probed(Err(error), START);
                assert!(!link.is_open(), "{error}");
                // What has surely not been sent cannot be at a server that has been heard of.
                assert!(!error.surely_not_sent() || link.state.is_without_contact(), "{error}");
                format!("{:?}", link.state)
            })
            .collect();
        assert_eq!(states.len(), errors.len());
    }
}
