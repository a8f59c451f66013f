//! Publishing many messages: batches whose starts stand apart, so that no burst limit is met.

use std::ops::Range;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Error;
use crate::publish::{BATCH_LIMIT, Publish};
use crate::published::Published;

/// Between the starts of two batches.
pub const BATCH_INTERVAL: Duration = Duration::from_millis(500);
/// Batches under way at the same time, when answers are slow.
const BATCHES_UNDER_WAY: usize = 8;

/// What became of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Which of the given messages.
    pub range: Range<usize>,
    /// As [`Client::batch`] answered.
    pub result: Result<Vec<Result<Published, Error>>, Error>,
}

impl Client {
    /// Publishes all messages in batches of [`BATCH_LIMIT`] that start [`BATCH_INTERVAL`] apart.
    /// The outcomes stand in the messages' order. After a refusal that concerns every request
    /// (token, day's limit, no network) the batches not yet started are not sent and carry the
    /// same, definite, error.
    pub async fn publish_all(&self, messages: &[Publish]) -> Vec<BatchOutcome> {
        let mut outcomes = Vec::with_capacity(messages.len().div_ceil(BATCH_LIMIT));
        self.publish_each(messages, |outcome| outcomes.push(outcome)).await;
        outcomes.sort_by_key(|outcome| outcome.range.start);
        outcomes
    }

    /// As [`Client::publish_all`], and tells each batch's outcome as soon as it is known.
    pub async fn publish_each(&self, messages: &[Publish], mut tell: impl FnMut(BatchOutcome)) {
        let mut under_way = FuturesUnordered::new();
        let mut refused: Option<Error> = None;
        let mut note = |outcome: BatchOutcome, refused: &mut Option<Error>| {
            if let Err(error) = &outcome.result
                && error.concerns_all_requests()
            {
                refused.get_or_insert_with(|| error.clone());
            }
            tell(outcome);
        };
        let mut next_start = Instant::now();
        for (index, batch) in messages.chunks(BATCH_LIMIT).enumerate() {
            let range = index * BATCH_LIMIT..index * BATCH_LIMIT + batch.len();
            loop {
                let full = under_way.len() >= BATCHES_UNDER_WAY;
                tokio::select! {
                    biased;
                    Some(outcome) = under_way.next(), if !under_way.is_empty() => {
                        note(outcome, &mut refused);
                    }
                    () = tokio::time::sleep_until(next_start), if !full => break,
                }
                if refused.is_some() {
                    break;
                }
            }
            if let Some(error) = &refused {
                let result = Err(error.clone());
                note(BatchOutcome { range, result }, &mut None);
                continue;
            }
            next_start = Instant::now() + BATCH_INTERVAL;
            under_way.push(async move { BatchOutcome { range, result: self.batch(batch).await } });
        }
        while let Some(outcome) = under_way.next().await {
            note(outcome, &mut refused);
        }
    }
}
