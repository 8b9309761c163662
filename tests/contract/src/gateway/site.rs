//! A running gateway with e-services for the rules, and clerks who speak HTTP to it.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use jiff::{Timestamp, ToSpan as _};
use ledsaga_gateway::{CaseLine, Catalogue, Config, Handle, Store};
use ledsaga_protocol::{Problem, ReceiptBody, ServiceRef, digest};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, header, redirect::Policy};
use serde_json::{Value, json};
use sqlx::{Any, AssertSqlSafe, ConnectOptions as _, Row as _, any::AnyConnectOptions};
use tempfile::TempDir;
use uuid::Uuid;

/// May be filed orally.
pub const ORAL: &str = "muntlig";
/// Has to be complete.
pub const WRITTEN: &str = "skriftlig";

const CALLBACK: &str = "http://127.0.0.1:49152/callback";
/// `BASE64URL(SHA256(VERIFIER))` of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub struct Site {
    config: Config,
    gateway: Option<Handle>,
    http: Client,
    _folder: TempDir,
}

/// A signed-in worker.
#[derive(Clone)]
pub struct Clerk {
    pub subject: String,
    pub refresh: String,
    base: String,
    token: String,
    http: Client,
}

impl Site {
    /// On this database, or on SQLite in a folder of its own.
    pub async fn start(database: Option<String>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        Self::write_services(folder.path())?;
        let services = folder.path().join("services");
        let mut config = Config { catalogue: Catalogue::Folder(services), ..Config::demo(folder.path()) };
        if let Some(database) = database {
            config.database = database.into();
        }
        let gateway = ledsaga_gateway::serve(config.clone()).await?;
        let http = http()?;
        config.port = gateway.address().port();
        Ok(Self { config, gateway: Some(gateway), http, _folder: folder })
    }

    /// The e-services, in `services` in this folder.
    pub fn write_services(folder: &Path) -> Result<()> {
        let services = folder.join("services");
        fs::create_dir(&services)?;
        for (id, filing) in [(ORAL, "accepted"), (WRITTEN, "written_required")] {
            fs::write(services.join(format!("{id}.json")), service(id, filing).to_string())?;
        }
        Ok(())
    }

    /// Another gateway on the same database, with keys and an address of its own.
    pub async fn second(&self) -> Result<Self> {
        Self::start(Some(self.config.database.to_string())).await
    }

    /// Where it was stopped, with a database that nobody has used.
    pub async fn on_an_empty_database(mut self) -> Result<Self> {
        if self.is_postgresql() {
            self.execute("DROP SCHEMA public CASCADE").await?;
            self.execute("CREATE SCHEMA public").await?;
        } else {
            let folder = self._folder.path().join("empty");
            fs::create_dir(&folder)?;
            self.config.database = ledsaga_gateway::sqlite_url(&folder).into();
        }
        Ok(self)
    }

