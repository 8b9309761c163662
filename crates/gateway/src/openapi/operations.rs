//! What each route takes and answers.

use ledsaga_protocol::{
    About, AuditBody, AuditHead, CaseBody, ChangesBody, ContactBody, LONGEST_WAIT, ReceiptBody, ServicesBody,
    SubmissionBody, UploadBody, UploadStatus, header,
};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::shape;

pub struct Operation {
    pub path: &'static str,
    pub method: &'static str,
    pub id: &'static str,
    pub summary: &'static str,
    pub signed_in: bool,
    pub parameters: Vec<Value>,
    pub body: Body,
    pub answers: Vec<Answer>,
    pub problems: Vec<(u16, &'static str)>,
}

pub enum Body {
    None,
    Json(Value),
    Bytes,
}

pub struct Answer {
    pub status: u16,
    pub meaning: &'static str,
    pub schema: Option<Value>,
    pub headers: Vec<(&'static str, Value)>,
}

impl Operation {
    fn new(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            path,
            method,
            id,
            summary,
            signed_in: false,
            parameters: Vec::new(),
            body: Body::None,
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn signed_in(mut self) -> Self {
        self.signed_in = true;
        self.fails(401, "No valid access token").fails(426, "The application is too old")
    }

    fn with(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    fn takes(mut self, body: Body) -> Self {
        self.body = body;
        self.fails(400, "Not of the shape").fails(413, "Too large")
    }

    fn gives(mut self, status: u16, meaning: &'static str, schema: Option<Value>) -> Self {
        self.answers.push(Answer { status, meaning, schema, headers: Vec::new() });
        self
    }

    /// The answer before has this header too.
    fn named(mut self, name: &'static str, schema: Value) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push((name, schema));
        }
        self
    }

    fn fails(mut self, status: u16, meaning: &'static str) -> Self {
        self.problems.push((status, meaning));
        self
    }
}

fn in_path(name: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn in_head(name: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "required": true, "schema": schema })
}

fn uuid(name: &str) -> Value {
    in_path(name, json!({ "type": "string", "format": "uuid" }))
}

fn digest() -> Value {
    in_head(header::CONTENT_DIGEST, json!({ "type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$" }))
}

fn etag() -> (&'static str, Value) {
    ("etag", json!({ "type": "string" }))
}

fn offset() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+$" })
}

/// Every operation of every route, in the order of the router.
pub fn all(shapes: &mut SchemaGenerator) -> Vec<Operation> {
    let said = |word: &str| json!({ "type": "object", "properties": { "status": { "const": word } }, "required": ["status"] });
    let get = |path, id, summary| Operation::new("get", path, id, summary);
    let receipt = shape::<ReceiptBody>(shapes);
    let audit = shape::<AuditHead>(shapes);
    let upload = shape::<UploadStatus>(shapes);
    let if_none_match = || json!({ "name": "if-none-match", "in": "header", "schema": { "type": "string" } });
    vec![
        get("/health", "health", "The process runs").gives(200, "It does", Some(said("ok"))),
        get("/ready", "ready", "Requests can be handled")
            .gives(200, "They can", Some(said("ready")))
            .fails(503, "Stopping, or without database or issuer"),
        get("/v1/about", "about", "What the application needs to know before sign-in")
            .gives(200, "Municipality, issuer and policy", Some(shape::<About>(shapes))),
        get("/v1/openapi.json", "openapi", "This document").gives(
            200,
            "OpenAPI 3.1",
            Some(json!({ "type": "object", "required": ["openapi", "paths"] })),
        ),
        get("/v1/receipt-keys", "receiptKeys", "The keys that receipts are signed with").gives(
            200,
            "A JWK set (RFC 7517)",
            Some(json!({ "type": "object", "required": ["keys"], "properties": {
                "keys": { "type": "array", "items": { "type": "object", "required": ["kty", "crv", "x", "y", "kid"] } },
            } })),
        ),
        get("/v1/services", "services", "The newest version of every e-service")
            .signed_in()
            .with(if_none_match())
            .gives(200, "As published", Some(shape::<ServicesBody>(shapes)))
            .named(etag().0, etag().1)
            .gives(304, "Not changed", None)
            .named(etag().0, etag().1),
        get("/v1/services/{id}/{version}", "service", "One version of an e-service, retired ones too")
            .signed_in()
            .with(in_path("id", json!({ "type": "string", "pattern": "^[a-z0-9-]{1,100}$" })))
            .with(in_path("version", json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })))
            .with(if_none_match())
            .gives(200, "As published", Some(json!({ "type": "object" })))
            .named(etag().0, etag().1)
            .gives(304, "Not changed", None)
            .named(etag().0, etag().1)
            .fails(404, "There is none"),
        Operation::new("put", "/v1/submissions/{id}", "submit", "Makes a case of a submission, once")
            .signed_in()
            .with(uuid("id"))
            .with(in_head(header::IDEMPOTENCY_KEY, json!({ "type": "string", "pattern": "^\"[0-9a-fA-F-]{36}\"$" })))
            .with(digest())
            .takes(Body::Json(shape::<SubmissionBody>(shapes)))
            .gives(201, "A new case", Some(receipt.clone()))
            .gives(200, "The receipt of before", Some(receipt.clone()))
            .fails(403, "Not the worker's to submit")
            .fails(409, "It is being handled right now")
            .fails(410, "It was withdrawn")
            .fails(422, "Other content under the same id, or not what the e-service asks for")
            .fails(424, "A file has not arrived"),
        get("/v1/submissions/{id}", "submission", "Whether a submission has become a case")
            .signed_in()
            .with(uuid("id"))
            .gives(200, "It has", Some(receipt))
            .fails(404, "It has not, or is not the worker's")
            .fails(410, "It was withdrawn"),
        Operation::new("delete", "/v1/submissions/{id}", "withdraw", "Takes a submission back before it is a case")
            .signed_in()
            .with(uuid("id"))
            .gives(204, "It never becomes a case", None)
            .fails(403, "Not the worker's to take back")
            .fails(404, "It is not the worker's")
            .fails(409, "It is a case"),
        get("/v1/changes", "changes", "What happened to the worker's own cases, as it happens")
            .signed_in()
            .with(json!({ "name": "cursor", "in": "query", "schema": { "type": "string", "maxLength": 200 },
                          "description": "As the answer before gave it" }))
            .with(json!({ "name": "wait", "in": "query", "schema": { "type": "integer", "minimum": 0 },
                          "description": format!("Seconds to wait for a change, at most {LONGEST_WAIT}") }))
            .gives(200, "What came after the cursor", Some(shape::<ChangesBody>(shapes)))
            .fails(400, "The cursor is none of ours")
            .fails(403, "Not a worker who has cases"),
        get("/v1/cases/{case_number}", "case", "How a case stands")
            .signed_in()
            .with(in_path("case_number", json!({ "type": "string" })))
            .gives(200, "Without what is in it", Some(shape::<CaseBody>(shapes)))
            .fails(404, "There is none, or the worker may not see it"),
        Operation::new("put", "/v1/contacts/{id}", "putContact", "Keeps the record of a call")
            .signed_in()
            .with(uuid("id"))
            .takes(Body::Json(shape::<ContactBody>(shapes)))
            .gives(204, "It is kept", None)
            .fails(403, "Not the worker's to keep")
            .fails(404, "It is not the worker's")
            .fails(422, "Other content under the same revision"),
        get("/v1/audit/{vault}", "auditHead", "How far a log is here")
            .signed_in()
            .with(uuid("vault"))
            .gives(200, "The last event", Some(audit.clone()))
            .fails(404, "There is none, or it is not the worker's"),
        Operation::new("put", "/v1/audit/{vault}/{first}", "putAudit", "Adds a run of events to a log")
            .signed_in()
            .with(uuid("vault"))
            .with(in_path("first", json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX })))
            .with(digest())
            .takes(Body::Json(shape::<AuditBody>(shapes)))
            .gives(201, "They are kept", Some(audit.clone()))
            .gives(200, "They were here", Some(audit))
            .fails(403, "An event is not the worker's")
            .fails(404, "The log is not the worker's")
            .fails(409, "Events before these are missing")
            .fails(422, "The log is another one, or was changed"),
        Operation::new("post", "/v1/uploads", "beginUpload", "Begins to send a file, or finds it again")
            .signed_in()
            .takes(Body::Json(shape::<UploadBody>(shapes)))
            .gives(201, "It begins", Some(upload.clone()))
            .gives(200, "It had begun", Some(upload))
            .fails(403, "Not the worker's to send")
            .fails(422, "Other content under the same id"),
        Operation::new("head", "/v1/uploads/{id}", "uploadStatus", "How much of a file is here")
            .signed_in()
            .with(uuid("id"))
            .gives(204, "So much", None)
            .named(header::UPLOAD_OFFSET, offset())
            .fails(403, "Not the worker's to send")
            .fails(404, "There is none, or it is not the worker's"),
        Operation::new("patch", "/v1/uploads/{id}", "appendUpload", "Sends a part of a file")
            .signed_in()
            .with(uuid("id"))
            .with(in_head(header::UPLOAD_OFFSET, offset()))
            .with(digest())
            .takes(Body::Bytes)
            .gives(204, "So much is here", None)
            .named(header::UPLOAD_OFFSET, offset())
            .fails(403, "Not the worker's to send")
            .fails(404, "There is none, or it is not the worker's")
            .fails(409, "It goes on at another place")
            .fails(415, "Not a part of a file"),
        Operation::new("delete", "/v1/uploads/{id}", "removeUpload", "Takes a file back that no case has asked for")
            .signed_in()
            .with(uuid("id"))
            .gives(204, "It is gone", None)
            .fails(403, "A case has it")
            .fails(404, "There is none, or it is not the worker's"),
    ]
}
