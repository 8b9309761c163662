//! `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3).

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// How long the server asks to wait, in milliseconds. A date is measured from the server's own `Date`, so that this
/// computer's clock does not matter; without one, from `now`.
pub fn milliseconds(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let until = date(headers, RETRY_AFTER)?;
    let from = date(headers, DATE).unwrap_or(now);
    Some(u64::try_from(until.as_millisecond().saturating_sub(from.as_millisecond())).unwrap_or(0))
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        headers
    }

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn seconds() {
        assert_eq!(milliseconds(&headers("7", None), noon()), Some(7_000));
        assert_eq!(milliseconds(&headers(&u64::MAX.to_string(), None), noon()), Some(u64::MAX));
    }

    #[test]
    fn a_date_is_measured_by_the_servers_clock() {
        let until = "Sun, 22 Nov 2026 09:00:30 GMT";
        let same = headers(until, Some("Sun, 22 Nov 2026 09:00:00 GMT"));
        assert_eq!(milliseconds(&same, noon()), Some(30_000));
        assert_eq!(
            milliseconds(&headers(until, None), "2026-11-22T09:00:10Z".parse().unwrap()),
            Some(20_000)
        );
    }

    #[test]
    fn a_date_that_has_passed_is_now() {
        assert_eq!(milliseconds(&headers("Sun, 22 Nov 2026 09:00:30 GMT", None), noon()), Some(0));
    }

    #[test]
    fn anything_else_is_no_answer() {
        for odd in ["", "-3", "soon", "3.5"] {
            assert_eq!(milliseconds(&headers(odd, None), noon()), None, "{odd}");
        }
        assert_eq!(milliseconds(&HeaderMap::new(), noon()), None);
    }
}