    pub fn database_url(&self) -> &str {
        &self.config.database
    }

    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.gateway = Some(ledsaga_gateway::serve(self.config.clone()).await?);
        Ok(())
    }

    pub async fn stop(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.stop().await;
        }
    }

    /// Until a request waits for changes.
    pub async fn until_somebody_waits(&self) -> Result<()> {
        let gateway = self.gateway.as_ref().context("the gateway was stopped")?;
        while gateway.waiting() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        Ok(())
    }

    pub fn is_postgresql(&self) -> bool {
        self.config.database.starts_with("postgres")
    }

    /// How many rows of a table meet a condition.
    pub async fn count(&self, table: &str, condition: &str) -> Result<i64> {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {condition}");
        Ok(sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut self.database().await?).await?.try_get("n")?)
    }

    pub async fn execute(&self, sql: &str) -> Result<u64> {
        let mut database = self.database().await?;
        Ok(sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut database).await?.rows_affected())
    }

    pub async fn store(&self) -> Result<Store> {
        Ok(Store::open(&self.config.database).await?)
    }

    pub async fn cases(&self) -> Result<Vec<CaseLine>> {
        let store = self.store().await?;
        let cases = store.cases().await?;
        store.close().await;
        Ok(cases)
    }

    /// Past the gateway, straight into its database.
    pub async fn database(&self) -> Result<<Any as sqlx::Database>::Connection> {
        sqlx::any::install_default_drivers();
        Ok(self.config.database.parse::<AnyConnectOptions>()?.connect().await?)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.config.port)
    }

    pub async fn get(&self, path: &str) -> Result<Response> {
        Ok(self.http.get(format!("{}{path}", self.url())).send().await?)
    }

    /// Signs a demo worker in, such as `demo-astrid`.
    pub async fn clerk(&self, worker: &str) -> Result<Clerk> {
        Self::clerk_at(&self.url(), worker).await
    }

    /// At any gateway.
    pub async fn clerk_at(url: &str, worker: &str) -> Result<Clerk> {
        let http = http()?;
        let asked = [
            ("response_type", "code"),
            ("client_id", "ledsaga-desktop"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("worker", worker),
        ];
        let answer = form(&http, url, "authorize", &asked).await?;
        let location = answer.headers().get(header::LOCATION).context("no way back")?.to_str()?.to_owned();
        let back = Url::parse(&location)?;
        let code = back.query_pairs().find(|(name, _)| name == "code").context("no code")?.1.into_owned();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "ledsaga-desktop"),
            ("redirect_uri", CALLBACK),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        let answer = form(&http, url, "token", &fields).await?;
        let tokens: Value = answer.error_for_status()?.json().await?;
        let token = |name: &str| tokens[name].as_str().map(str::to_owned).context("no token");
        Ok(Clerk {
            subject: worker.to_owned(),
            refresh: token("refresh_token")?,
            base: url.to_owned(),
            token: token("access_token")?,
            http,
        })
    }

    pub async fn refresh(&self, token: &str) -> Result<Response> {
        let fields =
            [("grant_type", "refresh_token"), ("client_id", "ledsaga-desktop"), ("refresh_token", token)];
        form(&self.http, &self.url(), "token", &fields).await
    }
}

fn http() -> Result<Client> {
    Ok(Client::builder().redirect(Policy::none()).no_proxy().build()?)
}

