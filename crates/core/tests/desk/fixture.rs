//! A desk with an invented catalogue, and the steps of a call.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use ledsaga_core::{
    call::CallChange,
    catalogue::Catalogue,
    clock::Clock,
    desk::{Desk, NewFile},
    error::{DeskError, LinkError},
    memory::{MemoryIndex, MemoryStore},
    ports::{Municipality, Store},
    retention::Limits,
    view::{CallView, CaseStatus, CaseView, LinkState},
    worker::{Role, Worker},
};
use ledsaga_forms::{Answer, Definition, Op, OpKind, speech::Language};
use serde_json::json;
use uuid::Uuid;

use crate::server::{Fate, Server};

pub const PDF: &[u8] = b"%PDF-1.7 ett intyg";

pub struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        "2026-05-03T12:05:00Z".parse().unwrap()
    }
}

pub fn worker() -> Worker {
    Worker {
        issuer: "https://inloggning.exempelby.test".into(),
        subject: "arb-17".into(),
        name: "Vera Vägvisare".into(),
        role: Role::Agent,
    }
}

pub async fn open(store: Arc<dyn Store>, municipality: Arc<dyn Municipality>) -> Result<Desk, DeskError> {
    let index = Arc::new(MemoryIndex::new());
    Desk::open(store, index, municipality, Arc::new(FixedClock), worker(), Limits::default()).await
}

pub fn catalogue() -> Catalogue {
    catalogue_of(vec![ride(1), permit()])
}

pub fn catalogue_of(definitions: Vec<Definition>) -> Catalogue {
    Catalogue {
        etag: format!("\"{}\"", definitions.iter().map(|d| d.version).sum::<u32>()),
        fetched_at: FixedClock.now(),
        definitions,
        kept: vec![],
        skipped: vec![],
    }
}

pub fn load(definition: &serde_json::Value) -> Definition {
    ledsaga_forms::load(&serde_json::to_vec(definition).unwrap()).unwrap()
}

/// May be filed incomplete. Version 2 asks for the date no longer and wants another kind of answer to the reason.
pub fn ride(version: u32) -> Definition {
    let reason = if version == 1 {
        json!({"id": "skal", "kind": "text_area", "label": "Varför behövs resan?", "state": "visible"})
    } else {
        json!({"id": "skal", "kind": "radio", "label": "Varför behövs resan?", "state": "visible",
            "choices": [{"id": "vard", "label": "Vård"}, {"id": "annat", "label": "Annat"}]})
    };
    let mut questions = vec![
        json!({"id": "namn", "kind": "text", "label": "Namn", "sensitivity": "personal"}),
        json!({"id": "personnummer", "kind": "personal_identity_number", "label": "Personnummer"}),
        json!({"id": "telefon", "kind": "phone", "label": "Telefon", "state": "visible"}),
        json!({"id": "adress", "kind": "address", "label": "Adress", "state": "visible"}),
    ];
    let mut more = vec![
        json!({"id": "ledsagare", "kind": "radio", "label": "Behövs ledsagare?",
            "choices": [{"id": "ja", "label": "Ja"}, {"id": "nej", "label": "Nej"}]}),
        reason,
        json!({"id": "intyg", "kind": "files", "label": "Intyg", "state": "visible",
            "max_count": 2, "max_size": 100, "types": ["pdf", "png"]}),
    ];
    if version == 1 {
        more.push(json!({"id": "datum", "kind": "date", "label": "Från vilken dag?", "state": "visible"}));
    } else {
        questions.push(json!({"id": "epost", "kind": "email", "label": "E-post", "state": "visible"}));
    }
    load(&json!({
        "format": 1, "id": "fardtjanst", "version": version, "name": "Färdtjänst",
        "summary": "Resor för den som inte kan åka kollektivt", "category": "Stöd och omsorg",
        "unit": "Exempelnämnden", "keywords": ["taxi", "sjukresa"],
        "contact": {"name": "Färdtjänstenheten", "phone": "070-1740605"},
        "oral_filing": "accepted", "retention": {"draft_days": 30, "protected_draft_days": 1},
        "steps": [
            {"id": "du", "title": "Om dig", "questions": questions},
            {"id": "resa", "title": "Resan", "questions": more},
        ],
    }))
}

/// Must be complete before it is sent.
pub fn permit() -> Definition {
    load(&json!({
        "format": 1, "id": "bygglov", "version": 1, "name": "Bygglov för altan",
        "summary": "Lov att bygga", "category": "Bygga och bo", "unit": "Byggnadsnämnden",
        "contact": {"name": "Bygglovsenheten", "phone": "070-1740606"},
        "oral_filing": "written_required", "retention": {"draft_days": 30, "protected_draft_days": 1},
        "steps": [{"id": "altan", "title": "Altanen", "questions": [
            {"id": "yta", "kind": "number", "label": "Hur stor?", "unit": "kvadratmeter"},
            {"id": "plats", "kind": "text", "label": "Var på tomten?"},
        ]}],
    }))
}

