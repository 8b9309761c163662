//! The workers' OpenID Connect issuer: discovery, tokens and verified claims.

use std::{borrow::Cow, pin::Pin};

use jiff::{SignedDuration, Timestamp};
use ledsaga_core::{
    error::LinkError,
    worker::{Role, Worker},
};
use ledsaga_protocol::{SignInTerms, claim_words};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AsyncHttpClient, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce,
    NonceVerifier, OAuth2TokenResponse, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RefreshToken,
    RequestTokenError, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
        CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use reqwest::{
    StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    address,
    answer::busy,
    http::{self, Http},
};

const LIMIT: usize = 1024 * 1024;
/// How much the clocks of this computer and of the issuer may differ.
const CLOCK_LEEWAY: SignedDuration = SignedDuration::from_mins(5);
/// How long ago the worker may have proved who they are in a sign-in that asked for it anew: as long as it may take in
/// the browser.
const PROVED_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// Signatures that are believed: those with a public key that cannot be mistaken for a shared secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// The claims besides the standard ones: the roles are somewhere among them.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct OtherClaims {
    #[serde(flatten)]
    claims: Map<String, Value>,
}
impl AdditionalClaims for OtherClaims {}

impl std::fmt::Debug for OtherClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OtherClaims(..)")
    }
}

/// What discovery says beyond OpenID Connect Discovery 1.0.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Extras {
    /// RFC 9207: every authorization response carries `iss`.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// RFC 7009.
    revocation_endpoint: Option<Url>,
    /// OpenID Connect RP-Initiated Logout.
    end_session_endpoint: Option<Url>,
}
impl AdditionalProviderMetadata for Extras {}

type Metadata = ProviderMetadata<
    Extras,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type IdFields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;
type TokenError = StandardErrorResponse<CoreErrorResponseType>;
pub type Tokens = StandardTokenResponse<IdFields, CoreTokenType>;
pub type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenError,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why the issuer did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("another issuer answered")]
    WrongIssuer,
    /// `invalid_grant`: the code or the refresh token is not, or no longer, good.
    #[error("the grant is refused")]
    GrantRefused,
    #[error("the worker has no role here")]
    NoRole,
    /// A fresh token is from another time than this computer's.
    #[error("the clocks of this computer and of the issuer differ too much")]
    ClockWrong,
    /// Signed with a key that the issuer did not have when it was last asked.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// An answer that breaks the protocol or fails verification; by the name of its kind.
    #[error("the issuer's answer is not acceptable: {0}")]
    Unacceptable(&'static str),
}

/// A discovered issuer.
pub struct Provider {
    pub client: OidcClient,
    metadata: Metadata,
    client_id: String,
    http: Http,
}

