//! How much may be under way at once: all, nothing, or one to see whether it goes again.

use super::{
    plan::MAX_CALLS,
    settle::{asked_ms, backoff_ms},
};
use crate::error::LinkError;

/// Failures of the way or the server in a row after which nothing more is started for a while.
pub const TOLERATED: u32 = 5;
/// After the way has come back, this application waits up to so long before its first, so that a server that has just
/// come up is not met by all at once.
const SPREAD_MS: u64 = 2_000;
/// The pause between two tries with one doubles so often at most: to about half a minute.
const DOUBLINGS: u32 = 5;

/// Counts failures that are not of one case alone. Full of trust, shut until a moment, or trying with one.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    in_a_row: u32,
    /// Nothing starts before this, once there were too many.
    until: u64,
}

impl Breaker {
    /// How many calls may be under way at `now`, and after how many milliseconds that changes by itself.
    pub fn allows(&self, now: u64) -> (usize, Option<u64>) {
        match self.until.checked_sub(now) {
            _ if self.in_a_row < TOLERATED => (MAX_CALLS, None),
            Some(ms) if ms > 0 => (0, Some(ms)),
            _ => (1, None),
        }
    }

    /// What an attempt was answered. A refusal is an answer: the way and the server are well.
    pub fn heard(&mut self, answer: Result<(), &LinkError>, now: u64, random: u64) {
        let asked = match answer {
            Ok(()) | Err(LinkError::Refused { .. }) => {
                *self = Self::default();
                return;
            }
            // These say who may send, not whether anything arrives.
            Err(LinkError::SignInNeeded | LinkError::TooOld) => return,
            Err(
                LinkError::Busy { retry_after_ms }
                | LinkError::Undecided { retry_after_ms }
                | LinkError::Maintenance { retry_after_ms },
            ) => *retry_after_ms,
            Err(_) => None,
        };
        self.in_a_row = self.in_a_row.saturating_add(1);
        if let Some(more) = self.in_a_row.checked_sub(TOLERATED) {
            let pause =
                asked.map_or_else(|| backoff_ms(more.min(DOUBLINGS), random), |ms| asked_ms(ms, random));
            self.until = self.until.max(now.saturating_add(pause));
        }
    }

    /// The way had closed and is open again: one goes first, and not at once.
    pub fn reopened(&mut self, now: u64, random: u64) {
        *self = Self { in_a_row: TOLERATED, until: now.saturating_add(random % (SPREAD_MS + 1)) };
    }

    /// The worker wants it now.
    pub fn trust(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..TOLERATED {
            assert_eq!(breaker.allows(0), (MAX_CALLS, None));
            breaker.heard(Err(&LinkError::NoAnswer), 0, 700);
        }
        breaker
    }

    #[test]
    fn after_failures_in_a_row_nothing_goes_and_then_one() {
        let breaker = broken();
        assert_eq!(breaker.allows(0), (0, Some(700)));
        assert_eq!(breaker.allows(699), (0, Some(1)));
        assert_eq!(breaker.allows(700), (1, None));
    }

    #[test]
    fn the_one_decides_whether_all_may_go() {
        let mut breaker = broken();
        breaker.heard(Err(&LinkError::NoAnswer), 700, 1_500);
        assert_eq!(breaker.allows(701), (0, Some(1_499)));
        breaker.heard(Ok(()), 2_200, 0);
        assert_eq!(breaker.allows(2_200), (MAX_CALLS, None));
    }

    #[test]
    fn a_refused_case_is_not_a_failure_of_the_way() {
        let refused = LinkError::Refused { code: "answers_invalid".into(), questions: vec![] };
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            breaker.heard(Err(&LinkError::Unreachable), 0, 700);
            breaker.heard(Err(&refused), 0, 700);
        }
        assert_eq!(breaker.allows(0), (MAX_CALLS, None));
    }

    #[test]
    fn the_pause_that_is_asked_for_is_kept_and_an_absurd_one_bounded() {
        let mut breaker = broken();
        breaker.heard(Err(&LinkError::Busy { retry_after_ms: Some(60_000) }), 0, 0);
        assert_eq!(breaker.allows(0), (0, Some(60_000)));
        breaker.heard(Err(&LinkError::Busy { retry_after_ms: Some(u64::MAX) }), 0, 0);
        assert_eq!(breaker.allows(0), (0, Some(super::super::LONGEST_ASKED_MS)));
    }

    #[test]
    fn a_way_that_is_open_again_is_tried_by_one_at_a_moment_of_its_own() {
        let moments = [0, 1, 999, 2_000, 2_001, u64::MAX].map(|random| {
            let mut breaker = Breaker::default();
            breaker.reopened(10, random);
            breaker.until
        });
        assert_eq!(moments[..5], [10, 11, 1_009, 2_010, 10]);
        assert!(moments.iter().all(|until| *until <= 2_010));
    }
}
