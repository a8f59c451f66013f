//! The client: where QStash is, and the token that opens it.

pub(crate) mod http;
mod transport;

use std::fmt;
use std::sync::Arc;

use reqwest::header::HeaderValue;
use url::{Host, Url};

pub use transport::{Answer, Broken, Exchange, Transport};

use crate::error::Error;

/// A QStash account in one region. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(crate) base: String,
    pub(crate) token: String,
    bearer: HeaderValue,
    transport: Arc<dyn Transport>,
}

impl Client {
    /// Returns a client for the QStash at `base_url` (`https://qstash.upstash.io`, a region's own
    /// address, or an embedded scheduler), with the account's token.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the address is not http(s) or the token can't be a header.
    pub fn new(base_url: Url, token: String) -> Result<Self, Error> {
        origin_and_path(&base_url)?;
        let network = transport::Network::new(is_loopback(&base_url), None)?;
        Self::over(Arc::new(network), base_url, token)
    }

    /// The same for a scheduler whose certificate is known otherwise than by this system's roots.
    ///
    /// # Errors
    /// As of [`Client::new`].
    pub fn with_tls(
        base_url: Url,
        token: String,
        tls: rustls::ClientConfig,
    ) -> Result<Self, Error> {
        origin_and_path(&base_url)?;
        let network = transport::Network::new(is_loopback(&base_url), Some(tls))?;
        Self::over(Arc::new(network), base_url, token)
    }

    /// Returns a client whose requests another transport carries than the network.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the address is not http(s) or the token can't be a header.
    pub fn over(
        transport: Arc<dyn Transport>,
        base_url: Url,
        token: String,
    ) -> Result<Self, Error> {
        let base = origin_and_path(&base_url)?;
        let token = token.trim().to_owned();
        if token.is_empty() {
            return Err(Error::Invalid("the QStash token is empty".into()));
        }
        let bearer = http::bearer(&token)?;
        Ok(Self { base, token, bearer, transport })
    }

    /// Returns the address it asks, without the last `/`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The base without its last `/`, and without the `/v2` or `/v2/publish` that people add.
fn origin_and_path(base_url: &Url) -> Result<String, Error> {
    if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
        return Err(Error::Invalid(
            "QSTASH_URL must be an http:// or https:// address, like https://qstash.upstash.io"
                .into(),
        ));
    }
    if !base_url.username().is_empty() || base_url.password().is_some() {
        return Err(Error::Invalid("QSTASH_URL must not hold a user name or password".into()));
    }
    let mut plain = base_url.clone();
    plain.set_query(None);
    plain.set_fragment(None);
    let mut base = plain.as_str().trim_end_matches('/');
    for habit in ["/publish", "/v2"] {
        base = base.strip_suffix(habit).unwrap_or(base).trim_end_matches('/');
    }
    Ok(base.to_owned())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_mistakes_in_the_address_are_repaired() {
        for written in [
            "https://qstash.upstash.io",
            "https://qstash.upstash.io/",
            "https://qstash.upstash.io/v2",
            "https://qstash.upstash.io/v2/publish/",
        ] {
            let base = origin_and_path(&Url::parse(written).unwrap()).unwrap();
            assert_eq!(base, "https://qstash.upstash.io");
        }
        assert!(origin_and_path(&Url::parse("ftp://x.example").unwrap()).is_err());
    }
}
