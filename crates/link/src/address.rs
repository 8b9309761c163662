//! Addresses that may be spoken to: HTTPS, or plain HTTP to this very computer.

use ledsaga_core::error::LinkError;
use reqwest::Url;

/// The address of `path` (`/v1/…`) at a gateway whose address may itself have a path.
///
/// # Errors
/// [`LinkError::WrongAddress`] when the gateway's address is not a URL or not one that may be spoken to.
pub fn endpoint(base: &str, path: &str) -> Result<Url, LinkError> {
    let url = Url::parse(&format!("{}{path}", base.trim().trim_end_matches('/'))).map_err(|_| refuse())?;
    check(&url)?;
    Ok(url)
}

/// Refuses an address over which secrets or personal data would travel in the clear.
pub fn check(url: &Url) -> Result<(), LinkError> {
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        _ => Err(refuse()),
    }
}

/// This very computer.
pub fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn refuse() -> LinkError {
    tracing::error!("an address is neither https nor on this computer; nothing was sent to it");
    LinkError::WrongAddress
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_computer_only() {
        for allowed in
            ["https://kommun.example", "http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:9"]
        {
            assert!(endpoint(allowed, "/v1/about").is_ok(), "{allowed}");
        }
        for refused in [
            "http://kommun.example",
            "http://127.0.0.1.kommun.example",
            "http://localhost.kommun.example",
            "ftp://127.0.0.1",
            "file:///etc/hosts",
            "kommun.example",
            "",
        ] {
            assert_eq!(endpoint(refused, "/v1/about"), Err(LinkError::WrongAddress), "{refused}");
        }
    }

    #[test]
    fn a_gateway_may_live_under_a_path() {
        let url = endpoint("https://kommun.example/ledsaga/", "/v1/about").unwrap();
        assert_eq!(url.as_str(), "https://kommun.example/ledsaga/v1/about");
    }
}
