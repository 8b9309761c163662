//! Which field of a question keeps it from being of the kind that it says.

use serde_json::{Map, Value, json};

use super::Judged;
use crate::{Kind, Reason};

/// Serde takes whatever does not fit a known kind for an unknown one; here the two are told apart.
pub(super) fn unknown(fields: &Map<String, Value>) -> Judged {
    let kind = fields.get("kind").and_then(Value::as_str).ok_or(Reason::NoKind)?;
    let Some(least) = least(kind) else { return Ok(()) };
    let named = |field: &String| (kind.to_owned(), field.clone());
    if let Some((kind, field)) = least.keys().find(|&field| !fields.contains_key(field)).map(named) {
        return Err(Reason::KindFieldMissing { kind, field });
    }
    // Whichever field alone spoils a question that has nothing but what its kind needs.
    let spoils = |(field, value): &(&String, &Value)| {
        let mut question = least.clone();
        question.insert((*field).clone(), (*value).clone());
        matches!(serde_json::from_value(Value::Object(question)), Ok(Kind::Unknown(_)) | Err(_))
    };
    let field = fields.iter().find(spoils).map_or("kind", |(field, _)| field).to_owned();
    Err(Reason::KindFieldType { kind: kind.to_owned(), field })
}

/// A known kind with the fields that it cannot do without; none for a kind that is not known.
fn least(kind: &str) -> Option<Map<String, Value>> {
    let needs = match kind {
        "text" | "note" | "text_area" | "number" | "money" | "date" | "time" => json!({}),
        "personal_identity_number" | "organisation_number" | "phone" | "email" | "postcode" | "address" => {
            json!({})
        }
        "radio" | "drop_down" | "checkbox" => json!({ "choices": [] }),
        "other_identity_number" => json!({ "domain": "" }),
        "files" => json!({ "max_count": 1, "max_size": 1, "types": [] }),
        "group" => json!({ "row_label": "", "questions": [], "max_rows": 1 }),
        "information" | "stop" => json!({ "text": "" }),
        "confirm" => json!({ "statement": "" }),
        _ => return None,
    };
    let Value::Object(mut least) = needs else { return None };
    least.insert("kind".to_owned(), json!(kind));
    Some(least)
}
