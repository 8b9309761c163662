//! What an attempt's outcome makes of an item.

use super::{Action, ItemState, Next, OutboxItem, Outcome};
use crate::{
    draft::Refusal,
    error::LinkError,
    submission::{Receipt, Submission},
};

/// How often the files of a case are brought again before the case needs action.
pub const MAX_RESENT: u32 = 3;
/// Attempts without an answer after which an item is shown as needing action. It is kept, and tried again with the next
/// start or at the worker's wish.
pub const MAX_TRIES: u32 = 50;
/// The longest rest that the municipality can ask for: an absurd one must not put a case to sleep.
pub const LONGEST_ASKED_MS: u64 = 60 * 60 * 1_000;
const BACKOFF_BASE_MS: u64 = 1_000;
const BACKOFF_CAP_MS: u64 = 5 * 60 * 1_000;

/// What a receipt is worth: it counts only for exactly what was frozen.
pub fn judge(submission: &Submission, receipt: Receipt) -> Outcome {
    if receipt.submission == submission.id && receipt.digest == submission.digest {
        Outcome::Received(Box::new(receipt))
    } else {
        Outcome::Differs
    }
}

/// What becomes of an item after an attempt. `item` is as it was when the attempt ended, and `random` any number.
pub fn settle(item: &OutboxItem, action: Action, outcome: Outcome, random: u64) -> Next {
    let wanted_back = item.state == ItemState::Withdrawing;
    let error = match outcome {
        Outcome::Done => return Next::Done,
        Outcome::Received(receipt) => return Next::Received(receipt),
        Outcome::Withdrawn => return Next::Withdrawn,
        Outcome::Differs => return wedged(item, "content_differs", Vec::new()),
        // The worker asked for it back while it was under way: whatever came of that, the withdrawal settles it.
        _ if wanted_back && action != Action::Withdraw => return stay(item.clone(), 0),
        Outcome::Nothing => return stay(item.with(ItemState::Ready), 0),
        Outcome::NotTried => LinkError::Unreachable,
        Outcome::Failed(error) => error,
    };
    match error {
        // The request was turned away at the door: nothing was tried.
        LinkError::SignInNeeded | LinkError::TooOld => stay(turned_away(item, action), 0),
        LinkError::Refused { code, questions } => refused(item, action, &code, questions),
        _ if item.attempts.saturating_add(1) >= MAX_TRIES => {
            let code = if wanted_back { Refusal::WITHDRAWAL_OPEN } else { Refusal::NO_SUCCESS };
            wedged(item, code, Vec::new())
        }
        LinkError::Undecided { retry_after_ms: Some(ms) } if action == Action::PutSubmission => {
            stay(item.tried(ItemState::Unknown), asked_ms(ms, random))
        }
        LinkError::NoAnswer
        | LinkError::WrongServer
        | LinkError::ServerTooOld
        | LinkError::Undecided { retry_after_ms: None }
            if action == Action::PutSubmission =>
        {
            stay(item.tried(ItemState::Unknown), backoff_ms(item.attempts, random))
        }
        LinkError::NoAnswer
        | LinkError::WrongServer
        | LinkError::ServerTooOld
        | LinkError::Unreachable
        | LinkError::NoNetwork
        | LinkError::Untrusted(_)
        | LinkError::WrongAddress
        | LinkError::Busy { retry_after_ms: None }
        | LinkError::Undecided { retry_after_ms: None }
        | LinkError::Maintenance { retry_after_ms: None } => {
            wait(item, action, backoff_ms(item.attempts, random), false)
        }
        LinkError::Busy { retry_after_ms: Some(ms) }
        | LinkError::Undecided { retry_after_ms: Some(ms) }
        | LinkError::Maintenance { retry_after_ms: Some(ms) } => {
            wait(item, action, asked_ms(ms, random), true)
        }
    }
}

fn stay(item: OutboxItem, pause_ms: u64) -> Next {
    Next::Stay { item, pause_ms }
}

fn turned_away(item: &OutboxItem, action: Action) -> OutboxItem {
    match action {
        Action::PutSubmission => item.with(ItemState::Ready),
        _ => item.clone(),
    }
}

fn wait(item: &OutboxItem, action: Action, ms: u64, asked: bool) -> Next {
    let state = match item.state {
        // What may have arrived stays unknown until the municipality has said so, and what is wanted back is.
        ItemState::Unknown => ItemState::Unknown,
        ItemState::InFlight if action == Action::Ask => ItemState::Unknown,
        ItemState::Withdrawing => ItemState::Withdrawing,
        _ => ItemState::Waiting { ms, asked },
    };
    stay(item.tried(state), ms)
}

fn wedged(item: &OutboxItem, code: &str, questions: Vec<String>) -> Next {
    let reason = Refusal { code: code.to_owned(), questions };
    stay(item.tried(ItemState::Wedged { reason }), 0)
}

fn refused(item: &OutboxItem, action: Action, code: &str, questions: Vec<String>) -> Next {
    match action {
        Action::PutSubmission if code == "attachment_missing" && item.resent < MAX_RESENT => {
            let mut item = item.tried(ItemState::Blocked);
            item.resent += 1;
            Next::BringFiles(item)
        }
        Action::Withdraw if code == "cancelled" => Next::Withdrawn,
        Action::Withdraw => wedged(item, Refusal::WITHDRAWAL_REFUSED, questions),
        // Whether it arrived is still open, so the code must not be one that allows a new submission.
        Action::Ask if !matches!(code, "cancelled" | "content_differs" | "forbidden") => {
            wedged(item, "unexpected_answer", questions)
        }
        _ => wedged(item, code, questions),
    }
}

/// At least what was asked for, within reason, and a little more that differs, so that all who were told the same do
/// not come back at the same moment.
pub(super) fn asked_ms(ms: u64, random: u64) -> u64 {
    let ms = ms.min(LONGEST_ASKED_MS);
    ms + random % (ms / 10 + BACKOFF_BASE_MS)
}

/// Full jitter: anything from nothing up to a ceiling that doubles with each attempt.
pub(super) fn backoff_ms(attempts: u32, random: u64) -> u64 {
    let ceiling = BACKOFF_BASE_MS.saturating_mul(1_u64 << attempts.min(20)).min(BACKOFF_CAP_MS);
    random % (ceiling + 1)
}