pub fn op(kind: OpKind) -> Op {
    Op { id: Uuid::now_v7().to_string(), kind }
}

pub fn text(question: &str, text: &str) -> Op {
    op(OpKind::Set { question: question.into(), answer: Answer::Text { text: text.into() } })
}

pub fn choice(question: &str, choice: &str) -> Op {
    let answer = Answer::Choice { choices: vec![choice.into()], other: None };
    op(OpKind::Set { question: question.into(), answer })
}

pub fn pdf(name: &str) -> NewFile {
    NewFile { name: name.into(), bytes: PDF.to_vec() }
}

/// Waits until something holds, looking again whenever the desk says that something changed.
pub async fn until<T>(desk: &Desk, what: &str, mut holds: impl AsyncFnMut(&Desk) -> Option<T>) -> T {
    let mut changes = desk.changes();
    let wait = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = holds(desk).await {
                return found;
            }
            changes.changed().await.expect("the desk is open");
        }
    };
    tokio::time::timeout(Duration::from_secs(24 * 3600), wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"))
}

pub async fn has_catalogue(desk: &Desk) {
    until(desk, "a catalogue", async |desk| desk.service("fardtjanst").await.ok()).await;
}

pub async fn case(desk: &Desk, draft: Uuid) -> CaseView {
    let queue = desk.view().await.unwrap().queue;
    let call = queue.iter().find(|row| row.draft == Some(draft)).expect("the case is in the queue").call;
    let view = desk.open_call(call).await.unwrap();
    view.cases.into_iter().find(|case| case.draft == draft).unwrap()
}

/// Waits until a case stands where it is wanted, by the queue.
pub async fn until_status(desk: &Desk, draft: Uuid, wanted: fn(&CaseStatus) -> bool) -> CaseStatus {
    until(desk, "the case's state", async |desk| {
        let queue = desk.view().await.unwrap().queue;
        queue.into_iter().find(|row| row.draft == Some(draft)).and_then(|row| row.case).filter(wanted)
    })
    .await
}

pub async fn received(desk: &Desk, draft: Uuid) -> String {
    match until_status(desk, draft, |s| matches!(s, CaseStatus::Received { .. })).await {
        CaseStatus::Received { case_number, .. } => case_number,
        other => panic!("{other:?}"),
    }
}

/// A call with a filled-in and confirmed case, ready to send.
pub async fn confirmed_case(desk: &Desk) -> (CallView, Uuid) {
    let call = desk.start_call().await.unwrap();
    let name = CallChange::CallerName("Tuva Provsson".into());
    desk.change_call(call.id, vec![name, CallChange::Note("Ringer om resor".into())]).await.unwrap();
    let call = desk.choose_service(call.id, "fardtjanst").await.unwrap();
    let draft = call.cases.last().unwrap().draft;
    let answers = vec![
        text("namn", "Tuva Provsson"),
        text("personnummer", "19990807-2391"),
        text("telefon", "070-174 06 05"),
        choice("ledsagare", "ja"),
    ];
    desk.apply(draft, answers).await.unwrap();
    desk.attach(draft, "intyg", pdf("intyg.pdf")).await.unwrap();
    desk.confirm_read_back(draft, Language::Swedish).await.unwrap();
    (call, draft)
}

/// A desk with its catalogue, on a store and against a municipality of its own.
pub struct World {
    pub desk: Desk,
    pub server: Arc<Server>,
    pub store: Arc<MemoryStore>,
}

pub async fn world() -> World {
    let store = Arc::new(MemoryStore::new());
    let server = Arc::new(Server::new());
    let desk = open(store.clone(), server.clone()).await.unwrap();
    has_catalogue(&desk).await;
    World { desk, server, store }
}

pub fn refused(code: &str) -> Fate {
    Fate::Turned(LinkError::Refused { code: code.into(), questions: vec!["namn".into()] })
}

pub async fn needs_action(desk: &Desk, draft: Uuid) -> (String, bool) {
    match until_status(desk, draft, |s| matches!(s, CaseStatus::NeedsAction { .. })).await {
        CaseStatus::NeedsAction { reason, reopenable } => (reason.code, reopenable),
        other => panic!("{other:?}"),
    }
}

pub async fn link_becomes(desk: &Desk, state: LinkState) {
    until(desk, "the link's state", async |desk| {
        (desk.view().await.unwrap().link.state == state).then_some(())
    })
    .await;
}
