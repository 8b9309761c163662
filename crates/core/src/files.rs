//! The files that answers name.

use ledsaga_forms::{Answer, Answers, FileRef};

/// All files in the answers, those in rows too.
pub(crate) fn files_in(answers: &Answers) -> impl Iterator<Item = &FileRef> {
    let mut found = Vec::new();
    collect(answers, &mut found);
    found.into_iter()
}

fn collect<'a>(answers: &'a Answers, found: &mut Vec<&'a FileRef>) {
    for answer in answers.values() {
        match answer {
            Answer::Files { files } => found.extend(files),
            Answer::Rows { rows } => rows.iter().for_each(|row| collect(&row.answers, found)),
            Answer::Text { .. } | Answer::Choice { .. } | Answer::Confirmed => {}
        }
    }
}