impl Provider {
    /// Fetches the issuer's metadata and keys.
    pub async fn discover(http: &Http, issuer: &str, client_id: &str) -> Result<Self, IssuerError> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| IssuerError::WrongIssuer)?;
        let metadata = Metadata::discover_async(issuer, http).await.map_err(|error| match error {
            DiscoveryError::Request(error) => IssuerError::Link(error),
            DiscoveryError::Validation(_) => IssuerError::WrongIssuer,
            DiscoveryError::Response(..) | DiscoveryError::Parse(_) => IssuerError::Unacceptable("discovery"),
            _ => IssuerError::Unacceptable("discovery address"),
        })?;
        address::check(metadata.authorization_endpoint().url())?;
        let client =
            OidcClient::from_provider_metadata(metadata.clone(), ClientId::new(client_id.to_owned()), None);
        Ok(Self { client, metadata, client_id: client_id.to_owned(), http: http.clone() })
    }

    pub fn issuer(&self) -> &str {
        self.metadata.issuer().as_str()
    }

    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub fn http(&self) -> &Http {
        &self.http
    }

    pub fn knows_scope(&self, scope: &str) -> bool {
        self.metadata.scopes_supported().is_some_and(|known| known.iter().any(|s| s.as_str() == scope))
    }

    /// RFC 9207: whether an authorization response with this `iss` parameter may be from this issuer.
    pub fn may_have_answered(&self, iss: Option<&str>) -> bool {
        match iss {
            Some(iss) => iss == self.issuer(),
            None => !self.metadata.additional_metadata().authorization_response_iss_parameter_supported,
        }
    }

    pub async fn exchange(
        &self,
        code: &str,
        verifier: PkceCodeVerifier,
        redirect: &RedirectUrl,
    ) -> Result<Tokens, IssuerError> {
        self.client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| IssuerError::Unacceptable("no token endpoint"))?
            .set_pkce_verifier(verifier)
            .set_redirect_uri(Cow::Borrowed(redirect))
            .request_async(&self.http)
            .await
            .map_err(token_failure)
    }

    pub async fn refresh(&self, token: &str) -> Result<Tokens, IssuerError> {
        let token = RefreshToken::new(token.to_owned());
        self.client
            .exchange_refresh_token(&token)
            .map_err(|_| IssuerError::Unacceptable("no token endpoint"))?
            .request_async(&self.http)
            .await
            .map_err(token_failure)
    }

    /// The worker of a fresh sign-in, from the verified ID token. `anew` when they were asked to prove who they are even
    /// if the browser remembered them.
    pub fn worker(
        &self,
        tokens: &Tokens,
        nonce: &Nonce,
        terms: &SignInTerms,
        anew: bool,
    ) -> Result<Worker, IssuerError> {
        let claims = self.verified(tokens, nonce)?.ok_or(IssuerError::Unacceptable("no ID token"))?;
        is_of_now(claims, Timestamp::now())?;
        if anew {
            self.was_proved_anew(claims)?;
        }
        let role = claim_words(&claims.additional_claims().claims, &terms.roles_claim)
            .into_iter()
            .find_map(|role| serde_json::from_value::<Role>(role.into()).ok())
            .ok_or(IssuerError::NoRole)?;
        let name = claims.name().and_then(|names| names.get(None)).map(|name| name.as_str());
        let login = claims.preferred_username().map(|name| name.as_str());
        Ok(Worker {
            issuer: self.issuer().to_owned(),
            subject: claims.subject().to_string(),
            name: name.or(login).unwrap_or(claims.subject().as_str()).to_owned(),
            role,
        })
    }

    /// Whether refreshed tokens are of the same worker; an ID token need not come with them (OpenID Connect Core,
    /// 12.2). Its times are not looked at: whose it is does not depend on this computer's clock.
    pub fn is_same_worker(&self, tokens: &Tokens, worker: &Worker) -> Result<bool, IssuerError> {
        let claims = self.verified(tokens, |_: Option<&Nonce>| Ok(()))?;
        Ok(claims.is_none_or(|claims| claims.subject().as_str() == worker.subject))
    }

    /// `prompt=login` can be taken out of the address in the browser; what the issuer signs cannot.
    fn was_proved_anew(&self, claims: &Claims) -> Result<(), IssuerError> {
        let says_when = self
            .metadata
            .claims_supported()
            .is_some_and(|claims| claims.iter().any(|claim| claim.as_str() == "auth_time"));
        match claims.auth_time() {
            Some(proved) if since(proved.timestamp(), claims.issue_time().timestamp()) <= PROVED_WITHIN => {
                Ok(())
            }
            None if !says_when => Ok(()),
            _ => Err(IssuerError::Unacceptable("not signed in anew")),
        }
    }

    /// Everything that can be said of an ID token without a clock.
    fn verified<'a>(
        &self,
        tokens: &'a Tokens,
        nonce: impl NonceVerifier,
    ) -> Result<Option<&'a Claims>, IssuerError> {
        let Some(id_token) = tokens.id_token() else { return Ok(None) };
        let verifier =
            self.client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(Default::default);
        let claims = id_token.claims(&verifier, nonce).map_err(|error| match error {
            ClaimsVerificationError::InvalidIssuer(_) => IssuerError::WrongIssuer,
            ClaimsVerificationError::InvalidNonce(_) => IssuerError::Unacceptable("nonce"),
            ClaimsVerificationError::InvalidAudience(_) => IssuerError::Unacceptable("audience"),
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                IssuerError::UnknownKey
            }
            ClaimsVerificationError::SignatureVerification(_) => IssuerError::Unacceptable("signature"),
            _ => IssuerError::Unacceptable("ID token"),
        })?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.client_id) {
            return Err(IssuerError::Unacceptable("authorized party"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let alg = id_token.signing_alg().map_err(|_| IssuerError::Unacceptable("signature"))?;
            let key = id_token.signing_key(&verifier).map_err(|_| IssuerError::Unacceptable("signature"))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key)
                .map_err(|_| IssuerError::Unacceptable("access token hash"))?;
            if actual != *expected {
                return Err(IssuerError::Unacceptable("access token hash"));
            }
        }
        Ok(Some(claims))
    }

    /// Ends the session at the issuer, as far as it listens: nothing here depends on it. Answers the page at which the
    /// worker ends it in the browser too (OpenID Connect RP-Initiated Logout), if there is one and the issuer can be
    /// reached. It carries no token: addresses are remembered by browsers.
    pub async fn forget(&self, refresh_token: Option<&str>) -> Option<String> {
        let extras = self.metadata.additional_metadata();
        if let (Some(url), Some(token)) = (&extras.revocation_endpoint, refresh_token) {
            self.revoke(url, token).await?;
        }
        let mut page = extras.end_session_endpoint.clone()?;
        address::check(&page).ok()?;
        page.query_pairs_mut().append_pair("client_id", &self.client_id).append_pair("ui_locales", "sv");
        Some(page.into())
    }

    /// RFC 7009. None when the issuer does not answer.
    async fn revoke(&self, url: &Url, refresh_token: &str) -> Option<()> {
        let form =
            [("token", refresh_token), ("token_type_hint", "refresh_token"), ("client_id", &self.client_id)];
        let body = Url::parse_with_params("http://form/", form).ok()?.query()?.to_owned();
        let request = self
            .http
            .client(url)
            .ok()?
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        match request.send().await {
            Ok(_) => Some(()),
            Err(error) => {
                tracing::info!("the issuer was not told of the sign-out: {}", http::failure(&error));
                None
            }
        }
    }
}

