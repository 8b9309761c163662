//! Calls: start, open, change, end.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Desk, standing, state::State};
use crate::{
    audit::AuditAction,
    call::{Call, CallChange, Caller},
    error::DeskError,
    ports::Change,
    protection::Protection,
    retention,
    view::CallView,
};

/// Characters in the free note.
const NOTE_MAX: usize = 20_000;
/// Characters in everything that is one line.
const LINE_MAX: usize = 200;
const COLOURS: u8 = 8;

impl Desk {
    /// A new call on screen, with a code and a colour of its own.
    ///
    /// # Errors
    /// The store refuses; see [`StoreError`](crate::error::StoreError).
    pub async fn start_call(&self) -> Result<CallView, DeskError> {
        let state = self.shared.hold().await?;
        let call = Call {
            id: Uuid::now_v7(),
            rev: 1,
            code: free_code(&state),
            colour: least_used_colour(&state),
            started_at: self.shared.now(),
            ended_at: None,
            caller: Caller::default(),
            asked_for: String::new(),
            note: String::new(),
            protection: Protection::NotRaised,
            arrived_rev: None,
            reduced: false,
            kept_through: Some(retention::kept_through(
                self.shared.clock.today(),
                false,
                None,
                self.shared.limits,
            )),
        };
        let id = call.id;
        let changes = vec![
            Change::PutCall(call),
            Change::PutResume { call: id },
            self.shared.audit(id, AuditAction::CallStarted),
        ];
        let state = self.shared.commit(state, changes).await?;
        self.call_view(&state, id)
    }

    /// Opens a call on screen and remembers it for the next start.
    ///
    /// # Errors
    /// There is no such call, or the store refuses.
    pub async fn open_call(&self, call: Uuid) -> Result<CallView, DeskError> {
        let state = self.shared.hold_call(call).await?;
        state.call(call)?;
        let mut changes = vec![Change::PutResume { call }, self.shared.audit(call, AuditAction::CallOpened)];
        changes.extend(standing::looked_at(&self.shared, &state, call));
        let state = self.shared.commit(state, changes).await?;
        self.call_view(&state, call)
    }

    /// Saves what was typed about the call: all of it or nothing. Notes hold 20,000 characters, other fields 200.
    ///
    /// # Errors
    /// A text is too long, there is no such call, or the store refuses.
    pub async fn change_call(&self, call: Uuid, changes: Vec<CallChange>) -> Result<CallView, DeskError> {
        let state = self.shared.hold_call(call).await?;
        let old = state.unreduced(call)?;
        let mut new = old.clone();
        for change in changes {
            set(&mut new, change)?;
        }
        let state = if new == *old { state } else { self.put_call(state, new, Vec::new()).await? };
        self.call_view(&state, call)
    }

    /// The contact record is complete and goes on its way.
    ///
    /// # Errors
    /// There is no such call, or the store refuses.
    pub async fn end_call(&self, call: Uuid) -> Result<CallView, DeskError> {
        let state = self.shared.hold_call(call).await?;
        let old = state.call(call)?;
        let state = if old.ended_at.is_some() {
            state
        } else {
            let new = Call { ended_at: Some(self.shared.now()), ..old.clone() };
            self.put_call(state, new, Vec::new()).await?
        };
        self.call_view(&state, call)
    }

    /// Saves a changed call with what else belongs to the change; its contact record goes again when it has gone.
    pub(super) async fn put_call(
        &self,
        state: super::shared::Held,
        mut call: Call,
        mut others: Vec<Change>,
    ) -> Result<super::shared::Held, DeskError> {
        call.rev += 1;
        let due = state.contact_is_due(&call);
        if due {
            others.push(self.shared.send_contact(&state, &call));
        }
        others.push(Change::PutCall(call));
        let state = self.shared.commit(state, others).await?;
        if due {
            self.shared.work.notify_one();
        }
        Ok(state)
    }
}

fn set(call: &mut Call, change: CallChange) -> Result<(), DeskError> {
    let caller = &mut call.caller;
    let (field, value, max) = match change {
        CallChange::Note(value) => (&mut call.note, value, NOTE_MAX),
        CallChange::AskedFor(value) => (&mut call.asked_for, value, LINE_MAX),
        CallChange::CallerName(value) => (&mut caller.name, value, LINE_MAX),
        CallChange::CallerPhone(value) => (&mut caller.phone, value, LINE_MAX),
        CallChange::CallerIdentityNumber(value) => (&mut caller.identity_number, value, LINE_MAX),
        CallChange::IdentityLevel(level) => {
            caller.identity_level = level;
            return Ok(());
        }
        CallChange::Language(language) => {
            caller.language = language;
            return Ok(());
        }
    };
    if value.chars().count() > max {
        return Err(DeskError::TooLong);
    }
    *field = value;
    Ok(())
}

/// The first of A..Z, AA.. that no open call has.
fn free_code(state: &State) -> String {
    let taken: BTreeSet<&str> = state.open_calls().map(|call| call.code.as_str()).collect();
    // One more than there are open calls, so that one of them is free.
    (0..=taken.len()).map(code).find(|code| !taken.contains(code.as_str())).unwrap_or_default()
}

/// A, B, … Z, AA, AB, …
fn code(number: usize) -> String {
    let letter = u8::try_from(number % 26).map_or('A', |offset| char::from(b'A' + offset));
    match number / 26 {
        0 => letter.to_string(),
        more => code(more - 1) + &letter.to_string(),
    }
}

fn least_used_colour(state: &State) -> u8 {
    (0..COLOURS)
        .min_by_key(|colour| state.open_calls().filter(|call| call.colour == *colour).count())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_like_columns() {
        let codes: Vec<String> = [0, 25, 26, 27, 51, 52, 701, 702].map(code).to_vec();
        assert_eq!(codes, ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
