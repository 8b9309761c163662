//! The core's calls and cases as they are on the wire.

use ledsaga_core::{
    call::{Call, IdentityLevel, Language},
    ports::SubmissionContent,
};
use ledsaga_protocol::{CallerBody, ContactBody, SCHEMA, Scribe, ServiceRef, SubmissionBody};
use serde::Serialize;

/// The same content gives the same bytes: fields in the order of the type, answers in the order of their ids.
pub fn submission(content: SubmissionContent<'_>) -> Vec<u8> {
    let SubmissionContent { id, call, draft, answers, worker, frozen_at } = content;
    to_json(&SubmissionBody {
        schema: SCHEMA,
        id,
        contact: call.id,
        service: ServiceRef {
            id: draft.service.id.clone(),
            version: draft.service.version,
            hash: draft.service.hash.clone(),
        },
        answers: answers.clone(),
        secrecy_marking: call.protection.is_on(),
        contact_started_at: call.started_at,
        confirmed_at: draft.confirmed.as_ref().map_or(frozen_at, |confirmation| confirmation.at),
        declared_at: frozen_at,
        identity_level: identity_level(call.caller.identity_level).to_owned(),
        scribe: Scribe { subject: worker.subject.clone(), name: worker.name.clone() },
    })
}

/// In protected mode the phone number stays on this computer.
pub fn contact(call: &Call) -> Vec<u8> {
    let protected = call.protection.is_on();
    let caller = &call.caller;
    to_json(&ContactBody {
        schema: SCHEMA,
        id: call.id,
        rev: call.rev,
        started_at: call.started_at,
        ended_at: call.ended_at,
        asked_for: call.asked_for.clone(),
        note: call.note.clone(),
        caller: CallerBody {
            name: caller.name.clone(),
            phone: if protected { String::new() } else { caller.phone.clone() },
            identity_number: caller.identity_number.clone(),
            identity_level: identity_level(caller.identity_level).to_owned(),
            language: language(caller.language).to_owned(),
        },
        secrecy_marking: protected,
    })
}

/// The wire's types hold text, numbers and maps with text keys, which JSON always can; an empty body would be refused
/// by the server as malformed.
pub fn to_json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

fn identity_level(level: IdentityLevel) -> &'static str {
    match level {
        IdentityLevel::Stated => "stated",
        IdentityLevel::ControlQuestions => "control_questions",
        IdentityLevel::CallBack => "call_back",
        IdentityLevel::Eid => "eid",
        IdentityLevel::Visit => "visit",
    }
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Swedish => "swedish",
        Language::English => "english",
        Language::Finnish => "finnish",
        Language::Meankieli => "meankieli",
        Language::Sami => "sami",
        Language::Romani => "romani",
        Language::Yiddish => "yiddish",
        Language::SignLanguage => "sign_language",
        Language::Other => "other",
    }
}
