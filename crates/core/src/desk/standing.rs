//! How cases stand at the municipality: asked for a caller, and looked at in a call.

use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::{Desk, shared::Shared, state::State};
use crate::{
    audit::{AuditAction, AuditEvent},
    call::CallId,
    draft::{CaseState, Draft, Outline},
    error::{DeskError, LinkError},
    ports::Change,
    standing::{CaseStanding, Stage, Standing},
    view::{CaseAnswer, StandingView},
};

/// A caller waits on the phone; what takes longer is no answer.
const PATIENCE: Duration = Duration::from_secs(15);

impl Desk {
    /// Asks how the case stands whose number a caller says; `call` is that caller's, when it is on screen. Without the
    /// municipality it answers what is known on this computer, which leaves out protected cases.
    ///
    /// # Errors
    /// The municipality refuses, there is no such call, or the log refuses.
    pub async fn ask_case(&self, call: Option<CallId>, typed: &str) -> Result<CaseAnswer, DeskError> {
        let shared = &self.shared;
        let number = match shared.municipality.case_number(typed) {
            Ok(number) => number,
            Err(fault) => return Ok(CaseAnswer::NotANumber { fault }),
        };
        if let Some(call) = call {
            shared.hold().await?.call(call)?;
        }
        let asked = timeout(PATIENCE, shared.municipality.case_standing(&number)).await;
        let mut state = shared.hold().await?;
        let mut changes = Vec::new();
        let (answer, subject) = match asked.unwrap_or(Err(LinkError::NoAnswer)) {
            Ok(None) => (CaseAnswer::NotFound, None),
            Ok(Some(found)) => {
                let own =
                    state.outlines.values().find(|case| case.state.submission() == Some(found.submission));
                if let Some(own) = own.map(|case| case.id) {
                    // What cannot be read here is told all the same.
                    let _ = shared.load(&mut state, own).await;
                    changes.extend(state.draft(own).ok().and_then(|draft| told(draft, &found)));
                }
                (CaseAnswer::Found { case: of_municipality(&state, &found) }, Some(found.submission))
            }
            Err(LinkError::Refused { code, questions }) => {
                return Err(LinkError::Refused { code, questions }.into());
            }
            Err(_) => {
                // Whatever the footer says, it is looked into now.
                shared.network.notify_one();
                let own = state.outlines.values().find(|case| is_known_as(&state, case, &number));
                let known = own.and_then(known);
                let subject = own.and_then(|case| case.state.submission());
                (CaseAnswer::NoContact { known }, subject)
            }
        };
        changes.push(Change::AppendAudit(AuditEvent {
            call_id: call,
            subject,
            count: Some(subject.is_some().into()),
            ..shared.event(AuditAction::StandingViewed)
        }));
        drop(shared.commit(state, changes).await?);
        if matches!(answer, CaseAnswer::Found { .. }) {
            shared.changed();
        }
        Ok(answer)
    }
}

/// The news of a call's cases, as looked at.
pub(super) fn looked_at(shared: &Shared, state: &State, call: CallId) -> Vec<Change> {
    let mut changes = Vec::new();
    for case in state.cases_of(call) {
        let (Some(submission), Ok(draft)) = (case.state.submission(), state.draft(case.id)) else { continue };
        if let Some(standing) = draft.standing.as_ref().filter(|standing| standing.news) {
            changes.push(with(draft, Standing { news: false, ..standing.clone() }));
            changes.push(shared.audit_of(call, submission, AuditAction::StandingViewed));
        }
    }
    changes
}

/// The own case as the municipality has just told it to the worker.
fn told(draft: &Draft, found: &CaseStanding) -> Option<Change> {
    let standing = Standing::after(draft.standing.as_ref(), found.changes.last()?)?;
    Some(with(draft, Standing { news: false, ..standing }))
}

fn with(draft: &Draft, standing: Standing) -> Change {
    Change::PutDraft(Draft { standing: Some(standing), ..draft.clone() })
}

fn of_municipality(state: &State, found: &CaseStanding) -> StandingView {
    let now = found.changes.last();
    StandingView {
        case_number: found.case_number.clone(),
        service: state.offered(&found.service).ok().map(|definition| definition.name.clone()),
        received_at: found.received_at,
        stage: now.map_or(Stage::Received, |change| change.stage),
        at: now.map_or(found.received_at, |change| change.at),
        message: now.and_then(|change| change.message.clone()),
        secrecy_marking: found.secrecy_marking,
    }
}

/// An own case with this number that may be told of to whoever asks.
fn is_known_as(state: &State, case: &Outline, number: &str) -> bool {
    let is_protected = |call: Uuid| state.call(call).is_ok_and(|call| call.protection.is_on());
    matches!(&case.state, CaseState::Received { receipt, .. } if receipt.case_number == number)
        && !is_protected(case.call_id)
}

fn known(case: &Outline) -> Option<StandingView> {
    let CaseState::Received { receipt, .. } = &case.state else { return None };
    let standing = case.standing.as_ref();
    Some(StandingView {
        case_number: receipt.case_number.clone(),
        service: Some(case.service.name.clone()),
        received_at: receipt.received_at,
        stage: standing.map_or(Stage::Received, |standing| standing.stage),
        at: standing.map_or(receipt.received_at, |standing| standing.at),
        message: None,
        secrecy_marking: false,
    })
}
