//! What the form says about submitted answers, and which files they name.

use jiff::{Timestamp, tz::TimeZone};
use ledsaga_forms::{Context, Definition, FileRef, OralFiling};
use ledsaga_protocol::{SubmissionBody, code};

use crate::refusal::Refusal;

/// Sweden's time; by the rule that has been in force since 1996 where the time zone data is missing.
pub fn stockholm() -> TimeZone {
    TimeZone::get("Europe/Stockholm")
        .or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3"))
        .unwrap_or(TimeZone::UTC)
}

/// Judges the answers, and says which required ones are to be asked for afterwards.
///
/// Dates are judged by the day on which the submission was frozen: a case that waited in a queue over midnight is as
/// right as it was then.
///
/// # Errors
/// `answers_invalid`, or `answers_missing` where the spoken word is not an application.
pub fn judge(definition: &Definition, submission: &SubmissionBody) -> Result<Vec<String>, Refusal> {
    let context =
        Context { today: civil_date(submission.declared_at), protected: submission.secrecy_marking };
    let check = ledsaga_forms::check_submission(definition, &submission.answers, &context);
    if !check.faults.is_empty() {
        let questions = check.faults.into_iter().map(|(path, _)| path).collect();
        return Err(
            Refusal::unprocessable(code::ANSWERS_INVALID, "Svaren följer inte formuläret.").about(questions)
        );
    }
    if !check.missing.is_empty() && definition.oral_filing != OralFiling::Accepted {
        return Err(Refusal::unprocessable(code::ANSWERS_MISSING, "Svar som måste finnas saknas.")
            .about(check.missing));
    }
    Ok(check.missing)
}

fn civil_date(time: Timestamp) -> jiff::civil::Date {
    time.to_zoned(stockholm()).date()
}

/// Whether a file is named as uploads are: by UUID and SHA-256 in lower-case hex.
pub fn is_named_rightly(file: &FileRef) -> bool {
    let is_uuid = uuid::Uuid::parse_str(&file.id).is_ok_and(|id| id.to_string() == file.id);
    is_uuid && is_sha256(&file.sha256)
}

/// SHA-256 in lower-case hex.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_swedens_in_winter_and_in_summer() {
        let day = |time: &str| civil_date(time.parse().unwrap()).to_string();
        assert_eq!(day("2026-01-31T22:59:59Z"), "2026-01-31");
        assert_eq!(day("2026-01-31T23:00:00Z"), "2026-02-01");
        assert_eq!(day("2026-07-31T22:00:00Z"), "2026-08-01");
    }
}
