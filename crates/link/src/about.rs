//! What the municipality's server says of itself, before sign-in.

use ledsaga_core::error::LinkError;
use ledsaga_protocol::{About, PRODUCT};

use crate::{address, answer, http::Http};

const LIMIT: usize = 64 * 1024;

/// Asks the gateway at `base_url` who it is. Needs no sign-in.
///
/// # Errors
/// [`LinkError::Unreachable`] or [`LinkError::NoAnswer`] without a network; [`LinkError::WrongServer`] when something
/// else answers there; [`LinkError::TooOld`] when the gateway no longer speaks this version.
pub async fn about(base_url: &str) -> Result<About, LinkError> {
    ask(&Http::default(), base_url).await
}

pub async fn ask(http: &Http, base_url: &str) -> Result<About, LinkError> {
    let url = address::endpoint(base_url, "/v1/about")?;
    let about: About = answer::ask(http.client(&url)?.get(url), LIMIT).await?.json()?;
    if about.product != PRODUCT {
        return Err(LinkError::WrongServer);
    }
    Ok(About { policy: about.policy.clone().bounded(), ..about })
}
