//! What the UI gets to see of the state.

use jiff::{SignedDuration, Timestamp, civil::Date};
use ledsaga_forms::{Contact, Definition, FormView, Kind, OralFiling, Retention, normal_text};

use super::{alphabetical, sending, state::State, state::context};
use crate::{
    call::{Call, CallId},
    draft::{CaseState, Draft, Outline, ServicePin},
    error::DeskError,
    outbox::{ItemState, OutboxItem, Task},
    retention::Limits,
    standing::Standing,
    view::{
        CallView, CaseStatus, CaseView, CatalogueView, DeskView, Keeping, LinkView, OnItsWay, QueueRow,
        ServiceSummary, ServiceView, Text, Who,
    },
};

/// What stands instead of a value that is masked.
const PROTECTED: &str = "Skyddad uppgift";

/// Rows that the queue holds; a search finds the others.
const QUEUE: usize = 100;
/// Days before the end on which the worker is warned.
const WARNED: i32 = 2;

pub(super) fn desk(state: &State, today: Date, now: Timestamp) -> DeskView {
    let row_now = |(call, case): (&Call, Option<&Outline>)| QueueRow {
        on_its_way: case.and_then(|case| on_its_way(state, case, now)),
        ..row(state, call, case, today)
    };
    DeskView {
        queue: state.rows().take(QUEUE).map(row_now).collect(),
        more: count(state.queue().rows().saturating_sub(QUEUE)),
        discarded: discarded(state, today),
        damaged: state.damaged,
        link: link(state),
        catalogue: catalogue(state),
        resume: state.resume.filter(|call| state.calls.contains_key(call)),
    }
}

