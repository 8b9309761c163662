use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use ledsaga_gateway::{Catalogue, Config, Handle, Issuer, SigningKey};
use ledsaga_link::{Account, SignIn, SignInError, SignInOptions};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Browser, Choice, Keychain, Provider};

/// How long the browser is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A municipality with a gateway that trusts a certified provider.
pub struct Town {
    pub provider: Provider,
    pub keychain: Arc<Keychain>,
    pub browser: Arc<Browser>,
    gateway: Handle,
    http: Client,
    _folder: TempDir,
}

impl Town {
    /// # Errors
    /// As [`Town::with`].
    pub async fn start() -> Result<Self> {
        Self::with(json!({}), |_| {}).await
    }

    /// With settings of the provider, and with another configuration of the gateway.
    ///
    /// # Errors
    /// The provider or the gateway does not start.
    pub async fn with(settings: Value, change: impl FnOnce(&mut Config)) -> Result<Self> {
        let provider = Provider::start(settings).await?;
        let folder = tempfile::tempdir()?;
        let mut config = trusting(&provider, folder.path())?;
        change(&mut config);
        Ok(Self {
            provider,
            keychain: Arc::default(),
            browser: Arc::new(Browser::new()?),
            gateway: ledsaga_gateway::serve(config).await?,
            http: Client::builder().no_proxy().build()?,
            _folder: folder,
        })
    }

    pub fn url(&self) -> String {
        self.gateway.url()
    }

    /// Signs a worker in, with a browser that does what the provider asks.
    ///
    /// # Errors
    /// As [`SignIn::begin`] and the sign-in's end.
    pub async fn sign_in(&self, worker: &str, fresh: bool) -> Result<Account, SignInError> {
        self.do_in_browser(Choice::Named(worker.to_owned()), fresh).await
    }

    /// # Errors
    /// As [`Town::sign_in`].
    pub async fn do_in_browser(&self, choice: Choice, fresh: bool) -> Result<Account, SignInError> {
        let options = SignInOptions { fresh, ..SignInOptions::default() };
        let pending = SignIn::begin(&self.url(), self.keychain.clone(), options).await?;
        let (browser, url) = (self.browser.clone(), pending.url().to_owned());
        let visit = tokio::spawn(async move { browser.visit(&url, &choice).await });
        let account = pending.finish(PATIENCE).await;
        visit.abort();
        account
    }

    /// The gateway's answer to somebody with this token.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn ask(&self, token: &str) -> Result<Response> {
        Ok(self.http.get(format!("{}/v1/services", self.url())).bearer_auth(token).send().await?)
    }

    /// Tokens straight from the provider, as the application gets them: access, ID and refresh token.
    ///
    /// # Errors
    /// The provider gives none.
    pub async fn tokens(&self, worker: &str) -> Result<Value> {
        tokens(&self.provider, &self.browser, worker).await
    }

    /// Trades a refresh token as the application does, for the status and the answer.
    ///
    /// # Errors
    /// The provider does not answer.
    pub async fn refresh(&self, token: &str) -> Result<(u16, Value)> {
        let fields =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "ledsaga-desktop")];
        let answer = self.browser.send_form(&format!("{}/token", self.provider.issuer()), &fields).await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }
}

/// The configuration of a gateway that trusts this provider.
///
/// # Errors
/// Its keys cannot be made.
pub fn trusting(provider: &Provider, folder: &std::path::Path) -> Result<Config> {
    let config = Config {
        issuer: Issuer::External { url: provider.issuer().to_owned() },
        audience: AUDIENCE.to_owned(),
        catalogue: Catalogue::None,
        consent: true,
        ..Config::demo(folder)
    };
    SigningKey::open_or_create(&config.receipt_key)?;
    Ok(config)
}

/// What the provider's tokens are for, as it is set up.
pub const AUDIENCE: &str = "https://ledsaga.exempelby.example";

/// Verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// # Errors
/// The provider gives no tokens.
pub async fn tokens(provider: &Provider, browser: &Browser, worker: &str) -> Result<Value> {
    let callback = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let redirect = format!("http://127.0.0.1:{}/callback", callback.local_addr()?.port());
    let asked = [
        ("response_type", "code"),
        ("client_id", "ledsaga-desktop"),
        ("redirect_uri", &redirect),
        ("scope", "openid profile offline_access"),
        ("prompt", "consent"),
        ("state", "state"),
        ("nonce", "nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let address = reqwest::Url::parse_with_params(&format!("{}/auth", provider.issuer()), asked)?;
    let back = browser.redirect_to(address.as_str(), &Choice::Named(worker.to_owned()), &redirect).await?;
    let code = back.query_pairs().find(|(name, _)| name == "code").context("no code")?.1.into_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "ledsaga-desktop"),
        ("redirect_uri", &redirect),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let answer = browser.send_form(&format!("{}/token", provider.issuer()), &fields).await?;
    Ok(answer.error_for_status()?.json().await?)
}
