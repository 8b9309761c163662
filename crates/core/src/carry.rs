//! Carrying answers over to another version of an e-service. What finds no place is set aside in words, not dropped.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledsaga_forms::{
    Answer, Context, Definition, FormState, Kind, Op, OpKind, Question, QuestionPath, apply,
};
use uuid::Uuid;

use crate::{files::files_in, read_back::spoken};

pub(crate) struct Carried {
    pub form: FormState,
    /// (question, answer) in words.
    pub set_aside: Vec<(String, String)>,
    /// Files that no answer names any more.
    pub lost_files: Vec<Uuid>,
}

/// Answers are kept where the new version has the same question of the same kind and takes the answer. `old` is the
/// version the answers were given to, when it is still at hand.
pub(crate) fn carry(old: Option<&Definition>, new: &Definition, form: &FormState, today: Date) -> Carried {
    // Masking and what protected mode leaves out is not decided here: every answer is carried.
    let context = Context { today, protected: false };
    let mut carried = Move { new, form: FormState::new(new), context, set_aside: Vec::new() };
    let old_questions: Vec<&Question> = questions(old);
    let order = |id: &str| questions(Some(new)).iter().position(|q| q.id == id).unwrap_or(usize::MAX);
    // Rules run forward, so an answer is taken once those that make its question visible are there.
    let mut ids: Vec<&String> = form.answers.keys().collect();
    ids.sort_by_key(|id| order(id));
    for id in ids {
        if let Some(answer) = form.answers.get(id) {
            let was = old_questions.iter().find(|q| q.id == *id).copied();
            carried.answer("", id, was, questions(Some(new)).into_iter().find(|q| q.id == *id), answer);
        }
    }
    let mut result = carried.form;
    result.rev = form.rev + 1;
    let kept: BTreeSet<&String> = files_in(&result.answers).map(|f| &f.id).collect();
    let lost_files = files_in(&form.answers)
        .filter(|f| !kept.contains(&f.id))
        .filter_map(|f| Uuid::parse_str(&f.id).ok())
        .collect();
    Carried { set_aside: carried.set_aside, lost_files, form: result }
}

fn questions(definition: Option<&Definition>) -> Vec<&Question> {
    definition.iter().flat_map(|d| &d.steps).flat_map(|step| &step.questions).collect()
}

struct Move<'a> {
    new: &'a Definition,
    form: FormState,
    context: Context,
    set_aside: Vec<(String, String)>,
}

impl Move<'_> {
    /// `within` is the path of the row, with its last slash, or empty.
    fn answer(
        &mut self,
        within: &str,
        id: &str,
        was: Option<&Question>,
        is: Option<&Question>,
        answer: &Answer,
    ) {
        let path: QuestionPath = format!("{within}{id}");
        let same = is.filter(|is| was.is_none_or(|was| same_kind(&was.kind, &is.kind)));
        match (same, answer) {
            (Some(is), Answer::Rows { rows }) => {
                let asked = members(Some(is));
                let before = members(was);
                for row in rows {
                    let there = self.has_row(&path, &row.id);
                    let row_path = format!("{path}/{}/", row.id);
                    let placed =
                        there || self.make(OpKind::AddRow { question: path.clone(), row: row.id.clone() });
                    for question in
                        before.iter().chain(asked.iter().filter(|a| before.iter().all(|b| b.id != a.id)))
                    {
                        let Some(answer) = row.answers.get(&question.id) else { continue };
                        let is = asked.iter().find(|q| q.id == question.id).copied().filter(|_| placed);
                        self.answer(&row_path, &question.id, Some(question), is, answer);
                    }
                }
            }
            (Some(_), Answer::Files { files }) => {
                for file in files {
                    let attach = OpKind::Attach { question: path.clone(), file: file.clone() };
                    if !self.make(attach) {
                        self.set_aside(id, was.or(is), &Answer::Files { files: vec![file.clone()] });
                    }
                }
            }
            (Some(_), answer) => {
                let set = OpKind::Set { question: path, answer: answer.clone() };
                if !self.make(set) {
                    self.set_aside(id, was.or(is), answer);
                }
            }
            (None, Answer::Rows { rows }) => {
                let before = members(was);
                for (question, answer) in rows.iter().flat_map(|row| &row.answers) {
                    let member = before.iter().find(|q| q.id == *question).copied();
                    self.set_aside(question, member, answer);
                }
            }
            (None, answer) => self.set_aside(id, was, answer),
        }
    }

    fn has_row(&self, path: &str, row: &str) -> bool {
        matches!(self.form.answers.get(path), Some(Answer::Rows { rows }) if rows.iter().any(|r| r.id == row))
    }

    fn make(&mut self, kind: OpKind) -> bool {
        let operation = Op { id: Uuid::now_v7().to_string(), kind };
        apply(self.new, &mut self.form, &[operation], &self.context).is_ok()
    }

    fn set_aside(&mut self, id: &str, question: Option<&Question>, answer: &Answer) {
        let label = question.map_or(id, |q| q.label.as_str()).to_owned();
        // What was typed is kept whole: a shortened number could not be typed in again.
        let words = match answer {
            Answer::Text { text } => text.trim().to_owned(),
            answer => spoken(question.map(|q| &q.kind), answer),
        };
        if !words.is_empty() {
            self.set_aside.push((label, words));
        }
    }
}

fn members(question: Option<&Question>) -> Vec<&Question> {
    match question.map(|q| &q.kind) {
        Some(Kind::Group { questions, .. }) => questions.iter().collect(),
        _ => Vec::new(),
    }
}

fn same_kind(a: &Kind, b: &Kind) -> bool {
    match (a, b) {
        // What was confirmed is the statement.
        (Kind::Confirm { .. }, Kind::Confirm { .. }) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
