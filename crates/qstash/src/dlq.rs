//! The dead letter queue: messages that were given up.

use reqwest::Method;
use serde::Deserialize;
use url::form_urlencoded;

use crate::client::Client;
use crate::client::http::Outgoing;
use crate::error::Error;
use crate::message::{Message, path_segment};
use crate::published::Published;
use crate::wire::{self, HeaderValues};

/// A message that was given up, with the last answer it got.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Id in the queue; not the message's id.
    #[serde(default)]
    pub dlq_id: String,
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// Status of the last answer; 0 when there was none.
    #[serde(default, deserialize_with = "wire::number")]
    pub response_status: i64,
    /// Headers of the last answer.
    #[serde(default, alias = "responseHeaders", deserialize_with = "wire::header_values")]
    pub response_header: HeaderValues,
    #[serde(default)]
    response_body: Option<String>,
    #[serde(default)]
    response_body_base64: Option<String>,
}

impl DeadLetter {
    /// Returns the body of the last answer, or the reason why there was none.
    #[must_use]
    pub fn response_body(&self) -> Vec<u8> {
        match (&self.response_body_base64, &self.response_body) {
            (Some(encoded), _) => wire::base64_or_text(encoded),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) => Vec::new(),
        }
    }
}

/// Which dead letters to list. All fields empty lists all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DlqFilter {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Letters per page, 100 at most.
    pub count: Option<u32>,
    /// Of this message.
    pub message_id: Option<String>,
    /// With this label.
    pub label: Option<String>,
    /// Published to exactly this URL.
    pub url: Option<String>,
}

impl DlqFilter {
    /// Returns the path and query of a page. Apart, since the serializer must not live over the request.
    fn target(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let count = self.count.map(|count| count.to_string());
        for (name, value) in [
            ("cursor", &self.cursor),
            ("count", &count),
            ("messageId", &self.message_id),
            ("label", &self.label),
            ("url", &self.url),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        format!("/v2/dlq?{}", query.finish())
    }
}

/// One page of dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DlqPage {
    /// The letters.
    #[serde(default = "Vec::new")]
    pub messages: Vec<DeadLetter>,
    /// Where the next page begins; absent on the last.
    #[serde(default, deserialize_with = "wire::cursor")]
    pub cursor: Option<String>,
}

impl Client {
    /// Returns one page of dead letters.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn dlq(&self, filter: &DlqFilter) -> Result<DlqPage, Error> {
        let target = filter.target();
        self.exchange("dlq", Outgoing::new(Method::GET, target)).await?.json()
    }

    /// Returns one dead letter; `None` when there is none of that id.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn dlq_get(&self, dlq_id: &str) -> Result<Option<DeadLetter>, Error> {
        let target = format!("/v2/dlq/{}", path_segment(dlq_id)?);
        match self.exchange("dlq-get", Outgoing::new(Method::GET, target)).await {
            Ok(answer) => answer.json().map(Some),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes one dead letter. Returns false when it was gone already.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn dlq_delete(&self, dlq_id: &str) -> Result<bool, Error> {
        let target = format!("/v2/dlq/{}", path_segment(dlq_id)?);
        match self.exchange("dlq-delete", Outgoing::new(Method::DELETE, target)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Publishes a dead letter anew. Returns the acknowledgement, with a new message id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is gone; see [`Error`].
    pub async fn dlq_retry(&self, dlq_id: &str) -> Result<Published, Error> {
        let target = format!("/v2/dlq/retry/{}", path_segment(dlq_id)?);
        let answer = self.exchange("dlq-retry", Outgoing::new(Method::POST, target)).await?;
        let mut value: serde_json::Value = answer.json()?;
        if let Some(list) = value.get_mut("responses") {
            value = list.take();
        }
        Published::read(&value, answer.status)
    }
}
