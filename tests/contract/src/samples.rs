//! Things to put into a store.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use ledsaga_core::{
    audit::{AuditAction, AuditEvent},
    call::{Call, Caller, IdentityLevel, Language},
    catalogue::{Catalogue, Skipped},
    draft::{CaseState, Confirmation, Draft, Refusal, Revised, Revision, ServicePin},
    outbox::{ItemState, OutboxItem, Task},
    protection::Protection,
    standing::{Stage, Standing},
    submission::{Receipt, Submission},
};
use ledsaga_forms::{Answer, Contact, Definition, FileRef, FormState, OralFiling, Retention, Row, Step};
use uuid::Uuid;

/// What is left of a draft whose case the municipality has.
pub(crate) fn reduced_of(draft: &Draft) -> Draft {
    let submission = Uuid::now_v7();
    let mut left = draft.clone();
    left.form.answers.clear();
    left.form.rev += 1;
    left.set_aside.clear();
    left.state = CaseState::Received { submission, receipt: receipt(submission) };
    left
}

/// An earlier state of a draft.
pub fn revision(draft: &Draft, rev: u64) -> Revision {
    let mut form = draft.form.clone();
    form.rev = rev;
    Revision {
        id: Uuid::now_v7(),
        draft: draft.id,
        at: now(),
        question: Some("namn".into()),
        service: draft.service.clone(),
        form,
        set_aside: vec![("Ledsagare".into(), "Nej".into())],
    }
}

/// A call in which everything is said.
pub fn call() -> Call {
    Call {
        id: Uuid::now_v7(),
        rev: 7,
        code: "A".into(),
        colour: 3,
        started_at: now(),
        ended_at: Some(now()),
        caller: Caller {
            name: "Märta Påhittad".into(),
            phone: "070-174 06 05".into(),
            identity_number: "189001019802".into(),
            identity_level: IdentityLevel::ControlQuestions,
            language: Language::Finnish,
        },
        asked_for: "Färdtjänst".into(),
        note: "Vill bli uppringd \u{2013} \u{1F4DE}".into(),
        protection: Protection::Raised { at: now() },
        arrived_rev: Some(6),
        reduced: false,
        kept_through: Some(jiff::civil::date(2026, 12, 24)),
    }
}

/// A draft of the call with an answer of every kind.
pub fn draft(call: &Call) -> Draft {
    let answers = BTreeMap::from([
        ("namn".to_owned(), Answer::Text { text: "Märta \"Påhittad\"\n".into() }),
        ("val".to_owned(), Answer::Choice { choices: vec!["annat".into()], other: Some("Rullator".into()) }),
        ("godkant".to_owned(), Answer::Confirmed),
        ("intyg".to_owned(), Answer::Files { files: vec![file_ref()] }),
        ("resor".to_owned(), Answer::Rows { rows: vec![Row { id: "r1".into(), answers: BTreeMap::new() }] }),
    ]);
    Draft {
        id: Uuid::now_v7(),
        call_id: call.id,
        service: ServicePin {
            id: "fardtjanst".into(),
            version: 2,
            hash: "ab".repeat(32),
            name: "Ansökan om färdtjänst".into(),
        },
        form: FormState {
            rev: 12,
            position: "resor".into(),
            answers,
            left: Default::default(),
            left_steps: Default::default(),
            later: Default::default(),
            tried: true,
            applied: Default::default(),
        },
        created_at: now(),
        updated_at: now(),
        confirmed: Some(Confirmation { at: now(), form_rev: 12 }),
        state: CaseState::Editing,
        submission_id: Some(Uuid::now_v7()),
        set_aside: vec![("Ledsagare".into(), "Ja".into())],
        kept_through: Some(jiff::civil::date(2026, 12, 12)),
        extended: 1,
        discarded_at: Some(now()),
        revised: Some(Revised { at: now(), question: Some("namn".into()) }),
        standing: Some(Standing {
            change: Uuid::now_v7(),
            stage: Stage::SupplementRequested,
            at: now(),
            message: Some("Intyget saknar datum.".into()),
            news: true,
        }),
    }
}

pub fn submission(draft: &Draft) -> Submission {
    Submission {
        id: Uuid::now_v7(),
        draft_id: draft.id,
        call_id: draft.call_id,
        payload: (0..=255).collect(),
        digest: "cd".repeat(32),
        frozen_at: now(),
    }
}

pub fn item(call: &Call) -> OutboxItem {
    OutboxItem {
        id: Uuid::now_v7(),
        call_id: call.id,
        task: Task::Contact,
        state: ItemState::Ready,
        attempts: 0,
        resent: 2,
        sent: true,
        bytes: 4_711,
        created_at: now(),
    }
}

pub fn event(call: &Call) -> AuditEvent {
    AuditEvent {
        call_id: Some(call.id),
        subject: Some(Uuid::now_v7()),
        reason: "Fel samtal".into(),
        policy: Some("gallring/1".into()),
        count: Some(3),
        ..AuditEvent::new(now(), "agent-1", AuditAction::ProtectionLowered)
    }
}

pub fn catalogue() -> Catalogue {
    Catalogue {
        etag: "\"1\"".into(),
        fetched_at: now(),
        definitions: vec![definition(2)],
        kept: vec![definition(1)],
        skipped: vec![Skipped { name: "trasig.json".into(), reason: "not a definition".into() }],
    }
}

pub(crate) fn definition(version: u32) -> Definition {
    Definition {
        format: 1,
        id: "fardtjanst".into(),
        version,
        hash: "ab".repeat(32),
        name: "Ansökan om färdtjänst".into(),
        summary: "Resor för den som har svårt att åka buss.".into(),
        category: "Stöd och omsorg".into(),
        unit: "Socialnämnden".into(),
        keywords: vec!["taxi".into()],
        contact: Contact {
            name: "Färdtjänsten".into(),
            phone: "070-174 06 06".into(),
            email: None,
            hours: Some("8\u{2013}16".into()),
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 14, protected_draft_days: 7 },
        checklist: vec!["Läkarintyg".into()],
        source: None,
        paper_forms: vec![],
        steps: vec![Step { id: "resor".into(), title: "Resor".into(), questions: vec![] }],
        rules: vec![],
    }
}

pub(crate) fn file_ref() -> FileRef {
    FileRef {
        id: Uuid::now_v7().to_string(),
        name: "Läkarintyg.pdf".into(),
        size: 3,
        media_type: "application/pdf".into(),
        sha256: "ef".repeat(32),
    }
}

pub(crate) fn receipt(submission: Uuid) -> Receipt {
    Receipt {
        submission,
        digest: "cd".repeat(32),
        case_number: "KS-2026-000017".into(),
        received_at: now(),
        proof: "e30.e30.AA".into(),
        to_supplement: vec!["intyg".into()],
    }
}

pub(crate) fn refusal() -> Refusal {
    Refusal { code: "answers_invalid".into(), questions: vec!["namn".into()] }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at + seconds.seconds()
}
