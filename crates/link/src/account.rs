//! The signed-in worker and their tokens. The access token is in memory only; the refresh token is in the keychain.

mod kept;

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use ledsaga_core::{
    error::LinkError,
    ports::{SecretError, SecretStore},
    worker::Worker,
};
use openidconnect::OAuth2TokenResponse;
use tokio::sync::Mutex;

use crate::{
    http::{Http, Timeouts},
    issuer::{IssuerError, Provider, Tokens},
    roots::Roots,
    secret::Secret,
};
use kept::Kept;

/// When the issuer does not say how long an access token lives.
const UNSAID_LIFETIME: Duration = Duration::from_secs(300);
/// An access token is renewed this long before its end, or in the last quarter of a shorter life.
const MARGIN: Duration = Duration::from_secs(30);
/// How long a sign-out waits for the issuer to hear of it.
const FAREWELL: Duration = Duration::from_secs(3);

/// How a sign-out went. The tokens in memory are gone in any case.
#[derive(Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// An error when the keychain still holds the sign-in.
    pub forgotten: Result<(), SecretError>,
    /// Where the worker ends the issuer's session in the browser, so that nobody after them is signed in by it.
    pub page: Option<String>,
}

/// A worker who is signed in, on this computer at least.
pub struct Account {
    shared: Arc<Shared>,
}

struct Shared {
    worker: Worker,
    client_id: String,
    last_sign_in: RwLock<Timestamp>,
    http: Http,
    secrets: Arc<dyn SecretStore>,
    /// The keychain item's name.
    item: String,
    session: Mutex<Session>,
    /// Counts finished refreshes, so that whoever waited for one takes its outcome for their own.
    refreshes: AtomicU64,
}

struct Session {
    access: Option<Access>,
    refresh: Option<Secret>,
    provider: Option<Arc<Provider>>,
    last_failure: Option<LinkError>,
}

struct Access {
    token: Secret,
    until: Instant,
}

impl Account {
    /// The worker who signed in last at this gateway, as the keychain remembers. Needs no network.
    ///
    /// # Errors
    /// When the keychain cannot be asked. Something unreadable in it counts as nobody.
    pub async fn restore(base_url: &str, secrets: Arc<dyn SecretStore>) -> Result<Option<Self>, SecretError> {
        let item = kept::name(base_url);
        let Some(kept) = secrets.get(&item).await?.and_then(|bytes| Kept::read(&bytes)) else {
            return Ok(None);
        };
        let session =
            Session { access: None, refresh: kept.refresh_token, provider: None, last_failure: None };
        Ok(Some(Self {
            shared: Arc::new(Shared {
                worker: kept.worker,
                client_id: kept.client_id,
                last_sign_in: RwLock::new(kept.last_sign_in),
                http: Http::default(),
                secrets,
                item,
                session: Mutex::new(session),
                refreshes: AtomicU64::new(0),
            }),
        }))
    }

