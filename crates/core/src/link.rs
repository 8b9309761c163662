//! What is known of the way to the municipality, from what its answers and its silence say. Pure.

use jiff::Timestamp;

use crate::{error::LinkError, view::LinkState};

/// Between probes while all is well, and the longest pause while it is not.
const PROBE_MAX_MS: u64 = 30_000;
const PROBE_FIRST_MS: u64 = 5_000;
/// So many busy answers in a row mean that the municipality as a whole is busy.
const BUSY_IN_A_ROW: u32 = 3;

#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub state: LinkState,
    pub since: Timestamp,
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
        Self { state: LinkState::Checking, since: now, failures: 0, busy: 0 }
    }

    pub fn is_open(&self) -> bool {
        self.state == LinkState::Connected
    }

    /// A mere probe says nothing about these; it takes an answer to a request of the worker's.
    pub fn needs_worker(&self) -> bool {
        matches!(self.state, LinkState::SignInNeeded | LinkState::TooOld)
    }

    /// The worker asked for a new try.
    pub fn check_again(&mut self, now: Timestamp) {
        self.failures = 0;
        if !self.is_open() {
            self.turn(LinkState::Checking, now);
        }
    }

    /// What a probe said.
    pub fn probed(&mut self, answer: Result<(), &LinkError>, now: Timestamp) -> News {
        let state = match answer {
            Ok(()) | Err(LinkError::Refused { .. }) => LinkState::Connected,
            Err(LinkError::NoAnswer | LinkError::Unreachable) => LinkState::Unreachable,
            Err(LinkError::WrongServer) => LinkState::WrongServer,
            Err(LinkError::Busy { .. }) => LinkState::Busy,
            Err(LinkError::SignInNeeded) => LinkState::SignInNeeded,
            Err(LinkError::TooOld) => LinkState::TooOld,
        };
        self.busy = 0;
        self.failures = if state == LinkState::Connected { 0 } else { self.failures.saturating_add(1) };
        self.turn(state, now)
    }

    /// What the answer to anything else said. One slow or busy answer alone does not close the way for the others.
    pub fn heard(&mut self, answer: Result<(), &LinkError>, now: Timestamp) -> News {
        match answer {
            Err(LinkError::NoAnswer) => News::Doubt,
            Err(LinkError::Busy { .. }) if self.busy + 1 < BUSY_IN_A_ROW => {
                self.busy += 1;
                News::None
            }
            // An answer to what was sent before the way closed does not open it.
            Ok(()) | Err(LinkError::Refused { .. }) if !self.is_open() && !self.needs_worker() => News::None,
            _ => self.probed(answer, now),
        }
    }

    /// Until the next probe; `random` is any number, so that many clients do not come back at the same moment.
    pub fn probe_in_ms(&self, random: u64) -> u64 {
        let ms = match self.state {
            LinkState::Connected => PROBE_MAX_MS,
            _ => (PROBE_FIRST_MS << self.failures.saturating_sub(1).min(3)).min(PROBE_MAX_MS),
        };
        ms - random % (ms / 5)
    }

    fn turn(&mut self, state: LinkState, now: Timestamp) -> News {
        if self.state == state {
            return News::None;
        }
        self.state = state;
        self.since = now;
        match state {
            LinkState::Connected => News::Connected,
            _ => News::Changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected() -> Link {
        let mut link = Link::new(Timestamp::UNIX_EPOCH);
        assert_eq!(link.probed(Ok(()), Timestamp::UNIX_EPOCH), News::Connected);
        link
    }

    #[test]
    fn one_busy_answer_does_not_close_the_way_and_three_do() {
        let busy = LinkError::Busy { retry_after_ms: None };
        let mut link = connected();
        assert_eq!(link.heard(Err(&busy), Timestamp::UNIX_EPOCH), News::None);
        assert_eq!(link.heard(Err(&busy), Timestamp::UNIX_EPOCH), News::None);
        assert!(link.is_open());
        assert_eq!(link.heard(Err(&busy), Timestamp::UNIX_EPOCH), News::Changed);
        assert_eq!(link.state, LinkState::Busy);
    }

    #[test]
    fn a_good_answer_between_busy_ones_starts_the_count_again() {
        let busy = LinkError::Busy { retry_after_ms: None };
        let mut link = connected();
        for _ in 0..10 {
            link.heard(Err(&busy), Timestamp::UNIX_EPOCH);
            link.heard(Ok(()), Timestamp::UNIX_EPOCH);
        }
        assert!(link.is_open());
    }

    #[test]
    fn a_late_answer_does_not_open_a_way_that_has_closed() {
        let mut link = connected();
        link.heard(Err(&LinkError::Unreachable), Timestamp::UNIX_EPOCH);
        assert_eq!(link.heard(Ok(()), Timestamp::UNIX_EPOCH), News::None);
        assert_eq!(link.state, LinkState::Unreachable);
    }

    #[test]
    fn probes_slow_down_to_half_a_minute_while_nobody_answers() {
        let mut link = Link::new(Timestamp::UNIX_EPOCH);
        let pauses: Vec<u64> = (0..6)
            .map(|_| {
                link.probed(Err(&LinkError::Unreachable), Timestamp::UNIX_EPOCH);
                link.probe_in_ms(0)
            })
            .collect();
        assert_eq!(pauses, [5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
    }

    #[test]
    fn signing_in_is_not_undone_by_a_reachable_server_alone() {
        let mut link = connected();
        link.heard(Err(&LinkError::SignInNeeded), Timestamp::UNIX_EPOCH);
        assert!(link.needs_worker() && !link.is_open());
        assert_eq!(link.heard(Ok(()), Timestamp::UNIX_EPOCH), News::Connected);
    }
}
