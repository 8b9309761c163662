//! What a caller answers, one after the other, and which questions are then asked: a model of a few lines that the
//! engines are compared with.

use fastrand::Rng;

use crate::form::{Form, Index, Kind, Value, When, choice};

/// An answer, or that there is none any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub question: Index,
    pub value: Option<Value>,
}

/// A form with what has been answered.
pub struct Model<'f> {
    form: &'f Form,
    values: Vec<Option<Value>>,
    visible: Vec<bool>,
}

/// What every engine must agree on after an answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// Ids, in the form's order.
    pub visible: Vec<String>,
    /// Required, visible and not answered.
    pub missing: Vec<String>,
    /// No answer breaks a limit or a format.
    pub right: bool,
}

impl<'f> Model<'f> {
    pub fn new(form: &'f Form) -> Self {
        let count = form.questions.len();
        let mut model = Self { form, values: vec![None; count], visible: vec![false; count] };
        model.evaluate();
        model
    }

    pub fn give(&mut self, given: &Given) {
        self.values[given.question].clone_from(&given.value);
        self.evaluate();
    }

    /// Sources come before their targets, so one pass is enough. Hiding clears.
    fn evaluate(&mut self) {
        for index in 0..self.values.len() {
            let mut rules = self.form.rules_of(index).peekable();
            let visible = rules.peek().is_none()
                || rules.any(|rule| self.values[rule.source].as_ref().is_some_and(|v| holds(&rule.when, v)));
            self.visible[index] = visible;
            if !visible {
                self.values[index] = None;
            }
        }
    }

    pub fn standing(&self) -> Standing {
        let questions = self.form.questions.iter().enumerate();
        let visible = questions.filter(|(index, _)| self.visible[*index]);
        let missing = |index: Index| self.form.questions[index].required && self.values[index].is_none();
        Standing {
            visible: visible.clone().map(|(_, question)| question.id.clone()).collect(),
            missing: visible.filter(|(index, _)| missing(*index)).map(|(_, q)| q.id.clone()).collect(),
            right: self.form.questions.iter().zip(&self.values).all(|(question, value)| {
                match (&question.kind, value) {
                    (Kind::Number { max }, Some(Value::Number(number))) => number <= max,
                    (Kind::Text { max_length } | Kind::TextArea { max_length }, Some(Value::Text(text))) => {
                        text.chars().count() <= *max_length
                    }
                    (Kind::Email, Some(Value::Text(text))) => text.contains('@'),
                    _ => true,
                }
            }),
        }
    }
}

fn holds(when: &When, value: &Value) -> bool {
    match (when, value) {
        (When::AnyOf(ids), Value::Choice(made)) => ids.contains(made),
        (When::AnyOf(ids), Value::Choices(made)) => ids.iter().any(|id| made.contains(id)),
        (When::AtLeast(least), Value::Number(number)) => number >= least,
        (When::Answered, _) => true,
        _ => false,
    }
}

/// Answers to visible questions: most walk through the form, others change what was said before, a few are wrong.
pub fn sequence(form: &Form, count: usize, seed: u64) -> Vec<Given> {
    let mut rng = Rng::with_seed(seed);
    let mut model = Model::new(form);
    let mut answers = Vec::with_capacity(count);
    while answers.len() < count {
        let (answered, open): (Vec<Index>, Vec<Index>) = (0..form.questions.len())
            .filter(|&index| model.visible[index])
            .partition(|&index| model.values[index].is_some());
        let deciding: Vec<Index> =
            answered.iter().copied().filter(|i| form.rules.iter().any(|rule| rule.source == *i)).collect();
        let question = match rng.u32(..10) {
            0..6 => open.first(),
            6..9 => rng.choice(&deciding),
            _ => rng.choice(&answered),
        };
        let Some(&question) = question else { continue };
        let clear = model.values[question].is_some() && rng.u32(..8) == 0;
        let given =
            Given { question, value: (!clear).then(|| value(&form.questions[question].kind, &mut rng)) };
        model.give(&given);
        answers.push(given);
    }
    answers
}

fn value(kind: &Kind, rng: &mut Rng) -> Value {
    let wrong = rng.u32(..25) == 0;
    match *kind {
        Kind::Text { max_length } | Kind::TextArea { max_length } if wrong => {
            Value::Text("lång text ".repeat(max_length / 8))
        }
        Kind::Text { .. } => Value::Text(format!("Svar nummer {}", rng.u32(1000..9999))),
        Kind::TextArea { .. } => {
            Value::Text("Vi behöver hjälp med detta under hösten. ".repeat(4).trim().into())
        }
        Kind::Number { max } => Value::Number(if wrong { max + 1 } else { rng.i64(1..=max) }),
        Kind::Date => Value::Text(format!("2026-{:02}-{:02}", rng.u32(1..=12), rng.u32(1..=28))),
        Kind::Email if wrong => Value::Text("ingen adress".to_owned()),
        Kind::Email => Value::Text(format!("kim{}@example.se", rng.u32(10..99))),
        Kind::Radio(choices) | Kind::DropDown(choices) => Value::Choice(choice(rng.usize(..choices))),
        Kind::Checkbox(choices) => {
            let made = rng.choose_multiple(0..choices, rng.clone().usize(1..=choices));
            let mut made: Vec<usize> = made;
            made.sort_unstable();
            Value::Choices(made.into_iter().map(choice).collect())
        }
    }
}
