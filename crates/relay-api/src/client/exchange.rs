//! The one place where bytes leave for the relay.
#![expect(
    clippy::disallowed_methods,
    reason = "requests to the relay are sent here and nowhere else"
)]

use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::{Method, StatusCode};
use roost_crash_points::{self as crash, Moment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::Client;
use super::error::{ClientError, Outcome};
use crate::Refusal;

/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer beyond this is not the relay's.
const ANSWER_MAX_BYTES: usize = 32 * 1024 * 1024;

/// Returns what carries requests to the relay at `base`.
///
/// # Errors
/// When no TLS provider is installed.
pub(super) fn http(base: &Url) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")));
    // A proxy of the system can't reach this computer's own relay.
    let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| ClientError::Unusable(format!("no HTTP client: {error}")))
}

impl Client {
    /// Exchanges one request. Returns what a 2xx answer says.
    pub(super) async fn send<B: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<A, ClientError> {
        let (status, bytes) = self.exchange(method, path, body, timeout).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.garbled(status, error.to_string()))
    }

    /// Exchanges one request. Returns status and body of a 2xx answer.
    pub(super) async fn exchange<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let (status, bytes) = self.exchange_any(method, path, body, timeout).await?;
        if status.is_success() { Ok((status, bytes)) } else { Err(self.refused(status, &bytes)) }
    }

    pub(super) fn refused(&self, status: StatusCode, bytes: &[u8]) -> ClientError {
        match serde_json::from_slice::<Refusal>(bytes) {
            Ok(refusal) => ClientError::Refused { status: status.as_u16(), refusal },
            Err(error) => self.garbled(status, error.to_string()),
        }
    }

    /// Exchanges one request. Returns status and body of any answer.
    pub(super) async fn exchange_any<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let mut request = self
            .http
            .request(method, self.address(path)?)
            .header(AUTHORIZATION, self.bearer.clone())
            .timeout(timeout);
        if let Some(body) = body {
            request = request.json(body);
        }
        crash::point(route(path), Moment::Ask);
        let exchanged = async {
            let response = request.send().await.map_err(|error| self.unreachable(&error))?;
            let status = response.status();
            self.read(status, response).await.map(|bytes| (status, bytes))
        };
        let exchanged = exchanged.await;
        crash::point(route(path), Moment::Answered);
        exchanged
    }

    async fn read(
        &self,
        status: StatusCode,
        mut response: reqwest::Response,
    ) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(self.garbled(status, "the answer has no end".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    pub(super) fn address(&self, path: &str) -> Result<Url, ClientError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}"))
            .map_err(|error| ClientError::Unusable(format!("no address at {base}: {error}")))
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let outcome = if error.is_connect() || error.is_builder() {
            Outcome::NotSent
        } else {
            Outcome::Unknown
        };
        ClientError::Unreachable {
            address: self.base.to_string(),
            outcome,
            reason: innermost(error),
        }
    }

    pub(super) fn garbled(&self, status: StatusCode, reason: String) -> ClientError {
        ClientError::Garbled { address: self.base.to_string(), status: status.as_u16(), reason }
    }
}

/// The route of a path, without what it is asked about: `v1/posts` of `v1/posts/42/resolve`.
fn route(path: &str) -> &str {
    let end = path.match_indices(['/', '?']).nth(1).map_or(path.len(), |(place, _)| place);
    path[..end].split('?').next().unwrap_or(path)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The last cause of an error: "connection refused" says more than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}
