//! `POST /v2/batch`: all are checked, then all are accepted, or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::publish::{
    Prepared, PublishRequest, QuotaLeft, accept_urls, acknowledgements, insert_all, prepare,
};
use super::refusal::Refusal;
use super::{Answered, Incoming};
use crate::error::Error;
use crate::shared::Shared;
use crate::spec::Settings;

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

pub(super) async fn batch(shared: &Arc<Shared>, incoming: &Incoming) -> Answered {
    let elements: Vec<Element> = serde_json::from_slice(&incoming.body)
        .map_err(|error| Refusal::invalid(format!("the body is not a batch: {error}")))?;
    if elements.len() > MOST_ELEMENTS {
        let words = format!("a batch holds at most {MOST_ELEMENTS} messages");
        return Err(Refusal::invalid(words));
    }
    let (mut prepared, mut quota_left) =
        (Vec::with_capacity(elements.len()), QuotaLeft::of(shared));
    let now = shared.now();
    for element in elements {
        prepared.push(one(shared, element, &incoming.caller_ip, now, &mut quota_left).await?);
    }
    accept_urls(shared, prepared.iter().flat_map(|element| &element.messages)).await?;
    let published = shared
        .database
        .write("batch", move |write| {
            let insert = |element: Prepared| {
                let group = element.group;
                Ok((insert_all(write, element.messages, now)?, group))
            };
            prepared.into_iter().map(insert).collect::<Result<Vec<_>, Error>>()
        })
        .await?;
    let list = published.iter().map(|(published, group)| acknowledgements(published, *group));
    Ok(super::json(StatusCode::OK, &list.collect()))
}

async fn one(
    shared: &Arc<Shared>,
    element: Element,
    caller_ip: &str,
    now: i64,
    quota_left: &mut QuotaLeft,
) -> Result<Prepared, Refusal> {
    let mut settings = Settings::default();
    for (name, value) in element.headers.unwrap_or_default() {
        match value {
            Value::String(text) => settings.add(&name, &text),
            Value::Null => {}
            other => settings.add(&name, &other.to_string()),
        }
    }
    let request = PublishRequest {
        destination: element.destination,
        settings: &settings,
        body: element.body.unwrap_or_default().into(),
        caller_ip,
        queue: element.queue.filter(|queue| !queue.is_empty()),
        now,
    };
    prepare(shared, request, quota_left).await
}
