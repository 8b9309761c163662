//! The read-back script: what the worker says so that the caller can confirm it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Language, spell,
    spoken::{forwarded, masked, spoken},
};
use crate::{
    Answer, Context, Definition, FormState, Kind, Layout, QuestionPath, Sensitivity,
    evaluate::{Asked, Slot},
    form::Form,
    normal, read,
};

/// Longer texts are not spelled letter by letter.
const SPELL_MAX: u32 = 40;

/// The whole form to read aloud.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// One for each step with something to say.
    pub sections: Vec<Section>,
    /// Required questions without an answer, by label.
    pub missing: Vec<String>,
    /// Nothing has a wrong format and no stop question is visible.
    pub sendable: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(rename = "ReadBackSection"))]
pub struct Section {
    pub title: String,
    pub lines: Vec<Line>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(rename = "ReadBackLine"))]
pub struct Line {
    pub question: QuestionPath,
    /// The row that it belongs to, such as `Barn 2`, on each of the row's lines; said once.
    pub heading: Option<String>,
    pub label: String,
    /// As it is said: numbers in groups, identity numbers by their last four signs.
    pub spoken: String,
    /// What may be spelled letter by letter on request (names, street names); `None` for protected cases.
    pub spell: Option<String>,
}

/// Says nothing of what is answered.
impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({}, ..)", self.question)
    }
}

/// What has been answered, in the definition's order, and what is missing.
pub fn script(definition: &Definition, state: &FormState, context: &Context, language: Language) -> Script {
    let slots = Form::new(definition).evaluate(&state.answers, context);
    let reader = Reader { context, language };
    let mut script = Script { sections: Vec::new(), missing: Vec::new(), sendable: true };
    let mut rest = slots.as_slice();
    for step in &definition.steps {
        let (here, after) = rest.split_at_checked(step.questions.len()).unwrap_or((rest, &[]));
        rest = after;
        let lines: Vec<Line> = here.iter().flat_map(|slot| reader.lines(slot)).collect();
        match script.sections.iter_mut().find(|section| section.title == step.title) {
            _ if lines.is_empty() => {}
            Some(section) => section.lines.extend(lines),
            None => script.sections.push(Section { title: step.title.clone(), lines }),
        }
    }
    for (slot, label) in slots.iter().flat_map(read::labelled) {
        let verdict = slot.verdict(context.today);
        script.sendable &= verdict.wrong.is_none();
        script.missing.extend(verdict.missing.as_ref().map(|_| label.into_owned()));
    }
    script
}

struct Reader<'c> {
    context: &'c Context,
    language: Language,
}

impl Reader<'_> {
    fn lines(&self, slot: &Slot<'_>) -> Vec<Line> {
        if slot.rows.is_empty() {
            return self.line(slot, None).into_iter().collect();
        }
        let table = matches!(slot.question.kind, Kind::Group { layout: Layout::Table, .. });
        let rows = slot.rows.iter().enumerate().flat_map(|(index, row)| {
            let title = read::row_title(slot.question, index);
            let heading = (!table).then_some(title.as_str());
            let lines = row.slots.iter().filter_map(|member| self.line(member, heading)).collect();
            if table { one_line(title, lines).into_iter().collect() } else { lines }
        });
        rows.collect()
    }

    /// None when there is nothing to say.
    fn line(&self, slot: &Slot<'_>, heading: Option<&str>) -> Option<Line> {
        let kind = &slot.question.kind;
        if !slot.visible() || matches!(kind, Kind::Information { .. } | Kind::Stop { .. } | Kind::Note) {
            return None;
        }
        let line = |spoken, spell| Line {
            question: slot.path.to_string(),
            heading: heading.map(str::to_owned),
            label: slot.question.label.clone(),
            spoken,
            spell,
        };
        if slot.asked == Asked::ViaForwarding {
            return Some(line(forwarded(self.language), None));
        }
        let typed = slot.answer?;
        let answer = normal::answer(kind, typed, self.context.today).unwrap_or_else(|_| typed.clone());
        Some(match self.context.protected {
            true if slot.sensitivity == Sensitivity::Protected => {
                line(masked(kind, &answer, self.language), None)
            }
            true => line(spoken(kind, &answer, self.language), None),
            false => line(spoken(kind, &answer, self.language), self.spelled(kind, &answer)),
        })
    }

    fn spelled(&self, kind: &Kind, answer: &Answer) -> Option<String> {
        match (kind, answer) {
            (Kind::Text { covered: false, .. } | Kind::Address | Kind::Email, Answer::Text { text })
                if normal::length(text) <= SPELL_MAX =>
            {
                Some(spell(text, self.language))
            }
            _ => None,
        }
    }
}

/// A table's row in one breath.
fn one_line(title: String, lines: Vec<Line>) -> Option<Line> {
    let question = lines.first()?.question.clone();
    let spoken = sentences(lines.iter().map(|line| (&*line.label, &*line.spoken)));
    let spell = sentences(lines.iter().filter_map(|line| Some((&*line.label, line.spell.as_deref()?))));
    Some(Line { question, heading: None, label: title, spoken, spell: Some(spell).filter(|s| !s.is_empty()) })
}

/// `Namn: Bo Ek. Behövs ledsagare? Ja.`
fn sentences<'l>(parts: impl Iterator<Item = (&'l str, &'l str)>) -> String {
    let ends = |text: &str| text.ends_with(['.', '?', '!', ':']);
    let sentence = |(label, said): (&str, &str)| {
        let colon = if ends(label) { "" } else { ":" };
        let stop = if ends(said) { "" } else { "." };
        format!("{label}{colon} {said}{stop}")
    };
    parts.map(sentence).collect::<Vec<_>>().join(" ")
}
