//! The client, and the one function through which every exchange goes.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use roost_crash_points::{self as crash, Moment};
use serde::de::DeserializeOwned;
use url::Url;

use crate::classify::{Operation, classify};
use crate::failure::{Failure, FailureKind};
use crate::transport::{Answer, Broken, Network, Request, Stage, Transport};

/// The largest answer that is read: a page of a hundred long posts fits, a flood does not.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// A client for one API address. Cheap to clone; keeps no tokens.
#[derive(Debug, Clone)]
pub struct Client {
    api_base: Url,
    authorize_url: Url,
    transport: Arc<dyn Transport>,
    timeout: Duration,
    upload_timeout: Duration,
}

/// Sets up a [`Client`].
#[derive(Debug)]
pub struct Builder {
    api_base: Url,
    authorize_url: Option<Url>,
    transport: Option<Arc<dyn Transport>>,
    connect_timeout: Duration,
    timeout: Duration,
    upload_timeout: Duration,
}

impl Client {
    /// Returns a client for `api_base`, such as `https://api.x.com`.
    ///
    /// # Errors
    /// When no TLS provider or certificate store can be set up.
    pub fn new(api_base: Url) -> Result<Self, Failure> {
        Self::builder(api_base).build()
    }

    /// Returns a client with other than the usual timeouts, authorize page or transport.
    #[must_use]
    pub fn builder(api_base: Url) -> Builder {
        Builder {
            api_base,
            authorize_url: None,
            transport: None,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_secs(120),
        }
    }

    /// Asks X for nothing but an answer, whose `Date` tells X's time: a public document's header,
    /// without a token. The transport hears it; whatever X answers will do.
    ///
    /// # Errors
    /// When X answers with anything but success, or not at all.
    pub async fn knock(&self) -> Result<(), Failure> {
        let path = ["2", "openapi.json"];
        self.call("x.knock", Operation::Read, Method::HEAD, &path).send().await.map(drop)
    }

    /// Returns where people are sent to sign in, without parameters.
    #[must_use]
    pub const fn authorize_page(&self) -> &Url {
        &self.authorize_url
    }

    /// A call under construction. The path's pieces are escaped one by one.
    pub(crate) fn call(
        &self,
        point: &'static str,
        operation: Operation,
        method: Method,
        path: &[&str],
    ) -> Call<'_> {
        let mut url = self.api_base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let timeout =
            if operation == Operation::Media { self.upload_timeout } else { self.timeout };
        let request = Request {
            point,
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            answer_limit: ANSWER_LIMIT,
            timeout,
        };
        Call { client: self, operation, request, secrets: Vec::new(), unsendable: None }
    }

    /// Every exchange with X goes through here: one request, one answer or one failure.
    async fn exchange(
        &self,
        operation: Operation,
        request: Request,
        secrets: &[String],
    ) -> Result<Answer, Failure> {
        let point = request.point;
        crash::point(point, Moment::Ask);
        let answer = self.transport.exchange(request).await;
        crash::point(point, Moment::Answered);
        let answer = answer.map_err(|broken| lost(&broken))?;
        if !answer.status.is_success() {
            let body = redacted(&answer.body, secrets);
            return Err(classify(operation, answer.status, &answer.headers, &body));
        }
        match &answer.broken {
            None => Ok(answer),
            // "Done" was said, but with what result was not heard.
            Some(broken) => Err(Failure {
                status: Some(answer.status.as_u16()),
                limits: Box::new(crate::RateHeaders::read(&answer.headers)),
                ..lost(broken)
            }),
        }
    }
}

fn lost(broken: &Broken) -> Failure {
    let kind = match broken.stage {
        Stage::NotConnected => FailureKind::NotConnected,
        Stage::TimedOut => FailureKind::Timeout,
        Stage::Cut => FailureKind::ConnectionCut,
        Stage::TooLarge => FailureKind::Malformed,
    };
    Failure::unanswered(kind, broken.detail.clone())
}

/// A call under construction.
pub(crate) struct Call<'a> {
    client: &'a Client,
    operation: Operation,
    request: Request,
    /// What must not come back out in a failure.
    secrets: Vec<String>,
    unsendable: Option<Failure>,
}

