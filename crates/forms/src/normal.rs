//! From an answer as typed to its normal form. The normal form of a normal form is itself.

mod date;
mod number;
mod pattern;
mod phone;

use jiff::civil::Date;

pub(crate) use date::value as date_value;
pub(crate) use number::value as number_value;
pub(crate) use pattern::is_pattern;

use crate::{
    Answer, Choice, Fault, FileRef, Kind, fault,
    identity::{OrganisationNumber, OtherId, PersonalNumber},
    question::AgeLimits,
};

/// Characters in the free text of the alternative `other`; Open ePlatform's limit.
pub(crate) const OTHER_MAX: u32 = 255;
/// Characters that any text answer may have; Open ePlatform's limit for text areas.
pub(crate) const TEXT_MAX: u32 = 65_536;
/// RFC 5321 4.5.3.1.3, without the angle brackets.
pub(crate) const EMAIL_MAX: usize = 254;
/// Characters of a number that only its own domain can judge; the longest known has 16.
pub(crate) const OTHER_NUMBER_MAX: u32 = 64;

/// The choice id of the free-text alternative.
pub(crate) const OTHER: &str = "other";

/// The normal form of a text answer.
///
/// # Errors
/// What is wrong with it.
pub fn text(kind: &Kind, typed: &str, today: Date) -> Result<String, Fault> {
    match kind {
        Kind::Text { min_length, max_length, pattern, pattern_help, .. } => {
            let line = single_line(typed);
            let line = match pattern {
                Some(pattern) => pattern::fit(pattern, &line).ok_or_else(|| {
                    Fault::with(fault::PATTERN, "help", pattern_help.as_deref().unwrap_or(pattern))
                })?,
                None => line,
            };
            limited(line, *min_length, *max_length)
        }
        Kind::TextArea { min_length, max_length } => limited(lines(typed), *min_length, *max_length),
        Kind::Note | Kind::Unknown(_) => limited(lines(typed), None, None),
        Kind::Address => limited(single_line(typed), None, None),
        Kind::OtherIdentityNumber { domain } => {
            let id = OtherId::read(domain, &single_line(typed));
            limited(id.value().to_owned(), None, Some(OTHER_NUMBER_MAX))
        }
        Kind::Number { min, max, decimals, .. } => number::number(typed, *min, *max, *decimals),
        Kind::Money { max } => number::money(typed, *max),
        Kind::Date { not_past, not_future } => date::date(typed, *not_past, *not_future, today),
        Kind::Time => date::time(typed),
        Kind::PersonalIdentityNumber { age } => {
            let number = PersonalNumber::parse(typed, today).map_err(|error| Fault::new(error.code()))?;
            age.map_or(Ok(()), |limits| aged(&number, limits, today))?;
            Ok(number.twelve_digits().to_owned())
        }
        Kind::OrganisationNumber => OrganisationNumber::parse(typed, today)
            .map(|number| number.ten_digits().to_owned())
            .map_err(|error| Fault::new(error.code())),
        Kind::Phone => phone::phone(typed),
        Kind::Email => email(typed),
        Kind::Postcode => postcode(typed),
        _ => Err(Fault::new(fault::ANSWER_TYPE)),
    }
}

/// The normal form of any answer but a group's.
///
/// # Errors
/// What is wrong with a text.
pub(crate) fn answer(kind: &Kind, typed: &Answer, today: Date) -> Result<Answer, Fault> {
    match typed {
        Answer::Text { text: typed } => Ok(Answer::Text { text: text(kind, typed, today)? }),
        Answer::Choice { choices: made, other } => {
            let (choices, _) = choices_of(kind).ok_or_else(|| Fault::new(fault::ANSWER_TYPE))?;
            Ok(choice(choices, made, other.as_deref()))
        }
        Answer::Files { files } => Ok(Answer::Files { files: once_each(files) }),
        Answer::Confirmed | Answer::Rows { .. } => Ok(typed.clone()),
    }
}

fn once_each(files: &[FileRef]) -> Vec<FileRef> {
    let mut kept: Vec<FileRef> = Vec::with_capacity(files.len());
    for file in files {
        if !kept.iter().any(|earlier| earlier.id == file.id) {
            kept.push(file.clone());
        }
    }
    kept
}

