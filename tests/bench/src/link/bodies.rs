//! An e-service, and cases of it that are about 4 KB each.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use ledsaga_forms::{Answer, Answers, Definition};
use ledsaga_protocol::{CallerBody, ContactBody, SCHEMA, Scribe, ServiceRef, SubmissionBody};
use serde_json::json;
use uuid::Uuid;

pub const SERVICE: &str = "fardtjanst-prov";
const QUESTIONS: usize = 30;
/// Letters of an answer.
const LENGTH: usize = 100;

/// Writes the e-service into a folder that a gateway publishes, and reads it as an application does.
pub fn publish(folder: &Path) -> Result<Definition> {
    fs::create_dir_all(folder)?;
    let questions: Vec<_> = (0..QUESTIONS)
        .map(|n| json!({"id": question(n), "label": format!("Fråga {n}"), "kind": "text", "max_length": 400}))
        .chain([json!({"id": "bild", "label": "Bild", "kind": "files", "state": "visible",
            "max_count": 3, "max_size": 10_000_000, "types": ["png"]})])
        .collect();
    let service = json!({
        "format": 1, "id": SERVICE, "version": 1, "name": "Färdtjänst", "summary": "En e-tjänst för prov",
        "category": "Trafik och gator", "unit": "Tekniska nämnden",
        "contact": { "name": "Kontaktcenter", "phone": "070-1740606" },
        "oral_filing": "accepted", "retention": { "draft_days": 30, "protected_draft_days": 7 },
        "steps": [{ "id": "steg", "title": "Resor", "questions": questions }],
    });
    let json = service.to_string();
    fs::write(folder.join(format!("{SERVICE}.json")), &json)?;
    ledsaga_forms::load(json.as_bytes()).ok().context("the e-service cannot be loaded")
}

pub fn question(number: usize) -> String {
    format!("fraga_{number}")
}

/// The answer to a question: text that does not repeat itself.
pub fn answer(rng: &mut fastrand::Rng) -> String {
    (0..LENGTH / 10).map(|_| format!("{:09x} ", rng.u64(..1 << 36))).collect::<String>().trim_end().to_owned()
}

/// A frozen case, byte for byte.
pub struct Case {
    pub id: Uuid,
    pub bytes: Vec<u8>,
}

pub fn case(definition: &Definition, worker: &str, contact: Uuid, seed: u64) -> Result<Case> {
    let id = Uuid::now_v7();
    let rng = &mut fastrand::Rng::with_seed(seed);
    let answers: Answers =
        (0..QUESTIONS).map(|n| (question(n), Answer::Text { text: answer(rng) })).collect();
    let now = Timestamp::now();
    let bytes = serde_json::to_vec(&SubmissionBody {
        schema: SCHEMA,
        id,
        contact,
        service: ServiceRef {
            id: definition.id.clone(),
            version: definition.version,
            hash: definition.hash.clone(),
        },
        answers,
        secrecy_marking: false,
        contact_started_at: now,
        confirmed_at: now,
        declared_at: now,
        identity_level: "stated".to_owned(),
        scribe: Scribe { subject: worker.to_owned(), name: "Astrid Prov".to_owned() },
    })?;
    Ok(Case { id, bytes })
}

pub fn contact(id: Uuid) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&ContactBody {
        schema: SCHEMA,
        id,
        rev: 2,
        started_at: Timestamp::now(),
        ended_at: None,
        asked_for: "Vill ansöka om färdtjänst".to_owned(),
        note: String::new(),
        caller: CallerBody {
            name: "Kim Exempel".to_owned(),
            phone: "070-1740605".to_owned(),
            identity_number: String::new(),
            identity_level: "stated".to_owned(),
            language: "swedish".to_owned(),
        },
        secrecy_marking: false,
    })?)
}