/// The newest first.
fn discarded(state: &State, today: Date) -> Vec<QueueRow> {
    let drafts = state.queue().discarded().filter_map(|id| state.outlines.get(&id));
    let rows = drafts
        .filter_map(|case| state.call(case.call_id).ok().map(|call| row(state, call, Some(case), today)));
    rows.take(QUEUE).collect()
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// `None` for what is on its way or has arrived: no timer takes that.
fn keeping(call: &Call, draft: &Outline, today: Date) -> Option<Keeping> {
    if draft.state != CaseState::Editing {
        return None;
    }
    let days_left = (draft.kept_through - today).get_days();
    let warned = if call.protection.is_on() { 0 } else { WARNED };
    Some(Keeping { through: draft.kept_through, days_left, warn: days_left <= warned })
}

/// From when on a case that has no receipt is late.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// `None` for drafts and for what has arrived.
fn on_its_way(state: &State, case: &Outline, now: Timestamp) -> Option<OnItsWay> {
    let since = match case.state {
        CaseState::Queued { at, .. } | CaseState::Unknown { at, .. } | CaseState::Withdrawing { at, .. } => {
            at
        }
        CaseState::NeedsAction { .. } => case.updated_at,
        CaseState::Editing | CaseState::Received { .. } => return None,
    };
    let total = state.outbox.submission(case.call_id, case.id).map_or(0, |item| item.bytes);
    let left = state.outbox.of_call(case.call_id).iter().filter_map(|item| match item.task {
        Task::File { file, draft, .. } if draft == case.id => {
            Some(item.bytes.saturating_sub(state.progress.of(file)))
        }
        _ => None,
    });
    Some(OnItsWay {
        sent: total.saturating_sub(left.sum()),
        total,
        late: now.duration_since(since) >= LATE,
        withdrawable: sending::is_withdrawable(&case.state),
    })
}

pub(super) fn row(state: &State, call: &Call, draft: Option<&Outline>, today: Date) -> QueueRow {
    QueueRow {
        call: call.id,
        draft: draft.map(|d| d.id),
        code: call.code.clone(),
        colour: call.colour,
        service: draft.map(|d| d.service.name.clone()),
        who: match call.caller.name.trim() {
            _ if call.protection.is_on() => Who::Protected,
            "" => Who::Nobody,
            name => Who::Named { name: name.to_owned() },
        },
        case: draft.map(|draft| status(state, draft, draft.standing.clone())),
        open: call.ended_at.is_none(),
        keeping: draft.and_then(|draft| keeping(call, draft, today)),
        on_its_way: None,
        updated_at: draft.map_or(call.ended_at.unwrap_or(call.started_at), |d| d.updated_at),
    }
}

pub(super) fn link(state: &State) -> LinkView {
    let counts = state.queue().counts();
    LinkView {
        state: state.link.state,
        since: state.link.since,
        until: state.link.until,
        clock_ahead_min: state.link.clock_ahead_min,
        queued: count(counts.queued),
        unknown: count(counts.unknown),
        needs_action: count(counts.needs_action),
        drafts: count(counts.editing),
        news: count(counts.news),
    }
}

fn catalogue(state: &State) -> CatalogueView {
    let Some(catalogue) = &state.catalogue else {
        return CatalogueView { fetched_at: None, skipped: Vec::new(), categories: Vec::new() };
    };
    CatalogueView {
        fetched_at: Some(catalogue.fetched_at),
        skipped: catalogue.skipped.clone(),
        categories: alphabetical(catalogue.categories()),
    }
}

pub(super) fn service_summary(definition: &Definition) -> ServiceSummary {
    ServiceSummary {
        id: definition.id.clone(),
        name: definition.name.clone(),
        summary: definition.summary.clone(),
        category: definition.category.clone(),
        unit: definition.unit.clone(),
    }
}

pub(super) fn service(definition: &Definition) -> ServiceView {
    ServiceView {
        id: definition.id.clone(),
        version: definition.version,
        name: definition.name.clone(),
        summary: definition.summary.clone(),
        category: definition.category.clone(),
        unit: definition.unit.clone(),
        contact: definition.contact.clone(),
        oral_filing: definition.oral_filing,
        retention: definition.retention.clone(),
        checklist: definition.checklist.clone(),
        steps: definition.steps.iter().map(|step| step.title.clone()).collect(),
    }
}

pub(super) fn call(
    state: &State,
    id: CallId,
    today: Date,
    now: Timestamp,
    limits: Limits,
) -> Result<CallView, DeskError> {
    let call = state.call(id)?;
    let protected = call.protection.is_on();
    let text = |value: &str| match u32::try_from(value.chars().count()) {
        Ok(length) if protected && length > 0 => Text::Masked { length },
        _ => Text::Plain { text: value.to_owned() },
    };
    let caller = &call.caller;
    Ok(CallView {
        id,
        rev: call.rev,
        code: call.code.clone(),
        colour: call.colour,
        started_at: call.started_at,
        ended_at: call.ended_at,
        protected,
        note: call.note.clone(),
        asked_for: call.asked_for.clone(),
        name: text(&caller.name),
        phone: text(&caller.phone),
        identity_number: text(&caller.identity_number),
        identity_number_fault: fault(
            &Kind::PersonalIdentityNumber { age: None },
            &caller.identity_number,
            today,
        ),
        phone_fault: fault(&Kind::Phone, &caller.phone, today),
        identity_level: caller.identity_level,
        language: caller.language,
        cases: state.cases_of(id).map(|outline| case(state, call, outline, today, now, limits)).collect(),
    })
}

/// A case always shows, even when it or its definition cannot be read on this computer: then without its form.
pub(super) fn case(
    state: &State,
    call: &Call,
    outline: &Outline,
    today: Date,
    now: Timestamp,
    limits: Limits,
) -> CaseView {
    let definition = state.definition(&outline.service).ok();
    let draft = state.draft(outline.id).ok();
    CaseView {
        draft: outline.id,
        service: definition.map_or_else(|| unknown_service(&outline.service), service),
        status: status(state, outline, standing(call, outline, draft)),
        form: match (definition, draft) {
            (Some(definition), Some(draft)) => {
                ledsaga_forms::view(definition, &draft.form, &context(call, today))
            }
            _ => no_form(draft),
        },
        readable: draft.is_some(),
        confirmed: draft.is_some_and(is_confirmed),
        saved_at: outline.updated_at,
        set_aside: draft.map(|draft| set_aside(draft, call.protection.is_on())).unwrap_or_default(),
        keeping: keeping(call, outline, today),
        on_its_way: on_its_way(state, outline, now),
        extensions_left: draft.map_or(0, |draft| u32::from(limits.extensions.saturating_sub(draft.extended))),
        discarded: outline.discarded_at.is_some(),
        revised: draft.is_some_and(|draft| draft.revised.is_some()),
        newer_version: state.offered(&outline.service.id).is_ok_and(|d| d.version > outline.service.version),
    }
}

pub(super) fn is_confirmed(draft: &Draft) -> bool {
    draft.confirmed.as_ref().is_some_and(|c| c.form_rev == draft.form.rev)
}

/// They may be anything, an address too; each can be revealed by its label.
fn set_aside(draft: &Draft, protected: bool) -> Vec<(String, String)> {
    let words = |words: &String| if protected { PROTECTED.to_owned() } else { words.clone() };
    draft.set_aside.iter().map(|(label, text)| (label.clone(), words(text))).collect()
}

fn unknown_service(pin: &ServicePin) -> ServiceView {
    ServiceView {
        id: pin.id.clone(),
        version: pin.version,
        name: pin.name.clone(),
        summary: String::new(),
        category: String::new(),
        unit: String::new(),
        contact: Contact { name: String::new(), phone: String::new(), email: None, hours: None },
        oral_filing: OralFiling::WrittenRequired,
        retention: Retention { draft_days: 0, protected_draft_days: 0 },
        checklist: Vec::new(),
        steps: Vec::new(),
    }
}

fn no_form(draft: Option<&Draft>) -> FormView {
    FormView {
        rev: draft.map_or(0, |draft| draft.form.rev),
        position: draft.map(|draft| draft.form.position.clone()).unwrap_or_default(),
        steps: Vec::new(),
        questions: Vec::new(),
        remaining: Vec::new(),
        sendable: false,
        complete: false,
    }
}

/// A submission that is on its way at this moment: it may have arrived already.
fn in_flight(item: &OutboxItem) -> bool {
    item.state == ItemState::InFlight && matches!(item.task, Task::Submission { .. })
}

/// How a case stands, with the case officer's words. Those of a call that has become protected since are not shown.
fn standing(call: &Call, case: &Outline, draft: Option<&Draft>) -> Option<Standing> {
    match draft {
        Some(draft) if !call.protection.is_on() => draft.standing.clone(),
        _ => case.standing.clone(),
    }
}

fn status(state: &State, case: &Outline, standing: Option<Standing>) -> CaseStatus {
    match &case.state {
        CaseState::Editing => CaseStatus::Editing,
        CaseState::Queued { at, .. } => {
            let mut of_call = state.outbox.of_call(case.call_id).iter();
            let sending = of_call.any(|item| item.task.draft() == Some(case.id) && in_flight(item));
            if sending { CaseStatus::Sending { at: *at } } else { CaseStatus::Queued { at: *at } }
        }
        CaseState::Unknown { at, .. } => CaseStatus::Unknown { at: *at },
        CaseState::Withdrawing { at, .. } => CaseStatus::Withdrawing { at: *at },
        CaseState::Received { receipt, .. } => CaseStatus::Received {
            case_number: receipt.case_number.clone(),
            at: receipt.received_at,
            to_supplement: receipt.to_supplement.clone(),
            standing,
        },
        CaseState::NeedsAction { reason, .. } => {
            CaseStatus::NeedsAction { reason: reason.clone(), reopenable: reason.reopenable() }
        }
    }
}

/// The code of what is wrong with it; nothing is wrong with nothing.
fn fault(kind: &Kind, typed: &str, today: Date) -> Option<String> {
    if typed.trim().is_empty() {
        return None;
    }
    normal_text(kind, typed, today).err().map(|fault| fault.code)
}
