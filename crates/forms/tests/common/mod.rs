//! Small definitions and short ways to work with them.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod drawn;

use jiff::civil::date;
use ledsaga_forms::{
    Answer, AnswerView, ApplyError, Context, Definition, Delta, FileRef, FormState, FormView, LoadError, Op,
    OpKind, QuestionState, QuestionView, apply, load, view,
};
use serde_json::{Value, json};

pub const ORDINARY: Context = Context { today: date(2026, 11, 22), protected: false };
pub const PROTECTED: Context = Context { protected: true, ..ORDINARY };

/// A whole definition around steps and rules.
pub fn written(steps: Value, rules: Value) -> Value {
    json!({
        "format": 1, "id": "prov", "version": 1, "name": "Prov", "summary": "Ett prov", "category": "Prov",
        "unit": "Exempelnämnden", "contact": { "name": "Exempelby kontaktcenter", "phone": "070-1740605" },
        "oral_filing": "accepted", "retention": { "draft_days": 30, "protected_draft_days": 1 },
        "steps": steps, "rules": rules
    })
}

/// One step, `ett`, with these questions.
pub fn one_step(questions: Value, rules: Value) -> Value {
    written(json!([{ "id": "ett", "title": "Ett", "questions": questions }]), rules)
}

pub fn try_load(written: &Value) -> Result<Definition, LoadError> {
    load(written.to_string().as_bytes())
}

/// A question with a label made of its id, and more fields.
pub fn question(id: &str, kind: &str, more: Value) -> Value {
    let mut question = json!({ "id": id, "label": format!("Fråga {id}"), "kind": kind });
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    question
}

/// One question of every known kind, the names as they stand in JSON.
pub fn every_kind() -> Vec<Value> {
    let choices = json!([{ "id": "a", "label": "A" }, { "id": "b", "label": "B" }]);
    let member = question("medlem", "text", json!({}));
    let fields = [
        (
            "text",
            json!({ "min_length": 2, "max_length": 10, "pattern": "AAA 99*", "pattern_help": "Så här.",
            "covered": true }),
        ),
        ("text_area", json!({ "min_length": 2 })),
        (
            "note",
            json!({ "role": { "proxy": { "basis": "q-text" } }, "source": { "id": "1", "element": "A" } }),
        ),
        ("number", json!({ "min": 1, "max": 2.5, "decimals": 1, "unit": "meter" })),
        ("money", json!({ "max": 100 })),
        ("date", json!({ "not_past": true })),
        ("time", json!({})),
        ("radio", json!({ "choices": choices })),
        ("drop_down", json!({ "choices": choices, "other": "Annat" })),
        ("checkbox", json!({ "choices": choices, "min": 1, "max": 2 })),
        ("personal_identity_number", json!({ "age": { "min": 6, "max": 16, "by_year": true } })),
        ("other_identity_number", json!({ "domain": "LMA-nummer" })),
        ("organisation_number", json!({})),
        ("phone", json!({})),
        ("email", json!({})),
        ("postcode", json!({})),
        ("address", json!({})),
        (
            "files",
            json!({ "max_count": 2, "max_size": 5_000_000_000u64, "types": ["pdf"],
            "max_total": 6_000_000_000u64 }),
        ),
        (
            "group",
            json!({ "row_label": "Person", "questions": [member], "min_rows": 1, "max_rows": 3,
            "layout": "table", "one_of": [["medlem"]], "unique": "medlem", "partial": true }),
        ),
        ("information", json!({ "text": "Läs detta." })),
        ("stop", json!({ "text": "Det går inte.", "state": "hidden" })),
        ("confirm", json!({ "statement": "Det stämmer.", "text": "Så behandlar vi *dina* uppgifter." })),
    ];
    fields.into_iter().map(|(kind, more)| question(&format!("q-{kind}"), kind, more)).collect()
}

pub fn yes_no(id: &str, more: Value) -> Value {
    let mut question = question(id, "radio", more);
    question["choices"] = json!([{ "id": "ja", "label": "Ja" }, { "id": "nej", "label": "Nej" }]);
    question
}

pub fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

pub fn chosen(ids: &[&str]) -> Answer {
    Answer::Choice { choices: ids.iter().map(|&id| id.to_owned()).collect(), other: None }
}

pub fn file(id: &str, name: &str, size: u64) -> FileRef {
    FileRef {
        id: id.to_owned(),
        name: name.to_owned(),
        size,
        media_type: "application/pdf".to_owned(),
        sha256: "0123456789abcdef".repeat(4),
    }
}

pub fn set(question: &str, answer: Answer) -> OpKind {
    OpKind::Set { question: question.to_owned(), answer }
}

pub fn leave(question: &str) -> OpKind {
    OpKind::Leave { question: question.to_owned() }
}

pub fn go_to(step: &str) -> OpKind {
    OpKind::GoTo { step: step.to_owned() }
}

pub fn add_row(question: &str, row: &str) -> OpKind {
    OpKind::AddRow { question: question.to_owned(), row: row.to_owned() }
}

pub fn remove_row(question: &str, row: &str) -> OpKind {
    OpKind::RemoveRow { question: question.to_owned(), row: row.to_owned() }
}

/// A draft that numbers its own operations.
#[derive(Debug)]
pub struct Draft {
    pub definition: Definition,
    pub state: FormState,
    pub context: Context,
    next: usize,
}

impl Draft {
    pub fn new(written: &Value) -> Self {
        let definition = try_load(written).unwrap();
        let state = FormState::new(&definition);
        Self { definition, state, context: ORDINARY, next: 0 }
    }

    pub fn op(&mut self, kind: OpKind) -> Op {
        self.next += 1;
        Op { id: format!("op-{}", self.next), kind }
    }

    pub fn try_apply(&mut self, kinds: Vec<OpKind>) -> Result<Delta, ApplyError> {
        let operations: Vec<Op> = kinds.into_iter().map(|kind| self.op(kind)).collect();
        apply(&self.definition, &mut self.state, &operations, &self.context)
    }

    #[track_caller]
    pub fn apply(&mut self, kind: OpKind) -> Delta {
        self.try_apply(vec![kind]).unwrap()
    }

    #[track_caller]
    pub fn set(&mut self, question: &str, answer: Answer) -> Delta {
        self.apply(set(question, answer))
    }

    pub fn view(&self) -> FormView {
        view(&self.definition, &self.state, &self.context)
    }

    #[track_caller]
    pub fn question(&self, path: &str) -> QuestionView {
        all(&self.view()).into_iter().find(|question| question.path == path).unwrap()
    }

    #[track_caller]
    pub fn state_of(&self, path: &str) -> QuestionState {
        self.question(path).state
    }

    #[track_caller]
    pub fn shown(&self, path: &str) -> Option<Answer> {
        match self.question(path).answer {
            AnswerView::Plain { answer } => Some(answer),
            _ => None,
        }
    }

    /// Codes of the faults that are shown.
    #[track_caller]
    pub fn faults(&self, path: &str) -> Vec<String> {
        self.question(path).faults.into_iter().map(|fault| fault.code).collect()
    }
}

/// Every question of a view, those of rows included.
pub fn all(view: &FormView) -> Vec<QuestionView> {
    let members =
        |question: &QuestionView| question.rows.iter().flat_map(|row| row.questions.clone()).collect();
    view.questions
        .iter()
        .flat_map(|question| {
            let members: Vec<QuestionView> = members(question);
            std::iter::once(question.clone()).chain(members)
        })
        .collect()
}
