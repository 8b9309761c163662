//! What can be used but had better be changed. Few and useful: each is explained in docs/e-tjanster.md.

use std::{collections::HashSet, path::Path};

use ledsaga_forms::{Definition, Kind, OralFiling, ProtectedPolicy, Question, QuestionState, Sensitivity};
use sha2::{Digest, Sha256};

use super::{file, words};

/// Characters of a label that still fits on a line and is said in one breath.
const LABEL_MAX: usize = 100;
/// How a value begins that an import could not know.
pub const PLACEHOLDER: &str = "FYLL I";

/// One thing to look at.
#[derive(Debug, PartialEq, Eq)]
pub struct Advice {
    /// In Swedish; empty for the whole.
    pub place: String,
    pub about: About,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    Placeholder,
    NoChecklist,
    NoKeywords,
    LongLabel {
        length: usize,
    },
    SameLabel {
        label: String,
    },
    /// A sensitive question that the worker has to word alone.
    NoAsk,
    /// Files cannot be said on the phone.
    FilesUnsaid,
    /// Identity numbers and ways to reach a person that are not masked.
    NotProtected,
    /// An address or postcode that a protected person is asked for.
    AddressAsked,
    /// A phone number or e-mail address that a protected person is asked for.
    ContactAsked,
    NeverShown,
    /// Must be whole to be sent, and has a question that nobody can answer here.
    RequiredUnknown {
        kind: String,
    },
    PaperFormMissing {
        file: String,
    },
    PaperFormOther {
        file: String,
    },
}

pub fn of(definition: &Definition) -> Vec<Advice> {
    let mut found = Vec::new();
    let mut note = |place: String, about: About| found.push(Advice { place, about });
    for (place, text) in [
        ("category", &definition.category),
        ("unit", &definition.unit),
        ("contact.name", &definition.contact.name),
        ("contact.phone", &definition.contact.phone),
    ] {
        if text.starts_with(PLACEHOLDER) {
            note(words::place(place), About::Placeholder);
        }
    }
    if definition.checklist.is_empty() {
        note(String::new(), About::NoChecklist);
    }
    if definition.keywords.is_empty() {
        note(String::new(), About::NoKeywords);
    }
    let reached: HashSet<&str> =
        definition.rules.iter().flat_map(|rule| &rule.targets).map(String::as_str).collect();
    for (s, step) in definition.steps.iter().enumerate() {
        let place = |q: usize, question: &Question| {
            words::place(&format!("steps[{s}].questions[{q}] ({})", question.id))
        };
        let mut labels = HashSet::new();
        for (q, question) in step.questions.iter().enumerate() {
            let mut all: Vec<About> = of_question(question, definition, &reached);
            all.extend(same_label(&mut labels, question));
            all.into_iter().for_each(|about| note(place(q, question), about));
            let Kind::Group { questions, .. } = &question.kind else { continue };
            let mut labels = HashSet::new();
            for (m, member) in questions.iter().enumerate() {
                let place = format!("steps[{s}].questions[{q}].questions[{m}] ({})", member.id);
                let mut all = of_question(member, definition, &reached);
                all.extend(same_label(&mut labels, member));
                all.into_iter().for_each(|about| note(words::place(&place), about));
            }
        }
    }
    found
}

/// Paper forms are kept beside the definition, as they were when it was made.
pub fn of_paper_forms(definition: &Definition, definition_path: &Path) -> Vec<Advice> {
    let folder = definition_path.parent().unwrap_or(Path::new(""));
    let about = |form: &ledsaga_forms::PaperForm| {
        let named = form.file.clone();
        match file::read(&folder.join(&form.file), form.size) {
            Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == form.sha256 => None,
            Ok(_) | Err(file::FileError::TooLarge { .. }) => Some(About::PaperFormOther { file: named }),
            Err(_) => Some(About::PaperFormMissing { file: named }),
        }
    };
    let found = definition.paper_forms.iter().enumerate();
    found
        .filter_map(|(p, form)| {
            Some(Advice {
                place: words::place(&format!("paper_forms[{p}] ({})", form.name)),
                about: about(form)?,
            })
        })
        .collect()
}

fn of_question(question: &Question, definition: &Definition, reached: &HashSet<&str>) -> Vec<About> {
    let mut found = Vec::new();
    let length = question.label.chars().count();
    if length > LABEL_MAX {
        found.push(About::LongLabel { length });
    }
    let personal = matches!(
        question.kind,
        Kind::PersonalIdentityNumber { .. }
            | Kind::OtherIdentityNumber { .. }
            | Kind::Address
            | Kind::Postcode
            | Kind::Phone
            | Kind::Email
    );
    if personal && question.sensitivity != Sensitivity::Protected {
        found.push(About::NotProtected);
    }
    match (&question.kind, question.protected_policy) {
        (Kind::Address | Kind::Postcode, ProtectedPolicy::Ask) => found.push(About::AddressAsked),
        (Kind::Phone | Kind::Email, ProtectedPolicy::Ask) => found.push(About::ContactAsked),
        _ => {}
    }
    let unsaid = question.ask.as_deref().is_none_or(|ask| ask.trim().is_empty());
    match &question.kind {
        Kind::Files { .. } if unsaid => found.push(About::FilesUnsaid),
        Kind::Information { .. } | Kind::Stop { .. } | Kind::Note | Kind::Group { .. } => {}
        _ if unsaid && (personal || question.sensitivity != Sensitivity::Ordinary) => {
            found.push(About::NoAsk);
        }
        _ => {}
    }
    if question.state == QuestionState::Hidden && !reached.contains(question.id.as_str()) {
        found.push(About::NeverShown);
    }
    if let Kind::Unknown(fields) = &question.kind
        && question.state == QuestionState::VisibleRequired
        && definition.oral_filing != OralFiling::Accepted
    {
        let kind = fields.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        found.push(About::RequiredUnknown { kind });
    }
    found
}

/// Questions that are shown together are told apart by their labels.
fn same_label<'a>(labels: &mut HashSet<&'a str>, question: &'a Question) -> Option<About> {
    let label = question.label.trim();
    (!labels.insert(label)).then(|| About::SameLabel { label: label.to_owned() })
}
