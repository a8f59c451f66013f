//! Publishing: what a message says, how it becomes headers, what QStash answers.

use std::fmt;

use serde::Serialize;
use url::Url;

use crate::client::Client;
use crate::client::http::{Answer, Outgoing};
use crate::error::Error;
use crate::published::Published;

/// The most messages in one batch request.
pub const BATCH_LIMIT: usize = 100;

/// The HTTP method of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// How fast messages of one key may be delivered, over all their destinations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowControl {
    /// The key that shares the limits.
    pub key: String,
    /// The most deliveries at the same time.
    pub parallelism: Option<u32>,
    /// The most deliveries that start in one period.
    pub rate: Option<u32>,
    /// Length of the period; QStash takes 1 s when absent, 604,800 s at most.
    pub period_seconds: Option<u64>,
}

/// A message to publish. Everything but the destination has QStash's own default.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Publish {
    /// The URL that is called; also, byte for byte, the `sub` of the signature.
    pub destination: String,
    /// Delivered as it is. In a batch it must be UTF-8.
    pub body: Vec<u8>,
    /// `Content-Type` of the delivery.
    pub content_type: Option<String>,
    /// Method of the delivery.
    pub method: Method,
    /// Not before this instant: Unix **seconds**. Wins over `delay_seconds`.
    pub not_before_seconds: Option<i64>,
    /// Not before so many seconds from now.
    pub delay_seconds: Option<u64>,
    /// Within ten minutes a second message of the same id is not accepted again. Without `:`.
    pub deduplication_id: Option<String>,
    /// Retries after the first attempt.
    pub retries: Option<u32>,
    /// Expression in `retried` that gives **milliseconds**.
    pub retry_delay: Option<String>,
    /// How long one attempt may take.
    pub timeout_seconds: Option<u64>,
    /// Called with the result of every attempt.
    pub callback: Option<String>,
    /// Called once, when the message is given up.
    pub failure_callback: Option<String>,
    /// Pacing shared by a key.
    pub flow_control: Option<FlowControl>,
    /// Labels to find the message by.
    pub labels: Vec<String>,
    /// Headers of the delivery.
    pub forward: Vec<(String, String)>,
}

impl fmt::Debug for Publish {
    /// Without the values of forwarded headers, which may be credentials, and without the body.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forwarded: Vec<&str> = self.forward.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Publish")
            .field("destination", &self.destination)
            .field("body_bytes", &self.body.len())
            .field("not_before_seconds", &self.not_before_seconds)
            .field("delay_seconds", &self.delay_seconds)
            .field("deduplication_id", &self.deduplication_id)
            .field("labels", &self.labels)
            .field("forwarded", &forwarded)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Publishes one message. Returns QStash's acknowledgement.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::is_definite`] tells whether it may have been accepted.
    pub async fn publish(&self, message: &Publish) -> Result<Published, Error> {
        let target = format!("/v2/publish/{}", message.destination_in_path()?);
        let mut outgoing = Outgoing::new(reqwest::Method::POST, target);
        outgoing.headers = message.headers()?;
        outgoing.body.clone_from(&message.body);
        let answer = self.exchange("publish", outgoing).await?;
        let published = Published::read(&answer.json()?, answer.status);
        published.map_err(|error| self.in_plain_words(error))
    }

    /// Publishes up to [`BATCH_LIMIT`] messages in one request. The inner results stand in the
    /// messages' order.
    ///
    /// # Errors
    /// The outer error says that the request as a whole failed. One message that breaks a limit
    /// of the plan makes QStash refuse them all.
    pub async fn batch(
        &self,
        messages: &[Publish],
    ) -> Result<Vec<Result<Published, Error>>, Error> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        if messages.len() > BATCH_LIMIT {
            return Err(Error::Invalid(format!("a batch holds at most {BATCH_LIMIT} messages")));
        }
        let elements: Vec<Element<'_>> = messages.iter().map(element).collect::<Result<_, _>>()?;
        let mut outgoing = Outgoing::new(reqwest::Method::POST, "/v2/batch".into());
        outgoing.headers.push(("Content-Type".into(), "application/json".into()));
        outgoing.body =
            serde_json::to_vec(&elements).map_err(|error| Error::Invalid(error.to_string()))?;
        let answer = self.exchange("batch", outgoing).await?;
        self.batch_answer(&answer, messages.len())
    }

    fn batch_answer(
        &self,
        answer: &Answer,
        expected: usize,
    ) -> Result<Vec<Result<Published, Error>>, Error> {
        let elements = match answer.json()? {
            serde_json::Value::Array(elements) => elements,
            single => vec![single],
        };
        if elements.len() != expected {
            let reason = format!("{expected} messages were sent, {} answered", elements.len());
            return Err(Error::Unreadable { status: answer.status, reason });
        }
        let read = |element| {
            Published::read(element, answer.status).map_err(|error| self.in_plain_words(error))
        };
        Ok(elements.iter().map(read).collect())
    }

    fn in_plain_words(&self, error: Error) -> Error {
        match error {
            Error::Refused { status, message } => {
                Error::Refused { status, message: self.plain(&message) }
            }
            other => other,
        }
    }
}

