//! Open ePlatform's e-services (`.oeflow`) and single questions (`.oequery`).
//!
//! What the format is, is known from the code that reads it there; there is no schema. Elements are looked for as exact
//! children, since a question's settings may repeat the question that they belong to.

mod choices;
mod fields;
mod paper;
mod persons;
mod query;
mod rules;
mod texts;

use std::collections::HashSet;

use self::query::Taken;
use super::{
    Defaults, Finding, ImportError, Imported, ImportedQuestion, Limit, Outcome, Report, encoding,
    names::{self, Names},
    xml::{Node, Tree},
};
use crate::{
    Contact, Definition, Kind, OralFiling, Question, QuestionState, Retention, Source, SourceStatus, Step,
    load,
};

/// Bytes of a file. Forms have some hundred thousand; paper forms in them may be large.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// As many as a definition may have.
const QUESTIONS_MAX: usize = 5_000;
/// Characters of a summary made of a longer text.
const SUMMARY_MAX: usize = 300;
/// The question that says what the e-service is about, before all others.
const ABOUT: &str = "om-tjansten";

/// Takes over an e-service that Open ePlatform has exported.
///
/// # Errors
/// The file is not such an export, is too large or tries to be more than data; or its rules cannot be followed.
pub fn oeflow(bytes: &[u8], defaults: &Defaults) -> Result<Imported, ImportError> {
    let text = text_of(bytes)?;
    let tree = Tree::read(&text)?;
    let flow = root(&tree, "Flow")?;
    let mut taking = Taking::default();
    taking.flow(flow, defaults)
}

/// Takes over a single question; Open ePlatform leaves its rules out.
///
/// # Errors
/// As [`oeflow`].
pub fn oequery(bytes: &[u8]) -> Result<ImportedQuestion, ImportError> {
    let text = text_of(bytes)?;
    let tree = Tree::read(&text)?;
    let descriptor = root(&tree, "QueryDescriptor")?;
    let mut taking = Taking::default();
    let question = taking.query(descriptor, "").question;
    let alone = around(question.clone());
    load::checked(alone)?;
    Ok(ImportedQuestion { question, report: taking.report })
}

fn text_of(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge { bytes: bytes.len(), max: BYTES_MAX });
    }
    encoding::decode(bytes)
}

fn root<'t, 'a>(tree: &'t Tree<'a>, expected: &str) -> Result<Node<'t, 'a>, ImportError> {
    let found = tree.root().map(Node::name).unwrap_or_default();
    tree.root().filter(|root| root.name() == expected).ok_or_else(|| ImportError::WrongRoot {
        found: found.chars().take(64).collect(),
        expected: expected.to_owned(),
    })
}

/// The smallest definition with this question, to check it by.
fn around(question: Question) -> Definition {
    let text = || "-".to_owned();
    Definition {
        format: 1,
        id: "q".to_owned(),
        version: 1,
        hash: String::new(),
        name: text(),
        summary: text(),
        category: text(),
        unit: text(),
        keywords: Vec::new(),
        contact: Contact { name: text(), phone: text(), email: None, hours: None },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 1, protected_draft_days: 1 },
        checklist: Vec::new(),
        source: None,
        paper_forms: Vec::new(),
        steps: vec![Step { id: "s".to_owned(), title: text(), questions: vec![question] }],
        rules: Vec::new(),
    }
}

/// What has been taken over so far.
#[derive(Default)]
struct Taking {
    report: Report,
    ids: Names,
}