/// A token that has just been issued tells the issuer's time.
fn is_of_now(claims: &Claims, now: Timestamp) -> Result<(), IssuerError> {
    let (issued, ends) = (claims.issue_time().timestamp(), claims.expiration().timestamp());
    let now = now.as_second();
    if ends <= issued {
        Err(IssuerError::Unacceptable("expired"))
    } else if since(now, issued) > CLOCK_LEEWAY || since(ends, now) > CLOCK_LEEWAY {
        Err(IssuerError::ClockWrong)
    } else {
        Ok(())
    }
}

/// From one time to another, both in seconds since 1970.
fn since(earlier: i64, later: i64) -> SignedDuration {
    SignedDuration::from_secs(later.saturating_sub(earlier))
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = LinkError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, LinkError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(call(self, request))
    }
}

/// One request to the issuer. Pages and redirects are not the issuer's answer.
async fn call(http: &Http, request: HttpRequest) -> Result<HttpResponse, LinkError> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| LinkError::WrongAddress)?;
    let request = http.client(&url)?.request(parts.method, url).headers(parts.headers).body(body);
    let response = request.send().await.map_err(|error| http::failure(&error))?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_redirection() || is_page(&headers) {
        return Err(LinkError::WrongServer);
    }
    if status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
    {
        return Err(busy(&headers));
    }
    let mut answer = HttpResponse::new(http::read(response, LIMIT).await?);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

fn is_page(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.trim_start().to_ascii_lowercase().starts_with("text/html")
}

fn token_failure(error: RequestTokenError<LinkError, TokenError>) -> IssuerError {
    match error {
        RequestTokenError::Request(error) => IssuerError::Link(error),
        RequestTokenError::ServerResponse(answer)
            if *answer.error() == CoreErrorResponseType::InvalidGrant =>
        {
            IssuerError::GrantRefused
        }
        RequestTokenError::ServerResponse(_) => IssuerError::Unacceptable("the token request is refused"),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            IssuerError::Unacceptable("token answer")
        }
    }
}
