//! A small municipality for tests: a real gateway in this process, with a demo issuer and two e-services of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use jiff::Timestamp;
use ledsaga_core::{
    call::{Call, Caller},
    draft::{CaseState, Confirmation, Draft, ServicePin},
    ports::{Municipality, SecretError, SecretStore, SubmissionContent},
    protection::Protection,
    submission::Submission,
    worker::Worker,
};
use ledsaga_forms::{Answer, Answers, Definition, FormState};
use ledsaga_gateway::{CaseLine, Catalogue, Config, Handle, Store};
use ledsaga_link::{Account, Client, SignIn, SignInOptions, Timeouts};
use ledsaga_protocol::digest;
use reqwest::{Url, header::LOCATION};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

/// May be filed orally, so that what is missing is asked for afterwards.
pub const ORAL: &str = "felanmalan-prov";
/// Has to be complete.
pub const WRITTEN: &str = "ansokan-prov";

/// How long a browser is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Town {
    folder: TempDir,
    config: Config,
    gateway: Option<Handle>,
}

impl Town {
    /// On SQLite in a folder of its own.
    pub async fn start() -> Result<Self> {
        Self::begin(|_| {}).await
    }

    /// On another database.
    pub async fn on_database(url: &str) -> Result<Self> {
        Self::begin(|config| config.database = url.to_owned().into()).await
    }

    async fn begin(change: impl FnOnce(&mut Config)) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let services = publish(folder.path())?;
        let mut config = Config { catalogue: Catalogue::Folder(services), ..Config::demo(folder.path()) };
        change(&mut config);
        let gateway = ledsaga_gateway::serve(config.clone()).await?;
        config.port = gateway.address().port();
        Ok(Self { folder, config, gateway: Some(gateway) })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.config.port)
    }

    /// Everything that the gateway writes is in here, on SQLite.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn stop(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.stop().await;
        }
    }

    /// At the same address, with what it had.
    pub async fn start_again(&mut self) -> Result<()> {
        self.gateway = Some(ledsaga_gateway::serve(self.config.clone()).await?);
        Ok(())
    }

    /// What arrived, from the gateway's database.
    pub async fn cases(&self) -> Result<Vec<CaseLine>> {
        Ok(self.store().await?.cases().await?)
    }

    pub async fn store(&self) -> Result<Store> {
        Ok(Store::open(&self.config.database).await?)
    }

    /// Signs an invented worker in, by the demo issuer's own page.
    pub async fn account(&self, worker: &str, timeouts: Timeouts) -> Result<Arc<Account>> {
        sign_in(&self.url(), worker, timeouts).await
    }

    pub async fn agent(&self) -> Result<Agent> {
        let account = self.account("demo-astrid", Timeouts::default()).await?;
        let worker = account.worker().clone();
        Ok(Agent { municipality: Arc::new(Client::new(&self.url(), account)), worker })
    }
}

/// Signs an invented worker in at a gateway, by the demo issuer's own page.
pub async fn sign_in(gateway: &str, worker: &str, timeouts: Timeouts) -> Result<Arc<Account>> {
    let options = SignInOptions { timeouts, ..SignInOptions::default() };
    let pending = SignIn::begin(gateway, Arc::new(NoKeychain), options).await?;
    let browser = tokio::spawn(choose(pending.url().to_owned(), worker.to_owned()));
    let account = pending.finish(PATIENCE).await?;
    browser.await??;
    Ok(Arc::new(account))
}

/// Puts the two e-services into a folder within `folder` that a gateway can publish.
pub fn publish(folder: &Path) -> Result<PathBuf> {
    let services = folder.join("services");
    fs::create_dir_all(&services)?;
    for (id, oral_filing) in [(ORAL, "accepted"), (WRITTEN, "written_required")] {
        fs::write(services.join(format!("{id}.json")), service(id, oral_filing))?;
    }
    Ok(services)
}

/// A worker who may submit.
pub struct Agent {
    pub municipality: Arc<dyn Municipality>,
    pub worker: Worker,
}

