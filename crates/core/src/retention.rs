//! How long things are kept on this computer, and until when: the e-service's days, never more than the municipality
//! allows, and for protected cases the next working day unless the e-service says otherwise.
//!
//! Only the municipality's own clock ends a time: a computer whose clock jumps, or that has no network, loses nothing.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday, date},
};
use ledsaga_forms::Retention;
use serde::{Deserialize, Serialize};

use crate::clock::stockholm;

/// Days for what is left of a case that the municipality has: number, receipt and time.
const FACTS_DAYS: i64 = 30;

/// What the municipality allows. It can only make times shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Days for an ordinary draft.
    pub draft_days: u16,
    /// Working days for a draft in protected mode.
    pub protected_draft_days: u16,
    /// How often the worker may prolong a draft's time.
    pub extensions: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { draft_days: 14, protected_draft_days: 1, extensions: 3 }
    }
}

/// The last day of a draft that begins its time on `from`.
pub fn kept_through(from: Date, protected: bool, service: Option<&Retention>, limits: Limits) -> Date {
    if protected {
        let days = service.map_or(limits.protected_draft_days, |service| service.protected_draft_days);
        working_days_after(from, days.min(limits.protected_draft_days))
    } else {
        let days = service.map_or(limits.draft_days, |service| service.draft_days);
        from.saturating_add(i64::from(days.min(limits.draft_days)).days())
    }
}

/// The last day of what is left of a case after its receipt.
pub fn facts_kept_through(received: Date) -> Date {
    received.saturating_add(FACTS_DAYS.days())
}

/// The day in Sweden at a moment of the municipality's clock.
pub fn day_of(time: Timestamp) -> Date {
    time.to_zoned(stockholm()).date()
}

/// The working day that comes `count` working days later; none later is the next working day or the day itself.
fn working_days_after(from: Date, count: u16) -> Date {
    let mut day = from;
    for _ in 0..count {
        day = next_working_day(day);
    }
    day
}

fn next_working_day(after: Date) -> Date {
    let mut day = after;
    loop {
        // The calendar's last day is as good as any.
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        if is_working_day(day) {
            return day;
        }
    }
}

/// Monday to Friday without public holidays (lagen 1989:253 om allmänna helgdagar) and the eves on which offices
/// are closed.
fn is_working_day(day: Date) -> bool {
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return false;
    }
    let fixed =
        matches!((day.month(), day.day()), (1, 1) | (1, 6) | (5, 1) | (6, 6) | (12, 24 | 25 | 26 | 31));
    let midsummer_eve =
        day.month() == 6 && day.weekday() == Weekday::Friday && (19..=25).contains(&day.day());
    let easter = easter_sunday(day.year());
    let movable = [-2, 1, 39].iter().any(|offset: &i64| easter.saturating_add(offset.days()) == day);
    !(fixed || midsummer_eve || movable)
}

/// The Gregorian computus (Meeus, Jones and Butcher).
fn easter_sunday(year: i16) -> Date {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    let part = |number: i32| i8::try_from(number).unwrap_or(1);
    date(i16::try_from(year).unwrap_or(i16::MAX), part(month), part(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Retention = Retention { draft_days: 10, protected_draft_days: 1 };

    #[test]
    fn the_shorter_of_service_and_limits_counts() {
        let from = date(2026, 11, 24);
        let limits = Limits::default();
        assert_eq!(kept_through(from, false, Some(&SERVICE), limits), date(2026, 12, 4));
        assert_eq!(kept_through(from, false, None, limits), date(2026, 12, 8));
        let long = Retention { draft_days: 90, protected_draft_days: 30 };
        assert_eq!(kept_through(from, false, Some(&long), limits), date(2026, 12, 8));
        assert_eq!(kept_through(from, true, Some(&long), limits), date(2026, 11, 25));
    }

    #[test]
    fn a_protected_draft_is_kept_through_the_next_working_day() {
        for (from, through) in [
            (date(2026, 11, 24), date(2026, 11, 25)),
            // A Friday, then a weekend.
            (date(2026, 11, 27), date(2026, 11, 30)),
            // Maundy Thursday 2026: Good Friday, the weekend and Easter Monday are free.
            (date(2026, 4, 2), date(2026, 4, 7)),
            // Ascension Day 2026 is 14 May.
            (date(2026, 5, 13), date(2026, 5, 15)),
            // Midsummer Eve 2026 is 19 June.
            (date(2026, 6, 18), date(2026, 6, 22)),
            (date(2026, 12, 23), date(2026, 12, 28)),
            (date(2026, 12, 30), date(2027, 1, 4)),
            (date(2027, 1, 5), date(2027, 1, 7)),
        ] {
            assert_eq!(kept_through(from, true, None, Limits::default()), through, "{from}");
        }
        assert_eq!(
            kept_through(
                date(2026, 11, 27),
                true,
                Some(&Retention { protected_draft_days: 0, ..SERVICE }),
                Limits::default()
            ),
            date(2026, 11, 27)
        );
    }

    #[test]
    fn easter_comes_when_the_almanac_says() {
        for easter in
            [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25)]
        {
            assert_eq!(easter_sunday(easter.year()), easter);
        }
    }
}
