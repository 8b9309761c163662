//! Every route, every role, every kind of case: what is answered. What a worker may not see is answered like what does
//! not exist, to the byte.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use ledsaga_protocol::{audit, digest};
use reqwest::Response;
use serde_json::{Value, json};
use support::{Town, service};
use uuid::Uuid;

const ROLES: [&[&str]; 7] =
    [&["agent"], &["case_officer"], &["team_lead"], &["auditor"], &["admin"], &["auditor", "admin"], &[]];
const SERVICE: &str = "prov-a";

/// Whose or which one is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Own,
    /// One's own, with a secrecy marking.
    OwnMarked,
    Others,
    /// Somebody else's, with a secrecy marking.
    Marked,
    Missing,
}
use Thing::{Marked, Missing, Others, Own, OwnMarked};

/// One worker's things at the gateway, and nobody's.
struct Things {
    own: Made,
    own_marked: Made,
    others: Made,
    marked: Made,
}

struct Made {
    submission: Uuid,
    case_number: String,
    contact: Uuid,
    upload: Uuid,
    vault: Uuid,
}

type IdOf = fn(&Made) -> Uuid;

struct Visitor<'a> {
    town: &'a Town,
    token: String,
    subject: &'static str,
}

fn visitor<'a>(town: &'a Town, subject: &'static str, roles: &[&str]) -> Visitor<'a> {
    let mut claims = town.claims();
    claims["sub"] = json!(subject);
    claims["roles"] = json!(roles);
    let token = town.issuer_key().sign("at+jwt", &claims).unwrap();
    Visitor { town, token, subject }
}

impl Visitor<'_> {
    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, String)],
    ) -> Response {
        let request =
            self.town.http.request(method.parse().unwrap(), self.town.at(path)).bearer_auth(&self.token);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let request = match body {
            Some(body) => request.header("content-digest", digest::header(&body)).body(body),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send("GET", path, None, &[]).await
    }

    async fn put_submission(&self, id: Uuid, marked: bool) -> Response {
        let path = format!("/v1/services/{SERVICE}/1");
        let hash: Value = visitor(self.town, "anybody", &[]).get(&path).await.json().await.unwrap();
        let body = json!({
            "schema": 1, "id": id, "contact": Uuid::now_v7(),
            "service": {"id": SERVICE, "version": 1, "hash": hash["hash"]},
            "answers": {"namn": {"type": "text", "text": "Tolvan Exempel"}},
            "secrecy_marking": marked,
            "contact_started_at": "2026-11-22T08:00:00Z", "confirmed_at": "2026-11-22T08:05:00Z",
            "declared_at": "2026-11-22T08:05:00Z", "identity_level": "stated",
            "scribe": {"subject": self.subject, "name": "Namn"},
        });
        let key = [("idempotency-key", format!("\"{id}\""))];
        self.send("PUT", &format!("/v1/submissions/{id}"), Some(body.to_string().into()), &key).await
    }

    async fn put_contact(&self, id: Uuid) -> Response {
        let body = json!({
            "schema": 1, "id": id, "rev": 1, "started_at": "2026-11-22T08:00:00Z", "asked_for": "", "note": "",
            "caller": {"name": "", "phone": "", "identity_number": "", "identity_level": "none", "language": "swedish"},
            "secrecy_marking": false,
        });
        self.send("PUT", &format!("/v1/contacts/{id}"), Some(body.to_string().into()), &[]).await
    }

    async fn post_upload(&self, id: Uuid) -> Response {
        let body = json!({
            "id": id, "name": "a.pdf", "media_type": "application/pdf", "size": 3, "sha256": digest::hex(b"abc"),
        });
        self.send("POST", "/v1/uploads", Some(body.to_string().into()), &[]).await
    }

    async fn put_audit(&self, vault: Uuid) -> Response {
        let event = json!({"id": Uuid::now_v7(), "worker": self.subject}).to_string();
        let start = audit::start(vault);
        let head = audit::link(1, &start, event.as_bytes());
        let body = json!({
            "schema": 1, "vault": vault, "first": 1, "previous": hex::encode(start), "events": [event],
            "head": hex::encode(head),
        });
        self.send("PUT", &format!("/v1/audit/{vault}/1"), Some(body.to_string().into()), &[]).await
    }

    /// One of everything.
    async fn make(&self, marked: bool) -> Made {
        let [submission, contact, upload, vault] = [(); 4].map(|()| Uuid::now_v7());
        let receipt = self.put_submission(submission, marked).await;
        assert_eq!(receipt.status(), 201);
        let receipt: Value = receipt.json().await.unwrap();
        let case_number = receipt["case_number"].as_str().unwrap().to_owned();
        let made =
            [self.put_contact(contact).await, self.post_upload(upload).await, self.put_audit(vault).await];
        for answer in made {
            assert!(answer.status().is_success(), "{} {}", answer.status(), answer.text().await.unwrap());
        }
        Made { submission, case_number, contact, upload, vault }
    }
}

