//! `POST /v2/batch`: all are checked, then all are accepted, or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::publish::{Wish, accept_urls, acknowledgement, prepare};
use super::refusal::Refusal;
use super::{Answered, Incoming};
use crate::scheduler::Core;
use crate::spec::Settings;
use crate::store::NewMessage;

/// Elements of one batch at most.
const MOST_ELEMENTS: usize = 10_000;

#[derive(Deserialize)]
struct Element {
    destination: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    queue: Option<String>,
}

pub(super) async fn batch(core: &Arc<Core>, incoming: &Incoming) -> Answered {
    let elements: Vec<Element> = serde_json::from_slice(&incoming.body)
        .map_err(|error| Refusal::invalid(format!("the body is not a batch: {error}")))?;
    if elements.len() > MOST_ELEMENTS {
        let words = format!("a batch holds at most {MOST_ELEMENTS} messages");
        return Err(Refusal::invalid(words));
    }
    let prepared = elements.into_iter().map(|element| one(core, element, &incoming.caller_ip));
    let messages: Vec<NewMessage> = prepared.collect::<Result<_, _>>()?;
    accept_urls(core, &messages.iter().collect::<Vec<_>>()).await?;
    let now = core.now();
    let published = core
        .database
        .write("batch", move |write| {
            messages
                .into_iter()
                .map(|message| message.insert(write, now))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let list: Vec<Value> = published.iter().map(acknowledgement).collect();
    Ok(super::json(StatusCode::OK, &list.into()))
}

fn one(core: &Core, element: Element, caller_ip: &str) -> Result<NewMessage, Refusal> {
    let mut settings = Settings::default();
    for (name, value) in element.headers.unwrap_or_default() {
        match value {
            Value::String(text) => settings.add(&name, &text),
            Value::Null => {}
            other => settings.add(&name, &other.to_string()),
        }
    }
    let wish = Wish {
        destination: element.destination,
        settings: &settings,
        body: element.body.unwrap_or_default().into_bytes(),
        caller_ip,
        queue: element.queue.filter(|queue| !queue.is_empty()),
    };
    prepare(core, wish)
}
