//! What carries requests to QStash: the network, or a simulation in its place.
#![expect(clippy::disallowed_methods, reason = "requests to QStash are sent here and nowhere else")]

use std::error::Error as _;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Request, StatusCode};

use crate::error::Error;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An answer, complete.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer, in the network's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// No connection came about: nothing was done.
    NotReached(String),
    /// The request can't be sent.
    Invalid(String),
    /// The request left, and no answer came.
    NoAnswer(String),
    /// The answer has no end; its status.
    Endless(StatusCode),
}

/// What [`Transport::exchange`] returns.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Answer, Broken>> + Send + 'a>>;

/// Something that carries requests to QStash. It sends each request once.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends the request, within its own timeout, and reads an answer of up to `answer_limit` bytes.
    fn exchange(&self, request: Request, answer_limit: usize) -> Exchange<'_>;
}

/// The network itself: reqwest over rustls, no redirects.
#[derive(Debug)]
pub(super) struct Network(reqwest::Client);

impl Network {
    /// Returns what carries requests, over TLS of its own if any. On loopback no proxy is asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] when no TLS provider is installed.
    pub(super) fn new(is_loopback: bool, tls: Option<rustls::ClientConfig>) -> Result<Self, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("roost-qstash/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            // The token must not travel to wherever an answer points.
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback {
            // A proxy of the environment can't reach this machine's own services.
            builder = builder.no_proxy();
        }
        if let Some(tls) = tls {
            builder = builder.tls_backend_preconfigured(tls);
        }
        builder.build().map(Self).map_err(|error| Error::Invalid(error.to_string()))
    }
}

impl Transport for Network {
    fn exchange(&self, request: Request, answer_limit: usize) -> Exchange<'_> {
        Box::pin(async move {
            let mut response = self.0.execute(request).await.map_err(broken)?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(broken)? {
                if body.len() + chunk.len() > answer_limit {
                    return Err(Broken::Endless(status));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, headers, body })
        })
    }
}

fn broken(error: reqwest::Error) -> Broken {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason.push_str(": ");
        reason.push_str(&cause.to_string());
        source = cause.source();
    }
    if error.is_connect() {
        Broken::NotReached(reason)
    } else if error.is_builder() {
        Broken::Invalid(reason)
    } else {
        Broken::NoAnswer(reason)
    }
}
