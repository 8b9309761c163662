//! What the handlers share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::SignedDuration;
use ledsaga_forms::Definition;
use ledsaga_protocol::{About, SCHEMA, ServiceRef, SignInTerms, code};
use tokio::sync::watch;

use crate::{
    config::Config, demo::DemoIssuer, front::Front, maintenance::Notice, receipt_keys::ReceiptKeys,
    refusal::Refusal, store::Store, verifier::Verifier,
};

/// How far we are on the way to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Running,
    /// Still serving; whoever looks whether we are ready should look elsewhere.
    Leaving,
    /// Nothing new is begun, and nothing is waited for.
    Ending,
}

pub struct App {
    pub store: Store,
    pub verifier: Arc<Verifier>,
    pub receipts: ReceiptKeys,
    pub front: Arc<Front>,
    pub maintenance: Notice,
    pub about: About,
    pub case_prefix: String,
    /// How long an upload is kept without a case.
    pub upload_time: SignedDuration,
    pub demo: Option<DemoIssuer>,
    /// Read once; a published version never changes while we run.
    pub definitions: Mutex<HashMap<String, Arc<Definition>>>,
    pub stage: watch::Sender<Stage>,
}

impl App {
    /// The definition that a submission follows, if it has been read. Whether it is still published is not asked.
    pub fn definition_at_hand(&self, service: &ServiceRef) -> Option<Arc<Definition>> {
        let definitions = self.definitions.lock().unwrap_or_else(PoisonError::into_inner);
        let definition = definitions.get(&service.hash)?;
        (definition.id == service.id && definition.version == service.version).then(|| Arc::clone(definition))
    }

    /// The published version that a submission follows.
    ///
    /// # Errors
    /// It is unknown, unreadable, retired or not the one that the client had.
    pub async fn definition(&self, service: &ServiceRef) -> Result<Arc<Definition>, Refusal> {
        let unknown = || Refusal::unprocessable(code::SERVICE_UNKNOWN, "E-tjänsten finns inte här.");
        if !is_service_id(&service.id) {
            return Err(unknown());
        }
        let standing =
            self.store.service_standing(&service.id, service.version).await?.ok_or_else(unknown)?;
        if standing.retired {
            let title = "Den här versionen av e-tjänsten tas inte längre emot.";
            return Err(Refusal::unprocessable(code::SERVICE_VERSION_RETIRED, title));
        }
        if standing.hash != service.hash {
            let title = "E-tjänsten i programmet är inte den som är publicerad.";
            return Err(Refusal::unprocessable(code::SERVICE_HASH, title));
        }
        let known =
            self.definitions.lock().unwrap_or_else(PoisonError::into_inner).get(&service.hash).cloned();
        if let Some(definition) = known {
            return Ok(definition);
        }
        let body = self.store.service_body(&service.id, service.version).await?.ok_or_else(unknown)?;
        let definition = Arc::new(ledsaga_forms::load(body.as_bytes()).map_err(|_| unknown())?);
        self.definitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(service.hash.clone(), Arc::clone(&definition));
        Ok(definition)
    }

    pub fn is_stopping(&self) -> bool {
        *self.stage.borrow() != Stage::Running
    }

    /// Nothing should be waited for any more.
    pub fn is_ending(&self) -> bool {
        *self.stage.borrow() == Stage::Ending
    }
}

/// Lower-case ASCII, digits and hyphens.
pub fn is_service_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 100 && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

pub fn about(config: &Config, issuer: &str) -> About {
    About {
        product: ledsaga_protocol::PRODUCT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        municipality: config.municipality.clone(),
        issuer: issuer.to_owned(),
        client_id: config.client_id.clone(),
        audience: config.audience.clone(),
        demo: config.is_demo(),
        sign_in: SignInTerms {
            roles_claim: config.roles_claim.clone(),
            scopes: config.scopes.clone(),
            resource: config.resource.clone(),
            consent: config.consent,
        },
        policy: config.policy.clone(),
    }
}
