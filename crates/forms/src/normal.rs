//! From an answer as typed to its normal form. The normal form of a normal form is itself.

mod date;
mod number;
mod phone;

use jiff::civil::Date;

pub(crate) use number::value as number_value;

use crate::{
    Answer, Choice, Fault, FileRef, Kind, fault,
    identity::{OrganisationNumber, PersonalNumber},
};

/// Characters in the free text of the alternative `other`; Open ePlatform's limit.
pub(crate) const OTHER_MAX: u32 = 255;
/// Characters that any text answer may have; Open ePlatform's limit for text areas.
pub(crate) const TEXT_MAX: u32 = 65_536;
/// RFC 5321 4.5.3.1.3, without the angle brackets.
const EMAIL_MAX: usize = 254;

/// The choice id of the free-text alternative.
pub(crate) const OTHER: &str = "other";

/// The normal form of a text answer.
///
/// # Errors
/// What is wrong with it.
pub fn text(kind: &Kind, typed: &str, today: Date) -> Result<String, Fault> {
    match kind {
        Kind::Text { max_length } => limited(single_line(typed), *max_length),
        Kind::TextArea { max_length } => limited(lines(typed), *max_length),
        Kind::Address => limited(single_line(typed), None),
        Kind::Number { min, max, decimals, .. } => number::number(typed, *min, *max, *decimals),
        Kind::Money { max } => number::money(typed, *max),
        Kind::Date { not_past, not_future } => date::date(typed, *not_past, *not_future, today),
        Kind::Time => date::time(typed),
        Kind::PersonalIdentityNumber => PersonalNumber::parse(typed, today)
            .map(|number| number.twelve_digits().to_owned())
            .map_err(|error| Fault::new(error.code())),
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

fn limited(text: String, max: Option<u32>) -> Result<String, Fault> {
    let max = max.unwrap_or(TEXT_MAX);
    if length(&text) > max { Err(Fault::with(fault::TOO_LONG, "max", max)) } else { Ok(text) }
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