    /// The same worker, over connections that trust these roots beside the system's.
    #[must_use]
    pub fn trusting(mut self, roots: Roots) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.http = Http::new(Timeouts::default(), roots);
        }
        self
    }

    /// After a sign-in. Without a keychain the session lives as long as the application.
    pub(crate) async fn signed_in(
        base_url: &str,
        secrets: Arc<dyn SecretStore>,
        provider: Provider,
        worker: Worker,
        tokens: &Tokens,
    ) -> Result<Self, SecretError> {
        let session = Session {
            access: Some(Access::of(tokens)),
            refresh: refresh_token(tokens),
            provider: None,
            last_failure: None,
        };
        let shared = Shared {
            worker,
            client_id: provider.client_id().to_owned(),
            last_sign_in: RwLock::new(Timestamp::now()),
            http: provider.http().clone(),
            secrets,
            item: kept::name(base_url),
            session: Mutex::new(Session { provider: Some(Arc::new(provider)), ..session }),
            refreshes: AtomicU64::new(0),
        };
        let stored = shared.keep(shared.session.lock().await.refresh.clone()).await;
        match stored {
            Err(SecretError::Locked) => Err(SecretError::Locked),
            Ok(()) | Err(SecretError::NoKeychain | SecretError::Failed) => {
                Ok(Self { shared: Arc::new(shared) })
            }
        }
    }

    pub fn worker(&self) -> &Worker {
        &self.shared.worker
    }

    /// When the worker last proved who they are, by this computer's clock.
    pub fn last_sign_in(&self) -> Timestamp {
        self.shared.last_sign_in()
    }

    /// Forgets the tokens here, and tells the issuer if it can be reached soon.
    pub async fn sign_out(&self) -> SignedOut {
        let shared = &self.shared;
        let mut session = shared.session.lock().await;
        session.access = None;
        let refresh = session.refresh.take();
        let forgotten = match shared.secrets.delete(&shared.item).await {
            Ok(()) | Err(SecretError::NoKeychain) => Ok(()),
            Err(error) => Err(error),
        };
        let farewell = async {
            let provider = shared.provider(&mut session).await.ok()?;
            provider.forget(refresh.as_ref().map(Secret::reveal)).await
        };
        let page = tokio::time::timeout(FAREWELL, farewell).await.ok().flatten();
        SignedOut { forgotten, page }
    }

    /// Goes on with the tokens of a new sign-in, if it is the same worker's. Whatever uses this account is not disturbed.
    pub async fn renew(&self, new: &Self) -> bool {
        if !self.worker().is_same(new.worker()) {
            return false;
        }
        if Arc::ptr_eq(&self.shared, &new.shared) {
            return true;
        }
        let mut fresh = new.shared.session.lock().await;
        let mut session = self.shared.session.lock().await;
        session.access = fresh.access.take();
        session.refresh = fresh.refresh.take();
        session.provider = fresh.provider.take();
        session.last_failure = None;
        *self.shared.last_sign_in.write().unwrap_or_else(PoisonError::into_inner) = new.last_sign_in();
        // A refresh that was under way may have put the old session's token back.
        let _ = self.shared.keep(session.refresh.clone()).await;
        true
    }

    pub(crate) fn http(&self) -> &Http {
        &self.shared.http
    }

    /// An access token that the server has not `refused`. Whoever needs a new one at the same time shares it.
    ///
    /// # Errors
    /// [`LinkError::SignInNeeded`] when the worker has to sign in; otherwise what the issuer answered.
    pub(crate) async fn access_token(&self, refused: Option<&Secret>) -> Result<Secret, LinkError> {
        let seen = self.shared.refreshes.load(Ordering::SeqCst);
        if let Some(token) = self.shared.session.lock().await.usable(refused) {
            return Ok(token);
        }
        // A task of its own: a caller that gives up must not lose the rotated token that is on its way.
        let (shared, refused) = (self.shared.clone(), refused.cloned());
        let renewed = tokio::spawn(async move { shared.renewed(seen, refused.as_ref()).await });
        renewed.await.unwrap_or(Err(LinkError::Unreachable))
    }
}

