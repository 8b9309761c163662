//! Taking over e-services that other systems describe, with a report of what became of every part.
//!
//! What is imported was written by others: nothing of it is run, followed or fetched, and a result has passed the same
//! checks as a definition that is loaded.

mod encoding;
mod html;
mod json_schema;
mod names;
mod oeflow;
mod report;
mod xml;

pub use json_schema::json_schema;
pub use oeflow::{oeflow, oequery};
pub use report::{Entry, Finding, ImportError, Limit, Live, Outcome, Report};

use crate::{Contact, Definition, OralFiling, Question, Retention, ServiceId};

/// What a source file may not say about the e-service.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// Made of the name when there is none.
    pub id: Option<ServiceId>,
    pub version: u32,
    pub category: String,
    pub unit: String,
    /// Used where the file names no published contact.
    pub contact: Contact,
    pub oral_filing: OralFiling,
    pub retention: Retention,
}

/// An e-service as taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// As [`crate::load`] would give it, with its hash.
    pub definition: Definition,
    pub report: Report,
    /// The contents of the definition's paper forms.
    pub files: Vec<ImportedFile>,
}

/// A file to be kept beside the definition.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// As [`crate::PaperForm::file`].
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A single question as taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedQuestion {
    pub question: Question,
    pub report: Report,
}

/// Without the content.
impl std::fmt::Debug for ImportedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportedFile").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}