#[derive(Serialize)]
struct Element<'a> {
    destination: &'a str,
    headers: serde_json::Map<String, serde_json::Value>,
    body: &'a str,
}

fn element(message: &Publish) -> Result<Element<'_>, Error> {
    message.destination_in_path()?;
    let body = std::str::from_utf8(&message.body)
        .map_err(|_| Error::Invalid("a batch can't carry a body that is not UTF-8".into()))?;
    let headers = message.headers()?.into_iter().map(|(name, value)| (name, value.into()));
    Ok(Element { destination: &message.destination, headers: headers.collect(), body })
}

impl Publish {
    /// The destination, when it reaches QStash's request line byte for byte: QStash signs what it
    /// read there, and the receiver compares it with what was meant.
    fn destination_in_path(&self) -> Result<&str, Error> {
        let written = self.destination.as_str();
        let refuse = |why: &str| Err(Error::Invalid(format!("destination {written}: {why}")));
        let Ok(url) = Url::parse(written) else { return refuse("it is not a URL") };
        if !matches!(url.scheme(), "http" | "https") || !written.starts_with("http") {
            return refuse("it must begin with http:// or https://");
        }
        if url.fragment().is_some() {
            return refuse("a fragment (#) is never sent");
        }
        if url.query_pairs().any(|(key, _)| is_config_key(&key)) {
            return refuse("QStash would take a key of its query for its own");
        }
        let in_path = Url::parse(&format!("http://qstash.invalid/v2/publish/{written}"));
        if in_path.is_ok_and(|target| target.as_str().ends_with(&format!("/publish/{written}"))) {
            return Ok(written);
        }
        refuse("QStash would read another URL; write it normalised")
    }

    /// The headers that say all but destination and body.
    fn headers(&self) -> Result<Vec<(String, String)>, Error> {
        let mut headers = Headers(Vec::with_capacity(12));
        headers.optional("Content-Type", self.content_type.as_deref())?;
        headers.add("Upstash-Method", self.method.as_str())?;
        headers.optional("Upstash-Not-Before", self.not_before_seconds)?;
        headers.optional("Upstash-Delay", self.delay_seconds.map(|n| format!("{n}s")))?;
        if let Some(id) = &self.deduplication_id {
            if id.is_empty() || id.contains(':') {
                let why = "a deduplication id must not be empty nor contain ':'";
                return Err(Error::Invalid(why.into()));
            }
            headers.add("Upstash-Deduplication-Id", id)?;
        }
        headers.optional("Upstash-Retries", self.retries)?;
        headers.optional("Upstash-Retry-Delay", self.retry_delay.as_deref())?;
        headers.optional("Upstash-Timeout", self.timeout_seconds.map(|n| format!("{n}s")))?;
        headers.optional("Upstash-Callback", self.callback.as_deref())?;
        headers.optional("Upstash-Failure-Callback", self.failure_callback.as_deref())?;
        if let Some(control) = &self.flow_control {
            headers.add("Upstash-Flow-Control-Key", &control.key)?;
            headers.add("Upstash-Flow-Control-Value", &control.value()?)?;
        }
        if self.labels.iter().any(|label| label.trim().is_empty() || label.contains(',')) {
            return Err(Error::Invalid("a label must not be empty nor contain ','".into()));
        }
        if !self.labels.is_empty() {
            headers.add("Upstash-Label", &self.labels.join(","))?;
        }
        for (name, value) in &self.forward {
            headers.add(&format!("Upstash-Forward-{name}"), value)?;
        }
        Ok(headers.0)
    }
}

impl FlowControl {
    fn value(&self) -> Result<String, Error> {
        let parts = [
            self.parallelism.map(|n| format!("parallelism={n}")),
            self.rate.map(|n| format!("rate={n}")),
            self.period_seconds.map(|n| format!("period={n}s")),
        ];
        if self.parallelism.is_none() && self.rate.is_none() {
            return Err(Error::Invalid("flow control needs a rate or a parallelism".into()));
        }
        Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// Headers that HTTP can carry.
struct Headers(Vec<(String, String)>);

impl Headers {
    fn add(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let sound = reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
            && value.trim() == value;
        if !sound {
            return Err(Error::Invalid(format!("the value of {name} can't be an HTTP header")));
        }
        self.0.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    fn optional(&mut self, name: &str, value: Option<impl ToString>) -> Result<(), Error> {
        value.map_or(Ok(()), |value| self.add(name, &value.to_string()))
    }
}

/// Query keys that QStash reads as configuration instead of passing them on.
fn is_config_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == "qstash_token" || key.starts_with("upstash-")
}
