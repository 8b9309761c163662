//! What schemas of the definition format are made of.

use serde_json::{Map, Value, json};

/// A field: its name, schema, whether it must be there, and what it is.
pub(super) type Field = (&'static str, Value, bool, &'static str);

pub(super) fn needed(name: &'static str, schema: Value, about: &'static str) -> Field {
    (name, schema, true, about)
}

pub(super) fn optional(name: &'static str, schema: Value, about: &'static str) -> Field {
    (name, schema, false, about)
}

/// Something is said.
pub(super) fn words() -> Value {
    json!({ "type": "string", "pattern": r"\S" })
}

pub(super) fn sha256() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

pub(super) fn whole(min: u64, max: u64) -> Value {
    json!({ "type": "integer", "minimum": min, "maximum": max })
}

/// Without an upper limit: 2^64 is more than editors count to.
pub(super) fn whole_from(min: u64) -> Value {
    json!({ "type": "integer", "minimum": min })
}

pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

pub(super) fn filled(items: Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

/// Left out and `null` mean the same.
pub(super) fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

pub(super) fn one_of(values: &[(&str, &str)]) -> Value {
    let each: Vec<Value> =
        values.iter().map(|(value, about)| json!({ "const": value, "description": about })).collect();
    json!({ "oneOf": each })
}

pub(super) fn with_default(mut schema: Value, default: &str) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert("default".to_owned(), json!(default));
    }
    schema
}

pub(super) fn object(about: &str, fields: Vec<Field>) -> Value {
    let required: Vec<&str> =
        fields.iter().filter(|(_, _, needed, _)| *needed).map(|(name, ..)| *name).collect();
    let property = |(name, mut schema, _, about): Field| {
        if let Value::Object(fields) = &mut schema {
            fields.insert("description".to_owned(), json!(about));
        }
        (name.to_owned(), schema)
    };
    let properties: Map<String, Value> = fields.into_iter().map(property).collect();
    json!({
        "description": about, "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}
