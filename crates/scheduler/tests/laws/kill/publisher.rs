//! Who publishes while the program dies: singles and batches, delayed and not, into queues and
//! not, some sent again under the same deduplication id until they are acknowledged.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::time::Duration;

use roost_scheduler::system_clock;
use serde_json::{Value, json};

use super::lives::{Lives, ORIGIN};
use crate::support::TOKEN;

const BATCH: usize = 20;

/// One message that was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// The body, by which it is known without an id.
    pub(super) body: String,
    /// Its place among all that its lane sent.
    pub(super) place: usize,
    pub(super) lane: usize,
    /// Unix milliseconds before which it must not arrive.
    pub(super) not_before: i64,
    pub(super) queued: bool,
    /// Elements of one batch share it.
    pub(super) request: usize,
    /// The id that it was acknowledged with; absent: nobody knows.
    pub(super) id: Option<String>,
}

/// Sends until `wanted` messages are acknowledged; answers with all that it sent.
pub(super) async fn publish(lives: Arc<Lives>, lane: usize, wanted: usize) -> Vec<Sent> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    let (mut sent, mut acknowledged) = (Vec::<Sent>::new(), 0);
    for request in 0.. {
        if acknowledged >= wanted {
            break;
        }
        let count = if request % 3 == 0 { BATCH } else { 1 };
        let first = sent.len();
        let mut messages: Vec<Sent> =
            (first..first + count).map(|place| wish(lane, place, request)).collect();
        // A single one of every fourth request is repeated until it is acknowledged.
        let insists = count == 1 && request % 4 == 1;
        let ids = loop {
            match attempt(&http, &lives, &messages, insists).await {
                Err(Unanswered) if insists => {}
                Err(Unanswered) => break None,
                Ok(ids) => break Some(ids),
            }
        };
        for (index, id) in ids.into_iter().flatten().enumerate() {
            messages[index].id = Some(id);
            acknowledged += 1;
        }
        sent.extend(messages);
    }
    sent
}

fn wish(lane: usize, place: usize, request: usize) -> Sent {
    let now = system_clock()();
    let queued = place % 10 == 3;
    // Whole seconds, as QStash has them.
    let not_before = match place % 10 {
        0 | 5 => (now / 1000 + 1 + i64::try_from(place % 3).unwrap()) * 1000,
        _ => now,
    };
    // The sink fails the first attempt at these.
    let kind = if place % 50 == 7 { "fails-first" } else { "once" };
    let body = format!("{kind}-{lane}-{place}");
    Sent { body, place, lane, not_before, queued, request, id: None }
}

/// No answer came: it may have been accepted, or not.
struct Unanswered;

async fn attempt(
    http: &reqwest::Client,
    lives: &Lives,
    messages: &[Sent],
    insists: bool,
) -> Result<Vec<String>, Unanswered> {
    loop {
        let base = lives.base();
        let request = match messages {
            [one] => single(http, &base, one, insists),
            many => http.post(format!("{base}/v2/batch")).body(batch(many)),
        };
        let answer = match request.bearer_auth(TOKEN).send().await {
            Ok(answer) => answer,
            // Nothing was sent: it is dead just now.
            Err(error) if error.is_connect() => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
            Err(_) => return Err(Unanswered),
        };
        let status = answer.status();
        let Ok(text) = answer.text().await else { return Err(Unanswered) };
        assert!(status.is_success(), "{status}: {text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        let list = answer.as_array().cloned().unwrap_or_else(|| vec![answer]);
        let ids = list.iter().map(|one| one["messageId"].as_str().unwrap().to_owned());
        return Ok(ids.collect());
    }
}

fn single(
    http: &reqwest::Client,
    base: &str,
    one: &Sent,
    insists: bool,
) -> reqwest::RequestBuilder {
    let route = if one.queued { format!("enqueue/q{}", one.lane) } else { "publish".into() };
    let mut request = http.post(format!("{base}/v2/{route}/{ORIGIN}/x")).body(one.body.clone());
    for (name, value) in headers(one) {
        request = request.header(name, value);
    }
    if insists { request.header("Upstash-Deduplication-Id", &one.body) } else { request }
}

fn batch(many: &[Sent]) -> String {
    let element = |one: &Sent| {
        let headers: serde_json::Map<_, _> =
            headers(one).into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect();
        let queue = one.queued.then(|| format!("q{}", one.lane));
        let destination = format!("{ORIGIN}/x");
        json!({"destination": destination, "headers": headers, "body": one.body, "queue": queue})
    };
    many.iter().map(element).collect::<Value>().to_string()
}

fn headers(one: &Sent) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Upstash-Retry-Delay", "50".to_owned())];
    if one.not_before % 1000 == 0 && !one.queued {
        headers.push(("Upstash-Not-Before", (one.not_before / 1000).to_string()));
    }
    headers
}
