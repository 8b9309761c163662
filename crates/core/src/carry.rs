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

#[cfg(test)]
mod tests {
    use ledsaga_forms::{FileRef, load};
    use serde_json::{Value, json};

    use super::*;

    fn definition(version: u32, questions: &Value) -> Definition {
        let definition = json!({
            "format": 1, "id": "forskola", "version": version, "name": "Förskola", "summary": "Plats",
            "category": "Barn", "unit": "Exempelnämnden",
            "contact": {"name": "Kontaktcenter", "phone": "070-1740605"},
            "oral_filing": "accepted", "retention": {"draft_days": 30, "protected_draft_days": 1},
            "steps": [{"id": "a", "title": "A", "questions": questions}],
        });
        load(&serde_json::to_vec(&definition).unwrap()).unwrap()
    }

    fn guardians(members: &Value) -> Value {
        json!({"id": "vardnadshavare", "kind": "group", "label": "Vårdnadshavare", "row_label": "Vårdnadshavare",
            "max_rows": 2, "questions": members})
    }

    fn filled(definition: &Definition, operations: Vec<OpKind>) -> FormState {
        let mut form = FormState::new(definition);
        let operations: Vec<Op> =
            operations.into_iter().map(|kind| Op { id: Uuid::now_v7().to_string(), kind }).collect();
        apply(definition, &mut form, &operations, &context()).unwrap();
        form
    }

    fn context() -> Context {
        Context { today: Date::constant(2026, 5, 3), protected: false }
    }

    fn set(question: &str, text: &str) -> OpKind {
        OpKind::Set { question: question.into(), answer: Answer::Text { text: text.into() } }
    }

    fn file(id: Uuid) -> FileRef {
        FileRef {
            id: id.to_string(),
            name: "intyg.pdf".into(),
            size: 10,
            media_type: "application/pdf".into(),
            sha256: "0".repeat(64),
        }
    }

    #[test]
    fn rows_are_carried_and_what_a_row_no_longer_asks_for_is_set_aside() {
        let name = json!({"id": "namn", "kind": "text", "label": "Namn"});
        let work = json!({"id": "arbete", "kind": "text", "label": "Arbete"});
        let old = definition(1, &json!([guardians(&json!([name, work]))]));
        let new = definition(2, &json!([guardians(&json!([name]))]));
        let group = "vardnadshavare".to_owned();
        let form = filled(
            &old,
            vec![
                OpKind::AddRow { question: group.clone(), row: "ett".into() },
                OpKind::AddRow { question: group, row: "tva".into() },
                set("vardnadshavare/ett/namn", "Tuva"),
                set("vardnadshavare/ett/arbete", "Snickare"),
                set("vardnadshavare/tva/namn", "Tove"),
            ],
        );
        let carried = carry(Some(&old), &new, &form, context().today);
        assert_eq!(carried.set_aside, [("Arbete".into(), "Snickare".into())]);
        let Some(Answer::Rows { rows }) = carried.form.answers.get("vardnadshavare") else { panic!() };
        let names: Vec<_> = rows.iter().map(|row| row.answers.get("namn").cloned()).collect();
        let text = |text: &str| Some(Answer::Text { text: text.into() });
        assert_eq!(names, [text("Tuva"), text("Tove")]);
        assert!(carried.form.rev > form.rev);
    }

    #[test]
    fn files_stay_where_they_are_still_asked_for_and_are_named_where_they_are_not() {
        let files = |id: &str| json!({"id": id, "kind": "files", "label": id, "max_count": 2, "max_size": 100, "types": ["pdf"]});
        let old = definition(1, &json!([files("intyg"), files("bilaga")]));
        let new = definition(2, &json!([files("intyg")]));
        let (kept, lost) = (Uuid::now_v7(), Uuid::now_v7());
        let attach = |question: &str, id| OpKind::Attach { question: question.into(), file: file(id) };
        let form = filled(&old, vec![attach("intyg", kept), attach("bilaga", lost)]);
        let carried = carry(Some(&old), &new, &form, context().today);
        assert_eq!(carried.lost_files, [lost]);
        assert_eq!(carried.set_aside, [("bilaga".into(), "1 fil: intyg.pdf".into())]);
        assert_eq!(files_in(&carried.form.answers).count(), 1);
    }

    #[test]
    fn another_statement_has_not_been_confirmed() {
        let confirm = |statement: &str| json!([{"id": "intyga", "kind": "confirm", "label": "Intygande", "statement": statement}]);
        let (old, new) = (definition(1, &confirm("Det är sant.")), definition(2, &confirm("Jag vet att …")));
        let set = OpKind::Set { question: "intyga".into(), answer: Answer::Confirmed };
        let form = filled(&old, vec![set]);
        let carried = carry(Some(&old), &new, &form, context().today);
        assert!(carried.form.answers.is_empty());
        assert_eq!(carried.set_aside.len(), 1);
        assert!(carry(Some(&old), &old, &form, context().today).set_aside.is_empty());
    }

    #[test]
    fn without_the_old_version_the_answers_that_fit_are_kept() {
        let name = json!({"id": "namn", "kind": "text", "label": "Namn"});
        let old = definition(1, &json!([name, {"id": "mer", "kind": "text", "label": "Mer"}]));
        let new = definition(2, &json!([name]));
        let form = filled(&old, vec![set("namn", "Tuva"), set("mer", "Något")]);
        let carried = carry(None, &new, &form, context().today);
        assert_eq!(carried.form.answers.len(), 1);
        assert_eq!(carried.set_aside, [("mer".into(), "Något".into())]);
    }
}
