//! What happens to the worker's cases, by a question that waits for something to happen; and how one case stands.

use std::time::Duration;

use ledsaga_core::{
    error::LinkError,
    standing::{CaseChange, CaseStanding, ChangeBatch, Stage},
};
use ledsaga_protocol::{CaseBody, ChangeBody, ChangesBody, LONGEST_WAIT, code};
use reqwest::{Method, Url};

use crate::{answer, client::Client};

/// Beyond what the server waits: for the way there and back.
const MARGIN: Duration = Duration::from_secs(10);
/// Characters of a cursor, as the wire says.
const CURSOR_MAX: usize = 200;

impl Client {
    /// One question for changes after the cursor. The server holds its answer back until there are any, or for as long
    /// as the wire allows.
    pub(crate) async fn wait_for_changes(&self, cursor: Option<&str>) -> Result<ChangeBatch, LinkError> {
        let path = path_after(cursor)?;
        let patience = Duration::from_secs(LONGEST_WAIT) + MARGIN;
        let answer = self.send(Method::GET, &path, |request| request.timeout(patience)).await?;
        let body: ChangesBody = answer.json()?;
        if body.cursor.len() > CURSOR_MAX || !body.cursor.is_ascii() {
            return Err(answer::unexpected());
        }
        Ok(ChangeBatch {
            changes: body.changes.into_iter().map(change).collect(),
            cursor: body.cursor,
            more: body.more,
        })
    }

    /// `None` for a case that does not exist and for one that this worker may not see: nobody is told which.
    pub(crate) async fn standing_of(&self, case_number: &str) -> Result<Option<CaseStanding>, LinkError> {
        let path = format!("/v1/cases/{case_number}");
        let answer = match self.send(Method::GET, &path, |request| request).await {
            Err(LinkError::Refused { code, .. }) if code == code::NOT_FOUND => return Ok(None),
            answer => answer?,
        };
        let body: CaseBody = answer.json()?;
        // Another case's answer would be read out to the wrong caller.
        if body.case_number != case_number {
            return Err(answer::unexpected());
        }
        Ok(Some(CaseStanding {
            submission: body.submission,
            case_number: body.case_number,
            service: body.service,
            received_at: body.received_at,
            secrecy_marking: body.secrecy_marking,
            changes: body.changes.into_iter().map(change).collect(),
        }))
    }
}

/// The cursor is opaque, so it is escaped.
fn path_after(cursor: Option<&str>) -> Result<String, LinkError> {
    let wait = LONGEST_WAIT.to_string();
    let mut query = vec![("wait", wait.as_str())];
    query.extend(cursor.map(|cursor| ("cursor", cursor)));
    let url =
        Url::parse_with_params("https://localhost/v1/changes", query).map_err(|_| answer::unexpected())?;
    Ok(format!("{}?{}", url.path(), url.query().unwrap_or_default()))
}

fn change(body: ChangeBody) -> CaseChange {
    CaseChange {
        id: body.id,
        submission: body.submission,
        case_number: body.case_number,
        at: body.at,
        stage: stage(body.stage),
        message: body.message.map(|message| message.0),
    }
}

fn stage(stage: ledsaga_protocol::Stage) -> Stage {
    match stage {
        ledsaga_protocol::Stage::Received => Stage::Received,
        ledsaga_protocol::Stage::InProgress => Stage::InProgress,
        ledsaga_protocol::Stage::SupplementRequested => Stage::SupplementRequested,
        ledsaga_protocol::Stage::Decided => Stage::Decided,
        ledsaga_protocol::Stage::Closed => Stage::Closed,
        ledsaga_protocol::Stage::Other => Stage::Other,
    }
}
