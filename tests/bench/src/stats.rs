//! Times of single operations, in nanoseconds.

use std::time::Instant;

use anyhow::{Result, ensure};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    pub median: u64,
    pub p95: u64,
    pub p99: u64,
}

impl Times {
    pub fn of(mut times: Vec<u64>) -> Result<Self> {
        ensure!(!times.is_empty(), "nothing was measured");
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        Ok(Self { median: at(50), p95: at(95), p99: at(99) })
    }
}

/// Nanoseconds since then.
pub fn elapsed(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Such as `7.3 µs`, `1.25 ms`.
pub fn spoken(nanoseconds: u64) -> String {
    let time = nanoseconds as f64;
    let (value, unit) = match nanoseconds {
        0..1_000 => return format!("{nanoseconds} ns"),
        1_000..1_000_000 => (time / 1e3, "µs"),
        1_000_000..1_000_000_000 => (time / 1e6, "ms"),
        _ => (time / 1e9, "s"),
    };
    match value {
        100.0.. => format!("{value:.0} {unit}"),
        10.0.. => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_tail_are_found_in_any_order() {
        let times = Times::of((1..=101).rev().collect()).unwrap();
        assert_eq!(times, Times { median: 51, p95: 96, p99: 100 });
        assert!(Times::of(Vec::new()).is_err());
    }

    #[test]
    fn times_are_short_to_read() {
        assert_eq!(spoken(640), "640 ns");
        assert_eq!(spoken(7_340), "7.34 µs");
        assert_eq!(spoken(123_456_789), "123 ms");
    }
}
