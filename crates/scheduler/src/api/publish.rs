//! `POST /v2/publish/{destination}` and `POST /v2/enqueue/{queue}/{destination}`: the destination
//! stands unencoded in the path and shares the query string with the configuration.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Answered, Incoming};
use crate::scheduler::Core;
use crate::spec::{Deduplication, Settings, Spec, due_at};
use crate::store::{NewMessage, Published};

/// A message as it was asked for, by whichever route.
pub(super) struct Wish<'a> {
    pub(super) destination: String,
    pub(super) settings: &'a Settings,
    pub(super) body: Vec<u8>,
    pub(super) caller_ip: &'a str,
    pub(super) queue: Option<String>,
}

pub(super) async fn publish(
    core: &Arc<Core>,
    incoming: &Incoming,
    queue: Option<&str>,
    destination: &str,
) -> Answered {
    let mut settings = Settings::of_headers(&incoming.headers).map_err(Refusal::invalid)?;
    let query = settings.take_from_query(&incoming.query);
    let new = prepare(
        core,
        Wish {
            destination: rebuilt(destination, &query),
            settings: &settings,
            body: incoming.body.to_vec(),
            caller_ip: &incoming.caller_ip,
            queue: queue.map(str::to_owned),
        },
    )?;
    accept_urls(core, &[&new]).await?;
    let now = core.now();
    let published = core.database.write("publish", move |write| new.insert(write, now)).await?;
    Ok(acknowledged(&published, StatusCode::OK))
}

/// The destination as it was meant: path and what is left of the query.
fn rebuilt(destination: &str, query: &str) -> String {
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
pub(super) fn prepare(core: &Core, wish: Wish<'_>) -> Result<NewMessage, Refusal> {
    let Wish { destination, settings, body, caller_ip, queue } = wish;
    let limit = core.config.max_message_bytes;
    if body.len() > limit {
        let words = format!("quota maxMessageSize exceeded, current limit: {limit}");
        return Err(Refusal::invalid(words));
    }
    let mut spec = Spec::new(destination, caller_ip.to_owned());
    spec.apply(settings).map_err(Refusal::invalid)?;
    if let Some(queue) = queue {
        spec.enter(&queue, settings).map_err(Refusal::invalid)?;
    }
    let due_at = due_at(settings, core.now(), core.config.max_delay_seconds);
    let deduplication = Deduplication::of(settings, &spec, &body).map_err(Refusal::invalid)?;
    let due_at = due_at.map_err(Refusal::invalid)?;
    Ok(NewMessage { spec, body, due_at, deduplication, turn: None })
}

/// Checks every URL that the messages may call, each once.
pub(super) async fn accept_urls(core: &Core, messages: &[&NewMessage]) -> Result<(), Refusal> {
    let urls: BTreeSet<&str> = messages.iter().flat_map(|message| message.spec.urls()).collect();
    for url in urls {
        core.policy.accept(url).await.map_err(Refusal::invalid)?;
    }
    Ok(())
}

pub(super) fn acknowledgement(published: &Published) -> Value {
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
