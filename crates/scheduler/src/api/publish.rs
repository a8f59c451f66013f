//! `POST /v2/publish/{destination}` and `POST /v2/enqueue/{queue}/{destination}`: the destination
//! stands unencoded in the path and shares the query string with the configuration.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::response::Response;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::upload::too_large;
use super::{Answered, BODIES_PER_REQUEST, Incoming};
use crate::error::Error;
use crate::shared::Shared;
use crate::spec::{Deduplication, Settings, Spec, due_at, is_url};
use crate::store::{NewMessage, Published, UrlGroup, Write, queue, quota};

/// Messages that one request makes at most.
const MOST_MESSAGES: usize = 100_000;
/// Bytes of them, or a hundred of the largest: they are written together.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// A message as it was asked for, by whichever route.
pub(super) struct PublishRequest<'a> {
    pub(super) destination: String,
    pub(super) settings: &'a Settings,
    pub(super) body: Bytes,
    pub(super) caller_ip: &'a str,
    pub(super) queue: Option<String>,
    /// When it came: delays count from there.
    pub(super) now: i64,
}

pub(super) async fn publish(
    shared: &Arc<Shared>,
    incoming: &Incoming,
    queue: Option<&str>,
    destination: &str,
) -> Answered {
    let now = shared.now();
    let mut settings = Settings::of_headers(&incoming.headers).map_err(Refusal::invalid)?;
    let query = settings.take_from_query(&incoming.query);
    let request = PublishRequest {
        destination: rebuilt(destination, &query),
        settings: &settings,
        body: incoming.body.clone(),
        caller_ip: &incoming.caller_ip,
        queue: queue.map(str::to_owned),
        now,
    };
    let prepared = prepare(shared, request, &mut QuotaLeft::of(shared)).await?;
    accept_urls(shared, &prepared.messages).await?;
    let group = prepared.group;
    let published = shared
        .database
        .write("publish", move |write| insert_all(write, prepared.messages, now))
        .await?;
    if let (false, [one]) = (group, published.as_slice()) {
        return Ok(acknowledged(one, StatusCode::OK));
    }
    Ok(super::json(StatusCode::OK, &acknowledgements(&published, group)))
}

/// What one request may still make: a URL group multiplies what was sent.
pub(super) struct QuotaLeft {
    messages: usize,
    bytes: usize,
}

impl QuotaLeft {
    pub(super) fn of(shared: &Shared) -> Self {
        let bytes = shared.config.max_message_bytes.saturating_mul(BODIES_PER_REQUEST);
        Self { messages: MOST_MESSAGES, bytes: bytes.max(MOST_BYTES) }
    }

    /// Takes so many messages of so many bytes, before any of them is made.
    fn take(&mut self, messages: usize, bytes: usize) -> Result<(), Refusal> {
        let most = |what: &str| Refusal::invalid(format!("a request makes at most {what}"));
        self.messages = self
            .messages
            .checked_sub(messages)
            .ok_or_else(|| most(&format!("{MOST_MESSAGES} messages")))?;
        self.bytes = self
            .bytes
            .checked_sub(messages.saturating_mul(bytes))
            .ok_or_else(|| most("256 MiB of messages, or a hundred of the largest"))?;
        Ok(())
    }
}

/// What a request comes to.
pub(super) struct Prepared {
    /// One, or one for each endpoint of a URL group.
    pub(super) messages: Vec<NewMessage>,
    /// Whether the destination is a URL group.
    pub(super) group: bool,
}

pub(super) fn insert_all(
    write: &mut Write<'_>,
    messages: Vec<NewMessage>,
    now: i64,
) -> Result<Vec<Published>, Error> {
    quota::spend(write, messages.len(), now)?;
    let insert = |message: NewMessage| {
        if let Some(queue) = &message.spec.queue_name {
            queue::make_within(write, queue, now)?;
        }
        message.insert(write, now)
    };
    messages.into_iter().map(insert).collect()
}

/// The destination as it was meant: path and what is left of the query.
pub(super) fn rebuilt(destination: &str, query: &str) -> String {
    let encoded = destination.get(..8).is_some_and(|start| {
        start.eq_ignore_ascii_case("http%3A%") || start.eq_ignore_ascii_case("https%3A")
    });
    let destination = if encoded {
        percent_decode_str(destination).decode_utf8_lossy().into_owned()
    } else {
        destination.to_owned()
    };
    if query.is_empty() { destination } else { format!("{destination}?{query}") }
}

