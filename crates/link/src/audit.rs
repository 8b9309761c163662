//! The worker's log on its way to the municipality.

use ledsaga_core::{audit::AuditBatch, error::LinkError};
use ledsaga_protocol::{AuditBody, AuditHead, SCHEMA, code, digest, header};
use reqwest::{Method, header::CONTENT_TYPE};
use uuid::Uuid;

use crate::{answer::unexpected, client::Client, encode::to_json};

impl Client {
    /// The number of the last event that the municipality has afterwards.
    pub(crate) async fn hand_over(&self, batch: &AuditBatch) -> Result<u64, LinkError> {
        let body = to_json(&AuditBody {
            schema: SCHEMA,
            vault: batch.vault(),
            first: batch.first(),
            previous: hex::encode(batch.before().hash),
            events: batch.events().to_vec(),
            head: hex::encode(batch.head().hash),
        });
        let content_digest = digest::header(&body);
        let path = format!("/v1/audit/{}/{}", batch.vault(), batch.first());
        let answer = self
            .send(Method::PUT, &path, |request| {
                request
                    .header(CONTENT_TYPE, "application/json")
                    .header(header::CONTENT_DIGEST, &content_digest)
                    .body(body.clone())
            })
            .await;
        let head: AuditHead = match answer {
            Err(LinkError::Refused { code, .. }) if code == code::AUDIT_GAP => {
                return self.audit_seq(batch.vault()).await;
            }
            answer => answer?.json()?,
        };
        // Anything else would be taken for a receipt of events that may not be there.
        let ours = batch.head();
        let is_here = head.seq > ours.seq || (head.seq == ours.seq && head.hash == hex::encode(ours.hash));
        if head.vault == batch.vault() && is_here { Ok(head.seq) } else { Err(unexpected()) }
    }

    async fn audit_seq(&self, vault: Uuid) -> Result<u64, LinkError> {
        let answer = self.send(Method::GET, &format!("/v1/audit/{vault}"), |request| request).await;
        let head: AuditHead = match answer {
            Err(LinkError::Refused { code, .. }) if code == code::NOT_FOUND => return Ok(0),
            answer => answer?.json()?,
        };
        if head.vault == vault { Ok(head.seq) } else { Err(unexpected()) }
    }
}