impl Call<'_> {
    pub(crate) fn bearer(self, access_token: &str) -> Self {
        self.authorization(format!("Bearer {access_token}")).secret(access_token)
    }

    pub(crate) fn authorization(mut self, value: String) -> Self {
        match HeaderValue::try_from(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.request.headers.insert(AUTHORIZATION, value);
            }
            Err(_) => {
                self.unsendable = Some(Failure::unanswered(
                    FailureKind::NotConnected,
                    "the token has characters that no header may hold; connect the account anew",
                ));
            }
        }
        self
    }

    /// Marks a text that must not appear in a failure, even when X echoes it.
    pub(crate) fn secret(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            self.secrets.push(secret.to_owned());
        }
        self
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.request.url.query_pairs_mut().append_pair(name, value);
        self
    }

    pub(crate) fn json(self, body: &impl serde::Serialize) -> Self {
        // Our own bodies are strings, numbers and lists: they always serialise.
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        self.body("application/json", bytes)
    }

    pub(crate) fn body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        if let Ok(value) = HeaderValue::try_from(content_type) {
            self.request.headers.insert(CONTENT_TYPE, value);
        }
        self.request.body = body.into();
        self
    }

    /// Sends the call once.
    pub(crate) async fn send(self) -> Result<Received, Failure> {
        if let Some(failure) = self.unsendable {
            return Err(failure);
        }
        let Self { client, operation, request, secrets, .. } = self;
        let answer = client.exchange(operation, request, &secrets).await?;
        Ok(Received { operation, answer, secrets })
    }
}

/// An answer that says "done".
pub(crate) struct Received {
    operation: Operation,
    answer: Answer,
    secrets: Vec<String>,
}

impl Received {
    pub(crate) fn limits(&self) -> crate::RateHeaders {
        crate::RateHeaders::read(&self.answer.headers)
    }

    /// The body as `T`, or the failure that it is none.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.answer.body).map_err(|_| self.malformed())
    }

    /// "Done", but without what was asked for.
    pub(crate) fn malformed(&self) -> Failure {
        let Answer { status, headers, body, .. } = &self.answer;
        classify(self.operation, *status, headers, &redacted(body, &self.secrets))
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.answer.status
    }
}

/// The body without the secrets of the call, should X echo them.
fn redacted<'a>(body: &'a [u8], secrets: &[String]) -> Cow<'a, [u8]> {
    let text = String::from_utf8_lossy(body);
    if !secrets.iter().any(|secret| text.contains(secret.as_str())) {
        return Cow::Borrowed(body);
    }
    let clean = secrets.iter().fold(text.into_owned(), |text, secret| text.replace(secret, "…"));
    Cow::Owned(clean.into_bytes())
}

impl Builder {
    /// Where people sign in; the usual is derived from the API's address.
    #[must_use]
    pub fn authorize_url(mut self, url: Url) -> Self {
        self.authorize_url = Some(url);
        self
    }

    /// Another door than the network.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// How long connecting may take; 10 s unless changed.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a whole exchange may take; 30 s unless changed.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one exchange of the media routes may take; 120 s unless changed.
    #[must_use]
    pub const fn upload_timeout(mut self, timeout: Duration) -> Self {
        self.upload_timeout = timeout;
        self
    }

    /// Returns the client.
    ///
    /// # Errors
    /// When the address cannot carry paths, or TLS cannot be set up.
    pub fn build(self) -> Result<Client, Failure> {
        if self.api_base.cannot_be_a_base() {
            let detail = "the X API address is no http or https address";
            return Err(Failure::unanswered(FailureKind::NotConnected, detail));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(
                Network::to(&self.api_base, self.connect_timeout)
                    .map_err(|broken| lost(&broken))?,
            ),
        };
        Ok(Client {
            authorize_url: self.authorize_url.unwrap_or_else(|| authorize_page(&self.api_base)),
            api_base: self.api_base,
            transport,
            timeout: self.timeout,
            upload_timeout: self.upload_timeout,
        })
    }
}

/// X's own page for X's own API; the same origin for everything else.
fn authorize_page(api_base: &Url) -> Url {
    let mut page = api_base.clone();
    if matches!(page.host_str(), Some("api.x.com" | "api.twitter.com")) {
        // A host name in place of a host name: this cannot fail.
        let _ = page.set_host(Some("x.com"));
    }
    page.set_path("/i/oauth2/authorize");
    page
}
