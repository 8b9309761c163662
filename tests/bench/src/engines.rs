//! The engines side by side: first whether they do the same work, then how long each takes.

use std::{hint::black_box, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use jiff::civil::date;
use ledsaga_bench::{
    answers::{Given, Model, Standing, sequence},
    express::{form_js, formio, ours, survey},
    form::{Form, Kind, Value},
};
use ledsaga_forms::{Context, Definition, FormState, Op, QuestionState, apply, load, view};
use serde_json::{Value as Json, json};

use crate::{node::Node, stats::Times};

const SEED: u64 = 300_100;
/// Rounds before anything counts, so that everything compiled is compiled.
const WARM_UP: usize = 1;
const LOADS: usize = 20;
/// The clock is injected.
const CONTEXT: Context = Context { today: date(2026, 11, 22), protected: false };

/// Of one engine.
pub struct Figures {
    pub name: String,
    /// One answer and what it makes visible; ours always judges too.
    pub visibility: Option<Times>,
    /// One answer, what it makes visible, and the judgement of the whole form.
    pub judged: Times,
    pub load: Times,
}

pub struct Comparison {
    pub ours: Figures,
    pub others: Vec<Figures>,
    pub node: String,
    pub answers: usize,
    pub rounds: usize,
    /// Bytes of our definition's JSON.
    pub size: usize,
}

pub fn compare(count: usize, rounds: usize) -> Result<Comparison> {
    let form = Form::generate(SEED);
    let answers = sequence(&form, count, SEED);
    let ours = Ours::new(&form, &answers)?;
    let mut others = [
        start("survey", &form, &answers, survey::definition(&form), |_, value| survey::value(value))?,
        start("formio", &form, &answers, formio::definition(&form), formio::value)?,
        start("form-js", &form, &answers, form_js::definition(&form), |_, value| survey::value(value))?,
    ];
    let expected = expected(&form, &answers);
    agree("ledsaga-forms", &expected, &ours.standings()?)?;
    for other in &mut others {
        agree(&other.name.clone(), &expected, &other.standings()?)?;
    }
    eprintln!("   all engines agree on {} answers", answers.len());

    let mut own = (Vec::new(), Vec::new());
    let mut theirs: Vec<[Vec<u64>; 3]> = others.iter().map(|_| Default::default()).collect();
    for round in 0..WARM_UP + rounds {
        let counts = round >= WARM_UP;
        keep(&mut own.0, ours.round()?, counts);
        for (other, times) in others.iter_mut().zip(&mut theirs) {
            keep(&mut times[0], other.round(false)?, counts);
            keep(&mut times[1], other.round(true)?, counts);
        }
        eprintln!("   round {} of {}", round + 1, WARM_UP + rounds);
    }
    for round in 0..WARM_UP + LOADS {
        let counts = round >= WARM_UP;
        keep(&mut own.1, vec![ours.load()?], counts);
        for (other, times) in others.iter_mut().zip(&mut theirs) {
            keep(&mut times[2], vec![other.load()?], counts);
        }
    }
    Ok(Comparison {
        ours: Figures {
            name: "ledsaga-forms".to_owned(),
            visibility: None,
            judged: Times::of(own.0)?,
            load: Times::of(own.1)?,
        },
        node: others[0].node.clone(),
        others: others
            .iter()
            .zip(theirs)
            .map(|(other, [visibility, judged, load])| {
                Ok(Figures {
                    name: other.name.clone(),
                    visibility: Some(Times::of(visibility)?),
                    judged: Times::of(judged)?,
                    load: Times::of(load)?,
                })
            })
            .collect::<Result<_>>()?,
        answers: answers.len(),
        rounds,
        size: ours.json.len(),
    })
}

fn keep(all: &mut Vec<u64>, times: Vec<u64>, counts: bool) {
    if counts {
        all.extend(times);
    }
}

fn start(
    engine: &str,
    form: &Form,
    answers: &[Given],
    definition: Json,
    value: impl Fn(&Kind, &Value) -> Json,
) -> Result<Node> {
    let answers = answers.iter().map(|given| {
        let question = &form.questions[given.question];
        json!([question.id, given.value.as_ref().map(|given| value(&question.kind, given))])
    });
    Node::start(engine, &definition, &answers.collect())
}

fn expected(form: &Form, answers: &[Given]) -> Vec<Standing> {
    let mut model = Model::new(form);
    let standing = |given| {
        model.give(given);
        model.standing()
    };
    answers.iter().map(standing).collect()
}

/// Different work is not compared.
fn agree(name: &str, expected: &[Standing], found: &[Standing]) -> Result<()> {
    ensure!(expected.len() == found.len(), "{name} took {} of {} answers", found.len(), expected.len());
    for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
        if expected == found {
            continue;
        }
        let differing = |ours: &[String], theirs: &[String]| -> Vec<String> {
            let only = |a: &[String], b: &[String]| {
                a.iter().filter(|id| !b.contains(id)).cloned().collect::<Vec<_>>()
            };
            [only(ours, theirs), only(theirs, ours)].concat()
        };
        bail!(
            "{name} differs after answer {number}: visible {:?}, missing {:?}, right {} instead of {}",
            differing(&expected.visible, &found.visible),
            differing(&expected.missing, &found.missing),
            found.right,
            expected.right
        );
    }
    Ok(())
}

struct Ours {
    json: Vec<u8>,
    definition: Definition,
    operations: Vec<Op>,
}

impl Ours {
    fn new(form: &Form, answers: &[Given]) -> Result<Self> {
        let json = ours::definition(form).to_string().into_bytes();
        let definition = load(&json).context("our own definition")?;
        let operations =
            answers.iter().enumerate().map(|(number, given)| ours::operation(form, number, given)).collect();
        Ok(Self { json, definition, operations })
    }

    fn standings(&self) -> Result<Vec<Standing>> {
        let mut state = FormState::new(&self.definition);
        let standing = |operation: &Op| {
            let delta = apply(&self.definition, &mut state, std::slice::from_ref(operation), &CONTEXT)?;
            let view = view(&self.definition, &state, &CONTEXT);
            let visible = view.questions.into_iter().filter(|q| q.state != QuestionState::Hidden);
            Ok(Standing {
                visible: visible.map(|question| question.path).collect(),
                missing: delta.remaining.into_iter().map(|left| left.question).collect(),
                right: delta.sendable,
            })
        };
        self.operations.iter().map(standing).collect()
    }

    fn round(&self) -> Result<Vec<u64>> {
        let mut state = FormState::new(&self.definition);
        let mut times = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            let start = Instant::now();
            let delta =
                apply(&self.definition, &mut state, black_box(std::slice::from_ref(operation)), &CONTEXT)?;
            drop(black_box(delta));
            times.push(nanoseconds(start)?);
        }
        Ok(times)
    }

    fn load(&self) -> Result<u64> {
        let start = Instant::now();
        let definition = load(black_box(&self.json))?;
        let time = nanoseconds(start)?;
        drop(black_box(definition));
        Ok(time)
    }
}

fn nanoseconds(start: Instant) -> Result<u64> {
    Ok(u64::try_from(start.elapsed().as_nanos())?)
}
