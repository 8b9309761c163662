//! What the shell does with the desk, in its log; and the log as a file for a reviewer.

use super::Desk;
use crate::{
    audit::{AuditAction, AuditEvent, Purpose, export::ExportWriter},
    error::{DeskError, StoreError},
    ports::{Change, LogState},
};

/// Events that are read at a time.
const AT_ONCE: usize = 500;

impl Desk {
    /// Logs what was done with the desk as a whole, such as locking it.
    ///
    /// # Errors
    /// The desk is closed, or the store refuses.
    pub async fn record(&self, action: AuditAction) -> Result<(), DeskError> {
        let state = self.shared.hold().await?;
        let event = AuditEvent { purpose: Purpose::Upkeep, ..self.shared.event(action) };
        drop(self.shared.commit(state, vec![Change::AppendAudit(event)]).await?);
        Ok(())
    }

    /// Logs that a sealed copy of everything leaves this computer. Before it is made, so that it stands in the copy too.
    ///
    /// # Errors
    /// The desk is closed, or the store refuses; then no copy may be made.
    pub async fn record_copy(&self) -> Result<(), DeskError> {
        let state = self.shared.hold().await?;
        let count = Some(state.outlines.len() as u64);
        let event = AuditEvent {
            purpose: Purpose::Support,
            policy: Some("sealed_copy".to_owned()),
            count,
            ..self.shared.event(AuditAction::Exported)
        };
        drop(self.shared.commit(state, vec![Change::AppendAudit(event)]).await?);
        Ok(())
    }

    /// How the log is doing.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn log_state(&self) -> Result<LogState, DeskError> {
        Ok(self.shared.store.log_state().await?)
    }

    /// The log that is still on this computer, as a signed file; see [`crate::audit::export`]. That it was made stands in
    /// it.
    ///
    /// # Errors
    /// The store refuses.
    pub async fn export_log(&self) -> Result<Vec<u8>, DeskError> {
        let shared = &self.shared;
        let state = shared.hold().await?;
        let exported = AuditEvent { purpose: Purpose::LogReview, ..shared.event(AuditAction::Exported) };
        // Nothing is added while it is read.
        let _state = shared.commit(state, vec![Change::AppendAudit(exported)]).await?;
        let unwritten = |_| StoreError::Failed("export");
        let mut part = shared.store.log(0, AT_ONCE).await?;
        let mut writer = ExportWriter::begin(Vec::new(), part.vault, &shared.worker.subject, part.before)
            .map_err(unwritten)?;
        while let Some((last, ..)) = part.rows.last() {
            let last = *last;
            for (seq, event, hash) in &part.rows {
                writer.event(*seq, event, hash).map_err(unwritten)?;
            }
            part = shared.store.log(last, AT_ONCE).await?;
        }
        let head = shared.store.log_state().await?.head;
        let key = shared.store.log_key().await?;
        Ok(writer.finish(head, &key).map_err(unwritten)?)
    }
}