impl Agent {
    pub async fn definition(&self, service: &str) -> Result<Definition> {
        use ledsaga_core::ports::CatalogueAnswer;
        match self.municipality.catalogue(None).await? {
            CatalogueAnswer::New(catalogue) => {
                catalogue.definitions.into_iter().find(|d| d.id == service).context("no such e-service")
            }
            CatalogueAnswer::Unchanged => bail!("a catalogue that was not there is unchanged"),
        }
    }

    /// Freezes a case with these answers, as the core does.
    pub fn freeze(&self, definition: &Definition, answers: &Answers) -> Submission {
        self.freeze_in(&call(), definition, answers)
    }

    pub fn freeze_in(&self, call: &Call, definition: &Definition, answers: &Answers) -> Submission {
        let id = Uuid::now_v7();
        let now = Timestamp::now();
        let draft = Draft {
            id: Uuid::now_v7(),
            call_id: call.id,
            service: ServicePin::of(definition),
            form: FormState::new(definition),
            created_at: now,
            updated_at: now,
            confirmed: Some(Confirmation { at: now, form_rev: 0 }),
            state: CaseState::Editing,
            submission_id: None,
            set_aside: Vec::new(),
            kept_through: None,
            extended: 0,
            discarded_at: None,
            revised: None,
            standing: None,
        };
        let content =
            SubmissionContent { id, call, draft: &draft, answers, worker: &self.worker, frozen_at: now };
        let payload = self.municipality.encode(content);
        Submission {
            id,
            draft_id: draft.id,
            call_id: call.id,
            digest: digest::hex(&payload),
            payload,
            frozen_at: now,
        }
    }
}

pub fn call() -> Call {
    let now = Timestamp::now();
    Call {
        id: Uuid::now_v7(),
        rev: 1,
        code: "A".to_owned(),
        colour: 0,
        started_at: now,
        ended_at: None,
        caller: Caller {
            name: "Prov Provsson".to_owned(),
            phone: "070-1740605".to_owned(),
            ..Caller::default()
        },
        asked_for: "En trasig gatlampa".to_owned(),
        note: String::new(),
        protection: Protection::NotRaised,
        arrived_rev: None,
        reduced: false,
        kept_through: None,
    }
}

pub fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

pub fn answers<const N: usize>(answers: [(&str, Answer); N]) -> Answers {
    answers.into_iter().map(|(question, answer)| (question.to_owned(), answer)).collect()
}

fn service(id: &str, oral_filing: &str) -> String {
    serde_json::json!({
        "format": 1, "id": id, "version": 1, "name": "Prov", "summary": "En e-tjänst för prov",
        "category": "Trafik och gator", "unit": "Tekniska nämnden",
        "contact": { "name": "Kontaktcenter", "phone": "070-1740606" },
        "oral_filing": oral_filing, "retention": { "draft_days": 30, "protected_draft_days": 7 },
        "steps": [{ "id": "felet", "title": "Felet", "questions": [
            { "id": "plats", "label": "Var är felet?", "kind": "text", "max_length": 200 },
            { "id": "sedan", "label": "Sedan när?", "kind": "date" },
            { "id": "bilder", "label": "Bilder", "kind": "files", "state": "visible",
              "max_count": 3, "max_size": 10_000_000, "types": ["png", "pdf"] },
        ] }],
    })
    .to_string()
}

/// What the worker does in the browser: chooses who they are, and follows the way back.
async fn choose(url: String, worker: String) -> Result<()> {
    let mut form = Url::parse(&url)?;
    form.query_pairs_mut().append_pair("worker", &worker);
    let browser =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let mut page = form.clone();
    page.set_query(None);
    let answer = browser
        .post(page)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap_or_default().to_owned())
        .send()
        .await?;
    let back =
        answer.headers().get(LOCATION).context("the issuer sent the browser nowhere")?.to_str()?.to_owned();
    browser.get(back).send().await?;
    Ok(())
}

/// Sign-ins of these tests last as long as the test.
struct NoKeychain;

#[async_trait]
impl SecretStore for NoKeychain {
    async fn get(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        Err(SecretError::NoKeychain)
    }
    async fn set(&self, _: &str, _: &[u8]) -> Result<(), SecretError> {
        Err(SecretError::NoKeychain)
    }
    async fn delete(&self, _: &str) -> Result<(), SecretError> {
        Err(SecretError::NoKeychain)
    }
}