async fn form(http: &Client, url: &str, endpoint: &str, fields: &[(&str, &str)]) -> Result<Response> {
    let mut body = Url::parse("http://body/")?;
    body.query_pairs_mut().extend_pairs(fields);
    let request = http
        .post(format!("{url}/demo/oidc/{endpoint}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.query().unwrap_or_default().to_owned());
    Ok(request.send().await?)
}

impl Clerk {
    pub fn request(&self, method: &str, path: &str) -> Result<RequestBuilder> {
        let request = self.http.request(method.parse()?, format!("{}{path}", self.base));
        Ok(request.bearer_auth(&self.token).header("ledsaga-schema", "1"))
    }

    /// The e-service as published.
    pub async fn service(&self, id: &str) -> Result<ServiceRef> {
        let path = format!("/v1/services/{id}/1");
        let body: Value = self.request("GET", &path)?.send().await?.error_for_status()?.json().await?;
        let hash = body["hash"].as_str().context("no hash")?.to_owned();
        Ok(ServiceRef { id: id.to_owned(), version: 1, hash })
    }

    /// A submission that may be changed before it is sent.
    pub async fn submission(&self, service: &str, answers: Value) -> Result<Value> {
        let now = Timestamp::now();
        Ok(json!({
            "schema": 1,
            "id": Uuid::now_v7(),
            "contact": Uuid::now_v7(),
            "service": self.service(service).await?,
            "answers": answers,
            "secrecy_marking": false,
            "contact_started_at": now.checked_sub(10.minutes())?,
            "confirmed_at": now,
            "declared_at": now,
            "identity_level": "stated",
            "scribe": {"subject": self.subject, "name": "Astrid Exempel"},
        }))
    }

    /// Sends it under its own id.
    pub async fn put(&self, submission: &Value) -> Result<Response> {
        let id: Uuid = submission["id"].as_str().context("no id")?.parse()?;
        self.put_bytes(id, submission.to_string().into_bytes()).await
    }

    pub async fn put_bytes(&self, id: Uuid, body: Vec<u8>) -> Result<Response> {
        let request = self
            .request("PUT", &format!("/v1/submissions/{id}"))?
            .header("idempotency-key", format!("\"{id}\""))
            .header("content-digest", digest::header(&body))
            .body(body);
        Ok(request.send().await?)
    }

    pub async fn withdraw(&self, id: &str) -> Result<Response> {
        Ok(self.request("DELETE", &format!("/v1/submissions/{id}"))?.send().await?)
    }

    pub async fn find(&self, id: &str) -> Result<Response> {
        Ok(self.request("GET", &format!("/v1/submissions/{id}"))?.send().await?)
    }
}

/// The receipt of an answer that must have this status.
pub async fn receipt(answer: Response, status: u16) -> Result<ReceiptBody> {
    ensure!(answer.status() == status, "{status} was due, and {} came", describe(answer).await);
    Ok(answer.json().await?)
}

/// A case that has arrived.
pub async fn filed(clerk: &Clerk) -> Result<ReceiptBody> {
    receipt(clerk.put(&clerk.submission(ORAL, complete()).await?).await?, 201).await
}

/// One with a secrecy marking.
pub async fn filed_marked(clerk: &Clerk) -> Result<ReceiptBody> {
    let mut submission = clerk.submission(ORAL, complete()).await?;
    submission["secrecy_marking"] = json!(true);
    receipt(clerk.put(&submission).await?, 201).await
}

/// The problem of an answer that must have this status and code.
pub async fn refused(answer: Response, status: u16, code: &str) -> Result<Problem> {
    ensure!(answer.status() == status, "{status} {code} was due, and {} came", describe(answer).await);
    let problem: Problem = answer.json().await?;
    ensure!(problem.code == code, "{code} was due, and {} came", problem.code);
    Ok(problem)
}

pub fn has(answer: &Response, status: StatusCode) -> Result<()> {
    ensure!(answer.status() == status, "{status} was due, and {} came", answer.status());
    Ok(())
}

async fn describe(answer: Response) -> String {
    format!("{} {}", answer.status(), answer.text().await.unwrap_or_default())
}

pub fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn service(id: &str, oral_filing: &str) -> Value {
    let files = json!({
        "id": "bilaga", "kind": "files", "label": "Bilaga", "state": "visible",
        "max_count": 3, "max_size": 50_000_000, "types": ["pdf"]
    });
    let mut in_row = files.clone();
    in_row["id"] = json!("intyg");
    json!({
        "format": 1, "id": id, "version": 1, "name": "Prov", "summary": "En e-tjänst för prov",
        "category": "Prov", "unit": "Provnämnden",
        "contact": {"name": "Provenheten", "phone": "070-174 06 06"},
        "oral_filing": oral_filing,
        "retention": {"draft_days": 30, "protected_draft_days": 7},
        "steps": [{"id": "ett", "title": "Ett", "questions": [
            {"id": "namn", "kind": "text", "label": "Namn"},
            {"id": "postnummer", "kind": "postcode", "label": "Postnummer"},
            {"id": "fran", "kind": "date", "label": "Från vilken dag?", "not_past": true, "state": "visible"},
            {"id": "hande", "kind": "date", "label": "Vilken dag hände det?", "not_future": true, "state": "visible"},
            {"id": "adress", "kind": "address", "label": "Adress", "state": "visible",
             "protected_policy": "do_not_ask"},
            files,
            {"id": "barn", "kind": "group", "label": "Barn", "row_label": "Barn", "state": "visible",
             "max_rows": 3, "questions": [
                {"id": "barnets_namn", "kind": "text", "label": "Namn"},
                in_row
             ]}
        ]}]
    })
}

/// Answers that lack nothing.
pub fn complete() -> Value {
    json!({"namn": text("Tolvan Exempel"), "postnummer": text("123 45")})
}
