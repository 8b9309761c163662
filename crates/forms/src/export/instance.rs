//! A case as instance XML in the style of Open ePlatform, for systems that read its cases.

use std::fmt;

use crate::{Answer, Answers, Definition, FileRef, Kind, Question, Row, normal};

/// The namespace of Open ePlatform's own schema for instances.
const NAMESPACE: &str = "http://www.oeplatform.org/version/2.0/schemas/flowinstance";
/// Bytes in the name of an element; more than any of Open ePlatform's.
const NAME_MAX: usize = 255;

/// What is known of a case besides its answers.
#[derive(Clone, PartialEq, Eq)]
pub struct InstanceHeader {
    pub case_number: String,
    /// When it was received, as the receiver writes it.
    pub submitted_at: String,
    /// Who filed it; not said of a person whom it must not name.
    pub poster: Option<Person>,
    pub owners: Vec<Person>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub first_name: String,
    pub last_name: String,
    /// Twelve digits.
    pub identity_number: Option<String>,
}

/// Says nothing: it is about persons.
impl fmt::Debug for InstanceHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstanceHeader(..)")
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(..)")
    }
}

/// The case as XML 1.0, UTF-8, the answers in the definition's order.
///
/// Only questions that have an element's name in their source are there, as in the source's own export. A question of
/// several fields has an element for each field; of a group with more rows each is a `Row`, which is our own. Files are
/// named; their contents are elsewhere. Characters that XML cannot hold are left out, and a name that is none is
/// `Answer`.
pub fn instance_xml(definition: &Definition, answers: &Answers, header: &InstanceHeader) -> String {
    let mut xml = Xml { out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned() };
    xml.out.push_str(&format!("\n<FlowInstance xmlns=\"{NAMESPACE}\">"));
    xml.within("Header", |xml| xml.header(definition, header));
    xml.within("Values", |xml| {
        for question in definition.steps.iter().flat_map(|step| &step.questions) {
            xml.value(question, answers);
        }
    });
    xml.out.push_str("</FlowInstance>\n");
    xml.out
}

struct Xml {
    out: String,
}

impl Xml {
    fn within(&mut self, element: &str, content: impl FnOnce(&mut Self)) {
        let name = if is_name(element) { element } else { "Answer" };
        self.out.push_str(&format!("<{name}>"));
        content(self);
        self.out.push_str(&format!("</{name}>"));
    }

    fn leaf(&mut self, element: &str, text: &str) {
        self.within(element, |xml| {
            for c in text.chars().filter(|&c| is_allowed(c)) {
                match c {
                    '<' => xml.out.push_str("&lt;"),
                    // Also in `]]>`, which text may not hold.
                    '>' => xml.out.push_str("&gt;"),
                    '&' => xml.out.push_str("&amp;"),
                    // Else a reader takes it for the end of a line.
                    '\r' => xml.out.push_str("&#13;"),
                    c => xml.out.push(c),
                }
            }
        });
    }

    fn header(&mut self, definition: &Definition, header: &InstanceHeader) {
        let source = definition.source.as_ref();
        self.within("Flow", |xml| {
            // As the importer keeps them: `flowFamilyID=1 flowID=2 version=3`.
            let reference = source.and_then(|source| source.reference.as_deref()).unwrap_or_default();
            let known = |name: &str| {
                reference.split(' ').filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name)
            };
            for (name, element) in
                [("flowFamilyID", "FamilyID"), ("version", "Version"), ("flowID", "FlowID")]
            {
                known(name).iter().for_each(|(_, value)| xml.leaf(element, value));
            }
            xml.leaf("Name", &definition.name);
        });
        self.leaf("FlowInstanceID", &header.case_number);
        let statuses = source.map(|source| source.statuses.as_slice()).unwrap_or_default();
        if let Some(status) = statuses.iter().find(|status| status.content_type == "SUBMITTED") {
            self.within("Status", |xml| {
                xml.leaf("ID", &status.id);
                xml.leaf("Name", &status.name);
            });
        }
        header.poster.iter().for_each(|poster| self.person("Poster", poster));
        header.owners.iter().for_each(|owner| self.person("Owner", owner));
        for moment in ["Posted", "FirstSubmitted", "LastSubmitted"] {
            self.leaf(moment, &header.submitted_at);
        }
    }

    fn person(&mut self, element: &str, person: &Person) {
        self.within(element, |xml| {
            xml.leaf("Firstname", &person.first_name);
            xml.leaf("Lastname", &person.last_name);
            if let Some(number) = &person.identity_number {
                xml.leaf("SocialSecurityNumber", number);
            }
        });
    }

    fn value(&mut self, question: &Question, answers: &Answers) {
        let (Some(source), Some(answer)) = (&question.source, answers.get(&question.id)) else { return };
        let Some(element) = &source.element else { return };
        self.within(element, |xml| {
            xml.leaf("QueryID", &source.id);
            xml.leaf("Name", &question.label);
            match (&question.kind, answer) {
                (Kind::Group { questions, max_rows: 1, .. }, Answer::Rows { rows }) => {
                    rows.iter().for_each(|row| xml.fields(questions, row));
                }
                (Kind::Group { questions, .. }, Answer::Rows { rows }) => {
                    for row in rows {
                        xml.within("Row", |xml| xml.fields(questions, row));
                    }
                }
                (kind, answer) => xml.answer(kind, answer, source.field.as_deref().unwrap_or("Value")),
            }
        });
    }

    fn fields(&mut self, questions: &[Question], row: &Row) {
        for question in questions {
            let element = question.source.as_ref().and_then(|source| source.element.as_deref());
            if let (Some(element), Some(answer)) = (element, row.answers.get(&question.id)) {
                self.answer(&question.kind, answer, element);
            }
        }
    }

    /// What is answered, each value as an element of this name.
    fn answer(&mut self, kind: &Kind, answer: &Answer, element: &str) {
        match answer {
            Answer::Text { text } => self.leaf(element, text),
            Answer::Choice { choices: made, other } => {
                let choices = normal::choices_of(kind).map(|(choices, _)| choices).unwrap_or_default();
                for choice in choices.iter().filter(|choice| made.contains(&choice.id)) {
                    self.leaf(element, choice.value.as_deref().unwrap_or(&choice.label));
                }
                other.iter().for_each(|text| self.leaf("TextAlternative", text));
            }
            Answer::Confirmed => {
                if let Kind::Confirm { statement, .. } = kind {
                    self.leaf(element, statement);
                }
            }
            Answer::Files { files } => files.iter().for_each(|file| self.file(file)),
            Answer::Rows { .. } => {}
        }
    }

    fn file(&mut self, file: &FileRef) {
        self.within("File", |xml| {
            xml.leaf("ID", &file.id);
            xml.leaf("Name", &file.name);
            xml.leaf("Size", &file.size.to_string());
        });
    }
}

/// An element's name without a prefix. Fewer signs than XML allows, all that Open ePlatform makes.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_MAX
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// XML 1.0, production 2.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