impl Taking {
    fn flow(&mut self, flow: Node<'_, '_>, defaults: &Defaults) -> Result<Imported, ImportError> {
        let name = names::label(flow.value("name").unwrap_or_default());
        if name.is_empty() {
            return Err(ImportError::Missing { place: "Flow".to_owned(), what: "name".to_owned() });
        }
        let mut steps = Vec::new();
        let mut taken: Vec<Taken<'_, '_>> = Vec::new();
        let (summary, about) = self.descriptions(flow, &name);
        for (n, step) in flow.listed("Steps", "Step").into_iter().enumerate() {
            self.step(step, n + 1, &mut steps, &mut taken)?;
        }
        if taken.is_empty() {
            let external = flow.value("externalLink").is_some();
            return Err(if external { ImportError::External } else { ImportError::NoQuestions });
        }
        let rules = self.rules(&mut taken)?;
        let mut questions = taken.into_iter().map(|taken| taken.question);
        let mut whole: Vec<Step> = Vec::with_capacity(steps.len());
        for (id, title, count) in steps {
            whole.push(Step { id, title, questions: questions.by_ref().take(count).collect() });
        }
        if let (Some(about), Some(first)) = (about, whole.first_mut()) {
            first.questions.insert(0, about);
        }
        self.demands(flow);
        let (paper_forms, files) = self.paper_forms(flow, &name);
        let id = defaults.id.clone().unwrap_or_else(|| {
            let slug = names::slug(&name);
            if slug.is_empty() { "e-tjanst".to_owned() } else { slug }
        });
        let definition = Definition {
            format: 1,
            id,
            version: defaults.version,
            hash: String::new(),
            summary,
            category: defaults.category.clone(),
            unit: defaults.unit.clone(),
            keywords: self.words(flow, "Tags", "tag"),
            contact: self.contact(flow, &defaults.contact),
            oral_filing: defaults.oral_filing,
            retention: defaults.retention.clone(),
            checklist: self.words(flow, "Checks", "check"),
            source: Some(Source {
                system: "oeflow".to_owned(),
                reference: reference(flow),
                statuses: self.statuses(flow),
            }),
            paper_forms,
            steps: whole,
            rules,
            name,
        };
        let definition = load::checked(definition)?;
        Ok(Imported { definition, report: std::mem::take(&mut self.report), files })
    }

    /// Adds the step as its id, title and number of questions, and its questions.
    fn step<'t, 'a>(
        &mut self,
        step: Node<'t, 'a>,
        number: usize,
        steps: &mut Vec<(String, String, usize)>,
        taken: &mut Vec<Taken<'t, 'a>>,
    ) -> Result<(), ImportError> {
        let mut title = names::label(step.value("name").unwrap_or_default());
        let place = format!("Steps/Step[{number}] ({})", texts::short(&title));
        let descriptors = step.listed("QueryDescriptors", "QueryDescriptor");
        if descriptors.is_empty() {
            self.add(Outcome::Approximated, &place, Finding::EmptyStep);
            return Ok(());
        }
        if taken.len().saturating_add(descriptors.len()) > QUESTIONS_MAX {
            return Err(ImportError::Limit { place, limit: Limit::Questions, max: QUESTIONS_MAX });
        }
        if title.is_empty() {
            title = format!("Steg {number}");
            self.add(Outcome::Approximated, &place, Finding::Unnamed { used: title.clone() });
        }
        steps.push((format!("steg-{number}"), title, descriptors.len()));
        let prefix = format!("{place}/");
        taken.extend(descriptors.into_iter().map(|descriptor| self.query(descriptor, &prefix)));
        Ok(())
    }

    fn add(&mut self, outcome: Outcome, place: &str, finding: Finding) {
        self.report.add(outcome, place, finding);
    }

    fn part(&mut self, place: &str, count: usize) {
        if count > 0 {
            self.add(Outcome::Taken, place, Finding::Part { part: place.to_owned(), count });
        }
    }