/// Reads what is asked for; nothing is accepted yet.
pub(super) async fn prepare(
    shared: &Arc<Shared>,
    request: PublishRequest<'_>,
    quota_left: &mut QuotaLeft,
) -> Result<Prepared, Refusal> {
    let PublishRequest { destination, settings, body, caller_ip, queue, now } = request;
    let limit = shared.config.max_message_bytes;
    if body.len() > limit {
        return Err(too_large(limit));
    }
    let group =
        if is_url(&destination) { None } else { Some(find_group(shared, &destination).await?) };
    let settings = match &group {
        Some(group) => Cow::Owned(settings.over(&group.headers)),
        None => Cow::Borrowed(settings),
    };
    let mut spec = Spec::new(destination, caller_ip.to_owned());
    spec.apply(&settings).map_err(Refusal::invalid)?;
    spec.topic_name = group.as_ref().map(|group| group.name.clone());
    if let Some(queue) = queue {
        spec.enter(&queue).map_err(Refusal::invalid)?;
    }
    let due_at = due_at(&settings, now, shared.config.max_delay_seconds);
    let due_at = due_at.map_err(Refusal::invalid)?;
    let endpoints = match &group {
        Some(group) => group.endpoints.clone(),
        None => vec![(spec.url.clone(), None)],
    };
    quota_left.take(endpoints.len(), body.len())?;
    let message = |(url, endpoint_name)| {
        let (spec, body) = (Spec { url, endpoint_name, ..spec.clone() }, body.clone());
        let deduplication = Deduplication::of(&settings, &spec, &body)?;
        Ok(NewMessage { spec, body, due_at, deduplication, turn: None })
    };
    let messages: Result<_, String> = endpoints.into_iter().map(message).collect();
    Ok(Prepared { messages: messages.map_err(Refusal::invalid)?, group: group.is_some() })
}

async fn find_group(shared: &Arc<Shared>, name: &str) -> Result<UrlGroup, Refusal> {
    let wanted = name.to_owned();
    let found = shared.database.read(move |connection| UrlGroup::by_name(connection, &wanted));
    found.await?.ok_or_else(|| {
        if name.contains(['.', ':', '/']) || name.is_empty() {
            let why = "endpoint has invalid scheme, add http:// or https://";
            Refusal::invalid(format!("invalid destination url: {why}"))
        } else {
            Refusal::not_found(format!("topic {name} not found"))
        }
    })
}

/// Checks every URL that the messages may call, each once.
pub(super) async fn accept_urls(
    shared: &Shared,
    messages: impl IntoIterator<Item = &NewMessage>,
) -> Result<(), Refusal> {
    let urls: BTreeSet<&str> =
        messages.into_iter().flat_map(|message| message.spec.urls()).collect();
    for url in urls {
        shared.policy.accept(url).await.map_err(Refusal::invalid)?;
    }
    Ok(())
}

/// For a URL group a list, whatever its length.
pub(super) fn acknowledgements(published: &[Published], group: bool) -> Value {
    match published {
        [one] if !group => acknowledgement(one),
        all => all.iter().map(acknowledgement).collect(),
    }
}

fn acknowledgement(published: &Published) -> Value {
    let mut value = json!({ "messageId": published.id, "url": published.url });
    if published.deduplicated {
        value["deduplicated"] = true.into();
    }
    value
}

/// A repeated message is acknowledged with 202 and the id of the first.
pub(super) fn acknowledged(published: &Published, status: StatusCode) -> Response {
    let status = if published.deduplicated { StatusCode::ACCEPTED } else { status };
    super::json(status, &acknowledgement(published))
}

#[cfg(test)]
mod tests {
    use super::rebuilt;

    #[test]
    fn the_destination_is_rebuilt_byte_for_byte() {
        for (path, query, url) in [
            ("https://h.example/p", "x=1", "https://h.example/p?x=1"),
            ("https://h.example//a//b/", "", "https://h.example//a//b/"),
            ("http://h.example", "", "http://h.example"),
            ("https://h.example/%2F%20", "q=%3D", "https://h.example/%2F%20?q=%3D"),
            ("https%3A%2F%2Fh.example%2Fp", "x=1", "https://h.example/p?x=1"),
            ("http%3A%2F%2Fh.example", "", "http://h.example"),
        ] {
            assert_eq!(rebuilt(path, query), url);
        }
    }
}
