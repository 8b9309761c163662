//! Cases for other systems.

use ledsaga_forms::{
    Definition,
    export::{InstanceHeader, instance_xml},
};
use ledsaga_protocol::SubmissionBody;

use crate::store::Store;

/// Why a case was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("there is no case {case_number}")]
    NoSuchCase { case_number: String },
    #[error("the case or its e-service cannot be read: {0}")]
    Unreadable(String),
}

/// A case as instance XML in the style of Open ePlatform. It names no poster: who called is in the contact record.
///
/// # Errors
/// [`ExportError`]
pub async fn case_xml(store: &Store, case_number: &str) -> Result<String, ExportError> {
    let missing = || ExportError::NoSuchCase { case_number: case_number.to_owned() };
    let (body, received_at) = store.case(case_number).await?.ok_or_else(missing)?;
    let unreadable = |error: serde_json::Error| ExportError::Unreadable(format!("line {}", error.line()));
    let submission: SubmissionBody = serde_json::from_slice(&body).map_err(unreadable)?;
    let service = &submission.service;
    let gone = || ExportError::Unreadable(format!("version {} of {} is gone", service.version, service.id));
    let published = store.service_body(&service.id, service.version).await?.ok_or_else(gone)?;
    let definition: Definition = ledsaga_forms::load(published.as_bytes())
        .map_err(|error| ExportError::Unreadable(error.to_string()))?;
    let header = InstanceHeader {
        case_number: case_number.to_owned(),
        submitted_at: received_at,
        poster: None,
        owners: Vec::new(),
    };
    Ok(instance_xml(&definition, &submission.answers, &header))
}
