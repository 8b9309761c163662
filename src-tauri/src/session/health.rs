//! How the application is doing on this computer, for the health page. No personal data.

use std::time::Duration;

use ledsaga_core::ports::{SecretError, Store};

use super::{Open, Session, State};
use crate::ipc::view::{HealthView, KeychainHealth, PolicyView};

/// How long the keychain may take to answer; a prompt to unlock it may stand longer.
const PATIENCE: Duration = Duration::from_secs(3);

impl Session {
    /// `None` when no desk can be seen.
    pub async fn health(&self) -> Option<HealthView> {
        let open = match &*self.state.read().await {
            State::Open(open) if !open.is_covered() => open.clone(),
            _ => return None,
        };
        let Open { desk, vault, .. } = &open;
        let store = match vault {
            Some(vault) => vault.health().await.ok(),
            None => None,
        };
        let log = desk.log_state().await;
        let audit_fault = match &log {
            Ok(log) => log.fault.map(|_| "log_not_whole".to_owned()),
            Err(error) => Some(error.code().to_owned()),
        };
        let policy = self.policy.read().await.clone();
        Some(HealthView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            storage: open.storage(),
            store,
            keychain: self.keychain_health().await,
            link: desk.view().await.ok()?.link,
            audit_fault,
            audit_events: log.map_or(0, |log| u32::try_from(log.head.seq).unwrap_or(u32::MAX)),
            policy: PolicyView {
                idle_lock_minutes: policy.idle_lock_minutes,
                pin: policy.pin.into(),
                offline_hours: policy.offline_hours,
                draft_days: policy.draft_days,
                protected_draft_days: policy.protected_draft_days,
                extensions: policy.extensions,
                recovery_recipient: policy.recovery_recipient,
            },
        })
    }

    /// Asks for the sign-in, which is there whenever somebody works.
    async fn keychain_health(&self) -> KeychainHealth {
        let asked = ledsaga_link::Account::restore(&self.configuration.gateway, self.secrets.clone());
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(_)) => KeychainHealth::Reachable,
            Ok(Err(SecretError::NoKeychain)) => KeychainHealth::None,
            Ok(Err(SecretError::Locked)) | Err(_) => KeychainHealth::Locked,
            Ok(Err(SecretError::Failed)) => KeychainHealth::Failed,
        }
    }
}
