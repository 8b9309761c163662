//! Forms as JSON Schema (draft 2020-12) with a UI schema, as Sundsvall's forms are.
//!
//! `$ref` is followed within the file only. Places in the report are JSON pointers into the schema.

mod json;
mod kinds;
mod rules;
mod shape;
mod view;

use std::collections::HashSet;

use self::{
    json::{Json, below},
    view::View,
};
use super::{
    Defaults, Finding, ImportError, Imported, Limit, Outcome, Report, html,
    names::{self, Names},
};
use crate::{Definition, Place, Question, QuestionState, Source, Step, load};

/// Bytes of each file; forms have some tens of thousands.
const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Values in each file.
const VALUES_MAX: usize = 50_000;
/// As many as a definition may have. What `$ref` brings is counted each time.
const QUESTIONS_MAX: usize = 5_000;
/// Objects in objects.
const DEPTH_MAX: usize = 16;
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Characters of a summary made of a longer text.
const SUMMARY_MAX: usize = 300;
/// Characters of what the report repeats.
const VALUE_MAX: usize = 80;

/// Takes over a form that is written as JSON Schema.
///
/// # Errors
/// The files are not JSON, too large or of another draft; a `$ref` leads nowhere or in a circle; or nothing is asked.
pub fn json_schema(
    schema: &[u8],
    ui_schema: Option<&[u8]>,
    defaults: &Defaults,
) -> Result<Imported, ImportError> {
    let schema = read(schema, "schema")?;
    let ui = ui_schema.map(|ui| read(ui, "ui-schema")).transpose()?.unwrap_or(Json::Null);
    let draft = schema.get("$schema").and_then(Json::text).map(|draft| draft.trim_end_matches('#'));
    match draft {
        Some(DRAFT) => {}
        Some(other) => {
            return Err(ImportError::WrongRoot { found: short(other), expected: DRAFT.to_owned() });
        }
        None => return Err(missing("$schema")),
    }
    let name = names::label(schema.get("title").and_then(Json::text).unwrap_or_default());
    if name.is_empty() {
        return Err(missing("title"));
    }
    let mut taking =
        Taking { root: &schema, report: Report::default(), ids: Names::default(), asked: 0, bytes: 0 };
    let described = schema.get("description").and_then(Json::text).map(names::label);
    let summary = match described.filter(|text| !text.is_empty()) {
        Some(text) => text.chars().take(SUMMARY_MAX).collect(),
        None => {
            taking.add(Outcome::Approximated, "", Finding::SummaryAssumed);
            name.clone()
        }
    };
    let (steps, rules) = taking.form(&ui, &name)?;
    let slug = names::slug(&name);
    let id = defaults.id.clone().unwrap_or(if slug.is_empty() { "e-tjanst".to_owned() } else { slug });
    let definition = Definition {
        format: 1,
        id,
        version: defaults.version,
        hash: String::new(),
        name,
        summary,
        category: defaults.category.clone(),
        unit: defaults.unit.clone(),
        keywords: Vec::new(),
        contact: defaults.contact.clone(),
        oral_filing: defaults.oral_filing,
        retention: defaults.retention.clone(),
        checklist: Vec::new(),
        source: Some(Source {
            system: "json-schema".to_owned(),
            reference: schema.get("$id").and_then(Json::text).map(names::label).filter(|id| !id.is_empty()),
            statuses: Vec::new(),
        }),
        paper_forms: Vec::new(),
        steps,
        rules,
    };
    let definition = load::checked(definition)?;
    Ok(Imported { definition, report: taking.report, files: Vec::new() })
}

fn read(bytes: &[u8], file: &str) -> Result<Json, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge { bytes: bytes.len(), max: BYTES_MAX });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let syntax =
        |error: serde_json::Error| ImportError::Syntax { place: file.to_owned(), reason: reason(&error) };
    let json: Json = serde_json::from_slice(bytes).map_err(syntax)?;
    if json.size() > VALUES_MAX {
        return Err(ImportError::Limit { place: file.to_owned(), limit: Limit::Elements, max: VALUES_MAX });
    }
    Ok(json)
}

/// Where, and not what: the content is others'.
fn reason(error: &serde_json::Error) -> String {
    format!("no JSON at line {}, column {}", error.line(), error.column())
}

fn missing(what: &str) -> ImportError {
    ImportError::Missing { place: Place::new(), what: what.to_owned() }
}

fn short(value: &str) -> String {
    names::label(value).chars().take(VALUE_MAX).collect()
}

/// What has been taken over so far.
struct Taking<'a> {
    root: &'a Json,
    report: Report,
    ids: Names,
    /// Questions so far.
    asked: usize,
    /// Bytes of text so far.
    bytes: usize,
}

/// A question with the property that it was.
struct Asked<'a> {
    property: &'a str,
    question: Question,
    /// Only a branch of a rule has it.
    of_branch: bool,
}

impl<'a> Taking<'a> {
    fn add(&mut self, outcome: Outcome, place: &str, finding: Finding) {
        self.report.add(outcome, place, finding);
    }

    fn left_out(&mut self, place: &str, keyword: &str) {
        self.add(Outcome::Approximated, place, Finding::KeywordLeftOut { keyword: short(keyword) });
    }

    fn too_complex(&mut self, place: &str, keyword: &str) {
        self.add(Outcome::Approximated, place, Finding::KeywordTooComplex { keyword: short(keyword) });
    }

