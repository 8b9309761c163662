//! Finding own calls and cases again. What is sought is never logged, only how much was found.

use uuid::Uuid;

use super::{Desk, state::State, views};
use crate::{
    audit::{AuditAction, AuditEvent},
    draft::Outline,
    error::DeskError,
    indexing::{texts_of_call, texts_of_case},
    ports::Change,
    search::{self, Field, Query},
    view::{Found, FoundRow},
};

impl Desk {
    /// All own calls and cases, or only those of one call. Protected ones are found only from inside their own call.
    ///
    /// # Errors
    /// There is no such call, or the index or the log refuses.
    pub async fn search(&self, query: &str, within: Option<Uuid>) -> Result<Found, DeskError> {
        let shared = &self.shared;
        let today = shared.clock.today();
        let rows = match within {
            Some(call) => {
                let state = shared.hold_call(call).await?;
                self.search_within(&state, call, &Query::of_words(query))?
            }
            None => {
                let hits = shared.index.find(&Query::parse(query, today)).await?;
                let state = shared.hold().await?;
                let row = |hit: search::Hit| {
                    let call = state.call(hit.call).ok()?;
                    // Protection may have been raised since it was indexed.
                    if call.protection.is_on() {
                        return None;
                    }
                    let case = hit.draft.and_then(|draft| state.outlines.get(&draft));
                    let field = hit.field.map_or("date", field_code);
                    Some(FoundRow { row: views::row(&state, call, case, today), field: field.to_owned() })
                };
                hits.into_iter().filter_map(row).collect()
            }
        };
        let state = shared.hold().await?;
        let searched = AuditEvent {
            call_id: within,
            count: u64::try_from(rows.len()).ok(),
            ..shared.event(AuditAction::Searched)
        };
        shared.commit(state, vec![Change::AppendAudit(searched)]).await?;
        Ok(Found { rows, indexed: shared.stale.indexed() })
    }

    fn search_within(&self, state: &State, id: Uuid, query: &Query) -> Result<Vec<FoundRow>, DeskError> {
        let call = state.call(id)?;
        let today = self.shared.clock.today();
        let of_call = texts_of_call(call);
        let found = |case: Option<&Outline>, texts: &[(Field, String)]| {
            let words: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
            let place = search::within(query, &words).into_iter().next()?;
            let (field, _) = texts.get(place.text)?;
            Some(FoundRow { row: views::row(state, call, case, today), field: field_code(*field).to_owned() })
        };
        let mut rows: Vec<FoundRow> = found(None, &of_call).into_iter().collect();
        for case in state.cases_of(id) {
            let texts = texts_of_case(state, call, case, state.draft(case.id).ok(), today);
            rows.extend(found(Some(case), &texts));
        }
        Ok(rows)
    }
}

fn field_code(field: Field) -> &'static str {
    match field {
        Field::CaseNumber => "case_number",
        Field::Service => "service",
        Field::CallerName => "name",
        Field::Phone => "phone",
        Field::AskedFor => "asked_for",
        Field::Note => "note",
        Field::Answer => "answer",
    }
}
