//! The wire as others read it: these texts may only change together with the schema's version.

use ledsaga_protocol::{
    AuditBody, AuditHead, CallerBody, ContactBody, Problem, ReceiptBody, SubmissionBody, UploadBody,
    UploadStatus, audit, code, digest,
};
use serde_json::{Value, json};

fn submission() -> Value {
    json!({
        "schema": 1,
        "id": "019a2b3c-0000-7000-8000-000000000001",
        "contact": "019a2b3c-0000-7000-8000-000000000002",
        "service": {"id": "fardtjanst", "version": 3, "hash": "ab"},
        "answers": {
            "namn": {"type": "text", "text": "Tolvan Exempel"},
            "ja": {"type": "confirmed"},
            "val": {"type": "choice", "choices": ["a"]},
        },
        "secrecy_marking": true,
        "contact_started_at": "2026-11-22T08:00:00Z",
        "confirmed_at": "2026-11-22T08:09:00Z",
        "declared_at": "2026-11-22T08:10:00Z",
        "identity_level": "stated",
        "scribe": {"subject": "demo-astrid", "name": "Astrid Exempel"},
    })
}

fn contact() -> Value {
    json!({
        "schema": 1,
        "id": "019a2b3c-0000-7000-8000-000000000002",
        "rev": 4,
        "started_at": "2026-11-22T08:00:00Z",
        "ended_at": null,
        "asked_for": "Färdtjänst",
        "note": "Ringer igen i morgon",
        "caller": {
            "name": "Tolvan Exempel",
            "phone": "+46701740605",
            "identity_number": "191212121212",
            "identity_level": "stated",
            "language": "swedish",
        },
        "secrecy_marking": false,
    })
}

#[test]
fn a_submission_reads_and_writes_as_the_same_json() {
    let body: SubmissionBody = serde_json::from_value(submission()).unwrap();
    assert_eq!(serde_json::to_value(&body).unwrap(), submission());
}

#[test]
fn a_submission_with_more_or_less_than_its_fields_is_refused() {
    let mut more = submission();
    more["extra"] = json!(1);
    assert!(serde_json::from_value::<SubmissionBody>(more).is_err());
    for field in submission().as_object().unwrap().keys() {
        let mut less = submission();
        less.as_object_mut().unwrap().remove(field);
        assert!(serde_json::from_value::<SubmissionBody>(less).is_err(), "without {field}");
    }
}

#[test]
fn the_same_submission_has_the_same_bytes() {
    let body: SubmissionBody = serde_json::from_value(submission()).unwrap();
    let bytes = serde_json::to_vec(&body).unwrap();
    let again: SubmissionBody = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(serde_json::to_vec(&again).unwrap(), bytes);
}

#[test]
fn a_contact_record_reads_and_writes_as_the_same_json() {
    let body: ContactBody = serde_json::from_value(contact()).unwrap();
    assert_eq!(serde_json::to_value(&body).unwrap(), contact());
}

#[test]
fn debug_output_says_nothing_of_anybody() {
    let contact: ContactBody = serde_json::from_value(contact()).unwrap();
    let caller: &CallerBody = &contact.caller;
    let submission: SubmissionBody = serde_json::from_value(submission()).unwrap();
    let upload = UploadBody {
        id: contact.id,
        name: "intyg Tolvan Exempel.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        size: 1,
        sha256: "00".to_owned(),
    };
    let mut log = audit_run();
    log["events"][0] = json!(r#"{"reason":"Tolvan bad om det"}"#);
    let log: AuditBody = serde_json::from_value(log).unwrap();
    let said = format!("{contact:?} {caller:?} {:?} {upload:?} {log:?}", submission.answers);
    for secret in ["Tolvan", "1912", "4670174", "Ringer", "rdtj"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}

#[test]
fn a_receipt_without_supplements_reads_as_complete() {
    let receipt: ReceiptBody = serde_json::from_value(json!({
        "submission": "019a2b3c-0000-7000-8000-000000000001",
        "digest": "ab",
        "case_number": "EXB-2026-7K3F-9Q",
        "received_at": "2026-11-22T08:11:00.123Z",
        "proof": "a.b.c",
    }))
    .unwrap();
    assert!(receipt.to_supplement.is_empty());
}

#[test]
fn a_problem_has_the_shape_of_rfc_9457() {
    let mut problem = Problem::new(422, code::ANSWERS_INVALID, "Svaren följer inte formuläret.");
    assert_eq!(
        serde_json::to_value(&problem).unwrap(),
        json!({
            "type": "https://ledsaga.se/problems/answers_invalid",
            "title": "Svaren följer inte formuläret.",
            "status": 422,
            "code": "answers_invalid",
        })
    );
    problem.questions = vec!["barn/1/namn".to_owned()];
    let read: Problem = serde_json::from_value(serde_json::to_value(&problem).unwrap()).unwrap();
    assert_eq!(read, problem);
}

#[test]
fn an_upload_stands_at_an_offset_in_bytes() {
    let status: UploadStatus =
        serde_json::from_value(json!({"id": "019a2b3c-0000-7000-8000-000000000001", "offset": 1048576}))
            .unwrap();
    assert_eq!(status.offset, 1 << 20);
}

fn audit_run() -> Value {
    json!({
        "schema": 1,
        "vault": "019a2b3c-0000-7000-8000-000000000001",
        "first": 7,
        "previous": "ab".repeat(32),
        "events": ["{\"action\":\"viewed\"}"],
        "head": "cd".repeat(32),
    })
}

#[test]
fn a_run_of_a_log_reads_and_writes_as_the_same_json_and_has_no_other_fields() {
    let body: AuditBody = serde_json::from_value(audit_run()).unwrap();
    assert_eq!(serde_json::to_value(&body).unwrap(), audit_run());
    let mut more = audit_run();
    more["extra"] = json!(1);
    assert!(serde_json::from_value::<AuditBody>(more).is_err());
}

#[test]
fn a_log_stands_at_an_event() {
    let head = json!({"vault": "019a2b3c-0000-7000-8000-000000000001", "seq": 7, "hash": "ab"});
    let read: AuditHead = serde_json::from_value(head.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), head);
}

#[test]
fn hashes_of_a_log_are_those_of_the_golden_file() {
    let golden: Value = serde_json::from_str(include_str!("golden/audit-chain.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let hex = |hash: [u8; 32]| hash.map(|byte| format!("{byte:02x}")).concat();
    let mut hash = audit::start(text(&golden["vault"]).parse().unwrap());
    assert_eq!(hex(hash), golden["start"]);
    for link in golden["links"].as_array().unwrap() {
        hash = audit::link(link["seq"].as_u64().unwrap(), &hash, text(&link["event"]).as_bytes());
        assert_eq!(hex(hash), link["hash"]);
    }
}

#[test]
fn digests_are_those_of_the_standards() {
    // RFC 9530, appendix B.1, and FIPS 180-4's "abc".
    let example = b"{\"hello\": \"world\"}\n";
    assert_eq!(digest::header(example), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    assert_eq!(digest::hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_digest_header_names_these_bytes_or_it_does_not_match() {
    let right = digest::header(b"abc");
    assert!(digest::matches(&right, b"abc"));
    assert!(digest::matches(&format!("sha-512=:AAAA:, {right}"), b"abc"));
    assert!(!digest::matches(&right, b"abd"));
    assert!(!digest::matches("", b"abc"));
    assert!(!digest::matches("sha-256=ba7816bf", b"abc"));
    assert!(!digest::matches(&right.replace("sha-256", "sha-512"), b"abc"));
}