impl Shared {
    async fn renewed(&self, seen: u64, refused: Option<&Secret>) -> Result<Secret, LinkError> {
        let mut session = self.session.lock().await;
        if let Some(token) = session.usable(refused) {
            return Ok(token);
        }
        if self.refreshes.load(Ordering::SeqCst) != seen
            && let Some(failure) = &session.last_failure
        {
            return Err(failure.clone());
        }
        let outcome = self.refresh(&mut session).await;
        session.last_failure = outcome.as_ref().err().cloned();
        self.refreshes.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    async fn refresh(&self, session: &mut Session) -> Result<Secret, LinkError> {
        let Some(refresh) = session.refresh.clone() else { return Err(LinkError::SignInNeeded) };
        let provider = self.provider(session).await.map_err(never_sent)?;
        let tokens = match provider.refresh(refresh.reveal()).await {
            Ok(tokens) => tokens,
            Err(IssuerError::GrantRefused) => return self.ended(session, &refresh).await,
            Err(error) => return Err(never_sent(error)),
        };
        let current = refresh_token(&tokens).unwrap_or_else(|| refresh.clone());
        if current != refresh {
            // Kept before it counts: a crash from here on finds the token that the issuer knows.
            self.rotate(&refresh, Some(current.clone())).await;
            session.refresh = Some(current.clone());
        }
        if !self.is_ours(session, &tokens).await.map_err(never_sent)? {
            return self.ended(session, &current).await;
        }
        let access = Access::of(&tokens);
        let token = access.token.clone();
        session.access = Some(access);
        Ok(token)
    }

    async fn ended(&self, session: &mut Session, refresh: &Secret) -> Result<Secret, LinkError> {
        tracing::info!("the issuer ends the session; the worker has to sign in again");
        session.refresh = None;
        self.rotate(refresh, None).await;
        Err(LinkError::SignInNeeded)
    }

    /// An issuer may change its keys while somebody works; it is asked for them once more before it is doubted.
    async fn is_ours(&self, session: &mut Session, tokens: &Tokens) -> Result<bool, IssuerError> {
        let provider = self.provider(session).await?;
        match provider.is_same_worker(tokens, &self.worker) {
            Err(IssuerError::UnknownKey) => {
                session.provider = None;
                self.provider(session).await?.is_same_worker(tokens, &self.worker)
            }
            answer => answer,
        }
    }

    async fn provider(&self, session: &mut Session) -> Result<Arc<Provider>, IssuerError> {
        if let Some(provider) = &session.provider {
            return Ok(provider.clone());
        }
        let provider = Arc::new(Provider::discover(&self.http, &self.worker.issuer, &self.client_id).await?);
        session.provider = Some(provider.clone());
        Ok(provider)
    }

    fn last_sign_in(&self) -> Timestamp {
        *self.last_sign_in.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores what follows `old`, unless somebody else has signed in since, or out.
    async fn rotate(&self, old: &Secret, new: Option<Secret>) {
        let stored = self.secrets.get(&self.item).await.ok().flatten().and_then(|bytes| Kept::read(&bytes));
        if stored.is_some_and(|kept| kept.refresh_token.as_ref() == Some(old)) {
            let _ = self.keep(new).await;
        }
    }

    async fn keep(&self, refresh_token: Option<Secret>) -> Result<(), SecretError> {
        let kept = Kept {
            worker: self.worker.clone(),
            client_id: self.client_id.clone(),
            refresh_token,
            last_sign_in: self.last_sign_in(),
        };
        let stored = self.secrets.set(&self.item, &kept.write()).await;
        if let Err(error) = stored {
            tracing::warn!("the sign-in will not outlive the application: {error}");
        }
        stored
    }
}

impl Session {
    fn usable(&self, refused: Option<&Secret>) -> Option<Secret> {
        let access = self.access.as_ref()?;
        (Instant::now() < access.until && refused != Some(&access.token)).then(|| access.token.clone())
    }
}

impl Access {
    fn of(tokens: &Tokens) -> Self {
        let lifetime = tokens.expires_in().unwrap_or(UNSAID_LIFETIME);
        Self {
            token: Secret::new(tokens.access_token().secret()),
            until: Instant::now() + lifetime.saturating_sub(MARGIN.min(lifetime / 4)),
        }
    }
}

fn refresh_token(tokens: &Tokens) -> Option<Secret> {
    tokens.refresh_token().map(|token| Secret::new(token.secret()))
}

/// What a failed refresh means for the request that needed the token: it was never sent.
fn never_sent(error: IssuerError) -> LinkError {
    tracing::info!("the access token was not renewed: {error}");
    match error {
        IssuerError::Link(LinkError::NoAnswer) => LinkError::Unreachable,
        IssuerError::Link(
            error @ (LinkError::Unreachable
            | LinkError::WrongServer
            | LinkError::Busy { .. }
            | LinkError::Undecided { .. }),
        ) => error,
        _ => LinkError::SignInNeeded,
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(..)")
    }
}
