//! A message that waits or is being retried.

use reqwest::Method;
use serde::Deserialize;

use crate::client::Client;
use crate::client::http::Outgoing;
use crate::error::Error;
use crate::wire::{self, HeaderValues};

/// A message as QStash keeps it. It is gone shortly after its delivery.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id, `msg_..`.
    pub message_id: String,
    /// The destination as published.
    #[serde(default)]
    pub url: String,
    /// Method of the delivery.
    #[serde(default)]
    pub method: String,
    /// Headers of the delivery.
    #[serde(default, alias = "headers", deserialize_with = "wire::header_values")]
    pub header: HeaderValues,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    /// Retries after the first attempt.
    #[serde(default, deserialize_with = "wire::number")]
    pub max_retries: i64,
    /// Not before this instant: Unix milliseconds.
    #[serde(default, deserialize_with = "wire::number")]
    pub not_before: i64,
    /// When it was accepted: Unix milliseconds.
    #[serde(default, deserialize_with = "wire::number")]
    pub created_at: i64,
    /// Called with each result.
    #[serde(default)]
    pub callback: Option<String>,
    /// Called when it is given up.
    #[serde(default)]
    pub failure_callback: Option<String>,
    /// The queue it stands in.
    #[serde(default)]
    pub queue_name: Option<String>,
    /// The schedule that made it.
    #[serde(default)]
    pub schedule_id: Option<String>,
    /// Key of its flow control.
    #[serde(default)]
    pub flow_control_key: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    labels: Option<Vec<String>>,
}

impl Message {
    /// Returns its body, however it was carried.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match (&self.body_base64, &self.body) {
            (Some(encoded), _) => wire::base64_or_text(encoded),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) => Vec::new(),
        }
    }

    /// Returns its labels, whether QStash told one or all.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        self.labels.clone().unwrap_or_else(|| self.label.iter().cloned().collect())
    }
}

impl Client {
    /// Returns the message, while it is pending or being retried; `None` when QStash has none (any
    /// more).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn message(&self, id: &str) -> Result<Option<Message>, Error> {
        let target = format!("/v2/messages/{}", path_segment(id)?);
        match self.exchange("message", Outgoing::new(Method::GET, target)).await {
            Ok(answer) => answer.json().map(Some),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// An id that stays one segment of a path. An empty one would turn "this message" into "all".
pub(crate) fn path_segment(id: &str) -> Result<&str, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if id.is_empty() || !id.bytes().all(plain) || id.bytes().all(|byte| byte == b'.') {
        return Err(Error::Invalid(format!("{id:?} is not an id of QStash")));
    }
    Ok(id)
}
