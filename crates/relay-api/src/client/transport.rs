//! What carries requests to the relay: the network, or a simulation in its place.
#![expect(
    clippy::disallowed_methods,
    reason = "requests to the relay are sent here and nowhere else"
)]

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use reqwest::{Request, StatusCode};
use url::Url;

use super::error::{ClientError, Outcome};

/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An answer, complete.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// No answer came; whether the request may have been carried out, and the network's words.
    NoAnswer(Outcome, String),
    /// The answer has no end; its status.
    Endless(StatusCode),
}

/// What [`Transport::exchange`] returns.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Answer, Broken>> + Send + 'a>>;

/// Something that carries requests to the relay. It sends each request once.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends the request, within its own timeout, and reads an answer of up to `answer_limit` bytes.
    fn exchange(&self, request: Request, answer_limit: usize) -> Exchange<'_>;
}

/// The network itself: reqwest over rustls, no redirects.
#[derive(Debug)]
pub(super) struct Network(reqwest::Client);

impl Network {
    /// Returns what carries requests to the relay at `base`, whose certificate has this pin if any.
    ///
    /// # Errors
    /// When no TLS provider is installed.
    pub(super) fn to(base: &Url, pin: Option<&super::Pin>) -> Result<Self, ClientError> {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")));
        // A proxy of the system can't reach this computer's own relay.
        let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
        let builder = match pin {
            Some(pin) => builder.tls_backend_preconfigured(pin.tls()?),
            None => builder,
        };
        let client = builder.build();
        client.map(Self).map_err(|error| ClientError::Unusable(format!("no HTTP client: {error}")))
    }
}

impl Transport for Network {
    fn exchange(&self, request: Request, answer_limit: usize) -> Exchange<'_> {
        Box::pin(async move {
            let mut response = self.0.execute(request).await.map_err(|error| broken(&error))?;
            let status = response.status();
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
                if body.len() + chunk.len() > answer_limit {
                    return Err(Broken::Endless(status));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, body })
        })
    }
}

fn broken(error: &reqwest::Error) -> Broken {
    let outcome =
        if error.is_connect() || error.is_builder() { Outcome::NotSent } else { Outcome::Unknown };
    Broken::NoAnswer(outcome, innermost(error))
}

/// The last cause of an error: "connection refused" says more than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
