//! Who is asking, and what they may do.

use std::{collections::HashSet, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use serde::{Deserialize, Serialize};

use crate::{access::may_work, app::App, refusal::Refusal, verifier::TokenError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    CaseOfficer,
    TeamLead,
    Auditor,
    Admin,
}

/// A worker with a valid access token.
#[derive(Clone)]
pub struct Worker {
    /// The issuer's stable id.
    pub subject: String,
    pub roles: HashSet<Role>,
}

/// A worker who may submit, and do what belongs to it.
pub struct Submitter {
    pub subject: String,
}

impl FromRequestParts<Arc<App>> for Worker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let mut given = parts.headers.get_all(header::AUTHORIZATION).iter();
        // Of two, the one that is judged might not be the one that something before us judged.
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(Refusal::unauthenticated());
        };
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(Refusal::unauthenticated)?;
        let worker = app.verifier.verify(token).await.map_err(|error| match error {
            TokenError::Invalid => Refusal::unauthenticated(),
            TokenError::IssuerUnavailable => Refusal::unavailable(),
        })?;
        app.front.pass_worker(&worker.subject)?;
        Ok(worker)
    }
}

impl FromRequestParts<Arc<App>> for Submitter {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let worker = Worker::from_request_parts(parts, app).await?;
        if may_work(&worker) { Ok(Self { subject: worker.subject }) } else { Err(Refusal::forbidden()) }
    }
}
