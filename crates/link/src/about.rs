//! What the municipality's server says of itself, before sign-in.

use jiff::{Timestamp, fmt::rfc2822};
use ledsaga_core::error::LinkError;
use ledsaga_protocol::{About, PRODUCT};
use reqwest::header::DATE;

use crate::{
    address,
    answer::{self, Answer},
    http::{Http, Timeouts},
    roots::Roots,
};

const LIMIT: usize = 64 * 1024;

/// Asks the gateway at `base_url` who it is. Needs no sign-in.
///
/// # Errors
/// See [`LinkError`].
pub async fn about(base_url: &str, roots: &Roots) -> Result<About, LinkError> {
    ask(&Http::new(Timeouts::default(), roots.clone()), base_url).await
}

pub async fn ask(http: &Http, base_url: &str) -> Result<About, LinkError> {
    read(&get(http, base_url).await?)
}

/// The gateway's own time (`Date`, RFC 9110 6.6.1), when it says so.
pub async fn time(http: &Http, base_url: &str) -> Result<Option<Timestamp>, LinkError> {
    let answer = get(http, base_url).await?;
    read(&answer)?;
    Ok(date(&answer))
}

/// The gateway's word of itself, and its own time when it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    pub about: About,
    pub time: Option<Timestamp>,
}

/// Looks whether the gateway is there, for support. Needs no sign-in.
///
/// # Errors
/// As [`about`].
pub async fn presence(base_url: &str, roots: &Roots) -> Result<Presence, LinkError> {
    let answer = get(&Http::new(Timeouts::default(), roots.clone()), base_url).await?;
    Ok(Presence { about: read(&answer)?, time: date(&answer) })
}

fn date(answer: &Answer) -> Option<Timestamp> {
    rfc2822::parse(answer.header(DATE)?).ok().map(|date| date.timestamp())
}

async fn get(http: &Http, base_url: &str) -> Result<Answer, LinkError> {
    let url = address::endpoint(base_url, "/v1/about")?;
    answer::ask(http.client(&url)?.get(url), LIMIT).await
}

fn read(answer: &Answer) -> Result<About, LinkError> {
    let about: About = answer.json()?;
    if about.product != PRODUCT {
        return Err(LinkError::WrongServer);
    }
    // Whatever it says, it cannot be laxer than what is built in.
    Ok(About { policy: about.policy.clone().bounded(), ..about })
}