impl Things {
    async fn at(town: &Town) -> Self {
        let (own, other) = (visitor(town, "demo-astrid", &["agent"]), visitor(town, "demo-bo", &["agent"]));
        Self {
            own: own.make(false).await,
            own_marked: own.make(true).await,
            others: other.make(false).await,
            marked: other.make(true).await,
        }
    }

    fn id(&self, thing: Thing, of: IdOf) -> Uuid {
        match thing {
            Own => of(&self.own),
            OwnMarked => of(&self.own_marked),
            Others => of(&self.others),
            Marked => of(&self.marked),
            Missing => Uuid::now_v7(),
        }
    }

    fn case(&self, thing: Thing) -> String {
        let case_number = match thing {
            Own => &self.own.case_number,
            OwnMarked => &self.own_marked.case_number,
            Others => &self.others.case_number,
            Marked => &self.marked.case_number,
            Missing => "EXB-finns-inte",
        };
        format!("/v1/cases/{case_number}")
    }
}

/// What an answer says, but for the time.
async fn shape(answer: Response) -> (u16, Vec<(String, Vec<u8>)>, Vec<u8>) {
    let headers = answer
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    (answer.status().as_u16(), headers, answer.bytes().await.unwrap().to_vec())
}

async fn town() -> Town {
    Town::start(&[("a.json", service(SERVICE, 1))]).await
}

/// By role: agent, case officer, team lead, auditor, admin, auditor and admin, none.
type Row<const N: usize> = [u16; N];
const ALL: Row<7> = [200; 7];

#[tokio::test]
async fn whoever_is_signed_in_reads_the_catalogue() {
    let town = town().await;
    for (path, expected) in [
        ("/v1/services".to_owned(), ALL),
        (format!("/v1/services/{SERVICE}/1"), ALL),
        (format!("/v1/services/{SERVICE}/2"), [404; 7]),
    ] {
        for (roles, expected) in ROLES.iter().zip(expected) {
            let answer = visitor(&town, "demo-astrid", roles).get(&path).await;
            assert_eq!(answer.status(), expected, "{path} for {roles:?}");
        }
        assert_eq!(town.get(&path).send().await.unwrap().status(), 401, "{path} without a token");
    }
    for path in ["/health", "/ready", "/v1/about", "/v1/receipt-keys"] {
        assert_eq!(town.get(path).send().await.unwrap().status(), 200, "{path} needs no token");
    }
}

