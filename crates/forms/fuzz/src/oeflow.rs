//! Bytes that may be Open ePlatform's.

use ledsaga_forms::{
    Contact, OralFiling, Retention,
    import::{self, Defaults},
    load, to_json,
};

use crate::definition;

/// What is taken over loads, can be filled in, and comes with a report; the same file gives the same.
pub fn oeflow(file: &[u8]) {
    let defaults = Defaults {
        id: None,
        version: 1,
        category: "Prov".to_owned(),
        unit: "Exempelnämnden".to_owned(),
        contact: Contact {
            name: "Exempelby kontaktcenter".to_owned(),
            phone: "070-1740605".to_owned(),
            email: None,
            hours: None,
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 30, protected_draft_days: 1 },
    };
    let imported = import::oeflow(file, &defaults);
    assert!(imported == import::oeflow(file, &defaults), "two outcomes of one file");
    match imported {
        Ok(imported) => {
            let json = to_json(&imported.definition);
            assert!(load(&json).is_ok_and(|again| again == imported.definition), "what is imported loads");
            assert!(!imported.report.entries.is_empty(), "nothing is taken over without a word");
            assert_eq!(imported.files.len(), imported.definition.paper_forms.len());
            definition::fill_in(&imported.definition);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(imported) = import::oequery(file) {
        assert!(!imported.question.label.is_empty());
    }
}
