//! What happened to messages, as QStash logged it.

use reqwest::Method;
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

use crate::client::Client;
use crate::client::http::Outgoing;
use crate::error::Error;
use crate::wire;

/// A step in a message's life.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    /// Accepted.
    Created,
    /// An attempt began.
    Active,
    /// Another attempt is due.
    Retry,
    /// An attempt failed.
    Error,
    /// A 2xx came.
    Delivered,
    /// Given up.
    Failed,
    /// Asked to be cancelled.
    CancelRequested,
    /// Cancelled.
    Canceled,
    /// A word this version does not know.
    Other(String),
}

impl State {
    /// As on the wire; of the two spellings of `CANCELED` the one that official clients know.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Created => "CREATED",
            Self::Active => "ACTIVE",
            Self::Retry => "RETRY",
            Self::Error => "ERROR",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::CancelRequested => "CANCEL_REQUESTED",
            Self::Canceled => "CANCELED",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for State {
    fn from(word: String) -> Self {
        match word.as_str() {
            "CREATED" => Self::Created,
            "ACTIVE" => Self::Active,
            "RETRY" => Self::Retry,
            "ERROR" => Self::Error,
            "DELIVERED" => Self::Delivered,
            "FAILED" => Self::Failed,
            "CANCEL_REQUESTED" => Self::CancelRequested,
            "CANCELED" | "CANCELLED" => Self::Canceled,
            _ => Self::Other(word),
        }
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// When: Unix milliseconds.
    #[serde(default, deserialize_with = "wire::number")]
    pub time: i64,
    /// Of which message.
    pub message_id: String,
    /// What happened.
    pub state: State,
    /// The destination.
    #[serde(default)]
    pub url: String,
    /// Why an attempt failed.
    #[serde(default)]
    pub error: Option<String>,
    /// When the next attempt is due: Unix milliseconds.
    #[serde(default, deserialize_with = "wire::optional_number")]
    pub next_delivery_time: Option<i64>,
    /// Status of the answer.
    #[serde(default, deserialize_with = "wire::optional_number")]
    pub response_status: Option<i64>,
    #[serde(default)]
    response_body: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    labels: Option<Vec<String>>,
}

impl Event {
    /// Returns the body of the answer.
    #[must_use]
    pub fn response_body(&self) -> Option<Vec<u8>> {
        self.response_body.as_deref().map(wire::base64_or_text)
    }

    /// Returns the message's labels.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        self.labels.clone().unwrap_or_else(|| self.label.iter().cloned().collect())
    }
}

/// Which lines to read. All fields empty reads all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Lines per page, 1000 at most.
    pub count: Option<u32>,
    /// Of this message.
    pub message_id: Option<String>,
    /// Of this state.
    pub state: Option<State>,
    /// With this label.
    pub label: Option<String>,
    /// Published to exactly this URL.
    pub url: Option<String>,
    /// Not before: Unix milliseconds.
    pub from_date: Option<i64>,
    /// Not after: Unix milliseconds.
    pub to_date: Option<i64>,
}

/// One page of the log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "EitherName")]
pub struct EventPage {
    /// The lines, newest first.
    pub events: Vec<Event>,
    /// Where the next page begins; absent on the last.
    pub cursor: Option<String>,
}

/// The API says `events`, its documentation `logs`, some servers both.
#[derive(Deserialize)]
struct EitherName {
    #[serde(default)]
    events: Option<Vec<Event>>,
    #[serde(default)]
    logs: Option<Vec<Event>>,
    #[serde(default, deserialize_with = "wire::cursor")]
    cursor: Option<String>,
}

impl From<EitherName> for EventPage {
    fn from(read: EitherName) -> Self {
        Self { events: read.events.or(read.logs).unwrap_or_default(), cursor: read.cursor }
    }
}

impl EventFilter {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("cursor", self.cursor.clone()),
            ("count", self.count.map(|count| count.to_string())),
            ("messageId", self.message_id.clone()),
            ("state", self.state.as_ref().map(|state| state.as_str().to_owned())),
            ("label", self.label.clone()),
            ("url", self.url.clone()),
            ("fromDate", self.from_date.map(|time| time.to_string())),
            ("toDate", self.to_date.map(|time| time.to_string())),
        ] {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        query.finish()
    }
}

impl Client {
    /// Returns one page of the log.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn events(&self, filter: &EventFilter) -> Result<EventPage, Error> {
        let target = format!("/v2/events?{}", filter.query());
        self.exchange("events", Outgoing::new(Method::GET, target)).await?.json()
    }
}