#[tokio::test]
async fn who_works_here_hands_in_and_nobody_else() {
    let town = town().await;
    let works: Row<7> = [1, 1, 1, 0, 0, 0, 0];
    for (roles, works) in ROLES.iter().zip(works) {
        let worker = visitor(&town, "demo-astrid", roles);
        let answers = [
            ("submission", worker.put_submission(Uuid::now_v7(), false).await, 201),
            ("contact", worker.put_contact(Uuid::now_v7()).await, 204),
            ("upload", worker.post_upload(Uuid::now_v7()).await, 201),
        ];
        for (what, answer, accepted) in answers {
            let expected = if works == 1 { accepted } else { 403 };
            assert_eq!(answer.status(), expected, "{what} by {roles:?}");
        }
        // A log may be handed in by whoever has anything to do here.
        let expected = if roles.is_empty() { 403 } else { 201 };
        assert_eq!(worker.put_audit(Uuid::now_v7()).await.status(), expected, "log by {roles:?}");
    }
}

/// The receipt is for the one who sent it; how a case stands is another question.
#[tokio::test]
async fn a_receipt_is_read_by_its_worker_alone() {
    let town = town().await;
    let things = Things::at(&town).await;
    for (thing, expected) in [(Own, ALL), (Others, [404; 7]), (Marked, [404; 7]), (Missing, [404; 7])] {
        for (roles, expected) in ROLES.iter().zip(expected) {
            let id = things.id(thing, |made| made.submission);
            let answer = visitor(&town, "demo-astrid", roles).get(&format!("/v1/submissions/{id}")).await;
            assert_eq!(answer.status(), expected, "{thing:?} for {roles:?}");
        }
    }
}

/// A caller gets whoever answers; a marking leaves nobody but its own worker and the team leads (OSL 22:1, 21:3).
#[tokio::test]
async fn how_a_case_stands_is_seen_by_those_who_answer_its_caller() {
    let town = town().await;
    let things = Things::at(&town).await;
    let works: Row<7> = [200, 200, 200, 404, 404, 404, 404];
    let leads: Row<7> = [404, 404, 200, 404, 404, 404, 404];
    for (thing, expected) in
        [(Own, works), (OwnMarked, works), (Others, works), (Marked, leads), (Missing, [404; 7])]
    {
        for (roles, expected) in ROLES.iter().zip(expected) {
            let answer = visitor(&town, "demo-astrid", roles).get(&things.case(thing)).await;
            assert_eq!(answer.status(), expected, "{thing:?} for {roles:?}");
        }
    }
}

#[tokio::test]
async fn a_worker_follows_their_own_cases_alone() {
    let town = town().await;
    let things = Things::at(&town).await;
    let own = [things.own.submission, things.own_marked.submission].map(|id| id.to_string());
    let works: Row<7> = [200, 200, 200, 403, 403, 403, 403];
    for (roles, expected) in ROLES.iter().zip(works) {
        let answer = visitor(&town, "demo-astrid", roles).get("/v1/changes").await;
        assert_eq!(answer.status(), expected, "{roles:?}");
        if expected == 200 {
            let body: Value = answer.json().await.unwrap();
            let changes = body["changes"].as_array().unwrap();
            assert!(!changes.is_empty(), "the counter-test: there is something to hear of");
            for change in changes {
                let submission = change["submission"].as_str().unwrap().to_owned();
                assert!(own.contains(&submission), "somebody else's case for {roles:?}");
            }
        }
    }
}

/// What has been accepted is not taken back; what never came is taken back beforehand. A role that may not submit may not
/// take back.
#[tokio::test]
async fn a_submission_is_taken_back_by_its_worker_alone() {
    let town = town().await;
    let things = Things::at(&town).await;
    let own: Row<7> = [409, 409, 409, 403, 403, 403, 403];
    let others: Row<7> = [404, 404, 404, 403, 403, 403, 403];
    let missing: Row<7> = [204, 204, 204, 403, 403, 403, 403];
    for (thing, expected) in [(Own, own), (Others, others), (Marked, others), (Missing, missing)] {
        for (roles, expected) in ROLES.iter().zip(expected) {
            let path = format!("/v1/submissions/{}", things.id(thing, |made| made.submission));
            let answer = visitor(&town, "demo-astrid", roles).send("DELETE", &path, None, &[]).await;
            assert_eq!(answer.status(), expected, "{thing:?} for {roles:?}");
        }
    }
}

