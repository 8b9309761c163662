//! One form and its answers in the language of each engine.

pub mod form_js;
pub mod formio;
pub mod ours;
pub mod survey;

use serde_json::{Value as Json, json};

use crate::form::choice;

/// Choices as `{"<id>": .., "<label>": ..}`.
fn choices(count: usize, id: &str, label: &str) -> Json {
    (0..count).map(|index| json!({ id: choice(index), label: format!("Alternativ {}", index + 1) })).collect()
}

/// Adds the fields of `more` to those of `object`.
fn with(mut object: Json, more: Json) -> Json {
    if let (Json::Object(fields), Json::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    object
}
