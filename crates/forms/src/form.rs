//! A definition with its rules where they are needed: at the questions that they decide over.

use std::collections::HashMap;

use crate::{Definition, Kind, Question, Rule, StepId};

/// Made once for each use of a definition; evaluation then looks nothing up by name.
pub(crate) struct Form<'a> {
    pub definition: &'a Definition,
    /// In the definition's order.
    pub questions: Vec<Ruled<'a>>,
}

/// A question with the rules that it is a target of, in the definition's order.
pub(crate) struct Ruled<'a> {
    pub question: &'a Question,
    pub step: &'a StepId,
    pub rules: Vec<Ruling<'a>>,
    /// Those of a group.
    pub members: Vec<Ruled<'a>>,
}

/// A rule with where its questions stand.
pub(crate) struct Ruling<'a> {
    pub rule: &'a Rule,
    pub on: Source,
    /// The questions that its condition names besides.
    pub others: Vec<(&'a str, Source)>,
}

/// Where a rule's source stands.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// Among the form's questions.
    Form(usize),
    /// Among the questions of the same row.
    Row(usize),
}

impl<'a> Form<'a> {
    pub fn new(definition: &'a Definition) -> Self {
        let mut rules = Rules { by_target: HashMap::new(), order: HashMap::new() };
        for rule in &definition.rules {
            for target in &rule.targets {
                rules.by_target.entry(target).or_default().push(rule);
            }
        }
        let all = || definition.steps.iter().flat_map(|step| step.questions.iter().map(move |q| (step, q)));
        rules.order = all().enumerate().map(|(index, (_, question))| (question.id.as_str(), index)).collect();
        let questions = all().map(|(step, question)| rules.with(question, &step.id, &[])).collect();
        Self { definition, questions }
    }
}

struct Rules<'a> {
    by_target: HashMap<&'a str, Vec<&'a Rule>>,
    order: HashMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    fn with(&self, question: &'a Question, step: &'a StepId, row: &'a [Question]) -> Ruled<'a> {
        let source = |id: &str| match self.order.get(id) {
            Some(&index) => Some(Source::Form(index)),
            None => row.iter().position(|member| member.id == id).map(Source::Row),
        };
        let rules = self.by_target.get(question.id.as_str()).into_iter().flatten();
        let members = match &question.kind {
            Kind::Group { questions, .. } => {
                questions.iter().map(|member| self.with(member, step, questions)).collect()
            }
            _ => Vec::new(),
        };
        let ruling = |&rule: &&'a Rule| {
            let others = rule.when.others().into_iter();
            let others = others.filter_map(|id| Some((id.as_str(), source(id)?))).collect();
            Some(Ruling { rule, on: source(&rule.on)?, others })
        };
        let rules = rules.filter_map(ruling).collect();
        Ruled { question, step, rules, members }
    }
}
