//! The workers' OpenID Connect issuer: discovery, tokens and verified claims.

use std::{
    borrow::Cow,
    pin::Pin,
    time::{Duration, SystemTime},
};

use ledsaga_core::{
    error::LinkError,
    worker::{Role, Worker},
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AsyncHttpClient, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce, NonceVerifier,
    OAuth2TokenResponse, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RefreshToken, RequestTokenError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse,
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

use crate::{
    address,
    answer::busy,
    http::{self, Http},
};

const LIMIT: usize = 1024 * 1024;
/// How far ahead this computer's clock may be before a fresh ID token looks expired.
const CLOCK_LEEWAY: Duration = Duration::from_secs(300);

/// The `roles` claim besides the standard ones.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct RoleClaims {
    #[serde(default)]
    roles: Vec<String>,
}
impl AdditionalClaims for RoleClaims {}

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
    RoleClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type TokenError = StandardErrorResponse<CoreErrorResponseType>;
pub type Tokens = StandardTokenResponse<IdFields, CoreTokenType>;
pub type OidcClient = Client<
    RoleClaims,
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

    /// The worker of a fresh sign-in, from the verified ID token.
    pub fn worker(&self, tokens: &Tokens, nonce: &Nonce) -> Result<Worker, IssuerError> {
        let claims = self.verified(tokens, nonce)?.ok_or(IssuerError::Unacceptable("no ID token"))?;
        let role = claims
            .additional_claims()
            .roles
            .iter()
            .find_map(|role| serde_json::from_value::<Role>(role.as_str().into()).ok())
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

    /// Whether refreshed tokens are of the same worker; an ID token need not come with them (OpenID Connect, 12.2).
    pub fn is_same_worker(&self, tokens: &Tokens, worker: &Worker) -> bool {
        match self.verified(tokens, |_: Option<&Nonce>| Ok(())) {
            Ok(claims) => claims.is_none_or(|claims| claims.subject().as_str() == worker.subject),
            Err(_) => false,
        }
    }

    fn verified<'a>(
        &self,
        tokens: &'a Tokens,
        nonce: impl NonceVerifier,
    ) -> Result<Option<&'a openidconnect::IdTokenClaims<RoleClaims, CoreGenderClaim>>, IssuerError> {
        let Some(id_token) = tokens.id_token() else { return Ok(None) };
        let verifier =
            self.client.id_token_verifier().set_time_fn(|| (SystemTime::now() - CLOCK_LEEWAY).into());
        let claims = id_token.claims(&verifier, nonce).map_err(|error| match error {
            ClaimsVerificationError::InvalidIssuer(_) => IssuerError::WrongIssuer,
            ClaimsVerificationError::InvalidNonce(_) => IssuerError::Unacceptable("nonce"),
            ClaimsVerificationError::InvalidAudience(_) => IssuerError::Unacceptable("audience"),
            ClaimsVerificationError::Expired(_) => IssuerError::Unacceptable("expired"),
            ClaimsVerificationError::SignatureVerification(_) => IssuerError::Unacceptable("signature"),
            _ => IssuerError::Unacceptable("ID token"),
        })?;
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

    /// Tells the issuer that the session is over, as far as it listens. Nothing depends on it.
    pub async fn forget(&self, refresh_token: &str, id_token: Option<&str>) {
        let extras = self.metadata.additional_metadata();
        if let Some(url) = &extras.revocation_endpoint {
            let form = [("token", refresh_token), ("token_type_hint", "refresh_token")];
            self.post(url, &form).await;
        }
        if let (Some(url), Some(id_token)) = (&extras.end_session_endpoint, id_token) {
            self.post(url, &[("id_token_hint", id_token)]).await;
        }
    }

    async fn post(&self, url: &Url, form: &[(&str, &str)]) {
        let mut body = Url::clone(url);
        body.query_pairs_mut().clear().extend_pairs(form).append_pair("client_id", &self.client_id);
        let Ok(client) = self.http.client(url) else { return };
        let request = client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned());
        if let Err(error) = request.send().await {
            tracing::info!("the issuer was not told of the sign-out: {}", http::failure(&error));
        }
    }
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
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| LinkError::WrongServer)?;
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
