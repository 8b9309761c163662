//! Dates and times of day.

use jiff::civil::Date;

use crate::{
    Fault, fault,
    identity::{is_dash, is_space},
};

/// `YYYY-MM-DD`; also typed as `YYYYMMDD`, `D/M YYYY` or `D.M.YYYY`.
pub(super) fn date(typed: &str, not_past: bool, not_future: bool, today: Date) -> Result<String, Fault> {
    let (year, month, day) = parts(typed).ok_or_else(|| Fault::new(fault::DATE_FORMAT))?;
    let date = Date::new(year, month, day).map_err(|_| Fault::new(fault::DATE_NOT_REAL))?;
    if not_past && date < today {
        return Err(Fault::new(fault::DATE_PAST));
    }
    if not_future && date > today {
        return Err(Fault::new(fault::DATE_FUTURE));
    }
    Ok(date.to_string())
}

/// The date as typed, whatever its limits.
pub(crate) fn value(typed: &str) -> Option<Date> {
    let (year, month, day) = parts(typed)?;
    Date::new(year, month, day).ok()
}

fn parts(typed: &str) -> Option<(i16, i8, i8)> {
    let text = typed.trim_matches(is_space);
    let fields: Vec<&str> = text
        .split(|c| is_dash(c) || is_space(c) || matches!(c, '/' | '.'))
        .filter(|field| !field.is_empty())
        .collect();
    if !fields.iter().all(|field| field.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    match *fields.as_slice() {
        [all] if all.len() == 8 => ymd(all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        [year, month, day] if year.len() == 4 => ymd(year, month, day),
        // Day first only with the marks of that custom: 12-03-2024 may be an American's December.
        [day, month, year] if year.len() == 4 && text.contains(['/', '.']) => ymd(year, month, day),
        _ => None,
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<(i16, i8, i8)> {
    if month.len() > 2 || day.len() > 2 || year.starts_with('0') {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// `HH:MM`; also typed as `HH.MM`, `H:MM` or `HHMM`.
pub(super) fn time(typed: &str) -> Result<String, Fault> {
    let fault = || Fault::new(fault::TIME_FORMAT);
    let text = typed.trim_matches(is_space);
    let (hour, minute) = match text.split_once([':', '.']) {
        Some(fields) => fields,
        None if text.len() == 4 && text.is_ascii() => text.split_at(2),
        None => return Err(fault()),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) || !matches!(hour.len(), 1 | 2) || minute.len() != 2 {
        return Err(fault());
    }
    match (hour.parse::<u8>(), minute.parse::<u8>()) {
        (Ok(hour @ 0..24), Ok(minute @ 0..60)) => Ok(format!("{hour:02}:{minute:02}")),
        _ => Err(fault()),
    }
}
