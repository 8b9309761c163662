//! What the tests of the importers share.

#![allow(dead_code, reason = "not every test needs all of it")]

use ledsaga_forms::{
    Contact, Definition, OralFiling, Question, Retention,
    import::{Defaults, Entry, Finding, ImportError, Imported, oeflow},
    load, to_json,
};

pub fn defaults() -> Defaults {
    Defaults {
        id: None,
        version: 3,
        category: "Kultur och fritid".to_owned(),
        unit: "Tekniska nämnden".to_owned(),
        contact: Contact {
            name: "Kontaktcenter".to_owned(),
            phone: "070-1740605".to_owned(),
            email: None,
            hours: Some("8–16".to_owned()),
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 30, protected_draft_days: 7 },
    }
}

/// What is taken over could just as well have been loaded.
pub fn import(bytes: &[u8]) -> Result<Imported, ImportError> {
    let imported = oeflow(bytes, &defaults())?;
    assert_eq!(load(&to_json(&imported.definition)).as_ref(), Ok(&imported.definition));
    assert_eq!(imported.files.len(), imported.definition.paper_forms.len());
    Ok(imported)
}

/// An e-service of one step.
pub fn flow(queries: &str) -> String {
    format!(
        "<Flow><name>Prov</name><Steps><Step><name>Steg</name><QueryDescriptors>{queries}</QueryDescriptors></Step></Steps></Flow>"
    )
}

/// A question that is required, with its settings and rules.
pub fn query(id: u32, settings: &str, rules: &str) -> String {
    format!(
        "<QueryDescriptor><queryID>{id}</queryID><name>Fråga {id}</name><sortIndex>{id}</sortIndex>\
         <defaultQueryState>VISIBLE_REQUIRED</defaultQueryState><exported>true</exported>\
         <EvaluatorDescriptors>{rules}</EvaluatorDescriptors>{settings}</QueryDescriptor>"
    )
}

pub const YES_NO: &str = "<RadioButtonQuery><Alternatives>\
    <RadioButtonAlternative><alternativeID>1</alternativeID><name>Ja</name></RadioButtonAlternative>\
    <RadioButtonAlternative><alternativeID>2</alternativeID><name>Nej</name></RadioButtonAlternative>\
    </Alternatives></RadioButtonQuery>";

/// A rule that hides what it names when the answer is alternative 1.
pub fn hides(targets: &[u32]) -> String {
    let targets: String = targets.iter().map(|id| format!("<queryID>{id}</queryID>")).collect();
    format!(
        "<EvaluatorDescriptor><name>Dölj</name><enabled>true</enabled><TargetQueryIDs>{targets}</TargetQueryIDs>\
         <QueryStateEvaluator><queryState>HIDDEN</queryState><RequiredAlternativeIDs>\
         <alternativeID>1</alternativeID></RequiredAlternativeIDs></QueryStateEvaluator></EvaluatorDescriptor>"
    )
}

pub fn import_queries(queries: &str) -> Imported {
    import(flow(queries).as_bytes()).unwrap()
}

pub fn one<'d>(definition: &'d Definition, id: &str) -> &'d Question {
    definition.steps.iter().flat_map(|step| &step.questions).find(|question| question.id == id).unwrap()
}

/// What is said about a part of the file.
pub fn findings<'i>(imported: &'i Imported, place: &str) -> Vec<&'i Finding> {
    let about = |entry: &&Entry| entry.place.contains(place);
    imported.report.entries.iter().filter(about).map(|entry| &entry.finding).collect()
}
