//! What a message asks for, apart from its body and its time.

mod flow;
mod name;
mod parse;
mod settings;

use serde::{Deserialize, Serialize};

use crate::header::{Headers, Redaction};

pub(crate) use flow::Flow;
pub(crate) use name::{check_endpoint_name, check_name, is_url};
pub(crate) use parse::{Deduplication, due_at};
pub(crate) use settings::Settings;

/// How many retries follow the first attempt unless the message says otherwise.
pub(crate) const DEFAULT_RETRIES: u32 = 3;

/// What a message asks for. Kept as JSON in its row, without what it leaves unsaid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// As published, byte for byte: it is signed.
    pub(crate) url: String,
    pub(crate) call: Call,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) callback: Option<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure_callback: Option<Target>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flow: Option<Flow>,
    #[serde(default, skip_serializing_if = "Redaction::is_none")]
    pub(crate) redaction: Redaction,
    pub(crate) caller_ip: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topic_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) queue_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schedule_id: Option<String>,
}

impl Spec {
    pub(crate) fn new(url: String, caller_ip: String) -> Self {
        Self {
            url,
            call: Call::default(),
            callback: None,
            failure_callback: None,
            labels: Vec::new(),
            flow: None,
            redaction: Redaction::default(),
            caller_ip,
            topic_name: None,
            endpoint_name: None,
            queue_name: None,
            schedule_id: None,
        }
    }

    pub(crate) fn max_retries(&self) -> u32 {
        self.call.retries.unwrap_or(DEFAULT_RETRIES)
    }

    /// Every URL that may be called because of this message.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        let callbacks = [&self.callback, &self.failure_callback].into_iter().flatten();
        std::iter::once(self.url.as_str()).chain(callbacks.map(|target| target.url.as_str()))
    }
}

/// How a URL is called, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) method: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) headers: Headers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Expression in milliseconds, verbatim.
    pub(crate) retry_delay: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<u64>,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            method: "POST".into(),
            headers: Headers::new(),
            retries: None,
            retry_delay: None,
            timeout_seconds: None,
        }
    }
}

/// A callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) call: Call,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_seconds: Option<u64>,
}
