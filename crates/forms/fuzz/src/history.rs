//! A form, and what is done to it: what fits, what does not, the same again, and many things at once.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use ledsaga_forms::{
    Answer, Answers, ApplyError, Context, Definition, Delta, FileRef, FormState, Kind, Op, OpKind, Row, load,
};

use crate::promises;

/// What libFuzzer's bytes are read as.
#[derive(Debug, Arbitrary)]
pub struct History {
    form: u8,
    /// Days from an ordinary day.
    day: i16,
    acts: Vec<Act>,
}

#[derive(Debug, Arbitrary)]
enum Act {
    One(Deed),
    Batch(Vec<Deed>),
    /// An operation of before comes once more.
    Again(u8),
    /// Another operation with an id of before.
    Mistaken(u8, Deed),
    SwitchProtection,
    NextDay,
}

#[derive(Debug, Arbitrary)]
enum Deed {
    Set(Path, Said),
    Clear(Path),
    AddRow(Path, Name),
    RemoveRow(Path, Name),
    Attach(Path, Attached),
    Detach(Path, Name),
    Later(Path, bool),
    Leave(Path),
    GoTo(Name),
    TrySubmit,
}

/// Mostly one that there is.
#[derive(Debug, Arbitrary)]
enum Path {
    Known(u8),
    Known2(u8),
    Written(String),
}

/// A short name out of those that forms, rows, steps and files have here, or any.
#[derive(Debug, Arbitrary)]
enum Name {
    Known(u8),
    Known2(u8),
    Written(String),
}

#[derive(Debug, Arbitrary)]
enum Said {
    Known(u8),
    Text(String),
    Choice(Vec<Name>, Option<String>),
    Confirmed,
    Files(Vec<Attached>),
    Rows(Vec<(Name, Vec<(Name, String)>)>),
}

#[derive(Debug, Arbitrary)]
struct Attached {
    id: Name,
    ending: u8,
    size: u32,
    whole: bool,
}

/// Operations in one history; longer ones find nothing that these do not, and are slow.
const ACTS_MAX: usize = 64;

const NAMES: [&str; 12] = ["ja", "nej", "other", "r1", "r2", "x", "ett", "tva", "f1", "f2", "annat", "val"];

/// Texts at the borders of what is right.
const SAID: [&str; 24] = [
    "",
    " ",
    "0",
    "1,5",
    "99",
    "7",
    "12 000 kr",
    "850101-2382",
    "8501012382",
    "850101-2383",
    "198501012382",
    "212000-0142",
    "2026-11-22",
    "2026-11-23",
    "1/2 2020",
    "2008-02-29",
    "08:30",
    "070-174 06 05",
    "namn@exempel.se",
    "123 45",
    "abc 123",
    "000101-T220",
    "åäö\r\n\u{0}",
    "Storgatan 1",
];

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let files: [&[u8]; 3] = [
        include_bytes!("../definitions/kinds.json"),
        include_bytes!("../definitions/rows.json"),
        include_bytes!("../definitions/rules.json"),
    ];
    files.map(|json| Form::new(load(json).expect("the fixed definitions load"))).into()
});

struct Form {
    definition: Definition,
    paths: Vec<String>,
}

impl Form {
    fn new(definition: Definition) -> Self {
        let mut paths = Vec::new();
        for question in definition.steps.iter().flat_map(|step| &step.questions) {
            paths.push(question.id.clone());
            if let Kind::Group { questions, .. } = &question.kind {
                for row in ["r1", "r2", "x"] {
                    paths.extend(
                        questions.iter().map(|member| format!("{}/{row}/{}", question.id, member.id)),
                    );
                }
            }
        }
        Self { definition, paths }
    }
}

type Apply = fn(&Definition, &mut FormState, &[Op], &Context) -> Result<Delta, ApplyError>;

pub fn operations(history: History) {
    fill_in(history, ledsaga_forms::apply);
}

/// The counter-test: what must be found.
pub fn planted(history: History) {
    fill_in(history, forgetful);
}

/// Fills in the form and holds it to its promises after every step.
fn fill_in(history: History, apply: Apply) {
    let form = &FORMS[usize::from(history.form) % FORMS.len()];
    let today: Date = date(2026, 11, 22).saturating_add(i32::from(history.day).days());
    let mut filling = Filling {
        form,
        apply,
        context: Context { today, protected: false },
        state: FormState::new(&form.definition),
        asked: Vec::new(),
        done: Vec::new(),
    };
    history.acts.into_iter().take(ACTS_MAX).for_each(|act| filling.act(act));
    filling.replay();
}

struct Filling {
    form: &'static Form,
    apply: Apply,
    context: Context,
    state: FormState,
    /// Every operation that was tried, and those that were applied.
    asked: Vec<Op>,
    done: Vec<Op>,
}

