//! Time comes in from outside, so that it can be tested.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Today in Sweden, whatever the computer's time zone.
    fn today(&self) -> Date {
        self.now().to_zoned(stockholm()).date()
    }
}

/// Europe/Stockholm; UTC when the time zone data lacks it.
pub fn stockholm() -> TimeZone {
    TimeZone::get("Europe/Stockholm").unwrap_or(TimeZone::UTC)
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
