//! Sign-in by the system browser (RFC 8252): OpenID Connect, authorization code with PKCE, loopback redirect.

mod callback;
mod error;
mod page;

use std::{sync::Arc, time::Duration};

use ledsaga_core::ports::SecretStore;
use ledsaga_protocol::About;
use openidconnect::{
    CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreAuthPrompt, CoreAuthenticationFlow},
};
use reqwest::Url;

pub use error::SignInError;

use crate::{
    Timeouts, about,
    account::Account,
    http::Http,
    issuer::{IssuerError, Provider},
    roots::Roots,
};
use callback::{Listener, Redirected};
use page::Page;

/// How to sign in.
#[derive(Debug, Clone, Default)]
pub struct SignInOptions {
    /// The worker proves who they are again, even if the browser remembers (`prompt=login`).
    pub fresh: bool,
    pub timeouts: Timeouts,
    /// Trusted beside the system's, for the gateway and for the issuer.
    pub roots: Roots,
}

/// Begins sign-ins.
pub struct SignIn;

/// A sign-in that waits for the browser. Dropping it, or the future of [`PendingSignIn::finish`], cancels it.
pub struct PendingSignIn {
    about: About,
    url: Url,
    redirect: RedirectUrl,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    listener: Listener,
    provider: Provider,
    fresh: bool,
    base_url: String,
    secrets: Arc<dyn SecretStore>,
}

impl SignIn {
    /// Asks the gateway for its issuer, asks the issuer how to sign in, and listens for the browser's return.
    ///
    /// # Errors
    /// Nothing has been opened and nothing listens any more.
    pub async fn begin(
        base_url: &str,
        secrets: Arc<dyn SecretStore>,
        options: SignInOptions,
    ) -> Result<PendingSignIn, SignInError> {
        let http = Http::new(options.timeouts, options.roots);
        let about = about::ask(&http, base_url).await?;
        let provider = Provider::discover(&http, &about.issuer, &about.client_id).await?;
        let listener = Listener::bind().await.map_err(|_| SignInError::Failed)?;
        let redirect = RedirectUrl::new(listener.redirect_uri()).map_err(|_| SignInError::Failed)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let terms = &about.sign_in;
        let mut request = provider
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_redirect_uri(std::borrow::Cow::Borrowed(&redirect))
            .set_pkce_challenge(challenge)
            .add_scope(Scope::new("profile".to_owned()))
            .add_scopes(terms.scopes.iter().cloned().map(Scope::new));
        if provider.knows_scope("offline_access") {
            request = request.add_scope(Scope::new("offline_access".to_owned()));
        }
        if let Some(resource) = &terms.resource {
            request = request.add_extra_param("resource", resource.clone());
        }
        if options.fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        if terms.consent {
            request = request.add_prompt(CoreAuthPrompt::Consent);
        }
        let (url, state, nonce) = request.url();
        let base_url = base_url.to_owned();
        Ok(PendingSignIn {
            about,
            url,
            redirect,
            state,
            nonce,
            verifier,
            listener,
            provider,
            fresh: options.fresh,
            base_url,
            secrets,
        })
    }
}

impl PendingSignIn {
    /// The address to open in the system browser; always HTTPS, or on this computer.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// What the gateway says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Waits for the browser to come back, at most `timeout`, and trades its code for tokens. The browser is told how
    /// it went.
    ///
    /// # Errors
    /// Nobody is signed in and nothing is stored.
    pub async fn finish(self, timeout: Duration) -> Result<Account, SignInError> {
        let state = self.state.secret().clone();
        let waiting = tokio::time::timeout(timeout, self.listener.redirected(&state));
        let mut redirected =
            waiting.await.map_err(|_| SignInError::TimedOut)?.map_err(|_| SignInError::Failed)?;
        let browser = redirected.browser();
        let outcome = self.trade(redirected).await;
        browser.show(Page::of(&outcome)).await;
        outcome
    }

    async fn trade(self, redirected: Redirected) -> Result<Account, SignInError> {
        if !self.provider.may_have_answered(redirected.iss.as_deref()) {
            return Err(SignInError::WrongIssuer);
        }
        if let Some(error) = redirected.error {
            return Err(if error == "access_denied" { SignInError::Cancelled } else { SignInError::Failed });
        }
        let code = redirected.code.ok_or(SignInError::Failed)?;
        let tokens = self.provider.exchange(&code, self.verifier, &self.redirect).await.map_err(log)?;
        let worker =
            self.provider.worker(&tokens, &self.nonce, &self.about.sign_in, self.fresh).map_err(log)?;
        Ok(Account::signed_in(&self.base_url, self.secrets, self.provider, worker, &tokens).await?)
    }
}

fn log(error: IssuerError) -> IssuerError {
    tracing::warn!("sign-in failed: {error}");
    error
}
