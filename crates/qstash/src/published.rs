//! What QStash answers to a message that it takes.

use serde_json::Value;

use crate::error::{Error, Limits};

/// QStash's acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The message's id; of the existing message when `deduplicated`.
    pub message_id: String,
    /// The destination, when QStash repeats it.
    pub url: Option<String>,
    /// True when a message of the same deduplication id was accepted before; nothing new was.
    pub deduplicated: bool,
}

impl Published {
    /// Returns one acknowledgement: an object, or the first of a list of them (URL groups).
    pub(crate) fn read(value: &Value, status: u16) -> Result<Self, Error> {
        let unreadable = |reason: &str| Error::Unreadable { status, reason: reason.into() };
        match value {
            Value::Array(list) => {
                Self::read(list.first().ok_or_else(|| unreadable("an empty list"))?, status)
            }
            Value::Object(fields) => {
                if let Some(list) = fields.get("messages") {
                    return Self::read(list, status);
                }
                if let Some(message) = fields.get("error").and_then(Value::as_str) {
                    let status = fields.get("status").and_then(Value::as_u64);
                    let status =
                        status.and_then(|status| u16::try_from(status).ok()).unwrap_or(400);
                    return Err(Error::refusal(status, message.to_owned(), Limits::default()));
                }
                let id = fields.get("messageId").and_then(Value::as_str).unwrap_or_default();
                if id.is_empty() {
                    return Err(unreadable("it holds no messageId"));
                }
                let repeated = fields.get("deduplicated").and_then(Value::as_bool);
                Ok(Self {
                    message_id: id.to_owned(),
                    url: fields.get("url").and_then(Value::as_str).map(str::to_owned),
                    deduplicated: repeated.unwrap_or(status == 202),
                })
            }
            _ => Err(unreadable("neither an object nor a list")),
        }
    }
}