/// Choices in the definition's order, each once; the free text only beside the alternative that it belongs to.
fn choice(choices: &[Choice], made: &[String], other: Option<&str>) -> Answer {
    let made = in_order(choices, made);
    let other =
        other.map(single_line).filter(|text| !text.is_empty() && made.last().is_some_and(|id| id == OTHER));
    Answer::Choice { choices: made, other }
}

pub(crate) fn in_order(choices: &[Choice], made: &[String]) -> Vec<String> {
    let ids = choices.iter().map(|choice| choice.id.as_str()).chain([OTHER]);
    ids.filter(|id| made.iter().any(|m| m == id)).map(str::to_owned).collect()
}

/// What a kind's choices are, with the label of its free-text alternative.
pub(crate) fn choices_of(kind: &Kind) -> Option<(&[Choice], Option<&str>)> {
    match kind {
        Kind::Radio { choices, other }
        | Kind::DropDown { choices, other }
        | Kind::Checkbox { choices, other, .. } => Some((choices, other.as_deref())),
        _ => None,
    }
}

/// Without control characters: databases refuse some of them, and a case must not get stuck on one.
pub(crate) fn single_line(typed: &str) -> String {
    let text: String = typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    text.split(' ').map(without_controls).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Nothing that would be left in the normal form.
pub(crate) fn is_blank(typed: &str) -> bool {
    typed.chars().all(|c| c.is_whitespace() || c.is_control())
}

fn lines(typed: &str) -> String {
    let lines = typed.replace("\r\n", "\n");
    let lines = lines.split(['\n', '\r']).map(|line| without_controls(&line.replace('\t', " ")));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn limited(text: String, min: Option<u32>, max: Option<u32>) -> Result<String, Fault> {
    let (min, max) = (min.unwrap_or(0), max.unwrap_or(TEXT_MAX));
    match length(&text) {
        length if length > max => Err(Fault::with(fault::TOO_LONG, "max", max)),
        length if length < min => Err(Fault::with(fault::TOO_SHORT, "min", min)),
        _ => Ok(text),
    }
}

fn aged(number: &PersonalNumber, limits: AgeLimits, today: Date) -> Result<(), Fault> {
    let Some(born) = number.born() else { return Ok(()) };
    let years =
        if limits.by_year { i32::from(today.year()) - i32::from(born.year()) } else { age(born, today) };
    match limits {
        AgeLimits { min: Some(min), .. } if years < i32::from(min) => {
            Err(Fault::with(fault::AGE_TOO_LOW, "min", min))
        }
        AgeLimits { max: Some(max), .. } if years > i32::from(max) => {
            Err(Fault::with(fault::AGE_TOO_HIGH, "max", max))
        }
        _ => Ok(()),
    }
}

/// Whole years. Who is born on 29 February turns a year on 1 March in other years.
pub(crate) fn age(born: Date, today: Date) -> i32 {
    let years = i32::from(today.year()) - i32::from(born.year());
    years - i32::from((today.month(), today.day()) < (born.month(), born.day()))
}

/// Characters (Unicode scalar values).
pub(crate) fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// One `@` with something on both sides; more cannot be told without sending a message.
fn email(typed: &str) -> Result<String, Fault> {
    let trimmed = typed.trim();
    let plausible = trimmed.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && !trimmed.chars().any(|c| c.is_whitespace() || c.is_control())
            && trimmed.chars().count() <= EMAIL_MAX
    });
    if plausible { Ok(trimmed.to_owned()) } else { Err(Fault::new(fault::EMAIL_FORMAT)) }
}

fn postcode(typed: &str) -> Result<String, Fault> {
    let compact: String = typed.chars().filter(|&c| !crate::identity::is_space(c)).collect();
    let upper = compact.to_ascii_uppercase();
    let digits = upper.strip_prefix("SE-").or_else(|| upper.strip_prefix("S-")).unwrap_or(&upper);
    match (digits.get(..3), digits.get(3..)) {
        (Some(first), Some(last))
            if digits.len() == 5
                && !digits.starts_with('0')
                && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            Ok(format!("{first} {last}"))
        }
        _ => Err(Fault::new(fault::POSTCODE_FORMAT)),
    }
}

#[cfg(test)]
mod tests;