    /// The summary, and a question that says the rest.
    fn descriptions(&mut self, flow: Node<'_, '_>, name: &str) -> (String, Option<Question>) {
        let short = self.marked(flow.child("shortDescription"), "shortDescription");
        let long = self.marked(flow.child("longDescription"), "longDescription");
        let said = [&short, &long].into_iter().find(|text| !text.is_empty());
        let summary = match said {
            Some(text) => summary(text),
            None => {
                self.add(Outcome::Approximated, "Flow", Finding::SummaryAssumed);
                name.to_owned()
            }
        };
        let id = self.ids.take(ABOUT);
        let about = (!long.is_empty()).then(|| Question {
            id,
            label: "Om e-tjänsten".to_owned(),
            help: None,
            ask: None,
            state: QuestionState::Visible,
            sensitivity: crate::Sensitivity::Ordinary,
            protected_policy: crate::ProtectedPolicy::Ask,
            role: None,
            source: None,
            kind: Kind::Information { text: long },
        });
        self.part("longDescription", usize::from(about.is_some()));
        (summary, about)
    }

    /// Each word or line once.
    fn words(&mut self, flow: Node<'_, '_>, list: &str, name: &str) -> Vec<String> {
        let mut seen = HashSet::new();
        let written = flow.child(list).into_iter().flat_map(Node::children);
        let written = written.filter(|child| child.name() == name).map(|child| names::label(child.text()));
        let words: Vec<String> =
            written.filter(|word| !word.is_empty() && seen.insert(word.clone())).collect();
        self.part(list, words.len());
        words
    }

    fn statuses(&mut self, flow: Node<'_, '_>) -> Vec<SourceStatus> {
        let status = |status: Node<'_, '_>| {
            Some(SourceStatus {
                id: names::label(status.value("statusID")?),
                name: names::label(status.value("name")?),
                content_type: names::label(status.value("contentType")?),
            })
        };
        let statuses: Vec<_> = flow.listed("Statuses", "Status").into_iter().filter_map(status).collect();
        self.part("Statuses", statuses.len());
        statuses
    }

    /// Only the contact that is published with the e-service: the file names its staff in other places too.
    fn contact(&mut self, flow: Node<'_, '_>, default: &Contact) -> Contact {
        let family = flow.child("FlowFamily");
        let said = |name: &str| Some(names::label(family?.value(name)?)).filter(|text| !text.is_empty());
        match said("contactName") {
            Some(name) => {
                self.add(Outcome::Taken, "FlowFamily", Finding::ContactTaken);
                let (phone, email) = (said("contactPhone"), said("contactEmail"));
                let hours = if phone.is_none() { default.hours.clone() } else { None };
                Contact { name, phone: phone.unwrap_or_else(|| default.phone.clone()), email, hours }
            }
            None => {
                self.add(Outcome::Approximated, "FlowFamily", Finding::ContactAssumed);
                default.clone()
            }
        }
    }

    /// What is demanded of those who fill in the form on the web.
    fn demands(&mut self, flow: Node<'_, '_>) {
        for (flag, finding) in [
            ("requireAuthentication", Finding::RequiresAuthentication),
            ("requireSigning", Finding::RequiresSigning),
            ("paymentSupportEnabled", Finding::RequiresPayment),
        ] {
            if flow.flag(flag) {
                self.add(Outcome::Approximated, "Flow", finding);
            }
        }
        if let Some(value) = flow.value("submittedMessage") {
            self.left_out("Flow", "submittedMessage", value);
        }
    }
}

/// The first words of a marked text as plain text.
fn summary(marked: &str) -> String {
    let blocks = crate::rich::read(marked);
    let plain = crate::rich::plain(&blocks);
    let line = plain.lines().next().unwrap_or_default();
    match line.char_indices().nth(SUMMARY_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line.to_owned(),
    }
}

/// `flowFamilyID` stays when a new version is published there, `flowID` does not.
fn reference(flow: Node<'_, '_>) -> Option<String> {
    let family = flow.child("FlowFamily").and_then(|family| family.value("flowFamilyID"));
    let ids =
        [("flowFamilyID", family), ("flowID", flow.value("flowID")), ("version", flow.value("version"))];
    let ids = ids.into_iter().filter_map(|(name, id)| Some(format!("{name}={}", names::id(id?))));
    Some(ids.collect::<Vec<_>>().join(" ")).filter(|reference| !reference.is_empty())
}
