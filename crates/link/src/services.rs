//! The catalogue: definitions one by one, so that a broken one takes no other with it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use ledsaga_core::catalogue::{Catalogue, Skipped};
use ledsaga_protocol::ServicesBody;
use serde_json::Value;

use crate::encode::to_json;

pub fn catalogue(body: ServicesBody, etag: String, fetched_at: Timestamp) -> Catalogue {
    let mut catalogue =
        Catalogue { etag, fetched_at, definitions: Vec::new(), kept: Vec::new(), skipped: Vec::new() };
    let mut seen = BTreeSet::new();
    for (index, raw) in body.services.iter().enumerate() {
        let read = ledsaga_forms::load(&to_json(raw)).map_err(|error| error.to_string());
        match read {
            Ok(definition) if seen.insert((definition.id.clone(), definition.version)) => {
                catalogue.definitions.push(definition);
            }
            Ok(definition) => catalogue.skipped.push(Skipped {
                name: definition.id,
                reason: format!("version {} is there twice", definition.version),
            }),
            Err(reason) => catalogue.skipped.push(Skipped { name: name(raw, index), reason }),
        }
    }
    catalogue
}

/// What a form owner recognises it by.
fn name(raw: &Value, index: usize) -> String {
    raw.get("id").and_then(Value::as_str).map_or_else(|| format!("#{}", index + 1), str::to_owned)
}
