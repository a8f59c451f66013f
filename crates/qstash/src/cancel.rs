//! Taking messages back. A bulk request without a filter would cancel *everything* of the
//! account, so none is ever sent.

use reqwest::Method;
use url::form_urlencoded;

use crate::client::Client;
use crate::client::http::Outgoing;
use crate::error::Error;
use crate::message::path_segment;
use crate::wire;

/// Ids in one bulk request; they travel in the request line.
const IDS_PER_REQUEST: usize = 100;
/// Messages that one request by filter may cancel.
const COUNT_PER_REQUEST: u64 = 100;
/// An end even against a server that never runs out: 1,000,000 messages.
const MOST_ROUNDS: usize = 10_000;

impl Client {
    /// Cancels one message. Returns false when QStash has none of that id (delivered, or cancelled).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn cancel(&self, id: &str) -> Result<bool, Error> {
        let target = format!("/v2/messages/{}", path_segment(id)?);
        match self.exchange("cancel", Outgoing::new(Method::DELETE, target)).await {
            Ok(answer) => Ok(wire::count(&answer.body, &["cancelled", "canceled"], 1) > 0),
            Err(Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Cancels the messages of these ids; ids that QStash does not have are passed over. An empty
    /// list cancels nothing.
    ///
    /// # Errors
    /// See [`Error`]; some of the ids may be cancelled already then, and asking again is harmless.
    pub async fn cancel_ids(&self, ids: &[String]) -> Result<u64, Error> {
        for id in ids {
            path_segment(id)?;
        }
        let mut cancelled = 0;
        for chunk in ids.chunks(IDS_PER_REQUEST) {
            // The serializer must be gone before the wait: the future has to be `Send`.
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(chunk.iter().map(|id| ("messageIds", id)))
                .finish();
            cancelled += self.cancel_where(&query).await?;
        }
        Ok(cancelled)
    }

    /// Cancels every message that carries `label`, and tells how many there were.
    ///
    /// # Errors
    /// See [`Error`]; some of the messages may be cancelled already then, and asking again is
    /// harmless.
    pub async fn cancel_label(&self, label: &str) -> Result<u64, Error> {
        let label = label.trim();
        if label.is_empty() || label.contains(',') {
            return Err(Error::Invalid("a label must not be empty nor contain ','".into()));
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("label", label)
            .append_pair("count", &COUNT_PER_REQUEST.to_string())
            .finish();
        let mut cancelled = 0;
        // QStash stops a round at the first message it can't cancel, so a short round is no end.
        for _ in 0..MOST_ROUNDS {
            match self.cancel_where(&query).await? {
                0 => break,
                count => cancelled += count,
            }
        }
        Ok(cancelled)
    }

    async fn cancel_where(&self, query: &str) -> Result<u64, Error> {
        let target = format!("/v2/messages?{query}");
        match self.exchange("cancel-bulk", Outgoing::new(Method::DELETE, target)).await {
            Ok(answer) => Ok(wire::count(&answer.body, &["cancelled", "canceled"], 0)),
            Err(Error::NotFound(_)) => Ok(0),
            Err(error) => Err(error),
        }
    }
}
