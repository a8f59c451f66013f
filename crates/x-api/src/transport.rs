//! The one door to the network: a request goes out, an answer comes back, or it is said how far
//! things got. Tests and the simulation put their own door in.
#![expect(clippy::disallowed_methods, reason = "requests to X are sent here and nowhere else")]

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// A request, complete.
#[derive(Clone)]
pub struct Request {
    /// The exchange's static name, such as `x.create_post`.
    pub point: &'static str,
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// The headers; they may hold secrets.
    pub headers: HeaderMap,
    /// The body; it may hold secrets.
    pub body: Bytes,
    /// The largest answer that is read, in bytes.
    pub answer_limit: usize,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("point", &self.point)
            .field("method", &self.method)
            .field("path", &self.url.path())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An answer, complete or not.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// As much of the body as arrived.
    pub body: Bytes,
    /// Why the body is not whole, when it is not.
    pub broken: Option<Broken>,
}

/// How an exchange broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// How far it got.
    pub stage: Stage,
    /// The network's words, without address and secrets.
    pub detail: String,
}

/// How far a broken exchange got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// No connection was made: no byte of the request left.
    NotConnected,
    /// The request may have left in part or whole, and time ran out.
    TimedOut,
    /// The request may have left in part or whole, and the connection broke.
    Cut,
    /// The answer was larger than allowed.
    TooLarge,
}

/// What [`Transport::exchange`] returns.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Answer, Broken>> + Send + 'a>>;

/// Something that carries requests to X. It sends each request once.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends the request and reads the answer.
    fn exchange(&self, request: Request) -> Exchange<'_>;
}

/// The network itself: reqwest over rustls, no redirects.
#[derive(Debug)]
pub struct Network(reqwest::Client);

impl Network {
    /// Returns a transport to an API's address that gives up connecting after `connect_timeout`.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn to(api_base: &Url, connect_timeout: Duration) -> Result<Self, Broken> {
        Self::new(connect_timeout, is_loopback(api_base))
    }

    /// Returns a transport that gives up connecting after `connect_timeout`. On loopback no proxy
    /// is asked.
    ///
    /// # Errors
    /// When no TLS provider or no certificate store can be set up.
    pub fn new(connect_timeout: Duration, loopback: bool) -> Result<Self, Broken> {
        let builder = reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("roost-x-api/", env!("CARGO_PKG_VERSION")));
        let builder = if loopback { builder.no_proxy() } else { builder };
        let client = builder
            .build()
            .map_err(|error| Broken { stage: Stage::NotConnected, detail: chain(&error) })?;
        Ok(Self(client))
    }
}

impl Transport for Network {
    fn exchange(&self, request: Request) -> Exchange<'_> {
        Box::pin(async move {
            let mut response = self
                .0
                .request(request.method, request.url)
                .headers(request.headers)
                .body(request.body)
                .timeout(request.timeout)
                .send()
                .await
                .map_err(broken)?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut body = BytesMut::new();
            let broken = loop {
                match response.chunk().await {
                    Ok(None) => break None,
                    Ok(Some(chunk)) if body.len() + chunk.len() > request.answer_limit => {
                        break Some(Broken {
                            stage: Stage::TooLarge,
                            detail: format!("the answer is over {} bytes", request.answer_limit),
                        });
                    }
                    Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                    Err(error) => break Some(broken(error)),
                }
            };
            Ok(Answer { status, headers, body: body.freeze(), broken })
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn broken(error: reqwest::Error) -> Broken {
    // A time-out while connecting is both; that no connection stood is what matters.
    let stage = if error.is_connect() || error.is_builder() {
        Stage::NotConnected
    } else if error.is_timeout() {
        Stage::TimedOut
    } else {
        Stage::Cut
    };
    Broken { stage, detail: chain(&error.without_url()) }
}

/// The error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
