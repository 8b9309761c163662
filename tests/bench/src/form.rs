//! A form as plain data, made from a seed, that every engine can express: visibility by rules, requiredness, limits.

use fastrand::Rng;

/// An index among the form's questions.
pub type Index = usize;

pub const QUESTIONS: usize = 300;
pub const RULES: usize = 100;
/// Rules that show a question which another rule already shows.
const SECOND_RULES: usize = 10;
const STEPS: usize = 10;
/// How far from its source a target can be.
const REACH: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    pub questions: Vec<Question>,
    pub rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub id: String,
    pub label: String,
    pub kind: Kind,
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text {
        max_length: usize,
    },
    TextArea {
        max_length: usize,
    },
    Number {
        max: i64,
    },
    Date,
    Email,
    /// The number of choices.
    Radio(usize),
    DropDown(usize),
    Checkbox(usize),
}

/// Shows the targets while the condition holds; they are hidden while none of their rules does.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub source: Index,
    pub when: When,
    pub targets: Vec<Index>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// One of these choices is made.
    AnyOf(Vec<String>),
    AtLeast(i64),
    Answered,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
    Choice(String),
    Choices(Vec<String>),
}

/// The id of a choice, from 0.
pub fn choice(index: usize) -> String {
    format!("val{}", index + 1)
}

impl Form {
    pub fn generate(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let questions = (0..QUESTIONS).map(|index| question(index, &mut rng)).collect();
        let mut form = Self { questions, rules: Vec::new() };
        let mut free = vec![true; QUESTIONS];
        while form.rules.len() < RULES - SECOND_RULES {
            let source = rng.usize(..QUESTIONS - REACH);
            let Some(when) = form.condition(source, &mut rng) else { continue };
            let mut targets: Vec<Index> = (source + 1..=source + REACH).filter(|&i| free[i]).collect();
            rng.shuffle(&mut targets);
            targets.truncate(rng.usize(1..=3));
            targets.sort_unstable();
            let Some(&first) = targets.first() else { continue };
            for &target in &targets {
                free[target] = false;
                // One rule makes one state.
                form.questions[target].required = form.questions[first].required;
            }
            form.rules.push(Rule { source, when, targets });
        }
        form.rules.sort_by_key(|rule| rule.source);
        while form.rules.len() < RULES {
            let Some(target) = form.rules[rng.usize(..RULES - SECOND_RULES)].targets.first().copied() else {
                continue;
            };
            let source = rng.usize(target.saturating_sub(REACH)..target);
            if let Some(when) = form.condition(source, &mut rng) {
                form.rules.push(Rule { source, when, targets: vec![target] });
            }
        }
        form
    }

    /// Questions by step.
    pub fn steps(&self) -> impl Iterator<Item = &[Question]> {
        self.questions.chunks(QUESTIONS / STEPS)
    }

    /// The rules that a question is a target of.
    pub fn rules_of(&self, target: Index) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.targets.contains(&target))
    }

    fn condition(&self, source: Index, rng: &mut Rng) -> Option<When> {
        match self.questions[source].kind {
            Kind::Radio(choices) | Kind::DropDown(choices) => {
                let first = rng.usize(..choices);
                let several = choices > 2 && rng.bool();
                let ids = [Some(first), several.then_some((first + 1) % choices)];
                Some(When::AnyOf(ids.into_iter().flatten().map(choice).collect()))
            }
            Kind::Checkbox(choices) => Some(When::AnyOf(vec![choice(rng.usize(..choices))])),
            Kind::Number { max } => Some(When::AtLeast(rng.i64(1..max))),
            Kind::Date => Some(When::Answered),
            _ => None,
        }
    }
}

fn question(index: Index, rng: &mut Rng) -> Question {
    let kind = match rng.u32(..100) {
        0..25 => Kind::Text { max_length: 80 },
        25..31 => Kind::TextArea { max_length: 2000 },
        31..43 => Kind::Number { max: rng.i64(5..100) },
        43..50 => Kind::Date,
        50..55 => Kind::Email,
        55..80 => Kind::Radio(rng.usize(2..=4)),
        80..90 => Kind::DropDown(rng.usize(4..=10)),
        _ => Kind::Checkbox(rng.usize(3..=6)),
    };
    Question {
        id: format!("q{:03}", index + 1),
        label: format!("Fråga {} om det som ansökan gäller", index + 1),
        kind,
        required: rng.u32(..10) > 0,
    }
}
