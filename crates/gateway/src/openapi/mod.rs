//! The API as an OpenAPI 3.1 document. Shapes come from the wire's types; what is said of each route stands in
//! [`operations`], and tests hold it against the router and against real answers.

mod operations;

use ledsaga_protocol::{Problem, SCHEMA, header};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use operations::{Answer, Body, Operation};

/// The whole document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut shapes = settings.into_generator();
    let problem = shapes.subschema_for::<Problem>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all(&mut shapes) {
        let (path, method) = (operation.path, operation.method);
        paths.entry(path).or_insert_with(|| json!({}))[method] = described(operation, &problem);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ledsaga gateway",
            "summary": "The municipal API that the Ledsaga application speaks to",
            "description": INTRODUCTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "paths": paths,
        "components": {
            "schemas": shapes.take_definitions(true),
            "securitySchemes": {
                "worker": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of the issuer that GET /v1/about names, for the audience named there.",
                },
            },
            "headers": {
                "Product": { "description": "ledsaga-gateway/VERSION", "required": true, "schema": { "type": "string" } },
                "Schema": { "description": "The wire's version", "required": true, "schema": { "const": SCHEMA.to_string() } },
                "RetryAfter": { "description": "Seconds to wait", "schema": { "type": "string", "pattern": "^[0-9]+$" } },
            },
        },
    })
}

const INTRODUCTION: &str = "Every answer carries `ledsaga-product` and `ledsaga-schema`, and repeats a `ledsaga-request` \
    that is a UUID. Every answer that is no success is a problem (RFC 9457) with a stable `code`. A body that is too \
    large is 413, too many requests are 429, and 503 is overload, maintenance or the end of the process; 429 and 503 \
    carry `Retry-After`.";

fn described(operation: Operation, problem: &Value) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": operation.parameters,
        "responses": {},
    });
    if operation.signed_in {
        described["security"] = json!([{ "worker": [] }]);
    }
    match operation.body {
        Body::None => {}
        Body::Json(schema) => {
            described["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        }
        Body::Bytes => {
            described["requestBody"] =
                json!({ "required": true, "content": { (header::CHUNK_TYPE): { "schema": {} } } });
        }
    }
    let head = operation.method == "head";
    for Answer { status, meaning, schema, headers } in operation.answers {
        let mut answer = json!({ "description": meaning, "headers": ours() });
        for (name, schema) in headers {
            answer["headers"][name] = json!({ "required": true, "schema": schema });
        }
        if let Some(schema) = schema {
            answer["content"] = json!({ "application/json": { "schema": schema } });
        }
        described["responses"][status.to_string()] = answer;
    }
    for (status, meaning) in operation.problems {
        described["responses"][status.to_string()] = refusal(meaning, problem, head);
    }
    described["responses"]["default"] = refusal("Any other problem", problem, head);
    described
}

fn refusal(meaning: &str, problem: &Value, head: bool) -> Value {
    let mut headers = ours();
    headers["retry-after"] = json!({ "$ref": "#/components/headers/RetryAfter" });
    let mut refusal = json!({ "description": meaning, "headers": headers });
    if !head {
        refusal["content"] = json!({ (Problem::MEDIA_TYPE): { "schema": problem } });
    }
    refusal
}

fn ours() -> Value {
    json!({
        (header::PRODUCT): { "$ref": "#/components/headers/Product" },
        (header::SCHEMA): { "$ref": "#/components/headers/Schema" },
    })
}

/// The shape of a type of the wire.
fn shape<T: schemars::JsonSchema>(shapes: &mut SchemaGenerator) -> Value {
    shapes.subschema_for::<T>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every reference of the document leads somewhere.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(target) if name == "$ref" => found.push(target.clone()),
                        _ => references(field, found),
                    }
                }
            }
            Value::Array(parts) => parts.iter().for_each(|part| references(part, found)),
            _ => {}
        }
    }

    #[test]
    fn nothing_is_named_that_is_not_there() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for target in found {
            assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
        }
    }

    #[test]
    fn each_operation_has_an_id_of_its_own() {
        let document = document();
        let mut ids: Vec<&str> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|path| path.as_object().unwrap().values())
            .map(|operation| operation["operationId"].as_str().unwrap())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