    /// HTML or plain text as marked text; empty when there is none.
    fn marked(&mut self, text: &str, place: &str) -> String {
        let marked = html::marked(text);
        for finding in marked.findings {
            self.add(Outcome::Approximated, place, finding);
        }
        marked.text
    }

    fn form(&mut self, ui: &'a Json, name: &str) -> Result<(Vec<Step>, Vec<crate::Rule>), ImportError> {
        let root = self.view(self.root, "")?;
        let mut asked = self.questions(&root, ui, "", 0)?;
        let branches = self.branches(&root)?;
        let mut known: HashSet<&'a str> = root
            .all("properties")
            .into_iter()
            .flat_map(Json::fields)
            .map(|(name, _)| name.as_str())
            .collect();
        for branch in &branches {
            asked.extend(self.questions_of(branch, &mut known, ui)?);
        }
        if asked.is_empty() {
            return Err(ImportError::NoQuestions);
        }
        in_order(&mut asked, ui);
        let steps = self.sections(ui, &asked, name);
        // Rules look at the order in which questions stand in the steps.
        let standing: Vec<&Asked<'_>> =
            steps.iter().flat_map(|(_, members)| members).filter_map(|&index| asked.get(index)).collect();
        let rules = self.rules(&branches, &standing)?;
        // Hidden until the branch is taken; where no rule could be made of it, it is asked.
        let ruled: HashSet<&String> = rules.iter().flat_map(|rule| &rule.targets).collect();
        for asked in asked.iter_mut().filter(|asked| asked.of_branch && ruled.contains(&asked.question.id)) {
            asked.question.state = QuestionState::Hidden;
        }
        let mut questions: Vec<Option<Question>> =
            asked.into_iter().map(|asked| Some(asked.question)).collect();
        let steps = steps.into_iter().enumerate().map(|(n, (title, members))| Step {
            id: format!("steg-{}", n + 1),
            title,
            questions: members.into_iter().filter_map(|index| questions.get_mut(index)?.take()).collect(),
        });
        Ok((steps.collect(), rules))
    }

    /// Steps by `ui:sections`: titles and which questions, each once. What no section names comes last.
    fn sections(&mut self, ui: &Json, asked: &[Asked<'_>], name: &str) -> Vec<(String, Vec<usize>)> {
        let mut left: HashSet<usize> = (0..asked.len()).collect();
        let mut steps = Vec::new();
        let sections = view::option(ui, "sections").map(Json::list).unwrap_or_default();
        for (n, section) in sections.iter().enumerate() {
            let place = format!("ui:sections/{n}");
            let title = names::label(section.get("title").and_then(Json::text).unwrap_or_default());
            let fields = ["fields", "properties", "items"].iter().find_map(|key| section.get(key));
            let mut members = Vec::new();
            for field in fields.map(Json::list).unwrap_or_default().iter().filter_map(Json::text) {
                match asked.iter().position(|asked| asked.property == field) {
                    Some(index) if left.remove(&index) => members.push(index),
                    Some(_) => {}
                    None => self.add(
                        Outcome::NotUnderstood,
                        &place,
                        Finding::FieldMissing { field: short(field) },
                    ),
                }
            }
            if members.is_empty() {
                self.add(Outcome::Approximated, &place, Finding::EmptyStep);
            } else {
                let title = if title.is_empty() { format!("Steg {}", n + 1) } else { title };
                steps.push((title, members));
            }
        }
        let mut rest: Vec<usize> = left.into_iter().collect();
        rest.sort_unstable();
        if !rest.is_empty() {
            let title = if steps.is_empty() { name } else { "Övrigt" };
            steps.push((title.to_owned(), rest));
        }
        steps
    }

    /// The questions of an object's properties.
    fn questions(
        &mut self,
        object: &View<'a>,
        ui: &'a Json,
        place: &str,
        depth: usize,
    ) -> Result<Vec<Asked<'a>>, ImportError> {
        if depth > DEPTH_MAX {
            return Err(ImportError::Limit { place: place.to_owned(), limit: Limit::Depth, max: DEPTH_MAX });
        }
        let required = object.names("required");
        let mut asked = Vec::new();
        let mut seen = HashSet::new();
        let at = below(place, "properties");
        for (property, schema) in object.all("properties").into_iter().flat_map(Json::fields) {
            if !seen.insert(property.as_str()) {
                continue;
            }
            let place = below(&at, property);
            let schema = self.view(schema, &place)?;
            let ui = ui.get(property).unwrap_or(&Json::Null);
            let required = required.contains(property.as_str());
            let made = self.question(property, &schema, ui, required, &place, depth)?;
            asked.extend(made.into_iter().map(|question| Asked { property, question, of_branch: false }));
        }
        if depth > 0 {
            in_order(&mut asked, ui);
        }
        Ok(asked)
    }
}

/// By `ui:order`: those that it names, and the others where it says `*`.
fn in_order(asked: &mut [Asked<'_>], ui: &Json) {
    let Some(order) = view::option(ui, "order").map(Json::list) else { return };
    let place = |property: &str| order.iter().position(|named| named.text() == Some(property));
    let others = place("*").unwrap_or(order.len());
    asked.sort_by_cached_key(|asked| place(asked.property).unwrap_or(others));
}
