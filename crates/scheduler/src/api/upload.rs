//! Reading what is sent: so much of one request, so much of all together, and not for ever.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::StreamExt;
use http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::BODIES_PER_REQUEST;
use super::refusal::Refusal;
use crate::config::Config;
use crate::shared::Shared;

/// A request body is never larger, whatever a message may be.
const LARGEST: usize = 100 * 1024 * 1024;
/// What names, ids and settings need at most.
const NO_MESSAGE: usize = 1024 * 1024;
/// The unit in which memory for bodies is given.
const KIB: usize = 1024;

/// Returns the memory for the bodies of all requests, in kibibytes: as much as was configured, and
/// always enough for one.
pub(crate) fn body_budget(config: &Config) -> Semaphore {
    let most = config.max_request_bytes.max(limit(config, "/v2/batch"));
    Semaphore::new(most.div_ceil(KIB).min(Semaphore::MAX_PERMITS))
}

/// A body in memory, and the part of the budget that it takes until it is dropped.
pub(super) struct Upload<'a> {
    pub(super) body: Bytes,
    _permit: Option<SemaphorePermit<'a>>,
}

/// Whether the path takes one message as its body.
fn is_message(path: &str) -> bool {
    ["publish/", "enqueue/", "schedules/", "Schedules/"]
        .iter()
        .any(|start| path.strip_prefix("/v2/").is_some_and(|path| path.starts_with(start)))
}

fn limit(config: &Config, path: &str) -> usize {
    match path {
        path if is_message(path) => config.max_message_bytes,
        "/v2/batch" => config.max_message_bytes.saturating_mul(BODIES_PER_REQUEST).min(LARGEST),
        _ => NO_MESSAGE.max(config.max_message_bytes),
    }
}

/// The refusal of a message's body, in QStash's words.
pub(super) fn too_large(limit: usize) -> Refusal {
    Refusal::invalid(format!("quota maxMessageSize exceeded, current limit: {limit}"))
}

/// Reads the body of a request to that path.
pub(super) async fn read<'a>(
    shared: &'a Shared,
    path: &str,
    body: Body,
) -> Result<Upload<'a>, Refusal> {
    let limit = limit(&shared.config, path);
    let longest: Duration = shared.config.max_upload;
    let reading = tokio::time::timeout(longest, read_within(&shared.body_budget, limit, body));
    match reading.await {
        Ok(Ok(Some(upload))) => Ok(upload),
        Ok(Ok(None)) if is_message(path) => Err(too_large(limit)),
        Ok(Ok(None)) => Err(cut(StatusCode::PAYLOAD_TOO_LARGE)),
        Ok(Err(refusal)) => Err(refusal),
        Err(_) => {
            let words = format!("the body did not arrive within {} seconds", longest.as_secs());
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, words))
        }
    }
}

fn cut(status: StatusCode) -> Refusal {
    Refusal::new(status, "the request's body is too large or was cut")
}

/// Nothing when it is larger than `limit`. What is refused is read on, so that the refusal is
/// heard, but not kept.
async fn read_within(
    budget: &Semaphore,
    limit: usize,
    body: Body,
) -> Result<Option<Upload<'_>>, Refusal> {
    let (mut chunks, mut length) = (body.into_data_stream(), 0_usize);
    let (mut kept, mut is_full) = (Vec::new(), false);
    let mut taken: Option<SemaphorePermit<'_>> = None;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| cut(StatusCode::PAYLOAD_TOO_LARGE))?;
        length = length.saturating_add(chunk.len());
        if length > LARGEST.max(limit) {
            return Err(cut(StatusCode::PAYLOAD_TOO_LARGE));
        }
        is_full = is_full || !(length > limit || take(budget, &mut taken, length.div_ceil(KIB)));
        if is_full || length > limit {
            (kept, taken) = (Vec::new(), None);
            continue;
        }
        kept.push(chunk);
    }
    if is_full {
        return Err(Refusal::busy());
    }
    let body = match kept.len() {
        1 => kept.remove(0),
        _ => Bytes::from(kept.concat()),
    };
    Ok((length <= limit).then_some(Upload { body, _permit: taken }))
}

/// Takes of the budget until it is so much. Returns false when there is not so much left.
fn take<'a>(budget: &'a Semaphore, taken: &mut Option<SemaphorePermit<'a>>, wanted: usize) -> bool {
    let held = taken.as_ref().map_or(0, SemaphorePermit::num_permits);
    let more = u32::try_from(wanted.saturating_sub(held)).unwrap_or(u32::MAX);
    let Ok(more) = budget.try_acquire_many(more) else { return false };
    match taken {
        Some(taken) => taken.merge(more),
        None => *taken = Some(more),
    }
    true
}
