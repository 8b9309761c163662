//! How long nobody has been at the desk. Time comes from outside, counted from any beginning, suspension included.

use std::time::Duration;

/// The worker is warned so long before the lock.
pub const WARNING: Duration = Duration::from_secs(30);

/// Counts from the last thing that the worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleClock {
    last: Duration,
    limit: Duration,
}

/// Where the waiting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// Somebody is there; nothing changes sooner than this.
    Working { look_again_in: Duration },
    /// Nobody has been there for long; it locks after this.
    Warning { lock_in: Duration },
    /// Lock.
    Over,
}

impl IdleClock {
    pub fn new(now: Duration, limit: Duration) -> Self {
        Self { last: now, limit }
    }

    /// The worker did something.
    pub fn active(&mut self, now: Duration) {
        self.last = self.last.max(now);
    }

    /// Another limit holds from now on, counted from the same moment.
    pub fn limit_is(&mut self, limit: Duration) {
        self.limit = limit;
    }

    pub fn at(&self, now: Duration) -> Idle {
        let left = self.limit.saturating_sub(now.saturating_sub(self.last));
        if left.is_zero() {
            Idle::Over
        } else if left <= WARNING {
            Idle::Warning { lock_in: left }
        } else {
            Idle::Working { look_again_in: left - WARNING }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn warns_half_a_minute_before_it_locks() {
        let clock = IdleClock::new(seconds(1_000), seconds(600));
        assert_eq!(clock.at(seconds(1_000)), Idle::Working { look_again_in: seconds(570) });
        assert_eq!(clock.at(seconds(1_569)), Idle::Working { look_again_in: seconds(1) });
        assert_eq!(clock.at(seconds(1_570)), Idle::Warning { lock_in: seconds(30) });
        assert_eq!(clock.at(seconds(1_599)), Idle::Warning { lock_in: seconds(1) });
        assert_eq!(clock.at(seconds(1_600)), Idle::Over);
    }

    #[test]
    fn whatever_the_worker_does_begins_the_time_anew() {
        let mut clock = IdleClock::new(seconds(0), seconds(600));
        clock.active(seconds(590));
        assert_eq!(clock.at(seconds(600)), Idle::Working { look_again_in: seconds(560) });
        assert_eq!(clock.at(seconds(1_190)), Idle::Over);
        // Told late: nothing older than what is known counts.
        clock.active(seconds(100));
        assert_eq!(clock.at(seconds(1_190)), Idle::Over);
    }

    /// The time asleep counts: the first look after it locks.
    #[test]
    fn a_computer_that_slept_was_idle() {
        let clock = IdleClock::new(seconds(0), seconds(600));
        assert_eq!(clock.at(seconds(8 * 3_600)), Idle::Over);
    }

    #[test]
    fn a_protected_call_on_screen_shortens_the_time_at_once() {
        let mut clock = IdleClock::new(seconds(0), seconds(600));
        clock.limit_is(seconds(180));
        assert_eq!(clock.at(seconds(150)), Idle::Warning { lock_in: seconds(30) });
        assert_eq!(clock.at(seconds(200)), Idle::Over);
        clock.limit_is(seconds(600));
        assert_eq!(clock.at(seconds(200)), Idle::Working { look_again_in: seconds(370) });
    }
}
