//! What is wrong with one question as it stands, whenever it may be said.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::{Answer, Fault, FileRef, Kind, evaluate::Slot, fault, normal, path::is_row_id};

/// Characters in a file's name; the limit of most file systems.
pub(crate) const FILE_NAME_MAX: u32 = 255;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// A required answer is not there.
    pub missing: Option<Fault>,
    /// The answer that is there cannot be sent. Also a stop question.
    pub wrong: Option<Fault>,
}

pub(crate) fn judge(slot: &Slot<'_>, today: Date) -> Verdict {
    let one_of = slot.lacks_one_of.as_ref();
    let missing = slot.required && is_missing(slot);
    Verdict {
        missing: missing
            .then(|| Fault::new(missing_code(&slot.question.kind)))
            .or_else(|| one_of.map(|labels| Fault::with(fault::ONE_OF, "questions", labels.join(", ")))),
        wrong: wrong(slot, today),
    }
}

fn is_missing(slot: &Slot<'_>) -> bool {
    match &slot.question.kind {
        Kind::Group { min_rows, .. } => {
            let members_say_so = slot.members().any(|member| member.required && member.answer.is_none());
            slot.rows.len() < (*min_rows).max(1) as usize || (!slot.answered() && !members_say_so)
        }
        _ => slot.answer.is_none(),
    }
}

fn missing_code(kind: &Kind) -> &'static str {
    match kind {
        Kind::Radio { .. } | Kind::DropDown { .. } | Kind::Checkbox { .. } => fault::CHOICE_NONE,
        Kind::Files { .. } => fault::FILES_NONE,
        // One question of several fields: there is nothing to add.
        Kind::Group { max_rows: 1, .. } => fault::REQUIRED,
        Kind::Group { .. } => fault::ROWS_NONE,
        Kind::Confirm { .. } => fault::NOT_CONFIRMED,
        _ => fault::REQUIRED,
    }
}

fn wrong(slot: &Slot<'_>, today: Date) -> Option<Fault> {
    let kind = &slot.question.kind;
    if matches!(kind, Kind::Stop { .. }) && slot.visible() {
        return Some(Fault::new(fault::STOP));
    }
    match (kind, slot.answer?) {
        (Kind::Confirm { .. }, Answer::Confirmed) => None,
        (Kind::Files { max_count, max_size, max_total, types }, Answer::Files { files }) => {
            let wrong = wrong_files(files, *max_count, *max_size, types);
            wrong.or_else(|| {
                let total = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
                let max_total = max_total.filter(|&max| total > max)?;
                Some(Fault::with(fault::FILES_TOO_LARGE, "max_total", max_total))
            })
        }
        (Kind::Group { max_rows, unique, .. }, Answer::Rows { rows }) => match unique {
            _ if rows.len() > *max_rows as usize => Some(Fault::with(fault::TOO_MANY_ROWS, "max", max_rows)),
            Some(unique) => twice(slot, unique, today),
            None => None,
        },
        (kind, Answer::Choice { choices, other }) => wrong_choice(kind, choices, other.as_deref()),
        (kind, Answer::Text { text }) => normal::text(kind, text, today).err(),
        _ => Some(Fault::new(fault::ANSWER_TYPE)),
    }
}

/// Two rows that are about the same.
fn twice(group: &Slot<'_>, unique: &str, today: Date) -> Option<Fault> {
    let mut seen = HashSet::new();
    let fields = group.members().filter(|member| member.question.id == unique);
    let mut values = fields.filter_map(|field| match field.answer? {
        Answer::Text { text } => normal::text(&field.question.kind, text, today).ok(),
        _ => None,
    });
    values.any(|value| !seen.insert(value)).then(|| Fault::new(fault::ROW_TWICE))
}

fn wrong_choice(kind: &Kind, made: &[String], other: Option<&str>) -> Option<Fault> {
    let Some((choices, other_label)) = normal::choices_of(kind) else {
        return Some(Fault::new(fault::ANSWER_TYPE));
    };
    let all = choices.len() + usize::from(other_label.is_some());
    let (min, max) = match kind {
        Kind::Checkbox { min, max, .. } => (*min, max.map_or(all, |max| max as usize)),
        _ => (None, 1),
    };
    // First, so that nobody makes the receiver compare a million choices.
    if made.len() > max {
        return Some(Fault::with(fault::TOO_MANY_CHOICES, "max", max));
    }
    if !made.iter().all(|id| choice_exists(choices, other_label, id)) {
        return Some(Fault::new(fault::CHOICE_UNKNOWN));
    }
    if let Some(min) = min.filter(|&min| made.len() < min as usize) {
        return Some(Fault::with(fault::TOO_FEW_CHOICES, "min", min));
    }
    let other = other.map(normal::single_line).unwrap_or_default();
    if normal::length(&other) > normal::OTHER_MAX {
        return Some(Fault::with(fault::TOO_LONG, "max", normal::OTHER_MAX));
    }
    let unsaid = other.is_empty() && made.iter().any(|id| id == normal::OTHER);
    unsaid.then(|| Fault::new(fault::OTHER_MISSING))
}

pub(crate) fn choice_exists(choices: &[crate::Choice], other_label: Option<&str>, id: &str) -> bool {
    choices.iter().any(|choice| choice.id == id) || (id == normal::OTHER && other_label.is_some())
}

fn wrong_files(files: &[FileRef], max_count: u32, max_size: u64, types: &[String]) -> Option<Fault> {
    if files.len() > max_count as usize {
        return Some(Fault::with(fault::TOO_MANY_FILES, "max", max_count));
    }
    files.iter().find_map(|file| match () {
        () if file.size > max_size => Some(Fault::with(fault::FILE_TOO_LARGE, "max_size", max_size)),
        () if !type_allowed(types, &file.name) => {
            Some(Fault::with(fault::FILE_TYPE, "types", types.join(", ")))
        }
        () if !reference_is_whole(file) => Some(Fault::new(fault::FILE_REFERENCE)),
        () => None,
    })
}

/// By the ending of the file's name; the content is detected by the one who reads the file.
pub(crate) fn type_allowed(types: &[String], name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| types.iter().any(|allowed| allowed.eq_ignore_ascii_case(ending)))
}

/// The id can be looked up, the digest compared and the name kept anywhere.
pub(crate) fn reference_is_whole(file: &FileRef) -> bool {
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    is_row_id(&file.id)
        && file.sha256.len() == 64
        && file.sha256.bytes().all(hex)
        && (1..=FILE_NAME_MAX).contains(&normal::length(&file.name))
        && !file.name.chars().any(char::is_control)
}