impl Filling {
    fn act(&mut self, act: Act) {
        match act {
            Act::One(deed) => {
                let operation = self.operation(deed);
                self.apply(vec![operation]);
            }
            Act::Batch(deeds) => {
                let operations = deeds.into_iter().take(ACTS_MAX).map(|deed| self.operation(deed)).collect();
                self.apply(operations);
            }
            Act::Again(index) => {
                let operation = self.asked.get(usize::from(index)).cloned();
                self.apply(operation.into_iter().collect());
            }
            Act::Mistaken(index, deed) => {
                let mut operation = self.operation(deed);
                if let Some(earlier) = self.asked.get(usize::from(index)) {
                    operation.id.clone_from(&earlier.id);
                }
                self.apply(vec![operation]);
            }
            Act::SwitchProtection => self.context.protected ^= true,
            Act::NextDay => self.context.today = self.context.today.saturating_add(1.day()),
        }
    }

    fn operation(&mut self, deed: Deed) -> Op {
        let operation = Op { id: self.asked.len().to_string(), kind: deed.on(self.form) };
        self.asked.push(operation.clone());
        operation
    }

    /// All or none, the same each time, and once.
    fn apply(&mut self, operations: Vec<Op>) {
        let definition = &self.form.definition;
        let before = promises::keep(definition, &self.state, &self.context);
        let mut twin = self.state.clone();
        let mut next = self.state.clone();
        let outcome = (self.apply)(definition, &mut next, &operations, &self.context);
        assert!(
            outcome == (self.apply)(definition, &mut twin, &operations, &self.context) && twin == next,
            "two outcomes"
        );
        match outcome {
            Err(_) => assert!(next == self.state, "refused, and yet something was done"),
            Ok(delta) => {
                let after = promises::keep(definition, &next, &self.context);
                promises::delta_leads_on(before, delta, &after);
                self.state = next;
                self.done.extend(operations);
            }
        }
    }

    /// Everything once more changes nothing but what the day or the protection has changed since.
    fn replay(&mut self) {
        let before = self.state.clone();
        let replay = (self.apply)(&self.form.definition, &mut self.state, &self.done, &self.context);
        assert!(
            replay.is_ok_and(|delta| delta.changed.is_empty()) && self.state == before,
            "a replay did something"
        );
    }
}

/// An engine with a bug: when many questions have changed, its delta forgets the last of them.
fn forgetful(
    definition: &Definition,
    state: &mut FormState,
    operations: &[Op],
    context: &Context,
) -> Result<Delta, ApplyError> {
    let mut outcome = ledsaga_forms::apply(definition, state, operations, context);
    if let Ok(delta) = &mut outcome
        && delta.changed.len() >= 3
    {
        delta.changed.pop();
    }
    outcome
}

impl Deed {
    fn on(self, form: &Form) -> OpKind {
        let path = |path: Path| match path {
            Path::Known(index) | Path::Known2(index) => {
                form.paths[usize::from(index) % form.paths.len()].clone()
            }
            Path::Written(path) => path,
        };
        match self {
            Self::Set(to, said) => OpKind::Set { question: path(to), answer: said.answer() },
            Self::Clear(at) => OpKind::Clear { question: path(at) },
            Self::AddRow(at, row) => OpKind::AddRow { question: path(at), row: row.name() },
            Self::RemoveRow(at, row) => OpKind::RemoveRow { question: path(at), row: row.name() },
            Self::Attach(at, file) => OpKind::Attach { question: path(at), file: file.file() },
            Self::Detach(at, file) => OpKind::Detach { question: path(at), file: file.name() },
            Self::Later(at, on) => OpKind::Later { question: path(at), on },
            Self::Leave(at) => OpKind::Leave { question: path(at) },
            Self::GoTo(step) => OpKind::GoTo { step: step.name() },
            Self::TrySubmit => OpKind::TrySubmit,
        }
    }
}

impl Name {
    fn name(self) -> String {
        match self {
            Self::Known(index) | Self::Known2(index) => NAMES[usize::from(index) % NAMES.len()].to_owned(),
            Self::Written(name) => name,
        }
    }
}

impl Said {
    fn answer(self) -> Answer {
        match self {
            Self::Known(index) => Answer::Text { text: SAID[usize::from(index) % SAID.len()].to_owned() },
            Self::Text(text) => Answer::Text { text },
            Self::Choice(choices, other) => {
                Answer::Choice { choices: choices.into_iter().map(Name::name).collect(), other }
            }
            Self::Confirmed => Answer::Confirmed,
            Self::Files(files) => Answer::Files { files: files.into_iter().map(Attached::file).collect() },
            Self::Rows(rows) => {
                let text = |(id, text): (Name, String)| (id.name(), Answer::Text { text });
                let row = |(id, answers): (Name, Vec<(Name, String)>)| Row {
                    id: id.name(),
                    answers: answers.into_iter().map(text).collect::<Answers>(),
                };
                Answer::Rows { rows: rows.into_iter().map(row).collect() }
            }
        }
    }
}

impl Attached {
    fn file(self) -> FileRef {
        let ending = ["pdf", "jpg", "exe", "PDF"][usize::from(self.ending) % 4];
        FileRef {
            id: self.id.name(),
            name: format!("bilaga.{ending}"),
            size: u64::from(self.size),
            media_type: "application/pdf".to_owned(),
            sha256: if self.whole { "0123456789abcdef".repeat(4) } else { String::new() },
        }
    }
}