#[tokio::test]
async fn a_log_is_read_by_its_worker_and_by_auditors() {
    let town = town().await;
    let things = Things::at(&town).await;
    let auditors: Row<7> = [404, 404, 404, 200, 404, 200, 404];
    for (thing, expected) in [(Own, ALL), (Others, auditors), (Missing, [404; 7])] {
        for (roles, expected) in ROLES.iter().zip(expected) {
            let id = things.id(thing, |made| made.vault);
            let answer = visitor(&town, "demo-astrid", roles).get(&format!("/v1/audit/{id}")).await;
            assert_eq!(answer.status(), expected, "{thing:?} for {roles:?}");
        }
    }
}

#[tokio::test]
async fn an_upload_is_its_workers_alone() {
    let town = town().await;
    let things = Things::at(&town).await;
    let own: Row<7> = [204, 204, 204, 403, 403, 403, 403];
    let not_own: Row<7> = [404, 404, 404, 403, 403, 403, 403];
    for (thing, expected) in [(Own, own), (Others, not_own), (Missing, not_own)] {
        for (roles, expected) in ROLES.iter().zip(expected) {
            let worker = visitor(&town, "demo-astrid", roles);
            let path = format!("/v1/uploads/{}", things.id(thing, |made| made.upload));
            let status = worker.send("HEAD", &path, None, &[]).await;
            assert_eq!(status.status(), expected, "HEAD {thing:?} for {roles:?}");
            if thing != Own {
                assert_eq!(
                    worker.send("DELETE", &path, None, &[]).await.status(),
                    expected,
                    "{thing:?} {roles:?}"
                );
                let chunk = [
                    ("content-type", "application/partial-upload".to_owned()),
                    ("upload-offset", "0".to_owned()),
                ];
                let append = worker.send("PATCH", &path, Some(b"abc".to_vec()), &chunk).await;
                assert_eq!(append.status(), expected, "PATCH {thing:?} for {roles:?}");
            }
        }
    }
}

/// Nobody learns from an answer whether there is something that they may not see.
#[tokio::test]
async fn what_is_there_for_others_is_answered_like_what_is_not_there() {
    let town = town().await;
    let things = Things::at(&town).await;
    let of: [(&str, &str, IdOf); 4] = [
        ("GET", "/v1/submissions/", |made| made.submission),
        ("GET", "/v1/audit/", |made| made.vault),
        ("HEAD", "/v1/uploads/", |made| made.upload),
        ("DELETE", "/v1/uploads/", |made| made.upload),
    ];
    for (method, path, id) in of {
        for roles in [&["agent"][..], &["case_officer"], &["team_lead"]] {
            let worker = visitor(&town, "demo-astrid", roles);
            let answer = async |thing| {
                let path = format!("{path}{}", things.id(thing, id));
                shape(worker.send(method, &path, None, &[]).await).await
            };
            let missing = answer(Missing).await;
            assert_eq!(missing.0, 404);
            assert!(answer(Others).await == missing, "{method} {path} for {roles:?}");
            assert!(answer(Marked).await == missing, "{method} {path} for {roles:?}, marked");
        }
    }
    for roles in [&["agent"][..], &["case_officer"], &["auditor"], &["admin"], &[]] {
        let worker = visitor(&town, "demo-astrid", roles);
        let answer = async |thing| shape(worker.get(&things.case(thing)).await).await;
        assert!(answer(Marked).await == answer(Missing).await, "a marked case for {roles:?}");
    }
    let worker = visitor(&town, "demo-astrid", &["agent"]);
    let own = worker.get(&format!("/v1/submissions/{}", things.own.submission)).await;
    assert_eq!(own.status(), 200, "the counter-test");
    // A contact under somebody else's id is refused as if the id could not be used, and says nothing of it.
    assert_eq!(worker.put_contact(things.others.contact).await.status(), 404);
    assert_eq!(worker.put_contact(things.own.contact).await.status(), 204);
}
